"""The library search: a line to type in, the searched field, and the games found."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from ..game.explorer import LibraryState, found_title, game_row
from ..game.librarian import FIELDS
from ..game.texts import say
from .controls import Action, Choice, Intent, Items, Note
from .forms import Form
from .layout import Layout
from .library_panel import draw_game
from .line import Line


class LibrarySheet(Form):
    """A search as you type; Enter opens the selected game. `ask(field, text)` starts a search."""

    def __init__(self, library: LibraryState, ask: Callable[[str, str], None]):
        super().__init__("library_search", "", 760)
        self._library, self._ask = library, ask
        self._shown: object = None

    def build(self, language: str) -> None:
        self._language = language
        self.title = say(language, "library_search_title")
        fields = [(field, say(language, f"library_field_{field}")) for field in FIELDS]
        field, text = self._library.search or ("any", "")
        self.controls = [
            Line("search", text, "", 60, say(language, "library_search_note"), self._open),
            Choice("field", "", fields, field),
            Note("found", ""),
            Items("list", [], self._open_line, 360, 30, draw_line=self._draw_line),
        ]
        self.buttons = [
            Action("cancel", say(language, "close"), lambda: ("close", None)),
            Action("ok", say(language, "ok_open"), self._open, main=True),
        ]

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        super().place(layout, window, language)
        self._shown = None
        self.refresh()

    def refresh(self) -> bool:
        """Start a search for the typed text and take results; return whether anything changed."""
        library = self._library
        self._ask(self.control("field").chosen, self.control("search").text.strip())
        shown = (library.search, library.matches, library.fault, library.missing)
        if shown == self._shown:
            return False
        items, note = self.control("list"), self.control("found")
        if self._shown is not None:
            items.chosen = items.first = 0
        self._shown = shown
        items.lines = [""] * len(library.matches)
        items.scroll(0)
        searched = bool(library.search and library.search[1])
        note.words = found_title(self._language, library) if searched or library.missing else ""
        note.trouble = library.fault is not None
        return True

    def _open(self) -> Intent | None:
        return self._open_line(self.control("list").chosen)

    def _open_line(self, line: int) -> Intent | None:
        matches = self._library.matches
        return ("library_open", (matches[line].id, matches[line].ply)) if line < len(matches) else None

    def key(self, event: pygame.Event) -> Intent | bool:
        if self.focused == "search" and event.key in (pygame.K_UP, pygame.K_DOWN, pygame.K_PAGEUP, pygame.K_PAGEDOWN):
            return self.control("list").key(event)
        return super().key(event)

    def _draw_line(self, surface: pygame.Surface, layout: Layout, row: pygame.Rect, line: int) -> None:
        if line < len(self._library.matches):
            draw_game(surface, layout, row, game_row(self._library.matches[line]))
