"""Recurrent trunks: cells compared with torch's own and with formulas, and what decoding needs of every trunk."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from xiangqi_lm.config import MODEL_CHOICES, ModelConfig, TrainConfig
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.rnn import CELLS, Recurrence, scan

TINY = ModelConfig(width=32, layers=2, heads=2, context=64, dropout=0.0, board="none")
D = 7


def layer(trunk: str) -> Recurrence:
    torch.manual_seed(0)
    made = Recurrence(replace(TINY, width=D, heads=1, trunk=trunk))
    for p in made.parameters():
        p.data.normal_(std=0.5)
    return made


def test_every_configured_trunk_is_there():
    assert {"transformer", *CELLS} == set(MODEL_CHOICES["trunk"])


@pytest.mark.parametrize(
    ("trunk", "theirs", "order", "sign"),
    [
        ("rnn", nn.RNN, [0], [1]),
        ("lstm", nn.LSTM, [0, 1, 3, 2], [1, 1, 1, 1]),  # torch's order: i, f, candidate, o
        ("gru", nn.GRU, [1, 0, 2], [1, -1, 1]),  # torch's order: r, z, candidate, with z reversed
    ],
)
def test_cells_are_those_of_torch(trunk, theirs, order, sign):
    mine, other, x = layer(trunk), theirs(D, D, batch_first=True), torch.randn(3, 9, D)
    with torch.no_grad():
        for name, given in (
            ("weight_ih_l0", mine.inputs.weight),
            ("weight_hh_l0", mine.recurrent),
            ("bias_ih_l0", mine.bias),
        ):
            parts = given.chunk(mine.cell.parts)
            getattr(other, name).copy_(torch.cat([s * parts[i] for i, s in zip(order, sign, strict=True)]))
        other.bias_hh_l0.zero_()
        torch.testing.assert_close(mine(x), mine.out(other(x)[0]), atol=1e-5, rtol=1e-5)


def test_the_output_gated_cell_is_its_definition():
    mine, x = layer("output_gated").double(), torch.randn(2, 9, D, dtype=torch.float64)
    w, u, b = (p.detach().chunk(3) for p in (mine.inputs.weight, mine.recurrent, mine.bias))
    h, c, wanted = torch.zeros(2, D).double(), torch.zeros(2, D).double(), []
    for t in range(9):
        a = [x[:, t] @ w[i].T + h @ u[i].T + b[i] for i in range(3)]
        z, r = 1 / (1 + (-a[0]).exp()), 1 / (1 + (-a[1]).exp())
        c = (1 - z) * c + z * a[2].tanh()
        h = r * c
        wanted.append(h)
    with torch.no_grad():
        torch.testing.assert_close(mine(x), mine.out(torch.stack(wanted, 1)), atol=1e-5, rtol=1e-5)


def test_a_fresh_lstm_forgets_little_and_every_part_of_u_is_orthogonal():
    for trunk in CELLS:
        made = Gpt(replace(TINY, trunk=trunk)).blocks[0].recurrence
        for part in made.recurrent.chunk(made.cell.parts):
            torch.testing.assert_close(part @ part.T, torch.eye(32), atol=1e-5, rtol=0)
        parts = made.bias.chunk(made.cell.parts)
        assert [part.unique().tolist() for part in parts] == [
            [float(trunk == "lstm" and i == 1)] for i in range(len(parts))
        ]


# ------------------------------------------------------------------------------------------------ as a trunk


def encode(model: Gpt, tokens: torch.Tensor, cuts: tuple[int, ...] = ()) -> torch.Tensor:
    """Return hidden states, using a cache if the columns come in parts."""
    cache = model.new_cache() if cuts else None
    with torch.no_grad():
        parts = [model.encode(Inputs(part), cache) for part in tokens.tensor_split(cuts, 1)]
    return torch.cat(parts, 1)


@pytest.fixture(params=MODEL_CHOICES["trunk"])
def model(request) -> Gpt:
    torch.manual_seed(0)
    model = Gpt(replace(TINY, trunk=request.param)).eval()
    for p in model.parameters():
        p.data.normal_(std=0.3)
    return model


@pytest.mark.parametrize("cuts", [tuple(range(1, 20)), (1, 3, 5, 12), (7,)])
def test_decoding_in_parts_equals_the_whole(model, cuts):
    tokens = torch.randint(0, 2086, (2, 20))
    torch.testing.assert_close(encode(model, tokens, cuts), encode(model, tokens), atol=2e-5, rtol=2e-5)


def test_every_trunk_remembers_and_none_sees_the_future(model):
    tokens = torch.randint(0, 2086, (2, 20))
    before = encode(model, tokens)
    for changed, first, last in ((slice(12, None), 12, 20), (slice(0, 1), 0, 6)):
        other = tokens.clone()
        other[:, changed] = 5
        after = encode(model, other)
        assert torch.equal(before[:, :first], after[:, :first])
        assert (before[:, first:last] - after[:, first:last]).abs().amax(-1).min() > 1e-6


def test_rows_are_kept_and_the_state_does_not_grow(model):
    tokens, rows = torch.randint(0, 2086, (3, 9)), torch.tensor([2, 0, 2])
    cache = model.new_cache()
    with torch.no_grad():
        model.encode(Inputs(tokens[:, :4]), cache)
        sizes = [sum(x.numel() for x in vars(part).values() if isinstance(x, torch.Tensor)) for part in cache]
        model.encode(Inputs(tokens[:, 4:8]), cache)
        grown = [sum(x.numel() for x in vars(part).values() if isinstance(x, torch.Tensor)) for part in cache]
        for part in cache:
            assert part.length == 8
            part.keep(rows, 8)
        found = model.encode(Inputs(tokens[rows, 8:]), cache)
    torch.testing.assert_close(found, encode(model, tokens)[rows, 8:], atol=2e-5, rtol=2e-5)
    recurrent = model.config.trunk != "transformer"
    assert grown == [n if recurrent else 2 * n for n in sizes]
    if recurrent:
        with pytest.raises(AssertionError):
            cache[0].keep(None, 5)


@pytest.mark.parametrize("trunk", CELLS)
def test_gradients_reach_every_weight_of_a_trunk(trunk):
    model = Gpt(replace(TINY, trunk=trunk))
    model.encode(Inputs(torch.randint(0, 2086, (2, 6)))).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().max() > 0 for p in model.blocks.parameters())


def test_states_stay_float32_with_half_precision_weights():
    cell, u = CELLS["lstm"], torch.randn(4 * D, D).bfloat16()
    step = scan(cell, torch.randn(3, 2, 4 * D), u, torch.zeros(2, D), torch.zeros(2, D))[-1]
    assert step.h.dtype == step.c.dtype == torch.float32


@pytest.mark.parametrize("setting", ["model.attention=performer", "model.attention=taylor", "model.positions=rotary"])
def test_settings_of_attention_are_refused_with_recurrent_cells(setting):
    with pytest.raises(BadConfig, match="without effect"):
        with_settings(TrainConfig(), ["model.trunk=gru", setting])
    with pytest.raises(BadConfig, match="trunk: expected one of transformer"):
        with_settings(TrainConfig(), ["model.trunk=lstn"])
