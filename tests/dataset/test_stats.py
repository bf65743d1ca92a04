"""Figures, openings and the leak report, each compared with a plain computation on Boards."""

import json
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from record_samples import ENDGAME, game, mirrored, moves, random_moves

from xiangqi_lm.cli.data import data
from xiangqi_lm.dataset import leaks
from xiangqi_lm.dataset.division import Options, divide, pack
from xiangqi_lm.dataset.shards import Shards, build
from xiangqi_lm.dataset.traces import runs, traces
from xiangqi_lm.records import openings
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board


def call(*args):
    return CliRunner().invoke(data, [str(a) for a in args])


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("h2e2 h9g7 h0g2 i9h9 i0h0 b9c7", "中炮对屏风马"),
        ("h2e2 b9c7 h0g2 h7f7 i0h0 h9g7", "中炮对反宫马"),
        ("h2e2 h7e7", "中炮对顺炮"),
        ("h2e2 h9g7 h0g2 b7e7", "中炮对列炮"),
        ("h2e2 h9g7 h0g2 b9a7", "中炮对单提马"),
        ("h2e2 g6g5", "中炮"),
        ("g0e2 h9g7", "飞相局"),
        ("g3g4", "仙人指路"),
        ("h0g2", "起马局"),
        ("h2d2", "过宫炮"),
        ("h2f2", "士角炮"),
        ("h2h9", "其他"),
        ("", "其他"),
    ],
)
def test_openings_by_name_in_the_mirror_too(line, name):
    ids = [move.id for move in moves(line)]
    assert openings.name(ids) == openings.name([move.mirror().id for move in moves(line)]) == name
    assert openings.english(name)


def test_every_name_has_a_translation_and_every_first_move_is_legal():
    board = Board()
    for move_id, name in openings._FIRST_IDS.items():
        assert name in openings.ENGLISH and move_id in {move.id for move in board.legal_moves}


def test_the_ratings_of_both_players_are_counted_by_the_bands_of_the_level_condition(tmp_path):
    rated = [(1399, 1400), (2399, 2400), (0, 1500)]
    for i, (red, black) in enumerate(rated):
        record = game(i, 20, RedElo=str(red) if red else "", BlackElo=f"{black}?")
        (tmp_path / f"{i}.pgn").write_text(write_game(record), encoding="utf-8")
    result = call("stats", tmp_path, "--json", tmp_path / "x.json", "--jobs", 1)
    assert result.exit_code == 0 and "# Ratings of the players" in result.output, result.output
    told = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert told["ratings"] == {
        "below 1400": 1, "1400-1599": 2, "1600-1799": 0, "1800-1999": 0, "2000-2199": 0, "2200-2399": 1,
        "2400 and more": 1, "not rated": 1,
    }  # fmt: skip


def plain_key(board: Board) -> str:
    return min(board.fen().rsplit(" ", 2)[0], board.mirror().fen().rsplit(" ", 2)[0])


def test_traces_distinguish_positions_as_fens_do():
    records = [game(seed, 30) for seed in range(12)] + [mirrored(game(3, 30)), game(5, 20, fen=ENDGAME)]
    records += [game(6, 20, fen=ENDGAME.replace(" w ", " b "))]
    found = traces(pack(records))
    plain = [plain_key(board) for record in records for board, _ in record.replay()]
    assert len(plain) == len(found.positions)
    same = {}
    for key, text in zip(found.positions.tolist(), plain, strict=True):
        assert same.setdefault(key, text) == text
    assert len(same) == len(set(plain))
    after = [plain_key(b) for r in records for board, move in r.replay() for b in [board.copy()] if not b.push(move)]
    told = {}
    for key, pair in zip(found.continuations.tolist(), zip(plain, after, strict=True), strict=True):
        assert told.setdefault(key, pair) == pair
    assert found.ply[:3].tolist() == [0, 1, 2] and found.game[-1] == len(records) - 1


def test_the_leak_report_counts_what_is_known():
    one = game(1, 40)
    other = GameRecord(moves=one.moves[:12] + random_tail(one, 12, 20))
    train, held_out = pack([one, game(2, 40)]), pack([mirrored(other), game(3, 30, fen=ENDGAME)])
    found = leaks.compare(train, held_out)
    assert found.opening.tolist()[0] == 12 == found.run.tolist()[0] and found.opening.tolist()[1] == 0
    assert found.by_ply[0].positions == 0.5 and found.by_ply[5].continuations == 0.5
    assert (found.by_ply[12].positions, found.by_ply[12].continuations) == (0.5, 0)
    assert found.by_ply[0].games == 2
    assert leaks.compare(train, train).by_ply[-1].continuations == 1
    assert found.shared == 0 and leaks.compare(train, train).shared == 2


def random_tail(record, ply, count):
    board = record.board_at((), ply)
    board.push(next(m for m in board.legal_moves if m is not record.moves[ply]))
    first = board.peek()
    return (first, *random_moves(9, count, board.fen()))


TRANSPOSED = (moves("h2e2 h9g7 h0g2"), moves("h0g2 h9g7 h2e2"))


def test_a_long_shared_run_keeps_games_together():
    board = GameRecord(moves=TRANSPOSED[0]).final()
    tail = random_moves(4, 60, board.fen())
    pairs = [GameRecord(moves=start + tail) for start in TRANSPOSED]
    records = [*pairs, *(game(seed, 60) for seed in range(30))]
    apart = [split_of(divide(records, Options(seed=s, validation=0.5, shared_run=0)), pairs) for s in range(12)]
    together = [split_of(divide(records, Options(seed=s, validation=0.5, shared_run=40)), pairs) for s in range(12)]
    assert any(len(set(sides)) == 2 for sides in apart) and all(len(set(sides)) == 1 for sides in together)
    never = [split_of(divide(records, Options(seed=s, validation=0.5, shared_run=61)), pairs) for s in range(12)]
    assert never == apart


def split_of(divided, records):
    lines = {name: {entry.line.moves for entry in entries} for name, entries in divided.sides.items()}
    texts = [np.array([m.id for m in record.moves], dtype=">u2").tobytes() for record in records]
    return [next(name for name in lines if text in lines[name]) for text in texts]


def test_runs_stay_inside_their_game():
    found = traces(pack([game(1, 10), game(2, 10), game(3, 4)]))
    keys, games = runs(found, 5)
    assert games.tolist() == [0] * 6 + [1] * 6 and len(set(keys.tolist())) == 12
    assert len(runs(found, 50)[0]) == 0


def test_the_index_holds_the_option_only_where_it_is_used(tmp_path):
    assert "shared_run" not in build([game(1, 30)], tmp_path, Options(shared_run=0))
    assert build([game(1, 30)], tmp_path, Options())["shared_run"] == 40
    assert len(Shards.open(tmp_path).split("train")) == 1


@pytest.fixture
def collection(tmp_path):
    records = [game(seed, 30 + seed, ("1-0", "0-1", "1/2-1/2", "*")[seed % 4]) for seed in range(24)]
    records += [records[0], mirrored(records[1]), game(7, 15, "1-0", ENDGAME)]
    path = tmp_path / "games.pgn"
    path.write_text("".join(map(write_game, records)), encoding="utf-8")
    return path


def test_stats_of_records_and_of_their_shards_agree(tmp_path, collection):
    options = ("--validation", "0.3", "--jobs", 1)
    one = call("stats", collection, "--json", tmp_path / "a.json", *options)
    assert one.exit_code == 0, one.output
    assert call("build", collection, "--out", tmp_path / "shards", *options).exit_code == 0
    two = call("stats", tmp_path / "shards", "--json", tmp_path / "b.json")
    assert one.output == two.output
    told = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert told == json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))
    assert (told["read"], told["games"], told["set_up"]) == (27, 25, 1)
    assert told["dropped"] == {"exact": 1, "exact, mirrored": 1}
    assert told["plies"] == sum(30 + seed for seed in range(24)) + 15
    assert told["results"] == {"red": 7, "black": 6, "draw": 6, "unknown": 6}
    assert told["lengths"]["min"] == 15 and told["lengths"]["max"] == 53
    assert sum(opening["games"] for opening in told["openings"]) == 25
    assert sum(split["games"] for split in told["splits"].values()) == 25
    assert told["leaks"]["by_ply"][0]["ply"] == 0


def test_plots_are_drawn_and_matplotlib_is_needed_for_nothing_else(tmp_path, collection, monkeypatch):
    pytest.importorskip("matplotlib")
    result = call("stats", collection, "--validation", "0.3", "--jobs", 1, "--plots", tmp_path / "p")
    assert result.exit_code == 0, result.output
    drawn = sorted(path.name for path in (tmp_path / "p").iterdir())
    assert drawn == ["leaks.png", "lengths.png", "openings.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in (tmp_path / "p").iterdir())
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert call("stats", collection, "--jobs", 1).exit_code == 0
    missing = call("stats", collection, "--jobs", 1, "--plots", tmp_path / "q")
    assert missing.exit_code == 1 and "pip install matplotlib" in str(missing.exception)


def test_stats_without_games(tmp_path):
    pytest.importorskip("matplotlib")
    (tmp_path / "empty.pgn").write_bytes(b"")
    result = call("stats", tmp_path / "empty.pgn", "--jobs", 1, "--plots", tmp_path / "p")
    assert result.exit_code == 0, result.output
    assert "dropped: empty file\t1" in result.output
