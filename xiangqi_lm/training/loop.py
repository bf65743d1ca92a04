"""The training loop: data -> model -> terms -> step -> evaluate -> save; stopping and resuming changes nothing."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from ..config import TrainConfig, from_dict, to_json
from ..errors import BadCheckpoint, BadConfig
from ..files import write_text
from ..model import checkpoint
from ..model.device import autocast
from ..model.gpt import Gpt
from ..model.inputs import inputs_of
from ..records.loader import Batch, Loader
from ..records.shards import Shards
from . import objectives
from .evaluate import evaluate
from .optim import make_optimizer, rate_at

LOG, LAST, BEST = "log.jsonl", "last", "best"
STATE, OPTIMIZER = "state.json", "optimizer.safetensors"


@dataclass
class Run:
    """Everything that changes while training."""

    folder: Path
    config: TrainConfig
    model: Gpt
    optimizer: torch.optim.AdamW
    loader: Loader
    device: str
    data: str  # digest of the shards' index
    step: int = 0
    best_bits: float = float("inf")
    seconds: float = 0.0  # spent in training so far, earlier sittings included


# ------------------------------------------------------------------------------------------------ begin, save, resume


def begin(config: TrainConfig, data: Path, folder: Path, device: str) -> Run:
    """A new run in an empty or new folder; raises BadConfig when a run is there already."""
    if (folder / LAST).exists() or (folder / f"{LAST}.old").exists():
        raise BadConfig(f"{folder} holds a run already: give --resume to continue it, or another folder")
    split = Shards.open(data).split("train")
    if not len(split):
        raise BadConfig(f"{data}: no training games")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "config.json", to_json(config) + "\n")
    (folder / LOG).unlink(missing_ok=True)
    torch.manual_seed(config.seed)
    model = Gpt(config.model).to(device)
    loader = Loader(split, config.model.context, config.batch_tokens, config.mirror, config.seed)
    return Run(folder, config, model, make_optimizer(model, config.optim), loader, device, _digest(data))


def _digest(data: Path) -> str:
    """A mark of the shards a run is trained on."""
    return hashlib.sha256((data / "index.json").read_bytes()).hexdigest()


def _optimizer_tensors(optimizer: torch.optim.AdamW) -> dict[str, torch.Tensor]:
    state = optimizer.state_dict()["state"]
    return {f"{i}.{name}": tensor for i, values in state.items() for name, tensor in values.items()}


def save(run: Run, card: dict[str, Any], name: str = LAST) -> None:
    """Write all that resuming needs; the old checkpoint is there until the new one is whole."""
    target, fresh, old = run.folder / name, run.folder / f"{name}.part", run.folder / f"{name}.old"
    shutil.rmtree(fresh, ignore_errors=True)
    checkpoint.save(fresh, run.model, card)
    if name == LAST:
        tensors = _optimizer_tensors(run.optimizer) | {"rng": torch.get_rng_state()}
        if run.device.startswith("cuda"):
            tensors["cuda_rng"] = torch.cuda.get_rng_state()
        checkpoint.write_tensors(fresh / OPTIMIZER, tensors)
        state = {
            "step": run.step,
            "epoch": run.loader.epoch,
            "position": run.loader.position,
            "best_bits": run.best_bits,
            "seconds": run.seconds,
            "data": run.data,
        }
        write_text(fresh / STATE, json.dumps(state) + "\n")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    fresh.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def resume(folder: Path, data: Path, device: str) -> Run:
    """A run as it was when it was last saved; raises BadCheckpoint."""
    if not (folder / LAST).exists() and (folder / f"{LAST}.old").exists():
        (folder / f"{LAST}.old").rename(folder / LAST)  # killed between the two renames of save()
    try:
        config = from_dict(TrainConfig, json.loads((folder / "config.json").read_text(encoding="utf-8")))
        state = json.loads((folder / LAST / STATE).read_text(encoding="utf-8"))
        step, epoch, position, best = (state[key] for key in ("step", "epoch", "position", "best_bits"))
    except OSError as fault:
        raise BadCheckpoint(f"{folder}: no run to resume here ({fault.strerror}: {fault.filename})") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise BadCheckpoint(f"{folder}: damaged: {fault}") from fault
    if state.get("data") != _digest(data):
        raise BadConfig(f"{data}: not the shards that {folder} was trained on")
    model = checkpoint.load(folder / LAST, device)
    optimizer = make_optimizer(model, config.optim)
    tensors = checkpoint.read_tensors(folder / LAST / OPTIMIZER)
    torch.set_rng_state(tensors.pop("rng"))
    if (cuda_rng := tensors.pop("cuda_rng", None)) is not None and device.startswith("cuda"):
        torch.cuda.set_rng_state(cuda_rng)
    packed = optimizer.state_dict()
    for key, tensor in tensors.items():
        index, name = key.split(".")
        packed["state"].setdefault(int(index), {})[name] = tensor
    optimizer.load_state_dict(packed)
    split = Shards.open(data).split("train")
    loader = Loader(split, config.model.context, config.batch_tokens, config.mirror, config.seed)
    loader.epoch, loader.position = epoch, position
    run = Run(folder, config, model, optimizer, loader, device, state["data"], step, best, state.get("seconds", 0.0))
    _trim_log(folder / LOG, run.step)
    return run


def _trim_log(path: Path, step: int) -> None:
    """Drop lines of steps that were lost with the crash: they will be made again."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if line.endswith("}") and json.loads(line)["step"] <= step]
    write_text(path, "".join(line + "\n" for line in kept))


# ------------------------------------------------------------------------------------------------ one step


def train_step(run: Run, batch: Batch, forward: Callable) -> dict[str, float]:
    """Forward, backward and update on one batch; returns the terms' values."""
    config, device = run.config, run.device
    chosen = objectives.weights(config)
    wants_moves = "legal" in chosen or config.model.legal_moves
    moves = torch.from_numpy(batch.moves()).to(device) if wants_moves else None  # [B, T, 2, 2086]
    targets = objectives.Targets(
        torch.from_numpy(batch.targets).to(device),
        torch.from_numpy(batch.values).to(device),
        None if moves is None else moves[:, :, 0],
    )
    with autocast(device, config.precision):
        output = forward(inputs_of(batch, config.model, device, moves))
    loss, parts = objectives.total(output, targets, chosen)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.model.parameters(), config.optim.clip)
    rate = rate_at(run.step, config.steps, config.optim)
    for group in run.optimizer.param_groups:
        group["lr"] = rate
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    run.step += 1
    return {"loss": loss.item(), "rate": rate, **{name: part.item() for name, part in parts.items()}}


# ------------------------------------------------------------------------------------------------ the loop


def _card(run: Run, data: Path, figures: dict[str, Any]) -> dict[str, Any]:
    """What to know about a checkpoint."""
    index = Shards.open(data).index
    return {
        "trained_on": index["sources"],
        "split": {"shared_run": index.get("shared_run", 0)}
        | {key: index[key] for key in ("seed", "validation", "split_rule", "splits")},
        "config": asdict(run.config),
        "steps": run.step,
        "epochs": run.loader.epoch,
        "parameters": run.model.parameter_count(),
        "training_seconds": round(run.seconds),
        "validation_sample": figures,
    }


@contextmanager
def _stop_between_steps() -> Iterator[Callable[[], bool]]:
    """While inside, the first Ctrl-C only makes the given function say True: a step is finished or not begun."""
    asked = False

    def note(signum: int, frame: Any) -> None:
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)  # a second one is not held back

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False  # only the main thread may ask for signals
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: asked
    finally:
        signal.signal(signal.SIGINT, before)


def train(run: Run, data: Path, report: Callable[[dict[str, Any]], None] = lambda line: None) -> None:
    """Train until `config.steps`; `report` gets every log line.

    Ctrl-C lets the step end and saves before KeyboardInterrupt is raised.
    """
    config = run.config
    validation = Shards.open(data).split("validation")
    sample = range(0, len(validation), max(1, len(validation) // config.evaluate_games))
    forward = torch.compile(run.model, dynamic=True) if config.compile else run.model
    figures: dict[str, Any] = {}
    batches = iter(run.loader)
    run.model.train()
    with _stop_between_steps() as asked_to_stop:
        while run.step < config.steps:
            line = _timed_step(run, next(batches), forward)
            last = run.step == config.steps
            if len(validation) and (last or run.step % config.evaluate_every == 0):
                figures = evaluate(run.model, validation, sample)
                line["validation"] = figures
                if figures["plies"] and figures["bits_per_move_unmasked"] < run.best_bits:
                    run.best_bits = figures["bits_per_move_unmasked"]
                    save(run, _card(run, data, figures), BEST)
            with (run.folder / LOG).open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            report(line)
            stop = asked_to_stop()
            if stop or last or run.step % config.save_every == 0:
                save(run, _card(run, data, figures))
            if stop:
                raise KeyboardInterrupt


def _timed_step(run: Run, batch: Batch, forward: Callable) -> dict[str, Any]:
    """One step as a line of the log."""
    before = time.perf_counter()
    parts = train_step(run, batch, forward)
    spent = time.perf_counter() - before
    run.seconds += spent
    return {"step": run.step, "epoch": run.loader.epoch, "plies_per_s": batch.counted / spent, **parts}
