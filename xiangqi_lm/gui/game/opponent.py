"""Questions to the programs and their answers: the state decides what is asked, and the thinkers carry it out."""

from __future__ import annotations

from collections.abc import Callable

from ...engine.levels import OWN
from ...engine.player import Clock, Limit
from ...rules.squares import BLACK, RED
from .players import HUMAN, takes_clock
from .state import Pending, State
from .texts import brief
from .thinker import Answer, Thinker, Ticket


class Opponent:
    """Keeps `state.pending`, `loading`, `making` and `failure` in step with the thinker.

    A move is delivered at least `pace` seconds after it was requested, so that the eye can follow.
    """

    def __init__(self, thinker: Thinker, state: State, clock: Callable[[], float], pace: float):
        self._thinker, self._state, self._clock, self.pace = thinker, state, clock, pace
        self._serial = 0
        self._early: list[Answer] = []

    def load(self) -> None:
        """Start loading the player, or reload it after a failure."""
        self._state.failure, self._state.loading = "", True
        self._thinker.start()

    @property
    def busy(self) -> bool:
        """Return whether one of its threads is loading or thinking, even if the result is no longer needed."""
        return self._thinker.lingering

    @property
    def making(self) -> str:
        """Return the key or spec of the player being built, or "" if none is."""
        making = self._thinker.making
        return self._state.own if making == OWN else making

    def resume(self) -> None:
        """Continue after a stop with a new player, as the old one may hang forever."""
        if self._thinker.busy:
            self.load()

    def hurry(self) -> None:
        """Make the player move now."""
        self._thinker.hurry()

    def close(self) -> None:
        """Close the player."""
        self._thinker.close()

    def collect(self) -> tuple[bool, list[Answer]]:
        """Return whether anything happened, and the due answers to the current question; record failures in the
        state."""
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
        self._state.own = brief(self._thinker.name) or self._state.own
        if happened and self._thinker.state == "failed":
            self._fail(self._thinker.fault)
        return happened or bool(due), due

    @property
    def early(self) -> bool:
        """Return whether an answer is waiting to be delivered."""
        return bool(self._early)

    def _is_early(self, answer: Answer) -> bool:
        pending = self._state.pending
        if answer.choice is None or not pending or answer.ticket != pending.ticket:
            return False
        return answer.ticket.purpose == "move" and self._clock() < pending.since + self.pace

    def _fail(self, fault: str) -> None:
        self._state.failure, self._state.pending = fault, None
        self._thinker.cancel()

    def _purpose(self) -> str | None:
        """Return what the current position needs: a move, probabilities for arrows, or nothing."""
        state = self._state
        if state.failure or state.editor or state.game.outcome() is not None:
            return None
        if state.opponent_to_move:
            return "move" if not state.paused or state.one_move else None
        if (state.arrows or state.library.open) and state.said() is None:
            return "look"
        return None

    def consider(self) -> None:
        """Ask what the position needs, unless that is already being asked."""
        state, purpose = self._state, self._purpose()
        board, asked = state.game.board, state.pending
        if purpose is None:
            if asked:
                self._thinker.cancel()
            state.pending = None
            return
        key = state.seats.get(state.turn, HUMAN) if purpose == "move" else OWN
        offered = purpose == "move" and state.draw_offered is state.turn.opponent
        wanted = (state.game_id, board.key, purpose, board.ply, offered)
        if asked and wanted == (asked.ticket.game, asked.ticket.key, asked.ticket.purpose, asked.ply, asked.offered):
            return
        self._serial += 1
        ticket = Ticket(state.game_id, board.key, purpose, self._serial)
        state.pending = Pending(ticket, board.ply, self._clock(), offered)
        keep = frozenset(seat for seat in state.seats.values() if seat)
        self._thinker.ask(ticket, board, key, self._limit(key, purpose, offered), keep, state.settings.threads)

    def _limit(self, key: str, purpose: str, offered: bool) -> Limit:
        """Return the limit for a player: ruleset, time on the clock, excluded moves, whether a draw is offered."""
        state = self._state
        refused = state.refused.get(state.here, ()) if purpose == "move" else ()
        among = tuple(move for move in state.game.board.legal_list() if move not in refused) if refused else None
        clock = None
        if purpose == "move" and state.clock.control and takes_clock(key, state.own):
            mine, theirs = (RED, BLACK) if state.turn is RED else (BLACK, RED)
            step = float(state.clock.control.increment or state.clock.control.byoyomi)
            clock = Clock(max(state.clock.left(mine), 0.1), max(state.clock.left(theirs), 0.1), step, step)
        return Limit(root_moves=among or None, ruleset=state.settings.ruleset, clock=clock, draw_offered=offered)


class Adviser:
    """The player that gives hints, on its own thread; asked only when a hint is requested."""

    def __init__(self, thinker: Thinker, state: State, clock: Callable[[], float]):
        self._thinker, self._state, self._clock = thinker, state, clock
        self._serial = 0

    @property
    def busy(self) -> bool:
        """Return whether its thread is working."""
        return self._thinker.lingering

    @property
    def making(self) -> str:
        """Return the spec of the adviser while it is being built."""
        return self._state.settings.adviser if self._thinker.making else ""

    def close(self) -> None:
        """Close the adviser."""
        self._thinker.close()

    def key(self) -> str:
        """Return the key of the player in the settings; "opponent" means the current opponent at its own strength."""
        state = self._state
        if state.settings.adviser != "opponent":
            return state.settings.adviser
        key = next((seat for seat in state.seats.values() if seat), OWN)
        return state.own if key == OWN else key  # the adviser's thread has no default player

    def consider(self) -> None:
        """Ask for a hint if one is requested for the current position."""
        state, board = self._state, self._state.game.board
        wanted = state.hint_wanted and state.editor is None and state.game.outcome() is None
        asked = state.advising
        if not wanted:
            if asked:
                self._thinker.cancel()
            state.advising = None
            return
        if asked and (asked.ticket.game, asked.ticket.key, asked.ply) == (state.game_id, board.key, board.ply):
            return
        self._serial += 1
        key = self.key()
        ticket = Ticket(state.game_id, board.key, "hint", self._serial)
        state.advising = Pending(ticket, board.ply, self._clock())
        limit = Limit(multipv=3, ruleset=state.settings.ruleset)
        self._thinker.ask(ticket, board, key, limit, frozenset({key}), state.settings.threads)

    def collect(self) -> list[Answer]:
        """Return the answers to the current question."""
        _, answers = self._thinker.poll()
        due = [a for a in answers if self._state.advising and a.ticket == self._state.advising.ticket]
        if due:
            self._state.advising = None
        if self._thinker.state == "failed" and self._state.advising:
            due.append(Answer(self._state.advising.ticket, None, self._thinker.fault))
            self._state.advising = None
        return due
