"""What happens in one line and not in another, besides material: threats of mate and hollow cannons.

Each is decided by the rules. Others were tried and dropped: a missed threat of mate, a king driven off its back rank, a
pawn that crosses the river were as frequent among sound moves as among mistakes (see `benchmarks/reasons.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..rules import pieces
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.squares import FILE_OF, Color
from .motifs import mates_if_let, played

SOON = 5  # the last ply of a line at which such an event is named
LASTING = 4  # plies for which a hollow cannon must last


@dataclass(frozen=True)
class Event:
    """An event: the ply of the line at which it is seen, and the square of its piece at the start of the line."""

    ply: int
    square: int


Finder = Callable[[Board, tuple[Move, ...], Color], Event | None]


def difference(
    before: Board, move: Move, best: tuple[Move, ...], refutation: tuple[Move, ...]
) -> tuple[str, bool, Event] | None:
    """Return the first event that the opponent brings about in the refutation of `move` and not in the better line, or
    that the better line brings about and the move does not: its name, whether it is missed, and where it is; else None.
    """
    after, side = played(before, (move,)), before.turn
    for name, find in FINDERS.items():
        event = find(after, refutation, side.opponent)
        if event is not None and event.ply <= SOON and find(before, best, side.opponent) is None:
            return name, False, event
        event = find(before, best, side) if name in MISSED else None
        if event is not None and event.ply <= SOON and find(before, (move, *refutation), side) is None:
            return name, True, event
    return None


def _threat(start: Board, line: tuple[Move, ...], side: Color) -> Event | None:
    """Return the first move of `side` that threatens a mate in one, by the piece that moves."""
    board = start.copy()
    for ply, move in enumerate(line, 1):
        board.push(move)
        if board.turn is not side and mates_if_let(board):
            return Event(ply, _came_from(line[:ply], move.to_square))
    return None


def _hollow_cannon(start: Board, line: tuple[Move, ...], side: Color) -> Event | None:
    """Return the move of `side` by which a cannon comes to face the enemy king with nothing between, for LASTING plies;
    none if one does so before the line begins."""
    if hollow_cannon(start, side) is not None:
        return None
    board, lasting = start.copy(), 0
    for ply, move in enumerate(line, 1):
        board.push(move)
        square = hollow_cannon(board, side)
        lasting = 0 if square is None else lasting + 1
        if square is not None and lasting == LASTING:
            since = ply - LASTING + 1
            return Event(since, _came_from(line[:ply], square)) if (since % 2 == 1) == (start.turn is side) else None
    return None


def hollow_cannon(board: Board, side: Color) -> int | None:
    """Return the square of a cannon on the file of the enemy king with nothing between, not beside it; else None."""
    (king,) = board.pieces(pieces.KING, side.opponent)
    for cannon in board.pieces(pieces.CANNON, side):
        low, high = sorted((cannon, king))
        between = range(low + 9, high, 9)
        if FILE_OF[cannon] == FILE_OF[king] and between and not any(board.piece_at(square) for square in between):
            return cannon
    return None


def _came_from(line: tuple[Move, ...], square: int) -> int:
    """Return where the piece that a line leaves on a square stood at its start."""
    for move in reversed(line):
        if move.to_square == square:
            square = move.from_square
    return square


FINDERS: dict[str, Finder] = {"threat": _threat, "hollow_cannon": _hollow_cannon}
MISSED = ("hollow_cannon",)  # events that are also reasons if the better line brings them about
