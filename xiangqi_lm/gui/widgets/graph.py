"""The graph of the game: Red's expected score after every move, the marked moves and the current position."""

from __future__ import annotations

import pygame

from ..game.analysis_view import GraphView
from ..game.texts import say
from . import theme
from .layout import SMALL, Layout

PAD = 10  # pixels around the plot at scale 1
HEAD = 20  # pixels of the title
MARKS: dict[str, theme.Colour] = {
    "brilliant": (72, 176, 172),
    "good": (112, 176, 84),
    "inaccuracy": (226, 186, 72),
    "mistake": (232, 138, 54),
    "blunder": (222, 72, 58),
}
DARK_HALF: theme.Colour = (24, 21, 19)


def plot(layout: Layout) -> pygame.Rect:
    """Return the rectangle of the curve, empty if there is no room for it."""
    area, px = layout.graph, layout.px
    if not area.height:
        return pygame.Rect(0, 0, 0, 0)
    left, top = area.left + px(PAD), area.top + px(HEAD)
    return pygame.Rect(left, top, area.width - 2 * px(PAD), area.height - px(HEAD) - px(8))


def pixel_of(layout: Layout, plies: int, ply: int) -> int:
    """Return the x coordinate of a ply."""
    place = plot(layout)
    return place.left + round((place.width - 1) * ply / max(plies, 1))


def ply_at(layout: Layout, plies: int, pixel: tuple[int, int]) -> int | None:
    """Return the ply under a pixel, None outside the graph."""
    place = plot(layout)
    if not place.height or not layout.graph.collidepoint(pixel) or pixel[1] < place.top:
        return None
    part = (pixel[0] - place.left) / max(place.width - 1, 1)
    return min(max(round(part * plies), 0), plies)


def _y(place: pygame.Rect, value: float) -> float:
    return place.bottom - 1 - value * (place.height - 1)


def dot(surface: pygame.Surface, centre: tuple[float, float], radius: int, colour: theme.Colour) -> None:
    """Draw a smooth disc."""
    box = pygame.Rect(0, 0, 2 * radius, 2 * radius)
    box.center = round(centre[0]), round(centre[1])
    theme.rounded(surface, box, radius, colour)


def draw(surface: pygame.Surface, layout: Layout, graph: GraphView, language: str) -> None:
    """Draw the curve with Red's share in red and Black's in black, and a line at the current position."""
    area, px, look = layout.graph, layout.px, layout.look
    if not area.height:
        return
    theme.rounded(surface, area, px(10), look.card, look.edge)
    _draw_head(surface, layout, graph, language)
    place = plot(layout)
    theme.rounded(surface, place, px(4), DARK_HALF)
    spots = [(pixel_of(layout, graph.plies, ply), _y(place, value)) for ply, value in graph.points]
    clip = surface.get_clip()
    surface.set_clip(place)
    if len(spots) > 1:
        floor = place.bottom
        pygame.draw.polygon(surface, theme.RED, [(spots[0][0], floor), *spots, (spots[-1][0], floor)])
    for x in range(place.left, place.right, px(8)):
        pygame.draw.line(surface, look.faint, (x, place.centery), (min(x + px(3), place.right), place.centery))
    if len(spots) > 1:
        pygame.draw.aalines(surface, (250, 214, 200), False, spots)
    elif spots:
        dot(surface, spots[0], px(3), theme.RED)
    x = pixel_of(layout, graph.plies, graph.cursor)
    pygame.draw.line(surface, (250, 236, 196), (x, place.top), (x, place.bottom), max(px(1.6), 1))
    surface.set_clip(clip)
    known = dict(graph.points)
    for ply, mark in graph.marks:
        if ply in known:
            centre = pixel_of(layout, graph.plies, ply), _y(place, known[ply])
            dot(surface, centre, px(4.6), DARK_HALF)
            dot(surface, centre, px(3.4), MARKS[mark])
    if not spots:
        words = theme.fitted(say(language, "graph_empty"), px(SMALL), place.width - px(10))
        theme.draw_text(surface, words, px(SMALL), (190, 178, 160), center=(place.centerx, place.centery + px(9)))


def _draw_head(surface: pygame.Surface, layout: Layout, graph: GraphView, language: str) -> None:
    area, px, look = layout.graph, layout.px, layout.look
    middle = area.top + px(HEAD) // 2 + px(1)
    title = theme.draw_text(
        surface, say(language, "graph_title"), px(11), look.soft, midleft=(area.left + px(12), middle)
    )
    if graph.progress is not None:
        done, total = graph.progress
        words = say(language, "review_progress", done=done, total=total)
        shown = theme.draw_text(surface, words, px(11), look.accent, midright=(area.right - px(12), middle))
        bar = pygame.Rect(title.right + px(12), middle - px(2), shown.left - title.right - px(24), px(5))
        if bar.width > px(20):
            theme.rounded(surface, bar, px(2), look.field)
            bar.width = max(round(bar.width * done / total), px(4))
            theme.rounded(surface, bar, px(2), look.accent)
        return
    here = dict(graph.points).get(graph.cursor)
    if here is not None:
        theme.draw_text(
            surface, f"{100 * here:.0f}%", px(12), look.text, bold=True, midright=(area.right - px(12), middle)
        )
