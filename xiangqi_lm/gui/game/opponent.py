"""What is asked of the opponent and which of its answers count: the state decides, the thinker carries it out."""

from __future__ import annotations

from collections.abc import Callable

from ...engine.levels import OWN
from .state import Pending, State
from .texts import brief
from .thinker import Answer, Thinker, Ticket


class Opponent:
    """Keeps `state.pending`, `loading`, `making`, `opponent` and `failure` true to what the thinker does.

    A move is handed over no sooner than `pace` seconds after it was asked for, so that the eye can follow.
    """

    def __init__(self, thinker: Thinker, state: State, clock: Callable[[], float], pace: float):
        self._thinker, self._state, self._clock, self._pace = thinker, state, clock, pace
        self._serial = 0
        self._early: list[Answer] = []

    def load(self) -> None:
        """Begin to load the player, or load it anew after it failed."""
        self._state.failure, self._state.loading = "", True
        self._thinker.start()

    @property
    def busy(self) -> bool:
        """Whether a thread of it is loading or thinking, wanted or not."""
        return self._thinker.lingering

    @property
    def making(self) -> str:
        """The level or the spec of the player that is being built; empty if none is."""
        making = self._thinker.making
        return self._state.opponent if making == OWN else making

    def resume(self) -> None:
        """After a stop: what is still at work on the old question may hang for ever, so a fresh player takes over."""
        if self._thinker.busy:
            self.load()

    def close(self) -> None:
        """Let the player go."""
        self._thinker.close()

    def collect(self) -> tuple[bool, list[Answer]]:
        """Whether anything happened, and the answers to the question under way that are due; faults are noted here."""
        happened, answers = self._thinker.poll()
        waited, self._early = self._early, []
        due = []
        for answer in waited + answers:
            if self._is_early(answer):
                self._early.append(answer)
            elif self._state.pending and answer.ticket == self._state.pending.ticket:
                self._state.pending = None
                if answer.choice is None:
                    self._fail(answer.fault)
                else:
                    due.append(answer)
        self._state.loading = self._thinker.state in ("idle", "loading")
        self._state.making = self._thinker.making not in ("", OWN)
        self._state.opponent = brief(self._thinker.name) or self._state.opponent
        if happened and self._thinker.state == "failed":
            self._fail(self._thinker.fault)
        return happened or bool(due), due

    def _is_early(self, answer: Answer) -> bool:
        pending = self._state.pending
        if answer.choice is None or not pending or answer.ticket != pending.ticket:
            return False
        return answer.ticket.purpose == "move" and self._clock() < pending.since + self._pace

    def _fail(self, fault: str) -> None:
        self._state.failure, self._state.hint_wanted, self._state.pending = fault, False, None
        self._thinker.cancel()

    def _purpose(self) -> str | None:
        """What the position looked at calls for: a move, a look at it for arrows or a hint, or nothing."""
        state = self._state
        if state.failure or state.game.outcome() is not None:
            return None
        if state.opponent_to_move:
            return None if state.paused else "move"
        if (state.settings.arrows or state.hint_wanted) and state.said() is None:
            return "look"
        return None

    def consider(self) -> None:
        """Ask what the position calls for unless that is already being asked."""
        state, purpose = self._state, self._purpose()
        board, asked = state.game.board, state.pending
        if purpose is None:
            if asked:
                self._thinker.cancel()
            state.pending = None
            return
        wanted = (state.game_id, board.key, purpose, board.ply)
        if asked and wanted == (asked.ticket.game, asked.ticket.key, asked.ticket.purpose, asked.ply):
            return
        self._serial += 1
        ticket = Ticket(state.game_id, board.key, purpose, self._serial)
        state.pending = Pending(ticket, board.ply, self._clock())
        self._thinker.ask(ticket, board, state.settings.level)
