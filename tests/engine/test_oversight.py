"""Human errors: mates are missed, but rooks are not left hanging."""

from __future__ import annotations

import numpy as np
import pytest
from wandering import wanderings

from xiangqi_lm.engine.oversight import overlooked
from xiangqi_lm.engine.spec import make_player
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVE_COUNT, Move
from xiangqi_lm.rules.pieces import ROOK

MATE = "3k5/9/9/9/9/9/9/4R4/R8/4K4 w"  # a1d1 mates


def seen(board: Board, oversight: float, rng: np.random.Generator) -> set[Move]:
    missed = set(overlooked(board, oversight, rng.random(MOVE_COUNT)))
    return {move for move in board.legal_list() if move.id not in missed}


def loses_rook(board: Board, move: Move) -> bool:
    """Return whether the opponent wins a rook with the first capture, without a recapture, and the move took
    nothing.
    """
    if board.is_capture(move):
        return False
    after = board.copy()
    after.push(move)
    for reply in after.legal_list():
        if after.piece_at(reply.to_square) == ROOK * int(board.turn):
            again = after.copy()
            again.push(reply)
            if not any(back.to_square == reply.to_square for back in again.legal_list()):
                return True
    return False


@pytest.mark.parametrize(("oversight", "least", "most"), [(0.0, 200, 200), (0.5, 60, 140), (1.0, 0, 0)])
def test_mates_in_one_are_missed_as_often_as_the_oversight_says(oversight, least, most):
    board, rng = Board(MATE), np.random.default_rng(1)
    found = sum(Move.from_iccs("a1d1") in seen(board, oversight, rng) for _ in range(200))
    assert least <= found <= most


def test_quiet_moves_are_seen_and_one_move_always_is():
    rng = np.random.default_rng(2)
    for board in wanderings(3)[::7]:
        if not board.legal_list():
            continue
        left = seen(board, 1.0, rng)
        assert left
        assert all(move in left for move in board.legal_list() if is_harmless(board, move))


def is_harmless(board: Board, move: Move) -> bool:
    """Return whether a move captures nothing, does not end the game and allows no capture."""
    after = board.copy()
    after.push(move)
    replies = after.legal_list()
    return bool(replies) and not board.is_capture(move) and not any(map(after.is_capture, replies))


def test_rooks_are_not_left_hanging():
    """In positions of random games, for both colours; unless every move loses one."""
    rng, spared = np.random.default_rng(3), 0
    for board in wanderings(6)[::3]:
        moves = board.legal_list()
        bad = {move for move in moves if loses_rook(board, move)}
        if bad and len(bad) < len(moves):
            left = seen(board, 0.5, rng)
            assert left <= bad or not left & bad, board.fen()
            spared += not left & bad
    assert spared > 20


def test_recaptures_are_missed_less_than_other_captures():
    taken = Board("4k4/9/9/9/4p4/4P4/4R4/9/9/4K4 b")
    taken.push_text("e5e4")
    rng, back = np.random.default_rng(4), Move.from_iccs("e3e4")
    missed = [sum(back not in seen(board, 0.8, rng) for _ in range(200)) for board in (taken, Board(taken.fen()))]
    assert missed[0] < 70 and missed[1] > 130


def test_a_weak_level_misses_some_mates_in_one_that_the_model_always_plays():
    board = Board(MATE)
    wins = {move for move in board.legal_list() if move in board.final_moves()}
    always, weak = make_player("lm:default?temperature=1.5", 1), make_player("level:beginner", 1)
    assert all(choice.move in wins for choice in always.choose_many([board] * 20))
    moves = [choice.move for choice in weak.choose_many([board] * 20)]
    assert 2 <= sum(move in wins for move in moves) < 20
    weak.reseed(1)
    assert [choice.move for choice in weak.choose_many([board] * 20)] == moves
