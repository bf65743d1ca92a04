"""The arrays that a search of the built-in engine works on, its positions, and the rules inside the tree.

Inside the tree a side without a legal move loses. A position that occurred before in the searched line, or twice before
in the game, is judged at once by the moves in between: a side that checked with every one of them, while the other did
not, loses if `control[PERPETUALS]` says so; every other repetition is a draw (perpetual chases are judged at the root
alone, by `Board.outcome`). 120 plies without a capture are a draw, and so is material that cannot win.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...rules.compiling import ZERO, decorators
from ...rules.generation import STATE, make, set_up
from ...rules.moves import BLACK_TO_MOVE, FROM, KEYS, MOVE_COUNT, TO
from .evaluation import RULE_WIN
from .tactics import checked
from .terms import SUMS, TERMS, evaluate, nobody_can_win, refresh_accumulator, update_accumulator

MOST_PLIES = 100  # in one line
MOST_MOVES = 128
MOVE_LIMIT = 120  # plies without a capture that make a draw
INFINITE = 32_000
UNKNOWN = -INFINITE

(
    ROOT, NODES, MOST_NODES, STOPPED, BEST, GENERATION, SELECTIVE, DEEPEST, NOISE, DEPTH, PERPETUALS,
) = range(11)  # fmt: skip  # in SearchState.control
TURN = int(np.array([BLACK_TO_MOVE], dtype=np.uint64).view(np.int64)[0])

njit, inlined = decorators(globals(), beside=("terms", "evaluation", "tactics"))


class SearchState(NamedTuple):
    """The arrays of one search; most are indexed by ply first, those of the game's line by `control[ROOT]` + ply."""

    states: np.ndarray  # int16 [plies, STATE]
    sums: np.ndarray  # int32 [plies, SUMS]
    moves: np.ndarray  # int16 [plies, 128]; at ply 0 the root moves
    values: np.ndarray  # int32 [plies, 128], their ordering values
    fixed: np.ndarray  # int32 [128], scores of root moves decided by the rules; UNKNOWN: to be searched
    caps: np.ndarray  # int32 [128], upper bounds on the scores of root moves
    lines: np.ndarray  # int16 [plies, plies], principal variations
    ends: np.ndarray  # int16 [plies], their ends
    killers: np.ndarray  # int16 [plies, 2]
    counters: np.ndarray  # int16 [2086], counter moves: the quiet reply that last refuted a move
    history: np.ndarray  # int32 [2, 2086], by side
    played: np.ndarray  # int16 [plies], the move made at each ply; -1 for a null move
    static: np.ndarray  # int32 [plies], evaluations
    counts: np.ndarray  # int32 [TERMS], scratch
    keys: np.ndarray  # int64 [line], Zobrist keys of the positions since the last capture in the game
    checks: np.ndarray  # int8 [line], whether the side to move is in check
    since: np.ndarray  # int16 [line], plies to search back for repetitions
    clock: np.ndarray  # int16 [line], plies that count for the move limit
    table: np.ndarray  # int64 [slots, 2], key and packed entry
    rows: np.ndarray  # int32 [15, 90, SUMS]
    weights: np.ndarray  # int32 [2, TERMS]
    worth: np.ndarray  # int32 [8], piece values in exchanges
    words: np.ndarray  # int64 [15, 90], Zobrist keys of pieces on squares
    reductions: np.ndarray  # int8 [64, 64], by depth and move number
    control: np.ndarray  # int64 [11]
    stop: np.ndarray  # int8 [1], set from another thread


def new_state(line: int, slots: int, rows: np.ndarray, weights: np.ndarray, worth: np.ndarray) -> SearchState:
    """Return empty arrays; `line` is the number of game positions before the root, `slots` a power of two."""
    plies = MOST_PLIES + 2
    depth, number = np.meshgrid(np.arange(64), np.arange(64), indexing="ij")
    reductions = 0.6 + np.log(np.maximum(depth, 1)) * np.log(np.maximum(number, 1)) / 2.1
    return SearchState(
        states=np.zeros((plies, STATE), dtype=np.int16),
        sums=np.zeros((plies, SUMS), dtype=np.int32),
        moves=np.zeros((plies, MOST_MOVES), dtype=np.int16),
        values=np.zeros((plies, MOST_MOVES), dtype=np.int32),
        fixed=np.full(MOST_MOVES, UNKNOWN, dtype=np.int32),
        caps=np.full(MOST_MOVES, INFINITE, dtype=np.int32),
        lines=np.zeros((plies, plies), dtype=np.int16),
        ends=np.zeros(plies, dtype=np.int16),
        killers=np.full((plies, 2), -1, dtype=np.int16),
        counters=np.full(MOVE_COUNT, -1, dtype=np.int16),
        history=np.zeros((2, MOVE_COUNT), dtype=np.int32),
        played=np.full(plies, -1, dtype=np.int16),
        static=np.zeros(plies, dtype=np.int32),
        counts=np.zeros(TERMS, dtype=np.int32),
        keys=np.zeros(line + plies, dtype=np.int64),
        checks=np.zeros(line + plies, dtype=np.int8),
        since=np.zeros(line + plies, dtype=np.int16),
        clock=np.zeros(line + plies, dtype=np.int16),
        table=np.zeros((slots, 2), dtype=np.int64),
        rows=rows,
        weights=weights,
        worth=worth,
        words=np.array(KEYS, dtype=np.uint64).view(np.int64),
        reductions=reductions.astype(np.int8),
        control=np.zeros(11, dtype=np.int64),
        stop=np.zeros(1, dtype=np.int8),
    )


# ------------------------------------------------------------------------------------------------ positions


@inlined
def play(w, ply, at, move, side):
    """Write the position after a move to the next ply."""
    s, t = FROM[move], TO[move]
    state, below = w.states[ply], w.states[ply + 1]
    piece, taken = state[s], state[t]
    for k in range(STATE):
        below[k] = state[k]
    make(below, s, t)
    update_accumulator(w.sums[ply], w.sums[ply + 1], w.rows, piece, taken, s, t)
    words = w.words
    w.keys[at + 1] = w.keys[at] ^ words[piece + 7, s] ^ words[piece + 7, t] ^ words[taken + 7, t] ^ TURN
    w.checks[at + 1] = checked(below, -side)
    w.since[at + 1] = 0 if taken != 0 else w.since[at] + 1
    w.clock[at + 1] = 0 if taken != 0 else w.clock[at] + 1
    w.played[ply] = move
    w.control[NODES] += 1


@inlined
def make_null_move(w, ply, at):
    """Write the position after a null move to the next ply; repetitions are not looked for across it."""
    state, below, sums, sums_below = w.states[ply], w.states[ply + 1], w.sums[ply], w.sums[ply + 1]
    for k in range(STATE):
        below[k] = state[k]
    for k in range(SUMS):
        sums_below[k] = sums[k]
    w.keys[at + 1] = w.keys[at] ^ TURN
    w.checks[at + 1] = 0
    w.since[at + 1] = 0
    w.clock[at + 1] = w.clock[at]
    w.played[ply] = -1
    w.control[NODES] += 1


@inlined
def static_score(w, ply, at, side):
    """Return the static evaluation, plus the player's noise if it has any."""
    score = evaluate(w.states[ply], side, w.sums[ply], w.weights, w.counts)
    if w.control[NOISE] != 0:
        score += ((((w.keys[at] ^ w.control[NOISE]) * 0x2545F4914F6CDD1D) >> 61) & 7) - 3
    return score


@njit
def set_root(w, board, side, ids, clock):
    """Fill in the root, and the keys and checks before it; `board` (int8 [90]) is the position before the moves `ids`.

    None of the moves is a capture; `clock` counts towards the move limit. Returns the side to move at the root.
    """
    n = len(ids)
    set_up(board, w.states[0])
    refresh_accumulator(w.states[0], w.rows, w.sums[0])
    w.control[ROOT] = n
    key = 0 if side > 0 else TURN
    for s in range(90):
        if board[s] != 0:
            key ^= w.words[board[s] + 7, s]
    w.keys[0], w.checks[0], w.since[0] = key, checked(w.states[0], side), 0
    for i in range(n):
        play(w, ZERO, i, ids[i], side)
        side = -side
        for k in range(STATE):
            w.states[0, k] = w.states[1, k]
        for k in range(SUMS):
            w.sums[0, k] = w.sums[1, k]
    w.clock[n] = clock
    w.control[NODES] = 0
    return side


# ------------------------------------------------------------------------------------------------ rules in the tree


@inlined
def find_repetition(w, at):
    """Return the plies back to the position that the present one repeats; 0 if there is nothing to judge yet."""
    seen = False
    for back in range(4, w.since[at] + 1, 2):
        if w.keys[at - back] == w.keys[at]:
            if seen or at - back >= w.control[ROOT]:
                return back
            seen = True
    return 0


@inlined
def repetition_score(w, at, back, ply):
    """Return the score of a repetition for the side to move, judged by checks alone."""
    if w.control[PERPETUALS] == 0:
        return 0
    mine, theirs = True, True  # whether each side checked with every move
    for k in range(0, back, 2):
        theirs = theirs and w.checks[at - k] != 0
        mine = mine and w.checks[at - k - 1] != 0
    if theirs and not mine:
        return RULE_WIN - ply
    if mine and not theirs:
        return ply - RULE_WIN
    return 0


@inlined
def insufficient_material(w, ply):
    """Return whether the game is drawn because neither side has the pieces to win."""
    return nobody_can_win(w.sums[ply])


@inlined
def over(w, ply, at):
    """Return the score that the rules give to a position before its moves are generated, or UNKNOWN."""
    back = find_repetition(w, at)
    if back > 0:
        return repetition_score(w, at, back, ply)
    if w.checks[at] == 0 and (w.clock[at] >= MOVE_LIMIT or insufficient_material(w, ply)):
        return 0
    return UNKNOWN


@inlined
def should_stop(w):
    """Return whether to stop the search; called at every node."""
    control = w.control
    if control[NODES] >= control[MOST_NODES] or (control[NODES] & 255 == 0 and w.stop[0] != 0):
        control[STOPPED] = 1
    return control[STOPPED] != 0
