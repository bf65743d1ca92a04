"""A training run on disk: begin, save, resume; stopping and resuming changes no result."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ..config import Settings, TrainConfig, from_dict, to_json, with_settings
from ..dataset import annotate
from ..dataset.labels import Labels
from ..dataset.shards import Shards
from ..dataset.splits import Split
from ..errors import BadCheckpoint, BadConfig, XiangqiError, quoted
from ..files import sha256, write_text
from ..model import checkpoint
from ..model.gpt import Gpt
from . import contrastive, mixture, parallel
from .about import circumstances
from .costs import installed_memory
from .feed import Feed
from .forward import Objective
from .optim import Average, load_state_tensors, make_optimizers, rate_at, state_tensors
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
    origin: dict[str, Any] = {"data": _digest(data), "labels": mixture.digest(labels)}
    if taught:
        origin["taught"] = [_digest(folder) for folder in taught]
    notes: list[str] = []
    if init:
        origin["init"], notes = _take_over(model, init)
    run = _assemble(config, shards, folder, model.to(device), labels, origin, world, taught)
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
        write_text(folder / "config.json", to_json(config) + "\n")
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


def _digest(data: Path) -> str:
    """Return a fingerprint of the shards that a run is trained on."""
    Shards.open(data)  # raises if the folder holds no shards
    return sha256(data / "index.json")


def _assemble(
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
    objective = parallel.wrapped(Objective(model, config, device), config, world, device)
    average = Average(model, config.ema) if config.ema else None
    train = shards.split("train")
    if train.answers is not None:
        train = annotate.without(train, mixture.keys_of(validation))
    feed = Feed.make(config, train, labelled.train if labelled else None, world, games.train if games else None)
    run = Run(
        folder, config, model, objective, make_optimizers(model, config.optim), average, feed,
        validation, device, world, origin,
    )  # fmt: skip
    if labelled:
        run.held_out = labelled.held_out
        run.notes.append(labelled.words())
    if games:
        run.taught = games.held_out
        run.notes.append(games.words())
    return run


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


# ------------------------------------------------------------------------------------------------ resume


CHANGEABLE = (
    "steps", "budget_seconds", "evaluate_every", "evaluate_games", "evaluate_problems", "patience", "save_every",
    "compile",
)  # fmt: skip


def resume(
    folder: Path,
    data: Path,
    device: str,
    labels: Sequence[Path] = (),
    settings: Sequence[str] = (),
    world: World = ALONE,
    taught: Sequence[Path] = (),
) -> Run:
    """Return a run as last saved, with some settings (CHANGEABLE) changed if asked for.

    Raises BadCheckpoint, or BadConfig for other shards or labels, or for a setting that would change past steps.
    """
    config, state = read_state(folder, TrainConfig, world)
    origin = {"labels": "", **_origin(state)}
    shards = Shards.open(data)
    _check_origin(folder, data, labels, taught, origin)
    changed = changed_settings(config, settings)
    model = checkpoint.load(folder / LAST, device)
    run = _assemble(changed, shards, folder, model, labels, origin, world, taught)  # the average is of these weights
    restored(run, config, state)
    return run


def restored(run: Run, before: Any, state: dict[str, Any]) -> None:
    """Call `restore`; raises BadCheckpoint if the folder is damaged."""
    try:
        restore(run, before, state)
    except XiangqiError:
        raise
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, RuntimeError, OverflowError) as fault:
        words = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise BadCheckpoint(f"{run.folder}: damaged: {words}") from fault


_COUNTERS: dict[str, Any] = {
    "step": int,
    "best_bits": (int, float),
    "data": str,
}  # without these a run cannot be resumed


def read_state(folder: Path, kind: type[Settings], world: World = ALONE) -> tuple[Settings, dict[str, Any]]:
    """Return the configuration and the counters of a run as last saved; raises BadCheckpoint if there is none."""
    if world.rank == 0 and not (folder / LAST).exists() and (folder / f"{LAST}.old").exists():
        (folder / f"{LAST}.old").rename(folder / LAST)  # the process was killed between the two renames of save()
    parallel.wait_for_all(world)
    try:
        config = from_dict(kind, json.loads((folder / "config.json").read_text(encoding="utf-8")))
        state = json.loads((folder / LAST / STATE).read_text(encoding="utf-8"))
        for key, kinds in [*_COUNTERS.items(), *((key, int) for key in ("epoch", "position") if key in state)]:
            if isinstance(state[key], bool) or not isinstance(state[key], kinds):
                raise ValueError(f"{STATE}: {key} is {quoted(state[key])}")
        if state["step"] < 0:
            raise ValueError(f"{STATE}: step is negative")
    except OSError as fault:
        raise BadCheckpoint(f"{folder}: no run to resume here ({fault.strerror}: {fault.filename})") from fault
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as fault:
        words = f"{fault} is missing" if isinstance(fault, KeyError) else str(fault)
        raise BadCheckpoint(f"{folder}: damaged: {words}") from fault
    return config, state


def restore(run: Run, before: Any, state: dict[str, Any]) -> None:
    """Bring a run assembled around the kept weights to where `state` was taken; `before` is its old configuration."""
    folder, config = run.folder, run.config
    if run.average:
        parallel.fill(run.model, checkpoint.read_tensors(folder / LAST / RAW))
        run.average.updates = state["averaged"]
    tensors = checkpoint.read_tensors(folder / LAST / OPTIMIZER)
    _restore_dice(run, tensors)
    load_state_tensors(run.optimizers, {key: t for key, t in tensors.items() if "rng" not in key})
    run.feed.restore(state)
    run.step, run.best_bits = state["step"], state["best_bits"]
    run.figures = checkpoint.read_card(folder / LAST).get("validation_sample", {})
    run.seconds, run.computing, run.plies, run.waited = (
        state.get(key, 0) for key in ("seconds", "computing", "plies", "waited")
    )
    if (before.steps, before.budget_seconds) != (config.steps, config.budget_seconds):
        run.notes.append(_what_changes(run, before))
    if run.world.rank == 0:
        write_text(folder / "config.json", to_json(config) + "\n")
        _trim_log(folder / LOG, run.step)
    parallel.wait_for_all(run.world)


def _check_origin(
    folder: Path, data: Path, labels: Sequence[Path], taught: Sequence[Path], origin: dict[str, Any]
) -> None:
    if origin["data"] != _digest(data):
        raise BadConfig(f"{data}: not the shards that {folder} was trained on")
    if origin["labels"] != mixture.digest(labels):
        given = "not the labels" if labels and origin["labels"] else "no labels" if labels else "give the --labels"
        raise BadConfig(f"{folder}: {given} that it was trained on")
    if origin.get("taught", []) != [_digest(folder) for folder in taught]:
        raise BadConfig(f"{folder}: trained with other --taught shards: give the same ones, in the same order")


def changed_settings(config: Settings, settings: Sequence[str]) -> Settings:
    """Return the configuration with settings changed; raises BadConfig for one that would change past steps."""
    for text in settings:
        if (name := text.partition("=")[0].strip()) not in CHANGEABLE:
            raise BadConfig(
                f"setting {name!r}: --resume keeps the run's own value; only {', '.join(CHANGEABLE)} can be changed"
            )
    return with_settings(config, settings)


def _what_changes(run: Run, before: Any) -> str:
    """Return a line on how changed settings affect the schedule."""
    old = replace(run, config=before)
    rates = [rate_at(r.done, r.config.steps, r.config.optim) for r in (old, run)]
    return (
        f"the schedule is stretched: {run.done:.1%} of the run are behind instead of {old.done:.1%}, and the learning "
        f"rate continues at {rates[1]:.3g} instead of {rates[0]:.3g}"
    )


def _restore_dice(run: Run, tensors: dict[str, torch.Tensor]) -> None:
    """Continue the random numbers where they stopped; a process that is new starts its own."""
    end = f".{run.world.rank}" if run.world.rank else ""
    if (numbers := tensors.get(f"rng{end}")) is None:
        torch.manual_seed(run.config.seed + run.world.rank)
        return
    torch.set_rng_state(numbers)
    if (numbers := tensors.get(f"cuda_rng{end}")) is not None and run.device.startswith("cuda"):
        torch.cuda.set_rng_state(numbers, run.device)


def _origin(state: dict[str, Any]) -> dict[str, Any]:
    return {key: state[key] for key in ("data", "labels", "taught", "init") if key in state}


def _trim_log(path: Path, step: int) -> None:
    """Drop the lines of steps lost in a crash: they will be made again."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if (found := _step(line)) is not None and found <= step]
    write_text(path, "".join(line + "\n" for line in kept))


def _step(line: str) -> int | None:
    """Return the step of a line of the log; None for a line that a crash cut short."""
    try:
        return json.loads(line)["step"]
    except (ValueError, KeyError, TypeError):
        return None
