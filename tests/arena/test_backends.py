"""Jobs in this process, over processes and over Ray; dead workers, exceptions, early ends."""

import importlib.util
import itertools
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from xiangqi_lm import processes
from xiangqi_lm.arena import backends
from xiangqi_lm.arena.backends import WorkerDied, run
from xiangqi_lm.errors import BadConfig

WAYS = [
    pytest.param("local", 1, id="in process"),
    pytest.param("local", 2, id="processes"),
    pytest.param("ray", 2, id="ray", marks=pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="no ray")),
]
KILLING = WAYS[1:]


@pytest.fixture(scope="module")
def cluster():
    """Yield one small cluster for all tests here, as starting it takes seconds."""
    import ray

    try:
        backends.join_cluster(backends.import_ray(), 2)
    except RuntimeError as fault:
        pytest.skip(str(fault))
    yield
    ray.shutdown()


@pytest.fixture(autouse=True)
def _on_cluster(request):
    if hasattr(request.node, "callspec") and "ray" in request.node.callspec.params.values():
        request.getfixturevalue("cluster")


def square(number: int) -> int:
    if number == 13:
        raise ValueError("not that one")
    return number * number


@dataclass
class Deadly:
    """Kills its own process on job 3: only the first time, or every time."""

    folder: Path
    always: bool = False

    def __call__(self, number: int) -> int:
        mark = self.folder / "died"
        if number == 3 and (self.always or not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
            time.sleep(30)
        return number * number


@dataclass
class Keeper:
    """Builds something once in its worker and records when it is closed."""

    folder: Path
    built: int = 0

    def __call__(self, number: int) -> tuple[int, int]:
        self.built += 1
        return os.getpid(), self.built

    def close(self) -> None:
        (self.folder / f"closed-{os.getpid()}").touch()


class Odd(Exception):
    """Cannot be rebuilt from its arguments."""

    def __init__(self, one: int, two: int):
        super().__init__(f"{one} and {two}")


def odd(number: int) -> int:
    raise Odd(number, number)


def unsendable(number: int) -> object:
    return lambda: number


@pytest.mark.parametrize(("backend", "workers"), WAYS)
def test_every_job_comes_back_once_with_its_result_or_its_exception(backend, workers):
    results = dict(run(iter(range(20)), square, backend, workers))
    assert sorted(results) == list(range(20))
    fault = results.pop(13)
    assert isinstance(fault, ValueError)
    assert str(fault) == "not that one"
    assert all(result == number * number for number, result in results.items())


@pytest.mark.parametrize(("backend", "workers"), KILLING)
def test_the_job_of_a_killed_worker_is_done_by_another(backend, workers, tmp_path):
    assert dict(run(range(8), Deadly(tmp_path), backend, workers)) == {n: n * n for n in range(8)}
    assert (tmp_path / "died").exists()


@pytest.mark.parametrize(("backend", "workers"), KILLING)
def test_a_job_that_kills_every_worker_is_dropped_and_the_others_are_done(backend, workers, tmp_path):
    results = dict(run(range(6), Deadly(tmp_path, always=True), backend, workers, retries=1))
    assert isinstance(results.pop(3), WorkerDied)
    assert results == {n: n * n for n in range(6) if n != 3}


@pytest.mark.parametrize(("backend", "workers"), WAYS)
def test_work_keeps_what_it_builds_and_is_closed_in_its_worker(backend, workers, tmp_path):
    seen = [result for _, result in run(range(10), Keeper(tmp_path), backend, workers)]
    assert sum(1 for _, built in seen if built == 1) <= workers
    assert {f"closed-{pid}" for pid, _ in seen} <= {path.name for path in tmp_path.iterdir()}


@dataclass
class Lingering:
    """Is slow to close, like an engine that hangs."""

    folder: Path

    def __call__(self, number: int) -> int:
        time.sleep(0.05)
        return os.getpid()

    def close(self) -> None:
        time.sleep(4)
        (self.folder / f"closed-{os.getpid()}").touch()


@pytest.mark.slow
def test_a_worker_that_is_slow_to_close_is_not_cut_off(tmp_path):
    results, workers = run(itertools.count(), Lingering(tmp_path), "local", 2), set()
    while len(workers) < 2:
        workers.add(next(results)[1])
    results.close()
    assert {path.name for path in tmp_path.iterdir()} == {f"closed-{pid}" for pid in workers}


def test_jobs_are_taken_lazily_and_closing_ends_the_workers():
    taken = []

    def endless():
        number = 20
        while True:
            taken.append(number)
            yield number
            number += 1

    results = run(endless(), square, "local", 2)
    next(results)
    results.close()
    assert len(taken) <= 6


def test_what_cannot_be_sent_back_is_reported():
    ((_, fault),) = run([1], odd, "local", 2)
    assert str(fault) == "Odd: 1 and 1"
    assert "raise Odd(number, number)" in str(fault.__cause__)  # the worker's traceback
    ((_, fault),) = run([1], unsendable, "local", 2)
    assert isinstance(fault, Exception)


def test_workers_that_cannot_start_end_the_run(monkeypatch):
    monkeypatch.setattr(processes.pickle, "dumps", lambda value: b"no pickle")
    with pytest.raises(WorkerDied, match="died before any had done a job"):
        list(run(range(100), square, "local", 2, retries=0))


def test_workers_that_can_no_longer_start_end_the_run():
    """Workers are not replaced forever, for instance when memory has run out after some answers."""
    queue = processes.Queue(range(5), retries=2)
    queue.answered()
    with pytest.raises(WorkerDied, match="died before they had a job"):
        for _ in range(1000):
            assert queue.died(None, "ended") == []


def test_without_ray_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(BadConfig, match=r"pip install .*cluster"):
        run([1], square, "ray", 2)
