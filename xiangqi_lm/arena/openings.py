"""Openings of tournament games: the shipped balanced set, or a file of games or positions."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadConfig, BadRecord, InvalidFen
from ..paths import assets
from ..records import openings as names
from ..records.game import GameRecord
from ..records.readers import open_records
from ..rules.board import Board
from ..rules.moves import Move

SHIPPED = "balanced.pgn"
_POSITION = re.compile(r"\s*((?:[1-9a-zA-Z]+/){9}[1-9a-zA-Z]+\s+[wrb])((?:\s+[-\d]+)*)\s*(.*)")
_ID = re.compile(r"\bid\s+\"([^\"]*)\"")
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Opening:
    """Moves from a position (None: the start position), with a Chinese name and, where known, an English one."""

    name: str
    english: str
    start_fen: str | None
    moves: tuple[Move, ...]

    def board(self) -> Board:
        """Return a new board after the moves."""
        board = Board(self.start_fen) if self.start_fen else Board()
        for move in self.moves:
            board.push(move)
        return board

    def __str__(self) -> str:
        return f"{self.name} / {self.english}" if self.english else self.name


def shipped() -> Path:
    """Return the file of the balanced set."""
    return assets() / "openings" / SHIPPED


def load(path: Path | None = None, plies: int | None = None) -> list[Opening]:
    """Return the openings of a file: game records in any format, of which the first `plies` moves are used, or EPD or
    FEN lines.

    Of openings that lead to the same position the first is kept. Raises BadConfig naming file and place when one cannot
    be read or is already over, or when there is none.
    """
    path = path or shipped()
    found: dict[tuple[int, int], Opening] = {}
    for place, opening in _positions(path) or _games(path, plies):
        board = opening.board()
        if ended := board.outcome():
            raise BadConfig(f"{path}: {place}: the game is over: {ended.reason}")
        found.setdefault((board.key, board.halfmove), opening)
    if not found:
        raise BadConfig(f"{path}: no openings in it")
    return list(found.values())


def fingerprint(openings: Sequence[Opening]) -> str:
    """Return a hash of a list of openings that ignores their names."""
    lines = (f"{opening.start_fen} {' '.join(move.iccs() for move in opening.moves)}" for opening in openings)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def _positions(path: Path) -> list[tuple[str, Opening]]:
    """Return the lines of an EPD or FEN file; nothing if its first line is not a position."""
    found: list[tuple[str, Opening]] = []
    if not path.is_file():
        return found
    with path.open(encoding="utf-8-sig", errors="replace") as file:  # positions are ASCII in every encoding
        for number, line in enumerate(file, 1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            parts = _POSITION.match(line)
            if parts is None and not found:
                return []
            if parts is None:
                raise BadConfig(f"{path}: line {number}: no position: {line.strip()[:60]!r}")
            try:
                board = Board(parts[1] + parts[2])
            except InvalidFen as fault:
                raise BadConfig(f"{path}: line {number}: {fault}") from None
            named = _ID.search(parts[3])
            name = named[1][:_LONGEST_NAME] if named else f"{path.name} {number}"
            found.append((f"line {number}", Opening(name, "", board.fen(), ())))
    return found


def _games(path: Path, plies: int | None) -> Iterator[tuple[str, Opening]]:
    try:
        for number, item in enumerate(open_records([path]), 1):
            if not isinstance(item, GameRecord):
                raise BadConfig(f"{path}: game {item.number or number}: {item.text}")
            yield f"game {number}", _of_record(item, plies)
    except BadRecord as fault:
        raise BadConfig(f"{fault}") from None


def _of_record(record: GameRecord, plies: int | None) -> Opening:
    moves = record.moves[:plies]
    headers = record.headers
    name = headers.get("Opening") or (names.SET_UP if record.start_fen else names.name([move.id for move in moves]))
    english = headers.get("OpeningEnglish", "") if headers.get("Opening") else names.english(name)
    return Opening(name[:_LONGEST_NAME], english[:_LONGEST_NAME], record.start_fen, moves)
