"""Encoded problems as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .questions import MOST
from .vocabulary import HIDDEN, NUMBER, PAD, Columns, Example

ALTERNATIVES = 6  # the most outputs that can be right in one step
NONE = -1


class Batch(NamedTuple):
    """Rows of problems on one device."""

    tokens: Tensor  # int64 [B, T]
    places: Tensor  # these three: the same, for numbers
    kinds: Tensor
    sizes: Tensor
    prefixes: Tensor  # int64 [B]: columns of each question, including START
    numbers: Tensor  # int64 [B, MOST]: columns of the question's numbers, padded with NONE
    targets: Tensor  # int64 [B, E, ALTERNATIVES]: right outputs of each step, padded with NONE

    def to(self, device: str) -> Batch:
        moved = [t.to(device) for t in self]
        return Batch(moved[0], moved[1], moved[2], moved[3], moved[4], moved[5], moved[6])


def _padded(rows: Sequence[Sequence[int]], fill: int, width: int) -> Tensor:
    return torch.tensor([[*row, *[fill] * (width - len(row))] for row in rows], dtype=torch.int64)


def _rounded(size: int, unit: int) -> int:
    """Return the next multiple: on a CPU, bf16 kernels are prepared once for each shape."""
    return -(-size // unit) * unit


def of_examples(examples: Sequence[Example]) -> Batch:
    """Return examples as one batch, padded on the right."""
    width = _rounded(max(len(e.columns.tokens) for e in examples), 8)
    tokens, places, kinds, sizes = (_padded([e.columns[i] for e in examples], PAD, width) for i in range(4))
    steps = _rounded(max(len(e.targets) for e in examples), 4)
    targets = torch.full((len(examples), steps, ALTERNATIVES), NONE)
    for i, example in enumerate(examples):
        for j, right in enumerate(example.targets):
            targets[i, j, : len(right)] = torch.tensor(right[:ALTERNATIVES])
    prefixes = torch.tensor([e.prefix for e in examples])
    numbers = _padded([e.numbers for e in examples], NONE, MOST)
    return Batch(tokens, places, kinds, sizes, prefixes, numbers, targets)


def of_questions(questions: Sequence[tuple[Columns, tuple[int, ...]]]) -> Batch:
    """Return questions alone as one batch, without targets."""
    examples = [Example(columns, len(columns.tokens), numbers, ((0,),)) for columns, numbers in questions]
    return of_examples(examples)


def hide(batch: Batch, share: float, first_character: int) -> tuple[Batch, Tensor]:
    """Return the batch with a share of the questions' characters hidden, and bool [B, T] marking them.

    They are drawn from torch's own generator; numbers, and everything from START on, stay.
    """
    inside = torch.arange(batch.tokens.shape[1], device=batch.tokens.device) < batch.prefixes.unsqueeze(1) - 1
    chosen = (torch.rand(batch.tokens.shape, device=batch.tokens.device) < share) & inside
    chosen &= (batch.tokens >= first_character) & (batch.tokens != NUMBER)
    return batch._replace(tokens=batch.tokens.masked_fill(chosen, HIDDEN)), chosen


def expression_columns(batch: Batch) -> Tensor:
    """Return int64 [B, E]: the column that predicts each step of the expression, START's first."""
    steps = torch.arange(batch.targets.shape[1], device=batch.tokens.device)
    return (batch.prefixes.unsqueeze(1) - 1 + steps).clamp(max=batch.tokens.shape[1] - 1)


__all__ = ["ALTERNATIVES", "NONE", "Batch", "expression_columns", "hide", "of_examples", "of_questions"]
