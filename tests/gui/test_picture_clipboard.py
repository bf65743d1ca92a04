"""The board on the clipboard as a PNG, by a system tool; without one the picture can be saved."""

from __future__ import annotations

import os
import sys

import pygame
import pytest
from desk import live, settle, type_key

from xiangqi_lm.gui import picture_clipboard
from xiangqi_lm.gui.actions.clipboard import PICTURE_CELL
from xiangqi_lm.gui.picture_clipboard import NoTool, command
from xiangqi_lm.gui.widgets.board_view import Geometry

posix = pytest.mark.skipif(os.name == "nt", reason="a shell script stands for the tool")


def tool(folder, name, words):
    """Create a program of that name in the folder."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{words}\n")
    path.chmod(0o755)
    return str(folder)


@posix
def test_the_tool_of_the_system_is_found(tmp_path):
    place = tool(tmp_path, "xclip", "true")
    assert command("linux", {"DISPLAY": ":0", "PATH": place})[0] == "xclip"
    with pytest.raises(NoTool):
        command("linux", {"PATH": place})  # without an X server
    both = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "PATH": tool(tmp_path, "wl-copy", "true")}
    assert command("linux", both)[0] == "wl-copy"
    with pytest.raises(NoTool):
        command("linux", {"DISPLAY": ":0", "PATH": str(tmp_path / "nowhere")})
    assert any("{path}" in word for word in command("darwin", {}))
    assert any("{path}" in word for word in command("win32", {}))


def copy(app):
    """Press Ctrl+Shift+C, the last choice of the menu."""
    type_key(app, pygame.K_c, pygame.KMOD_CTRL | pygame.KMOD_SHIFT)
    type_key(app, pygame.K_END)
    type_key(app, pygame.K_RETURN)


@posix
@pytest.mark.skipif(sys.platform == "darwin", reason="the tool of X11")
def test_the_board_is_copied_as_a_picture(make_app, tmp_path, monkeypatch):
    kept = tmp_path / "clipboard.png"
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("PATH", tool(tmp_path, "xclip", f'cat > "{kept}"') + os.pathsep + os.environ["PATH"])
    app = make_app(side="both")
    settle(app)
    app.controller.type_move("h2e2")
    copy(app)
    live(app, lambda: app.controller.view().message == "Board copied as a picture")
    assert pygame.image.load(str(kept)).get_size() == Geometry(0, 0, PICTURE_CELL).outside().size


def test_without_a_tool_the_picture_can_be_saved(make_app, monkeypatch):
    def none(png):
        raise NoTool("none")

    monkeypatch.setattr(picture_clipboard, "copy_picture", none)
    app = make_app(side="both", language="zh")
    settle(app)
    copy(app)
    live(app, lambda: app.overlay is not None and app.overlay.name == "picture")
    assert app.controller.view().message_is_error and "xclip" in app.controller.view().message
