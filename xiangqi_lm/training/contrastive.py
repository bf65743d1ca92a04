"""Learning about positions without labels: SimSiam and BYOL on two views of each position.

The language model's trunk reads single positions. A projection of one view should predict, through another small net,
the projection of the other view, which is held constant for the gradient: in SimSiam (Chen and He 2020, arXiv
2011.10566) it comes from the same weights, in BYOL (Grill et al. 2020, arXiv 2006.07733) from their running average.
Nothing pushes different positions apart, yet they do not collapse into one point; without the stop-gradient they do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import ModelConfig, OptimConfig
from ..config_fields import check_bounds, from_dict, setting
from ..dataset.loader import legal_moves
from ..dataset.tokenizer import TOKENIZERS
from ..errors import BadCheckpoint, BadConfig
from ..model import checkpoint
from ..model.device import autocast
from ..model.gpt import Gpt
from ..model.inputs import Inputs
from .views import Views, ViewsConfig

TASK = "pretraining"

# ------------------------------------------------------------------------------------------------ settings


@dataclass(frozen=True)
class SiameseConfig:
    """The nets on top of the trunk."""

    projection: int = setting(64, least=2, most=1 << 16)  # dimensions of the space in which views are compared
    hidden: int = setting(256, least=1, most=1 << 16)  # width of the projection net and of the predictor
    predictor: bool = True  # whether one view predicts the other through a net of its own

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class PretrainConfig:
    """One run of pretraining; the trunk has the shape of the model that it is for."""

    model: ModelConfig = field(default_factory=ModelConfig)
    siamese: SiameseConfig = field(default_factory=SiameseConfig)
    views: ViewsConfig = field(default_factory=ViewsConfig)
    optim: OptimConfig = field(default_factory=lambda: OptimConfig(warmup=50))
    method: str = setting("simsiam", among=("simsiam", "byol"))
    target: str = setting("view", among=("view", "mean"))  # the other view, or the mean of both
    stop_gradient: bool = True  # if false, the target is learned too and all positions collapse into one
    ema: float = setting(0.99, least=0, below=1)  # byol: decay of the running average that is predicted and kept
    steps: int = setting(1000, least=1)
    # stop after this much computing time instead: CPU seconds, on a GPU wall seconds
    budget_seconds: float = setting(0.0, least=0)
    batch: int = setting(512, least=2)  # positions per step
    seed: int = setting(1, least=0, below=1 << 63)
    evaluate_every: int = setting(250, least=1)
    evaluate_games: int = setting(400, least=1)  # games from which held-out positions are taken
    save_every: int = setting(250, least=1)
    patience: int = setting(0, least=0)  # stop after this number of evaluations in a row without improvement; 0: never
    precision: str = setting("auto", among=("auto", "bf16", "float32"))

    def __post_init__(self) -> None:
        check_bounds(self)
        if self.model.board == "none":
            raise BadConfig("setting model.board: pretraining needs a board encoder; none is chosen")
        if self.method == "byol" and not self.stop_gradient:
            raise BadConfig("setting stop_gradient must be yes with byol, whose target is an average of weights")
        if self.method == "byol" and not self.ema:
            raise BadConfig("setting ema must be above 0 with byol")

    @property
    def decay(self) -> float:
        """Return the decay of the running average that the run keeps."""
        return self.ema if self.method == "byol" else 0.0


# ------------------------------------------------------------------------------------------------ the network


def _net(width: int, hidden: int, out: int) -> nn.Sequential:
    """Return two layers with batch normalisation that uses the batch's own statistics in evaluation too."""
    return nn.Sequential(
        nn.Linear(width, hidden, bias=False),
        nn.BatchNorm1d(hidden, track_running_stats=False),
        nn.ReLU(inplace=True),
        nn.Linear(hidden, out),
    )


class Siamese(Gpt):
    """The trunk of a language model with a projection in place of its heads."""

    def __init__(self, config: ModelConfig, siamese: SiameseConfig):
        super().__init__(config)
        del self.policy, self.value, self.classes
        self.siamese = siamese
        self.project = _net(config.width, siamese.hidden, siamese.projection)
        self.predictor = _net(siamese.projection, siamese.hidden, siamese.projection) if siamese.predictor else None

    def forward(self, *views: Inputs) -> Tensor:  # type: ignore[override]
        """Map views of N positions to [N, projection]; given several views, read the mean of their input vectors."""
        vectors = torch.stack([self.embed(one) for one in views]).mean(0)
        return self.project(self.transform(vectors)[:, 0])

    def predict(self, projected: Tensor) -> Tensor:
        """Predict the other view's projection: [N, projection] -> the same."""
        return projected if self.predictor is None else self.predictor(projected)

    def about(self) -> dict[str, Any]:
        """Return the contents of config.json in this model's checkpoint."""
        return {**super().about(), "task": TASK, "siamese": asdict(self.siamese)}


def inputs_of(boards: np.ndarray, config: ModelConfig, device: str) -> Inputs:
    """Return boards int8 [N, 90] as positions without a history, one column each."""
    shown = boards[:, None]
    legal = legal_moves(shown, torch.get_num_threads()) if config.legal_moves else None
    tokenizer = TOKENIZERS[config.tokenizer]
    zeros = torch.zeros(len(boards), 1, dtype=torch.int64, device=device)
    return Inputs(
        zeros + tokenizer.bos,
        torch.from_numpy(np.ascontiguousarray(shown)).to(device),
        None if legal is None else torch.from_numpy(legal).to(device),
        parts=zeros if tokenizer.per_move > 1 else None,
    )


# ------------------------------------------------------------------------------------------------ the loss


def cosine_distance(a: Tensor, b: Tensor) -> Tensor:
    """Return one minus the cosine, averaged over rows."""
    return 1 - F.cosine_similarity(a.float(), b.float(), dim=-1).mean()


def matched(
    views: Sequence[Tensor],
    targets: Sequence[Tensor],
    predict: Callable[[Tensor], Tensor],
    stop_gradient: bool = True,
    distance: Callable[[Tensor, Tensor], Tensor] = cosine_distance,
) -> Tensor:
    """Return the mean distance between each view's prediction and its target, constant if `stop_gradient`."""
    wanted = [target.detach() for target in targets] if stop_gradient else targets
    return torch.stack([distance(predict(one), t) for one, t in zip(views, wanted, strict=True)]).mean()


class SiameseObjective(nn.Module):
    """The network with its loss; `average` holds the weights of BYOL's target network."""

    def __init__(
        self, model: Siamese, config: PretrainConfig, device: str, average: Mapping[str, Tensor] | None = None
    ):
        super().__init__()
        self.model, self.config, self.device, self.average = model, config, device, average

    def forward(self, views: Views) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the loss, and statistics of the first views' projections."""
        inputs = [inputs_of(boards, self.config.model, self.device) for boards in views]
        with autocast(self.device, self.config.precision):
            seen = [self.model(one) for one in inputs]
            loss = matched(seen, self._targets(inputs, seen), self.model.predict, self.config.stop_gradient)
        return loss, {"spread": spread(seen[0]), "found": found(*seen)}

    def _targets(self, inputs: Sequence[Inputs], seen: Sequence[Tensor]) -> list[Tensor]:
        """Return what each view is to predict."""
        if self.config.target == "mean":
            return [self._target(*inputs)] * 2
        if self.average is None:
            return [seen[1], seen[0]]
        return [self._target(inputs[1]), self._target(inputs[0])]

    def _target(self, *inputs: Inputs) -> Tensor:
        if self.average is None:
            return self.model(*inputs)
        with torch.no_grad():
            return torch.func.functional_call(self.model, dict(self.average), inputs)


@torch.no_grad()
def spread(projected: Tensor) -> Tensor:
    """Return the standard deviation over the batch of the normalised projections [N, D], averaged over dimensions,
    times the root of D: 1 for directions spread evenly, 0 after collapse into one."""
    return F.normalize(projected.float(), dim=-1).std(0).mean() * projected.shape[-1] ** 0.5


@torch.no_grad()
def found(first: Tensor, second: Tensor) -> Tensor:
    """Return the share of first views whose nearest second view, by cosine, is of the same position."""
    likeness = F.normalize(first.float(), dim=-1) @ F.normalize(second.float(), dim=-1).T
    return (likeness.argmax(-1) == torch.arange(len(first), device=first.device)).float().mean()


# ------------------------------------------------------------------------------------------------ on disk


def pretrained(name: str | Path) -> bool:
    """Return whether the folder holds a pretrained network."""
    try:
        about = json.loads((checkpoint.resolve(name) / checkpoint.CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(about, dict) and about.get("task") == TASK


def load(name: str | Path, device: str = "cpu") -> Siamese:
    """Return a pretrained network in evaluation mode; raises BadCheckpoint with the reason."""
    folder = checkpoint.resolve(name)
    text, place = checkpoint.read_config(folder / checkpoint.CONFIG), str(folder / checkpoint.CONFIG)
    config = checkpoint.config_of(text, place, TASK)
    try:
        siamese = from_dict(SiameseConfig, json.loads(text).get("siamese"), "siamese.")
    except BadConfig as fault:
        raise BadCheckpoint(f"{place}: {fault}") from fault
    model = checkpoint.filled(lambda: Siamese(config, siamese), folder)
    model.card = checkpoint.read_card(folder)
    return model.to(device).eval()
