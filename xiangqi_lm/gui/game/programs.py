"""The programs of a game, opponents and adviser: questions to them, and the effects of their answers."""

from __future__ import annotations

from collections.abc import Callable

from ...engine.levels import compiles
from ...engine.player import Choice, Manners
from ...rules.compiling import is_compiling
from .hooks import Hooks
from .movelist import MoveNames
from .opponent import Adviser, Opponent
from .player_faults import player_fault
from .referee import Referee
from .state import State
from .texts import message
from .thinker import Thinker
from .thoughts import variations_of

COMPILED = 1.5  # seconds for which a compilation is shown after it was last seen


class Programs:
    """Asks the opponents for moves and the adviser for hints; without an adviser there are no hints.

    Nothing here blocks: `collect` takes the answers that have arrived, and drops those to outdated questions (after a
    take back, a new game, another position).
    """

    def __init__(
        self, thinker: Thinker, adviser: Thinker | None, state: State, referee: Referee, hooks: Hooks, pace: float
    ):
        self._state, self._referee, self._hooks = state, referee, hooks
        self._opponent = Opponent(thinker, state, hooks.clock, pace)
        self._adviser = Adviser(adviser, state, hooks.clock) if adviser is not None else None
        self._names = MoveNames()
        self._compiled_at = float("-inf")

    # ------------------------------------------------------------------------------------------------ asking

    def load(self) -> None:
        """Start loading the opponent, or reload it after a failure."""
        self._opponent.load()

    def consider(self) -> None:
        """Ask the programs what the position needs."""
        self._opponent.consider()
        if self._adviser is not None:
            self._adviser.consider()

    @property
    def busy(self) -> bool:
        """Return whether a program's thread is loading or thinking."""
        return self._opponent.busy or (self._adviser is not None and self._adviser.busy)

    @property
    def pace(self) -> float:
        """Return the least seconds between a question and its move, so that the eye can follow."""
        return self._opponent.pace

    @pace.setter
    def pace(self, seconds: float) -> None:
        self._opponent.pace = seconds

    @property
    def early(self) -> bool:
        """Return whether a move has arrived that is not due yet."""
        return self._opponent.early

    def close(self) -> None:
        """Close the programs."""
        self._opponent.close()
        if self._adviser is not None:
            self._adviser.close()

    # ------------------------------------------------------------------------------------------------ answers

    def collect(self, making: Callable[[], str]) -> bool:
        """Take the answers that have arrived; return whether anything happened.

        `making` gives the spec of a judge that is being built, for the message about compiling.
        """
        state = self._state
        happened, answers = self._opponent.collect()
        state.compiling = self._compiling(making)
        for answer in answers:
            assert answer.choice is not None
            if answer.ticket.purpose == "move":
                self._move(answer.choice, answer.manners)
            else:
                state.seen[state.here] = answer.choice
        if self._adviser is not None:
            for answer in self._adviser.collect():
                self._advise(answer.choice, answer.fault)
        return happened

    def _move(self, choice: Choice, manners: Manners) -> None:
        """Play a program's move, unless it resigns or agrees to a draw."""
        state = self._state
        choice = self._referee.judged(choice, manners)
        state.weighed[state.here] = choice
        state.one_move = False
        color, offered = state.turn, state.draw_offered in state.humans
        if self._referee.give_up(color, choice):
            return
        self._hooks.play(choice.move)
        if offered and state.game.outcome() is None:
            state.message = message("draw_refused", side=color)

    def _advise(self, choice: Choice | None, fault: str) -> None:
        """Show the adviser's best move if a hint was requested, or a message why there is none."""
        state = self._state
        wanted, state.hint_wanted = state.hint_wanted, False
        if choice is None:
            state.message = message("hint_failed", error=True, fault=player_fault(fault))
            return
        state.advice[state.here] = choice
        if wanted:
            best = variations_of(choice)[0].moves[0]
            state.hint = best
            name = self._names(state.game.board, best, state.settings.notation)
            state.message = message("hint", name=name, iccs=best.iccs())

    def _compiling(self, making: Callable[[], str]) -> str:
        """Return the key of the message about what is being compiled, or "" if nothing is."""
        now = self._hooks.clock()
        if is_compiling():
            self._compiled_at = now
        if now - self._compiled_at > COMPILED:
            return ""
        adviser = self._adviser.making if self._adviser is not None else ""
        return "compiling_player" if compiles(self._opponent.making or adviser or making()) else "compiling"

    # ------------------------------------------------------------------------------------------------ intents

    def action(self) -> None:
        """Carry out the button in the status block: stop thinking, continue, or restart a program that failed."""
        state = self._state
        if state.failure:
            state.paused = False
            self._opponent.load()
        elif state.opponent_to_move:
            state.paused, state.one_move = not state.paused, False
            if not state.paused:
                self._opponent.resume()
        self._hooks.consider()

    def one_move(self) -> None:
        """Let the program to move play a single move while a match between programs is paused."""
        if self._state.paused and self._state.opponent_to_move:
            self._state.one_move = True
            self._opponent.resume()
            self._hooks.consider()

    def move_now(self) -> None:
        """Make the thinking program play the best move found so far."""
        if self._state.opponent_to_move:
            self._opponent.hurry()

    def another_move(self) -> None:
        """Make a program replace its last move by another one."""
        state, game = self._state, self._state.game
        if not state.program_moved_last or game.ended is not None:
            return
        move = game.board.peek()
        self._hooks.go_to(game.cursor - 1)
        state.refused[state.here] = (*state.refused.get(state.here, ()), move)
        game.drop_following()
        state.paused = False
        self._hooks.consider()

    def hint(self) -> None:
        """Request the adviser's best move, which does not depend on the opponent's strength."""
        state = self._state
        if not state.human_to_move:
            return
        state.hint_wanted = True
        choice = state.advice.get(state.here)
        if choice:
            self._advise(choice, "")
        else:
            state.message = message("hint_wait")
        self._hooks.consider()
