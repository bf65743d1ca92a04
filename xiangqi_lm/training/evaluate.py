"""Held-out figures of a model: accuracy under the legal mask, bits per move, legality without the mask, value.

Everything is averaged over plies of games from the start position; the model sees nothing of the future.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..dataset.layout import layout_of
from ..dataset.loader import IGNORED, Batch, Taught, make_batch, plan
from ..dataset.splits import Split
from ..model.gpt import Gpt
from ..model.scoring import score
from . import valuation

PHASES = {"0-19": (0, 20), "20-59": (20, 60), "60-": (60, 1 << 30)}  # plies
MASKED = ("top1", "top3", "top5", "bits_per_move")  # with the legal mask
UNMASKED = ("bits_per_move_unmasked", "legal_top1", "illegal_mass")
VALUE = ("value_accuracy", "value_bits")  # of the result, where it is known
RESAMPLES, RESAMPLED_AT_ONCE = 1000, 100
INTERVALS = f"95 %, percentile bootstrap over games, {RESAMPLES} resamples"
BIN, FEWEST_GAMES = 10, 10  # plies per group of `by_ply`, and the number of games that must reach a group


# ------------------------------------------------------------------------------------------------ plies


@dataclass(frozen=True)
class Plies:
    """Figures of single plies; NaN marks plies that do not count for a figure."""

    game: np.ndarray  # int64 [N]
    ply: np.ndarray  # int64 [N]
    figures: dict[str, np.ndarray]  # each float64 [N]

    @classmethod
    def joined(cls, parts: Sequence[Plies]) -> Plies:
        """Return the plies of all parts, which have the same figures, in order; empty without parts."""
        if not parts:
            return cls(np.zeros(0, np.int64), np.zeros(0, np.int64), {})
        figures = {name: np.concatenate([part.figures[name] for part in parts]) for name in parts[0].figures}
        return cls(np.concatenate([part.game for part in parts]), np.concatenate([part.ply for part in parts]), figures)

    def where(self, chosen: np.ndarray) -> Plies:
        """Return the plies that `chosen` (bool [N]) marks."""
        return Plies(self.game[chosen], self.ply[chosen], {name: x[chosen] for name, x in self.figures.items()})

    def means(self) -> dict[str, float]:
        """Return the number of plies, and the mean of each figure that is known for any of them."""
        known = {name: x[~np.isnan(x)] for name, x in self.figures.items()}
        return {"plies": len(self.ply), **{name: round(float(x.mean()), 6) for name, x in known.items() if len(x)}}

    def intervals(self, rng: np.random.Generator) -> dict[str, list[float]]:
        """Return 95 % intervals of the means, resampling games with replacement (percentile bootstrap, Efron 1979):
        plies of one game are not independent, games are.
        """
        games, of_game = np.unique(self.game, return_inverse=True)
        if len(games) < 2:
            return {}
        table = np.stack(list(self.figures.values()), 1)
        sums, counts = np.zeros((2, len(games), table.shape[1]))
        np.add.at(sums, of_game, np.nan_to_num(table))
        np.add.at(counts, of_game, ~np.isnan(table))
        means = []
        for _ in range(RESAMPLES // RESAMPLED_AT_ONCE):
            drawn = rng.multinomial(len(games), np.full(len(games), 1 / len(games)), RESAMPLED_AT_ONCE)  # [R, G]
            with np.errstate(invalid="ignore", divide="ignore"):
                means.append((drawn @ sums) / (drawn @ counts))
        known = [i for i, name in enumerate(self.figures) if counts[:, i].any()]
        edges = np.nanpercentile(np.concatenate(means)[:, known], (2.5, 97.5), axis=0).T.round(6).tolist()
        return dict(zip([list(self.figures)[i] for i in known], edges, strict=True))

    def summary(self, intervals: bool = True) -> dict[str, Any]:
        """Return the means, with their intervals under `intervals`; the same figures always give the same intervals."""
        return self.means() | ({"intervals": self.intervals(np.random.default_rng(0))} if intervals else {})

    def by_phase(self, intervals: bool = True) -> dict[str, dict[str, Any]]:
        """Return `summary` of each of PHASES."""
        within = {name: (self.ply >= first) & (self.ply < stop) for name, (first, stop) in PHASES.items()}
        return {name: self.where(chosen).summary(intervals) for name, chosen in within.items()}

    def by_ply(self) -> list[dict[str, Any]]:
        """Return `summary` of every BIN plies while FEWEST_GAMES games last, each with its `first` and `last` ply."""
        rows = []
        for first in range(0, int(self.ply.max(initial=-1)) + 1, BIN):
            part = self.where(self.ply // BIN == first // BIN)
            if len(np.unique(part.game)) >= FEWEST_GAMES:
                rows.append({"first": first, "last": first + BIN - 1, **part.summary()})
        return rows


def calibration(
    expected: np.ndarray, scored: np.ndarray, game: np.ndarray | None = None, steps: int = 10, name: str = "value"
) -> dict[str, Any]:
    """Return plies grouped in equal steps of the score the model expects, with the score they got, and the mean
    distance between the two (expected calibration error), under `{name}_calibration` and `{name}_error`.

    Scores are 1, 0.5 and 0, or 1 and 0 for whether a move was played; NaN marks unknown ones. If the games of the plies
    are given, int64 [N], each step's score has a 95 % interval.
    """
    known = ~np.isnan(scored)
    expected, scored = expected[known], scored[known]
    step = np.minimum((expected * steps).astype(int), steps - 1)
    used = np.unique(step).tolist()
    rows: list[dict[str, Any]] = [
        {
            "plies": int((step == i).sum()),
            "expected": round(float(expected[step == i].mean()), 4),
            "scored": round(float(scored[step == i].mean()), 4),
        }
        for i in used
    ]
    if game is not None:
        by_step = {str(i): np.where(step == i, scored, np.nan) for i in used}
        found = Plies(game[known], step, by_step).intervals(np.random.default_rng(0)) if used else {}
        for i, row in zip(used, rows, strict=True):
            row |= {"interval": [round(edge, 4) for edge in found[str(i)]]} if found else {}
    gap = sum(abs(expected[step == i].sum() - scored[step == i].sum()) for i in used)
    return {f"{name}_error": round(float(gap) / max(1, len(expected)), 6), f"{name}_calibration": rows}


# ------------------------------------------------------------------------------------------------ measuring


def _expected_score(value: torch.Tensor) -> torch.Tensor:
    """Return the expected score of (win, draw, loss) probabilities [..., 3]: a draw counts one half."""
    return value[..., 0] + value[..., 1] / 2


@torch.no_grad()
def _measure(model: Gpt, batch: Batch) -> dict[str, np.ndarray]:
    """Return figures of each ply of a batch that counts."""
    found = score(model, batch)
    moves = found.moves
    masked, free, greedy = moves  # [N, 2086], [N, 2086], [N]
    device = masked.device
    played = torch.from_numpy(batch.played()).to(device).unsqueeze(-1)
    mine = masked.gather(-1, played)
    before = torch.arange(masked.shape[-1], device=device) < played
    rank = ((masked > mine) | ((masked == mine) & before)).sum(-1)  # bf16 has ties: the first of equals counts as best
    values = torch.from_numpy(batch.values[batch.asked]).to(device)
    outcome = found.value.log_softmax(-1)
    known = values != IGNORED
    said = outcome.gather(-1, values.clamp(min=0).unsqueeze(-1)).squeeze(-1)
    figures = {
        "top1": rank < 1,
        "top3": rank < 3,
        "top5": rank < 5,
        "confidence": masked.amax(-1).exp(),
        "bits_per_move": -mine.squeeze(-1) / math.log(2),
        "bits_per_move_unmasked": -free.gather(-1, played).squeeze(-1) / math.log(2),
        "legal_top1": greedy,
        "illegal_mass": moves.illegal,
        "value_accuracy": torch.where(known, (outcome.argmax(-1) == values).float(), math.nan),
        "value_bits": torch.where(known, -said / math.log(2), math.nan),
        "expected_score": torch.where(known, _expected_score(outcome.exp()), math.nan),
        "score": torch.where(known, 1 - values / 2, math.nan),
    }
    measured = {name: f.cpu().double().numpy() for name, f in figures.items()}
    if batch.taught is not None:
        measured |= _against_teacher(batch, batch.taught, masked.argmax(-1).cpu().numpy(), outcome.exp().cpu().numpy())
    return measured


def _against_teacher(batch: Batch, taught: Taught, best: np.ndarray, outcome: np.ndarray) -> dict[str, np.ndarray]:
    """Return whether the best move, int [N], is the teacher's, the model's win minus loss (of outcome [N, 3]) and the
    teacher's score; NaN where the teacher has no answer."""
    rows, columns = np.nonzero(batch.asked)
    scores = taught.scores[rows, columns, 0].astype(np.float64)
    k = batch.tokenizer.per_move
    places = columns[:, None] + np.arange(k)
    spelled = batch.tokenizer.spelling[best]  # [N, k]
    agreed = (taught.tokens[rows[:, None], places, 0] == spelled).all(-1).astype(np.float64)
    lead = (outcome[:, 0] - outcome[:, 2]).astype(np.float64)
    return {"teacher_top1": np.where(np.isnan(scores), np.nan, agreed), "lead": lead, "teacher_score": scores}


def measure(
    model: Gpt,
    split: Split,
    games: Iterable[int] | None = None,
    batch_tokens: int = 8192,
    progress: Callable[[int], None] = lambda plies: None,
) -> Plies:
    """Return figures of every ply of the games (default: all) of a split that begin at the start position; the model's
    mode is restored."""
    layout = layout_of(model.config)
    chosen = {i for i in (range(len(split)) if games is None else games) if split.start(i) is None}
    planned = ([w for w in batch if w.game in chosen] for batch in plan(split, layout, batch_tokens, None))
    was_training = model.training
    model.eval()
    parts: list[Plies] = []
    for pieces in filter(None, planned):
        # without the result as a condition, which would give the moves away
        blind = np.tile([True, False], (len(pieces), 1))
        batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout, blind)
        if not batch.counted:
            continue  # the end of a game, with no move to predict
        rows, _ = np.nonzero(batch.asked)
        game = np.array([w.game for w in pieces])[rows]
        parts.append(Plies(game, batch.plies[batch.asked].astype(np.int64), _measure(model, batch)))
        progress(len(rows))
    model.train(was_training)
    return Plies.joined(parts)


def report(plies: Plies, intervals: bool = True) -> dict[str, Any]:
    """Return means over all plies and by phase, with their 95 % intervals, and the calibration of the value.

    Keys: games, plies, those of MASKED with the legal mask and those of UNMASKED without it, those of VALUE where the
    result is known; `intervals` with the same keys; all of these again in `by_phase`, and with intervals in `by_ply`;
    value_calibration: expected against actual score of the mover in tenths, value_error their mean distance; the same
    for the best move's probability and whether it was played: policy_calibration, policy_error; `teacher`, where games
    have a teacher's answers: how the value agrees with its scores, see valuation.agreement; `masked` and `unmasked`:
    the names of the figures.
    """
    expected, scored, sure, hit = (
        plies.figures.get(name, np.zeros(0)) for name in ("expected_score", "score", "confidence", "top1")
    )
    hidden = ("expected_score", "score", "confidence", "lead", "teacher_score")
    shown = Plies(plies.game, plies.ply, {name: x for name, x in plies.figures.items() if name not in hidden})
    found = {"games": len(np.unique(plies.game))} | shown.summary(intervals)
    games = plies.game if intervals else None
    found |= calibration(expected, scored, games) | calibration(sure, hit, games, name="policy")
    found["by_phase"] = shown.by_phase(intervals)
    if "lead" in plies.figures:
        lead, score = plies.figures["lead"], plies.figures["teacher_score"]
        found["teacher"] = valuation.agreement(lead, score, plies.game if intervals else None)
    if intervals:
        found |= {"by_ply": shown.by_ply(), "about_intervals": INTERVALS}
    return found | {"masked": list(MASKED), "unmasked": list(UNMASKED)}


def evaluate(
    model: Gpt,
    split: Split,
    games: Iterable[int] | None = None,
    batch_tokens: int = 8192,
    progress: Callable[[int], None] = lambda plies: None,
    intervals: bool = False,
) -> dict[str, Any]:
    """Return `report` of `measure`."""
    return report(measure(model, split, games, batch_tokens, progress), intervals)
