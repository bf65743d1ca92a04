"""Exercises from mistakes: positions in which one move is clearly best; announced mates are proved first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..records.game import GameRecord
from ..rules.board import Board
from ..rules.moves import Move
from .curve import curve_of
from .review import MISTAKE, MoveReview, Review, expectation
from .reviewer import CONFIRM, LOOKS
from .verdicts import Judge, Question

CLEAR = 0.15  # by how much expected score the best move must beat the next
LEAST = 0.5  # the least expected score of a solution
LONGEST_MATE = 8  # moves; longer ones are neither proved nor used
MOST_SEARCHES = 2_000  # searches per proof
KEPT_HEADERS = ("Event", "Site", "Date", "Round", "Red", "Black")
SHOWN = 7  # plies of a solution that does not end in mate


@dataclass(frozen=True)
class Puzzle:
    """A position with its solution, starting with the solver's move; `mate` is the number of moves of a proved mate."""

    fen: str
    solution: tuple[Move, ...]
    mate: int | None
    headers: dict[str, str]

    def record(self) -> GameRecord:
        """Return the puzzle as a game from its position."""
        return GameRecord(dict(self.headers), self.fen, self.solution)


class NotProved(Exception):
    """An announced mate could not be proved."""


def prove_mate(board: Board, moves: int, choose: Callable[[Board], tuple[Move, ...]]) -> tuple[Move, ...] | None:
    """Return the longest line of a proved mate in at most `moves` moves, or None.

    Every legal reply to every move of the attacker is tried. `choose` (a search) only suggests the attacker's moves;
    the rules decide what is mate. A reply that repeats a position of the line refutes the proof.
    """
    left = [MOST_SEARCHES]

    def attack(position: Board, most: int, seen: frozenset[int]) -> tuple[Move, ...]:
        if final := position.final_moves():
            return (final[0],)
        if most <= 1 or left[0] <= 0:
            raise NotProved
        left[0] -= 1
        proposed = choose(position)
        if not proposed:
            raise NotProved
        position.push(proposed[0])
        try:
            longest: tuple[Move, ...] = ()
            for reply in position.legal_list():
                position.push_unchecked(reply)
                try:
                    if position.key in seen:
                        raise NotProved
                    line = (reply, *attack(position, most - 1, seen | {position.key}))
                finally:
                    position.pop()
                longest = max(longest, line, key=len)
            return (proposed[0], *longest)
        finally:
            position.pop()

    try:
        return attack(board.copy(), moves, frozenset((board.key,)))
    except NotProved:
        return None


def puzzles(review: Review, judge: Judge) -> list[Puzzle]:
    """Return an exercise for each mistake in a review where one move was clearly best."""
    boards = _boards(review)
    found = []
    for one in review.moves:
        if one.is_mistake and one.loss >= MISTAKE and one.best and expectation(one.before) >= LEAST:
            puzzle = _puzzle(review, boards[one.ply], one, judge)
            if puzzle is not None:
                found.append(puzzle)
    return found


def _boards(review: Review) -> list[Board]:
    board, boards = review.start(), []
    for move in review.line:
        boards.append(board.copy())
        board.push(move)
    return boards


def _puzzle(review: Review, board: Board, one: MoveReview, judge: Judge) -> Puzzle | None:
    if len(board.legal_list()) < 2:
        return None
    effort = max(factor for least, factor in LOOKS if one.loss >= least)  # that the best move was searched with
    others = list(judge.ask([Question(board, effort, one.best[:1])]))
    if not others:
        return None
    second = curve_of(judge.kind).of(others[0][1].score, one.ply)
    if expectation(one.before) - expectation(second) < CLEAR:
        return None
    solution, mate = one.best[:SHOWN], None
    if (announced := one.score_before.mate) is not None:

        def choose(position: Board) -> tuple[Move, ...]:
            return next((verdict.line for _, verdict in judge.ask([Question(position.copy(), CONFIRM)])), ())

        proved = prove_mate(board, announced, choose) if announced <= LONGEST_MATE else None
        if proved is None:
            return None
        solution, mate = proved, (len(proved) + 1) // 2
    if len(solution) % 2 == 0:  # the solution ends with the solver's move
        solution = solution[:-1]
    own = review.record.headers
    headers: dict[str, str] = {name: own[name] for name in KEPT_HEADERS if name in own}
    headers |= {"Ply": str(one.ply), "Played": one.move.iccs()}
    if mate is not None:
        headers["Mate"] = str(mate)
    return Puzzle(board.fen(), solution, mate, headers)
