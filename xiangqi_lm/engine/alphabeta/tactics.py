"""What a search asks of the state in `rules.generation` besides legal moves: checks, captures and defenders."""

from __future__ import annotations

from ...rules.compiling import decorators
from ...rules.generation import FILES, RANKS, WHERE, generate, leapers_hit
from ...rules.lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND
from ...rules.moves import TO
from ...rules.pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, ROOK
from ...rules.squares import (
    ADVISOR_TO,
    ELEPHANT_EYE,
    ELEPHANT_TO,
    FILE_OF,
    KING_TO,
    RANK_OF,
)

njit, inlined = decorators(globals())


@njit
def checked(state, side):
    """Return whether the king of `side` is attacked."""
    king = state[WHERE + (0 if side > 0 else 16)]
    file, rank = FILE_OF[king], RANK_OF[king]
    for line in range(2):
        if line == 0:
            word, origin, step = ROW[file, state[RANKS + rank] & 511], king - file, 1
        else:
            word, origin, step = COLUMN[rank, state[FILES + file] & 1023], file, 9
        for shift in (LOW, HIGH):
            p = (word >> shift) & 15
            if p == NONE:
                continue
            piece = state[origin + step * p] * side
            if piece == -ROOK or (piece == -KING and line == 1):
                return True
            p = (word >> (shift + SECOND)) & 15
            if p != NONE and state[origin + step * p] * side == -CANNON:
                return True
    return leapers_hit(state, king, -side, -1, -1)


@inlined
def _within(reach, s, king):
    """Return whether a square is at most `reach` files and ranks from a king; sums only, as the tables are unsigned."""
    file, rank, its_file, its_rank = FILE_OF[s], RANK_OF[s], FILE_OF[king], RANK_OF[king]
    across = file <= its_file + reach and its_file <= file + reach
    return across and rank <= its_rank + reach and its_rank <= rank + reach


@inlined
def cannot_check(state, side, s, t):
    """Return True for a move that obviously gives no check: neither end is on a line of the enemy king, and no horse is
    unblocked or arrives near it. False means undecided."""
    king = state[WHERE + (16 if side > 0 else 0)]
    file, rank = FILE_OF[king], RANK_OF[king]
    if FILE_OF[s] == file or RANK_OF[s] == rank or FILE_OF[t] == file or RANK_OF[t] == rank:
        return False
    return not _within(1, s, king) and (state[s] * side != HORSE or not _within(2, t, king))


@njit
def captures(state, side, out):
    """Write the ids of all legal captures into `out` and return their number.

    A separate generator for captures makes the search 2 % faster, which is not worth a second set of rules.
    """
    n = 0
    for i in range(generate(state, side, out)):
        if state[TO[out[i]]] != 0:
            out[n] = out[i]
            n += 1
    return n


@njit
def is_defended(state, side, s, t):
    """Return whether the enemy could recapture on `t` after the piece of `side` moves there from `s`, pins ignored."""
    file, rank = FILE_OF[t], RANK_OF[t]
    for line in range(2):
        if line == 0:
            occupied = state[RANKS + rank] | (1 << int(file))
            if RANK_OF[s] == rank:
                occupied &= ~(1 << int(FILE_OF[s]))
            word, origin, step = ROW[file, occupied & 511], t - file, 1
        else:
            occupied = state[FILES + file] | (1 << int(rank))
            if FILE_OF[s] == file:
                occupied &= ~(1 << int(RANK_OF[s]))
            word, origin, step = COLUMN[rank, occupied & 1023], file, 9
        for shift in (LOW, HIGH):
            p = (word >> shift) & 15
            if p != NONE and state[origin + step * p] * side == -ROOK:
                return True
            p = (word >> (shift + SECOND)) & 15
            if p != NONE and state[origin + step * p] * side == -CANNON:
                return True
    if leapers_hit(state, t, -side, s, t):
        return True
    him = 1 if side > 0 else 0
    for k in range(4):
        u = KING_TO[him, t, k]  # these three move symmetrically: what reaches u from t reaches t from u
        if u >= 0 and state[u] * side == -KING:
            return True
        u = ADVISOR_TO[him, t, k]
        if u >= 0 and state[u] * side == -ADVISOR:
            return True
        u = ELEPHANT_TO[him, t, k]
        if u >= 0 and state[u] * side == -ELEPHANT:
            eye = ELEPHANT_EYE[him, t, k]
            if state[eye] == 0 or eye == s:
                return True
    return False
