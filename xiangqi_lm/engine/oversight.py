"""Human errors: captures and mates that are not seen, though no rook is left hanging.

A person does not weigh all moves and then pick one; some are never looked at. With an oversight of p

- every capture and every move that ends the game is overlooked with probability p; with p / 4 if it retakes the piece
  that has just captured, and with (p + 1) / 2 if it is a capture backwards, the kind that people miss most;
- quiet moves are always seen; the model chooses among them;
- a move that loses a rook or more in one exchange (`rules.exchange`) is not played while another seen move is left.

These probabilities are a design choice, not measured on people.
"""

from __future__ import annotations

import numpy as np

from ..rules import jit
from ..rules.board import Board
from ..rules.move_classes import FACTORS
from ..rules.moves import FROM, HALF_TURN_ID, MOVE_COUNT, TO
from ..rules.squares import RANK_OF, RED

_FIRST = dict(zip(FACTORS, np.cumsum([0, *FACTORS.values()]).tolist(), strict=False))  # first row of each factor
ROOK_LOST = 1  # the worst class of "net" short of being mated: seven pawns or more
TAKES_BACK = 0.25  # factor on the oversight for a recapture


def _classes(board: Board) -> np.ndarray:
    """Return the classes of each legal move, int16 [n, COLUMNS], from `rules.move_classes` in the mover's view."""
    view = board.array if board.turn is RED else -board.array[::-1]
    rows = jit.kernels().move_classes(np.ascontiguousarray(view)[None])[0]
    return rows[rows[:, 0] != MOVE_COUNT]


def overlooked(board: Board, oversight: float, draws: np.ndarray) -> list[int]:
    """Return the ids of the moves that are not considered; `draws` are random numbers in [0, 1), one for each move id.

    At least one legal move remains.
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
