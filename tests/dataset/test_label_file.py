"""Label files: what the reader accepts and refuses, and how positions are divided."""

import gzip
import lzma
import random

import numpy as np
import pytest

from xiangqi_lm.dataset import labels
from xiangqi_lm.dataset.labels import NO_MOVE, read
from xiangqi_lm.dataset.labelwriter import Heading, Label, LabelWriter, Scored, write_label
from xiangqi_lm.errors import BadRecord, InvalidFen
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move
from xiangqi_lm.rules.score import MATE, MOST_CENTIPAWNS, Score, WinDrawLoss
from xiangqi_lm.rules.squares import BLACK, HALF_TURN, RED

START = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR"
MATING = "3k5/4R4/4R4/9/9/9/9/9/9/5K3 w"


def some_boards(count, seed=1):
    """Return positions of random games with both sides to move."""
    dice, boards = random.Random(seed), []
    while len(boards) < count:
        board = Board()
        for _ in range(dice.randrange(1, 120)):
            if board.outcome() is not None:
                break
            board.push(dice.choice(list(board.legal_moves)))
        if board.legal_moves:
            boards.append(board)
    return boards


def position(board):
    return " ".join(board.fen().split()[:2])


def test_arrays_agree_with_the_board(tmp_path):
    dice, boards = random.Random(5), some_boards(300)
    ranked = [dice.sample(list(board.legal_moves), min(3, len(board.legal_moves))) for board in boards]
    file = tmp_path / "some.tsv"
    found = [
        tuple(Scored(m, Score(b.turn, dice.randrange(-900, 900))) for m in moves)
        for b, moves in zip(boards, ranked, strict=True)
    ]
    lines = [write_label(Label(position(b), scored)) for b, scored in zip(boards, found, strict=True)]
    file.write_text("# a teacher\n\n" + "\n".join(lines) + "\n", encoding="utf-8")
    got = read(file)
    assert len(got) == 300
    assert {int(b.turn) for b in boards} == {1, -1}
    for i, (board, moves) in enumerate(zip(boards, ranked, strict=True)):
        seen = board if board.turn is RED else board.transform()
        ids = [(m if board.turn is RED else m.half_turn()).id for m in moves]
        assert (got.boards[i] == seen.array).all()
        assert got.moves[i] == ids[0]
        assert [m for m in got.ranked[i] if m != NO_MOVE] == ids
        assert got.ranked_scores[i, : len(ids)].tolist() == [scored.score.centipawns for scored in found[i]]
        assert got.scores[i] == found[i][0].score.centipawns
        assert np.isnan(got.chances[i]).all()


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_bare_form_reads_from_any_file(tmp_path, suffix, end):
    file = tmp_path / f"bare.tsv{suffix}"
    text = f"{START} w\th2e2\t35{end}{START} b - - 0 1\th7e7\t-20{end}{MATING}\te8d8\t#1"
    opened = {"": open, ".gz": gzip.open, ".xz": lzma.open}[suffix]
    with opened(file, "wb") as out:
        out.write(text.encode())
    got = read(file)
    assert got.scores.tolist() == [35, -20, MATE - 1]
    assert [MOVES[i].iccs() for i in got.moves] == ["h2e2", "b2e2", "e8d8"]  # h7e7 as seen from Black's side
    assert got.ranked.shape == (3, 1)


def test_line_numbers_and_values_hold_across_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr(labels, "_BLOCK", 64)
    monkeypatch.setattr("xiangqi_lm.records.formats.sources.HEAD", 100)
    file = tmp_path / "many.tsv"
    lines = [f"{START} w\th2e2\t{i}" for i in range(40)]
    file.write_text("\r\n".join(["# first", *lines, ""]), encoding="utf-8")
    assert read(file).scores.tolist() == list(range(40))
    file.write_text("\n".join(["# first", *lines, f"{START} w\th2h8\t0"]), encoding="utf-8")
    with pytest.raises(BadRecord, match=r"many\.tsv: line 42: h2h8 is illegal"):
        read(file)


def test_a_label_survives_its_file(tmp_path):
    board = Board()
    moves = list(board.legal_moves)[:3]
    chances = WinDrawLoss(0.4118, 0.5302, 0.058)
    scores = Score(RED, 120, wdl=chances), Score(RED, -40_000), Score(RED, mate=-2)
    scored = tuple(Scored(move, score) for move, score in zip(moves, scores, strict=False))
    file = tmp_path / "one.tsv"
    file.write_text(write_label(Label(position(board), scored)) + "\n", encoding="utf-8")
    got = read(file)
    assert got.ranked_scores[0].tolist() == [120, -MOST_CENTIPAWNS, -MATE + 2]
    assert got.ranked[0].tolist() == [m.id for m in moves]
    assert got.values()[0] == pytest.approx([0.412, 0.530, 0.058], abs=1e-3)


REFUSED = [
    ("rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9 w\th2e2\t1", InvalidFen, "expected 10 ranks, found 9"),
    (
        "rnbakabnr/91/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/8/RNBAKABNR w\th2e2\t1",
        InvalidFen,
        "expected 9 files in rank 8, found 10",
    ),
    (
        "rnbakabnr/8/1c5c1/p1p1p1p1p/91/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w\th2e2\t1",
        InvalidFen,
        "expected 9 files in rank 8, found 8",
    ),
    ("rnbakabnr/9/1c5c1/p1x1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w\th2e2\t1", InvalidFen, "'x'"),
    ("rnba1abnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w\th2e2\t1", InvalidFen, "Black has no king"),
    ("rnbakabnr/4r4/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w\th2e2\t1", InvalidFen, "3 'r', at most 2"),
    ("rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/4B4/RN1AKABNR w\th2e2\t1", InvalidFen, "can never be on e1"),
    ("4k4/9/9/9/4R4/9/9/9/9/3K5 w\te5e6\t1", InvalidFen, "Black is in check though it is not to move"),
    (f"{START} w - x\th2e2\t1", InvalidFen, "field 4"),
    (f"{START} x\th2e2\t1", BadRecord, "is not a position"),
    (f"{START}\th2e2\t1", BadRecord, "is not a position"),
    (f"{START} w\th2e3\t1", BadRecord, "'h2e3' is not a move"),
    (f"{START} w\th2h8\t1", BadRecord, "h2h8 is illegal"),
    (f"{START} b\th2e2\t1", BadRecord, "h2e2 is illegal"),
    (f"{START} w\th2e2\t1\t-\th2h8\t0", BadRecord, "h2h8 is illegal"),
    (f"{START} w\th2e2", BadRecord, "2 fields"),
    (f"{START} w\th2e2\t1\t-\tb2e2", BadRecord, "5 fields"),
    (f"{START} w\th2e2\t1.5", BadRecord, "'1.5' is not a score"),
    (f"{START} w\th2e2\t#0", BadRecord, "'#0' is not a score"),
    (f"{START} w\th2e2\t29500", BadRecord, "'29500' is not a score"),
    (f"{START} w\th2e2\t1\t500/500/500", BadRecord, "'500/500/500': expected win, draw and loss"),
]


@pytest.mark.parametrize(("line", "error", "words"), REFUSED, ids=[words for _, _, words in REFUSED])
def test_bad_lines_are_refused_with_their_place(tmp_path, line, error, words):
    file = tmp_path / "bad.tsv"
    file.write_text(f"{START} w\th2e2\t35\n# a comment\n{line}\n", encoding="utf-8")
    with pytest.raises(error) as fault:
        read(file)
    assert str(fault.value).startswith(f"{file}: line 3: ")
    assert words in str(fault.value)
    assert "\n" not in str(fault.value)


def test_other_faults_of_files(tmp_path):
    with pytest.raises(BadRecord, match="no such file"):
        read(tmp_path / "none.tsv")
    cut = tmp_path / "cut.tsv.xz"
    cut.write_bytes(lzma.compress((f"{START} w\th2e2\t35\n" * 9).encode())[:40])
    with pytest.raises(BadRecord, match="damaged"):
        read(cut)
    empty = tmp_path / "empty.tsv"
    empty.write_text("# nothing\n", encoding="utf-8")
    assert len(read(empty)) == 0
    assert read([empty]).values().shape == (0, 3)


def test_a_position_and_its_images_stay_together(tmp_path):
    boards = some_boards(200, seed=9)
    file = tmp_path / "images.tsv"
    with file.open("w", encoding="utf-8") as out:
        for image in (Board.copy, Board.mirror, Board.transform, lambda b: b.mirror().transform()):
            for board in boards:
                moved = image(board)
                out.write(
                    write_label(Label(position(moved), (Scored(next(iter(moved.legal_moves)), Score(moved.turn, 0)),)))
                    + "\n"
                )
    got = read(file)
    keys = got.keys().reshape(4, -1)
    assert (keys == keys[0]).all()
    distinct = {min(position(i) for i in _images(b)) for b in boards}
    assert len(set(keys[0].tolist())) == len(distinct)
    train, validation = got.split(0.25, seed=3)
    assert len(train) + len(validation) == len(got)
    assert not set(train.keys().tolist()) & set(validation.keys().tolist())
    assert 0.15 < len(validation) / len(got) < 0.35
    other = got.split(0.25, seed=4)[1]
    assert set(other.keys().tolist()) != set(validation.keys().tolist())
    assert [len(part) for part in got.split(0)] == [len(got), 0]


def _images(board):
    return [board, board.mirror(), board.transform(), board.mirror().transform()]


def test_black_to_move_is_a_half_turn():
    board = Board()
    board.push(Move.from_iccs("h2e2"))
    assert board.turn is BLACK
    assert (board.transform().array == -board.array[HALF_TURN]).all()


# ------------------------------------------------------------------------------------------------ writing

HEADING = Heading("alphabeta?depth=1", 2)


def label_of(board):
    return Label(position(board), (Scored(next(iter(board.legal_moves)), Score(board.turn, board.ply)),))


@pytest.mark.parametrize("name", ["some.tsv", "some.tsv.xz", "some.tsv.gz", "some.tsv.bz2"])
def test_a_writer_continues_where_the_last_one_was_killed(tmp_path, name):
    boards, file = some_boards(12, seed=3), tmp_path / name
    first = LabelWriter(file, HEADING)
    first.add(label_of(board) for board in boards[:4])
    assert not file.exists()  # never closed, as after kill -9
    with first.part.open("ab") as torn:
        torn.write(b"4k4/9/9/9/9/9/9/9/9/3K5 w\td0")
    with LabelWriter(file, HEADING) as second:
        assert len(second.done) == 4
        second.add(label_of(board) for board in boards[4:8])
        second.finish()
    assert sorted(path.name for path in tmp_path.iterdir()) == [name]
    assert read(file).scores.tolist() == [board.ply for board in boards[:8]]
    with LabelWriter(file, HEADING) as third:
        assert third.done == set(read(file).keys().tolist())
        third.add(label_of(board) for board in boards[8:])
        third.finish()
    assert read(file).scores.tolist() == [board.ply for board in boards]


def test_a_truncated_file_is_continued_after_its_last_whole_line(tmp_path):
    file = tmp_path / "labels.tsv"
    with LabelWriter(file, HEADING) as writer:
        writer.add([label_of(Board())])
        writer.finish()
    whole = file.read_bytes()
    file.write_bytes(whole + b"4k4/9/9/9/9/9/9/9/9/3K5 w\td0")
    with LabelWriter(file, HEADING) as writer:
        writer.finish()
    assert file.read_bytes() == whole


def test_a_writer_leaves_other_files_alone(tmp_path):
    file, board = tmp_path / "some.tsv", Board()
    with LabelWriter(file, HEADING) as writer:
        writer.add([label_of(board)])
        writer.finish()
    before = file.read_bytes()
    with pytest.raises(BadRecord, match=r'made with .*"alphabeta\?depth=1", "lines": 2'):
        LabelWriter(file, Heading("alphabeta?depth=2", 2))
    with LabelWriter(file, HEADING):
        pass  # nothing to add
    other = tmp_path / "other.tsv"
    other.write_text("dear diary\n", encoding="utf-8")
    with pytest.raises(BadRecord, match=r"other\.tsv: exists and was not written by this command"):
        LabelWriter(other, HEADING)
    packed = tmp_path / "cut.tsv.xz"
    packed.write_bytes(lzma.compress(before)[:50])
    with pytest.raises(BadRecord, match="damaged"):
        LabelWriter(packed, HEADING)
    with pytest.raises(BadRecord, match=r"some\.zip: labels are written to a file"):
        LabelWriter(tmp_path / "some.zip", HEADING)
    with LabelWriter(tmp_path / "fresh.tsv", HEADING):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.tsv.xz", "other.tsv", "some.tsv"]
    assert file.read_bytes() == before
