"""The library in the window: the panel for a position, games opened and added, the search; nothing blocks on it."""

from __future__ import annotations

import sqlite3
import threading
import unicodedata
from pathlib import Path

import pygame
import pytest
from desk import at, live, post_click, press_button, settle, type_key, type_text

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.gui.game import librarian
from xiangqi_lm.gui.game.librarian import Librarian, queries
from xiangqi_lm.gui.widgets import library_panel
from xiangqi_lm.library.library import Library
from xiangqi_lm.library.query import Query
from xiangqi_lm.records.formats import pgn
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

GAMES = """
[Event "甲级联赛"]
[Date "2001.05.02"]
[Red "许银川"]
[Black "吕钦"]
[Result "1-0"]

1. 炮二平五 马8进7 2. 马二进三 车9平8 {妙手} 3. 车一平二 马2进3 1-0

[Event "五羊杯"]
[Date "1999"]
[Red "胡荣华"]
[Black "许银川"]
[Result "1/2-1/2"]

1. 炮二平五 马8进7 2. 兵七进一 车9平8 1/2-1/2

[Event "Club"]
[Date "2010.01.01"]
[Red "Smith, A"]
[Black "Jones"]
[Result "0-1"]

1. 马二进三 炮8平5 0-1
"""


@pytest.fixture(autouse=True, scope="module")
def _compiled():
    """Compile the rules before anything is waited for."""
    board = Board()
    board.push(board.parse("h2e2"))
    assert board.legal_list() and not board.is_check() and board.outcome("computer") is None


@pytest.fixture
def file(tmp_path) -> Path:
    """Return a library of three games."""
    path = tmp_path / "games.sqlite"
    with Library(path, create=True) as library:
        library.add_records(pgn.read_games(GAMES))
    return path


def panel(app):
    return app.controller.view().library


def open_panel(app):
    """Return the panel once it shows the position on the board."""
    settle(app)
    type_key(app, pygame.K_b, text="b")
    live(app, lambda: panel(app) is not None and (panel(app).moves or panel(app).note))
    settle(app)


def known(app):
    """Wait until the panel shows the position on the board."""
    state = app.controller.state
    key = lambda: state.library.asked and state.library.asked[2] == state.game.board.key  # noqa: E731
    live(app, lambda: key() and (panel(app).moves or panel(app).games or panel(app).note))
    settle(app)


def row(app, name):
    return app.library.rectangles()[name].center


def test_a_position_with_its_moves_and_games(make_app, file):
    app = make_app(side="both", file=file)
    open_panel(app)
    first, second = panel(app).moves
    assert (first.name, first.games, first.results, first.score, first.year) == (
        "炮二平五",
        2,
        (1, 1, 0),
        "75%",
        "2001",
    )
    assert (second.name, second.games, second.score, second.year) == ("马二进三", 1, "0%", "2010")
    assert [game.players for game in panel(app).games] == ["许银川 - 吕钦", "胡荣华 - 许银川", "Smith, A - Jones"]
    assert panel(app).games[1].result == "½-½" and panel(app).games[0].event == "甲级联赛"


def test_the_models_share_stands_beside_a_move_without_arrows_on_the_board(make_app, file):
    app = make_app(side="both", file=file, script={"moves": ["h2e2"]})
    app.controller.start()
    open_panel(app)
    live(app, lambda: panel(app).moves[0].model != "")
    shares = [move.model for move in panel(app).moves]
    assert all(share.endswith("%") for share in shares) and not app.controller.view().arrows


def test_a_click_plays_the_move_and_the_panel_follows(make_app, file):
    app = make_app(side="both", file=file)
    open_panel(app)
    post_click(app, row(app, "library_move:0"))
    known(app)
    assert [move.iccs() for move in app.controller.state.game.line] == ["h2e2"]
    assert [move.name for move in panel(app).moves] == ["马８进７"]
    app.controller.navigation.step(-1)
    known(app)
    assert len(panel(app).moves) == 2
    post_click(app, row(app, "library_move:0"))  # the game contains that move: it is stepped to
    known(app)
    assert app.controller.state.game.cursor == 1 and not app.controller.state.game.record.variations


def test_a_move_of_the_list_is_not_played_for_the_program(make_app, file):
    app = make_app(side="black", file=file, script={"faults": {"1": "hang"}})  # the program is to move, and never does
    open_panel(app)
    post_click(app, row(app, "library_move:0"))
    assert not app.controller.state.game.line and app.controller.view().message_is_error


def test_a_click_on_a_game_opens_it_at_that_ply(make_app, file):
    app = make_app(side="both", file=file)
    open_panel(app)
    for name in ("h2e2", "h9g7"):
        app.controller.type_move(name)
    known(app)
    post_click(app, row(app, "library_game:1"))
    live(app, lambda: app.controller.state.game.record.headers.get("Red") == "胡荣华")
    game = app.controller.state.game
    assert game.cursor == 2 and len(game.line) == 4 and not app.controller.state.unsaved
    app.controller.type_move("b0c2")  # the user's move becomes a variation of the opened game
    assert app.controller.state.game.record.variations and app.controller.state.unsaved


def test_an_unsaved_game_is_asked_about_before_another_is_opened(make_app, file):
    app = make_app(side="both", file=file, ask=True)
    open_panel(app)
    app.controller.type_move("h2e2")
    known(app)
    post_click(app, row(app, "library_game:0"))
    assert app.overlay.name == "ask" and len(app.controller.state.game.line) == 1


def test_the_keyboard_reaches_everything(make_app, file):
    app = make_app(side="both", file=file)
    open_panel(app)
    assert app.library.focused == "library_move"
    type_key(app, pygame.K_DOWN)
    type_key(app, pygame.K_RETURN)
    known(app)
    assert [move.iccs() for move in app.controller.state.game.line] == ["h0g2"]
    type_key(app, pygame.K_LEFT)  # stepping works as without the panel
    known(app)
    for _ in range(2):
        type_key(app, pygame.K_DOWN)  # past the last move, to the games
    assert app.library.focused == "library_game"
    type_key(app, pygame.K_DOWN)
    type_key(app, pygame.K_RETURN)
    live(app, lambda: app.controller.state.game.record.headers.get("Red") == "胡荣华")
    seen = []
    for _ in range(5):
        seen.append(app.library.focused)
        type_key(app, pygame.K_TAB)
    assert {"library_move", "library_game", "library_search", "library_add_game", "library_add_files"} == set(seen)
    type_key(app, pygame.K_ESCAPE)
    assert app.library.focused == "" and panel(app) is not None
    type_key(app, pygame.K_b, text="b")
    assert panel(app) is None


def search(app, text):
    type_key(app, pygame.K_f, pygame.KMOD_CTRL)
    app.overlay.control("search").set_text("")
    type_text(app, text)
    library = app.controller.state.library
    live(app, lambda: library.search is not None and library.search[1] == text)
    settle(app)
    return [(game.red, game.black) for game in library.matches]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("呂欽", [("许银川", "吕钦")]),
        ("许银川 1999", [("胡荣华", "许银川")]),
        ("smith", [("Smith, A", "Jones")]),
        ("五羊", [("胡荣华", "许银川")]),
        ("妙手", [("许银川", "吕钦")]),
        ("1990-2001", [("许银川", "吕钦"), ("胡荣华", "许银川")]),
        ("nobody", []),
    ],
)
def test_one_line_searches_players_events_openings_comments_and_years(make_app, file, text, found):
    assert search(make_app(side="both", file=file), text) == found


def test_a_search_is_opened_with_the_keyboard(make_app, file):
    app = make_app(side="both", file=file)
    assert len(search(app, "许银川")) == 2
    type_key(app, pygame.K_DOWN)
    type_key(app, pygame.K_RETURN)
    live(app, lambda: app.controller.state.game.record.headers.get("Red") == "胡荣华")
    assert app.overlay is None and app.controller.state.game.cursor == 0


def test_what_a_search_means():
    assert queries("any", "") == [] and queries("player", " 1999 ") == [Query(years=(1999, 1999))]
    assert queries("player", "许银川，吕钦") == [Query(players=("许银川", "吕钦"))]
    assert queries("event", "五羊杯 1990-1999") == [Query(event="五羊杯", years=(1990, 1999))]
    assert len(queries("any", "炮")) == 4


def test_without_a_library_the_panel_says_how_to_make_one_and_this_game_makes_it(make_app, tmp_path):
    path = tmp_path / "new" / "library.sqlite"
    app = make_app(side="both", file=path)
    open_panel(app)
    assert panel(app).missing and "xiangqi-lm library add" in panel(app).note and not path.exists()
    app.controller.type_move("h2e2")
    settle(app)
    post_click(app, row(app, "library_add_game"))
    live(app, lambda: path.exists() and not panel(app).missing)
    known(app)
    assert app.controller.view().message == "Added to the library"
    app.controller.navigation.step(-1)
    known(app)
    assert [move.name for move in panel(app).moves] == ["炮二平五"]
    app.do(("library_add_game", None))
    live(app, lambda: "already" in app.controller.view().message)
    with Library(path) as library:
        assert library.count() == 1 and library.sources(1)[0].file == "<window>"


def test_files_are_added_by_a_process_of_their_own(make_app, tmp_path):
    (tmp_path / "my games").mkdir()
    (tmp_path / "my games" / "许.pgn").write_text(GAMES, encoding="gb18030")
    path = tmp_path / "library.sqlite"
    app = make_app(side="both", file=path, folder=str(tmp_path / "my games"))
    open_panel(app)
    post_click(app, row(app, "library_add_files"))
    folder = app.overlay.rectangles()["folder"].center
    post_click(app, folder)
    live(app, lambda: "3 games added" in app.controller.view().message)
    known(app)
    assert len(panel(app).moves) == 2 and app.controller.state.library.adding is None


def test_a_damaged_record_is_counted_and_a_foreign_file_refused_in_words_of_both_languages(make_app, tmp_path):
    path = tmp_path / "other.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE things (id)")
    app = make_app(side="both", file=path, language="zh")
    open_panel(app)
    assert panel(app).trouble and panel(app).note == "该文件不是棋谱库"
    app.do(("library_add_game", None))
    app.controller.change(language="en")
    settle(app)
    assert panel(app).note == "the file is not a library of games"


@pytest.mark.parametrize(("notation", "offered"), [("chinese", False), ("iccs", True)])
def test_a_move_that_cannot_be_is_never_played(make_app, file, notation, offered):
    """A damaged file may contain any move: one without a name is not shown, an illegal one is refused."""
    with sqlite3.connect(file) as store:
        ids = Move.from_iccs("e0e8").id, Move.from_iccs("h2e2").id
        assert store.execute("UPDATE tallies SET move = ? WHERE move = ?", ids).rowcount
    app = make_app(side="both", file=file, notation=notation)
    open_panel(app)
    assert len(panel(app).moves) == 1 + offered
    if offered:
        post_click(app, row(app, "library_move:0"))
    assert not app.controller.state.game.line and app.controller.illegal_clicks == offered


def test_a_library_that_takes_its_time_holds_nothing_up_and_late_answers_are_dropped(make_app, file, monkeypatch):
    """The first question hangs; meanwhile the window plays and draws, and only the last position is answered."""
    go_on, asked = threading.Event(), []
    explore = Library.explore

    def slow(self, board):
        asked.append(board.ply)
        if board.ply == 0:
            assert go_on.wait(20)
        return explore(self, board)

    monkeypatch.setattr(Library, "explore", slow)
    app = make_app(side="both", file=file)
    settle(app)
    app.do(("library", None))
    live(app, lambda: asked == [0])
    pictures = app.pictures
    for name in ("h2e2", "h9g7", "h0g2"):
        app.controller.type_move(name)
        settle(app)
    assert app.pictures > pictures and panel(app).moves == ()
    go_on.set()
    known(app)
    assert asked == [0, 3] and panel(app).moves[0].name == "车９平８"


def test_a_search_that_is_replaced_is_stopped(file, monkeypatch):
    entered, stopped, answered = threading.Event(), threading.Event(), threading.Event()

    def endless(self, wanted, limit=None):
        if wanted.players == ("许",):
            entered.set()
            assert stopped.wait(20)
            raise XiangqiError("games.sqlite: the search was stopped", code="library.interrupted")
        return []

    monkeypatch.setattr(Library, "search", endless)
    monkeypatch.setattr(Library, "interrupt", lambda self: stopped.set())
    found = Librarian(answered.set)
    found.search(file, "player", "许")
    assert entered.wait(20)
    found.search(file, "player", "吕")
    assert answered.wait(20)
    assert [(reply.question, reply.fault) for reply in found.poll()] == [(("player", "吕"), None)]
    found.close()


def test_nothing_is_asked_while_the_panel_is_closed_and_nothing_drawn_while_it_is_open(make_app, file, monkeypatch):
    asked = []
    monkeypatch.setattr(librarian.Librarian, "explore", lambda self, path, board, question: asked.append(question))
    app = make_app(side="both", file=file)
    app.controller.type_move("h2e2")
    settle(app)
    assert not asked
    monkeypatch.undo()
    open_panel(app)
    pictures = app.pictures
    for _ in range(5):
        app.step(20)
    assert app.pictures == pictures


@pytest.mark.parametrize("size", [(900, 640), (1280, 800), (1920, 1080), (800, 1000)])
@pytest.mark.parametrize(("scale", "language"), [(100, "zh"), (200, "en")])
def test_the_panel_overlaps_nothing_that_stays(make_app, file, size, scale, language):
    app = make_app(size=size, side="both", file=file, ui_scale=scale, language=language)
    open_panel(app)
    place = library_panel.area(app.layout)
    others = [
        app.layout.board,
        app.layout.top,
        app.layout.bottom,
        app.layout.status,
        app.layout.value,
        app.layout.entry,
    ]
    others += [rect for name, rect in app.layout.buttons.items() if name != "action"]
    assert not any(place.colliderect(rect) for rect in others if rect.height)
    parts = list(app.library.rectangles().items())
    for i, (name, rect) in enumerate(parts):
        assert place.contains(rect), name
        assert not any(rect.colliderect(other) for _, other in parts[i + 1 :]), name


def test_the_file_of_the_library_is_a_setting(make_app, file, tmp_path):
    app = make_app(side="both", file=tmp_path / "none.sqlite")
    open_panel(app)
    assert panel(app).missing
    app.do(("settings", None))
    post_click(app, app.overlay.rectangles()["library_file"].center)
    assert app.overlay.name == "library_file"
    app.overlay.path_line.set_text(str(file))
    type_key(app, pygame.K_RETURN)
    assert app.controller.settings.library == str(file)
    live(app, lambda: not panel(app).missing)
    known(app)
    assert panel(app).title == "Library · games.sqlite" and len(panel(app).moves) == 2


def test_the_texts_of_the_panel_fit_in_both_languages(make_app, file):
    for language in ("zh", "en"):
        app = make_app(size=(900, 640), side="both", file=file, language=language)
        open_panel(app)
        assert not any(unicodedata.category(c) == "Cn" for c in panel(app).games_title)
        press_button(app, "flip")
        assert (
            app.controller.state.flipped and app.geometry.square_at(at(app, "a0")) == Board().parse("a0a1").from_square
        )
