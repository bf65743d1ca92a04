"""Pins and chases on int8[90] boards, compiled like `kernel`: what a ruling on perpetual chase has to know.

Definitions: Pikafish's (see docs/rules.md). As in `attacks`, sides are +1 (Red) and -1 (Black), nothing is checked.
"""

from __future__ import annotations

from .compiling import decorators, sibling
from .moves import FROM, TO
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import HORSE_FROM, HORSE_FROM_LEG, RAY

njit, _ = decorators(globals())
_attacks = sibling(globals(), "attacks")
in_check, king_square, reaches, safe = _attacks.in_check, _attacks.king_square, _attacks.reaches, _attacks.safe

MOST_CHASES = 128  # buffers: at most ten men attack, each at most eight others


@njit
def pins(board, side, pinned, pinners):
    """Mark men of either side that alone (or, before a cannon, in pairs) keep the king of `side` from check.

    `pinned` and `pinners` are uint8 [90] and are overwritten; a pinner holds at least one man of `side`. Rooks and the
    facing king look through each other: both pin. A horse pins the man on its leg.
    """
    pinned[:] = 0
    pinners[:] = 0
    king = king_square(board, side)
    for d in range(4):
        plain = 0  # men met, the enemy's rooks and king aside
        plain_at = king
        men = 0  # all men met
        near = far = king  # the last two of them
        for k in range(10):
            s = int(RAY[king, d, k])
            if s < 0:
                break
            man = board[s] * side
            if man == 0:
                continue
            if man == -ROOK or (man == -KING and d < 2):
                if plain == 1:
                    pinned[plain_at] = 1
                    if board[plain_at] * side > 0:
                        pinners[s] = 1
            else:
                if man == -CANNON and men == 2:
                    pinned[near] = 1
                    pinned[far] = 1
                    if board[near] * side > 0 or board[far] * side > 0:
                        pinners[s] = 1
                plain += 1
                plain_at = s
            men += 1
            near = far
            far = s
    for k in range(8):
        s = int(HORSE_FROM[king, k])
        if s < 0:
            break
        leg = int(HORSE_FROM_LEG[king, k])
        if board[s] * side == -HORSE and board[leg] != 0:
            pinned[leg] = 1
            if board[leg] * side > 0:
                pinners[s] = 1


@njit
def _outranks(hunter, prey, asian):
    """Whether an attack of one kind on the other counts even when the attacked man is protected."""
    if hunter in (HORSE, CANNON):
        return prey == ROOK
    if not asian and hunter in (ADVISOR, ELEPHANT):
        return prey in (ROOK, HORSE, CANNON)
    return False


@njit
def protected(board, by, a, y):
    """Whether, after the man of `by` on `a` has taken the one on `y`, the other side can legally retake."""
    taken = board[y]
    board[y] = board[a]
    board[a] = 0
    king = king_square(board, -by)
    found = False
    for s in range(90):
        if board[s] * by < 0 and reaches(board, -by, s, y) and safe(board, -by, king, s, y):
            found = True
            break
    board[a] = board[y]
    board[y] = taken
    return found


@njit
def _in_company(board, by, king, y):
    """Whether a king or a pawn of `by` could take the man on `y` too."""
    for s in range(90):
        man = board[s] * by
        if man in (KING, PAWN) and reaches(board, by, s, y) and safe(board, by, king, s, y):
            return True
    return False


@njit
def _is_chase(board, by, king, a, y, asian):
    """Whether the legal capture of `y` by `a` threatens to win material."""
    hunter, prey = board[a] * by, board[y] * -by
    if asian and _in_company(board, by, king, y):
        return False
    if _outranks(hunter, prey, asian):
        return True
    if protected(board, by, a, y):
        return False
    if hunter != prey:
        return True
    # like men attack each other: no chase, unless the attacked one cannot take first
    return not (reaches(board, -by, y, a) and safe(board, -by, king_square(board, -by), y, a))


@njit
def chases(board, by, asian, pairs):
    """Write (hunter square, prey square) for every chase of `by` into `pairs` (int16 [128, 2]) and return how many.

    `asian`: a king or pawn that attacks the same man excuses the hunter, and no man outranks another but rooks.
    """
    pinned = board.copy()
    pinners = board.copy()
    pins(board, by, pinned, pinners)
    king = king_square(board, by)
    n = 0
    for a in range(90):
        hunter = board[a] * by
        if hunter <= 0 or hunter in (KING, PAWN):  # these may chase for ever
            continue
        for y in range(90):
            prey = board[y] * -by
            if prey <= 0 or prey == KING or (pinned[a] and not pinners[y]):
                continue
            if prey == PAWN and (y >= 45) == (by > 0):  # it has not crossed the river
                continue
            if reaches(board, by, a, y) and safe(board, by, king, a, y) and _is_chase(board, by, king, a, y, asian):
                pairs[n, 0] = a
                pairs[n, 1] = y
                n += 1
    return n


@njit
def counted_plies(board, side, ids, count, free):
    """Add to `count` the plies of a line that count for the move limit; `board` ends as the last position.

    Each side's first `free` checks count; from the next on, neither the check nor the reply to it does. The line holds
    no capture.
    """
    red = black = 0
    was_check = in_check(board, side)
    for i in range(len(ids)):
        s, t = FROM[ids[i]], TO[ids[i]]
        board[t] = board[s]
        board[s] = 0
        check = in_check(board, -side)
        if check and side > 0:
            red += 1
        elif check:
            black += 1
        mine, theirs = (red, black) if side > 0 else (black, red)
        if not check or mine <= free:
            if theirs > free and was_check:
                if side > 0:
                    black += 1
                else:
                    red += 1
            else:
                count += 1
        was_check = check
        side = -side
    return count
