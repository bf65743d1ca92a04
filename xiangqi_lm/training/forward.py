"""A batch as tensors, and the model with its loss: the differentiated part of a step."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from ..config import OutcomesConfig, RankedConfig, TrainConfig
from ..dataset.labels import MATE
from ..dataset.loader import IGNORED, Batch, Taught
from ..model.device import autocast
from ..model.gpt import Gpt
from ..model.inputs import Inputs, inputs_of
from . import objectives, regularisers, teaforn
from .objectives import Targets

# ------------------------------------------------------------------------------------------------ a batch as tensors


class Material(NamedTuple):
    """A batch on its device, with its sizes as in objectives.Targets; `passes` is the number of TeaForN passes."""

    inputs: Inputs
    targets: Targets
    asked: Tensor  # int8 [B, T], Batch.parts
    sizes: np.ndarray  # float64 [3]
    passes: int


def material(
    batch: Batch, config: TrainConfig, device: str, played: float = 1.0, passes: int | None = None
) -> Material:
    """Return what the model and the terms need of a batch. `played` scales the weights of the moves played, and of
    results where the teacher has no answer; `passes` is the number of TeaForN passes (None: that of the
    configuration)."""
    terms = objectives.chosen_terms(config).keys()
    moves = batch.moves(torch.get_num_threads())  # [B, T, 2, 2086]
    counted = (batch.targets != IGNORED) & (batch.parts == 0)
    weights = _weights(batch, config.outcomes, played)
    values = _values(batch, played)
    shares = _shares(batch.taught, config.ranked) if batch.taught and "ranked" in terms else None
    targets = Targets(
        torch.from_numpy(batch.targets).to(device),
        torch.from_numpy(values).to(device),
        torch.from_numpy(batch.legal(moves)).to(device) if terms & objectives.WANTS_LEGAL else None,
        None if weights is None else torch.from_numpy(weights).to(device),
        None if shares is None or batch.taught is None else torch.from_numpy(batch.taught.tokens).to(device),
        None if shares is None else torch.from_numpy(shares).to(device),
    )
    policy = np.ones(counted.shape, np.float32) if weights is None else weights
    if shares is not None:
        policy = np.maximum(policy, shares.any(-1))  # a ply counts as much as the larger of its two targets
    asked = values if values.dtype == np.float32 else values != IGNORED
    sizes = [policy[counted].sum(), counted.sum(), asked.sum()]
    inputs = inputs_of(batch, config.model, device, torch.from_numpy(moves).to(device))
    passes = passes or (config.teaforn.passes if "teaforn" in terms else 1)
    return Material(inputs, targets, torch.from_numpy(batch.parts).to(device), np.array(sizes, np.float64), passes)


def _values(batch: Batch, played: float) -> np.ndarray:
    """Return the results, int64 [B, T]; with a teacher its win, draw and loss, float32 [B, T, 3], and where it has
    no answer those of the result, times `played`."""
    if batch.taught is None:
        return batch.values
    results = np.eye(4, 3, dtype=np.float32)[np.where(batch.values == IGNORED, 3, batch.values)]
    said = batch.taught.values
    return np.where(said.any(-1, keepdims=True), said, results * np.float32(played))


def _shares(taught: Taught, config: RankedConfig) -> np.ndarray:
    """Return the soft target over a teacher's moves, float32 [B, T, K]: all 0 where it named none."""
    scores = np.where(np.isnan(taught.scores), -np.inf, taught.scores)
    best = scores.max(-1, keepdims=True, initial=-MATE)
    shares = np.exp((scores - best) / config.temperature)
    shares *= (1 - config.best) / np.maximum(shares.sum(-1, keepdims=True), 1e-9)
    shares[..., :1] += config.best
    shares *= taught.tokens != IGNORED
    return (shares / np.maximum(shares.sum(-1, keepdims=True), 1e-9)).astype(np.float32)


def _weights(batch: Batch, outcomes: OutcomesConfig, played: float) -> np.ndarray | None:
    """Return the weight of each column's token, float32 [B, T]; None where all are 1."""
    by_result = np.array([outcomes.win, outcomes.draw, outcomes.loss, outcomes.unknown], np.float32) * played
    if (by_result == 1).all():
        return None
    result = np.where(batch.values == IGNORED, 3, batch.values)
    told = batch.conditions[:, :, 0]  # where the result is a condition, it is not among the values
    result = np.where(told > 0, told - 1, result)
    first = np.arange(result.shape[1]) - batch.parts.clip(0)  # the column of a ply that holds its result
    return by_result[np.take_along_axis(result, first, 1)] * (batch.targets != IGNORED)


# ------------------------------------------------------------------------------------------------ model and loss


class Objective(nn.Module):
    """A model and its loss as one module, so that wrappers of modules enclose all of a step's work."""

    def __init__(self, model: Gpt, config: TrainConfig, device: str):
        super().__init__()
        self.model, self.config, self.device = model, config, device
        self.encode = torch.compile(teaforn.encode, dynamic=True) if config.compile else teaforn.encode

    def forward(self, given: Material, sizes: np.ndarray) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the sum of the terms divided by the step's `sizes`, and each of them."""
        with autocast(self.device, self.config.precision):
            dice = regularisers.random_state(self.device) if self.config.regularisers.vat else []
            top_k = self.config.teaforn.top_k
            outputs = teaforn.passes(self.model, given.inputs, given.asked, given.passes, top_k, self.encode)
        targets = given.targets._replace(sizes=tuple(np.maximum(sizes, 1e-9).tolist()))
        whole, terms = objectives.total(outputs, targets, self.config)
        if weight := self.config.regularisers.vat:
            moved = self._virtual_adversary(given, outputs[0].logits, dice) / targets.size(1)
            whole, terms = whole + weight * moved, {**terms, "vat": moved.detach()}
        return whole, terms

    def _virtual_adversary(self, given: Material, logits: Tensor, dice: list[Tensor]) -> Tensor:
        """Return the divergence for perturbed input vectors, summed over plies; `dice` repeats the first pass's
        dropout.
        """

        def policy(vectors: Tensor) -> Tensor:
            with regularisers.replayed(dice, self.device):
                hidden = self.model.transform(vectors)
            legal = None if given.inputs.moves is None else given.inputs.moves[:, :, 0]
            return self.model.logits(hidden, legal, given.inputs.classes)

        counted = given.targets.moves != IGNORED
        with autocast(self.device, self.config.precision):
            vectors = self.model.embed(given.inputs)
            return regularisers.virtual_adversary(policy, vectors, logits, counted, self.config.regularisers)
