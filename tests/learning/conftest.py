"""A tiny model to begin with, games of a player, and user folders of our own."""

import pytest
import torch
from record_samples import game

from xiangqi_lm import paths
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt


@pytest.fixture
def user(monkeypatch, tmp_path):
    """The user's data folder."""
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path / "user" / "models")
    monkeypatch.setattr(paths, "learning_folder", lambda: tmp_path / "user" / "learning")
    monkeypatch.setattr(paths, "library_file", lambda: tmp_path / "user" / "library.sqlite")
    return tmp_path / "user"


@pytest.fixture
def base(tmp_path):
    """A model that knows nothing, as a folder."""
    torch.manual_seed(1)
    config = ModelConfig(width=32, layers=1, heads=2, context=64, dropout=0.0)
    checkpoint.save(tmp_path / "base", Gpt(config), {})
    return str(tmp_path / "base")


def games_of(name: str, count: int, first: int = 0, **headers: str) -> list:
    """Games that a player has, with Red when the number is even."""
    found = []
    for i in range(first, first + count):
        red, black = (name, "someone else") if i % 2 == 0 else ("someone else", name)
        result = ("1-0", "0-1", "1/2-1/2", "*")[i % 4]
        found.append(game(i, 24 + i % 7, result, Red=red, Black=black, **headers))
    return found
