"""One picture of the whole window from the view, the layout and what the pointer does."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from ..game.settings import Settings
from ..game.state import Motion
from ..game.view import View
from . import analysis, board_view, panels, theme
from .board_view import Geometry
from .layout import Layout
from .overlays import Overlay

SECONDS = 0.17  # of a move's motion


@dataclass
class Hand:
    """What the pointer does: over which button it is, which one it holds, which man it carries."""

    pointer: tuple[int, int] = (-1, -1)
    hover: str | None = None
    held: str | None = None
    carried: int | None = None  # the crossing the man came from
    pressed_at: tuple[int, int] | None = None
    dragging: bool = False
    read: str = ""  # the end-of-game words that the player has clicked away


@dataclass
class Travel:
    """A man on its way since a time."""

    motion: Motion
    since: float

    def part(self, now: float) -> float:
        """How much of the way is done, 0 to 1; slows down at the end."""
        t = min(max((now - self.since) / SECONDS, 0.0), 1.0)
        return 1 - (1 - t) ** 3

    def over(self, now: float) -> bool:
        return now - self.since >= SECONDS


def paint_board(
    surface: pygame.Surface,
    geometry: Geometry,
    view: View,
    settings: Settings,
    hand: Hand,
    travel: Travel | None,
    now: float,
) -> None:
    """Board, marks, men, arrows, and the man in motion above all."""
    board_view.draw_board(surface, geometry, settings.coordinates)
    hidden = set()
    if travel is not None:
        hidden.add(travel.motion.move.to_square)
    if hand.dragging and hand.carried is not None:
        hidden.add(hand.carried)
    board_view.draw_men(surface, geometry, view, settings.glyphs, hidden)
    if view.selected is None and travel is None:
        analysis.draw_arrows(surface, geometry, view)
    if view.outcome and view.outcome != hand.read and travel is None:
        board_view.draw_banner(surface, geometry, view.status, view.outcome)
    if travel is not None:
        start, end = geometry.point(travel.motion.move.from_square), geometry.point(travel.motion.move.to_square)
        part = travel.part(now)
        if travel.motion.taken:
            board_view.draw_man(surface, geometry, travel.motion.taken, end, settings.glyphs)
        centre = (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
        board_view.draw_man(surface, geometry, travel.motion.piece, centre, settings.glyphs)
    elif hand.dragging and hand.carried is not None and view.pieces[hand.carried]:
        board_view.draw_man(
            surface, geometry, view.pieces[hand.carried], geometry.point(hand.carried), settings.glyphs, 95
        )
        centre = hand.pointer[0], hand.pointer[1] - geometry.cell * 0.06
        board_view.draw_man(surface, geometry, view.pieces[hand.carried], centre, settings.glyphs)


def paint(
    surface: pygame.Surface,
    layout: Layout,
    geometry: Geometry,
    view: View,
    settings: Settings,
    hand: Hand,
    moves: panels.MoveList,
    travel: Travel | None,
    now: float,
    audible: bool,
) -> None:
    """Everything but overlays and text boxes."""
    language = settings.language
    surface.fill(theme.BACKGROUND)
    panels.draw_status(surface, layout, view, language)
    analysis.draw_value(surface, layout, view, language)
    analysis.draw_candidates(surface, layout, view, language)
    moves.draw(surface, layout, view, language)
    panels.draw_buttons(surface, layout, view, language, hand.hover, hand.held, audible)
    paint_board(surface, geometry, view, settings, hand, travel, now)


def paint_overlay(surface: pygame.Surface, layout: Layout, overlay: Overlay, hand: Hand) -> None:
    """What is open over the window."""
    overlay.draw(surface, layout, hand.pointer)
