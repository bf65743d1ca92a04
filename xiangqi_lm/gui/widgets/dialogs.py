"""The parts of the window made of pygame_gui: the box for typed moves and the dialog for file paths.

pygame_gui knows neither Tab nor Escape and shows boxes for Chinese unless every element names a font: done here.
"""

from __future__ import annotations

import contextlib
import os
from datetime import datetime
from pathlib import Path

import pygame
import pygame_gui
from pygame_gui.elements import UISelectionList, UITextEntryLine

from ..game import files
from ..game.files import reason
from ..game.texts import brief, say
from . import theme
from .layout import SMALL, TEXT, Layout
from .overlays import Intent, close_rect, draw_card, draw_close

LONGEST_PATH = 1000  # characters that may be typed or pasted into the line


def _hex(colour: theme.Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def theme_block(scale: float) -> dict[str, object]:
    """The theme as pygame_gui wants it: colours once, the font for each kind of element."""
    colours = {
        "normal_bg": _hex((38, 33, 28)), "hovered_bg": _hex(theme.TILE_HOVER), "selected_bg": _hex((122, 88, 42)),
        "active_bg": _hex(theme.TILE_ON), "dark_bg": _hex((38, 33, 28)), "disabled_bg": _hex(theme.CARD),
        "normal_text": _hex(theme.TEXT), "hovered_text": _hex(theme.TEXT), "selected_text": _hex((255, 248, 232)),
        "active_text": _hex(theme.TEXT), "disabled_text": _hex(theme.TEXT_FAINT), "text_cursor": _hex(theme.GOLD),
        "normal_border": _hex(theme.CARD_EDGE), "hovered_border": _hex((120, 104, 88)),
        "selected_border": _hex((120, 104, 88)), "active_border": _hex(theme.GOLD),
    }  # fmt: skip
    font = {
        "name": "ui_text",
        "size": str(round(TEXT * scale)),
        "regular_path": str(theme.ui_font_path()),
        "bold_path": str(theme.ui_font_path(True)),
        "italic_path": str(theme.ui_font_path()),
        "bold_italic_path": str(theme.ui_font_path(True)),
    }
    shape = {
        "shape": "rounded_rectangle",
        "shape_corner_radius": str(round(8 * scale)),
        "border_width": "1",
        "shadow_width": "0",
    }
    misc = {**shape, "padding": f"{round(8 * scale)},{round(3 * scale)}"}
    block: dict[str, object] = {"defaults": {"colours": colours}}
    flat = {"shape": "rectangle", "border_width": "0", "shadow_width": "0", "text_horiz_alignment": "left",
            "text_horiz_alignment_padding": str(round(10 * scale))}  # fmt: skip
    for name in ("text_entry_line", "label", "button", "selection_list", "tool_tip", "vertical_scroll_bar"):
        block[name] = {
            "font": font,
            "misc": misc,
            "colours": colours,
        }
    block["text_entry_line"] = {
        "font": font,
        "misc": misc,
        "colours": {**colours, "normal_text": _hex(theme.TEXT_SOFT)},
    }
    block["#path"] = {"font": font, "misc": misc, "colours": colours}
    block["selection_list"] = {
        "font": font,
        "colours": colours,
        "misc": {**shape, "list_item_height": str(round(30 * scale))},
    }
    block["selection_list.@selection_list_item"] = {"font": font, "misc": flat, "colours": colours}
    return block


class Widgets:
    """The manager of pygame_gui with the box for typed moves, which is always there."""

    def __init__(self, layout: Layout, window: pygame.Rect, language: str):
        self._build(layout, window, language)

    def _build(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        self.manager = pygame_gui.UIManager(
            window.size, theme_block(layout.scale), enable_live_theme_updates=False, starting_language="zh"
        )
        self.entry = UITextEntryLine(layout.entry, self.manager, placeholder_text=say(language, "entry_placeholder"))
        self.entry.set_text_length_limit(24)

    def rebuild(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        """Everything anew for another size, scale or language; a text being typed is kept."""
        typed, focused = self.entry.get_text(), self.entry.is_focused
        self._build(layout, window, language)
        if typed:
            self.entry.set_text(typed)
        if focused:
            self.focus(self.entry)
        self.manager.update(0.0)  # a new element is drawn only after this

    def focus(self, element: UITextEntryLine | None) -> None:
        """Give the keyboard to an entry line, or to nobody."""
        self.manager.set_focus_set({element} if element else None)
        if element:
            with contextlib.suppress(pygame.error):
                pygame.key.set_text_input_rect(element.get_abs_rect())  # where an input method shows its candidates

    @property
    def typing(self) -> bool:
        """Whether the box for moves has the keyboard."""
        return self.entry.is_focused


class PathDialog:
    """Asks for a file: a folder's list to click through and a line to type in; Enter takes it, Escape leaves."""

    def __init__(self, purpose: str, folder: str, widgets: Widgets):
        self.name = purpose  # "open" or "save"
        self._widgets = widgets
        self._folder = files.usable(folder)
        self._names: dict[str, Path] = {}
        self._trouble = ""
        self._list: UISelectionList | None = None
        self.line: UITextEntryLine | None = None
        name = datetime.now().strftime("xiangqi-%Y%m%d-%H%M.pgn") if purpose == "save" else ""
        self._text = files.written(self._folder, name)

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language, self._layout = language, layout
        if self.line is not None:
            self._text = self.line.get_text()
        card = pygame.Rect(0, 0, min(px(620), window.width - px(24)), min(px(470), window.height - px(24)))
        card.center = window.center
        self._card, self._close = card, close_rect(layout, card)
        inner = card.inflate(-px(44), 0)
        self._ok = pygame.Rect(card.right - px(22) - px(110), card.bottom - px(54), px(110), px(36))
        self._cancel = self._ok.move(-px(120), 0)
        self._line_rect = pygame.Rect(inner.left, self._ok.top - px(52), inner.width, px(36))
        self._list_rect = pygame.Rect(
            inner.left, card.top + px(62), inner.width, self._line_rect.top - card.top - px(74)
        )
        self._make()

    def _make(self) -> None:
        self.remove()
        self._widgets.entry.hide()
        manager = self._widgets.manager
        self._names = self._entries()
        self._list = UISelectionList(self._list_rect, list(self._names), manager)
        self.line = UITextEntryLine(self._line_rect, manager, initial_text=self._text, object_id="#path")
        self.line.set_text_length_limit(max(LONGEST_PATH, len(self._text)))
        self._widgets.focus(self.line)

    def remove(self) -> None:
        """Take the widgets away and show the box for moves again."""
        self._widgets.entry.show()
        for element in (self._list, self.line):
            if element is not None:
                element.kill()
        self._list = self.line = None

    def _entries(self) -> dict[str, Path]:
        try:
            return files.listing(self._folder)
        except files.FAULTS as fault:
            self._refuse(fault)
            return {files.PARENT: self._folder / ".."}

    def _refuse(self, fault: Exception) -> None:
        self._trouble = brief(reason(fault))

    def rectangles(self) -> dict[str, pygame.Rect]:
        return {"close": self._close, "ok": self._ok, "cancel": self._cancel, "path": self._line_rect}

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        px = layout.px
        veil = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
        veil.fill((12, 9, 6, 130))
        surface.blit(veil, (0, 0))
        draw_card(surface, layout, self._card, say(self._language, f"{self.name}_title"))
        draw_close(surface, layout, self._close, pointer)
        note = self._trouble or say(self._language, f"path_note_{self.name}")
        colour = theme.TROUBLE if self._trouble else theme.TEXT_SOFT
        room = self._cancel.left - px(10) - self._line_rect.left
        at = (self._line_rect.left, self._ok.centery)
        theme.draw_text(surface, theme.fitted(note, px(SMALL), room), px(SMALL), colour, midleft=at)
        for rect, key, main in ((self._ok, f"ok_{self.name}", True), (self._cancel, "cancel", False)):
            fill = (140, 98, 40) if main else theme.TILE
            fill = (160, 114, 50) if main and rect.collidepoint(pointer) else fill
            theme.rounded(surface, rect, px(8), fill, (170, 128, 66) if main else theme.CARD_EDGE)
            theme.draw_text(surface, say(self._language, key), px(TEXT), theme.TEXT, bold=main, center=rect.center)

    def click(self, pixel: tuple[int, int]) -> Intent | None:
        if self._ok.collidepoint(pixel):
            return self.accept()
        if self._cancel.collidepoint(pixel) or self._close.collidepoint(pixel) or not self._card.collidepoint(pixel):
            return "close", None
        return None

    def accept(self) -> Intent | None:
        """The path that is written, or a step into it where it is a folder; one that cannot be is refused."""
        assert self.line is not None
        try:
            path = files.typed(self.line.get_text(), self._folder, self._names)
            if path.is_dir():
                self._enter(path)
                return None
            if self.name == "save" and not path.suffix:
                path = path.with_suffix(".pgn")
        except files.FAULTS as fault:
            self._refuse(fault)
            return "refused", (self.name, self.line.get_text(), reason(fault))
        return self.name, path

    def _enter(self, folder: Path) -> None:
        self._folder, self._trouble = folder, ""
        kept = Path(self._text).name if self.name == "save" else ""
        self._text = files.written(folder, kept)
        self._make()

    def chosen(self, entry: str, double: bool) -> Intent | None:
        """A line of the list was clicked."""
        if self.line is None:
            return None
        path = self._names.get(entry)
        if path is not None and entry.endswith("/"):
            self._text = self.line.get_text()
            self._enter(Path(os.path.realpath(path)))
            return None
        self.line.set_text(files.written(self._folder) + entry)
        return self.accept() if double else None
