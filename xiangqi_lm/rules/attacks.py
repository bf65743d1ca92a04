"""Attacks and the legality of single moves on one board, int8[90].

Arguments are not checked here; `Board` checks them. Sides are +1 (Red) and -1 (Black).
"""

from __future__ import annotations

import numpy as np

from .compiling import decorators
from .moves import FROM, TO
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import (
    ADVISOR_TO,
    ELEPHANT_EYE,
    ELEPHANT_TO,
    HORSE_FROM,
    HORSE_FROM_LEG,
    HORSE_LEG,
    HORSE_TO,
    KING_TO,
    PAWN_FROM,
    PAWN_TO,
    RAY,
)

njit, inlined = decorators(globals())

# ------------------------------------------------------------------------------------------------ king safety


@njit
def king_square(board, side):
    """Return the square of that side's king, or -1 if it has none."""
    first = 0 if side > 0 else 63
    for rank in range(3):
        for file in range(3, 6):
            s = first + rank * 9 + file
            if board[s] == side * KING:
                return s
    return -1


@njit
def attacked(board, sq, by):
    """Return whether side `by` attacks a king on `sq`: by rook, horse, cannon or pawn, or by facing it with its own
    king.
    """
    for d in range(4):
        screens = 0
        for k in range(10):
            s = RAY[sq, d, k]
            if s < 0:
                break
            piece = board[s] * by
            if piece == 0:
                continue
            if screens == 0:
                if piece == ROOK or (piece == KING and d < 2):
                    return True
                screens = 1
            else:
                if piece == CANNON:
                    return True
                break
    for k in range(8):
        s = HORSE_FROM[sq, k]
        if s < 0:
            break
        if board[s] == by * HORSE and board[HORSE_FROM_LEG[sq, k]] == 0:
            return True
    own = 0 if by > 0 else 1
    for k in range(3):
        s = PAWN_FROM[own, sq, k]
        if s < 0:
            break
        if board[s] == by * PAWN:
            return True
    return False


@njit
def attackers(board, sq, by, out):
    """Write the squares of the pieces of `by` that attack `sq` into `out` (int16, at least 16 long); return how many.

    A piece attacks a square if it could take an enemy piece there, ignoring its own king's safety; along an open file a
    king attacks only the enemy king.
    """
    me = 0 if by > 0 else 1
    n = 0
    for d in range(4):
        screens = 0
        for k in range(10):
            s = int(RAY[sq, d, k])
            if s < 0:
                break
            piece = board[s] * by
            if piece == 0:
                continue
            if screens == 1:
                if piece == CANNON:
                    out[n] = s
                    n += 1
                break
            screens = 1
            if piece == ROOK or (piece == KING and d < 2 and board[sq] == -by * KING):
                out[n] = s
                n += 1
    for k in range(8):
        s = int(HORSE_FROM[sq, k])
        if s >= 0 and board[s] == by * HORSE and board[HORSE_FROM_LEG[sq, k]] == 0:
            out[n] = s
            n += 1
    for k in range(4):
        s = int(PAWN_FROM[me, sq, k]) if k < 3 else -1
        if s >= 0 and board[s] == by * PAWN:
            out[n] = s
            n += 1
        for piece, table in ((KING, KING_TO), (ADVISOR, ADVISOR_TO), (ELEPHANT, ELEPHANT_TO)):
            s = int(table[me, sq, k])  # the moves of these three are symmetric
            if s >= 0 and board[s] == by * piece and (piece != ELEPHANT or board[ELEPHANT_EYE[me, sq, k]] == 0):
                out[n] = s
                n += 1
    return n


@inlined
def safe(board, side, king, s, t):
    """Return whether the king of `side` is safe after the piece on `s` goes to `t`; the board is restored."""
    piece, taken = board[s], board[t]
    board[t] = piece
    board[s] = 0
    target = t if s == king else king
    hit = attacked(board, target, -side)
    board[s] = piece
    board[t] = taken
    return not hit


# ------------------------------------------------------------------------------------------------ single moves


@njit
def reaches(board, side, s, t):
    """Return whether the piece of `side` on `s` can move to `t`, ignoring its own king's safety."""
    piece = board[s] * side
    if piece <= 0 or board[t] * side > 0:
        return False
    me = 0 if side > 0 else 1
    if piece in (ROOK, CANNON):
        for d in range(4):
            between = 0
            for k in range(10):
                e = RAY[s, d, k]
                if e < 0:
                    break
                if e == t:
                    return between == (1 if piece == CANNON and board[t] != 0 else 0)
                if board[e] != 0:
                    between += 1
        return False
    for k in range(8):
        if piece == HORSE:
            e = HORSE_TO[s, k]
            free = e < 0 or board[HORSE_LEG[s, k]] == 0
        elif piece == ELEPHANT:
            e = ELEPHANT_TO[me, s, k]
            free = e < 0 or board[ELEPHANT_EYE[me, s, k]] == 0
        else:
            free = True
            e = PAWN_TO[me, s, k] if piece == PAWN else (KING_TO[me, s, k] if piece == KING else ADVISOR_TO[me, s, k])
        if e < 0:
            break
        if e == t:
            return free
    return False


@njit
def is_legal(board, side, move_id):
    """Return whether one move is legal, without generating the others."""
    s, t = np.int64(FROM[move_id]), np.int64(TO[move_id])
    if not reaches(board, side, s, t):
        return False
    king = king_square(board, side)
    return king >= 0 and safe(board, side, king, s, t)


@njit
def in_check(board, side):
    """Return whether the king of `side` is attacked."""
    king = king_square(board, side)
    return king >= 0 and attacked(board, king, -side)
