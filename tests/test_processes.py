"""The pool of processes; tests/arena/test_backends.py tests its faults."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from xiangqi_lm.processes import WorkerDied, run, run_in_order


@dataclass(frozen=True)
class DiesOnce:
    """Squares numbers; the worker with the first job dies on it, so that its result comes late."""

    folder: Path

    def __call__(self, number: int) -> int:
        mark = self.folder / "died"
        if number == 0 and not mark.exists():
            mark.touch()
            os._exit(9)
        return number * number


def test_results_come_in_the_order_of_the_jobs_even_after_a_death(tmp_path):
    found = list(run_in_order(range(6), DiesOnce(tmp_path), 2))
    assert found == [(number, number * number) for number in range(6)]
    assert (tmp_path / "died").exists()


class Finalised:
    """Asks its process to end while it is finalised, where Python drops exceptions with a warning."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(100))  # the handler runs between two instructions


def dies_finalising(number: int) -> int:
    Finalised()
    return number


@pytest.mark.skipif(os.name == "nt", reason="signals as on POSIX")
def test_a_worker_ends_even_where_python_would_drop_the_request(capfd):
    with pytest.raises(WorkerDied, match="ended with exit code 143"):
        list(run([1, 2], dies_finalising, 2, retries=0))
    assert "Exception ignored" not in capfd.readouterr().err


def test_one_worker_is_this_process(tmp_path):
    (tmp_path / "died").touch()
    assert [result for _, result in run_in_order([3, 0, 2], DiesOnce(tmp_path))] == [9, 0, 4]


@dataclass
class Counts:
    """Counts to its job's number, one by one."""

    report: object = print

    def __call__(self, number: int) -> int:
        for _ in range(number):
            self.report(1)
        return number


@pytest.mark.parametrize("workers", [1, 2])
def test_counts_within_a_job_are_reported(workers):
    counted = []
    found = sorted(result for _, result in run([3, 5, 7], Counts(), workers, report=counted.append))
    assert found == [3, 5, 7] and sum(counted) == 15
