"""The soak runs in their shortest form, about a minute in all; those with other programs run at night only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.skipif(os.name == "nt", reason="signals, limits and mounts as on POSIX"), pytest.mark.slow]
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["kills", "disks", "hostile", "protocols", "monkey", "memory"])
def test_nothing_breaks_in_a_few_seconds(name):
    words = [sys.executable, "-m", "tests.soak", name, "--minutes", "0.03", "--seed", "1"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
