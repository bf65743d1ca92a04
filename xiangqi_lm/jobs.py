"""The queue of jobs behind pools of workers that may die, here in processes and in a Ray cluster."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

Job = TypeVar("Job")
_MOST_STILLBORN = 20  # give up after this many workers ended before they were ready, with no job done meanwhile


class WorkerDied(RuntimeError):
    """A job's workers died again and again, or no worker could be started."""


@dataclass
class Task(Generic[Job]):
    job: Job
    deaths: int = 0


class Queue(Generic[Job]):
    """The jobs to do, those of dead workers first; counts workers that died without an answer."""

    def __init__(self, jobs: Iterable[Job], retries: int):
        self._fresh, self._again, self._retries = iter(jobs), deque[Task[Job]](), retries
        self._answered, self._lost, self._stillborn = False, 0, 0

    def take(self) -> Task[Job] | None:
        if self._again:
            return self._again.popleft()
        for job in self._fresh:
            return Task(job)
        return None

    def answered(self) -> None:
        self._answered, self._stillborn = True, 0

    def died(self, task: Task[Job] | None, how: str) -> list[tuple[Job, Exception]]:
        """Handle a dead worker: its task is queued again, or returned as failed.

        Raises WorkerDied if no worker has ever done anything, so that a broken setup ends at once, and if workers keep
        dying before they have a job.
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
