"""Static exchange evaluation: what a side wins by captures on one square if both sides recapture while it pays.

The value is exact: every order of the capturing pieces is tried on the actual board, so cannons need their screens,
horses can be blocked, pinned pieces cannot capture and kings do not face each other. Either side may stop at any time.
Values are in pawns, as in `piece_status.WORTH`.
"""

from __future__ import annotations

import numpy as np

from .compiling import ZERO, decorators, sibling
from .lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND
from .piece_status import WORTH
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
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
_generation = sibling(globals(), "generation")
FILES, RANKS, SLOT, WHERE = _generation.FILES, _generation.RANKS, _generation.SLOT, _generation.WHERE
stays_safe = _generation.stays_safe

LONGEST = 32  # captures in one exchange
ANY = np.int64(1000)  # more than any exchange wins
# The record of one capture of an exchange: the squares of the pieces that can make it, at most 16, then these fields.
_COUNT, _NEXT, _BEST, _WORTH, _ENOUGH, _FROM, _TAKEN, _SLOT = range(16, 24)
LEVEL = 24


@njit(inner=True)
def takers(state, side, q, out, n):
    """Write the squares of the pieces of `side` that attack `q` into `out` from `n` on; return the end of the list.

    The king comes first, then the others from the cheapest to the dearest; king safety is ignored.
    """
    me = 0 if side > 0 else 1
    for k in range(4):
        s = KING_TO[me, q, k]  # the moves of king, advisor and elephant are symmetric
        if s < 0:
            break
        if state[s] == side * KING:
            out[n] = s
            n += 1
    for k in range(3):
        s = PAWN_FROM[me, q, k]
        if s < 0:
            break
        if state[s] == side * PAWN:
            out[n] = s
            n += 1
    for k in range(4):
        s = ADVISOR_TO[me, q, k]
        if s < 0:
            break
        if state[s] == side * ADVISOR:
            out[n] = s
            n += 1
    for k in range(4):
        s = ELEPHANT_TO[me, q, k]
        if s < 0:
            break
        if state[s] == side * ELEPHANT and state[ELEPHANT_EYE[me, q, k]] == 0:
            out[n] = s
            n += 1
    for k in range(8):
        s = HORSE_FROM[q, k]
        if s < 0:
            break
        if state[s] == side * HORSE and state[HORSE_FROM_LEG[q, k]] == 0:
            out[n] = s
            n += 1
    file, rank = FILE_OF[q], RANK_OF[q]
    row, column = ROW[file, state[RANKS + rank] & 511], COLUMN[rank, state[FILES + file] & 1023]
    for jump, kind in ((SECOND, CANNON), (0, ROOK)):
        for shift in (LOW, HIGH):
            p = (row >> (shift + jump)) & 15
            if p != NONE and state[q - file + p] == side * kind:
                out[n] = q - file + p
                n += 1
            p = (column >> (shift + jump)) & 15
            if p != NONE and state[file + 9 * p] == side * kind:
                out[n] = file + 9 * p
                n += 1
    return n


@inlined
def take(state, s, q):
    """Capture on `q` with the piece on `s`; returns what `put_back` needs."""
    taken, slot = state[q], state[SLOT + q]
    state[WHERE + slot] = -1
    state[RANKS + RANK_OF[s]] &= ~(1 << int(FILE_OF[s]))
    state[FILES + FILE_OF[s]] &= ~(1 << int(RANK_OF[s]))
    state[q] = state[s]
    state[s] = 0
    state[SLOT + q] = state[SLOT + s]
    state[WHERE + state[SLOT + s]] = q
    return taken, slot


@inlined
def put_back(state, s, q, taken, slot):
    """Undo `take`."""
    state[s] = state[q]
    state[SLOT + s] = state[SLOT + q]
    state[WHERE + state[SLOT + s]] = s
    state[q] = taken
    state[SLOT + q] = slot
    state[WHERE + slot] = q
    state[RANKS + RANK_OF[s]] |= 1 << int(FILE_OF[s])
    state[FILES + FILE_OF[s]] |= 1 << int(RANK_OF[s])


@njit(inner=True)
def exchange(state, side, q, enough, levels):
    """Return what `side` wins by capturing the enemy piece on `q`, at least 0; exact below `enough`.

    `state` comes from `generation.set_up` and is restored; `levels` is int16 [LONGEST * LEVEL]. The search is a loop
    over levels, since numba cannot load recursion from its cache here, and works on one flat array, since making views
    of it would cost more than the rest.
    """
    at = ZERO
    last = takers(state, side, q, levels, at)
    if last == 0:
        return 0
    levels[_COUNT], levels[_NEXT], levels[_BEST] = last, 0, 0
    levels[_WORTH], levels[_ENOUGH] = WORTH[abs(state[q])], enough
    while True:
        best, worth, following = int(levels[at + _BEST]), int(levels[at + _WORTH]), int(levels[at + _NEXT])
        if following < levels[at + _COUNT] and best < levels[at + _ENOUGH] and best < worth:
            s = levels[at + following]
            levels[at + _NEXT] = following + 1
            if not stays_safe(state, side, state[WHERE + (0 if side > 0 else 16)], s, q):
                continue
            levels[at + _FROM] = s
            levels[at + _TAKEN], levels[at + _SLOT] = take(state, s, q)
            at, side = at + LEVEL, -side
            levels[at + _COUNT] = takers(state, side, q, levels, at) - at
            levels[at + _NEXT], levels[at + _BEST] = 0, 0
            levels[at + _WORTH], levels[at + _ENOUGH] = WORTH[abs(state[q])], worth - best
        else:
            if at == 0:
                return best
            at, side = at - LEVEL, -side
            put_back(state, levels[at + _FROM], q, levels[at + _TAKEN], levels[at + _SLOT])
            levels[at + _BEST] = max(int(levels[at + _BEST]), int(levels[at + _WORTH]) - best)


@njit(inner=True)
def prey(state, side, s, out, n):
    """Write the squares of the enemy pieces that the piece on `s` attacks into `out` from `n` on; return the end.

    King safety is ignored.
    """
    me = 0 if side > 0 else 1
    kind = state[s] * side
    if kind in (ROOK, CANNON):
        file, rank = FILE_OF[s], RANK_OF[s]
        jump = SECOND if kind == CANNON else 0
        row, column = ROW[file, state[RANKS + rank] & 511], COLUMN[rank, state[FILES + file] & 1023]
        for shift in (LOW, HIGH):
            p = (row >> (shift + jump)) & 15
            if p != NONE and state[s - file + p] * side < 0:
                out[n] = s - file + p
                n += 1
            p = (column >> (shift + jump)) & 15
            if p != NONE and state[file + 9 * p] * side < 0:
                out[n] = file + 9 * p
                n += 1
    elif kind == HORSE:
        for k in range(8):
            t = HORSE_TO[s, k]
            if t < 0:
                break
            if state[t] * side < 0 and state[HORSE_LEG[s, k]] == 0:
                out[n] = t
                n += 1
    elif kind == ELEPHANT:
        for k in range(4):
            t = ELEPHANT_TO[me, s, k]
            if t < 0:
                break
            if state[t] * side < 0 and state[ELEPHANT_EYE[me, s, k]] == 0:
                out[n] = t
                n += 1
    else:
        for k in range(4):
            t = PAWN_TO[me, s, k] if kind == PAWN else (KING_TO[me, s, k] if kind == KING else ADVISOR_TO[me, s, k])
            if t < 0:
                break
            if state[t] * side < 0:
                out[n] = t
                n += 1
    return n


@njit(allocates=True)
def exchanges(board, side, out):
    """Write what `side` wins by captures on each square into `out`: int8 [90] -> int16 [90], 0 without enemy piece."""
    state = np.empty(_generation.STATE, dtype=np.int16)
    levels = np.empty(LONGEST * LEVEL, dtype=np.int16)
    _generation.set_up(board, state)
    for q in range(90):
        out[q] = exchange(state, side, q, ANY, levels) if board[q] * side < 0 else 0
