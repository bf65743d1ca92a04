"""Errors that people make: captures and mates that were not looked at, but no rook left for nothing.

A person does not weigh all moves and then draw one; some are never looked at. With an oversight of p

- every capture and every move that ends the game is overlooked with probability p; with p / 4 where it takes back the
  piece that has just captured, and with (p + 1) / 2 where it is a capture backwards, as these are missed most;
- quiet moves are always seen: which of them is chosen is the model's affair;
- of the moves that are seen, none that loses a rook or more in one exchange (`rules.exchange`) is played while another
  is left.

The shares are a design, not a measurement of people.
"""

from __future__ import annotations

import numpy as np

from ..rules import jit
from ..rules.board import Board
from ..rules.move_classes import FACTORS
from ..rules.moves import FROM, HALF_TURN_ID, MOVE_COUNT, TO
from ..rules.squares import RANK_OF, RED

_FIRST = dict(zip(FACTORS, np.cumsum([0, *FACTORS.values()]).tolist(), strict=False))  # row of each factor's class 0
ROOK_LOST = 1  # the class of "net" that is worst but for being mated: seven pawns or more
TAKES_BACK = 0.25  # of the oversight


def _classes(board: Board) -> np.ndarray:
    """Return what each legal move does, int16 [n, COLUMNS], as `rules.move_classes` says it for the side to move."""
    view = board.array if board.turn is RED else -board.array[::-1]
    rows = jit.kernels().move_classes(np.ascontiguousarray(view)[None])[0]
    return rows[rows[:, 0] != MOVE_COUNT]


def overlooked(board: Board, oversight: float, draws: np.ndarray) -> list[int]:
    """Return the ids of the moves that are not considered; `draws` (in [0, 1), one for each move id) are the dice.

    At least one legal move is left.
    """
    rows = _classes(board)
    ids = rows[:, 0] if board.turn is RED else HALF_TURN_ID[rows[:, 0]]
    takes = rows[:, 2] > _FIRST["taken"]
    ends = (rows[:, 8] - _FIRST["check"]) % 3 == 2
    chance = np.full(len(rows), oversight)
    backward = (RANK_OF[TO[rows[:, 0]]] < RANK_OF[FROM[rows[:, 0]]]) & takes
    chance[backward] = (oversight + 1) / 2 if oversight else 0.0
    if board.move_stack:
        before = board.copy()
        last = before.pop()
        if before.is_capture(last):
            chance[takes & (TO[ids] == last.to_square)] = TAKES_BACK * oversight
    missed = (takes | ends) & (draws[ids] < chance)
    throws_rook = rows[:, 5] == _FIRST["net"] + ROOK_LOST
    for left_out in (missed | throws_rook, throws_rook, missed):
        if not left_out.all():
            return [int(i) for i in ids[left_out]]
    return []
