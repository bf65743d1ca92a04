"""Drawing the whole window from the view, the layout and the pointer's state."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from ..game.analysis_view import AnalysisView
from ..game.settings import Settings
from ..game.state import Motion
from ..game.view import View
from . import (
    analysis,
    attempt_card,
    board_view,
    editor_panel,
    graph,
    library_panel,
    lines,
    panels,
    summary,
    theme,
    value_bar,
)
from .board_view import Geometry
from .layout import Layout
from .library_panel import LibraryPanel
from .line import Line
from .move_list import MoveListView

SECONDS = 0.17  # duration of a move's animation


@dataclass
class Hand:
    """The pointer's state: the button below it, the button pressed, and the piece dragged."""

    pointer: tuple[int, int] = (-1, -1)
    hover: str | None = None
    held: str | None = None
    carried: int | None = None  # the start square of the dragged piece
    pressed_at: tuple[int, int] | None = None
    dragging: bool = False


@dataclass
class Travel:
    """A piece in motion, and since when."""

    motion: Motion
    since: float

    def part(self, now: float) -> float:
        """Return the completed part of the path, 0 to 1, which slows down at the end."""
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
    """Draw board, marks, arrows, pieces, and the piece in motion on top."""
    style = settings.glyphs
    board_view.draw_board(surface, geometry, settings.coordinates, settings.board)
    hidden = set()
    if travel is not None:
        hidden.add(travel.motion.move.to_square)
    if hand.dragging and hand.carried is not None:
        hidden.add(hand.carried)
    arrows = view.selected is None and travel is None
    board_view.draw_marks(surface, geometry, view, hidden)
    if arrows:
        analysis.draw_arrows(surface, geometry, view)
        lines.draw_arrows(surface, geometry, view)
    board_view.draw_pieces(surface, geometry, view, style, hidden)
    if arrows:
        analysis.draw_shares(surface, geometry, view)
        lines.draw_numbers(surface, geometry, view)
    if travel is not None:
        start, end = geometry.point(travel.motion.move.from_square), geometry.point(travel.motion.move.to_square)
        part = travel.part(now)
        if travel.motion.taken:
            board_view.draw_piece(surface, geometry, travel.motion.taken, end, style)
        centre = (start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part)
        board_view.draw_piece(surface, geometry, travel.motion.piece, centre, style)
    elif hand.dragging and hand.carried is not None and view.pieces[hand.carried]:
        piece = view.pieces[hand.carried]
        board_view.draw_piece(surface, geometry, piece, geometry.point(hand.carried), style, 95)
        centre = hand.pointer[0], hand.pointer[1] - geometry.cell * 0.06
        board_view.draw_piece(surface, geometry, piece, centre, style)


def draw_study(surface: pygame.Surface, layout: Layout, study: AnalysisView, language: str) -> None:
    """Draw the graph or the exercise, and the summary of both sides if there is room."""
    if study.attempt is not None:
        attempt_card.draw(surface, layout, study.attempt)
    elif study.graph is not None:
        graph.draw(surface, layout, study.graph, language)
    if study.summary is not None and layout.info.height:
        summary.draw_block(surface, layout, study.summary, language)


def draw_thoughts(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """Draw the judge's or the adviser's lines, and the model's moves."""
    if view.analysis is None or not layout.analysis.height:
        analysis.draw_block(surface, layout, view, language)
        return
    area, px, look = layout.analysis, layout.px, layout.look
    theme.rounded(surface, area, px(10), look.card, look.edge)
    top = lines.draw(surface, layout, view, view.analysis)
    secret = view.analysis.attempt is not None and not view.analysis.attempt.names
    if not layout.folded("analysis") and not secret:
        inner = pygame.Rect(area.left + px(12), area.top, area.width - px(24), area.height - px(4))
        analysis.draw_candidates(surface, layout, view, language, inner, top)


def paint(
    surface: pygame.Surface,
    layout: Layout,
    geometry: Geometry,
    view: View,
    settings: Settings,
    hand: Hand,
    moves: MoveListView,
    library: LibraryPanel,
    entry: Line,
    typing: bool,
    travel: Travel | None,
    now: float,
    audible: bool,
) -> None:
    """Draw everything except overlays."""
    language = settings.language
    surface.fill(layout.look.background)
    top, bottom = view.players
    panels.draw_player(surface, layout, layout.top, top, settings.glyphs)
    panels.draw_player(surface, layout, layout.bottom, bottom, settings.glyphs)
    panels.draw_status(surface, layout, view)
    value_bar.draw(surface, layout, view, language)
    if view.analysis is not None:
        draw_study(surface, layout, view.analysis, language)
    if view.analysis is None or view.analysis.summary is None or not layout.info.height:
        panels.draw_info(surface, layout, view, language)
    panels.draw_buttons(surface, layout, view, language, hand.hover, hand.held, audible)
    if view.setup is not None:
        if editor_panel.area(layout).left != layout.analysis.left:  # else it is hidden by the editor
            draw_thoughts(surface, layout, view, language)
        editor_panel.draw(surface, layout, view.setup, language, settings.glyphs, hand.pointer)
    else:
        covered = library_panel.area(layout) if view.library is not None else pygame.Rect(0, 0, 0, 0)
        if not covered.colliderect(layout.analysis):
            draw_thoughts(surface, layout, view, language)
        if not covered.colliderect(layout.moves):
            moves.draw(surface, layout, view, language)
        if view.library is not None:
            library.draw(surface, layout, view.library, language, hand.pointer)
        entry.draw(surface, layout, typing, hand.pointer)
    if view.end is not None:
        panels.draw_end(surface, layout, view.end, language, settings.glyphs, hand.hover or "")
    paint_board(surface, geometry, view, settings, hand, travel, now)
