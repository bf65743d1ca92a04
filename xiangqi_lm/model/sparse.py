"""Sums of the rows of a table that zeros and ones choose: how a board, its pieces' status and its legal moves enter."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .device import gathers, product_dtype


def rows_summed(flags: Tensor, weight: Tensor) -> Tensor:
    """Return the sum of the rows of weight [K, width] that flags bool [..., K] name: [..., width]."""
    dtype = product_dtype(weight)
    if not gathers(weight):
        return flags.to(dtype) @ weight.to(dtype)
    rows, columns = flags.flatten(0, -2).nonzero(as_tuple=True)
    return gathered(rows, columns, flags[..., 0].numel(), weight).view(*flags.shape[:-1], -1)


def gathered(rows: Tensor, columns: Tensor, count: int, weight: Tensor) -> Tensor:
    """Return the sums for `count` rows, [count, width], of what stands in the given columns of each; `rows` ascends."""
    first = torch.searchsorted(rows, torch.arange(count))
    return F.embedding_bag(columns, weight, first, mode="sum").to(product_dtype(weight))
