"""The layout of analysis mode: a graph above the list of moves, the judge's lines, and other buttons."""

from __future__ import annotations

from collections.abc import Collection

import pygame

from . import theme
from .layout import TITLE, Layout, Rows, columns, fitting_scale, grid, halves, heights, is_tall, status_button

LARGE = ("analysis", "review", "retry", "practise", "flip")
SMALL_BUTTONS = (
    "new_game", "summary", "arrows", "settings", "menu",
    "open", "save", "help", "sound", "language",
)  # fmt: skip
FEW = ("analysis", "review", "retry", "practise", "menu")  # buttons if there is room for only one row
NAVIGATION = ("first", "back", "forward", "last")
MISTAKES = ("mistake_back", "mistake_next")
CARD = ("attempt_show", "attempt_next", "attempt_leave")  # buttons on the card of an exercise
STATUS = 76  # height of the block about the current move, in pixels at scale 1
GRAPH = (74, 128)  # least and greatest height of the graph
LOWEST = 600  # least height of a wide window with room for graph, lines and moves
LINES = TITLE + 3 * 23 + 8  # height of three lines of the judge


def arrange(
    size: tuple[int, int],
    wanted_scale: float,
    look: theme.Palette = theme.DARK,
    folded: Collection[str] = (),
    attempt: bool = False,
) -> Layout:
    """Return the layout of analysis mode for a window; with `attempt` an exercise replaces the graph."""
    scale = fitting_scale(size, wanted_scale)
    if not is_tall(size):
        scale = max(min(scale, size[1] / LOWEST), 0.5)
    if is_tall(size):
        layout = _tall(size, scale, look)
    else:
        board, beside = columns(size, scale)
        if len(beside) == 2:
            layout = _two(board, beside[0], beside[1], scale, look, folded)
        else:
            layout = _one(board, beside[0], scale, look, folded)
    if attempt and layout.graph.height:
        layout.buttons.update(card_buttons(layout))
    return layout


def card_buttons(layout: Layout) -> dict[str, pygame.Rect]:
    """Return the buttons at the bottom of an exercise's card."""
    area, px = layout.graph, layout.px
    row = pygame.Rect(area.left + px(10), area.bottom - px(36), area.width - px(20), px(28))
    return grid(row, CARD, len(CARD), px(6))


def _walk(row: pygame.Rect, scale: float) -> tuple[dict[str, pygame.Rect], pygame.Rect]:
    """Return the navigation buttons for the game and its mistakes, and the box for typed moves next to them."""
    gap, left = round(5 * scale), row.left
    out = {}
    for name in (*NAVIGATION, *MISTAKES):
        wide = round((33 if name in NAVIGATION else 52) * scale)
        out[name] = pygame.Rect(left, row.top, wide, row.height)
        left += wide + gap
    return out, pygame.Rect(left, row.top, row.right - left, row.height)


def _buttons(area: pygame.Rect, scale: float, rows: int, columns: int = 5) -> dict[str, pygame.Rect]:
    """Return the buttons: a row of large ones, and small ones below if there is room."""
    gap = round(6 * scale)
    if rows == 1:
        return grid(area, FEW, len(FEW), gap)
    large = pygame.Rect(area.left, area.top, area.width, round(44 * scale))
    small = pygame.Rect(area.left, large.bottom + gap, area.width, area.bottom - large.bottom - gap)
    return {**grid(large, LARGE, len(LARGE), gap), **grid(small, SMALL_BUTTONS, columns, gap)}


def _one(board: pygame.Rect, column: pygame.Rect, scale: float, look: theme.Palette, folded: Collection[str]) -> Layout:
    """Return a layout with one column, dropping the least important blocks first if there is little room."""
    h, gap = heights(scale), round(8 * scale)
    least_graph, most_graph = (round(height * scale) for height in GRAPH)
    status, value, lines = round(STATUS * scale), h["value"], round(LINES * scale) + 4 * round(22 * scale)
    graph, rows = most_graph, 3
    if "analysis" in folded:
        lines = h["title"]

    def rest() -> int:
        buttons = {1: h["few"], 3: h["buttons"]}[rows]
        parts = (h["card"], status, graph, value, lines, h["navigation"], buttons)
        return column.height - sum(part + gap for part in parts if part)

    if rest() < h["least"]:  # the graph already shows the chances
        value = 0
    if rest() < h["least"]:  # the model's moves need two rows more than the graph needs its height
        graph = max(round(84 * scale), graph + rest() - h["least"])
    if rest() < h["least"]:
        lines = min(lines, max(round(LINES * scale), lines + rest() - h["least"]))
    if rest() < h["least"]:
        graph = max(least_graph, graph + rest() - h["least"])
    if rest() < h["least"]:
        rows = 1
    if rest() < h["least"]:
        lines = min(lines, max(h["title"], lines + rest() - h["least"]))
        if lines < h["title"] + round(30 * scale):
            lines = h["title"]
    if rest() < h["least"]:
        status = h["status"]
    if rest() < h["least"]:
        lines = 0
    if rest() < h["least"]:
        graph = 0
    places = Rows(column.left, column.top, column.width, gap)
    top, bottom = halves(places.next(h["card"]), gap)
    status_area, graph_area, value_area = places.next(status), places.next(graph), places.next(value)
    lines_area = places.next(lines)
    moves, walk = places.next(max(rest(), 2 * h["title"])), places.next(h["navigation"])
    buttons = _buttons(places.next({1: h["few"], 3: h["buttons"]}[rows]), scale, rows)
    navigation, entry = _walk(walk, scale)
    return Layout(
        scale, look, board, top, bottom, status_area, value_area, lines_area, moves, entry, pygame.Rect(0, 0, 0, 0),
        {**navigation, **buttons, **status_button(status_area, scale)}, graph_area,
    )  # fmt: skip


def _two(
    board: pygame.Rect,
    one: pygame.Rect,
    two: pygame.Rect,
    scale: float,
    look: theme.Palette,
    folded: Collection[str],
) -> Layout:
    """Return a layout with two columns: players, graph and moves in the first, lines and summary in the second."""
    h, gap, card = heights(scale), round(8 * scale), round(60 * scale)
    status, graph, value = round(STATUS * scale), round(150 * scale), round(26 * scale)
    places = Rows(one.left, one.top, one.width, gap)
    top, value_area, graph_area = places.next(card), places.next(value), places.next(graph)
    used = 2 * card + value + graph + h["navigation"] + 5 * gap
    moves, walk, bottom = places.next(one.height - used), places.next(h["navigation"]), places.next(card)
    navigation, entry = _walk(walk, scale)
    places = Rows(two.left, two.top, two.width, gap)
    status_area = places.next(status)
    info = h["title"] if "info" in folded else round((TITLE + 10 * 22 + 8) * scale)
    room = two.height - status - info - h["buttons"] - 3 * gap
    wanted = round((TITLE + 5 * 23 + 22 + 5 * 22 + 16) * scale)
    lines_area = places.next(h["title"] if "analysis" in folded else min(room, wanted))
    info_area = places.next(info)
    area = pygame.Rect(two.left, two.bottom - h["buttons"], two.width, h["buttons"])
    return Layout(
        scale, look, board, top, bottom, status_area, value_area, lines_area, moves, entry, info_area,
        {**navigation, **_buttons(area, scale, 3), **status_button(status_area, scale)}, graph_area,
    )  # fmt: skip


def _tall(size: tuple[int, int], scale: float, look: theme.Palette) -> Layout:
    """Return the layout with the panel below the board."""
    h = heights(scale)
    margin, gap = round(12 * scale), round(8 * scale)
    width = size[0] - 2 * margin
    middle = h["least"] + h["navigation"] + gap
    area = pygame.Rect(margin, size[1] - margin - round(80 * scale), width, round(80 * scale))
    block = pygame.Rect(margin, area.top - gap - middle, width, middle)
    cards = pygame.Rect(margin, block.top - gap - h["card"], width, h["card"])
    top, bottom = halves(cards, gap)
    left, right = halves(block, gap)
    places = Rows(left.left, left.top, left.width, gap)
    status, graph = places.next(h["status"]), places.next(round(GRAPH[0] * scale))
    lines = places.next(left.bottom - graph.bottom - gap)
    moves = pygame.Rect(right.left, right.top, right.width, right.height - h["navigation"] - gap)
    walk = pygame.Rect(right.left, moves.bottom + gap, right.width, h["navigation"])
    navigation, entry = _walk(walk, scale)
    nowhere = pygame.Rect(0, 0, 0, 0)
    board = pygame.Rect(margin, margin, width, cards.top - gap - margin)
    return Layout(
        scale, look, board, top, bottom, status, nowhere, lines, moves, entry, nowhere.copy(),
        {**navigation, **_buttons(area, scale, 2, columns=10), **status_button(status, scale)}, graph,
    )  # fmt: skip
