"""DhtmlXQ: pages as found on the web, branches, comments, and reading back what is written."""

import pytest
from record_samples import ENDGAME, game, moves, tree

from xiangqi_lm.errors import BadRecord
from xiangqi_lm.records.formats.dhtmlxq import read_game, split_games, write_game
from xiangqi_lm.records.game import GameRecord, Line
from xiangqi_lm.records.readers import Refusal, open_records

STANDARD = "8979695949392919097717866646260600102030405060708012720323436383"
PAGE = f"""<html><body><pre>
[DhtmlXQ]
[DhtmlXQ_title]第01局 注解与变着[/DhtmlXQ_title]
[DhtmlXQ_event]全国象棋赛[/DhtmlXQ_event]
[DhtmlXQ_date]1980-01-02[/DhtmlXQ_date]
[DhtmlXQ_red]胡荣华[/DhtmlXQ_red]
[DhtmlXQ_black]柳大华[/DhtmlXQ_black]
[DhtmlXQ_result]红胜[/DhtmlXQ_result]
[DhtmlXQ_binit]{STANDARD}[/DhtmlXQ_binit]
[DhtmlXQ_movelist]7747706279678070[/DhtmlXQ_movelist]
[DhtmlXQ_move_0_2_1]1022796700101927[/DhtmlXQ_move_0_2_1]
[DhtmlXQ_move_1_4_2]2324[/DhtmlXQ_move_1_4_2]
[DhtmlXQ_comment0]全局说明。[/DhtmlXQ_comment0]
[DhtmlXQ_comment2]第一行||第二行[/DhtmlXQ_comment2]
[DhtmlXQ_comment1_3]第一变第三着注解。[/DhtmlXQ_comment1_3]
[DhtmlXQ_comment2_4]嵌套变着注解。[/DhtmlXQ_comment2_4]
[DhtmlXQ_generator][/DhtmlXQ_generator]
[/DhtmlXQ]
</pre></body></html>
"""


def test_a_page_with_branches_and_comments():
    record = read_game(PAGE)
    assert record.moves == moves("h2e2 h9g7 h0g2 i9h9") and record.start_fen is None and record.result == "1-0"
    assert record.headers == {
        "Title": "第01局 注解与变着", "Event": "全国象棋赛", "Date": "1980-01-02", "Red": "胡荣华", "Black": "柳大华",
    }  # fmt: skip
    assert record.comments == {0: "全局说明。", 2: "第一行\n第二行"}
    deep = Line(moves("c6c5"), {1: "嵌套变着注解。"})
    assert record.variations == {1: (Line(moves("b9c7 h0g2 a9b9 b0c2"), {2: "第一变第三着注解。"}, {2: (deep,)}),)}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16", "big5"])
def test_pages_of_any_name_and_encoding(tmp_path, encoding):
    page = PAGE
    if encoding == "big5":
        for simple, traditional in zip("变着说体国赛荣华红胜则", "變著說體國賽榮華紅勝則", strict=True):
            page = page.replace(simple, traditional)
    (tmp_path / "a.html").write_bytes(page.encode(encoding, errors="replace"))
    (tmp_path / "b.html").write_text("<html>no game here</html>")
    record, refusal = open_records([tmp_path])
    assert record.moves == moves("h2e2 h9g7 h0g2 i9h9") and record.result == "1-0"
    assert "第" in record.comments[2]
    assert isinstance(refusal, Refusal) and "without a DhtmlXQ" in refusal.text


def test_several_games_with_and_without_marks_around_them():
    bare = PAGE.replace("[DhtmlXQ]\n", "").replace("[/DhtmlXQ]\n", "")
    frames = PAGE.replace("DhtmlXQ]", "DhtmlXQiFrame]") + PAGE.replace("DhtmlXQ]", "DhtmlXQHTML]")
    assert [len(read_game(text).moves) for text in split_games(PAGE + PAGE + frames + bare + bare)] == [4] * 6
    assert [read_game(text) for text in split_games(bare * 3)] == [read_game(PAGE)] * 3


def test_positions_and_the_side_that_moves_first():
    binit = "".join(["99"] * 4 + ["49"] + ["99"] * 15 + ["40"] + ["99"] * 11)
    assert len(binit) == 64
    text = f"[DhtmlXQ_binit]{binit}[/DhtmlXQ_binit][DhtmlXQ_movelist]4030[/DhtmlXQ_movelist]"
    with pytest.raises(BadRecord, match="is in check"):
        read_game(text)  # the kings face each other
    moved = binit.replace("49", "59", 1)
    record = read_game(text.replace(binit, moved).replace("4030", "4041"))
    assert record.start_fen == "4k4/9/9/9/9/9/9/9/9/5K3 b - - 0 1" and record.moves == moves("e9e8")


@pytest.mark.parametrize(
    ("text", "words", "ply"),
    [
        (PAGE.replace("7967", "7999"), "7999|h0h0", 3),
        (PAGE.replace("78070[/DhtmlXQ_movelist]", "7807[/DhtmlXQ_movelist]"), "breaks off", 3),
        (PAGE[: PAGE.index("78070[/Dh")], "never closed|breaks off", None),
        (PAGE.replace("[DhtmlXQ_movelist]", "[DhtmlXQ_movelist]x"), "breaks off", None),
        (PAGE.replace("7747706279678070", "ismwsxyz"), "ismw", 1),
        (PAGE.replace(STANDARD, "12"), "32 squares", None),
        (PAGE.replace(STANDARD, "89" * 32), "two pieces", None),
    ],
)
def test_invalid_games_are_refused_with_a_reason(text, words, ply):
    with pytest.raises(BadRecord, match=words) as caught:
        read_game(text)
    assert ply is None or caught.value.ply == ply


def test_lost_and_bad_branches_are_reported():
    text = PAGE.replace("move_0_2_1", "move_7_2_1").replace("move_1_4_2", "move_0_9_2")
    record = read_game(text)
    assert record.variations == {} and [cut.reason for cut in record.cuts] == ["misplaced variation"] * 2
    bad = read_game(PAGE.replace("1022796700101927", "10227967001019279999"))
    assert [cut.reason for cut in bad.cuts] == ["unreadable move in a variation"]
    assert [cut.ply for cut in bad.cuts] == [6] and bad.variations == read_game(PAGE).variations


def test_what_is_written_is_read_back():
    for record in (
        tree(),
        game(1, 60, "0-1"),
        game(2, 40, "1/2-1/2", ENDGAME),
        game(3, 20, fen=ENDGAME.replace("w", "b")),
    ):
        (text,) = split_games(write_game(record))
        assert read_game(text) == record
    tricky = GameRecord({"Event": "[/DhtmlXQ_event][DhtmlXQ_movelist]"}, None, moves("h2e2"), "*", {1: "[DhtmlXQ] x"})
    (text,) = split_games(write_game(tricky))
    assert read_game(text).moves == tricky.moves


def test_hostile_branches_end(tmp_path):
    loops = "".join(f"[DhtmlXQ_move_{i + 1}_1_{i}]7747[/DhtmlXQ_move_{i + 1}_1_{i}]" for i in range(1, 3000))
    assert len(read_game("[DhtmlXQ_movelist]7747[/DhtmlXQ_movelist]" + loops).cuts) == 2999
    chain = "".join(f"[DhtmlXQ_move_{i}_1_{i + 1}]7747[/DhtmlXQ_move_{i}_1_{i + 1}]" for i in range(3000))
    assert len(read_game("[DhtmlXQ_movelist]7747[/DhtmlXQ_movelist]" + chain).cuts) == 2900
