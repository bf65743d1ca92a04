"""The summary of both sides, as a sheet over the window or, if there is room, a block next to the board."""

from __future__ import annotations

import pygame

from ..game.summary_view import ReviewSummary, SideSummary
from ..game.texts import say
from . import theme
from .analysis import draw_title
from .controls import Intent, Pixel
from .forms import draw_card, draw_close, draw_veil
from .graph import MARKS, dot
from .layout import SMALL, TEXT, TITLE, Layout
from .overlays import Plain

ROW = 22  # row height in pixels at scale 1


def rows(summary: ReviewSummary, language: str) -> list[tuple[str, str, str, theme.Colour | None]]:
    """Return rows of a label, Red's figure, Black's figure, and the colour of a mark's row."""
    red, black = summary.sides

    def cent(text: str) -> str:
        return f"{text}%" if text else "–"

    out: list[tuple[str, str, str, theme.Colour | None]] = [
        (say(language, "summary_accuracy"), cent(red.accuracy), cent(black.accuracy), None),
        (say(language, "summary_loss"), cent(red.loss), cent(black.loss), None),
    ]
    for phase in dict.fromkeys(name for side in summary.sides for name, _ in side.phases):
        figures = [cent(dict(side.phases).get(phase, "")) for side in summary.sides]
        out.append((f"· {phase}", figures[0], figures[1], None))
    if red.agreement or black.agreement:
        out.append((say(language, "summary_agreement"), cent(red.agreement), cent(black.agreement), None))
    for (mark, glyph, count), (_, _, other) in zip(red.marks, black.marks, strict=True):
        out.append((glyph, str(count), str(other), MARKS[mark]))
    return out


def draw_table(
    surface: pygame.Surface, layout: Layout, place: pygame.Rect, summary: ReviewSummary, language: str, marks: bool
) -> int:
    """Draw the figures of both sides, with `marks` including a row for each mark; return the pixel below them."""
    px, look = layout.px, layout.look
    columns = place.left + round(place.width * 0.52), place.left + round(place.width * 0.82)
    middle = place.top + px(ROW) // 2
    for side, x in zip(summary.sides, columns, strict=True):
        colour = look.red_move if side.color > 0 else look.text
        theme.draw_text(surface, side.name, px(SMALL), colour, bold=True, center=(x, middle))
    table = [row for row in rows(summary, language) if marks or row[3] is None]
    for n, (label, red, black, mark) in enumerate(table, 1):
        middle = place.top + px(ROW) * n + px(ROW) // 2
        words = theme.fitted(label, px(13), columns[0] - place.left - px(40))
        theme.draw_text(surface, words, px(13), mark or look.soft, bold=mark is not None, midleft=(place.left, middle))
        for text, x in zip((red, black), columns, strict=True):
            theme.draw_text(surface, text, px(13), look.text, center=(x, middle))
    return place.top + px(ROW) * (len(table) + 1)


def draw_marks(surface: pygame.Surface, layout: Layout, side: SideSummary, at: tuple[int, int], room: int) -> None:
    """Draw a side's marks with their counts in one row, starting at a pixel."""
    px, x = layout.px, at[0]
    for mark, glyph, count in side.marks:
        words = f"{glyph} {count}"
        width = theme.text_width(words, px(SMALL), True)
        if x + width > at[0] + room:
            break
        colour = MARKS[mark] if count else layout.look.faint
        theme.draw_text(surface, words, px(SMALL), colour, bold=True, midleft=(x, at[1]))
        x += width + px(10)


def draw_block(surface: pygame.Surface, layout: Layout, summary: ReviewSummary, language: str) -> None:
    """Draw the summary instead of the game's card."""
    area, px, look = layout.info, layout.px, layout.look
    theme.rounded(surface, area, px(10), look.card, look.edge)
    folded = layout.folded("info")
    draw_title(surface, layout, layout.title("info"), say(language, "summary_title"), folded)
    if folded:
        return
    place = pygame.Rect(area.left + px(12), area.top + px(TITLE), area.width - px(24), area.height - px(TITLE + 6))
    clip = surface.get_clip()
    surface.set_clip(area)
    below = draw_table(surface, layout, place, summary, language, marks=False)
    for side in summary.sides:
        middle = below + px(ROW) // 2
        if middle + px(6) > area.bottom:
            break
        colour = look.red_move if side.color > 0 else look.text
        theme.draw_text(surface, side.name, px(SMALL), colour, bold=True, midleft=(place.left, middle))
        draw_marks(surface, layout, side, (place.left + px(56), middle), place.width - px(56))
        below += px(ROW)
    for fact in summary.facts:
        middle = below + px(ROW) // 2
        if middle + px(6) > area.bottom:
            break
        line = theme.fitted(fact, px(SMALL), place.width)
        theme.draw_text(surface, line, px(SMALL), look.soft, midleft=(place.left, middle))
        below += px(ROW)
    surface.set_clip(clip)


class SummarySheet(Plain):
    """The complete summary, with links to the turning points."""

    name = "summary"

    def __init__(self, summary: ReviewSummary):
        self._summary = summary

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._language = language
        lines = len(rows(self._summary, language)) + 1 + len(self._summary.facts)
        lines += 0 if self._summary.complete else 1
        points = self._summary.turning_points
        high = px(60) + px(ROW) * lines + (px(34 + 30 * len(points)) if points else px(8)) + px(8)
        card = pygame.Rect(0, 0, min(px(460), window.width - px(24)), min(high, window.height - px(16)))
        card.center = window.center
        self._card = card
        self._close = pygame.Rect(card.right - px(44), card.top + px(10), px(32), px(32))
        first = card.bottom - px(10) - px(30) * len(points)
        self._points = {
            f"point_{ply}": pygame.Rect(card.left + px(20), first + px(30) * i, card.width - px(40), px(27))
            for i, (ply, _, _, _) in enumerate(points)
        }

    def rectangles(self) -> dict[str, pygame.Rect]:
        return {"close": self._close, **self._points}

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: Pixel) -> None:
        px, look, summary = layout.px, layout.look, self._summary
        draw_veil(surface, 120)
        draw_card(surface, layout, self._card, say(self._language, "summary_title"))
        draw_close(surface, layout, self._close, pointer)
        left, width = self._card.left + px(22), self._card.width - px(44)
        place = pygame.Rect(left, self._card.top + px(50), width, 0)
        below = draw_table(surface, layout, place, summary, self._language, marks=True)
        facts = summary.facts if summary.complete else (*summary.facts, say(self._language, "summary_partial"))
        for fact in facts:
            line = theme.fitted(fact, px(SMALL), width)
            theme.draw_text(surface, line, px(SMALL), look.soft, midleft=(left, below + px(ROW) // 2))
            below += px(ROW)
        if self._points:
            words = say(self._language, "summary_turning")
            theme.draw_text(surface, words, px(SMALL), look.faint, midleft=(left, below + px(13)))
        for (_, name, mark, loss), rect in zip(summary.turning_points, self._points.values(), strict=True):
            over = rect.collidepoint(pointer)
            theme.rounded(surface, rect, px(7), look.hover if over else look.tile, look.edge)
            dot(surface, (rect.left + px(13), rect.centery), px(4), MARKS[mark])
            theme.draw_text(surface, name, px(TEXT), look.text, midleft=(rect.left + px(24), rect.centery))
            theme.draw_text(surface, loss, px(SMALL), look.soft, midright=(rect.right - px(10), rect.centery))

    def click(self, pixel: Pixel) -> Intent | None:
        for name, rect in self._points.items():
            if rect.collidepoint(pixel):
                return "look_at_ply", int(name.partition("_")[2])
        inside = self._card.collidepoint(pixel) and not self._close.collidepoint(pixel)
        return None if inside else ("close", None)
