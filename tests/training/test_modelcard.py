"""A card holds what is needed to make its model again."""

import json
import shlex
from dataclasses import replace

import pytest

from xiangqi_lm.cli import main
from xiangqi_lm.config import TrainConfig, preset
from xiangqi_lm.config_fields import from_dict, with_settings
from xiangqi_lm.dataset.division import Options
from xiangqi_lm.dataset.shards import Shards, build
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.device import chosen_precision
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board
from xiangqi_lm.training import about, loop, modelcard
from xiangqi_lm.training.provenance import HELD_OUT, of_shards

SETTINGS = ["steps=6", "evaluate_every=3", "save_every=2", "optim.kind=muon", "curriculum=1/2@0,1@0.5"]


@pytest.fixture(scope="module")
def run(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "r"
    config = with_settings(preset("tiny"), SETTINGS)
    made = loop.begin(config, data, folder, "cpu")

    class Killed(Exception):
        pass

    def kill(line):
        if line["step"] == 5:
            raise Killed

    with pytest.raises(Killed):
        loop.train(made, data, kill)
    loop.train(loop.resume(folder, data, "cpu"), data)
    return folder


def test_a_card_holds_data_settings_and_circumstances(run, data):
    card = checkpoint.read_card(run / "last")
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert card["plies_seen"] == sum(line["plies"] for line in lines)  # across the interruption as well
    assert card["steps"] == 6
    assert {"version", "commit", "python", "torch", "machine", "processes"} == set(card["trained_with"])
    precision = f"precision={chosen_precision('cpu')}"  # which the run keeps
    assert from_dict(TrainConfig, card["config"]) == with_settings(preset("tiny"), [*SETTINGS, precision])
    assert of_shards(Shards.open(data), "validation", card)["trained_on"] == HELD_OUT


def test_the_initial_weights_of_a_model_are_recorded(run, data, tmp_path):
    again = loop.begin(preset("tiny"), data, tmp_path / "again", "cpu", init=str(run / "last"))
    init = again.origin["init"]
    assert init["split"] == checkpoint.read_card(run / "last")["split"]
    assert of_shards(Shards.open(data), "validation", loop.card(again, data))["trained_on"] == HELD_OUT


def test_commit_of_this_checkout_or_none(monkeypatch, tmp_path):
    about.commit.cache_clear()
    monkeypatch.setattr(about, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    assert about.commit() == ""
    about.commit.cache_clear()


def test_export_writes_the_page_of_the_card(run, data, tmp_path):
    out = tmp_path / "small"
    with pytest.raises(SystemExit) as done:
        main(["export", "--model", str(run / "best"), "--data", str(data), "--out", str(out), "--commit", "abc"])
    assert done.value.code == 0
    card, page = checkpoint.read_card(out), (out / "README.md").read_text(encoding="utf-8")
    assert card["commit"] == "abc"
    assert set(card["figures"]["intervals"]) >= {"top1", "legal_top1"}
    assert "Held out" in card["figures"]["split"]
    assert f"| {card['figures']['plies']:,} |" in page
    assert "±" in page
    command = shlex.split(next(line for line in page.splitlines() if line.startswith("xiangqi-lm train")))
    assert command[:8] == ["xiangqi-lm", "train", "--data", "SHARDS", "--out", "RUN", "--preset", "tiny"]
    assert with_settings(preset("tiny"), command[9::2]) == from_dict(TrainConfig, card["config"])
    assert checkpoint.load(out).card == card


@pytest.mark.parametrize("card", [{}, {"config": {"telepathy": 1}}, {"figures": {"plies": 0}}])
def test_a_page_for_a_nearly_empty_card(card):
    assert "Not known" in modelcard.page("x", card)


def test_a_page_of_the_shipped_model():
    page = modelcard.page("default", checkpoint.read_card("default"))
    assert "ccpd.pgn" in page
    assert "| top-1, legal mask |" in page


def test_export_needs_games_to_measure_on(run, data, tmp_path, capsys):
    with pytest.raises(SystemExit) as done:
        main(["export", "--model", str(run / "best"), "--data", str(tmp_path), "--out", str(tmp_path / "o")])
    assert done.value.code == 1
    assert "no shards here" in capsys.readouterr().err
    endgames = [GameRecord(start_fen=f"3k5/9/9/9/9/9/9/9/{n}R{8 - n}/4K4 w") for n in (1, 2, 6, 7)]
    moved = [replace(game, moves=tuple(Board(game.start_fen).legal_moves)[:1]) for game in endgames]
    build(moved, tmp_path / "endgames", Options(validation=0.5, min_plies=1))
    with pytest.raises(SystemExit) as done:
        main(["export", "--model", str(run / "best"), "--data", f"{tmp_path}/endgames", "--out", str(tmp_path / "o")])
    assert done.value.code == 1 and "no game from the start position" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_the_command_names_labels_init_and_processes(run, data, label_file, tmp_path):
    config = with_settings(preset("tiny"), ["precision=float32"])
    again = loop.begin(config, data, tmp_path / "a b", "cpu", [label_file], init=str(run / "last"))
    card = loop.card(again, data)
    command = shlex.split(modelcard.page("x", card).split("```\n")[3].splitlines()[0])
    assert command[-6:] == ["--set", "precision=float32", "--labels", "LABELS", "--init", str(run / "last")]
    card["trained_with"]["processes"] = 2
    assert "torchrun --nproc-per-node 2 -m xiangqi_lm train --data" in modelcard.page("x", card)
