"""The reasons why moves are mistakes: facts that can be checked in the judge's lines.

Two lines are replayed: the judge's better line, and its refutation of the move played. Every reason gives the line and
the ply at which it is visible (the opponent's reply is ply 1 of a refutation, the better move ply 1 of the other line),
so that it can be replayed. Nothing is claimed that the lines do not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..rules import pieces
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.outcome import Outcome, Termination
from ..rules.squares import Color

LONGEST = 16  # plies of a line that are searched for material
DEEPEST = 4  # captures searched after the end of a line, so that it does not end in the middle of an exchange
PERPETUALS = (Termination.PERPETUAL_CHECK, Termination.PERPETUAL_CHASE, Termination.PERPETUAL_ATTACK)
REFUTATION, BEST = "refutation", "best"


@dataclass(frozen=True)
class Reason:
    """One reason; `kind` is a key of `review.words.REASONS`, and `line` and `ply` say where it is visible.

    `square` and `piece` are what is lost (or could have been taken) there, and `by` is the capturing piece; `targets`
    are the squares a fork attacks; `moves` is the length of a mate; `worth` is the cost of an exchange in pawns; `move`
    is the repeating move that the rules forbid; `outcome` is the ruling, in English and Chinese.
    """

    kind: str
    line: str
    ply: int
    square: int | None = None
    piece: int | None = None
    by: int | None = None
    targets: tuple[int, ...] = ()
    moves: int | None = None
    worth: int | None = None
    move: Move | None = None
    outcome: tuple[str, str] | None = None


def find(
    before: Board,
    move: Move,
    best: tuple[Move, ...],
    refutation: tuple[Move, ...],
    ruleset: str = "computer",
    least: int = 2,
) -> Reason | None:
    """Return why `move` is worse than the line `best` from the position `before`, or None if the lines do not show it.

    `least` is the smallest loss of material, in pawns, that counts (rook 9, cannon 5, horse 4, advisor and elephant 2).
    """
    after = before.copy()
    after.push(move)
    return (
        _rule(after, refutation, ruleset, before.turn)
        or _mated(after, refutation)
        or _missed_mate(before, best)
        or _missed_ruling(before, best, ruleset)
        or _material(before, move, after, best, refutation, least)
        or _must_break(after, refutation, ruleset)
        or _drawn(after, refutation, ruleset)
    )


# ------------------------------------------------------------------------------------------------ rules and mates


def _endings(board: Board, line: tuple[Move, ...], ruleset: str) -> Iterator[tuple[int, Outcome]]:
    """Yield the ply and outcome of every place in a line where the game ends."""
    board = board.copy()
    if end := board.outcome(ruleset):
        yield 0, end
    for ply, move in enumerate(line, 1):
        board.push(move)
        if end := board.outcome(ruleset):
            yield ply, end


def _rule(after: Board, refutation: tuple[Move, ...], ruleset: str, side: Color) -> Reason | None:
    for ply, end in _endings(after, refutation, ruleset):
        if end.termination in PERPETUALS:
            if end.winner is side.opponent:
                return Reason("rule", REFUTATION, ply, outcome=(end.reason, end.reason_zh))
            break
    return None


def _missed_ruling(before: Board, best: tuple[Move, ...], ruleset: str) -> Reason | None:
    for ply, end in _endings(before, best, ruleset):
        if end.termination in PERPETUALS and end.winner is before.turn and ply:
            return Reason("missed_rule", BEST, ply, outcome=(end.reason, end.reason_zh))
    return None


def _drawn(after: Board, refutation: tuple[Move, ...], ruleset: str) -> Reason | None:
    for ply, end in _endings(after, refutation, ruleset):
        if end.winner is None:
            return Reason("drawn", REFUTATION, ply, outcome=(end.reason, end.reason_zh))
    return None


def _no_move_left(board: Board, line: tuple[Move, ...]) -> bool:
    """Return whether a line ends in mate or stalemate."""
    board = board.copy()
    for move in line:
        board.push(move)
    return not board.legal_list()


def _mated(after: Board, refutation: tuple[Move, ...]) -> Reason | None:
    if len(refutation) % 2 == 1 and _no_move_left(after, refutation):
        return Reason("mated", REFUTATION, len(refutation), moves=(len(refutation) + 1) // 2)
    return None


def _missed_mate(before: Board, best: tuple[Move, ...]) -> Reason | None:
    if len(best) % 2 == 1 and _no_move_left(before, best):
        return Reason("missed_mate", BEST, len(best), moves=(len(best) + 1) // 2)
    return None


def _must_break(after: Board, refutation: tuple[Move, ...], ruleset: str) -> Reason | None:
    """Return the reason that the side to move must break off a forbidden repetition, or None."""
    board = after.copy()
    if not refutation:
        return None
    board.push(refutation[0])
    side = board.turn
    for move in board.repeating_moves():
        board.push_unchecked(move)
        end = board.outcome(ruleset)
        board.pop()
        if end and end.winner is side.opponent and end.termination in PERPETUALS:
            return Reason("must_break", REFUTATION, 1, move=move, outcome=(end.reason, end.reason_zh))
    return None


# ------------------------------------------------------------------------------------------------ material


def worth(piece: int) -> int:
    """Return the value of a piece in pawns."""
    from ..rules.piece_status import WORTH  # late, as the window's first frame must not wait for the kernels

    return int(WORTH[abs(piece)])


def balances(board: Board, line: tuple[Move, ...], side: Color) -> list[int]:
    """Return the material balance of `side` in pawns after each ply of a line, starting with 0."""
    board = board.copy()
    found = [0]
    for move in line:
        taken = board.piece_at(move.to_square)
        sign = 1 if board.turn is side else -1
        found.append(found[-1] + (sign * worth(taken) if taken else 0))
        board.push(move)
    return found


def settled(board: Board, depth: int = DEEPEST) -> int:
    """Return what the side to move can still win by captures, in pawns; both sides capture only while it pays."""
    most = 0
    if not depth:
        return most
    for move in sorted(board.generate_legal_captures(), key=lambda m: -worth(board.piece_at(m.to_square) or 0)):
        taken = worth(board.piece_at(move.to_square) or 0)
        if taken <= most:
            continue
        board.push_unchecked(move)
        most = max(most, taken - settled(board, depth - 1))
        board.pop()
    return most


def _balance_at_end(board: Board, line: tuple[Move, ...], side: Color) -> int:
    total = balances(board, line, side)[-1]
    end = board.copy()
    for move in line:
        end.push(move)
    return total + (settled(end) if end.turn is side else -settled(end))


def _decisive(nets: list[int], first: int, least: int) -> int | None:
    """Return the first ply from which the balance stays at `least` or below, if a capture at that ply caused it; only
    every other ply from `first` on is examined."""
    for ply in range(first, len(nets), 2):
        if max(nets[ply:]) <= least < nets[ply - 1]:
            return ply
    return None


def _material(
    before: Board, move: Move, after: Board, best: tuple[Move, ...], refutation: tuple[Move, ...], least: int
) -> Reason | None:
    side = before.turn
    best, refutation = best[:LONGEST], refutation[:LONGEST]
    instead = _balance_at_end(before, best, side)
    taken = before.piece_at(move.to_square)
    gained = worth(taken) if taken else 0
    left = gained + _balance_at_end(after, refutation, side)
    if instead - left < least:
        return None
    nets = [gained + net for net in balances(after, refutation, side)]
    if left <= -least and (ply := _decisive(nets, 1, -least)) is not None:
        return _lost(before, move, after, refutation, ply, -left)
    if instead >= least:
        gains = [-net for net in balances(before, best, side)]
        if (ply := _decisive(gains, 1, -least)) is not None:
            place = best[ply - 1]
            found = _played(before, best[: ply - 1])
            prey, hunter = found.piece_at(place.to_square), found.piece_at(place.from_square)
            return Reason("missed_capture", BEST, ply, place.to_square, prey, hunter, worth=instead - left)
    return None


def _played(board: Board, line: tuple[Move, ...]) -> Board:
    board = board.copy()
    for move in line:
        board.push(move)
    return board


def _lost(before: Board, move: Move, after: Board, refutation: tuple[Move, ...], ply: int, costs: int) -> Reason:
    """Return the loss of a piece at a ply of the refutation, with its cause."""
    capture = refutation[ply - 1]
    board = _played(after, refutation[: ply - 1])
    where, side = capture.to_square, before.turn
    prey, hunter = board.piece_at(where), board.piece_at(capture.from_square)

    def reason(kind: str, targets: tuple[int, ...] = ()) -> Reason:
        return Reason(kind, REFUTATION, ply, where, prey, hunter, targets, worth=costs)

    if ply >= 3 and (targets := _forked(after, refutation, ply)):
        return reason("fork", targets)
    if board.is_pinned(side, where):
        return reason("pinned")
    if _pinned_defender(board, capture, side):
        return reason("defender_pinned")
    if ply == 1:
        if where == move.to_square:
            return reason("walks_into")
        if before.is_attacked(side.opponent, where):
            guarded = move.from_square in before.attackers(side, where)
            return reason("defence_left" if guarded else "left_hanging")
        return reason("exposed")
    return reason("loses")


def _forked(after: Board, refutation: tuple[Move, ...], ply: int) -> tuple[int, ...]:
    """Return the squares that the capturing piece attacked besides its victim one move earlier, if it had just moved:
    the king, and pieces that are undefended or worth more than it."""
    capture, attack = refutation[ply - 1], refutation[ply - 3]
    if attack.to_square != capture.from_square:
        return ()
    board = _played(after, refutation[: ply - 2])
    side = board.turn
    hunter = board.piece_at(attack.to_square)
    assert hunter is not None
    targets = []
    for square in board.attacks(attack.to_square):
        prey = board.piece_at(square)
        if prey is None or prey.color is not side:
            continue
        dear = worth(prey) > worth(hunter) or not board.attackers(side, square)
        if prey.kind == pieces.KING or (dear and worth(prey) >= worth(pieces.ADVISOR)):
            targets.append(square)
    return tuple(targets) if len(targets) > 1 and capture.to_square in targets else ()


def _pinned_defender(board: Board, capture: Move, side: Color) -> bool:
    """Return whether the victim is defended, but only by pinned pieces, which cannot recapture."""
    after = board.copy()
    after.push(capture)
    defenders = list(after.attackers(side, capture.to_square))
    pinned = [square for square in defenders if after.is_pinned(side, square)]
    takes_back = any(move.to_square == capture.to_square for move in after.legal_list())
    return bool(defenders) and len(pinned) == len(defenders) and not takes_back
