"""The language model as an evaluator of positions, with and without the game, and the built-in engine's advice."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from searching import CHECKED, flat, played

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.engine.alphabeta.player import AlphaBetaPlayer
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.engine.mcts.player import advised
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.squares import RED


@pytest.fixture(scope="module", params=["transformer", "gru"])
def model(request):
    torch.manual_seed(0)
    return Gpt(ModelConfig(width=32, layers=2, heads=2, context=32, trunk=request.param)).eval()


def policy(model, board, history):
    """Return what the model says of the last position, by one pass over the whole line."""
    from xiangqi_lm.dataset.loader import legal_moves, view
    from xiangqi_lm.model.inputs import Inputs

    ids = np.array([move.id for move in board.move_stack], np.int64)
    tokens, boards, _ = view(ids, board.root().array, int(board.root().turn))
    if not history:
        tokens, boards, _ = view(ids[:0], board.array, int(board.turn))
    inputs = Inputs(torch.from_numpy(tokens[None]), torch.from_numpy(boards[None]))
    inputs = inputs._replace(moves=torch.from_numpy(legal_moves(boards[None])))
    with torch.inference_mode():
        out = model(inputs)
    turned = [move.id if board.turn is RED else move.half_turn().id for move in board.legal_moves]
    return out.logits[0, -1, turned].softmax(-1).numpy(), out.value[0, -1].softmax(-1).numpy()


@pytest.mark.parametrize("history", [True, False])
def test_the_network_agrees_with_the_model(model, history):
    """In one batch, below roots of different lengths, on top of a cache: the same as a pass over each whole line."""
    evaluator = NetworkEvaluator(model, history)
    roots = [Board(), played("h2e2 h9g7 h0g2"), Board(CHECKED)]
    for round_ in range(2):
        evaluator.begin(roots)
        leaves = []
        for root in roots:
            leaves.append(root.copy())
            for i in range(3):
                leaf = root.copy()
                for step in range(i + 1):
                    leaf.push(list(leaf.legal_moves)[(i + step) % len(leaf.legal_moves)])
                leaves.append(leaf)
        priors, values = evaluator(leaves)
        for board, p, v in zip(leaves, priors, values, strict=True):
            wanted, value = policy(model, board, history)
            assert p == pytest.approx(wanted, abs=2e-5) and v == pytest.approx(value, abs=2e-5)
        for root in roots:  # the games continue by two plies, and the cache with them
            root.push(list(root.legal_moves)[round_])
            root.push(list(root.legal_moves)[round_])


def test_long_games_stay_within_the_model_s_window(model):
    evaluator = NetworkEvaluator(model, True)
    board = Board()
    for ply in range(60):
        board.push(list(board.legal_moves)[ply * 7 % len(board.legal_moves)])
        evaluator.begin([board])
        priors, values = evaluator([board])
        assert priors[0].sum() == pytest.approx(1, abs=1e-3) and np.isfinite(values).all()
        if board.outcome():
            break
    assert board.ply > 32


def test_models_that_cannot_be_searched_are_refused():
    model = Gpt(ModelConfig(width=32, layers=1, heads=2, context=64, tokenizer="square"))
    with pytest.raises(BadConfig, match="one token per move"):
        NetworkEvaluator(model, True)


def test_advice_counts_the_material_and_leaves_the_priors_alone():
    """Red is a rook up, which the network does not see; in the third position Black captures it at once."""
    boards = [
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 w"),
        Board("3k5/9/9/9/9/9/9/9/R8/4K4 b"),
        Board("3k5/9/r8/9/9/9/9/9/R8/4K4 b"),
    ]
    priors, values = flat(boards)
    for share in (1.0, 0.5):
        told, mixed = advised(flat, share)(boards)
        assert all((a == b).all() for a, b in zip(told, priors, strict=True))
        assert mixed.sum(1) == pytest.approx(1, abs=1e-5)
        gains = (mixed - values)[:, 0]
        assert gains[0] > 0.1 * share and gains[1] < -0.1 * share and gains[2] > 0.1 * share
        assert mixed[0] == pytest.approx(share * advised(flat, 1.0)(boards)[1][0] + (1 - share) * values[0], abs=1e-6)


def test_advice_is_the_built_in_engine_s_score_within_its_limit():
    board = Board("4k4/9/4b4/p3n3p/9/4p4/P3P3P/4B4/9/R3K3c w")
    for limit in (Limit(depth=2), Limit(nodes=300)):
        score = AlphaBetaPlayer(limit).choose(board).score
        assert advised(flat, 1.0, limit)([board])[1][0] == pytest.approx(score.as_wdl(), abs=1e-6)


def test_a_leaf_for_which_the_engine_finds_no_score_in_its_limit_keeps_the_model_s_value():
    """Two nodes are too few to finish Red's first capture in the first position, and enough in the second."""
    boards = [Board("4k4/9/4b4/p3n3p/9/4p4/P3P3P/4B4/9/R3K3c w"), Board("3k5/9/9/9/9/9/9/9/R8/4K4 w")]
    limit = Limit(nodes=2)
    scores = [AlphaBetaPlayer(limit).choose(board).score for board in boards]
    assert scores[0] is None and scores[1] is not None
    _, values = flat(boards)
    mixed = advised(flat, 1.0, limit)(boards)[1]
    for value, score, found in zip(values, scores, mixed, strict=True):
        assert found == pytest.approx(value if score is None else score.as_wdl(), abs=1e-6)
