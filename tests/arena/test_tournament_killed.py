"""Tournaments whose workers, or the whole of which, are killed; on processes and on Ray."""

import importlib.util
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from meetings import moves_of, play, settings

from xiangqi_lm.arena import tournament
from xiangqi_lm.arena.journal import NAME
from xiangqi_lm.arena.tournament import Tournament


@dataclass
class Deadly(tournament.Work):
    """Dies in the middle of game 4, the first time."""

    def __call__(self, job):
        if job.games[0].number == 4 and not Path(os.environ["MARK"]).exists():
            Path(os.environ["MARK"]).touch()
            os.kill(os.getpid(), signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
            time.sleep(60)
        return super().__call__(job)


@pytest.mark.parametrize(
    "backend",
    [
        "local",
        pytest.param(
            "ray", marks=[pytest.mark.slow, pytest.mark.skipif(not importlib.util.find_spec("ray"), reason="no ray")]
        ),
    ],
)
def test_a_worker_killed_during_a_match_loses_nothing(tmp_path, monkeypatch, backend):
    play(tmp_path / "undisturbed", settings())
    monkeypatch.setenv("MARK", str(tmp_path / "died"))
    monkeypatch.setattr(tournament, "Work", Deadly)
    assert sorted(play(tmp_path / backend, settings(), workers=2, backend=backend)) == list(range(6))
    assert (tmp_path / "died").exists()
    assert moves_of(tmp_path / backend) == moves_of(tmp_path / "undisturbed")


def test_a_process_killed_from_outside_loses_nothing(tmp_path):
    what = settings(pairs=12)
    with Tournament(tmp_path, what) as event:
        numbers = []
        for game in event.play("local", 2):
            numbers.append(game["number"])
            if len(numbers) == 5:
                multiprocessing.active_children()[0].kill()
        assert not event.failed
    assert sorted(numbers) == list(range(24))


PROGRAM = """
import sys
from xiangqi_lm.cli.tournament import tournament
if __name__ == "__main__":
    tournament(sys.argv[1:])
"""


@pytest.mark.slow
def test_kill_9_of_the_tournament_loses_at_most_the_games_under_way(tmp_path):
    program, out = tmp_path / "program.py", tmp_path / "out"
    program.write_text(PROGRAM)
    words = ["--player", "a=random", "--player", "b=random", "--tc", "nodes=1", "--pairs", "40", "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = [sys.executable, str(program), *words, "--jobs", "2"]
    child = subprocess.Popen(run, env=environment, stderr=subprocess.PIPE, text=True)
    for line in child.stderr:
        if line.startswith("8/"):
            break
    child.kill()
    child.wait()
    seen = len(moves_of_torn(out))
    assert 8 <= seen < 80
    done = subprocess.run(run, env=environment, capture_output=True, text=True, check=True)
    assert f"{seen} of 80 games were played before" in done.stderr
    assert len(moves_of(out)) == 80
    assert json.loads((out / "results.json").read_text())["finished"]


def moves_of_torn(folder):
    lines = (folder / NAME).read_bytes().split(b"\n")[1:-1]
    return [game for line in lines for game in json.loads(line)["games"]]
