"""Copying and pasting, and saving the board as a picture."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from typing import Any

import pygame

from .. import picture_clipboard
from ..game.texts import message
from ..widgets import scene
from ..widgets.board_view import Geometry
from ..widgets.overlays import Item, Menu
from ..widgets.path_dialog import PathDialog
from ..widgets.sheets import Question
from ..window import wake
from .part import Door, Part, Window

PICTURE_CELL = 80  # pixels between points of a saved board picture


class ClipboardActions(Part):
    """Copies positions, moves, records and pictures; pastes texts."""

    def __init__(self, app: Window, door: Door):
        super().__init__(app, door)
        self._copying: _Copying | None = None

    def on_copy(self, _: Any) -> None:
        names = ("copy_fen", "copy_chinese", "copy_wxf", "copy_iccs", "copy_pgn", "copy_picture")
        items = [Item(f"more_{name}", (name, None)) for name in names]
        self._app.show(Menu("copy_menu", "menu", items))

    def _copy(self, what: str) -> None:
        self._app.close()
        words = self._app.controller.games.copied(what)
        try:
            pygame.scrap.put_text(words)
        except pygame.error:
            self._app.controller.tell("clipboard_fails", error=True)

    def on_copy_fen(self, _: Any) -> None:
        self._copy("fen")

    def on_copy_pgn(self, _: Any) -> None:
        self._copy("pgn")

    def on_copy_chinese(self, _: Any) -> None:
        self._copy("chinese")

    def on_copy_wxf(self, _: Any) -> None:
        self._copy("wxf")

    def on_copy_iccs(self, _: Any) -> None:
        self._copy("iccs")

    def on_copy_picture(self, _: Any) -> None:
        """Copy the board to the clipboard as a PNG, by a system tool on a thread."""
        self._app.close()
        if self._copying is None or self._copying.done:
            png = io.BytesIO()
            pygame.image.save(self._board_picture(), png, "board.png")
            self._copying = _Copying(png.getvalue())

    def tick(self) -> None:
        """Report the result of copying a picture; if there is no tool for it, offer to save the picture."""
        copying = self._copying
        if copying is not None and copying.done:
            self._copying = None
            if copying.failed:
                self.on_picture(None)
            key = "picture_no_tool" if copying.failed else "copied_picture"
            self._app.controller.tell(key, error=copying.failed)

    def on_picture(self, path: Path | None) -> None:
        """Save the board as a PNG, as shown in the window but in a fixed size."""
        app = self._app
        if path is None:
            app.show(PathDialog("picture", app.controller.settings.folder))
            return
        if path.exists():
            answers = [("ask_pgn", ("picture", None)), ("ask_replace_it", ("picture_to", path)), ("cancel", None)]
            app.show(Question("ask_exists", "ask_exists_title", message("ask_picture", name=path.name), answers))
            return
        self.on_picture_to(path)

    def on_picture_to(self, path: Path) -> None:
        """Save the board as a PNG, replacing a file of that name."""
        app = self._app
        app.close()
        try:
            pygame.image.save(self._board_picture(), str(path))
        except (pygame.error, OSError, ValueError):
            app.controller.tell("picture_failed", error=True, name=path.name)
            return
        app.controller.tell("saved", name=path.name)

    def _board_picture(self) -> pygame.Surface:
        app = self._app
        place = Geometry(0, 0, PICTURE_CELL).outside()
        geometry = Geometry(-place.left, -place.top, PICTURE_CELL, app.controller.state.flipped)
        picture = pygame.Surface(place.size)
        view = app.controller.view()
        scene.paint_board(picture, geometry, view, app.controller.settings, scene.Hand(), None, 0.0)
        return picture

    def on_paste(self, _: Any) -> None:
        try:
            words = pygame.scrap.get_text()
        except pygame.error:
            words = ""
        self.on_paste_text(words)

    def on_paste_fen(self, _: Any) -> None:
        self.on_paste(None)

    def on_paste_text(self, words: str) -> None:
        if words.strip():
            self._app.controller.games.paste(words)
        else:
            self._app.controller.tell("clipboard_empty", error=True)


class _Copying:
    """A picture being copied to the clipboard."""

    def __init__(self, png: bytes):
        self.failed, self.done = False, False
        threading.Thread(target=self._copy, args=(png,), name="copies a picture", daemon=True).start()

    def _copy(self, png: bytes) -> None:
        try:
            picture_clipboard.copy_picture(png)
        except (picture_clipboard.NoTool, OSError):
            self.failed = True
        self.done = True
        wake()
