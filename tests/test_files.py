"""One run at a time: who holds a lock, who is kept out, and what is left behind."""

import multiprocessing
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from xiangqi_lm.errors import BadConfig
from xiangqi_lm.files import locked

HOLD = """
import sys
from contextlib import suppress
from pathlib import Path
from xiangqi_lm.files import locked
with locked(Path(sys.argv[1]), folder=sys.argv[2] == "folder"):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(path: Path, kind: str) -> subprocess.Popen:
    """Return a process that holds the lock until it is killed or its input ends."""
    words = [sys.executable, "-c", HOLD, str(path), kind]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout is not None and child.stdout.readline() == "held\n"
    return child


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_the_second_run_learns_who_is_writing_and_a_killed_one_blocks_nobody(tmp_path, kind):
    out = tmp_path / "deep" / "out"
    child = holder(out, kind)
    says = rf"another run is writing it since .* \(process {child.pid}: -c "
    with pytest.raises(BadConfig, match=says) as refused, locked(out, folder=kind == "folder"):
        raise AssertionError("two runs at once")
    assert "\n" not in str(refused.value)
    child.kill()
    child.communicate()
    with locked(out, folder=kind == "folder"):
        pass
    assert not list(tmp_path.rglob("*lock*"))


def test_a_lock_leaves_only_the_written_file(tmp_path):
    with locked(tmp_path / "a" / "b", folder=True):
        assert (tmp_path / "a" / "b").is_dir()
    assert not list(tmp_path.iterdir())
    with locked(tmp_path / "a" / "b"):
        (tmp_path / "a" / "b").write_text("x")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]
    with pytest.raises(ZeroDivisionError), locked(tmp_path / "c", folder=True):
        raise ZeroDivisionError
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_two_names_of_one_file_have_one_lock_and_long_names_have_one(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    with locked(tmp_path / "file"), pytest.raises(BadConfig, match="another run"), locked(tmp_path / "link"):
        pass
    with locked(tmp_path / ("棋" * 84)), pytest.raises(BadConfig, match="another run"), locked(tmp_path / ("棋" * 84)):
        pass


def append(path: Path, rounds: int) -> None:
    """Write the next numbers into a file, each under the lock, retrying when refused."""
    done = 0
    while done < rounds:
        with suppress(BadConfig), locked(path):
            lines = path.read_text().splitlines() if path.exists() else []
            path.write_text("".join(f"{line}\n" for line in [*lines, len(lines)]))
            done += 1


@pytest.mark.slow
def test_locks_hold_where_runs_come_and_go(tmp_path):
    """Every release removes the lock file: a run that has opened the old one must not trust it."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append, args=(tmp_path / "numbers", 20)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [int(line) for line in (tmp_path / "numbers").read_text().splitlines()] == list(range(60))
