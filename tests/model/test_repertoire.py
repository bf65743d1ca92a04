"""What a player chose in his positions, mixed into the policy wherever moves are chosen or measured."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from xiangqi_lm.arena.game_batch import SamplingConfig
from xiangqi_lm.arena.lockstep import lockstep
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.errors import BadCheckpoint
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.repertoire import FILE, PRIOR, Repertoire
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.training.evaluate import measure


def moves(text: str) -> tuple[Move, ...]:
    return tuple(Move.from_iccs(word) for word in text.split())


GAMES = [
    moves("h2e2 h9g7 h0g2 i9h9"),
    moves("h2e2 h9g7 h0g2 g6g5"),
    moves("h2e2 b9c7 b0c2"),
    moves("b2e2 b9c7 b0c2 a9b9"),  # the first in a mirror
    moves("g3g4 g6g5"),
]


def split_of(lines, color=0):
    split = pack([GameRecord({}, None, line, "*") for line in lines])
    return replace(split, colors=np.full(len(lines), color, np.int8))


def model_with(repertoire=None, seed=1):
    torch.manual_seed(seed)
    model = Gpt(ModelConfig(width=32, layers=1, heads=2, context=64, dropout=0.0)).eval()
    model.repertoire = repertoire
    return model


def policy(model, board):
    """Return each legal move's probability as the player has it."""
    return dict(LanguageModelPlayer(model, "x", seed=1).choose(board).probabilities)


def after(*words):
    board = Board()
    for word in words:
        board.push(Move.from_iccs(word))
    return board


@pytest.mark.parametrize(
    ("board", "counts"),
    [
        (Board(), {"h2e2": 3, "b2e2": 1, "g3g4": 1}),
        (after("h2e2"), {"h9g7": 3, "b9c7": 1}),  # the mirrored game counts: b9c7 is h9g7 there
        (after("b2e2"), {"b9c7": 3, "h9g7": 1}),
        (after("b2e2", "b9c7", "b0c2"), {"a9b9": 2, "c6c5": 1}),
    ],
)
def test_counts_and_the_model_are_mixed(board, counts):
    before, now = policy(model_with(), board), policy(model_with(Repertoire.of(split_of(GAMES))), board)
    whole = sum(counts.values())
    for move, share in before.items():
        expected = (counts.get(move.iccs(), 0) + PRIOR * share) / (whole + PRIOR)
        assert now[move] == pytest.approx(expected, rel=1e-4)


def test_positions_that_did_not_occur_keep_the_policy():
    board = after("a0a1")
    assert policy(model_with(Repertoire.of(split_of(GAMES))), board) == policy(model_with(), board)


def test_only_moves_that_count_are_counted():
    red, black = (Repertoire.of(split_of(GAMES, color)) for color in (1, -1))
    both = Repertoire.of(split_of(GAMES))
    assert red.counts.sum() + black.counts.sum() == both.counts.sum() == sum(map(len, GAMES))
    sums = red + black
    for name in ("keys", "moves", "counts"):
        assert (getattr(sums, name) == getattr(both, name)).all()
    board = after("h2e2")
    assert policy(model_with(red), board) == policy(model_with(), board) != policy(model_with(black), board)


def test_games_from_set_up_positions_count():
    fen = "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b - - 0 1"
    record = GameRecord({}, fen, moves("e9f9 d1d9"), "*")
    now = policy(model_with(Repertoire.of(pack([record]))), Board(fen))
    assert max(now, key=now.get).iccs() == "e9f9"


def test_measuring_playing_searching_and_selfplay_agree():
    repertoire = Repertoire.of(split_of(GAMES * 20))
    model, plain = model_with(repertoire), model_with()
    line = GAMES[0]
    bits = measure(model, split_of([line])).figures
    for ply, move in enumerate(line):
        board = after(*(before.iccs() for before in line[:ply]))
        assert bits["bits_per_move"][ply] == pytest.approx(-math.log2(policy(model, board)[move]), abs=1e-4)
    unmasked = measure(plain, split_of([line])).figures["bits_per_move_unmasked"]
    assert bits["bits_per_move_unmasked"] == pytest.approx(unmasked)  # the network alone
    board = after("h2e2")
    evaluator = NetworkEvaluator(model, history=False)
    (priors,), _ = evaluator([board])
    (bare,), _ = NetworkEvaluator(plain, history=False)([board])
    counts = np.array([{"h9g7": 60, "b9c7": 20}.get(move.iccs(), 0) for move in board.legal_moves])
    assert priors == pytest.approx((counts + PRIOR * bare) / (80 + PRIOR), rel=1e-4)
    games = list(lockstep(model, SamplingConfig(0.0, 1.0, seed=1), {0: Board()}, 1))
    assert [move.iccs() for move in games[0].board.move_stack[:3]] == ["h2e2", "h9g7", "h0g2"]


def test_it_is_kept_beside_the_weights(tmp_path):
    model = model_with(Repertoire.of(split_of(GAMES)))
    checkpoint.save(tmp_path, model, {})
    read = checkpoint.load(tmp_path)
    assert policy(read, Board()) == policy(model, Board())
    checkpoint.save(tmp_path, model_with(), {})
    assert not (tmp_path / FILE).exists() and checkpoint.load(tmp_path).repertoire is None


@pytest.mark.parametrize(
    "change",
    [
        {"keys": torch.tensor([2, 1])},
        {"keys": torch.tensor([1])},
        {"moves": torch.tensor([0, 2086], dtype=torch.int16)},
        {"moves": torch.tensor([0.0, 1.0])},
        {"counts": torch.tensor([1, 0], dtype=torch.int32)},
        {"counts": None},
    ],
)
def test_a_damaged_one_is_refused(tmp_path, change):
    checkpoint.save(tmp_path, model_with(), {})
    whole = {
        "keys": torch.tensor([1, 2]),
        "moves": torch.tensor([0, 1], dtype=torch.int16),
        "counts": torch.tensor([1, 1], dtype=torch.int32),
    }
    checkpoint.write_tensors(tmp_path / FILE, {k: v for k, v in {**whole, **change}.items() if v is not None})
    with pytest.raises(BadCheckpoint, match=r"repertoire.safetensors: damaged"):
        checkpoint.load(tmp_path)
    (tmp_path / FILE).write_bytes(b"x")
    with pytest.raises(BadCheckpoint):
        checkpoint.load(tmp_path)
