"""Controllers and windows that tests can drive: a thinker answered by hand, and clocks that the test advances."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame

from xiangqi_lm.engine.player import Choice
from xiangqi_lm.gui.app import App
from xiangqi_lm.gui.game.archive import Archive
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.movelist import MoveItem
from xiangqi_lm.gui.game.reviewing import MakeReviewer
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.study import Helpers
from xiangqi_lm.gui.game.thinker import Answer, Thinker, Ticket
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.score import Score, WinDrawLoss
from xiangqi_lm.rules.squares import parse_square


class HandThinker(Thinker):
    """A thinker without a thread: questions are kept, and answered when the test says so."""

    def __init__(self) -> None:
        super().__init__(lambda: ScriptedPlayer({}))
        self.asked: list[tuple[Ticket, Board, Any]] = []
        self.limits: list[Any] = []
        self.threads: list[int] = []
        self.hurried = 0
        self.cancelled = 0
        self.started = 0
        self._queue: list[Answer] = []
        self._happened = False
        self._now = "idle"

    @property
    def state(self) -> str:
        return self._now

    @property
    def name(self) -> str:
        return "by hand" if self._now == "ready" else ""

    def start(self) -> None:
        self.started += 1
        self._now, self._happened = "ready", True

    def ask(
        self, ticket: Ticket, board: Board, key: str, limit: Any = None, keep: Any = frozenset(), threads: int = 0
    ) -> None:
        self.asked.append((ticket, board.copy(), key))
        self.limits.append(limit)
        self.threads.append(threads)

    def hurry(self) -> None:
        self.hurried += 1

    def cancel(self) -> None:
        self.cancelled += 1

    def poll(self) -> tuple[bool, list[Answer]]:
        happened, answers = self._happened or bool(self._queue), self._queue
        self._happened, self._queue = False, []
        return happened, answers

    def answer(self, text: str | None, which: int = -1, fault: str = "", value: Any = None) -> None:
        """Answer one of the questions with a move, or with a fault."""
        ticket, board, _ = self.asked[which]
        if text is None:
            self._queue.append(Answer(ticket, None, fault))
            return
        move = board.parse(text)
        others = [m for m in board.legal_moves if m is not move]
        shares = ((move, 0.6), *((m, 0.4 / len(others)) for m in others))
        self._queue.append(Answer(ticket, Choice(move, shares, value and Score(board.turn, wdl=WinDrawLoss(*value)))))


class Desk:
    """A controller with a thinker answered by hand and a clock that the test advances."""

    def __init__(
        self,
        fen: str | None = None,
        archive: Path | None = None,
        make_reviewer: MakeReviewer | None = None,
        exercises: Path | None = None,
        **settings: Any,
    ):
        self.now = 0.0
        self.woken = threading.Event()  # set by threads that have news
        self.stored: list[Settings] = []
        self.thinker, self.adviser, self.judge = HandThinker(), HandThinker(), HandThinker()
        self.controller = Controller(
            self.thinker,
            Settings(**{"language": "en", **settings}),
            adviser=self.adviser,
            helpers=Helpers(self.judge, make_reviewer, exercises),
            archive=Archive(archive),
            fen=fen,
            store=lambda new: self.stored.append(new) is None,
            clock=lambda: self.now,
            pace=0,
            wake=self.woken.set,
        )
        self.controller.start()
        self.controller.tick()

    def click(self, *names: str) -> None:
        for name in names:
            square = parse_square(name)
            self.controller.press(square)
            self.controller.release(square, False)

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the controller collect the threads' results until a condition holds."""
        while not until():
            assert self.woken.wait(300), "waited in vain"
            self.woken.clear()
            self.controller.tick()

    def reply(self, text: str, **options: Any) -> None:
        self.thinker.answer(text, **options)
        self.controller.tick()

    @property
    def moves(self) -> list[str]:
        return [move.iccs() for move in self.controller.state.game.line]

    def names(self) -> list[str]:
        """Return the main moves of the list, in order."""
        return [block.name for block in self.controller.view().blocks if isinstance(block, MoveItem)]


def live(app: App, until: Callable[[], bool], seconds: float = 120) -> None:
    """Run the window's loop until a condition holds."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "waited in vain"
        app.step(10)


def settle(app: App) -> None:
    """Let the window finish drawing."""
    for _ in range(3):
        app.step(40)


def post_click(app, pixel, *, to=None):
    """Post a press and a release as the window system sends them; with `to` a drag."""
    end = to or pixel
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=pixel, rel=(0, 0), buttons=(0, 0, 0)))
    app.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=pixel, button=1))
    if to:
        for part in (0.3, 0.7, 1.0):
            at = tuple(round(a + (b - a) * part) for a, b in zip(pixel, to, strict=True))
            app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=at, rel=(1, 1), buttons=(1, 0, 0)))
    app.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=end, button=1))


def press_button(app, name):
    """Click on a button."""
    post_click(app, app.layout.buttons[name].center)


def at(app, name):
    """Return the pixel of a square."""
    return app.geometry.point(parse_square(name))


def type_key(app, key, mod=0, text=""):
    """Press and release a key; the text that it types follows as an event, as the window system sends it."""
    app.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=mod, unicode=text, scancode=0))
    if text and text.isprintable() and not mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT):
        type_text(app, text)
    app.handle(pygame.event.Event(pygame.KEYUP, key=key, mod=mod, scancode=0))


def type_text(app, text):
    """Type a text, or enter it by an input method."""
    app.handle(pygame.event.Event(pygame.TEXTINPUT, text=text))
