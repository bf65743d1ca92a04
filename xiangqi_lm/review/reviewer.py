"""`Reviewer`: reviews games with a judge and a model; it can be stopped and resumed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..records.game import GameRecord, Path, find, moves_to
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.score import WinDrawLoss
from ..rules.squares import Color
from . import motifs, reasons
from .curve import Curve, curve_of
from .known import opening_of
from .review import INACCURACY, MISTAKE, MoveReview, Review, expectation, mark_of, phase_of
from .verdicts import Judge, Question, Verdict, terminal

if TYPE_CHECKING:  # needs torch, which a review without a model does not
    from .masters import Expectation, Masters

CONFIRM = 4  # factor on the judge's limit for a second search of the positions around a mistake
LOOKS = ((INACCURACY, CONFIRM), (MISTAKE, 16), (0.20, 64))  # the loss from which a search is made, and its factor
UNEXPECTED = 0.3  # the highest probability of a move that can be marked as good
HARD = 0.05  # the highest probability of a good move that counts as brilliant
FEWEST_MOVES = 4  # with fewer legal moves, finding a good one is no achievement
LEAST_SCORE = 0.4  # the least expected score after a good move


@dataclass(frozen=True)
class Progress:
    """The progress of a review: positions answered and requested so far, and the last one's ply and verdict."""

    done: int
    total: int
    ply: int
    verdict: Verdict


Report = Callable[[Progress], None]


@dataclass(frozen=True)
class _Line:
    """A line of play: the position before each move and after the last, the moves, and whether it was set up."""

    boards: list[Board]
    moves: tuple[Move, ...]
    set_up: bool


class Reviewer:
    """A reviewer with one judge and an optional model, for one thread at a time; `close` ends the judge."""

    def __init__(self, judge: Judge, masters: Masters | None = None):
        self._judge, self._masters = judge, masters
        self._curve: Curve = curve_of(judge.kind)

    def review(
        self,
        record: GameRecord,
        path: Path = (),
        stop: threading.Event | None = None,
        progress: Report | None = None,
        sides: Collection[Color] = (),
        plies: Collection[int] | None = None,
    ) -> Review:
        """Return the review of the line that a path names, from the start of the game.

        `progress` is called from this thread as answers arrive. Once `stop` is set, the moves judged so far are
        returned, and the next review of the same moves finds them in the cache. With `sides`, only their moves are
        judged; with `plies`, only the moves after these plies. Raises XiangqiError if there is no such line,
        EngineFailure if the judge fails.
        """
        moves = moves_to(record.line, path, len(find(record.line, path).moves))
        line = _line_of(record, moves)
        ask = _Asking(self._judge, line, stop, progress)
        wanted = [i for i in range(len(moves)) if not sides or line.boards[i].turn in sides]
        wanted = [i for i in wanted if plies is None or i in plies]
        ask.positions({ply for i in wanted for ply in (i, i + 1)})
        expected = self._expected(line, stop)
        drafts = {i: self._draft(line, i, ask, expected) for i in wanted if ask.knows(i)}
        for least, effort in LOOKS:
            suspects = [i for i, one in drafts.items() if one.loss >= least]
            fresh = ask.positions({ply for i in suspects for ply in (i, i + 1)}, effort)
            for i in suspects:
                if i in fresh and i + 1 in fresh:  # one look compares with the same look
                    drafts[i] = self._draft(line, i, ask, expected)
        for i, one in drafts.items():
            if one.is_mistake:
                drafts[i] = self._explained(line, one, stop)
        drafts |= self._good(line, drafts, ask)
        known = tuple(drafts[i] for i in sorted(drafts))
        model = self._masters.name if self._masters else ""
        done = len(known) == len(wanted) and not ask.stopped
        opening = opening_of(line.boards[0], moves)
        return Review(record, path, moves, known, self._judge.spec, model, opening, self._judge.ruleset, done)

    def close(self) -> None:
        """End the judge."""
        self._judge.close()

    # -------------------------------------------------------------------------------------------- steps

    def _expected(self, line: _Line, stop: threading.Event | None) -> list[Expectation | None]:
        if self._masters is None or (stop is not None and stop.is_set()):
            return [None] * len(line.moves)
        return list(self._masters.expectations(line.boards[0], line.moves))

    def _draft(self, line: _Line, i: int, ask: _Asking, expected: list[Expectation | None]) -> MoveReview:
        """Return the review of move i from its scores alone."""
        board, move = line.boards[i], line.moves[i]
        first, then = ask.known[i], ask.known[i + 1]
        side = board.turn
        before, after = self._chances(first, i), _turned(self._chances(then, i + 1))
        loss = max(0.0, expectation(before) - expectation(after))
        if first.line[:1] == (move,):
            loss = 0.0
        return MoveReview(
            i, move, side, phase_of(board, line.set_up), before, after, first.score, then.score.seen_by(side),
            round(loss, 4), first.line, then.line, expected[i], mark_of(round(loss, 4)),
        )  # fmt: skip

    def _chances(self, verdict: Verdict, ply: int) -> WinDrawLoss:
        return self._curve.of(verdict.score, ply)

    def _explained(self, line: _Line, one: MoveReview, stop: threading.Event | None) -> MoveReview:
        """Return a mistake with its reason; lines to a mate are extended to it, as shorter ones prove nothing."""
        board, after = line.boards[one.ply], line.boards[one.ply + 1]
        best = mate_line(self._judge, board, Verdict(one.score_before, one.best), stop)
        answer = mate_line(self._judge, after, Verdict(one.score_after, one.answer), stop)
        expected = expectation(one.before), expectation(one.after)
        serious = one.loss >= MISTAKE
        reason = reasons.find(board, one.move, best, answer, self._judge.ruleset, expected, serious)
        return replace(one, best=best, answer=answer, reason=reason)

    def _good(self, line: _Line, drafts: dict[int, MoveReview], ask: _Asking) -> dict[int, MoveReview]:
        """Return the moves that were hard to find: the judge's choice, clearly better than all others, and unexpected.

        A second search with more effort has to agree. Those that masters hardly play or that sacrifice material for a
        time are brilliant.
        """
        hopeful = [i for i, one in drafts.items() if self._may_be_good(line.boards[i], one)]
        others = ask.runners_up(hopeful)
        hopeful = [i for i in others if self._stands_out(i, drafts[i].after, others[i])]
        again = ask.positions({i + 1 for i in hopeful}, CONFIRM)
        others = ask.runners_up(hopeful, CONFIRM)
        found = {}
        for i in hopeful:
            one = drafts[i]
            answered = i in others and i + 1 in again
            if not answered or not self._stands_out(i, _turned(self._chances(ask.known[i + 1], i + 1)), others[i]):
                continue
            rare = one.expected is not None and one.expected.probability <= HARD
            given = motifs.settled(_after(line.boards[i], one.move)) - _taken(line.boards[i], one.move) >= 2
            found[i] = replace(one, mark="brilliant" if rare or given else "good")
        return found

    def _stands_out(self, i: int, after: WinDrawLoss, other: Verdict) -> bool:
        """Return whether move i, with the chances `after` it, is clearly better than the next best."""
        return expectation(after) - expectation(self._chances(other, i)) >= MISTAKE

    @staticmethod
    def _may_be_good(board: Board, one: MoveReview) -> bool:
        if one.best[:1] != (one.move,) or expectation(one.after) < LEAST_SCORE:
            return False
        if len(board.legal_list()) < FEWEST_MOVES or _takes_back(board, one.move):
            return False
        return one.expected is None or one.expected.probability <= UNEXPECTED


class _Asking:
    """The judge's answers about one line, by ply."""

    def __init__(self, judge: Judge, line: _Line, stop: threading.Event | None, progress: Report | None):
        self.known: dict[int, Verdict] = {}
        self._judge, self._line, self._stop, self._progress = judge, line, stop, progress
        self._done = self._total = 0

    @property
    def stopped(self) -> bool:
        return self._stop is not None and self._stop.is_set()

    def knows(self, i: int) -> bool:
        return i in self.known and i + 1 in self.known

    def positions(self, plies: Collection[int], effort: int = 1) -> set[int]:
        """Judge positions, or judge them again with more effort; the rules judge those where the game is over.

        Returns the plies that were judged, which are all of them unless the review was stopped.
        """
        last = len(self._line.moves)
        asked, answered = [], set[int]()
        for ply in sorted(plies):
            board = self._line.boards[ply]
            over = terminal(board, self._judge.ruleset, ply == last) if board.ply else None
            if over is None and not board.legal_list():
                over = terminal(board, self._judge.ruleset, True)
            if over is not None:
                self.known[ply] = over
                answered.add(ply)
            else:
                asked.append(ply)
        self._total += len(asked)
        for index, verdict in self._judge.ask([Question(self._line.boards[p], effort) for p in asked], self._stop):
            self._put(asked[index], verdict)
            answered.add(asked[index])
        return answered

    def _put(self, ply: int, verdict: Verdict) -> None:
        self.known[ply] = verdict
        self._done += 1
        if self._progress is not None:
            self._progress(Progress(self._done, self._total, ply, verdict))

    def runners_up(self, plies: list[int], effort: int = 1) -> dict[int, Verdict]:
        """Return the verdicts on positions without the move that was played."""
        questions = [Question(self._line.boards[p], effort, (self._line.moves[p],)) for p in plies]
        self._total += len(plies)
        found = {}
        for index, verdict in self._judge.ask(questions, self._stop):
            found[plies[index]] = verdict
            self._done += 1
            if self._progress is not None:
                self._progress(Progress(self._done, self._total, plies[index], self.known[plies[index]]))
        return found


def mate_line(judge: Judge, board: Board, verdict: Verdict, stop: threading.Event | None = None) -> tuple[Move, ...]:
    """Return the judge's line to a mate it announces, extended to the mate if this takes no longer than announced; else
    return the line unchanged."""
    if verdict.score.mate is None or (stop is not None and stop.is_set()):
        return verdict.line
    board, line = board.copy(), list(verdict.line)
    for move in line:
        board.push(move)
    longest = 2 * abs(verdict.score.mate)
    while board.legal_list():
        if len(line) >= longest or board.outcome(judge.ruleset) is not None:
            return verdict.line
        answers = list(judge.ask([Question(board.copy(), CONFIRM)], stop))
        if not answers or not answers[0][1].line:
            return verdict.line
        for move in answers[0][1].line:
            board.push(move)
            line.append(move)
    return tuple(line)


def _line_of(record: GameRecord, moves: tuple[Move, ...]) -> _Line:
    board = record.start()
    set_up = board.fen() != Board().fen()
    boards = [board.copy()]
    for move in moves:
        board.push(move)
        boards.append(board.copy())
    return _Line(boards, moves, set_up)


def _turned(chances: WinDrawLoss) -> WinDrawLoss:
    return WinDrawLoss(*chances[::-1])


def _after(board: Board, move: Move) -> Board:
    board = board.copy()
    board.push(move)
    return board


def _taken(board: Board, move: Move) -> int:
    """Return the value of what a move takes, in pawns."""
    piece = board.piece_at(move.to_square)
    return motifs.worth(piece) if piece else 0


def _takes_back(board: Board, move: Move) -> bool:
    """Return whether a move takes the piece that has just captured."""
    if not board.ply or not board.history[-1].captured:
        return False
    return move.to_square == board.peek().to_square
