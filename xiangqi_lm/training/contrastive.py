"""Learning what a position is without labels: SimSiam and BYOL on two views of each position.

The trunk of the language model reads single positions; a projection of what it makes of one view should predict,
through one more small net, that of the other. What is predicted is a constant to the gradient: in SimSiam (Chen and He
2020, arXiv 2011.10566) the same weights, in BYOL (Grill et al. 2020, arXiv 2006.07733) their running average. Nothing
pushes different positions apart, and yet they do not collapse into one point; without the stop-gradient they do.
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

from ..config import ModelConfig, OptimConfig, check_bounds, from_dict, setting
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
    """The nets behind the trunk."""

    projection: int = setting(64, least=2, most=1 << 16)  # dimensions in which views are compared
    hidden: int = setting(256, least=1, most=1 << 16)  # of the projecting net and of the predictor
    predictor: bool = True  # whether one view predicts the other through a net of its own

    def __post_init__(self) -> None:
        check_bounds(self)


@dataclass(frozen=True)
class PretrainConfig:
    """One run of pretraining; the shape of the trunk is that of the model it is for."""

    model: ModelConfig = field(default_factory=ModelConfig)
    siamese: SiameseConfig = field(default_factory=SiameseConfig)
    views: ViewsConfig = field(default_factory=ViewsConfig)
    optim: OptimConfig = field(default_factory=lambda: OptimConfig(warmup=50))
    method: str = setting("simsiam", among=("simsiam", "byol"))
    target: str = setting("view", among=("view", "mean"))  # the other view, or what the mean of both is made of
    stop_gradient: bool = True  # no: what is predicted learns too, and all positions collapse into one
    ema: float = setting(0.99, least=0, below=1)  # of byol: decay of the running average that is predicted and kept
    steps: int = setting(1000, least=1)
    # stop after so much computing time instead: CPU seconds, on a GPU wall seconds
    budget_seconds: float = setting(0.0, least=0)
    batch: int = setting(512, least=2)  # positions a step
    seed: int = setting(1, least=0, below=1 << 63)
    evaluate_every: int = setting(250, least=1)
    evaluate_games: int = setting(400, least=1)  # of which held-out positions are taken
    save_every: int = setting(250, least=1)
    patience: int = setting(0, least=0)  # stop after this number of evaluations in a row without a better one; 0: never
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
        """That of the running average that a run keeps."""
        return self.ema if self.method == "byol" else 0.0


# ------------------------------------------------------------------------------------------------ the network


def _net(width: int, hidden: int, out: int) -> nn.Sequential:
    """Two layers; normalised by the batch's own statistics, also when measuring."""
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
        """Views of N positions -> [N, projection]; of several views the mean of their input vectors is read."""
        vectors = torch.stack([self.embed(one) for one in views]).mean(0)
        return self.project(self.transform(vectors)[:, 0])

    def predict(self, projected: Tensor) -> Tensor:
        """What a view says of the other one: [N, projection] -> the same."""
        return projected if self.predictor is None else self.predictor(projected)

    def about(self) -> dict[str, Any]:
        """Return what config.json of its checkpoint holds."""
        return {**super().about(), "task": TASK, "siamese": asdict(self.siamese)}


def inputs_of(boards: np.ndarray, config: ModelConfig, device: str) -> Inputs:
    """Boards int8 [N, 90] as the model reads positions without a history: one column each."""
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
    """One minus the cosine, averaged over rows."""
    return 1 - F.cosine_similarity(a.float(), b.float(), dim=-1).mean()


def matched(
    views: Sequence[Tensor],
    targets: Sequence[Tensor],
    predict: Callable[[Tensor], Tensor],
    stop_gradient: bool = True,
    distance: Callable[[Tensor, Tensor], Tensor] = cosine_distance,
) -> Tensor:
    """The mean distance of what each view predicts from its target, which with `stop_gradient` is a constant."""
    wanted = [target.detach() for target in targets] if stop_gradient else targets
    return torch.stack([distance(predict(one), t) for one, t in zip(views, wanted, strict=True)]).mean()


class SiameseObjective(nn.Module):
    """The network with its loss; `average` holds the weights of BYOL's target."""

    def __init__(
        self, model: Siamese, config: PretrainConfig, device: str, average: Mapping[str, Tensor] | None = None
    ):
        super().__init__()
        self.model, self.config, self.device, self.average = model, config, device, average

    def forward(self, views: Views) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss, and figures of the first views' projections."""
        inputs = [inputs_of(boards, self.config.model, self.device) for boards in views]
        with autocast(self.device, self.config.precision):
            seen = [self.model(one) for one in inputs]
            loss = matched(seen, self._targets(inputs, seen), self.model.predict, self.config.stop_gradient)
        return loss, {"spread": spread(seen[0]), "found": found(*seen)}

    def _targets(self, inputs: Sequence[Inputs], seen: Sequence[Tensor]) -> list[Tensor]:
        """What each view is to predict."""
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
    """The standard deviation over the batch of the normalised projections [N, D], averaged over dimensions, times the
    root of D: 1 where they point everywhere alike, 0 where they have collapsed into one."""
    return F.normalize(projected.float(), dim=-1).std(0).mean() * projected.shape[-1] ** 0.5


@torch.no_grad()
def found(first: Tensor, second: Tensor) -> Tensor:
    """The share of first views whose nearest second view, by cosine, is of the same position."""
    likeness = F.normalize(first.float(), dim=-1) @ F.normalize(second.float(), dim=-1).T
    return (likeness.argmax(-1) == torch.arange(len(first), device=first.device)).float().mean()


# ------------------------------------------------------------------------------------------------ on disk


def pretrained(name: str | Path) -> bool:
    """Whether the folder holds what pretraining made."""
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
