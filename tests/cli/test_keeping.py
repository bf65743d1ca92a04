"""Finished games are not replaced without asking."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from xiangqi_lm.cli import main, options
from xiangqi_lm.cli.selfplay import selfplay
from xiangqi_lm.errors import XiangqiError


def test_selfplay_over_finished_games_needs_force(tmp_path, capsys):
    out = tmp_path / "g.pgn"
    words = ["--player", "random", "--games", "1", "--out", str(out), "--seed", "1"]
    assert CliRunner().invoke(selfplay, words).exit_code == 0
    before = out.read_bytes()
    with pytest.raises(SystemExit) as stop:
        main(["selfplay", *words])
    assert stop.value.code == 1 and out.read_bytes() == before
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "--force" in said[0] and str(out) in said[0]
    assert CliRunner().invoke(selfplay, [*words[:-1], "2", "--force"]).exit_code == 0
    assert out.read_bytes() != before


def test_import_over_games_needs_force(tmp_path):
    path, out = tmp_path / "a.pgn", tmp_path / "out.pgn"
    path.write_text("1. h2e2 h9g7 *\n", encoding="utf-8")
    for extra, code in (([], 0), ([], 1), (["--force"], 0)):
        with pytest.raises(SystemExit) as stop:
            main(["data", "import", str(path), "--out", str(out), "--jobs", "1", *extra])
        assert (stop.value.code or 0) == code


@pytest.mark.parametrize("answer", [True, False])
def test_on_a_terminal_the_user_is_asked(tmp_path, monkeypatch, answer):
    path, asked = tmp_path / "g.pgn", []
    options.keep_games(path, False)  # no file
    path.touch()
    options.keep_games(path, False)  # an empty file
    path.write_text("1. h2e2 *")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.confirm", lambda words, **_: asked.append(words) or answer)
    if answer:
        options.keep_games(path, False)
    else:
        with pytest.raises(XiangqiError, match="stays as it is"):
            options.keep_games(path, False)
    assert str(path) in asked[0]
