"""Batches: what the model sees, which plies count, order and resuming."""

import numpy as np
import pytest
from record_samples import ENDGAME, game

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.records.loader import BOS, IGNORED, Loader, make_batch, plan, window_start, windows
from xiangqi_lm.records.shards import pack
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import RED


def turned(board: Board) -> np.ndarray:
    """The position as its mover sees it, computed from the public face of Board."""
    return board.array if board.turn is RED else -board.array[::-1]


def seen(move: Move, board: Board) -> int:
    return (move if board.turn is RED else move.half_turn()).id


def legal_ids_of(board: Board, side) -> set[int]:
    """Legal moves of a side, whoever's turn it is, as the mover of the board sees them."""
    fields = board.fen().split()
    fields[1] = "w" if side is RED else "b"
    return {seen(move, board) for move in Board(" ".join(fields), strict=False).legal_moves}


@pytest.fixture(scope="module")
def split():
    games = [game(seed, 8 + 3 * seed, result=("1-0", "0-1", "1/2-1/2", "*")[seed % 4]) for seed in range(12)]
    return pack([*games, game(99, 20, fen=ENDGAME, result="1-0"), game(7, 15, fen=ENDGAME.replace(" w ", " b "))])


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_batch_is_what_boards_say(split, mirrored):
    pieces = [w for i in range(len(split)) for w in windows(i, len(split.moves(i)), 64)]
    batch = make_batch(split, pieces, np.full(len(pieces), mirrored))
    moves = batch.moves()
    for row, window in enumerate(pieces):
        start = split.start(window.game)
        board = Board() if start is None else Board(ENDGAME if start[90] > 0 else ENDGAME.replace(" w ", " b "))
        board = board.mirror() if mirrored else board
        previous = BOS
        for t, move_id in enumerate(split.moves(window.game)):
            move = Move.from_id(int(move_id))
            move = move.mirror() if mirrored else move
            assert batch.tokens[row, t] == previous
            assert (batch.boards[row, t] == turned(board)).all()
            assert batch.targets[row, t] == seen(move, board)
            result = split.result(window.game)
            expected = IGNORED if result == 2 else 1 - result * int(board.turn)
            assert batch.values[row, t] == expected
            legal = {seen(m, board) for m in board.legal_moves}
            assert legal == set(np.flatnonzero(moves[row, t, 0]).tolist())
            theirs = legal_ids_of(board, board.turn.opponent)
            assert theirs == set(np.flatnonzero(moves[row, t, 1]).tolist())
            board.push(move)
            previous = seen(move, board)
        assert (batch.targets[row, t + 1 :] == IGNORED).all()


@pytest.mark.parametrize("plies", [1, 15, 16, 17, 24, 25, 100])
def test_every_ply_is_counted_once_in_the_window_that_play_uses(plies):
    counted = []
    for w in windows(0, plies, 16):
        assert w.stop - w.first <= 16
        assert all(window_start(ply, 16) == w.first for ply in range(w.counted, w.stop))
        counted += range(w.counted, w.stop)
    assert counted == list(range(plies))


def test_an_epoch_holds_every_ply_once(split):
    batches = plan(split, 16, 64, np.random.default_rng(3))
    assert all(len(b) * max(w.stop - w.first for w in b) <= 64 for b in batches)
    assert sum(w.stop - w.counted for b in batches for w in b) == len(split.moves_flat)


def test_resuming_in_mid_epoch_gives_the_same_batches(split):
    whole = iter(Loader(split, 32, 128, True, 5))
    first = [next(whole) for _ in range(20)]
    stopped = Loader(split, 32, 128, True, 5)
    stream = iter(stopped)
    for _ in range(7):
        next(stream)
    again = iter(Loader(split, 32, 128, True, 5, stopped.epoch, stopped.position))
    for expected in first[7:]:
        assert (next(again).boards == expected.boards).all()
    other = next(iter(Loader(split, 32, 128, True, 6)))
    assert other.tokens.shape != first[0].tokens.shape or (other.tokens != first[0].tokens).any()


def test_processes_share_an_epoch_without_overlap_and_resume_alone(split):
    whole = iter(Loader(split, 32, 128, True, 5))
    epoch = len(plan(split, 32, 128, np.random.default_rng((5, 0))))
    alone = [next(whole) for _ in range(epoch)]
    shares = [iter(Loader(split, 32, 128, True, 5, rank=rank, ranks=2)) for rank in range(2)]
    for i in range(epoch // 2 * 2):
        assert (next(shares[i % 2]).boards == alone[i].boards).all()
    resumed = next(iter(Loader(split, 32, 128, True, 5, 0, 1, rank=1, ranks=2)))
    assert (resumed.tokens == alone[3].tokens).all()
    with pytest.raises(XiangqiError, match="do not go round"):
        next(iter(Loader(split, 32, 128, True, 5, ranks=1000)))
