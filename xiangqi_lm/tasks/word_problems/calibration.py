"""How far an answer can be trusted: the probability that it is right, by logistic regression on what is known of it.

The probability of an expression alone is too high on questions unlike those of the training; how well the model guesses
hidden characters of a question says how unlike they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import torch

from ...errors import BadCheckpoint
from ...model.device import autocast
from .batches import of_questions
from .model import Solver, prefix_mask
from .objective import rows_of
from .questions import Question
from .vocabulary import HIDDEN, NUMBER

PASSES = 5  # each hides another fifth of the characters
CERTAIN = 8.0  # log odds are cut here
RIDGE = 0.02  # weight of the penalty, an example's loss being 1


@dataclass(frozen=True)
class Evidence:
    """What is known of an answer."""

    votes: float  # log odds of its probability among the hypotheses
    unused: float  # share of the question's numbers that the expressions leave out
    operations: float  # number of operators, logarithm of one more
    denominator: float  # of the values, the largest, logarithm: answers of a school book come out even
    surprise: float  # mean negative log-probability of the question's characters when they are hidden


FEATURES = tuple(field.name for field in fields(Evidence))


def log_odds(probability: float) -> float:
    """Return the log odds of a probability, at most CERTAIN either way."""
    edge = 1 / (1 + math.exp(CERTAIN))
    inside = min(max(probability, edge), 1 - edge)
    return math.log(inside / (1 - inside))


@dataclass(frozen=True)
class Calibration:
    """A logistic regression: the probability that an answer is right, given its evidence."""

    bias: float
    weights: tuple[float, ...]

    def probability(self, evidence: Evidence) -> float:
        """Return the probability that an answer is right."""
        score = self.bias + sum(w * getattr(evidence, name) for w, name in zip(self.weights, FEATURES, strict=True))
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, score))))

    def as_json(self) -> dict[str, float]:
        """Return what a model's card holds."""
        found = dict(zip(FEATURES, self.weights, strict=True))
        return {"bias": round(self.bias, 5), **{name: round(weight, 5) for name, weight in found.items()}}


def from_card(card: Mapping[str, object]) -> Calibration | None:
    """Return the calibration of a model's card, None if it has none; raises BadCheckpoint if it is damaged."""
    found = card.get("calibration")
    if found is None:
        return None
    try:
        return Calibration(float(found["bias"]), tuple(float(found[name]) for name in FEATURES))  # type: ignore[index]
    except (KeyError, TypeError, ValueError) as fault:
        raise BadCheckpoint(f"card.json: damaged calibration: {str(found)[:80]}") from fault


def fitted(evidence: Sequence[Evidence], marks: Sequence[bool]) -> Calibration:
    """Return the regression that fits answers that were right or wrong, by Newton's method with a small ridge."""
    rows = torch.tensor([[getattr(e, name) for name in FEATURES] for e in evidence], dtype=torch.float64)
    right = torch.tensor(marks, dtype=torch.float64)
    mean, spread = rows.mean(0), rows.std(0, correction=0).clamp(min=1e-6)
    x = torch.cat((torch.ones(len(rows), 1, dtype=torch.float64), (rows - mean) / spread), 1)  # [N, 1 + features]
    penalty = torch.full((x.shape[1],), RIDGE * len(rows), dtype=torch.float64)
    penalty[0] = 1e-6  # the bias is free, but for answers that are all right or all wrong
    w = torch.zeros(x.shape[1], dtype=torch.float64)
    for _ in range(30):
        p = (x @ w).sigmoid()
        gradient = x.T @ (p - right) + penalty * w
        curvature = (x * (p * (1 - p)).unsqueeze(1)).T @ x + torch.diag(penalty)
        w = (w - torch.linalg.solve(curvature, gradient)).clamp(-12, 12)
    weights = w[1:] / spread
    return Calibration(float(w[0] - (weights * mean).sum()), tuple(weights.tolist()))


@torch.no_grad()
def surprise(model: Solver, questions: Sequence[Question], precision: str = "float32") -> list[float]:
    """Return for each question the mean negative log-probability of its characters when they are hidden."""
    device = str(next(model.parameters()).device)
    batch = of_questions([model.vocabulary.question(q) for q in questions]).to(device)
    columns = torch.arange(batch.tokens.shape[1], device=device)
    inside = columns < batch.prefixes.unsqueeze(1) - 1
    characters = inside & (batch.tokens >= model.vocabulary.characters_from) & (batch.tokens != NUMBER)
    total = torch.zeros(len(questions), device=device)
    for turn in range(PASSES):
        chosen = characters & (columns % PASSES == turn)
        shown = batch._replace(tokens=batch.tokens.masked_fill(chosen, HIDDEN))
        with autocast(device, precision):
            hidden = model.encode(rows_of(shown), prefix_mask(batch.prefixes, len(columns)))
            guesses = model.hidden_characters(hidden[chosen]).log_softmax(-1)
        found = torch.zeros(batch.tokens.shape, device=device)
        found[chosen] = -guesses.gather(1, batch.tokens[chosen].unsqueeze(1)).squeeze(1).float()
        total += found.sum(1)
    counts = characters.sum(1)
    return [float(t / c) if c else CERTAIN for t, c in zip(total, counts, strict=True)]
