"""`xiangqi-lm review` on the command line."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from record_samples import moves

from xiangqi_lm.cli.review import review
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.library.library import Library
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records

GAME = """[Game "Chinese Chess"]
[Date "{date}"]
[Red "{red}"]
[Black "{black}"]
[Result "0-1"]

1. H2-E2 H9-G7 2. H0-G2 I9-H9 3. E2-E6 G7-E6 4. G2-E1 0-1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    games = tmp_path / "games"
    games.mkdir()
    (games / "a.pgn").write_text(GAME.format(date="2020.01.01", red="Ann", black="Bob"), "utf-8")
    (games / "b.pgn").write_text(GAME.format(date="2021.01.01", red="Bob", black="Cid"), "utf-8")
    return games


def run(*arguments: object) -> str:
    said = [*map(str, arguments), "--judge", "alphabeta?nodes=500", "--jobs", "1", "--model", "none"]
    result = CliRunner().invoke(review, said, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_one_game_and_all_its_files(folder: Path, tmp_path: Path) -> None:
    out = {name: tmp_path / "out" / f"r.{name}" for name in ("json", "html", "pgn")}
    text = run(folder / "a.pgn", "--cache", tmp_path / "c.sqlite", *(x for n, p in out.items() for x in (f"--{n}", p)))
    assert "Ann - Bob" in text and "accuracy" in text and "?" in text
    known = json.loads(out["json"].read_text("utf-8"))
    assert len(known["games"][0]["moves"]) == 7 and known["totals"]["games"][0]["name"] == "Ann - Bob"
    (read,) = open_records([out["pgn"]])
    assert read.nags and read.variations  # type: ignore[union-attr]
    assert out["html"].read_text("utf-8").startswith("<!DOCTYPE html>")


def test_where_a_game_leaves_the_library(folder: Path, tmp_path: Path) -> None:
    others = ("h2e2 h9g7 h0g2 i9h9 i0h0", "b2e2 b9c7 b0c2 a9b9 a0a1", "h2e2 h9g7 h0g2 g6g5")
    records = [GameRecord({"Red": str(i)}, None, moves(line), "1-0") for i, line in enumerate(others)]
    with Library(tmp_path / "l.sqlite", create=True) as library:
        library.add_records(records)
        library.add([folder / "a.pgn"])  # the game itself does not count
    out = [x for name in ("json", "html") for x in (f"--{name}", tmp_path / f"r.{name}")]
    arguments = (folder / "a.pgn", "--cache", tmp_path / "c.sqlite", "--library", tmp_path / "l.sqlite", *out)
    text = run(*arguments, "--notation", "iccs")
    assert "left the library with 3. e2e6; played there: i0h0 1 game, i0i1 1 game" in " ".join(text.split())
    left = json.loads((tmp_path / "r.json").read_text("utf-8"))["games"][0]["library"]
    assert (left["plies"], left["move"], [one["move"] for one in left["instead"]]) == (4, "e2e6", ["i0h0", "i0i1"])
    assert "脱离棋谱库；棋谱库中走" in (tmp_path / "r.html").read_text("utf-8")
    (tmp_path / "text").write_text("no library")
    with pytest.raises(XiangqiError, match="not a library"):
        run(folder / "a.pgn", "--cache", tmp_path / "c.sqlite", "--library", tmp_path / "text")


def test_a_player_in_a_folder(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "c.sqlite"
    picture = tmp_path / "progress.png"
    text = run(folder, "--player-name", "bob", "--cache", cache, "--picture", picture, "--json", tmp_path / "r.json",
               "--language", "zh", "--puzzles", tmp_path / "p.pgn")  # fmt: skip
    assert "2 局" in text and picture.stat().st_size > 1000 and (tmp_path / "p.pgn").exists()
    games = json.loads((tmp_path / "r.json").read_text("utf-8"))["games"]
    assert [{one["side"] for one in game["moves"]} for game in games] == [{"black"}, {"red"}]
    with zipfile.ZipFile(tmp_path / "games.zip", "w") as packed:
        for path in folder.iterdir():
            packed.write(path, path.name)
    again = tmp_path / "again.json"
    run(tmp_path / "games.zip", "--player-name", "bob", "--cache", cache, "--json", again)
    from_archive = json.loads(again.read_text("utf-8"))["games"]
    assert sorted(str(game["moves"]) for game in from_archive) == sorted(str(game["moves"]) for game in games)


def test_player_is_a_person_or_a_judge(folder: Path, tmp_path: Path) -> None:
    """A person's tables hold that person's mistakes alone."""
    text = run(folder, "--player", "Bob", "--cache", tmp_path / "c.sqlite", "--notation", "iccs", "--json",
               tmp_path / "r.json")  # fmt: skip
    games = json.loads((tmp_path / "r.json").read_text("utf-8"))["games"]
    assert [{one["side"] for one in game["moves"]} for game in games] == [{"black"}, {"red"}]
    shown = [line for line in text.splitlines() if line.startswith("│") and (". " in line or "..." in line)]
    mistakes = [one for game in games for one in game["moves"] if one["mark"] in ("inaccuracy", "mistake", "blunder")]
    assert mistakes and len(shown) == len(mistakes) and all("?" in line for line in shown)
    assert "Kinds of mistakes:" in text and "missed_" not in text
    run(folder / "a.pgn", "--player", "alphabeta?nodes=100", "--cache", tmp_path / "c.sqlite")


def test_a_game_that_breaks_off_is_announced_and_one_without_mistakes_has_no_table(tmp_path: Path) -> None:
    """The moves before the unreadable one are reviewed."""
    path = tmp_path / "cut.pgn"
    path.write_text('[Red "A"]\n[Black "B"]\n\n1. h2e2 h9g7 2. zzzz *\n', "utf-8")
    options = [
        "--player-name",
        "B",
        "--nodes",
        "300",
        "--jobs",
        "1",
        "--model",
        "none",
        "--cache",
        tmp_path / "c.sqlite",
    ]
    done = CliRunner().invoke(review, [str(path), *map(str, options)], catch_exceptions=False)
    assert "1 game is unreadable in part; the rest is reviewed" in done.stderr
    assert "no mistakes" in done.stdout and "┃" not in done.stdout and "known lines for 2 plies" in done.stdout


def test_faults(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(XiangqiError, match="no games of 'Zoe' to review"):
        run(folder, "--player-name", "Zoe", "--cache", tmp_path / "c.sqlite")
    with pytest.raises(XiangqiError, match="no games of 'Bbo' to review; did you mean 'Bob'"):
        CliRunner().invoke(review, [str(folder), "--player", "Bbo"], catch_exceptions=False)
    with pytest.raises(XiangqiError, match="unknown kind 'nobody'"):
        CliRunner().invoke(review, [str(folder), "--judge", "nobody"], catch_exceptions=False)
    assert CliRunner().invoke(review, [str(folder), "--nodes", "5", "--movetime", "1"]).exit_code == 2
