"""Whole records in the window: opened with all games and their trees, edited with undo, saved in every format."""

from __future__ import annotations

from pathlib import Path

import pygame
import pytest
from desk import live, settle, type_key, type_text

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.gui.game import files
from xiangqi_lm.gui.game.document import Document
from xiangqi_lm.gui.game.game import Game
from xiangqi_lm.gui.game.movelist import MoveItem, Paragraph
from xiangqi_lm.gui.game.tree_walk import Place
from xiangqi_lm.records.formats import pgn
from xiangqi_lm.records.game import GameRecord

TREE = Path(__file__).resolve().parents[1] / "data" / "tree.pgn"
MANY = """[Event "Cup"]\r
[Red "Ann"]\r
[Black "Bo"]\r
[Result "1-0"]\r
\r
1. h2e2 h9g7 1-0\r
\r
[Event "Cup"]\r
[Red "某甲"]\r
[Black "Di"]\r
[Result "*"]\r
\r
1. b2e2 {second} b9c7 *\r
\r
[Event "Cup"]\r
[Red "Ed"]\r
[Black "Flo"]\r
\r
1. g3g4 h2h2 *\r
\r
"""


def words(record: GameRecord) -> tuple:
    """Return a record without what formats are known to drop."""
    return record.line, record.start_fen, record.result


@pytest.fixture
def tree() -> GameRecord:
    return pgn.read_game(TREE.read_text(encoding="utf-8"))


@pytest.fixture
def many(tmp_path) -> Path:
    path = tmp_path / "many.pgn"
    path.write_bytes(MANY.encode("gb18030"))
    return path


# ------------------------------------------------------------------------------------------------ one record


@pytest.mark.parametrize("notation", ["iccs", "chinese", "wxf"])
def test_the_tree_is_saved_whole_as_pgn_in_any_notation(make_desk, tree, tmp_path, notation):
    desk = make_desk(pgn_notation=notation)
    assert desk.controller.games.load(TREE)
    assert desk.controller.state.game.record.line == tree.line
    path = tmp_path / "again.pgn"
    assert desk.controller.games.shelf.losses(path) == ()
    assert desk.controller.games.save(path)
    saved = pgn.read_game(path.read_text(encoding="utf-8"))
    assert words(saved) == words(tree) and saved.headers["Red"] == "甲"
    assert saved.headers["Event"] == "Study" and "Termination" not in saved.headers


@pytest.mark.parametrize("suffix", [".xqf", ".ubb", ".dhtmlxq"])
def test_other_formats_keep_moves_variations_and_comments_and_say_that_marks_go(make_desk, tree, tmp_path, suffix):
    desk = make_desk()
    desk.controller.games.load(TREE)
    path = tmp_path / f"tree{suffix}"
    assert desk.controller.games.shelf.losses(path) == ("marks",)
    assert desk.controller.games.save(path)
    assert desk.controller.games.load(path)
    back = desk.controller.state.game.record
    assert files.shape_of(back.line) == files.shape_of(tree.line) and files.comments_of(back.line) == files.comments_of(
        tree.line
    )
    assert back.result == tree.result and back.headers["Red"] == "甲"


@pytest.mark.parametrize("suffix", [".xqf", ".ubb", ".pgn"])
def test_a_file_with_several_first_moves_keeps_every_branch(make_desk, tmp_path, suffix):
    desk = make_desk(side="both")
    lines = ("h2e2 h9g7 h0g2", "c3c4 g6g5", "b0c2 c6c5 h2i2")
    for text in lines:
        desk.controller.navigation.go_to(0)
        desk.controller.state.game.live = False  # another first move is a variation
        for move in text.split():
            assert desk.controller.type_move(move)
    path = tmp_path / f"三种 首着{suffix}"
    assert desk.controller.games.save(path)
    opened = make_desk(side="both")
    assert opened.controller.games.load(path)
    record = opened.controller.state.game.record
    found = [record.line, *record.variations[0]]
    assert [" ".join(move.iccs() for move in line.moves) for line in found] == list(lines)


def test_a_list_of_moves_reports_all_that_it_loses(make_desk, tmp_path):
    desk = make_desk()
    desk.controller.games.load(TREE)
    assert set(desk.controller.games.shelf.losses(tmp_path / "x.txt")) >= {"variations", "comments", "marks"}
    with pytest.raises(XiangqiError, match="cannot be written"):
        desk.controller.games.shelf.losses(tmp_path / "x.cbr")


def test_the_list_shows_variations_comments_and_marks(make_desk):
    desk = make_desk()
    desk.controller.games.load(TREE)
    blocks = desk.controller.view().blocks
    assert blocks[0] == Paragraph(0, ("开局",))
    moves = [block for block in blocks if isinstance(block, MoveItem)]
    assert [m.name + m.glyphs for m in moves[:4]] == ["炮二平五", "马８进７", "马二进三!?", "车９平８?"]
    texts = [
        [p if isinstance(p, str) else p.name + p.glyphs for p in b.parts] for b in blocks if isinstance(b, Paragraph)
    ]
    assert ["炮８平５", "马二进三!", "顺炮", "马８进７"] in texts and ["马２进３", "车一平二"] in texts
    assert [b.depth for b in blocks if isinstance(b, Paragraph)] == [0, 1, 2, 1, 1, 0, 1]


def test_a_move_tried_on_an_opened_game_is_a_variation(make_desk, tree):
    desk = make_desk()
    desk.controller.games.load(TREE)
    desk.controller.navigation.go_to(2)
    assert desk.controller.type_move("兵三进一")
    record = desk.controller.state.game.record
    assert record.moves == tree.moves and [line.moves[0].iccs() for line in record.variations[2]] == ["g3g4"]
    assert record.result == "1-0" and desk.controller.view().unsaved
    assert desk.controller.games.shelf.record().result == "1-0"


def test_a_finished_game_is_studied_and_not_continued(make_desk):
    desk = make_desk(fen="3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1")
    desk.controller.type_move("i7i9")
    desk.controller.navigation.take_back()
    desk.controller.type_move("i7h7")
    record = desk.controller.state.game.record
    assert [move.iccs() for move in record.moves] == ["i7i9"] and len(record.variations[0]) == 1
    assert desk.controller.games.shelf.record().result == "1-0"
    assert desk.controller.games.shelf.record().headers["Termination"] == "checkmate"


def test_moves_taken_back_in_play_become_a_variation(desk):
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.navigation.take_back()
    desk.click("b2", "e2")
    record = desk.controller.state.game.record
    assert [move.iccs() for move in record.moves] == ["b2e2"]
    assert [move.iccs() for move in record.variations[0][0].moves] == ["h2e2", "h9g7"]


def test_edits_and_undo(make_desk, tree):
    desk = make_desk()
    controller = desk.controller
    controller.games.load(TREE)
    game = controller.state.game
    controller.navigation.look_at(Place(((1, 0),), 2))
    controller.navigation.edit("promote")
    assert game.record.moves[1].iccs() == "h7e7" and game.place == Place((), 3)
    controller.navigation.edit("annotate", "now the game")
    controller.navigation.mark(4)
    controller.navigation.mark(2)  # another of the same kind takes its place
    assert game.record.comments[3] == "now the game" and game.record.nags[3] == (2,)
    controller.navigation.mark(2)
    assert 3 not in game.record.nags
    controller.navigation.edit("delete")
    assert game.cursor == 2
    for _ in range(6):
        controller.navigation.edit("undo")
    assert game.record.line == tree.line and not game.can_undo
    for _ in range(6):
        controller.navigation.edit("redo")
    assert game.cursor == 2 and not game.can_redo
    controller.type_move("马二进三")
    assert not game.can_redo


def test_the_result_fits_the_game_after_every_edit(make_desk):
    desk = make_desk(side="both")
    for text in ("h2e2", "h9g7", "h0g2"):
        desk.controller.type_move(text)
    desk.controller.resign()
    assert desk.controller.games.shelf.record().result == "1-0"
    desk.controller.navigation.edit("delete")  # the last move, so the game is no longer resigned
    stored = desk.controller.games.shelf.record()
    assert stored.result == "*" and "Termination" not in stored.headers
    desk.controller.navigation.edit("undo")
    assert desk.controller.games.shelf.record().result == "1-0"


def test_every_place_of_a_tree_can_be_looked_at(tree):
    game = Game.from_record(tree)
    paths = [((1, 0),), ((1, 0), (2, 0)), ((1, 1),), ((4, 0),)]
    for path in paths:
        for ply in range(1, len(tree.line_at(path).moves) + 1):
            game.look_at(Place(path, ply))
            assert game.place == Place(path, ply)
            assert game.board.move_stack == tree.board_at(path, ply).move_stack
    game.look_at(Place(((1, 1),), 1))
    places, which = game.alternatives()
    assert places == [Place((), 2), Place(((1, 0),), 1), Place(((1, 1),), 1)] and which == 2


def test_up_and_down_walk_between_variations(make_desk):
    desk = make_desk()
    desk.controller.games.load(TREE)
    desk.controller.navigation.go_to(2)
    seen = []
    for _ in range(3):
        desk.controller.navigation.beside(1)
        seen.append(desk.controller.state.game.place)
    assert seen == [Place(((1, 0),), 1), Place(((1, 1),), 1), Place((), 2)]


# ------------------------------------------------------------------------------------------------ many games


def test_all_games_of_a_file_are_found_and_the_bad_ones_say_why(make_desk, many):
    desk = make_desk(language="zh")
    assert desk.controller.games.load(many)
    document = desk.controller.state.document
    document.wait()
    assert [(s.red, s.result, s.plies) for s in document.summaries[:2]] == [("Ann", "1-0", 2), ("某甲", "*", 2)]
    fault = document.summaries[2].fault.words("zh")
    assert "第 19 行" in fault and "h2h2" in fault
    assert desk.controller.view().games == (1, 3)
    assert not desk.controller.games.shelf.open_number(3) and "第 3 局" in desk.controller.view().message
    assert desk.controller.view().games == (1, 3)


def test_saving_over_a_file_of_many_games_changes_that_game_only(make_desk, many):
    desk = make_desk()
    desk.controller.games.load(many)
    desk.controller.state.document.wait()
    desk.controller.games.shelf.open_number(2)
    desk.controller.navigation.edit("annotate", "好棋")
    assert desk.controller.games.shelf.put_back() and not desk.controller.view().unsaved
    before, after = MANY.encode("gb18030"), many.read_bytes()
    first, third = before.index(b"[Event", 10), before.rindex(b"[Event")
    assert after[:first] == before[:first] and after.endswith(before[third:])
    assert "好棋".encode("gb18030") in after and b"\n" not in after.replace(b"\r\n", b"")
    again = Document.of_file(many)
    again.wait()
    assert [s.red for s in again.summaries[:2]] == ["Ann", "某甲"]
    assert (
        again.record(2).comments[2] == "好棋"
        and again.record(1).moves == desk.controller.state.document.record(1).moves
    )


def test_a_file_that_another_program_changed_is_not_spoilt(make_desk, many):
    desk = make_desk()
    desk.controller.games.load(many)
    desk.controller.navigation.edit("annotate", "x")
    many.write_text("1. c3c4 *\n")
    assert not desk.controller.games.shelf.put_back() and desk.controller.view().message_is_error
    assert many.read_text() == "1. c3c4 *\n" and desk.controller.view().unsaved


def test_the_window_steps_through_the_games_and_searches_them(make_app, many):
    app = make_app(side="both")
    app.do(("open", many))
    live(app, lambda: app.controller.state.document.done)
    type_key(app, pygame.K_PAGEDOWN)
    assert app.controller.view().games == (2, 3)
    type_key(app, pygame.K_PAGEUP)
    assert app.controller.view().games == (1, 3)
    app.do(("games", None))
    settle(app)
    type_text(app, "某甲")
    settle(app)
    assert [app.overlay._shown] == [[2]]
    type_key(app, pygame.K_RETURN)
    assert app.controller.view().games == (2, 3) and app.overlay is None


def test_save_writes_to_the_file_of_the_game(make_app, many):
    app = make_app(side="both")
    app.do(("open", many))
    app.controller.navigation.edit("annotate", "kept")
    type_key(app, pygame.K_s, pygame.KMOD_CTRL)
    assert app.overlay is None and b"kept" in many.read_bytes() and "many.pgn" in app.controller.view().message


def test_a_file_of_many_games_is_not_written_over_unasked(make_app, many):
    app = make_app(side="both")
    app.controller.type_move("c3c4")
    app.do(("save_as", many))
    assert app.overlay.name == "ask_many" and many.read_bytes() == MANY.encode("gb18030")
    type_key(app, pygame.K_RETURN)  # adds it
    again = Document.of_file(many)
    again.wait()
    assert len(again) == 4 and again.record(4).moves[0].iccs() == "c3c4"


def test_a_file_that_is_there_is_not_written_over_unasked(make_app, tmp_path):
    one, other, picture = tmp_path / "one.pgn", tmp_path / "letter.txt", tmp_path / "board.png"
    one.write_text("1. h2e2 *", encoding="utf-8")
    other.write_text("Dear Ann,\n", encoding="utf-8")
    picture.write_bytes(b"mine")
    before = {path: path.read_bytes() for path in (one, other, picture)}
    app = make_app(side="both")
    app.controller.type_move("c3c4")
    for path in before:
        app.do(("picture" if path is picture else "save_as", path))
        assert app.overlay.name == "ask_exists"
        app.do(app.overlay.control("cancel").press())
        assert app.overlay is None and path.read_bytes() == before[path]
    app.do(("picture", picture))
    app.do(app.overlay.control("ask_replace_it").press())
    assert picture.read_bytes()[:4] == b"\x89PNG" and app.overlay is None
    app.do(("save_as", one))
    type_key(app, pygame.K_RETURN)  # adds it
    assert [record.moves[0].iccs() for record in pgn.read_games(one.read_text(encoding="utf-8"))] == ["h2e2", "c3c4"]
    app.do(("save_as", other))
    app.do(app.overlay.control("ask_replace_it").press())
    assert app.overlay is None and "c3c4" in other.read_text(encoding="utf-8")
    app.controller.type_move("c6c5")
    app.do(("save_as", other))  # the game's own file by now
    assert app.overlay is None and "c6c5" in other.read_text(encoding="utf-8")


def test_losses_are_asked_about(make_app, tmp_path):
    app = make_app()
    app.do(("open", TREE))
    path = tmp_path / "tree.xqf"
    app.do(("save_as", path))
    assert app.overlay.name == "ask_lossy" and not path.exists()
    app.do(app.overlay.control("ask_anyway").press())
    assert path.exists() and app.overlay is None


def test_games_of_a_file_are_searched_by_number_and_in_both_scripts(tmp_path):
    file = tmp_path / "many.pgn"
    heads = ("許銀川", "呂欽", "Hu Ronghua")
    file.write_text("\n\n".join(f'[Red "{head}"]\n[Event "x"]\n\nh2e2 *' for head in heads), encoding="utf-8")
    document = Document.of_file(file)
    document.wait()
    found = {words: [one.number for one in document.summaries if one.fits(words)]
             for words in ("许银川", "呂钦", "ronghua HU", "2", "3 hu", "4", "")}  # fmt: skip
    assert found == {"许银川": [1], "呂钦": [2], "ronghua HU": [3], "2": [2], "3 hu": [3], "4": [], "": [1, 2, 3]}


def test_unknown_headers_are_empty_lines_and_stay_unknown(make_app):
    app = make_app(side="both")
    app.controller.games.paste('[Event "?"]\n[Date "????.??.??"]\n[Red "甲"]\n\nh2e2 *')
    before = app.controller.state.game.record
    for text in ("", "乙"):
        app.do(("headers", None))
        settle(app)
        lines = {line.name: line.text for line in app.overlay.controls}
        assert (lines["Event"], lines["Date"], lines["Red"]) == ("", "", "甲")
        app.do(("set_headers", {**lines, "Black": text}))
        assert (app.controller.state.game.record == before) is (text == "")
    assert dict(app.controller.state.game.record.headers) == {**before.headers, "Black": "乙"}
    app.do(("set_headers", {**lines, "Red": " "}))
    assert "Red" not in app.controller.state.game.record.headers


def test_missing_files_are_named_in_the_window_s_language(make_desk, tmp_path):
    desk = make_desk(language="zh")
    assert not desk.controller.games.load(tmp_path / "没有.pgn")
    assert desk.controller.view().message == "打不开 没有.pgn：没有这个文件或文件夹"
