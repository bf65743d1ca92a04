"""Every button, every key and every page: each does what it is for, in both languages and in every shape of window."""

from __future__ import annotations

from itertools import combinations

import pygame
import pytest
from desk import live, press_button, settle, type_key

from xiangqi_lm.engine.levels import OFFERED
from xiangqi_lm.gui.game.texts import say
from xiangqi_lm.gui.input import ALWAYS, CONTROL, PLAIN
from xiangqi_lm.gui.widgets import theme
from xiangqi_lm.gui.widgets.layout import TILES
from xiangqi_lm.gui.widgets.overlays import KEYS

BUTTONS = (*TILES, "sound", "language", "action")
OTHER_FEN = "4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 1"


def back(plies):
    return lambda app: app.controller.step(-plies)


def cursor(ply):
    return lambda app: app.controller.view().cursor == ply


def opened(name):
    return lambda app: app.overlay is not None and app.overlay.name == name


def setting(name, value):
    return lambda app: getattr(app.controller.settings, name) == value


def nothing(app):
    """The game of four plies, looked at its end."""


EFFECTS = {  # intent -> what goes before it, what holds after it and not before
    ("new_game", None): (nothing, opened("menu_new_game")),
    ("level", None): (nothing, opened("menu_level")),
    ("open", None): (nothing, opened("open")),
    ("save", None): (nothing, opened("save")),
    ("settings", None): (nothing, opened("settings")),
    ("help", None): (nothing, opened("help")),
    ("take_back", None): (nothing, cursor(3)),
    ("redo", None): (back(1), cursor(4)),
    ("resign", None): (nothing, lambda app: app.controller.view().outcome == "Red resigned"),
    ("hint", None): (nothing, lambda app: app.controller.view().hint is not None),
    ("arrows", None): (nothing, setting("arrows", True)),
    ("flip", None): (nothing, lambda app: app.geometry.flipped),
    ("sound", None): (nothing, setting("sound", False)),
    ("language", None): (nothing, setting("language", "zh")),
    ("action", None): (
        lambda app: app.controller.new_game("black"), lambda app: app.controller.view().action == "continue",
    ),
    ("type", None): (nothing, lambda app: app.widgets.typing),
    ("copy_fen", None): (
        lambda app: pygame.scrap.put_text("-"),
        lambda app: pygame.scrap.get_text() == app.controller.state.game.board.fen(),
    ),
    ("paste_fen", None): (
        lambda app: pygame.scrap.put_text(OTHER_FEN), lambda app: app.controller.state.game.board.fen() == OTHER_FEN,
    ),
    ("close", None): (lambda app: app.do(("help", None)), lambda app: app.overlay is None),
    ("step", -1): (nothing, cursor(3)),
    ("step", 1): (back(3), cursor(2)),
    ("step", -2): (nothing, cursor(2)),
    ("step", 2): (back(3), cursor(3)),
    ("go_to", 0): (nothing, cursor(0)),
    ("go_to", 10**6): (back(4), cursor(4)),
}  # fmt: skip


@pytest.fixture
def app(make_app):
    """A game of four plies between two humans; the opponent answers in half a second."""
    app = make_app(script={"seconds": 0.5}, side="both")
    app.controller.start()
    live(app, lambda: not app.controller.state.loading)
    for move in ("h2e2", "h9g7", "h0g2", "i9h9"):
        assert app.controller.type_move(move)
    return app


def check(app, intent, act):
    prepare, holds = EFFECTS[intent]
    prepare(app)
    settle(app)
    assert not holds(app)
    act()
    live(app, lambda: holds(app), 3)
    settle(app)


@pytest.mark.parametrize("name", BUTTONS)
def test_every_button_does_what_it_is_for(app, name):
    assert set(app.layout.buttons) == set(BUTTONS)
    check(app, (name, None), lambda: press_button(app, name))


@pytest.mark.parametrize(
    ("key", "modifier", "intent"),
    [
        pytest.param(key, modifier, intent, id=f"{'Ctrl+' if modifier else ''}{pygame.key.name(key)}")
        for table, modifier in ((PLAIN, 0), (CONTROL, pygame.KMOD_CTRL), (ALWAYS, 0))
        for key, intent in table.items()
    ],
)
def test_every_key_does_what_it_is_for(app, key, modifier, intent):
    check(app, intent, lambda: type_key(app, key, modifier))


@pytest.mark.parametrize("name", ["take_back", "redo", "resign", "hint", "save", "action"])
def test_buttons_that_mean_nothing_now_do_nothing(make_app, name):
    app = make_app(fen="3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1", side="both")
    if name != "save":
        app.controller.type_move("i7i9")  # mate
        if name == "take_back":
            app.controller.step(-1)
    settle(app)
    before = app.controller.view()
    press_button(app, name)
    settle(app)
    assert app.controller.view() == before and app.overlay is None


WORDS = {  # page -> keys of the texts that must be seen on it
    "settings": ("settings_title", "setting_language", "choice_coordinates_letters"),
    "help": ("help_title", *(words for _, words in KEYS)),
    "new_game": ("menu_red", "menu_black", "menu_both"),
    "level": tuple(f"level_{level}" for level in OFFERED),
    "open": ("open_title", "ok_open", "cancel"),
    "save": ("save_title", "ok_save", "cancel"),
}


@pytest.mark.parametrize("page", WORDS)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(900, 640), (800, 1000)])
def test_every_page_is_drawn_inside_the_window_and_goes_without_a_trace(make_app, monkeypatch, size, language, page):
    app = make_app(size=size, language=language, side="both")
    app.controller.type_move("h2e2")
    settle(app)
    app.draw()
    before = pygame.image.tobytes(app.surface, "RGB")
    drawn: list[tuple[str, pygame.Rect]] = []
    draw = theme.draw_text

    def record(surface, words, *arguments, **anchor):
        drawn.append((words, draw(surface, words, *arguments, **anchor)))
        return drawn[-1][1]

    monkeypatch.setattr(theme, "draw_text", record)
    app.do((page, None))
    settle(app)
    assert app.overlay is not None and pygame.image.tobytes(app.surface, "RGB") != before
    window, rects = app.surface.get_rect(), app.overlay.rectangles()
    assert all(window.contains(rect) for rect in rects.values())
    assert not [pair for pair in combinations(rects.values(), 2) if pair[0].colliderect(pair[1])]
    assert all(window.contains(rect) for _, rect in drawn)
    seen = {words for words, _ in drawn}
    assert [key for key in WORDS[page] if say(language, key) not in seen] == []
    app.do(("close", None))
    settle(app)
    app.draw()
    assert app.overlay is None and pygame.image.tobytes(app.surface, "RGB") == before
