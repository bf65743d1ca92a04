"""Small pure functions on logits."""

from __future__ import annotations

import functools
import math

import numpy as np
import torch
from torch import Tensor


def masked_log_softmax(logits: Tensor, legal: Tensor) -> Tensor:
    """Return log-probabilities over the legal moves; logits [..., V], legal bool [..., V]; illegal moves are -inf."""
    return torch.log_softmax(logits.float().masked_fill(~legal, -math.inf), -1)


def filter_top_p(probabilities: Tensor, top_p: float) -> Tensor:
    """Keep the smallest set of likeliest moves whose mass reaches `top_p` (Holtzman et al. 2019), renormalised.

    probabilities [..., V]; the likeliest move is always kept.
    """
    ordered, order = probabilities.sort(-1, descending=True)
    before = ordered.cumsum(-1) - ordered  # the mass of all likelier moves
    kept = torch.where((before < top_p) | (before == 0), ordered, 0.0)
    return torch.zeros_like(probabilities).scatter(-1, order, kept / kept.sum(-1, keepdim=True))


def sharpen(log_probabilities: Tensor, temperature: float, taylor: int = 0) -> Tensor:
    """Return probabilities at a temperature: 1 leaves them unchanged, 0 puts all mass on the likeliest.

    With `taylor`, an even order, the monotone Taylor polynomial of that order replaces exp. Unlike exp it depends on
    the offset of its arguments: they are 0 at the probability of a uniform draw, above which it grows more slowly.
    """
    if temperature <= 0:
        best = log_probabilities.argmax(-1, keepdim=True)
        return torch.zeros_like(log_probabilities).scatter(-1, best, 1.0)
    if taylor:
        possible = log_probabilities > -math.inf
        above = log_probabilities + possible.sum(-1, keepdim=True).log()
        return taylor_log_softmax(above / temperature, taylor, possible, monotone=True).exp()
    # so that a tiny temperature does not overflow
    behind = log_probabilities - log_probabilities.amax(-1, keepdim=True)
    return torch.softmax(behind / temperature, -1)


# ------------------------------------------------------------------------------------------------ even Taylor softmax


def _partial_sum(x: float, order: int) -> float:
    """Return 1 + x + ... + x^order / order! by Horner's method."""
    value = 1.0
    for k in range(order, 0, -1):
        value = 1 + x * value / k
    return value


@functools.lru_cache
def taylor_minimum(order: int) -> float:
    """Return the minimum of exp's Taylor polynomial of an even order: the only zero of its derivative, which is the
    polynomial of the order below.
    """
    low, high = -float(order), 0.0  # where the derivative is negative and positive
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _partial_sum(middle, order - 1) < 0 else (low, middle)
    return (low + high) / 2


@functools.lru_cache
def _taylor_roots(order: int) -> tuple[complex, ...]:
    """Return the roots above the real axis of exp's Taylor polynomial of an even order; the rest are their
    conjugates.
    """
    assert order > 0 and order % 2 == 0, order
    coefficients = [math.factorial(order) / math.factorial(k) for k in range(order, -1, -1)]
    return tuple(complex(root) for root in np.roots(coefficients) if root.imag > 0)


def log_taylor(x: Tensor, order: int, monotone: bool = False) -> Tensor:
    """Return log(1 + x + ... + x^order / order!) for an even order, for which it is defined everywhere; in float32 or
    higher.

    It is summed over pairs of conjugate roots a ± ib as log((x - a)² + b²): nothing cancels near the minimum, where
    the polynomial's terms are hundreds of times its value, and nothing overflows. The polynomial rises again left of
    `taylor_minimum`; with `monotone` it is constant there, with gradient 0.
    """
    x = x if x.dtype == torch.float64 else x.float()
    if monotone:
        x = x.clamp(min=taylor_minimum(order))
    total = torch.full_like(x, -math.lgamma(order + 1))
    for root in _taylor_roots(order):
        total = total + ((x - root.real).square() + root.imag**2).log()
    return total


def taylor_log_softmax(x: Tensor, order: int, mask: Tensor | None = None, monotone: bool = False) -> Tensor:
    """Return logarithms of f(x_i) / sum of f(x_j) over the last dimension, where f is exp's Taylor polynomial (arXiv
    2011.11538).

    The result is less peaked than softmax and changes when a constant is added to all x. Entries outside `mask` (bool,
    broadcast) are -inf and get no gradient, whatever their x (-inf as x would make f infinite); so are rows without
    any.
    """
    if mask is None:
        logs = log_taylor(x, order, monotone)
        return logs - logs.logsumexp(-1, keepdim=True)
    logs = log_taylor(x.masked_fill(~mask, 0.0), order, monotone).masked_fill(~mask, -math.inf)
    total = logs.logsumexp(-1, keepdim=True)
    return logs - total.masked_fill(total == -math.inf, 0.0)


def taylor_softmax(x: Tensor, order: int, mask: Tensor | None = None, monotone: bool = False) -> Tensor:
    """Return the distribution with the logarithms of `taylor_log_softmax`: for attention, outputs and sampling.

    Without logarithms it takes half the time. Rows are scaled to at most 1 before powers are taken; the scale cancels.
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
