"""Inputs gathered instead of multiplied, models prepared for play, and the detected properties of a processor."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.loader import legal_moves, view
from xiangqi_lm.model import boards, device, packed, sparse
from xiangqi_lm.model.boards import BOARD_ENCODERS
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.sparse import rows_summed
from xiangqi_lm.rules.board import Board


def game(plies: int = 20) -> tuple[torch.Tensor, torch.Tensor]:
    """Return tokens [1, T] and boards [1, T, 90] of a random game."""
    rng, board = np.random.default_rng(3), Board()
    for _ in range(plies):
        moves = list(board.legal_moves)
        board.push(moves[rng.integers(len(moves))])
    tokens, seen, _ = view(np.array([move.id for move in board.move_stack]), Board().array, 1)
    return torch.from_numpy(tokens)[None], torch.from_numpy(seen)[None]


@pytest.fixture(params=[True, False], ids=["gathers", "multiplies"])
def way(request, monkeypatch):
    """Try both methods, whichever this processor would choose."""
    for module in (boards, sparse):
        monkeypatch.setattr(module, "gathers", lambda weight: request.param)


def test_rows_are_summed_either_way(way):
    rng = torch.Generator().manual_seed(1)
    flags = torch.rand(3, 4, 50, generator=rng) < 0.1
    flags[1, 2] = False
    weight = torch.randn(50, 8, generator=rng, requires_grad=True)
    upstream = torch.randn(3, 4, 8, generator=rng)
    found = rows_summed(flags, weight)
    found.backward(upstream)
    wanted = torch.stack([weight[flags[i, j]].sum(0) for i, j in np.ndindex(3, 4)]).view(3, 4, 8)
    assert torch.allclose(found, wanted, atol=1e-5)
    assert torch.allclose(weight.grad, flags.flatten(0, 1).float().T @ upstream.flatten(0, 1), atol=1e-5)


def test_status_is_seen_either_way(way):
    """Compared with the plain sum over squares and marks."""
    torch.manual_seed(0)
    encoder, (_, given) = BOARD_ENCODERS["piece_status"](16), game(60)
    found = encoder(given)
    marks = boards.piece_statuses(given[0])
    table = encoder.weight[: 4 * 90 * 14].view(4, 90, 14, 16)
    control = encoder.weight[4 * 90 * 14 :].view(2, 90, 16)
    for t in (0, 13, 40, 60):
        wanted = encoder.sum(given)[0, t] + (marks[t, 4:].unsqueeze(-1) * control).sum((0, 1))
        for mark, square in marks[t, :4].nonzero().tolist():
            piece = int(given[0, t, square])
            wanted = wanted + table[mark, square, piece + (7 if piece < 0 else 6)]
        assert torch.allclose(found[0, t], wanted, atol=1e-5)


# ------------------------------------------------------------------------------------------------ ready to play

CONFIG = ModelConfig(width=64, layers=3, heads=2, context=64, dropout=0.0, board="piece_status", legal_bias=True)


@pytest.mark.parametrize("fast", [True, False], ids=["bfloat16", "float32"])
@pytest.mark.parametrize("trunk", ["transformer", "lstm"])
@torch.inference_mode()
def test_a_model_ready_to_play_gives_the_same_results(fast, trunk, monkeypatch):
    """Up to the rounding of the weights to float16 or bfloat16."""
    if fast and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("no bfloat16 products here")
    monkeypatch.setattr(packed, "fast_bf16", lambda device: fast)
    torch.manual_seed(0)
    model = Gpt(replace(CONFIG, trunk=trunk)).eval()
    ready = packed.ready_to_play(copy.deepcopy(model))
    tokens, given = game()
    for columns in (slice(None), slice(5, 6)):  # a game, and one column, which sees only itself
        pieces = given[:, columns]
        inputs = Inputs(tokens[:, columns], pieces, torch.from_numpy(legal_moves(pieces.numpy())))
        wanted, found = model(inputs), ready(inputs)
        close = 0.1 if fast else 5e-3
        assert found.logits.dtype == found.value.dtype == torch.float32
        assert (found.logits - wanted.logits).abs().max() < close
        assert (found.value - wanted.value).abs().max() < close


@torch.inference_mode()
def test_a_single_column_is_read_like_one_of_several():
    """Compare the method for a single column with the first of two columns."""
    torch.manual_seed(0)
    model, (tokens, given) = Gpt(CONFIG).eval(), game()
    moves = torch.from_numpy(legal_moves(given.numpy()))
    both = model.encode(Inputs(tokens[:, :2], given[:, :2], moves[:, :2]))
    alone = model.encode(Inputs(tokens[:, :1], given[:, :1], moves[:, :1]))
    assert torch.allclose(alone[:, 0], both[:, 0], atol=1e-5)


# ------------------------------------------------------------------------------------------------ the processor


def test_the_description_of_a_processor():
    found = device.processor()
    assert found == device.processor("cpu") and found.cpu and found.threads == torch.get_num_threads()
    assert ("bfloat16" if found.fast_bf16 else "float32") in str(found) and "thread" in str(found)


@pytest.mark.parametrize(("bfloat16", "chosen"), [(0.1, True), (0.9, False), (2.0, False)])
def test_bfloat16_is_chosen_where_it_is_measured_faster(bfloat16, chosen, monkeypatch):
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    monkeypatch.setattr(device, "product_seconds", lambda *dtypes: [1.0, bfloat16])
    device.fast_bf16.cache_clear()
    try:
        assert device.fast_bf16("cpu") is chosen
    finally:
        device.fast_bf16.cache_clear()


def test_no_more_threads_than_cores(monkeypatch):
    before = torch.get_num_threads()
    monkeypatch.setattr(device, "usable_cores", lambda: 1)
    try:
        assert device.pick_device("cpu") == "cpu" and torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
