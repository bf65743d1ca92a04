"""Setting up and querying a board as in python-chess: editing, null moves, partial copies, sets of squares."""

import pickle

import numpy as np
import pytest
from vectors import positions

from xiangqi_lm.errors import IllegalMove, InvalidFen, InvalidMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.pieces import CANNON, KING, PAWN, ROOK, Piece
from xiangqi_lm.rules.square_set import ALL_SQUARES, SquareSet
from xiangqi_lm.rules.squares import BLACK, RED, parse_square
from xiangqi_lm.rules.validity import Status

ROOKS = "3k5/9/9/9/9/9/9/9/R8/4K4 w - - 0 1"


def same(one: Board, other: Board) -> bool:
    """Return whether two boards agree in everything visible, including moves and key."""
    return (one.fen(), one.key, one.start_fen, one.ply, list(one.legal_moves)) == (
        other.fen(), other.key, other.start_fen, other.ply, list(other.legal_moves),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ editing


def test_a_position_set_up_by_hand():
    board = Board.empty()
    assert board.status() == Status.EMPTY | Status.NO_RED_KING | Status.NO_BLACK_KING and not board.is_valid()
    assert not board.legal_moves and board.outcome() is None and not board.is_game_over() and board.result() == "*"
    for square, piece in (("e0", Piece.RED_KING), (parse_square("d9"), "k"), ("a1", ROOK)):
        board.set_piece_at(square, piece)
    assert board.is_valid() and same(board, Board(ROOKS))
    assert board.remove_piece_at("a1") is Piece.RED_ROOK and board.remove_piece_at("a1") is None
    board.set_piece_at("d1", "R")
    board.turn = BLACK
    assert board.is_check() and same(board, Board("3k5/9/9/9/9/9/9/9/3R5/4K4 b - - 0 1"))
    board.turn = RED
    assert board.status() == Status.OPPOSITE_CHECK
    board.remove_piece_at("d9")
    assert board.status() == Status.NO_BLACK_KING and board.king(BLACK) is None and board.king(RED) == 4


def test_editing_forgets_the_game():
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2"):
        board.push_text(text)
    list(board.legal_moves)
    board.remove_piece_at("a0")
    assert board.ply == 0 and same(board, Board(board.fen())) and board.start_fen == board.fen()
    assert board.fen().endswith(" b - - 3 2")
    with pytest.raises(IndexError):
        board.pop()


@pytest.mark.parametrize(
    "square, piece, code",
    [
        ("a0", "K", "fen.square"),
        ("c5", "B", "fen.square"),
        ("d1", "A", "fen.square"),
        ("a2", "P", "fen.square"),
        ("e5", "R", "fen.too_many"),
        ("e8", "k", "fen.too_many"),
    ],
)
def test_impossible_pieces_are_refused(square, piece, code):
    board = Board()
    with pytest.raises(InvalidFen) as caught:
        board.set_piece_at(square, piece)
    assert caught.value.code == code and caught.value.details["piece"] == Piece.from_symbol(piece)
    assert same(board, Board())
    board.set_piece_at("a0", "R")  # the rook that is already there


def test_setting_the_turn_after_legal_moves_were_generated():
    board = Board()
    assert len(board.legal_moves) == 44 and {abs(m.from_square // 9) for m in board.legal_moves} <= {0, 1, 2, 3}
    board.turn = board.turn.opponent
    assert same(board, Board(START_FEN.replace(" w ", " b ")))
    board.turn = BLACK
    for wrong in (True, "black", 2, None):
        with pytest.raises(TypeError):
            board.turn = wrong


def test_internal_arrays_cannot_be_changed_from_outside():
    board = Board()
    with pytest.raises(ValueError, match="read-only"):
        board.legal_ids()[:] = 0
    with pytest.raises(AttributeError):
        board.key = 3
    with pytest.raises(AttributeError, match="immutable"):
        MOVES[0].id = 5
    board.move_stack.append(MOVES[0])
    board.array[:] = 0
    assert same(board, Board())


def test_begin_anew():
    board = Board(ROOKS)
    board.push_text("a1a2")
    with pytest.raises(InvalidFen):
        board.set_fen("nonsense")
    assert board.ply == 1
    board.set_fen(f"fen {ROOKS}")
    assert same(board, Board(ROOKS))
    board.reset()
    assert same(board, Board())


# ------------------------------------------------------------------------------------------------ moves


def test_null_moves():
    board = Board()
    board.push_text("h2e2")
    before = (board.fen(), board.key, board.move_stack)
    board.push(Move.null())
    assert board.turn is RED and board.peek() is Move.null() and board.move_stack == []
    assert board.fen() == before[0].replace(" b - - 1 1", " w - - 2 2") and len(board.legal_moves) > 30
    assert same(board, Board(board.fen())) and same(board.copy(), board)
    board.push_uci("h0g2")
    assert board.move_stack == [Move.from_iccs("h0g2")]
    assert [board.pop().iccs(), board.pop().iccs()] == ["h0g2", "0000"]
    assert (
        (board.fen(), board.key, board.move_stack) == before and board.pop().iccs() == "h2e2" and same(board, Board())
    )
    assert board.push_uci("0000") is Move.null() and not Move.null() and Move.null() not in board.legal_moves
    assert pickle.loads(pickle.dumps(Move.null())) is Move.null()
    with pytest.raises(IllegalMove, match="in check"):
        Board("3k5/9/9/9/9/9/9/9/9/3RK4 b").push(Move.null())


def test_texts_are_not_moves():
    board = Board()
    for call in (
        lambda: board.push("h2e2"),
        lambda: "h2e2" in board.legal_moves,
        lambda: board.is_legal("h2e2"),
        lambda: board.chinese("h2e2"),
    ):
        with pytest.raises(TypeError, match=r"expected a Move, found 'h2e2'; read a text with Board\.parse"):
            call()
    with pytest.raises(ValueError, match="expected the id of a move"):
        Move.from_id(-1)
    assert str(Move.from_iccs("h2e2")) == "h2e2"


@pytest.mark.parametrize("style", ["chinese", "wxf", "wxf2018", "san", "lan"])
def test_texts_of_illegal_moves(style):
    with pytest.raises(IllegalMove, match="a0a9 is illegal"):
        Board().write(Move.from_iccs("a0a9"), style)


def test_choosing_moves():
    board = Board()
    assert board.legal_moves.count() == 44
    assert {m.iccs() for m in board.generate_legal_captures()} == {"b2b9", "h2h9"}
    assert {m.iccs() for m in board.generate_legal_moves("b0")} == {"b0a2", "b0c2"}
    assert [m.iccs() for m in board.generate_legal_moves(to_squares=SquareSet(["e2"]))] == [
        m.iccs() for m in board.legal_moves if m.to_square == 22
    ]
    assert board.find_move("h2", "e2") is Move.from_iccs("h2e2") and board.push_uci("h2e2").iccs() == "h2e2"
    with pytest.raises(IllegalMove):
        board.find_move("h9", "h8")
    with pytest.raises(InvalidMove):
        board.find_move("a0", "e5")
    for text in ("e9e8+", "1. e9e8", "\u200bE9-E8\ufeff", "１．将５进１", "1. 将5进1!", "12... K5+1", "Ke8"):
        assert board.parse(text).iccs() == "e9e8", text


def test_a_line_in_any_notation():
    board = Board()
    line = [Move.from_iccs(text) for text in ("h2e2", "h9g7", "h0g2")]
    assert board.variation_text(line) == "1. h2e2 h9g7 2. h0g2"
    assert board.variation_text(line, "chinese") == "1. 炮二平五 马８进７ 2. 马二进三"
    board.push(line[0])
    assert board.variation_text(line[1:], "wxf") == "1... H8+7 2. H2+3" and board.variation_text([]) == ""
    with pytest.raises(IllegalMove, match="h2e2"):
        board.variation_text(line)


def test_wxf_of_2018_is_what_fairy_stockfish_writes():
    import pyffish

    from xiangqi_lm.rules.notation import write_uci10

    seen = 0
    for fen in ("3k5/4P4/9/4P4/4P4/9/9/9/9/4K4 w", "5k3/9/3P1P3/3P1P3/3P5/9/9/9/9/4K4 w", START_FEN):
        board = Board(fen, strict=False)
        for move in board.legal_moves:
            theirs = pyffish.get_san("xiangqi", board.fen(), write_uci10(move), False, pyffish.NOTATION_XIANGQI_WXF)
            assert board.write(move, "wxf2018") == theirs and board.parse(theirs, "wxf2018") is move
            seen += theirs[0].isdigit()
    assert seen >= 10


# ------------------------------------------------------------------------------------------------ looking


def test_attacks_are_the_inverse_of_attackers():
    for board in positions(0, every=150):
        for sq, piece in board.piece_map().items():
            assert board.attacks(sq) == [t for t in range(90) if sq in board.attackers(piece.color, t)]
    assert Board().attacks("e5") == [] and Board().attacks("b2").names() == ["i2", "b8", "b9"]
    assert Board().attacks("a0").names() == ["b0", "a1", "a2", "a3"]


def test_pieces():
    board = Board()
    assert board.pieces(ROOK, RED).names() == ["a0", "i0"] and len(board.pieces(PAWN, BLACK)) == 5
    assert board.piece_type_at("e0") == KING and board.color_at("e9") is BLACK and board.color_at("e5") is None
    rook = Piece.of(ROOK, BLACK)
    assert (str(rook), rook.kind, rook.color, rook.unicode_symbol(), rook) == ("r", ROOK, BLACK, "車", -5)
    assert Piece.from_symbol("h") is Piece.BLACK_HORSE and f"{rook}" == "r" and repr(rook) == "Piece.BLACK_ROOK"
    for wrong in ("x", "", "RR"):
        with pytest.raises(ValueError):
            Piece.from_symbol(wrong)
    with pytest.raises(ValueError):
        board.pieces(8, RED)


def test_pins():
    """A pinned piece may stay on the line or take the piece that pins it."""
    board = Board("4k4/4r4/9/9/9/9/9/4R4/9/3K5 b")
    assert board.pin(BLACK, "e8").names() == ["e2", "e3", "e4", "e5", "e6", "e7", "e8"] and board.is_pinned(BLACK, "e8")
    assert board.pin(BLACK, "e9") == ALL_SQUARES and not board.is_pinned(RED, "e2")
    for board in positions(0, every=60):
        for sq in board.pinned(board.turn):
            if not board.is_check():
                ends = board.pin(board.turn, sq)
                assert all(move.to_square in ends for move in board.generate_legal_moves(sq))


def test_square_sets():
    some = SquareSet(["e0", 13, np.int64(22)])
    assert list(some) == [4, 13, 22] and "e1" in some and 5 not in some and len(some) == 3
    assert some & SquareSet([4]) == {4} and some | [0] == [0, 4, 13, 22] and some - some == SquareSet()
    assert some == {22, 13, 4} and some != [4] and hash(some) == hash(frozenset({4, 13, 22})) and bool(some)
    assert str(some).splitlines()[-1] == ". . . . 1 . . . ." and eval(repr(some)) == some
    with pytest.raises(ValueError):
        SquareSet([90])
    with pytest.raises(TypeError):
        SquareSet("e0")


# ------------------------------------------------------------------------------------------------ the game


def test_copies_of_a_part():
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2"):
        board.push_text(text)
    bare, two = board.copy(stack=False), board.copy(stack=2)
    assert same(bare, Board(board.fen())) and [m.iccs() for m in two.move_stack] == ["h9g7", "h0g2"]
    assert two.fen() == board.fen() and two.key == board.key and board.ply == 3 and board.copy(stack=9).ply == 3
    assert two.pop() and two.pop() and two.fen().endswith(" b - - 1 1")


def test_endings():
    board = Board("R2k5/1R7/9/9/9/9/9/9/9/4K4 b")
    assert board.is_game_over() and board.result() == "1-0" and Board().result() == "*"
    board = Board()
    for _ in range(2):
        assert not board.is_repetition()
        for text in ("h0g2", "h9g7", "g2h0", "g7h9"):
            board.push_text(text)
    assert board.is_repetition() and board.is_repetition(2) and not board.is_repetition(4)
    assert board.is_game_over("simple") and board.result("simple") == "1/2-1/2"
    assert [played.move for played in board.history] == board.move_stack and board.history[0].key == Board().key


def test_epd():
    board = Board()
    assert board.epd() == START_FEN.removesuffix(" 0 1")
    move = board.parse("h2e2")
    assert board.epd(bm=move, id="one", ce=12, pv=[move]).endswith(' w - - bm h2e2; id "one"; ce 12; pv h2e2;')
    with pytest.raises(ValueError):
        board.epd(id='say "no"')


def test_sides_have_no_truth_value():
    for side in (RED, BLACK):
        with pytest.raises(TypeError, match=r"color\.opponent"):
            assert not side
    assert ~RED is BLACK and ~BLACK is RED
    assert Board().pieces(CANNON, ~RED) == Board().pieces(CANNON, BLACK)


def test_long_texts_are_cut():
    for call in (lambda: Board("x" * 5000), lambda: Board().parse("y" * 5000), lambda: Board().piece_at("z" * 5000)):
        with pytest.raises(ValueError) as caught:
            call()
        assert len(str(caught.value)) < 250 and "…" in str(caught.value)
