"""Intervals, statements about the split, ties, the model's own lines and games, and the command."""

import json
import math
import random

import numpy as np
import pytest
import torch

from xiangqi_lm.cli import main
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.dataset.division import pack
from xiangqi_lm.dataset.loader import legal_moves, view
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES
from xiangqi_lm.training import evaluate, legality, provenance, rollout
from xiangqi_lm.training.evaluate import Plies, calibration, measure, report

TOKENS = {"move": 64, "square": 128, "char": 256}


def small(tokenizer: str = "move", **more) -> Gpt:
    torch.manual_seed(5)
    model = Gpt(ModelConfig(width=16, layers=1, heads=2, context=TOKENS[tokenizer], tokenizer=tokenizer, **more)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(4)  # so that the model has clear preferences
    return model


@pytest.fixture
def exact(monkeypatch):
    """Switch bfloat16 off: what is computed in two ways must be equal."""
    monkeypatch.setattr("xiangqi_lm.model.scoring.autocast", lambda device: torch.no_grad())
    monkeypatch.setattr("xiangqi_lm.model.decode.autocast", lambda device: torch.no_grad())


# ------------------------------------------------------------------------------------------------ intervals


def test_intervals_are_those_of_the_linearised_ratio():
    """Clusters of unequal size with a common effect: the standard error of a ratio of sums (Cochran 1977, 2.11)."""
    rng = np.random.default_rng(1)
    sizes = rng.integers(20, 120, 300)
    game = np.repeat(np.arange(300), sizes)
    x = np.repeat(rng.normal(0.4, 0.2, 300), sizes) + rng.normal(0, 0.3, len(game))
    low, high = Plies(game, np.zeros(len(game), np.int64), {"x": x}).intervals(np.random.default_rng(0))["x"]
    sums = np.bincount(game, x)
    error = math.sqrt((300 / 299) * ((sums - x.mean() * sizes) ** 2).sum()) / len(x)
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert (high + low) / 2 == pytest.approx(x.mean(), abs=0.3 * error)
    assert error > 3 * x.std() / math.sqrt(len(x))  # the error if plies were independent


def test_intervals_leave_unknown_plies_out():
    game, ply = np.arange(4).repeat(2), np.tile([0, 1], 4)
    half = np.where(ply == 0, 1.0, np.nan)
    plies = Plies(game, ply, {"all": game.astype(float), "half": half, "none": np.full(8, np.nan)})
    found = plies.summary()
    assert (found["half"], found["intervals"]["half"]) == (1.0, [1.0, 1.0])
    assert "none" not in found
    assert "none" not in found["intervals"]
    assert plies.where(game == 0).summary()["intervals"] == {}


def test_grouping_by_ply():
    rng = np.random.default_rng(0)
    plies = Plies(np.repeat(np.arange(12), 25), np.tile(np.arange(25), 12), {"x": rng.random(300)})
    rows = plies.by_ply()
    assert [(row["first"], row["last"], row["plies"]) for row in rows] == [(0, 9, 120), (10, 19, 120), (20, 29, 60)]
    assert rows[1]["x"] == pytest.approx(plies.figures["x"][(plies.ply >= 10) & (plies.ply < 20)].mean(), abs=1e-6)
    assert plies.where(plies.game < 5).by_ply() == []


def test_calibration_with_intervals():
    game = np.arange(400)
    scored = (np.random.default_rng(3).random(400) < 0.3).astype(float)
    (row,) = calibration(np.full(400, 0.35), scored, game)["value_calibration"]
    reach = 1.96 * math.sqrt(scored.mean() * (1 - scored.mean()) / 400)
    assert row["interval"] == pytest.approx([scored.mean() - reach, scored.mean() + reach], abs=0.015)


def test_the_policy_is_calibrated_by_its_best_move():
    """At 0.8 it is right half as often as expected, at 0.15 always."""
    figures = {"confidence": np.array([0.8, 0.8, 0.15, 0.15]), "top1": np.array([1.0, 0.0, 1.0, 1.0])}
    found = report(Plies(np.arange(4), np.zeros(4, np.int64), figures), False)
    assert [(row["expected"], row["scored"]) for row in found["policy_calibration"]] == [(0.15, 1.0), (0.8, 0.5)]
    assert found["policy_error"] == pytest.approx((2 * 0.85 + 2 * 0.3) / 4)
    assert "confidence" not in found


def test_among_equal_moves_one_counts_as_best(data, exact):
    """A model that rates all moves alike is right as often as its first legal move is."""
    model = small()
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
    split = Shards.open(data).split("validation")
    first = []
    for i in range(len(split)):
        _, boards, played = view(split.moves(i).astype(np.int64), Board().array, 1)
        first.append(legal_moves(boards[:-1])[:, 0].argmax(-1) == played)
    assert report(measure(model, split), False)["top1"] == pytest.approx(np.concatenate(first).mean(), abs=1e-6)


# ------------------------------------------------------------------------------------------------ the split


def test_statements_about_the_split(data, tmp_path):
    shards = Shards.open(data)
    index = {**shards.index, "sources": [{"name": "a.pgn", "sha256": "1" * 64}]}
    shards = Shards(data, index)
    card = {
        "trained_on": index["sources"],
        "split": {"shared_run": 0, **{k: index[k] for k in ("seed", "validation", "splits")}},
    }
    card["split"]["shared_run"] = index["shared_run"]

    def said(card, side="validation"):
        return provenance.of_shards(shards, side, card)["trained_on"]

    assert said(card) == provenance.HELD_OUT
    assert said(card, "train") == provenance.TRAINED_ON
    assert said({}) == provenance.UNKNOWN
    assert said({**card, "split": {**card["split"], "seed": 9}}) == provenance.UNCERTAIN
    assert said({**card, "trained_on": [{"name": "b", "sha256": "2" * 64}]}) == provenance.UNKNOWN
    assert said({**card, "origin": {"init": {"model": "x"}}}) == provenance.UNCERTAIN
    assert said({**card, "origin": {"init": {"model": "x", **card}}}) == provenance.HELD_OUT
    twice = {"model": "x", **card, "origin": {"init": {"model": "y"}}}
    assert said({**card, "origin": {"init": twice}}) == provenance.UNCERTAIN
    found = provenance.of_shards(shards, "validation", card)
    assert (found["seed"], found["shared_run"], found["split_rule"]) == (0, 40, index["split_rule"])
    assert "Held out" in found["words"]
    path = tmp_path / "x.pgn"
    path.write_text("hello")
    assert provenance.of_files([path], card)["trained_on"] == provenance.UNKNOWN
    learned = [{"name": "y", "sha256": provenance.of_files([path], {})["sources"][0]["sha256"]}]
    assert provenance.of_files([path], {"trained_on": learned})["trained_on"] == provenance.TRAINED_ON


# ------------------------------------------------------------------------------------------------ own lines


def greedy_line(model: Gpt, ids: list[int], count: int) -> list[int]:
    """Return the model's best legal moves, each found by reading the whole line afresh."""
    found = []
    for _ in range(count):
        board = Board()
        for i in ids:
            board.push(MOVES[i])
        moves = list(board.legal_moves)
        scores = []
        for move in moves:  # the bits of each candidate as if it had been played
            plies = measure(model, pack([GameRecord(moves=(*board.move_stack, move))]))
            scores.append(plies.figures["bits_per_move"][plies.ply == len(ids)][0])
        ids = [*ids, moves[int(np.argmin(scores))].id]
        found.append(ids[-1])
    return found


@pytest.mark.parametrize("tokenizer", ["move", "char"])
def test_rollout_plays_the_best_legal_moves(data, exact, tokenizer):
    model, split = small(tokenizer, board="none"), Shards.open(data).split("validation")
    begins = np.array([[0, 3], [1, 10]])
    games = [split.moves(i).astype(int).tolist() for i in (0, 1)]
    lines = [greedy_line(model, games[i][:ply], 2) for i, ply in begins]
    wanted = [
        [line[k] == game[ply + k] for k in range(2)] for line, game, (_, ply) in zip(lines, games, begins, strict=True)
    ]
    found = rollout.rollout(model, split, begins, 2)
    assert np.stack([found.figures["1"], found.figures["2"]], 1).tolist() == wanted
    # games that go as the model prefers are predicted to their ends
    obedient = pack(
        [
            GameRecord(moves=tuple(MOVES[i] for i in game[:ply] + line))
            for game, (_, ply), line in zip(games, begins, lines, strict=True)
        ]
    )
    assert rollout.report(rollout.rollout(model, obedient, begins, 2))["ahead"][1]["accuracy"] == 1


def test_the_first_move_of_a_rollout_is_top_1(data, exact):
    model, split = small(), Shards.open(data).split("validation")
    begins = rollout.begin_at(split, range(len(split)), 1, 10**6, np.random.default_rng(0))
    plies = measure(model, split)
    assert len(begins) == len(plies.ply)
    found = rollout.rollout(model, split, begins, 1)
    assert found.figures["1"].mean() == pytest.approx(plies.figures["top1"].mean(), abs=2 / len(begins))


def test_lines_begin_where_enough_moves_follow(data):
    split = Shards.open(data).split("validation")
    begins = rollout.begin_at(split, range(len(split)), 5, 30, np.random.default_rng(1))
    assert begins.shape == (30, 2)
    assert len({tuple(row) for row in begins.tolist()}) == 30
    assert all(0 <= ply <= len(split.moves(game)) - 5 for game, ply in begins.tolist())
    assert np.array_equal(begins, rollout.begin_at(split, range(len(split)), 5, 30, np.random.default_rng(1)))


# ------------------------------------------------------------------------------------------------ own games


@pytest.mark.parametrize("settings", [{}, {"tokenizer": "square"}, {"legal_bias": True}], ids=str)
def test_legality_of_sampled_games_is_that_of_the_same_games_measured(exact, monkeypatch, settings):
    monkeypatch.setattr(legality, "LONGEST", 14)
    model, dice = small(**settings), random.Random(2)
    boards = [Board(), legality.random_opening(dice), Board()]
    monkeypatch.setattr(legality, "LONGEST", boards[1].ply + 5)
    first = [board.ply for board in boards]
    found = legality.play(model, boards, 0, torch.Generator().manual_seed(1))
    again = measure(model, pack([GameRecord(moves=tuple(board.move_stack)) for board in boards]))
    again = again.where(again.ply >= np.array(first)[again.game])
    order, other = (np.lexsort((plies.ply, plies.game)) for plies in (found, again))
    assert np.array_equal(found.ply[order], again.ply[other])
    for name in ("legal_top1", "illegal_mass"):
        assert found.figures[name][order] == pytest.approx(again.figures[name][other], abs=1e-5)
    assert found.game.tolist().count(1) == 5


def test_sampled_games_depend_on_the_seed_alone(monkeypatch):
    monkeypatch.setattr(legality, "LONGEST", 45)
    model = small()
    found = [
        legality.report(*(legality.sampled(model, 3, after, seed) for after in (False, True))) for seed in (1, 1, 2)
    ]
    assert found[0] == found[1] != found[2]
    assert found[0]["own"]["plies"] <= 3 * 45
    assert set(found[0]["unmasked"]) == {"legal_top1", "illegal_mass"}


def test_random_openings_vary_in_length_and_are_not_over():
    dice = random.Random(0)
    lengths = [board.ply for board in (legality.random_opening(dice) for _ in range(60)) if board.outcome() is None]
    assert len(lengths) == 60
    assert min(lengths) < 10 < 34 < max(lengths) <= 40


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture
def program(tmp_path):
    checkpoint.save(tmp_path / "m", small(), {"trained_on": []})

    def run(*args) -> int:
        with pytest.raises(SystemExit) as done:
            main(["evaluate", "--model", str(tmp_path / "m"), *map(str, args)])
        return done.value.code

    return run


def test_the_report_is_complete(program, data, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(legality, "LONGEST", 45)
    out, picture = tmp_path / "out" / "e.json", tmp_path / "e.png"
    assert program(data, "--json", out, "--picture", picture, "--rollout", 2, "--sampled", 2) == 0
    found, told = json.loads(out.read_text()), capsys.readouterr().out
    keys = "games plies top1 top3 top5 bits_per_move legal_top1 illegal_mass by_phase masked unmasked split seed model"
    assert set(keys.split()) <= set(found)
    assert set(found["intervals"]) >= set(evaluate.MASKED + evaluate.UNMASKED)
    assert found["intervals"]["top1"][0] <= found["top1"] <= found["intervals"]["top1"][1]
    assert [row["move"] for row in found["rollout"]["ahead"]] == [1, 2]
    assert found["sampled"]["random_openings"]["games"] == 2
    assert "top-1 (masked)" in told
    assert "best move legal (unmasked)" in told
    assert "split by groups of games" in told
    assert "shown to the model: the moves before, the board, the legal moves" in told
    assert "does not say what it was trained on" in told
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_files_belong_to_no_split(program, tmp_path, capsys):
    games = tmp_path / "games.pgn"
    games.write_text('[Event "x"]\n\n1. h2e2 h9g7 2. h0g2 i9h9 *\n')
    assert program(games) == 0
    assert "no split" in capsys.readouterr().out
    assert program(games, "--probe") == 1
    assert "shards" in capsys.readouterr().err


def test_a_model_that_sees_the_board_is_not_probed(program, data, capsys):
    assert program(data, "--probe") == 1
    assert "shown the board" in capsys.readouterr().err
