"""Runs stopped from outside leave whole, resumable files, the right exit code, and no process."""

import json
import os
import random
import signal
import subprocess
import sys

import pytest

from xiangqi_lm.records.formats.pgn import read_games, write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals as on POSIX")
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

STOPPED = """
import importlib, os, signal, sys
from xiangqi_lm.cli import main

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell started us in the background
    place, name, after, number, *words = sys.argv[1:]
    module = importlib.import_module(place)
    plain, calls = getattr(module, name), []

    def counted(*given, **named):
        calls.append(1)
        if len(calls) == int(after):
            os.kill(os.getpid(), int(number))
            os.kill(os.getpid(), int(number)) if int(number) == signal.SIGTERM else None  # as `timeout` does
        return plain(*given, **named)

    setattr(module, name, counted)
    main(words)
"""


def stopped(at: tuple[str, str, int], number: int, *words: object) -> subprocess.CompletedProcess:
    """Run a command that gets a signal at its n-th call of a function; return once all its processes have ended.

    The pipes that its workers share with it close only when the last of them ends.
    """
    arguments = [sys.executable, "-c", STOPPED, *map(str, at), str(int(number)), *map(str, words)]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=240, env=ENVIRONMENT, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def run(*words: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "xiangqi_lm", *map(str, words)],
        capture_output=True, text=True, timeout=240, env=ENVIRONMENT, check=True,
    )  # fmt: skip


CODES = {signal.SIGINT: 130, signal.SIGTERM: 143}


FINALISED = """
import os, signal, sys
from xiangqi_lm.cli import main, selfplay

class Finalised:
    def __del__(self):
        os.kill(os.getpid(), int(sys.argv[1]))
        sum(range(100))  # the handler runs between two instructions

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    plain = selfplay._text
    selfplay._text = lambda *given, **named: (Finalised(), plain(*given, **named))[1]
    main(sys.argv[2:])
"""


@pytest.mark.parametrize("number", CODES)
def test_a_request_to_stop_is_not_dropped_by_a_finaliser(tmp_path, number):
    words = ("selfplay", "--player", "random", "--games", 100_000, "--batch", 2, "--out", tmp_path / "g.pgn")
    done = subprocess.run(
        [sys.executable, "-c", FINALISED, str(int(number)), *map(str, words)],
        capture_output=True, text=True, timeout=240, env=ENVIRONMENT, check=False,
    )  # fmt: skip
    assert done.returncode == CODES[number]
    assert "Exception ignored" not in done.stderr and "run the same command to continue" in done.stderr


@pytest.mark.parametrize("number", CODES)
def test_selfplay_keeps_what_has_been_played(tmp_path, number):
    words = ("selfplay", "--player", "random", "--games", 6, "--out", tmp_path / "g.pgn", "--batch", 2, "--seed", 3)
    done = stopped(("xiangqi_lm.cli.selfplay", "_text", 3), number, *words)
    assert done.returncode == CODES[number]
    assert "run the same command to continue" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"g.pgn.part", "g.pgn.part.json"}
    assert "holds 2 games" in run(*words).stderr
    assert len(list(read_games((tmp_path / "g.pgn").read_text()))) == 6


def shards(tmp_path):
    """Return shards of a few games."""
    texts = []
    for seed in range(12):
        rng, game = random.Random(seed), Board()
        for _ in range(24):
            game.push(rng.choice(game.legal_list()))
        texts.append(write_game(GameRecord(moves=tuple(game.move_stack), result="1-0")))
    (tmp_path / "games.pgn").write_text("\n".join(texts))
    run("data", "build", tmp_path / "games.pgn", "--out", tmp_path / "shards", "--validation", "0.2")
    return tmp_path / "shards"


@pytest.mark.slow
def test_training_ends_its_step_and_saves(tmp_path):
    words = ("train", "--data", shards(tmp_path), "--out", tmp_path / "run")
    new = ("--preset", "tiny", "--set", "steps=8", "--set", "save_every=100")
    done = stopped(("xiangqi_lm.training.loop", "train_step", 3), signal.SIGTERM, *words, *new)
    assert done.returncode == 143, done.stderr
    assert "stopped at step 3 and saved; continue with" in done.stdout
    assert json.loads((tmp_path / "run" / "last" / "state.json").read_text())["step"] == 3
    assert "step 3 of 8" in run(*words, "--resume").stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_worker_outlives_the_run(tmp_path, number):
    words = ("selfplay", "--player", "random", "--games", 400, "--batch", 2, "--out", tmp_path / "g.pgn", "--jobs", 2)
    done = stopped(("xiangqi_lm.cli.selfplay", "_text", 5), number, *words)  # returns when the pipes are closed
    assert done.returncode == (143 if number == signal.SIGTERM else -signal.SIGKILL)


def test_no_reading_process_outlives_the_run(tmp_path):
    board = Board()
    for text in ("h2e2", "h9g7", "h0g2", "i9h9"):
        board.push_text(text)
    text = write_game(GameRecord(moves=tuple(board.move_stack), result="1-0"))
    (tmp_path / "games.pgn").write_text((text + "\n") * 20_000)
    words = ("data", "import", tmp_path / "games.pgn", "--out", tmp_path / "out.pgn", "--jobs", 2)
    done = stopped(("xiangqi_lm.dataset.dedupe", "line_of", 10), signal.SIGKILL, *words)
    assert done.returncode == -signal.SIGKILL
