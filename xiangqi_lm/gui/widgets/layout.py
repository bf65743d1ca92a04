"""The layout of a window of a given size: rectangles only, nothing is drawn here.

A wide window has the board at the left and one column next to it, a very wide one two; a tall one has the panel below
the board. Without enough room blocks fold to their titles; the list of moves always keeps six rows.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

import pygame

from . import theme

OPENING = (1180, 800)
LARGE = ("take_back", "hint", "arrows", "flip", "analysis")  # buttons with an icon
SMALL_BUTTONS = (
    "new_game", "resign", "level", "settings", "menu",
    "open", "save", "help", "sound", "language",
)  # fmt: skip
FEW = ("take_back", "hint", "flip", "settings", "menu")  # buttons if there is room for only one row
NAVIGATION = ("first", "back", "forward", "last")
TEXT = 14  # pixels of normal text at scale 1
SMALL = 12
ROW = 24  # row height of the list of moves and of tables
TITLE = 26  # title height of a block
ROWS = 6  # the least rows of the list of moves
BOARD = (9.78, 11.26)  # size of the board with its frame in cells, see board_view
COLUMN = (330, 520)  # narrowest and widest column


@dataclass(frozen=True)
class Layout:
    """Rectangles of the window's parts, with `buttons` by name; `scale` multiplies every text size.

    A folded block has the height of its title; a block without room has height 0.
    """

    scale: float
    look: theme.Palette
    board: pygame.Rect
    top: pygame.Rect  # the players' cards at the top and at the bottom of the board
    bottom: pygame.Rect
    status: pygame.Rect
    value: pygame.Rect
    analysis: pygame.Rect
    moves: pygame.Rect
    entry: pygame.Rect
    info: pygame.Rect
    buttons: dict[str, pygame.Rect] = field(default_factory=dict)
    graph: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))  # or the card of an exercise
    end: pygame.Rect = field(default_factory=lambda: pygame.Rect(0, 0, 0, 0))  # the card at the end of the game

    def px(self, length: float) -> int:
        """Return a length at scale 1 in pixels of this window."""
        return round(length * self.scale)

    def folded(self, name: str) -> bool:
        """Return whether a block shows only its title."""
        return getattr(self, name).height <= self.px(TITLE)

    def title(self, name: str) -> pygame.Rect:
        """Return the rectangle of a block's title, which folds the block when clicked."""
        area = getattr(self, name)
        return pygame.Rect(area.left, area.top, area.width, min(area.height, self.px(TITLE)))


def end_area(layout: Layout) -> pygame.Rect:
    """Return the area of the card at the end of the game: over the upper blocks of the panel, never over the board.

    Its lower edge is that of a block if that leaves enough room.
    """
    if layout.end.height:
        return layout.end
    top, px = layout.status, layout.px
    bottoms = [area.bottom for area in (layout.status, layout.value, layout.analysis) if area.left == top.left]
    high = next((bottom - top.top for bottom in bottoms if px(122) <= bottom - top.top <= px(140)), px(140))
    return pygame.Rect(top.left, top.top, top.width, high)


def with_end(layout: Layout) -> Layout:
    """Return the layout with the card at the end of the game: blocks it would cover start below it or disappear."""
    card, px = end_area(layout), layout.px
    cut: dict[str, Any] = {"end": card}
    for name, least in (("value", px(1)), ("analysis", px(TITLE + 44)), ("moves", px(TITLE))):
        area = getattr(layout, name)
        if area.height and area.colliderect(card):
            top = card.bottom + px(8)
            high = area.bottom - top if area.bottom - top >= least and name != "value" else 0
            cut[name] = pygame.Rect(area.left, top, area.width, high)
    return replace(layout, **cut)


def automatic_scale(desktop: tuple[int, int]) -> float:
    """Return the interface scale for a screen size: 1 up to 1080 lines, 2 at 2160, in steps of a quarter."""
    return min(max(round(min(desktop[0] / 1920, desktop[1] / 1080) * 4) / 4, 1.0), 2.5)


def arrange(
    size: tuple[int, int], wanted_scale: float, look: theme.Palette = theme.DARK, folded: Collection[str] = ()
) -> Layout:
    """Return the layout for a window; the scale shrinks only if even the smallest arrangement does not fit."""
    scale = fitting_scale(size, wanted_scale)
    return (_tall if is_tall(size) else _wide)(size, scale, look, folded)


def is_tall(size: tuple[int, int]) -> bool:
    """Return whether the panel is below the board."""
    return size[1] > size[0] * 1.1


def fitting_scale(size: tuple[int, int], wanted: float) -> float:
    """Return the wanted scale, or the largest at which the smallest arrangement fits."""
    needed = (600, 860) if is_tall(size) else (690, 416)
    return max(min(wanted, size[0] / needed[0], size[1] / needed[1]), 0.5)


class Rows:
    """Rectangles one below the other in a column."""

    def __init__(self, left: int, top: int, width: int, gap: int):
        self._left, self._top, self._width, self._gap = left, top, width, gap

    def next(self, height: int) -> pygame.Rect:
        rect = pygame.Rect(self._left, self._top, self._width, height)
        if height:
            self._top += height + self._gap
        return rect


def grid(area: pygame.Rect, names: Collection[str], columns: int, gap: int) -> dict[str, pygame.Rect]:
    """Return equal rectangles in rows."""
    rows = -(-len(names) // columns)
    out = {}
    for i, name in enumerate(names):
        column, row = i % columns, i // columns
        left = area.left + round((area.width + gap) * column / columns)
        right = area.left + round((area.width + gap) * (column + 1) / columns) - gap
        top = area.top + round((area.height + gap) * row / rows)
        bottom = area.top + round((area.height + gap) * (row + 1) / rows) - gap
        out[name] = pygame.Rect(left, top, right - left, bottom - top)
    return out


def _buttons(area: pygame.Rect, few: bool, scale: float, columns: int = 5) -> dict[str, pygame.Rect]:
    """Return the large buttons in one row and the small ones below them."""
    gap = round(6 * scale)
    if few:
        return grid(area, FEW, len(FEW), gap)
    large = pygame.Rect(area.left, area.top, area.width, round(44 * scale))
    small = pygame.Rect(area.left, large.bottom + gap, area.width, area.bottom - large.bottom - gap)
    return {**grid(large, LARGE, len(LARGE), gap), **grid(small, SMALL_BUTTONS, columns, gap)}


def _navigation(row: pygame.Rect, scale: float) -> tuple[dict[str, pygame.Rect], pygame.Rect]:
    """Return the four navigation buttons, and the box for typed moves next to them."""
    gap, wide = round(6 * scale), round(38 * scale)
    buttons = {name: pygame.Rect(row.left + i * (wide + gap), row.top, wide, row.height) for i, name in
               enumerate(NAVIGATION)}  # fmt: skip
    left = row.left + len(NAVIGATION) * (wide + gap)
    return buttons, pygame.Rect(left, row.top, row.right - left, row.height)


def status_button(status: pygame.Rect, scale: float) -> dict[str, pygame.Rect]:
    """Return the button inside the status block."""
    wide, high = round(88 * scale), round(30 * scale)
    return {"action": pygame.Rect(status.right - round(10 * scale) - wide, status.top + round(9 * scale), wide, high)}


def halves(row: pygame.Rect, gap: int) -> tuple[pygame.Rect, pygame.Rect]:
    """Return the two halves of a row."""
    left = pygame.Rect(row.left, row.top, (row.width - gap) // 2, row.height)
    return left, pygame.Rect(left.right + gap, row.top, row.right - left.right - gap, row.height)


def columns(size: tuple[int, int], scale: float) -> tuple[pygame.Rect, list[pygame.Rect]]:
    """Return the rectangles of the board and of the one or two columns next to it in a wide window."""
    margin = round(14 * scale)
    high = size[1] - 2 * margin
    cell = min(high / BOARD[1], (size[0] - 3 * margin - COLUMN[0] * scale) / BOARD[0])
    board_width = round(cell * BOARD[0])
    room = size[0] - board_width - 3 * margin
    two = room >= (2 * COLUMN[0] + 12) * scale
    if two:
        width = min((room - margin) // 2, round(COLUMN[1] * scale))
        spare = max(room - 2 * width - margin, 0) // 2
    else:
        width = min(room, round(COLUMN[1] * scale))
        spare = max(room - width, 0) // 2
    board = pygame.Rect(margin + spare, margin, board_width, high)
    column = pygame.Rect(board.right + margin, margin, width, high)
    return board, [column, column.move(width + margin, 0)] if two else [column]


def _wide(size: tuple[int, int], scale: float, look: theme.Palette, folded: Collection[str]) -> Layout:
    board, beside = columns(size, scale)
    gap = round(8 * scale)
    if len(beside) == 2:
        return _two_columns(beside[0], beside[1], board, scale, gap, look, folded)
    return _one_column(beside[0], board, scale, gap, look, folded)


def heights(scale: float) -> dict[str, int]:
    """Return the usual heights of blocks in pixels."""
    wanted = {"card": 50, "status": 62, "value": 22, "navigation": 34, "buttons": 116, "few": 44, "title": TITLE,
              "analysis": TITLE + 2 * 22 + 22 + 4 * 22 + 8, "least": TITLE + ROWS * ROW + 6,
              "info": TITLE + 3 * 20 + 6}  # fmt: skip
    return {name: round(height * scale) for name, height in wanted.items()}


def _one_column(
    column: pygame.Rect, board: pygame.Rect, scale: float, gap: int, look: theme.Palette, folded: Collection[str]
) -> Layout:
    h = heights(scale)
    stacked, few = True, False
    value, analysis, info = h["value"], h["analysis"], h["info"]
    if "analysis" in folded:
        analysis = h["title"]
    if "info" in folded:
        info = h["title"]

    def rest() -> int:
        cards = 2 * (h["card"] + gap) if stacked else h["card"] + gap
        used = cards + h["status"] + h["navigation"] + (h["few"] if few else h["buttons"]) + 2 * gap
        return column.height - used - gap - sum(part + gap for part in (value, analysis, info) if part)

    if rest() < h["least"]:
        info = 0
    if rest() < h["least"]:
        analysis = min(analysis, max(h["title"], analysis + rest() - h["least"]))
        if analysis < h["title"] + round(70 * scale):
            analysis = h["title"]
    if rest() < h["least"]:
        stacked = False
    if rest() < h["least"]:
        value = 0
    if rest() < h["least"]:
        analysis = 0
    if rest() < h["least"]:
        few = True
    rows = Rows(column.left, column.top, column.width, gap)
    if stacked:
        top = rows.next(h["card"])
    else:
        top, bottom = halves(rows.next(h["card"]), gap)
    status, value_rect, analysis_rect = rows.next(h["status"]), rows.next(value), rows.next(analysis)
    moves, walk = rows.next(max(rest(), 2 * h["title"])), rows.next(h["navigation"])
    info_rect = rows.next(info)
    if stacked:
        bottom = rows.next(h["card"])
    buttons = _buttons(rows.next(h["few"] if few else h["buttons"]), few, scale)
    navigation, entry = _navigation(walk, scale)
    return Layout(
        scale, look, board, top, bottom, status, value_rect, analysis_rect, moves, entry, info_rect,
        {**navigation, **buttons, **status_button(status, scale)},
    )  # fmt: skip


def _two_columns(
    one: pygame.Rect,
    two: pygame.Rect,
    board: pygame.Rect,
    scale: float,
    gap: int,
    look: theme.Palette,
    folded: Collection[str],
) -> Layout:
    h = heights(scale)
    card = round(60 * scale)
    rows = Rows(one.left, one.top, one.width, gap)
    top, status = rows.next(card), rows.next(h["status"])
    used = 2 * card + h["status"] + h["navigation"] + 4 * gap
    moves, walk, bottom = rows.next(one.height - used), rows.next(h["navigation"]), rows.next(card)
    navigation, entry = _navigation(walk, scale)
    rows = Rows(two.left, two.top, two.width, gap)
    value = rows.next(round(26 * scale))
    info = h["title"] if "info" in folded else h["info"]
    buttons_height = h["buttons"]
    room = two.height - value.height - info - buttons_height - 3 * gap
    analysis = h["title"] if "analysis" in folded else min(room, round((TITLE + 3 * 40 + 22 + 6 * 24 + 20) * scale))
    analysis_rect, info_rect = rows.next(analysis), rows.next(info)
    area = pygame.Rect(two.left, two.bottom - buttons_height, two.width, buttons_height)
    return Layout(
        scale, look, board, top, bottom, status, value, analysis_rect, moves, entry, info_rect,
        {**navigation, **_buttons(area, False, scale), **status_button(status, scale)},
    )  # fmt: skip


def _tall(size: tuple[int, int], scale: float, look: theme.Palette, folded: Collection[str]) -> Layout:
    h = heights(scale)
    margin, gap = round(12 * scale), round(8 * scale)
    width = size[0] - 2 * margin
    buttons_height = round((44 + 6 + 30) * scale)
    middle = h["least"] + h["navigation"] + gap
    area = pygame.Rect(margin, size[1] - margin - buttons_height, width, buttons_height)
    block_top = area.top - gap - middle
    cards = pygame.Rect(margin, block_top - gap - h["card"], width, h["card"])
    top, bottom = halves(cards, gap)
    left, right = halves(pygame.Rect(margin, block_top, width, middle), gap)
    rows = Rows(left.left, left.top, left.width, gap)
    status, value = rows.next(h["status"]), rows.next(h["value"])
    analysis = rows.next(left.bottom - value.bottom - gap)
    moves = pygame.Rect(right.left, right.top, right.width, right.height - h["navigation"] - gap)
    walk = pygame.Rect(right.left, moves.bottom + gap, right.width, h["navigation"])
    navigation, entry = _navigation(walk, scale)
    board = pygame.Rect(margin, margin, width, cards.top - gap - margin)
    return Layout(
        scale, look, board, top, bottom, status, value, analysis, moves, entry, pygame.Rect(0, 0, 0, 0),
        {**navigation, **_buttons(area, False, scale, columns=10), **status_button(status, scale)},
    )  # fmt: skip
