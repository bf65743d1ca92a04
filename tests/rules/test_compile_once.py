"""Kernels are compiled once on a machine, by one process, and that is reported."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from xiangqi_lm.rules import compiling, jit


def kernel(folder: Path | None, mark: str = "ab12") -> SimpleNamespace:
    """Return a stand-in for a compiled function: where its cache lies, and its name with the mark of its sources."""
    return SimpleNamespace(
        stats=SimpleNamespace(cache_path=folder and str(folder)), py_func=SimpleNamespace(__qualname__=f"last_{mark}")
    )


def test_work_is_done_once_and_again_for_other_sources(tmp_path):
    done = []
    for mark in ("old", "old", "new", "new", "old"):
        compiling.compile_once(kernel(tmp_path / "cache", mark), lambda mark=mark: done.append(mark))
    assert done == ["old", "new"]


def test_work_that_failed_is_done_again(tmp_path):
    def fail() -> None:
        raise RuntimeError("no compiler")

    with pytest.raises(RuntimeError):
        compiling.compile_once(kernel(tmp_path), fail)
    done: list[int] = []
    compiling.compile_once(kernel(tmp_path), lambda: done.append(1))
    assert done == [1]


def test_without_a_cache_every_process_compiles():
    done: list[int] = []
    for _ in range(2):
        compiling.compile_once(kernel(None), lambda: done.append(1))
    assert len(done) == 2


def test_a_second_one_waits_and_finds_the_work_done(tmp_path):
    begun, go, done = threading.Event(), threading.Event(), []

    def work() -> None:
        begun.set()
        assert go.wait(20)
        done.append(1)

    threads = [threading.Thread(target=compiling.compile_once, args=(kernel(tmp_path), work)) for _ in range(2)]
    told: list[str] = []
    with compiling.watched(lambda words, *_: (told.append(words), go.set())[0], pause=0.01):
        threads[0].start()
        assert begun.wait(20)
        threads[1].start()  # only its waiting is seen: nothing here is compiled by numba
        for thread in threads:
            thread.join()
    assert done == [1] and not compiling.is_compiling()
    assert told[0].startswith("another process") and told[-1] == "compiled"


def test_nothing_is_reported_where_nothing_compiles():
    told: list[str] = []
    with compiling.watched(lambda words, *_: told.append(words)):
        pass
    assert told == []


def test_kernels_of_models_are_the_kernels():
    assert jit.class_kernels() is jit.kernels()
