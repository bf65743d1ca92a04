"""The opening of a game, and where it leaves the known lines (the shipped openings)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from ..paths import assets
from ..records import openings
from ..records.game import GameRecord
from ..records.readers import open_records
from ..rules.board import Board
from ..rules.moves import Move

SYSTEMS, GAMES = "systems.txt", "balanced.pgn"


@dataclass(frozen=True)
class Opening:
    """Names of an opening, and the number of the game's plies that follow known lines."""

    chinese: str
    english: str
    plies: int


@lru_cache(maxsize=1)
def _book() -> tuple[frozenset[int], dict[int, tuple[str, str]]]:
    """Return the keys of known positions, including mirror images, and the names of those that end a system."""
    keys: set[int] = set()
    names: dict[int, tuple[str, str]] = {}
    folder = assets() / "openings"
    for line in (folder / SYSTEMS).read_text("utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            chinese, english, moves = (part.strip() for part in line.split("|"))
            board = Board()
            for text in moves.split():
                board.push_text(text)
                keys |= {board.key, board.mirror().key}
            names |= {board.key: (chinese, english), board.mirror().key: (chinese, english)}
    for record in open_records([folder / GAMES]):
        if isinstance(record, GameRecord):
            board = record.start()
            for move in record.moves:
                board.push_unchecked(move)
                keys |= {board.key, board.mirror().key}
    return frozenset(keys), names


def opening_of(start: Board, moves: tuple[Move, ...]) -> Opening:
    """Return the opening of a line: the last known system on it, else the one named by its first moves."""
    if start.fen() != Board().fen():
        return Opening(openings.SET_UP, openings.english(openings.SET_UP), 0)
    keys, names = _book()
    chinese = openings.name([move.id for move in moves])
    found = (chinese, openings.english(chinese))
    board, known, inside = start.copy(), 0, True
    for ply, move in enumerate(moves[:60], 1):
        board.push_unchecked(move)
        found = names.get(board.key, found)
        inside = inside and board.key in keys
        known = ply if inside else known
    return Opening(*found, known)
