"""Batches: the model's inputs, which plies count, order and resuming."""

import numpy as np
import pytest
from record_samples import ENDGAME, game

from xiangqi_lm.dataset.division import pack
from xiangqi_lm.dataset.layout import Layout, Window, window_start, windows
from xiangqi_lm.dataset.loader import BOS, IGNORED, Loader, make_batch, plan
from xiangqi_lm.dataset.tokenizer import TOKENIZERS
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.squares import RED


def turned(board: Board) -> np.ndarray:
    """Return the position in the mover's view, using only the public interface of Board."""
    return board.array if board.turn is RED else -board.array[::-1]


def seen(move: Move, board: Board) -> int:
    return (move if board.turn is RED else move.half_turn()).id


def legal_ids_of(board: Board, side) -> set[int]:
    """Return the legal moves of a side, whoever is to move, in the view of the side to move."""
    fields = board.fen().split()
    fields[1] = "w" if side is RED else "b"
    return {seen(move, board) for move in Board(" ".join(fields), strict=False).legal_moves}


@pytest.fixture(scope="module")
def split():
    games = [game(seed, 8 + 3 * seed, result=("1-0", "0-1", "1/2-1/2", "*")[seed % 4]) for seed in range(12)]
    return pack([*games, game(99, 20, fen=ENDGAME, result="1-0"), game(7, 15, fen=ENDGAME.replace(" w ", " b "))])


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_batch_agrees_with_boards(split, mirrored):
    pieces = [w for i in range(len(split)) for w in windows(i, len(split.moves(i)), Layout(context=64))]
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
    for w in windows(0, plies, Layout(context=16)):
        assert w.stop - w.first <= 16
        assert all(window_start(ply, Layout(context=16)) == w.first for ply in range(w.counted, w.stop))
        counted += range(w.counted, w.stop)
    assert counted == list(range(plies))


def test_an_epoch_holds_every_ply_once(split):
    batches = plan(split, Layout(context=16), 64, np.random.default_rng(3))
    assert all(len(b) * max(w.stop - w.first for w in b) <= 64 for b in batches)
    assert sum(w.stop - w.counted for b in batches for w in b) == len(split.moves_flat)


def test_resuming_within_an_epoch_gives_the_same_batches(split):
    whole = iter(Loader(split, Layout(context=32), 128, True, 5))
    first = [next(whole) for _ in range(20)]
    stopped = Loader(split, Layout(context=32), 128, True, 5)
    stream = iter(stopped)
    for _ in range(7):
        next(stream)
    again = iter(Loader(split, Layout(context=32), 128, True, 5, stopped.epoch, stopped.position))
    for expected in first[7:]:
        assert (next(again).boards == expected.boards).all()
    other = next(iter(Loader(split, Layout(context=32), 128, True, 6)))
    assert other.tokens.shape != first[0].tokens.shape or (other.tokens != first[0].tokens).any()


def test_processes_share_an_epoch_without_overlap_and_resume_alone(split):
    whole = iter(Loader(split, Layout(context=32), 128, True, 5))
    epoch = len(plan(split, Layout(context=32), 128, np.random.default_rng((5, 0))))
    alone = [next(whole) for _ in range(epoch)]
    shares = [iter(Loader(split, Layout(context=32), 128, True, 5, rank=rank, ranks=2)) for rank in range(2)]
    for i in range(epoch // 2 * 2):
        assert (next(shares[i % 2]).boards == alone[i].boards).all()
    resumed = next(iter(Loader(split, Layout(context=32), 128, True, 5, 0, 1, rank=1, ranks=2)))
    assert (resumed.tokens == alone[3].tokens).all()
    with pytest.raises(XiangqiError, match="processes need at least"):
        next(iter(Loader(split, Layout(context=32), 128, True, 5, ranks=1000)))


# ------------------------------------------------------------------------------------------------ several tokens a move


@pytest.mark.parametrize("name", ["square", "char"])
@pytest.mark.parametrize("placement", [False, True])
def test_tokens_of_a_batch_are_those_of_the_plies(split, name, placement):
    """Compare every window's columns with the batch of whole moves, which is checked against boards above."""
    layout, whole = Layout(TOKENIZERS[name], 96, placement), Layout(context=200)
    tokenizer, k = layout.tokenizer, layout.tokenizer.per_move
    for i in range(len(split)):
        n, set_up = len(split.moves(i)), split.start(i) is not None
        plain = make_batch(split, windows(i, n, whole), np.zeros(1, bool))
        theirs = plain.moves()[0]
        pieces = windows(i, n, layout, set_up)
        batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout)
        moves, next_tokens = batch.moves(), batch.legal(batch.moves())
        seen = []
        for row, column in zip(*np.nonzero(batch.parts >= 0), strict=True):
            ply, part = batch.plies[row, column], batch.parts[row, column]
            spelled = tokenizer.spelling[plain.targets[0, ply]]
            assert (batch.boards[row, column] == plain.boards[0, ply]).all()
            assert (moves[row, column] == theirs[ply]).all()
            legal = tokenizer.spelling[np.flatnonzero(theirs[ply, 0])]
            leads = {tokens[part] for tokens in legal.tolist() if tokens[:part] == spelled[:part].tolist()}
            assert set(np.flatnonzero(next_tokens[row, column]).tolist()) == leads
            if part:
                assert batch.tokens[row, column] == spelled[part - 1]
            elif batch.tokens[row, column] != tokenizer.bos:
                last = tokenizer.spelling[plain.targets[0, ply - 1], -1]
                assert batch.tokens[row, column] == tokenizer.half_turn[last]
            else:
                assert ply == 0 or placement
            if batch.targets[row, column] != IGNORED:
                assert batch.targets[row, column] == spelled[part]
                seen.append((ply, part))
            first = part == 0 and batch.targets[row, column] != IGNORED
            assert batch.values[row, column] == (plain.values[0, ply] if first else IGNORED)
        assert seen == [(ply, part) for ply in range(n) for part in range(k)]
        assert batch.counted == n
        assert (batch.played() == plain.targets[0, :n]).all()
        before = (batch.parts < 0) & (batch.tokens != tokenizer.bos)
        assert before.any() == (placement and (set_up or len(pieces) > 1))
        assert not moves[before].any()
        assert (batch.targets[batch.parts < 0] == IGNORED).all()


def test_conditions_describe_the_side_to_move_unless_hidden():
    games = [
        game(1, 12, result, **({"RedElo": "2450", "BlackElo": "1350"} if rated else {}))
        for result, rated in (("1-0", True), ("0-1", False), ("1/2-1/2", True), ("*", True))
    ]
    split = pack(games)
    pieces = [Window(i, 0, 0, 12) for i in range(4)]
    hide = np.zeros((4, 2), bool)
    told = make_batch(split, pieces, np.zeros(4, bool), hide=hide)
    assert told.conditions[:, :2].tolist() == [[[1, 7], [3, 1]], [[3, 0], [1, 0]], [[2, 7], [2, 1]], [[0, 7], [0, 1]]]
    assert (told.values == IGNORED).all()  # a condition is not also a target
    hide[:2] = [[True, False], [False, True]]
    half = make_batch(split, pieces, np.zeros(4, bool), hide=hide)
    assert half.conditions[0, :2].tolist() == [[0, 7], [0, 1]]
    assert half.conditions[1, :2].tolist() == [[3, 0], [1, 0]]
    assert half.values[0, :2].tolist() == [0, 2]
    assert not make_batch(split, pieces, np.zeros(4, bool)).conditions.any()


def test_conditions_are_hidden_at_random_but_reproducibly(split):
    def shares(dropout: float) -> np.ndarray:
        stream = iter(Loader(split, Layout(context=32), 128, True, 5, condition_dropout=dropout))
        batches = [next(stream) for _ in range(60)]
        return np.concatenate([batch.conditions[:, 0, 0] > 0 for batch in batches])

    known = 1 - np.mean([split.result(i) == 2 for i in range(len(split))])
    assert shares(0.3).mean() == pytest.approx(0.7 * known, abs=0.12)
    assert (shares(0.3) == shares(0.3)).all()
    assert not shares(1.0).any()


def test_an_epoch_of_several_tokens_a_move_fits_its_batches(split):
    layout = Layout(TOKENIZERS["square"], 64, placement=True)
    batches = plan(split, layout, 128, np.random.default_rng(3))
    assert sum(w.stop - w.counted for b in batches for w in b) == len(split.moves_flat)
    for pieces in batches:
        batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout)
        assert batch.tokens.size <= 128
        assert batch.tokens.shape[1] <= 64


def test_only_moves_of_one_side_can_count(split):
    from dataclasses import replace

    colors = np.array([(0, 1, -1)[i % 3] for i in range(len(split))], np.int8)
    one_sided = replace(split, colors=colors)
    pieces = [w for i in range(len(split)) for w in windows(i, len(split.moves(i)), Layout(context=16))]
    plain, batch = (make_batch(s, pieces, np.zeros(len(pieces), bool), Layout(context=16)) for s in (split, one_sided))
    for row, window in enumerate(pieces):
        start = split.start(window.game)
        first = 1 if start is None else int(start[90])
        movers = np.where(batch.plies[row] % 2 == 0, first, -first)
        counts = (colors[window.game] == 0) | (movers == colors[window.game])
        expected = np.where(counts, plain.targets[row], IGNORED)
        assert (batch.targets[row] == expected).all()
    assert (batch.values == plain.values).all() and (batch.tokens == plain.tokens).all()
    assert 0 < batch.counted < plain.counted
