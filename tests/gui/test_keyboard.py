"""Keyboard, wheel, dropped files and questions: what people expect of a window besides the pointer."""

from __future__ import annotations

import pygame
import pytest
from desk import at, live, post_click, press_button, settle, type_key, type_text

from xiangqi_lm.gui.widgets import editor_panel
from xiangqi_lm.gui.widgets.line import Line
from xiangqi_lm.rules.fen import START_FEN


def shuffle(app, plies: int) -> None:
    """Play a long game in which both sides move a rook back and forth; no ruleset ends it by repetition."""
    board = app.controller.state.game.board
    for ply in range(plies):
        legal = [m for m in board.legal_list() if not board.is_capture(m)]
        app.controller.state.game.play(legal[ply * 5 % len(legal)])


def wheel(app, pixel, steps: int) -> None:
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=pixel, rel=(0, 0), buttons=(0, 0, 0)))
    app.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=steps))


def test_held_arrow_keys_repeat_and_other_keys_do_not(make_app):
    app = make_app(side="both")
    shuffle(app, 200)
    for _ in range(300):
        app.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_LEFT, mod=0, unicode="", scancode=0))
    assert app.controller.view().cursor == 0
    type_key(app, pygame.K_END)
    type_key(app, pygame.K_UP)
    type_key(app, pygame.K_DOWN)
    assert app.controller.view().cursor == 200
    type_key(app, pygame.K_HOME)
    for _ in range(5):
        app.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_f, mod=0, unicode="f", scancode=0))
    assert app.controller.state.flipped  # once


def test_the_wheel_walks_over_the_board_and_scrolls_the_list(make_app):
    app = make_app(side="both", size=(900, 640))
    shuffle(app, 60)
    settle(app)
    wheel(app, at(app, "e4"), 2)
    assert app.controller.view().cursor == 58
    wheel(app, at(app, "e4"), -1)
    assert app.controller.view().cursor == 59
    settle(app)
    first = app.moves.first
    wheel(app, app.layout.moves.center, 3)
    assert app.moves.first == first - 3 and app.controller.view().cursor == 59


def test_the_list_keeps_the_current_move_in_sight_when_the_window_shrinks(make_app):
    app = make_app(side="both", size=(1920, 1080))
    shuffle(app, 30)
    settle(app)
    assert app.moves.first == 0 and app.moves.shown(app.layout) >= 15
    pygame.display.set_mode((900, 640), pygame.RESIZABLE)
    settle(app)
    assert app.moves.first + app.moves.shown(app.layout) == 15


@pytest.mark.parametrize(("open_with", "page"), [(pygame.K_n, "menu_new_game"), (pygame.K_s, "menu_level")])
def test_menus_by_keyboard(make_app, open_with, page):
    app = make_app(side="red")
    type_key(app, open_with, text=chr(open_with))
    assert app.overlay.name == page
    type_key(app, pygame.K_HOME)
    type_key(app, pygame.K_DOWN)
    chosen = app.overlay.items[app.overlay.at].intent
    type_key(app, pygame.K_RETURN)
    assert app.overlay is None
    assert chosen in (("new_game", "black"), ("level", "novice"))
    assert app.controller.settings.side == "black" or app.controller.settings.level == "novice"
    type_key(app, open_with)
    type_key(app, pygame.K_ESCAPE)
    assert app.overlay is None


def test_settings_by_keyboard(make_app):
    app = make_app()
    type_key(app, pygame.K_COMMA)
    type_key(app, pygame.K_RIGHT)  # the next page
    type_key(app, pygame.K_TAB)
    type_key(app, pygame.K_LEFT)
    settle(app)
    assert app.controller.settings.language == "zh" and app.overlay.title == "设置"
    type_key(app, pygame.K_TAB)
    type_key(app, pygame.K_RIGHT)
    assert app.controller.settings.panel == "light"
    type_key(app, pygame.K_ESCAPE)
    assert app.overlay is None


def test_a_refused_move_is_selected_so_that_typing_replaces_it(make_app):
    app = make_app(side="both")
    type_key(app, pygame.K_RETURN)
    type_text(app, "e0e9")
    type_key(app, pygame.K_RETURN)
    assert app.entry.text == "e0e9" and app.controller.view().message_is_error
    type_text(app, "炮二平五")
    assert app.entry.text == "炮二平五"
    type_key(app, pygame.K_RETURN)
    assert app.controller.view().cursor == 1 and app.entry.text == ""


def test_text_events_are_read_only_while_a_line_has_the_keyboard(make_app):
    app = make_app(side="both")
    assert not app.keyboard.listening
    type_key(app, pygame.K_RETURN)
    assert app.keyboard.listening
    app.handle(pygame.event.Event(pygame.TEXTEDITING, text="pao", start=0, length=3))
    type_key(app, pygame.K_RETURN)  # selects a character of the input method; it is not a move
    type_key(app, pygame.K_BACKSPACE)
    assert app.entry.composing == "pao" and app.controller.view().message == ""
    type_text(app, "炮")
    assert (app.entry.text, app.entry.composing) == ("炮", "")
    type_key(app, pygame.K_ESCAPE)
    assert not app.keyboard.listening
    type_text(app, "f")
    assert app.entry.text == "炮" and not app.controller.state.flipped


def test_a_line_is_edited_with_the_usual_keys():
    line = Line("x", "炮二平五")
    key = lambda k, mod=0, text="": line.key(pygame.event.Event(pygame.KEYDOWN, key=k, mod=mod, unicode=text))  # noqa: E731
    key(pygame.K_HOME)
    key(pygame.K_RIGHT, pygame.KMOD_SHIFT)
    assert line.selected == "炮"
    line.typed("砲")
    assert (line.text, line.cursor) == ("砲二平五", 1)
    key(pygame.K_DELETE)
    key(pygame.K_END)
    key(pygame.K_BACKSPACE)
    assert line.text == "砲平"
    key(pygame.K_a, pygame.KMOD_CTRL)
    line.typed("a\nb\x00c")
    assert line.text == "a bc"


def test_files_and_texts_can_be_dropped(make_app, tmp_path):
    path = tmp_path / "x.pgn"
    path.write_text("1. h2e2 h9g7 *\n")
    app = make_app(side="both")
    app.handle(pygame.event.Event(pygame.DROPFILE, file=str(path)))
    assert app.controller.view().plies == 2
    app.handle(pygame.event.Event(pygame.DROPTEXT, text="1. b2e2 *"))
    assert app.controller.view().plies == 1


# ------------------------------------------------------------------------------------------------ nothing is lost


@pytest.mark.parametrize("way", ["new", "open", "paste", "drop", "quit"])
def test_a_changed_game_is_asked_about(make_app, tmp_path, way):
    path = tmp_path / "x.pgn"
    path.write_text("1. h2e2 h9g7 *\n")
    app = make_app(side="both", ask=True, archive=tmp_path / "games")
    act = {
        "new": lambda: app.do(("new_game", "red")),
        "open": lambda: app.do(("open", path)),
        "paste": lambda: (pygame.scrap.put_text(START_FEN), app.do(("paste", None))),
        "drop": lambda: app.handle(pygame.event.Event(pygame.DROPFILE, file=str(path))),
        "quit": lambda: app.handle(pygame.event.Event(pygame.QUIT)),
    }[way]
    app.controller.type_move("b2e2")
    act()
    assert app.overlay.name == "ask" and app.running and app.controller.view().plies == 1
    type_key(app, pygame.K_ESCAPE)
    assert app.overlay is None and app.controller.view().plies == 1
    act()
    app.do(app.overlay.control("ask_drop").press())
    assert not app.running if way == "quit" else app.controller.view().plies != 1
    if way != "quit":
        assert app.controller.games.shelf.archive.recent()[0].game.moves[0].iccs() == "b2e2"


def test_saving_first_and_then_continuing(make_app, tmp_path):
    app = make_app(side="both", ask=True, folder=str(tmp_path))
    app.controller.type_move("b2e2")
    app.do(("new_game", "black"))
    type_key(app, pygame.K_RETURN)  # saves
    assert app.overlay.name == "save_as"
    app.overlay.path_line.set_text(str(tmp_path / "kept.pgn"))
    type_key(app, pygame.K_RETURN)
    assert (tmp_path / "kept.pgn").is_file() and app.controller.settings.side == "black"
    assert app.controller.view().plies == 0


def test_closing_twice_closes(make_app):
    app = make_app(side="both", ask=True)
    app.controller.type_move("b2e2")
    app.handle(pygame.event.Event(pygame.QUIT))
    assert app.running
    app.handle(pygame.event.Event(pygame.QUIT))
    assert not app.running


def test_a_saved_game_is_not_asked_about(make_app, tmp_path):
    app = make_app(side="both", ask=True)
    app.controller.type_move("b2e2")
    assert app.controller.games.save(tmp_path / "x.pgn")
    app.do(("new_game", "both"))
    assert app.overlay is None and app.controller.view().plies == 0


# ------------------------------------------------------------------------------------------------ the editor


def edit_point(app, name: str, button: int = 1) -> None:
    if button == 1:
        post_click(app, at(app, name))
    else:
        app.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=at(app, name), button=button))


def editor_button(app, name: str) -> None:
    post_click(app, editor_panel.rectangles(app.layout)[name].center)


@pytest.mark.parametrize("size", [(900, 640), (1280, 800), (1920, 1080), (800, 1000)])
def test_a_position_is_set_up_with_the_mouse(make_app, size):
    app = make_app(size=size, side="both")
    type_key(app, pygame.K_e)
    settle(app)
    editor_button(app, "clear")
    assert app.controller.view().setup.problem == "the kings face each other"
    settle(app)
    editor_button(app, "done")  # refused: nothing happens
    assert app.controller.view().setup is not None
    editor_button(app, "pick_5")
    edit_point(app, "a0")
    edit_point(app, "i0")
    edit_point(app, "e5")  # a third rook
    assert app.controller.view().message == "No red rook left to place"
    editor_button(app, "pick_3")
    edit_point(app, "e5")
    assert "can never be on e5" in app.controller.view().message
    edit_point(app, "c0")
    edit_point(app, "a0", button=3)
    editor_button(app, "hand")
    post_click(app, at(app, "e9"), to=at(app, "d9"))
    editor_button(app, "side")
    editor_button(app, "done")
    assert app.controller.view().setup is None
    assert app.controller.state.game.board.fen() == "3k5/9/9/9/9/9/9/9/9/2B1K3R b - - 0 1"


@pytest.mark.parametrize("size", [(900, 640), (1180, 800), (1280, 800), (1920, 1080), (800, 1000)])
def test_every_control_of_the_editor_works_where_it_lies_over_buttons_of_the_window(make_app, size):
    app = make_app(size=size, side="both")
    app.controller.type_move("h2e2")
    for part in (0.05, 0.25, 0.5, 0.75, 0.95):
        type_key(app, pygame.K_e)
        rects = editor_panel.rectangles(app.layout)
        for name, rect in rects.items():
            if name in ("cancel", "done", "reset"):
                continue
            before = app.controller.view().setup, app.controller.view().pieces
            post_click(app, (rect.left + round(rect.width * part), rect.centery))
            if name not in ("hand", "mirror"):  # which may change nothing
                assert (app.controller.view().setup, app.controller.view().pieces) != before, (name, part)
        post_click(app, (rects["cancel"].left + round(rects["cancel"].width * part), rects["cancel"].centery))
        assert app.overlay.name == "ask_editor"
        app.do(("editor_leave", None))
        assert app.controller.view().setup is None and app.controller.view().cursor == 1


def test_a_game_in_which_only_the_program_has_moved_is_dropped_without_asking(make_app):
    app = make_app(side="black", ask=True, script={"moves": ["h2e2", "h0g2"]})
    app.controller.start()
    live(app, lambda: app.controller.view().plies == 1)
    app.do(("new_game", "black"))
    assert app.overlay is None
    live(app, lambda: app.controller.view().plies == 1)
    assert app.controller.type_move("h9g7")
    app.do(("new_game", "black"))
    assert app.overlay.name == "ask"


def test_escape_leaves_the_editor_and_asks_first_if_something_was_changed(make_app):
    app = make_app(side="both")
    app.controller.type_move("h2e2")
    type_key(app, pygame.K_e)
    type_key(app, pygame.K_ESCAPE)
    assert app.controller.view().setup is None and app.overlay is None and app.controller.view().cursor == 1
    type_key(app, pygame.K_e)
    edit_point(app, "e2", button=3)
    for stay in (pygame.K_ESCAPE, pygame.K_RETURN):
        type_key(app, pygame.K_ESCAPE)
        assert app.overlay.name == "ask_editor"
        type_key(app, stay)
        assert app.overlay is None and app.controller.view().setup is not None
    type_key(app, pygame.K_ESCAPE)
    type_key(app, pygame.K_TAB)
    type_key(app, pygame.K_RETURN)
    assert app.overlay is None and app.controller.view().setup is None and app.controller.view().cursor == 1


def test_the_editor_turns_and_mirrors(make_desk):
    desk = make_desk(fen="3k5/9/9/9/9/9/9/9/9/R3K4 w")
    desk.controller.edit_position()
    desk.controller.editor_action("mirror")
    assert desk.controller.state.editor.fen().startswith("5k3/9/9/9/9/9/9/9/9/4K3R w")
    desk.controller.editor_action("turn_round")
    assert desk.controller.state.editor.fen().startswith("r3k4/9/9/9/9/9/9/9/9/3K5 b")
    desk.controller.editor_action("reset")
    assert desk.controller.state.editor.fen() == START_FEN
    desk.controller.editor_action("cancel")
    assert desk.controller.view().setup is None and desk.controller.view().plies == 0


# ------------------------------------------------------------------------------------------------ blocks and pictures


def test_blocks_fold_and_stay_folded(make_app):
    app = make_app(size=(1180, 800))
    before = app.layout.moves.height
    post_click(app, app.layout.title("analysis").center)
    settle(app)
    assert app.layout.folded("analysis") and app.layout.moves.height > before
    assert app.controller.settings.folded == ("analysis",)
    post_click(app, app.layout.title("analysis").center)
    settle(app)
    assert app.layout.moves.height == before


def test_the_board_is_saved_as_a_picture(make_app, tmp_path):
    app = make_app(side="both")
    app.do(("picture", tmp_path / "board.png"))
    picture = pygame.image.load(str(tmp_path / "board.png"))
    assert picture.get_width() == 782 and (tmp_path / "board.png").stat().st_size > 10_000


def test_the_card_at_the_end_stands_beside_the_board(make_app):
    app = make_app(fen="3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1", side="both")
    app.controller.type_move("i7i9")
    settle(app)
    from xiangqi_lm.gui.widgets import panels

    card = app.layout.end
    assert not card.colliderect(app.geometry.outside()) and app.controller.view().end.headline == "Red wins"
    rects = panels.end_buttons(app.layout, app.controller.view().end)
    post_click(app, rects["review"].center)
    assert app.controller.view().cursor == 0 and app.controller.state.card_read
    app.controller.navigation.go_to(1)
    assert app.controller.view().end is None
    press_button(app, "new_game")
    assert app.overlay.name == "menu_new_game"


@pytest.mark.parametrize("by_key", [False, True])
def test_a_menu_closes_when_an_item_is_chosen(make_app, by_key):
    app = make_app(side="both")
    app.controller.games.paste("1. h2e2 h9g7 *")
    app.controller.navigation.go_to(1)
    app.controller.type_move("b9c7")
    for name in ("promote", "delete", "undo", "redo_edit", "offer_draw"):
        if name == "offer_draw":
            app.controller.games.new_game()
        app.do(("menu", None))
        settle(app)
        assert name in app.controller.view().enabled
        menu = app.overlay
        if by_key:
            menu.at = [item.intent[0] for item in menu.items].index(name)
            type_key(app, pygame.K_RETURN)
        else:
            post_click(app, menu.rectangles()[f"more_{name}"].center)
        assert app.overlay is None, name
    assert app.controller.view().outcome.reason == "draw by agreement"
