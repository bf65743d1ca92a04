"""PGN: files as found in the wild are read, and what is written is read back."""

import io

import pytest
from record_samples import ENDGAME, game, moves, tree

from xiangqi_lm.errors import AmbiguousMove, BadRecord
from xiangqi_lm.records.formats import pgn, pgn_games
from xiangqi_lm.records.formats.pgn import NOTATIONS, read_game, read_games, split_games, write_game
from xiangqi_lm.records.game import GameRecord, Line
from xiangqi_lm.rules.board import Board

OPENING = moves("h2e2 h9g7 h0g2 i9h9")


@pytest.mark.parametrize(
    "text",
    [
        "1. 炮二平五 马8进7 2. 马二进三 车9平8",
        "1. 炮二平五 馬８進７\n2. 馬二進三 車９平８\n",
        "1.炮二平五马８进７2.马二进三车９平８",
        "1、砲二平五　傌８進７　2、傌二進三　俥９平８",
        "1. H2-E2 H9-G7 2. H0-G2 I9-H9",
        "h2e2 h9g7 h0g2 i9h9",
        "1. C2.5 H8+7 2. H2+3 R9.8",
        "1. H2-E2 马8进7 2. 馬二進三 i9h9 *",
        "1. 炮二平五! 马8进7?! $6 2. 马二进三 $14 车9平8+",
        "1 炮二平五 马8进7 2 马二进三 车9平8",
        "1. 炮二平五 1. ... 马8进7 2. 马二进三 …… 车9平8",
        "第1回合：炮二平五 马8进7\n第二回合 马二进三 车9平8",
        "炮二平五，马8进7；马二进三，车9平8。",
    ],
)
def test_every_notation_gives_the_same_moves(text):
    assert read_game(text).moves == OPENING


def test_comments_are_kept_by_ply():
    text = """{before} 1. 炮二平五 (1. 兵七进一 {not this} (1. 相三进五 卒7进1) 卒7进1) 马8进7 {two
lines} ; to the end of the line { even so
% an escaped line 1. 车一进一
2. 马二进三 {a} {b} 车9平8 1-0"""
    record = read_game(text)
    assert record.moves == OPENING
    assert record.comments == {0: "before", 2: "two lines to the end of the line { even so", 3: "a b"}
    assert record.result == "1-0"


def test_headers_as_people_write_them():
    record = read_game(
        '[Game "Chinese Chess"]\n[Event "第八屆"銀荔杯"象棋賽 [快棋]"]\n[Round: "1"]\n[White "甲"]\n[Black "乙  丙 "]\n'
        '[Site "back\\\\slash \\"x\\""][date "1982"]\n[Event "again"]\n[Result "0-1"]\n\n1. H2-E2\n'
    )
    assert record.headers == {
        "Event": '第八屆"銀荔杯"象棋賽 [快棋]', "Round": "1", "Red": "甲", "Black": "乙  丙 ",
        "Site": 'back\\slash "x"', "Date": "1982",
    }  # fmt: skip
    assert record.result == "0-1" and record.moves == moves("h2e2")


@pytest.mark.parametrize(
    ("tag", "end", "result"),
    [("1-0", "", "1-0"), ("*", "0-1", "0-1"), ("", "1/2-1/2", "1/2-1/2"), ("和棋", "", "1/2-1/2"), ("?", "", "*"),
     ("1-0", "0-1", "1-0")],
)  # fmt: skip
def test_result_comes_from_the_tag_or_else_from_the_moves(tag, end, result):
    assert read_game(f'[Result "{tag}"]\n\n1. h2e2 {end}').result == result


def test_set_up_position_with_red_written_r_and_black_to_move():
    red = read_game(f'[FEN "{ENDGAME.replace(" w ", " r ")}"]\n\n1. 车六平二')
    assert red.start_fen == ENDGAME and red.moves == moves("d1h1")
    black = read_game('[FEN "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b - - 3 7"]\n\n7. ... 将５平６ 8. 车六平二')
    assert black.moves == moves("e9f9 d1h1")
    assert [board.turn for board, _ in black.replay()] == [-1, 1]


def test_start_position_given_as_fen_is_the_start_position():
    assert read_game(f'[FEN "{Board().fen()}"]\n\nh2e2').start_fen is None


@pytest.mark.parametrize(
    ("text", "ply", "words"),
    [
        ("1. 炮二平五 马8进7 2. 马二进四", 3, "马二进四"),
        ("1. h2e2 h9g7 e2e6 e2e6", 4, "e2e6"),
        ("1. h2e2 (the rest is missing", 1, "never closed"),
        ("1. h2e2 {the rest is missing", 1, "never closed"),
        ('[FEN "9/9/9/9/9/9/9/9/9/4K4 w"]\n\n1. e0e1', None, "king"),
        ("this is no game", 1, "this"),
    ],
)
def test_invalid_games_are_refused_with_the_place(text, ply, words):
    with pytest.raises(BadRecord, match=words) as caught:
        read_game(text, "file.pgn#1")
    assert caught.value.ply == ply and caught.value.source == "file.pgn#1"


def test_an_ambiguous_move_is_refused_not_guessed():
    text = '[FEN "3k5/9/4R4/9/4R4/9/9/9/9/5K3 w"]\n\n1. 车五进一'
    with pytest.raises(BadRecord) as caught:
        read_game(text)
    assert isinstance(caught.value.__cause__, AmbiguousMove)


def test_several_games_a_file_with_and_without_tags():
    text = '[Event "a"]\n\nh2e2 h9g7\n\n[Event "b"]\n\nh2e2 1-0\nb2e2 *\n\n[Event "c"]\n[Site "x"]\n\n1. c3c4'
    records = list(read_games(text))
    assert [r.headers.get("Event") for r in records] == ["a", "b", None, "c"]
    assert [r.moves for r in records] == [moves("h2e2 h9g7"), moves("h2e2"), moves("b2e2"), moves("c3c4")]
    assert list(read_games(io.StringIO(text.replace("\n", "\r\n"), newline=None))) == records


def test_an_unclosed_comment_spoils_only_one_game():
    text = '[Event "a"]\n\n1. h2e2 {oh\n\n[Event "b"]\n\n1. c3c4\n'
    first, second = split_games(io.StringIO(text))
    assert "{oh" in first and read_game(second).moves == moves("c3c4")


def test_a_tag_like_line_in_a_comment_does_not_cut_the_game():
    text = '[Event "a"]\n\n1. h2e2 {see\n[Site "x"]\n} h9g7 *\n'
    assert [r.moves for r in read_games(text)] == [moves("h2e2 h9g7")]


@pytest.mark.parametrize("notation", ["iccs", "chinese"])
def test_written_games_read_back_equal(notation):
    for seed in range(12):
        black = "3ak4/4a4/2n6/9/9/9/4P4/9/3R5/4K4 b - - 3 7"
        record = game(seed, 60, "1-0", (None, ENDGAME, black)[seed % 3], Event='a "b" \\ c\\"', Site="", Date="?",
                      Round="  2 ", Red="帥  甲", Black="將", ECCO="C36")  # fmt: skip
        notes = {0: "at first", 3: "third 炮", len(record.moves): "last"}
        record = GameRecord(record.headers, record.start_fen, record.moves, record.result, notes)
        text = write_game(record, notation)
        assert text.startswith('[Game "Chinese Chess"]\n') and text.endswith("\n\n")
        assert list(read_games(text + text)) == [record, record]


def test_nothing_in_a_record_can_break_the_file():
    record = game(1, 6, Event='x"]\n\n1. c3c4\n[Event "y', Red="\u2028甲\x85", Black="]")
    record = GameRecord(record.headers, None, record.moves, "0-1", {2: 'a } b { c\n[Event "z"]\n1-0'})
    (back,) = read_games(write_game(record))
    assert back.moves == record.moves and back.result == "0-1"
    assert back.headers["Event"] == 'x"] 1. c3c4 [Event "y'
    assert back.comments == {2: 'a } b { c [Event "z"] 1-0'}


def test_final_position_and_replay_agree():
    record = game(5, 40)
    for board, move in record.replay():
        assert move in board.legal_moves
    assert board == record.final()


# ------------------------------------------------------------------------------------------------ variations


def test_variations_are_read_where_they_belong():
    record = read_game(
        "{开始} 1. 炮二平五 ({先} 1. 兵七进一 炮８平５ {end}) 马８进７ "
        "(1... 马２进３ 2. 马二进三 (2. 马八进七 马８进７ {最深} (2... 卒３进１)) 炮８平５) ("
        "1... 炮８平５ {顺炮}) {第一行} 2. 马二进三 车９平８ (2... 卒７进１) {last} 1-0"
    )
    assert record.line == tree().line and record.result == "1-0" and record.cuts == ()


@pytest.mark.parametrize("notation", NOTATIONS)
def test_trees_are_written_and_read_back(notation):
    record = tree()
    text = write_game(record, notation)
    assert [(back.line, back.result) for back in read_games(text + text)] == [(record.line, "1-0")] * 2
    for seed in range(4):
        fen = (None, ENDGAME, ENDGAME.replace(" w ", " b "))[seed % 3]
        other = game(seed, 30, "0-1", fen)
        for ply in (0, 3, 10):
            move = next(m for m in other.board_at((), ply).legal_moves if m is not other.moves[ply])
            other, _, _ = other.add((), ply, [move])
        (back,) = read_games(write_game(other, notation))
        assert back.line == other.line and back.start_fen == fen


def test_every_notation_is_written_as_named():
    record = GameRecord(moves=moves("h2e2 h9g7"))
    written = {name: write_game(record, name).split("\n\n")[1] for name in NOTATIONS}
    assert written == {
        "iccs": "1. H2-E2 H9-G7 *", "chinese": "1. 炮二平五 马８进７ *", "traditional": "1. 炮二平五 馬８進７ *",
        "wxf": "1. C2.5 H8+7 *", "wxf2018": "1. C2=5 H8+7 *", "uci": "1. h2e2 h9g7 *", "uci10": "1. h3e3 h10g8 *",
        "san": "1. Che3 Hg8 *", "san-winboard": "1. Che2 Hg7 *", "san-elephantchess": "1. Che3 Ng8 *",
        "lan": "1. Ch3-e3 Hh10-g8 *",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["h3e3 h10g8 h1g3", "1. h3e3 h10g8 2. h1g3", '[Format "UCI10"]\n\nh3e3 h10g8 (b10c8) h1g3']
)
def test_ranks_counted_from_one_are_recognised_by_legality(text):
    assert read_game(text).moves == moves("h2e2 h9g7 h0g2")


def test_brackets_around_words_are_a_comment():
    record = read_game("1. 炮二平五（红方架中炮 (稳健)） 马8进7 (!) (此时1. 兵七进一也可) ({just this}) 2. 马二进三")
    assert record.moves == moves("h2e2 h9g7 h0g2") and not record.variations and not record.cuts
    assert record.comments == {1: "(红方架中炮 (稳健))", 2: "(此时1. 兵七进一也可) just this"}


def test_a_bad_move_in_a_variation_drops_the_rest_and_is_reported():
    record = read_game("1. h2e2 (1. c3c4 h9g7 a0a5 c6c5 (c6c4)) (b2b9 zzz) (1. h0h9) h9g7", "x#1")
    assert record.moves == moves("h2e2 h9g7")
    assert record.variations == {0: (Line(moves("c3c4 h9g7")), Line(moves("b2b9")))}
    assert [(cut.ply, cut.reason) for cut in record.cuts] == [
        (3, "illegal move in a variation"), (2, "unreadable move in a variation"), (1, "illegal move in a variation"),
    ]  # fmt: skip
    assert "a0a5" in record.cuts[0].text and "zzz" in record.cuts[1].text


def test_a_variation_before_any_move_is_reported():
    record = read_game("(1. c3c4) 1. h2e2")
    assert record.variations == {} and [cut.reason for cut in record.cuts] == ["misplaced variation"]


def test_the_legal_prefix_is_kept_on_demand():
    text = "1. 炮二平五 {a} (1. 兵七进一) 马8进7 2. 马二进四 {b} (2. 马二进三) 马2进3 1-0"
    with pytest.raises(BadRecord):
        read_game(text)
    record = read_game(text, keep_prefix=True)
    assert record.moves == moves("h2e2 h9g7") and record.comments == {1: "a"} and record.result == "1-0"
    assert record.variations == {0: (Line(moves("c3c4")),)}
    (cut,) = record.cuts
    assert (cut.ply, cut.reason) == (3, "illegal move") and "马二进四" in cut.text
    assert read_game("1. h2e2 h9g7 {never closed", keep_prefix=True).cuts[0].reason == "broken record"
    assert read_game("1. h2e2 h9g7 (b9c7 {open", keep_prefix=True).variations == {1: (Line(moves("b9c7")),)}
    with pytest.raises(BadRecord):
        read_game("1. a0a5", keep_prefix=True)


def test_nesting_is_limited():
    deep = "h2e2 " + "(c3c4 h9g7 " * 5000
    with pytest.raises(BadRecord, match="nested deeper than 100"):
        read_game(deep + ")" * 5000)
    inside = "h2e2 h9g7" + " (b9c7" * 100 + ")" * 100
    assert read_game(inside).cuts == () and len(read_game(inside).variations[1]) == 100


def test_the_text_of_a_game_is_limited_and_the_next_game_is_read(monkeypatch):
    monkeypatch.setattr(pgn, "LONGEST", 2000)
    text = '[Event "a"]\n\n1. h2e2 {' + "x" * 5000 + '} 1-0\n\n[Event "b"]\n\n1. c3c4 *\n'
    first, second = split_games(io.StringIO(text))
    with pytest.raises(BadRecord, match="longer than"):
        read_game(first)
    assert read_game(second).moves == moves("c3c4")


def test_an_endless_line_is_reported_in_one_line(monkeypatch):
    monkeypatch.setattr(pgn_games, "PIECE", 64)
    text = (
        '[Event "a"]\n\n' + "1. h2e2 h9g7 2. e2e6 {" + "comment [x " * 30 + '} g7e6 3. h0g2 1-0\n[Event "b"]\n\nc3c4 *'
    )
    one, two = read_games(io.StringIO(text))
    assert one.moves == moves("h2e2 h9g7 e2e6 g7e6 h0g2") and two.moves == moves("c3c4")


def test_texts_mean_the_same_however_often_they_occur():
    """What is remembered of a text must not decide between two pieces on the file."""
    start = "3k5/9/9/9/9/9/9/R8/9/4K3R w - - 0 1"
    tandem = "3k5/9/9/9/R8/9/9/9/R8/4K4 w - - 0 1"
    for _ in range(3):
        for fen, text, expected in [
            (start, "车九进一", "a2a3"), (tandem, "前车进一", "a5a6"), (tandem, "后车进一", "a1a2"),
            (start, "R9.8", "a2b2"),
        ]:  # fmt: skip
            assert read_game(f'[FEN "{fen}"]\n\n{text}').moves == moves(expected)
        with pytest.raises(BadRecord, match=r"fits a\da\d, a\da\d"):
            read_game(f'[FEN "{tandem}"]\n\n车九进一')


def test_games_of_one_line_each_with_their_tags_are_read():
    text = '[Red "甲"] [Black "乙 [红]"] 1. 炮二平五 马8进7 1-0\n'
    text += '[Red "丙"][Result "0-1"] 炮八平五 0-1\n\n[Red "丁"]\n\n兵三进一 *'
    found = list(read_games(text))
    assert [(g.headers["Red"], len(g.moves), g.result) for g in found] == [
        ("甲", 2, "1-0"), ("丙", 1, "0-1"), ("丁", 1, "*"),
    ]  # fmt: skip
