"""The program as a user calls it: one smoke run from records to games, exit codes, one-line errors."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from xiangqi_lm.cli import COMMANDS
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board

ROOT = Path(__file__).parents[2]


def run(*args: object, cwd=None, stdin: str = "", code: int = 0, **environment: str) -> subprocess.CompletedProcess:
    """Call the program in a process of its own; its output must never be a traceback."""
    words = [sys.executable, "-m", "xiangqi_lm", *map(str, args)]
    done = subprocess.run(
        words, cwd=cwd, input=stdin, capture_output=True, text=True, encoding="utf-8", errors="replace", timeout=240,
        env=ENVIRONMENT | environment,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == code, done.stderr
    return done


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}


def test_from_records_to_games(tmp_path):
    """import -> build -> train -> resume -> evaluate -> self-play -> UCI on a tiny model."""
    texts = []
    for seed in range(30):
        dice, board = random.Random(seed), Board()
        for _ in range(30):
            board.push(dice.choice(list(board.legal_moves)))
        texts.append(write_game(GameRecord(moves=tuple(board.move_stack), result="1-0"), notation="chinese"))
    (tmp_path / "games.pgn").write_text("\n".join(texts), encoding="utf-8")
    run("data", "import", tmp_path / "games.pgn", "--out", tmp_path / "clean.pgn")
    run("data", "build", tmp_path / "clean.pgn", "--out", tmp_path / "shards", "--validation", "0.3")
    train = ("train", "--data", tmp_path / "shards", "--out", tmp_path / "run")
    run(*train, "--preset", "tiny", "--set", "steps=4", "--set", "evaluate_every=2")
    assert "step 4 of 4" in run(*train, "--resume").stdout
    assert "--resume" in run(*train, "--preset", "tiny", code=1).stderr
    views = ("pretrain", "--data", tmp_path / "shards", "--out", tmp_path / "views")
    run(*views, "--preset", "tiny", "--set", "steps=2", "--set", "batch=16")
    assert "step 2 of 2" in run(*views, "--resume").stdout
    begun = ("train", "--data", tmp_path / "shards", "--out", tmp_path / "after", "--init", tmp_path / "views" / "last")
    assert "begin as those of" in run(*begun, "--preset", "tiny", "--set", "steps=1").stdout
    model = tmp_path / "run" / "last"
    run("evaluate", "--model", model, tmp_path / "clean.pgn", "--json", tmp_path / "e.json")
    figures = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert (figures["games"], figures["plies"]) == (30, 900)
    keys = {"top1", "top3", "top5", "bits_per_move", "legal_top1", "illegal_mass"}
    assert keys <= figures.keys()
    assert set(figures["by_phase"]) == {"0-19", "20-59", "60-"}
    assert keys <= figures["by_phase"]["20-59"].keys()
    run("evaluate", "--model", model, tmp_path / "shards")
    run("export", "--model", model, "--data", tmp_path / "shards", "--out", tmp_path / "small", "--commit", "abc")
    card = json.loads((tmp_path / "small" / "card.json").read_text(encoding="utf-8"))
    assert (card["commit"], card["steps"], card["seed"]) == ("abc", 4, 1)
    assert card["figures"]["plies"] == card["split"]["splits"]["validation"]["plies"]
    play = ("selfplay", "--player", f"lm:{model}", "--black", "random", "--games", 2, "--out", tmp_path / "s.pgn")
    assert "2 games" in run(*play, "--json", tmp_path / "s.json").stdout
    assert json.loads((tmp_path / "s.json").read_text())["games"] == 2
    said = run("uci", "--player", f"lm:{model}", stdin="uci\nisready\nposition startpos\ngo\nquit\n").stdout
    assert "bestmove" in said


def test_every_command_has_help_with_an_example():
    for name in set(COMMANDS) - {"data"}:
        assert "Example" in run(name, "--help").stdout
    for part in ("import", "build", "label"):
        assert "Example" in run("data", part, "--help").stdout


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("selfplay", "--player", "lm:nowhere", "--games", 1, "--out", "x.pgn"), 1, "no model here"),
        (("selfplay", "--player", "what", "--games", 1, "--out", "x.pgn"), 1, "unknown kind 'what'"),
        (("selfplay", "--player", "random", "--games", 0, "--out", "x.pgn"), 2, "games"),
        (("evaluate", "nothing.pgn"), 1, "nothing.pgn"),
        (("train", "--data", "nowhere", "--out", "run"), 1, "no shards here"),
        (("train", "--data", "nowhere", "--out", "run", "--set", "optim.rat=1"), 1, "did you mean 'rate'"),
        (("pretrain", "--data", "nowhere", "--out", "run", "--set", "method=x"), 1, "one of simsiam, byol"),
        (("word-problems", "clean", "nowhere", "--out", "x"), 1, "xiangqi-lm: nowhere: No such file or directory"),
        (("nonsense",), 2, "No such command"),
        (("selfplay", "--player", "random", "--games", 1, "--out", ""), 2, "the name is empty"),
        (("data", "build", __file__, "--out", ""), 2, "the name is empty"),
        (("data", "build", __file__, "--out", "s", "--validation", "nan"), 2, "not a finite number"),
        (("uci", "--player", "lm?x=1"), 1, "unknown option 'x'"),
        (("data", "import", __file__, "--out", f"{__file__}/x.pgn"), 1, "test_cli.py: a file; expected a folder"),
        (("play", "--fen", ""), 1, "FEN ''"),
    ],
)
def test_faults_are_one_line_with_the_right_code(tmp_path, args, code, says):
    done = run(*args, cwd=tmp_path, code=code)
    assert says in done.stderr
    if code == 1:
        assert len(done.stderr.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_console_without_chinese(tmp_path):
    """Western Windows consoles cannot show the characters; question marks are printed instead."""
    folder = tmp_path / "棋谱"
    folder.mkdir()
    (folder / "坏.pgn").write_text('[Game "Chinese Chess"]\n\n1. 炮二平九 *\n', encoding="utf-8")
    good = (tmp_path / "good.pgn", tmp_path / "out.pgn")
    good[0].write_text('[Event "棋"]\n\n1. 炮二平五 *\n', encoding="utf-8")
    done = run("data", "import", folder, good[0], "--out", good[1], PYTHONIOENCODING="cp1252")
    assert "1 games" in done.stdout and "illegal move: 1" in done.stdout
    before = good[1].read_bytes()
    run("data", "import", folder, "--out", good[1], "--force", code=1, PYTHONIOENCODING="cp1252")  # it holds no game
    assert good[1].read_bytes() == before


def test_an_interrupted_or_failed_selfplay_keeps_the_old_file(tmp_path):
    from xiangqi_lm.cli.selfplay import play_missing

    out = tmp_path / "good.pgn"
    out.write_text("old")

    class Failing:
        red, black, batch, fault = "a", None, 1, OSError("the disk is on fire")

        def play(self, numbers, progress):
            yield from ()
            raise self.fault

        def close(self):
            pass

    with pytest.raises(OSError, match="fire"):
        play_missing(Failing(), 1, out, 1, "local")
    Failing.fault = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        play_missing(Failing(), 1, out, 1, "local")
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["good.pgn"]


@pytest.mark.parametrize("script", ["train.py", "play.py"])
def test_scripts_of_the_checkout(script, tmp_path):
    done = subprocess.run([sys.executable, ROOT / script, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    assert "Usage" in done.stdout
