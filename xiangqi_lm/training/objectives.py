"""Training objectives: plain functions from the model's outputs and a batch to one number, and their weighted sum."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from ..config import TrainConfig
from ..dataset.loader import IGNORED
from ..model.functional import masked_log_softmax
from ..model.gpt import Output


class Targets(NamedTuple):
    """The targets of a batch, as tensors; `legal` only when a term needs it.

    `sizes` divide the sums over plies: the total weight of the plies, their number, and that of known results. A batch
    that is a part of a step has those of the whole step; without them every term is a mean.
    """

    moves: Tensor  # int64 [B, T], tokens; IGNORED where there is no target
    values: Tensor  # int64 [B, T], or float32 [B, T, 3]: win, draw and loss, zeros where there is no target
    legal: Tensor | None = None  # bool [B, T, V]
    weights: Tensor | None = None  # float32 [B, T]: weight of each column's token in the terms on moves played
    ranked: Tensor | None = None  # int64 [B, T, K], tokens of a teacher's moves; IGNORED where it named fewer
    shares: Tensor | None = None  # float32 [B, T, K]: their probabilities; all 0 where the teacher has no answer
    sizes: tuple[float, float, float] | None = None

    def size(self, which: int) -> float | Tensor:
        """Return the divisor for weighted plies (0), plies (1) or results (2)."""
        if self.sizes is not None:
            return self.sizes[which]
        if which == 2:
            return (self.values if self.values.is_floating_point() else self.values != IGNORED).sum().clamp(min=1)
        counted = self.moves != IGNORED
        return (counted if which or self.weights is None else self.weights * counted).sum().clamp(min=1e-9)


Outputs = Sequence[Output]  # of the model, and of its further passes over its own outputs (see teaforn.py)
Term = Callable[[Outputs, Targets, TrainConfig], Tensor]


# ------------------------------------------------------------------------------------------------ terms


def _played(losses: Tensor, targets: Targets) -> Tensor:
    """Return the weighted mean of losses [B * T] of the moves played."""
    if targets.weights is not None:
        losses = losses * targets.weights.flatten()
    return losses.sum() / targets.size(0)


def lm(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return the cross entropy of the move played among all tokens, in nats per ply."""
    logits, wanted = outputs[0].logits.flatten(0, 1).float(), targets.moves.flatten()
    return _played(F.cross_entropy(logits, wanted, ignore_index=IGNORED, reduction="none"), targets)


def legal_only(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return the cross entropy of the move played among the legal moves only, in nats per ply."""
    assert targets.legal is not None
    counted = targets.moves != IGNORED
    log_p = masked_log_softmax(outputs[0].logits[counted], targets.legal[counted])
    losses = torch.zeros(targets.moves.shape, device=log_p.device)
    losses[counted] = -log_p.gather(-1, targets.moves[counted].unsqueeze(-1)).squeeze(-1)
    return _played(losses.flatten(), targets)


def teaforn(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return `lm` of the passes after the first, each weighted `teaforn.decay` times the one before (2010.03494)."""
    losses = [config.teaforn.decay**i * lm(outputs[i:], targets, config) for i in range(1, len(outputs))]
    return torch.stack(losses).sum() if losses else outputs[0].logits.new_zeros(())


def smooth(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return the cross entropy of a uniformly drawn legal move, in nats per ply: with weight w beside (1 - w) lm, this
    is label smoothing.
    """
    assert targets.legal is not None
    counted = targets.moves != IGNORED
    allowed = targets.legal[counted]
    log_p = outputs[0].logits[counted].float().log_softmax(-1)
    losses = torch.zeros(targets.moves.shape, device=log_p.device)
    losses[counted] = -(log_p * allowed).sum(-1) / allowed.sum(-1)
    return _played(losses.flatten(), targets)


def ranked(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return the cross entropy of the soft target over a teacher's moves, in nats per ply; 0 where the teacher has no
    answer.
    """
    if targets.ranked is None or targets.shares is None:
        return outputs[0].logits.new_zeros(())
    asked = targets.shares.any(-1)
    log_p = outputs[0].logits[asked].float().log_softmax(-1).gather(-1, targets.ranked[asked].clamp(min=0))
    return -(log_p * targets.shares[asked]).sum() / targets.size(0)


def legal(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return minus the logarithm of the total probability of all legal moves, in nats per ply."""
    assert targets.legal is not None
    counted = targets.moves != IGNORED  # padding has no legal moves
    logits, allowed = outputs[0].logits[counted].float(), targets.legal[counted]
    return (logits.logsumexp(-1) - logits.masked_fill(~allowed, -math.inf).logsumexp(-1)).sum() / targets.size(1)


def value(outputs: Outputs, targets: Targets, config: TrainConfig) -> Tensor:
    """Return the cross entropy of the result for the side to move, or of win, draw and loss; zero when neither is
    known.
    """
    logits = outputs[0].value.flatten(0, 1).float()
    if targets.values.is_floating_point():
        losses = F.cross_entropy(logits, targets.values.flatten(0, 1), reduction="none")
    else:
        losses = F.cross_entropy(logits, targets.values.flatten(), ignore_index=IGNORED, reduction="none")
    return losses.sum() / targets.size(2)


TERMS: dict[str, Term] = {
    "lm": lm,
    "legal_only": legal_only,
    "teaforn": teaforn,
    "taylor": lm,  # of a model with a Taylor softmax output, which a run with this term has
    "smooth": smooth,
    "ranked": ranked,
    "legal": legal,
    "value": value,
}
SIZE_OF = {"legal": 1, "value": 2, "vat": 1}  # the divisor of a term, see Targets.sizes; by default 0
OF_PLAY = {"lm", "legal_only", "teaforn", "taylor", "smooth"}  # terms on the moves played
WANTS_LEGAL = {"legal", "legal_only", "smooth"}
FUSED = {"lm", "ranked", "smooth", "legal"}  # terms that `policy` computes together, if legal is chosen


# ------------------------------------------------------------------------------------------------ policy terms, fused


class _PolicyLoss(torch.autograd.Function):
    """The cross entropy of weighted tokens and the terms legal and smooth, with their gradients, in one pass over
    pieces of the logits that fit into the cache."""

    @staticmethod
    def forward(
        ctx: Any,
        logits: Tensor,
        tokens: Tensor,
        allowed: Tensor,
        scales: Tensor,
        legal_scales: Tensor,
        even_scales: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Map logits [N, V], tokens int64 [N, K], allowed bool [N, V], scales [N, K], legal_scales [N] and even_scales
        [N] to the sum, -log p of the tokens [N, K], -log p of the allowed set [N], and the mean of -log p over it [N].

        The sum weighs -log p of each token by its scale, and the figures of the allowed set by theirs; where a scale is
        0 the token and the allowed set may be anything. Without `even_scales` the last is 0.
        """
        piece = 128 if logits.device.type == "cpu" else 8192  # 128 x 2086 floats are 1 MiB
        gradient = torch.empty_like(logits)
        losses, outside, even = torch.zeros_like(scales), torch.zeros_like(legal_scales), torch.zeros_like(legal_scales)
        for first in range(0, len(logits), piece):
            rows = slice(first, first + piece)
            a, b = scales[rows].sum(-1, keepdim=True), legal_scales[rows].unsqueeze(-1)
            log_p = logits[rows].float().log_softmax(-1)
            p = log_p.exp()
            inside = p * allowed[rows]
            mass = inside.sum(-1, keepdim=True).clamp(min=1e-30)
            losses[rows] = -log_p.gather(-1, tokens[rows]) * (scales[rows] != 0)
            outside[rows] = -mass.log().squeeze(-1) * (legal_scales[rows] != 0)
            inside.mul_(b / mass)
            if even_scales is not None:
                c, share = even_scales[rows].unsqueeze(-1), allowed[rows].to(p.dtype)
                share /= share.sum(-1, keepdim=True).clamp(min=1)
                even[rows] = -(log_p * share).sum(-1)
                inside.add_(share * c)
                a = a + c
            p.mul_(a + b).sub_(inside)
            p.scatter_add_(-1, tokens[rows], -scales[rows])
            gradient[rows] = p
        ctx.save_for_backward(gradient)
        ctx.mark_non_differentiable(losses, outside, even)
        whole = (losses.double() * scales.double()).sum() + outside.double() @ legal_scales.double()
        if even_scales is not None:
            whole = whole + even.double() @ even_scales.double()
        return whole.float(), losses, outside, even

    @staticmethod
    @once_differentiable  # the saved gradient is a constant to autograd
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (gradient,) = ctx.saved_tensors
        return gradient * grads[0].to(gradient.dtype), None, None, None, None, None


def policy(output: Output, targets: Targets, chosen: Mapping[str, float]) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the weighted sum of the terms FUSED (differentiable), and each of those chosen: three times as fast as
    separate terms."""
    assert targets.legal is not None
    moves = targets.moves.flatten()
    counted = moves != IGNORED
    weights = counted.float() if targets.weights is None else targets.weights.flatten() * counted
    tokens, scales = [moves.unsqueeze(-1)], [(weights * chosen.get("lm", 0.0)).unsqueeze(-1)]
    if targets.ranked is not None and targets.shares is not None and "ranked" in chosen:
        tokens.append(targets.ranked.flatten(0, 1))
        scales.append(targets.shares.flatten(0, 1) * chosen["ranked"])
    whole, losses, outside, even = _PolicyLoss.apply(
        output.logits.flatten(0, 1),
        torch.cat(tokens, -1).clamp(min=0),
        targets.legal.flatten(0, 1),
        torch.cat(scales, -1) / targets.size(0),
        counted * (chosen["legal"] / targets.size(1)),
        weights * (chosen["smooth"] / targets.size(0)) if "smooth" in chosen else None,
    )
    parts = {"legal": outside.sum() / targets.size(1)}
    if "lm" in chosen:
        parts["lm"] = (losses[:, 0] * weights).sum() / targets.size(0)
    if "smooth" in chosen:
        parts["smooth"] = (even * weights).sum() / targets.size(0)
    if len(scales) > 1 and targets.shares is not None:
        parts["ranked"] = (losses[:, 1:] * targets.shares.flatten(0, 1)).sum() / targets.size(0)
    return whole, parts


# ------------------------------------------------------------------------------------------------ the sum


def chosen_terms(config: TrainConfig) -> dict[str, float]:
    """Return the terms of a run and their weights, without those of weight 0."""
    return {name: weight for name in TERMS if (weight := getattr(config.terms, name))}


def total(outputs: Outputs, targets: Targets, config: TrainConfig) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the weighted sum and the value of each term."""
    chosen = chosen_terms(config)
    idle = set() if targets.ranked is not None else {"ranked"}
    if targets.weights is not None and not targets.weights.any():
        idle |= OF_PLAY
    chosen = {name: weight for name, weight in chosen.items() if name not in idle}
    parts: dict[str, Tensor] = {}
    sums = []
    fused = not config.regularisers.penalty_exact  # an exact penalty differentiates twice
    if fused and "legal" in chosen and chosen.keys() & (FUSED - {"legal"}):
        whole, parts = policy(outputs[0], targets, chosen)
        sums.append(whole)
    for name, weight in chosen.items():
        if name not in parts:
            parts[name] = TERMS[name](outputs, targets, config)
            sums.append(weight * parts[name])
    whole = torch.stack(sums).sum() if sums else outputs[0].logits.sum() * 0
    return whole, {name: part.detach() for name, part in parts.items()}
