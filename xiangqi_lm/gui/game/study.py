"""The controller's part for analysis mode: the judge's lines, previews of lines, reviews of games, exercises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import XiangqiError
from ...records.game import GameRecord
from ...rules.moves import Move
from ...rules.squares import Color
from .analyst import Analyst, Previews
from .coach import Coach
from .exercises import Book, read_exercises
from .faults import reason
from .folders import FAULTS
from .hooks import Hooks
from .reviewing import MakeReviewer, Order, Result, Reviewing
from .state import Motion, State
from .texts import message
from .thinker import Thinker

if TYPE_CHECKING:
    from ...review.review import MoveReview, Review

FEWEST, MOST = 1, 5  # the range of the number of the judge's lines
REMEMBERED = 50  # reviews kept, so that all games of a file can be reviewed


@dataclass(frozen=True)
class Helpers:
    """The available helpers: judge for lines, maker of reviewers, folder of exercises and the user's library;
    None if not available."""

    judge: Thinker | None = None
    make: MakeReviewer | None = None
    exercises: Path | None = None
    library: Path | None = None


class Study:
    """The helpers for studying a game; functions whose helper is missing are not offered."""

    def __init__(self, state: State, helpers: Helpers, hooks: Hooks):
        self._state, self._hooks = state, hooks
        judge, make = helpers.judge, helpers.make
        self._analyst = Analyst(judge, state, hooks.wake) if judge is not None else None
        self._reviewing = Reviewing(make, hooks.wake) if make is not None else None
        self._library = helpers.library
        self.previews = Previews(state, hooks.clock)
        self.coach = Coach(state, self._reviewing, Book(helpers.exercises), self.previews, hooks)
        self._reviews: dict[tuple[object, ...], Result] = {}

    @property
    def busy(self) -> bool:
        """Return whether a thread is working."""
        judging = self._analyst is not None and self._analyst.busy
        return judging or (self._reviewing is not None and self._reviewing.busy)

    @property
    def making(self) -> str:
        """Return the spec of the judge while it is being built."""
        return self._analyst.making if self._analyst is not None else ""

    @property
    def impatient(self) -> bool:
        """Return whether something will soon move on the board."""
        preview, attempt = self.previews.now, self._state.analysis.attempt
        return (preview is not None and preview.playing) or (attempt is not None and attempt.state == "reply")

    def close(self) -> None:
        """Close the judge and the reviewer."""
        if self._analyst is not None:
            self._analyst.close()
        if self._reviewing is not None:
            self._reviewing.close()

    def tick(self) -> None:
        """Take results, and continue a line being played on the board."""
        if self._analyst is not None:
            self._analyst.collect()
        for result in self._reviewing.collect() if self._reviewing is not None else ():
            if not self.coach.take(result):
                self._reviewed(result)
        if self.previews.tick():
            self._show_motion()
        self.coach.tick()

    def consider(self) -> None:
        """Have the judge analyse the current position if needed."""
        if self._analyst is not None:
            self._analyst.consider()

    # ------------------------------------------------------------------------------------------------ the mode

    def toggle(self) -> None:
        """Switch between play and analysis; a game in progress is suspended and later resumed where it was."""
        state = self._state
        if state.editor is not None:
            return
        self.coach.leave()
        analysis, game = state.analysis, state.game
        analysis.on = not analysis.on
        analysis.preview = None
        if analysis.on:
            self.coach.drop()
            analysis.resting = game.rest() if game.live else None
        elif analysis.resting is not None:
            resting, analysis.resting = analysis.resting, None
            game.resume(resting)
        self._hooks.moved_on()

    # ------------------------------------------------------------------------------------------------ lines

    def more_lines(self, count: int) -> None:
        """Change the number of the judge's lines."""
        wanted = min(max(self._state.settings.lines + count, FEWEST), MOST)
        self._hooks.change(lines=wanted)

    def hover(self, moves: tuple[Move, ...], shown: int) -> None:
        """Show the line under the pointer after `shown` of its moves; 0 if the pointer is over no line."""
        self.previews.hover(moves, shown)

    def play_line(self, moves: tuple[Move, ...]) -> None:
        """Play a line on the board, or close it if it is already being played."""
        self.previews.play(moves)
        self._show_motion()

    def step(self, plies: int) -> bool:
        """Step in the line on the board; return false if there is none."""
        now = self.previews.now
        if now is None or not now.pinned:
            return False
        self.previews.step(plies)
        if plies == 1 and now.shown < len(now.moves):
            self._show_motion()
        return True

    def _show_motion(self) -> None:
        """Animate a preview's last move."""
        now = self.previews.now
        if now is None or not now.shown:
            return
        move = now.moves[now.shown - 1]
        board = self._state.game.board.copy()
        for made in now.moves[: now.shown - 1]:
            board.push_unchecked(made)
        piece, taken = board.piece_at(move.from_square) or 0, board.piece_at(move.to_square) or 0
        self._hooks.motion(Motion(move, piece, taken))

    def escape(self) -> None:
        """Close the line on the board, else the exercise."""
        if self.previews.now is not None:
            self.previews.leave()
        else:
            self.coach.leave()

    # ------------------------------------------------------------------------------------------------ reviews

    def review(self) -> None:
        """Start reviewing the current line, or stop; moves reviewed before are not judged again."""
        analysis, game = self._state.analysis, self._state.game
        if analysis.order is not None:
            Reviewing.cancel(analysis.order)
            return
        if self._reviewing is None or analysis.attempt is not None or not game.line:
            return
        if not analysis.on:
            self.toggle()
        path = game.path if game.place.path else ()
        chosen = self._state.settings.library
        library = Path(chosen) if chosen else self._library
        whose = (
            self._state.humans if self._state.document is None and len(self._state.humans) == 1 else frozenset(Color)
        )
        order = Order("game", self.coach.terms(), game.record, path, library=library, exercises=whose)
        analysis.order = order
        self._reviewing.ask(order)
        self._hooks.consider()

    def _reviewed(self, result: Result) -> None:
        """Handle a complete or partial review, or exercises from a review."""
        order, analysis = result.order, self._state.analysis
        if result.puzzles:
            new = self.coach.book.add(result.puzzles)
            if new and analysis.attempt is None and order.key == "game":
                self._state.message = message("exercises_added", count=new)
            return
        if result.review is not None:
            self._reviews[_name(result.review.record, result.review.line)] = result
            if len(self._reviews) > REMEMBERED:
                del self._reviews[next(iter(self._reviews))]
        if order is not analysis.order:
            return
        analysis.order = None
        self._hooks.consider()
        if result.review is None:
            if result.fault:
                self._state.message = message("review_failed", error=True, fault=result.fault)
            return
        if result.review.moves or result.review.complete:
            analysis.review, analysis.left_library = result.review, result.left_library

    def recall(self) -> None:
        """Show the stored review of the game now on the board."""
        analysis, game = self._state.analysis, self._state.game
        known = self._reviews.get(_name(game.record, game.record.moves))
        if known is not None:
            analysis.review, analysis.left_library = known.review, known.left_library

    def mistake(self, step: int) -> None:
        """Go to the next or previous mistake of the review."""
        here = self._state.game.cursor
        plies = [one.ply + 1 for one in mistakes(self._state)]
        after = [ply for ply in plies if (ply > here if step > 0 else ply < here)]
        if after:
            self._hooks.go_to(after[0] if step > 0 else after[-1])
        elif plies:
            self._state.message = message("no_more_mistakes")

    # ------------------------------------------------------------------------------------------------ exercises

    def retry(self) -> None:
        """Retry a mistake: the current one, else the user's next one."""
        analysis = self._state.analysis
        if analysis.attempt is not None and analysis.attempt.own is not None:
            after = analysis.attempt.own.ply + 1
            self.coach.leave()
            own = [one for one in self._own_mistakes() if one.ply >= after]
        else:
            here = self._state.game.cursor
            every = mistakes(self._state)
            own = [one for one in every if one.ply + 1 == here]
            own = own or [one for one in self._own_mistakes() if one.ply >= here] or self._own_mistakes()
        own = [one for one in own if one.best]
        if not own:
            self._state.message = message("no_more_mistakes")
            return
        assert analysis.review is not None
        review = analysis.review
        self._hooks.go_to(own[0].ply + 1)
        self.coach.retry(review.record, own[0], review.line)

    def _own_mistakes(self) -> list[MoveReview]:
        """Return the user's mistakes, or those of both sides between two people."""
        mine = self._state.humans or frozenset(Color)
        every = mistakes(self._state)
        return [one for one in every if one.mover in mine] or every

    def practise(self, path: Path | None = None) -> bool:
        """Put exercises on the board, from the user's games or a file; without any, show a message and return false."""
        state = self._state
        try:
            exercises = read_exercises(path) if path is not None else self.coach.book.own()
        except (*FAULTS, XiangqiError) as fault:
            assert path is not None
            state.message = message("load_failed", error=True, name=path.name, reason=reason(fault))
            return False
        if not exercises:
            state.message = message("no_exercises")
            return False
        if not state.analysis.on:
            self.toggle()
        self.coach.leave()
        self.coach.practise(exercises)
        return True

    def next(self) -> None:
        """Go to the next exercise or mistake; after the last one return to the game."""
        attempt = self._state.analysis.attempt
        if attempt is None:
            return
        if attempt.own is not None:
            self.retry()
        elif not self.coach.next():
            solved, count = attempt.solved, len(attempt.exercises)
            self.coach.leave()
            self._state.message = message("practice_over", solved=solved, count=count)


def _name(record: GameRecord, line: Sequence[Move]) -> tuple[object, ...]:
    return record.start_fen, tuple(line)


def reviewed(state: State) -> dict[int, MoveReview]:
    """Return the review of the current line, by the number of plies before each move."""
    review: Review | None = state.analysis.review
    if review is None or state.analysis.attempt is not None:
        return {}
    line, common = state.game.line, 0
    for one, other in zip(line, review.line, strict=False):
        if one is not other:
            break
        common += 1
    return {one.ply: one for one in review.moves if one.ply < common}


def mistakes(state: State) -> list[MoveReview]:
    """Return the mistakes in the current line, in order."""
    return [one for one in reviewed(state).values() if one.is_mistake]
