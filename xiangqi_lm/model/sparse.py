"""Sums of the rows of a table selected by zeros and ones: how a board, piece status and legal moves enter the model."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .device import gathers, product_dtype


def rows_summed(flags: Tensor, weight: Tensor) -> Tensor:
    """Return the sum of the rows of weight [K, width] selected by flags bool [..., K]: [..., width]."""
    dtype = product_dtype(weight)
    if not gathers(weight):
        return flags.to(dtype) @ weight.to(dtype)
    rows, columns = flags.flatten(0, -2).nonzero(as_tuple=True)
    return gathered(rows, columns, flags[..., 0].numel(), weight).view(*flags.shape[:-1], -1)


def gathered(rows: Tensor, columns: Tensor, count: int, weight: Tensor) -> Tensor:
    """Return for each of `count` rows the sum of the weight rows in `columns`, [count, width]; `rows` is ascending."""
    first = torch.searchsorted(rows, torch.arange(count))
    if torch.compiler.is_compiling() or not (torch.is_grad_enabled() and weight.requires_grad):
        summed = F.embedding_bag(columns, weight, first, mode="sum")
    else:
        summed = _Gathered.apply(weight, columns, first)
    return summed.to(product_dtype(weight))


class _Gathered(torch.autograd.Function):
    """`embedding_bag`, which torch differentiates only once."""

    @staticmethod
    def forward(ctx: Any, weight: Tensor, columns: Tensor, first: Tensor) -> Tensor:
        ctx.save_for_backward(columns, first)
        ctx.rows = len(weight)
        return F.embedding_bag(columns, weight, first, mode="sum")

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        columns, first = ctx.saved_tensors
        return _Scattered.apply(grads[0], columns, first, ctx.rows), None, None


class _Scattered(torch.autograd.Function):
    """The gradient of `embedding_bag` with respect to its table; linear in the incoming gradient, so its own
    gradient is a gather.
    """

    @staticmethod
    def forward(ctx: Any, grad: Tensor, columns: Tensor, first: Tensor, rows: int) -> Tensor:
        ctx.save_for_backward(columns, first)
        with torch.enable_grad():
            table = grad.new_zeros(rows, grad.shape[1]).requires_grad_()
            (found,) = torch.autograd.grad(F.embedding_bag(columns, table, first, mode="sum"), table, grad)
        return found

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        columns, first = ctx.saved_tensors
        return _Gathered.apply(grads[0], columns, first), None, None, None
