"""A pool of processes in which a dead worker costs one job and no worker outlives its parent.

The pools of the standard library and of loky break completely when a worker is killed; pebble's does not, but it
neither retries the job on another worker nor closes what a worker has built.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, TypeVar

from .jobs import Job, Queue, Task
from .jobs import WorkerDied as WorkerDied  # what `run` may raise

Result = TypeVar("Result")
RETRIES = 2  # how often a job is retried after its worker died
_PAUSE = 0.5  # seconds between reports of a worker


def run(
    jobs: Iterable[Job],
    work: Callable[[Job], Result],
    workers: int = 1,
    retries: int = RETRIES,
    report: Callable[[int], None] | None = None,
) -> Iterator[tuple[Job, Result | Exception]]:
    """Yield each job with its result of `work`, as they finish; jobs are taken only when a worker is free.

    With one worker this process works. More workers are spawned (so a script needs the usual
    `if __name__ == "__main__"`), and then jobs, results and `work` must be picklable: `work` is sent once to each
    worker, keeps its state there between jobs, and its `close()`, if any, is called there at the end. An exception in
    `work` is yielded as the result. A worker that dies, as by `kill -9`, is replaced and its job retried, at most
    `retries` times; then WorkerDied is the job's result. Closing the iterator ends all workers at once.

    `report` gets the counts that `work` reports during a job by calling its own attribute `report`, which is set here.
    """
    if workers > 1:
        return _in_processes(jobs, work, workers, retries, report)
    if report is not None:
        work.report = report  # type: ignore[attr-defined]
    return _in_process(jobs, work)


def run_in_order(
    jobs: Iterable[Job], work: Callable[[Job], Result], workers: int = 1
) -> Iterator[tuple[Job, Result | Exception]]:
    """Yield the results of `run` in the order of the jobs."""
    waiting: dict[int, tuple[Job, Result | Exception]] = {}
    due = 0
    for (number, job), result in run(enumerate(jobs), _Numbered(work), workers):
        waiting[number] = job, result
        while due in waiting:
            yield waiting.pop(due)
            due += 1


@dataclass(frozen=True)
class _Numbered(Generic[Job, Result]):
    work: Callable[[Job], Result]

    def __call__(self, job: tuple[int, Job]) -> Result:
        return self.work(job[1])


def _in_process(jobs: Iterable[Job], work: Callable[[Job], Result]) -> Iterator[tuple[Job, Result | Exception]]:
    try:
        for job in jobs:
            try:
                result: Result | Exception = work(job)
            except Exception as fault:  # any exception belongs to this job
                result = fault
            yield job, result
    finally:
        close_work(work)


def close_work(work: Any) -> None:
    if hasattr(work, "close"):
        work.close()


# ------------------------------------------------------------------------------------------------ in a worker


@dataclass(frozen=True)
class Failure:
    """An exception to be sent to another process, with the traceback that pickling would lose."""

    fault: Exception
    trace: str

    @classmethod
    def of(cls, fault: Exception) -> Failure:
        trace = traceback.format_exc()
        try:
            pickle.loads(pickle.dumps(fault))
        except Exception:  # many exceptions cannot be rebuilt from their arguments
            fault = RuntimeError(f"{type(fault).__name__}: {fault}")
        return cls(fault, trace)

    def exception(self) -> Exception:
        self.fault.__cause__ = RuntimeError(f"in a worker:\n{self.trace}")
        return self.fault


def attempt(work: Callable[[Any], Any], job: Any) -> Any:
    """Return the result of `work` on a job, or a Failure; always picklable."""
    try:
        result = work(job)
        pickle.dumps(result)
        return result
    except Exception as fault:  # any exception belongs to this job
        return Failure.of(fault)


def usable_cores() -> int:
    """Return how many cores this process may use, by its affinity and its container's CPU quota."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # Windows and macOS
        cores = os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else max(1, min(cores, int(quota) // int(period)))


def one_thread_each() -> None:
    """Limit each worker to one thread, as workers share the machine; must run before torch and numba are imported."""
    for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def end_with_parent() -> None:
    """End this process as soon as its parent has ended in any way, as its results are no longer needed.

    Engines that it runs exit at the end of their input. (PR_SET_PDEATHSIG would watch the thread that started us, which
    may end before its process.)
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


@dataclass(frozen=True)
class _Report:
    """The count of a worker since its last report, sent to its parent."""

    count: int


class _Reporter:
    """Sends a worker's counts from time to time."""

    def __init__(self, pipe: Connection):
        self._pipe, self._count, self._sent = pipe, 0, time.monotonic()

    def __call__(self, count: int) -> None:
        self._count += count
        if time.monotonic() - self._sent > _PAUSE:
            self.flush()

    def flush(self) -> None:
        if self._count:
            self._pipe.send(_Report(self._count))
        self._count, self._sent = 0, time.monotonic()


def _serve(pipe: Connection, packed: bytes, reports: bool) -> None:
    """Run a worker process: report readiness, then answer jobs until told to stop or the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C; engines must not get it either
    signal.signal(signal.SIGTERM, _leave)
    sys.unraisablehook = _leave_at_once
    end_with_parent()
    one_thread_each()
    work, reporter = pickle.loads(packed), _Reporter(pipe)
    if reports:
        work.report = reporter
    try:
        pipe.send(None)
        while (job := pipe.recv()) is not None:
            answer = attempt(work, job[0])
            reporter.flush()
            pipe.send(answer)
    except (EOFError, OSError):  # the parent has ended
        pass
    finally:
        close_work(work)


def _leave(*_: object) -> None:
    """Exit on SIGTERM so that `finally` blocks run and engines are closed; ignore repeated signals."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(143)


def _leave_at_once(lost: sys.UnraisableHookArgs) -> None:
    """Exit where the request to leave came while an object was finalised, and Python would drop it with a warning."""
    if isinstance(lost.exc_value, SystemExit):
        os._exit(143)
    sys.__unraisablehook__(lost)


# ------------------------------------------------------------------------------------------------ processes


class _Worker:
    """A worker process, our end of its pipe, and its current task."""

    def __init__(self, packed: bytes, reports: bool):
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, packed, reports), daemon=True)
        with _interrupts_ignored():  # also in the new process, until it sets its own handler
            self.process.start()
        theirs.close()  # else the pipe would stay open when the process ends
        self.task: Task | None = None
        self.ready = False

    def give(self, task: Task | None) -> None:
        """Send a job, or None to stop the worker."""
        self.task = task
        with suppress(OSError):  # it died meanwhile, which the next read of the pipe shows
            self.pipe.send(None if task is None else (task.job,))

    def end(self) -> str:
        """Stop the process, at first by waiting and in the end by force; return how it ended."""
        for force in (lambda: None, self.process.terminate, self.process.kill):
            force()
            self.process.join(3)
            if self.process.exitcode is not None:
                break
        self.pipe.close()
        return f"ended with exit code {self.process.exitcode}"


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # handlers can be set only in the main thread
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _in_processes(
    jobs: Iterable[Job],
    work: Callable[[Job], Result],
    workers: int,
    retries: int,
    report: Callable[[int], None] | None,
) -> Iterator[tuple[Job, Result | Exception]]:
    queue, packed = Queue(jobs, retries), pickle.dumps(work)
    crew: dict[Any, _Worker] = {}  # keyed by our end of the pipe

    def hire() -> None:
        worker = _Worker(packed, report is not None)
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
                if isinstance(answer, _Report):
                    assert report is not None
                    report(answer.count)
                    continue
                worker.ready = True
                worker.give(queue.take())
                if task is not None:
                    queue.answered()
                    yield task.job, answer.exception() if isinstance(answer, Failure) else answer
    finally:
        for worker in crew.values():
            worker.process.terminate()
        for worker in crew.values():
            worker.end()
