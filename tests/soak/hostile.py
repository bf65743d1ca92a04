"""Files damaged at random (records, archives, shards, labels, models, libraries) are read, or refused in one line."""

from __future__ import annotations

import importlib.util
import multiprocessing
import random
import shutil
import sys
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .games import write_games
from .running import ROOT, Counts, finish

BATCH = 200  # damaged records per process, whose exit code reveals a crash


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Damage records in processes of our own for half of the time, and the program's own files for the other half."""
    end, rng = time.monotonic() + seconds, random.Random(seed)
    while True:
        _records(counts, folder, rng.getrandbits(30), BATCH * size)
        if time.monotonic() > end - seconds / 2:
            break
    games, made = write_games(folder / "games.pgn", 20, seed), set()
    kinds = _kinds(folder, games)
    while True:
        for name in rng.sample(sorted(kinds), len(kinds)):
            if name not in made:
                for words in kinds[name].made_by:
                    finish(counts, words, folder)
                made.add(name)
            _damaged(counts, folder, name, kinds[name], rng)
            if time.monotonic() > end:
                return


# ------------------------------------------------------------------------------------------------ records


def _fuzzing() -> Any:
    place = ROOT / "tests" / "records" / "fuzzing.py"
    spec = importlib.util.spec_from_file_location("fuzzing", place)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["fuzzing"] = module
    spec.loader.exec_module(module)
    return module


def _records(counts: Counts, folder: Path, seed: int, count: int) -> None:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_read, args=(theirs, folder, seed, count))
    process.start()
    theirs.close()
    done = 0
    try:
        while (message := ours.recv()) is not None:
            if isinstance(message, str):
                counts.fault("tracebacks", message)
            else:
                done = message
    except EOFError:
        process.join()
        counts.fault("segfaults", f"record {done} of seed {seed}: exit code {process.exitcode}")
    process.join()
    counts.did("damaged records", done)


def _read(pipe: Any, folder: Path, seed: int, count: int) -> None:
    fuzzing = _fuzzing()
    rng, samples = random.Random(seed), fuzzing.samples()
    for number in range(count):
        name = rng.choice(sorted(samples))
        try:
            fuzzing.survives(folder, name, fuzzing.mutate(samples[name], rng))
        except Exception:  # any exception is a finding
            pipe.send(f"{name}, record {number} of seed {seed}: {traceback.format_exc().strip().splitlines()[-1]}")
        pipe.send(number + 1)
    pipe.send(None)


# ------------------------------------------------------------------------------------------------ our own files


@dataclass(frozen=True)
class Kind:
    """A file or folder that the program writes, and commands that read it: PATH stands for it, NEW for a new folder."""

    path: Path
    made_by: list[tuple[object, ...]]
    read_by: list[tuple[object, ...]]


def _kinds(folder: Path, games: Path) -> dict[str, Kind]:
    shards, labels, run, library = (folder / name for name in ("shards", "labels.tsv", "run", "mine.sqlite"))
    build = ("data", "build", games, "--out", shards, "--validation", "0.3")
    train = ("train", "--data", shards, "--out", run, "--preset", "tiny", "--set", "steps=2")
    label = ("data", "label", games, "--teacher", "alphabeta?nodes=50", "--limit", 40, "--jobs", 1, "--out", labels)
    again = folder / "shards of the run"
    return {
        "shards": Kind(shards, [build], [("data", "check", "PATH"), ("data", "stats", "PATH")]),
        "labels": Kind(labels, [label], [("data", "build", games, "--out", "NEW", "--labels", "PATH")]),
        "run": Kind(
            run,
            [(*build[:4], again, *build[5:]), ("train", "--data", again, *train[3:])],
            [("train", "--data", again, "--out", "PATH", "--resume"),
             ("evaluate", "--model", "PATH/last", "--games", 2, games)],
        ),
        "library": Kind(
            library,
            [("library", "add", games, "--library", library, "--jobs", 1)],
            [("library", "check", "--library", "PATH"), ("library", "stats", "--library", "PATH"),
             ("library", "add", games, "--library", "PATH", "--jobs", 1)],
        ),
    }  # fmt: skip


def _damaged(counts: Counts, folder: Path, name: str, kind: Kind, rng: random.Random) -> None:
    """Damage one file of a copy, and run a command that reads it."""
    copy, new = folder / "copy", folder / "new"
    for place in (copy, new):
        if place.is_dir():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
    if kind.path.is_dir():
        shutil.copytree(kind.path, copy)
        victim = rng.choice(sorted(file for file in copy.rglob("*") if file.is_file()))
    else:
        victim = Path(shutil.copy(kind.path, copy))
    how = damage(victim, rng)
    words = [str(word).replace("PATH", str(copy)).replace("NEW", str(new)) for word in rng.choice(kind.read_by)]
    done = finish(counts, tuple(words), folder)
    counts.did(f"damaged {name}")
    what = f"{name}, {victim.name} {how}: {' '.join(words[:2])}"
    if done.returncode not in (0, 1, 2):
        counts.fault("others", f"{what}: exit code {done.returncode}")
    elif done.returncode and not done.stderr.strip():
        counts.fault("others", f"{what}: not a word")


def damage(path: Path, rng: random.Random) -> str:
    """Damage a file in one of the usual ways; return a description."""
    data = bytearray(path.read_bytes())
    how = rng.choice(("cut", "emptied", "bytes changed", "random bytes", "gone", "a folder", "longer"))
    if how == "cut":
        del data[rng.randrange(len(data) + 1) :]
    elif how == "bytes changed":
        for _ in range(rng.choice((1, 3, 50))):
            if data:
                data[rng.randrange(len(data))] = rng.randrange(256)
    elif how == "random bytes":
        data = bytearray(rng.randbytes(len(data)))
    elif how == "longer":
        data += rng.randbytes(rng.choice((1, 8, 5000)))
    elif how == "emptied":
        data.clear()
    path.unlink()
    if how == "a folder":
        path.mkdir()
    elif how != "gone":
        path.write_bytes(data)
    return how
