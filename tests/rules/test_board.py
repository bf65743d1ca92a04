"""Board: pushing and popping, copies, symmetries, checks and the end of a game."""

import copy
import pickle

import pytest
from vectors import positions, random_game, recorded_games

from xiangqi_lm.errors import IllegalMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.outcome import Outcome, Termination
from xiangqi_lm.rules.pieces import Piece
from xiangqi_lm.rules.squares import BLACK, RED, Color, parse_square


def test_push_and_pop_restore_everything():
    for moves in recorded_games()[:10]:
        board, before = Board(), []
        for move in moves:
            before.append((board.fen(), board.key, board.array.tolist(), board.turn, board.ply))
            board.push(move)
            assert board.peek() is move and board.ply == len(board.move_stack)
        assert board.move_stack == moves
        for state, move in zip(reversed(before), reversed(moves), strict=True):
            assert board.pop() is move
            assert (board.fen(), board.key, board.array.tolist(), board.turn, board.ply) == state
        assert board == Board()
        with pytest.raises(IndexError):
            board.pop()
        with pytest.raises(IndexError):
            board.peek()


def test_key_is_a_function_of_the_position():
    seen: dict[int, str] = {}
    for board in positions(5, every=3):
        fields = " ".join(board.fen().split()[:2])
        assert seen.setdefault(board.key, fields) == fields
        assert Board(board.fen()).key == board.key
    assert len(seen) > 1000


def test_illegal_push_changes_nothing():
    board = Board()
    for text in ("h2h8", "h9g7", "e4e5", "a0a4"):
        with pytest.raises(IllegalMove, match=text):
            board.push(Move.from_iccs(text))
    assert board.fen() == Board().fen() and board.ply == 0 and len(board.legal_moves) == 44


def test_legal_moves_is_a_container():
    board = Board()
    legal = board.legal_moves
    assert len(legal) == 44 and bool(legal) and len(set(legal)) == 44
    assert Move.from_iccs("h2e2") in legal and Move.from_iccs("h2h8") not in legal
    assert list(legal) == list(board.legal_moves) and "h2e2" in repr(legal)
    board.push_text("h2e2")
    assert Move.from_iccs("h2e2") not in board.legal_moves  # it is Black's turn
    assert not Board("R2k5/1R7/9/9/9/9/9/9/9/4K4 b").legal_moves


def test_copies_are_independent():
    board = Board()
    board.push_text("h2e2")
    for twin in (board.copy(), copy.copy(board), copy.deepcopy(board), pickle.loads(pickle.dumps(board))):
        assert twin == board and twin.fen() == board.fen() and twin.move_stack == board.move_stack
        assert twin.key == board.key and twin.start_fen == board.start_fen
        twin.push_text("h9g7")
        assert board.ply == 1 and twin.ply == 2 and twin != board
        twin.pop()
        twin.pop()
        assert twin == Board() and board.ply == 1


def test_pickle_from_a_position():
    board = Board("4k4/9/9/9/9/9/P8/9/9/3K5 b - - 11 30")
    board.push_text("e9e8")
    twin = pickle.loads(pickle.dumps(board))
    assert twin.fen() == board.fen() == "9/4k4/9/9/9/9/P8/9/9/3K5 w - - 12 31" and twin.start_fen == board.start_fen


def test_equality_is_of_pieces_and_side_to_move():
    assert Board() == Board() and Board() != Board(Board().fen().replace(" w ", " b ")) and Board() != "board"
    one, two = Board(), Board()
    for text in ("b0c2", "b9c7", "h0g2", "h9g7"):
        one.push_text(text)
    for text in ("h0g2", "h9g7", "b0c2", "b9c7"):
        two.push_text(text)
    assert one == two and one.move_stack != two.move_stack
    with pytest.raises(TypeError):
        hash(one)


def test_queries():
    board = Board()
    assert board.piece_at(parse_square("e0")) == 1 and board.piece_at(parse_square("e9")) == -1
    assert board.piece_at("e4") is None and board.piece_at("e0") is Piece.RED_KING
    assert len(board.piece_map()) == 32
    assert board.king(RED) == parse_square("e0") and board.king(BLACK) == parse_square("e9")
    assert board.is_capture(board.parse("h2h9")) and not board.is_capture(board.parse("h2e2"))
    assert str(board).splitlines()[0] == "r n b a k a b n r" and eval(repr(board)) == board
    board.array[0] = 0
    assert board.piece_at(0) == 5  # the array is a copy


def test_mirror():
    for board in positions(3, every=17):
        twin = board.mirror()
        assert [m.mirror() for m in board.move_stack] == twin.move_stack
        assert {m.mirror() for m in board.legal_moves} == set(twin.legal_moves)
        assert twin.turn is board.turn and twin.fullmove == board.fullmove and twin.halfmove == board.halfmove
        assert twin.mirror() == board


CHECKS = {
    "rook": ("3k5/9/9/9/9/9/9/9/9/3RK4 b", ["d0"]),
    "rook blocked": ("3k5/9/3n5/9/9/9/9/9/9/3RK4 b", []),
    "horse": ("4k4/9/5N3/9/9/9/9/9/9/3K5 b", ["f7"]),
    "horse, leg blocked": ("4k4/5n3/5N3/9/9/9/9/9/9/3K5 b", []),
    "cannon": ("4k4/9/9/4p4/9/9/9/4C4/9/3K5 b", ["e2"]),
    "cannon without screen": ("4k4/9/9/9/9/9/9/4C4/9/3K5 b", []),
    "cannon with two screens": ("4k4/9/4c4/4p4/9/9/9/4C4/9/3K5 b", []),
    "cannon screened by a rook: both": ("4k4/9/9/4R4/9/9/9/4C4/9/3K5 b", ["e2", "e6"]),
    "double cannon": ("4k4/9/9/4C4/9/9/9/4C4/9/3K5 b", ["e2"]),
    "pawn ahead": ("4k4/4P4/9/9/9/9/9/9/9/3K5 b", ["e8"]),
    "pawn beside": ("3Pk4/9/9/9/9/9/9/9/9/3K5 b", ["d9"]),
    "pawn behind": ("9/4k4/9/9/9/9/9/9/9/3K5 b", []),
    "black pawn beside": ("4k4/9/9/9/9/9/9/9/9/3Kp4 w", ["e0"]),
    "facing kings": ("4k4/9/9/9/9/9/9/9/9/4K4 w", ["e9"]),
    "kings with a piece between": ("4k4/9/9/9/4p4/9/9/9/9/4K4 w", []),
    "rook and horse": ("3k5/9/4N4/9/9/9/9/9/9/3RK4 b", ["d0", "e7"]),
    "elephants and advisors never check": ("9/4k4/4b4/9/9/9/9/4B4/4A4/3AK4 w", []),
}


@pytest.mark.parametrize("fen, squares", CHECKS.values(), ids=CHECKS.keys())
def test_checkers(fen, squares):
    board = Board(fen, strict=False)
    assert sorted(board.checkers()) == sorted(parse_square(s) for s in squares)
    assert board.is_check() == bool(squares)


def test_gives_check_agrees_with_playing_the_move():
    seen = 0
    for board in positions(4, every=9):
        for move in board.legal_moves:
            said, before = board.gives_check(move), board.fen()
            board.push(move)
            assert said == board.is_check() == bool(board.checkers())
            board.pop()
            assert board.fen() == before
            seen += said
    assert seen > 400


def test_mate_and_stalemate():
    mate = Board("R2k5/1R7/9/9/9/9/9/9/9/4K4 b")
    assert mate.is_checkmate() and not mate.is_stalemate() and mate.is_check()
    end = mate.outcome()
    assert end == Outcome(RED, Termination.CHECKMATE, "Black is checkmated", "黑方被将死", 0)
    assert end.result == "1-0" and end.words("zh") == "黑方被将死" and end.words("en") == "Black is checkmated"
    stuck = Board("4k4/9/9/9/9/9/9/3p5/9/3K5 w")
    assert stuck.is_stalemate() and not stuck.is_checkmate() and not stuck.is_check()
    assert stuck.outcome().winner is BLACK and stuck.outcome().termination is Termination.STALEMATE
    assert stuck.outcome().result == "0-1"
    assert not Board().is_checkmate() and not Board().is_stalemate() and Board().outcome() is None


def test_recorded_games_end_where_they_end():
    mates = 0
    for moves in recorded_games():
        board = Board()
        for move in moves:
            assert board.legal_moves and not board.is_checkmate()
            board.push(move)
        mates += board.is_checkmate()
    assert mates >= 20


def test_final_moves_are_those_that_leave_no_legal_reply():
    found = 0
    for moves in recorded_games():
        board = Board()
        for move in moves[:-1]:
            board.push(move)
        brute = []
        for move in board.legal_moves:
            board.push(move)
            if not board.legal_moves:
                brute.append(move)
            board.pop()
        assert board.final_moves() == brute
        found += len(brute)
    assert found >= 20


def test_repeating_moves_are_those_that_repeat():
    board = Board()
    for text in ["h0g2", "h9g7", "g2h0", "g7h9"] * 2:
        for times in (2, 3):
            brute = []
            for move in board.legal_moves:
                board.push(move)
                if board.repetitions() >= times:
                    brute.append(move)
                board.pop()
            assert board.repeating_moves(times) == brute
        board.push_text(text)
    board.pop()
    assert [move.iccs() for move in board.repeating_moves()] == ["g7h9"]
    board = Board("3k4r/9/9/9/9/9/9/9/9/4K3R w")
    for text in ("e0e1", "d9d8", "e1e0", "d8d9", "i0i9"):  # the capture makes earlier positions unreachable
        board.push_text(text)
    assert board.repeating_moves(2) == []


def test_simple_threefold_is_a_draw():
    board = Board()
    for lap in range(2):
        for text in ("h0g2", "h9g7", "g2h0", "g7h9"):
            assert board.outcome("simple") is None
            board.push_text(text)
        assert board.repetitions() == lap + 2
    end = board.outcome("simple")
    assert end.winner is None and end.termination is Termination.REPETITION and end.plies == 8
    board.pop()
    assert board.outcome("simple") is None and board.repetitions() == 2


def test_repetition_needs_the_same_side_to_move():
    board = Board("3k5/9/9/9/9/9/9/9/9/5K2R w")
    for text in ("i0h0", "d9d8", "h0i0", "d8d7", "i0h0", "d7d8", "h0i0", "d8d9"):
        board.push_text(text)
    assert board.repetitions() == 2  # the start position has recurred once
    assert sum(b == board for b in random_game(0, 5)) == 0


def test_a_capture_ends_the_past():
    board = Board("3k4r/9/9/9/9/9/9/9/9/4K3R w")
    for text in ("e0e1", "d9d8", "e1e0", "d8d9", "i0i9", "d9d8"):
        board.push_text(text)
    assert board.repetitions() == 1 and board.halfmove == 1


def test_simple_move_limit():
    board = Board("3k5/9/9/9/9/9/9/9/R8/4K4 w - - 118 80")
    board.push_text("a1b1")
    assert board.outcome("simple") is None
    board.push_text("d9d8")
    end = board.outcome("simple")
    assert end.winner is None and end.termination is Termination.MOVE_LIMIT and end.plies == 2
    mate = Board("3k5/1R7/R8/9/9/9/9/9/9/4K4 w - - 119 100")
    mate.push_text("a7a9")
    assert mate.outcome("simple").winner is RED  # mate on the 120th ply comes first


def test_unknown_ruleset():
    with pytest.raises(ValueError, match="chess960"):
        Board().outcome("chess960")


def test_colors():
    assert RED.opponent is BLACK and BLACK.opponent is RED and Color(-1) is BLACK
