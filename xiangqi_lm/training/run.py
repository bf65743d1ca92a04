"""A training run on disk: begin and save; see `resuming` for what continues it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ..config import ONLY, TrainConfig
from ..config_fields import Settings, to_json
from ..dataset import annotate
from ..dataset.labels import Labels
from ..dataset.shards import Shards
from ..dataset.splits import Split
from ..errors import BadConfig
from ..files import sha256, write_text
from ..model import checkpoint
from ..model.device import chosen_precision
from ..model.gpt import Gpt, LockedDropout
from . import contrastive, mixture, parallel
from .about import circumstances
from .costs import installed_memory
from .feed import Feed
from .forward import Objective
from .optim import Average, make_optimizers, rate_at, state_tensors
from .parallel import ALONE, World

LOG, LAST, BEST = "log.jsonl", "last", "best"
STATE, OPTIMIZER, RAW = "state.json", "optimizer.safetensors", "raw.safetensors"


@dataclass
class Run:
    """Everything that changes during training, and the data."""

    folder: Path
    config: TrainConfig
    model: Gpt
    objective: nn.Module  # the model with its loss, wrapped for the processes that train
    optimizers: list[torch.optim.Optimizer]
    average: Average | None
    feed: Feed
    validation: Split
    device: str
    world: World
    origin: dict[str, Any]  # digests of shards and labels, and the source of --init: never changes
    step: int = 0
    best_bits: float = float("inf")
    waited: int = 0  # evaluations since the best one
    seconds: float = 0.0  # spent in training so far, including earlier sessions
    computing: float = 0.0  # the same in CPU seconds of the process; on a GPU equal to `seconds`
    plies: int = 0  # learned from so far, including labelled positions
    held_out: Labels | None = None
    taught: Split | None = None  # held-out games with a teacher's answers
    figures: dict[str, Any] = field(default_factory=dict)  # of the last evaluation
    notes: list[str] = field(default_factory=list)  # what the user should know

    @property
    def done(self) -> float:
        """Return the completed fraction of the run, 0 to 1: by steps, or by computing time where that is limited; 1
        when `patience` has run out.
        """
        if self.config.patience and self.waited >= self.config.patience:
            return 1.0
        budget = self.config.budget_seconds
        return min(1.0, self.computing / budget if budget else self.step / self.config.steps)

    @property
    def sharded(self) -> bool:
        """Return whether this process holds only a part of the weights."""
        return self.world.ranks > 1 and self.config.parallel == "fsdp"

    def kept_weights(self) -> dict[str, torch.Tensor]:
        """Return the weights that are evaluated and kept: the running average, or else the present ones."""
        return parallel.whole(self.average.tensors if self.average else self.model.state_dict())


# ------------------------------------------------------------------------------------------------ begin


def begin(
    config: TrainConfig,
    data: Path,
    folder: Path,
    device: str,
    labels: Sequence[Path] = (),
    init: str = "",
    world: World = ALONE,
    taught: Sequence[Path] = (),
) -> Run:
    """Return a new run in an empty or new folder, starting from the weights of the model `init` if one is named.

    Raises BadConfig if the folder holds a run already, or when nothing of `init` fits.
    """
    if (folder / LAST).exists() or (folder / f"{LAST}.old").exists():
        raise BadConfig(f"{folder} holds a run already: give --resume to continue it, or another folder")
    shards = Shards.open(data)
    if not len(shards.split("train")):
        raise BadConfig(f"{data}: no training games")
    _check_memory(config)
    torch.manual_seed(config.seed)
    model = Gpt(config.model)
    origin: dict[str, Any] = {"data": digest(data), "labels": mixture.digest(labels)}
    if taught:
        origin["taught"] = [digest(folder) for folder in taught]
    notes: list[str] = []
    if init:
        origin["init"], notes = _take_over(model, init)
    run = assemble(config, shards, folder, model.to(device), labels, origin, world, taught)
    run.notes = notes + run.notes
    if config.optim.warmup >= config.steps:
        run.notes.append(
            f"optim.warmup={config.optim.warmup} of {config.steps} steps: the learning rate only rises, to "
            f"{rate_at(1 - 1 / config.steps, config.steps, config.optim):.3g} of {config.optim.rate:.3g}"
        )
    if world.rank:
        torch.manual_seed(config.seed + world.rank)  # dropout differs between processes
    else:
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / "config.json", to_json(run.config) + "\n")
        (folder / LOG).unlink(missing_ok=True)
    parallel.wait_for_all(world)
    return run


def _check_memory(config: TrainConfig) -> None:
    """Raise BadConfig, before allocating anything, if the weights alone exceed the machine's memory."""
    with torch.device("meta"):
        size = 4 * sum(tensor.numel() for tensor in Gpt(config.model).parameters())
    if size > (memory := installed_memory()):
        raise BadConfig(
            f"setting model: its weights take {size / 2**30:,.0f} GiB, and this machine has {memory / 2**30:,.0f}"
        )


def digest(data: Path) -> str:
    """Return a fingerprint of the shards that a run is trained on."""
    Shards.open(data)  # raises if the folder holds no shards
    return sha256(data / "index.json")


def assemble(
    config: TrainConfig,
    shards: Shards,
    folder: Path,
    model: Gpt,
    labels: Sequence[Path],
    origin: dict[str, Any],
    world: World,
    taught: Sequence[Path],
) -> Run:
    """Return a run at its first step around a model."""
    if config.regularisers.penalty_exact and world.ranks > 1:
        raise BadConfig("setting regularisers.penalty_exact must be no where several processes train together")
    validation = shards.split("validation")
    labelled = mixture.read(labels, validation) if labels else None
    games = mixture.read_taught(taught, validation) if taught else None
    device = str(next(model.parameters()).device)
    config = settled(config, device, world)
    freeze(model, config.only)
    objective = parallel.wrapped(Objective(model, config, device), config, world, device)
    average = Average(model, config.ema) if config.ema else None
    train = shards.split("train")
    if train.answers is not None:
        train = annotate.without(train, mixture.keys_of(validation))
    feed = Feed.make(config, train, labelled.train if labelled else None, world, games.train if games else None)
    run = Run(
        folder, config, model, objective, make_optimizers(model, config.optim, config.precision), average, feed,
        validation, device, world, origin,
    )  # fmt: skip
    if labelled:
        run.held_out = labelled.held_out
        run.notes.append(labelled.words())
    if games:
        run.taught = games.held_out
        run.notes.append(games.words())
    return run


def settled(config: Settings, device: str, world: World = ALONE) -> Settings:
    """Return a run's configuration with the precision chosen where it is auto: by rank 0, and for as long as the run
    lasts, so that all its processes and sessions compute alike.
    """
    short = chosen_precision(device, config.precision) == "bf16"  # type: ignore[attr-defined]
    first = parallel.summed(np.array([float(short and not world.rank)]), world, device)[0]
    return replace(config, precision="bf16" if first else "float32")  # type: ignore[type-var]


def freeze(model: Gpt, only: str) -> None:
    """Let only these parts of a model learn (`config.ONLY`); the others stay as they are, and drop nothing out."""
    for name, part in model.named_children():
        if only == "all" or name in ONLY[only]:
            continue
        part.requires_grad_(False)
        for module in part.modules():
            if isinstance(module, LockedDropout):
                module.rate = 0.0


def _take_over(model: Gpt, name: str) -> tuple[dict[str, Any], list[str]]:
    """Copy the weights that fit from a model on disk; return its origin for the record, and lines for the user."""
    source = (contrastive.load(name) if contrastive.pretrained(name) else checkpoint.load(name)).state_dict()
    mine = model.state_dict()
    fits = {key: t for key, t in source.items() if key in mine and mine[key].shape == t.shape}
    if not any(t.ndim > 1 for t in fits.values()):
        raise BadConfig(f"--init {name}: none of its weights fits this model")
    model.load_state_dict(fits, strict=False)
    fresh, unused = (sorted(mine.keys() - fits.keys()), sorted(source.keys() - fits.keys()))
    notes = [f"{len(fits)} of {len(mine)} tensors begin as those of {name}"]
    notes += [f"begin afresh: {', '.join(fresh)}"] if fresh else []
    notes += [f"of {name} not used: {', '.join(unused)}"] if unused else []
    weights = (checkpoint.resolve(name) / checkpoint.WEIGHTS).read_bytes()
    about = {"model": name, "sha256": hashlib.sha256(weights).hexdigest(), "fresh": fresh, "unused": unused}
    known = checkpoint.read_card(name)
    about |= {key: known[key] for key in ("trained_on", "split", "origin") if key in known}
    return about, notes


# ------------------------------------------------------------------------------------------------ save


def card(run: Run, data: Path) -> dict[str, Any]:
    """Return the card of a checkpoint."""
    index = Shards.open(data).index
    return {
        "trained_on": index["sources"],
        "split": {"shared_run": index.get("shared_run", 0)}
        | {key: index[key] for key in ("seed", "validation", "split_rule", "splits")},
        "config": asdict(run.config),
        "origin": run.origin,
        "steps": run.step,
        "epochs": run.feed.games.epoch,
        "plies_seen": run.plies,
        "parameters": run.model.parameter_count(),
        "training_seconds": round(run.seconds),
        "trained_with": {**circumstances(run.device), "processes": run.world.ranks},
        "validation_sample": run.figures,
    }


def save(run: Run, about: dict[str, Any], name: str = LAST) -> None:
    """Write all that resuming needs; the old checkpoint remains until the new one is complete."""
    weights = run.kept_weights()
    state = _state(run) if name == LAST else {}
    if run.world.rank == 0:
        target, fresh, old = (run.folder / name, run.folder / f"{name}.part", run.folder / f"{name}.old")
        shutil.rmtree(fresh, ignore_errors=True)
        checkpoint.save(fresh, run.model, about, weights=weights)
        for file, tensors in state.items():
            checkpoint.write_tensors(fresh / file, tensors)
        if name == LAST:
            write_text(fresh / STATE, json.dumps(_counters(run)) + "\n")
        shutil.rmtree(old, ignore_errors=True)
        if target.exists():
            target.rename(old)
        fresh.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    parallel.wait_for_all(run.world)


def _state(run: Run) -> dict[str, dict[str, torch.Tensor]]:
    """Return files of tensors that only training needs."""
    tensors = parallel.whole(state_tensors(run.optimizers))
    for rank, numbers in enumerate(parallel.gathered(torch.get_rng_state(), run.world, run.device)):
        tensors[f"rng.{rank}" if rank else "rng"] = numbers
    if run.device.startswith("cuda"):
        for rank, numbers in enumerate(parallel.gathered(torch.cuda.get_rng_state(run.device), run.world, run.device)):
            tensors[f"cuda_rng.{rank}" if rank else "cuda_rng"] = numbers
    return {OPTIMIZER: tensors} | ({RAW: parallel.whole(run.model.state_dict())} if run.average else {})


def _counters(run: Run) -> dict[str, Any]:
    return {
        "step": run.step,
        "ranks": run.world.ranks,
        **run.feed.state(),
        "best_bits": run.best_bits,
        "waited": run.waited,
        "seconds": run.seconds,
        "computing": run.computing,
        "plies": run.plies,
        "averaged": run.average.updates if run.average else 0,
        **run.origin,
    }
