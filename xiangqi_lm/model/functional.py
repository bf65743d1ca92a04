"""Small pure functions on logits."""

from __future__ import annotations

import functools
import math

import numpy as np
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
    kept = torch.where((before < top_p) | (before == 0), ordered, 0.0)
    return torch.zeros_like(probabilities).scatter(-1, order, kept / kept.sum(-1, keepdim=True))


def sharpen(log_probabilities: Tensor, temperature: float, taylor: int = 0) -> Tensor:
    """Return probabilities at a temperature: 1 as they are, towards 0 the likeliest alone; 0 itself is exactly that.

    With `taylor` an even order, the monotone Taylor sum of that order takes the place of exp. It is not blind to a
    constant added to all its arguments: these are 0 for the probability of an even draw, above which it grows slower.
    """
    if temperature <= 0:
        best = log_probabilities.argmax(-1, keepdim=True)
        return torch.zeros_like(log_probabilities).scatter(-1, best, 1.0)
    if taylor:
        possible = log_probabilities > -math.inf
        above = log_probabilities + possible.sum(-1, keepdim=True).log()
        return taylor_log_softmax(above / temperature, taylor, possible, monotone=True).exp()
    behind = log_probabilities - log_probabilities.amax(-1, keepdim=True)  # a tiny temperature must not overflow all
    return torch.softmax(behind / temperature, -1)


# ------------------------------------------------------------------------------------------------ even Taylor softmax


def _partial_sum(x: float, order: int) -> float:
    """1 + x + ... + x^order / order!, Horner's way."""
    value = 1.0
    for k in range(order, 0, -1):
        value = 1 + x * value / k
    return value


@functools.lru_cache
def taylor_minimum(order: int) -> float:
    """Return where the partial sum of exp of an even order is least: the one zero of its derivative, the sum of one
    less.
    """
    low, high = -float(order), 0.0  # the derivative's signs there are - and +
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _partial_sum(middle, order - 1) < 0 else (low, middle)
    return (low + high) / 2


@functools.lru_cache
def _taylor_roots(order: int) -> tuple[complex, ...]:
    """The roots above the real line of the partial sum of exp of an even order; the others are their conjugates."""
    assert order > 0 and order % 2 == 0, order
    coefficients = [math.factorial(order) / math.factorial(k) for k in range(order, -1, -1)]
    return tuple(complex(root) for root in np.roots(coefficients) if root.imag > 0)


def log_taylor(x: Tensor, order: int, monotone: bool = False) -> Tensor:
    """Return log(1 + x + ... + x^order / order!) for an even order, where that is positive everywhere; at least
    float32.

    A sum over pairs of conjugate roots a ± ib of log((x - a)² + b²): nothing cancels near the minimum, where the terms
    of the sum are hundreds of times its value, and nothing overflows. The sum grows again left of `taylor_minimum`;
    `monotone` keeps it constant there, with gradient 0.
    """
    x = x if x.dtype == torch.float64 else x.float()
    if monotone:
        x = x.clamp(min=taylor_minimum(order))
    total = torch.full_like(x, -math.lgamma(order + 1))
    for root in _taylor_roots(order):
        total = total + ((x - root.real).square() + root.imag**2).log()
    return total


def taylor_log_softmax(x: Tensor, order: int, mask: Tensor | None = None, monotone: bool = False) -> Tensor:
    """Return logarithms of f(x_i) / sum of f(x_j) over the last dimension, f being exp's partial sum (arXiv
    2011.11538).

    Less sure of itself than softmax, and not blind to a constant added to all. Entries outside `mask` (bool, broadcast)
    are -inf and get no gradient, whatever their x; -inf for x instead would make f infinite. Rows with none are -inf.
    """
    if mask is None:
        logs = log_taylor(x, order, monotone)
        return logs - logs.logsumexp(-1, keepdim=True)
    logs = log_taylor(x.masked_fill(~mask, 0.0), order, monotone).masked_fill(~mask, -math.inf)
    total = logs.logsumexp(-1, keepdim=True)
    return logs - total.masked_fill(total == -math.inf, 0.0)


def taylor_softmax(x: Tensor, order: int, mask: Tensor | None = None, monotone: bool = False) -> Tensor:
    """Return the distribution whose logarithms are `taylor_log_softmax`: in attention, as an output, to sample from.

    Without logarithms it takes half the time. Rows are scaled to 1 or less before their powers are taken: that cancels.
    """
    x = x if x.dtype == torch.float64 else x.float()
    if mask is not None:
        x = x.masked_fill(~mask, 0.0)
    if monotone:
        x = x.clamp(min=taylor_minimum(order))
    size = x.detach().abs().amax(-1, keepdim=True).clamp(min=1.0)
    x = x / size
    pairs = [(x - root.real / size).square() + (root.imag / size).square() for root in _taylor_roots(order)]
    value = functools.reduce(torch.mul, pairs)
    if mask is not None:
        value = value.masked_fill(~mask, 0.0)
    total = value.sum(-1, keepdim=True)
    return value / total.masked_fill(total == 0, 1.0)
