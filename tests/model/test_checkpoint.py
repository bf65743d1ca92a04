"""Models on disk: complete ones are read; anything else is refused in one clear line and never executed."""

import json
import pickle
import subprocess
import sys

import pytest
import torch
from safetensors.torch import save as to_bytes

import xiangqi_lm
from xiangqi_lm.config import preset
from xiangqi_lm.errors import BadCheckpoint
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(1)
    checkpoint.save(tmp_path / "m", Gpt(preset("tiny").model), {"steps": 7})
    return tmp_path / "m"


def test_load_gives_the_model_with_its_card(folder):
    model = xiangqi_lm.load(folder)
    assert not model.training
    assert model.card == {"steps": 7}
    assert model.config == preset("tiny").model
    torch.manual_seed(1)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), Gpt(model.config).parameters(), strict=True))
    assert xiangqi_lm.load("default").card["figures"]["games"] > 0
    with pytest.raises(BadCheckpoint, match="no model here"):
        xiangqi_lm.load(folder.parent / "none")


def test_load_is_lazy():
    code = "import sys, xiangqi_lm; 'load' in dir(xiangqi_lm) or sys.exit(3); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_half_precision_survives_the_round_trip(folder, tmp_path):
    checkpoint.save(tmp_path / "half", checkpoint.load(folder), {}, torch.float16)
    for t in checkpoint.load(tmp_path / "half").parameters():
        assert t.dtype == torch.float32
        assert torch.equal(t, t.half().float())


def test_a_header_whose_length_looks_like_a_pickle(tmp_path):
    """Files begin with the length of their header, which can be 0x80."""
    for padding in range(300):
        data = to_bytes({"x": torch.ones(2)}, {"padding": "p" * padding})
        if data[:1] == b"\x80":
            (tmp_path / "f").write_bytes(data)
            assert checkpoint.read_tensors(tmp_path / "f")["x"].tolist() == [1, 1]
            return
    pytest.fail("no such header")


# ------------------------------------------------------------------------------------------------ damage


def weights(change):
    """Return a function that damages the tensors of a model."""

    def damage(folder):
        path = folder / "model.safetensors"
        tensors = checkpoint.read_tensors(path)
        change(tensors)
        path.write_bytes(to_bytes(tensors))

    return damage


def data(change):
    def damage(folder):
        path = folder / "model.safetensors"
        path.write_bytes(change(path.read_bytes()))

    return damage


def config(**more):
    def damage(folder):
        path = folder / "config.json"
        about = json.loads(path.read_text())
        model = about["model"] | more.pop("model", {})
        path.write_text(json.dumps(about | {"model": model} | more))

    return damage


def text(words):
    return lambda folder: (folder / "config.json").write_bytes(words)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


NAN = float("nan")
FAULTS = {
    "cut off": (data(lambda b: b[: len(b) // 2]), "cut off"),
    "cut off in its header": (data(lambda b: b[:100]), "cut off"),
    "empty": (data(lambda b: b""), "cut off"),
    "a byte too much": (data(lambda b: b + b"x"), "damaged"),
    "a pickle": (data(lambda b: pickle.dumps(Bomb())), "pickle"),
    "a zip of pickles": (data(lambda b: b"PK\x03\x04" + b), "pickle"),
    "a web page": (data(lambda b: b"<!DOCTYPE html><html>no</html>"), "no safetensors"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), "cannot be read"),
    "a tensor missing": (weights(lambda t: t.pop("norm.weight")), "1 missing, first norm.weight"),
    "a foreign tensor": (
        weights(lambda t: t.update({"lm_head.weight": torch.ones(2)})),
        "1 foreign, first lm_head.weight",
    ),
    "of another model": (weights(lambda t: (t.clear(), t.update(bert=torch.ones(2)))), "missing, first .*1 foreign"),
    "of another shape": (
        weights(lambda t: t.update({"norm.weight": torch.ones(3)})),
        r"norm.weight is \[3\], not \[32\]",
    ),
    "whole numbers": (weights(lambda t: t.update({"norm.weight": torch.ones(32, dtype=torch.int8)})), "holds int8"),
    "not a number": (weights(lambda t: t["norm.weight"][3].fill_(NAN)), "NaN or infinite"),
    "no JSON": (text(b"{"), "damaged"),
    "not text": (text(b"\xff\xfe\x00"), "damaged"),
    "no object": (text(b"[1]"), "another program"),
    "of transformers": (
        text(b'{"architectures": ["BertModel"], "model_type": "bert"}'),
        "another program: .*BertModel",
    ),
    "newer": (config(format=99), "newer version"),
    "another format": (config(format="gguf"), "another format"),
    "another vocabulary": (config(vocabulary="0"), "another vocabulary"),
    "settings of tomorrow": (config(model={"telepathy": 2}), "newer version.*telepathy"),
    "a wrong setting": (config(model={"heads": 5}), "is not divisible by 5 heads"),
    "a setting of another kind": (config(model={"width": "wide"}), "not of type int"),
    "a hundred terabytes": (config(model={"width": 4_000_000, "layers": 200}), "width must be at least 1 and at most"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_one_clear_line_for(folder, name):
    damage, says = FAULTS[name]
    damage(folder)
    with pytest.raises(BadCheckpoint, match=says) as caught:
        checkpoint.load(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("card", ["", "[]", "{"])
def test_a_damaged_card_is_ignored(folder, card):
    (folder / "card.json").write_text(card)
    assert checkpoint.load(folder).card == {}
