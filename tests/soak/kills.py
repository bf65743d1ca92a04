"""Every long command is killed with SIGKILL at random moments, rerun, killed again, and finally left to end: its output
is compared with an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from .jobs import Job, prepared
from .running import Counts, command, environment, finish, session_members

MOST_KILLS = 3  # per run


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Run all commands in random order, repeatedly, until the time is up; at least one."""
    end, rng = time.monotonic() + seconds, random.Random(seed)
    todo = prepared(counts, folder, seed, size)
    known: dict[str, tuple[Path, float]] = {}
    rng.shuffle(todo)
    for turn in range(10**6):
        for number, job in enumerate(todo):
            if job.name not in known:
                known[job.name] = _undisturbed(counts, job, folder / f"undisturbed {number}")
            place = folder / f"{turn} {number}"
            place.mkdir()
            _disturbed(counts, job, place, *known[job.name], rng)
            if time.monotonic() > end:
                return


def _undisturbed(counts: Counts, job: Job, place: Path) -> tuple[Path, float]:
    place.mkdir()
    began = time.monotonic()
    done = finish(counts, job.words(place), place)
    if done.returncode:
        counts.fault("others", f"{job.name}, undisturbed: {done.stderr.strip()[:300]}")
    return place, time.monotonic() - began


def _disturbed(counts: Counts, job: Job, place: Path, undisturbed: Path, lasts: float, rng: random.Random) -> None:
    words = job.words(place)
    for _ in range(rng.randint(1, MOST_KILLS)):
        if not _killed(counts, job, words, place, lasts * rng.uniform(0.1, 1.0)):
            break
        if job.again is job.words or (place / "run").exists():
            words = job.again(place)
    done = finish(counts, words, place)
    if done.returncode and job.again is not job.words:  # killed before there was anything to resume, or after the end
        words = job.words(place) if "--resume" in words else words
        if not (place / "run" / "last" / "card.json").exists():
            done = finish(counts, job.words(place), place)
    if done.returncode and "--force" not in done.stderr:  # a finished selfplay keeps its file
        counts.fault("others", f"{job.name}: {done.stderr.strip()[:300]}")
        return
    counts.did("runs ended")
    job.check(counts, place, undisturbed, job.name)


def _killed(counts: Counts, job: Job, words: tuple[object, ...], place: Path, after: float) -> bool:
    """Start a command and kill it after some seconds; return False if it ended before. Its workers must end with it."""
    with open(place / "stderr", "w+b") as errors:
        process = subprocess.Popen(
            command(*words), stdout=subprocess.DEVNULL, stderr=errors, env=environment(place), start_new_session=True
        )
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            counts.did("kills")
            ended = False
        else:
            ended = True
        _orphans(counts, job, process.pid)
        errors.seek(0)
        counts.look(job.name, process.returncode, errors.read().decode(errors="replace"))
    return not ended


def _orphans(counts: Counts, job: Job, session: int) -> None:
    """Count processes that outlive their parent, and end them."""
    end = time.monotonic() + 30
    while left := session_members(session):
        if time.monotonic() > end:
            counts.fault("others", f"{job.name}: {len(left)} processes outlive their parent", len(left))
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return
        time.sleep(0.1)
