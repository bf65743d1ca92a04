"""The training loop: data -> model -> terms -> step -> evaluate -> save."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..errors import Terminated
from ..model.gpt import Gpt
from . import costs, mixture, parallel
from .evaluate import evaluate
from .feed import Part
from .resuming import resume
from .run import BEST, LAST, LOG, Run, begin, card, save
from .step import train_step

__all__ = ["BEST", "LAST", "LOG", "Run", "Task", "begin", "resume", "save", "train"]

_TAUGHT_GAMES = 100  # held-out games with a teacher's answers to measure while training
TRIM_EVERY = 20  # steps; on a CPU 40 steps left 800 MiB of fragments, which take 50 ms to give back


Stop = type[KeyboardInterrupt] | None


@contextmanager
def _stop_between_steps() -> Iterator[Callable[[], Stop]]:
    """Let the first Ctrl-C or SIGTERM only be noted: the yielded function returns the exception to raise once the step
    is finished."""
    asked: Stop = None

    def note(signum: int, frame: Any) -> None:
        nonlocal asked
        asked = asked or (Terminated if signum == signal.SIGTERM else KeyboardInterrupt)
        signal.signal(signal.SIGINT, before[signal.SIGINT])  # a second one takes effect at once

    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # only the main thread may set signal handlers
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@dataclass(frozen=True)
class Task:
    """What a step and an evaluation do; runs that learn different things differ here."""

    step: Callable[[Run], tuple[dict[str, Any], float]]  # learn from a batch: terms for the log, number of operations
    unit: str  # the term that counts what was learned from
    evaluate: Callable[[Run], dict[str, Any]]
    score: str  # the figure that falls as the model improves
    card: Callable[[Run, Path], dict[str, Any]]


def train(
    run: Run, data: Path, report: Callable[[dict[str, Any]], None] = lambda line: None, task: Task | None = None
) -> None:
    """Train until `config.steps`, or until `config.budget_seconds` are used; `report` gets every line of the log.

    The default task is xiangqi games. On Ctrl-C or SIGTERM the step is finished and saved before KeyboardInterrupt or
    Terminated is raised.
    """
    config, task = run.config, task or (VALUES if run.config.only == "value" else GAMES)
    run.model.train()
    with _stop_between_steps() as asked_to_stop:
        while run.done < 1:
            line = _timed_step(run, task)
            last = run.done >= 1
            if len(run.validation) and (last or run.step % config.evaluate_every == 0):
                line["validation"] = figures = run.figures = task.evaluate(run)
                run.waited += 1
                if best_so_far(run, figures.get(task.score)):
                    run.best_bits, run.waited = figures[task.score], 0
                    save(run, task.card(run, data), BEST)
                last = run.done >= 1  # patience may have run out
            if run.world.rank == 0:
                with (run.folder / LOG).open("a", encoding="utf-8") as log:
                    log.write(json.dumps(line) + "\n")
            report(line)
            stop = bool(parallel.summed(np.array([asked_to_stop() is not None]), run.world, run.device)[0])
            if stop or last or run.step % config.save_every == 0:
                save(run, task.card(run, data))
            if stop:
                raise asked_to_stop() or KeyboardInterrupt


def _evaluate(run: Run) -> dict[str, Any]:
    """Return figures of the kept weights on validation games and held-out labels."""
    model = run.model
    if run.average or run.sharded:
        with torch.random.fork_rng(devices=[]):  # so that evaluations do not change the random numbers of training
            model = Gpt(run.config.model).to(run.device)
        model.load_state_dict(run.kept_weights())
    sample = range(0, len(run.validation), max(1, len(run.validation) // run.config.evaluate_games))
    figures = evaluate(model, run.validation, sample)
    if run.held_out is not None and len(run.held_out):
        figures["labels"] = mixture.measure(model, run.held_out)
    if run.taught is not None and len(run.taught):
        games = range(0, len(run.taught), max(1, len(run.taught) // min(_TAUGHT_GAMES, run.config.evaluate_games)))
        figures["taught"] = evaluate(model, run.taught, games).get("teacher", {})
    return figures


def best_so_far(run: Run, score: float | None) -> bool:
    """Return whether these figures are the best yet according to rank 0: all processes must save together, and sums in
    another order might differ."""
    mine = run.world.rank == 0 and score is not None and score < run.best_bits
    return bool(parallel.summed(np.array([bool(mine)]), run.world, run.device)[0])


def _timed_step(run: Run, task: Task) -> dict[str, Any]:
    """Make one step and return its line of the log."""
    before, computing = time.perf_counter(), time.process_time()
    terms, operations = task.step(run)
    if run.step % TRIM_EVERY == 0:
        costs.give_back_memory()
    spent = time.perf_counter() - before
    used = spent if run.device.startswith("cuda") else time.process_time() - computing
    run.seconds += spent
    run.computing += float(parallel.summed(np.array([used]), run.world, run.device)[0]) / run.world.ranks
    count = round(terms.pop(task.unit))
    run.plies += count
    line = {"step": run.step, task.unit: count, f"{task.unit}_per_s": count / spent, **terms}
    mfu = costs.utilisation(operations, spent, run.device)
    return line | costs.peak_memory(run.device) | ({} if mfu is None else {"mfu": mfu})


def _learn_from_games(run: Run) -> tuple[dict[str, Any], float]:
    parts = [run.feed.take(run.done) for _ in range(run.config.accumulate)]
    terms = train_step(run, parts)
    work = _operations(run.model, parts) * run.config.regularisers.passes
    return {"epoch": run.feed.games.epoch, **terms}, work


def _operations(model: Gpt, parts: list[Part]) -> float:
    batches = [batch for part in parts for batch in part.batches()]
    return sum(costs.operations(model, *batch.tokens.shape) for batch in batches)


GAMES = Task(_learn_from_games, "plies", _evaluate, "bits_per_move_unmasked", card)
VALUES = replace(GAMES, score="value_bits")  # where only the value learns
