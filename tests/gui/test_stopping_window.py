"""Ctrl-C and SIGTERM end the window at any moment: the exit code is right, no traceback, no process is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as on POSIX")

STOPPED = """
import os, signal, sys
from xiangqi_lm.__main__ import main

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started us in the background
name, where, number, *words = sys.argv[1:]

class Finaliser:
    def __del__(self):
        os.kill(os.getpid(), int(number))

from xiangqi_lm.gui.app import App
plain = getattr(App, name)

def counted(*given, **named):
    setattr(App, name, plain)
    if where == "finaliser":
        Finaliser()
    else:
        os.kill(os.getpid(), int(number))
    return plain(*given, **named)

setattr(App, name, counted)
main(words)
"""


def stopped(name: str, where: str, number: int, folder) -> subprocess.CompletedProcess:
    """Open a window that gets a signal at its first call of a method of `App`."""
    script = folder / "script.json"
    script.write_text("{}")
    environment = {
        **os.environ, "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "XDG_CONFIG_HOME": str(folder),
        "XDG_DATA_HOME": str(folder), "PYTHONPATH": os.pathsep.join(sys.path),
    }  # fmt: skip
    words = [name, where, str(int(number)), "play", "--fake-engine", str(script)]
    return subprocess.run(
        [sys.executable, "-c", STOPPED, *words],
        capture_output=True, text=True, timeout=120, env=environment, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        ("draw", signal.SIGINT, 130),  # the first frame
        ("draw", signal.SIGTERM, 143),
        ("step", signal.SIGINT, 0),  # the window is running: it is closed
        ("step", signal.SIGTERM, 0),
    ],
)
def test_the_exit_code_of_a_window_that_is_stopped(name, number, code, tmp_path):
    done = stopped(name, "call", number, tmp_path)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr


def test_a_signal_that_python_drops_ends_the_window_all_the_same(tmp_path):
    """In a finaliser, the exception of Ctrl-C is printed and dropped."""
    assert stopped("offer_unfinished_game", "finaliser", signal.SIGINT, tmp_path).returncode == 130
    assert stopped("patience", "finaliser", signal.SIGINT, tmp_path).returncode == 0
