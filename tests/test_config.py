"""Settings: presets, the command line's `a.b=c`, JSON."""

import json

import pytest

from xiangqi_lm.config import PRESETS, ModelConfig, TrainConfig, curriculum_stages, preset
from xiangqi_lm.config_fields import from_dict, to_json, with_settings
from xiangqi_lm.errors import BadConfig

SMALL = preset("small")
TEAFORN_ALONE = ["terms.lm=0", "terms.legal=0", "terms.value=0", "terms.teaforn=1"]


@pytest.mark.parametrize(
    "settings",
    [
        ["model.heads=5", "model.width=320"],
        TEAFORN_ALONE,
        ["teaforn.passes=3", "terms.teaforn=1"],
        ["model.legal_moves=no"],
        ["model.tokenizer=square"],
    ],
    ids=" ".join,
)
def test_settings_that_fit_together_need_no_order(settings):
    start = with_settings(SMALL, ["model.legal_bias=yes", "model.head=bilinear"])
    forth = with_settings(start, [*settings, "model.legal_bias=no", "model.head=softmax"])
    back = with_settings(start, ["model.head=softmax", "model.legal_bias=no", *settings[::-1]])
    assert forth == back != start


@pytest.mark.parametrize(
    "config",
    [*PRESETS.values(), TrainConfig(model=ModelConfig(width=250, heads=5)), with_settings(SMALL, TEAFORN_ALONE)],
    ids=str,
)
def test_a_configuration_survives_json(config):
    assert from_dict(TrainConfig, json.loads(to_json(config))) == config


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_do_without_a_board(name):
    model = with_settings(preset(name), ["model.board=none"]).model
    assert (model.board, model.legal_moves, model.legal_bias) == ("none", False, False)


def test_numbers_are_read_to_the_last_digit():
    found = with_settings(SMALL, ["seed=12345678901234567", "steps=1e4", "batch_tokens=8192.0"])
    assert (found.seed, found.steps, found.batch_tokens) == (12345678901234567, 10_000, 8192)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (["teaforn.passes=3"], "teaforn: without effect"),
        (["terms.teaforn=1", "teaforn.decay=0"], "decay must be above 0"),
        (["model.features=64"], "features: without effect"),
        ([*TEAFORN_ALONE, "teaforn.passes=1"], "nothing to learn"),
        (["optim.rate=0"], "rate must be above 0"),
        (["optim.floor=1.5"], "floor must be at least 0 and at most 1"),
        (["curriculum=1/8@0,1@nan"], "stages begin"),
        (["seed=9223372036854775808"], "seed must be at least 0 and below"),
        (["steps=" + "1" * 400], "not of type int"),
        (["model.legal_bias=yes", "model.tokenizer=square"], "legal_bias=no"),
        (["model=7"], "'model': model has parts"),
        (["optim.rate.x=7"], r"'optim.rate.x': rate has no parts"),
    ],
    ids=lambda x: x if isinstance(x, str) else " ".join(x)[:60],
)
def test_invalid_settings_are_refused(settings, says):
    with pytest.raises(BadConfig, match=says):
        with_settings(SMALL, settings)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"model": 7}, "'model': model has parts"),
        ([1], "found list"),
        ({"model": {"width": 10**30}}, "width must be at least 1 and at most 65536"),
        ({"model": {"layers": 10**9}}, "layers must be at least 1 and at most 1000"),
        ({"model": {"context": 10**12}}, "context must be at least 2 and at most"),
        ({"model": {"mlp_ratio": 10**9}}, "mlp_ratio must be at least 1 and at most 64"),
        ({"model": {"width": {"a": 1}}}, "'model.width.a': width has no parts"),
        ({"model": {"widht": 32}}, "'model.widht'; did you mean 'width'"),
        ({"model": {"width": None}}, "model.width: None is not of type int"),
    ],
    ids=str,
)
def test_foreign_json_is_refused(values, says):
    with pytest.raises(BadConfig, match=says):
        from_dict(TrainConfig, values)


def test_older_runs_are_read():
    assert from_dict(TrainConfig, {"value_weight": 0.7, "steps": 9}).terms.value == 0.7
    assert curriculum_stages("none") == [(1.0, 0.0)]


def test_values_of_older_configurations_still_load():
    """The shipped model's file was written before the encoder got its present name."""
    assert from_dict(ModelConfig, {"board": "standing"}).board == "piece_status"
    assert with_settings(preset("default"), ["model.board=standing"]).model.board == "piece_status"
