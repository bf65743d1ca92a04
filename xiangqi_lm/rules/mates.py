"""Mates in one on a working state of `generation`; only moves that can give check are tried.

A piece gives check by attacking the king from its new square, by opening a line, or as the screen of a cannon.
"""

from __future__ import annotations

import numpy as np

from .compiling import ONE, ZERO, decorators, sibling
from .lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND, THIRD
from .pieces import CANNON, HORSE, KING, PAWN, ROOK
from .squares import FILE_OF, HORSE_FROM, HORSE_FROM_LEG, PAWN_FROM, RANK_OF

njit, inlined = decorators(globals())
_generation = sibling(globals(), "generation")
SLOT, WHERE, RANKS, FILES = _generation.SLOT, _generation.WHERE, _generation.RANKS, _generation.FILES
make, targets, stays_safe = _generation.make, _generation._targets, _generation.stays_safe
WIDTH = _generation.WIDTH
HALF = np.int64(128)  # half of the scratch array of `can_move`; see `compiling.ONE`

# ------------------------------------------------------------------------------------------------ moves on a state


@inlined
def play(state, s, t):
    """Play a move; return what `undo` needs."""
    taken, slot = state[t], state[SLOT + t]
    make(state, s, t)
    return taken, slot


@inlined
def undo(state, s, t, taken, slot):
    """Undo `play`."""
    state[s] = state[t]
    state[SLOT + s] = state[SLOT + t]
    state[WHERE + state[SLOT + s]] = s
    state[RANKS + RANK_OF[s]] |= 1 << int(FILE_OF[s])
    state[FILES + FILE_OF[s]] |= 1 << int(RANK_OF[s])
    state[t] = taken
    state[SLOT + t] = slot
    if taken != 0:
        state[WHERE + slot] = t
    else:
        state[RANKS + RANK_OF[t]] &= ~(1 << int(FILE_OF[t]))
        state[FILES + FILE_OF[t]] &= ~(1 << int(RANK_OF[t]))


@njit(inner=True)
def can_move(state, side, first, squares):
    """Return whether `side` has a legal move; its pieces are tried from slot `first` on (0: the king).

    The second half of `squares` (int16 [256]) is scratch space.
    """
    base = 0 if side > 0 else 16
    king = state[WHERE + base]
    for k in range(16):
        s = state[WHERE + base + ((k + first) & 15)]
        if s < 0:
            continue
        for i in range(HALF, targets(state, side, s, state[s] * side, squares, HALF)):
            if stays_safe(state, side, king, s, squares[i]):
                return True
    return False


# ------------------------------------------------------------------------------------------------ checks


@njit(inner=True)
def checks(state, king, side, s, t):
    """Return whether the move of `side` from `s` to `t` gives check to the king on `king`, without making the move."""
    mover = state[s] * side
    file, rank = FILE_OF[king], RANK_OF[king]
    for line in range(2):
        if line == 0:
            pieces = state[RANKS + rank]
            if RANK_OF[s] == rank:
                pieces &= ~(1 << int(FILE_OF[s]))
            if RANK_OF[t] == rank:
                pieces |= 1 << int(FILE_OF[t])
            word, origin, step = ROW[file, pieces & 511], king - file, 1
        else:
            pieces = state[FILES + file]
            if FILE_OF[s] == file:
                pieces &= ~(1 << int(RANK_OF[s]))
            if FILE_OF[t] == file:
                pieces |= 1 << int(RANK_OF[t])
            word, origin, step = COLUMN[rank, pieces & 1023], file, 9
        for shift in (LOW, HIGH):
            p = (word >> shift) & 15
            if p == NONE:
                continue
            at = origin + step * p
            piece = mover if at == t else state[at] * side
            if piece == ROOK or (piece == KING and line == 1):
                return True
            p = (word >> (shift + SECOND)) & 15
            if p != NONE:
                at = origin + step * p
                if (mover if at == t else state[at] * side) == CANNON:
                    return True
    for k in range(8):
        h = HORSE_FROM[king, k]
        if h < 0:
            break
        piece = mover if h == t else (0 if h == s else state[h] * side)
        if piece == HORSE:
            leg = HORSE_FROM_LEG[king, k]
            if (state[leg] == 0 or leg == s) and leg != t:
                return True
    me = 0 if side > 0 else 1
    for k in range(3):
        h = PAWN_FROM[me, king, k]
        if h < 0:
            break
        if (mover if h == t else (0 if h == s else state[h] * side)) == PAWN:
            return True
    return False


@njit(inner=True)
def _bearers(state, side, king):
    """Return the pieces of `side` that may give discovered check, as bits of slots, and where a piece would be a
    cannon's screen: files on the rank of the king and ranks on its file, as bits."""
    base = 0 if side > 0 else 16
    file, rank = FILE_OF[king], RANK_OF[king]
    found, on_rank, on_file = 0, 0, 0
    for line in range(2):
        if line == 0:
            word, origin, step, here = ROW[file, state[RANKS + rank] & 511], king - file, 1, file
        else:
            word, origin, step, here = COLUMN[rank, state[FILES + file] & 1023], file, 9, rank
        for shift in (LOW, HIGH):
            p = (word >> shift) & 15
            if p == NONE:
                continue
            first = origin + step * p
            nearest = state[first] * side
            if nearest == CANNON:
                between = (1 << max(p, int(here))) - (2 << min(p, int(here)))
                if line == 0:
                    on_rank |= between
                else:
                    on_file |= between
            p = (word >> (shift + SECOND)) & 15
            if p == NONE:
                continue
            second = origin + step * p
            far = state[second] * side
            if nearest > 0 and (far == ROOK or (far == KING and line == 1)):
                found |= 1 << int(state[SLOT + first] - base)
            p = (word >> (shift + THIRD)) & 15
            if p != NONE and state[origin + step * p] * side == CANNON:
                if nearest > 0:
                    found |= 1 << int(state[SLOT + first] - base)
                if far > 0:
                    found |= 1 << int(state[SLOT + second] - base)
    for k in range(8):
        s = HORSE_FROM[king, k]
        if s < 0:
            break
        leg = HORSE_FROM_LEG[king, k]
        if state[s] * side == HORSE and state[leg] * side > 0:
            found |= 1 << int(state[SLOT + leg] - base)
    return found, on_rank, on_file


@inlined
def within(reach, s, t):
    """Return whether two squares are at most `reach` files and ranks apart."""
    across = FILE_OF[s] <= FILE_OF[t] + reach and FILE_OF[t] <= FILE_OF[s] + reach
    return across and RANK_OF[s] <= RANK_OF[t] + reach and RANK_OF[t] <= RANK_OF[s] + reach


@inlined
def _on_line(t, file, rank):
    return FILE_OF[t] == file or RANK_OF[t] == rank


@inlined
def _stops(state, side, word, jump, origin, step, p):
    """Return whether a rook (`jump` 0) or cannon (`jump` SECOND) of `side` can move along its line to the position `p`.

    `word` is the word of `lines` for the piece's own square, which is not `p`.
    """
    low, high = (word >> LOW) & 15, (word >> HIGH) & 15
    if (low == NONE or low < p) and p < high:  # NONE is beyond every position
        return True
    taken = ((word >> (LOW + jump)) & 15) == p or ((word >> (HIGH + jump)) & 15) == p
    return taken and state[origin + step * p] * side < 0


@inlined
def _sees(word, here, kind, p):
    """Return whether a rook or cannon at the position `p` of a line attacks the king at `here`.

    `word` is the word of `lines` for the king's square.
    """
    shift = LOW if p < here else HIGH
    first = (word >> shift) & 15
    reached = first == NONE or (first <= p if p < here else first >= p)
    if kind == ROOK:
        return reached
    second = (word >> (shift + SECOND)) & 15
    return not reached and (second == NONE or (second <= p if p < here else second >= p))


@inlined
def _captures_on(state, side, word, jump, origin, step, out, n):
    """Write the squares on which a rook or cannon captures on one line; `word` is its word of `lines`."""
    for shift in (LOW, HIGH):
        p = (word >> (shift + jump)) & 15
        if p != NONE and state[origin + step * p] * side < 0:
            out[n] = origin + step * p
            n += 1
    return n


@inlined
def _slider_checks(state, side, s, kind, king, kings_row, kings_column, out):
    """Write the squares to which the rook or cannon on `s` can move to attack the king; return their number.

    `kings_row` and `kings_column` are the words of `lines` for the king's lines.
    """
    file, rank, to_file, to_rank = int(FILE_OF[s]), int(RANK_OF[s]), int(FILE_OF[king]), int(RANK_OF[king])
    jump = SECOND if kind == CANNON else 0
    row, column = ROW[file, state[RANKS + rank] & 511], COLUMN[rank, state[FILES + file] & 1023]
    n = 0
    if rank == to_rank:
        n = _captures_on(state, side, row, jump, s - file, ONE, out, n)
    elif (
        file != to_file
        and _sees(kings_column, to_rank, kind, rank)
        and _stops(state, side, row, jump, s - file, ONE, to_file)
    ):
        out[n] = s - file + to_file
        n += 1
    if file == to_file:
        n = _captures_on(state, side, column, jump, np.int64(file), WIDTH, out, n)
    elif (
        rank != to_rank
        and _sees(kings_row, to_file, kind, file)
        and _stops(state, side, column, jump, np.int64(file), WIDTH, to_rank)
    ):
        out[n] = file + 9 * to_rank
        n += 1
    return n


@njit(inner=True)
def fighters(state, side, out):
    """Write the slots of the pieces of `side` that can give direct check, also after a step of the enemy king.

    Return their number.
    """
    base = 0 if side > 0 else 16
    king = int(state[WHERE + 16 - base])
    n = 0
    for slot in range(base, base + 16):
        s = int(state[WHERE + slot])
        if s < 0:
            continue
        kind = state[s] * side
        if kind in (ROOK, CANNON) or (kind == PAWN and within(3, s, king)) or (kind == HORSE and within(5, s, king)):
            out[n] = slot
            n += 1
    return n


@njit(inner=True)
def mates(state, side, slots, count, squares):
    """Return whether `side` has a legal move that checkmates.

    The first `count` of `slots` are its `fighters`, in this position or in the one before the enemy's last move;
    `squares` (int16 [256]) is scratch space.
    """
    base = 0 if side > 0 else 16
    king, own = state[WHERE + 16 - base], state[WHERE + base]
    if king < 0 or own < 0:
        return False
    file, rank = int(FILE_OF[king]), int(RANK_OF[king])
    row, column = ROW[file, state[RANKS + rank] & 511], COLUMN[rank, state[FILES + file] & 1023]
    bearers, on_rank, on_file = _bearers(state, side, king)
    everyone = bearers | on_rank | on_file != 0
    for k in range(16 if everyone else count):
        slot = base + k if everyone else int(slots[k])
        s = int(state[WHERE + slot])
        if s < 0:
            continue
        kind = state[s] * side
        bears, slides = (bearers >> (slot - base)) & 1 != 0, kind in (ROOK, CANNON)
        if slides and not bears and on_rank | on_file == 0:
            n = _slider_checks(state, side, s, kind, king, row, column, squares)
        elif everyone or (kind == PAWN and within(2, s, king)) or (kind == HORSE and within(4, s, king)):
            n = targets(state, side, s, kind, squares, ZERO)
        else:
            continue
        for i in range(n):
            t = int(squares[i])
            if not (bears or (slides and _on_line(t, file, rank)) or within(2, t, king)):
                screens = on_rank >> int(FILE_OF[t]) if RANK_OF[t] == rank else on_file >> int(RANK_OF[t])
                if screens & 1 == 0 or not _on_line(t, file, rank):
                    continue
            if checks(state, king, side, s, t) and stays_safe(state, side, own, s, t):
                taken, kept = play(state, s, t)
                mated = not can_move(state, -side, ZERO, squares)
                undo(state, s, t, taken, kept)
                if mated:
                    return True
    return False
