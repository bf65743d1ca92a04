"""Algebraic notation: as written by Fairy-Stockfish, WinBoard's pawn moves, and which dialects a text fits."""

import pyffish
import pytest
from vectors import positions, random_game

from xiangqi_lm.errors import AmbiguousMove, IllegalMove, InvalidMove
from xiangqi_lm.rules import san
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.notation import write_uci10

# one short game, written here in every dialect
ICCS = (
    "b2b9 h7h0 c3c4 c6c5 g3g4 c5c4 i3i4 e6e5 a3a4 a9b9 e3e4 c4d4 h2h4 g6g5 a4a5 d4c4 a5b5 g5g4 b5a5 e5e4 a5a6 g4h4 "
    "a6b6 e4e3 b6c6 h4i4"
)
PYCHESS = (
    "Cxb10 Cxh1 Pc5 Pc6 Pg5 Pxc5 Pi5 Pe6 Pa5 Rxb10 Pe5 Pd5 Ch5 Pg6 Pa6 Pc5 Pb6 Pxg5 Pa6 Pxe5 Pxa7 Pxh5 Pb7 Pe4 Pc7 Pxi5"
)
WINBOARD = "Cxb9 Cxh0 c4 c5 g4 cxc4 i4 e5 a4 Rxb9 e4 cd4 Ch4 g5 a5 dc4 ab5 gxg4 ba5 exe4 axa6 gxh4 ab6 e3 bc6 hxi4"
ELEPHANTCHESS = (
    "Cb3b10 Chxh1 Pc5 Pcc6 Pg5 Pxc5 Pi5 Pe6 Paa5 Raxb10 Pe5 Pcd5 Chh5 Pg6 Pa6 Pc5 Pb6 Pxg5 Pa6 Pxe5 Pxa7 Pxh5 Pb7 Pe4 "
    "Pc7 Phi5"
)
LONG = "Cb3xb10 Ch8xh1 Pc4-c5 Pc7-c6 Pg4-g5 Pc6xc5"


def play(text: str, dialect: str) -> list[str] | None:
    """Return the moves of a game in ICCS, or None where a token has no single match."""
    board = Board()
    for token in text.split():
        found = san.matches(board, token, dialect)
        if len(found) != 1:
            return None
        board.push(found[0])
    return [move.iccs() for move in board.move_stack]


READ_BY = {"pychess": [PYCHESS, ELEPHANTCHESS], "winboard": [WINBOARD], "elephantchess": [ELEPHANTCHESS, PYCHESS]}


@pytest.mark.parametrize("dialect", san.DIALECTS)
def test_games(dialect):
    for text in (PYCHESS, WINBOARD, ELEPHANTCHESS):
        assert play(text, dialect) == (ICCS.split() if text in READ_BY[dialect] else None), text
    assert play(LONG, dialect) == (None if dialect == "winboard" else ICCS.split()[:6])


@pytest.mark.parametrize("style, text", [("san", PYCHESS), ("san-winboard", WINBOARD), ("lan", LONG)])
def test_written_games(style, text):
    board, written = Board(), []
    for iccs in ICCS.split()[: len(text.split())]:
        move = Move.from_iccs(iccs)
        written.append(board.write(move, style))
        board.push(move)
    assert " ".join(written) == text


@pytest.mark.parametrize("seed", range(2))
def test_written_as_fairy_stockfish_does(seed):
    for board in random_game(seed, 80):
        for move in list(board.legal_moves)[seed::3]:
            for kind, text in ((pyffish.NOTATION_SAN, board.san(move)), (pyffish.NOTATION_LAN, board.lan(move))):
                assert text == pyffish.get_san("xiangqi", board.fen(), write_uci10(move), False, kind), board.fen()


def test_what_is_written_is_read():
    for board in positions(2, every=40):
        for move in board.legal_moves:
            for dialect in san.DIALECTS:
                for text in (board.san(move, dialect), board.lan(move, dialect)):
                    assert san.matches(board, text, dialect) == [move], (board.fen(), text)
                    assert move in san.candidates(board, text)


PAWNS = "4k4/9/9/2PPn4/4P4/9/9/9/9/3K5 w"


@pytest.mark.parametrize(
    "fen, text, iccs",
    [
        (Board().fen(), "Cbe3", "b2e2"),
        (Board().fen(), "Che2", "h2e2"),
        (Board().fen(), "Cb2-e2", "b2e2"),
        (Board().fen(), "Ch3e3", "h2e2"),
        (Board().fen(), "c4", "c3c4"),
        (Board().fen(), "Pc5", "c3c4"),
        (Board().fen(), "Nc3", "b0c2"),
        (Board().fen(), "Bce3", "c0e2"),
        ("3k5/9/9/9/9/9/p8/9/R8/4K4 w", "Ra3", "a1a2"),  # not a1a3, a capture, which would be Rxa3
        (Board().fen(), "Cxb9", "b2b9"),
        (Board().fen(), "Cxb10!?", "b2b9"),
        (PAWNS, "dxe6", "d6e6"),
        (PAWNS, "exe6+", "e5e6"),
        (PAWNS, "Pdxe7", "d6e6"),
        (PAWNS, "c7", "c6c7"),
    ],
)
def test_single_moves(fen, text, iccs):
    assert Board(fen).parse(text).iccs() == iccs


@pytest.mark.parametrize(
    "text, fault, named",
    [
        ("Ra2", AmbiguousMove, ("a0a1", "a0a2")),  # ranks from 1, or from 0
        ("Ce3", AmbiguousMove, ("b2e2", "h2e2")),
        ("Rxa2", IllegalMove, ("Rxa2",)),  # nothing to capture
        ("Rb10", IllegalMove, ("Rb10",)),
        ("Qa2", InvalidMove, ("Qa2",)),
        ("Ra11", InvalidMove, ("Ra11",)),
    ],
)
def test_refused(text, fault, named):
    with pytest.raises(fault) as caught:
        Board().parse(text)
    assert type(caught.value) is fault and all(part in str(caught.value) for part in named)


def test_a_style_is_one_dialect():
    assert Board().parse("Ra2", "san").iccs() == "a0a1" and Board().parse("Ra2", "san-winboard").iccs() == "a0a2"
    with pytest.raises(ValueError, match="klingon"):
        san.matches(Board(), "Ra2", "klingon")
    with pytest.raises(IllegalMove, match="a0a3"):
        Board().san(Move.from_iccs("a0a3"))


def test_stalemate_and_mate():
    """WinBoard marks both, Fairy-Stockfish only mate."""
    board = Board("3k5/9/9/9/9/9/9/9/5R3/4K4 w")
    mate, stalemate = Move.from_iccs("f1d1"), Move.from_iccs("f1f8")
    assert (board.san(mate), board.san(mate, "winboard")) == ("Rd2#", "Rd1#")
    assert (board.san(stalemate), board.san(stalemate, "winboard")) == ("Rf9", "Rf8#")
