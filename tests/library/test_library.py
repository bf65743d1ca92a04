"""What goes into a library comes out again, and its answers are those of a scan over all games."""

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
from record_samples import ENDGAME, FOLDER, game, mirrored, moves, tree

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.library import schema
from xiangqi_lm.library.library import Library
from xiangqi_lm.library.query import Query, parse_position, parse_years
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import Refusal, open_records
from xiangqi_lm.rules.board import Board


@pytest.fixture
def library(tmp_path):
    with Library(tmp_path / "new" / "games.sqlite", create=True) as opened:
        yield opened


def some_games() -> list[GameRecord]:
    """Return games that share openings, in both mirror images, with all results and one from a set-up position."""
    results, made = ("1-0", "0-1", "1/2-1/2", "*"), []
    for i in range(12):
        record = game(i % 5, 24 + i, results[i % 4], Red=f"R{i}", Black="B", Date=f"{1990 + i}.0{i % 9 + 1}.??")
        made.append(mirrored(record) if i % 2 else record)
    made += [game(7, 20, "1-0", ENDGAME, Red="E"), mirrored(game(7, 16, "0-1", ENDGAME, Red="F"))]
    return [*made, replace(tree(), headers=tree().headers | {"Red": "T"})]


# ------------------------------------------------------------------------------------------------ in and out


def test_games_come_out_as_they_went_in(library):
    games = some_games()
    added = library.add_records(games)
    assert (added.games, added.copies, added.refusals) == (len(games), 0, [])
    assert list(library.games()) == games
    assert library.game(15) == games[14] and library.check() == []
    with pytest.raises(XiangqiError, match="there is no game 99"):
        library.game(99)


def test_the_same_game_from_two_sources_is_one_game(library, tmp_path):
    plain = replace(tree(), comments={}, variations={}, result="*", headers={"Red": "許 銀川", "Date": "2001"})
    full = replace(tree(), headers={"Red": "广东许银川", "Black": "乙", "Date": "2001年3月2日"})
    other = replace(full, headers={"Red": "胡荣华", "Black": "乙"})
    for name, record in (("a", plain), ("b", full), ("c", other)):
        (tmp_path / f"{name}.pgn").write_text(write_game(record), encoding="utf-8")
    added = library.add([tmp_path / f"{name}.pgn" for name in "abc"])
    assert (added.games, added.copies, added.known) == (2, 1, 0)
    (number,) = (found.id for found in library.search(Query(red="許銀川")))
    assert [source.file.rpartition("/")[2] for source in library.sources(number)] == ["a.pgn", "b.pgn"]
    assert [source.headers["Red"] for source in library.sources(number)] == ["許 銀川", "广东许银川"]
    record = library.game(number)  # with what either source knew
    assert record.line == full.line and record.result == "1-0" and library.check() == []
    assert library.explore(Board())[0].red_wins == 2


def test_a_second_run_adds_only_what_is_new(library, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.pgn").write_text("\n".join(write_game(game(i)) for i in range(3)))
    assert library.add([folder]).games == 3
    again = library.add([folder])
    assert again.unchanged == [folder] and (again.games, again.known) == (0, 0)
    (folder / "a.pgn").write_text("\n".join(write_game(game(i)) for i in range(4)))
    again = library.add([folder])
    assert (again.games, again.copies, again.known, again.unchanged) == (1, 0, 3, [])


def test_everything_the_importer_reads_and_what_it_refuses(library):
    read = list(open_records([FOLDER]))
    added = library.add([FOLDER])
    assert added.games + added.copies == sum(isinstance(item, GameRecord) for item in read)
    assert added.refusals == [item for item in read if isinstance(item, Refusal)]
    assert library.check() == []


def test_members_of_archives_are_sources(library, tmp_path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("deep/x.pgn", write_game(game(1)) + "\n" + write_game(game(2)))
    library.add([tmp_path / "a.zip"])
    (source,) = library.sources(2)
    assert (source.file, source.member, source.number) == (str(tmp_path / "a.zip"), "deep/x.pgn", 2)
    assert [found.id for found in library.search(Query(source="deep/"))] == [2, 1]


# ------------------------------------------------------------------------------------------------ positions


def played_in(games, board):
    """Return move -> counts of results, and the games, by replaying every game without keys."""
    images = {board.mirror().fen().split()[0]: True, board.fen().split()[0]: False}
    symmetric = len(images) == 1
    counts, reached = Counter(), set()
    for i, record in enumerate(games):
        seen, walked = set(), record.start()
        for move in (*record.moves, None):
            image = images.get(walked.board_fen()) if walked.turn == board.turn else None
            if image is not None:
                reached.add(i + 1)
                if move is not None:
                    told = move.mirror() if image else move
                    seen.add(max(told, told.mirror()) if symmetric else told)
            if move is not None:
                walked.push(move)
        counts.update((move, record.result) for move in seen)
    return counts, reached


@pytest.mark.parametrize("first", [0, 6])
def test_the_explorer_agrees_with_a_scan_of_all_games(library, first):
    games = some_games()
    library.add_records(games)
    boards = [Board(), Board(ENDGAME), Board(ENDGAME).mirror()]
    for record in games[first : first + 6]:
        boards += [record.board_at((), ply) for ply in range(1, len(record.moves) + 1, 2)]
        boards.append(record.final())
    for board in boards:
        counts, reached = played_in(games, board)
        found = {p.move: (p.red_wins, p.black_wins, p.draws, p.games) for p in library.explore(board)}
        expected = {}
        for move in {move for move, _ in counts}:
            each = [counts[move, result] for result in ("1-0", "0-1", "1/2-1/2", "*")]
            expected[move] = (*each[:3], sum(each))
        assert found == expected, board.fen()
        assert {game.id for game in library.games_at(board)} == reached
        assert {game.id for game in library.search(Query(position=board))} == reached
        for move in found:
            assert len(library.games_at(board, move=move)) == found[move][3]


def test_lists_name_the_ply_of_the_position(library):
    line = "h2e2 h9g7 h0g2 i9h9"
    library.add_records([GameRecord({"Red": "甲"}, None, moves(line)), game(3, 20)])
    board = parse_position("1. 炮二平五 马8进7 2. 马二进三")
    assert [(found.red, found.ply) for found in library.games_at(board)] == [("甲", 3)]
    assert [found.ply for found in library.search(Query(position=board.mirror()))] == [3]
    (played,) = library.explore(board.mirror())
    assert played.move.iccs() == "a9b9" and played.last_year == 0 and played.red_score is None


# ------------------------------------------------------------------------------------------------ search


def test_search_by_each_condition_in_either_script(library):
    first = GameRecord(
        {"Red": "許銀川", "Black": "呂 欽", "Event": "全國象棋個人賽", "Date": "1999-11-2"}, None,
        moves("h2e2 h9g7 h0g2 b9c7"), "1-0", {2: "這步棋是妙手，值得學習"},
    )  # fmt: skip
    second = GameRecord(
        {"Red": "吕钦", "Black": "Lee_%", "Date": "2003"}, None, moves("g0e2 h9g7"), "1/2-1/2", {1: "a'b\"c"}
    )
    library.add_records([first, second])

    def found(**wanted):
        ids = [game.id for game in library.search(Query(**wanted))]
        assert library.count(Query(**wanted)) == len(ids)
        return ids

    assert found(players=("许银川",)) == found(players=("许 银",)) == found(red="許銀川") == [1]
    assert found(players=("吕钦",)) == [2, 1] and found(black="吕钦") == [1]
    assert found(players=("呂欽", "许银川")) == [1] and found(players=("许银川", "Lee")) == []
    assert found(players=("_%",)) == found(players=("lee",)) == [2] and found(players=("?",)) == []
    assert found(event="全国象棋") == [1] and found(years=parse_years("2000-2005")) == [2]
    assert found(opening="屏风马") == found(opening="screen horses") == found(opening="屏風") == [1]
    assert found(result="1/2-1/2") == [2] and found(ids=(2, 7)) == [2]
    assert found(comment="妙手，值得学习") == found(comment="妙手") == found(comment="學習") == [1]
    assert found(comment="a'b\"C") == [2] and found(comment="手妙") == []
    assert found() == [2, 1] and not Query()
    with pytest.raises(XiangqiError, match="expected a result"):
        library.search(Query(result="2-0"))


@pytest.mark.parametrize("text", ["", "199", "2000-1990", "１９９９", "1990-"])
def test_invalid_years(text):
    with pytest.raises(XiangqiError, match="expected a year"):
        parse_years(text)


HOSTILE = [
    "'", '"', "%", "_", "\\", "*", "^", "NEAR(a b)", "a OR b", "a AND", "-a", "col:x", "'; DROP TABLE games; --", "\0",
    "妙\0手", "\ud800", "😀😀😀", "((((", '"""', "x" * 100_000, " ", "\n", "{a}", "?", ":key",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_search_text_breaks_anything(library, text):
    library.add_records([tree()])
    for field in ("red", "black", "event", "opening", "comment", "source"):
        library.search(Query(**{field: text}))
    library.search(Query(players=(text, text)))
    assert library.count() == 1


def test_comments_without_full_text(tmp_path, monkeypatch):
    plain = "CREATE TABLE comments (rowid INTEGER PRIMARY KEY, text TEXT NOT NULL)"
    monkeypatch.setattr(schema, "comment_table", lambda: plain)
    with Library(tmp_path / "a", create=True) as library:
        library.add_records([tree()])
        assert library.count(Query(comment="第一行")) == 1 and library.count(Query(comment="第二行")) == 0
        library.vacuum()


# ------------------------------------------------------------------------------------------------ removal


def test_what_is_removed_is_gone_and_can_be_added_again(library, tmp_path):
    games = some_games()
    path = tmp_path / "a.pgn"
    path.write_text("\n".join(write_game(record) for record in games), encoding="utf-8")
    library.add([path])
    before = library.explore(Board())
    assert library.remove(Query(years=(1990, 1995))) == 6
    assert library.count() == len(games) - 6 and library.check() == []
    assert sum(p.games for p in library.explore(Board())) == sum(p.games for p in before) - 6
    library.vacuum()
    assert library.add([path]).games == 6
    assert library.explore(Board()) == before and library.check() == []


def test_check_finds_damage(library):
    library.add_records(some_games())
    with sqlite3.connect(library.path) as other:
        other.execute("DELETE FROM positions WHERE game = 3 AND ply = 5")
        other.execute("UPDATE games SET result = '0-1' WHERE id = 1")
    wrong = library.check()
    assert any("game 3: some of its positions" in line for line in wrong) and any("counts" in line for line in wrong)


# ------------------------------------------------------------------------------------------------ files


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
