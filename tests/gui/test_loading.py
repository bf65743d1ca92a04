"""Saving, loading and pasting one game; refusals name the file and the line, and the game stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import BLACK, RED


def test_save_and_load(desk, tmp_path: Path):
    desk.click("h2", "e2")
    desk.reply("h9g7")
    desk.controller.resign()
    path = tmp_path / "我的 棋谱.pgn"
    assert desk.controller.games.save(path)
    desk.controller.games.new_game("red")
    assert desk.moves == []
    assert desk.controller.games.load(path)
    view = desk.controller.view()
    assert desk.moves == ["h2e2", "h9g7"] and view.status == "Black wins" and view.cursor == 2
    assert desk.controller.settings.folder == str(tmp_path)


def test_load_records_of_other_programs(desk, tmp_path: Path):
    """The window opens what `data import` reads; what it refuses is one line, and the game is kept."""
    from xiangqi_lm.records.formats import xqf
    from xiangqi_lm.records.game import GameRecord

    moves = tuple(Move.from_iccs(text) for text in ("h2e2", "h9g7", "h0g2"))
    (tmp_path / "a.xqf").write_bytes(xqf.write_game(GameRecord({"Red": "甲"}, None, moves, "*")))
    (tmp_path / "b.csv").write_text("gameID,turn,side,move\n1,1,red,C2.5\n1,1,black,h2+3\n")
    (tmp_path / "c.xqf").write_bytes(b"XQ" + bytes(40))
    controller = desk.controller
    assert controller.games.load(tmp_path / "a.xqf")
    assert [move.iccs() for move in controller.state.game.line] == ["h2e2", "h9g7", "h0g2"]
    for name in ("c.xqf", "missing.xqf"):
        assert not controller.games.load(tmp_path / name)
        assert controller.view().message_is_error
    assert len(controller.state.game.line) == 3
    assert controller.games.load(tmp_path / "b.csv")
    assert len(controller.state.game.line) == 2


def test_load_any_encoding_and_notation(desk, tmp_path: Path):
    path = tmp_path / "gb.pgn"
    path.write_bytes('[Red "许银川"]\n\n1. 炮二平五 马8进7 2. 马二进三 车9平8 *\n'.encode("gb18030"))
    assert desk.controller.games.load(path)
    assert desk.moves == ["h2e2", "h9g7", "h0g2", "i9h9"]
    assert desk.controller.state.game.record.headers["Red"] == "许银川"
    assert desk.controller.state.humans == {RED}


@pytest.mark.parametrize("content", [b"", b"no game at all", b"1. h2e2 h2e2 *", b'[FEN "nonsense"]\n\n1. h2e2 *'])
def test_a_bad_file_leaves_the_game(desk, tmp_path: Path, content):
    desk.click("h2", "e2")
    path = tmp_path / "bad.pgn"
    path.write_bytes(content)
    assert not desk.controller.games.load(path)
    view = desk.controller.view()
    assert view.message_is_error and "bad.pgn" in view.message and "\n" not in view.message
    assert desk.moves == ["h2e2"]


@pytest.mark.parametrize(
    ("text", "en", "zh"),
    [
        ("1. h2e2 h9g7\n2. h0g2 a0a9\n3. b0c2 *\n", "line 5: 'a0a9' (ply 4) is not legal", "第 5 行"),
        ("1. 炮二平五 马8进7\n2. 马二进三 车9平8\n3. 车一平九 *\n", "line 6: '车一平九' (ply 5)", "第 6 行"),
        ("1. h2e2 qqqq *\n", "line 4: 'qqqq' (ply 2) cannot be read as a move", "第 4 行"),
    ],
)
def test_a_bad_file_names_the_line_in_both_languages(make_desk, tmp_path: Path, text, en, zh):
    path = tmp_path / "坏 棋谱.pgn"
    path.write_text(f'[Event "x"]\n[Red "甲"]\n\n{text}', encoding="gb18030")
    for language, words in (("en", en), ("zh", zh)):
        desk = make_desk(language=language, side="both")
        desk.click("h2", "e2")
        assert not desk.controller.games.load(path)
        assert words in desk.controller.view().message and desk.moves == ["h2e2"]


def test_missing_file_and_unwritable_place(desk, tmp_path: Path):
    assert not desk.controller.games.load(tmp_path / "none.pgn")
    assert "none.pgn" in desk.controller.view().message
    assert not desk.controller.games.save(tmp_path / "no folder" / "x.pgn")
    assert desk.controller.view().message_is_error


def test_paste_fen(make_desk):
    desk = make_desk()
    assert desk.controller.games.paste_fen(" 4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 1\n")
    assert desk.controller.view().turn is BLACK and desk.thinker.asked[-1][0].purpose == "move"
    before = desk.controller.state.game.board.fen()
    for bad in ("", "4k4/9/9/9/9/9/9/9/9/9 w", "4k4/9/9/9/9/9/9/9/9/4K4 w", "hello"):
        assert not desk.controller.games.paste_fen(bad)
        assert desk.controller.view().message.startswith("Not a position")
    assert desk.controller.state.game.board.fen() == before


def test_a_record_that_begins_with_black(make_desk):
    desk = make_desk(fen="4k4/9/9/9/9/9/9/9/9/R2K5 b - - 0 7", side="black")
    desk.click("e9", "e8")
    desk.reply("a0a8")
    items = desk.controller.view().blocks
    assert [(item.number, item.black) for item in items] == [(7, True), (8, False)]
