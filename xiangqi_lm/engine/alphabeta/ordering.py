"""Move ordering (hash move, captures, killers, history) and the transposition table.

An entry packs the move (12 bits), the bound (2), the depth (8), the generation (6), the score (16) and the static
evaluation (16). Slots come in pairs: the first keeps the deeper search, the second the newest.
"""

from __future__ import annotations

from ...rules.compiling import decorators
from ...rules.moves import FROM, TO
from .evaluation import MATE, PROVEN
from .position import GENERATION
from .tactics import is_defended

LOWER, UPPER, EXACT = 1, 2, 3  # how a stored score bounds the true one

njit, inlined = decorators(globals(), beside=("terms", "evaluation", "tactics", "position"))


@inlined
def find(w, key):
    """Return the packed entry of a position, or 0 if there is none."""
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
    """Store a search result; wins by repetition depend on the line and are not stored."""
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


FIRST, CAPTURE, KILLER = 1 << 28, 1 << 26, 1 << 25  # ordering values; quiet moves have their history score instead


@inlined
def sees_loss(w, state, side, s, t):
    """Return whether a capture gives up a piece for a cheaper one, judged by a single recapture."""
    loss = w.worth[abs(state[s])] - w.worth[abs(state[t])]
    return loss > 30 and is_defended(state, side, s, t)


@inlined
def order(w, ply, n, first, side):
    """Score all moves for sorting: table move, winning captures, killers, counter move, quiet moves by history, losing
    captures.
    """
    state, ids, values = w.states[ply], w.moves[ply], w.values[ply]
    history = w.history[0 if side > 0 else 1]
    before = w.played[ply - 1] if ply > 0 else -1
    counter = w.counters[before] if before >= 0 else -1
    for i in range(n):
        move = ids[i]
        s, t = FROM[move], TO[move]
        if move == first:
            values[i] = FIRST
        elif state[t] != 0:
            gain = 8 * w.worth[abs(state[t])] - w.worth[abs(state[s])]
            values[i] = gain - CAPTURE if sees_loss(w, state, side, s, t) else gain + CAPTURE
        elif move == w.killers[ply, 0]:
            values[i] = KILLER + 2
        elif move == w.killers[ply, 1]:
            values[i] = KILLER + 1
        elif move == counter:
            values[i] = KILLER
        else:
            values[i] = history[move]


@inlined
def pick(w, ply, i, n):
    """Swap the highest-valued move from `i` on into place `i` and return it."""
    ids, values = w.moves[ply], w.values[ply]
    best = i
    for k in range(i + 1, n):
        if values[k] > values[best]:
            best = k
    ids[i], ids[best] = ids[best], ids[i]
    values[i], values[best] = values[best], values[i]
    return ids[i]


@inlined
def add_history(history, move, bonus):
    history[move] += bonus - history[move] * abs(bonus) // 16384


@inlined
def update_history(w, ply, i, depth, side):
    """Reward the quiet move `i` for a beta cutoff and penalise the quiet moves tried before it."""
    ids, move = w.moves[ply], w.moves[ply, i]
    if w.killers[ply, 0] != move:
        w.killers[ply, 1] = w.killers[ply, 0]
        w.killers[ply, 0] = move
    if ply > 0 and w.played[ply - 1] >= 0:
        w.counters[w.played[ply - 1]] = move
    history, bonus = w.history[0 if side > 0 else 1], min(32 * depth * depth, 2000)
    add_history(history, move, bonus)
    for k in range(i):
        if w.states[ply, TO[ids[k]]] == 0:
            add_history(history, ids[k], -bonus)
