"""Move classes compared with exchanges, checks and mates found by playing moves on Board one by one."""

import numpy as np
import pytest
from vectors import positions

from xiangqi_lm.rules import exchange, jit
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.move_classes import COLUMNS, FACTORS
from xiangqi_lm.rules.moves import MOVE_COUNT, Move
from xiangqi_lm.rules.pieces import KING, LETTERS
from xiangqi_lm.rules.squares import RED

WORTH = dict(zip("kabnrcp", (100, 2, 2, 4, 9, 5, 1), strict=True))


def worth(board: Board, square: int) -> int:
    piece = board.piece_at(square)
    return WORTH[LETTERS[abs(piece)]] if piece else 0


def after_capture(board: Board, move: Move) -> int:
    """Return what a capture wins when both sides recapture on its square for as long as it pays."""
    value = worth(board, move.to_square)
    board.push(move)
    lost = wins(board, move.to_square)
    board.pop()
    return value - lost


def wins(board: Board, square: int) -> int:
    """Return what the side to move wins on a square, trying every order of captures."""
    return largest(after_capture(board, move) for move in board.legal_list() if move.to_square == square)


def largest(gains) -> int:
    return max(0, max(gains, default=0))


def captures(board: Board) -> list[Move]:
    moves = list(board.legal_list())
    return [move for move in moves if board.piece_at(move.to_square) and abs(board.piece_at(move.to_square)) != KING]


def passed(board: Board) -> Board:
    """Return the same pieces with the other side to move."""
    placement, side, *_ = board.fen().split()
    return Board(f"{placement} {'b' if side == 'w' else 'w'}", strict=False)


def bucket(value: int) -> int:
    edges = (-6, -3, -1, 0, 1, 2, 4, 7)  # the lowest value of each class after the first
    return sum(value >= edge for edge in edges)


def mates_in_one(board: Board) -> bool:
    for move in list(board.legal_list()):
        board.push(move)
        mate = board.is_checkmate()
        board.pop()
        if mate:
            return True
    return False


def said_of(board: Board, move: Move) -> dict[str, int]:
    """Return the classes of a move by FACTORS, computed on Board alone."""
    start, end = move.from_square, move.to_square
    own, taken, evades = worth(board, start), worth(board, end), board.is_check()
    idle = passed(board)
    hung = 0 if own == 100 else largest(after_capture(idle, m) for m in captures(idle) if m.to_square == start)
    board.push(move)
    answers = {m: after_capture(board, m) for m in captures(board)}
    back = largest(gain for m, gain in answers.items() if m.to_square == end)
    left = largest(gain for m, gain in answers.items() if m.to_square != end)
    again = passed(board)
    threat = largest(after_capture(again, m) for m in captures(again) if m.from_square == end)
    check, final, mated = board.is_check(), not board.legal_list(), mates_in_one(board)
    board.pop()
    return {
        "taken": 0 if not taken else 1 if taken < own else 2 if taken == own else 3,
        "exchange": bucket(taken - back),
        "left": bucket(left) - bucket(0),
        "net": 0 if mated else 1 + bucket(taken - max(back, left)),
        "threat": bucket(threat) - bucket(0),
        "hung": (hung >= 1) + (hung >= 4),
        "check": (2 if final else int(check)) + 3 * evades,
    }


def assert_classified(boards: list[Board], classify) -> None:
    """Assert that `classify` agrees with Board on positions with Red to move."""
    found = classify(np.stack([board.array for board in boards]))
    assert found.dtype == np.int16 and found.shape[2] == COLUMNS
    first = np.cumsum([0, *FACTORS.values()])[:-1]
    for board, rows in zip(boards, found, strict=True):
        rows = {int(row[0]): row for row in rows if row[0] != MOVE_COUNT}
        assert rows.keys() == {move.id for move in board.legal_moves}, board.fen()
        for move in list(board.legal_moves):
            row = rows[move.id]
            assert row[1] == board.piece_at(move.from_square), board.fen()
            says = dict(zip(FACTORS, (row[2:] - first).tolist(), strict=True))
            assert says == said_of(board, move), (board.fen(), move.iccs())


def red_to_move(boards) -> list[Board]:
    return [board if board.turn is RED else board.transform() for board in boards]


# ------------------------------------------------------------------------------------------------ exchanges


def test_exchanges_of_10000_positions():
    """Both sides' exchanges on every square, including those of the side not to move."""
    boards = list(positions(60))
    assert len(boards) > 10_000
    out = np.empty(90, np.int16)
    fights = 0
    for board in boards:
        exchange.exchanges(board.array, int(board.turn), out)
        wanted = np.zeros(90, np.int16)
        for square in {move.to_square for move in captures(board)}:
            wanted[square] = wins(board, square)
        assert (out == wanted).all(), board.fen()
        fights += int((wanted > 0).sum())
    assert fights > 10_000


@pytest.mark.parametrize(
    ("fen", "square", "value"),
    [
        ("3k5/9/9/9/4r4/9/9/9/4R4/5K3 w", "e5", 9),  # an undefended rook
        ("3k5/9/4h4/9/4r4/9/9/9/4R4/5K3 w", "e5", 9),  # the horse's leg is blocked towards that square
        ("3k5/9/3h5/9/4r4/9/9/9/4R4/5K3 w", "e5", 0),  # defended: rook for rook
        # after capturing the rook, the horse would be the cannon's screen
        ("4k4/9/3h5/9/4p4/9/4R4/9/4C4/5K3 w", "e5", 1),
        ("3k5/9/3h5/9/4p4/9/4R4/9/4C4/5K3 w", "e5", 0),  # with its king elsewhere it captures
        ("3k5/9/5h3/9/4c4/9/4C4/9/4R4/5K3 w", "e5", 0),  # the cannon has no screen and the rook no path
        ("4k4/9/4h4/9/4p4/9/9/4R4/4C4/3K5 w", "e5", 1),  # the horse does not reach it
        ("4k4/4a4/9/3c5/3R5/9/9/9/9/4K4 w", "d6", 5),
    ],
)
def test_chosen_exchanges(fen, square, value):
    board = Board(fen)
    out = np.empty(90, np.int16)
    exchange.exchanges(board.array, int(board.turn), out)
    at = (ord(square[0]) - ord("a")) + 9 * int(square[1])
    assert out[at] == wins(board, at)
    assert out[at] == value


# ------------------------------------------------------------------------------------------------ classes


def test_classes_of_moves():
    """On 50 positions; all that `positions(60)` yields, more than 10,000, were compared once and agreed."""
    assert_classified(red_to_move(list(positions(60))[::240]), jit.compiled().move_classes)


def test_interpreted_classes():
    boards = red_to_move(list(positions(3))[::300])
    pieces = np.stack([board.array for board in boards])
    assert (jit.interpreted().move_classes(pieces) == jit.compiled().move_classes(pieces)).all()
