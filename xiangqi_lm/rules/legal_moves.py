"""The legal moves of a board as a container."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .moves import Move, check_move

if TYPE_CHECKING:
    from .board import Board


class LegalMoves:
    """The legal moves of a board: iterate, count, test membership; generated when first needed."""

    __slots__ = ("_board",)

    def __init__(self, board: Board):
        self._board = board

    def __iter__(self) -> Iterator[Move]:
        return iter(self._board.legal_list())

    def __len__(self) -> int:
        return self._board.legal_count()

    def count(self) -> int:
        """Return the number of legal moves."""
        return len(self)

    def __bool__(self) -> bool:
        return self._board.legal_count() > 0

    def __contains__(self, move: object) -> bool:
        """Return whether a move is legal; raises TypeError for anything but a Move, even a text."""
        return self._board.is_legal(check_move(move))

    def __repr__(self) -> str:
        return f"<LegalMoves: {', '.join(m.iccs() for m in self)}>"
