"""`xiangqi-lm doctor`: what it finds, and what it says is wrong."""

import json

import pytest

from xiangqi_lm import paths
from xiangqi_lm.cli import doctor, main
from xiangqi_lm.config import ModelConfig
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt


@pytest.fixture
def user(monkeypatch, tmp_path):
    for name, place in (("models_folder", "models"), ("learning_folder", "learning"), ("cache_folder", "cache"),
                        ("library_file", "library.sqlite"), ("settings_file", "settings.json")):  # fmt: skip
        monkeypatch.setattr(paths, name, lambda place=place: tmp_path / place)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    return tmp_path


def lines_of(find):
    return {line.name: line for line in find()}


def test_the_whole_report(user, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["doctor", "--json", str(user / "d.json")])
    said = capsys.readouterr().out
    report = json.loads((user / "d.json").read_text(encoding="utf-8"))
    assert {line["part"] for line in report["lines"]} == set(doctor.PARTS)
    assert ended.value.code == (1 if report["wrong"] else 0)
    wrong = [line["name"] for line in report["lines"] if line["wrong"]]
    assert len(wrong) == report["wrong"] and all(f"wrong: {name}: " in said for name in wrong)
    found = {line["name"]: line["value"] for line in report["lines"]}
    assert found["numpy"][0].isdigit() and found["compiled rules"].startswith("ready in")
    assert found["display"].startswith("dummy") and found["sound"] == "dummy"
    assert " parameters in " in found["default"]


def test_damaged_files_are_named_with_advice(user):
    checkpoint.save(user / "models" / "mine", Gpt(ModelConfig(width=32, layers=1, heads=2, context=32)), {})
    (user / "models" / "mine" / "model.safetensors").write_bytes(b"x" * 100)
    found = lines_of(doctor.models)
    assert found["mine"].wrong and "models remove mine" in found["mine"].advice and not found["default"].wrong
    (user / "library.sqlite").write_bytes(b"y" * 5000)
    (user / "settings.json").write_text("{", encoding="utf-8")
    found = lines_of(doctor.folders)
    assert found["library"].wrong and "library check" in found["library"].advice
    assert found["settings"].wrong and "damaged" in found["settings"].advice
    assert (user / "settings.json").read_text(encoding="utf-8") == "{"  # it was only read
    assert "none yet" in found["cache"].value and not found["cache"].wrong


def test_a_folder_that_cannot_be_written(user, monkeypatch):
    monkeypatch.setattr(doctor.os, "access", lambda place, mode: False)
    found = lines_of(doctor.folders)
    assert found["models"].wrong and "cannot be written" in found["models"].advice


def test_missing_packages_and_two_pygames(monkeypatch):
    there = {name: "1.0" for name in doctor.NEEDED if name != "cchess"} | {"pygame": "2.6"}
    monkeypatch.setattr(doctor, "_version", there.get)
    found = lines_of(doctor.versions)
    assert found["cchess"].wrong and "pip install cchess" in found["cchess"].advice
    assert found["pygame"].wrong and "pip uninstall pygame pygame-ce" in found["pygame"].advice
    assert not found["numba"].wrong and "xiangqi-lm[hub]" in found["huggingface_hub"].value


def test_engines_are_asked(user, monkeypatch):
    import sys
    from pathlib import Path

    fake = Path(__file__).parents[1] / "tools" / "fake_engine.py"
    specs = [[name, f"uci:{sys.executable} {fake} {mode}"] for name, mode in (("good", "engine"), ("bad", "chess"))]
    (user / "settings.json").write_text(json.dumps({"engines": specs}), encoding="utf-8")
    monkeypatch.setattr(doctor, "ENGINES", {})
    found = lines_of(doctor.engines)
    assert found["good (of the window)"].value.startswith("answers")
    assert found["bad (of the window)"].wrong and "does not answer" in found["bad (of the window)"].advice


def test_a_missing_screen_is_only_mentioned(user, monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    from xiangqi_lm.gui import window

    def none():
        raise window.NoDisplay("no display")

    monkeypatch.setattr(window, "describe_display", none)
    found = lines_of(doctor.window)
    assert (found["display"].value, found["display"].wrong) == ("none", False) and "ssh -X" in found["display"].advice
