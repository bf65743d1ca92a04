"""Malicious and random files: a clear line each, in bounded time; only XiangqiError is raised."""

import random
import re
import time

import pytest
from fuzzing import mutate, samples, survives
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.records.formats import cchess, dhtmlxq, pgn, tables
from xiangqi_lm.records.formats.text import decode
from xiangqi_lm.records.readers import Refusal, open_records

GOOD = samples()
MANY = 200_000
HOSTILE = {
    "brackets.pgn": b"1. h2e2 " + b"(" * MANY,
    "closed.pgn": b"1. h2e2 " + b"(c3c4 " * MANY + b")" * MANY,
    "variations.pgn": b"1. h2e2 h9g7 " + b"(b9c7) " * 20_000,
    "braces.pgn": b"{" * MANY,
    "braces closed.pgn": b"{}" * MANY + b" h2e2",
    "spaces.pgn": b'[Event "x"' + b" " * 3_000_000 + b"y\n",
    "tag spaces.pgn": (b"[Event " + b" " * 4000 + b"\n") * 200,
    "seams.pgn": (b'[a "b"]' + b" " * 3000 + b"x\n") * 200,
    "tags.pgn": b'[Event "a"]\n' * 50_000,
    "digits.pgn": b"1" * 3_000_000,
    "number.pgn": (b"1" * 2000 + b" " * 2000) * 200,
    "signs.pgn": b"!?+#" * MANY,
    "dots.pgn": b"." * MANY,
    "one word.pgn": b"h2e2" * MANY,
    "lines.pgn": b"\n" * 1_000_000,
    "fen.pgn": b'[FEN "' + b"9/" * 1500 + b'"]\n\nh2e2',
    "shuffle.pgn": b"a0a1 a9a8 a1a0 a8a9 " * 20_000,
    "results.pgn": b"1-0 " * MANY,
    "quotes.pgn": b'[Event "' + b'"' * 4000 + b"]\n",
    "nested.jsonl": b'{"moves": "h2e2", "x": ' + b"[" * MANY + b"\n",
    "number.jsonl": b'{"moves": "h2e2", "x": ' + b"9" * 10_000 + b"}\n",
    "halves.jsonl": b'{"moves": "h2e2", "event": "\\ud800"}\n{"moves": "\\ud800"}\n',
    "fields.html": b"[DhtmlXQ_movelist]" * 50_000,
    "blocks.html": b"[DhtmlXQ][DhtmlXQ_movelist]7747[/DhtmlXQ_movelist]" * 5_000,
    "comments.html": b"[DhtmlXQ_movelist]7747[/DhtmlXQ_movelist]"
    + b"[DhtmlXQ_comment9999]x[/DhtmlXQ_comment9999]" * 20_000,
    "wide.csv": b"gameID,turn,side,move" + b"," * MANY + b"\n1,1,red,C2.5\n",
    "quoted.csv": b'gameID,turn,side,move\n"' + b"x" * 300_000 + b"\n",
    "games.csv": b"gameID,turn,side,move\n" + b"".join(b"%d,1,red,C2.5\n" % i for i in range(5_000)),
    "zero.xqf": b"XQ\x12" + b"\0" * 100_000,
    "ones.xqf": b"XQ\x0a" + b"\xff" * 100_000,
    "zero.cbr": b"CCBridge Record\0\0\0\0\2" + b"\0" * 100_000,
    "ones.cbr": b"CCBridge Record\0\0\0\0\2" + b"\xff" * 100_000,
    "slots.cbl": b"CCBridgeLibrary\0" + b"CCBridge Record\0" * 3_000,
    "halves.tar": b"\0" * 511,
    "flags.tar.gz": b"\x1f\x8b\x08\x04" + b"\0" * 6 + b"\1",  # tarfile raises TypeError
    "names.zip": GOOD["a.zip"][:26] + b"\xff\3" + GOOD["a.zip"][28:],  # zipfile repeats all of the long name
    "empty.zip": b"PK\5\6" + b"\0" * 18,
}


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """Compile the kernels before anything is timed."""
    assert pgn.read_game("h2e2").final()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_in_time_with_a_reason(tmp_path, name):
    (tmp_path / name).write_bytes(HOSTILE[name])
    started = time.monotonic()
    for item in open_records([tmp_path / name]):
        if isinstance(item, Refusal):
            assert item.reason and len(item.text) < 400
    assert time.monotonic() - started < 20  # nearly all take far less than a second


@pytest.mark.parametrize("name", sorted(GOOD))
def test_the_samples_are_valid_and_their_mutants_harmless(tmp_path, name):
    assert set(survives(tmp_path, name, GOOD[name])) == {"game"}
    chance = random.Random(name)
    for _ in range(25):
        survives(tmp_path, name, mutate(GOOD[name], chance))


READERS = {
    "pgn": pgn.read_game, "jsonl": tables.read_json, "list": tables.read_line, "rows": tables.read_rows,
    "dhtmlxq": dhtmlxq.read_game, "xqf": cchess.read_xqf, "cbr": cchess.read_cbr,
}  # fmt: skip
SAID = """{ } ( ) ; % [ ] $1 1. 1... 1-0 * h2e2 H9-G7 h9g7 b0c2 炮二平五 马８进７ 前炮进一 C2.5 [Event [FEN 7747 7062
[DhtmlXQ_movelist] [/DhtmlXQ_movelist] [DhtmlXQ_move_0_1_1] [/DhtmlXQ_move_0_1_1]"""
PIECES = [*SAID.split(), "\n", ",", " ", '"', "1,1,red,C2.5", '{"moves":"']
WORDS = st.lists(st.sampled_from(PIECES), max_size=30)
TEXTS = st.one_of(st.text(max_size=80), WORDS.map(" ".join), WORDS.map("".join))
QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("form", ["pgn", "jsonl", "list", "rows", "dhtmlxq"])
@QUIET
@given(text=TEXTS, keep=st.booleans())
def test_any_text_is_a_record_or_a_bad_record(form, text, keep):
    try:
        record = READERS[form](text, "x", keep)
    except XiangqiError:
        return
    assert len(record.final().move_stack) == len(record.moves)
    if form == "pgn":
        (back,) = pgn.read_games(pgn.write_game(record))
        assert (back.moves, back.start_fen, back.result) == (record.moves, record.start_fen, record.result)


@pytest.mark.parametrize("form", ["xqf", "cbr"])
@QUIET
@given(head=st.booleans(), tail=st.binary(max_size=200), keep=st.booleans())
def test_any_bytes_are_a_record_or_a_bad_record(form, head, tail, keep):
    start = {"xqf": GOOD["plain.xqf"][:1032], "cbr": GOOD["a.cbr"][:2214]}[form] if head else b""
    try:
        record = READERS[form](start + tail, "x", keep)
    except XiangqiError:
        return
    assert record.final()


@QUIET
@given(data=st.binary(max_size=300))
def test_any_bytes_have_an_encoding(data):
    text, name = decode(data, pgn.legal_plies)
    assert isinstance(text, str) and isinstance(name, str)
    text.encode("utf-8")


MOVE = re.compile("[a-iA-I][0-9]-?[a-iA-I][0-9]")


@QUIET
@given(text=TEXTS)
def test_splitting_never_loses_a_move(text):
    """Words between games, such as a program's footer, may be left out; moves never, and their order is kept."""
    words, kept = text.split(), "".join(pgn.split_games(text.splitlines(keepends=True))).split()
    rest = iter(words)
    assert all(word in rest for word in kept)
    assert [w for w in kept if MOVE.fullmatch(w)] == [w for w in words if MOVE.fullmatch(w)]
