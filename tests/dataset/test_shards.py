"""Shards: games survive the round trip, bytes are reproducible, and nothing is on both sides of the split."""

import json

import numpy as np
import pytest
from record_samples import ENDGAME, game, mirrored

from xiangqi_lm.dataset.division import Divided, Options, gather, pack
from xiangqi_lm.dataset.shards import Shards, build, fingerprint, joined, write
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import Refusal
from xiangqi_lm.rules.board import Board


@pytest.fixture(scope="module")
def records():
    plain = [game(seed, 60, ("1-0", "0-1", "1/2-1/2", "*")[seed % 4]) for seed in range(60)]
    return plain + [game(seed, 24, "1-0", ENDGAME) for seed in range(3)]


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def games_of(split):
    """Return (moves, result, start) of each game of a split, as comparable values."""
    return [
        (tuple(split.moves(i).tolist()), split.result(i), None if split.start(i) is None else tuple(split.start(i)))
        for i in range(len(split))
    ]


def expected(record):
    start = None
    if record.start_fen:
        board = Board(record.start_fen)
        start = (*board.array.tolist(), int(board.turn))
    code = {"1-0": 1, "0-1": -1, "1/2-1/2": 0, "*": 2}[record.result]
    return tuple(move.id for move in record.moves), code, start


def test_what_goes_in_comes_out(tmp_path, records):
    index = build(records, tmp_path, Options(validation=0.3))
    shards = Shards.open(tmp_path)
    train, validation = (games_of(shards.split(name)) for name in ("train", "validation"))
    assert sorted(train + validation, key=str) == sorted(map(expected, records), key=str)
    assert train == [e for e in map(expected, records) if e in train]  # the order of the records is kept
    assert 5 < len(validation) < 35
    assert index == shards.index and index["splits"]["train"]["games"] == len(train)
    assert shards.split("train").moves(0).dtype == np.uint16 and shards.split("train").offsets.dtype == np.int64
    assert shards.split("train").starts.dtype == np.int8


def test_same_records_same_bytes(tmp_path, records):
    for name in ("a", "b"):
        build(records, tmp_path / name, Options(seed=3, validation=0.2), [("x.pgn", "00")])
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert len(contents(tmp_path / "a")) == 13
    build(records, tmp_path / "a", Options(seed=4, validation=0.2), [("x.pgn", "00")])
    assert contents(tmp_path / "a") != contents(tmp_path / "b")


def test_more_games_do_not_move_the_others(tmp_path, records):
    build(records[:30], tmp_path / "few", Options(validation=0.3))
    build(records, tmp_path / "all", Options(validation=0.3))
    few, everything = (set(games_of(Shards.open(tmp_path / name).split("validation"))) for name in ("few", "all"))
    assert few and few < everything


def test_copies_prefixes_mirrors_and_short_games_are_dropped_and_counted(tmp_path):
    one, other = game(1, 40, "1-0"), game(2, 40)
    items = [
        one, GameRecord({}, None, one.moves[:20]), mirrored(one), one,
        other, mirrored(GameRecord({}, None, other.moves[:15])),
        GameRecord({}, None, game(3, 9).moves), Refusal("x.pgn", 1, 3, "…", "illegal move"),
    ]  # fmt: skip
    index = build(items, tmp_path, Options(validation=0))
    assert index["dropped"] == {
        "exact": 1, "exact, mirrored": 1, "prefix": 1, "prefix, mirrored": 1, "too short": 1, "illegal move": 1,
    }  # fmt: skip
    assert index["read"] == 8
    assert games_of(Shards.open(tmp_path).split("train")) == [expected(one), expected(other)]
    assert len(Shards.open(tmp_path).split("validation")) == 0


def test_copies_that_disagree_about_the_result_vote(tmp_path):
    moves = game(1, 20).moves
    items = [GameRecord({}, None, moves, result) for result in ("*", "0-1", "1-0", "1-0", "*", "*")]
    build(items, tmp_path, Options(validation=0))
    assert Shards.open(tmp_path).split("train").result(0) == 1


def test_no_shards_and_wrong_shards_are_refused_in_one_line(tmp_path, records):
    with pytest.raises(XiangqiError, match="no shards here"):
        Shards.open(tmp_path)
    build(records[:4], tmp_path, Options())
    index = json.loads((tmp_path / "index.json").read_text())
    assert index["vocabulary"] == fingerprint()
    with pytest.raises(XiangqiError, match="unknown split"):
        Shards.open(tmp_path).split("test")
    (tmp_path / "train" / "results.npy").unlink()
    with pytest.raises(XiangqiError, match=r"results\.npy: cannot be read: No such file"):
        Shards.open(tmp_path).split("train")
    np.save(tmp_path / "train" / "results.npy", np.zeros(99, dtype=np.int8))
    with pytest.raises(XiangqiError, match=r"the index says \[4\], the file holds \[99\]"):
        Shards.open(tmp_path).split("train")
    (tmp_path / "index.json").write_text(json.dumps(index | {"vocabulary": "0" * 64}))
    with pytest.raises(XiangqiError, match="another vocabulary"):
        Shards.open(tmp_path)
    (tmp_path / "index.json").write_text(json.dumps(index | {"format": 0}))
    with pytest.raises(XiangqiError, match="another format"):
        Shards.open(tmp_path)
    (tmp_path / "index.json").write_text("{")
    with pytest.raises(XiangqiError, match="damaged"):
        Shards.open(tmp_path)


def test_ratings_come_from_the_headers(tmp_path):
    rated = game(1, 30, RedElo="2510", BlackElo="1987")
    others = [game(2, 30, WhiteElo=" 1500 ", BlackElo="?"), game(3, 30, RedElo="12345678", BlackElo="-3")]
    build([rated, *others], tmp_path, Options(validation=0.0))
    split = Shards.open(tmp_path).split("train")
    found = {tuple(split.moves(i).tolist()): split.rating(i) for i in range(len(split))}
    wanted = zip([rated, *others], [(2510, 1987), (1500, 0), (0, 0)], strict=True)
    assert found == {tuple(move.id for move in record.moves): ratings for record, ratings in wanted}


def test_whose_moves_count_is_kept(tmp_path, records):
    colors = {"1-0": 1, "0-1": -1, "1/2-1/2": 0, "*": 0}
    entries, read, dropped = gather(records, Options(), lambda record: colors[record.result])
    write(Divided({"train": entries[5:], "validation": entries[:5]}, read, dropped), tmp_path, Options())
    opened = Shards.open(tmp_path)
    for name, part in (("train", entries[5:]), ("validation", entries[:5])):
        split = opened.split(name)
        assert [split.color(i) for i in range(len(split))] == [entry.color for entry in part]
    assert opened.check() == {"train": len(entries) - 5, "validation": 5}
    both = joined([opened.split("train"), pack(records[:3])])
    assert [both.color(i) for i in range(len(both))] == [entry.color for entry in entries[5:]] + [0, 0, 0]
    path = tmp_path / "train" / "colors.npy"
    np.save(path, np.full(len(entries) - 5, 3, np.int8))
    with pytest.raises(XiangqiError, match="damaged"):
        Shards.open(tmp_path).split("train")
    build(records, tmp_path, Options())
    assert not path.exists() and Shards.open(tmp_path).split("train").colors is None
