"""What bash, zsh and fish complete: commands, options, players and models."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from xiangqi_lm import paths
from xiangqi_lm.cli import COMMANDS, program

ROOT = str(Path(__file__).parents[2])


@pytest.fixture(autouse=True)
def models(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path)
    for name in ("me", "master2020"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text("{}")


def completed(*words: str) -> list[str]:
    """Return the completions of the last word."""
    shell = ShellComplete(program, {}, "xiangqi-lm", "_XIANGQI_LM_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


def test_commands_and_options():
    assert completed("") == list(COMMANDS)
    assert completed("le") == ["learn"] and completed("models", "r") == ["remove"]
    assert "--resume" in completed("learn", "--re")
    assert completed("data", "la") == ["label"]


@pytest.mark.parametrize("command", ["play", "uci", "selfplay", "tournament"])
def test_players(command):
    assert completed(command, "--player", "lm:") == ["lm:default", "lm:master2020", "lm:me"]
    assert completed(command, "--player", "level:gr") == ["level:grandmaster"]
    assert {"random", "greedy", "alphabeta", "uci:", "mcts:me"} <= set(completed(command, "--player", ""))
    assert completed(command, "--player", "alphabeta?n") == ["alphabeta?nodes="]
    assert completed(command, "--player", "lm:me?top_p=1&te") == ["lm:me?top_p=1&temperature="]
    assert completed(command, "--player", "nothing?") == []


def test_models():
    assert completed("learn", "--model", "m") == ["master2020", "me"]
    assert completed("models", "remove", "me") == ["me"]
    assert completed("evaluate", "--model", "./ru") == ["./ru"]  # the shell completes folders


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_for_shells(shell):
    environment = {**os.environ, "_XIANGQI_LM_COMPLETE": f"{shell}_source", "PYTHONPATH": ROOT}
    command = [sys.executable, "-m", "xiangqi_lm"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert "_XIANGQI_LM_COMPLETE" in done.stdout and f"{shell}_complete" in done.stdout


@pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="needs bash")
def test_bash_itself_completes(tmp_path):
    """bash asks the program in the way its script does."""
    program = tmp_path / "xiangqi-lm"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m xiangqi_lm "$@"\n')
    program.chmod(0o755)
    script = """
    eval "$(_XIANGQI_LM_COMPLETE=bash_source xiangqi-lm)"
    COMP_WORDS=(xiangqi-lm tour) COMP_CWORD=1
    _xiangqi_lm_completion xiangqi-lm tour xiangqi-lm
    echo "${COMPREPLY[@]}"
    """
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONPATH": ROOT}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tournament"], done.stderr
