"""Starting the window from the command line's values, in an order that shows the board first."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pygame

from ..engine.levels import OWN
from ..engine.player import Player
from ..errors import Terminated
from ..rules import jit
from .app import App
from .game import settings as settings_module
from .game.archive import Archive
from .game.controller import Controller
from .game.reviewing import MakeReviewer
from .game.study import Helpers
from .game.texts import brief
from .game.thinker import Thinker
from .window import open_window, wake

GAMES, EXERCISES = "games", "exercises"  # the folders of stored games and of exercises, next to the settings


@dataclass(frozen=True)
class Start:
    """The window's start parameters; `opponent` and `make` (which takes a key, see `game.players`) are called on the
    threads of the players. Without `make` the opponent answers everything, including hints.

    `chosen`: the user named the opponent, so it replaces the stored level.
    """

    opponent: Callable[[], Player]
    name: str
    settings_path: Path
    make: Callable[[str], Player] | None = None
    chosen: bool = False
    side: str | None = None
    ruleset: str | None = None
    fen: str | None = None
    game: Path | None = None
    dump: Path | None = None
    models: Path | None = None
    library: Path | None = None
    chosen_library: Path | None = None
    make_judge: Callable[[str], Player] | None = None
    make_reviewer: MakeReviewer | None = None


def make_controller(start: Start) -> Controller:
    """Return the controller with the stored settings and the command line's options; raises InvalidFen."""
    stored, fault = settings_module.load(start.settings_path)
    settings = replace(stored, side=start.side) if start.side else stored
    if start.ruleset:
        settings = replace(settings, ruleset=start.ruleset)
    if start.chosen_library:
        settings = replace(settings, library=str(start.chosen_library.absolute()))
    if start.chosen:
        settings = replace(settings, level=OWN)
    adviser = Thinker(_nobody if start.make else start.opponent, wake, start.make)
    controller = Controller(
        Thinker(start.opponent, wake, start.make),
        settings,
        adviser=adviser,
        helpers=Helpers(
            Thinker(_nobody, wake, start.make_judge) if start.make_judge else None,
            start.make_reviewer,
            start.settings_path.with_name(EXERCISES),
            start.library,
        ),
        fen=start.fen,
        store=settings_module.Store(start.settings_path, stored, settings),
        archive=Archive(start.settings_path.with_name(GAMES)),
        library=start.library,
        wake=wake,
    )
    controller.state.own = brief(start.name)
    if fault:
        controller.tell(fault, error=True)
    return controller


class _Nobody:
    """A placeholder where a thread needs no player of its own, because it asks only others."""

    name = "nobody"

    def close(self) -> None:
        return


def _nobody() -> Player:
    return _Nobody()  # type: ignore[return-value]


class Stop:
    """A handler that records Ctrl-C and SIGTERM, as Python would drop an exception raised in a finaliser and the window
    would stay open."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self, number: int, frame: object) -> None:
        self.asked = True
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt


def run(start: Start) -> bool:
    """Run the window until it is closed; return whether threads are still at work. Raises NoDisplay, InvalidFen."""
    if start.fen is not None:
        jit.warm_in_background()  # before the first use of a board, which would wait for the compiler
    stop = Stop()
    with contextlib.suppress(ValueError):  # fails outside the main thread
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)  # else SDL turns it into a click on the window's close button
    controller = make_controller(start)
    settings = controller.settings
    surface, scale = open_window(settings.ui_scale, (settings.width, settings.height))
    app = App(controller, surface, scale, start.dump, start.models)

    def background() -> None:
        jit.warm_in_background()
        if start.game:
            controller.games.load(start.game)
        controller.start()

    try:
        app.run(background, lambda: stop.asked)
    finally:
        busy = controller.busy or not jit.is_warm()
        controller.close()
        pygame.quit()
    return busy
