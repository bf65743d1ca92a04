"""Runs in which only a part of the model learns."""

import json

import pytest
import torch

from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.training import loop

TINY = ["steps=4", "evaluate_every=2", "save_every=2", "model.board=piece_status", "model.move_classes=yes"]


@pytest.fixture(scope="module")
def base(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("base") / "run"
    run = loop.begin(with_settings(preset("tiny"), [*TINY, "model.dropout=0.1"]), data, folder, "cpu")
    loop.train(run, data)
    return folder / loop.LAST


def trained(base, data, folder, *settings):
    config = with_settings(preset("tiny"), [*TINY, "model.dropout=0.1", "optim.kind=muon", *settings])
    run = loop.begin(config, data, folder, "cpu", init=str(base))
    loop.train(run, data)
    return folder


def changed(base, folder, name):
    before, after = (checkpoint.load(path).state_dict() for path in (base, folder / name))
    return {key.split(".")[0] for key in before if not torch.equal(before[key], after[key])}


def test_only_the_value_learns(base, data, tmp_path):
    folder = trained(base, data, tmp_path / "run", "only=value", "ema=0.5")
    assert changed(base, folder, loop.LAST) == {"value"}
    lines = [json.loads(line) for line in (folder / loop.LOG).read_text().splitlines()]
    assert len({round(line["validation"]["bits_per_move"], 6) for line in lines if "validation" in line}) == 1
    bits = [line["validation"]["value_bits"] for line in lines if "validation" in line]
    assert bits[-1] < bits[0]  # the best checkpoint is the one with the best value
    assert json.loads((folder / loop.BEST / "card.json").read_text())["steps"] == 4


def test_only_the_heads_learn_and_a_run_is_resumed_alike(base, data, tmp_path):
    folder = trained(base, data, tmp_path / "run", "only=heads")
    assert changed(base, folder, loop.LAST) == {"policy", "classes", "value"}
    halves = trained(base, data, tmp_path / "halves", "only=heads", "steps=2")
    run = loop.resume(halves, data, "cpu", settings=["steps=4"])
    assert not any(p.requires_grad for p in run.model.blocks.parameters())
    loop.train(run, data)
    assert changed(base, halves, loop.LAST) == {"policy", "classes", "value"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["only=value", "terms.value=0"], "setting only: the value learns from terms.value alone"),
        (["only=heads", "regularisers.fgm=1"], "setting only: regularisers.fgm"),
        (["only=blocks"], "setting only: expected one of all, heads, value, found 'blocks'"),
    ],
)
def test_what_would_learn_nothing_is_refused(settings, words):
    with pytest.raises(BadConfig, match=words):
        with_settings(preset("tiny"), settings)
