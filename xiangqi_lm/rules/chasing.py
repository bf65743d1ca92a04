"""Pins and chases on int8[90] boards, for rulings on perpetual chase; compiled like `kernel`.

docs/rules.md gives both definitions of a chase: `chases` implements Pikafish's, `threats_made` the federations'. As in
`attacks`, sides are +1 (Red) and -1 (Black), and arguments are not checked.
"""

from __future__ import annotations

import numpy as np

from .compiling import decorators, sibling
from .moves import FROM, TO
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import HORSE_FROM, HORSE_FROM_LEG, RAY

njit, _ = decorators(globals())
_attacks = sibling(globals(), "attacks")
in_check, king_square, reaches, safe = _attacks.in_check, _attacks.king_square, _attacks.reaches, _attacks.safe

MOST_CHASES = 128  # buffer size: at most ten pieces attack, each at most eight others


@njit
def pins(board, side, pinned, pinners):
    """Mark pieces of either side that alone (or, before a cannon, in pairs) keep the king of `side` from check.

    `pinned` and `pinners` are uint8 [90] and are overwritten; a pinner pins at least one piece of `side`. Rooks and the
    facing king see through each other: both pin. A horse pins the piece on its leg.
    """
    pinned[:] = 0
    pinners[:] = 0
    king = king_square(board, side)
    for d in range(4):
        plain = 0  # pieces met, not counting the enemy's rooks and king
        plain_at = king
        met = 0  # all pieces met
        near = far = king  # the last two of them
        for k in range(10):
            s = int(RAY[king, d, k])
            if s < 0:
                break
            piece = board[s] * side
            if piece == 0:
                continue
            if piece == -ROOK or (piece == -KING and d < 2):
                if plain == 1:
                    pinned[plain_at] = 1
                    if board[plain_at] * side > 0:
                        pinners[s] = 1
            else:
                if piece == -CANNON and met == 2:
                    pinned[near] = 1
                    pinned[far] = 1
                    if board[near] * side > 0 or board[far] * side > 0:
                        pinners[s] = 1
                plain += 1
                plain_at = s
            met += 1
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


# ------------------------------------------------------------------------------------------------ chases on a board


@njit(inner=True)
def protected(board, by, a, y):
    """Return whether, after the piece of `by` on `a` takes the one on `y`, the other side can legally retake."""
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


@njit(inner=True)
def _can_be_chased(prey, y, by):
    """Return whether `by` can chase a piece of that kind on `y`: not a king, nor a pawn on its own half."""
    return prey > 0 and prey != KING and not (prey == PAWN and (y >= 45) == (by > 0))


@njit(inner=True)
def _outranks(hunter, prey, guards):
    """Return whether an attack by one kind on the other counts even if the victim is protected."""
    if hunter in (HORSE, CANNON):
        return prey == ROOK
    return guards and hunter in (ADVISOR, ELEPHANT) and prey in (ROOK, HORSE, CANNON)


@njit(inner=True)
def _takes_back(board, by, a, y):
    """Return whether pieces of the same kind on `a` and `y` attack each other, so the one on `y` can take first."""
    return board[a] == -board[y] and reaches(board, -by, y, a) and safe(board, -by, king_square(board, -by), y, a)


@njit(allocates=True)
def chases(board, by, pairs):
    """Write (hunter square, victim square) for every chase by `by` into `pairs` (int16 [128, 2]) and return how many.

    These are the computer rule's chases on this board; `repetition` finds out which of them are new.
    """
    pinned, pinners = np.empty(90, dtype=np.uint8), np.empty(90, dtype=np.uint8)
    pins(board, by, pinned, pinners)
    king = king_square(board, by)
    n = 0
    for a in range(90):
        hunter = board[a] * by
        if hunter <= 0 or hunter in (KING, PAWN):  # kings and pawns may chase forever
            continue
        for y in range(90):
            prey = board[y] * -by
            if not _can_be_chased(prey, y, by) or (pinned[a] and not pinners[y]):
                continue
            if not (reaches(board, by, a, y) and safe(board, by, king, a, y)):
                continue
            if _outranks(hunter, prey, True) or not (protected(board, by, a, y) or _takes_back(board, by, a, y)):
                pairs[n, 0] = a
                pairs[n, 1] = y
                n += 1
    return n


# ------------------------------------------------------------------------------------------------ chases by a move


@njit(inner=True)
def _find_roots(board, by, a, y, held, checked, roots):
    """Mark the pieces that can retake after `a` captures `y`, and return whether any can do so legally.

    `roots` (uint8 [90]) becomes 2 where retaking is legal and 1 where it would expose the king. In check (`checked`)
    only the pins from before (`held`) count: the check must be answered before the capture can happen.
    """
    roots[:] = 0
    taken = board[y]
    board[y] = board[a]
    board[a] = 0
    king = king_square(board, -by)
    found = False
    for s in range(90):
        if board[s] * by < 0 and reaches(board, -by, s, y):
            legal = safe(board, -by, king, s, y) if s == king or not checked else held[s] == 0
            roots[s] = 2 if legal else 1
            found = found or legal
    board[a] = board[y]
    board[y] = taken
    return found


UNABLE, PROTECTED, MUTUAL, THREAT = range(4)  # what an attack amounts to


@njit(inner=True)
def _weigh(board, by, a, y, guards, marks, checked, roots):
    """Return what the attack of `a` on `y` amounts to; `marks` holds the pins against both sides, uint8 [4, 90]."""
    if (marks[0, a] and not marks[1, y]) or not safe(board, by, king_square(board, by), a, y):
        return UNABLE
    can_retake = _find_roots(board, by, a, y, marks[2], checked, roots)
    if _outranks(board[a] * by, board[y] * -by, guards):
        return THREAT
    if can_retake:
        return PROTECTED
    return MUTUAL if _takes_back(board, by, a, y) else THREAT


@njit(inner=True)
def _is_new(board, by, a, y, moved, guards, marks, checked, roots, fake):
    """Return whether the threat of `a` on `y` is made by the coming move; `board` is the position before that move.

    `moved`: the hunter itself is about to move; `fake` holds what `_find_roots` found after the move. An attack that
    remains is new if the hunter renewed it, or if a protector that could retake is now pinned. It is not new if a
    protector merely lost its line, or if the hunter's own king no longer blocks it.
    """
    if not reaches(board, by, a, y):
        return True
    before = _weigh(board, by, a, y, guards, marks, checked, roots)
    if before == THREAT or (before == UNABLE and not moved):
        return False
    if before != PROTECTED or moved:
        return True
    pinned_now = False
    for s in range(90):
        pinned_now = pinned_now or (roots[s] == 2 and fake[s] == 1)
    return pinned_now


@njit(allocates=True)
def threats_made(board, by, start, end, guards, pairs):
    """Write (hunter, victim) squares for the threats that a quiet move of `by` makes; return their number.

    These are the federations' chases, judged pair by pair. `board` (int8 [90]) is the position before the move, `pairs`
    is int16 [128, 2] and holds squares after the move. `guards`: attacks by advisors and elephants on protected pieces
    count too.
    """
    after = board.copy()
    after[end] = after[start]
    after[start] = 0
    old, new = np.empty((4, 90), dtype=np.uint8), np.empty((4, 90), dtype=np.uint8)
    pins(board, by, old[0], old[1])
    pins(board, -by, old[2], old[3])
    pins(after, by, new[0], new[1])
    pins(after, -by, new[2], new[3])
    was_check, check = in_check(board, -by), in_check(after, -by)
    roots, roots_before = np.empty(90, dtype=np.uint8), np.empty(90, dtype=np.uint8)
    n = 0
    for a in range(90):
        hunter = after[a] * by
        if hunter <= 0 or hunter in (KING, PAWN):
            continue
        came = start if a == end else a
        for y in range(90):
            if not _can_be_chased(after[y] * -by, y, by) or not reaches(after, by, a, y):
                continue
            if _weigh(after, by, a, y, guards, new, check, roots) != THREAT:
                continue
            if _is_new(board, by, came, y, a == end, guards, old, was_check, roots_before, roots):
                pairs[n, 0] = a
                pairs[n, 1] = y
                n += 1
    return n


@njit
def held_by_horse(board, side, sq):
    """Return whether the piece on `sq` is pinned as the only blocker of the leg of a horse that would give check."""
    king = king_square(board, side)
    for k in range(8):
        s = int(HORSE_FROM[king, k])
        if s < 0:
            break
        if board[s] * side == -HORSE and HORSE_FROM_LEG[king, k] == sq:
            return True
    return False


# ------------------------------------------------------------------------------------------------ the move limit


@njit
def counted_plies(board, side, ids, count, free):
    """Return `count` plus the plies of a line that count for the move limit; `board` becomes the last position.

    Each side's first `free` checks count; after that, neither a check nor the reply to it does. The line must not
    contain a capture.
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
