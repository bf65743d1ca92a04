"""Held-out figures of a model: accuracy under the legal mask, bits per move, legality without the mask, value.

Everything is averaged over plies of games from the start position, the model seeing nothing of the future.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import torch

from ..model.gpt import Gpt
from ..model.scoring import score
from ..records.layout import layout_of
from ..records.loader import IGNORED, Batch, make_batch, plan
from ..records.shards import Split

PHASES = {"0-19": (0, 20), "20-59": (20, 60), "60-": (60, 1 << 30)}  # plies


@dataclass
class Tally:
    """Sums over plies."""

    plies: int = 0
    sums: dict[str, float] = field(default_factory=dict)

    def add(self, values: dict[str, np.ndarray], where: np.ndarray) -> None:
        """Add the plies that `where` (bool) selects; NaN marks what does not count for a figure."""
        self.plies += int(where.sum())
        for name, value in values.items():
            chosen = value[where]
            known = ~np.isnan(chosen)
            self.sums[name] = self.sums.get(name, 0.0) + float(chosen[known].sum())
            self.sums[name + " n"] = self.sums.get(name + " n", 0.0) + int(known.sum())

    def means(self) -> dict[str, float]:
        names = [name for name in self.sums if not name.endswith(" n")]
        means = {name: self.sums[name] / n for name in names if (n := self.sums[name + " n"])}
        return {"plies": self.plies, **{name: round(value, 6) for name, value in means.items()}}


def _score(value: torch.Tensor) -> torch.Tensor:
    """Expected score of (win, draw, loss) probabilities [..., 3]: a win counts 1, a draw one half."""
    return value[..., 0] + value[..., 1] / 2


def _steps() -> np.ndarray:
    return np.zeros(Calibration.STEPS)


@dataclass
class Calibration:
    """Plies by the score the model expects of them (ten equal steps), beside the score they got."""

    STEPS: ClassVar[int] = 10
    count: np.ndarray = field(default_factory=_steps)
    expected: np.ndarray = field(default_factory=_steps)
    scored: np.ndarray = field(default_factory=_steps)

    def add(self, expected: np.ndarray, scored: np.ndarray) -> None:
        """Add plies; NaN marks unknown results."""
        known = ~np.isnan(scored)
        step = np.minimum((expected[known] * self.STEPS).astype(int), self.STEPS - 1)
        self.count += np.bincount(step, minlength=self.STEPS)
        self.expected += np.bincount(step, expected[known], self.STEPS)
        self.scored += np.bincount(step, scored[known], self.STEPS)

    def report(self) -> dict[str, Any]:
        """Rows of the steps that occurred, and the mean distance between expected and scored (ECE)."""
        used = np.flatnonzero(self.count)
        rows = [
            {
                "plies": int(self.count[i]),
                "expected": round(self.expected[i] / self.count[i], 4),
                "scored": round(self.scored[i] / self.count[i], 4),
            }
            for i in used.tolist()
        ]
        gap = np.abs(self.expected - self.scored).sum() / max(1.0, self.count.sum())
        return {"value_error": round(float(gap), 6), "value_calibration": rows}


@torch.no_grad()
def _measure(model: Gpt, batch: Batch, device: str) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Figures of each counted ply of a batch, and those plies' numbers in their games."""
    found = score(model, batch)
    masked, free, greedy = found.moves  # [N, 2086], [N, 2086], [N]
    played = torch.from_numpy(batch.played()).to(device).unsqueeze(-1)
    mine = masked.gather(-1, played)
    rank = (masked > mine).sum(-1)
    values = torch.from_numpy(batch.values[batch.asked]).to(device)
    outcome = found.value.log_softmax(-1)
    known = values != IGNORED
    said = outcome.gather(-1, values.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    figures = {
        "top1": rank < 1,
        "top3": rank < 3,
        "top5": rank < 5,
        "bits_per_move": -mine.squeeze(-1) / math.log(2),
        "bits_per_move_unmasked": -free.gather(-1, played).squeeze(-1) / math.log(2),
        "legal_top1": greedy,
        "illegal_mass": 1 - free.exp().sum(-1),
        "value_accuracy": torch.where(known, (outcome.argmax(-1) == values).float(), math.nan),
        "value_bits": torch.where(known, -said / math.log(2), math.nan),
        "expected_score": torch.where(known, _score(outcome.exp()), math.nan),
        "score": torch.where(known, 1 - values / 2, math.nan),
    }
    plies = batch.plies[batch.asked]
    return {name: f.cpu().double().numpy() for name, f in figures.items()}, plies


def evaluate(
    model: Gpt,
    split: Split,
    games: Iterable[int] | None = None,
    batch_tokens: int = 8192,
    progress: Callable[[int], None] = lambda plies: None,
) -> dict:
    """Figures over the games (default: all) of a split that begin at the start position; the model's mode is kept.

    Keys: games, plies, top1, top3, top5 and bits_per_move with the legal mask; bits_per_move_unmasked, legal_top1 and
    illegal_mass without it; value_accuracy and value_bits where the result is known; the same again in `by_phase`;
    value_calibration: expected against real score of the mover in tenths, value_error their mean distance.
    """
    device, layout = str(next(model.parameters()).device), layout_of(model.config)
    chosen = {i for i in (range(len(split)) if games is None else games) if split.start(i) is None}
    batches = [
        [w for w in batch if w.game in chosen] for batch in plan(split, layout, batch_tokens, None)
    ]
    whole, phases, calibration = Tally(), {name: Tally() for name in PHASES}, Calibration()
    was_training = model.training
    model.eval()
    for pieces in filter(None, batches):
        blind = np.tile([True, False], (len(pieces), 1))  # the result is not told, it would give the moves away
        figures, plies = _measure(model, make_batch(split, pieces, np.zeros(len(pieces), bool), layout, blind), device)
        calibration.add(figures.pop("expected_score"), figures.pop("score"))
        whole.add(figures, np.ones(len(plies), bool))
        for name, (first, stop) in PHASES.items():
            phases[name].add(figures, (plies >= first) & (plies < stop))
        progress(len(plies))
    model.train(was_training)
    by_phase = {name: tally.means() for name, tally in phases.items()}
    return {"games": len(chosen), **whole.means(), **calibration.report(), "by_phase": by_phase}
