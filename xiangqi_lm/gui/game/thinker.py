"""The opponent's thread: it loads the player and answers one question at a time, and never blocks the window.

A question and its answer carry a `Ticket`, by which the caller drops answers that are no longer needed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ...engine.levels import OWN, MakeLevel
from ...engine.player import Choice, Limit, Manners, Player
from ...errors import EngineFailure
from ...rules.board import Board
from .texts import brief


@dataclass(frozen=True)
class Ticket:
    """The identity of a question: the game, the position, the purpose and a serial number."""

    game: int
    key: int
    purpose: str  # "move", "look" or "hint"
    serial: int


@dataclass(frozen=True)
class Answer:
    """A choice and the manners of its player, or one line that says why there is none."""

    ticket: Ticket
    choice: Choice | None
    fault: str = ""
    manners: Manners = field(default_factory=Manners)


@dataclass(frozen=True)
class _Question:
    """A question to the player with some key, its limit and its number of threads; `stop` ends the thinking.

    When a new player is built, players whose keys are not in `keep` are closed.
    """

    ticket: Ticket
    board: Board
    key: str
    limit: Limit
    keep: frozenset[str]
    threads: int
    stop: threading.Event


class _Worker:
    """A thread with one player, and those of requested levels; when abandoned, it finishes its work and ends."""

    def __init__(
        self,
        factory: Callable[[], Player],
        make_level: MakeLevel | None,
        heard: Callable[[_Worker, Answer | None], None],
    ):
        self.state, self.fault, self.name = "loading", "", ""
        self.making = OWN
        self.at_work = True
        self._questions: queue.SimpleQueue[_Question | None] = queue.SimpleQueue()
        self._wanted: _Question | None = None
        self._factory, self._make_level, self._heard = factory, make_level, heard
        self._levels: dict[str, Player] = {}
        threading.Thread(target=self._run, name="opponent", daemon=True).start()

    def _run(self) -> None:
        try:
            player = self._factory()
        except Exception as fault:  # any error of a player while loading becomes a message
            self.fault, self.state, self.making, self.at_work = one_line(fault), "failed", "", False
            self._heard(self, None)
            return
        self.name, self.state, self.making = player.name, "ready", ""
        self._heard(self, None)
        self.at_work = False
        while (question := self._questions.get()) is not None:
            if question is self._wanted:
                self.at_work = True
                answer = self._answer(player, question)
                self.at_work = False
                self._heard(self, answer)
        for made in (player, *self._levels.values()):
            made.close()

    def _answer(self, own: Player, question: _Question) -> Answer:
        board = question.board
        try:
            player = self._player(own, question)
            player.use_threads(question.threads)
            choice = player.choose(board, replace(question.limit, stop=question.stop))
            if not board.is_legal(choice.move):
                raise EngineFailure(f"{player.name} answered the illegal move {choice.move.iccs()}")
        except Exception as fault:  # likewise, as any player may be used here
            return Answer(question.ticket, None, one_line(fault))
        return Answer(question.ticket, choice, manners=player.manners)

    def _player(self, own: Player, question: _Question) -> Player:
        """Return the player of a key, built when first needed; without a maker it is always the worker's own."""
        key = question.key
        if key == OWN or self._make_level is None:
            return own
        if key not in self._levels:
            for other in [name for name in self._levels if name not in question.keep]:
                self._levels.pop(other).close()
            self.making = key
            try:
                self._levels[key] = self._make_level(key)
            finally:
                self.making = ""
        return self._levels[key]

    def want(self, question: _Question | None) -> None:
        """Request an answer to this question only, replacing any other."""
        if self._wanted is not None:
            self._wanted.stop.set()
        self._wanted = question
        if question is not None:
            self._questions.put(question)

    def hurry(self) -> None:
        """Stop thinking now; the answer still counts."""
        if self._wanted is not None:
            self._wanted.stop.set()

    def dismiss(self) -> None:
        """Drop all questions and end the thread."""
        self.want(None)
        self._questions.put(None)


def one_line(fault: BaseException) -> str:
    """Return the first line of an error's message, or the error's name, for display."""
    return brief((str(fault).strip().splitlines() or [type(fault).__name__])[0])


class Thinker:
    """The window's interface to the opponent: ask, poll, cancel, restart; no call blocks.

    `wake` is called from the opponent's thread whenever there is something to poll. `make_level` builds the player of a
    key (see `players`); without it the player of `factory` answers everything.
    """

    def __init__(
        self,
        factory: Callable[[], Player],
        wake: Callable[[], None] = lambda: None,
        make_level: MakeLevel | None = None,
    ):
        self._factory, self._make_level, self._wake = factory, make_level, wake
        self._answers: queue.SimpleQueue[tuple[_Worker, Answer | None]] = queue.SimpleQueue()
        self._worker: _Worker | None = None
        self._dismissed: list[_Worker] = []

    def start(self) -> None:
        """Start loading the player; a player that failed or hangs is replaced by a new one."""
        if self._worker is not None:
            self._dismiss(self._worker)
        self._worker = _Worker(self._factory, self._make_level, self._hear)

    def _hear(self, worker: _Worker, answer: Answer | None) -> None:
        self._answers.put((worker, answer))
        self._wake()

    def _dismiss(self, worker: _Worker) -> None:
        self._dismissed = [old for old in (*self._dismissed, worker) if old.at_work]
        worker.dismiss()

    @property
    def state(self) -> str:
        """Return `"idle"` before start, `"loading"`, `"ready"` or `"failed"`."""
        return self._worker.state if self._worker else "idle"

    @property
    def fault(self) -> str:
        """Return why loading failed, in one line."""
        return self._worker.fault if self._worker else ""

    @property
    def name(self) -> str:
        """Return the player's name, once it is loaded."""
        return self._worker.name if self._worker else ""

    @property
    def making(self) -> str:
        """Return the key of the player being built, `levels.OWN` for the window's own, or "" if none is."""
        return self._worker.making if self._worker else ""

    def ask(
        self,
        ticket: Ticket,
        board: Board,
        key: str,
        limit: Limit | None = None,
        keep: frozenset[str] = frozenset(),
        threads: int = 0,
    ) -> None:
        """Ask the player of a key, replacing any earlier question; the board is copied.

        The player thinks with that many `threads`, if it can; 0 means its usual number.
        """
        if self._worker is None:
            self.start()
        assert self._worker is not None
        question = _Question(ticket, board.copy(), key, limit or Limit(), keep, threads, threading.Event())
        self._worker.want(question)

    def hurry(self) -> None:
        """Stop thinking now; the player answers with the best move found so far."""
        if self._worker is not None:
            self._worker.hurry()

    def cancel(self) -> None:
        """Cancel all questions: pending ones are skipped, and a running one's answer must be dropped by its ticket."""
        if self._worker is not None:
            self._worker.want(None)

    @property
    def busy(self) -> bool:
        """Return whether the current player is loading or thinking, even if its answer is no longer needed."""
        return self._worker is not None and self._worker.at_work

    @property
    def lingering(self) -> bool:
        """Return whether any player is still working, the current one or an abandoned one."""
        return self.busy or any(worker.at_work for worker in self._dismissed)

    def poll(self) -> tuple[bool, list[Answer]]:
        """Return whether anything happened since the last poll, and the answers of the current player."""
        happened = False
        answers: list[Answer] = []
        while True:
            try:
                worker, answer = self._answers.get_nowait()
            except queue.Empty:
                return happened, answers
            if worker is self._worker:
                happened = True
                if answer is not None:
                    answers.append(answer)

    def close(self) -> None:
        """Close the player, without waiting for it to finish thinking."""
        if self._worker is not None:
            self._dismiss(self._worker)
