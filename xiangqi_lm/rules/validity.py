"""What is wrong with a position that was set up by hand."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

from . import jit
from .squares import BLACK, RED

if TYPE_CHECKING:
    from .board import Board


class Status(IntFlag):
    """What is wrong with a position; `VALID` if it can be played."""

    VALID = 0
    NO_RED_KING = 1
    NO_BLACK_KING = 2
    OPPOSITE_CHECK = 4  # the side not to move is in check
    EMPTY = 8


def status(board: Board) -> Status:
    """Return everything that is wrong with a position; misplaced or surplus pieces never get onto a board."""
    found = Status.VALID
    if not board.piece_map():
        found |= Status.EMPTY
    if board.king(RED) is None:
        found |= Status.NO_RED_KING
    if board.king(BLACK) is None:
        found |= Status.NO_BLACK_KING
    if not found and jit.kernels().in_check(board.array, -int(board.turn)):
        found |= Status.OPPOSITE_CHECK
    return found
