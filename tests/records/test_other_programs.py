"""One tiny file of each kind that other programs and sites write, kept in `tests/data/records/programs`.

Most of them hold the same made-up game, so that each notation is checked against all others.
"""

import shutil
import tarfile
import zipfile

import pytest
from record_samples import FOLDER, moves

from xiangqi_lm.errors import AmbiguousMove, BadRecord
from xiangqi_lm.records.formats import replay
from xiangqi_lm.records.formats.pgn import read_game, read_games, write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import Refusal, open_records
from xiangqi_lm.rules.board import Board

PROGRAMS = FOLDER / "programs"
GAME = moves(
    "b2e2 b9c7 b0c2 a9b9 a0b0 c6c5 h0i2 h9g7 i0h0 i9h9 b0b6 b7a7 b6c6 a7a3 c2a3 h7h0 e2e6 b9b0 c6c7 b0b5 c7g7 h0f0 "
    "g7b7 f0f2 e6c6 f2i2 a3b5"
)
SHORT = moves("b2e2 b9c7 b0c2 a9b9")


def read(name: str) -> list[GameRecord | Refusal]:
    return list(open_records([PROGRAMS / name]))


@pytest.mark.parametrize(
    ("name", "headers", "ratings"),
    [
        ("pychess.pgn", {"Red": "Hill", "Black": "Lake"}, (1712, 1500)),
        ("winboard.pgn", {"Red": "One", "Annotator": "1. +0,20   1... -0,05"}, (0, 0)),
        ("elephantchess.pgn", {"Red": "Hill"}, (1400, 1383)),
        ("long.pgn", {}, (0, 0)),
        ("playok.txt", {"Red": "hill", "Black": "lake", "Event": "xq77", "Date": "2024-03-09"}, (1612, 1590)),
        ("dhtmlxq.txt", {"Red": "Hill", "Black": "Lake", "Title": "Hill & Lake"}, (2410, 2388)),
        ("dhjhtmlxq.txt", {"Red": "Hill", "Black": "Lake", "Event": "Cup"}, (0, 0)),
    ],
)
def test_one_game_written_by_seven_programs(name, headers, ratings):
    (record,) = read(name)
    assert record.moves == GAME and record.result == "1-0" and not record.cuts
    assert headers.items() <= record.headers.items() and record.ratings == ratings


def test_evaluations_with_decimal_commas_survive():
    (record,) = read("winboard.pgn")
    assert len(record.comments) == len(GAME) and record.comments[27] == "+3,78/8 2,6 Xboard adjudication: Checkmate"
    (back,) = read_games(write_game(record))
    assert back == record


@pytest.mark.parametrize("notation", ["wxf", "wxf2018", "san", "san-winboard", "san-elephantchess", "lan"])
def test_what_is_written_for_other_programs_is_read_back(notation):
    record = GameRecord(moves=GAME, result="1-0")
    text = write_game(record, notation)
    assert read_game(text).moves == GAME
    bare = text.split("\n\n", 1)[1]  # without the tag that names the notation
    assert read_game(bare).moves == GAME


def test_an_algebraic_text_names_a_square_and_is_not_remembered():
    """The same text stands for other moves of the same piece: by file and displacement it would be another square."""
    text = "1. Rh1 Rh10 2. Rh7 Pg6 3. Rh1 Pg5 *"
    fen = '[FEN "4k3r/9/9/6p2/9/9/9/9/9/5K2R w - - 0 1"]\n\n'
    for _ in range(2):
        assert read_game(fen + text).moves == moves("i0h0 i9h9 h0h6 g6g5 h6h0 g5g4")


def test_a_game_legal_with_ranks_from_0_and_from_1_is_refused_unless_a_capture_mark_decides():
    with pytest.raises(BadRecord, match=r"fits a0a2, a0a1") as caught:
        read_game("1. Ra2 *")
    assert isinstance(caught.value.__cause__, AmbiguousMove) and caught.value.ply == 1
    fen = '[FEN "3k5/9/9/9/9/9/p8/9/9/R3K4 w - - 0 1"]\n\n'
    assert read_game(fen + "1. Rxa3 *").moves == moves("a0a3")
    # with ranks from 0 it would capture without a capture mark
    assert read_game(fen + "1. Ra3 *").moves == moves("a0a2")


def test_later_moves_resolve_an_ambiguous_text():
    (record,) = read("ambiguous.pgn")
    assert record.moves == moves("g7g8 i7d7")  # the other pawn would leave the first in the rook's way
    text = (PROGRAMS / "ambiguous.pgn").read_text(encoding="utf-8")
    with pytest.raises(BadRecord, match=r"P3\+1' fits g7g8, g5g6 in .* does not decide"):
        read_game(text.replace("R9.4 ", ""))
    with pytest.raises(BadRecord, match=r"'R9\+9' is illegal"):
        read_game(text.replace("R9.4", "R9+9"))


def test_ambiguity_is_bounded():
    board = Board("3k5/9/6P2/9/6P2/9/9/9/9/5K3 w")
    idle = ["K4+1", "K4+1", "K4-1", "K4-1"]
    found = replay.replay(board, ["P3+1", "K4+1", "K4+1", "K4-1", "K4-1", *idle * 200])
    assert found.moves == () and isinstance(found.fault, AmbiguousMove)


def test_wxf_files_hold_several_games_with_a_position_a_team_and_comments():
    first, second = read("xiexie.wxf")
    assert first.start_fen == "3k5/9/9/9/9/9/9/4R4/9/4K4 w - - 0 1" and first.result == "1/2-1/2"
    assert first.moves == moves("e2f2 d9d8 f2e2") and first.headers["RedTeam"] == "Hill Club"
    assert second.moves == moves("h2e2 h9g7") and second.headers == {"Red": "Lake", "Black": "Hill"}
    from xiangqi_lm.records.formats import wxf

    text = "FORMAT WXF\nCOMMENT{\nby night}COMMENT\nSTART{\n1. C2.5"
    with pytest.raises(BadRecord, match="never closed"):
        wxf.read_game(text)
    assert wxf.read_game(text, keep_prefix=True).comments == {0: "by night"}


def test_words_around_the_moves_are_neither_games_nor_errors():
    (wizard,) = read("xqwizard.pgn")
    assert wizard.moves == SHORT and wizard.result == "0-1"
    (studio,) = read("xqstudio.txt")
    assert studio.moves == SHORT and studio.result == "0-1"
    assert studio.headers == {"Red": "山(hill)", "Black": "水", "Date": "2024年3月9日", "Site": "湖边"}
    one, two = read("names.txt")
    assert one.moves == SHORT and one.result == "1-0" and one.headers == {"Red": "山", "Black": "水"}
    assert two.moves == moves("c3c4 c6c5") and two.result == "1/2-1/2" and two.headers["Red"] == "水"


def test_names_on_one_line_and_results_after_the_last_move():
    moved = "1. 炮八平五 马2进3\n2. 马八进七 车1平2"
    (one,) = read_games(f"红方：山东 甲  黑 方：水乡 乙  红胜\n{moved}\n")
    assert one.headers == {"Red": "山东 甲", "Black": "水乡 乙"} and (one.moves, one.result) == (SHORT, "1-0")
    pair = f"红方：甲  黑方：乙\n{moved} 红胜\n\n红方：丙  黑方：丁\n{moved} 黑方胜\n"
    assert [(g.headers["Red"], g.moves, g.result) for g in read_games(pair)] == [
        ("甲", SHORT, "1-0"), ("丙", SHORT, "0-1"),
    ]  # fmt: skip


def test_an_invalid_move_between_words_is_still_an_error():
    text = (PROGRAMS / "xqstudio.txt").read_text(encoding="utf-8")
    with pytest.raises(BadRecord, match="expected a move"):
        read_game(text.replace("马八进七", "马八进九九"))


def test_values_over_several_lines_and_entities():
    one, two = read("lines-of-a-tag.pgn")
    assert one.headers == {"Event": 'Cup of the "Lake"', "Red": "Hill & Son", "Black": "水"}
    assert one.comments == {2: "a < b"} and two.moves == moves("b2e2")
    plain = GameRecord({"Event": "&quot; & &amp;lt;"}, None, SHORT, "*", {1: "&amp; &#65;"})
    assert next(read_games(write_game(plain))).headers["Event"] == "&quot; & &amp;lt;"
    assert next(read_games(write_game(plain))).comments == plain.comments


def test_glyphs_are_kept_as_numbers():
    (record,) = read("glyphs.pgn")
    assert record.nags == {1: (5, 16), 2: (17,), 3: (13,), 4: (14,), 5: (14,), 6: (19,), 7: (146, 3), 8: (6,)}
    assert record.variations[7][0].nags == {1: (4, 10)} and not record.cuts
    assert next(read_games(write_game(record))).line == record.line


def test_a_position_without_a_side_to_move_is_reds_and_that_is_reported():
    (record,) = read("placement.pgn")
    assert record.start_fen == "3k5/9/9/9/9/9/9/4R4/9/4K4 w - - 0 1"
    assert record.notes == ("the FEN names no side to move: assumed Red",)


def test_digits_alone_and_lists_of_positions():
    (record,) = read("digits.ubb")
    assert record.moves == GAME
    found = read("positions.txt")
    assert [item.moves for item in found] == [SHORT, moves("e2f2 d9d8"), moves("e2d2"), moves("e2d2")]
    assert [item.start_fen is None for item in found] == [True, False, False, False] and found[3].result == "1-0"
    (plies,) = read("numbers-of-plies.txt")
    assert plies.moves == moves("h2e2 h9g7 b0c2")


def test_xml_trees():
    (pfc,) = read("pfc.xml")
    assert pfc.moves == moves("b2e2 b9c7 b0c2") and pfc.result == "1-0"
    assert pfc.headers == {"Red": "Hill & Son", "Event": "Cup"}
    assert pfc.comments == {0: "at first", 1: "better", 3: "last"}
    assert [line.moves for line in (*pfc.variations[0], *pfc.variations[1])] == [moves("c3c4 g6g5"), moves("h9g7")]
    (cbf,) = read("cbf.cbf")
    assert cbf.moves == SHORT[:3] and cbf.comments == {0: "at first", 2: "a & b"} and cbf.result == "1-0"
    assert cbf.headers == {"Title": "Lesson", "Red": "Hill", "RedElo": "2100", "Black": "Lake"}


@pytest.mark.parametrize("name", ["pfc.xml", "cbf.cbf"])
def test_xml_that_defines_entities_is_refused(tmp_path, name):
    text = (PROGRAMS / name).read_text(encoding="utf-8")
    bomb = "<!DOCTYPE n [" + "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(9)) + "]>"
    (tmp_path / name).write_text(text.replace("?>\n", f"?>\n{bomb}", 1).replace("Hill", "&a9;", 1), encoding="utf-8")
    (refusal,) = open_records([tmp_path / name])
    assert refusal.reason == "broken record" and "document type" in refusal.text


def test_rated_tables():
    first, second = read("elephantchess.csv")
    assert first.moves == GAME and first.result == "1-0" and first.ratings == (1411, 1390)
    assert first.headers["TimeControl"] == "600+5" and first.headers["Date"] == "2026.07.01"
    assert second.moves == GAME[:8] and second.result == "1/2-1/2"
    one, two = read("kaggle")
    assert one.moves == GAME and one.result == "1-0" and one.ratings == (1495, 1382) and one.headers["Red"] == "hill"
    assert two.moves == GAME[:6] and two.result == "1/2-1/2"
    assert read("kaggle/moves.csv") == [one, two]  # the other table is found beside it
    (alone,) = read("kaggle/gameinfo.csv")
    assert alone.reason == "no moves" and "moves.csv" in alone.text


@pytest.mark.parametrize("order", [("moves.csv", "gameinfo.csv"), ("gameinfo.csv", "moves.csv")])
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_tables_in_an_archive_find_each_other(tmp_path, order, kind):
    path = tmp_path / f"x.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as packed:
            for name in order:
                packed.write(PROGRAMS / "kaggle" / name, name)
    else:
        with tarfile.open(path, "w") as archive:
            for name in order:
                archive.add(PROGRAMS / "kaggle" / name, name)
    assert [item.ratings for item in open_records([path])] == [(1495, 1382), (1380, 1500)]


def test_a_tie_of_the_collection_is_a_draw_and_wxf_needs_no_header(tmp_path):
    (tmp_path / "gameinfo.csv").write_text("gameID,redID,blackID,winner\n1,a,b,tie\n")
    (tmp_path / "moves.csv").write_text("gameID,turn,side,move\n1,1,red,C8.5\n1,1,black,h2+3\n")
    (tmp_path / "z.dat").write_text("1. C8.5 h2+3\n2. H8+7 r1.2\n")
    tied, plain = open_records([tmp_path])
    assert (tied.moves, tied.result) == (SHORT[:2], "1/2-1/2") and plain.moves == SHORT


def test_content_decides_not_the_name(tmp_path):
    found = {item.source.split("/")[-1].split("\\")[-1]: item for item in read("folder")}
    assert found.pop("NOTICE").reason == "unknown format"
    assert sorted(found) == ["game.dpxq#1", "games.pgns#1", "list.wxf#1", "one.pgn_iccs#1", "plain#1"]
    assert found["game.dpxq#1"].moves == found["list.wxf#1"].moves == found["plain#1"].moves == GAME
    wrong = {"digits.ubb": "a.pgn", "playok.txt": "b.csv", "pychess.pgn": "c.xqf", "cbf.cbf": "d.jsonl"}
    for name, other in wrong.items():
        shutil.copy(PROGRAMS / name, tmp_path / other)
    assert [item.moves for item in open_records([tmp_path])] == [GAME, GAME, GAME, SHORT[:3]]


def test_a_refusal_names_the_line(tmp_path):
    text = '[Event "a"]\n\n1. h2e2 *\n\n[Event "b"]\n[Red "x\ny"]\n\n1. h2e2 h9g7\n2. h0g2\ne9e5 *\n'
    (tmp_path / "x.pgn").write_text(text)
    _, refusal = open_records([tmp_path / "x.pgn"])
    assert (refusal.number, refusal.ply, refusal.line) == (2, 4, 11)
    table = (PROGRAMS / "elephantchess.csv").read_text(encoding="utf-8").replace('"h9g7"', '"h9g6"', 1)
    (tmp_path / "x.csv").write_text(table)
    refusal, _ = open_records([tmp_path / "x.csv"])
    assert (refusal.number, refusal.ply, refusal.line) == (1, 8, 9)
