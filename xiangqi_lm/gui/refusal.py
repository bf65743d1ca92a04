"""Why a move is refused, where the player may not see it at once."""

from __future__ import annotations

import numpy as np

from ..rules import jit
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.pieces import ELEPHANT, KING
from ..rules.squares import Color, file_of


def refusal(board: Board, move: Move) -> str:
    """The key of a UI text for an illegal move that its man could make but for the king; "" for any other."""
    side = int(board.turn)
    men = board.array
    blockers = np.where(np.sign(men) == -side, -side * ELEPHANT, men).astype(np.int8)  # enemies that attack nobody
    if not jit.kernels().is_legal(blockers, side, move.id):
        return ""
    men[move.to_square], men[move.from_square] = men[move.from_square], 0
    if _facing(men):
        return "kings_would_face"
    return "still_in_check" if board.is_check() else "exposes_king"


def _facing(men: np.ndarray) -> bool:
    """Whether the kings stand on one file with nothing between them; men is int8 [90]."""
    kings = sorted(int(square) for color in Color for square in np.flatnonzero(men == color * KING))
    if len(kings) != 2 or file_of(kings[0]) != file_of(kings[1]):
        return False
    return not men[kings[0] + 9 : kings[1] : 9].any()
