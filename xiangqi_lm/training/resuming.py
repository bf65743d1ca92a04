"""Resuming a training run where it was last saved; that changes no result."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from ..config import TrainConfig
from ..config_fields import Settings, from_dict, to_json, with_settings
from ..dataset.shards import Shards
from ..errors import BadCheckpoint, BadConfig, XiangqiError, quoted
from ..files import write_text
from ..model import checkpoint
from ..model.device import fast_bf16
from . import mixture, parallel
from .optim import load_state_tensors, rate_at
from .parallel import ALONE, World
from .run import LAST, LOG, OPTIMIZER, RAW, STATE, Run, assemble, digest

CHANGEABLE = (
    "steps", "budget_seconds", "evaluate_every", "evaluate_games", "evaluate_problems", "patience", "save_every",
    "compile", "precision",
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
    run = assemble(changed, shards, folder, model, labels, origin, world, taught)  # the average is of these weights
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
    if config.precision == "bf16" and not fast_bf16(run.device):
        run.notes.append("bfloat16, in which the run began, is slower here: --set precision=float32 changes it")
    if run.world.rank == 0:
        write_text(folder / "config.json", to_json(config) + "\n")
        _trim_log(folder / LOG, run.step)
    parallel.wait_for_all(run.world)


def _check_origin(
    folder: Path, data: Path, labels: Sequence[Path], taught: Sequence[Path], origin: dict[str, Any]
) -> None:
    if origin["data"] != digest(data):
        raise BadConfig(f"{data}: not the shards that {folder} was trained on")
    if origin["labels"] != mixture.digest(labels):
        given = "not the labels" if labels and origin["labels"] else "no labels" if labels else "give the --labels"
        raise BadConfig(f"{folder}: {given} that it was trained on")
    if origin.get("taught", []) != [digest(folder) for folder in taught]:
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
        f"the schedule is stretched: {run.done:.1%} of the run is done instead of {old.done:.1%}, and the learning "
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
