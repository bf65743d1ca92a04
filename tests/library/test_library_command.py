"""`xiangqi-lm library`, as users call it."""

import json

import pytest
from click.testing import CliRunner
from record_samples import game, tree

from xiangqi_lm.cli.data import data
from xiangqi_lm.cli.library import library
from xiangqi_lm.records.formats.pgn import read_games, write_game


@pytest.fixture
def call(tmp_path):
    def run(*args, command=library):
        return CliRunner().invoke(command, [str(a) for a in (*args, "--library", tmp_path / "games.sqlite")])

    games = [tree(), *(game(i, 30, "1-0", Red="許銀川", Date=f"{2000 + i}") for i in range(5))]
    text = "\n".join(write_game(record) for record in games) + "\n1. h2e2 h2e2 *\n"
    (tmp_path / "a.pgn").write_text(text, encoding="utf-8")
    result = run("add", tmp_path / "a.pgn", "--report", tmp_path / "report.json", "--jobs", 1)
    assert result.exit_code == 0, result.output
    assert "new               6 games" in result.output and "illegal move: 1" in result.output
    assert json.loads((tmp_path / "report.json").read_text())["refusals"][0]["ply"] == 2
    return run


def test_search_explore_stats_check(call, tmp_path):
    result = call("search", "--player", "许银川", "--year", "2001-2003", "--json", tmp_path / "s.json")
    assert "3 games" in result.output and "許銀川" in result.output
    assert [found["date"] for found in json.loads((tmp_path / "s.json").read_text())["found"]] == [
        "2003",
        "2002",
        "2001",
    ]
    assert "1 games" in call("search", "--comment", "開始", "--position", "炮二平五").output
    result = call("explore", "炮二平五", "--json", tmp_path / "e.json")
    assert (result.exit_code == 0 and "马８进７" in result.output) or "马8进7" in result.output
    told = json.loads((tmp_path / "e.json").read_text())
    assert "h9g7" in [move["move"] for move in told["moves"]] and told["games"][0]["ply"] == 1
    assert "games\t6" in call("stats").output and "nothing wrong" in call("check").output


def test_export_remove_vacuum(call, tmp_path):
    assert call("export", "--red", "甲", "--out", tmp_path / "out.pgn").exit_code == 0
    assert next(iter(read_games((tmp_path / "out.pgn").read_text(encoding="utf-8")))).line == tree().line
    for name in ("out.ubb", "out.xqf"):
        assert (
            call("export", "--red", "甲", "--out", tmp_path / name).exit_code == 0 and (tmp_path / name).stat().st_size
        )
    assert call("export", "--red", "nobody", "--out", tmp_path / "none.pgn").exit_code == 1
    assert call("remove", "--yes").exit_code == 2 and call("remove", "--red", "甲").exit_code == 2
    assert "removed 1 games" in call("remove", "--red", "甲", "--yes").output
    assert call("vacuum").exit_code == 0 and "5 games, nothing wrong" in call("check").output


def test_parquet_is_what_duckdb_reads(call, tmp_path):
    duckdb, _ = pytest.importorskip("duckdb"), pytest.importorskip("pyarrow")
    folder = tmp_path / "export"
    assert "wrote 6 games" in call("export", "--parquet", folder).output
    result = call("explore", "--json", tmp_path / "e.json", "--games", 0)
    assert result.exit_code == 0, result.output
    known = json.loads((tmp_path / "e.json").read_text())
    sql = (
        f"SELECT move, count(*) FROM '{folder}/positions/*/*.parquet' WHERE bucket = ? AND key = ?"
        " GROUP BY move ORDER BY 2 DESC, 1"
    )
    found = duckdb.execute(sql, [known["key"] % 16, known["key"]]).fetchall()
    assert sorted(found) == sorted((move["move"], move["games"]) for move in known["moves"])
    games = f"SELECT red, year, moves, decade FROM '{folder}/games/*/*.parquet' WHERE red = '許銀川' ORDER BY year"
    rows = duckdb.execute(games).fetchall()
    assert [row[1] for row in rows] == [2000, 2001, 2002, 2003, 2004] and rows[0][3] == 2000
    assert rows[1][2] == " ".join(move.iccs() for move in game(1, 30).moves)
    again = call("export", "--parquet", folder)
    assert again.exit_code == 1 and "expected a folder that is empty" in str(again.exception)
    assert "wrote 3 games" in call("export", "--year", "2001-2002", "--parquet", tmp_path / "two").output
    count = f"SELECT count(DISTINCT game) FROM '{tmp_path}/two/positions/*/*.parquet'"
    assert duckdb.execute(count).fetchone() == (3,)
    assert call("export").exit_code == call("export", "--out", "a.pgn", "--parquet", "b").exit_code == 2


def test_data_build_takes_a_query(call, tmp_path):
    result = call("build", "--player", "许银川", "--year", "2001-2004", "--out", tmp_path / "shards", command=data)
    assert result.exit_code == 0, result.output
    assert "read                4 records" in result.output
    files = CliRunner().invoke(data, ["build", "--player", "x", str(tmp_path / "a.pgn"), "--out", str(tmp_path / "s")])
    assert files.exit_code == 2


def test_a_missing_path_creates_no_library(tmp_path):
    file = tmp_path / "games.sqlite"
    done = CliRunner().invoke(library, ["add", str(tmp_path / "nothing.pgn"), "--library", str(file)])
    assert done.exit_code == 1 and "no such file or folder" in str(done.exception)
    assert not file.exists()
