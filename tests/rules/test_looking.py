"""Queries on a board: attackers, pins, pictures, conversion from another program's board."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from vectors import positions

from xiangqi_lm.errors import InvalidFen
from xiangqi_lm.rules import kernel
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.pieces import CANNON, KING
from xiangqi_lm.rules.squares import BLACK, RED, parse_square, square_name


def names(squares: list[int]) -> list[str]:
    return [square_name(sq) for sq in squares]


def test_attackers_at_the_start():
    board = Board()
    assert names(board.attackers(RED, parse_square("e3"))) == []  # pawns do not defend backwards
    assert names(board.attackers(RED, parse_square("e4"))) == ["e3"]
    assert names(board.attackers(RED, parse_square("h9"))) == ["h2"]  # the cannon, over the other cannon
    assert names(board.attackers(RED, parse_square("e2"))) == ["c0", "g0"]  # cannons need a screen
    assert names(board.attackers(RED, parse_square("c2"))) == ["b0"]
    assert names(board.attackers(BLACK, parse_square("e8"))) == ["d9", "e9", "f9"]
    assert board.is_attacked(BLACK, parse_square("h0")) and not board.is_attacked(BLACK, parse_square("e4"))


def test_kings_attack_each_other_alone():
    board = Board("4k4/9/9/9/9/9/9/9/9/4K4 w", strict=False)
    assert names(board.attackers(BLACK, board.king(RED))) == ["e9"] == names(board.checkers())
    assert board.attackers(BLACK, parse_square("e4")) == [] and names(board.attackers(BLACK, 76)) == ["e9"]


def test_attackers_are_the_pieces_that_could_capture():
    """A piece attacks a square if it could capture an enemy there: put one there and try every piece."""
    for board in positions(2, every=23):
        for sq in range(90):
            for color in (RED, BLACK):
                pieces = board.array
                if abs(pieces[sq]) == KING:
                    continue
                pieces[sq] = -color * CANNON
                could = [s for s in range(90) if kernel.reaches(pieces, int(color), s, sq)]
                assert board.attackers(color, sq) == could, (board.fen(), square_name(sq))


PINS = {
    "rook on the file": ("4k4/4n4/9/9/9/9/9/4R4/9/3K5 b", ["e8"]),
    "two pieces before a rook": ("4k4/4n4/9/4p4/9/9/9/4R4/9/3K5 b", []),
    "facing kings": ("4k4/9/9/9/4n4/9/9/9/9/4K4 b", ["e5"]),
    "two screens of a cannon": ("4k4/4a4/4n4/9/9/4C4/9/9/9/3K5 b", ["e7", "e8"]),
    "own and enemy screen": ("4k4/4a4/4N4/9/9/4C4/9/9/9/3K5 b", ["e8"]),
    "leg of a horse": ("4k4/5r3/5N3/9/9/9/9/9/9/3K5 b", ["f8"]),
    "nothing": ("4k4/9/9/9/9/9/9/9/9/3K5 b", []),
}


@pytest.mark.parametrize("fen, squares", PINS.values(), ids=PINS.keys())
def test_pinned(fen, squares):
    assert sorted(names(Board(fen).pinned(BLACK))) == sorted(squares)
    turned = Board(fen).transform()
    assert sorted(turned.pinned(RED)) == sorted(89 - parse_square(name) for name in squares)


def test_unpinned_pieces_move_freely():
    """Out of check, and with no bare cannon facing the king, an unpinned piece may go wherever it reaches."""
    for board in positions(2, every=11):
        if board.is_check() or _bare_cannon(board):
            continue
        free = set(np.flatnonzero(board.array * int(board.turn) > 0)) - {board.king(board.turn)}
        free -= set(board.pinned(board.turn))
        for s in free:
            for t in range(90):
                if kernel.reaches(board.array, int(board.turn), s, t):
                    assert any(m.from_square == s and m.to_square == t for m in board.legal_moves), board.fen()


def _bare_cannon(board: Board) -> bool:
    """Return whether an enemy cannon faces the king with nothing between: then interposing is illegal."""
    pieces, king = board.array, board.king(board.turn)
    enemy = -int(board.turn)
    pieces[pieces == enemy * CANNON] = enemy * 5  # turned into rooks, such cannons give check
    return bool(kernel.attacked(pieces, king, enemy))


def test_transform_is_the_other_players_view():
    for board in positions(2, every=19):
        twin = board.transform()
        assert {m.half_turn() for m in board.legal_moves} == set(twin.legal_moves)
        assert twin.turn is board.turn.opponent and twin.is_check() == board.is_check()
        assert twin.transform() == board and twin.transform().key == board.key
        assert [m.half_turn() for m in board.move_stack] == twin.move_stack


def test_pictures_in_text():
    board = Board()
    board.push_text("h2e2")
    assert str(board).splitlines()[7] == ". C . . C . . . ."
    lines = board.unicode().splitlines()
    assert len(lines) == 12 and lines[0] == "9 車馬象士將士象馬車" and "楚河" in lines[5]
    assert lines[8] == "2 ＋炮＋＋炮＋＋＋＋"


def test_picture_in_svg():
    board = Board()
    board.push_text("h2e2")
    move = board.parse("h9g7")
    root = ElementTree.fromstring(board.svg(arrows=[move], marks=[parse_square("e6")]))
    count = {tag: len(root.findall(f".//{{http://www.w3.org/2000/svg}}{tag}")) for tag in ("circle", "polygon", "rect")}
    assert count == {"circle": 33, "polygon": 1, "rect": 3}  # pieces and a mark; an arrow; wood and the last move
    assert "帥" in board.svg() and board._repr_svg_() == board.svg()
    assert len(re.findall("<rect", Board().svg())) == 1  # without a last move


def test_boards_of_cchess():
    cchess = pytest.importorskip("cchess")
    board = Board()
    board.push_text("h2e2")
    theirs = board.to_cchess(cchess.ChessBoard)
    assert theirs.to_fen().split()[:2] == board.fen().split()[:2]
    assert Board.from_cchess(theirs) == board
    with pytest.raises(InvalidFen):
        Board.from_cchess(cchess.ChessBoard("4k4/9/9/9/9/9/9/9/9/9 w"))
