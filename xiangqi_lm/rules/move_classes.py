"""Classes of each legal move: what it takes, wins, leaves hanging and threatens; for many boards at once.

Everything is seen from the side to move. A move has one class in each of the FACTORS; all classes are numbered in
sequence, so that a class is a row of one table of ROWS rows.
"""

from __future__ import annotations

import numpy as np

from .compiling import MINUS_ONE, ONE, ZERO, decorators, sibling
from .lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND
from .moves import FROM, MOVE_COUNT, TO
from .piece_status import WORTH
from .pieces import CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import FILE_OF, RANK_OF

njit, inlined = decorators(globals())
_generation, _exchange = sibling(globals(), "generation"), sibling(globals(), "exchange")
_mates = sibling(globals(), "mates")
STATE, SLOT, WHERE = _generation.STATE, _generation.SLOT, _generation.WHERE
RANKS, FILES = _generation.RANKS, _generation.FILES
set_up, generate, stays_safe = _generation.set_up, _generation.generate, _generation.stays_safe
checks, mates, fighters = _mates.checks, _mates.mates, _mates.fighters
can_move, within = _mates.can_move, _mates.within
play, undo = _mates.play, _mates.undo
exchange, prey, take, put_back = _exchange.exchange, _exchange.prey, _exchange.take, _exchange.put_back
ANY = _exchange.ANY

# ------------------------------------------------------------------------------------------------ the classes

FACTORS = {
    "taken": 4,  # nothing, a piece cheaper than the moving one, an equal one, a dearer one
    "exchange": 9,  # what the exchange on the move's target square wins: BUCKETS
    "left": 5,  # the most the opponent can then win by an exchange on another square: BUCKETS from 0 up
    "net": 10,  # the opponent mates in one; or the capture minus the most the opponent can then win: BUCKETS
    "threat": 5,  # the most the moved piece then threatens to win by an exchange: BUCKETS from 0 up
    "hung": 3,  # what the opponent could win by taking the piece before it moves: nothing, up to 3 pawns, more
    "check": 6,  # quiet, gives check, ends the game; then the same three for evasions of check
}
ROWS = sum(FACTORS.values())
(_TAKEN, _EXCHANGE, _LEFT, _NET, _THREAT, _HUNG, _CHECK) = (
    int(x) for x in np.cumsum([0, *FACTORS.values()])[: len(FACTORS)]
)
COLUMNS = 2 + len(FACTORS)  # the columns of a move: its id, the kind of piece, and a row for each factor
MOST_MOVES = 128


def _bucket(value: int) -> int:
    """Return the class of a number of pawns: up to -7, -6 to -4, -3 to -2, -1, 0, 1, 2 to 3, 4 to 6, 7 and more."""
    return int(np.searchsorted([-6, -3, -1, 0, 1, 2, 4, 7], value, "right"))


FAR = 10  # more than any piece but the king is worth
BUCKETS = np.array([_bucket(value) for value in range(-FAR, FAR + 1)], dtype=np.int16)  # by value + FAR
SMALL, LARGE = 1, 4  # pawns won from a hanging piece: the least that counts, and the least that counts as much
_ZERO = int(BUCKETS[FAR])


# ------------------------------------------------------------------------------------------------ exchanges


@njit(inner=True)
def _attacked(state, side, squares, wins, levels):
    """Write the squares of the enemy pieces that `side` attacks and what it wins on each; return their number.

    `wins` holds the gains by square, -1 on all other squares.
    """
    base = 0 if side > 0 else 16
    n = ZERO
    for slot in range(16):
        s = int(state[WHERE + base + slot])
        if s >= 0:
            n = prey(state, side, s, squares, n)
    wins[:] = -1
    kept = 0
    for i in range(n):
        q = int(squares[i])
        if wins[q] < 0:
            wins[q] = exchange(state, side, q, ANY, levels)
            squares[kept] = q
            kept += 1
    return kept


@inlined
def _on(lines, at):
    return (lines >> int(at)) & 1 != 0


@njit(inner=True)
def _threats(state, side):
    """Return the files with rooks, cannons or the king of `side` and the ranks with its rooks or cannons, as bits; and
    whether one of its horses or pawns is near the enemy king."""
    base = 0 if side > 0 else 16
    king = int(state[WHERE + 16 - base])
    files, ranks, leapers = 0, 0, False
    for slot in range(16):
        s = int(state[WHERE + base + slot])
        if s < 0:
            continue
        kind = state[s] * side
        if kind in (ROOK, CANNON):
            files |= 1 << int(FILE_OF[s])
            ranks |= 1 << int(RANK_OF[s])
        elif kind == KING:
            files |= 1 << int(FILE_OF[s])
        elif kind in (HORSE, PAWN):
            leapers |= within(2, s, king)
    return files, ranks, leapers


@njit(inner=True)
def _mark_blockable(state, side, near):
    """Mark the squares next to horses and elephants of `side`, on which pieces block them, in `near` (bool [90])."""
    base = 0 if side > 0 else 16
    near[:] = False
    for slot in range(16):
        s = int(state[WHERE + base + slot])
        if s >= 0 and (state[s] == side * HORSE or state[s] == side * ELEPHANT):
            for rank in range(max(0, int(RANK_OF[s]) - 1), min(9, int(RANK_OF[s]) + 1) + 1):
                for file in range(max(0, int(FILE_OF[s]) - 1), min(8, int(FILE_OF[s]) + 1) + 1):
                    near[9 * rank + file] = True


@inlined
def _shares_line(q, s, files, ranks):
    """Return whether two squares share one of these lines."""
    file, rank = FILE_OF[q], RANK_OF[q]
    return (FILE_OF[s] == file and _on(files, file)) or (RANK_OF[s] == rank and _on(ranks, rank))


@inlined
def _note(state, side, by, kind, q, squares, n):
    """Write `q` if it holds an enemy piece and `by` holds a piece of that kind."""
    if state[by] == side * kind and state[q] * side < 0:
        squares[n] = q
        n += 1
    return n


@njit(inner=True)
def _opened(state, side, s, t, screens, files, ranks, blockable, squares, n):
    """Write the squares of enemy pieces that `side` may newly attack after an enemy move from `s` to `t`.

    The move has unblocked lines, horses and elephants and, if `screens`, gives cannons a screen. `files` and `ranks`
    are those with rooks and cannons of `side`. Return the new end of `squares`.
    """
    for end in range(2 if screens else 1):
        at = s if end == 0 else t
        file, rank = FILE_OF[at], RANK_OF[at]
        for line in range(2):
            if line == 0:
                if not _on(ranks, rank):
                    continue
                word, origin, step = ROW[file, state[RANKS + rank] & 511], at - file, 1
            else:
                if not _on(files, file):
                    continue
                word, origin, step = COLUMN[rank, state[FILES + file] & 1023], int(file), 9
            low, high = (word >> LOW) & 15, (word >> HIGH) & 15
            if low == NONE or high == NONE:
                continue
            below, above = origin + step * low, origin + step * high
            if end == 1:
                n = _note(state, side, below, CANNON, above, squares, n)
                n = _note(state, side, above, CANNON, below, squares, n)
                continue
            n = _note(state, side, below, ROOK, above, squares, n)
            n = _note(state, side, above, ROOK, below, squares, n)
            low, high = (word >> (LOW + SECOND)) & 15, (word >> (HIGH + SECOND)) & 15
            if low != NONE:
                n = _note(state, side, above, CANNON, origin + step * low, squares, n)
                n = _note(state, side, origin + step * low, CANNON, above, squares, n)
            if high != NONE:
                n = _note(state, side, below, CANNON, origin + step * high, squares, n)
                n = _note(state, side, origin + step * high, CANNON, below, squares, n)
    if blockable[s]:
        base = 0 if side > 0 else 16
        for slot in range(16):
            by = int(state[WHERE + base + slot])
            if by >= 0 and within(1, by, s) and (state[by] == side * HORSE or state[by] == side * ELEPHANT):
                n = prey(state, side, by, squares, n)
    return n


@njit(inner=True)
def _left(state, s, t, screens, attacked, before, mine, theirs, blockable, wins, levels):
    """Return the most that Black can win by an exchange elsewhere than on `t`, once Red has moved from `s` to `t`.

    `mine` and `theirs` are both sides' `_threats` before the move; `attacked` holds the squares of the `before` pieces
    that Black attacked then, and `wins` the gains, which remain valid where the move affects neither the square nor a
    king. `screens`: `t` was empty.
    """
    kind, n = state[t], _opened(state, MINUS_ONE, s, t, screens, theirs[0], theirs[1], blockable, attacked, before)
    king, his = int(state[WHERE]), int(state[WHERE + 16])
    files, ranks, leapers = mine
    if kind in (ROOK, CANNON):
        files, ranks = files | (1 << int(FILE_OF[t])), ranks | (1 << int(RANK_OF[t]))
    by_mine = within(2, king, s) or within(2, king, t)
    by_his = within(2, his, s) or within(2, his, t)
    kings = kind == KING or (by_mine and theirs[2]) or (by_his and (leapers or kind in (HORSE, PAWN)))
    kings |= _shares_line(king, s, theirs[0], theirs[1]) or _shares_line(king, t, theirs[0], theirs[1])
    kings |= _shares_line(his, s, files, ranks) or _shares_line(his, t, files, ranks)
    files |= theirs[0] | (1 << int(FILE_OF[king])) | (1 << int(FILE_OF[his]))  # a capture may bring a rook there
    ranks |= theirs[1] | (1 << int(RANK_OF[king])) | (1 << int(RANK_OF[his]))
    best = 0
    for i in range(n):
        q = int(attacked[i])
        if q == t or state[q] == 0 or WORTH[abs(state[q])] <= best:
            continue
        same = i < before and not kings and not within(2, q, s) and not within(2, q, t)
        same = same and not _shares_line(q, s, files, ranks) and not _shares_line(q, t, files, ranks)
        if same and not (by_mine and within(2, q, king)) and not (by_his and within(2, q, his)):
            best = max(best, wins[q])
        else:
            best = max(best, exchange(state, MINUS_ONE, q, ANY, levels))
    return best


@njit(inner=True)
def _threat(state, side, s, squares, levels):
    """Return the most that the piece on `s` could win by a capture if `side` were to move."""
    king = state[WHERE + (0 if side > 0 else 16)]
    best = 0
    for i in range(prey(state, side, s, squares, ZERO)):
        q = int(squares[i])
        worth = int(WORTH[abs(state[q])])
        if worth <= best or worth > FAR or not stays_safe(state, side, king, s, q):
            continue
        taken, slot = take(state, s, q)
        best = max(best, worth - exchange(state, -side, q, worth - best, levels))
        put_back(state, s, q, taken, slot)
    return best


# ------------------------------------------------------------------------------------------------ the kernel


@njit(inner=True)
def _classify(board, state, ids, squares, attacked, blockable, slots, wins, levels, out):
    """Write the classes of each legal move of Red into `out` (int16 [MOST_MOVES, COLUMNS]); return their number."""
    set_up(board, state)
    king, his = state[WHERE], state[WHERE + 16]
    if king < 0 or his < 0:
        return 0
    evades = 0 if stays_safe(state, ONE, king, king, king) else 3
    before = _attacked(state, MINUS_ONE, attacked, wins, levels)
    mine, theirs = _threats(state, ONE), _threats(state, MINUS_ONE)
    _mark_blockable(state, MINUS_ONE, blockable)
    armed = fighters(state, MINUS_ONE, slots)
    n = generate(state, ONE, ids)
    for i in range(n):
        s, t = int(FROM[ids[i]]), int(TO[ids[i]])
        kind, worth = state[s], int(WORTH[abs(state[t])])
        hung = 0 if kind == KING else wins[s]
        check = checks(state, his, ONE, s, t)
        taken, slot = play(state, s, t)
        final = not can_move(state, MINUS_ONE, ZERO if check else ONE, squares)
        back = exchange(state, MINUS_ONE, t, ANY, levels)
        left = _left(state, s, t, worth == 0, attacked, before, mine, theirs, blockable, wins, levels)
        mated = mates(state, MINUS_ONE, slots, armed, squares)
        threat = _threat(state, ONE, t, squares, levels)
        undo(state, s, t, taken, slot)
        out[i, 0] = ids[i]
        out[i, 1] = kind
        out[i, 2] = _TAKEN + (0 if worth == 0 else 2 + (worth > WORTH[kind]) - (worth < WORTH[kind]))
        out[i, 3] = _EXCHANGE + BUCKETS[worth - back + FAR]
        out[i, 4] = _LEFT - _ZERO + BUCKETS[left + FAR]
        out[i, 5] = _NET + (0 if mated else 1 + BUCKETS[worth - max(back, left) + FAR])
        out[i, 6] = _THREAT - _ZERO + BUCKETS[threat + FAR]
        out[i, 7] = _HUNG + (hung >= SMALL) + (hung >= LARGE)
        out[i, 8] = _CHECK + evades + (2 if final else (1 if check else 0))
    return n


@njit(allocates=True)
def classify(boards, out, counts, first, last):
    """Fill out[first:last] (int16 [N, MOST_MOVES, COLUMNS], zeros) for boards[first:last], and `counts` with the
    numbers of moves."""
    state, ids, wins = np.empty(STATE, np.int16), np.empty(MOST_MOVES, np.int16), np.empty(90, np.int16)
    squares, attacked, blockable = np.empty(256, np.int16), np.empty(256, np.int16), np.empty(90, np.bool_)
    slots, levels = np.empty(16, np.int16), np.empty(_exchange.LONGEST * _exchange.LEVEL, np.int16)
    for i in range(first, last):
        counts[i] = _classify(boards[i], state, ids, squares, attacked, blockable, slots, wins, levels, out[i])
        for k in range(counts[i], MOST_MOVES):
            out[i, k, 0] = MOVE_COUNT
