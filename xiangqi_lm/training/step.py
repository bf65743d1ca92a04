"""One training step: forward, backward and update on all parts of a batch, on all processes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch

from ..errors import XiangqiError
from . import objectives, parallel, regularisers
from .feed import Part
from .forward import Material, material
from .optim import rate_at
from .run import Run


class GameStep:
    """The loss of one step over all parts of a batch, as `regularisers.Step`; it collects the terms' values."""

    def __init__(self, run: Run, parts: list[Part]):
        config = run.config
        self.run = run
        self.weights = [p for p in run.model.parameters() if p.requires_grad]
        self.embeddings = [p for p in run.model.embed.parameters() if p.requires_grad]
        games = [material(part.games, config, run.device) for part in parts]
        played = 0.0 if config.terms.ranked else 1.0  # `ranked` already includes the best move
        labels = [material(p.labels, config, run.device, played, 1) for p in parts if p.labels and config.labels_weight]
        taught = [material(p.taught, config, run.device, config.taught_played) for p in parts if p.taught]
        kinds = [("", 1.0, games), ("labels_", config.labels_weight, labels), ("taught_", 1.0, taught)]
        own = np.stack([_sizes(batches) * heavy for _, heavy, batches in kinds])
        self.own = parallel.summed(own, run.world, run.device)  # [3, 3]
        self.work = [(kind[0], i, kind[1], given) for i, kind in enumerate(kinds) for given in kind[2]]
        self.terms: dict[str, float] = {}  # at the step's own weights, not where a regulariser moves them
        self.loss = math.nan
        self._dice: list[torch.Tensor] = []

    def losses(self) -> Iterator[torch.Tensor]:
        """Yield the loss of each part of the batch, times the number of processes, as gradients are averaged over
        them.
        """
        run, first = self.run, not self._dice
        if first:
            self._dice = regularisers.random_state(run.device)
        else:
            regularisers.set_random_state(self._dice, run.device)
        terms: dict[str, float] = {"loss": 0.0}
        for i, (prefix, which, heavy, given) in enumerate(self.work):
            with parallel.alone(run.objective, i + 1 < len(self.work)):
                loss, found = run.objective(given, self.own.sum(0) / heavy)
                yield loss * run.world.ranks
            terms["loss"] += loss.item()
            for name, term in found.items():
                size = objectives.SIZE_OF.get(name, 0)
                mean = term.item() * self.own.sum(0)[size] / max(self.own[which, size], 1e-9)
                terms[prefix + name] = terms.get(prefix + name, 0.0) + mean
        if first:
            means = parallel.summed(np.array(list(terms.values())), run.world, run.device).tolist()
            self.terms = dict(zip(terms, means, strict=True))
            self.loss = self.terms["loss"]


def train_step(run: Run, parts: list[Part]) -> dict[str, Any]:
    """Run forward, backward and update; return the terms' means over the games, over the labels as `labels_...` and
    over the games with a teacher's answers as `taught_...`.

    Every ply weighs the same, a labelled position as much as `labels_weight` plies. Raises XiangqiError for a loss that
    is not finite, before any update.
    """
    config = run.config
    rate = rate_at(run.done, config.steps, config.optim)
    step = GameStep(run, parts)
    regularisers.gradient(step, config.regularisers)
    update(run, rate, step.loss)
    terms, own = dict(step.terms), step.own
    return {
        "loss": terms.pop("loss"),
        "rate": rate,
        "plies": own[0, 1] + own[1, 1] / (config.labels_weight or 1) + own[2, 1],
        **terms,
    }


def _sizes(batches: list[Material]) -> np.ndarray:
    """Return the sizes of several batches together, float64 [3]."""
    return np.sum([given.sizes for given in batches], 0) if batches else np.zeros(3)


def update(run: Run, rate: float, loss: float) -> None:
    """Clip the gradient; update the weights and their running average."""
    norm = torch.nn.utils.clip_grad_norm_(run.model.parameters(), run.config.optim.clip or math.inf)
    size = parallel.whole_tensor(norm).item()
    if not (math.isfinite(loss) and math.isfinite(size)):
        raise XiangqiError(
            f"step {run.step + 1}: the loss is {loss:.4g} and its gradient {size:.4g}: {run.folder} stays as it was "
            "last saved; a smaller optim.rate or optim.clip may help"
        )
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate * group.get("scale", 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    if run.average:
        run.average.update(run.model)
    run.step += 1
