"""Performer attention compared with exact attention, with the formula of its features, and with its other forms."""

import statistics

import pytest
import torch

from xiangqi_lm.config import ModelConfig
from xiangqi_lm.model import checkpoint, performer
from xiangqi_lm.model.attention import softmax_attention
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.performer import PerformerAttention, causal_products, one_step, random_features

WIDTH = 16


def draw(t: int, seed: int, size: float = 1.0) -> list[torch.Tensor]:
    """Return random queries, keys and values [2, 2, t, WIDTH]."""
    generator = torch.Generator().manual_seed(seed)
    q, k, v = (torch.randn(2, 2, t, WIDTH, generator=generator) for _ in range(3))
    return [size * q, size * k, v]


def direct(rows, q, k, v):
    """Compute the definition: all weights at once, in float64, without a stabiliser."""
    q, k, v, rows = (x.double() for x in (q, k, v, rows))
    q, k = q * WIDTH**-0.25, k * WIDTH**-0.25
    fq = (q @ rows.T - q.square().sum(-1, keepdim=True) / 2).exp()
    fk = (k @ rows.T - k.square().sum(-1, keepdim=True) / 2).exp()
    weights = (fq @ fk.transpose(-1, -2)).tril()
    return weights @ v / weights.sum(-1, keepdim=True)


# ------------------------------------------------------------------------------------------------ features


def test_rows_are_orthogonal_in_blocks_and_as_long_as_normal_vectors():
    rows = random_features(300 * WIDTH, WIDTH, torch.Generator().manual_seed(1))
    for block in rows[: 5 * WIDTH].split(WIDTH):
        unit = block / block.norm(dim=-1, keepdim=True)
        torch.testing.assert_close(unit @ unit.T, torch.eye(WIDTH), atol=1e-5, rtol=0)
    squares = rows.square().sum(-1)  # chi-squared with WIDTH degrees of freedom: mean WIDTH, variance 2 WIDTH
    assert squares.mean().item() == pytest.approx(WIDTH, rel=0.02)
    assert squares.var().item() == pytest.approx(2 * WIDTH, rel=0.1)
    torch.testing.assert_close(rows.T.cov(), torch.eye(WIDTH), atol=0.06, rtol=0)
    assert rows.mean(0).abs().max() < 0.06
    first = rows[::WIDTH]  # each row of a block alone is normal: no direction is preferred
    torch.testing.assert_close(first.T.cov(), torch.eye(WIDTH), atol=0.35, rtol=0)


def test_fewer_rows_than_a_block_and_parts_of_one():
    for count in (1, 5, WIDTH, WIDTH + 3):
        assert random_features(count, WIDTH, torch.Generator()).shape == (count, WIDTH)


def test_the_kernel_is_estimated_without_bias():
    """The mean of the features' products over many rows is exp(q.k)."""
    q, k = 0.25 * torch.randn(2, 6, WIDTH, generator=torch.Generator().manual_seed(2))
    rows = random_features(40_000, WIDTH, torch.Generator().manual_seed(3))
    fq = performer.query_features(q, rows, 1.0)
    fk, peak = performer.key_features(k, rows, 1.0)
    top = (q @ rows.T).amax(-1) - q.square().sum(-1) / 2  # by which the query's features were divided
    estimate = fq @ fk.T / len(rows) * (peak + top[:, None]).exp()
    torch.testing.assert_close(estimate, (q @ k.T).exp(), rtol=0.1, atol=0.02)


def median_error(m: int, orthogonal: bool, seeds: range) -> float:
    """Return the median root mean square error of attention over many draws of vectors and rows."""
    errors = []
    for seed in seeds:
        q, k, v = draw(32, seed, 0.5)
        attention = PerformerAttention(WIDTH, m, 0)
        generator = torch.Generator().manual_seed(1000 + seed)
        attention.rows.copy_(random_features(m, WIDTH, generator, orthogonal))
        errors.append((attention(q, k, v) - softmax_attention(q, k, v)).square().mean().sqrt().item())
    return statistics.median(errors)


def test_the_error_falls_with_the_number_of_features():
    errors = [median_error(m, True, range(15)) for m in (8, 32, 128, 512, 2048)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < errors[0] / 5, errors  # pure noise would give a factor of 16 for 256 times as many


def test_orthogonal_rows_err_less_than_independent_ones():
    """At equal m, median over 200 draws; the gain is greatest where rows fill a block."""
    assert median_error(WIDTH, True, range(200)) < 0.97 * median_error(WIDTH, False, range(200))


# ------------------------------------------------------------------------------------------------ forms


@pytest.mark.parametrize("block", [1, 3, 16, 50, 64])
def test_blockwise_is_direct(block, monkeypatch):
    monkeypatch.setattr(performer, "BLOCK", block)
    attention = PerformerAttention(WIDTH, 24, 0)
    q, k, v = draw(50, 4)
    torch.testing.assert_close(attention(q, k, v).double(), direct(attention.rows, q, k, v), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("block", [7, 64])
def test_gradients_are_those_of_the_definition(block, monkeypatch):
    """The stabilisers carry no gradient, because they cancel."""
    monkeypatch.setattr(performer, "BLOCK", block)
    attention = PerformerAttention(WIDTH, 24, 0)
    ours = [x.requires_grad_() for x in draw(30, 5)]
    theirs = [x.requires_grad_() for x in draw(30, 5)]
    attention(*ours).square().sum().backward()
    direct(attention.rows, *theirs).square().sum().backward()
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a.grad, b.grad, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("cuts", [(1, 2, 3), (10, 11, 13, 40), tuple(range(1, 50))])
def test_recurrent_is_parallel(cuts, monkeypatch):
    monkeypatch.setattr(performer, "BLOCK", 8)
    attention = PerformerAttention(WIDTH, 24, 0)
    q, k, v = draw(50, 6)
    state = attention.new_cache()
    parts = [attention(*part, state) for part in zip(*(x.tensor_split(cuts, 2) for x in (q, k, v)), strict=True)]
    torch.testing.assert_close(torch.cat(parts, 2), attention(q, k, v), atol=1e-5, rtol=1e-5)
    assert state.length == 50


def test_the_state_does_not_grow():
    attention = PerformerAttention(WIDTH, 24, 0)
    state = attention.new_cache()
    sizes = set()
    for seed in range(5):
        attention(*draw(9, seed), state)
        sizes.add(sum(x.numel() for x in state.sums))
    assert sizes == {2 * 2 * (24 * WIDTH + 24 + 1)}


def test_one_step_is_a_block_of_one():
    q, k, v = (x[0, :, :2].contiguous() for x in draw(2, 7))
    fq, fk = q.exp(), k.exp()
    peak = torch.tensor([[0.0, 5.0], [3.0, -2.0]])
    _, before = causal_products(fq[:, :1], fk[:, :1], peak[:, :1], v[:, :1], None, 8, True)
    second = fq[:, 1:], fk[:, 1:], peak[:, 1:], v[:, 1:], before
    torch.testing.assert_close(one_step(*second), causal_products(*second, 8, True))


# ------------------------------------------------------------------------------------------------ the range of floats


@pytest.mark.parametrize("block", [4, 64])
def test_the_future_does_not_affect_the_past_however_large_it_is(block, monkeypatch):
    """A stabiliser shared by all keys would make the future visible in bits, and the past vanish."""
    monkeypatch.setattr(performer, "BLOCK", block)
    attention = PerformerAttention(WIDTH, 24, 0)
    q, k, v = draw(30, 8)
    before = attention(q, k, v)
    for size in (0.0, 30.0, 1000.0):
        q[:, :, 17:], k[:, :, 17:], v[:, :, 17:] = size, -size, size
        assert torch.equal(attention(q, k, v)[:, :, :17], before[:, :, :17])


def test_keys_of_very_unequal_lengths_are_weighed_correctly(monkeypatch):
    """Weights over 200 orders of magnitude, the largest first, last or in the middle."""
    monkeypatch.setattr(performer, "BLOCK", 8)
    attention = PerformerAttention(WIDTH, 24, 0)
    for lengths in (torch.linspace(0, 25, 40), torch.linspace(25, 0, 40), torch.linspace(-25, 25, 40).abs()):
        q, k, v = draw(40, 9)
        k = k / k.norm(dim=-1, keepdim=True) * lengths[:, None]
        found = attention(q, k, v)
        torch.testing.assert_close(found.double(), direct(attention.rows, q, k, v), atol=1e-4, rtol=1e-4)


def test_enormous_inputs_give_no_nan():
    attention = PerformerAttention(WIDTH, 24, 0)
    inputs = [x.requires_grad_() for x in draw(20, 10, 300.0)]
    out = attention(*inputs)
    out.sum().backward()
    assert out.isfinite().all()
    assert all(x.grad.isfinite().all() for x in inputs)


def test_bf16_autocast_keeps_features_in_float32():
    """Products are rounded to bf16, exponents are not: the error is that of bf16 itself."""
    attention = PerformerAttention(WIDTH, 64, 0)
    q, k, v = (x.bfloat16() for x in draw(200, 11, 2.0))
    state = attention.new_cache()
    with torch.autocast("cpu", torch.bfloat16):
        rough = attention(q, k, v)
        parts = [attention(q[:, :, i : i + 1], k[:, :, i : i + 1], v[:, :, i : i + 1], state) for i in range(200)]
    assert rough.dtype == torch.bfloat16
    assert state.sums.values.dtype == torch.float32
    fine = direct(attention.rows, q, k, v)
    for found in (rough, torch.cat(parts, 2)):
        assert (found.double() - fine).square().mean().sqrt() < 0.01


# ------------------------------------------------------------------------------------------------ in a model


def test_features_are_seeded_kept_and_redrawn_on_request(tmp_path):
    config = ModelConfig(width=32, layers=2, heads=2, context=64, attention="performer", board="none")
    models = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        models.append(Gpt(config))
    rows = [[block.attention.kind.rows.clone() for block in model.blocks] for model in models]
    assert all(torch.equal(a, b) for a, b in zip(*rows, strict=True)), "the features do not hang on the weights' seed"
    assert not torch.equal(*rows[0]), "each layer has its own"
    assert rows[0][0].shape == (32, 16), "twice the head's width"
    performer.redraw(models[0], 7)
    fresh = [block.attention.kind.rows for block in models[0].blocks]
    assert not torch.equal(fresh[0], rows[0][0])
    assert not torch.equal(fresh[0], fresh[1])
    checkpoint.save(tmp_path, models[0], {})
    again = checkpoint.load(tmp_path)
    assert all(torch.equal(block.attention.kind.rows, r) for block, r in zip(again.blocks, fresh, strict=True))
    performer.redraw(models[1], 7)
    assert torch.equal(models[1].blocks[1].attention.kind.rows, fresh[1])


def test_the_number_of_features_can_be_set():
    config = ModelConfig(width=32, layers=1, heads=2, context=64, attention="performer", features=5, board="none")
    assert Gpt(config).blocks[0].attention.kind.rows.shape == (5, 16)
