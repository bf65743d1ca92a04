"""What opens over the window: the menus of a button, the settings sheet, the page of keyboard shortcuts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import pygame

from ..game.settings import CHOICES, Settings
from ..game.texts import say
from . import icons, theme
from .layout import SMALL, TEXT, Layout

Intent = tuple[
    str, Any
]  # what a click means: ("close", None), ("new_game", "red"), ("level", "club"), ("set", {...}) …

KEYS = (  # key names, key of the text; in the order of the page
    ("help_mouse", "help_mouse_text"), ("N", "help_new_game"), ("U  Ctrl+Z", "help_take_back"),
    ("R  Ctrl+Y", "help_redo"), ("← →", "help_browse"), ("Home End", "help_ends"), ("H", "help_hint"),
    ("A", "help_arrows"), ("F", "help_flip"), ("S", "help_level"), ("Space", "help_stop"), ("Tab", "help_type"),
    ("Ctrl+O", "help_open"), ("Ctrl+S", "help_save"), ("Ctrl+C", "help_copy"), ("Ctrl+V", "help_paste"),
    ("M", "help_sound"), ("L", "help_language"), (",", "help_settings"), ("F1", "help_help"), ("Esc", "help_close"),
)  # fmt: skip


class Overlay(Protocol):
    """Something over the window that takes all clicks while it is open."""

    name: str

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        """Find the rectangles for that window; before anything else and after every change of it."""

    def rectangles(self) -> dict[str, pygame.Rect]:
        """What can be clicked, by name."""

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        """Draw it above the window."""

    def click(self, pixel: tuple[int, int]) -> Intent | None:
        """What a press on that pixel means."""


def draw_veil(surface: pygame.Surface, alpha: int) -> None:
    """Darken what lies below."""
    veil = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
    veil.fill((12, 9, 6, alpha))
    surface.blit(veil, (0, 0))


def draw_card(surface: pygame.Surface, layout: Layout, card: pygame.Rect, title: str) -> None:
    """A raised card with a soft shadow and a title."""
    px = layout.px
    for grow in range(px(12), 0, -max(px(2), 1)):
        theme.rounded(surface, card.inflate(2 * grow, 2 * grow).move(0, px(4)), px(14) + grow, (0, 0, 0, 14))
    theme.rounded(surface, card, px(14), (52, 45, 39), (92, 79, 66))
    theme.draw_text(surface, title, px(18), theme.TEXT, bold=True, midleft=(card.left + px(22), card.top + px(28)))


def draw_close(surface: pygame.Surface, layout: Layout, rect: pygame.Rect, pointer: tuple[int, int]) -> None:
    """The cross at a card's corner."""
    if rect.collidepoint(pointer):
        theme.rounded(surface, rect, layout.px(8), theme.TILE_HOVER)
    picture = icons.icon("close", layout.px(18), theme.TEXT_SOFT)
    surface.blit(picture, picture.get_rect(center=rect.center))


def close_rect(layout: Layout, card: pygame.Rect) -> pygame.Rect:
    return pygame.Rect(card.right - layout.px(44), card.top + layout.px(12), layout.px(32), layout.px(32))


@dataclass
class Menu:
    """A list of choices that hangs on a button; `current` is ticked."""

    name: str
    button: str
    items: tuple[tuple[str, Intent], ...]  # key of the text, what it means
    current: Intent | None = None

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        words = [say(language, key) for key, _ in self.items]
        width = max(theme.text_width(word, px(TEXT)) for word in words) + px(58)
        card = pygame.Rect(0, 0, width, px(36) * len(words) + px(12))
        anchor = layout.buttons[self.button]
        card.midbottom = anchor.centerx, anchor.top - px(6)
        card.clamp_ip(window.inflate(-px(12), -px(12)))
        self._card, self._words = card, words
        self._rows = [
            pygame.Rect(card.left + px(6), card.top + px(6) + i * px(36), width - px(12), px(36))
            for i in range(len(words))
        ]

    def rectangles(self) -> dict[str, pygame.Rect]:
        return {key: row for (key, _), row in zip(self.items, self._rows, strict=True)}

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        px = layout.px
        draw_veil(surface, 60)
        theme.rounded(surface, self._card.move(0, px(4)).inflate(px(6), px(6)), px(14), (0, 0, 0, 70))
        theme.rounded(surface, self._card, px(12), (52, 45, 39), (92, 79, 66))
        for (_, intent), words, row in zip(self.items, self._words, self._rows, strict=True):
            if row.collidepoint(pointer):
                theme.rounded(surface, row, px(8), theme.TILE_HOVER)
            if intent == self.current:
                pygame.draw.circle(surface, theme.GOLD, (row.left + px(15), row.centery), px(4))
            at = (row.left + px(30), row.centery)
            theme.draw_text(surface, words, px(TEXT), theme.TEXT, midleft=at)

    def click(self, pixel: tuple[int, int]) -> Intent | None:
        for (_, intent), row in zip(self.items, self._rows, strict=True):
            if row.collidepoint(pixel):
                return intent
        return None if self._card.collidepoint(pixel) else ("close", None)


class SettingsSheet:
    """Every setting as a row of choices; a click changes it at once."""

    name = "settings"

    def __init__(self, settings: Settings):
        self.settings = settings

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        width = min(px(600), window.width - px(24))
        self._card = pygame.Rect(0, 0, width, px(72) + px(46) * len(CHOICES))
        self._card.center = window.center
        self._close = close_rect(layout, self._card)
        self._segments: list[tuple[str, Any, pygame.Rect]] = []
        label = px(150)
        for i, (name, values) in enumerate(CHOICES.items()):
            left, top = self._card.left + px(22) + label, self._card.top + px(58) + px(46) * i
            room = self._card.right - px(22) - left
            for j, value in enumerate(values):
                start, end = left + room * j // len(values), left + room * (j + 1) // len(values)
                self._segments.append((name, value, pygame.Rect(start, top, end - start, px(34))))

    def rectangles(self) -> dict[str, pygame.Rect]:
        out = {f"{name}={value}": rect for name, value, rect in self._segments}
        return {**out, "close": self._close}

    def words(self, name: str, value: Any) -> str:
        """The label of one choice."""
        return say(self._language, f"choice_{name}_{value}")

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        px = layout.px
        draw_veil(surface, 130)
        draw_card(surface, layout, self._card, say(self._language, "settings_title"))
        draw_close(surface, layout, self._close, pointer)
        for name in CHOICES:
            rects = [rect for key, _, rect in self._segments if key == name]
            at = (self._card.left + px(22), rects[0].centery)
            theme.draw_text(surface, say(self._language, f"setting_{name}"), px(TEXT), theme.TEXT_SOFT, midleft=at)
            theme.rounded(surface, rects[0].unionall(rects[1:]), px(9), (38, 33, 28), theme.CARD_EDGE)
        for name, value, rect in self._segments:
            chosen = getattr(self.settings, name) == value
            if chosen:
                theme.rounded(surface, rect.inflate(-px(4), -px(4)), px(7), theme.TILE_ON, (140, 104, 52))
            elif rect.collidepoint(pointer):
                theme.rounded(surface, rect.inflate(-px(4), -px(4)), px(7), theme.TILE)
            colour = theme.TEXT if chosen else theme.TEXT_SOFT
            theme.draw_text(surface, self.words(name, value), px(13), colour, center=rect.center)

    def click(self, pixel: tuple[int, int]) -> Intent | None:
        for name, value, rect in self._segments:
            if rect.collidepoint(pixel):
                return "set", {name: value}
        if self._close.collidepoint(pixel) or not self._card.collidepoint(pixel):
            return "close", None
        return None


class HelpSheet:
    """Every keyboard shortcut."""

    name = "help"

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        columns = 2 if window.width >= px(760) else 1
        self._rows = -(-len(KEYS) // columns)
        self._step = min(px(34), (window.height - px(110)) // self._rows)
        card = pygame.Rect(0, 0, min(px(430) * columns, window.width - px(24)), px(80) + self._step * self._rows)
        card.center = window.center
        self._card, self._close = card, close_rect(layout, card)
        self._column = (card.width - px(44)) // columns

    def rectangles(self) -> dict[str, pygame.Rect]:
        return {"close": self._close}

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        px = layout.px
        draw_veil(surface, 130)
        draw_card(surface, layout, self._card, say(self._language, "help_title"))
        draw_close(surface, layout, self._close, pointer)
        for i, (keys, words) in enumerate(KEYS):
            left = self._card.left + px(22) + self._column * (i // self._rows)
            middle = self._card.top + px(60) + self._step * (i % self._rows) + self._step // 2
            names = [say(self._language, keys)] if keys.startswith("help_") else keys.split("  ")
            at = left
            for name in names:
                box = pygame.Rect(at, middle - px(12), theme.text_width(name, px(SMALL)) + px(14), px(24))
                theme.rounded(surface, box, px(6), (38, 33, 28), (98, 84, 70))
                theme.draw_text(surface, name, px(SMALL), theme.GOLD, center=box.center)
                at = box.right + px(5)
            room = left + self._column - px(10) - max(left + px(132), at + px(4))
            text = theme.fitted(say(self._language, words), px(13), room)
            theme.draw_text(surface, text, px(13), theme.TEXT, midleft=(max(left + px(132), at + px(4)), middle))

    def click(self, pixel: tuple[int, int]) -> Intent | None:
        inside = self._card.collidepoint(pixel) and not self._close.collidepoint(pixel)
        return None if inside else ("close", None)


# ------------------------------------------------------------------------------------------------ restoring a game


class RestoreCard:
    """One click continues the game of so many plies, one declines it; doing anything else puts the question off."""

    name = "restore"

    def __init__(self, plies: int):
        self._plies = plies

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        self._lines = say(language, "restore_text", plies=self._plies)
        card = layout.value.union(layout.candidates)  # nothing is shown there before the first answer
        width = (card.width - px(56)) // 2
        self._card = card
        self._buttons = {
            "decline": pygame.Rect(card.left + px(22), card.bottom - px(58), width, px(38)),
            "restore": pygame.Rect(card.right - px(22) - width, card.bottom - px(58), width, px(38)),
        }

    def rectangles(self) -> dict[str, pygame.Rect]:
        return dict(self._buttons)

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        px = layout.px
        draw_card(surface, layout, self._card, say(self._language, "restore_title"))
        room = self._card.width - px(44)
        for i, line in enumerate(theme.wrapped(self._lines, px(TEXT), room, 2)):
            at = (self._card.left + px(22), self._card.top + px(64 + 20 * i))
            theme.draw_text(surface, line, px(TEXT), theme.TEXT_SOFT, midleft=at)
        for name, rect in self._buttons.items():
            main, over = name == "restore", rect.collidepoint(pointer)
            fill = ((160, 114, 50) if over else (140, 98, 40)) if main else theme.TILE_HOVER if over else theme.TILE
            theme.rounded(surface, rect, px(8), fill, (170, 128, 66) if main else theme.CARD_EDGE)
            words = say(self._language, f"restore_{name}")
            theme.draw_text(surface, words, px(TEXT), theme.TEXT, bold=main, center=rect.center)

    def click(self, pixel: tuple[int, int]) -> Intent | None:
        for name, rect in self._buttons.items():
            if rect.collidepoint(pixel):
                return "restore", name == "restore"
        return None
