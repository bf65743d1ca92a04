"""A pretraining run on disk, using the program's own loop: begin, resume, and what a step and an evaluation do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ..config_fields import to_json
from ..dataset.shards import Shards
from ..dataset.splits import Split
from ..errors import BadConfig
from ..files import sha256, write_text
from ..model.device import autocast
from . import contrastive, loop
from .about import circumstances
from .contrastive import PretrainConfig, Siamese, SiameseObjective
from .optim import Average, make_optimizers, rate_at
from .parallel import ALONE
from .resuming import changed_settings, read_state, restored
from .run import Run, settled
from .step import update
from .views import PositionFeed

_BATCHES = 4  # batches per evaluation
_MEASURED = 0x5EED  # the seed of their positions


@dataclass
class PretrainRun(Run):
    """A run whose model reads single positions; `plies` counts them, `best_bits` is the lowest share not found."""

    config: PretrainConfig  # type: ignore[assignment]
    model: Siamese
    feed: PositionFeed  # type: ignore[assignment]


# ------------------------------------------------------------------------------------------------ begin, resume


def begin(config: PretrainConfig, data: Path, folder: Path, device: str) -> PretrainRun:
    """Return a new run in an empty or new folder; raises BadConfig if it already holds a run."""
    if (folder / loop.LAST).exists() or (folder / f"{loop.LAST}.old").exists():
        raise BadConfig(f"{folder} holds a run already: give --resume to continue it, or another folder")
    shards = Shards.open(data)
    if not len(shards.split("train")):
        raise BadConfig(f"{data}: no training games")
    torch.manual_seed(config.seed)
    model = Siamese(config.model, config.siamese).to(device)
    run = _assemble(config, shards, folder, model, {"data": _digest(data)})
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "config.json", to_json(run.config) + "\n")
    (folder / loop.LOG).unlink(missing_ok=True)
    return run


def resume(folder: Path, data: Path, device: str, settings: Sequence[str] = ()) -> PretrainRun:
    """Return a run as last saved; raises BadConfig for other shards."""
    config, state = read_state(folder, PretrainConfig)
    if state["data"] != _digest(data):
        raise BadConfig(f"{data}: not the shards that {folder} was trained on")
    changed = changed_settings(config, settings)
    model = contrastive.load(folder / loop.LAST, device)
    run = _assemble(changed, Shards.open(data), folder, model, {"data": state["data"]})
    restored(run, config, state)
    return run


def _digest(data: Path) -> str:
    Shards.open(data)  # raises if the folder holds no shards
    return sha256(data / "index.json")


def _assemble(
    config: PretrainConfig, shards: Shards, folder: Path, model: Siamese, origin: dict[str, Any]
) -> PretrainRun:
    device = str(next(model.parameters()).device)
    config = settled(config, device)
    average = Average(model, config.decay) if config.decay else None
    objective = SiameseObjective(model, config, device, average.tensors if average else None)
    feed = PositionFeed(shards.split("train"), config.views, config.batch, config.seed)
    return PretrainRun(
        folder, config, model, objective, make_optimizers(model, config.optim, config.precision), average, feed,
        shards.split("validation"), device, ALONE, origin,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ what the loop does


def learn(run: Run) -> tuple[dict[str, Any], float]:
    """Make one step; return its figures, and its operations as 6 per parameter and view."""
    assert isinstance(run, PretrainRun)
    config = run.config
    rate = rate_at(run.done, config.steps, config.optim)
    loss, figures = run.objective(run.feed.take())
    loss.backward()
    update(run, rate, loss.item())
    line = {"epoch": run.feed.epoch, "positions": config.batch, "rate": rate, "loss": loss.item()}
    line |= {name: figure.item() for name, figure in figures.items()}
    return line, 12.0 * run.model.parameter_count() * config.batch


@torch.no_grad()
def evaluated(run: Run) -> dict[str, Any]:
    """Return figures of the kept weights on held-out positions."""
    assert isinstance(run, PretrainRun)
    with torch.random.fork_rng(devices=[]):  # so that evaluations do not change the random numbers of training
        model = Siamese(run.config.model, run.config.siamese).to(run.device)
    model.load_state_dict(run.kept_weights())
    return measure(model.eval(), run.validation, run.config, run.device)


@torch.no_grad()
def measure(model: Siamese, split: Split, config: PretrainConfig, device: str) -> dict[str, Any]:
    """Return the spread of held-out positions' projections, and how often a view's nearest neighbour is its pair."""
    feed = PositionFeed(split, config.views, config.batch, _MEASURED)
    totals = {"spread": 0.0, "found": 0.0}
    for _ in range(_BATCHES):
        with autocast(device, config.precision):
            seen = [model(contrastive.inputs_of(boards, config.model, device)) for boards in feed.take()]
        totals["spread"] += contrastive.spread(seen[0]).item() / _BATCHES
        totals["found"] += contrastive.found(*seen).item() / _BATCHES
    return {"positions": config.batch * _BATCHES, **totals, "missed": 1 - totals["found"]}


def card(run: Run, data: Path) -> dict[str, Any]:
    """Return the card of a pretrained network."""
    index = Shards.open(data).index
    return {
        "trained_on": index["sources"],
        "split": {"shared_run": index.get("shared_run", 0)}
        | {key: index[key] for key in ("seed", "validation", "split_rule", "splits")},
        "config": asdict(run.config),
        "origin": run.origin,
        "steps": run.step,
        "positions_seen": run.plies,
        "parameters": run.model.parameter_count(),
        "training_seconds": round(run.seconds),
        "trained_with": circumstances(run.device),
        "validation_sample": run.figures,
    }


PRETRAINING = loop.Task(learn, "positions", evaluated, "missed", card)
