"""The static evaluation: piece-square sums updated with each move, and a few terms counted from scratch.

Compiled by numba. All numbers are from Red's side; `evaluate` turns them to the side to move.
"""

from __future__ import annotations

from ...rules.compiling import MINUS_ONE, ONE, decorators
from ...rules.generation import FILES, RANKS, WHERE
from ...rules.lines import COLUMN, HIGH, LOW, NONE, ROW, SECOND, THIRD
from ...rules.pieces import CANNON, HORSE, PAWN, ROOK
from ...rules.squares import FILE_OF, HORSE_LEG, HORSE_TO, RANK_OF

# ------------------------------------------------------------------------------------------------ sums and terms

# Every piece adds a row of sixteen numbers to the position's sums, so that a move changes three rows. The first two are
# its value in the middlegame and in the endgame; the next four what it is worth more to its side for each advisor or
# elephant that the enemy has lost; the others are counters.
(
    MIDDLE, END, RED_BY_ADVISORS, BLACK_BY_ADVISORS, RED_BY_ELEPHANTS, BLACK_BY_ELEPHANTS, PHASE,
    RED_ADVISORS, BLACK_ADVISORS, RED_ELEPHANTS, BLACK_ELEPHANTS, RED_FORCE, BLACK_FORCE, WINNERS,
) = range(14)  # fmt: skip
SUMS = 16
FULL_PHASE = 32  # all rooks (four each), horses and cannons (two each)

# Terms, Red's count minus Black's: the squares a rook or a cannon can slide to (0-17), a horse's unblocked moves (0-8)
# and how many of these lead into the enemy's palace; by line (the enemy king's file, its rank): cannons that bear on it
# with no piece between and with two pieces between, rooks with one piece between; adjacent pawns beyond the river; the
# side to move.
ROOK_WAYS, CANNON_WAYS, HORSE_WAYS, HORSE_IN_PALACE = 0, 18, 36, 45
BARE_CANNON, SCREENED_CANNON, ROOK_BEHIND, PAWN_PAIR, TEMPO = 46, 48, 50, 52, 53
TERMS = 54

njit, inlined = decorators(globals())

# ------------------------------------------------------------------------------------------------ kernels


@njit
def refresh_accumulator(state, rows, sums):
    """Compute `sums` (int32 [16]) from scratch; `rows` is int32 [15, 90, 16] by piece + 7 and square."""
    for k in range(SUMS):
        sums[k] = 0
    for s in range(90):
        if state[s] != 0:
            for k in range(SUMS):
                sums[k] += rows[state[s] + 7, s, k]


@inlined
def update_accumulator(sums, below, rows, piece, taken, s, t):
    """Write into `below` the sums after `piece` moved from `s` to `t` and captured `taken`."""
    for k in range(SUMS):
        below[k] = sums[k] + rows[piece + 7, t, k] - rows[piece + 7, s, k] - rows[taken + 7, t, k]


@inlined
def _count_ways(state, side, counts):
    """Add the mobility of a side's rooks, cannons and horses, and its pairs of adjacent pawns."""
    base = 0 if side > 0 else 16
    for slot in range(base + 1, base + 16):
        s = state[WHERE + slot]
        if s < 0:
            continue
        piece = state[s] * side
        file, rank = FILE_OF[s], RANK_OF[s]
        if piece in (ROOK, CANNON):
            ways = (ROW[file, state[RANKS + rank] & 511] & 15) + (COLUMN[rank, state[FILES + file] & 1023] & 15)
            counts[(ROOK_WAYS if piece == ROOK else CANNON_WAYS) + ways] += side
        elif piece == HORSE:
            ways = 0
            for k in range(8):
                t = HORSE_TO[s, k]
                if t < 0:
                    break
                if state[HORSE_LEG[s, k]] == 0 and state[t] * side <= 0:
                    ways += 1
                    if 3 <= FILE_OF[t] <= 5 and (RANK_OF[t] >= 7 if side > 0 else RANK_OF[t] <= 2):
                        counts[HORSE_IN_PALACE] += side
            counts[HORSE_WAYS + ways] += side
        elif piece == PAWN and file < 8 and (s >= 45) == (side > 0) and state[s + 1] == state[s]:
            counts[PAWN_PAIR] += side


@inlined
def _count_lines(state, side, counts):
    """Add a side's cannons and rooks that bear on the enemy king along its file or rank."""
    king = state[WHERE + (16 if side > 0 else 0)]
    if king < 0:
        return
    file, rank = FILE_OF[king], RANK_OF[king]
    for line in range(2):
        if line == 0:
            word, origin, step = COLUMN[rank, state[FILES + file] & 1023], file, 9
        else:
            word, origin, step = ROW[file, state[RANKS + rank] & 511], king - file, 1
        for shift in (LOW, HIGH):
            first, second, third = (word >> shift) & 15, (word >> (shift + SECOND)) & 15, (word >> (shift + THIRD)) & 15
            if first != NONE and state[origin + step * first] * side == CANNON:
                counts[BARE_CANNON + line] += side
            if second != NONE and state[origin + step * second] * side == ROOK:
                counts[ROOK_BEHIND + line] += side
            if third != NONE and state[origin + step * third] * side == CANNON:
                counts[SCREENED_CANNON + line] += side


@njit
def count_terms(state, side, counts):
    """Fill `counts` (int32 [54]) with the terms, Red's minus Black's; `side` is the side to move."""
    for k in range(TERMS):
        counts[k] = 0
    _count_ways(state, ONE, counts)
    _count_ways(state, MINUS_ONE, counts)
    _count_lines(state, ONE, counts)
    _count_lines(state, MINUS_ONE, counts)
    counts[TEMPO] = side


@inlined
def nobody_can_win(sums):
    """Return whether `rules.rulings` draws by material, leaving aside positions in which the next move mates."""
    if sums[WINNERS] > 0:
        return False
    red, black = sums[RED_FORCE], sums[BLACK_FORCE]  # cannons: no other attacking piece is left
    if red + black == 0:
        return True
    if red == 1 and black == 1:
        return sums[RED_ADVISORS] + sums[BLACK_ADVISORS] == 0
    if red + black > 1:
        return False
    if sums[RED_ADVISORS if red else BLACK_ADVISORS] > 0:
        return False
    guards = sums[BLACK_ADVISORS if red else RED_ADVISORS]
    screens = sums[RED_ELEPHANTS if red else BLACK_ELEPHANTS]
    return guards < 2 or screens == 0


@njit
def evaluate(state, side, sums, weights, counts):
    """Return centipawns for the side to move; `weights` int32 [2, 54] (middlegame, endgame), `counts` is scratch."""
    count_terms(state, side, counts)
    middle, end = sums[MIDDLE], sums[END]
    for k in range(TERMS):
        middle += weights[0, k] * counts[k]
        end += weights[1, k] * counts[k]
    phase = min(sums[PHASE], FULL_PHASE)
    total = middle * phase + end * (FULL_PHASE - phase)
    total += FULL_PHASE * (2 - sums[BLACK_ADVISORS]) * sums[RED_BY_ADVISORS]
    total += FULL_PHASE * (2 - sums[BLACK_ELEPHANTS]) * sums[RED_BY_ELEPHANTS]
    total -= FULL_PHASE * (2 - sums[RED_ADVISORS]) * sums[BLACK_BY_ADVISORS]
    total -= FULL_PHASE * (2 - sums[RED_ELEPHANTS]) * sums[BLACK_BY_ELEPHANTS]
    total *= side
    # rounded towards zero, so that both colours get the same
    return total // FULL_PHASE if total >= 0 else -(-total // FULL_PHASE)
