"""The bar of chances: Red wins, draw, Black wins, with their shares if there is room."""

from __future__ import annotations

import pygame

from ..game.texts import say
from ..game.view import View
from . import theme
from .analysis import percent
from .layout import SMALL, Layout


def labels(layout: Layout, view: View, language: str) -> list[tuple[str, pygame.Rect]]:
    """Return the texts of the value bar and their places: Red's at the left, Black's at the right, the draw's between
    them if there is room; they never overlap."""
    assert view.value is not None
    bar, px = layout.value, layout.px
    red, draw, black = (share / max(sum(view.value), 1e-6) for share in view.value)
    size = px(SMALL)

    def box(words: str) -> pygame.Rect:
        return pygame.Rect(0, 0, theme.text_width(words, size, True), size)

    out = []
    for words, short, side in (
        (say(language, "value_red", share=percent(red)), percent(red), "midleft"),
        (say(language, "value_black", share=percent(black)), percent(black), "midright"),
    ):
        for text in (words, short):
            place = box(text)
            setattr(place, side, (bar.left + px(9) if side == "midleft" else bar.right - px(9), bar.centery))
            if place.width < bar.width // 2 - px(12):
                out.append((text, place))
                break
    if len(out) == 2:
        gap = px(10)
        free = (out[0][1].right + gap, out[1][1].left - gap)
        for text in (say(language, "value_draw", share=percent(draw)), percent(draw)):
            place = box(text)
            place.center = round(bar.left + bar.width * (red + draw / 2)), bar.centery
            if place.width <= free[1] - free[0]:
                place.left = min(max(place.left, free[0]), free[1] - place.width)
                out.append((text, place))
                break
    return out


def draw(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """Draw the chances of Red, of a draw and of Black as one bar."""
    bar, px, look = layout.value, layout.px, layout.look
    if not bar.height:
        return
    if view.value is None:
        theme.rounded(surface, bar, px(8), look.card, look.edge)
        theme.draw_text(surface, say(language, "value_none"), px(11), look.faint, center=bar.center)
        return
    red, draw, black = view.value
    total = max(red + draw + black, 1e-6)
    theme.rounded(surface, bar, px(8), (104, 96, 88))
    cut = bar.left + round(bar.width * red / total), bar.right - round(bar.width * black / total)
    clip = surface.get_clip()
    for part, colour in (
        (pygame.Rect(bar.left, bar.top, cut[0] - bar.left, bar.height), theme.RED),
        (pygame.Rect(cut[1], bar.top, bar.right - cut[1], bar.height), (18, 16, 15)),
    ):
        surface.set_clip(part)
        theme.rounded(surface, bar, px(8), colour)
    surface.set_clip(clip)
    for words, place in labels(layout, view, language):
        theme.draw_text(surface, words, px(SMALL), (255, 250, 240), bold=True, midleft=place.midleft)
