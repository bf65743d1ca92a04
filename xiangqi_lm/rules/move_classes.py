"""What each legal move does, as small classes: what it takes, wins, leaves hanging and threatens; many boards at once.

All is said from the side to move. A move has one class in each of the FACTORS; they are numbered on, so that a class is
a row of one table of ROWS rows.
"""

from __future__ import annotations

import numpy as np

from .compiling import decorators, sibling
from .lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND, THIRD
from .moves import FROM, MOVE_COUNT, TO
from .piece_status import WORTH
from .pieces import CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import FILE_OF, HORSE_FROM, HORSE_FROM_LEG, PAWN_FROM, RANK_OF

njit, inlined = decorators(globals())
_generation, _exchange = sibling(globals(), "generation"), sibling(globals(), "exchange")
STATE, SLOT, WHERE = _generation.STATE, _generation.SLOT, _generation.WHERE
RANKS, FILES = _generation.RANKS, _generation.FILES
set_up, make, generate, targets = _generation.set_up, _generation.make, _generation.generate, _generation._targets
stays_safe = _generation.stays_safe
exchange, prey, take, put_back = _exchange.exchange, _exchange.prey, _exchange.take, _exchange.put_back
ANY = _exchange.ANY

# ------------------------------------------------------------------------------------------------ the classes

FACTORS = {
    "taken": 4,  # nothing, a cheaper piece than the one that moves, an equal one, a dearer one
    "exchange": 9,  # what is won on the square the move goes to, once both sides have taken back there: BUCKETS
    "left": 5,  # the most that the opponent then wins by an exchange on another square: BUCKETS from 0 on
    "net": 10,  # the opponent then mates in one; or what is taken less the most he then wins anywhere: BUCKETS
    "threat": 5,  # the most that the moved piece then threatens to win by an exchange: BUCKETS from 0 on
    "hung": 3,  # what the opponent could win of the moving piece where it stood: nothing, up to 3 pawns, more
    "check": 6,  # quiet, gives check, ends the game; then the same for moves out of check
}
ROWS = sum(FACTORS.values())
(_TAKEN, _EXCHANGE, _LEFT, _NET, _THREAT, _HUNG, _CHECK) = (
    int(x) for x in np.cumsum([0, *FACTORS.values()])[: len(FACTORS)]
)
COLUMNS = 2 + len(FACTORS)  # of what is said about a move: its id, the kind of piece, and a row for each factor
MOST_MOVES = 128


def _bucket(value: int) -> int:
    """The class of a number of pawns: -7 and less, to -4, to -2, -1, 0, 1, to 3, to 6, 7 and more."""
    return int(np.searchsorted([-6, -3, -1, 0, 1, 2, 4, 7], value, "right"))


FAR = 10  # beyond every piece's worth but the king's
BUCKETS = np.array([_bucket(value) for value in range(-FAR, FAR + 1)], dtype=np.int16)  # by value + FAR
SMALL, LARGE = 1, 4  # the least that is won of a piece that hung, and that is much
_ZERO = int(BUCKETS[FAR])


# ------------------------------------------------------------------------------------------------ moves on a state


@inlined
def _play(state, s, t):
    """Play a move; returns what `_undo` needs."""
    taken, slot = state[t], state[SLOT + t]
    make(state, s, t)
    return taken, slot


@inlined
def _undo(state, s, t, taken, slot):
    """Take back what `_play` played."""
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


@njit
def _can_move(state, side, squares):
    """Whether `side` has a legal move."""
    base = 0 if side > 0 else 16
    king = state[WHERE + base]
    for slot in range(16):
        s = state[WHERE + base + slot]
        if s < 0:
            continue
        for i in range(targets(state, side, s, state[s] * side, squares, 0)):
            if stays_safe(state, side, king, s, squares[i]):
                return True
    return False


# ------------------------------------------------------------------------------------------------ checks


@njit
def _checks(state, king, side, s, t):
    """Whether the move of `side` from `s` to `t` attacks the enemy king on `king`, looked up without making it."""
    mover = state[s] * side
    file, rank = FILE_OF[king], RANK_OF[king]
    for line in range(2):
        if line == 0:
            men = state[RANKS + rank]
            if RANK_OF[s] == rank:
                men &= ~(1 << int(FILE_OF[s]))
            if RANK_OF[t] == rank:
                men |= 1 << int(FILE_OF[t])
            word, origin, step = ROW[file, men & 511], king - file, 1
        else:
            men = state[FILES + file]
            if FILE_OF[s] == file:
                men &= ~(1 << int(RANK_OF[s]))
            if FILE_OF[t] == file:
                men |= 1 << int(RANK_OF[t])
            word, origin, step = COLUMN[rank, men & 1023], file, 9
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


@njit
def _bearers(state, side, king, clear):
    """The pieces of `side` that may give check by going away, as bits of slots; squares on which any piece may give
    check, being the screen that a cannon lacks, are written into `clear`, and their number is the second answer."""
    base = 0 if side > 0 else 16
    file, rank = FILE_OF[king], RANK_OF[king]
    found, n = 0, 0
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
            near = state[first] * side
            if near == CANNON:
                for k in range(min(p, here) + 1, max(p, here)):
                    clear[n] = origin + step * k
                    n += 1
            p = (word >> (shift + SECOND)) & 15
            if p == NONE:
                continue
            second = origin + step * p
            far = state[second] * side
            if near > 0 and (far == ROOK or (far == KING and line == 1)):
                found |= 1 << int(state[SLOT + first] - base)
            p = (word >> (shift + THIRD)) & 15
            if p != NONE and state[origin + step * p] * side == CANNON:
                if near > 0:
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
    return found, n


@inlined
def _near(reach, s, king):
    across = FILE_OF[s] <= FILE_OF[king] + reach and FILE_OF[king] <= FILE_OF[s] + reach
    return across and RANK_OF[s] <= RANK_OF[king] + reach and RANK_OF[king] <= RANK_OF[s] + reach


@inlined
def _on_line(file, rank, t):
    return FILE_OF[t] == file or RANK_OF[t] == rank


@njit
def mates(state, side, squares, clear):
    """Return whether `side` has a legal move that checkmates; `squares` and `clear` are scratch."""
    base = 0 if side > 0 else 16
    king, own = state[WHERE + 16 - base], state[WHERE + base]
    if king < 0 or own < 0:
        return False
    file, rank = FILE_OF[king], RANK_OF[king]
    bearers, screens = _bearers(state, side, king, clear)
    for slot in range(16):
        s = state[WHERE + base + slot]
        if s < 0:
            continue
        kind = state[s] * side
        bears = (bearers >> slot) & 1
        slides = kind in (ROOK, CANNON)
        if not bears and screens == 0:
            if kind == PAWN:
                if not _near(2, s, king):
                    continue
            elif kind == HORSE:
                if not _near(4, s, king):
                    continue
            elif not slides:
                continue
        for i in range(targets(state, side, s, kind, squares, 0)):
            t = int(squares[i])
            if not (bears or (slides and _on_line(file, rank, t)) or _near(2, t, king)):
                screened = False
                for k in range(screens):
                    screened |= clear[k] == t
                if not screened:
                    continue
            if _checks(state, king, side, s, t) and stays_safe(state, side, own, s, t):
                taken, kept = _play(state, s, t)
                mated = not _can_move(state, -side, squares[128:])
                _undo(state, s, t, taken, kept)
                if mated:
                    return True
    return False


# ------------------------------------------------------------------------------------------------ exchanges


@njit
def _attacked(state, side, squares, wins, levels):
    """Write the squares of the enemies that `side` attacks, and in `wins` what it wins on each of these squares (-1 on
    all others); return how many."""
    base = 0 if side > 0 else 16
    n = 0
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
def _touches(q, s):
    """Whether what stands on `s` may matter to captures on `q`, or to a king there."""
    return FILE_OF[s] == FILE_OF[q] or RANK_OF[s] == RANK_OF[q] or _near(2, s, q)


@inlined
def _note(state, side, by, kind, q, squares, n):
    """Write `q` where an enemy stands on it and a piece of that kind on `by`."""
    if state[by] == side * kind and state[q] * side < 0:
        squares[n] = q
        n += 1
    return n


@njit
def _opened(state, side, s, t, screens, squares, n):
    """Write the squares of the enemies that `side` may newly attack after a move of theirs from `s` to `t`, which has
    left lines, legs and eyes and, where `screens`, become a screen of cannons; return how many there are then."""
    for end in range(2 if screens else 1):
        at = s if end == 0 else t
        file, rank = FILE_OF[at], RANK_OF[at]
        for line in range(2):
            if line == 0:
                word, origin, step = ROW[file, state[RANKS + rank] & 511], at - file, 1
            else:
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
    base = 0 if side > 0 else 16
    for slot in range(16):
        by = int(state[WHERE + base + slot])
        if by < 0 or not _near(1, by, s):
            continue
        if state[by] == side * HORSE or state[by] == side * ELEPHANT:
            n = prey(state, side, by, squares, n)
    return n


@njit
def _largest(state, side, s, t, squares, known, n, wins, levels):
    """The most that `side` wins by an exchange on any of the first `n` squares but `t`, after a move from `s` to `t`.

    The first `known` of them were attacked before it, when an exchange there won `wins`; that still holds where the
    move touches neither the square nor a king.
    """
    kings = False
    for king in (int(state[WHERE]), int(state[WHERE + 16])):
        kings = kings or king == t or _touches(king, s) or _touches(king, t)
    best = 0
    for i in range(n):
        q = int(squares[i])
        if q == t or state[q] == 0 or WORTH[abs(state[q])] <= best:
            continue
        if i < known and not kings and not _touches(q, s) and not _touches(q, t):
            best = max(best, wins[q])
        else:
            best = max(best, exchange(state, side, q, ANY, levels))
    return best


@njit
def _threat(state, side, s, squares, levels):
    """The most that the piece on `s` could win by a capture, were it the move of `side`."""
    king = state[WHERE + (0 if side > 0 else 16)]
    best = 0
    for i in range(prey(state, side, s, squares, 0)):
        q = int(squares[i])
        worth = int(WORTH[abs(state[q])])
        if worth <= best or worth > FAR or not stays_safe(state, side, king, s, q):
            continue
        taken, slot = take(state, s, q)
        best = max(best, worth - exchange(state, -side, q, worth - best, levels))
        put_back(state, s, q, taken, slot)
    return best


# ------------------------------------------------------------------------------------------------ the kernel


@njit
def _classify(board, state, ids, squares, attacked, clear, wins, levels, out):
    """Write what is to be said of each legal move of Red into `out` (int16 [MOST_MOVES, COLUMNS]); return how many."""
    set_up(board, state)
    king, his = state[WHERE], state[WHERE + 16]
    if king < 0 or his < 0:
        return 0
    evades = 0 if stays_safe(state, 1, king, king, king) else 3
    before = _attacked(state, -1, attacked, wins, levels)
    n = generate(state, 1, ids)
    for i in range(n):
        s, t = int(FROM[ids[i]]), int(TO[ids[i]])
        kind, worth = state[s], int(WORTH[abs(state[t])])
        hung = 0 if kind == KING else wins[s]
        check = _checks(state, his, 1, s, t)
        taken, slot = _play(state, s, t)
        final = not _can_move(state, -1, squares)
        back = exchange(state, -1, t, ANY, levels)
        reached = _opened(state, -1, s, t, worth == 0, attacked, before)
        left = _largest(state, -1, s, t, attacked, before, reached, wins, levels)
        mated = mates(state, -1, squares, clear)
        threat = _threat(state, 1, t, squares, levels)
        _undo(state, s, t, taken, slot)
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


@njit
def classify(boards, out, counts, first, last):
    """Fill out[first:last] (int16 [N, MOST_MOVES, COLUMNS]) for boards[first:last], and how many moves there are."""
    state, ids, wins = np.empty(STATE, np.int16), np.empty(MOST_MOVES, np.int16), np.empty(90, np.int16)
    squares, attacked, clear = np.empty(256, np.int16), np.empty(256, np.int16), np.empty(32, np.int16)
    levels = np.empty((_exchange.LONGEST, _exchange.LEVEL), np.int16)
    for i in range(first, last):
        counts[i] = _classify(boards[i], state, ids, squares, attacked, clear, wins, levels, out[i])
        for k in range(counts[i], MOST_MOVES):
            out[i, k, 0] = MOVE_COUNT
            out[i, k, 1:] = 0
