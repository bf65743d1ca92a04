"""The adviser's lines, the model's moves and the bar of chances, on the board and in the panel."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pygame

from ...rules.moves import Move
from ...rules.squares import file_of, rank_of
from ..game.texts import say
from ..game.view import BestLine, Candidate, View
from . import pieces, theme
from .board_view import Geometry
from .layout import SMALL, TEXT, TITLE, Layout

ASK = (("H", "ask_hint"), ("A", "ask_arrows"), ("Tab", "ask_analysis"), ("B", "ask_library"))  # keys and their texts
LINE = 22  # row height in pixels at scale 1


def arrow_width(probability: float, cell: int) -> float:
    """Return the width of an arrow's shaft in pixels, which grows with the probability."""
    return cell * (0.045 + 0.19 * math.sqrt(max(probability, 0.0)))


def arrow_points(
    start: tuple[float, float], end: tuple[float, float], width: float, cell: float, short: float = 0.13
) -> list[tuple[float, float]]:
    """Return the outline of an arrow that begins outside one piece and ends `short` cells before the other point."""
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    dx, dy = (end[0] - start[0]) / length, (end[1] - start[1]) / length
    tail, tip = 0.36 * cell, length - short * cell
    head = min(max(width * 1.9, 0.24 * cell), max(tip - tail, 0.12 * cell))
    half, wing = width / 2, max(width * 1.15, 0.14 * cell)
    outline = [(tail, half * 0.7), (tip - head, half), (tip - head, wing), (tip, 0.0)]
    outline += [(along, -across) for along, across in reversed(outline[:3])]
    return [(start[0] + dx * a - dy * c, start[1] + dy * a + dx * c) for a, c in outline]


def fill_smooth(
    surface: pygame.Surface, points: Sequence[tuple[float, float]], colour: theme.Colour, alpha: int
) -> None:
    """Fill an outline with smooth edges and a light rim."""
    factor = 3
    left, top = (math.floor(min(p[i] for p in points)) - 2 for i in (0, 1))
    right, bottom = (math.ceil(max(p[i] for p in points)) + 2 for i in (0, 1))
    big = pygame.Surface(((right - left) * factor, (bottom - top) * factor), pygame.SRCALPHA)
    big.fill((*colour, 0))
    moved = [((x - left) * factor, (y - top) * factor) for x, y in points]
    pygame.draw.polygon(big, (*colour, alpha), moved)
    pygame.draw.polygon(big, (255, 248, 228, min(alpha + 30, 255)), moved, factor)
    surface.blit(pygame.transform.smoothscale(big, (right - left, bottom - top)), (left, top))


def sideways(moves: Sequence[Move]) -> list[float]:
    """Return the sideways offset of each arrow in cells, such that arrows along one file or rank do not overlap.

    The first arrow stays in the middle.
    """
    out: list[float] = []
    lanes: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for move in moves:
        a, b = move.from_square, move.to_square
        if file_of(a) == file_of(b):
            lane, span = ("file", file_of(a)), (rank_of(a), rank_of(b))
        elif rank_of(a) == rank_of(b):
            lane, span = ("rank", rank_of(a)), (file_of(a), file_of(b))
        else:  # only the same move shares a diagonal
            lane, span = (f"{min(a, b)}", max(a, b)), (0, 1)
        low, high = min(span), max(span)
        others = sum(1 for first, last in lanes.setdefault(lane, []) if low < last and first < high)
        lanes[lane].append((low, high))
        out.append((0.0, 0.16, -0.16, 0.3, -0.3)[min(others, 4)])
    return out


def ends(geometry: Geometry, move: Move, aside: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the pixels of both ends of a move's arrow, offset sideways by that many cells."""
    start, end = geometry.point(move.from_square), geometry.point(move.to_square)
    length = math.hypot(end[0] - start[0], end[1] - start[1])
    away = aside * geometry.cell / length
    x, y = -(end[1] - start[1]) * away, (end[0] - start[0]) * away
    return (start[0] + x, start[1] + y), (end[0] + x, end[1] + y)


def draw_arrows(surface: pygame.Surface, geometry: Geometry, view: View) -> None:
    """Draw the model's moves and the adviser's hint as arrows below the pieces, with the likeliest on top."""
    cell = geometry.cell
    aside = sideways([candidate.move for candidate in view.arrows])
    for i, candidate in reversed(list(enumerate(view.arrows))):
        start, end = ends(geometry, candidate.move, aside[i])
        short = 0.46 if view.pieces[candidate.move.to_square] else 0.13
        points = arrow_points(start, end, arrow_width(candidate.probability, cell), cell, short)
        fill_smooth(surface, points, theme.ARROW, 225 if i == 0 else 175)
    if view.hint is not None:
        start, end = geometry.point(view.hint.from_square), geometry.point(view.hint.to_square)
        short = 0.46 if view.pieces[view.hint.to_square] else 0.13
        fill_smooth(surface, arrow_points(start, end, cell * 0.2, cell, short), theme.HINT, 240)
        ring = pieces.start_ring(cell, theme.HINT)
        surface.blit(ring, ring.get_rect(center=start))


def draw_shares(surface: pygame.Surface, geometry: Geometry, view: View) -> None:
    """Draw the probabilities of the model's moves above the pieces."""
    for place, candidate in label_places(geometry, view):
        _draw_share(surface, place, candidate.probability, geometry.cell)


def label_places(geometry: Geometry, view: View) -> list[tuple[tuple[float, float], Candidate]]:
    """Return where each share is written: at the arrow's tip, above any piece there, without overlaps."""
    cell = geometry.cell
    taken: list[pygame.Rect] = []
    out: list[tuple[tuple[float, float], Candidate]] = []
    aside = sideways([candidate.move for candidate in view.arrows])
    for candidate, away in zip(view.arrows, aside, strict=True):
        _, (x, y) = ends(geometry, candidate.move, away)
        first = -0.40 if view.pieces[candidate.move.to_square] else 0.0
        for rise in (first, first + 0.29, first - 0.29, first + 0.58, first - 0.58):
            box = pygame.Rect(0, 0, round(cell * 0.6), round(cell * 0.27))
            box.center = round(x), round(y + rise * cell)
            if box.collidelist(taken) < 0:
                taken.append(box)
                out.append(((x, y + rise * cell), candidate))
                break
    return out


def percent(share: float) -> str:
    """Return `41%`, or `<1%`."""
    return f"{share * 100:.0f}%" if share >= 0.01 else "<1%"


def small_percent(share: float) -> str:
    """Return `1.3%`, or `<0.1%`."""
    return f"{share * 100:.1f}%" if share >= 0.001 else "<0.1%"


def _draw_share(surface: pygame.Surface, centre: tuple[float, float], share: float, cell: int) -> None:
    size = max(round(cell * 0.21), 9)
    words = theme.text(percent(share), size, (255, 255, 255), bold=True)
    box = pygame.Rect(0, 0, words.get_width() + round(cell * 0.13), round(cell * 0.27))
    box.center = round(centre[0]), round(centre[1])
    theme.rounded(surface, box, box.height // 2, (*theme.ARROW, 240), (214, 228, 244))
    surface.blit(words, words.get_rect(center=(box.centerx, box.centery - round(size * 0.06))))


# ------------------------------------------------------------------------------------------------ the block


def draw_block(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """Draw the adviser's best lines and, separately, the model's moves."""
    area, px, look = layout.analysis, layout.px, layout.look
    if not area.height:
        return
    theme.rounded(surface, area, px(10), look.card, look.edge)
    folded = layout.folded("analysis")
    empty = not (view.best or view.candidates or folded)
    title = view.best_title if view.best or not folded else view.candidates_title
    draw_title(surface, layout, layout.title("analysis"), say(language, "empty_title") if empty else title, folded)
    if folded:
        return
    inner = pygame.Rect(area.left + px(12), area.top + px(TITLE), area.width - px(24), area.height - px(TITLE + 4))
    if empty:
        if view.setup is None:
            _draw_keys(surface, layout, language, inner)
        return
    two_rows = area.height > px(260)
    top = _draw_best(surface, layout, view, language, inner, two_rows)
    draw_candidates(surface, layout, view, language, inner, top)


def _draw_keys(surface: pygame.Surface, layout: Layout, language: str, inner: pygame.Rect) -> None:
    """Draw the shortcuts of the hints, while none is shown."""
    px, look = layout.px, layout.look
    step = min(max(inner.height // len(ASK), px(20)), px(38))
    for i, (key, words) in enumerate(ASK[: inner.height // step]):
        middle = inner.top + step * i + step // 2
        box = pygame.Rect(inner.left, 0, px(44), min(px(24), step - px(2)))
        box.centery = middle
        theme.rounded(surface, box, px(6), look.field, look.edge)
        theme.draw_text(surface, key, px(SMALL), look.accent, center=box.center)
        text = theme.fitted(say(language, words), px(13), inner.right - box.right - px(12))
        theme.draw_text(surface, text, px(13), look.soft, midleft=(box.right + px(12), middle))


def draw_candidates(
    surface: pygame.Surface, layout: Layout, view: View, language: str, inner: pygame.Rect, top: int
) -> None:
    """Draw the model's moves from a pixel downwards, as many as fit."""
    px, look = layout.px, layout.look
    rows = (inner.bottom - top - px(LINE - 2)) // px(LINE)
    if rows < 1:
        return
    _draw_head(surface, layout, view, language, pygame.Rect(inner.left, top, inner.width, px(LINE)))
    top += px(LINE)
    if not view.candidates:
        for i, line in enumerate(theme.wrapped(say(language, "candidates_empty"), px(SMALL), inner.width, rows)):
            theme.draw_text(surface, line, px(SMALL), look.faint, midleft=(inner.left, top + px(11 + LINE * i)))
    most = rows if rows == 1 or others(view, rows)[0] == 0 else rows - 1
    places = [pygame.Rect(inner.left, top + px(LINE) * i, inner.width, px(LINE)) for i in range(rows)]
    for row, candidate in zip(places, view.candidates[:most], strict=False):
        _draw_candidate(surface, layout, row, candidate, candidate is view.candidates[0])
    shown = min(most, len(view.candidates))
    left, share = others(view, shown)
    if view.candidates and left and shown < rows:
        words = say(language, "candidates_others", moves=left)
        _draw_share_row(surface, layout, places[shown], words, share, look.faint, look.bar)


def others(view: View, shown: int) -> tuple[int, float]:
    """Return the number and probability of the legal moves without a row if the table shows `shown` moves."""
    rows = view.candidates[:shown]
    return max(view.weighed - len(rows), 0), max(1 - sum(candidate.probability for candidate in rows), 0.0)


def _draw_head(surface: pygame.Surface, layout: Layout, view: View, language: str, row: pygame.Rect) -> None:
    """Draw the title of the table and, at its right, separate from the moves, the probability of illegal ones."""
    px, look = layout.px, layout.look
    room = row.width
    if view.candidates and view.illegal is not None:
        words = say(language, "candidates_illegal", share=small_percent(view.illegal))
        theme.draw_text(surface, words, px(SMALL), look.faint, midright=row.midright)
        room -= theme.text_width(words, px(SMALL)) + px(10)
    theme.draw_text(
        surface, theme.fitted(view.candidates_title, px(SMALL), room), px(SMALL), look.soft, midleft=row.midleft
    )


def draw_title(surface: pygame.Surface, layout: Layout, place: pygame.Rect, words: str, folded: bool) -> None:
    """Draw a block's title with the mark that folds it."""
    px, look = layout.px, layout.look
    middle = place.top + px(TITLE) // 2
    x, y = place.right - px(16), middle
    reach = px(4)
    points = [(x - reach, y - reach // 2), (x, y + reach // 2), (x + reach, y - reach // 2)]
    if folded:
        points = [(a, 2 * y - b) for a, b in points]
    pygame.draw.lines(surface, look.soft, False, points, max(px(1.6), 1))
    line = theme.fitted(words, px(SMALL), place.width - px(44))
    theme.draw_text(surface, line, px(SMALL), look.soft, midleft=(place.left + px(12), middle))


def _draw_best(
    surface: pygame.Surface, layout: Layout, view: View, language: str, inner: pygame.Rect, two_rows: bool
) -> int:
    """Draw the adviser's lines; return the pixel below them."""
    px, look = layout.px, layout.look
    table = 4 if view.candidates else 1  # rows that the model's moves need: their title, two moves, all others
    high = px(40) if two_rows else px(LINE)
    most = min(max((inner.height - px(LINE) * table) // high, 1), 3)
    if not view.best:
        if "hint" not in view.enabled:
            return inner.top
        line = theme.fitted(say(language, "best_empty"), px(SMALL), inner.width)
        theme.draw_text(surface, line, px(SMALL), look.faint, midleft=(inner.left, inner.top + px(11)))
        return inner.top + px(LINE)
    top = inner.top
    for i, best in enumerate(view.best[:most]):
        top = _draw_line(surface, layout, best, pygame.Rect(inner.left, top, inner.width, px(LINE)), i == 0, two_rows)
    return top + px(2)


def _draw_line(
    surface: pygame.Surface, layout: Layout, line: BestLine, row: pygame.Rect, first: bool, two_rows: bool
) -> int:
    px, look = layout.px, layout.look
    colour = look.good if line.good else look.red_move
    theme.draw_text(surface, line.worth, px(13), colour, bold=True, midleft=row.midleft)
    left = row.left + px(58)
    lines = _rows_of(line.moves, px(13), row.right - left, 2 if two_rows else 1)
    for i, part in enumerate(lines):
        shade = look.text if first else look.soft
        theme.draw_text(surface, part, px(13), shade, midleft=(left, row.centery + px(18) * i))
    return row.bottom + px(18) * (len(lines) - 1 if lines else 0)


def _rows_of(moves: Sequence[str], size: int, width: int, rows: int) -> list[str]:
    """Return moves in rows of at most `width` pixels; moves that do not fit are left out."""
    out = [""]
    for move in moves:
        longer = f"{out[-1]}  {move}" if out[-1] else move
        if theme.text_width(longer, size) <= width:
            out[-1] = longer
        elif len(out) == rows:
            break
        else:
            out.append(move)
    return [theme.fitted(row, size, width) for row in out]


def _draw_candidate(
    surface: pygame.Surface, layout: Layout, row: pygame.Rect, candidate: Candidate, first: bool
) -> None:
    px, look = layout.px, layout.look
    colour = look.accent if candidate.played else look.text if first else look.soft
    if candidate.played:
        theme.rounded(surface, pygame.Rect(row.left - px(8), row.centery - px(8), px(3), px(16)), px(1), look.accent)
    bar = look.accent if candidate.played or first else look.bar
    _draw_share_row(surface, layout, row, candidate.name, candidate.probability, colour, bar)


def _draw_share_row(
    surface: pygame.Surface,
    layout: Layout,
    row: pygame.Rect,
    words: str,
    share: float,
    colour: theme.Colour,
    filling: theme.Colour,
) -> None:
    px = layout.px
    theme.draw_text(surface, theme.fitted(words, px(TEXT), px(78)), px(TEXT), colour, midleft=row.midleft)
    theme.draw_text(surface, percent(share), px(TEXT), colour, midright=row.midright)
    bar = pygame.Rect(row.left + px(78), row.centery - px(4), row.width - px(78) - px(48), px(8))
    theme.rounded(surface, bar, px(4), layout.look.field)
    filled = bar.copy()
    filled.width = max(round(bar.width * share), px(8))
    theme.rounded(surface, filled, px(4), filling)
