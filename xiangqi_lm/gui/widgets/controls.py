"""The controls of sheets and dialogs, usable by keyboard (Tab, arrows, Enter) and mouse.

A control changes only itself; its effect is an intent that the sheet passes to the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pygame

from . import icons, theme
from .layout import TEXT, Layout

Intent = tuple[str, Any]  # ("close", None), ("new_game", "red"), ("level", "club"), ("set", {...}) …
Pixel = tuple[int, int]


class Control(Protocol):
    """A control in a form, which sets its `rect`; `name` is unique in the form."""

    name: str
    rect: pygame.Rect
    height: int  # at scale 1
    focusable: bool

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None: ...

    def click(self, pixel: Pixel) -> Intent | None: ...

    def key(self, event: pygame.Event) -> Intent | bool: ...

    def parts(self) -> dict[str, pygame.Rect]: ...


class Basic:
    """The default behaviour of a control."""

    focusable = True
    height = 34

    def __init__(self, name: str):
        self.name = name
        self.rect = pygame.Rect(0, 0, 0, 0)

    def click(self, pixel: Pixel) -> Intent | None:
        return None

    def key(self, event: pygame.Event) -> Intent | bool:
        """Return an intent, or whether the key was handled."""
        return False

    def parts(self) -> dict[str, pygame.Rect]:
        """Return what can be clicked, by name."""
        return {self.name: self.rect}

    def place(self, layout: Layout) -> None:
        """Lay out the parts, once `rect` is known."""


class Note(Basic):
    """Lines of text; `trouble` shows them as an error."""

    focusable = False

    def __init__(self, name: str, words: str, lines: int = 1, trouble: bool = False):
        super().__init__(name)
        self.words, self._lines, self.trouble = words, lines, trouble
        self.height = 18 * lines + 4

    def parts(self) -> dict[str, pygame.Rect]:
        return {}

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        colour = look.trouble if self.trouble else look.soft
        for i, line in enumerate(theme.wrapped(self.words, px(13), self.rect.width, self._lines)):
            at = (self.rect.left, self.rect.top + px(10 + 18 * i))
            theme.draw_text(surface, line, px(13), colour, midleft=at)


class Choice(Basic):
    """A labelled row of values of which one is chosen; `meaning` returns the intent of a value."""

    def __init__(
        self,
        name: str,
        label: str,
        values: Sequence[tuple[Any, str]],
        chosen: Any,
        meaning: Callable[[Any], Intent | None] = lambda value: None,
        label_width: int = 150,
    ):
        super().__init__(name)
        self.label, self.values, self.chosen = label, list(values), chosen
        self._meaning, self._label_width = meaning, label_width
        self._segments: list[pygame.Rect] = []

    def place(self, layout: Layout) -> None:
        left = self.rect.left + layout.px(self._label_width if self.label else 0)
        room, count = self.rect.right - left, len(self.values)
        edges = [left + room * i // count for i in range(count + 1)]
        self._segments = [
            pygame.Rect(edges[i], self.rect.top, edges[i + 1] - edges[i], self.rect.height) for i in range(count)
        ]

    def parts(self) -> dict[str, pygame.Rect]:
        return {f"{self.name}={value}": rect for (value, _), rect in zip(self.values, self._segments, strict=True)}

    def choose(self, value: Any) -> Intent | None:
        self.chosen = value
        return self._meaning(value)

    def click(self, pixel: Pixel) -> Intent | None:
        for (value, _), rect in zip(self.values, self._segments, strict=True):
            if rect.collidepoint(pixel):
                return self.choose(value)
        return None

    def key(self, event: pygame.Event) -> Intent | bool:
        step = {pygame.K_LEFT: -1, pygame.K_RIGHT: 1, pygame.K_SPACE: 1}.get(event.key)
        if step is None:
            return False
        known = [value for value, _ in self.values]
        at = known.index(self.chosen) if self.chosen in known else 0
        return self.choose(known[(at + step) % len(known)]) or True

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        if self.label:
            lines = theme.wrapped(self.label, px(13), px(self._label_width - 10), 2)
            for i, line in enumerate(lines):
                at = (self.rect.left, self.rect.centery + px(8) * (2 * i - len(lines) + 1))
                theme.draw_text(surface, line, px(13), look.soft, midleft=at)
        whole = self._segments[0].unionall(self._segments[1:])
        theme.rounded(surface, whole, px(9), look.field, look.accent if focused else look.edge)
        for (value, words), rect in zip(self.values, self._segments, strict=True):
            inner = rect.inflate(-px(4), -px(4))
            if value == self.chosen:
                theme.rounded(surface, inner, px(7), look.on, look.accent)
            elif rect.collidepoint(pointer):
                theme.rounded(surface, inner, px(7), look.tile)
            colour = look.text if value == self.chosen else look.soft
            size = next((s for s in (13, 12, 11, 10) if theme.text_width(words, px(s)) <= rect.width - px(6)), 10)
            line = theme.fitted(words, px(size), rect.width - px(4))
            theme.draw_text(surface, line, px(size), colour, center=rect.center)


class Picker(Basic):
    """A choice of one among many values, by arrows at both ends or the keys Left and Right."""

    def __init__(self, name: str, label: str, values: Sequence[tuple[Any, str]], chosen: Any, label_width: int = 150):
        super().__init__(name)
        self.label, self.values, self.chosen = label, list(values), chosen
        self._label_width = label_width
        self._back = self._on = pygame.Rect(0, 0, 0, 0)

    def place(self, layout: Layout) -> None:
        left = self.rect.left + layout.px(self._label_width if self.label else 0)
        self._box = pygame.Rect(left, self.rect.top, self.rect.right - left, self.rect.height)
        wide = layout.px(34)
        self._back = pygame.Rect(left, self.rect.top, wide, self.rect.height)
        self._on = pygame.Rect(self.rect.right - wide, self.rect.top, wide, self.rect.height)

    def parts(self) -> dict[str, pygame.Rect]:
        return {f"{self.name}<": self._back, f"{self.name}>": self._on}

    def _step(self, step: int) -> None:
        known = [value for value, _ in self.values]
        at = known.index(self.chosen) if self.chosen in known else 0
        self.chosen = known[(at + step) % len(known)]

    def click(self, pixel: Pixel) -> Intent | None:
        if self._back.collidepoint(pixel):
            self._step(-1)
        elif self.rect.collidepoint(pixel):
            self._step(1)
        return None

    def key(self, event: pygame.Event) -> Intent | bool:
        step = {pygame.K_LEFT: -1, pygame.K_RIGHT: 1, pygame.K_SPACE: 1}.get(event.key)
        if step is None:
            return False
        self._step(step)
        return True

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        if self.label:
            at = (self.rect.left, self.rect.centery)
            label = theme.fitted(self.label, px(13), px(self._label_width - 10))
            theme.draw_text(surface, label, px(13), look.soft, midleft=at)
        theme.rounded(surface, self._box, px(9), look.field, look.accent if focused else look.edge)
        for rect, name in ((self._back, "back"), (self._on, "forward")):
            if rect.collidepoint(pointer):
                theme.rounded(surface, rect.inflate(-px(4), -px(4)), px(7), look.tile)
            picture = icons.icon(name, px(14), look.soft)
            surface.blit(picture, picture.get_rect(center=rect.center))
        words = next((words for value, words in self.values if value == self.chosen), str(self.chosen))
        line = theme.fitted(words, px(13), self._box.width - px(76))
        theme.draw_text(surface, line, px(13), look.text, center=self._box.center)


class Action(Basic):
    """A button; Enter presses the `main` one, regardless of the focus."""

    height = 36

    def __init__(self, name: str, words: str, meaning: Callable[[], Intent | None], main: bool = False):
        super().__init__(name)
        self.words, self._meaning, self.main = words, meaning, main
        self.live = True

    def press(self) -> Intent | None:
        return self._meaning() if self.live else None

    def click(self, pixel: Pixel) -> Intent | None:
        return self.press()

    def key(self, event: pygame.Event) -> Intent | bool:
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER, pygame.K_SPACE):
            return self.press() or True
        return False

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        over = self.rect.collidepoint(pointer) and self.live
        fill = look.main if self.main and self.live else look.hover if over else look.tile
        theme.rounded(surface, self.rect, px(8), fill, look.accent if focused or (over and self.main) else look.edge)
        if focused:
            theme.rounded(surface, self.rect.inflate(-px(4), -px(4)), px(6), fill, look.accent)
        colour = (look.main_text if self.main else look.text) if self.live else look.disabled
        line = theme.fitted(self.words, px(TEXT), self.rect.width - px(10), self.main)
        theme.draw_text(surface, line, px(TEXT), colour, bold=self.main, center=self.rect.center)


class Items(Basic):
    """A list of lines to choose from; Up, Down, Page Up and Page Down move the selection, the wheel scrolls.

    `chosen` is the number of the selected line. `meaning` returns the intent of Enter or a double click; `draw_line`
    may draw a line instead of its text.
    """

    def __init__(
        self,
        name: str,
        lines: Sequence[str],
        meaning: Callable[[int], Intent | None],
        height: int,
        row: int = 28,
        chosen: int = 0,
        draw_line: Callable[[pygame.Surface, Layout, pygame.Rect, int], None] | None = None,
        pick: Callable[[int], Intent | None] = lambda number: None,
    ):
        super().__init__(name)
        self.lines, self._meaning, self.height, self._row = list(lines), meaning, height, row
        self.chosen, self.first = chosen, 0
        self._draw_line, self._pick = draw_line, pick
        self._step = row
        self._last = (-1, 0)  # line and time of the last click

    def place(self, layout: Layout) -> None:
        self._step = layout.px(self._row)
        self._show_chosen()

    @property
    def shown(self) -> int:
        return max(self.rect.height // self._step, 1)

    def _show_chosen(self) -> None:
        self.first = min(max(self.first, self.chosen - self.shown + 1), max(self.chosen, 0))
        self.scroll(0)

    def scroll(self, rows: int) -> None:
        self.first = min(max(self.first + rows, 0), max(len(self.lines) - self.shown, 0))

    def row(self, number: int) -> pygame.Rect:
        """Return the rectangle of a line."""
        return pygame.Rect(self.rect.left, self.rect.top + (number - self.first) * self._step, self.rect.width,
                           self._step)  # fmt: skip

    def parts(self) -> dict[str, pygame.Rect]:
        last = min(self.first + self.shown, len(self.lines))
        return {f"{self.name}:{number}": self.row(number).clip(self.rect) for number in range(self.first, last)}

    def click(self, pixel: Pixel) -> Intent | None:
        number = self.first + (pixel[1] - self.rect.top) // self._step
        if not 0 <= number < len(self.lines):
            return None
        now = pygame.time.get_ticks()
        double = self._last[0] == number and now - self._last[1] < 500
        self.chosen, self._last = number, (number, now)
        return self._meaning(number) if double else self._pick(number)

    def key(self, event: pygame.Event) -> Intent | bool:
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER) and self.lines:
            return self._meaning(self.chosen) or True
        step = {pygame.K_UP: -1, pygame.K_DOWN: 1, pygame.K_PAGEUP: -self.shown, pygame.K_PAGEDOWN: self.shown,
                pygame.K_HOME: -(10**6), pygame.K_END: 10**6}.get(event.key)  # fmt: skip
        if step is None or not self.lines:
            return False
        self.chosen = min(max(self.chosen + step, 0), len(self.lines) - 1)
        self._show_chosen()
        return self._pick(self.chosen) or True

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        theme.rounded(surface, self.rect, px(8), look.field, look.accent if focused else look.edge)
        clip = surface.get_clip()
        surface.set_clip(self.rect.inflate(-2, -2))
        for number in range(self.first, min(self.first + self.shown + 1, len(self.lines))):
            row = self.row(number)
            if number == self.chosen:
                theme.rounded(surface, row.inflate(-px(6), -px(2)), px(6), look.on)
            elif row.collidepoint(pointer):
                theme.rounded(surface, row.inflate(-px(6), -px(2)), px(6), look.tile)
            if self._draw_line:
                self._draw_line(surface, layout, row.inflate(-px(20), 0), number)
            else:
                words = theme.fitted(self.lines[number], px(13), row.width - px(24))
                theme.draw_text(surface, words, px(13), look.text, midleft=(row.left + px(12), row.centery))
        surface.set_clip(clip)
        self._draw_bar(surface, layout)

    def _draw_bar(self, surface: pygame.Surface, layout: Layout) -> None:
        if len(self.lines) <= self.shown:
            return
        px = layout.px
        track = pygame.Rect(self.rect.right - px(8), self.rect.top + px(4), px(4), self.rect.height - px(8))
        height = max(track.height * self.shown // len(self.lines), px(14))
        top = track.top + (track.height - height) * self.first // max(len(self.lines) - self.shown, 1)
        theme.rounded(surface, pygame.Rect(track.left, top, track.width, height), px(2), layout.look.faint)
