"""The memory of a training run must not grow once the run has settled."""

from __future__ import annotations

import statistics
import subprocess
import time
from pathlib import Path

from .games import write_games
from .running import Counts, command, environment, finish

PAUSE = 2.0  # seconds between two samples
GROWTH = 0.05  # allowed growth from the second to the last third of the run
SPARED = 16 << 20  # allowed in addition
FEWEST = 5  # samples needed in a third, as memory still grows at the start of a run


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Train for `seconds` and compare the memory in the second and the last third of the run."""
    if not Path("/proc/self/statm").exists():
        counts.skipped = "the memory of a process as on Linux"
        return
    games = write_games(folder / "games.pgn", 60, seed)
    finish(counts, ("data", "build", games, "--out", folder / "shards", "--validation", "0.3"), folder)
    words = ("train", "--data", folder / "shards", "--out", folder / "run", "--preset", "tiny")
    words += ("--set", "steps=100000000")  # type: ignore[assignment]
    words += ("--set", "evaluate_every=50", "--set", "save_every=20")  # type: ignore[assignment]
    with open(folder / "stderr", "w+b") as errors:
        process = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=errors, env=environment(folder))
        sizes, end, log = [], float("inf"), folder / "run" / "log.jsonl"
        while process.poll() is None:
            if end == float("inf") and log.exists():  # training has started
                end = time.monotonic() + seconds
            if time.monotonic() > end:
                process.terminate()  # it saves and ends with 143
                process.wait(600)
                break
            if end < float("inf") and (held := resident(process.pid)) is not None:
                sizes.append(held)
            time.sleep(PAUSE)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    counts.look("train", process.returncode, said)
    if process.returncode != 143:
        counts.fault("others", f"train: exit code {process.returncode}: {said.strip()[-300:]}")
    counts.did("steps", len(log.read_text().splitlines()) if log.exists() else 0)
    third = len(sizes) // 3
    if third < FEWEST:
        return
    before, after = (statistics.median(part) for part in (sizes[third : 2 * third], sizes[2 * third :]))
    counts.did("MiB in the second third", round(before / 2**20))
    counts.did("MiB in the last third", round(after / 2**20))
    if after > before * (1 + GROWTH) + SPARED:
        counts.fault("others", f"train: grew from {before / 2**20:.0f} to {after / 2**20:.0f} MiB")


def resident(pid: int) -> int | None:
    """Return the resident memory of a process in bytes; None once it is gone."""
    import resource

    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return None
