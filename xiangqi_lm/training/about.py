"""The circumstances in which a model is trained, for its card: program, libraries and machine."""

from __future__ import annotations

import functools
import os
import platform
import subprocess
from pathlib import Path

import torch

from ..version import __version__


@functools.cache
def commit() -> str:
    """Return the commit of the checkout that this program runs from, with `-dirty` if files were changed; empty outside
    a checkout or without git."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def circumstances(device: str) -> dict[str, str]:
    """Return the circumstances of this run. Keys: version, commit, python, torch, machine."""
    return {
        "version": __version__,
        "commit": commit(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "machine": _machine(device),
    }


def _machine(device: str) -> str:
    """Return the kind of machine in words, without its name or owner."""
    system = f"{platform.system()} {platform.machine()}"
    if device.startswith("cuda"):
        return f"{torch.cuda.get_device_name(device)}, {system}"
    threads = torch.get_num_threads()
    return f"{threads} of {os.cpu_count()} CPU threads ({torch.backends.cpu.get_cpu_capability()}), {system}"
