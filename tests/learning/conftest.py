"""A tiny base model and separate user folders."""

import pytest
import torch

from xiangqi_lm import paths
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt


@pytest.fixture
def user(monkeypatch, tmp_path):
    """Redirect the user's data folder and return it."""
    monkeypatch.setattr(paths, "models_folder", lambda: tmp_path / "user" / "models")
    monkeypatch.setattr(paths, "learning_folder", lambda: tmp_path / "user" / "learning")
    monkeypatch.setattr(paths, "library_file", lambda: tmp_path / "user" / "library.sqlite")
    return tmp_path / "user"


@pytest.fixture
def base(tmp_path):
    """Return the folder of an untrained model."""
    torch.manual_seed(1)
    config = ModelConfig(width=32, layers=1, heads=2, context=64, dropout=0.0)
    checkpoint.save(tmp_path / "base", Gpt(config), {})
    return str(tmp_path / "base")
