"""The panel beside the board: status, list of moves, buttons."""

from __future__ import annotations

import pygame

from ...engine.levels import OWN
from ..game.texts import say
from ..game.view import View
from . import icons, pieces, theme
from .layout import SMALL, TEXT, TILES, Layout

ROW = 25  # pixels of a line of the move list at scale 1


def draw_status(surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
    """Opponent and level, the large line with the side to move, the small lines with what there is to say."""
    area, px = layout.status, layout.px
    edge = theme.RED if view.check or view.outcome else theme.CARD_EDGE
    theme.rounded(surface, area, px(10), theme.CARD, edge)
    left = area.left + px(14)
    room = layout.buttons["language"].left - px(10) - left
    head = view.opponent if view.level == OWN else say(language, "level_" + view.level)
    head = theme.fitted(head, px(SMALL), room)
    theme.draw_text(surface, head, px(SMALL), theme.TEXT_SOFT, midleft=(left, area.top + px(20)))
    king = pieces.disc(int(view.turn), px(44))
    surface.blit(king, king.get_rect(center=(left + px(17), area.top + px(57))))
    text_left = left + px(46)
    end = layout.buttons["action"].left - px(8) if view.action else area.right - px(12)
    size = next((s for s in (20, 18, 16, 14) if theme.text_width(view.status, px(s), True) <= end - text_left), 13)
    words = theme.fitted(view.status, px(size), end - text_left, True)
    colour = theme.GOLD if view.outcome else theme.TEXT
    middle = area.top + px(50 if view.message or view.detail else 57)
    theme.draw_text(surface, words, px(size), colour, bold=True, midleft=(text_left, middle))
    _draw_notes(surface, layout, view, text_left)


def _draw_notes(surface: pygame.Surface, layout: Layout, view: View, left: int) -> None:
    area, px = layout.status, layout.px
    width = area.right - px(12) - left
    notes = view.message or view.detail
    if view.message or view.action == "restart":
        colour = theme.TROUBLE if view.message_is_error or not view.message else theme.GOLD
    else:
        colour = (250, 128, 100) if view.check and not view.outcome else theme.TEXT_SOFT
    room = layout.buttons["action"].left - px(8) - left if view.action else width
    if theme.text_width(notes, px(SMALL)) <= room:
        theme.draw_text(surface, notes, px(SMALL), colour, midleft=(left, area.top + px(74)))
        return
    for i, line in enumerate(theme.wrapped(notes, px(SMALL), width, 2)):
        theme.draw_text(surface, line, px(SMALL), colour, midleft=(left, area.top + px(80 + 16 * i)))


def button_words(name: str, view: View, language: str) -> str:
    """The label of a button; empty for one that shows only its icon."""
    if name == "sound":
        return ""
    if name == "action":
        return say(language, f"action_{view.action}") if view.action else ""
    return say(language, f"button_{name}")


def label_size(name: str) -> int:
    """The text size of a button's label at scale 1."""
    return {"action": 13, "language": 14}.get(name, SMALL)


def label_room(name: str, rect: pygame.Rect, scale: float) -> int:
    """The width that a button leaves for its label."""
    return rect.width - round((34 if name == "action" else 6) * scale)


def draw_buttons(
    surface: pygame.Surface, layout: Layout, view: View, language: str, hover: str | None, held: str | None, sound: bool
) -> None:
    """All buttons in their states; `sound` tells whether sounds can be heard at all."""
    for name, rect in layout.buttons.items():
        if name == "action" and not view.action:
            continue
        live = name in view.enabled
        fill = theme.TILE
        if live and name == held:
            fill = theme.TILE_DOWN
        elif name == "arrows" and name in view.on:
            fill = theme.TILE_ON
        elif live and name == hover:
            fill = theme.TILE_HOVER
        if not live:
            fill = (44, 38, 33)
        theme.rounded(surface, rect, layout.px(8), fill, theme.CARD_EDGE if live else (54, 47, 41))
        colour = theme.TEXT if live else (98, 88, 78)
        if name == "arrows" and name in view.on:
            colour = theme.GOLD
        _draw_face(surface, layout, name, rect, button_words(name, view, language), colour, view, sound)


def _draw_face(
    surface: pygame.Surface,
    layout: Layout,
    name: str,
    rect: pygame.Rect,
    words: str,
    colour: theme.Colour,
    view: View,
    sound: bool,
) -> None:
    px = layout.px
    if name in TILES:
        picture = icons.icon(name, px(20), colour)
        surface.blit(picture, picture.get_rect(center=(rect.centerx, rect.top + px(17))))
        theme.draw_text(surface, words, px(label_size(name)), colour, center=(rect.centerx, rect.bottom - px(12)))
    elif name == "sound":
        audible = sound and "sound" in view.on
        picture = icons.icon("sound" if audible else "mute", px(18), colour if audible else theme.TEXT_FAINT)
        surface.blit(picture, picture.get_rect(center=rect.center))
    elif name == "action":
        picture = icons.icon(view.action or "stop", px(15), theme.GOLD)
        surface.blit(picture, picture.get_rect(center=(rect.left + px(16), rect.centery)))
        at = (rect.left + px(28), rect.centery)
        theme.draw_text(surface, words, px(label_size(name)), colour, midleft=at)
    else:
        theme.draw_text(surface, words, px(label_size(name)), colour, center=rect.center)


class MoveList:
    """The list of moves with its scroll position; it follows the move looked at until the player scrolls."""

    def __init__(self) -> None:
        self.first = 0
        self._followed: tuple[int, int] = (-1, -1)

    @staticmethod
    def _shown(layout: Layout) -> int:
        return max((layout.moves.height - layout.px(34)) // layout.px(ROW), 1)

    def scroll(self, layout: Layout, view: View, rows: int) -> None:
        """Move the list by some rows, within its ends."""
        self.first = min(max(self.first + rows, 0), max(len(view.rows) - self._shown(layout), 0))

    def _follow(self, layout: Layout, view: View) -> None:
        if (view.cursor, view.plies) != self._followed:
            self._followed = (view.cursor, view.plies)
            row = max(view.cursor - 1 + view.first_ply_black, 0) // 2
            shown = self._shown(layout)
            if not self.first <= row < self.first + shown:
                self.first = row - shown + 1 if row >= self.first + shown else row
        self.scroll(layout, view, 0)

    def cell(self, layout: Layout, row: int, column: int) -> pygame.Rect:
        """The rectangle of one move, `row` counted from the first one shown."""
        px, area = layout.px, layout.moves
        top = area.top + px(28) + row * px(ROW)
        left = area.left + px(44)
        width = (area.right - px(14) - left) // 2
        return pygame.Rect(left + column * width, top, width, px(ROW))

    def ply_at(self, layout: Layout, view: View, pixel: tuple[int, int]) -> int | None:
        """The ply after the move under that pixel."""
        for row in range(min(self._shown(layout), len(view.rows) - self.first)):
            for column in (0, 1):
                ply = (self.first + row) * 2 + column + 1 - view.first_ply_black
                if self.cell(layout, row, column).collidepoint(pixel) and 1 <= ply <= view.plies:
                    return ply
        return None

    def draw(self, surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
        """Number, red move, black move; the last move of the position looked at is highlighted."""
        area, px = layout.moves, layout.px
        theme.rounded(surface, area, px(10), theme.CARD, theme.CARD_EDGE)
        self._follow(layout, view)
        for column, key in enumerate(("red", "black")):
            at = (self.cell(layout, 0, column).left + px(9), area.top + px(16))
            theme.draw_text(surface, say(language, key), px(SMALL), theme.TEXT_FAINT, midleft=at)
        for row, entry in enumerate(view.rows[self.first : self.first + self._shown(layout)]):
            number = str(entry.number)
            place = self.cell(layout, row, 0)
            theme.draw_text(surface, number, px(SMALL), theme.TEXT_FAINT, midright=(place.left - px(8), place.centery))
            for column, name in enumerate((entry.red, entry.black)):
                ply = (self.first + row) * 2 + column + 1 - view.first_ply_black
                self._draw_move(surface, layout, self.cell(layout, row, column), name, column, ply - view.cursor)
        self._draw_bar(surface, layout, view)

    @staticmethod
    def _draw_move(
        surface: pygame.Surface, layout: Layout, place: pygame.Rect, name: str, column: int, after: int
    ) -> None:
        """`after` is how many plies the move lies behind the position looked at: 0 is the move that led to it."""
        px = layout.px
        if after == 0:
            theme.rounded(surface, place.inflate(-px(4), -px(2)), px(6), theme.TILE_ON)
        colour = (240, 140, 118) if column == 0 else theme.TEXT
        if after > 0:
            colour = theme.TEXT_FAINT
        at = (place.left + px(9), place.centery)
        theme.draw_text(surface, name, px(TEXT), colour, bold=after == 0, midleft=at)

    def _draw_bar(self, surface: pygame.Surface, layout: Layout, view: View) -> None:
        shown, total, px, area = self._shown(layout), len(view.rows), layout.px, layout.moves
        if total <= shown:
            return
        track = pygame.Rect(area.right - px(10), area.top + px(28), px(4), shown * px(ROW))
        theme.rounded(surface, track, px(2), (58, 50, 43))
        height = max(track.height * shown // total, px(16))
        top = track.top + (track.height - height) * self.first // (total - shown)
        theme.rounded(surface, pygame.Rect(track.left, top, track.width, height), px(2), (128, 112, 96))
