"""The sequential probability ratio test: play until one of two hypotheses about the Elo difference can be rejected.

The generalised test (GSPRT) with the exact likelihood ratio of a multinomial, over games (loss, draw, win) or over
pairs of games (five scores): M. Van den Bergh, "The Generalized Sequential Probability Ratio Test for LLR's", 2020.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Model = Literal["logistic", "normalized"]
# Elo per standard deviation of a game's score, so that both kinds of Elo agree without draws
NORMALIZED = 800 / math.log(10)
_ABSENT = 1e-3  # the count for a score that never occurred: keeps the ratio finite when everything is won or lost
_TINY = 1e-12


@dataclass(frozen=True)
class Sprt:
    """H0: the first player is `elo0` better; H1: it is `elo1` better.

    `alpha` and `beta` are the probabilities of accepting H1 although H0 holds, and H0 although H1 does. `model` is the
    kind of Elo: logistic, or normalized (in standard deviations of a game's score, 347.4 Elo each).
    """

    elo0: float
    elo1: float
    alpha: float = 0.05
    beta: float = 0.05
    model: Model = "logistic"

    @property
    def bounds(self) -> tuple[float, float]:
        """Return the log-likelihood ratios at which H0 and H1 are accepted."""
        return math.log(self.beta / (1 - self.alpha)), math.log((1 - self.beta) / self.alpha)

    def llr(self, counts: Sequence[int]) -> float:
        """Return the log-likelihood ratio of H1 to H0; `counts` are losses, draws and wins, or the five scores of
        pairs.
        """
        if not sum(counts):
            return 0.0
        weights = [count or _ABSENT for count in counts]
        total = sum(weights)
        shares = [weight / total for weight in weights]
        scores = [i / (len(counts) - 1) for i in range(len(counts))]
        under = [self._likeliest(scores, shares, elo) for elo in (self.elo0, self.elo1)]
        return total * sum(p * math.log(p1 / p0) for p, p0, p1 in zip(shares, *under, strict=True))

    def decision(self, llr: float) -> str:
        """Return `"H0"`, `"H1"` or `"continue"`."""
        low, high = self.bounds
        return "H1" if llr >= high else "H0" if llr <= low else "continue"

    def _likeliest(self, scores: list[float], shares: list[float], elo: float) -> list[float]:
        """Return the likeliest probabilities of the scores for a difference of `elo`."""
        if self.model == "logistic":
            mean = 1 / (1 + 10 ** (-elo / 400))
            return _tilted([score - mean for score in scores], shares)
        games = len(scores) // 2  # per observation: 1, or 2 for pairs, whose mean varies less
        return _with_ratio(scores, shares, elo / NORMALIZED * math.sqrt(games))


def _tilted(values: list[float], shares: list[float]) -> list[float]:
    """Return the probabilities that make the observed shares likeliest while `values` have the mean 0; some values must
    be below 0 and some above.

    Lagrange: p = share / (1 + t value), where t is the root of a decreasing function between two poles.
    """
    low, high = -1 / max(values) + _TINY, -1 / min(values) - _TINY
    for _ in range(200):
        middle = (low + high) / 2
        if sum(p * value / (1 + middle * value) for p, value in zip(shares, values, strict=True)) > 0:
            low = middle
        else:
            high = middle
    tilt = (low + high) / 2
    chances = [p / (1 + tilt * value) for p, value in zip(shares, values, strict=True)]
    return [p / sum(chances) for p in chances]


def _with_ratio(scores: list[float], shares: list[float], ratio: float) -> list[float]:
    """Return the likeliest probabilities for which (mean - 1/2) / deviation is `ratio`.

    The condition is not linear in the probabilities; it is linearised around the last answer until nothing changes.
    """
    chances = [1 / len(scores)] * len(scores)
    for _ in range(100):
        mean = sum(p * score for p, score in zip(chances, scores, strict=True))
        deviation = math.sqrt(sum(p * (score - mean) ** 2 for p, score in zip(chances, scores, strict=True)))
        slopes = [
            score - 0.5 - ratio * deviation * (1 + ((score - mean) / deviation) ** 2) / 2 for score in scores
        ]  # the condition's gradient, shifted so that its mean is the condition itself
        if min(slopes) >= 0 or max(slopes) <= 0:  # a difference too large for linear steps
            break
        before, chances = chances, _tilted(slopes, shares)
        if max(abs(p - q) for p, q in zip(before, chances, strict=True)) < 1e-9:
            break
    return chances
