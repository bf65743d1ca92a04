"""Exercises on the board and teaching mode: moves are judged in the background and taken back if they fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ...records.game import GameRecord
from ...review.reasons import REFUTATION
from ...review.review import INACCURACY, whole_points
from ...rules.moves import Move
from ...rules.squares import BLACK
from .analysis import Attempt
from .analyst import Previews
from .exercises import TRIES, Book, Exercise
from .game import Game
from .hooks import Hooks
from .reviewing import Order, Result, Reviewing, Terms
from .state import State
from .texts import Message, message

if TYPE_CHECKING:
    from ...review.review import MoveReview

REPLY = 0.5  # seconds until the answer to a correct move is played
PIECE, ARROW = 2, 3  # moves taken back in a position before the piece, and then the move, is shown


class Coach:
    """Puts exercises on the board instead of the game, and watches moves in games."""

    def __init__(self, state: State, reviewing: Reviewing | None, book: Book, previews: Previews, hooks: Hooks):
        self._state, self._reviewing, self.book = state, reviewing, book
        self._previews, self._hooks = previews, hooks
        self._flipped = False  # whether the game's board is flipped

    def terms(self) -> Terms:
        """Return the terms of judging from the settings."""
        settings = self._state.settings
        return Terms(settings.judge, settings.review_effort, settings.ruleset, settings.threads)

    # ------------------------------------------------------------------------------------------------ exercises

    def practise(self, exercises: Sequence[Exercise]) -> None:
        """Put exercises on the board one after the other, unsolved ones first."""
        if exercises:
            self._begin(Attempt(tuple(self.book.ordered(exercises))))

    def retry(self, record: GameRecord, own: MoveReview, line: tuple[Move, ...]) -> None:
        """Put the position before a mistake on the board, to find a better move."""
        start = GameRecord(dict(record.headers), record.start_fen, line[: own.ply])
        self._begin(Attempt((Exercise(start, own.best),), own=own))

    def _begin(self, attempt: Attempt) -> None:
        state, analysis = self._state, self._state.analysis
        if analysis.attempt is None:
            analysis.parked = state.game
            self._flipped = state.flipped
        analysis.attempt = attempt
        self._ask()

    def _ask(self) -> None:
        """Show the current exercise for another try."""
        attempt = self._attempt
        attempt.state = "asked"
        self._put(attempt.exercise, attempt.exercise.solution[: attempt.step])
        self._state.flipped = self._state.turn is BLACK
        self._hooks.moved_on()

    def _put(self, exercise: Exercise, made: tuple[Move, ...]) -> None:
        """Put the exercise's position on the board, after some moves of its solution."""
        state = self._state
        record = replace(exercise.record, moves=exercise.record.moves + made)
        state.game = Game(record, live=False, ruleset=state.settings.ruleset)
        state.game.go_to(len(record.moves))
        state.game_id += 1

    @property
    def _attempt(self) -> Attempt:
        assert self._state.analysis.attempt is not None
        return self._state.analysis.attempt

    def leave(self) -> None:
        """Restore the game on the board."""
        state, analysis = self._state, self._state.analysis
        if analysis.attempt is None or analysis.parked is None:
            return
        self._forget_order(analysis.attempt)
        state.game, analysis.parked, analysis.attempt = analysis.parked, None, None
        state.flipped = self._flipped
        state.game_id += 1
        self._hooks.moved_on()

    @staticmethod
    def _forget_order(attempt: Attempt) -> None:
        if attempt.order is not None:
            Reviewing.cancel(attempt.order)
            attempt.order = None

    def next(self) -> bool:
        """Put the next exercise on the board; return false after the last one."""
        attempt = self._attempt
        if not attempt.over:
            self._shown()
        if attempt.number + 1 >= len(attempt.exercises):
            return False
        self._forget_order(attempt)
        attempt.number, attempt.step, attempt.tries, attempt.other = attempt.number + 1, 0, 0, False
        self._ask()
        return True

    def show(self) -> None:
        """Play the solution on the board."""
        attempt = self._attempt
        if not attempt.over:
            self._shown()
        made = attempt.step
        solution = attempt.exercise.solution
        if solution:
            self._put(attempt.exercise, solution[:made])
            self._hooks.moved_on()
            self._previews.play(solution[made:])

    def _shown(self) -> None:
        attempt = self._attempt
        self._forget_order(attempt)
        attempt.state, attempt.shown = "shown", attempt.shown + 1
        self._remember(False)

    def _solved(self) -> None:
        attempt = self._attempt
        attempt.state, attempt.solved = "solved", attempt.solved + 1
        self._remember(True)
        self._hooks.sound("win")
        self._hooks.consider()

    def _remember(self, well: bool) -> None:
        if self._attempt.own is None:
            self.book.solved(self._attempt.exercise, well)

    def moved(self, move: Move) -> None:
        """Handle a move in an exercise: accept the solution's, or have any other judged."""
        attempt = self._attempt
        if attempt.state != "asked":
            return
        game, solution = self._state.game, attempt.exercise.solution
        outcome = game.outcome()
        if solution[attempt.step : attempt.step + 1] == (move,):
            self._right()
        elif outcome is not None and outcome.winner is game.board.turn.opponent:
            attempt.other = True
            self._solved()
        elif self._reviewing is None:
            self._wrong(None)
        else:
            attempt.state = "checking"
            ply = game.cursor - 1
            record = replace(game.record, moves=game.line[: ply + 1], comments={}, variations={}, nags={})
            attempt.order = Order("attempt", self.terms(), record, plies=frozenset({ply}))
            self._reviewing.ask(attempt.order)

    def _right(self) -> None:
        attempt = self._attempt
        attempt.step += 1
        if attempt.own is not None or attempt.step >= len(attempt.exercise.solution):
            self._solved()
        else:
            attempt.state, attempt.since = "reply", self._hooks.clock()

    def _wrong(self, judged: MoveReview | None) -> None:
        """Take the move back; after the last try show the solution."""
        attempt = self._attempt
        attempt.tries += 1
        self._hooks.sound("illegal")
        words = message("exercise_wrong", left=TRIES - attempt.tries)
        if judged is not None:
            words = message("exercise_costs", loss=whole_points(judged.loss), left=TRIES - attempt.tries)
            words = self._because(words, judged)
        if attempt.tries >= TRIES:
            self.show()
            return
        self._ask()
        self._state.message = words

    def _checked(self, result: Result) -> None:
        """Handle the judge's verdict on a move in an exercise."""
        attempt = self._attempt
        attempt.order = None
        judged = result.review.moves[0] if result.review is not None and result.review.moves else None
        if judged is None:
            self._ask()
            self._state.message = message("judge_failed", error=True, fault=result.fault)
            return
        mates = judged.score_after.mate is not None and judged.score_after.mate > 0
        if judged.loss < INACCURACY and (attempt.exercise.mate is None or mates):
            attempt.other = True
            self._solved()
        else:
            self._wrong(judged)

    # ------------------------------------------------------------------------------------------------ teaching

    def watch(self, move: Move) -> None:
        """Handle the user's move in a game: in teaching mode it is judged before the program moves.

        If the user repeats the same move, it is accepted.
        """
        state, teaching = self._state, self._state.analysis.teaching
        if not state.settings.teaching or self._reviewing is None or len(state.humans) != 1:
            return
        if state.analysis.on or not state.game.on_main_line or not state.game.at_tip or state.game.outcome():
            return
        ply = state.game.cursor - 1
        before = self._key_before()
        if move in teaching.refused.get(before, []):
            return
        record = replace(state.game.record, moves=state.game.line, comments={}, variations={}, nags={})
        teaching.order = Order("teaching", self.terms(), record, plies=frozenset({ply}))
        teaching.piece = None
        self._reviewing.ask(teaching.order)

    def _because(self, words: Message, judged: MoveReview) -> Message:
        """Return the words with the reason, if it is seen in the answer to the move: others would give the better move
        away."""
        reason = judged.reason
        if reason is None or reason.line != REFUTATION:
            return words
        return message("exercise_because", words=words, reason=reason, notation=self._state.settings.notation)

    def _key_before(self) -> tuple[int, int]:
        board = self._state.game.board
        move = board.pop()
        key = (board.ply, board.key)
        board.push_unchecked(move)
        return key

    def _taught(self, result: Result) -> None:
        """Handle the judge's verdict on a move in a game: accept it, or take it back with a hint."""
        state, teaching = self._state, self._state.analysis.teaching
        order, teaching.order = teaching.order, None
        judged = result.review.moves[0] if result.review is not None and result.review.moves else None
        same = order is not None and state.game.at_tip and state.game.line == order.record.moves
        if judged is None or not same or 100 * judged.loss < state.settings.teaching:
            self._hooks.consider()
            return
        refused = teaching.refused.setdefault(self._key_before(), [])
        refused.append(judged.move)
        self._hooks.take_back()
        words = message("teaching_costs", loss=whole_points(judged.loss))
        words = self._because(words, judged)
        if judged.best and len(refused) >= PIECE:
            teaching.piece = judged.best[0].from_square
        if judged.best and len(refused) >= ARROW:
            state.hint = judged.best[0]
        state.message = words
        self._hooks.sound("illegal")

    # ------------------------------------------------------------------------------------------------ results

    def take(self, result: Result) -> bool:
        """Take a result; return false if it was not requested here."""
        attempt, teaching = self._state.analysis.attempt, self._state.analysis.teaching
        if attempt is not None and result.order is attempt.order:
            self._checked(result)
        elif result.order is teaching.order:
            self._taught(result)
        else:
            return False
        return True

    def drop(self) -> None:
        """Cancel the judging, as the move was taken back or another game is on the board."""
        teaching = self._state.analysis.teaching
        teaching.piece = None
        if teaching.order is not None:
            Reviewing.cancel(teaching.order)
            teaching.order = None

    def tick(self) -> None:
        """Play the answer to a correct move once it is due."""
        attempt = self._state.analysis.attempt
        if attempt is None or attempt.state != "reply" or self._hooks.clock() < attempt.since + REPLY:
            return
        reply = attempt.exercise.solution[attempt.step]
        attempt.step += 1
        attempt.state = "asked"
        self._hooks.play(reply)
        if attempt.step >= len(attempt.exercise.solution):
            self._solved()
        self._hooks.consider()
