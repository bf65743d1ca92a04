"""Small pure functions on logits."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def masked_log_softmax(logits: Tensor, legal: Tensor) -> Tensor:
    """Log-probabilities over the legal moves alone; logits [..., V], legal bool [..., V]; illegal ones are -inf."""
    return torch.log_softmax(logits.float().masked_fill(~legal, -math.inf), -1)


def filter_top_p(probabilities: Tensor, top_p: float) -> Tensor:
    """Keep the smallest set of likeliest moves whose mass reaches `top_p` (Holtzman et al. 2019), renormalised.

    probabilities [..., V]; the likeliest move always stays.
    """
    ordered, order = probabilities.sort(-1, descending=True)
    before = ordered.cumsum(-1) - ordered  # mass of the moves likelier than this one
    kept = torch.where(before < top_p, ordered, 0.0)
    return torch.zeros_like(probabilities).scatter(-1, order, kept / kept.sum(-1, keepdim=True))


def sharpen(log_probabilities: Tensor, temperature: float) -> Tensor:
    """Probabilities at a temperature: 1 as they are, towards 0 the likeliest alone; 0 itself is exactly that."""
    if temperature <= 0:
        best = log_probabilities.argmax(-1, keepdim=True)
        return torch.zeros_like(log_probabilities).scatter(-1, best, 1.0)
    behind = log_probabilities - log_probabilities.amax(-1, keepdim=True)  # a tiny temperature must not overflow all
    return torch.softmax(behind / temperature, -1)
