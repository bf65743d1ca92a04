"""The search of the built-in engine, compiled by numba: alpha-beta with quiescence, reductions and pruning.

One call searches one depth from the root (`search_root`); `player` deepens, keeps the time and reads the results. The
techniques go by their usual names, described at https://www.chessprogramming.org/Search: transposition table, principal
variation search, null move, reverse futility pruning, razoring, futility pruning, late move pruning and reductions,
internal iterative reduction, check extensions, mate distance pruning, stand pat, delta pruning.

Scores are centipawns for the side to move; `MATE - n` is mate in n plies, `RULE_WIN - n` a win by the rule on
repetition.
"""

from __future__ import annotations

import numpy as np

from ...rules.compiling import MINUS_ONE, ONE, ZERO, decorators
from ...rules.generation import generate
from ...rules.moves import FROM, MOVE_ID, TO
from ...rules.pieces import KING, PAWN
from .evaluation import MATE, PROVEN
from .ordering import EXACT, LOWER, UPPER, find, order, pick, store, stored_score, update_history
from .position import (
    BEST,
    DEEPEST,
    DEPTH,
    INFINITE,
    MOST_NODES,
    MOST_PLIES,
    MOVE_LIMIT,
    NODES,
    ROOT,
    SELECTIVE,
    STOPPED,
    UNKNOWN,
    SearchState,
    insufficient_material,
    make_null_move,
    over,
    play,
    set_root,
    should_stop,
    static_score,
)
from .tactics import cannot_check, captures
from .terms import BLACK_FORCE, RED_FORCE

njit, inlined = decorators(globals(), beside=("terms", "evaluation", "tactics", "position", "ordering"))


@inlined
def extend_line(w, ply, move):
    """Put a move in front of the principal variation of the next ply."""
    w.lines[ply, ply] = move
    for k in range(ply + 1, w.ends[ply + 1]):
        w.lines[ply, k] = w.lines[ply + 1, k]
    w.ends[ply] = max(w.ends[ply + 1], ply + 1)


# ------------------------------------------------------------------------------------------------ quiescence


@njit(inner=True)
def quiesce(w, ply, alpha, beta, side):
    """Run the quiescence search: captures only, or all moves when in check; out of check the side may stand pat."""
    w.ends[ply] = ply
    if should_stop(w):
        return 0
    at = w.control[ROOT] + ply
    in_check = w.checks[at] != 0
    state, selective = w.states[ply], w.control[SELECTIVE] != 0
    if not in_check and insufficient_material(w, ply):
        return 0
    if ply >= MOST_PLIES:
        return static_score(w, ply, at, side)
    w.control[DEEPEST] = max(w.control[DEEPEST], ply)
    entry = find(w, w.keys[at])
    first, static = -1, UNKNOWN
    if entry != 0:
        first, static = (entry & 4095) - 1, (entry >> 44) - 32768
        score, bound = stored_score(entry, ply), (entry >> 12) & 3
        enough = selective or (entry >> 14) & 255 == 0
        if enough and (bound == EXACT or bound == (LOWER if score >= beta else UPPER)) and beta - alpha == 1:
            return score
    ids = w.moves[ply]
    if in_check:
        best = ply - MATE
        n = generate(state, side, ids)
    else:
        if static == UNKNOWN:
            static = static_score(w, ply, at, side)
        best = static  # stand pat
        if best >= beta:
            return best
        n = captures(state, side, ids)
    top = max(alpha, best)
    order(w, ply, n, first, side)
    found = MINUS_ONE
    for i in range(n):
        move = pick(w, ply, i, n)
        # ---- delta pruning, and captures that lose material
        hopeless = w.values[ply, i] < 0 or static + w.worth[abs(state[TO[move]])] + 150 <= top
        if hopeless and selective and not in_check:
            continue
        play(w, ply, at, move, side)
        score = -quiesce(w, ply + 1, -beta, -top, -side)
        if w.control[STOPPED] != 0:
            return 0
        if score > best:
            best = score
            if score > top:
                top = score
                found = move
                extend_line(w, ply, move)
                if score >= beta:
                    break
    bound = LOWER if best >= beta else (EXACT if best > alpha and beta - alpha > 1 else UPPER)
    store(w, w.keys[at], ply, found, bound, ZERO, best, UNKNOWN if in_check else static)
    return best


# ------------------------------------------------------------------------------------------------ the tree


@inlined
def late_move_reduction(w, ply, depth, i, side, pv, improving):
    """Return by how many plies the search of a late quiet move is reduced (late move reductions)."""
    plies = int(w.reductions[min(depth, 63), min(i + 1, 63)])
    plies += 0 if improving else 1
    plies -= 1 if pv else 0
    plies -= w.history[0 if side > 0 else 1, w.moves[ply, i]] // 6000
    return max(0, min(plies, depth - 2))


@inlined
def can_prune_quiet(depth, quiets, guess, top, improving):
    """Return whether to skip a quiet move near the leaves: late move pruning and futility pruning."""
    late = quiets > (3 + depth * depth) // (1 if improving else 2) + 1
    return (depth <= 5 and late) or guess + 60 + 70 * depth <= top


@inlined
def can_cut(depth, beta, guess, improving):
    """Return whether a position near the leaves is so good that its moves need no search: reverse futility pruning."""
    return depth <= 6 and guess - 70 * (depth - improving) >= beta and guess < PROVEN


@njit(inner=True)
def search(w, ply, depth, alpha, beta, side):
    """Return the score of a ply's position searched to `depth`; outside the window it is a bound.

    It is one long function because moving the table probe and the evaluation into functions of their own made it a
    quarter slower.
    """
    if depth <= 0 or ply >= MOST_PLIES:
        return quiesce(w, ply, alpha, beta, side)
    w.ends[ply] = ply
    if should_stop(w):
        return 0
    at = w.control[ROOT] + ply
    score = over(w, ply, at)
    if score != UNKNOWN:
        return score
    alpha, beta = max(alpha, ply - MATE), min(beta, MATE - ply - 1)  # mate distance pruning
    if alpha >= beta:
        return alpha
    pv, in_check, selective = beta - alpha > 1, w.checks[at] != 0, w.control[SELECTIVE] != 0
    state, sums, key = w.states[ply], w.sums[ply], w.keys[at]
    entry = find(w, key)  # ---- transposition table
    first, static = -1, UNKNOWN
    bound = 0
    if entry != 0:
        first, static = (entry & 4095) - 1, (entry >> 44) - 32768
        score, bound, stored = stored_score(entry, ply), (entry >> 12) & 3, (entry >> 14) & 255
        enough = stored >= depth if selective else stored == depth
        if enough and not pv and (bound == EXACT or bound == (LOWER if score >= beta else UPPER)):
            return score
    # ---- static evaluation
    improving, guess = False, UNKNOWN
    if not in_check:
        if static == UNKNOWN:
            static = static_score(w, ply, at, side)
        guess = static
        if bound == EXACT or (bound != 0 and bound == (LOWER if score > static else UPPER)):
            guess = score
        improving = ply >= 2 and static > w.static[ply - 2]
    w.static[ply] = static
    if selective and not in_check and not pv and abs(beta) < PROVEN:
        if can_cut(depth, beta, guess, improving):
            return guess
        if depth <= 2 and guess + 220 * depth <= alpha:  # razoring
            score = quiesce(w, ply, alpha, beta, side)
            if score <= alpha or w.control[STOPPED] != 0:
                return score
        # ---- null move pruning
        can_null = w.played[ply - 1] >= 0 and sums[RED_FORCE if side > 0 else BLACK_FORCE] > 0
        if can_null and depth >= 2 and guess >= beta:
            make_null_move(w, ply, at)
            reduction = 3 + depth // 4 + min((guess - beta) // 150, 3)
            score = -search(w, ply + 1, depth - reduction, -beta, 1 - beta, -side)
            if w.control[STOPPED] != 0:
                return 0
            if score >= beta:
                return score if score < PROVEN else beta
    if selective and first < 0 and depth >= 4:  # internal iterative reduction
        depth -= 1
    # ---- the moves
    n = generate(state, side, w.moves[ply])
    if n == 0:
        return ply - MATE
    if w.clock[at] >= MOVE_LIMIT:
        return 0
    if selective and in_check and ply < 2 * w.control[DEPTH]:  # check extension
        depth += 1
    w.killers[ply + 2, 0] = w.killers[ply + 2, 1] = -1
    order(w, ply, n, first, side)
    best, top, found, quiets = -INFINITE, alpha, MINUS_ONE, ZERO
    for i in range(n):
        move = pick(w, ply, i, n)
        quiet = state[TO[move]] == 0
        can_prune = False  # true: skipped, unless the move gives check
        if selective and not in_check and not pv and best > -PROVEN and abs(top) < PROVEN:
            if quiet:
                can_prune = depth <= 6 and can_prune_quiet(depth, quiets, guess, top, improving)
            else:
                can_prune = depth <= 3 and w.values[ply, i] < 0  # captures that lose material
        if can_prune and cannot_check(state, side, FROM[move], TO[move]):
            continue
        play(w, ply, at, move, side)
        check = w.checks[at + 1] != 0
        if can_prune and not check:
            w.control[NODES] -= 1
            continue
        can_reduce = selective and not in_check and not check
        reduction = 0
        if can_reduce and depth >= 3 and i >= 2 and (quiet or w.values[ply, i] < 0):
            reduction = late_move_reduction(w, ply, depth, i, side, pv, improving)
        # ---- principal variation search
        bound = beta if i == 0 else top + 1
        score = -search(w, ply + 1, depth - 1 - reduction, -bound, -top, -side)
        if score > top and reduction > 0:
            score = -search(w, ply + 1, depth - 1, -bound, -top, -side)
        if top < score < beta and i > 0:
            score = -search(w, ply + 1, depth - 1, -beta, -top, -side)
        if w.control[STOPPED] != 0:
            return 0
        quiets += quiet
        if score > best:
            best = score
            if score > top:
                top = score
                found = move
                extend_line(w, ply, move)
                if score >= beta:
                    if quiet:
                        update_history(w, ply, i, depth, side)
                    break
    kind = LOWER if best >= beta else (EXACT if found >= 0 and pv else UPPER)
    store(w, key, ply, found, kind, depth, best, static)
    return best


@njit
def search_root(w, first, n, depth, alpha, beta, side):
    """Search root moves `first` to `n` in order; return the best score and set `control[BEST]` to its index.

    The principal variation is in `lines[0]`. If the search was stopped before any move was finished, BEST is -1.
    """
    at = w.control[ROOT]
    w.control[BEST], w.control[DEPTH] = -1, depth
    best, top = -INFINITE, alpha
    w.ends[0] = 0
    w.killers[2, 0] = w.killers[2, 1] = -1
    for i in range(first, n):
        move = w.moves[0, i]
        if w.caps[i] <= top and i > first:
            score = w.caps[i]
        elif w.fixed[i] != UNKNOWN:
            score = w.fixed[i]
            w.ends[1] = 1
        else:
            play(w, ZERO, at, move, side)
            check = w.checks[at + 1] != 0
            late = i - first >= 3 and depth >= 3 and w.states[0, TO[move]] == 0 and not check and w.checks[at] == 0
            reduction = 0
            if w.control[SELECTIVE] != 0 and late:
                reduction = max(0, int(w.reductions[min(depth, 63), min(i - first + 1, 63)]) - 1)
            bound = beta if i == first else top + 1
            score = -search(w, ONE, depth - 1 - reduction, -bound, -top, -side)
            if score > top and reduction > 0:
                score = -search(w, ONE, depth - 1, -bound, -top, -side)
            if top < score < beta and i > first:
                score = -search(w, ONE, depth - 1, -beta, -top, -side)
            if w.control[STOPPED] != 0:
                return best
            score = min(score, w.caps[i])
        if score > best:
            best = score
            if score > top or w.control[BEST] < 0:
                w.control[BEST] = i
                extend_line(w, ZERO, move)
                top = max(top, score)
            if score >= beta:
                break
    return best


def warm(w: SearchState) -> None:
    """Compile everything a search calls, or load it from the cache; a large table's memory stays mostly untouched."""
    w = w._replace(table=w.table[:1024])
    board = np.zeros(90, dtype=np.int8)
    board[4], board[86], board[31] = KING, -KING, PAWN
    side = set_root(w, board, 1, np.empty(0, dtype=np.int16), 0)
    w.control[[MOST_NODES, STOPPED]] = 10, 0
    w.moves[0, 0] = MOVE_ID[4, 13]
    search_root(w, 0, 1, 2, -INFINITE, INFINITE, side)
    w.table[:] = 0
