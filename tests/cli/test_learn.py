"""`xiangqi-lm learn` and `models`, as a user calls them, with a tiny model and games of random moves."""

import json
import os
import signal

import pytest
import torch
from record_samples import game

from xiangqi_lm import paths
from xiangqi_lm.cli import main
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.library.library import Library
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.records.formats.pgn import write_game


@pytest.fixture
def place(monkeypatch, tmp_path):
    """Prepare games, a base model and the user's folders; return the folder."""
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path / "user" / "models")
    monkeypatch.setattr(paths, "learning_folder", lambda: tmp_path / "user" / "learning")
    monkeypatch.setattr(paths, "library_file", lambda: tmp_path / "user" / "library.sqlite")
    monkeypatch.chdir(tmp_path)
    records = [
        game(
            i,
            24 + i % 7,
            ("1-0", "0-1")[i % 2],
            opening="h2e2 h9g7",
            Red=("Me", "You")[i % 2],
            Black=("You", "Me")[i % 2],
        )
        for i in range(40)
    ]
    (tmp_path / "games.pgn").write_text("\n".join(map(write_game, records)), encoding="utf-8")
    (tmp_path / "few.pgn").write_text("\n".join(map(write_game, records[:19])), encoding="utf-8")
    torch.manual_seed(1)
    checkpoint.save(tmp_path / "base", Gpt(ModelConfig(width=32, layers=1, heads=2, context=64, dropout=0.0)), {})
    return tmp_path


@pytest.fixture
def call(place, capsys):
    def run(*words, code=0):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        said = capsys.readouterr()
        assert ended.value.code == code, said
        assert "Traceback" not in said.err
        return said.out + said.err

    return run


LEARN = ("learn", "games.pgn", "--name", "me", "--as", "me", "--model", "./base", "--pairs", 1, "--jobs", 1)


def test_learn_list_show_remove(call, place):
    pytest.importorskip("matplotlib")
    said = call(*LEARN, "--json", "told.json", "--picture", "learn.png")
    assert "moves of       40 games: Me" in said and "4 more say when to stop, 6 measure" in said
    assert "first choice" in said and "against ./base: " in said and "lm:me" in said
    told = json.loads((place / "told.json").read_text(encoding="utf-8"))
    assert told["strength"]["games"] == 2
    assert (place / "learn.png").read_bytes().startswith(b"\x89PNG")
    assert not (place / "user" / "learning" / "me").exists()
    assert "'me' already" in call(*LEARN, code=1)
    assert "30 games, moves of me" in call("models", "list")
    shown = call("models", "show", "me", "--json", "show.json")
    assert "against ./base" in shown and json.loads((place / "show.json").read_text())["card"]["learned"] == told
    assert "not made by it" in call("models", "show", "default", "--picture", "x.png", code=1)
    assert "did you mean 'me'" in call("models", "show", "mee", code=1)
    assert "confirm with --yes" in call("models", "remove", "me", code=2)
    call("models", "remove", "me", "--yes")
    assert not (place / "user" / "models" / "me").exists()
    assert "comes with the program" in call("models", "remove", "default", code=1)


def test_learn_from_a_library(call, place):
    with Library(place / "user" / "library.sqlite", create=True) as store:
        store.add([place / "games.pgn"])
    words = ("--name", "me", "--model", "./base", "--pairs", 0)
    said = call("learn", *words, "--library", "--player", "ME")
    assert "moves of       40 games: Me" in said and "against" not in said
    assert "at least 20 are needed" in call(
        "learn", *words, "--force", "--library", place / "user" / "library.sqlite", "--player", "me", "--red", "me",
        "--result", "0-1", code=1,
    )  # fmt: skip
    assert checkpoint.read_card("me")["learned"]["players"] == {"Me": 40}  # the earlier card is kept


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        (("few.pgn", "--name", "me"), 1, "19 games to learn from"),
        (("games.pgn", "--name", "me", "--as", "nobody"), 1, "0 games of 'nobody' to learn from"),
        (("games.pgn", "--name", "me", "--as", "Mee"), 1, "players of the other games: 'Me' (40)"),
        (("nowhere.pgn", "--name", "me"), 1, "nowhere.pgn"),
        (("games.pgn", "--name", "a/b"), 1, "expected up to 40 letters"),
        (("games.pgn", "--name", "default"), 1, "comes with the program"),
        (("games.pgn", "--name", "me", "--model", "nothing"), 1, "no model here"),
        (("games.pgn", "--name", "me", "--rating"), 1, "none of the games gives the rating"),
        (("games.pgn",), 2, "--name"),
        (("--name", "me"), 2, "expected GAMES, or --library"),
        (("games.pgn", "--name", "me", "--library", "x.sqlite"), 2, "expected GAMES, or --library"),
        (("games.pgn", "--name", "me", "--player", "x"), 2, "--as NAME"),
        (("--name", "me", "--library", "nowhere.sqlite"), 1, "nowhere.sqlite"),
        (("--name", "me", "--resume"), 1, "nothing to resume"),
        (("games.pgn", "--name", "me", "--resume"), 2, "give --name alone"),
    ],
)
def test_wrong_requests_are_one_line(call, place, words, code, part):
    said = call("learn", *words, code=code)
    assert part in said
    assert not (place / "user" / "models").exists() and not (place / "user" / "learning" / "me").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals as on POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_continues(call, place, monkeypatch, number, code):
    from xiangqi_lm.training import loop

    plain, steps = loop.train_step, []

    def stopping(*given):
        steps.append(1)
        if len(steps) == 2:
            os.kill(os.getpid(), number)
        return plain(*given)

    monkeypatch.setattr(loop, "train_step", stopping)
    assert "continue with: xiangqi-lm learn --name me --resume" in call(*LEARN, code=code)
    monkeypatch.setattr(loop, "train_step", plain)
    assert "an unfinished run of 'me'" in call(*LEARN, code=1)
    assert "unfinished: me" in call("models", "list")
    said = call("learn", "--name", "me", "--resume", "--pairs", 0)
    assert "first choice" in said and "against ./base" not in said


def test_two_runs_do_not_mix(call, place):
    from xiangqi_lm.files import locked

    with locked(place / "user" / "learning" / "me", folder=True):
        assert "another run is writing it" in call(*LEARN, code=1)
    call(*LEARN)
