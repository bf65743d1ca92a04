"""Generation of legal moves on a working state that holds each side's pieces and the occupancy of every line.

It is fast because the moves of a sliding piece along a line are one table lookup (`lines`), and because the king's
lines are examined once per position, so that only moves of pieces that shield the king need a test.
"""

from __future__ import annotations

import numpy as np

from .compiling import ONE, ZERO, decorators
from .lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND, THIRD
from .moves import MOVE_ID
from .pieces import ADVISOR, CANNON, HORSE, KING, PAWN, ROOK
from .squares import (
    ADVISOR_TO,
    ELEPHANT_EYE,
    ELEPHANT_TO,
    FILE_OF,
    HORSE_FROM,
    HORSE_FROM_LEG,
    HORSE_LEG,
    HORSE_TO,
    KING_TO,
    PAWN_FROM,
    PAWN_TO,
    RANK_OF,
)

njit, inlined = decorators(globals())

# ------------------------------------------------------------------------------------------------ working state

# One int16 array holds what generation needs, so that making a move allocates nothing and a position is copied at once:
# the board itself (0-89), for each square the slot of its piece (valid while occupied), for each slot the square of its
# piece (Red's king in slot 0, Black's in 16; -1 once captured), and the pieces of each rank and each file as bits.
SLOT, WHERE, RANKS, FILES, STATE = 90, 180, 212, 222, 231
WIDTH, HEIGHT = np.int64(9), np.int64(10)  # see `compiling.ONE`
EVERYONE = 1 << 16  # a set of slots that means every piece


@njit
def set_up(board, state):
    """Fill `state` (int16 [STATE]) from a board of at most sixteen pieces a side."""
    for i in range(WHERE, STATE):
        state[i] = -1 if i < RANKS else 0
    red, black = 1, 17
    for s in range(90):
        piece = board[s]
        state[s] = piece
        if piece == 0:
            continue
        if piece == KING or piece == -KING:
            slot = 0 if piece > 0 else 16
        elif piece > 0:
            slot = red
            red += 1
        else:
            slot = black
            black += 1
        state[SLOT + s] = slot
        state[WHERE + slot] = s
        state[RANKS + RANK_OF[s]] |= 1 << int(FILE_OF[s])
        state[FILES + FILE_OF[s]] |= 1 << int(RANK_OF[s])


@inlined
def make(state, s, t):
    """Play a move on the state; there is no undo, so keep a copy."""
    if state[t] != 0:
        state[WHERE + state[SLOT + t]] = -1
    state[RANKS + RANK_OF[t]] |= 1 << int(FILE_OF[t])
    state[FILES + FILE_OF[t]] |= 1 << int(RANK_OF[t])
    state[RANKS + RANK_OF[s]] &= ~(1 << int(FILE_OF[s]))
    state[FILES + FILE_OF[s]] &= ~(1 << int(RANK_OF[s]))
    state[t] = state[s]
    state[s] = 0
    state[SLOT + t] = state[SLOT + s]
    state[WHERE + state[SLOT + s]] = t


@inlined
def leapers_hit(state, sq, by, gone, came):
    """Return whether a horse or pawn of `by` attacks a king on `sq` after a piece moved from `gone` to `came`."""
    for k in range(8):
        s = HORSE_FROM[sq, k]
        if s < 0:
            break
        if state[s] == by * HORSE and s != came:
            leg = HORSE_FROM_LEG[sq, k]
            if (state[leg] == 0 or leg == gone) and leg != came:
                return True
    own = 0 if by > 0 else 1
    for k in range(3):
        s = PAWN_FROM[own, sq, k]
        if s < 0:
            break
        if state[s] == by * PAWN and s != came:
            return True
    return False


@inlined
def stays_safe(state, side, king, s, t):
    """Return whether the king of `side` is safe after a move, without making the move."""
    home = t if s == king else king
    file, rank = FILE_OF[home], RANK_OF[home]
    for line in range(2):
        if line == 0:
            occupied = state[RANKS + rank]
            if RANK_OF[s] == rank:
                occupied &= ~(1 << int(FILE_OF[s]))
            if RANK_OF[t] == rank:
                occupied |= 1 << int(FILE_OF[t])
            word, origin, step = ROW[file, occupied & 511], home - file, 1
        else:
            occupied = state[FILES + file]
            if FILE_OF[s] == file:
                occupied &= ~(1 << int(RANK_OF[s]))
            if FILE_OF[t] == file:
                occupied |= 1 << int(RANK_OF[t])
            word, origin, step = COLUMN[rank, occupied & 1023], file, 9
        for shift in (LOW, HIGH):
            p = (word >> shift) & 15
            if p == NONE:
                continue
            at = origin + step * p
            piece = state[at] * side
            if at != t and (piece == -ROOK or (piece == -KING and line == 1)):
                return False
            p = (word >> (shift + SECOND)) & 15
            if p != NONE:
                at = origin + step * p
                if at != t and state[at] * side == -CANNON:
                    return False
    return not leapers_hit(state, home, -side, s, t)


@inlined
def shields(state, side, king):
    """Return the own pieces whose moves may expose the king, as bits of slots.

    It is `EVERYONE` in check or when a cannon faces the king without a screen. Only the moves of these pieces need a
    test.
    """
    base = 0 if side > 0 else 16
    file, rank = FILE_OF[king], RANK_OF[king]
    risky = 0
    for line in range(2):
        if line == 0:
            word, origin, step = ROW[file, state[RANKS + rank] & 511], king - file, 1
        else:
            word, origin, step = COLUMN[rank, state[FILES + file] & 1023], file, 9
        for shift in (LOW, HIGH):
            p = (word >> shift) & 15
            if p == NONE:
                continue
            first = origin + step * p
            near = state[first] * side
            if near == -ROOK or near == -CANNON or (near == -KING and line == 1):
                return EVERYONE
            p = (word >> (shift + SECOND)) & 15
            if p == NONE:
                continue
            second = origin + step * p
            far = state[second] * side
            if far == -CANNON:
                return EVERYONE
            if near > 0 and (far == -ROOK or (far == -KING and line == 1)):
                risky |= 1 << int(state[SLOT + first] - base)
            p = (word >> (shift + THIRD)) & 15
            if p != NONE and state[origin + step * p] * side == -CANNON:  # two screens: both must stay
                if near > 0:
                    risky |= 1 << int(state[SLOT + first] - base)
                if far > 0:
                    risky |= 1 << int(state[SLOT + second] - base)
    if leapers_hit(state, king, -side, -1, -1):
        return EVERYONE
    for k in range(8):
        s = HORSE_FROM[king, k]
        if s < 0:
            break
        leg = int(HORSE_FROM_LEG[king, k])
        if state[s] * side == -HORSE and state[leg] * side > 0:
            risky |= 1 << int(state[SLOT + leg] - base)
    return risky


# ------------------------------------------------------------------------------------------------ legal moves


@inlined
def _slide(state, side, origin, step, length, here, word, jump, out, n):
    """Write the target squares of a rook (`jump` 0) or cannon (`jump` SECOND) on one line."""
    low, high = (word >> LOW) & 15, (word >> HIGH) & 15
    for p in range(0 if low == NONE else low + 1, here):
        out[n] = origin + step * p
        n += 1
    for p in range(here + 1, length if high == NONE else high):
        out[n] = origin + step * p
        n += 1
    for shift in (LOW, HIGH):
        p = (word >> (shift + jump)) & 15
        if p != NONE and state[origin + step * p] * side < 0:
            out[n] = origin + step * p
            n += 1
    return n


@inlined
def _step(state, side, s, row, out, n):
    """Write the squares in row `s` of a table that hold no piece of `side`."""
    for k in range(4):
        t = row[s, k]
        if t < 0:
            break
        if state[t] * side <= 0:
            out[n] = t
            n += 1
    return n


@inlined
def _targets(state, side, s, piece, out, n):
    """Write the target squares of a piece of the kind `piece` into `out` from `n` on, ignoring king safety."""
    me = 0 if side > 0 else 1
    if piece in (ROOK, CANNON):
        file, rank = FILE_OF[s], RANK_OF[s]
        jump = SECOND if piece == CANNON else 0
        row, column = ROW[file, state[RANKS + rank] & 511], COLUMN[rank, state[FILES + file] & 1023]
        n = _slide(state, side, s - np.int64(file), ONE, WIDTH, file, row, jump, out, n)
        return _slide(state, side, np.int64(file), WIDTH, HEIGHT, rank, column, jump, out, n)
    if piece == PAWN:
        return _step(state, side, s, PAWN_TO[me], out, n)
    if piece == KING:
        return _step(state, side, s, KING_TO[me], out, n)
    if piece == ADVISOR:
        return _step(state, side, s, ADVISOR_TO[me], out, n)
    for k in range(8):
        t = HORSE_TO[s, k] if piece == HORSE else ELEPHANT_TO[me, s, k]
        if t < 0:
            break
        block = HORSE_LEG[s, k] if piece == HORSE else ELEPHANT_EYE[me, s, k]
        if state[block] == 0 and state[t] * side <= 0:
            out[n] = t
            n += 1
    return n


@njit
def generate(state, side, out):
    """Write the ids of all legal moves into `out` (int16, at least 128 long) and return their number."""
    base = 0 if side > 0 else 16
    king = state[WHERE + base]
    if king < 0:
        return 0
    danger = shields(state, side, king)
    n = ZERO
    for slot in range(16):
        s = state[WHERE + base + slot]
        if s < 0:
            continue
        last = _targets(state, side, s, state[s] * side, out, n)
        risky = danger == EVERYONE or (danger >> slot) & 1
        kept = n
        for i in range(n, last):
            t = out[i]
            if (s != king and not risky) or stays_safe(state, side, king, s, t):
                out[kept] = MOVE_ID[s, t]
                kept += 1
        n = kept
    return n


@inlined
def _reach(state, side, s, jump):
    """Return the number of target squares of a rook or cannon on one line: `_slide` without the list."""
    file, rank = FILE_OF[s], RANK_OF[s]
    row, column = ROW[file, state[RANKS + rank] & 511], COLUMN[rank, state[FILES + file] & 1023]
    n = (row & 15) + (column & 15)
    for shift in (LOW, HIGH):
        p = (row >> (shift + jump)) & 15
        if p != NONE and state[s - file + p] * side < 0:
            n += 1
        p = (column >> (shift + jump)) & 15
        if p != NONE and state[file + 9 * p] * side < 0:
            n += 1
    return n


@njit
def count(state, side, scratch):
    """Return the number of legal moves; moves of sliding pieces are counted, not listed."""
    base = 0 if side > 0 else 16
    king = state[WHERE + base]
    if king < 0:
        return 0
    danger = shields(state, side, king)
    if danger == EVERYONE:
        return generate(state, side, scratch)
    n = 0
    for slot in range(16):
        s = state[WHERE + base + slot]
        if s < 0:
            continue
        piece = state[s] * side
        risky = (danger >> slot) & 1
        if not risky and piece in (ROOK, CANNON):
            n += _reach(state, side, s, SECOND if piece == CANNON else 0)
            continue
        last = _targets(state, side, s, piece, scratch, ZERO)
        if s != king and not risky:
            n += last
            continue
        for i in range(last):
            if stays_safe(state, side, king, s, scratch[i]):
                n += 1
    return n
