"""The transposition table: what a search has found out about positions, by their keys.

An entry packs the move (12 bits), the bound (2), the depth (8), the generation (6), the score (16) and the static
evaluation (16). Slots come in pairs: the first keeps the deeper search, the second the newest.
"""

from __future__ import annotations

from ...rules.compiling import decorators
from .evaluation import MATE, PROVEN
from .position import GENERATION

LOWER, UPPER, EXACT = 1, 2, 3  # what a stored score is of the true one

njit, inlined = decorators(globals(), beside=("terms", "evaluation", "tactics", "position"))


@inlined
def find(w, key):
    """The packed entry of a position; 0 if there is none."""
    slot = key & (w.table.shape[0] - 2)
    if w.table[slot, 0] == key:
        return w.table[slot, 1]
    if w.table[slot + 1, 0] == key:
        return w.table[slot + 1, 1]
    return 0


@inlined
def stored_score(entry, ply):
    score = ((entry >> 28) & 0xFFFF) - 32768
    if score > MATE - 1000:
        return score - ply
    return score + ply if score < 1000 - MATE else score


@inlined
def store(w, key, ply, move, bound, depth, score, static):
    """Keep what a search found out; wins by repetition belong to their line and are not kept."""
    if PROVEN < abs(score) < MATE - 1000:
        return
    if score > MATE - 1000:
        score += ply
    elif score < 1000 - MATE:
        score -= ply
    generation = w.control[GENERATION] & 63
    entry = move + 1 | bound << 12 | max(depth, 0) << 14 | generation << 22
    entry |= (score + 32768) << 28 | (static + 32768) << 44
    slot = key & (w.table.shape[0] - 2)
    if w.table[slot, 0] != key:
        old = w.table[slot, 1]
        if w.table[slot + 1, 0] == key or ((old >> 22) & 63 == generation and (old >> 14) & 255 > depth):
            slot += 1
    w.table[slot, 0] = key
    w.table[slot, 1] = entry
