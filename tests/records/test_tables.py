"""One game per line, tables with one move per row, and standard input."""

import io
import sys

import pytest
from record_samples import game, moves

from xiangqi_lm.records.formats import detect
from xiangqi_lm.records.readers import Refusal, open_records

GAMES = [game(seed, 24) for seed in range(4)]
ICCS = "".join(" ".join(m.iccs() for m in g.moves) + "\n" for g in GAMES)


def read(tmp_path, name, text, **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(open_records([path], **options))


@pytest.mark.parametrize("name", ["games.txt", "games.moves", "games"])
def test_one_game_per_line(tmp_path, name):
    assert [g.moves for g in read(tmp_path, name, ICCS)] == [g.moves for g in GAMES]


def test_lines_in_any_notation_with_results_and_gaps(tmp_path):
    text = "炮二平五 马８进７ 馬二進三 1-0\n\nC2.5 h8+7\nh3e3 h10g8\nh2e2 h9g7 h2e2 0-1\n"
    one, two, three, refusal = read(tmp_path, "x.txt", text.encode("gb18030"))
    assert one.moves == moves("h2e2 h9g7 h0g2") and one.result == "1-0"
    assert two.moves == three.moves == moves("h2e2 h9g7")
    assert isinstance(refusal, Refusal) and (refusal.number, refusal.ply, refusal.reason) == (5, 3, "illegal move")
    *_, kept = read(tmp_path, "x.txt", text, keep_prefix=True)
    assert kept.moves == moves("h2e2 h9g7") and kept.cuts[0].ply == 3


def test_one_game_broken_into_lines_is_one_game(tmp_path):
    words = ICCS.splitlines()[0].split()
    text = "\n".join(" ".join(words[i : i + 6]) for i in range(0, len(words), 6))
    (record,) = read(tmp_path, "x.txt", text)
    assert record.moves == GAMES[0].moves
    (record,) = read(tmp_path, "x.pgn", text)
    assert record.moves == GAMES[0].moves


def rows(order):
    out = ["gameID,turn,side,move"]
    for name, record in (("57380690", GAMES[0]), ("57380691", GAMES[1])):
        boards = [board.wxf(move) for board, move in record.replay()]
        plies = [(ply // 2 + 1, ("red", "black")[ply % 2], text) for ply, text in enumerate(boards)]
        if order == "by side":
            plies.sort(key=lambda row: row[1] == "black")
        if order == "by ply":
            plies = [(ply + 1, side, text) for ply, (_, side, text) in enumerate(plies)]
        out += [f"{name},{turn},{side},{text}" for turn, side, text in plies]
    if order == "mixed":
        out = [out[0], *sorted(out[1:], key=lambda row: row.split(",")[1:])]
    return "\r\n".join(out) + "\r\n"


@pytest.mark.parametrize("order", ["by turn", "by side", "by ply", "mixed"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_csv_with_one_move_per_row(tmp_path, order, mark):
    found = read(tmp_path, "moves.csv", mark + rows(order).encode())
    assert {g.headers["Event"]: g.moves for g in found} == {"57380690": GAMES[0].moves, "57380691": GAMES[1].moves}


def test_csv_columns_may_be_in_any_order_among_others(tmp_path):
    text = '"move","gameID","clock","side","turn"\nC2.5,a,1,red,1\n"H8+7","a","2","black","1"\nH2+3,a,3,red,2\n'
    (record,) = read(tmp_path, "x.csv", text)
    assert record.moves == moves("h2e2 h9g7 h0g2")


def test_bad_rows_are_reported(tmp_path):
    text = "gameID,turn,side,move\n1,1,red,C2.5\n1,x,black,H8+7\n2,1,red,C2.5\n2,1,black\n3,1,red,C2.9\n"
    first, good, unknown, illegal = read(tmp_path, "x.csv", text)
    assert (
        "'x,black,H8+7'" in first.text
        and first.line == 3
        and good.moves == moves("h2e2")
        and "2,1,black" in unknown.text
    )
    assert unknown.reason == "broken record" and illegal.reason == "illegal move"
    (refusal,) = read(tmp_path, "gameinfo.csv", "gameID,redID,winner\n1,2,red\n")
    assert "without their moves" in refusal.text and refusal.reason == "no moves"
    (refusal,) = read(tmp_path, "other.csv", "opening,score\n1,2\n")
    assert "gameID, turn, side and move" in refusal.text


@pytest.mark.parametrize("data", [ICCS, rows("by turn"), "1. h2e2 h9g7 *\n", '{"moves": "h2e2 h9g7"}\n'])
def test_standard_input(monkeypatch, data):
    stream = io.TextIOWrapper(io.BytesIO(data.encode()))
    monkeypatch.setattr(sys, "stdin", stream)
    items = list(open_records(["-"]))
    assert items and all(item.moves for item in items) and items[0].source == "<stdin>#1"


def test_input_read_at_once_is_limited_in_size(tmp_path, monkeypatch):
    monkeypatch.setattr(detect, "WHOLE", 1000)
    monkeypatch.setattr(detect, "_SNIFFED", 500)
    for name, data in (("a.csv", rows("by turn") * 9), ("b.cbl", b"CCBridgeLibrary\0" + b"\0" * 5000)):
        (refusal,) = read(tmp_path, name, data)
        assert "longer than" in refusal.text


@pytest.mark.parametrize(
    "text", ["h2e2\nh9g7\nh0g2\ni9h9\n", "炮二平五\n马8进7\n马二进三\n车9平8\n", "h2e2 h9g7\nh0g2 i9h9"]
)
def test_moves_that_follow_one_another_line_by_line_are_one_game(tmp_path, text):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    (record,) = open_records([tmp_path / "a.txt"], 1)
    assert record.moves == moves("h2e2 h9g7 h0g2 i9h9")


def test_short_games_that_happen_to_fit_together_remain_a_list(tmp_path):
    lines = ["h2e2 h9g7 h0g2 i9h9", "b0c2 b9c7 a0a1 c6c5"]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="utf-8")
    assert [record.moves for record in open_records([tmp_path / "a.txt"], 1)] == [moves(line) for line in lines]
