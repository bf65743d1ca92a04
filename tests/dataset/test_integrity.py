"""Damaged shards: opening or checking them reports it in one line, and no kernel gets to see bad data."""

import json
import random

import numpy as np
import pytest

from xiangqi_lm.dataset import division, integrity, shards
from xiangqi_lm.dataset.division import Options
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.files import sha256
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board

SET_UP = "4k4/9/9/9/9/9/9/9/4R4/4K4 b - - 0 1"


def games(count):
    for seed in range(count):
        rng = random.Random(seed)
        board = Board(SET_UP) if seed == 0 else Board()
        while board.outcome() is None and len(board.move_stack) < 20:
            board.push(rng.choice(board.legal_list()))
        start = SET_UP if seed == 0 else None
        yield GameRecord(start_fen=start, moves=tuple(board.move_stack), result="1-0")


@pytest.fixture
def folder(tmp_path):
    shards.build(games(30), tmp_path / "s", Options(validation=0.3, min_plies=4))
    return tmp_path / "s"


def opened(folder):
    return [Shards.open(folder).split(name) for name in division.SPLITS]


def test_undamaged_shards_pass(folder):
    counts = Shards.open(folder).check()
    assert counts == {name: sizes["games"] for name, sizes in Shards.open(folder).index["splits"].items()}


@pytest.mark.parametrize("name", ["moves", "offsets", "results", "start_index", "starts", "ratings"])
def test_a_changed_byte_is_found_by_the_digest(folder, name):
    path = folder / "train" / f"{name}.npy"
    data = bytearray(path.read_bytes())
    if len(data) == 128:  # no set-up position on this side
        data[-2] ^= 1
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(XiangqiError, match=f"{name}.npy: (damaged|missing or damaged)"):
        opened(folder)
    with pytest.raises(XiangqiError, match=f"{name}.npy: (damaged|missing or damaged)"):
        Shards.open(folder).check()


FORGED = {
    "pickled": b"\x80\x04\x95\x10\x00\x00\x00",
    "an archive": b"PK\x03\x04" + bytes(60),
    "an empty archive": b"PK\x05\x06" + bytes(18),
    "text": b"moves\n" * 2000,
    "empty": b"",
    "objects": b"\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (2,)}".ljust(80) + bytes(80),
}


@pytest.mark.parametrize("kind", FORGED)
def test_what_is_not_an_array_file_is_refused_in_our_words(folder, kind):
    path = folder / "train" / "moves.npy"
    for data in (FORGED[kind], FORGED[kind] + bytes(5000)):
        path.write_bytes(data)
        with pytest.raises(XiangqiError) as refused:
            opened(folder)
        assert str(refused.value) == f"{path}: damaged: not a whole NumPy array file; build the shards again"


def rewritten(folder, name, array):
    """Replace an array so that its digest fits, as in forged shards or those of an older version."""
    path = folder / "train" / f"{name}.npy"
    np.save(path, array)
    index = json.loads((folder / "index.json").read_text())
    index["arrays"][f"train/{name}"] = integrity.described(array, path.read_bytes())
    (folder / "index.json").write_text(json.dumps(index))


LIES = {
    "an id beyond the moves": ("moves", lambda a: np.full_like(a, 2086)),
    "the largest id": ("moves", lambda a: np.full_like(a, 0xFFFF)),
    "another type": ("moves", lambda a: a.astype(np.int64)),
    "fewer moves": ("moves", lambda a: a[:-1].copy()),
    "offsets that fall": ("offsets", lambda a: np.concatenate((a[:1], a[-2:0:-1], a[-1:]))),
    "offsets below zero": ("offsets", lambda a: a - 5),
    "offsets beyond": ("offsets", lambda a: a * (1 << 40)),
    "no offsets": ("offsets", lambda a: a[:0].copy()),
    "a result of 3": ("results", lambda a: np.full_like(a, 3)),
    "a start that is not there": ("start_index", lambda a: np.full_like(a, 1 << 20)),
    "a start below -1": ("start_index", lambda a: np.full_like(a, -2)),
    "a piece of no kind": ("starts", lambda a: np.full((1, 91), 100, np.int8)),
    "no kings": ("starts", lambda a: np.concatenate((np.zeros((1, 90)), np.ones((1, 1))), 1).astype(np.int8)),
    "too many pieces": ("starts", lambda a: np.full((1, 91), 1, np.int8)),
    "boards of another size": ("starts", lambda a: np.zeros((1, 90), np.int8)),
    "one rating a game": ("ratings", lambda a: a[:, :1].copy()),
}


@pytest.mark.parametrize("lie", LIES)
def test_inconsistent_arrays_are_refused(folder, lie):
    name, change = LIES[lie]
    rewritten(folder, name, change(np.load(folder / "train" / f"{name}.npy")))
    with pytest.raises(XiangqiError) as fault:
        opened(folder)
    assert "\n" not in str(fault.value) and "train" in str(fault.value)


def test_illegal_moves_are_found_by_the_full_check(folder):
    rewritten(folder, "moves", np.load(folder / "train" / "moves.npy")[::-1].copy())
    opened(folder)
    with pytest.raises(XiangqiError, match=r"train: game 1, ply \d+: move \d+ is illegal"):
        Shards.open(folder).check()


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_reported_in_one_line(folder, seed):
    rng = random.Random(seed)
    path = folder / "train" / f"{rng.choice(['moves', 'offsets', 'starts', 'results'])}.npy"
    data = path.read_bytes()
    path.write_bytes(rng.choice([rng.randbytes(9000), data[: rng.randrange(len(data))], data[:60] + rng.randbytes(99)]))
    with pytest.raises(XiangqiError) as fault:
        opened(folder)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize("key", ["splits", "sources", "read", "dropped", "seed", "validation", "split_rule"])
def test_an_index_without_a_key_is_refused(folder, key):
    index = json.loads((folder / "index.json").read_text())
    for value in (None, "", {"x": 1} if key != "dropped" else 3):
        (folder / "index.json").write_text(json.dumps(index | {key: value}))
        if key == "split_rule" and value == "":
            continue
        with pytest.raises(XiangqiError, match=r"index\.json: damaged"):
            Shards.open(folder)
    (folder / "index.json").write_text("[" * 100_000)
    with pytest.raises(XiangqiError, match=r"index\.json: damaged"):
        Shards.open(folder)


def test_shards_of_an_older_version_open_but_cannot_be_checked(folder):
    index = json.loads((folder / "index.json").read_text())
    digest = sha256(folder / "train" / "moves.npy")
    assert index["arrays"]["train/moves"]["sha256"] == digest
    del index["arrays"]
    (folder / "index.json").write_text(json.dumps(index))
    assert len(opened(folder)) == 2
    with pytest.raises(XiangqiError, match="without digests; build them again"):
        Shards.open(folder).check()
