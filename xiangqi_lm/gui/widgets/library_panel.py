"""The library panel: moves and games of the position on the board, and buttons.

It stays open during play. Keys: Tab moves through its parts, Up and Down through the rows, Enter plays the move or
opens the game, Escape returns the keyboard focus to the board.
"""

from __future__ import annotations

import pygame

from ..game.explorer import GameRow, LibraryView, MoveRow
from ..game.texts import say
from . import icons, theme
from .controls import Action, Intent, Items, Pixel
from .layout import SMALL, TEXT, TITLE, Layout

ROW = 24  # row height in pixels at scale 1
HEAD = 20  # height of the text above a list
LEAST = 250  # with less height (pixels at scale 1) the panel also covers the list of moves
BLACK_SHARE = (18, 16, 15)
DRAWN_SHARE = (104, 96, 88)


class Rows(Items):
    """A list in which a single click acts like Enter."""

    def click(self, pixel: Pixel) -> Intent | None:
        number = self.first + (pixel[1] - self.rect.top) // self._step
        if not 0 <= number < len(self.lines):
            return None
        self.chosen = number
        return self._meaning(number)

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        kept = self.chosen
        if not focused:
            self.chosen = -1  # Enter would not act on it
        super().draw(surface, layout, focused, pointer)
        self.chosen = kept


def area(layout: Layout) -> pygame.Rect:
    """Return the part of the window that the panel covers: the analysis, and in a narrow window the list of moves."""
    analysis, moves = layout.analysis, layout.moves
    if not analysis.height or analysis.left == moves.left:
        return moves.union(analysis) if analysis.height else moves
    if layout.info.height and analysis.left == layout.info.left:  # two columns
        below = min(rect.top for rect in layout.buttons.values() if rect.left >= analysis.left and rect.top > moves.top)
        free = pygame.Rect(analysis.left, layout.info.bottom + layout.px(8), analysis.width, 0)
        free.height = below - layout.px(8) - free.top
        if free.height >= layout.px(LEAST):
            return free
    return analysis if analysis.height >= moves.height else moves


class LibraryPanel:
    """The panel with its scroll positions and the part with the keyboard focus ("": none)."""

    def __init__(self) -> None:
        self.focused = ""
        self._fresh = False  # the panel got the focus before its lists were known
        self._view: LibraryView | None = None
        self._made: object = None
        self._moves = Rows("library_move", [], self._play, 0, ROW, draw_line=self._draw_move)
        self._games = Rows("library_game", [], self._open, 0, ROW, draw_line=self._draw_game)
        self._buttons: list[Action] = []
        self._close = pygame.Rect(0, 0, 0, 0)

    # ------------------------------------------------------------------------------------------------ content

    def _play(self, number: int) -> Intent | None:
        return ("library_play", self._view.moves[number].move) if self._view else None

    def _open(self, number: int) -> Intent | None:
        if self._view is None:
            return None
        game = self._view.games[number]
        return "library_open", (game.id, game.ply)

    def place(self, layout: Layout, view: LibraryView, language: str) -> None:
        """Lay out the parts for a view."""
        made = (area(layout), layout.scale, language, view)
        if made == self._made:
            return
        old, self._made, self._view = self._view, made, view
        place, px = area(layout), layout.px
        if old is None or (old.moves, old.games) != (view.moves, view.games):
            self._moves.chosen = self._moves.first = self._games.chosen = self._games.first = 0
        self._close = pygame.Rect(place.right - px(28), place.top, px(24), px(TITLE))
        inner = place.inflate(-px(16), 0)
        self._buttons = self._place_buttons(layout, inner, view, language)
        rows = max((self._buttons[0].rect.top - px(6) - place.top - px(TITLE + 2 * HEAD)) // px(ROW), 2)
        moves = min(len(view.moves), max(rows // 2, rows - len(view.games), 1))
        top = place.top + px(TITLE + HEAD)
        for items, count, lines in ((self._moves, moves, view.moves), (self._games, rows - moves, view.games)):
            items.rect = pygame.Rect(inner.left, top, inner.width, count * px(ROW))
            items.lines = [""] * len(lines)
            items.place(layout)
            top = items.rect.bottom + px(HEAD)
        answered = bool(view.moves or view.games or view.note)
        if self.focused and answered and (self._fresh or all(c.name != self.focused for c in self._order())):
            self.focused, self._fresh = self._order()[0].name, False

    def _place_buttons(self, layout: Layout, inner: pygame.Rect, view: LibraryView, language: str) -> list[Action]:
        px = layout.px
        gap, out = px(6), []
        width = (inner.width + gap) // len(view.buttons) - gap
        for i, name in enumerate(view.buttons):
            button = Action(name, say(language, f"button_{name}"), lambda name=name: (name, None))  # type: ignore[misc]
            button.live = name != "library_add_game" or view.can_add
            high = px(28)
            button.rect = pygame.Rect(inner.left + i * (width + gap), inner.bottom - px(6) - high, width, high)
            out.append(button)
        return out

    def _order(self) -> list:
        lists = [items for items in (self._moves, self._games) if items.lines]
        return [*lists, *self._buttons]

    def rectangles(self) -> dict[str, pygame.Rect]:
        """Return the clickable rectangles by name."""
        out = {"library_close": self._close}
        for control in self._order():
            out.update(control.parts())
        return out

    # ------------------------------------------------------------------------------------------------ input

    def click(self, pixel: Pixel) -> Intent | None:
        """Return the intent of a press on a pixel of the panel; the part there gets the keyboard focus."""
        if self._close.collidepoint(pixel):
            return "library", None
        for control in self._order():
            if control.rect.collidepoint(pixel):
                self.focused = control.name
                return control.click(pixel)
        return None

    def focus(self) -> None:
        """Give the keyboard focus to the first part."""
        self.focused, self._fresh, self._made = "library_add_game", True, None

    def key(self, event: pygame.Event) -> Intent | bool:
        """Return the intent of a key while the panel has the focus, or whether it was handled."""
        self._fresh = False
        order = self._order()
        control = next((c for c in order if c.name == self.focused), None)
        if control is None or event.mod & (pygame.KMOD_CTRL | pygame.KMOD_ALT | pygame.KMOD_META):
            return False
        if event.key == pygame.K_ESCAPE:
            self.focused = ""
            return True
        at = order.index(control)
        if event.key == pygame.K_TAB:
            at += -1 if event.mod & pygame.KMOD_SHIFT else 1
            self.focused = order[at % len(order)].name
            return True
        if control is self._moves and event.key == pygame.K_DOWN and control.chosen == len(control.lines) - 1:
            self.focused = order[at + 1].name
            return True
        if at and event.key == pygame.K_UP and getattr(control, "chosen", 0) == 0:
            self.focused = order[at - 1].name
            return True
        if control in self._buttons and event.key == pygame.K_DOWN:
            self.focused = order[(at + 1) % len(order)].name
            return True
        return control.key(event)

    def wheel(self, pixel: Pixel, rows: int) -> None:
        """Scroll the list under the pointer."""
        for items in (self._moves, self._games):
            if items.rect.collidepoint(pixel):
                items.scroll(rows)

    # ------------------------------------------------------------------------------------------------ drawing

    def draw(self, surface: pygame.Surface, layout: Layout, view: LibraryView, language: str, pointer: Pixel) -> None:
        """Draw the panel."""
        self.place(layout, view, language)
        place, px, look = area(layout), layout.px, layout.look
        theme.rounded(surface, place, px(10), look.card, look.accent if self.focused else look.edge)
        title = theme.fitted(view.title, px(SMALL), place.width - px(60))
        theme.draw_text(
            surface, title, px(SMALL), look.soft, midleft=(place.left + px(12), place.top + px(TITLE) // 2)
        )  # fmt: skip
        picture = icons.icon("close", px(14), look.text if self._close.collidepoint(pointer) else look.soft)
        surface.blit(picture, picture.get_rect(center=self._close.center))
        if view.note:
            self._draw_note(surface, layout, view)
        if view.moves:
            self._draw_head(surface, layout, language)
            self._moves.draw(surface, layout, self.focused == self._moves.name, pointer)
        if view.games:
            at = (place.left + px(14), self._games.rect.top - px(HEAD) // 2)
            theme.draw_text(surface, view.games_title, px(SMALL), look.soft, midleft=at)
            self._games.draw(surface, layout, self.focused == self._games.name, pointer)
        for button in self._buttons:
            button.draw(surface, layout, self.focused == button.name, pointer)

    def _draw_note(self, surface: pygame.Surface, layout: Layout, view: LibraryView) -> None:
        px, look, place = layout.px, layout.look, area(layout)
        one = bool(view.moves or view.games)  # next to the title, else instead of the lists
        colour = look.trouble if view.trouble else look.accent if one else look.text
        if one:
            room = place.width - px(60) - theme.text_width(view.title, px(SMALL)) - px(24)
            words = theme.fitted(view.note, px(SMALL), room)
            at = (self._close.left - px(8), place.top + px(TITLE) // 2)
            theme.draw_text(surface, words, px(SMALL), colour, midright=at)
            return
        lines = (self._buttons[0].rect.top - place.top - px(TITLE)) // px(18)
        for i, line in enumerate(theme.wrapped(view.note, px(13), place.width - px(28), lines)):
            at = (place.left + px(14), place.top + px(TITLE + 12 + 18 * i))
            theme.draw_text(surface, line, px(13), colour, midleft=at)

    @staticmethod
    def _columns(layout: Layout, row: pygame.Rect) -> tuple[int, int, int, int]:
        """Return the right edges of the columns of counts, scores, years and the model's shares."""
        px = layout.px
        return row.left + px(128), row.right - px(94), row.right - px(46), row.right

    def _draw_head(self, surface: pygame.Surface, layout: Layout, language: str) -> None:
        px, look = layout.px, layout.look
        row = self._moves.rect.inflate(-px(20), 0)
        middle = self._moves.rect.top - px(HEAD) // 2
        games, score, year, model = self._columns(layout, row)
        for name, right, room in (("games", games, 58), ("score", score, 90), ("year", year, 44), ("model", model, 44)):
            words = theme.fitted(say(language, f"library_head_{name}"), px(11), px(room))
            theme.draw_text(surface, words, px(11), look.soft, midright=(right, middle))
        words = theme.fitted(say(language, "library_head_move"), px(11), px(60))
        theme.draw_text(surface, words, px(11), look.soft, midleft=(row.left, middle))

    def _draw_move(self, surface: pygame.Surface, layout: Layout, row: pygame.Rect, number: int) -> None:
        assert self._view is not None
        px, look, move = layout.px, layout.look, self._view.moves[number]
        games, score, year, model = self._columns(layout, row)
        theme.draw_text(surface, move.name, px(TEXT), look.text, midleft=row.midleft)
        theme.draw_text(surface, f"{move.games:,}", px(13), look.soft, midright=(games, row.centery))
        self._draw_results(surface, layout, move, pygame.Rect(games + px(10), row.centery - px(4),
                                                              score - px(38) - games - px(10), px(8)))  # fmt: skip
        theme.draw_text(surface, move.score, px(13), look.text, midright=(score, row.centery))
        theme.draw_text(surface, move.year, px(13), look.soft, midright=(year, row.centery))
        theme.draw_text(surface, move.model, px(13), look.accent, midright=(model, row.centery))

    @staticmethod
    def _draw_results(surface: pygame.Surface, layout: Layout, move: MoveRow, bar: pygame.Rect) -> None:
        """Draw the results of the games: Red's wins, draws, Black's wins."""
        known = sum(move.results)
        if not known or bar.width < layout.px(14):
            return
        left = bar.left
        ends = [bar.left + round(bar.width * sum(move.results[: n + 1]) / known) for n in range(3)]
        for end, colour in zip(ends, (theme.RED, DRAWN_SHARE, BLACK_SHARE), strict=True):
            surface.fill(colour, (left, bar.top, end - left, bar.height))
            left = end
        pygame.draw.rect(surface, layout.look.edge, bar, 1)

    def _draw_game(self, surface: pygame.Surface, layout: Layout, row: pygame.Rect, number: int) -> None:
        assert self._view is not None
        draw_game(surface, layout, row, self._view.games[number])


def draw_game(surface: pygame.Surface, layout: Layout, row: pygame.Rect, game: GameRow) -> None:
    """Draw a game's row: players, event, year, result."""
    px, look = layout.px, layout.look
    right = row.right - px(46)
    theme.draw_text(surface, game.result, px(13), look.accent, midright=row.midright)
    theme.draw_text(surface, game.year, px(13), look.soft, midright=(right, row.centery))
    room = right - px(44) - row.left
    players = theme.fitted(game.players, px(13), round(room * (0.55 if game.event else 1)))
    shown = theme.draw_text(surface, players, px(13), look.text, midleft=row.midleft)
    left = max(shown.right + px(8), row.left + round(room * 0.5))
    event = theme.fitted(game.event, px(SMALL), row.left + room - left)
    theme.draw_text(surface, event, px(SMALL), look.soft, midleft=(left, row.centery))
