"""`xiangqi-lm tournament` as users call it."""

import importlib.util
import json

import pytest
from click.testing import CliRunner

from xiangqi_lm.cli.tournament import tournament as command
from xiangqi_lm.records.formats.pgn import read_games


def invoke(*words):
    return CliRunner().invoke(command, [str(word) for word in words])


PLAYERS = ("--player", "a=random", "--player", "b=random")


def test_the_command_plays_prints_and_writes(tmp_path):
    done = invoke(
        *PLAYERS, "--out", tmp_path / "out", "--pairs", 2, "--max-plies", 20, "--sprt", "0,10", "--anchor", "a",
        "--json", tmp_path / "deep" / "figures.json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "a - b: +" in done.output
    assert "SPRT(0, 10): LLR" in done.output
    assert "4/4 " in done.output
    figures = json.loads((tmp_path / "deep" / "figures.json").read_text(encoding="utf-8"))
    assert figures == json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    if importlib.util.find_spec("matplotlib"):
        assert (tmp_path / "out" / "ratings.png").read_bytes()[:4] == b"\x89PNG"


def test_any_name_is_printed_drawn_and_read_again(tmp_path, recwarn):
    names = ["[/x] $^$", '李 "四"']
    players = [word for name in names for word in ("--player", f"{name}=random")]
    done = invoke(*players, "--out", tmp_path, "--pairs", 1, "--max-plies", 14, "--event", "[/y] $_$")
    assert done.exit_code == 0, done.output
    assert "[/x] $^$ - 李" in done.output
    assert not recwarn.list
    (first, _) = read_games((tmp_path / "games.pgn").read_text(encoding="utf-8"))
    assert [first.headers["Red"], first.headers["Black"]] == names


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--player", "random"), 2),
        ((*PLAYERS, "--margin", "nan"), 2),
        ((*PLAYERS, "--margin", "inf"), 2),
        ((*PLAYERS, "--sprt", "5"), 2),
        ((*PLAYERS, "--sprt", "5,0"), 2),
        ((*PLAYERS, "--pairs", "0"), 2),
        ((*PLAYERS, "--tc", "fast"), 1),
        ((*PLAYERS, "--resign", "x"), 1),
        ((*PLAYERS, "--openings", __file__), 1),
        (("--player", "random", "--player", "nobody"), 1),
        (("--player", "random", "--player", "uci:no-such-engine --quiet?nodes=5"), 1),
        (("--player", "random", "--player", "lm:no/such/model", "--pairs", "1"), 1),
    ],
)
def test_wrong_usage_and_bad_settings(tmp_path, words, code):
    done = invoke(*words, "--out", tmp_path / "out")
    if code == 2:
        assert done.exit_code == 2, done.output
    else:
        assert isinstance(done.exception, ValueError), done.output  # one line and exit 1 in `cli.main`
        assert "\n" not in str(done.exception)
