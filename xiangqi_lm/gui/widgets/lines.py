"""The judge's lines in analysis mode: rows of moves that react to the pointer, and their arrows."""

from __future__ import annotations

import pygame

from ...rules.moves import Move
from ..game.analysis_view import AnalysisView, JudgeLine
from ..game.view import View
from . import pieces, theme
from .analysis import arrow_points, draw_title, ends, fill_smooth, sideways
from .board_view import Geometry
from .layout import SMALL, TITLE, Layout

ROW = 23  # row height in pixels at scale 1
WORTH = 58  # width of a line's score in pixels
WIDTHS = (0.20, 0.15, 0.12, 0.10, 0.09)  # widths of the lines' arrows in cells, best first


def _area(layout: Layout) -> pygame.Rect:
    px = layout.px
    area = layout.analysis
    return pygame.Rect(area.left + px(12), area.top + px(TITLE), area.width - px(24), area.height - px(TITLE + 4))


def rows(layout: Layout, analysis: AnalysisView) -> list[tuple[JudgeLine, pygame.Rect, list[pygame.Rect]]]:
    """Return each line that fits, with the rectangles of its row and of the moves that fit."""
    if layout.folded("analysis") or not layout.analysis.height:
        return []
    px, area = layout.px, _area(layout)
    size, out = px(13), []
    for i, line in enumerate(analysis.lines[: area.height // px(ROW)]):
        row = pygame.Rect(area.left, area.top + i * px(ROW), area.width, px(ROW))
        at, boxes = row.left + px(WORTH), []
        for name in line.names:
            width = theme.text_width(name, size)
            if at + width > row.right:
                break
            boxes.append(pygame.Rect(at, row.top, width, row.height))
            at += width + px(10)
        out.append((line, row, boxes))
    return out


def height(layout: Layout, analysis: AnalysisView) -> int:
    """Return the height of the lines below the block's title in pixels, at least one row."""
    return layout.px(ROW) * max(min(len(analysis.lines), _area(layout).height // layout.px(ROW)), 1)


def line_at(layout: Layout, analysis: AnalysisView, pixel: tuple[int, int]) -> tuple[tuple[Move, ...], int] | None:
    """Return the moves of the line under a pixel, and their number up to the one under the pixel."""
    for line, row, boxes in rows(layout, analysis):
        if row.collidepoint(pixel):
            reach = layout.px(5)
            found = [i for i, box in enumerate(boxes, 1) if box.left - reach <= pixel[0] < box.right + reach]
            return line.moves, found[0] if found else 0
    return None


def draw(surface: pygame.Surface, layout: Layout, view: View, analysis: AnalysisView) -> int:
    """Draw the block's title and the lines; return the pixel below them."""
    px, look = layout.px, layout.look
    draw_title(surface, layout, layout.title("analysis"), analysis.title, layout.folded("analysis"))
    area = _area(layout)
    if not analysis.lines:
        words = theme.fitted(analysis.note, px(SMALL), area.width)
        theme.draw_text(surface, words, px(SMALL), look.faint, midleft=(area.left, area.top + px(ROW) // 2))
    for i, (line, row, boxes) in enumerate(rows(layout, analysis)):
        colour = look.good if line.good else look.red_move
        theme.draw_text(surface, line.worth, px(13), colour, bold=True, midleft=row.midleft)
        shown = analysis.shown[1] if analysis.shown is not None and analysis.shown[0] == line.moves else 0
        for n, (name, box) in enumerate(zip(line.names, boxes, strict=False), 1):
            if n == shown:
                theme.rounded(surface, box.inflate(px(8), -px(2)), px(5), look.on)
            shade = look.text if i == 0 or n <= shown else look.soft
            theme.draw_text(surface, name, px(13), shade, midleft=box.midleft)
    return area.top + height(layout, analysis)


def draw_arrows(surface: pygame.Surface, geometry: Geometry, view: View) -> None:
    """Draw the first moves of the judge's lines as green arrows below the pieces, with the best on top."""
    if view.analysis is None:
        return
    cell = geometry.cell
    for i, (move, aside) in reversed(list(enumerate(_lanes(view)))):
        start, end = ends(geometry, move, aside)
        short = 0.46 if view.pieces[move.to_square] else 0.13
        width = cell * WIDTHS[min(i, len(WIDTHS) - 1)]
        fill_smooth(surface, arrow_points(start, end, width, cell, short), theme.HINT, 235 if i == 0 else 165)
        if i == 0:
            ring = pieces.start_ring(cell, theme.HINT)
            surface.blit(ring, ring.get_rect(center=geometry.point(move.from_square)))


def _lanes(view: View) -> list[tuple[Move, float]]:
    """Return the judge's arrows with their sideways offsets, which keep the model's arrow of the same move visible."""
    assert view.analysis is not None
    arrows = view.analysis.arrows
    every = sideways([*(candidate.move for candidate in view.arrows), *arrows])
    return list(zip(arrows, every[len(view.arrows) :], strict=True))


def draw_numbers(surface: pygame.Surface, geometry: Geometry, view: View) -> None:
    """Draw the numbers of the judge's lines above the pieces, at the tails of the arrows."""
    if view.analysis is None:
        return
    cell, taken = geometry.cell, set[int]()
    for i, (move, aside) in enumerate(_lanes(view), 1):
        start, end = ends(geometry, move, aside)
        part = 0.5 if move.from_square not in taken else 0.62
        taken.add(move.from_square)
        centre = start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part
        size = max(round(cell * 0.2), 9)
        words = theme.text(str(i), size, (255, 255, 255), bold=True)
        box = pygame.Rect(0, 0, round(cell * 0.27), round(cell * 0.27))
        box.center = round(centre[0]), round(centre[1])
        theme.rounded(surface, box, box.height // 2, (*theme.HINT, 245), (216, 236, 214))
        surface.blit(words, words.get_rect(center=(box.centerx, box.centery - round(size * 0.06))))
