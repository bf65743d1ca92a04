"""Every kind of attention behind the common signature: formulas, causality, caches, positions."""

import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from xiangqi_lm.config import MODEL_CHOICES, ModelConfig
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.attention import (
    ATTENTION,
    CausalSelfAttention,
    ExactAttention,
    rotate,
    softmax_attention,
    softmax_by_products,
    softmax_fused,
    taylor_attention,
)
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs

TINY = ModelConfig(width=32, layers=2, heads=2, context=64, dropout=0.0, board="none")
KINDS = MODEL_CHOICES["attention"]


def draw(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float32) -> list[torch.Tensor]:
    """Return random queries, keys and values."""
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(*shape, generator=generator).to(dtype) for _ in range(3)]


def by_formula(q, k, v, weigh=torch.exp):
    """Compute the definition, in float64, one query after the other."""
    q, k, v = (x.double() for x in (q, k, v))
    rows = []
    for i in range(q.shape[2]):
        seen = k.shape[2] - q.shape[2] + i + 1
        weights = weigh(torch.einsum("bhd,bhsd->bhs", q[:, :, i], k[:, :, :seen]) / math.sqrt(q.shape[3]))
        weights = weights / weights.sum(-1, keepdim=True)
        rows.append(torch.einsum("bhs,bhsd->bhd", weights, v[:, :, :seen]))
    return torch.stack(rows, 2)


def test_every_configured_kind_is_there():
    assert set(ATTENTION) == set(KINDS)


@pytest.mark.parametrize("attend", [softmax_by_products, softmax_fused, softmax_attention])
@pytest.mark.parametrize(("t", "s"), [(1, 1), (7, 7), (1, 7), (3, 7), (140, 140)])
def test_all_softmax_implementations_follow_the_definition(attend, t, s):
    q, k, v = draw(2, 3, s, 16)
    q = q[:, :, s - t :]
    torch.testing.assert_close(attend(q, k, v).double(), by_formula(q, k, v), atol=2e-6, rtol=2e-6)


def test_all_softmax_implementations_have_the_same_gradient():
    gradients = []
    for attend in (softmax_by_products, softmax_fused):
        inputs = [x.requires_grad_() for x in draw(2, 3, 20, 16)]
        attend(*inputs).square().sum().backward()
        gradients.append([x.grad for x in inputs])
    torch.testing.assert_close(*gradients, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("t", "s"), [(7, 7), (1, 7), (3, 7)])
def test_taylor_attention_is_the_definition(t, s):
    q, k, v = draw(2, 3, s, 16)
    q = 4 * q[:, :, s - t :]  # scores on both sides of the minimum
    expected = by_formula(q, k, v, lambda x: 1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24)
    torch.testing.assert_close(taylor_attention(q, k, v).double(), expected, atol=1e-5, rtol=1e-5)


def test_bf16_stays_near():
    q, k, v = draw(2, 3, 100, 32)
    for attend in (softmax_by_products, softmax_fused, taylor_attention):
        rough = attend(*(x.bfloat16() for x in (q, k, v)))
        assert rough.dtype == torch.bfloat16
        assert F.mse_loss(rough.float(), attend(q, k, v)).sqrt() < 0.01


def test_a_visible_mask_replaces_the_causal_one():
    q, k, v = draw(2, 3, 6, 16)
    past = torch.ones(2, 6, 6, dtype=torch.bool).tril()
    for attend in (softmax_attention, taylor_attention):
        torch.testing.assert_close(attend(q, k, v, past), attend(q, k, v))
        itself = torch.eye(6, dtype=torch.bool).expand(2, 6, 6)
        torch.testing.assert_close(attend(q, k, v, itself), v)


def encode(model: Gpt, tokens: torch.Tensor, cuts: tuple[int, ...] = ()) -> torch.Tensor:
    """Return hidden states, using a cache if the columns come in parts."""
    cache = model.new_cache() if cuts else None
    with torch.no_grad():
        parts = [model.encode(Inputs(part), cache) for part in tokens.tensor_split(cuts, 1)]
    return torch.cat(parts, 1)


@pytest.fixture(params=[(kind, places) for kind in KINDS for places in MODEL_CHOICES["positions"]], ids="-".join)
def model(request) -> Gpt:
    kind, places = request.param
    torch.manual_seed(0)
    model = Gpt(replace(TINY, attention=kind, positions=places)).eval()
    for p in model.parameters():  # weights large enough to matter
        p.data.normal_(std=0.3)
    return model


def test_no_kind_sees_the_future(model):
    tokens = torch.randint(0, 2086, (2, 20))
    before = encode(model, tokens)
    tokens[:, 12:] = 5
    after = encode(model, tokens)
    assert torch.equal(before[:, :12], after[:, :12])
    assert not torch.allclose(before[:, 12:], after[:, 12:])


@pytest.mark.parametrize("cuts", [tuple(range(1, 20)), (1, 3, 5, 12), (7,)])
def test_decoding_in_parts_equals_the_whole(model, cuts):
    tokens = torch.randint(0, 2086, (2, 20))
    torch.testing.assert_close(encode(model, tokens, cuts), encode(model, tokens), atol=2e-5, rtol=2e-5)


def test_caches_keep_rows(model):
    """Rows that are selected, repeated and reordered continue independently."""
    tokens = torch.randint(0, 2086, (3, 9))
    rows = torch.tensor([2, 0, 2])
    cache = model.new_cache()
    with torch.no_grad():
        model.encode(Inputs(tokens[:, :8]), cache)
        for layer in cache:
            assert layer.length == 8
            layer.keep(rows, 8)
            layer.keep(None, 8)
        found = model.encode(Inputs(tokens[rows, 8:]), cache)
    torch.testing.assert_close(found, encode(model, tokens)[rows, 8:], atol=2e-5, rtol=2e-5)


def test_a_cache_of_keys_can_be_cut_and_says_so(model):
    cache = model.new_cache()
    tokens = torch.randint(0, 2086, (2, 9))
    with torch.no_grad():
        model.encode(Inputs(tokens), cache)
        if not cache[0].can_shorten:
            with pytest.raises(AssertionError):
                cache[0].keep(None, 5)
            return
        for layer in cache:
            layer.keep(None, 5)
        found = model.encode(Inputs(tokens[:, 5:]), cache)
    torch.testing.assert_close(found, encode(model, tokens)[:, 5:], atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_only_rotary_layers_know_the_order_of_the_past(kind):
    x = torch.randn(1, 5, 32, generator=torch.Generator().manual_seed(0))
    swapped = x[:, [1, 0, 3, 2, 4]]
    for places in ("none", "rotary"):
        layer = CausalSelfAttention(replace(TINY, attention=kind, positions=places), 0)
        with torch.no_grad():
            layer.qkv.weight.normal_(std=0.3)
            same = torch.allclose(layer(x)[:, -1], layer(swapped)[:, -1], atol=1e-5)
        assert same == (places == "none")


def test_rotation_keeps_lengths_and_only_distances_matter():
    q, k, _ = draw(1, 2, 9, 8)
    q, k = q[:, :, :1].expand_as(q), k[:, :, :1].expand_as(k)  # the same vector everywhere
    a, b = rotate(q, torch.arange(9)), rotate(k, torch.arange(9))
    torch.testing.assert_close(a.norm(dim=-1), q.norm(dim=-1))
    scores = a @ b.transpose(-1, -2)
    for distance in range(9):
        diagonal = scores.diagonal(distance, -2, -1)
        torch.testing.assert_close(diagonal, diagonal[..., :1].expand_as(diagonal), atol=1e-4, rtol=1e-4)
    assert scores[0, 0, 0].std() > 0.1
    torch.testing.assert_close(rotate(q[:, :, :3], torch.arange(4, 7)), a[:, :, 4:7])
    torch.testing.assert_close(a[:, :, 0], q[:, :, 0])


def test_rotation_against_complex_numbers():
    """RoFormer's own form: pair i at place n is rotated by n / 10000^(2i / D)."""
    x, _, _ = draw(1, 1, 5, 6)
    pairs = torch.complex(*x.double().chunk(2, -1))
    turns = torch.tensor([[n * 10000 ** (-2 * i / 6) for i in range(3)] for n in range(5)], dtype=torch.float64)
    turned = pairs * torch.polar(torch.ones_like(turns), turns)
    expected = torch.cat((turned.real, turned.imag), -1)
    torch.testing.assert_close(rotate(x, torch.arange(5)).double(), expected, atol=1e-6, rtol=1e-6)


def test_rotary_needs_pairs():
    with pytest.raises(BadConfig, match="rotary needs an even width"):
        ModelConfig(width=27, heads=3, positions="rotary")


def test_the_kinds_share_their_weights():
    """A softmax model's weights fit the other kinds; a Performer's random features are not weights."""
    models = {kind: Gpt(replace(TINY, attention=kind)) for kind in KINDS}
    names = {kind: {name for name, _ in model.named_parameters()} for kind, model in models.items()}
    assert names["softmax"] == names["taylor"] == names["performer"]
    missing, unexpected = models["performer"].load_state_dict(models["softmax"].state_dict(), strict=False)
    assert missing == [f"blocks.{i}.attention.kind.rows" for i in range(2)]
    assert not unexpected


def test_exact_attention_without_a_cache_keeps_none():
    q, k, v = draw(1, 1, 4, 8)
    kind = ExactAttention(softmax_attention)
    torch.testing.assert_close(kind(q, k, v), kind(q, k, v, kind.new_cache()))
