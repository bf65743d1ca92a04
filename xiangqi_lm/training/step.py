"""One training step: forward, backward and update on all parts of a batch."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ..config import OutcomesConfig, TrainConfig
from ..errors import XiangqiError
from ..model.device import autocast
from ..model.gpt import Gpt
from ..model.inputs import Inputs, inputs_of
from ..records.loader import IGNORED, Batch
from . import objectives, teaforn
from .feed import Part
from .objectives import Targets
from .optim import rate_at
from .run import Run

# ------------------------------------------------------------------------------------------------ a batch as tensors


class Material(NamedTuple):
    """A batch on its device, with its sizes as in objectives.Targets; `passes` are those of TeaForN."""

    inputs: Inputs
    targets: Targets
    asked: Tensor  # int8 [B, T], Batch.parts
    sizes: np.ndarray  # float64 [3]
    passes: int


def material(batch: Batch, config: TrainConfig, device: str, chances: np.ndarray | None = None) -> Material:
    """What the model and the terms need of a batch of games, or with `chances` of labelled positions."""
    terms = objectives.chosen_terms(config).keys()
    moves = batch.moves(torch.get_num_threads())  # [B, T, 2, 2086]
    weights = _weights(batch, config.outcomes) if chances is None else None
    counted = (batch.targets != IGNORED) & (batch.parts == 0)
    asked = counted if chances is not None else batch.values != IGNORED
    targets = Targets(
        torch.from_numpy(batch.targets).to(device),
        torch.from_numpy(batch.values if chances is None else chances).to(device),
        torch.from_numpy(batch.legal(moves)).to(device) if terms & objectives.WANTS_LEGAL else None,
        None if weights is None else torch.from_numpy(weights).to(device),
    )
    sizes = [counted.sum() if weights is None else weights[counted].sum(), counted.sum(), asked.sum()]
    inputs = inputs_of(batch, config.model, device, torch.from_numpy(moves).to(device))
    passes = config.teaforn.passes if "teaforn" in terms and chances is None else 1
    return Material(inputs, targets, torch.from_numpy(batch.parts).to(device), np.array(sizes, np.float64), passes)


def _weights(batch: Batch, outcomes: OutcomesConfig) -> np.ndarray | None:
    """How much each column's token counts, float32 [B, T]; None where all count alike."""
    by_result = np.array([outcomes.win, outcomes.draw, outcomes.loss, outcomes.unknown], np.float32)
    if (by_result == 1).all():
        return None
    result = np.where(batch.values == IGNORED, 3, batch.values)
    told = batch.conditions[:, :, 0]  # where the result is told, it is not among the values
    result = np.where(told > 0, told - 1, result)
    first = np.arange(result.shape[1]) - batch.parts.clip(0)  # the column of a ply that has its result
    return by_result[np.take_along_axis(result, first, 1)] * (batch.targets != IGNORED)


# ------------------------------------------------------------------------------------------------ the step


class Objective(nn.Module):
    """A model and its loss as one module, so that whoever wraps modules has all of a step's work inside."""

    def __init__(self, model: Gpt, config: TrainConfig, device: str):
        super().__init__()
        self.model, self.config, self.device = model, config, device
        self.encode = torch.compile(teaforn.encode, dynamic=True) if config.compile else teaforn.encode

    def forward(self, given: Material, sizes: np.ndarray) -> tuple[Tensor, dict[str, Tensor]]:
        """The sum of the terms by the step's `sizes`, and each of them."""
        with autocast(self.device, self.config.precision):
            top_k = self.config.teaforn.top_k
            outputs = teaforn.passes(self.model, given.inputs, given.asked, given.passes, top_k, self.encode)
        targets = given.targets._replace(sizes=tuple(np.maximum(sizes, 1e-9).tolist()))
        return objectives.total(outputs, targets, self.config)


def train_step(run: Run, parts: list[Part], objective: nn.Module) -> dict[str, float]:
    """Forward, backward and update; returns the terms' means over the games, and over the labels as `labels_...`.

    Every ply weighs the same, a labelled position `labels_weight` plies. Raises XiangqiError for a loss that is no
    number, before anything is learned from it.
    """
    config = run.config
    rate = rate_at(run.done, config.steps, config.optim)
    games = [material(part.games, config, run.device) for part in parts]
    labels = [material(p.labels, config, run.device, p.chances) for p in parts if p.labels and config.labels_weight]
    own = {"": _sum(games), "labels_": _sum(labels) * config.labels_weight}
    sizes = own[""] + own["labels_"]
    whole, shown = 0.0, defaultdict[str, float](float)
    for prefix, heavy, batches in (("", 1.0, games), ("labels_", config.labels_weight, labels)):
        for given in batches:
            loss, terms = objective(given, sizes / heavy)
            loss.backward()
            whole += loss.item()
            for name, term in terms.items():
                which = objectives.SIZE_OF.get(name, 0)
                shown[prefix + name] += term.item() * sizes[which] / max(own[prefix][which], 1e-9)
    norm = torch.nn.utils.clip_grad_norm_(run.model.parameters(), config.optim.clip)
    if not (math.isfinite(whole) and bool(norm.isfinite())):
        raise XiangqiError(
            f"step {run.step + 1}: the loss is {whole:.4g} and its gradient {norm.item():.4g}: {run.folder} stays as it "
            "was last saved; a smaller optim.rate or optim.clip may help"
        )
    _update(run, rate)
    return {"loss": whole, "rate": rate, **shown}


def _sum(batches: list[Material]) -> np.ndarray:
    """The sizes of several batches together."""
    return np.sum([given.sizes for given in batches], 0) if batches else np.zeros(3)


def _update(run: Run, rate: float) -> None:
    """Let the optimisers, and the running average, do their step."""
    for optimizer in run.optimizers:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    if run.average:
        run.average.update(run.model)
    run.step += 1
