"""Labelled positions among the games: the model's inputs, what is held out, the weights in the loss."""

import dataclasses
import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from xiangqi_lm.arena.labels import Sampling, sample
from xiangqi_lm.arena.selfplay import record_of, selfplay
from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.dataset import division
from xiangqi_lm.dataset import labels as label_files
from xiangqi_lm.dataset.layout import Layout
from xiangqi_lm.dataset.loader import BOS, IGNORED, legal_moves, make_batch
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.dataset.tokenizer import TOKENIZERS
from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import inputs_of
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import HALF_TURN_ID, MIRROR_ID, Move
from xiangqi_lm.rules.squares import MIRROR
from xiangqi_lm.training import loop, mixture
from xiangqi_lm.training.forward import material
from xiangqi_lm.training.mixture import LabelStream

CONFIG = with_settings(preset("tiny"), ["steps=4", "labels_share=0.25", "evaluate_every=100", "model.dropout=0"])


@pytest.fixture(scope="module")
def labels(label_file):
    return label_files.read(label_file)


def test_a_batch_of_labels_is_what_a_player_sees(labels):
    batch = LabelStream(labels, Layout(), 50, False, 1).take()
    assert (batch.tokens == BOS).all()
    assert batch.tokens.shape == (50, 1)
    boards = {board.tobytes(): i for i, board in enumerate(labels.boards)}
    rows = [boards[board.tobytes()] for board in batch.boards[:, 0]]
    assert batch.targets[:, 0].tolist() == labels.moves[rows].tolist()
    assert batch.taught.tokens[:, 0].tolist() == labels.ranked[rows].tolist()
    assert (batch.taught.scores[:, 0] == labels.ranked_scores[rows]).all()
    assert (batch.taught.values[:, 0] == labels.values()[rows]).all()


def test_every_label_once_per_epoch_and_some_mirrored(labels):
    stream = LabelStream(labels, Layout(), 60, True, 1)
    known = {board.tobytes(): (i, False) for i, board in enumerate(labels.boards)}
    known |= {board[MIRROR].tobytes(): (i, True) for i, board in enumerate(labels.boards)}
    seen = []
    for _ in range(len(labels) // 60):
        batch = stream.take()
        for board, target in zip(batch.boards[:, 0], batch.targets[:, 0].tolist(), strict=True):
            i, mirrored = known[board.tobytes()]
            seen.append((i, mirrored))
            move = int(labels.moves[i])
            assert target == (MIRROR_ID[move] if mirrored else move)
    assert stream.epoch == 0
    assert len({i for i, _ in seen}) == len(seen) == len(labels) // 60 * 60
    assert 0.3 < np.mean([mirrored for _, mirrored in seen]) < 0.7
    stream.take()
    assert (stream.epoch, stream.position) == (1, 1)


@pytest.mark.parametrize("tokenizer", ["move", "square", "char"])
def test_batches_made_at_once_are_those_of_the_loader(labels, tokenizer):
    layout = Layout(TOKENIZERS[tokenizer], 256)
    stream, rows, flips = LabelStream(labels, layout, 60, True, 1), np.arange(5, 65), np.arange(60) % 3 == 0
    fast = stream.batch(rows, flips)
    slow = make_batch(mixture.games_of(labels), [mixture.label_window(int(i), layout) for i in rows], flips, layout)
    for field in dataclasses.fields(fast):
        a, b = getattr(fast, field.name), getattr(slow, field.name)
        assert a is b or (a.dtype == b.dtype and (a == b).all()), field.name


def position(board):
    return " ".join(board.fen().split()[:2])


@pytest.mark.parametrize("tokenizer", ["move", "square", "char"])
def test_soft_targets_are_shares_of_the_moves_that_begin_as_the_best_does(tmp_path, tokenizer):
    """All mass on the first for the best; beside it exp(score / temperature). Of a move's later tokens only the moves
    that its earlier tokens allow count."""
    board = Board()
    board.push(board.parse("h2e2"))
    text = f"{position(board)}\th9g7\t-30\t-\th9i7\t-60\tb9c7\t-90\n"
    (tmp_path / "labels.tsv").write_text(text)
    found = label_files.read(tmp_path / "labels.tsv")
    layout = Layout(TOKENIZERS[tokenizer], 256)
    config = with_settings(CONFIG, ["terms.ranked=1", "ranked.temperature=30", "ranked.best=0.25"])
    weights = [math.exp(-score / 30) for score in (30, 60, 90)]
    whole = [0.75 * weight / sum(weights) for weight in weights]
    shares = {"h9g7": whole[0] + 0.25, "h9i7": whole[1], "b9c7": whole[2]}
    for mirror in (False, True):
        given = material(LabelStream(found, layout, 1, mirror, 3).take(), config, "cpu", 0.0, 1)
        flipped = not (given.inputs.boards[0, 0].numpy() == found.boards[0]).all()
        spelled = {name: _seen(name, layout.tokenizer, flipped) for name in shares}
        for part in range(layout.tokenizer.per_move):
            wanted: dict[int, float] = {}
            for name, share in shares.items():
                if spelled[name][:part] == spelled["h9g7"][:part]:
                    wanted[spelled[name][part]] = wanted.get(spelled[name][part], 0.0) + share
            wanted = {token: share / sum(wanted.values()) for token, share in wanted.items()}
            got: dict[int, float] = {}
            tokens, parts = given.targets.ranked[0, part].tolist(), given.targets.shares[0, part].tolist()
            for token, share in zip(tokens, parts, strict=True):
                if share:
                    got[token] = got.get(token, 0.0) + share
            assert got == pytest.approx(wanted)
    assert given.targets.weights.abs().max() == 0  # the best move is not asked for a second time


def _seen(name, tokenizer, mirrored):
    """Return the tokens of Black's move in its own view."""
    move = int(HALF_TURN_ID[Move.from_iccs(name).id])
    return tokenizer.spelling[MIRROR_ID[move] if mirrored else move].tolist()


def test_samples_of_any_size_are_split_like_all_positions(tmp_path):
    """Positions chosen by `data label --limit` are held out as rarely as others: the hashes are independent."""
    played = selfplay(RandomPlayer(1), RandomPlayer(2), games=30, batch=30)
    games = division.pack([record_of(game, "a", "b") for game in played])
    for limit in (200, 1000):
        positions = sample(games, Sampling(limit=limit))
        count = len(positions)  # the last positions of games have no moves
        assert 0.98 * limit <= count <= limit
        lines = [f"{text}\t{Board(text).legal_list()[0].iccs()}\t0\n" for text in positions]
        (tmp_path / "labels.tsv").write_text("".join(lines))
        found = label_files.read(tmp_path / "labels.tsv")
        for share in (0.02, 0.05, 0.2):
            spread = 4 * (share * (1 - share) * count) ** 0.5
            assert len(found.split(share)[1]) == pytest.approx(share * count, abs=spread)
        sets = mixture.read([tmp_path / "labels.tsv"], division.pack([]))
        assert (len(sets.train) + len(sets.held_out), sets.left_out) == (count, 0)
        assert f"{count:,} labels: {len(sets.train):,} to train on, {len(sets.held_out)} held out" in sets.words()


def test_held_out_labels_are_measured_by_their_definition(labels):
    torch.manual_seed(0)
    model = Gpt(CONFIG.model).eval()
    found = mixture.measure(model, labels.take(np.arange(30)), batch=7)
    split, layout = mixture.games_of(labels), Layout()
    hits, bits, gap = 0, 0.0, 0.0
    for row in range(30):
        batch = make_batch(split, [mixture.label_window(row, layout)], np.zeros(1, bool), layout)
        with torch.no_grad():
            output = model(inputs_of(batch, model.config, "cpu"))
        legal = torch.from_numpy(legal_moves(batch.boards))[0, 0, 0]
        p = output.logits[0, 0].float().masked_fill(~legal, -torch.inf).softmax(-1)
        hits += int(p.argmax()) == int(labels.moves[row])
        bits -= p[labels.moves[row]].log2().item()
        value = output.value[0, 0].float().softmax(-1)
        gap += abs((value[0] + value[1] / 2).item() - float(labels.values()[row] @ [1, 0.5, 0]))
    assert found["top1"] == pytest.approx(hits / 30)
    assert found["bits_per_move"] == pytest.approx(bits / 30, rel=0.01)
    assert found["value_error"] == pytest.approx(gap / 30, abs=0.01)


def test_ranks_divide_the_labels(labels):
    whole = LabelStream(labels, Layout(), 40, True, 1)
    ranks = [LabelStream(labels, Layout(), 40, True, 1, rank=r, ranks=2) for r in range(2)]
    for step in range(4):
        assert (whole.take().boards == ranks[step % 2].take().boards).all()


def test_positions_of_validation_games_and_held_out_ones_are_not_trained_on(data, tmp_path, labels):
    validation = Shards.open(data).split("validation")
    board = Board()
    for move_id in validation.moves(0)[:7].tolist():
        board.push(board.parse(label_files.MOVES[move_id].iccs()))
    move = next(iter(board.legal_moves))
    path = tmp_path / "leak.tsv"
    path.write_text(f"{' '.join(board.fen().split()[:2])}\t{move.iccs()}\t5\n")
    assert len(label_files.read(path)) == 1
    with pytest.raises(BadConfig, match="1 left out because their positions occur in validation games"):
        mixture.read([path], validation)


def test_the_loss_is_the_mean_over_all_positions_each_with_its_weight(data, label_file, tmp_path):
    config = with_settings(CONFIG, ["labels_weight=0.5", "mirror=no"])
    run = loop.begin(config, data, tmp_path / "r", "cpu", [label_file])
    part = loop.begin(config, data, tmp_path / "s", "cpu", [label_file]).feed.take(0.0)
    model = Gpt(config.model)
    model.load_state_dict(run.model.state_dict())

    def terms(batch, chances):
        with torch.no_grad():
            output = model(inputs_of(batch, config.model, "cpu"))
        counted = torch.from_numpy(batch.targets != IGNORED)
        logits, legal = (output.logits[counted], torch.from_numpy(legal_moves(batch.boards))[:, :, 0][counted])
        lm = F.cross_entropy(logits, torch.from_numpy(batch.targets)[counted], reduction="sum")
        mass = -(logits.softmax(-1) * legal).sum(-1).log().sum()
        if chances is None:
            values = torch.from_numpy(batch.values)
            known = values != IGNORED
            return (lm, mass, F.cross_entropy(output.value[known], values[known], reduction="sum"), known.sum())
        log_p = output.value[counted].log_softmax(-1)
        return (lm, mass, -(torch.from_numpy(chances)[counted] * log_p).sum(), counted.sum())

    games, marked = terms(part.games, None), terms(part.labels, part.labels.taught.values)
    n, m = part.games.counted, part.labels.counted
    assert m == 128
    wanted = (games[0] + 0.25 * games[1] + 0.5 * (marked[0] + 0.25 * marked[1])) / (n + 0.5 * m)
    wanted += 0.2 * (games[2] + 0.5 * marked[2]) / (games[3] + 0.5 * m)
    line = {}
    loop.train(run, data, lambda made: line.update(made) if made["step"] == 1 else None)
    assert line["loss"] == pytest.approx(wanted.item(), rel=1e-3)
    assert line["lm"] == pytest.approx((games[0] / n).item(), rel=1e-3)
    assert line["labels_value"] == pytest.approx((marked[2] / m).item(), rel=1e-3)


def test_labels_must_be_the_same_ones_on_resuming(data, label_file, tmp_path):
    loop.save(loop.begin(CONFIG, data, tmp_path / "r", "cpu", [label_file]), {})
    assert loop.resume(tmp_path / "r", data, "cpu", [label_file]).feed.labels.count == 128
    with pytest.raises(BadConfig, match="give the --labels"):
        loop.resume(tmp_path / "r", data, "cpu")
    other = tmp_path / "other.tsv"
    other.write_text(label_file.read_text()[:-1])
    with pytest.raises(BadConfig, match="not the labels"):
        loop.resume(tmp_path / "r", data, "cpu", [other])
    with pytest.raises(BadConfig, match=r"none\.tsv"):
        loop.begin(CONFIG, data, tmp_path / "s", "cpu", [tmp_path / "none.tsv"])


def test_learning_from_labels(data, label_file, tmp_path):
    """Labels that recur often are learned: their loss falls far below that of chance."""
    settings = ["steps=150", "labels_share=0.5", "optim.rate=3e-3", "optim.kind=muon", "mirror=no"]
    lines = []
    config = with_settings(CONFIG, settings)
    loop.train(loop.begin(config, data, tmp_path / "r", "cpu", [label_file]), data, lines.append)
    assert lines[0]["labels_lm"] > 7
    assert np.mean([line["labels_lm"] for line in lines[-5:]]) < 2


def test_a_folder_of_labels(data, label_file, tmp_path):
    lines = label_file.read_text().splitlines(keepends=True)
    for name, part in (("a.tsv", lines[:100]), ("b.tsv", lines[100:])):
        (tmp_path / "labels" / name[0]).mkdir(parents=True)
        (tmp_path / "labels" / name[0] / name).write_text("".join(part))
    run = loop.begin(CONFIG, data, tmp_path / "r", "cpu", [tmp_path / "labels"])
    whole = loop.begin(CONFIG, data, tmp_path / "s", "cpu", [label_file])
    assert len(run.feed.labels.labels) == len(whole.feed.labels.labels)
    loop.save(run, {})
    loop.resume(tmp_path / "r", data, "cpu", [tmp_path / "labels"])
    with (tmp_path / "labels" / "b" / "b.tsv").open("a") as file:
        file.write(lines[0])
    with pytest.raises(BadConfig, match="not the labels"):
        loop.resume(tmp_path / "r", data, "cpu", [tmp_path / "labels"])


def test_labels_that_no_term_uses(data, label_file, tmp_path):
    config = with_settings(CONFIG, ["terms.lm=0", "terms.legal=0", "terms.value=0", "terms.teaforn=1"])
    with pytest.raises(BadConfig, match="learns nothing from them"):
        loop.begin(config, data, tmp_path / "r", "cpu", [label_file])
