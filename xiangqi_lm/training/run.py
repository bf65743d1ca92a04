"""A training run on disk: begin, save, resume; stopping and resuming changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from ..config import TrainConfig, from_dict, to_json
from ..errors import BadCheckpoint, BadConfig
from ..files import write_text
from ..model import checkpoint
from ..model.gpt import Gpt
from ..records.shards import Shards, Split
from . import mixture
from .feed import Feed
from .optim import Average, load_state_tensors, make_optimizers, state_tensors

LOG, LAST, BEST = "log.jsonl", "last", "best"
STATE, OPTIMIZER, RAW = "state.json", "optimizer.safetensors", "raw.safetensors"


@dataclass
class Run:
    """Everything that changes while training, and what it is trained on."""

    folder: Path
    config: TrainConfig
    model: Gpt
    optimizers: list[torch.optim.Optimizer]
    average: Average | None
    feed: Feed
    validation: Split
    device: str
    origin: dict[str, Any]  # digests of shards and labels, and what --init gave: never changes
    step: int = 0
    best_bits: float = float("inf")
    seconds: float = 0.0  # spent in training so far, earlier sittings included
    computing: float = 0.0  # the same in CPU seconds of the process; on a GPU equal to `seconds`
    notes: list[str] = field(default_factory=list)  # what the user should know

    @property
    def done(self) -> float:
        """How much of the run is behind, from 0 to 1: by steps, or by computing time where that is limited."""
        budget = self.config.budget_seconds
        return min(1.0, self.computing / budget if budget else self.step / self.config.steps)

    def shown_weights(self) -> dict[str, torch.Tensor]:
        """The weights that are evaluated and kept: the running average, or the present ones where there is none."""
        return self.average.tensors if self.average else self.model.state_dict()


# ------------------------------------------------------------------------------------------------ begin


def begin(
    config: TrainConfig, data: Path, folder: Path, device: str, labels: Sequence[Path] = (), init: str = ""
) -> Run:
    """A new run in an empty or new folder, from the weights of the model `init` if one is named.

    Raises BadConfig when a run is there already, or when nothing of `init` fits.
    """
    if (folder / LAST).exists() or (folder / f"{LAST}.old").exists():
        raise BadConfig(f"{folder} holds a run already: give --resume to continue it, or another folder")
    shards = Shards.open(data)
    if not len(shards.split("train")):
        raise BadConfig(f"{data}: no training games")
    torch.manual_seed(config.seed)
    model = Gpt(config.model)
    origin: dict[str, Any] = {"data": _digest(data), "labels": mixture.digest(labels)}
    notes = []
    if init:
        origin["init"], notes = _take_over(model, init)
    run = _assemble(config, shards, folder, model.to(device), labels, origin)
    run.notes = notes + run.notes
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "config.json", to_json(config) + "\n")
    (folder / LOG).unlink(missing_ok=True)
    return run


def _digest(data: Path) -> str:
    """A mark of the shards a run is trained on."""
    return hashlib.sha256((data / "index.json").read_bytes()).hexdigest()


def _assemble(
    config: TrainConfig, shards: Shards, folder: Path, model: Gpt, labels: Sequence[Path], origin: dict[str, Any]
) -> Run:
    """A run at its first step around a model."""
    validation = shards.split("validation")
    marked, held_out = mixture.read(labels, validation) if labels else (None, None)
    average = Average(model, config.ema) if config.ema else None
    feed = Feed.make(config, shards.split("train"), marked)
    run = Run(
        folder, config, model, make_optimizers(model, config.optim), average, feed, validation,
        str(next(model.parameters()).device), origin,
    )  # fmt: skip
    if marked is not None and held_out is not None:
        run.notes.append(f"{len(marked):,} labelled positions, {len(held_out):,} more held out")
    return run


def _take_over(model: Gpt, name: str) -> tuple[dict[str, Any], list[str]]:
    """Copy the weights that fit from a model on disk; returns what to remember of it and lines for the user."""
    source = checkpoint.load(name).state_dict()
    mine = model.state_dict()
    fits = {key: t for key, t in source.items() if key in mine and mine[key].shape == t.shape}
    if not any(t.ndim > 1 for t in fits.values()):
        raise BadConfig(f"--init {name}: none of its weights fits this model")
    model.load_state_dict(fits, strict=False)
    fresh, unused = sorted(mine.keys() - fits.keys()), sorted(source.keys() - fits.keys())
    notes = [f"{len(fits)} of {len(mine)} tensors begin as those of {name}"]
    notes += [f"begin afresh: {', '.join(fresh)}"] if fresh else []
    notes += [f"of {name} not used: {', '.join(unused)}"] if unused else []
    weights = (checkpoint.resolve(name) / checkpoint.WEIGHTS).read_bytes()
    about = {"model": name, "sha256": hashlib.sha256(weights).hexdigest(), "fresh": fresh, "unused": unused}
    return about, notes


# ------------------------------------------------------------------------------------------------ save


def card(run: Run, data: Path, figures: dict[str, Any]) -> dict[str, Any]:
    """What to know about a checkpoint."""
    index = Shards.open(data).index
    return {
        "trained_on": index["sources"],
        "split": {"shared_run": index.get("shared_run", 0)}
        | {key: index[key] for key in ("seed", "validation", "split_rule", "splits")},
        "config": asdict(run.config),
        "origin": run.origin,
        "steps": run.step,
        "epochs": run.feed.games.epoch,
        "parameters": run.model.parameter_count(),
        "training_seconds": round(run.seconds),
        "validation_sample": figures,
    }


def save(run: Run, about: dict[str, Any], name: str = LAST) -> None:
    """Write all that resuming needs; the old checkpoint is there until the new one is whole."""
    target, fresh, old = run.folder / name, run.folder / f"{name}.part", run.folder / f"{name}.old"
    shutil.rmtree(fresh, ignore_errors=True)
    checkpoint.save(fresh, run.model, about)
    if run.average:
        checkpoint.write_tensors(fresh / checkpoint.WEIGHTS, run.average.tensors)
    if name == LAST:
        _save_state(run, fresh)
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _save_state(run: Run, folder: Path) -> None:
    tensors = state_tensors(run.optimizers) | {"rng": torch.get_rng_state()}
    if run.device.startswith("cuda"):
        tensors["cuda_rng"] = torch.cuda.get_rng_state()
    checkpoint.write_tensors(folder / OPTIMIZER, tensors)
    if run.average:
        checkpoint.write_tensors(folder / RAW, run.model.state_dict())
    state = {
        "step": run.step,
        **run.feed.state(),
        "best_bits": run.best_bits,
        "seconds": run.seconds,
        "computing": run.computing,
        "averaged": run.average.updates if run.average else 0,
        **run.origin,
    }
    write_text(folder / STATE, json.dumps(state) + "\n")


# ------------------------------------------------------------------------------------------------ resume


def resume(folder: Path, data: Path, device: str, labels: Sequence[Path] = ()) -> Run:
    """A run as it was when it was last saved; raises BadCheckpoint, or BadConfig for other shards or labels."""
    if not (folder / LAST).exists() and (folder / f"{LAST}.old").exists():
        (folder / f"{LAST}.old").rename(folder / LAST)  # killed between the two renames of save()
    try:
        config = from_dict(TrainConfig, json.loads((folder / "config.json").read_text(encoding="utf-8")))
        state = json.loads((folder / LAST / STATE).read_text(encoding="utf-8"))
        step, best, origin = state["step"], state["best_bits"], {"labels": "", **_origin(state)}
    except OSError as fault:
        raise BadCheckpoint(f"{folder}: no run to resume here ({fault.strerror}: {fault.filename})") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise BadCheckpoint(f"{folder}: damaged: {fault}") from fault
    if origin["data"] != _digest(data):
        raise BadConfig(f"{data}: not the shards that {folder} was trained on")
    if origin["labels"] != mixture.digest(labels):
        given = "not the labels" if labels and origin["labels"] else "no labels" if labels else "give the --labels"
        raise BadConfig(f"{folder}: {given} that it was trained on")
    model = checkpoint.load(folder / LAST, device)
    run = _assemble(config, Shards.open(data), folder, model, labels, origin)  # takes its average from the weights kept
    if run.average:
        model.load_state_dict(checkpoint.read_tensors(folder / LAST / RAW))
        run.average.updates = state["averaged"]
    tensors = checkpoint.read_tensors(folder / LAST / OPTIMIZER)
    torch.set_rng_state(tensors.pop("rng"))
    if (cuda_rng := tensors.pop("cuda_rng", None)) is not None and device.startswith("cuda"):
        torch.cuda.set_rng_state(cuda_rng)
    load_state_tensors(run.optimizers, tensors)
    run.feed.restore(state)
    run.step, run.best_bits = step, best
    run.seconds, run.computing = state.get("seconds", 0.0), state.get("computing", 0.0)
    _trim_log(folder / LOG, run.step)
    return run


def _origin(state: dict[str, Any]) -> dict[str, Any]:
    return {key: state[key] for key in ("data", "labels", "init") if key in state}


def _trim_log(path: Path, step: int) -> None:
    """Drop lines of steps that were lost with the crash: they will be made again."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= step]
    write_text(path, "".join(line + "\n" for line in kept))
