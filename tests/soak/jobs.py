"""The long commands, each with a check of its output: nothing lost, nothing doubled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .games import write_games
from .running import Counts, finish, plies_of

Check = Callable[[Counts, Path, Path, str], None]  # counts, the command's folder, that of the undisturbed run, name


@dataclass(frozen=True)
class Job:
    """A command: its words in a folder, the words that resume it after a stop, and the check."""

    name: str
    words: Callable[[Path], tuple[object, ...]]
    again: Callable[[Path], tuple[object, ...]]
    check: Check


def _compare(counts: Counts, name: str, found: list[str], wanted: list[str]) -> None:
    """Count what is missing or doubled, compared with the undisturbed run."""
    have, want = Counter(found), Counter(wanted)
    if missing := sum((want - have).values()):
        counts.fault("lost", f"{name}: {missing} of {len(wanted)}", missing)
    if more := sum((have - want).values()):
        counts.fault("doubled", f"{name}: {more} besides {len(wanted)}", more)


def _pgn(file: str) -> Check:
    def check(counts: Counts, folder: Path, undisturbed: Path, name: str) -> None:
        try:
            texts = [(place / file).read_text(encoding="utf-8") for place in (folder, undisturbed)]
        except FileNotFoundError:
            counts.fault("lost", f"{name}: {file} is not there")
            return
        _compare(counts, name, *map(plies_of, texts))

    return check


def _labels(counts: Counts, folder: Path, undisturbed: Path, name: str) -> None:
    lines = [
        [line for line in (place / "labels.tsv").read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
        for place in (folder, undisturbed)
    ]
    _compare(counts, name, *([line.split("\t")[0] for line in file] for file in lines))


def _tournament(counts: Counts, folder: Path, undisturbed: Path, name: str) -> None:
    games = [json.loads((place / "t" / "results.json").read_text())["games"] for place in (folder, undisturbed)]
    if games[0] != games[1]:
        counts.fault("lost" if games[0] < games[1] else "doubled", f"{name}: {games[0]} games, not {games[1]}")
    _pgn("t/games.pgn")(counts, folder, undisturbed, name)


def _train(counts: Counts, folder: Path, undisturbed: Path, name: str) -> None:
    steps = [json.loads((place / "run" / "last" / "card.json").read_text())["steps"] for place in (folder, undisturbed)]
    if steps[0] != steps[1]:
        counts.fault("lost", f"{name}: ended at step {steps[0]} of {steps[1]}")


def _library(counts: Counts, folder: Path, undisturbed: Path, name: str) -> None:
    done = finish(counts, ("library", "check", "--library", folder / "mine.sqlite"), folder)
    if done.returncode:
        counts.fault("others", f"{name}: library check: {done.stderr.strip()[:200]}")
    files = []
    for place in (folder, undisturbed):
        out = place / "exported.pgn"
        finish(counts, ("library", "export", "--library", place / "mine.sqlite", "--out", out, "--force"), place)
        files.append(plies_of(out.read_text(encoding="utf-8")) if out.exists() else [])
    _compare(counts, name, *files)


def jobs(games: Path, shards: Path, size: int) -> list[Job]:
    """Return the commands on a file of games and their shards; `size` scales how long they take."""

    def same(name: str, words: Callable[[Path], tuple[object, ...]], check: Check) -> Job:
        return Job(name, words, words, check)

    def selfplay(workers: int) -> Callable[[Path], tuple[object, ...]]:
        return lambda place: (
            "selfplay", "--player", "greedy", "--black", "random", "--games", 8 * size, "--batch", 2, "--seed", 5,
            "--jobs", workers, "--out", place / "g.pgn",
        )  # fmt: skip

    return [
        same("selfplay", selfplay(1), _pgn("g.pgn")),
        same("selfplay, 2 processes", selfplay(2), _pgn("g.pgn")),
        same("tournament", lambda place: (
            "tournament", "--player", "a=random", "--player", "b=greedy", "--pairs", 3 * size, "--jobs", 2,
            "--max-plies", 80, "--out", place / "t",
        ), _tournament),
        same("data label", lambda place: (
            "data", "label", games, "--teacher", "alphabeta?nodes=300", "--limit", 80 * size, "--jobs", 2,
            "--batch", 4, "--out", place / "labels.tsv",
        ), _labels),
        same("data import", lambda place: (
            "data", "import", games, "--jobs", 2, "--out", place / "i.pgn", "--force"), _pgn("i.pgn")),
        same("library add", lambda place: (
            "library", "add", games, "--library", place / "mine.sqlite", "--jobs", 2), _library),
        Job("train",
            lambda place: ("train", "--data", shards, "--out", place / "run", "--preset", "tiny",
                           "--set", f"steps={8 * size}", "--set", "evaluate_every=2", "--set", "save_every=2"),
            lambda place: ("train", "--data", shards, "--out", place / "run", "--resume"),
            _train),
    ]  # fmt: skip


def prepared(counts: Counts, folder: Path, seed: int, size: int) -> list[Job]:
    """Write games, build shards from them, and return the commands that work on these."""
    games = write_games(folder / "games.pgn", 20 * size, seed)
    finish(counts, ("data", "build", games, "--out", folder / "shards", "--validation", "0.3"), folder)
    return jobs(games, folder / "shards", size)
