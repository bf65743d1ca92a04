"""The question at a start after a game was left unfinished: go on with it, or not; it stands in nobody's way."""

from __future__ import annotations

import pygame

from .game.texts import say
from .widgets import theme
from .widgets.layout import TEXT, Layout
from .widgets.overlays import Intent, draw_card


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
