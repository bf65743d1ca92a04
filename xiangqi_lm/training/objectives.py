"""Training objectives: plain functions from the model's output and a batch to one number, and their weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

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


# ------------------------------------------------------------------------------------------------ terms


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


# ------------------------------------------------------------------------------------------------ both policy terms


class _PolicyLoss(torch.autograd.Function):
    """lm + weight * legal and its gradient in one pass over cache-sized pieces of the logits."""

    ROWS = 128  # 128 x 2086 floats are 1 MiB

    @staticmethod
    def forward(ctx: Any, logits: Tensor, moves: Tensor, allowed: Tensor, weight: float) -> tuple[Tensor, Tensor]:
        """logits [N, V], moves int64 [N], allowed bool [N, V] -> (lm, legal), both means over counted rows."""
        counted = moves != IGNORED
        count = int(counted.sum())
        gradient = torch.empty_like(logits)
        sums = torch.zeros(2, dtype=torch.float64)
        for first in range(0, len(logits), _PolicyLoss.ROWS):
            rows = slice(first, first + _PolicyLoss.ROWS)
            keep = counted[rows].unsqueeze(-1)
            target = moves[rows].clamp(min=0).unsqueeze(-1)
            log_p = logits[rows].float().log_softmax(-1)
            p = log_p.exp()
            inside = p * allowed[rows]
            mass = inside.sum(-1, keepdim=True).clamp(min=1e-30)
            sums[0] -= (log_p.gather(-1, target) * keep).sum().double()
            sums[1] -= (mass.log() * keep).sum().double()
            p.mul_(1 + weight).sub_(inside.mul_(weight / mass))
            p.scatter_add_(-1, target, torch.full_like(mass, -1.0))
            gradient[rows] = p.mul_(keep / count)
        ctx.save_for_backward(gradient)
        lm_loss, legal_loss = (sums / count).to(torch.float32).unbind()
        ctx.mark_non_differentiable(legal_loss)
        return lm_loss + weight * legal_loss, legal_loss

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grads[0].to(gradient.dtype), None, None, None


def policy(output: Output, targets: Targets, weight: float) -> tuple[Tensor, Tensor, Tensor]:
    """`lm + weight * legal` (differentiable), lm and legal; on a CPU three times as fast as the two terms apart."""
    assert targets.legal is not None
    whole, legal_loss = _PolicyLoss.apply(
        output.logits.flatten(0, 1), targets.moves.flatten(), targets.legal.flatten(0, 1), weight
    )
    return whole, (whole - weight * legal_loss).detach(), legal_loss


# ------------------------------------------------------------------------------------------------ the sum


def weights(config: TrainConfig) -> dict[str, float]:
    """The terms of a run and their weights; terms of weight 0 are left out."""
    chosen = {"lm": 1.0, "value": config.value_weight, "legal": config.legal_weight}
    return {name: weight for name, weight in chosen.items() if weight}


def total(output: Output, targets: Targets, chosen: dict[str, float]) -> tuple[Tensor, dict[str, Tensor]]:
    """The weighted sum and each term's own value."""
    parts: dict[str, Tensor] = {}
    sums = []
    rest = dict(chosen)
    if output.logits.device.type == "cpu" and chosen.get("lm") == 1.0 and "legal" in chosen:
        whole, parts["lm"], parts["legal"] = policy(output, targets, chosen["legal"])
        sums.append(whole)
        rest = {name: weight for name, weight in chosen.items() if name not in parts}
    for name, weight in rest.items():
        parts[name] = TERMS[name](output, targets)
        sums.append(weight * parts[name])
    return torch.stack(sums).sum(), {name: part.detach() for name, part in parts.items()}
