"""Exercises: positions with one clearly best move, from the user's reviewed games or a file, and their results."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import BadRecord, XiangqiError
from ...files import write_text
from ...records.formats.pgn import write_game
from ...records.game import GameRecord
from ...records.readers import Refusal, open_records
from ...rules.moves import Move

if TYPE_CHECKING:
    from ...review.puzzles import Puzzle

TRIES = 3  # tries until the solution is shown
OWN, SOLVED = "own.pgn", "solved.json"  # files of the book
MOST = 5_000  # most exercises read from a file
KEPT_HEADERS = ("Event", "Date", "Red", "Black", "Mate")


@dataclass(frozen=True)
class Exercise:
    """A game up to the position to solve, and its solution, starting with the solver's move, which may be unknown.

    `mate` is the number of moves of a proved mate, None if the solution does not end in mate.
    """

    record: GameRecord
    solution: tuple[Move, ...]
    mate: int | None = None

    @property
    def key(self) -> str:
        """Return the key of the exercise: pieces and side to move."""
        return " ".join(self.record.final().fen().split()[:2])


def exercise_of(record: GameRecord) -> Exercise:
    """Return the exercise of a record, with its start position, and its moves as the solution."""
    mate = record.headers.get("Mate", "")
    headers = {name: record.headers[name] for name in KEPT_HEADERS if name in record.headers}
    start = GameRecord(headers, record.start_fen)
    return Exercise(start, record.moves, int(mate) if mate.isascii() and mate.isdigit() else None)


def read_exercises(path: Path) -> list[Exercise]:
    """Return the exercises in a file of records of any format; raises XiangqiError if there are none, or OSError."""
    found, refused = [], None
    for item in open_records([path], keep_prefix=True):
        if isinstance(item, Refusal):
            refused = refused or item
        elif item.start().legal_list():
            found.append(exercise_of(item))
        if len(found) == MOST:
            break
    if not found:
        raise BadRecord(refused.text if refused else "no position to solve", source=str(path))
    return found


class Book:
    """The exercises from the user's games and their results, stored in a folder or, without one, in memory."""

    def __init__(self, folder: Path | None):
        self._folder = folder
        self._own: dict[str, Exercise] = {}
        self._solved: dict[str, bool] | None = None
        self._read = folder is None

    def own(self) -> list[Exercise]:
        """Return the exercises from the user's games, unsolved ones first."""
        self._open()
        return self.ordered(list(self._own.values()))

    def ordered(self, exercises: Sequence[Exercise]) -> list[Exercise]:
        """Return exercises with solved ones at the end."""
        solved = self._known()
        return sorted(exercises, key=lambda one: solved.get(one.key, False))

    def is_solved(self, exercise: Exercise) -> bool:
        """Return whether the last try at an exercise solved it."""
        return self._known().get(exercise.key, False)

    def add(self, puzzles: Iterable[Puzzle]) -> int:
        """Add exercises that are not in the book yet; return their number."""
        self._open()
        new = 0
        for puzzle in puzzles:
            exercise = replace(exercise_of(puzzle.record()), mate=puzzle.mate)
            if exercise.key not in self._own:
                self._own[exercise.key] = exercise
                new += 1
        if new and self._folder is not None:
            headers = [{**one.record.headers, **({"Mate": str(one.mate)} if one.mate else {})} for one in
                       self._own.values()]  # fmt: skip
            games = [
                GameRecord(tags, one.record.start_fen, one.solution)
                for tags, one in zip(headers, self._own.values(), strict=True)
            ]
            self._write(OWN, "".join(write_game(game) for game in games))
        return new

    def solved(self, exercise: Exercise, well: bool) -> None:
        """Store whether an exercise was solved."""
        self._known()[exercise.key] = well
        self._write(SOLVED, json.dumps(self._known(), indent=1) + "\n")

    # ------------------------------------------------------------------------------------------------ files

    def _open(self) -> None:
        if self._read:
            return
        self._read = True
        assert self._folder is not None
        with suppress(OSError, XiangqiError):  # if the file is missing or invalid, start with an empty book
            self._own = {one.key: one for one in read_exercises(self._folder / OWN)}

    def _known(self) -> dict[str, bool]:
        if self._solved is None:
            self._solved = {}
            if self._folder is not None:
                with suppress(OSError, ValueError):
                    stored = json.loads((self._folder / SOLVED).read_text("utf-8"))
                    self._solved = {str(key): bool(value) for key, value in dict(stored).items()}
        return self._solved

    def _write(self, name: str, words: str) -> None:
        if self._folder is None:
            return
        with suppress(OSError):  # with a full disk the result is lost, but the exercise continues
            self._folder.mkdir(parents=True, exist_ok=True)
            write_text(self._folder / name, words)
