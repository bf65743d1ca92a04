"""Overlays other than forms: menus, the page of shortcuts, the question about an unfinished game."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import pygame

from ..game.texts import say
from . import theme
from .controls import Intent, Pixel
from .forms import draw_card, draw_close, draw_veil
from .layout import SMALL, TEXT, Layout, end_area
from .line import Line

KEYS = (  # key names and the key of the text, in the order of the page
    ("help_mouse", "help_mouse_text"), ("N", "help_new_game"), ("U  Backspace", "help_take_back"),
    ("R", "help_redo"), ("← →", "help_browse"), ("↑ ↓", "help_beside"), ("Home End", "help_ends"),
    ("help_wheel", "help_browse"), ("Page Up/Down", "help_games"), ("H", "help_hint"), ("A", "help_arrows"),
    ("F", "help_flip"), ("S", "help_level"), ("Space", "help_stop"), ("I", "help_move_now"), ("T", "help_another"),
    ("O", "help_one_move"), ("Tab", "help_analysis"), ("+  -", "help_lines"),
    ("V", "help_review"), ("K  J", "help_mistakes"), ("G", "help_retry"), ("X", "help_practise"),
    ("Y  D", "help_attempt"), ("W", "help_summary"),
    ("Enter", "help_type"), ("E", "help_edit"), ("C", "help_comment"), ("Delete", "help_delete"),
    ("P", "help_promote"), ("1 … 6", "help_mark"), ("Ctrl+Z  Ctrl+Y", "help_undo"), ("Ctrl+O", "help_open"),
    ("Ctrl+R", "help_recent"), ("B", "help_library"),
    ("Ctrl+F", "help_library_search"), ("Ctrl+S", "help_save"), ("Ctrl+Shift+S", "help_save_as"),
    ("Ctrl+C", "help_copy"), ("Ctrl+Shift+C", "help_copy_menu"), ("Ctrl+V", "help_paste"), ("M", "help_sound"),
    ("L", "help_language"), ("F10", "help_menu"), (",", "help_settings"), ("F1", "help_help"), ("Esc", "help_close"),
)  # fmt: skip


class Overlay(Protocol):
    """An overlay over the window; if it is `blocking`, it takes all clicks and keys."""

    name: str
    blocking: bool

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        """Lay out the overlay for a window; called first, and after every change of the window."""

    def rectangles(self) -> dict[str, pygame.Rect]:
        """Return the clickable rectangles by name."""

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: Pixel) -> None:
        """Draw the overlay above the window."""

    def click(self, pixel: Pixel) -> Intent | None:
        """Return the intent of a press on a pixel."""

    def key(self, event: pygame.Event) -> Intent | bool:
        """Return the intent of a key, or whether it was handled."""

    def wheel(self, pixel: Pixel, rows: int) -> None:
        """Scroll by some rows."""

    def remove(self) -> None:
        """Release resources when the overlay is closed."""

    @property
    def line(self) -> Line | None:
        """Return the line that receives typed text."""


class Plain:
    """The default behaviour of an overlay without lists and lines."""

    blocking = True
    line: Line | None = None

    def key(self, event: pygame.Event) -> Intent | bool:
        return False

    def wheel(self, pixel: Pixel, rows: int) -> None:
        return

    def remove(self) -> None:
        return


@dataclass
class Item:
    """A menu item: the key of its text, its intent, and whether it is enabled."""

    key: str
    intent: Intent
    live: bool = True
    words: str = ""  # instead of the text of `key`
    hint: str = ""  # the shortcut


@dataclass
class Menu(Plain):
    """A menu at a button or a pixel; `current` is ticked, and arrows and Enter choose."""

    name: str
    anchor: str | Pixel
    items: list[Item]
    current: Intent | None = None
    at: int = -1  # the item selected by the keyboard
    _rows: list[pygame.Rect] = field(default_factory=list)

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        hints = max((theme.text_width(item.hint, px(SMALL)) for item in self.items if item.hint), default=0)
        width = max(theme.text_width(self._words(item), px(TEXT)) for item in self.items) + px(54)
        width += hints + px(16) if hints else 0
        high = px(32)
        count = len(self.items)
        columns = max(-(-count * high // max(window.height - px(30), high)), 1)
        rows = -(-count // columns)
        high = min(high, max((window.height - px(24)) // rows, px(16)))
        width = min(width, (window.width - px(24)) // columns)
        card = pygame.Rect(0, 0, width * columns + px(12), high * rows + px(12))
        if isinstance(self.anchor, str) and self.anchor in layout.buttons:
            button = layout.buttons[self.anchor]
            card.midbottom = button.centerx, button.top - px(6)
        elif isinstance(self.anchor, tuple):
            card.topleft = self.anchor
        else:
            card.center = window.center
        card.clamp_ip(window.inflate(-px(8), -px(8)))
        self._card = card
        self._rows = [
            pygame.Rect(card.left + px(6) + (i // rows) * width, card.top + px(6) + (i % rows) * high, width, high)
            for i in range(count)
        ]
        if self.at < 0:
            chosen = [i for i, item in enumerate(self.items) if item.intent == self.current]
            self.at = chosen[0] if chosen else -1

    def _words(self, item: Item) -> str:
        return item.words or say(self._language, item.key)

    def rectangles(self) -> dict[str, pygame.Rect]:
        return {item.key: row for item, row in zip(self.items, self._rows, strict=True)}

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        draw_veil(surface, 50)
        theme.rounded(surface, self._card.move(0, px(4)).inflate(px(6), px(6)), px(14), (0, 0, 0, 70))
        theme.rounded(surface, self._card, px(12), look.raised, look.edge)
        for i, (item, row) in enumerate(zip(self.items, self._rows, strict=True)):
            if item.live and (i == self.at or row.collidepoint(pointer)):
                theme.rounded(surface, row, px(8), look.on if i == self.at else look.hover)
            if item.intent == self.current:
                pygame.draw.circle(surface, look.accent, (row.left + px(14), row.centery), px(4))
            colour = look.text if item.live else look.disabled
            words = theme.fitted(self._words(item), px(TEXT), row.width - px(34))
            theme.draw_text(surface, words, px(TEXT), colour, midleft=(row.left + px(28), row.centery))
            if item.hint:
                at = (row.right - px(12), row.centery)
                theme.draw_text(surface, item.hint, px(SMALL), look.faint, midright=at)

    def click(self, pixel: Pixel) -> Intent | None:
        for item, row in zip(self.items, self._rows, strict=True):
            if row.collidepoint(pixel):
                return item.intent if item.live else None
        return None if self._card.collidepoint(pixel) else ("close", None)

    def key(self, event: pygame.Event) -> Intent | bool:
        live = [i for i, item in enumerate(self.items) if item.live]
        back = event.key == pygame.K_UP or (event.key == pygame.K_TAB and event.mod & pygame.KMOD_SHIFT)
        if live and (back or event.key in (pygame.K_DOWN, pygame.K_TAB)):
            after = [i for i in live if (i < self.at if back else i > self.at)]
            self.at = (after[-1] if back else after[0]) if after else (live[-1] if back else live[0])
            return True
        if live and event.key in (pygame.K_HOME, pygame.K_END):
            self.at = live[0] if event.key == pygame.K_HOME else live[-1]
            return True
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE):
            return self.items[self.at].intent if self.at in live else True
        return False


class HelpSheet(Plain):
    """The page of all keyboard shortcuts."""

    name = "help"

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        columns = 3 if window.width >= px(1120) else 2 if window.width >= px(640) else 1
        self._rows = -(-len(KEYS) // columns)
        self._step = min(px(34), (window.height - px(86)) // self._rows)
        card = pygame.Rect(0, 0, min(px(380) * columns, window.width - px(24)), px(70) + self._step * self._rows)
        card.center = window.center
        self._card = card
        self._close = pygame.Rect(card.right - px(44), card.top + px(10), px(32), px(32))
        self._column = (card.width - px(44)) // columns

    def rectangles(self) -> dict[str, pygame.Rect]:
        return {"close": self._close}

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        draw_veil(surface, 120)
        draw_card(surface, layout, self._card, say(self._language, "help_title"))
        draw_close(surface, layout, self._close, pointer)
        high = min(px(24), self._step)
        for i, (keys, words) in enumerate(KEYS):
            left = self._card.left + px(22) + self._column * (i // self._rows)
            middle = self._card.top + px(54) + self._step * (i % self._rows) + self._step // 2
            names = [say(self._language, keys)] if keys.startswith("help_") else keys.split("  ")
            at = left
            for name in names:
                box = pygame.Rect(at, middle - high // 2, theme.text_width(name, px(SMALL)) + px(14), high)
                theme.rounded(surface, box, px(6), look.field, look.edge)
                theme.draw_text(surface, name, px(SMALL), look.accent, center=box.center)
                at = box.right + px(5)
            start = max(left + px(118), at + px(4))
            text = theme.fitted(say(self._language, words), px(13), left + self._column - px(10) - start)
            theme.draw_text(surface, text, px(13), look.text, midleft=(start, middle))

    def click(self, pixel: Pixel) -> Intent | None:
        inside = self._card.collidepoint(pixel) and not self._close.collidepoint(pixel)
        return None if inside else ("close", None)


class RestoreCard(Plain):
    """The question at the start if a game was left unfinished: one click continues it, another declines; doing anything
    else postpones the question."""

    name = "restore"
    blocking = False

    def __init__(self, plies: int):
        self._plies = plies

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        self._lines = say(language, "restore_text", plies=self._plies)
        card = end_area(layout)
        width = (card.width - px(36)) // 2
        self._card = card
        self._buttons = {
            "decline": pygame.Rect(card.left + px(14), card.bottom - px(46), width, px(36)),
            "restore": pygame.Rect(card.right - px(14) - width, card.bottom - px(46), width, px(36)),
        }

    def rectangles(self) -> dict[str, pygame.Rect]:
        return dict(self._buttons)

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        draw_card(surface, layout, self._card, say(self._language, "restore_title"))
        for i, line in enumerate(theme.wrapped(self._lines, px(13), self._card.width - px(44), 2)):
            at = (self._card.left + px(22), self._card.top + px(54 + 19 * i))
            theme.draw_text(surface, line, px(13), look.soft, midleft=at)
        for name, rect in self._buttons.items():
            main, over = name == "restore", rect.collidepoint(pointer)
            fill = look.main if main else look.hover if over else look.tile
            theme.rounded(surface, rect, px(8), fill, look.accent if over else look.edge)
            words = say(self._language, f"restore_{name}")
            colour = look.main_text if main else look.text
            theme.draw_text(surface, words, px(TEXT), colour, bold=main, center=rect.center)

    def click(self, pixel: Pixel) -> Intent | None:
        for name, rect in self._buttons.items():
            if rect.collidepoint(pixel):
                return "restore", name == "restore"
        return None

    def key(self, event: pygame.Event) -> Intent | bool:
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return "restore", True
        return False
