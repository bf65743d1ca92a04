"""The list of moves: pairs of main moves, variations and comments as paragraphs, with the current move marked."""

from __future__ import annotations

from dataclasses import dataclass

import pygame

from ...records.game import Path as TreePath
from ..game.analysis_view import MoveMark
from ..game.movelist import MoveItem, Paragraph
from ..game.texts import say
from ..game.tree_walk import Place
from ..game.view import View
from . import theme
from .graph import MARKS
from .layout import ROW, SMALL, TEXT, TITLE, Layout

INDENT = 14  # indentation per level of variations in pixels at scale 1
DEEPEST = 5  # most levels that are indented


@dataclass(frozen=True)
class _Piece:
    """A text in a row: its start and end, and its move (None: a comment or a number)."""

    text: str
    left: int
    right: int
    item: MoveItem | None
    main: bool = False
    comment: bool = False


@dataclass(frozen=True)
class _Row:
    """One line of the list; `depth` 0 belongs to the main line."""

    pieces: tuple[_Piece, ...]
    depth: int


class MoveListView:
    """The list with its scroll position, which follows the current move until the user scrolls."""

    def __init__(self) -> None:
        self.first = 0
        self._followed: object = None
        self._rows: list[_Row] = []
        self._made: object = None
        self._marks: dict[Place, MoveMark] = {}

    def shown(self, layout: Layout) -> int:
        """Return the number of rows that fit."""
        return max((layout.moves.height - layout.px(TITLE + 6)) // layout.px(ROW), 1)

    def rows(self, layout: Layout, view: View) -> int:
        """Return the number of rows of the list."""
        self._make(layout, view)
        return len(self._rows)

    def scroll(self, layout: Layout, view: View, rows: int) -> None:
        """Scroll the list by some rows, within its limits."""
        self._make(layout, view)
        self.first = min(max(self.first + rows, 0), max(len(self._rows) - self.shown(layout), 0))

    # ------------------------------------------------------------------------------------------------ rows

    def _make(self, layout: Layout, view: View) -> None:
        key = (id(view.blocks), layout.moves.width, layout.scale)
        if key == self._made:
            return
        self._made = key
        self._kept = view.blocks  # kept, so that no other list can get the same identity
        self._rows = []
        pending: list[MoveItem] = []
        for block in view.blocks:
            if isinstance(block, MoveItem):
                if pending and (not block.black or pending[-1].black):
                    self._flush(layout, pending)
                pending.append(block)
                if block.black:
                    self._flush(layout, pending)
            else:
                self._flush(layout, pending)
                self._wrap(layout, block)
        self._flush(layout, pending)

    def _columns(self, layout: Layout) -> tuple[int, int, int]:
        """Return the columns from the left of the list: the end of numbers, the start of Red's and of Black's moves."""
        number = layout.px(40)
        room = layout.moves.width - number - layout.px(26)
        return number, number + layout.px(8), number + layout.px(8) + room // 2

    def _flush(self, layout: Layout, pending: list[MoveItem]) -> None:
        """Add a row of one or two main moves."""
        if not pending:
            return
        number, red, black = self._columns(layout)
        size = layout.px(TEXT)
        words = f"{pending[0].number}"
        pieces = [_Piece(words, number - theme.text_width(words, layout.px(SMALL)), number, None)]
        if pending[0].black:
            pieces.append(_Piece("…", red, red + size, None))
        for item in pending:
            left = black if item.black else red
            text = item.name + item.glyphs
            pieces.append(_Piece(text, left, left + (layout.moves.width - layout.px(66)) // 2, item, main=True))
        self._rows.append(_Row(tuple(pieces), 0))
        pending.clear()

    def _wrap(self, layout: Layout, paragraph: Paragraph) -> None:
        """Break a paragraph into rows."""
        px = layout.px
        left = px(46) + px(INDENT) * min(max(paragraph.depth - 1, 0), DEEPEST)
        right = layout.moves.width - px(20)
        at, row = left, list[_Piece]()
        fresh = True  # whether the next black move needs its number

        def end_row() -> None:
            nonlocal at, row
            self._rows.append(_Row(tuple(row), paragraph.depth))
            at, row = left, []

        for part in paragraph.parts:
            if isinstance(part, str):
                text = " ".join(part.split())
                while text:
                    lines = theme.wrapped(text, px(13), right - at, 10**6) if at == left else []
                    head = lines[0] if lines else theme.wrapped(text, px(13), max(right - at, px(30)), 10**6)[0]
                    width = theme.text_width(head, px(13))
                    if at > left and (right - at < px(60) or width > right - at):
                        end_row()
                        continue
                    row.append(_Piece(head, at, at + width, None, comment=True))
                    at += width + px(8)
                    text = text[len(head) :].strip()
                    if text:
                        end_row()
                fresh = True
                continue
            numbered = not part.black or fresh
            prefix = f"{part.number}.{'..' if part.black else ''}" if numbered else ""
            text = prefix + part.name + part.glyphs
            width = theme.text_width(text, px(13))
            if at > left and at + width > right:
                end_row()
            row.append(_Piece(text, at, at + width, part))
            at += width + px(9)
            fresh = False
        if row:
            end_row()

    # ------------------------------------------------------------------------------------------------ pointing

    def place_at(self, layout: Layout, view: View, pixel: tuple[int, int]) -> Place | None:
        """Return the place after the move under that pixel."""
        self._make(layout, view)
        row = (pixel[1] - layout.moves.top - layout.px(TITLE)) // layout.px(ROW)
        x = pixel[0] - layout.moves.left
        if not 0 <= row < self.shown(layout) or self.first + row >= len(self._rows):
            return None
        for piece in self._rows[self.first + row].pieces:
            if piece.item and piece.left - layout.px(3) <= x < piece.right + layout.px(3):
                return piece.item.place
        return None

    def _follow(self, layout: Layout, view: View) -> None:
        key = (view.place, view.plies, len(self._rows), self.shown(layout))
        if key == self._followed:
            return
        self._followed = key
        row = next((n for n, row in enumerate(self._rows) if any(_is(p.item, view.place) for p in row.pieces)), 0)
        shown = self.shown(layout)
        if not self.first <= row < self.first + shown:
            self.first = row - shown + 1 if row >= self.first + shown else row
        self.scroll(layout, view, 0)

    # ------------------------------------------------------------------------------------------------ drawing

    def draw(self, surface: pygame.Surface, layout: Layout, view: View, language: str) -> None:
        """Draw the title and the rows, with the current move highlighted."""
        area, px, look = layout.moves, layout.px, layout.look
        theme.rounded(surface, area, px(10), look.card, look.edge)
        self._make(layout, view)
        self._follow(layout, view)
        title = say(language, "moves_title")
        if view.games:
            title = say(language, "moves_title_game", number=view.games[0], count=view.games[1])
        middle = area.top + px(TITLE) // 2
        theme.draw_text(surface, title, px(SMALL), look.soft, midleft=(area.left + px(12), middle))
        where = f"{view.cursor} / {view.plies}"
        theme.draw_text(surface, where, px(SMALL), look.faint, midright=(area.right - px(12), middle))
        line = _line_places(view)
        self._marks = {mark.place: mark for mark in view.analysis.marks} if view.analysis is not None else {}
        for n, row in enumerate(self._rows[self.first : self.first + self.shown(layout)]):
            top = area.top + px(TITLE) + n * px(ROW)
            if row.depth:
                x = area.left + px(40) + px(INDENT) * min(row.depth - 1, DEEPEST)
                pygame.draw.line(surface, look.edge, (x, top + px(3)), (x, top + px(ROW - 3)), max(px(2), 1))
            for piece in row.pieces:
                self._draw_piece(surface, layout, view, piece, top, line)
        if not self._rows:
            words = theme.fitted(say(language, "moves_empty"), px(SMALL), area.width - px(24))
            theme.draw_text(surface, words, px(SMALL), look.faint, midleft=(area.left + px(12), middle + px(ROW)))
        self._draw_bar(surface, layout)

    def _draw_piece(
        self, surface: pygame.Surface, layout: Layout, view: View, piece: _Piece, top: int, line: dict[object, int]
    ) -> None:
        px, look = layout.px, layout.look
        left, middle = layout.moves.left + piece.left, top + px(ROW) // 2
        if piece.item is None:
            size = px(13) if piece.comment else px(SMALL)
            colour = look.accent if piece.comment else look.faint
            theme.draw_text(surface, piece.text, size, colour, midleft=(left, middle))
            return
        here = piece.item.place == view.place
        if here:
            right = left + theme.text_width(piece.text, px(TEXT), True) + px(6) if not piece.main else None
            width = (right - left if right else piece.right - piece.left - px(6)) + px(6)
            box = pygame.Rect(left - px(6), top + px(1), width, px(ROW - 2))
            theme.rounded(surface, box, px(6), look.on)
        behind = line.get(piece.item.place, 10**6) > view.cursor
        if piece.main:
            colour = look.text if piece.item.black else look.red_move
        else:
            colour = look.soft
        if here:
            colour = look.text
        elif behind and piece.main:
            colour = look.faint
        size = px(TEXT) if piece.main else px(13)
        shown = theme.draw_text(surface, piece.text, size, colour, bold=here, midleft=(left, middle))
        if (mark := self._marks.get(piece.item.place)) is not None:
            self._draw_mark(surface, layout, piece, shown, mark, top)

    @staticmethod
    def _draw_mark(
        surface: pygame.Surface, layout: Layout, piece: _Piece, name: pygame.Rect, mark: MoveMark, top: int
    ) -> None:
        """Draw the review's mark after a move without a mark in the record, and Red's expected score."""
        px, middle = layout.px, top + layout.px(ROW) // 2
        right = name.right
        if mark.mark and piece.item is not None and not piece.item.glyphs:
            at = (name.right + px(4), middle)
            colour = MARKS[mark.mark]
            right = theme.draw_text(surface, mark.glyph, px(TEXT), colour, bold=True, midleft=at).right
        if piece.main:
            end = layout.moves.left + piece.right - px(14)
            words = f"{mark.percent}%"
            if end - theme.text_width(words, px(11)) > right + px(4):
                theme.draw_text(surface, words, px(11), layout.look.faint, midright=(end, middle))

    def _draw_bar(self, surface: pygame.Surface, layout: Layout) -> None:
        shown, total, px, area = self.shown(layout), len(self._rows), layout.px, layout.moves
        if total <= shown:
            return
        track = pygame.Rect(area.right - px(10), area.top + px(TITLE), px(4), shown * px(ROW))
        theme.rounded(surface, track, px(2), layout.look.field)
        height = max(track.height * shown // total, px(16))
        top = track.top + (track.height - height) * self.first // (total - shown)
        theme.rounded(surface, pygame.Rect(track.left, top, track.width, height), px(2), layout.look.faint)


def _is(item: MoveItem | None, place: Place) -> bool:
    return item is not None and item.place == place


def _line_places(view: View) -> dict[object, int]:
    """Return the places of the current line, with the number of plies before each."""
    out: dict[object, int] = {}
    path: TreePath = ()
    before = 0
    for step in (*view.path, None):
        last = step[0] if step else view.plies - before
        for ply in range(1, last + 1):
            out[Place(path, ply)] = before + ply
        if step:
            path, before = (*path, step), before + last
    return out
