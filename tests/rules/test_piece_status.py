"""Piece status compared with the attackers of each square found one by one."""

import numpy as np
import pytest

from xiangqi_lm.rules import jit
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.piece_status import MARKS, NOBODY, WORTH


def positions(count: int) -> np.ndarray:
    dice, rows = np.random.default_rng(4), []
    board = Board()
    while len(rows) < count:
        moves = list(board.legal_moves)
        if not moves or board.ply > 120:
            board = Board()
            continue
        board.push_unchecked(moves[dice.integers(len(moves))])
        rows.append(board.array.copy() if board.turn > 0 else -board.array[::-1])
    return np.stack(rows)


@pytest.mark.parametrize("kernels", [jit.compiled, jit.interpreted])
def test_control_is_what_attackers_say(kernels):
    kernel, found = kernels(), np.empty(32, np.int16)
    boards = positions(400 if kernels is jit.compiled else 12)
    marks = kernel.piece_statuses(boards)
    assert marks.shape == (len(boards), MARKS, 90)
    for board, row in zip(boards, marks, strict=True):
        for square in range(90):
            cheapest = {}
            for side in (1, -1):
                pieces = [board[s] for s in found[: kernel.attackers(board, square, side, found)]]
                cheapest[side] = min((WORTH[abs(piece)] for piece in pieces), default=NOBODY)
            piece = board[square]
            side = 1 if piece > 0 else -1
            attacked, protected = (piece != 0 and cheapest[s] < NOBODY for s in (-side, side))
            lesser = attacked and cheapest[-side] < WORTH[abs(piece)]
            wanted = [
                attacked,
                protected,
                attacked and not protected,
                lesser,
                cheapest[1] < NOBODY,
                cheapest[-1] < NOBODY,
            ]
            assert row[:, square].tolist() == [bool(w) for w in wanted], (square, board.reshape(10, 9))


def test_a_hanging_cannon():
    """Red's cannon on e4 is attacked by the rook on e9 and undefended."""
    board = Board("4r4/3k5/9/9/9/4C4/9/9/9/5K3 w")
    marks = jit.kernels().piece_statuses(board.array[None])[0]
    cannon = 4 * 9 + 4
    assert marks[:4, cannon].tolist() == [True, False, True, False]
    assert marks[5, 5 * 9 + 4] and not marks[4, cannon]  # Black controls e5; Red does not control e4
