"""Move generation and king safety on int8[90] boards, compiled by numba; GIL released, results cached on disk.

Nothing here checks its arguments: `Board` does. Sides are +1 (Red) and -1 (Black). The same source also runs
uncompiled (see `jit.interpreted`). numba keys its cache by this file alone: after a change of the tables in
`squares.py` or `moves.py`, touch this file.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from .moves import FROM, HALF_TURN_ID, MOVE_COUNT, MOVE_ID, TO
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

MOST_MOVES = 128  # buffers; the most legal moves in any position is below 112

if globals().get("INTERPRETED"):

    def njit(function: Any) -> Any:
        return function
else:
    import numba

    njit = numba.njit(cache=True, nogil=True, boundscheck=False)


# ------------------------------------------------------------------------------------------------ king safety


@njit
def king_square(board, side):
    """Where that side's king stands; -1 if it has none."""
    first = 0 if side > 0 else 63
    for rank in range(3):
        for file in range(3, 6):
            s = first + rank * 9 + file
            if board[s] == side * KING:
                return s
    return -1


@njit
def attacked(board, sq, by):
    """Whether side `by` attacks a king on `sq`: by rook, horse, cannon or pawn, or by facing it with its own king."""
    for d in range(4):
        screens = 0
        for k in range(10):
            s = RAY[sq, d, k]
            if s < 0:
                break
            man = board[s] * by
            if man == 0:
                continue
            if screens == 0:
                if man == ROOK or (man == KING and d < 2):
                    return True
                screens = 1
            else:
                if man == CANNON:
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
def _bit(low, high, sq):
    """Membership of a square in a set kept as two words of 45 bits."""
    if sq < 45:
        return (low >> sq) & 1
    return (high >> (sq - 45)) & 1


@njit
def _danger(board, side, king):
    """Squares whose leaving, and empty squares whose entering, may expose the king: (leave low, high, enter low, high).

    A superset is enough: moves that touch these sets are tried out, all others are safe unless the king is in check.
    """
    leave_low = leave_high = enter_low = enter_high = 0
    for d in range(4):
        first = second = -1
        for k in range(10):
            s = RAY[king, d, k]
            if s < 0:
                break
            man = board[s] * side
            if man == 0:
                continue
            if first < 0:
                first = s
                if man == -CANNON:  # hollow cannon: any screen is suicide
                    for j in range(k):
                        e = RAY[king, d, j]
                        if e < 45:
                            enter_low |= 1 << e
                        else:
                            enter_high |= 1 << (e - 45)
            elif second < 0:
                second = s
                if (man == -ROOK or man == -KING) and board[first] * side > 0:
                    if first < 45:
                        leave_low |= 1 << first
                    else:
                        leave_high |= 1 << (first - 45)
            else:
                if man == -CANNON:  # two screens: both must stay
                    if first < 45:
                        leave_low |= 1 << first
                    else:
                        leave_high |= 1 << (first - 45)
                    if second < 45:
                        leave_low |= 1 << second
                    else:
                        leave_high |= 1 << (second - 45)
                break
    for k in range(8):
        s = HORSE_FROM[king, k]
        if s < 0:
            break
        if board[s] == -side * HORSE:
            leg = HORSE_FROM_LEG[king, k]
            if leg < 45:
                leave_low |= 1 << leg
            else:
                leave_high |= 1 << (leg - 45)
    return leave_low, leave_high, enter_low, enter_high


@njit
def _safe(board, side, king, s, t):
    """Whether the king of `side` is safe after the man on `s` goes to `t`; the board is restored."""
    man, taken = board[s], board[t]
    board[t] = man
    board[s] = 0
    target = t if s == king else king
    hit = attacked(board, target, -side)
    board[s] = man
    board[t] = taken
    return not hit


# ------------------------------------------------------------------------------------------------ legal moves


@njit
def _steps(board, side, s, targets, blocks, has_blocks, king, risky, enter_low, enter_high, out, n):
    """Emit the moves of a man that jumps to tabled squares, each with an optional square that must be empty."""
    for k in range(8):
        t = targets[k]
        if t < 0:
            break
        if board[t] * side > 0 or (has_blocks and board[blocks[k]] != 0):
            continue
        if (risky or _bit(enter_low, enter_high, t)) and not _safe(board, side, king, s, t):
            continue
        out[n] = MOVE_ID[s, t]
        n += 1
    return n


@njit
def _slides(board, side, s, is_cannon, king, risky, enter_low, enter_high, out, n):
    """Emit the moves of a rook or cannon."""
    for d in range(4):
        screens = 0
        for k in range(10):
            t = RAY[s, d, k]
            if t < 0:
                break
            man = board[t] * side
            if screens == 0 and man != 0 and is_cannon:
                screens = 1
                continue
            if screens == 1 and man == 0:
                continue
            if man <= 0 and (not (risky or _bit(enter_low, enter_high, t)) or _safe(board, side, king, s, t)):
                out[n] = MOVE_ID[s, t]
                n += 1
            if man != 0:
                break
    return n


@njit
def legal_ids(board, side, out):
    """Write the ids of all legal moves into `out` (int16, at least 128 long) and return how many there are."""
    king = king_square(board, side)
    if king < 0:
        return 0
    me = 0 if side > 0 else 1
    leave_low, leave_high, enter_low, enter_high = _danger(board, side, king)
    in_check = attacked(board, king, -side)
    n = 0
    for s in range(90):
        man = board[s] * side
        if man <= 0:
            continue
        risky = in_check or s == king or _bit(leave_low, leave_high, s) == 1
        if man == ROOK or man == CANNON:
            n = _slides(board, side, s, man == CANNON, king, risky, enter_low, enter_high, out, n)
        elif man == HORSE:
            n = _steps(board, side, s, HORSE_TO[s], HORSE_LEG[s], True, king, risky, enter_low, enter_high, out, n)
        elif man == PAWN:
            row = PAWN_TO[me, s]
            n = _steps(board, side, s, row, row, False, king, risky, enter_low, enter_high, out, n)
        elif man == KING:
            row = KING_TO[me, s]
            n = _steps(board, side, s, row, row, False, king, risky, enter_low, enter_high, out, n)
        elif man == ADVISOR:
            row = ADVISOR_TO[me, s]
            n = _steps(board, side, s, row, row, False, king, risky, enter_low, enter_high, out, n)
        else:
            n = _steps(
                board, side, s, ELEPHANT_TO[me, s], ELEPHANT_EYE[me, s], True,
                king, risky, enter_low, enter_high, out, n,
            )  # fmt: skip
    return n


@njit
def _reaches(board, side, s, t):
    """Whether the man of `side` on `s` may go to `t`, its own king's safety aside."""
    man = board[s] * side
    if man <= 0 or board[t] * side > 0:
        return False
    me = 0 if side > 0 else 1
    if man == ROOK or man == CANNON:
        for d in range(4):
            between = 0
            for k in range(10):
                e = RAY[s, d, k]
                if e < 0:
                    break
                if e == t:
                    return between == (1 if man == CANNON and board[t] != 0 else 0)
                if board[e] != 0:
                    between += 1
        return False
    for k in range(8):
        if man == HORSE:
            e = HORSE_TO[s, k]
            free = e < 0 or board[HORSE_LEG[s, k]] == 0
        elif man == ELEPHANT:
            e = ELEPHANT_TO[me, s, k]
            free = e < 0 or board[ELEPHANT_EYE[me, s, k]] == 0
        else:
            free = True
            e = PAWN_TO[me, s, k] if man == PAWN else (KING_TO[me, s, k] if man == KING else ADVISOR_TO[me, s, k])
        if e < 0:
            break
        if e == t:
            return free
    return False


@njit
def is_legal(board, side, move_id):
    """Whether one move is legal, without generating the others."""
    s, t = int(FROM[move_id]), int(TO[move_id])
    if not _reaches(board, side, s, t):
        return False
    king = king_square(board, side)
    return king >= 0 and _safe(board, side, king, s, t)


@njit
def in_check(board, side):
    """Whether the king of `side` is attacked."""
    king = king_square(board, side)
    return king >= 0 and attacked(board, king, -side)


@njit
def perft(board, side, depth, buffers):
    """Leaves of the tree of legal moves; `buffers` is int16 [depth, 128]; the last ply is counted, not played."""
    ids = buffers[depth - 1]
    n = legal_ids(board, side, ids)
    if depth == 1:
        return n
    total = 0
    for i in range(n):
        s, t = FROM[ids[i]], TO[ids[i]]
        man, taken = board[s], board[t]
        board[t] = man
        board[s] = 0
        total += perft(board, -side, depth - 1, buffers)
        board[s] = man
        board[t] = taken
    return total


# ------------------------------------------------------------------------------------------------ many positions


@njit
def play(board, side, ids):
    """Play moves on `board` in place until one is illegal; returns how many were legal."""
    for i in range(len(ids)):
        if not is_legal(board, side, ids[i]):
            return i
        s, t = FROM[ids[i]], TO[ids[i]]
        board[t] = board[s]
        board[s] = 0
        side = -side
    return len(ids)


@njit
def unroll(board, side, ids, boards, seen):
    """Every position of a line as its mover sees it, Red at the bottom: boards[t] (int8 [T, 90]) before move t.

    `seen[t]` (int16 [T]) is move t in that view. Moves are not checked. `board` ends as the last position.
    """
    for i in range(len(ids)):
        if side > 0:
            for s in range(90):
                boards[i, s] = board[s]
            seen[i] = ids[i]
        else:
            for s in range(90):
                boards[i, s] = -board[89 - s]
            seen[i] = HALF_TURN_ID[ids[i]]
        a, b = FROM[ids[i]], TO[ids[i]]
        board[b] = board[a]
        board[a] = 0
        side = -side
    return side


@njit
def _masks(boards, sides, out, first, last):
    ids = np.empty(MOST_MOVES, dtype=np.int16)
    for i in range(first, last):
        n = legal_ids(boards[i], sides[i], ids)
        for k in range(MOVE_COUNT):
            out[i, k] = False
        for k in range(n):
            out[i, ids[k]] = True


def legal_masks(boards: np.ndarray, sides: np.ndarray, threads: int = 1) -> np.ndarray:
    """Legal moves of many positions: int8 [B, 90] and int8 [B] give bool [B, 2086]; the GIL is free meanwhile."""
    count = len(boards)
    out = np.empty((count, MOVE_COUNT), dtype=np.bool_)
    if threads <= 1 or count < 256:
        _masks(boards, sides, out, 0, count)
        return out
    edges = np.linspace(0, count, threads + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(lambda i: _masks(boards, sides, out, edges[i], edges[i + 1]), range(threads)))
    return out


def warm() -> None:
    """Compile, or load from the cache, what one game in the window needs."""
    board = np.zeros(90, dtype=np.int8)
    board[4], board[85], board[31] = KING, -KING, PAWN
    out = np.empty(MOST_MOVES, dtype=np.int16)
    legal_ids(board, 1, out)
    is_legal(board, 1, int(out[0]))
    in_check(board, 1)
    attacked(board, 4, -1)
    unroll(board, 1, out[:1].copy(), np.empty((1, 90), dtype=np.int8), np.empty(1, dtype=np.int16))
    legal_masks(np.zeros((1, 90), dtype=np.int8), np.ones(1, dtype=np.int8))
