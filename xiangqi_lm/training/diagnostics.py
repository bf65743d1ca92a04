"""How far back a recurrent layer remembers: a cell's Jacobian in closed form, and the product of Jacobians over time.

With D(v) the diagonal matrix of v, U_g the part of U for gate g, and the rest as in `model.rnn`:

    rnn           dh'/dh = D(1 - h'²) U
    lstm          dc'/dc = D(f),   dc'/dh = D(c f (1-f)) U_f + D(n i (1-i)) U_i + D(i (1-n²)) U_n
                  dh'/d. = D(o (1 - tanh² c')) dc'/d.   and for h also + D(tanh c' o (1-o)) U_o
    gru           dh'/dh = D(1-z) + D((n-h) z (1-z)) U_z + D(z (1-n²)) (D(r) U_n + D(U_n h r (1-r)) U_r)
    output_gated  dc'/dc = D(1-z), dc'/dh = D((n-c) z (1-z)) U_z + D(z (1-n²)) U_n
                  dh'/d. = D(r) dc'/d.                  and for h also + D(c' r (1-r)) U_r

A simple RNN's gradient is a product of matrices bounded by |U|: it vanishes or explodes. The leading term of the others
is a gate, which can stay close to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from ..model.gpt import Gpt, RecurrentBlock
from ..model.inputs import Inputs
from ..model.rnn import CELLS, Recurrence, Step, scan
from .probe import between_layers


def _scaled(v: Tensor, matrix: Tensor) -> Tensor:
    """Return D(v) M: v [N, D], M [D, E] -> [N, D, E]."""
    return v.unsqueeze(-1) * matrix


def _slope(gate: Tensor) -> Tensor:
    """Return the logistic function's derivative, given its value."""
    return gate * (1 - gate)


def jacobian(trunk: str, u: Tensor, made: Step, h: Tensor, c: Tensor | None) -> Tensor:
    """Return the derivative of a cell's step from (h, c), whose result is `made`, for U [G * D, D] and states [N, D].

    It is [N, D, D], or [N, 2D, 2D] in the order h, c where a cell carries a c.
    """
    parts = u.chunk(CELLS[trunk].parts)
    if trunk == "rnn":
        return _scaled(1 - made.h.square(), u)
    if trunk == "gru":
        z, r, n = made.gates
        inner = _scaled(r, parts[2]) + _scaled(F.linear(h, parts[2]) * _slope(r), parts[1])
        candidate = (z * (1 - n.square())).unsqueeze(-1) * inner
        return torch.diag_embed(1 - z) + _scaled((n - h) * _slope(z), parts[0]) + candidate
    assert c is not None and made.c is not None
    if trunk == "lstm":
        i, f, o, n = made.gates
        tanh, kept = made.c.tanh(), f
        c_by_h = _scaled(c * _slope(f), parts[1]) + _scaled(n * _slope(i), parts[0])
        c_by_h = c_by_h + _scaled(i * (1 - n.square()), parts[3])
        passed, opened = o * (1 - tanh.square()), _scaled(tanh * _slope(o), parts[2])
    else:
        z, r, n = made.gates
        kept, passed = 1 - z, r
        c_by_h = _scaled((n - c) * _slope(z), parts[0]) + _scaled(z * (1 - n.square()), parts[2])
        opened = _scaled(made.c * _slope(r), parts[1])
    h_by_h = opened + passed.unsqueeze(-1) * c_by_h
    by_h, by_c = torch.cat((h_by_h, c_by_h), 1), torch.cat((torch.diag_embed(passed * kept), torch.diag_embed(kept)), 1)
    return torch.cat((by_h, by_c), 2)


@dataclass(frozen=True)
class Influence:
    """Spectral norms, geometric means over games: float64 [layers, K], over 1 to K columns."""

    outputs: Tensor  # of dh_t/dh_{t-k}
    carried: Tensor  # of dc_t/dc_{t-k} along all paths; of the outputs where a cell has no c


@torch.no_grad()
def influence(model: Gpt, inputs: Inputs, most: int) -> Influence:
    """Measure the influence of each of the `most` columns before the last of the inputs [B, T, ...], T > most."""
    assert model.config.trunk in CELLS and inputs.tokens.shape[1] > most
    found = []
    for block, x in zip(model.blocks, between_layers(model, inputs), strict=False):
        assert isinstance(block, RecurrentBlock)
        found.append(_norms(block.recurrence, model.config.trunk, block.norm_recurrence(x.float()), most))
    return Influence(*(torch.stack(x) for x in zip(*found, strict=True)))


def _norms(layer: Recurrence, trunk: str, x: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Return the norms for a layer that reads x [B, T, width], for its output and its carried state: [most]."""
    u, first, d = layer.recurrent.float(), layer.start(len(x)), layer.width
    steps = scan(layer.cell, layer.projected(x), u, *first)
    states = [first, *((step.h, step.c) for step in steps)]
    product = torch.eye(d * (1 + layer.cell.carries), device=x.device).expand(len(x), -1, -1)
    found = []
    for t in range(len(steps) - 1, len(steps) - 1 - most, -1):
        product = product @ jacobian(trunk, u, steps[t], *states[t])
        ends = torch.stack((product[:, :d, :d], product[:, -d:, -d:]))  # [2, B, D, D]
        norms = (
            torch.linalg.matrix_norm(ends, 2).double().clamp(min=1e-300)
        )  # so that a vanished one has a logarithm too
        found.append(norms.log().mean(1).exp())
    outputs, carried = torch.stack(found, 1)
    return outputs, carried
