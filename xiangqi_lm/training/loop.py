"""The training loop: data -> model -> terms -> step -> evaluate -> save."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from torch import nn

from .evaluate import evaluate
from .feed import Part
from .run import BEST, LAST, LOG, Run, begin, card, resume, save
from .step import Objective, train_step

__all__ = ["BEST", "LAST", "LOG", "Run", "begin", "resume", "save", "train"]


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
    """Train until `config.steps`, or until `config.budget_seconds` are used; `report` gets every log line.

    Ctrl-C lets the step end and saves before KeyboardInterrupt is raised.
    """
    config = run.config
    sample = range(0, len(run.validation), max(1, len(run.validation) // config.evaluate_games))
    objective = Objective(run.model, config, run.device)
    figures: dict[str, Any] = {}
    parts = iter(run.feed)
    run.model.train()
    with _stop_between_steps() as asked_to_stop:
        while run.done < 1:
            line = _timed_step(run, parts, objective)
            last = run.done >= 1
            if len(run.validation) and (last or run.step % config.evaluate_every == 0):
                figures = _evaluate(run, sample)
                line["validation"] = figures
                if figures["plies"] and figures["bits_per_move_unmasked"] < run.best_bits:
                    run.best_bits = figures["bits_per_move_unmasked"]
                    save(run, card(run, data, figures), BEST)
            with (run.folder / LOG).open("a", encoding="utf-8") as log:
                log.write(json.dumps(line) + "\n")
            report(line)
            stop = asked_to_stop()
            if stop or last or run.step % config.save_every == 0:
                save(run, card(run, data, figures))
            if stop:
                raise KeyboardInterrupt


def _evaluate(run: Run, sample: range) -> dict[str, Any]:
    """Figures of the weights that are kept: the running average where there is one."""
    if run.average is None:
        return evaluate(run.model, run.validation, sample)
    present = {name: t.clone() for name, t in run.model.state_dict().items()}
    run.model.load_state_dict(run.average.tensors)
    figures = evaluate(run.model, run.validation, sample)
    run.model.load_state_dict(present)
    return figures


def _timed_step(run: Run, feed: Iterator[Part], objective: nn.Module) -> dict[str, Any]:
    """One step as a line of the log."""
    before, computing = time.perf_counter(), time.process_time()
    parts = [next(feed) for _ in range(run.config.accumulate)]
    terms = train_step(run, parts, objective)
    spent = time.perf_counter() - before
    run.seconds += spent
    run.computing += spent if run.device.startswith("cuda") else time.process_time() - computing
    positions = sum(part.games.counted + (part.labels.counted if part.labels else 0) for part in parts)
    return {"step": run.step, "epoch": run.feed.games.epoch, "plies_per_s": positions / spent, **terms}
