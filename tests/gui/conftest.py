"""A window without a screen: SDL's dummy drivers, chosen before pygame is imported."""

from __future__ import annotations

import os

os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["SDL_AUDIODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

from collections.abc import Callable, Iterator
from typing import Any

import pygame
import pytest
from desk import Desk, HandThinker, live, settle
from study_desk import GAME, PATIENCE, Advisers

from xiangqi_lm.gui.app import App
from xiangqi_lm.gui.game.archive import Archive
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.study import Helpers
from xiangqi_lm.gui.game.thinker import Thinker
from xiangqi_lm.gui.window import open_window


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def make_desk() -> Callable[..., Desk]:
    return Desk


@pytest.fixture
def make_app() -> Iterator[Callable[..., App]]:
    """Return a maker of windows of any size with a scripted opponent; `script` as in `gui/game/scripted.py`."""
    apps: list[App] = []

    def make(size: tuple[int, int] = (1180, 800), script: Any = None, **options: Any) -> App:
        dump, fen = options.pop("dump", None), options.pop("fen", None)
        folder, library = options.pop("archive", None), options.pop("file", None)
        make_reviewer, exercises = options.pop("make_reviewer", None), options.pop("exercises", None)
        settings = Settings(**{"language": "en", "ui_scale": 100, "animation": False, "ask": False, **options})
        _, scale = open_window(settings.ui_scale)
        surface = pygame.display.set_mode(size, pygame.RESIZABLE)
        judge = HandThinker()
        controller = Controller(
            Thinker(lambda: ScriptedPlayer(script or {})),
            settings,
            adviser=HandThinker(),
            helpers=Helpers(judge, make_reviewer, exercises),
            fen=fen,
            archive=Archive(folder),
            library=library,
        )
        app = App(controller, surface, scale, dump)
        app.judge = judge
        apps.append(app)
        return app

    yield make
    for app in apps:
        app.controller.close()
    pygame.display.quit()


@pytest.fixture(scope="session")
def advisers() -> Advisers:
    """Return makers of reviewers that share a cache."""
    return Advisers()


@pytest.fixture
def app(make_app, advisers, tmp_path):
    """Return a window with the game, reviewed."""
    app = make_app(side="both", make_reviewer=advisers, exercises=tmp_path / "exercises")
    for move in GAME.split():
        app.controller.type_move(move)
    app.do(("review", None))
    live(app, lambda: app.controller.state.analysis.order is None, PATIENCE)
    settle(app)
    return app
