"""Everything besides moves that decides a game: clocks, draw offers, resignation."""

from __future__ import annotations

from collections.abc import Callable

from ...engine.manners import Temper, agreed, resigned
from ...engine.player import Choice, Manners
from ...rules.outcome import Outcome, Termination
from ...rules.squares import RED, Color
from .clocks import GRACE, GameClock, TimeControl
from .players import HUMAN, answers_offers
from .state import State
from .texts import message


class Referee:
    """Runs the state's clock and ends its game; `ended` is called with the winner."""

    def __init__(self, state: State, clock: Callable[[], float], ended: Callable[[Color | None], None]):
        self._state, self._clock, self._ended = state, clock, ended
        self._temper = Temper()

    def begin(self) -> None:
        """Begin a game with the time control of the settings."""
        self._state.clock = GameClock(TimeControl(*self._state.settings.clock))
        self._state.draw_offered = None
        self._temper = Temper()

    # ------------------------------------------------------------------------------------------------ clocks

    def tick(self) -> None:
        """Run the clock of the side to move during play, and end the game when its time is up."""
        state, now = self._state, self._clock()
        clock = state.clock
        if not clock.control:
            return
        playing = state.game.live and state.game.at_tip and state.editor is None and state.game.outcome() is None
        waits = state.turn not in state.humans and (
            state.paused or state.loading or state.making or bool(state.failure)
        )
        begun = len(state.game.line) > 0 or state.turn not in state.humans
        clock.run(state.turn if playing and begun and not waits else None, now)
        for color in Color:
            over = clock.overstepped(color)
            if playing and over > (0 if color in state.humans else GRACE):
                words = ("Red's time is up", "红方超时") if color is RED else ("Black's time is up", "黑方超时")
                self.end(Outcome(color.opponent, Termination.TIME, *words, state.game.cursor))
                return

    def moved(self, color: Color) -> None:
        """Handle a side's move."""
        state = self._state
        if state.clock.control:
            state.clock.moved(color, state.game.cursor, self._clock())
        if state.draw_offered is not None and state.draw_offered is not color:
            state.draw_offered = None  # a move declines the offer

    # ------------------------------------------------------------------------------------------------ ends

    def end(self, outcome: Outcome) -> None:
        """End the game for a reason not visible on the board."""
        state = self._state
        state.game.end(outcome)
        state.draw_offered = None
        state.clock.run(None, self._clock())
        self._ended(outcome.winner)

    def resign(self, loser: Color) -> None:
        """End the game by resignation."""
        self.end(resigned(loser, len(self._state.game.line)))

    def agree(self) -> None:
        """End the game as a draw by agreement."""
        self.end(agreed(len(self._state.game.line)))

    def offer(self) -> None:
        """Offer a draw to a program, which accepts if it does not expect more; one that speaks UCCI is asked with its
        next move."""
        state = self._state
        program = next((color for color in Color if color not in state.humans), None)
        if program is None or state.offered_by_program:  # between two people the offer counts as accepted
            self.agree()
        elif answers_offers(state.seats.get(program, HUMAN), state.own):
            state.draw_offered = program.opponent
        elif self._accepts(program):
            self.agree()
        else:
            state.message = message("draw_refused", side=program)

    def _accepts(self, color: Color) -> bool:
        """Return whether a side would accept a draw, by its last evaluation."""
        state = self._state
        for back in (1, 2):
            if state.game.turn_at(state.game.cursor - back) is color:
                thought = state.thought(back)
                return thought is not None and bool(thought.draw)
        return False

    def judged(self, choice: Choice, manners: Manners) -> Choice:
        """Return a program's choice with its resignation or draw offer, if settings and manners allow it."""
        state = self._state
        if not state.settings.gives_up:
            return self._temper.judged(state.game.board, choice, Manners(False, manners.draw is not False))
        return self._temper.judged(state.game.board, choice, manners.where(resign=True, draw=True))

    def give_up(self, color: Color, choice: Choice) -> bool:
        """Let a program resign or accept a draw (return true), or offer one."""
        state = self._state
        if choice.resigns:
            self.resign(color)
            return True
        offered = state.draw_offered is color.opponent
        state.draw_offered = None
        if offered and choice.draw:
            self.agree()
            return True
        if choice.draw == "offers" and state.settings.gives_up:
            state.draw_offered = color
        return False
