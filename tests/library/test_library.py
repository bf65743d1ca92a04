"""What goes into a library comes out again, and its answers are those of a scan over all games."""

import sqlite3
from collections import Counter
from dataclasses import replace

import pytest
from library_samples import some_games
from record_samples import ENDGAME, FOLDER, game, moves, tree

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.library import schema
from xiangqi_lm.library.library import Library
from xiangqi_lm.library.query import Query, parse_position, parse_years
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import Refusal, open_records
from xiangqi_lm.rules.board import Board

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
