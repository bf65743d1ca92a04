"""The model's mind on the board and beside it: arrows as wide as a move is likely, its table, the bar of chances."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pygame

from ...rules.moves import Move
from ..game.texts import say
from ..game.view import Candidate, View
from . import theme
from .board_view import Geometry
from .layout import SMALL, TEXT, Layout


def arrow_width(probability: float, cell: int) -> float:
    """Pixels of an arrow's shaft; grows with the probability, so the order of widths is that of the moves."""
    return cell * (0.045 + 0.19 * math.sqrt(max(probability, 0.0)))


def _arrow_points(
    start: tuple[float, float], end: tuple[float, float], width: float, cell: float
) -> list[tuple[float, float]]:
    """The outline of an arrow that begins outside one man and whose point reaches into the other crossing's cell."""
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    tail, tip = 0.36 * cell, length - 0.13 * cell
    head = min(max(width * 1.9, 0.24 * cell), tip - tail)
    half, wing = width / 2, max(width * 1.15, 0.14 * cell)
    outline = [(tail, half * 0.7), (tip - head, half), (tip - head, wing), (tip, 0.0)]
    outline += [(along, -across) for along, across in reversed(outline[:3])]
    return [(start[0] + dx * a - dy * c, start[1] + dy * a + dx * c) for a, c in outline]


def _fill_smooth(
    surface: pygame.Surface, points: Sequence[tuple[float, float]], colour: theme.Colour, alpha: int
) -> None:
    factor = 3
    left, top = (math.floor(min(p[i] for p in points)) - 2 for i in (0, 1))
    right, bottom = (math.ceil(max(p[i] for p in points)) + 2 for i in (0, 1))
    big = pygame.Surface(((right - left) * factor, (bottom - top) * factor), pygame.SRCALPHA)
    big.fill((*colour, 0))
    moved = [((x - left) * factor, (y - top) * factor) for x, y in points]
    pygame.draw.polygon(big, (*colour, alpha), moved)
    pygame.draw.polygon(big, (255, 248, 228, min(alpha + 30, 255)), moved, factor)
    surface.blit(pygame.transform.smoothscale(big, (right - left, bottom - top)), (left, top))


def draw_arrow(
    surface: pygame.Surface, geometry: Geometry, move: Move, width: float, colour: theme.Colour, alpha: int = 205
) -> None:
    """One arrow for a move."""
    start, end = geometry.point(move.from_square), geometry.point(move.to_square)
    _fill_smooth(surface, _arrow_points(start, end, width, geometry.cell), colour, alpha)


def draw_arrows(surface: pygame.Surface, geometry: Geometry, view: View) -> None:
    """The candidates as arrows, the likeliest on top with their shares, and the hint."""
    cell = geometry.cell
    for i, candidate in reversed(list(enumerate(view.arrows))):
        width = arrow_width(candidate.probability, cell)
        draw_arrow(surface, geometry, candidate.move, width, theme.ARROW, 225 if i == 0 else 170)
    for place, candidate in _label_places(geometry, view):
        _draw_share(surface, place, candidate.probability, cell)
    if view.hint is not None:
        draw_arrow(surface, geometry, view.hint, cell * 0.2, theme.HINT, 235)


def _label_places(geometry: Geometry, view: View) -> list[tuple[tuple[float, float], Candidate]]:
    """Where each share is written: at the arrow's point, above a man that stands there, never over another share."""
    cell = geometry.cell
    taken: list[tuple[float, float]] = []
    out: list[tuple[tuple[float, float], Candidate]] = []
    for candidate in view.arrows:
        x, y = geometry.point(candidate.move.to_square)
        first = -0.40 if view.pieces[candidate.move.to_square] else 0.0
        for rise in (first, first + 0.29, first - 0.29):
            place = (x, y + rise * cell)
            if place not in taken:
                taken.append(place)
                out.append((place, candidate))
                break
    return out


def percent(share: float) -> str:
    """`41%`, or `<1%`."""
    return f"{share * 100:.0f}%" if share >= 0.01 else "<1%"


def _draw_share(surface: pygame.Surface, centre: tuple[float, float], share: float, cell: int) -> None:
    size = max(round(cell * 0.21), 9)
    words = theme.text(percent(share), size, (255, 255, 255), bold=True)
    box = pygame.Rect(0, 0, words.get_width() + round(cell * 0.13), round(cell * 0.27))
    box.center = round(centre[0]), round(centre[1])
    theme.rounded(surface, box, box.height // 2, (*theme.ARROW, 240), (214, 228, 244))
    surface.blit(words, words.get_rect(center=(box.centerx, box.centery - round(size * 0.06))))


def draw_candidates(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """The table: move, share as bar and number; the move that was played is marked."""
    area, px = layout.candidates, layout.px
    theme.rounded(surface, area, px(10), theme.CARD, theme.CARD_EDGE)
    inner = area.inflate(-px(24), -px(12))
    title = theme.fitted(view.candidates_title, px(SMALL), inner.width)
    theme.draw_text(surface, title, px(SMALL), theme.TEXT_SOFT, midleft=(inner.left, inner.top + px(9)))
    if not view.candidates:
        lines = theme.wrapped(say(language, "candidates_empty"), px(SMALL), inner.width, 3)
        for i, line in enumerate(lines):
            at = (inner.left, inner.top + px(40 + 20 * i))
            theme.draw_text(surface, line, px(SMALL), theme.TEXT_FAINT, midleft=at)
    for i, candidate in enumerate(view.candidates[: layout.candidate_rows]):
        row = pygame.Rect(inner.left, inner.top + px(22 + 24 * i), inner.width, px(24))
        _draw_candidate(surface, layout, row, candidate, i == 0)


def _draw_candidate(
    surface: pygame.Surface, layout: Layout, row: pygame.Rect, candidate: Candidate, first: bool
) -> None:
    px = layout.px
    colour = theme.GOLD if candidate.played else theme.TEXT if first else theme.TEXT_SOFT
    if candidate.played:
        theme.rounded(surface, pygame.Rect(row.left - px(9), row.centery - px(8), px(3), px(16)), px(1), theme.GOLD)
    theme.draw_text(surface, candidate.name, px(TEXT), colour, midleft=row.midleft)
    if candidate.name != candidate.move.iccs():
        at = (row.left + px(72), row.centery)
        theme.draw_text(surface, candidate.move.iccs(), px(11), theme.TEXT_FAINT, midleft=at)
    theme.draw_text(surface, percent(candidate.probability), px(TEXT), colour, midright=row.midright)
    bar = pygame.Rect(row.left + px(112), row.centery - px(4), row.width - px(112) - px(48), px(8))
    theme.rounded(surface, bar, px(4), (60, 52, 45))
    filled = bar.copy()
    filled.width = max(round(bar.width * candidate.probability), px(8))
    theme.rounded(surface, filled, px(4), theme.GOLD if candidate.played or first else (168, 132, 78))


def draw_value(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """The chances of red, of a draw and of black as one bar."""
    bar, px = layout.value, layout.px
    if view.value is None:
        theme.rounded(surface, bar, px(8), theme.CARD, theme.CARD_EDGE)
        theme.draw_text(surface, say(language, "value_none"), px(11), theme.TEXT_FAINT, center=bar.center)
        return
    red, draw, black = view.value
    total = max(red + draw + black, 1e-6)
    theme.rounded(surface, bar, px(8), theme.DRAW_GREY)
    cut = bar.left + round(bar.width * red / total), bar.right - round(bar.width * black / total)
    clip = surface.get_clip()
    for part, colour in (
        (pygame.Rect(bar.left, bar.top, cut[0] - bar.left, bar.height), theme.RED),
        (pygame.Rect(cut[1], bar.top, bar.right - cut[1], bar.height), (18, 16, 15)),
    ):
        surface.set_clip(part)
        theme.rounded(surface, bar, px(8), colour)
    surface.set_clip(clip)
    middle = say(language, "value_draw", share=percent(draw / total))
    if theme.text_width(middle, px(SMALL)) + px(12) < cut[1] - cut[0]:
        at = ((cut[0] + cut[1]) / 2, bar.centery)
        theme.draw_text(surface, middle, px(SMALL), (38, 33, 28), center=at)
    white, at_left, at_right = (255, 246, 232), bar.left + px(9), bar.right - px(9)
    for_red = say(language, "value_red", share=percent(red / total))
    theme.draw_text(surface, for_red, px(SMALL), white, bold=True, midleft=(at_left, bar.centery))
    for_black = say(language, "value_black", share=percent(black / total))
    theme.draw_text(surface, for_black, px(SMALL), white, bold=True, midright=(at_right, bar.centery))
