"""The named levels: valid specs of players, ordered from weak to strong."""

from __future__ import annotations

from pathlib import Path

import pytest

from xiangqi_lm.engine.levels import LEVELS
from xiangqi_lm.engine.spec import KINDS, make_player, parse_spec, with_device
from xiangqi_lm.errors import BadConfig
from xiangqi_lm.rules.board import Board


def test_levels_have_names_in_both_languages_and_specs_that_parse():
    assert len(LEVELS) >= 6
    assert len({level.english for level in LEVELS.values()}) == len({level.chinese for level in LEVELS.values()}) >= 6
    for name, level in LEVELS.items():
        assert name == level.name and name.isascii() and name.islower()
        assert all("\u4e00" <= letter <= "\u9fff" for letter in level.chinese)
        assert parse_spec(level.spec).kind in KINDS
        assert str(parse_spec(f"level:{name}")) == f"level:{name}"


def test_levels_differ_and_none_is_based_on_another():
    assert len({level.spec for level in LEVELS.values()}) == len(LEVELS)
    assert all(parse_spec(level.spec).kind != "level" for level in LEVELS.values())


def test_a_level_plays_under_its_own_name():
    player = make_player("level:beginner", 3)
    assert player.name == "level:beginner"
    assert player.choose(Board()).move in Board().legal_moves


def test_a_level_can_be_put_on_a_device():
    assert str(with_device(parse_spec("level:club"), "cpu")) == "level:club?device=cpu"
    with pytest.raises(BadConfig, match="'nonsense' cannot be used"):
        make_player("level:beginner?device=nonsense")


def test_unknown_levels_are_refused_with_the_nearest_name():
    with pytest.raises(BadConfig, match="did you mean 'expert'"):
        parse_spec("level:expret")
    with pytest.raises(BadConfig, match="level needs a level"):
        parse_spec("level")


def test_the_page_on_players_names_every_kind_option_and_level():
    page = (Path(__file__).parents[2] / "docs" / "players.md").read_text(encoding="utf-8")
    for level in LEVELS.values():
        assert f"| `{level.name}` | {level.chinese} | `{level.spec}` |" in page
    for name, kind in KINDS.items():
        (row,) = [line for line in page.splitlines() if line.startswith("|") and f"`{name}" in line.split("|")[1]]
        missing = [option for option in kind.options if f"`{option}`" not in row]
        assert not missing, (name, missing)
