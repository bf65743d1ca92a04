"""Every button, key and page does what it is for, in both languages and in every shape of window."""

from __future__ import annotations

import ast
import threading
from itertools import combinations
from pathlib import Path

import pygame
import pytest
from desk import live, press_button, settle, type_key

from xiangqi_lm.engine.levels import LEVELS
from xiangqi_lm.gui import keyboard as keys
from xiangqi_lm.gui.game.reviewing import Terms
from xiangqi_lm.gui.game.texts import say
from xiangqi_lm.gui.keyboard import ALWAYS, CONTROL, PLAIN, SHIFTED
from xiangqi_lm.gui.widgets import theme
from xiangqi_lm.gui.widgets.layout import LARGE, NAVIGATION, SMALL_BUTTONS
from xiangqi_lm.gui.widgets.overlays import KEYS
from xiangqi_lm.gui.widgets.study_layout import CARD, MISTAKES
from xiangqi_lm.gui.widgets.study_layout import LARGE as STUDY_LARGE
from xiangqi_lm.gui.widgets.study_layout import SMALL_BUTTONS as STUDY_SMALL
from xiangqi_lm.review.known import Opening
from xiangqi_lm.review.review import MoveReview, Review
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import Score, WinDrawLoss
from xiangqi_lm.rules.squares import BLACK, RED

BUTTONS = (*LARGE, *SMALL_BUTTONS, *NAVIGATION, "action")
OTHER_FEN = "4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 1"


def back(plies):
    return lambda app: app.controller.navigation.step(-plies)


def cursor(ply):
    return lambda app: app.controller.view().cursor == ply


def opened(name):
    return lambda app: app.overlay is not None and app.overlay.name == name


def setting(name, value):
    return lambda app: getattr(app.controller.settings, name) == value


def nothing(app):
    """Set up a game of four plies, viewed at its end."""


def varied(app):
    """Set up a variation in place of the last move, and view it."""
    app.controller.state.game.live = False
    app.controller.navigation.step(-1)
    assert app.controller.type_move("b9c7")


def many(app, number):
    """Open a text of two games, and view one of them."""
    app.controller.games.paste("1. h2e2 h9g7 *\n\n1. b2e2 *\n")
    live(app, lambda: app.controller.state.document.done)
    app.controller.games.shelf.open_number(number)


def thinking(app):
    app.controller.games.new_game("black")


def answered(app):
    app.controller.games.new_game("red")
    app.controller.type_move("h2e2")
    live(app, lambda: app.controller.state.game.cursor == 2)


def watched(app):
    app.controller.games.new_game("none")
    app.controller.programs.action()


def analysing(app):
    app.controller.study.toggle()


def with_mistake(app):
    """Set up analysis mode with a review in which the third ply is a blunder; viewed from the start."""
    analysing(app)
    game = app.controller.state.game
    even, lost = WinDrawLoss(0.3, 0.4, 0.3), WinDrawLoss(0.0, 0.2, 0.8)
    score = Score(RED, 0)
    best = (Move.from_iccs("b0c2"),)

    def judged(ply, move):
        after, loss, mark = (lost, 0.4, "blunder") if ply == 2 else (even, 0.0, "")
        side = (RED, BLACK)[ply % 2]
        return MoveReview(ply, move, side, "opening", even, after, score, score, loss, best, (), None, mark)

    moves = tuple(judged(ply, move) for ply, move in enumerate(game.line))
    app.controller.state.analysis.review = Review(
        game.record, (), game.line, moves, "alphabeta", "", Opening("", "", 0), "computer", True
    )
    app.controller.navigation.go_to(1)


def solving(app):
    with_mistake(app)
    app.controller.study.retry()


def looking_back(app):
    with_mistake(app)
    app.controller.navigation.go_to(4)


def attempt(state):
    return lambda app: (
        app.controller.state.analysis.attempt is not None and (app.controller.state.analysis.attempt.state == state)
    )


def marked(nag):
    return lambda app: app.controller.state.game.record.nags == {4: (nag,)}


EFFECTS = {  # intent -> what is done before it, what holds after it and not before
    ("new_game", None): (nothing, opened("menu_new_game")),
    ("level", None): (nothing, opened("menu_level")),
    ("open", None): (nothing, opened("open")),
    ("save", None): (nothing, opened("save_as")),
    ("save_as", None): (nothing, opened("save_as")),
    ("menu", None): (nothing, opened("menu")),
    ("copy", None): (nothing, opened("copy_menu")),
    ("recent", None): (nothing, opened("recent")),
    ("comment", None): (nothing, opened("comment")),
    ("edit", None): (nothing, lambda app: app.controller.view().setup is not None),
    ("quit", None): (nothing, lambda app: not app.running),
    ("first", None): (nothing, cursor(0)),
    ("back", None): (nothing, cursor(3)),
    ("forward", None): (back(2), cursor(3)),
    ("last", None): (back(3), cursor(4)),
    ("undo_any", None): (nothing, cursor(3)),
    ("redo_any", None): (back(1), cursor(4)),
    ("delete", None): (nothing, lambda app: len(app.controller.state.game.record.moves) == 3),
    ("promote", None): (varied, lambda app: app.controller.state.game.record.moves[3].iccs() == "b9c7"),
    ("beside", -1): (varied, lambda app: app.controller.state.game.place.path == ()),
    ("beside", 1): (varied, lambda app: app.controller.state.game.place.path == ()),
    ("game_step", -1): (lambda app: many(app, 2), lambda app: app.controller.view().games == (1, 2)),
    ("game_step", 1): (lambda app: many(app, 1), lambda app: app.controller.view().games == (2, 2)),
    ("move_now", None): (thinking, lambda app: app.controller.state.game.cursor == 1),
    ("another_move", None): (answered, lambda app: len(app.controller.state.refused) == 1),
    ("one_move", None): (watched, lambda app: app.controller.state.game.cursor == 1),
    **{("mark", nag): (nothing, marked(nag)) for nag in (1, 2, 3, 4, 5, 6)},
    ("settings", None): (nothing, opened("settings")),
    ("help", None): (nothing, opened("help")),
    ("take_back", None): (nothing, cursor(3)),
    ("redo", None): (back(1), cursor(4)),
    ("resign", None): (nothing, lambda app: app.controller.view().outcome is not None),
    ("hint", None): (nothing, lambda app: app.controller.state.advising is not None),
    ("arrows", None): (nothing, setting("arrows", True)),
    ("flip", None): (nothing, lambda app: app.geometry.flipped),
    ("sound", None): (nothing, setting("sound", False)),
    ("language", None): (nothing, setting("language", "zh")),
    ("action", None): (
        lambda app: app.controller.games.new_game("black"), lambda app: app.controller.view().action == "continue",
    ),
    ("type", None): (nothing, lambda app: app.typing),
    ("library", None): (nothing, lambda app: app.controller.view().library is not None),
    ("library_search", None): (nothing, opened("library_search")),
    ("analysis", None): (nothing, lambda app: app.controller.view().analysis is not None),
    ("review", None): (nothing, lambda app: app.controller.state.analysis.order is not None),
    ("retry", None): (with_mistake, attempt("asked")),
    ("mistake_next", None): (with_mistake, cursor(3)),
    ("mistake_back", None): (looking_back, cursor(3)),
    ("summary", None): (with_mistake, opened("summary")),
    ("practise", None): (nothing, opened("menu_practise")),
    ("attempt_show", None): (solving, attempt("shown")),
    ("attempt_next", None): (solving, lambda app: app.controller.view().message == "No more mistakes"),
    ("more_lines", None): (analysing, setting("lines", 4)),
    ("fewer_lines", None): (analysing, setting("lines", 2)),
    ("copy_fen", None): (
        lambda app: pygame.scrap.put_text("-"),
        lambda app: pygame.scrap.get_text() == app.controller.state.game.board.fen(),
    ),
    ("paste", None): (
        lambda app: pygame.scrap.put_text(OTHER_FEN), lambda app: app.controller.state.game.board.fen() == OTHER_FEN,
    ),
    ("close", None): (lambda app: app.do(("help", None)), lambda app: app.overlay is None),
    ("step", -1): (nothing, cursor(3)),
    ("step", 1): (back(3), cursor(2)),
    ("go_to", 0): (nothing, cursor(0)),
    ("go_to", 10**6): (back(4), cursor(4)),
}  # fmt: skip


def no_reviewer(terms: Terms):
    """Start a review that only waits: the test checks that it begins."""
    threading.Event().wait()


@pytest.fixture
def app(make_app):
    """Return a game of four plies between two people; the opponent answers in half a second."""
    app = make_app(script={"seconds": 0.5}, side="both", make_reviewer=no_reviewer)
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


def test_every_button_of_analysis_is_there(app):
    with_mistake(app)
    settle(app)
    names = {*STUDY_LARGE, *STUDY_SMALL, *NAVIGATION, *MISTAKES, "action"}
    assert set(app.layout.buttons) == names
    app.controller.study.retry()
    settle(app)
    assert set(app.layout.buttons) == names | set(CARD)


@pytest.mark.parametrize("name", ["mistake_next", "mistake_back", "retry", "summary", "analysis"])
def test_buttons_of_analysis_do_what_they_are_for(app, name):
    prepare, holds = EFFECTS[name, None]
    if name == "analysis":
        prepare, holds = analysing, lambda app: app.controller.view().analysis is None
    prepare(app)
    settle(app)
    assert not holds(app)
    press_button(app, name)
    live(app, lambda: holds(app), 3)


def test_no_key_has_two_meanings():
    """If a key occurs twice in a table, Python silently keeps the second."""
    for node in ast.walk(ast.parse(Path(keys.__file__).read_text("utf-8"))):
        if isinstance(node, ast.Dict):
            names = [ast.unparse(key) for key in node.keys if key is not None]
            assert len(names) == len(set(names)), names


@pytest.mark.parametrize(
    ("key", "modifier", "intent"),
    [
        pytest.param(key, modifier, intent, id=f"{modifier}+{pygame.key.name(key)}")
        for table, modifier in (
            (PLAIN, 0),
            (CONTROL, pygame.KMOD_CTRL),
            (SHIFTED, pygame.KMOD_CTRL | pygame.KMOD_SHIFT),
            (ALWAYS, 0),
        )
        for key, intent in table.items()
    ],
)
def test_every_key_does_what_it_is_for(app, key, modifier, intent):
    check(app, intent, lambda: type_key(app, key, modifier))


@pytest.mark.parametrize("name", ["take_back", "forward", "resign", "hint", "save", "action"])
def test_disabled_buttons_do_nothing(make_app, name):
    app = make_app(fen=None if name == "save" else "3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1", side="both")
    if name != "save":
        app.controller.type_move("i7i9")  # mate
        if name == "take_back":
            app.controller.navigation.step(-1)
    settle(app)
    before = app.controller.view()
    press_button(app, name)
    settle(app)
    assert app.controller.view() == before and app.overlay is None


WORDS = {  # page -> keys of the texts that must appear on it
    "settings": ("settings_title", "setting_ruleset", "page_look"),
    "help": ("help_title", *(words for _, words in KEYS)),
    "new_game": ("menu_red", "menu_black", "menu_both", "menu_none", "menu_sheet"),
    "level": tuple(f"level_{level}" for level in LEVELS),
    "open": ("open_title", "ok_open", "cancel"),
    "save_as": ("save_as_title", "ok_save_as", "cancel"),
    "menu": ("more_recent", "more_edit", "more_quit"),
    "recent": ("recent_title", "recent_none"),
    "new_game_sheet": ("new_game_title", "begin", "handicap_nine", "clock_kind_byoyomi"),
    "engine": ("engine_title", "engine_add"),
    "comment": ("comment_title", "ok"),
    "headers": ("headers_title", "headers_Event"),
    "copy": ("more_copy_fen", "more_copy_pgn"),
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
    seen = {words.partition(" · ")[0] for words, _ in drawn}  # the player is named beside a level
    assert [key for key in WORDS[page] if say(language, key) not in seen] == []
    app.do(("close", None))
    settle(app)
    app.draw()
    assert app.overlay is None and pygame.image.tobytes(app.surface, "RGB") == before
