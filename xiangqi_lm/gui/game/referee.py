"""What happens beside the moves: clocks, offers of a draw, resignation, programs that give up."""

from __future__ import annotations

from collections.abc import Callable

from ...engine.player import Choice
from ...rules.outcome import Outcome, Termination
from ...rules.squares import RED, Color
from .clocks import GRACE, GameClock, TimeControl
from .state import State
from .texts import message

HOPELESS, HOPELESS_TIMES = 0.03, 4  # expected score below which, and moves in a row after which, a program resigns
EVEN, EVEN_TIMES, EVEN_PLY = 0.04, 8, 80  # from one half, moves in a row, and the first ply: it offers a draw
ACCEPTS, ACCEPTS_PLY = 0.5, 30  # the most that a program may expect where it accepts a draw, and the first ply


def expected(choice: Choice | None) -> float | None:
    """Return the expected score of whoever made a choice, where its player says something of that."""
    return choice.score.expectation() if choice is not None and choice.score is not None else None


class Referee:
    """Changes the state's clock and ends its game; `ended` is called with who won."""

    def __init__(self, state: State, clock: Callable[[], float], ended: Callable[[Color | None], None]):
        self._state, self._clock, self._ended = state, clock, ended
        self._hopeless = dict.fromkeys(Color, 0)
        self._even = dict.fromkeys(Color, 0)

    def begin(self) -> None:
        """Begin a game, with the time control of the settings."""
        self._state.clock = GameClock(TimeControl(*self._state.settings.clock))
        self._state.draw_offered = None
        self._hopeless = dict.fromkeys(Color, 0)
        self._even = dict.fromkeys(Color, 0)

    # ------------------------------------------------------------------------------------------------ clocks

    def tick(self) -> None:
        """Let the clock of the side to move run while the game is played, and end a game whose time is up."""
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
        """Note that a side has moved on the board."""
        state = self._state
        if state.clock.control:
            state.clock.moved(color, state.game.cursor, self._clock())
        if state.draw_offered is not None and state.draw_offered is not color:
            state.draw_offered = None  # whoever moves on declines

    # ------------------------------------------------------------------------------------------------ ends

    def end(self, outcome: Outcome) -> None:
        """End the game for a reason that the board does not show."""
        state = self._state
        state.game.end(outcome)
        state.draw_offered = None
        state.clock.run(None, self._clock())
        self._ended(outcome.winner)

    def resign(self, loser: Color) -> None:
        """End the game as a side resigns."""
        words = ("Red resigned", "红方认输") if loser is RED else ("Black resigned", "黑方认输")
        self.end(Outcome(loser.opponent, Termination.RESIGNATION, *words, len(self._state.game.line)))

    def agree(self) -> None:
        """End the game as both sides agree on a draw."""
        words = ("draw by agreement", "双方议和")
        self.end(Outcome(None, Termination.AGREEMENT, *words, len(self._state.game.line)))

    def offer(self) -> None:
        """Offer a draw to a program, which accepts it where it expects no more than that."""
        state = self._state
        programs = [color for color in Color if color not in state.humans]
        if not programs:  # two people: whoever sits there answers for both
            self.agree()
            return
        worth = [self._hopes(color) for color in programs]
        if state.game.cursor >= ACCEPTS_PLY and all(hope is not None and hope <= ACCEPTS + EVEN for hope in worth):
            self.agree()
        else:
            state.message = message("draw_refused", side=programs[0])

    def _hopes(self, color: Color) -> float | None:
        """Return what a side expected when it was last asked."""
        state = self._state
        for back in (1, 2):
            if state.game.turn_at(state.game.cursor - back) is color:
                return expected(state.thought(back))
        return None

    def give_up(self, color: Color, choice: Choice) -> bool:
        """Let a program that has thought resign where it long had no hope (True), or offer a draw."""
        state, hope = self._state, expected(choice)
        if hope is None or not state.settings.gives_up:
            return False
        self._hopeless[color] = self._hopeless[color] + 1 if hope < HOPELESS else 0
        even = abs(hope - 0.5) < EVEN and state.game.cursor >= EVEN_PLY
        self._even[color] = self._even[color] + 1 if even else 0
        if self._hopeless[color] >= HOPELESS_TIMES:
            self.resign(color)
            return True
        if self._even[color] >= EVEN_TIMES:
            self._even[color] = 0
            if len(state.humans) == 1:
                state.draw_offered = color
            elif self._even[color.opponent] >= EVEN_TIMES // 2:
                self.agree()
                return True
        return False
