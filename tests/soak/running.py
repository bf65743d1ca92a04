"""What all soak runs share: commands run as users run them, and counts of what went wrong."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 600.0  # seconds after which a command counts as hanging
CRASHES = {-signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, 139, 134}


@dataclass
class Counts:
    """What a run did, and its faults: all but `done` and `seconds` should be 0."""

    done: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    tracebacks: int = 0
    segfaults: int = 0
    lost: int = 0
    doubled: int = 0
    others: int = 0
    faults: list[str] = field(default_factory=list)
    skipped: str = ""

    def did(self, what: str, count: int = 1) -> None:
        self.done[what] = self.done.get(what, 0) + count

    def fault(self, kind: str, words: str, count: int = 1) -> None:
        """Count a fault: `tracebacks`, `segfaults`, `lost`, `doubled` or `others`."""
        setattr(self, kind, getattr(self, kind) + count)
        self.faults.append(f"{kind}: {words}")

    @property
    def clean(self) -> bool:
        return not self.faults

    def look(self, words: object, code: int | None, stderr: str) -> None:
        """Count the tracebacks and crashes of an ended command."""
        if "Traceback (most recent call last)" in stderr:
            self.fault("tracebacks", f"{words}: {stderr.strip().splitlines()[-1]}")
        if code in CRASHES:
            self.fault("segfaults", f"{words}: exit code {code}")


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "xiangqi_lm", *map(str, words)]


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the environment of a command: settings and data in `home`, kernels from the usual cache."""
    paths = {name: str(home / name.lower()) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path, **paths, **more}


def finish(counts: Counts, words: tuple[object, ...], home: Path, **options: object) -> subprocess.CompletedProcess:
    """Run a command to its end and check how it ended."""
    try:
        done = subprocess.run(
            command(*words), capture_output=True, text=True, errors="replace", timeout=PATIENCE,
            env=environment(home), check=False, **options,
        )  # type: ignore[call-overload]  # fmt: skip
    except subprocess.TimeoutExpired:
        counts.fault("others", f"{words}: hangs")
        return subprocess.CompletedProcess(words, 1, "", "hangs")
    counts.look(words, done.returncode, done.stderr)
    return done


def timed(counts: Counts, work: Callable[[], None]) -> Counts:
    began = time.monotonic()
    work()
    counts.seconds = time.monotonic() - began
    return counts


def session_members(session: int) -> list[int]:
    """Return the processes of a session that are still alive (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def plies_of(text: str) -> list[str]:
    """Return the move texts of a PGN, which identify its games."""
    return [" ".join(re.findall(r"[a-i]\d[a-i]\d", game)) for game in text.split("[Event ")[1:]]
