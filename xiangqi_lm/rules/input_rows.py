"""What a model needs in play: the rows of its inputs in one table, and the scores of legal moves alone.

The table holds a row for each piece on each square, one for each mark of its status, one for each square controlled by
either side, and one for each legal move of Red and then of Black, in the order of the model's own tables.
"""

from __future__ import annotations

import numpy as np

from .compiling import MINUS_ONE, ONE, decorators, sibling
from .moves import MOVE_COUNT
from .piece_status import MARKS, OF_PIECES

njit, inlined = decorators(globals())
_generation, _piece_status = sibling(globals(), "generation"), sibling(globals(), "piece_status")
STATE, set_up, generate = _generation.STATE, _generation.set_up, _generation.generate
piece_statuses = _piece_status.piece_statuses

KINDS_OF_PIECES = 14
STATUS = 90 * KINDS_OF_PIECES  # the first row of the marks of pieces
CONTROL = STATUS + OF_PIECES * 90 * KINDS_OF_PIECES  # of the squares controlled
MOVES = CONTROL + (MARKS - OF_PIECES) * 90  # of the legal moves
ROWS = MOVES + 2 * MOVE_COUNT
MOST = 32 * (1 + OF_PIECES) + 2 * 90 + 2 * 128  # rows of a position


@njit(allocates=True)
def input_rows(boards, status, legal, rows, ends):
    """Write the rows that boards (int8 [N, 90]) choose into `rows` (int64 [N * MOST]), one board's after the other's,
    and where each board's end into `ends` (int64 [N]); those of the status and of legal moves where asked for.

    Return how many there are.
    """
    state, ids = np.empty(STATE, dtype=np.int16), np.empty(128, dtype=np.int16)
    marks = np.empty((len(boards) if status else 0, MARKS, 90), dtype=np.bool_)
    if status:
        piece_statuses(boards, marks)
    n = 0
    for i in range(len(boards)):
        for s in range(90):
            piece = np.int64(boards[i, s])
            place = s * KINDS_OF_PIECES + piece + (7 if piece < 0 else 6)
            if piece != 0:
                rows[n] = place
                n += 1
            if not status:
                continue
            if piece != 0:
                for mark in range(OF_PIECES):
                    if marks[i, mark, s]:
                        rows[n] = STATUS + mark * 90 * KINDS_OF_PIECES + place
                        n += 1
            for side in range(MARKS - OF_PIECES):
                if marks[i, OF_PIECES + side, s]:
                    rows[n] = CONTROL + side * 90 + s
                    n += 1
        if legal:
            set_up(boards[i], state)
            count = generate(state, ONE, ids)
            for k in range(count):
                rows[n + k] = MOVES + ids[k]
            n += count
            count = generate(state, MINUS_ONE, ids)
            for k in range(count):
                rows[n + k] = MOVES + MOVE_COUNT + ids[k]
            n += count
        ends[i] = n
    return n


@njit(reassociate=True)
def legal_scores(hidden, weight, bias, classes, by_row, by_kind, scores):
    """Write the score of each legal move into `scores` (float32 [N, V]): its row of `weight` (float32 [V, width]) times
    `hidden` (float32 [N, width]), its `bias`, and what each of its classes (int16 [N, W, COLUMNS], see `move_classes`)
    is worth by `by_row` (float32 [N, rows]) and `by_kind` (float32 [rows, kinds of pieces])."""
    for i in range(len(classes)):
        for k in range(classes.shape[1]):
            move = classes[i, k, 0]
            if move == MOVE_COUNT:
                break
            score, kind = bias[move], classes[i, k, 1] - 1
            for d in range(hidden.shape[1]):
                score += hidden[i, d] * weight[move, d]
            for column in range(2, classes.shape[2]):
                row = classes[i, k, column]
                score += by_row[i, row] + by_kind[row, kind]
            scores[i, move] = score


@njit
def softmax_at(scores, ids, out):
    """Write the softmax of the scores (float32 [V]) with these ids (int16 [n]) into `out` (float32 [n])."""
    top = scores[ids[0]]
    for k in range(len(ids)):
        top = max(top, scores[ids[k]])
    total = np.float32(0)
    for k in range(len(ids)):
        out[k] = np.exp(scores[ids[k]] - top)
        total += out[k]
    for k in range(len(ids)):
        out[k] /= total
