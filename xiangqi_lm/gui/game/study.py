"""Analysis mode as the controller has it: the judge's lines, previews of lines, reviews of games, exercises."""

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
from .files import FAULTS
from .hooks import Hooks
from .reviewing import MakeReviewer, Order, Result, Reviewing
from .state import Motion, State
from .texts import message
from .thinker import Thinker

if TYPE_CHECKING:
    from ...review.review import MoveReview, Review

FEWEST, MOST = 1, 5  # lines of the judge
REMEMBERED = 50  # reviews, so that a file's games can be gone through


@dataclass(frozen=True)
class Helpers:
    """Who helps: the judge that gives lines, the maker of the advisers of reviews; the folder of exercises and the
    user's library. None: there is none."""

    judge: Thinker | None = None
    make: MakeReviewer | None = None
    exercises: Path | None = None
    library: Path | None = None


class Study:
    """Owns what helps to study a game. What the helpers lack is
    not offered."""

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
        """Return whether a thread is at work."""
        judging = self._analyst is not None and self._analyst.busy
        return judging or (self._reviewing is not None and self._reviewing.busy)

    @property
    def making(self) -> str:
        """Return the spec of the judge while it is being built."""
        return self._analyst.making if self._analyst is not None else ""

    @property
    def impatient(self) -> bool:
        """Return whether something moves on the board soon."""
        preview, attempt = self.previews.now, self._state.analysis.attempt
        return (preview is not None and preview.playing) or (attempt is not None and attempt.state == "reply")

    def close(self) -> None:
        """Let the judge and the reviewer go."""
        if self._analyst is not None:
            self._analyst.close()
        if self._reviewing is not None:
            self._reviewing.close()

    def tick(self) -> None:
        """Take what was found, and go on with what is played out."""
        if self._analyst is not None:
            self._analyst.collect()
        for result in self._reviewing.collect() if self._reviewing is not None else ():
            if not self.coach.take(result):
                self._reviewed(result)
        if self.previews.tick():
            self._show_motion()
        self.coach.tick()

    def consider(self) -> None:
        """Have the judge look at what is to be looked at."""
        if self._analyst is not None:
            self._analyst.consider()

    # ------------------------------------------------------------------------------------------------ the mode

    def toggle(self) -> None:
        """Go from play to analysis and back: a game under way rests meanwhile, and goes on where it stood."""
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
        """Have the judge give more lines, or fewer."""
        wanted = min(max(self._state.settings.lines + count, FEWEST), MOST)
        self._hooks.change(lines=wanted)

    def hover(self, moves: tuple[Move, ...], shown: int) -> None:
        """Show a line after `shown` of its moves, over which the pointer is; 0: over none."""
        self.previews.hover(moves, shown)

    def play_line(self, moves: tuple[Move, ...]) -> None:
        """Play a line out on the board, or leave it if it is the one that is played out."""
        self.previews.play(moves)
        self._show_motion()

    def step(self, plies: int) -> bool:
        """Step in the line that is played out; False where there is none."""
        now = self.previews.now
        if now is None or not now.pinned:
            return False
        self.previews.step(plies)
        if plies == 1 and now.shown < len(now.moves):
            self._show_motion()
        return True

    def _show_motion(self) -> None:
        """Show a preview's last move as motion."""
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
        """Leave what is furthest from the game: a line that is played out, else an exercise."""
        if self.previews.now is not None:
            self.previews.leave()
        else:
            self.coach.leave()

    # ------------------------------------------------------------------------------------------------ reviews

    def review(self) -> None:
        """Begin to review the line looked at, or stop; what was known before is not asked again."""
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
        """A review has come, whole or as far as it got; or exercises from it."""
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
        """Another game is on the board: show the review that is known of it."""
        analysis, game = self._state.analysis, self._state.game
        known = self._reviews.get(_name(game.record, game.record.moves))
        if known is not None:
            analysis.review, analysis.left_library = known.review, known.left_library

    def mistake(self, step: int) -> None:
        """Look at the next mistake of the review, or the one before."""
        here = self._state.game.cursor
        plies = [one.ply + 1 for one in mistakes(self._state)]
        after = [ply for ply in plies if (ply > here if step > 0 else ply < here)]
        if after:
            self._hooks.go_to(after[0] if step > 0 else after[-1])
        elif plies:
            self._state.message = message("no_more_mistakes")

    # ------------------------------------------------------------------------------------------------ exercises

    def retry(self) -> None:
        """Try a mistake again: the one looked at, else the next one of the person at the screen."""
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
        """Return the mistakes of whoever sits at the screen; of both sides where two people do."""
        mine = self._state.humans or frozenset(Color)
        every = mistakes(self._state)
        return [one for one in every if one.mover in mine] or every

    def practise(self, path: Path | None = None) -> bool:
        """Put exercises on the board: from the user's own games, or from a file; False, with a message, for none."""
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
        """Go on to the next exercise, or the next mistake; after the last one back to the game."""
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
    """Return what the review says of the line looked at, by the plies before each move."""
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
    """Return the mistakes of the line looked at, in their order."""
    return [one for one in reviewed(state).values() if one.is_mistake]
