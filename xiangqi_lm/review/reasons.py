"""The reasons why moves are mistakes: facts that can be checked in the judge's lines.

Two lines are replayed: the judge's better line, and its refutation of the move played. Every reason gives the line and
the ply at which it is visible (the opponent's reply is ply 1 of a refutation, the better move ply 1 of the other line),
so that it can be replayed. Nothing is claimed that the lines do not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..rules import pieces
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.outcome import Outcome, Termination
from ..rules.squares import Color
from .differences import difference
from .material import LONGEST, balance_at_end, captures, deciding_besides, exchanges_of, taken_from, telling
from .motifs import mates_if_let, motif, played, worth

PERPETUALS = (Termination.PERPETUAL_CHECK, Termination.PERPETUAL_CHASE, Termination.PERPETUAL_ATTACK)
NEAR_DRAW = 0.03  # how far the expected score of a drawn line may be from a half
REPEATED = 3  # times that a repetition at the end of a line is continued
REFUTATION, BEST = "refutation", "best"
MISSED = {"fork": "missed_fork", "discovered": "missed_discovered", "discovered_check": "missed_discovered_check",
          "mate_threat": "missed_mate_threat", "trapped": "missed_trap"}  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """One reason; `kind` is a key of `review.words.REASONS`, and `line` and `ply` say where it is visible: after the
    moves `shown` from the position `start` (a FEN without counters).

    `square` and `piece` are what is taken there, `by` is the capturing piece and `origin` the square of the taken piece
    at the start of the line; `targets` are the squares a fork attacks, with their pieces; `moves` is the length of a
    mate; `worth` is the cost in pawns; `move` is the repeating move that the rules forbid, or the move of an event
    such as a threat of mate, and `piece` and `origin` are then the piece that the event is about; `outcome` is the
    ruling, in English and Chinese.
    """

    kind: str
    line: str
    ply: int
    square: int | None = None
    piece: int | None = None
    by: int | None = None
    targets: tuple[tuple[int, int], ...] = ()
    moves: int | None = None
    worth: int | None = None
    move: Move | None = None
    outcome: tuple[str, str] | None = None
    origin: int | None = None
    start: str = ""
    shown: tuple[Move, ...] = ()


def find(
    before: Board,
    move: Move,
    best: tuple[Move, ...],
    refutation: tuple[Move, ...],
    ruleset: str = "computer",
    expected: tuple[float, float] = (0.5, 0.5),
    serious: bool = True,
) -> Reason | None:
    """Return why `move` is worse than the line `best` from the position `before`, or None if the lines do not show it.

    Material counts in pawns: rook 9, cannon 5, horse 4, advisor and elephant 2. `expected` holds the mover's expected
    scores with the better line and after the move: a line is a draw only if the judge thinks so. What happens besides
    material is named only if the loss is `serious`: with small losses it is mere chance.
    """
    after = played(before, (move,))
    found = (
        _rule(after, refutation, ruleset, before.turn)
        or _mated(after, refutation)
        or _missed_mate(before, best)
        or _missed_ruling(before, best, ruleset)
        or _drawn("drawn", REFUTATION, after, refutation, ruleset, expected[1])
        or _drawn("missed_draw", BEST, before, best, ruleset, expected[0])
        or _material(before, move, after, best, refutation)
        or _must_break(after, refutation, ruleset)
        or _by_comparison(before, move, after, best, refutation)
        or (_threat(before, after, best, refutation) if serious else None)
        or (_event(before, move, after, best, refutation) if serious else None)
    )
    if found is None:
        return None
    start, line = (before, best) if found.line == BEST else (after, refutation)
    pieces_and_side = " ".join(start.fen().split()[:2])  # a clock beyond the move limit would not be read
    return replace(found, start=pieces_and_side, shown=line[: found.ply])


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


def _cycle(board: Board, line: tuple[Move, ...]) -> tuple[Move, ...]:
    """Return the moves of a repetition at the end of a line, repeated as often as a ruling needs; none if there is no
    repetition.
    """
    board, keys = board.copy(), [board.key]
    for move in line:
        board.push(move)
        keys.append(board.key)
    since = next((i for i in range(len(line) - 1, -1, -1) if keys[i] == keys[-1]), len(line))
    return REPEATED * line[since:]


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


def _drawn(kind: str, which: str, start: Board, line: tuple[Move, ...], ruleset: str, expected: float) -> Reason | None:
    """Return a draw at the end of a line, or None; a repetition at its end is continued until the rules judge it."""
    if abs(expected - 0.5) > NEAR_DRAW:
        return None
    for ply, end in _endings(start, line + _cycle(start, line), ruleset):
        if end.winner is None:
            return Reason(kind, which, min(ply, len(line)), outcome=(end.reason, end.reason_zh))
        break
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


def _weight(reason: Reason) -> float:
    """Return the importance of a reason: it grows with the cost and shrinks with the distance."""
    return (reason.worth or 0) / (reason.ply + 3)


def _material(
    before: Board, move: Move, after: Board, best: tuple[Move, ...], refutation: tuple[Move, ...]
) -> Reason | None:
    """Return what the move loses and the better line keeps, or what the better line wins and the move does not:
    whichever is more important."""
    side = before.turn
    best, refutation = best[:LONGEST], refutation[:LONGEST]
    instead = balance_at_end(before, best, side)
    taken = before.piece_at(move.to_square)
    gained = worth(taken) if taken else 0
    left = gained + balance_at_end(after, refutation, side)
    floor, ceiling = min(instead, 0), max(left, 0)
    lost = missed = None
    ours, theirs = taken_from(before, best), taken_from(after, refutation)
    won, taken_back = captures(before, best, side), captures(after, refutation, side.opponent)
    if left < floor:
        anyway = {ours[ply - 1] for _, ply in exchanges_of([-x for x in won]) if ply}
        stood = [move.from_square if square == move.to_square else square for square in theirs]
        if found := deciding_besides(taken_back, stood, anyway, -gained, -left, -floor):
            lost = _lost(before, move, after, refutation, *found)
    if instead > ceiling:
        anyway = {theirs[ply - 1] for _, ply in exchanges_of([-x for x in taken_back]) if ply}
        if found := deciding_besides(won, ours, anyway | {move.to_square}, 0, instead, ceiling):
            missed = _missed(before, best, *found)
    return max(filter(None, (lost, missed)), key=_weight, default=None)


def _capture(kind: str, which: str, start: Board, line: tuple[Move, ...], ply: int, costs: int) -> Reason:
    """Return a reason about the capture at a ply of a line."""
    capture = line[ply - 1]
    board = played(start, line[: ply - 1])
    prey, hunter = board.piece_at(capture.to_square), board.piece_at(capture.from_square)
    origin = taken_from(start, line[:ply])[-1]
    return Reason(kind, which, ply, capture.to_square, prey, hunter, origin=origin, worth=costs)


def _missed(before: Board, best: tuple[Move, ...], ply: int, costs: int) -> Reason:
    kind, targets = motif(before, best, ply)
    found = _capture(MISSED.get(kind, "missed_capture"), BEST, before, best, ply, costs)
    return replace(found, targets=_named(before, best, ply, targets))


def _lost(before: Board, move: Move, after: Board, refutation: tuple[Move, ...], ply: int, costs: int) -> Reason:
    """Return the loss of a piece at a ply of the refutation, with its cause."""
    kind, targets = motif(after, refutation, ply)
    where, side = refutation[ply - 1].to_square, before.turn
    if ply == 1 and kind != "discovered_check":
        if where == move.to_square:
            kind = "walks_into"
        elif not before.is_attacked(side.opponent, where):
            kind = kind or "exposed"
        elif move.from_square in before.attackers(side, where):
            kind = kind or "defence_left"
        else:
            kind = kind or "left_hanging"
    found = _capture(kind or "loses", REFUTATION, after, refutation, ply, costs)
    return replace(found, targets=_named(after, refutation, ply, targets))


def _named(start: Board, line: tuple[Move, ...], ply: int, targets: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
    """Return forked squares with the pieces on them."""
    if not targets:
        return ()
    board = played(start, line[: ply - 2])
    return tuple((square, int(board.piece_at(square) or 0)) for square in targets)


def _by_comparison(
    before: Board, move: Move, after: Board, best: tuple[Move, ...], refutation: tuple[Move, ...]
) -> Reason | None:
    """Return a piece that is lost after the move and not in the better line, or won there and not after the move, if
    its exchange accounts for half of the difference between the lines or more; else None.

    Other captures may make up for it, but less than in the other line.
    """
    side = before.turn
    best, refutation = best[:LONGEST], refutation[:LONGEST]
    taken = before.piece_at(move.to_square)
    left = (worth(taken) if taken else 0) + balance_at_end(after, refutation, side)
    costs = balance_at_end(before, best, side) - left
    if costs < worth(pieces.ADVISOR):
        return None
    ours, theirs = taken_from(before, best), taken_from(after, refutation)
    stood = [move.from_square if square == move.to_square else square for square in theirs]
    won, lost = captures(before, best, side), captures(after, refutation, side.opponent)
    if ply := telling(lost, stood, set(ours), costs):
        return _lost(before, move, after, refutation, ply, costs)
    if ply := telling(won, ours, {*theirs, move.to_square}, costs):
        return _missed(before, best, ply, costs)
    return None


# ------------------------------------------------------------------------------------------------ threats and the rest


def _threat(before: Board, after: Board, best: tuple[Move, ...], refutation: tuple[Move, ...]) -> Reason | None:
    """Return that the reply threatens a mate in one, as it would not after the better move; else None."""
    if not refutation or not mates_if_let(played(after, refutation[:1])):
        return None
    instead = played(before, best[:1])
    if best and instead.is_legal(refutation[0]) and mates_if_let(played(instead, refutation[:1])):
        return None
    return Reason("threat", REFUTATION, 1, move=refutation[0])


def _event(
    before: Board, move: Move, after: Board, best: tuple[Move, ...], refutation: tuple[Move, ...]
) -> Reason | None:
    """Return what happens in one of the lines and not in the other, apart from material; else None."""
    found = difference(before, move, best, refutation)
    if found is None:
        return None
    kind, missed, event = found
    start, line = (before, best) if missed else (after, refutation)
    piece = start.piece_at(event.square)
    return Reason(
        f"missed_{kind}" if missed else kind, BEST if missed else REFUTATION, event.ply,
        square=line[event.ply - 1].to_square, piece=piece, origin=event.square, move=line[event.ply - 1],
    )  # fmt: skip
