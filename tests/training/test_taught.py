"""Games with a teacher's answers: what is learned from them, and how the value is compared with them."""

import random
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from xiangqi_lm.arena.judging import judged
from xiangqi_lm.arena.labels import Teacher
from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.dataset import annotate, division, shards
from xiangqi_lm.dataset import labels as label_files
from xiangqi_lm.dataset.layout import Window
from xiangqi_lm.dataset.loader import IGNORED, make_batch
from xiangqi_lm.engine.spec import make_player
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import inputs_of
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES
from xiangqi_lm.rules.score import win_draw_loss
from xiangqi_lm.training import loop, mixture, valuation
from xiangqi_lm.training.evaluate import evaluate

SETTINGS = ["steps=4", "taught_share=0.5", "evaluate_every=100", "terms.ranked=0.5", "terms.legal=0", "mirror=no"]
CONFIG = with_settings(preset("tiny"), SETTINGS)


@pytest.fixture(scope="module")
def taught(data, tmp_path_factory):
    """Return shards of other games than those of `data`, with the built-in engine's answers at every second
    position.
    """
    records, lines = [], []
    for seed in range(30):
        rng, board = random.Random(500 + seed), Board()
        while board.ply < 40 and board.legal_moves:
            if board.ply % 2 and board.ply > 6:
                moves = rng.sample(board.legal_list(), min(3, len(board.legal_list())))
                cells = [f"{m.iccs()}\t{rng.randint(-600, 600) if i == 0 else -700}" for i, m in enumerate(moves)]
                lines.append("\t".join([" ".join(board.fen().split()[:2]), cells[0], "-", *cells[1:]]) + "\n")
            board.push(rng.choice(board.legal_list()))
        records.append(GameRecord(moves=tuple(board.move_stack), result=("1-0", "0-1", "*")[seed % 3]))
    folder = tmp_path_factory.mktemp("taught")
    (folder / "labels.tsv").write_text("".join(lines))
    shards.build(records, folder / "shards", division.Options(validation=0.3))
    annotate.annotate(folder / "shards", label_files.read(folder / "labels.tsv"))
    return folder / "shards"


@pytest.mark.parametrize("played", [0.0, 0.5])
def test_the_loss_of_a_step_with_taught_games(data, taught, tmp_path, played):
    """Where the teacher answered, its moves and value are the targets; moves played and results count
    `taught_played`.
    """
    config = with_settings(CONFIG, [f"taught_played={played}"])
    run = loop.begin(config, data, tmp_path / "r", "cpu", taught=[taught])
    part = loop.begin(config, data, tmp_path / "s", "cpu", taught=[taught]).feed.take(0.0)
    model = Gpt(config.model)
    model.load_state_dict(run.model.state_dict())
    sums, sizes = {}, np.zeros(2)
    for batch, weight in ((part.games, 1.0), (part.taught, played)):
        with torch.no_grad():
            output = model(inputs_of(batch, config.model, "cpu"))
        log_p, value = output.logits.float().log_softmax(-1), output.value.float().log_softmax(-1)
        for row, column in np.argwhere(batch.asked):
            said = batch.taught is not None and batch.taught.values[row, column].any()
            lm = -log_p[row, column, batch.targets[row, column]].item()
            sums["lm"] = sums.get("lm", 0.0) + weight * lm
            if said:
                ids, scores = batch.taught.tokens[row, column], batch.taught.scores[row, column]
                ids, scores = ids[ids != IGNORED], torch.from_numpy(scores[ids != IGNORED])
                target = 0.5 * (scores / 60).softmax(-1) + 0.5 * (torch.arange(len(ids)) == 0)
                sums["ranked"] = sums.get("ranked", 0.0) - (target * log_p[row, column, ids]).sum().item()
                wanted = torch.from_numpy(win_draw_loss(scores[:1].numpy())[0].astype(np.float32))
                sums["value"] = sums.get("value", 0.0) - (wanted * value[row, column]).sum().item()
            elif (result := batch.values[row, column]) != IGNORED:
                loss = F.nll_loss(value[row, column][None], torch.tensor([result])).item()
                sums["value"] = sums.get("value", 0.0) + weight * loss
            known = 1.0 if said else weight * (batch.values[row, column] != IGNORED)
            sizes += [max(weight, float(said)), known]
    wanted = (sums["lm"] + 0.5 * sums["ranked"]) / sizes[0] + 0.2 * sums["value"] / sizes[1]
    lines = []
    loop.train(run, data, lines.append)
    assert lines[0]["loss"] == pytest.approx(wanted, rel=2e-3)
    assert ("taught_lm" in lines[0]) == bool(played)


def test_a_run_with_taught_games_resumes_where_it_stopped(data, taught, tmp_path):
    def begin(name):
        return loop.begin(CONFIG, data, tmp_path / name, "cpu", taught=[taught])

    whole, lines = begin("whole"), []
    loop.train(whole, data, lines.append)
    broken = begin("broken")

    class Killed(Exception):
        pass

    def kill(line):
        if line["step"] == 2:
            loop.save(broken, {})
            raise Killed

    with pytest.raises(Killed):
        loop.train(broken, data, kill)
    with pytest.raises(BadConfig, match="other --taught shards"):
        loop.resume(tmp_path / "broken", data, "cpu")
    again = []
    loop.train(loop.resume(tmp_path / "broken", data, "cpu", taught=[taught]), data, again.append)
    assert [line["loss"] for line in again] == [line["loss"] for line in lines[2:]]
    figures = lines[-1]["validation"]["taught"]
    assert figures["positions"] > figures["clear"] > 0


def test_taught_games_need_answers_and_ranked_needs_a_teacher(data, tmp_path):
    with pytest.raises(BadConfig, match=r"make them with data build --labels"):
        loop.begin(CONFIG, data, tmp_path / "r", "cpu", taught=[data])
    with pytest.raises(BadConfig, match=r"terms\.ranked: no teacher's moves"):
        loop.begin(CONFIG, data, tmp_path / "r", "cpu")


def test_answers_at_positions_of_validation_games_are_left_out(taught):
    validation = shards.Shards.open(taught).split("train")
    with pytest.raises(BadConfig, match="no answers to train on"):
        mixture.read_taught([taught], validation)


def test_agreement_is_counted_by_its_definition():
    rng = np.random.default_rng(0)
    score = rng.normal(0, 400, 300)
    lead = np.tanh(score / 400) + rng.normal(0, 0.5, 300)
    score[::7] = np.nan
    known = ~np.isnan(score)
    clear = known & (np.abs(score) >= 250)
    found = valuation.agreement(lead, score, np.arange(300) // 10)
    assert (found["positions"], found["clear"]) == (known.sum(), clear.sum())
    assert found["sign_right"] == pytest.approx((np.sign(lead) == np.sign(score))[clear].mean(), abs=1e-6)
    wanted = np.corrcoef(lead[known], np.tanh(score[known] / 400))[0, 1]
    assert found["correlation"] == pytest.approx(wanted, abs=1e-6)
    low, high = found["intervals"]["correlation"]
    assert low < wanted < high < low + 0.2
    wanted = np.corrcoef(lead[clear], np.tanh(score[clear] / 400))[0, 1]
    assert found["clear_correlation"] == pytest.approx(wanted, abs=1e-6)
    assert found["intervals"]["clear_correlation"][0] < wanted < found["intervals"]["clear_correlation"][1]
    assert "clear_correlation" not in valuation.agreement(lead[~clear], score[~clear])
    assert valuation.agreement(np.zeros(3), np.full(3, np.nan)) == {"positions": 0, "clear": 0, "clear_from": 250.0}


def test_evaluation_compares_the_value_with_the_scores_in_the_games(taught):
    split = shards.Shards.open(taught).split("validation")
    torch.manual_seed(0)
    model = Gpt(CONFIG.model).eval()
    found = evaluate(model, split)
    assert found["teacher"]["positions"] == split.answers.known
    leads, scores = [], []
    for game in range(len(split)):
        batch = make_batch(split, [Window(game, 0, 0, len(split.moves(game)))], np.zeros(1, bool))
        with torch.no_grad():
            value = model(inputs_of(batch, model.config, "cpu")).value[0].float().softmax(-1)
        leads += (value[:, 0] - value[:, 2]).tolist()
        scores += batch.taught.scores[0, :, 0].tolist()
    wanted = valuation.agreement(np.array(leads), np.array(scores))
    assert found["teacher"] == pytest.approx(wanted, abs=0.01)


def test_a_judge_scores_the_plies_that_are_drawn(taught):
    split = replace(shards.Shards.open(taught).split("validation"), answers=None)
    found = judged(split, range(len(split)), Teacher("alphabeta?depth=1"), 12, np.random.default_rng(3)).answers
    places = np.flatnonzero(found.rows >= 0)
    assert len(places) == 12
    with closing(make_player("alphabeta?depth=1")) as player:
        for place in places.tolist():
            game = int(np.searchsorted(split.offsets, place, "right")) - 1
            board = Board()
            for move_id in split.moves(game)[: place - int(split.offsets[game])].tolist():
                board.push(MOVES[move_id])
            fresh = Board(" ".join(board.fen().split()[:2]))
            line = player.choose(fresh).info.variations[0]
            assert found.at(np.array([place]))[1][0, 0] == line.score.centipawns
