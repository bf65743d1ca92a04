"""Status of every piece (attacked, protected, hanging) and the squares each side controls, for many boards at once.

A side controls a square if it could take an enemy piece there, ignoring its own king's safety.
"""

from __future__ import annotations

import numpy as np

from .compiling import decorators
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import ADVISOR_TO, ELEPHANT_EYE, ELEPHANT_TO, HORSE_LEG, HORSE_TO, KING_TO, PAWN_TO, RAY

njit, inlined = decorators(globals())

# The values of the kinds in exchanges, in pawns; only their order matters here.
WORTH = np.zeros(8, dtype=np.int16)
for _kind, _worth in ((KING, 100), (ROOK, 9), (CANNON, 5), (HORSE, 4), (ADVISOR, 2), (ELEPHANT, 2), (PAWN, 1)):
    WORTH[_kind] = _worth
NOBODY = 1000  # the value of the cheapest attacker if there is none
MARKS, OF_PIECES = 6, 4  # the number of kinds of marks, and of those (the first ones) that describe pieces


@inlined
def _note(cheapest, me, t, worth):
    if worth < cheapest[me, t]:
        cheapest[me, t] = worth


@inlined
def _sweep_lines(board, me, s, kind, cheapest):
    """Record what a rook, a cannon or a king (facing the other king) controls along the four lines."""
    side = 1 if me == 0 else -1
    for d in range(2 if kind == KING else 4):
        screens = 0
        for k in range(10):
            t = RAY[s, d, k]
            if t < 0:
                break
            if kind == ROOK or (kind == CANNON and screens == 1) or (kind == KING and board[t] == -side * KING):
                _note(cheapest, me, t, WORTH[kind])
            if board[t] != 0:
                screens += 1
                if kind != CANNON or screens == 2:
                    break


@njit(inner=True)
def control(board, cheapest):
    """Write the value of the cheapest piece that controls each square into `cheapest` (int16 [2, 90]), Red's first.

    It is `NOBODY` where no piece does.
    """
    cheapest[:] = NOBODY
    for s in range(90):
        piece = board[s]
        if piece == 0:
            continue
        me = 0 if piece > 0 else 1
        kind = abs(piece)
        if kind in (ROOK, CANNON, KING):
            _sweep_lines(board, me, s, kind, cheapest)
        if kind == HORSE:
            for k in range(8):
                t = HORSE_TO[s, k]
                if t < 0:
                    break
                if board[HORSE_LEG[s, k]] == 0:
                    _note(cheapest, me, t, WORTH[HORSE])
        elif kind != ROOK and kind != CANNON:
            for k in range(4):
                t = -1
                if kind == PAWN:
                    t = PAWN_TO[me, s, k]
                elif kind == ADVISOR:
                    t = ADVISOR_TO[me, s, k]
                elif kind == KING:
                    t = KING_TO[me, s, k]
                elif board[ELEPHANT_EYE[me, s, k]] == 0:
                    t = ELEPHANT_TO[me, s, k]
                if t >= 0:
                    _note(cheapest, me, t, WORTH[kind])


@njit(allocates=True)
def piece_statuses(boards, out):
    """Write the marks of every square of boards, int8 [N, 90], into `out`, bool [N, 6, 90].

    Marks of the piece on it: attacked; protected; attacked and unprotected; attacked by a cheaper piece. Marks of the
    square: controlled by Red; controlled by Black.
    """
    cheapest = np.empty((2, 90), dtype=np.int16)
    for i in range(len(boards)):
        control(boards[i], cheapest)
        for s in range(90):
            piece = boards[i, s]
            mine, theirs = (0, 1) if piece > 0 else (1, 0)
            attacked = piece != 0 and cheapest[theirs, s] < NOBODY
            protected = piece != 0 and cheapest[mine, s] < NOBODY
            out[i, 0, s] = attacked
            out[i, 1, s] = protected
            out[i, 2, s] = attacked and not protected
            out[i, 3, s] = attacked and cheapest[theirs, s] < WORTH[abs(piece)]
            out[i, 4, s] = cheapest[0, s] < NOBODY
            out[i, 5, s] = cheapest[1, s] < NOBODY
