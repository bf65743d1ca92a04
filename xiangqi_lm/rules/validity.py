"""What is wrong with a position that was set up by hand."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

import numpy as np

from . import fen, jit
from .rulesets import CLOCK_LIMIT
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


def check(text: str, position: fen.Position) -> None:
    """Raise InvalidFen if the position that a FEN describes cannot arise in play."""
    if position.halfmove > CLOCK_LIMIT:
        why = f"{position.halfmove} plies without a capture, the game is a draw after {CLOCK_LIMIT}"
        raise fen.fault(text, "halfmove clock", why, "clock_limit", found=position.halfmove, most=CLOCK_LIMIT)
    idle = position.turn.opponent
    if jit.kernels().in_check(np.frombuffer(position.squares, dtype=np.int8), int(idle)):
        why = f"{fen.SIDE_NAMES[idle]} is in check though it is not to move"
        raise fen.fault(text, "side to move", why, "check", color=idle)
