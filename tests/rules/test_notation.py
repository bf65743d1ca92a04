"""Move texts: published vectors, every accepted form, and refusal of texts that do not name exactly one legal move."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors import load, positions

from xiangqi_lm.errors import AmbiguousMove, IllegalMove, InvalidMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.notation import SAN_STYLES, STYLES

ROWS = load("notation.json")
IDS = [f"{row['wxf']}-{row['zh']}" for row in ROWS]


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_written(row):
    board = Board(row["fen"], strict=False)
    move = board.parse(row["move"])
    assert board.iccs(move) == row["move"]
    assert board.wxf(move) == row["wxf"]
    assert board.chinese(move) == row["zh"]
    assert board.chinese(move, traditional=True) == row["zh_trad"]


@pytest.mark.parametrize("key", ["move", "wxf", "ffish", "zh", "zh_alt", "zh_trad"])
@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_read(row, key):
    board = Board(row["fen"], strict=False)
    assert board.parse(row[key]).iccs() == row["move"]


START = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w"
BLACK_START = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR b"
ROOKS = "4k4/9/9/3R5/9/9/9/3R5/9/5K3 w"
TWO_ROOKS = "4k4/9/R8/9/9/9/R8/9/9/3K5 w"
ELEPHANTS = "4k4/9/9/9/9/2B6/9/9/9/2BK5 w"
PAWNS3 = "3k5/4P4/9/4P4/4P4/9/9/9/9/4K4 w"
PAWNS4 = "3k5/4P4/4P4/4P4/4P4/9/9/9/9/4K4 w"
PAIRS = "5k3/9/3P1P3/9/3P1P3/9/9/9/9/4K4 w"

ACCEPTED = [
    (START, "h2e2", "h2e2"),
    (START, "H2E2", "h2e2"),
    (START, "H2-E2", "h2e2"),
    (START, "h2-e2", "h2e2"),
    (START, " h2e2 ", "h2e2"),
    (START, "C2.5", "h2e2"),
    (START, "c2=5", "h2e2"),
    (START, "N2+3", "h0g2"),
    (START, "h2+3", "h0g2"),
    (START, "B7+5", "c0e2"),
    (START, "炮二平五", "h2e2"),
    (START, "炮2平5", "h2e2"),
    (START, "炮２平５", "h2e2"),
    (START, "砲二平五", "h2e2"),
    (START, "包二平五", "h2e2"),
    (START, "炮 二 平 五", "h2e2"),
    (START, "傌二進三", "h0g2"),
    (START, "马二上三", "h0g2"),
    (START, "俥九进二", "a0a2"),
    (START, "车九进2", "a0a2"),
    (START, "帥五進一", "e0e1"),
    (START, "将五进一", "e0e1"),
    (START, "士六进五", "d0e1"),
    (START, "象七进五", "c0e2"),
    (START, "卒七进一", "c3c4"),
    (START, "Ｃ２．５", "h2e2"),
    (START, "ｈ２－ｅ２", "h2e2"),
    (BLACK_START, "馬8進7", "h9g7"),
    (BLACK_START, "马八进七", "h9g7"),
    (BLACK_START, "仕４进５", "d9e8"),
    (BLACK_START, "兵７进１", "g6g5"),
    (ROOKS, "前车平九", "d6a6"),
    (ROOKS, "车前平九", "d6a6"),
    (ROOKS, "後車退一", "d2d1"),
    (ROOKS, "+R.9", "d6a6"),
    (ROOKS, "R+=9", "d6a6"),
    (TWO_ROOKS, "R9+3", "a3a6"),  # file form, only one of the two can move: the front one would leave the board
    (ELEPHANTS, "E7+5", "c0e2"),
    (ELEPHANTS, "E7-5", "c4e2"),
    (ELEPHANTS, "后相进五", "c0e2"),
    (ELEPHANTS, "前相退五", "c4e2"),
    (PAWNS3, "前兵平四", "e8f8"),
    (PAWNS3, "中兵平四", "e6f6"),
    (PAWNS3, "后兵平四", "e5f5"),
    (PAWNS3, "P+.4", "e8f8"),
    (PAWNS3, "P..4", "e6f6"),
    (PAWNS3, "25=4", "e6f6"),
    (PAWNS3, "二兵平四", "e6f6"),
    (PAWNS3, "2兵平4", "e6f6"),
    (PAWNS4, "一兵平四", "e8f8"),
    (PAWNS4, "四兵平四", "e5f5"),
    (PAWNS4, "后兵平四", "e5f5"),
    (PAWNS4, "Pb=4", "e7f7"),
    (PAIRS, "前四平五", "f7e7"),
    (PAIRS, "前兵四平五", "f7e7"),
    (PAIRS, "后六平五", "d5e5"),
    (PAIRS, "四兵平五", "d5e5"),
    (PAIRS, "Pd.5", "d5e5"),
    (PAIRS, "26=5", "d5e5"),
]


@pytest.mark.parametrize("fen, text, iccs", ACCEPTED)
def test_accepted(fen, text, iccs):
    assert Board(fen, strict=False).parse(text).iccs() == iccs


REFUSED = [
    (START, "", InvalidMove),
    (START, "hello", InvalidMove),
    (START, "h2", InvalidMove),
    (START, "h2e2e2", InvalidMove),
    (START, "j2e2", InvalidMove),
    (START, "a0c3", InvalidMove),  # no piece moves like that
    (START, "h2h2", InvalidMove),
    (START, "炮二平", InvalidMove),
    (START, "炮二走五", InvalidMove),
    (START, "炮零平五", InvalidMove),
    (START, "炮五平二", InvalidMove),  # no cannon there
    (ROOKS, "一车平九", InvalidMove),  # ordinals are for pawns
    (START, "前车平九", InvalidMove),  # not two rooks on one file
    (START, "X2.5", InvalidMove),
    (START, "C2*5", InvalidMove),
    (START, "C0.5", InvalidMove),
    (START, "h9g7", IllegalMove),  # Black's piece
    (START, "e4e5", IllegalMove),  # an empty square
    (START, "b0d1", IllegalMove),  # blocked by the king's advisor
    (START, "炮二进八", IllegalMove),  # out of reach
    (START, "车一平二", IllegalMove),
    (START, "兵七平六", IllegalMove),
    (START, "炮二平二", IllegalMove),
    (START, "马二平三", IllegalMove),  # horses have no sideways moves
    (START, "马二进六", IllegalMove),
    (ROOKS, "R6+2", AmbiguousMove),
    (PAIRS, "前兵平五", AmbiguousMove),
    (PAIRS, "P+.5", AmbiguousMove),
]


@pytest.mark.parametrize("fen, text, fault", REFUSED)
def test_refused(fen, text, fault):
    board = Board(fen, strict=False)
    with pytest.raises(fault) as caught:
        board.parse(text)
    assert type(caught.value) is fault and repr(text) in str(caught.value)


def test_ranks_from_one():
    board = Board()
    assert board.parse("h3e3", style="uci10").iccs() == "h2e2"
    assert board.parse("b3b10").iccs() == board.parse("b3b10", "uci10").iccs() == "b2b9"  # a rank 10 decides
    assert board.write(board.parse("b2b9"), "uci10") == "b3b10"
    with pytest.raises(IllegalMove):
        board.parse("h3e3")  # ranks from 0: an empty square
    for text in ("h0e0", "a11a1"):
        with pytest.raises(InvalidMove):
            board.parse(text, "uci10")
    with pytest.raises(InvalidMove):
        board.parse("a0a10")  # no count of ranks has both


@pytest.mark.parametrize("style, text", [("iccs", "炮二平五"), ("wxf", "h2e2"), ("chinese", "C2.5"), ("uci10", "C2.5")])
def test_a_style_reads_nothing_else(style, text):
    with pytest.raises(InvalidMove, match=style):
        Board().parse(text, style)


def test_unknown_style():
    for call in (Board().parse, lambda text, style: Board().write(Board().parse(text), style)):
        with pytest.raises(ValueError, match="morse"):
            call("h2e2", "morse")


def test_refusals_name_the_place():
    board = Board(PAIRS, strict=False)
    with pytest.raises(AmbiguousMove) as caught:
        board.parse("前兵平五")
    assert all(part in str(caught.value) for part in ("f7e7", "d7e7", board.fen()))
    with pytest.raises(IllegalMove, match="5k3/9/3P1P3"):
        board.parse("e0e2")


def test_every_text_is_one_move():
    """All legal moves of 1,000 recorded and random positions, in all notations, back and forth, all texts distinct."""
    seen = 0
    for board in positions(4, every=4):
        seen += 1
        moves = list(board.legal_moves)
        for style in STYLES:
            texts = [board.write(move, style) for move in moves]
            assert len(set(texts)) == len(texts), board.fen()
            assert [board.parse(text, style) for text in texts] == moves, board.fen()
            if style != "uci10" and style not in SAN_STYLES:  # their ranks may start at 0 or 1
                assert [board.parse(text) for text in texts] == moves, board.fen()
    assert seen >= 1000


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=6))
def test_any_text_is_a_legal_move_or_a_specific_error(text):
    board = Board()
    try:
        assert board.parse(text) in board.legal_moves
    except (InvalidMove, IllegalMove, AmbiguousMove) as fault:
        assert len(str(fault).splitlines()) <= 1 or "\n" in text


BOARDS = list(positions(0, every=31))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from("帅仕相马车炮兵将士象卒前后中一二三四五"),
    st.sampled_from("一二三四五六七八九１５９159车马炮兵"),
    st.sampled_from("进退平"),
    st.sampled_from("一二三四五六七八九１２９19"),
    st.sampled_from(BOARDS),
)
def test_well_formed_chinese_never_guesses(piece, place, operator, number, board):
    """A text that parses is legal, and writing the move gives a text that parses to the same move."""
    try:
        move = board.parse(piece + place + operator + number)
    except (InvalidMove, IllegalMove, AmbiguousMove):
        return
    assert move in board.legal_moves and board.parse(board.chinese(move)) is move


def test_a_capital_may_be_a_piece_or_a_file():
    board = Board("3k5/9/9/9/2b3b2/9/9/9/9/4K4 b - - 0 1")
    assert board.parse("E5a7") is Move.from_iccs("c5a7")  # the elephant of rank 5; there is no move e5a7
    assert Board().parse("H2e2") is Move.from_iccs("h2e2")  # file h; no horse moves like that
    with pytest.raises(AmbiguousMove, match="fits b2e2, h2e2"):
        Board().parse("C2e2")
    with pytest.raises(AmbiguousMove, match="fits c2e2, f2e2"):
        Board("3k5/9/9/9/9/9/9/2R2C3/9/4K4 w - - 0 1").parse("C2e2")
    with pytest.raises(IllegalMove):
        Board().parse("E6e8")


def test_dashes_of_word_processors():
    assert {Board().parse(f"H2{dash}E2") for dash in "-\u2010\u2013\u2014\u2212"} == {Move.from_iccs("h2e2")}
