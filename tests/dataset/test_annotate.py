"""A teacher's answers in games: matched by position, kept in shards, shown to the model in the mover's view."""

import random
from dataclasses import replace

import numpy as np
import pytest

from xiangqi_lm.cli import main
from xiangqi_lm.dataset import annotate, division, shards
from xiangqi_lm.dataset import labels as label_files
from xiangqi_lm.dataset.layout import Layout
from xiangqi_lm.dataset.loader import IGNORED, make_batch, plan
from xiangqi_lm.dataset.tokenizer import TOKENIZERS
from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.squares import BLACK

ENDGAME = "3ak4/4a4/9/9/9/9/4P4/9/3R5/4K4 b - - 0 1"


def text(board):
    return " ".join(board.fen().split(" ")[:2])


def images(board):
    """Return the position, its mirror image and their half turns with colours exchanged: a label covers all of them."""
    plain = Board(text(board))
    return [plain, plain.mirror(), plain.transform(), plain.mirror().transform()]


def random_record(seed, plies, start=None):
    rng, board = random.Random(seed), Board(start) if start else Board()
    while board.ply < plies and board.legal_moves:
        board.push(rng.choice(board.legal_list()))
    return GameRecord(moves=tuple(board.move_stack), start_fen=start, result="1-0")


@pytest.fixture(scope="module")
def records():
    return [random_record(seed, 30 + seed) for seed in range(12)] + [random_record(50, 14, ENDGAME)]


@pytest.fixture(scope="module")
def said(records):
    """Return answers for every third position, in one of its four images, with up to three moves: (ICCS,
    centipawns).
    """
    found = {}
    for number, record in enumerate(records):
        board = record.start()
        for ply, move in enumerate(record.moves):
            if ply % 3 == number % 3 and not any(text(image) in found for image in images(board)):
                shown = images(board)[(ply + number) % 4]
                moves = random.Random(ply).sample(shown.legal_list(), min(3, len(shown.legal_list())))
                found[text(shown)] = [(m.iccs(), 50 * number - 20 * i) for i, m in enumerate(moves)]
            board.push(move)
    return found


@pytest.fixture(scope="module")
def label_file(said, tmp_path_factory):
    path = tmp_path_factory.mktemp("labels") / "labels.tsv"
    lines = []
    for position, ((best, score), *others) in said.items():
        rest = [cell for other in others for cell in (other[0], str(other[1]))]
        lines.append("\t".join([position, best, str(score), "500/300/200", *rest]) + "\n")
    path.write_text("".join(lines))
    return path


def answer(said, board):
    """Return the answer for a position as moves on that board, undoing the image in the file; None if there is none."""
    for back, image in zip((0, 1, 2, 3), images(board), strict=True):
        if text(image) in said:
            twins = images(image)  # each symmetry is its own inverse
            assert text(twins[back]) == text(board)
            turned = []
            for iccs, score in said[text(image)]:
                played = Board(text(image))
                played.push(played.parse(iccs))
                turned.append((text(images(played)[back]), score))
            return turned
    return None


def test_answers_are_found_at_every_ply_with_a_labelled_position(records, said, label_file):
    split = division.pack(records)
    found = annotate.find(split, label_files.read(label_file))
    known = 0
    for game, record in enumerate(records):
        board = record.start()
        for ply, move in enumerate(record.moves):
            wanted = answer(said, board)
            moves, scores, values = found.at(np.array([split.offsets[game] + ply]))
            if wanted is None:
                assert (moves == -1).all() and np.isnan(scores).all() and not values.any()
            else:
                known += 1
                seen = board if board.turn != BLACK else Board(text(board)).transform()
                got = []
                for move_id, score in zip(moves[0].tolist(), scores[0].tolist(), strict=True):
                    if move_id >= 0:
                        played = Board(text(seen))
                        played.push(label_files.MOVES[move_id])  # in the mover's view
                        after = played if seen is board else played.transform()
                        got.append((text(after), score))
                assert got == wanted
                assert values[0] == pytest.approx([0.5, 0.3, 0.2])
            board.push(move)
    assert known == found.known >= len(said)


def test_of_two_labels_of_a_position_the_first_counts(records, tmp_path):
    board = records[0].start()
    first, second = (move.iccs() for move in board.legal_list()[:2])
    (tmp_path / "a.tsv").write_text(f"{text(board)}\t{first}\t7\n{text(board)}\t{second}\t8\n")
    found = annotate.find(division.pack(records), label_files.read(tmp_path / "a.tsv"))
    assert found.known == 12  # the start of every whole game
    assert set(found.scores[:, 0].tolist()) == {7.0}


@pytest.mark.parametrize("tokenizer", ["move", "char"])
def test_batches_hold_answers_where_moves_are_targets(records, label_file, tokenizer):
    split = division.pack(records)
    labels = label_files.read(label_file)
    answered = annotate.find(split, labels)
    split = shards.joined([replace(split, answers=answered), replace(split, answers=answered)])
    by_board = {board.tobytes(): i for i, board in enumerate(annotate.answered(split).boards)}
    alone = annotate.answered(split)
    layout, k = Layout(TOKENIZERS[tokenizer], 64), TOKENIZERS[tokenizer].per_move
    asked = 0
    for pieces in plan(split, layout, 400, np.random.default_rng(0)):
        flips = np.arange(len(pieces)) % 2 == 1
        batch = make_batch(split, pieces, flips, layout)
        assert ((batch.taught.tokens == IGNORED).all(-1) | (batch.targets != IGNORED)).all()
        for row, column in np.argwhere(batch.asked):
            board = batch.boards[row, column]
            plain = board if not flips[row] else board[label_files.MIRROR]
            if (i := by_board.get(plain.tobytes())) is None:
                assert not batch.taught.values[row, column].any()
                continue
            asked += 1
            ids = alone.ranked[i][alone.ranked[i] >= 0]
            ids = annotate.MIRROR_ID[ids] if flips[row] else ids
            first = batch.taught.tokens[row, column, : len(ids)]
            assert first.tolist() == layout.tokenizer.spelling[ids][:, 0].tolist()
            assert (batch.taught.scores[row, column] == alone.ranked_scores[i])[: len(ids)].all()
            played = layout.tokenizer.spelling[ids]
            same = (played[:, : k - 1] == batch.targets[row, column : column + k - 1]).all(-1)
            last = batch.taught.tokens[row, column + k - 1, : len(ids)]
            assert ((last != IGNORED) == same).all()
            assert (last[same] == played[same, k - 1]).all()
    assert asked == split.answers.known == 2 * answered.known


def test_shards_built_with_labels_hold_them_and_built_without_do_not(records, label_file, tmp_path, capsys):
    pgn, out = tmp_path / "games.pgn", tmp_path / "shards"
    pgn.write_text("".join(write_game(record) for record in records), encoding="utf-8")
    command = ["data", "build", str(pgn), "--out", str(out), "--validation", "0.3", "--jobs", "1"]
    with pytest.raises(SystemExit, match="0"):
        main([*command, "--labels", str(label_file)])
    told = capsys.readouterr().out
    opened, labels = shards.Shards.open(out), label_files.read(label_file)
    for name in division.SPLITS:
        split = opened.split(name)
        found = annotate.find(split, labels)
        assert opened.index["answers"]["plies"][name] == split.answers.known == found.known > 0
        for array, wanted in split.answers.arrays().items():
            assert np.array_equal(wanted, found.arrays()[array], equal_nan=array == "answer_scores")
    assert f"{found.known:,} plies with a teacher's answer" in told
    with pytest.raises(SystemExit, match="0"):
        main(command)
    assert shards.Shards.open(out).split("train").answers is None
    assert not list(out.rglob("answer*"))


def test_answers_at_given_positions_can_be_left_out(records, label_file):
    split = division.pack(records)
    split = replace(split, answers=annotate.find(split, label_files.read(label_file)))
    keys = annotate.answered(split).keys()
    assert annotate.without(split, keys).answers.known == 0
    kept = annotate.answered(annotate.without(split, keys[:5])).keys()
    assert not np.isin(kept, keys[:5]).any()
    assert set(kept.tolist()) == set(keys.tolist()) - set(keys[:5].tolist())
