"""The card of an exercise: its title, its task and, once it may be shown, the solution."""

from __future__ import annotations

import pygame

from ..game.analysis_view import AttemptView
from . import theme
from .layout import SMALL, TEXT, Layout


def answer_at(layout: Layout, attempt: AttemptView, pixel: tuple[int, int]) -> bool:
    """Return whether a pixel is on the solution."""
    return bool(attempt.names) and _answer(layout).collidepoint(pixel)


def _answer(layout: Layout) -> pygame.Rect:
    area, px = layout.graph, layout.px
    top = area.top + px(44)
    return pygame.Rect(area.left + px(12), top, area.width - px(24), max(area.bottom - px(38) - top, 0))


def draw(surface: pygame.Surface, layout: Layout, attempt: AttemptView) -> None:
    """Draw the card; its buttons are drawn with the others."""
    area, px, look = layout.graph, layout.px, layout.look
    if not area.height:
        return
    good = attempt.state in ("solved", "reply")
    theme.rounded(surface, area, px(10), look.card, look.good if good else look.accent)
    left = area.left + px(12)
    tight = area.height < px(84)
    title = theme.fitted(attempt.title, px(SMALL), area.width - px(24))
    if tight:  # put both on one line
        room = area.width - px(36) - theme.text_width(title, px(SMALL))
        words = theme.fitted("  ".join((attempt.words, *attempt.names)), px(SMALL), room, True)
        theme.draw_text(surface, title, px(SMALL), look.soft, midright=(area.right - px(12), area.top + px(18)))
        colour = look.good if good else look.text
        theme.draw_text(surface, words, px(SMALL), colour, bold=True, midleft=(left, area.top + px(18)))
        return
    theme.draw_text(surface, title, px(SMALL), look.soft, midleft=(left, area.top + px(14)))
    colour = look.good if good else look.text
    words = theme.fitted(attempt.words, px(TEXT), area.width - px(24), True)
    theme.draw_text(surface, words, px(TEXT), colour, bold=True, midleft=(left, area.top + px(34)))
    place = _answer(layout)
    if attempt.names and place.height >= px(14):
        line = theme.fitted("  ".join(attempt.names), px(13), place.width)
        theme.draw_text(surface, line, px(13), look.accent, midleft=(left, place.top + px(9)))
