"""The panel of the position editor: pieces to pick, the side to move, faults and actions."""

from __future__ import annotations

import pygame

from ...rules.squares import RED
from ..game.editor import PALETTE
from ..game.texts import say, side_name
from ..game.view import Setup
from . import pieces, theme
from .controls import Intent
from .layout import SMALL, TITLE, Layout

TOOLS = ("clear", "reset", "mirror", "turn_round")


def area(layout: Layout) -> pygame.Rect:
    """Return the part of the panel that the editor covers: analysis, moves and the box for typed moves."""
    first = layout.analysis if layout.analysis.height else layout.moves
    if first.left != layout.moves.left:  # in two columns
        first = layout.moves
    return first.union(layout.moves).union(layout.entry).union(layout.buttons["first"])


def rectangles(layout: Layout) -> dict[str, pygame.Rect]:
    """Return the clickable rectangles: pieces as `pick_<letter code>`, tools, the side to move, done and cancel."""
    place, px = area(layout), layout.px
    gap = px(6)
    inner = place.inflate(-px(24), 0)
    rows = 7  # title, two of pieces, hand and side, tools, problem, end
    step = min((place.height - px(TITLE)) // (rows - 1), px(52))
    top = place.top + px(TITLE)
    out: dict[str, pygame.Rect] = {}
    size = min(step - px(4), (inner.width + gap) // 7 - gap)
    for row, sign in enumerate((1, -1)):
        for i, kind in enumerate(PALETTE):
            left = inner.left + round(i * (inner.width - size) / 6)
            out[f"pick_{sign * kind}"] = pygame.Rect(left, top + row * step, size, size)
    top += 2 * step
    third = (inner.width - 2 * gap) // 3
    height = min(step - px(8), px(36))
    for i, name in enumerate(("hand", "eraser", "side")):
        out[name] = pygame.Rect(inner.left + i * (third + gap), top, third, height)
    top += step
    quarter = (inner.width - 3 * gap) // 4
    for i, name in enumerate(TOOLS):
        out[name] = pygame.Rect(inner.left + i * (quarter + gap), top, quarter, height)
    half = (inner.width - gap) // 2
    bottom = place.bottom - px(8) - height
    for i, name in enumerate(("cancel", "done")):
        out[name] = pygame.Rect(inner.left + i * (half + gap), bottom, half, height)
    return out


def draw(surface: pygame.Surface, layout: Layout, setup: Setup, language: str, style: str, pointer: tuple) -> None:
    """Draw the panel."""
    place, px, look = area(layout), layout.px, layout.look
    theme.rounded(surface, place, px(10), look.card, look.edge)
    at = (place.left + px(12), place.top + px(TITLE) // 2)
    theme.draw_text(surface, say(language, "editing"), px(SMALL), look.soft, midleft=at)
    rects = rectangles(layout)
    for name, rect in rects.items():
        if name.startswith("pick_"):
            _draw_piece(surface, layout, int(name[5:]), rect, setup, style)
            continue
        chosen = (name == "hand" and setup.picked is None) or (name == "eraser" and setup.picked == 0)
        live = name != "done" or not setup.problem
        main = name == "done" and live
        over = rect.collidepoint(pointer) and live
        fill = look.main if main else look.on if chosen else look.hover if over else look.tile if live else look.dead
        theme.rounded(surface, rect, px(8), fill, look.edge)
        if name == "side":
            words = say(language, "to_move", side=side_name(language, setup.turn))
            dot = theme.RED if setup.turn is RED else (18, 16, 15)
            pygame.draw.circle(surface, dot, (rect.left + px(13), rect.centery), px(6))
            pygame.draw.circle(surface, look.text, (rect.left + px(13), rect.centery), px(6), 1)
        else:
            words = say(language, f"editor_{name}")
        colour = look.main_text if main else look.text if live else look.disabled
        room = rect.width - px(26 if name == "side" else 6)
        centre = (rect.centerx + (px(9) if name == "side" else 0), rect.centery)
        line = theme.fitted(words, px(SMALL), room, main)
        theme.draw_text(surface, line, px(SMALL), colour, bold=main, center=centre)
    words = setup.problem or say(language, "editor_good")
    top, room = rects["clear"].bottom + px(8), rects["done"].top - rects["clear"].bottom - px(10)
    count = max(min(room // px(18), 3), 1)
    for i, line in enumerate(theme.wrapped(words, px(13), place.width - px(24), count)):
        colour = look.trouble if setup.problem else look.good
        theme.draw_text(surface, line, px(13), colour, midleft=(place.left + px(12), top + px(8 + 18 * i)))


def _draw_piece(
    surface: pygame.Surface, layout: Layout, piece: int, rect: pygame.Rect, setup: Setup, style: str
) -> None:
    px, look = layout.px, layout.look
    if setup.picked == piece:
        theme.rounded(surface, rect.inflate(px(6), px(6)), px(8), look.on, look.accent)
    picture = pieces.small_disc(piece, rect.width, style)
    if piece not in setup.room:
        picture = picture.copy()
        picture.set_alpha(70)
    surface.blit(picture, picture.get_rect(center=rect.center))


def click(layout: Layout, pixel: tuple[int, int]) -> Intent | None:
    """Return the intent of a press on a pixel."""
    for name, rect in rectangles(layout).items():
        if rect.collidepoint(pixel):
            if name.startswith("pick_"):
                return "editor", ("pick", int(name[5:]))
            picks = {"hand": None, "eraser": 0}
            return "editor", ("pick", picks[name]) if name in picks else ({"side": "turn"}.get(name, name), None)
    return None
