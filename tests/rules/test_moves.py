"""The 2,086 moves and the geometry behind them."""

import copy
import pickle

import numpy as np
import pytest

from xiangqi_lm.errors import InvalidMove
from xiangqi_lm.rules import moves, pieces, squares
from xiangqi_lm.rules.moves import MOVES, Move


def test_there_are_2086_moves_by_geometry():
    """An independent count: rank and file pairs, horse moves, advisor and elephant moves of both palaces and halves."""
    on = [(f, r) for r in range(10) for f in range(9)]
    lines = {(a, b) for a in on for b in on if (a[0] == b[0]) != (a[1] == b[1])}
    horse = {(a, b) for a in on for b in on if sorted((abs(a[0] - b[0]), abs(a[1] - b[1]))) == [1, 2]}
    corners = [((4, c), (f, r)) for c in (1, 8) for f in (3, 5) for r in (c - 1, c + 1)]
    advisor = set(corners) | {(b, a) for a, b in corners}
    red = {(2, 0), (6, 0), (0, 2), (4, 2), (8, 2), (2, 4), (6, 4)}
    halves = [red, {(f, 9 - r) for f, r in red}]
    elephant = {(a, b) for half in halves for a in half for b in half if abs(a[0] - b[0]) == abs(a[1] - b[1]) == 2}
    everything = lines | horse | advisor | elephant
    assert [len(lines), len(horse), len(advisor), len(elephant)] == [1530, 508, 16, 32]
    ours = {(divmod(m.from_square, 9)[::-1], divmod(m.to_square, 9)[::-1]) for m in MOVES}
    assert ours == everything and len(MOVES) == moves.MOVE_COUNT == 2086


def test_order_and_ids_are_fixed():
    """Model files depend on this order: sorted by from square, then to square."""
    assert [m.id for m in MOVES] == list(range(2086))
    assert list(MOVES) == sorted(MOVES) == sorted(MOVES, key=lambda m: (m.from_square, m.to_square))
    assert MOVES[0].iccs() == "a0b0" and MOVES[-1].iccs() == "i9h9" and Move.from_iccs("h2e2").id == 576


def test_interned():
    move = Move.from_iccs("H2-E2")
    assert move is Move.of(25, 22) is Move.from_id(move.id) is Move.from_iccs("h2e2")
    assert pickle.loads(pickle.dumps(move)) is move and copy.deepcopy(move) is move
    with pytest.raises(TypeError):
        Move()


@pytest.mark.parametrize("text", ["", "h2", "h2h2", "a0c3", "j0a0", "a0a10", "h2e2x", "炮二平五"])
def test_text_that_is_not_a_move(text):
    with pytest.raises(InvalidMove):
        Move.from_iccs(text)


def test_symmetries():
    for move in MOVES:
        assert move.mirror().mirror() is move and move.half_turn().half_turn() is move
    assert Move.from_iccs("a0b2").mirror() is Move.from_iccs("i0h2")
    assert Move.from_iccs("a0b2").half_turn() is Move.from_iccs("i9h7")
    assert sorted(moves.MIRROR_ID) == sorted(moves.HALF_TURN_ID) == list(range(2086))


def test_square_names():
    assert [squares.square_name(s) for s in (0, 8, 9, 89)] == ["a0", "i0", "a1", "i9"]
    assert all(squares.parse_square(squares.square_name(s)) == s for s in range(90))
    assert squares.parse_square("H2") == 25
    for text in ("", "a", "j1", "a10", "1a", "a-1"):
        with pytest.raises(InvalidMove):
            squares.parse_square(text)


def test_horse_tables_are_inverse():
    """A horse's move from s to t is in the table of t's attackers with the same leg."""
    out = {(s, t, leg) for s in range(90) for t, leg in squares.horse_steps(s)}
    into = {
        (int(s), t, int(leg))
        for t in range(90)
        for s, leg in zip(squares.HORSE_FROM[t], squares.HORSE_FROM_LEG[t], strict=True)
        if s >= 0
    }
    assert out == into and len(out) == 508


def test_pawns_attack_where_they_move():
    for c, color in enumerate((squares.RED, squares.BLACK)):
        for s in range(90):
            for t in squares.pawn_steps(s, color):
                assert s in squares.PAWN_FROM[c, t]
    assert squares.pawn_steps(squares.parse_square("e9"), squares.RED) == [86, 84]  # last rank: sideways only
    assert np.count_nonzero(squares.PAWN_FROM >= 0) == np.count_nonzero(squares.PAWN_TO >= 0)


def test_pieces():
    assert [pieces.letter(p) for p in range(8)] == list(".KABNRCP")
    assert [pieces.letter(-p) for p in range(1, 8)] == list("kabnrcp")
    assert pieces.from_letter("h") == -pieces.HORSE and pieces.from_letter("E") == pieces.ELEPHANT
    assert pieces.glyph(pieces.KING) == "帥" and pieces.glyph(-pieces.PAWN) == "卒"
    for text in ("x", "", ".", "nn", "\u212a"):
        with pytest.raises(ValueError):
            pieces.from_letter(text)
