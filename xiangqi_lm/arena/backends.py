"""One way to spread jobs: in this process, over processes of this machine, or over a Ray cluster."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import pickle
import re
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, Literal, TypeVar

from ..errors import BadConfig
from ..processes import end_with_parent

Backend = Literal["local", "ray"]
Job = TypeVar("Job")
Result = TypeVar("Result")
RETRIES = 2  # how often a job is given to another worker after the one that had it died
_MOST_STILLBORN = 20  # workers that end before they are ready, with no job done meanwhile: it will not get better


class WorkerDied(RuntimeError):
    """Worker after worker died over one job, or none could be started."""


def run(
    jobs: Iterable[Job],
    work: Callable[[Job], Result],
    backend: Backend = "local",
    workers: int = 1,
    retries: int = RETRIES,
) -> Iterator[tuple[Job, Result | Exception]]:
    """Each job with what `work` made of it, as they come, in no fixed order; jobs are taken only as workers get free.

    One local worker is this process itself. More are spawned (so a script needs the usual `if __name__ == "__main__"`),
    and then jobs, results and `work` must be picklable: `work` travels once to each worker, keeps there what it builds
    between jobs, and its `close()`, if it has one, is called there at the end. An exception of `work` comes as the
    result. A worker that dies, as by `kill -9`, is replaced and its job given to another, at most `retries` times; then
    WorkerDied is its result. Closing the iterator ends all workers at once. Raises BadConfig when Ray is not installed.
    """
    if backend == "ray":
        return _on_ray(import_ray(), jobs, work, workers, retries)
    return _in_processes(jobs, work, workers, retries) if workers > 1 else _in_process(jobs, work)


def _in_process(jobs: Iterable[Job], work: Callable[[Job], Result]) -> Iterator[tuple[Job, Result | Exception]]:
    try:
        for job in jobs:
            try:
                result: Result | Exception = work(job)
            except Exception as fault:  # whatever it is belongs to this job
                result = fault
            yield job, result
    finally:
        _close(work)


def _close(work: Any) -> None:
    if hasattr(work, "close"):
        work.close()


# ------------------------------------------------------------------------------------------------ in a worker


@dataclass(frozen=True)
class _Failure:
    """An exception on its way to another process, with the traceback that pickling would lose."""

    fault: Exception
    trace: str

    @classmethod
    def of(cls, fault: Exception) -> _Failure:
        trace = traceback.format_exc()
        try:
            pickle.loads(pickle.dumps(fault))
        except Exception:  # many an exception cannot be rebuilt from its arguments
            fault = RuntimeError(f"{type(fault).__name__}: {fault}")
        return cls(fault, trace)

    def exception(self) -> Exception:
        self.fault.__cause__ = RuntimeError(f"in a worker:\n{self.trace}")
        return self.fault


def _attempt(work: Callable[[Any], Any], job: Any) -> Any:
    """What `work` makes of a job, or a _Failure; always picklable."""
    try:
        result = work(job)
        pickle.dumps(result)
        return result
    except Exception as fault:  # whatever it is belongs to this job
        return _Failure.of(fault)


def _one_thread_each() -> None:
    """Workers share the machine; must run before torch and numba are imported."""
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _serve(pipe: Connection, packed: bytes) -> None:
    """A worker process: says it is ready, then answers jobs until it is asked to end or the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle, and no engine's either
    signal.signal(signal.SIGTERM, _leave)
    end_with_parent()
    _one_thread_each()
    work = pickle.loads(packed)
    try:
        pipe.send(None)
        while (job := pipe.recv()) is not None:
            pipe.send(_attempt(work, job[0]))
    except (EOFError, OSError):  # the parent is gone
        pass
    finally:
        _close(work)


def _leave(*_: object) -> None:
    """Asked to end: `finally` runs, and engines are closed. Asked again, it goes on with that."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


# ------------------------------------------------------------------------------------------------ who has which job


@dataclass
class _Task(Generic[Job]):
    job: Job
    deaths: int = 0


class _Queue(Generic[Job]):
    """Jobs to give out, those that came back from dead workers first; counts workers that died without an answer."""

    def __init__(self, jobs: Iterable[Job], retries: int):
        self._fresh, self._again, self._retries = iter(jobs), deque[_Task[Job]](), retries
        self._answered, self._lost, self._stillborn = False, 0, 0

    def take(self) -> _Task[Job] | None:
        if self._again:
            return self._again.popleft()
        for job in self._fresh:
            return _Task(job)
        return None

    def answered(self) -> None:
        self._answered, self._stillborn = True, 0

    def died(self, task: _Task[Job] | None, how: str) -> list[tuple[Job, Exception]]:
        """A worker died: its task is kept for another one, or comes back as failed.

        Raises WorkerDied when no worker has ever done anything, so that a broken set-up ends at once, and when one
        after the other dies before it has a job.
        """
        self._lost += 1
        self._stillborn += task is None
        if self._stillborn > _MOST_STILLBORN:
            raise WorkerDied(f"{self._stillborn} workers died before they had a job; the last one {how}")
        if not self._answered and self._lost > self._retries + 1:
            raise WorkerDied(f"{self._lost} workers died before any had done a job; the last one {how}")
        if task is None:
            return []
        task.deaths += 1
        if task.deaths <= self._retries:
            self._again.append(task)
            return []
        return [(task.job, WorkerDied(f"{task.deaths} workers died over this job; the last one {how}"))]


# ------------------------------------------------------------------------------------------------ processes


class _Worker:
    """A process, our end of its pipe, and what it is at work on."""

    def __init__(self, packed: bytes):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, packed), daemon=True)
        with _interrupts_ignored():  # also by the new process, until it says so itself
            self.process.start()
        theirs.close()  # else the end of the process would not end the pipe
        self.task: _Task | None = None
        self.ready = False

    def give(self, task: _Task | None) -> None:
        """Send a job, or with None the word to end."""
        self.task = task
        with suppress(OSError):  # it died meanwhile: the next look at the pipe tells
            self.pipe.send(None if task is None else (task.job,))

    def end(self) -> str:
        """Make the process end, patiently first; says how it ended."""
        for force in (lambda: None, self.process.terminate, self.process.kill):
            force()
            self.process.join(3)
            if self.process.exitcode is not None:
                break
        self.pipe.close()
        return f"ended with exit code {self.process.exitcode}"


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # only there can handlers be set
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _in_processes(
    jobs: Iterable[Job], work: Callable[[Job], Result], workers: int, retries: int
) -> Iterator[tuple[Job, Result | Exception]]:
    queue, packed = _Queue(jobs, retries), pickle.dumps(work)
    crew: dict[Any, _Worker] = {}  # by our end of the pipe

    def hire() -> None:
        worker = _Worker(packed)
        crew[worker.pipe] = worker

    try:
        for _ in range(workers):
            hire()
        while crew:
            for pipe in wait(list(crew)):
                worker = crew[pipe]
                task = worker.task
                try:
                    answer = worker.pipe.recv()
                except (EOFError, OSError):
                    del crew[pipe]
                    how = worker.end()
                    if task is not None or not worker.ready:
                        yield from queue.died(task, how)
                        hire()
                    continue
                worker.ready = True
                worker.give(queue.take())
                if task is not None:
                    queue.answered()
                    yield task.job, answer.exception() if isinstance(answer, _Failure) else answer
    finally:
        for worker in crew.values():
            worker.process.terminate()
        for worker in crew.values():
            worker.end()


# ------------------------------------------------------------------------------------------------ Ray


def import_ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    os.environ.setdefault("RAY_raylet_start_wait_time_s", "120")  # on a loaded machine its 30 are too few
    try:
        return importlib.import_module("ray")
    except ImportError:
        raise BadConfig('the backend ray needs Ray: pip install "xiangqi-lm[cluster]"') from None


class _RayWork:
    """What a Ray actor is made of; it finds modules where the driver does, if they are there on its machine."""

    def __init__(self, packed: bytes, paths: list[str]):
        _one_thread_each()
        sys.path += [path for path in paths if path not in sys.path]
        self._work = pickle.loads(packed)

    def attempt(self, job: Any) -> Any:
        return _attempt(self._work, job)

    def close(self) -> None:
        _close(self._work)


def join_cluster(ray: Any, workers: int) -> None:
    """The cluster that RAY_ADDRESS names or that runs on this machine; else a new one of this machine alone."""
    quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
    try:
        ray.init(address="auto", **quiet)
    except ConnectionError:
        try:
            ray.init(num_cpus=max(workers, os.cpu_count() or 1), include_dashboard=False, **quiet)
        except Exception as fault:  # it knows no narrower kind
            raise RuntimeError(f"Ray does not start: {fault}") from fault


def _on_ray(
    ray: Any, jobs: Iterable[Job], work: Callable[[Job], Result], workers: int, retries: int
) -> Iterator[tuple[Job, Result | Exception]]:
    queue, packed = _Queue(jobs, retries), pickle.dumps(work)
    busy: dict[Any, tuple[Any, _Task[Job]]] = {}  # by the reference to the answer
    ours = not ray.is_initialized()
    if ours:
        join_cluster(ray, workers)
    hire = ray.remote(num_cpus=1)(_RayWork).remote

    def give(actor: Any) -> None:
        """The next job for an actor; None hires one if there is a job."""
        if task := queue.take():
            actor = actor or hire(packed, sys.path)
            busy[actor.attempt.remote(task.job)] = actor, task
        elif actor:
            with suppress(ray.exceptions.RayError):  # it may have died meanwhile
                ray.get(actor.close.remote())
            ray.kill(actor)  # lets go of its processor

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
            yield task.job, answer.exception() if isinstance(answer, _Failure) else answer
    finally:
        for actor, _task in busy.values():
            ray.kill(actor)
        if ours:
            ray.shutdown()
