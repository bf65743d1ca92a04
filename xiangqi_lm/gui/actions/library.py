"""The library: its panel, the search, opening its games and adding games."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...rules.moves import Move
from ..widgets.library_sheet import LibrarySheet
from ..widgets.overlays import Item, Menu
from ..widgets.path_dialog import PathDialog
from .part import Part

MENU = (  # intent, its shortcut
    ("library", "B"), ("library_search", "Ctrl+F"), ("library_add_game", ""), ("library_add_files", ""),
    ("library_file", ""),
)  # fmt: skip


class LibraryActions(Part):
    """Intents of the library panel, its menu and the search."""

    def on_library_menu(self, _: Any) -> None:
        live = self._app.controller.view().enabled
        items = [Item(f"more_{name}", (name, None), name in live, hint=hint) for name, hint in MENU]
        self._app.show(Menu("library_menu", "menu", items))

    def on_library(self, _: Any) -> None:
        """Open the panel and give it the keyboard focus, or close it."""
        app = self._app
        app.close()
        if app.controller.state.editor is None:
            app.controller.explorer.toggle()
            if app.controller.state.library.open:
                app.library.focus()

    def on_library_play(self, move: Move) -> None:
        self._app.controller.play_found(move)

    def on_library_open(self, value: tuple[int, int]) -> None:
        self._app.close()
        self._app.controller.explorer.open_game(*value)

    def on_library_search(self, _: Any) -> None:
        controller = self._app.controller
        if "library_search" in controller.view().enabled:
            self._app.show(LibrarySheet(controller.state.library, controller.explorer.search))

    def on_library_add_game(self, _: Any) -> None:
        self._app.close()
        if "library_add_game" in self._app.controller.view().enabled:
            self._app.controller.explorer.add_game()

    def on_library_add_files(self, _: Any) -> None:
        self._app.show(PathDialog("library_files", self._app.controller.settings.folder))

    def on_library_files(self, path: Path) -> None:
        self._app.close()
        self._app.controller.explorer.add_files(path)

    def on_library_file(self, path: Path | None) -> None:
        """Ask for the library's file, or take the chosen one."""
        app = self._app
        if path is None:
            now = app.controller.explorer.path
            folder, name = (str(now.parent), now.name) if now is not None else (app.controller.settings.folder, "")
            app.show(PathDialog("library_file", folder, name))
            return
        app.close()
        app.controller.change(library=str(path))
        app.controller.tell("library_chosen", name=path.name)
