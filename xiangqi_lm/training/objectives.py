"""Training objectives: plain functions from the model's output and a batch to one number, and their weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from ..config import TrainConfig
from ..model.gpt import Output
from ..records.loader import IGNORED


class Targets(NamedTuple):
    """What a batch asks of the model, as tensors; `legal` only when a term needs it."""

    moves: Tensor  # int64 [B, T]
    values: Tensor  # int64 [B, T]
    legal: Tensor | None = None  # bool [B, T, 2086]


def lm(output: Output, targets: Targets) -> Tensor:
    """Cross entropy of the move played among all 2,086, in nats a ply."""
    return F.cross_entropy(output.logits.flatten(0, 1).float(), targets.moves.flatten(), ignore_index=IGNORED)


def value(output: Output, targets: Targets) -> Tensor:
    """Cross entropy of the game's result for the mover; zero when no result is known."""
    wanted = targets.values.flatten()
    total = F.cross_entropy(output.value.flatten(0, 1).float(), wanted, ignore_index=IGNORED, reduction="sum")
    return total / (wanted != IGNORED).sum().clamp(min=1)


def legal(output: Output, targets: Targets) -> Tensor:
    """Minus the logarithm of the probability that all legal moves have together, in nats a ply."""
    assert targets.legal is not None
    counted = targets.moves != IGNORED
    logits, allowed = output.logits[counted].float(), targets.legal[counted]  # padding has no legal move: no gradient
    return (logits.logsumexp(-1) - logits.masked_fill(~allowed, -math.inf).logsumexp(-1)).mean()


TERMS: dict[str, Callable[[Output, Targets], Tensor]] = {"lm": lm, "value": value, "legal": legal}


def weights(config: TrainConfig) -> dict[str, float]:
    """The terms of a run and their weights; terms of weight 0 are left out."""
    chosen = {"lm": 1.0, "value": config.value_weight, "legal": config.legal_weight}
    return {name: weight for name, weight in chosen.items() if weight}


def total(output: Output, targets: Targets, chosen: dict[str, float]) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum and each term's own value."""
    parts = {name: TERMS[name](output, targets) for name in chosen}
    whole = torch.stack([chosen[name] * part for name, part in parts.items()]).sum()
    return whole, {name: part.detach() for name, part in parts.items()}
