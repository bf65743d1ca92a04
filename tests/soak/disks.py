"""A disk that fills up, and a folder that cannot be written: each long command ends with one line and exit code 1, and
the same command completes the work once there is room."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .jobs import Job, prepared
from .running import Counts, finish


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Run all commands in random order, on disks of varying size, until the time is up; at least one."""
    if not sys.platform.startswith("linux"):
        counts.skipped = "limits of files and mounts as on Linux"
        return
    end, rng = time.monotonic() + seconds, random.Random(seed)
    todo = [job for job in prepared(counts, folder, seed, size) if not job.name.endswith("processes")]
    rng.shuffle(todo)
    undisturbed: dict[str, Path] = {}
    for turn in range(10**6):
        for number, job in enumerate(todo):
            if job.name not in undisturbed:
                place = undisturbed[job.name] = folder / f"undisturbed {number}"
                place.mkdir()
                finish(counts, job.words(place), place)
            place = folder / f"{turn} {number}"
            place.mkdir()
            _full(counts, job, place, undisturbed[job.name], rng)
            _read_only(counts, job, folder / f"{turn} {number} read-only")
            if time.monotonic() > end:
                return


def _one_line(counts: Counts, what: str, done: subprocess.CompletedProcess) -> None:
    """Check that a disk error gives exit code 1 and one line that names it, apart from progress lines before it."""
    if done.returncode not in (0, 1):
        counts.fault("others", f"{what}: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
    if done.returncode == 1 and not done.stderr.strip().splitlines()[-1].startswith("xiangqi-lm: "):
        counts.fault("others", f"{what}: no line that says why: {done.stderr.strip()[-300:]}")


def _full(counts: Counts, job: Job, place: Path, undisturbed: Path, rng: random.Random) -> None:
    with _small_disk(counts, place, rng) as options:
        done = finish(counts, job.words(place), place, **options)
        _one_line(counts, f"{job.name}, full", done)
        counts.did("full disks", done.returncode == 1)
    words = job.again(place) if (place / "run" / "last").exists() else job.words(place)
    if words is not job.again and job.again is not job.words and (place / "run").exists() and "--resume" not in words:
        shutil.rmtree(place / "run")  # nothing that could be resumed was saved
    done = finish(counts, words, place)
    if done.returncode and "--force" not in done.stderr:
        counts.fault("others", f"{job.name}, after a full disk: {done.stderr.strip()[-300:]}")
        return
    counts.did("runs ended")
    job.check(counts, place, undisturbed, job.name)


@contextmanager
def _small_disk(counts: Counts, place: Path, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Turn a folder into a small file system, where mounting is allowed; elsewhere limit the size of files."""
    size = rng.choice((4, 8, 16, 32, 64, 128, 256)) << 10
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode:
        counts.did("limits in place of mounts")
        yield {"preexec_fn": _limit(size)}
        return
    kept = place.with_name(place.name + " kept")
    try:
        yield {}
    finally:
        shutil.copytree(place, kept, symlinks=True)
        subprocess.run(["umount", "-l", place], check=True)
        shutil.copytree(kept, place, dirs_exist_ok=True)
        shutil.rmtree(kept)


def _limit(size: int) -> Callable[[], None]:
    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


def _read_only(counts: Counts, job: Job, place: Path) -> None:
    """Run a command on a folder that is mounted read-only, as root may write regardless of permissions."""
    place.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", place], capture_output=True, check=False
    ).returncode:
        place.chmod(0o500)
        try:
            (place / "probe").touch()
        except OSError:
            pass
        else:
            return  # root without mounts has no such folder
        unmount = False
    else:
        unmount = True
    done = finish(counts, job.words(place), place.parent)
    counts.did("read-only folders")
    _one_line(counts, f"{job.name}, read-only", done)
    if done.returncode == 0:
        counts.fault("others", f"{job.name}: exit code 0 on a read-only folder")
    if unmount:
        subprocess.run(["umount", "-l", place], check=True)
