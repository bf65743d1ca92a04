"""XQF, CBR and CBL: read according to their formats, with every move checked by our board; and XQF written."""

import contextlib
import io

import cchess as their_cchess
import pytest
from binaries import cbl, cbr, xqf
from record_samples import ENDGAME, game, moves, random_moves, tree

from xiangqi_lm.errors import BadRecord, XiangqiError
from xiangqi_lm.records.formats import cchess
from xiangqi_lm.records.formats import xqf as xqf_writer
from xiangqi_lm.records.game import GameRecord, Line
from xiangqi_lm.records.readers import Refusal, open_records

BLACK_FIRST = "3ak4/4a4/2n6/9/9/9/4P4/9/3R5/4K4 b - - 0 1"


def with_first_comments_moved(line: Line) -> Line:
    """Return a line as a format keeps it that has no place for comments before a variation's first move."""
    variations = {}
    for ply, lines in line.variations.items():
        moved = []
        for below in map(with_first_comments_moved, lines):
            first = "\n".join(filter(None, [below.comments.get(0), below.comments.get(1)]))
            rest = {n: text for n, text in below.comments.items() if n > 1}
            moved.append(Line(below.moves, ({1: first} if first else {}) | rest, below.variations))
        variations[ply] = tuple(moved)
    return Line(line.moves, line.comments, variations)


BUILDERS = {
    "plain xqf": xqf,
    "xqf 11": lambda record: xqf(record, 11),
    "xqf 18": lambda record: xqf(record, 18, (200, 5, 77, 3)),
    "written xqf": xqf_writer.write_game,
    "cbr": cbr,
}


def read(form: str, data: bytes, **options) -> GameRecord:
    return (cchess.read_cbr if form == "cbr" else cchess.read_xqf)(data, "file", **options)


@pytest.mark.parametrize("form", BUILDERS)
def test_trees_comments_and_headers_are_read(form):
    record = tree()
    back = read(form, BUILDERS[form](record))
    assert (back.headers, back.result, back.start_fen, back.cuts) == (record.headers, "1-0", None, ())
    assert back.moves == record.moves and back.comments == record.comments
    assert back.line == with_first_comments_moved(record.line)


@pytest.mark.parametrize("form", BUILDERS)
@pytest.mark.parametrize("fen", [None, ENDGAME, BLACK_FIRST])
def test_lines_from_any_position(form, fen):
    for seed in range(6):
        record = game(seed, 80, ("0-1", "1/2-1/2", "*")[seed % 3], fen, Red="許銀川", Black="Lü Qin")
        back = read(form, BUILDERS[form](record))
        assert (back.moves, back.start_fen, back.result) == (record.moves, fen, record.result)


@pytest.mark.parametrize("form", ["plain xqf", "xqf 18", "written xqf", "cbr"])
def test_cchess_itself_reads_the_same_main_line(form, tmp_path):
    record = game(3, 60, "1-0", Event="x")
    path = tmp_path / ("x.cbr" if form == "cbr" else "x.xqf")
    path.write_bytes(BUILDERS[form](record) + (b"\0" * 4 if form == "cbr" else b""))
    with contextlib.redirect_stdout(io.StringIO()):
        (theirs,) = their_cchess.Game.read_from(str(path)).dump_iccs_moves()
    assert theirs == [move.iccs() for move in record.moves]
    assert read(form, path.read_bytes()).moves == record.moves


@pytest.mark.parametrize("form", BUILDERS)
def test_illegal_moves_are_reported(form):
    bad = GameRecord({}, None, moves("h2e2 h9g7 h0g2 a9a5 b2b3"), "1-0", {}, {1: (Line(moves("h7e7 a0a5 a9a8")),)})
    data = BUILDERS[form](bad)
    with pytest.raises(BadRecord, match="a9a5") as caught:
        read(form, data)
    assert caught.value.ply == 4
    record = read(form, data, keep_prefix=True)
    assert record.moves == moves("h2e2 h9g7 h0g2") and record.variations == {1: (Line(moves("h7e7")),)}
    assert [(cut.ply, cut.reason) for cut in record.cuts] == [(4, "illegal move"), (3, "illegal move in a variation")]


@pytest.mark.parametrize("form", BUILDERS)
def test_truncated_files_are_refused_or_kept_up_to_the_cut(form):
    record = game(9, 50)
    data = BUILDERS[form](record)
    start = 2218 if form == "cbr" else 1028
    for length in [0, 3, 400, start - 1, *range(start + 20, len(data))]:
        with pytest.raises(BadRecord):
            read(form, data[:length]) if length > start else cchess.read_xqf(data[:length], "file")
        if length > start + 30:
            kept = read(form, data[:length], keep_prefix=True)
            assert kept.moves == record.moves[: len(kept.moves)] and len(kept.cuts) == 1


def test_a_file_cut_between_two_moves_is_noticed():
    record = game(9, 50)
    data = xqf(record)
    with pytest.raises(BadRecord, match="truncated"):
        cchess.read_xqf(data[:-8])
    assert cchess.read_xqf(data[:-8], keep_prefix=True).moves == record.moves[:49]


def test_a_library_yields_its_games_one_by_one(tmp_path):
    games = [game(seed, 30 + seed, "1-0", Event=str(seed)) for seed in range(5)]
    long = GameRecord({"Event": "long"}, None, random_moves(1, 700), "*", dict.fromkeys(range(1, 40), "注" * 30))
    path = tmp_path / "all.cbl"
    path.write_bytes(cbl([*games, long, GameRecord({}, None, moves("h2e2 h2e2"))]))
    *read, refusal = open_records([path])
    assert [r.moves for r in read] == [g.moves for g in games] + [long.moves] and read[5].comments == long.comments
    assert isinstance(refusal, Refusal) and (refusal.number, refusal.ply, refusal.reason) == (7, 2, "illegal move")
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = their_cchess.read_from_cbl(str(path))["games"]
    assert [len(g.dump_iccs_moves()[0]) for g in theirs[:5]] == [len(g.moves) for g in games]


def test_formats_recognised_by_content_need_no_suffix(tmp_path):
    for name, data in (("a.bin", xqf(game(1))), ("b.bin", cbr(game(1))), ("c.bin", cbl([game(1)]))):
        (tmp_path / name).write_bytes(data)
    assert [item.moves for item in open_records([tmp_path])] == [game(1).moves] * 3


def test_version_1_of_cbr_is_named():
    with pytest.raises(BadRecord, match="version 1"):
        cchess.read_cbr(cbr(game(1), version=1))


def test_games_that_cchess_cannot_decode_are_refused_with_a_reason():
    record = GameRecord(moves=moves("a0a1 a9a8 a1a0 a8a9") * 500)
    with pytest.raises(BadRecord, match="more moves than cchess can decode"):
        cchess.read_xqf(xqf_writer.write_game(record))


def test_an_xqf_field_is_cut_at_a_character():
    record = game(2, 10, Event="象" * 60, Red="a象" * 9)
    back = cchess.read_xqf(xqf_writer.write_game(record))
    assert back.headers == {"Event": "象" * 31, "Red": "a象" * 5}


def test_a_file_for_one_game_takes_one(tmp_path):
    from xiangqi_lm.dataset.collect import collect, writer

    out = tmp_path / "x.xqf"
    collect([game(1)], out, write=writer(out))
    assert [r.moves for r in open_records([out])] == [game(1).moves]
    with pytest.raises(XiangqiError, match="holds one game"):
        collect([game(1), game(2)], out, write=writer(out))
    assert [p.name for p in tmp_path.iterdir()] == ["x.xqf"]
