"""A solver's training run on disk, using the program's own loop: begin, resume, and what a step and an evaluation
do.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch

from ...config_fields import to_json
from ...errors import BadCheckpoint, BadConfig
from ...files import write_text
from ...model import checkpoint
from ...training import loop
from ...training.about import circumstances
from ...training.optim import Average, make_optimizers, rate_at
from ...training.parallel import ALONE
from ...training.resuming import changed_settings, read_state, restored
from ...training.run import Run, settled
from ...training.step import update
from .cleaning import clean
from .config import SolverConfig, SolverTrainConfig
from .feed import ProblemFeed
from .generator import characters, generate
from .measuring import calibrated, measure
from .model import TASK, Solver, inherit
from .objective import SolverObjective
from .problems import Problem, read
from .vocabulary import filled


@dataclass
class SolverRun(Run):
    """A run whose model is a solver; `plies` counts problems, `best_bits` is the lowest share of wrong answers."""

    config: SolverTrainConfig  # type: ignore[assignment]
    model: Solver  # type: ignore[assignment]
    feed: ProblemFeed  # type: ignore[assignment]
    validation: Sequence[Problem]  # type: ignore[assignment]


# ------------------------------------------------------------------------------------------------ data


def given(paths: Sequence[Path]) -> list[Problem]:
    """Return the problems in files; those of Ape210K are cleaned first."""
    found: list[Problem] = []
    for path in paths:
        items = read(path)
        found += [p for p in items if isinstance(p, Problem)] or clean(items).problems  # type: ignore[arg-type]
    return found


def divided(problems: Sequence[Problem], share: float) -> tuple[list[Problem], list[Problem]]:
    """Return training problems and the held-out share, split by a hash of the question."""

    def place(problem: Problem) -> float:
        return int.from_bytes(hashlib.sha256(problem.question.encode()).digest()[:6], "big") / (1 << 48)

    held = [p for p in problems if place(p) < share]
    return [p for p in problems if place(p) >= share], held


def generated(seed: int, count: int, families: Sequence[str] = (), held_out: bool = False) -> list[Problem]:
    """Return problems of the named families, or of all; `held_out` ones have wordings that are never used in
    training.
    """
    rng = random.Random(seed)
    return [generate(rng, families, held_out) for _ in range(count)]


# ------------------------------------------------------------------------------------------------ begin, resume


def begin(
    config: SolverTrainConfig, paths: Sequence[Path], folder: Path, device: str, limit: int = 0, init: str | Path = ""
) -> SolverRun:
    """Return a new run in an empty or new folder; `limit` is the most problems to train on. With `init` the weights are
    those of that solver, which must have the shape of the configuration.

    Raises BadConfig if the folder already holds a run, or the shapes differ.
    """
    if (folder / loop.LAST).exists() or (folder / f"{loop.LAST}.old").exists():
        raise BadConfig(f"{folder} holds a run already: give --resume to continue it, or another folder")
    torch.manual_seed(config.seed)
    learned, held = divided(given(paths), config.validation)
    learned = learned[:limit] if limit else learned
    if not learned:
        config = replace(config, generated_share=1.0)
    known = characters() if config.generated_share else set()
    config = replace(config, model=filled(config.model, learned, known))
    origin = {"data": _digest(paths), "limit": limit, "learned": len(learned)}
    model = Solver(config.model)
    notes = []
    if init:
        new = inherit(model, load(init))
        notes.append(f"weights of {init}; {new:,} characters and constants are new")
    run = _assemble(config, learned, held, folder, model.to(device), origin)
    run.notes += notes
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "config.json", to_json(run.config) + "\n")
    (folder / loop.LOG).unlink(missing_ok=True)
    return run


def resume(folder: Path, paths: Sequence[Path], device: str, settings: Sequence[str] = ()) -> SolverRun:
    """Return a run as last saved; raises BadConfig for other problem files."""
    config, state = read_state(folder, SolverTrainConfig)
    if state["data"] != _digest(paths):
        raise BadConfig(
            f"{folder}: not the problem files that it was trained on: {', '.join(map(str, paths)) or 'none'}"
        )
    learned, held = divided(given(paths), config.validation)
    learned = learned[: state["limit"]] if state["limit"] else learned
    origin = {key: state[key] for key in ("data", "limit", "learned")}
    changed = changed_settings(config, settings)
    run = _assemble(changed, learned, held, folder, load(folder / loop.LAST, device), origin)
    restored(run, config, state)
    return run


def _digest(paths: Sequence[Path]) -> str:
    return " ".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)


def _assemble(
    config: SolverTrainConfig,
    learned: Sequence[Problem],
    held: Sequence[Problem],
    folder: Path,
    model: Solver,
    origin: dict[str, Any],
) -> SolverRun:
    written = [e for p in learned if (e := model.vocabulary.example(p)) is not None]
    examples = [e for e in written if len(e.columns.tokens) <= config.longest]
    device = str(next(model.parameters()).device)
    config = settled(config, device)
    step = max(1, len(held) // config.evaluate_problems)
    validation = [*held[::step][: config.evaluate_problems]]
    if config.generated_share:
        validation += generated(0, max(4, config.evaluate_problems // 2), sorted({*config.named()}), held_out=True)
    run = SolverRun(
        folder, config, model, SolverObjective(model, config, device),
        make_optimizers(model, config.optim, config.precision),  # type: ignore[arg-type]
        Average(model, config.ema) if config.ema else None,
        ProblemFeed(examples, model.vocabulary, partial(generate, families=config.named()), config),
        validation, device, ALONE, origin,
    )  # fmt: skip
    if learned:
        short = len(written) - len(examples)
        run.notes.append(
            f"{len(written):,} of {len(learned):,} problems can be written with this vocabulary; {short:,} of them are "
            f"longer than {config.longest} columns and left out"
        )
    return run


# ------------------------------------------------------------------------------------------------ what the loop does


def learn(run: Run) -> tuple[dict[str, Any], float]:
    """Make one step; return its terms, and its operations as 6 per parameter and column."""
    assert isinstance(run, SolverRun)
    config = run.config
    rate = rate_at(run.done, config.steps, config.optim)
    totals: dict[str, float] = {}
    columns = 0
    for _ in range(config.accumulate):
        batch = run.feed.take().to(run.device)
        loss, terms = run.objective(batch)
        (loss / config.accumulate).backward()
        columns += batch.tokens.numel()
        for name, term in {"loss": loss, **terms}.items():
            totals[name] = totals.get(name, 0.0) + term.item() / config.accumulate
    update(run, rate, totals["loss"])
    line = {"epoch": run.feed.epoch, "problems": config.batch * config.accumulate, "rate": rate, **totals}
    return line, 6.0 * run.model.parameter_count() * columns


def evaluated(run: Run) -> dict[str, Any]:
    """Return the greedy accuracy of the kept weights on held-out problems."""
    assert isinstance(run, SolverRun)
    with torch.random.fork_rng(devices=[]):  # so that evaluations do not change the random numbers of training
        model = Solver(run.config.model).to(run.device)
    model.load_state_dict(run.kept_weights())
    figures = measure(model.eval(), run.validation, precision=run.config.precision)
    return {**figures, "wrong": 1 - figures["accuracy"]} if figures["problems"] else figures


def card(run: Run, data: Path) -> dict[str, Any]:
    """Return the card of a solver."""
    assert isinstance(run, SolverRun)
    return {
        "trained_on": {"problems": run.origin["learned"], "sha256": run.origin["data"],
                       "generated_share": run.config.generated_share},
        "config": asdict(run.config),
        "steps": run.step,
        "epochs": run.feed.epoch,
        "problems_seen": run.plies,
        "parameters": run.model.parameter_count(),
        "training_seconds": round(run.seconds),
        "trained_with": circumstances(run.device),
        "validation_sample": run.figures,
    }  # fmt: skip


SOLVER, WANTED = "solver", 0.8  # folder of the finished solver; share of its sure answers that should be right


def finish(run: SolverRun) -> dict[str, Any]:
    """Write the finished solver in float16 into the run's folder, calibrated on the validation problems; return its
    card."""
    model = load(run.folder / loop.LAST, run.device)
    about = card(run, run.folder)
    about |= calibrate(model, run.validation, run.config.precision)
    checkpoint.save(run.folder / SOLVER, model, about, dtype=torch.float16)
    return about


def calibrate(model: Solver, problems: Sequence[Problem], precision: str = "float32") -> dict[str, Any]:
    """Return what the card says of a solver's confidence, found on problems that it has not seen: the calibration, and
    the confidence below which it is unsure."""
    fit, lowest = calibrated(model, problems, WANTED, precision)
    return {"calibration": fit.as_json(), "threshold": lowest}


WORD_PROBLEMS = loop.Task(learn, "problems", evaluated, "wrong", card)


# ------------------------------------------------------------------------------------------------ models on disk


def load(name: str | Path, device: str = "cpu") -> Solver:
    """Return a trained solver in evaluation mode: `word-problems`, which is shipped, or a folder.

    Raises BadCheckpoint with the reason.
    """
    folder = checkpoint.resolve(name)
    place = str(folder / checkpoint.CONFIG)
    try:
        about = json.loads(checkpoint.read_config(folder / checkpoint.CONFIG))
        if not isinstance(about, dict) or about.get("task") != TASK:
            raise BadCheckpoint(f"{place}: not a solver of word problems")
        config = checkpoint.from_dict(SolverConfig, about["model"], "model.")
    except (ValueError, KeyError, AttributeError, TypeError) as fault:
        if isinstance(fault, BadCheckpoint):
            raise
        raise BadCheckpoint(f"{place}: damaged, or of a newer version: {fault}") from fault
    solver = checkpoint.filled(lambda: Solver(config), folder)
    solver.card = checkpoint.read_card(folder)
    return solver.to(device).eval()
