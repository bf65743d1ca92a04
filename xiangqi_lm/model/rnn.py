"""Recurrent layers in place of attention: simple RNN, LSTM, GRU, and a cell with gated output.

Each column is computed from the state after the column before, so a game of any length needs constant memory. Written
out, with a = W x + U h + b for each gate, σ the logistic function and * elementwise:

    rnn           h' = tanh(a)
    lstm          c' = σ(f) * c + σ(i) * tanh(g),   h' = σ(o) * tanh(c')        (Hochreiter and Schmidhuber 1997)
    gru           h' = (1 - z) * h + z * tanh(W x + r * U h + b)                (Cho et al. 2014; r as in cuDNN)
    output_gated  c' = (1 - z) * c + z * tanh(a),   h' = r * c'                 (kexue.fm, archive 7888)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import ModelConfig
from .device import product_dtype

# ------------------------------------------------------------------------------------------------ cells


class Step(NamedTuple):
    """The state of a cell after one column; each float32 [..., D]."""

    h: Tensor  # the layer's output
    c: Tensor | None  # state carried beside the output; None where a cell carries its output alone
    gates: tuple[Tensor, ...]  # in the order of the cell's parts, the candidate last


class Cell(NamedTuple):
    """A kind of cell."""

    parts: int  # products per unit: G
    carries: bool  # whether there is a c
    step: Callable[[Tensor, Tensor, Tensor, Any], Step]  # of W x + b and U h [..., G * D], h and c [..., D]
    open_part: int | None = None  # the part whose bias starts at 1: the forget gate


def _rnn(x: Tensor, u: Tensor, h: Tensor, c: None) -> Step:
    return Step((x + u).tanh(), None, ())


def _lstm(x: Tensor, u: Tensor, h: Tensor, c: Tensor) -> Step:
    a, three = x + u, 3 * h.shape[-1]
    i, f, o = a[..., :three].sigmoid().chunk(3, -1)
    n = a[..., three:].tanh()
    c = f * c + i * n
    return Step(o * c.tanh(), c, (i, f, o, n))


def _gru(x: Tensor, u: Tensor, h: Tensor, c: None) -> Step:
    two = 2 * h.shape[-1]
    z, r = (x[..., :two] + u[..., :two]).sigmoid().chunk(2, -1)
    n = torch.addcmul(x[..., two:], r, u[..., two:]).tanh()
    return Step(torch.lerp(h, n, z), None, (z, r, n))


def _output_gated(x: Tensor, u: Tensor, h: Tensor, c: Tensor) -> Step:
    a, two = x + u, 2 * h.shape[-1]
    z, r = a[..., :two].sigmoid().chunk(2, -1)
    n = a[..., two:].tanh()
    c = torch.lerp(c, n, z)
    return Step(r * c, c, (z, r, n))


CELLS = {
    "rnn": Cell(1, False, _rnn),
    "lstm": Cell(4, True, _lstm, open_part=1),
    "gru": Cell(3, False, _gru),
    "output_gated": Cell(3, True, _output_gated),
}


def scan(cell: Cell, x: Tensor, u: Tensor, h: Tensor, c: Tensor | None) -> list[Step]:
    """Return the steps through x = W x + b, float32 [T, ..., G * D], from a state; U is [G * D, D].

    Autograd computes the backward pass. The formulas of `training.diagnostics`, with U's gradient as one product, took
    0.7 to 0.9 of its time but could not be differentiated a second time.
    """
    steps = []
    for column in x.unbind(0):
        steps.append(cell.step(column, F.linear(h.to(u.dtype), u).float(), h, c))
        h, c = steps[-1].h, steps[-1].c
    return steps


# ------------------------------------------------------------------------------------------------ the layer


class RecurrentState:
    """The state of a layer for each row; columns cannot be removed from it again."""

    can_shorten = False

    def __init__(self) -> None:
        self.h: Tensor | None = None  # float32 [B, D]
        self.c: Tensor | None = None
        self.length = 0

    def keep(self, rows: Tensor | None, length: int) -> None:
        """Keep the given rows; `length` must be the number of all columns."""
        assert self.h is not None and length == self.length, (length, self.length)
        if rows is not None:
            self.h = self.h.index_select(0, rows)
            self.c = None if self.c is None else self.c.index_select(0, rows)


class Recurrence(nn.Module):
    """A layer of cells over the columns so far, [B, T, width] -> [B, T, width]; states are float32."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.width, self.cell = config.width, CELLS[config.trunk]
        self.inputs = nn.Linear(config.width, self.cell.parts * config.width, bias=False)
        self.recurrent = nn.Parameter(torch.empty(self.cell.parts * config.width, config.width))
        self.bias = nn.Parameter(torch.empty(self.cell.parts * config.width))
        self.out = nn.Linear(config.width, config.width, bias=False)
        self.reset()

    @torch.no_grad()
    def reset(self) -> None:
        """Initialise the weights: gates see inputs and states at unit scale, and each part of U is orthogonal."""
        nn.init.normal_(self.inputs.weight, std=self.width**-0.5)
        for part in self.recurrent.chunk(self.cell.parts):
            nn.init.orthogonal_(part)
        nn.init.zeros_(self.bias)
        if self.cell.open_part is not None:
            self.bias.chunk(self.cell.parts)[self.cell.open_part].fill_(1.0)

    def new_cache(self) -> RecurrentState:
        return RecurrentState()

    def projected(self, x: Tensor) -> Tensor:
        """Return W x + b, time first: [B, T, width] -> float32 [T, B, G * width]."""
        return (self.inputs(x).float() + self.bias.float()).transpose(0, 1)

    def start(self, rows: int, cache: RecurrentState | None = None) -> tuple[Tensor, Tensor | None]:
        """Return the state that a cache holds for that many rows, or an empty one."""
        if cache is not None and cache.h is not None:
            return cache.h, cache.c
        empty = torch.zeros(rows, self.width, device=self.bias.device)
        return empty, empty if self.cell.carries else None

    @torch.compiler.disable
    def forward(self, x: Tensor, cache: RecurrentState | None = None) -> Tensor:
        """Map x [B, T, width] to the same shape; a given cache is read and extended."""
        (h, c), projected = self.start(len(x), cache), self.projected(x)
        u = self.recurrent.to(product_dtype(self.recurrent))
        with torch.autocast(x.device.type, enabled=False):
            steps = scan(self.cell, projected, u, h, c)
            hidden = torch.stack([step.h for step in steps], 1)
        if cache is not None:
            cache.h, cache.c, cache.length = steps[-1].h, steps[-1].c, cache.length + x.shape[1]
        return self.out(hidden.to(x.dtype))
