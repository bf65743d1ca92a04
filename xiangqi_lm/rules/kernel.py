"""The kernels that the rest of the program calls: legal moves, perft, lines of moves, and many positions at once.

They are compiled by numba, release the GIL and are cached on disk; the same source also runs uncompiled (`jit`).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from .compiling import decorators, sibling
from .moves import FROM, HALF_TURN_ID, MOVE_COUNT, TO
from .pieces import KING, PAWN

MOST_MOVES = 128  # buffer size; no position has 112 legal moves or more

njit, _ = decorators(globals())
_attacks, _generation = sibling(globals(), "attacks"), sibling(globals(), "generation")
_chasing, _piece_status = sibling(globals(), "chasing"), sibling(globals(), "piece_status")
_move_classes, _input_rows = sibling(globals(), "move_classes"), sibling(globals(), "input_rows")
attacked, attackers, king_square, in_check = (
    _attacks.attacked, _attacks.attackers, _attacks.king_square, _attacks.in_check,
)  # fmt: skip
is_legal, reaches, safe = _attacks.is_legal, _attacks.reaches, _attacks.safe
STATE, set_up, make = _generation.STATE, _generation.set_up, _generation.make
generate, count = _generation.generate, _generation.count
MARKS = _piece_status.MARKS


@njit(allocates=True)
def legal_ids(board, side, out):
    """Write the ids of all legal moves into `out` (int16, at least 128 long) and return their number."""
    state = np.empty(STATE, dtype=np.int16)
    set_up(board, state)
    return generate(state, side, out)


@njit(allocates=True)
def final_ids(board, side, out):
    """Write the ids of the legal moves that leave the other side without a legal move; return their number."""
    state, below = np.empty(STATE, dtype=np.int16), np.empty(STATE, dtype=np.int16)
    ids, replies = np.empty(MOST_MOVES, dtype=np.int16), np.empty(MOST_MOVES, dtype=np.int16)
    set_up(board, state)
    n = 0
    for i in range(generate(state, side, ids)):
        for k in range(STATE):
            below[k] = state[k]
        make(below, FROM[ids[i]], TO[ids[i]])
        if count(below, -side, replies) == 0:
            out[n] = ids[i]
            n += 1
    return n


@njit(inner=True)
def _paths(states, side, depth, buffers):
    """Return `perft` from states[depth - 1], overwriting the rows before it."""
    state, ids = states[depth - 1], buffers[depth - 1]
    if depth == 1:
        return count(state, side, ids)
    below = states[depth - 2]
    total = 0
    for i in range(generate(state, side, ids)):
        for k in range(STATE):
            below[k] = state[k]
        make(below, FROM[ids[i]], TO[ids[i]])
        total += _paths(states, -side, depth - 1, buffers)
    return total


@njit(allocates=True)
def perft(board, side, depth, buffers):
    """Return the number of leaves of the tree of legal moves; `buffers` is int16 [depth, 128].

    The moves of the last ply are counted, not played.
    """
    states = np.empty((depth, STATE), dtype=np.int16)
    set_up(board, states[depth - 1])
    return _paths(states, side, depth, buffers)


# ------------------------------------------------------------------------------------------------ many positions


@njit
def play(board, side, ids):
    """Play moves on `board` in place until one is illegal; return how many were legal."""
    for i in range(len(ids)):
        if not is_legal(board, side, np.int64(ids[i])):
            return i
        s, t = FROM[ids[i]], TO[ids[i]]
        board[t] = board[s]
        board[s] = 0
        side = -side
    return len(ids)


@njit
def unroll(board, side, ids, boards, seen):
    """Write every position of a line into `boards` (int8 [T, 90]) as the side to move sees it, as if it were Red.

    `boards[t]` precedes move t, and `seen[t]` (int16 [T]) is move t in that view. Moves are not checked. `board`
    becomes the last position.
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
def line_keys(board, side, ids, table, black, keys):
    """Write the Zobrist key of every position of a line into `keys` (uint64 [T + 1]), before each move and at the end.

    `table` (uint64 [15, 90]) and `black` are `moves.KEYS` and `moves.BLACK_TO_MOVE`. Moves are not checked. `board`
    becomes the last position.
    """
    key = black if side < 0 else black ^ black
    for s in range(90):
        key = key ^ table[board[s] + 7, s]
    keys[0] = key
    for i in range(len(ids)):
        a, b = FROM[ids[i]], TO[ids[i]]
        key = key ^ black ^ table[board[a] + 7, a] ^ table[board[a] + 7, b] ^ table[board[b] + 7, b]
        board[b] = board[a]
        board[a] = 0
        keys[i + 1] = key


@njit(allocates=True)
def _masks(boards, sides, out, first, last):
    ids = np.empty(MOST_MOVES, dtype=np.int16)
    state = np.empty(STATE, dtype=np.int16)
    for i in range(first, last):
        set_up(boards[i], state)
        n = generate(state, np.int64(sides[i]), ids)
        for k in range(MOVE_COUNT):
            out[i, k] = False
        for k in range(n):
            out[i, ids[k]] = True


def legal_masks(boards: np.ndarray, sides: np.ndarray, threads: int = 1) -> np.ndarray:
    """Return legal moves of many positions: int8 [B, 90] and int8 [B] -> bool [B, 2086]; releases the GIL."""
    out = np.empty((len(boards), MOVE_COUNT), dtype=np.bool_)
    _shared(lambda first, last: _masks(boards, sides, out, first, last), len(boards), threads)
    return out


def move_classes(boards: np.ndarray, threads: int = 1) -> np.ndarray:
    """Return the classes of each legal move of Red (see `rules.move_classes`): int8 [N, 90] -> int16 [N, W, COLUMNS].

    W is the largest number of moves of any board; after a board's moves the rows hold MOVE_COUNT as id, and zeros.
    """
    out = np.zeros((len(boards), MOST_MOVES, _move_classes.COLUMNS), dtype=np.int16)
    counts = np.zeros(len(boards), dtype=np.int64)
    _shared(lambda first, last: _move_classes.classify(boards, out, counts, first, last), len(boards), threads)
    return np.ascontiguousarray(out[:, : max(1, counts.max(initial=0))])


def _shared(work: Callable[[int, int], None], count: int, threads: int) -> None:
    """Call `work(first, last)` for parts of `count` boards, one part per thread."""
    if threads <= 1 or count < 256:
        return work(0, count)
    edges = np.linspace(0, count, threads + 1).astype(int).tolist()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def piece_statuses(boards: np.ndarray) -> np.ndarray:
    """Return piece status and control of squares: int8 [N, 90] -> bool [N, 6, 90], see `rules.piece_status`."""
    out = np.empty((len(boards), MARKS, 90), dtype=np.bool_)
    _piece_status.piece_statuses(boards, out)
    return out


def input_rows(boards: np.ndarray, status: bool, legal: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows that positions choose as inputs (see `rules.input_rows`) and where each one's begin: int8 [N, 90]
    -> int64 [R], int64 [N]."""
    rows, ends = np.empty(len(boards) * _input_rows.MOST, dtype=np.int64), np.zeros(len(boards) + 1, dtype=np.int64)
    count = _input_rows.input_rows(boards, status, legal, rows, ends[1:])
    return rows[:count], ends[:-1]


legal_scores, softmax_at = _input_rows.legal_scores, _input_rows.softmax_at


def _few_pieces() -> np.ndarray:
    board = np.zeros(90, dtype=np.int8)
    board[4], board[85], board[31] = KING, -KING, PAWN
    return board


def warm_classes() -> None:
    """Compile, or load from the cache, what a model and a library need besides `warm`."""
    board, moves = _few_pieces(), np.zeros(1, dtype=np.int16)
    legal_masks(board[None], np.ones(1, dtype=np.int8))
    unroll(board.copy(), 1, moves, np.empty((1, 90), dtype=np.int8), np.empty(1, dtype=np.int16))
    line_keys(board.copy(), 1, moves, np.zeros((15, 90), np.uint64), np.uint64(1), np.empty(2, np.uint64))
    piece_statuses(np.zeros((1, 90), dtype=np.int8))
    classes = move_classes(board[None])
    input_rows(board[None], True, True)
    by_row, by_kind = np.zeros((1, _move_classes.ROWS), np.float32), np.zeros((_move_classes.ROWS, 7), np.float32)
    scores, weight = np.zeros((1, MOVE_COUNT), np.float32), np.zeros((MOVE_COUNT, 1), np.float32)
    legal_scores(scores[:, :1].copy(), weight, scores[0], classes, by_row, by_kind, scores)
    softmax_at(scores[0], np.zeros(1, np.int16), np.zeros(1, np.float32))


def warm() -> None:
    """Compile, or load from the cache, what a game needs but for rulings on repetition, see `warm_chases`."""
    board = _few_pieces()
    out = np.empty(MOST_MOVES, dtype=np.int16)
    legal_ids(board, 1, out)
    final_ids(board, 1, out)
    legal_ids(board, 1, out)
    is_legal(board, 1, int(out[0]))
    in_check(board, 1)
    attacked(board, 4, -1)
    attackers(board, 4, -1, out)
    king_square(board, 1)
    play(board.copy(), 1, out[:1])
    _chasing.counted_plies(board, 1, out[:1].copy(), 0, 10)


def warm_chases() -> None:
    """Compile, or load from the cache, what rulings on repetition need besides `warm`."""
    board, pairs = _few_pieces(), np.empty((_chasing.MOST_CHASES, 2), dtype=np.int16)
    _chasing.chases(board, 1, pairs)
    _chasing.held_by_horse(board, 1, 31)
    _chasing.threats_made(board, 1, 31, 40, False, pairs)
