"""The file of a library: foreign, older, damaged, locked and full ones, and what a killed run leaves."""

import os
import sqlite3
import subprocess
import sys

import pytest
from library_samples import some_games
from record_samples import FOLDER, game, tree

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.library import schema
from xiangqi_lm.library.library import Library
from xiangqi_lm.rules.board import Board


def refused(path, create=False) -> str:
    with pytest.raises(XiangqiError) as fault, Library(path, create):
        pass
    words = str(fault.value)
    assert "\n" not in words and str(path) in words
    return words


def test_files_that_are_not_libraries(tmp_path):
    (tmp_path / "text").write_bytes(b"1. h2e2 h9g7 *\n" * 500)
    assert "not a library" in refused(tmp_path / "text") == refused(tmp_path / "text", create=True)
    (tmp_path / "empty").touch()
    assert "an empty file" in refused(tmp_path / "empty") and not (tmp_path / "empty").stat().st_size
    with sqlite3.connect(tmp_path / "other") as other:
        other.execute("CREATE TABLE games (id)")
    assert "another program" in refused(tmp_path / "other", create=True)
    assert "there is no library yet" in refused(tmp_path / "missing")
    assert "folder" in refused(tmp_path)
    Library(tmp_path / "new", create=True).close()
    with sqlite3.connect(tmp_path / "new") as newer:
        newer.execute("PRAGMA user_version = 99")
    assert "schema 99" in refused(tmp_path / "new")


def test_an_older_library_is_upgraded(library, monkeypatch):
    library.add_records([tree()])
    step = "ALTER TABLE games ADD COLUMN seen INTEGER NOT NULL DEFAULT 7; CREATE INDEX games_seen ON games (seen)"
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, step])
    with Library(library.path) as newer:
        assert newer.stats()["schema"] == len(schema.MIGRATIONS) and newer.game(1) == tree() and newer.check() == []
    with sqlite3.connect(library.path) as plain:
        assert plain.execute("SELECT seen FROM games").fetchall() == [(7,)]
    monkeypatch.setattr(schema, "MIGRATIONS", [*schema.MIGRATIONS, "CREATE TABLE half (x); CREATE TABLE games (x)"])
    assert "games" in refused(library.path)  # a failing step leaves the file unchanged
    monkeypatch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:-1])
    with Library(library.path) as as_before:
        assert as_before.stats()["schema"] == len(schema.MIGRATIONS)


def test_a_library_of_the_first_schema_keeps_its_positions(library, tmp_path, monkeypatch):
    library.add_records(some_games())
    with monkeypatch.context() as earlier:
        earlier.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        schema.connect(tmp_path / "old.sqlite", create=True).close()
    with sqlite3.connect(tmp_path / "old.sqlite") as old:
        old.execute("ATTACH ? AS new", (str(library.path),))
        for table in ("players", "events", "openings", "games", "files", "sources"):
            old.execute(f"INSERT INTO main.{table} SELECT * FROM new.{table}")
        old.execute("INSERT INTO main.positions SELECT key, ply, game, move FROM new.positions")
        old.execute("INSERT INTO main.tallies SELECT key, move, red, draws, black, unknown, year FROM new.tallies")
    with Library(tmp_path / "old.sqlite") as opened:
        assert opened.check() == [] and opened.explore(Board()) == library.explore(Board())
        assert opened.games_at(Board(), limit=5) == library.games_at(Board(), limit=5)
        opened.add_records([game(40, 30)])
        assert opened.check() == []


def test_batches_that_were_merged_are_found_as_before(library, tmp_path):
    games = [game(i, 30, ("1-0", "0-1", "1/2-1/2", "*")[i % 4], Red=f"R{i}") for i in range(40)]
    with Library(tmp_path / "one.sqlite", create=True) as one:
        one.add_records(games)
        for record in games:  # one run for each, and as many merges
            library.add_records([record])
        with sqlite3.connect(library.path) as file:
            assert file.execute("SELECT count(*) FROM runs").fetchone()[0] < 8
        assert library.check() == one.check() == []
        for board in (Board(), games[3].board_at((), 2), games[5].board_at((), 25)):
            assert library.explore(board) == one.explore(board)
            assert library.games_at(board, 7) == one.games_at(board, 7)


def test_a_full_disk_loses_nothing(library, monkeypatch):
    library.add_records([game(1)])

    def small(path, create, connect=schema.connect):
        connection = connect(path, create)
        connection.execute("PRAGMA max_page_count = 40")  # SQLite's answer is the same as to a full disk
        return connection

    monkeypatch.setattr(schema, "connect", small)
    with Library(library.path) as cramped:
        with pytest.raises(XiangqiError, match="disk is full"):
            cramped.add_records(game(i, 200) for i in range(2, 60))
        assert cramped.count() == 1 and cramped.check() == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_library_in_a_read_only_folder_can_be_read(library):
    library.add_records([game(1)])
    library.close()
    library.path.parent.chmod(0o555)
    library.path.chmod(0o444)
    try:
        with Library(library.path) as kept:
            assert kept.count() == 1 and kept.explore(Board())
            with pytest.raises(XiangqiError, match="read-only"):
                kept.add_records([game(2)])
    finally:
        library.path.parent.chmod(0o755)


def test_a_locked_library_says_so_and_readers_go_on(tmp_path, monkeypatch):
    monkeypatch.setattr(schema, "BUSY_SECONDS", 0.01)
    with Library(tmp_path / "games.sqlite", create=True) as library:
        library.add_records([game(1)])
        _while_locked(library)


def _while_locked(library):
    with sqlite3.connect(library.path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(XiangqiError, match="another program is writing"):
            library.add_records([game(2)])
        assert library.count() == 1 and library.explore(Board())
        other.execute("ROLLBACK")
    assert library.add_records([game(2)]).games == 1


def test_two_open_at_once_see_each_others_games(library):
    with Library(library.path) as second:
        second.add_records([game(1)])
        library.add_records([game(2)])
        assert second.count() == library.count() == 2 and second.check() == []


KILLED = """
import sys, itertools
sys.path.insert(0, sys.argv[2])
from record_samples import game
from xiangqi_lm.library import adding
from xiangqi_lm.library.library import Library
adding.BATCH = 10
def endless():
    for i in itertools.count():
        if i == 35:
            print("now", flush=True)
        yield game(i, 20, Red=f"R{i}")
Library(sys.argv[1], create=True).add_records(endless())
"""


def test_a_kill_at_any_moment_loses_only_the_current_batch(tmp_path):
    path = tmp_path / "games.sqlite"
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(path), str(FOLDER.parents[1])], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline() == "now\n"
    child.kill()
    child.wait()
    with Library(path) as library:
        assert library.count() >= 30 and library.count() % 10 == 0 and library.check() == []
        library.add_records([game(99, Red="new")])
