"""A batch as tensors, and the model with its loss: all of a step that is differentiated."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ..config import OutcomesConfig, TrainConfig
from ..dataset.loader import IGNORED, Batch
from ..model.device import autocast
from ..model.gpt import Gpt
from ..model.inputs import Inputs, inputs_of
from . import objectives, teaforn
from .objectives import Targets

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


# ------------------------------------------------------------------------------------------------ model and loss


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
