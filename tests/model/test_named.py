"""Models that go by a name."""

import pytest

from xiangqi_lm import paths
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.errors import BadCheckpoint, BadConfig
from xiangqi_lm.model import checkpoint, named
from xiangqi_lm.model.gpt import Gpt


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path / "models")
    return tmp_path / "models"


def test_a_model_of_the_user_goes_by_its_name(folder, tmp_path, monkeypatch):
    assert (named.own(), "default" in named.shipped()) == ([], True)
    model = Gpt(ModelConfig(width=32, layers=1, heads=2, context=32))
    for name in ("me", "我的", "two words", ".me.old"):
        checkpoint.save(folder / name, model, {"learned": name})
    (folder / "empty").mkdir()
    (folder / "solver").mkdir()
    (folder / "solver" / "config.json").write_text('{"task": "word problems"}')
    assert named.own() == ["me", "我的"]
    assert checkpoint.load("我的").card == {"learned": "我的"}
    monkeypatch.chdir(tmp_path)
    checkpoint.save(tmp_path / "me", model, {"learned": "here"})
    assert checkpoint.load("me").card == {"learned": "me"}
    assert checkpoint.load("./me").card == {"learned": "here"}
    assert checkpoint.resolve("default") == paths.assets() / "models" / "default"


def test_a_misspelt_name_is_answered_with_the_nearest(folder):
    checkpoint.save(folder / "teacher", Gpt(ModelConfig(width=32, layers=1, heads=2, context=32)), {})
    with pytest.raises(BadCheckpoint, match="teecher: no model here, and none is called that; did you mean 'teacher'"):
        checkpoint.load("teecher")


@pytest.mark.parametrize("name", ["", "-x", "a/b", "a b", "..", ".x", "x" * 41, "default"])
def test_names_that_cannot_be(folder, name):
    with pytest.raises(BadConfig, match="name"):
        named.check_new(name)


@pytest.mark.parametrize("name", ["me", "胡荣华", "A-1_b"])
def test_names_that_can_be(folder, name):
    named.check_new(name)
