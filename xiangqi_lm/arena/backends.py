"""Job distribution: over processes of this machine, or over a Ray cluster."""

from __future__ import annotations

import importlib
import logging
import os
import pickle
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Literal

from .. import processes
from ..errors import BadConfig
from ..jobs import Job, Queue, Task, WorkerDied
from ..processes import RETRIES, Failure, Result, attempt, close_work, one_thread_each

__all__ = ["Backend", "WorkerDied", "run"]

Backend = Literal["local", "ray"]


def run(
    jobs: Iterable[Job],
    work: Callable[[Job], Result],
    backend: Backend = "local",
    workers: int = 1,
    retries: int = RETRIES,
    report: Callable[[int], None] | None = None,
) -> Iterator[tuple[Job, Result | Exception]]:
    """Yield each job with the result of `work`, like `processes.run`; raises BadConfig when Ray is not installed.

    `report` is not called on Ray.
    """
    if backend == "ray":
        return _on_ray(import_ray(), jobs, work, workers, retries)
    return processes.run(jobs, work, workers, retries, report)


# ------------------------------------------------------------------------------------------------ Ray


def import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # Ray would report usage to its makers
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "120")  # Ray's 30 s are too short on a loaded machine
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise BadConfig('the backend ray needs Ray: pip install "xiangqi-lm[cluster]"') from None


class _RayWork:
    """The class of a Ray actor; it imports modules from the driver's paths, if they exist on its machine."""

    def __init__(self, packed: bytes, paths: list[str]):
        one_thread_each()
        sys.path += [path for path in paths if path not in sys.path]
        self._work = pickle.loads(packed)

    def attempt(self, job: Any) -> Any:
        return attempt(self._work, job)

    def close(self) -> None:
        close_work(self._work)


def join_cluster(ray: Any, workers: int) -> None:
    """Join the cluster that RAY_ADDRESS names or that runs on this machine; else start one on this machine."""
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        ray.init(address="auto", **quiet)
    except ConnectionError:
        try:
            ray.init(num_cpus=max(workers, os.cpu_count() or 1), include_dashboard=False, **quiet)
        except Exception as fault:  # Ray raises nothing narrower
            raise RuntimeError(f"Ray does not start: {fault}") from fault


def _on_ray(
    ray: Any, jobs: Iterable[Job], work: Callable[[Job], Result], workers: int, retries: int
) -> Iterator[tuple[Job, Result | Exception]]:
    queue, packed = Queue(jobs, retries), pickle.dumps(work)
    busy: dict[Any, tuple[Any, Task[Job]]] = {}  # by the reference to the result
    ours = not ray.is_initialized()
    if ours:
        join_cluster(ray, workers)
    hire = ray.remote(num_cpus=1)(_RayWork).remote

    def give(actor: Any) -> None:
        """Give an actor its next job, or end it; with None, hire an actor if there is a job."""
        if task := queue.take():
            actor = actor or hire(packed, sys.path)
            busy[actor.attempt.remote(task.job)] = actor, task
        elif actor:
            with suppress(ray.exceptions.RayError):  # the actor may have died meanwhile
                ray.get(actor.close.remote())
            ray.kill(actor)  # frees its processor

    try:
        for _ in range(workers):
            give(None)
        while busy:
            (reference,), _ = ray.wait(list(busy))
            actor, task = busy.pop(reference)
            try:
                answer = ray.get(reference)
            except ray.exceptions.RayError as fault:
                words = re.sub(r"\x1b\[\d*m", "", str(fault)).strip().splitlines()
                yield from queue.died(task, f"with {type(fault).__name__}: {words[-1].strip()}")
                give(None)
                continue
            queue.answered()
            give(actor)
            yield task.job, answer.exception() if isinstance(answer, Failure) else answer
    finally:
        for actor, _task in busy.values():
            ray.kill(actor)
        if ours:
            ray.shutdown()
