"""Positions read without their games: the shorter way agrees with the model."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.loader import BOS, legal_moves
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.model import packed
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.move_classes import move_classes
from xiangqi_lm.model.piece_status import piece_statuses
from xiangqi_lm.model.single import Bfloat16, Float16, SinglePositions
from xiangqi_lm.rules import input_rows, jit
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.move_classes import ROWS
from xiangqi_lm.rules.moves import HALF_TURN_ID
from xiangqi_lm.rules.squares import RED

CONFIG = ModelConfig(
    width=64, layers=2, heads=2, context=64, dropout=0.0, board="piece_status", legal_bias=True, move_classes=True
)


def positions(count: int, seed: int = 1) -> list[Board]:
    rng, board, found = np.random.default_rng(seed), Board(), []
    while len(found) < count:
        moves = board.legal_list()
        if not moves or board.ply > 100:
            board = Board()
            continue
        board.push(moves[rng.integers(len(moves))])
        if rng.random() < 0.3:
            found.append(board.copy())
    return found


def seen(boards: list[Board]) -> np.ndarray:
    return np.stack([b.array if b.turn is RED else -b.array[::-1] for b in boards])


def trained(config: ModelConfig) -> Gpt:
    """Return a model in which no weights are zero."""
    torch.manual_seed(0)
    model = Gpt(config).eval()
    for parameter in model.parameters():
        parameter.data += 0.05 * torch.randn_like(parameter)
    return model


@torch.inference_mode()
def plainly(model: Gpt, boards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    given = torch.from_numpy(boards)[:, None]
    moves = torch.from_numpy(legal_moves(boards[:, None])) if model.config.legal_moves else None
    hidden = model.encode(Inputs(torch.full((len(boards), 1), BOS), given, moves))[:, 0]
    out = model.read_out(hidden, classes=move_classes(given[:, 0]) if model.config.move_classes else None)
    return out.logits.numpy(), out.value.softmax(-1).numpy()


@pytest.mark.parametrize("products", [Bfloat16, Float16])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"board": "sum", "move_classes": False},
        {"legal_moves": False, "legal_bias": False, "move_classes": False},
        {"conditions": True, "positions": "rotary", "legal_bias": False},
        {"attention": "taylor", "positions": "none"},
    ],
)
def test_single_positions_agree_with_the_model(products, change):
    """Up to the rounding of weights and, in bfloat16, of the activations between layers."""
    if products is Bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("no bfloat16 products here")
    model, boards = trained(replace(CONFIG, **change)), positions(40)
    logits, values = SinglePositions(model, products)(seen(boards))
    wanted, chances = plainly(model, seen(boards))
    rows, ids = legal_moves(seen(boards)[:, None])[:, 0, 0].nonzero()
    near = 0.05 if products is Bfloat16 else 0.002
    spread = wanted[rows, ids].std()
    assert np.abs(logits[rows, ids] - wanted[rows, ids]).max() < 5 * near * spread
    assert np.abs(values - chances).max() < near


@pytest.mark.parametrize(
    "change", [{"trunk": "gru"}, {"board": "convolution"}, {"output": "taylor"}, {"head": "bilinear"}]
)
def test_other_models_take_the_long_way(change):
    assert SinglePositions.fits(Gpt(CONFIG)) and not SinglePositions.fits(Gpt(replace(CONFIG, **change)))


@pytest.mark.parametrize("copy", ["compiled", "interpreted"])
def test_rows_are_the_indices_of_all_inputs(copy):
    boards = seen(positions(5))
    rows, first = getattr(jit, copy)().input_rows(boards, True, True)
    marks, moves = piece_statuses(torch.from_numpy(boards)).numpy(), legal_moves(boards[:, None])[:, 0]
    kinds = [p for p in range(-7, 8) if p]
    for board, mark, legal, chosen in zip(boards, marks, moves, np.split(rows, first[1:]), strict=True):
        on = board[:, None] == kinds  # [90, 14]
        status = mark[: input_rows.OF_PIECES, :, None] & on
        parts = (on, status, mark[input_rows.OF_PIECES :], legal)
        flags = np.concatenate([np.ravel(part) for part in parts])
        assert len(flags) == input_rows.ROWS and sorted(chosen) == flags.nonzero()[0].tolist()
        assert len(chosen) <= input_rows.MOST


@pytest.mark.parametrize("copy", ["compiled", "interpreted"])
def test_scores_of_legal_moves_by_hand(copy):
    rng, kernels = np.random.default_rng(2), getattr(jit, copy)()
    classes = kernels.move_classes(seen(positions(3)))
    hidden, weight, bias = (rng.normal(size=size).astype(np.float32) for size in ((3, 8), (2086, 8), 2086))
    by_row, by_kind = (rng.normal(size=size).astype(np.float32) for size in ((3, ROWS), (ROWS, 7)))
    scores = np.full((3, 2086), -np.inf, np.float32)
    kernels.legal_scores(hidden, weight, bias, classes, by_row, by_kind, scores)
    for i, (move, kind, *chosen) in ((n, c) for n in range(3) for c in classes[n].tolist() if c[0] != 2086):
        wanted = hidden[i] @ weight[move] + bias[move] + sum(by_row[i, row] + by_kind[row, kind - 1] for row in chosen)
        assert scores[i, move] == pytest.approx(wanted, rel=1e-4, abs=1e-4)
    assert np.isfinite(scores).sum() == (classes[:, :, 0] != 2086).sum()
    found = np.empty(2, np.float32)
    kernels.softmax_at(np.array([0.0, 3.0, 1.0], np.float32), np.array([1, 2], np.int16), found)
    assert found == pytest.approx([1 / (1 + np.exp(-2)), 1 / (1 + np.exp(2))], rel=1e-5)


@pytest.mark.parametrize("fast", [True, False], ids=["bfloat16", "float32"])
def test_a_search_gets_the_same_priors_and_values(fast, monkeypatch):
    if fast and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("no bfloat16 products here")
    monkeypatch.setattr(packed, "fast_bf16", lambda device: fast)
    boards = positions(30, seed=4)
    ready = packed.ready_to_play(trained(CONFIG))
    assert ready.single is not None
    priors, values = NetworkEvaluator(ready, False)(boards)
    wanted, chances = plainly(trained(CONFIG), seen(boards))
    for board, row, mine in zip(boards, wanted, priors, strict=True):
        x = row[board.legal_ids() if board.turn is RED else HALF_TURN_ID[board.legal_ids()]]
        x = np.exp(x - x.max())
        assert mine.sum() == pytest.approx(1, abs=1e-5) and np.abs(mine - x / x.sum()).max() < 0.1
    assert np.abs(values - chances).max() < 0.05
