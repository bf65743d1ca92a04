"""Damaged run folders, and models too large for any machine: one line, and nothing is computed."""

import json
import random
import shutil

import pytest
import torch

from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.model import checkpoint
from xiangqi_lm.training import loop


@pytest.fixture(scope="module")
def saved(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "run"
    run = loop.begin(with_settings(preset("tiny"), ["steps=2", "ema=0.9", "evaluate_games=2"]), data, folder, "cpu")
    loop.train(run, data)
    return folder


FILES = ("config.json", "last/config.json", "last/state.json", "last/model.safetensors",
         "last/optimizer.safetensors", "last/raw.safetensors")  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_missing_truncated_or_random_file_is_one_line(saved, data, tmp_path, name):
    rng = random.Random(name)
    whole = (saved / name).read_bytes()
    for content in (None, b"", whole[: len(whole) // 2], rng.randbytes(300), b"[" * 9999, b"{}", b"null"):
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        shutil.copytree(saved, tmp_path / "run")
        (tmp_path / "run" / name).unlink()
        if content is not None:
            (tmp_path / "run" / name).write_bytes(content)
        if (name, content) == ("config.json", b"{}"):
            continue  # all settings at their defaults: a different model, refused below
        with pytest.raises(XiangqiError) as fault:
            loop.resume(tmp_path / "run", data, "cpu")
        assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("step", -1), ("step", "3"), ("step", 1.5), ("step", True), ("best_bits", "x"), ("epoch", None), ("position", [])],
)
def test_an_invalid_counter_is_refused(saved, data, tmp_path, key, value):
    shutil.copytree(saved, tmp_path / "run")
    state = json.loads((saved / "last" / "state.json").read_text())
    for wrong in (state | {key: value}, {name: known for name, known in state.items() if name != key}):
        (tmp_path / "run" / "last" / "state.json").write_text(json.dumps(wrong))
        with pytest.raises(XiangqiError, match="damaged"):
            loop.resume(tmp_path / "run", data, "cpu")


def test_an_optimiser_of_another_model_is_refused(saved, data, tmp_path):
    shutil.copytree(saved, tmp_path / "run")
    path = tmp_path / "run" / "last" / "optimizer.safetensors"
    tensors = checkpoint.read_tensors(path)
    name = next(name for name, tensor in tensors.items() if tensor.ndim > 1)
    checkpoint.write_tensors(path, tensors | {name: torch.zeros(3, 3)})
    with pytest.raises(XiangqiError, match=r"damaged: .* is \[3, 3\], not"):
        loop.resume(tmp_path / "run", data, "cpu")


def test_a_model_larger_than_the_machine_is_refused_before_memory_is_asked_for(data, tmp_path):
    huge = with_settings(preset("tiny"), ["model.width=65536", "model.layers=100", "model.heads=512"])
    with pytest.raises(XiangqiError, match=r"its weights take .* GiB, and this machine has"):
        loop.begin(huge, data, tmp_path / "run", "cpu")
    assert not list(tmp_path.iterdir())
