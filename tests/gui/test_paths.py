"""File names that are not UTF-8, impossible paths, file modes: none of it ends the window."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pygame
import pytest
from desk import settle

from xiangqi_lm.gui.game import folders, settings, texts
from xiangqi_lm.gui.game.settings import Settings

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems refuse such names")
QI = b"\xc6\xe5"  # 棋 in GBK
GAME = "1. h2e2 *\n"


def gbk(folder: Path, name: bytes) -> Path:
    return folder / os.fsdecode(name)


def replaced(path: Path) -> str:
    return os.fsencode(path.name).decode("utf-8", "replace")


def press_enter(app):
    app.handle(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, mod=0, unicode="\r", scancode=0))
    settle(app)


def open_dialog(app, name="open"):
    app.do((name, None))
    settle(app)
    return app.overlay


def choose(dialog, entry: str) -> None:
    lines = dialog.control("list")
    at = lines.row(lines.lines.index(entry)).center
    lines.click(at)


def played(app) -> list[str]:
    return [move.iccs() for move in app.controller.state.game.line]


@LINUX
def test_a_gbk_name_is_listed_and_opened(make_app, tmp_path):
    path, twin = gbk(tmp_path, QI + b".pgn"), gbk(tmp_path, b"\xc6\xe6.pgn")
    path.write_text(GAME)
    twin.write_text("1. b2e2 *\n")
    app = make_app(folder=str(tmp_path))
    dialog = open_dialog(app)
    names = dialog.control("list").lines
    assert names == ["../", replaced(path), replaced(path) + " (2)"]
    choose(dialog, names[1])
    assert dialog.path_line.text == f"{tmp_path}/{replaced(path)}"
    press_enter(app)
    assert played(app) == ["h2e2"] and app.controller.view().message == f"Opened {replaced(path)}"
    dialog = open_dialog(app)
    choose(dialog, names[2])
    app.do(dialog.accept())
    settle(app)
    assert played(app) == ["b2e2"]


@LINUX
def test_a_gbk_folder_is_entered_saved_into_and_remembered(make_app, tmp_path):
    folder = gbk(tmp_path, QI)
    folder.mkdir()
    app = make_app(folder=str(tmp_path), side="both")
    stored = tmp_path / "settings.json"
    app.controller.store = lambda new: settings.save(new, stored)
    app.controller.type_move("h2e2")
    dialog = open_dialog(app, "save_as")
    lines = dialog.control("list")
    lines.chosen = lines.lines.index(replaced(folder) + "/")
    app.do(lines.key(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN)))
    settle(app)
    dialog.path_line.set_text(dialog.path_line.text.rsplit("/", 1)[0] + "/mine")
    press_enter(app)
    assert app.overlay is None and (folder / "mine.pgn").is_file()
    assert app.controller.view().message == "Saved mine.pgn"
    assert settings.load(stored)[0].folder == str(folder)
    assert f"{replaced(folder)}/mine.pgn" in open_dialog(make_app(folder=str(folder))).path_line.text + "mine.pgn"


@LINUX
def test_faults_of_a_gbk_name_can_be_drawn(make_app, tmp_path):
    app = make_app()
    missing, empty = gbk(tmp_path, QI + b".pgn"), gbk(tmp_path, QI + b"2.pgn")
    empty.write_bytes(b"")
    for path in (missing, empty):
        assert not app.controller.games.load(path)
        settle(app)
        view = app.controller.view()
        assert replaced(path) in view.message and view.message_is_error


def test_settings_that_cannot_be_encoded_are_not_saved_without_failing(tmp_path, monkeypatch):
    def refuse(path, content):
        raise UnicodeEncodeError("utf-8", "\udcc6", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(settings, "write_text", refuse)
    assert not settings.save(Settings(), tmp_path / "settings.json")


@pytest.mark.parametrize(
    ("text", "seen"), [("a\udcc6b", "a�b"), ("\ud800", "?"), ("a\0\nb", "a��b"), ("炮二平五", "炮二平五")]
)
def test_shown_texts_can_be_encoded(text, seen):
    assert texts.shown(text) == seen and texts.shown(text).encode()


TROUBLE = ["~nosuchuser/x.pgn", "/tmp/" + "n" * 300, "/tmp/a\0b.pgn", "/tmp/a\0b"]


@pytest.mark.parametrize("purpose", ["open", "save_as"])
@pytest.mark.parametrize("text", TROUBLE)
def test_an_impossible_typed_path_is_one_line_in_the_window(make_app, tmp_path, purpose, text):
    app = make_app(side="both", folder=str(tmp_path))
    app.controller.type_move("h2e2")
    dialog = open_dialog(app, purpose)
    dialog.path_line.text = text  # the line itself would drop a NUL
    press_enter(app)
    view = app.controller.view()
    assert view.message_is_error and view.message.startswith("Cannot ") and "\n" not in view.message
    assert played(app) == ["h2e2"] and app.running
    app.draw()


@pytest.mark.parametrize("purpose", ["open", "save_as"])
def test_a_path_below_an_unreadable_folder(make_app, tmp_path, monkeypatch, purpose):
    app = make_app(side="both", folder=str(tmp_path))
    app.controller.type_move("h2e2")
    dialog = open_dialog(app, purpose)
    dialog.path_line.set_text(str(tmp_path / "locked" / "x.pgn"))

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", refuse)  # because root may read everything
    press_enter(app)
    assert "access is denied" in app.controller.view().message
    assert app.overlay is dialog and played(app) == ["h2e2"]  # another try
    before = app.surface.copy()
    dialog._trouble = None
    app.place_again()
    app.draw()
    assert pygame.image.tobytes(app.surface, "RGB") != pygame.image.tobytes(before, "RGB")  # it was reported there too


def test_one_bad_entry_does_not_empty_the_list(tmp_path, monkeypatch):
    (tmp_path / "a.pgn").write_text(GAME)
    (tmp_path / "b").mkdir()
    (tmp_path / "locked").mkdir()
    look = Path.is_dir

    def refuse(path):
        if path.name == "locked":
            raise PermissionError(13, "Permission denied")
        return look(path)

    monkeypatch.setattr(Path, "is_dir", refuse)
    assert list(folders.listing(tmp_path)) == ["../", "a.pgn", "b/"]


def test_a_folder_that_cannot_be_listed_says_so(make_app, tmp_path, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    dialog = open_dialog(make_app(folder=str(tmp_path)))
    assert dialog._trouble.key == "fault_denied" and list(dialog._names) == ["../"]


def test_a_home_that_cannot_be_found(make_app, monkeypatch):
    def refuse():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", refuse)
    assert open_dialog(make_app(folder="~nosuchuser")).path_line.text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_saved_games_keep_mode_and_link(desk, tmp_path):
    desk.click("h2", "e2")
    new, old, link = tmp_path / "new.pgn", tmp_path / "old.pgn", tmp_path / "link.pgn"
    old.write_text("")
    old.chmod(0o640)
    link.symlink_to(old)
    mask = os.umask(0o022)
    try:
        assert desk.controller.games.save(new) and desk.controller.games.save(link)
    finally:
        os.umask(mask)
    assert new.stat().st_mode & 0o777 == 0o644
    assert link.is_symlink() and "h2e2" in old.read_text().lower().replace("-", "")
    assert old.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.pgn", "new.pgn", "old.pgn"]


def test_a_name_as_long_as_the_system_allows(desk, tmp_path):
    desk.click("h2", "e2")
    assert desk.controller.games.save(tmp_path / ("n" * 245 + ".pgn"))
