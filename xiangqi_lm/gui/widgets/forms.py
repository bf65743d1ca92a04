"""What sheets and dialogs are made of: controls that the keyboard reaches (Tab, arrows, Enter) as well as the mouse.

A control never changes anything but itself; what it means is an intent that the sheet hands to the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import pygame

from . import icons, theme
from .layout import SMALL, TEXT, Layout

Intent = tuple[str, Any]  # ("close", None), ("new_game", "red"), ("level", "club"), ("set", {...}) …
Pixel = tuple[int, int]


class Control(Protocol):
    """Something in a form; `rect` is set by the form, `name` is unique in it."""

    name: str
    rect: pygame.Rect
    height: int  # at scale 1
    focusable: bool

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None: ...

    def click(self, pixel: Pixel) -> Intent | None: ...

    def key(self, event: pygame.Event) -> Intent | bool: ...

    def parts(self) -> dict[str, pygame.Rect]: ...


class Basic:
    """The usual answers of a control."""

    focusable = True
    height = 34

    def __init__(self, name: str):
        self.name = name
        self.rect = pygame.Rect(0, 0, 0, 0)

    def click(self, pixel: Pixel) -> Intent | None:
        return None

    def key(self, event: pygame.Event) -> Intent | bool:
        """Return an intent, or whether the key was taken."""
        return False

    def parts(self) -> dict[str, pygame.Rect]:
        """Return what can be clicked, by name."""
        return {self.name: self.rect}

    def place(self, layout: Layout) -> None:
        """Find the places of parts once `rect` is known."""


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
    """A row of values of which one is chosen, with its label at the left; `meaning` makes the intent of a value."""

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
    """One of many values: arrows at both ends step through them; Left and Right do the same."""

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
    """A button; `main` is what Enter presses wherever the focus is."""

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
    """A list of lines to choose from; Up and Down, Page Up and Page Down move the choice, the wheel scrolls.

    `chosen` is the number of the chosen line. `meaning` makes the intent of Enter or a double click; `draw_line` may
    draw a line instead of its text.
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


class Line(Basic):
    """A line to type in: cursor, selection, clipboard, input methods; `meaning` makes the intent of Enter."""

    height = 34

    def __init__(
        self,
        name: str,
        text: str = "",
        label: str = "",
        longest: int = 1000,
        placeholder: str = "",
        meaning: Callable[[], Intent | None] = lambda: None,
        label_width: int = 110,
    ):
        super().__init__(name)
        self.label, self.placeholder, self._longest, self._meaning = label, placeholder, longest, meaning
        self._label_width = label_width
        self.text = text
        self.cursor = self.anchor = len(text)
        self.composing = ""  # what an input method shows before it is chosen
        self._shift = 0
        self._box = pygame.Rect(0, 0, 0, 0)
        self._size = TEXT

    # -------------------------------------------------------------------------------------------- the text

    def set_text(self, text: str) -> None:
        """Replace the text; the cursor goes to its end."""
        self.text = text[: self._longest]
        self.cursor = self.anchor = len(self.text)

    def select_all(self) -> None:
        """Select everything, so that what is typed next replaces it."""
        self.anchor, self.cursor = 0, len(self.text)

    @property
    def selected(self) -> str:
        low, high = sorted((self.anchor, self.cursor))
        return self.text[low:high]

    def insert(self, words: str) -> None:
        """Put text in place of what is selected."""
        words = "".join(c for c in words.replace("\r\n", " ").replace("\n", " ").replace("\t", " ") if c.isprintable())
        low, high = sorted((self.anchor, self.cursor))
        words = words[: self._longest - len(self.text) + high - low]
        self.text = self.text[:low] + words + self.text[high:]
        self.cursor = self.anchor = low + len(words)

    # -------------------------------------------------------------------------------------------- keys and mouse

    def place(self, layout: Layout) -> None:
        left = self.rect.left + layout.px(self._label_width if self.label else 0)
        self._box = pygame.Rect(left, self.rect.top, self.rect.right - left, self.rect.height)
        self._size = layout.px(TEXT)

    def parts(self) -> dict[str, pygame.Rect]:
        return {self.name: self._box}

    def key(self, event: pygame.Event) -> Intent | bool:
        control = event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
        if self.composing:
            return True  # the input method's
        if control and event.key in (pygame.K_a, pygame.K_c, pygame.K_x, pygame.K_v):
            self._clipboard(event.key)
            return True
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return self._meaning() or False
        if event.key in (pygame.K_BACKSPACE, pygame.K_DELETE):
            if self.anchor == self.cursor:
                step = -1 if event.key == pygame.K_BACKSPACE else 1
                self.anchor = min(max(self.cursor + step, 0), len(self.text))
            self.insert("")
            return True
        to = {pygame.K_LEFT: self.cursor - 1, pygame.K_RIGHT: self.cursor + 1, pygame.K_HOME: 0,
              pygame.K_END: len(self.text)}.get(event.key)  # fmt: skip
        if to is None:
            return bool(event.unicode and event.unicode.isprintable() and not control)  # it comes as a text
        self.cursor = min(max(to, 0), len(self.text))
        if not event.mod & pygame.KMOD_SHIFT:
            self.anchor = self.cursor
        return True

    def _clipboard(self, key: int) -> None:
        if key == pygame.K_a:
            self.select_all()
            return
        try:
            if key == pygame.K_v:
                self.insert(pygame.scrap.get_text())
            elif self.selected:
                pygame.scrap.put_text(self.selected)
                if key == pygame.K_x:
                    self.insert("")
        except pygame.error:  # there is no clipboard, or nothing in it
            return

    def typed(self, words: str) -> None:
        """Take text from the keyboard or an input method."""
        self.composing = ""
        self.insert(words)

    def click(self, pixel: Pixel) -> Intent | None:
        x = pixel[0] - self._box.left - self._size // 2 + self._shift
        widths = [theme.text_width(self.text[:n], self._size) for n in range(len(self.text) + 1)]
        self.cursor = self.anchor = min(range(len(widths)), key=lambda n: abs(widths[n] - x))
        return None

    def caret(self) -> pygame.Rect:
        """Return where the cursor stands: there an input method shows its candidates."""
        x = self._box.left + self._size // 2 - self._shift + theme.text_width(self.text[: self.cursor], self._size)
        return pygame.Rect(x, self._box.top + self._size // 2, 2, self._box.height - self._size)

    # -------------------------------------------------------------------------------------------- drawing

    def draw(self, surface: pygame.Surface, layout: Layout, focused: bool, pointer: Pixel) -> None:
        px, look = layout.px, layout.look
        if self.label:
            label = theme.fitted(self.label, px(13), px(self._label_width - 8))
            theme.draw_text(surface, label, px(13), look.soft, midleft=(self.rect.left, self.rect.centery))
        theme.rounded(surface, self._box, px(8), look.field, look.accent if focused else look.edge)
        inner = self._box.inflate(-self._size, -4)
        clip = surface.get_clip()
        surface.set_clip(inner.clip(clip))
        words = self.text[: self.cursor] + self.composing + self.text[self.cursor :]
        end = theme.text_width(words[: self.cursor + len(self.composing)], self._size)
        self._shift = max(min(self._shift, end), end - inner.width + px(4), 0) if focused else 0
        left = inner.left - self._shift
        if focused and self.selected and not self.composing:
            low, high = sorted((self.anchor, self.cursor))
            a, b = (left + theme.text_width(self.text[:n], self._size) for n in (low, high))
            surface.fill(look.on, (a, inner.top + px(4), b - a, inner.height - px(8)))
        shown, colour = (words, look.text) if words or focused else (self.placeholder, look.faint)
        size = self._size if words or focused else px(SMALL)
        if not words and not focused:
            shown = theme.fitted(shown, size, inner.width)
        theme.draw_text(surface, shown, size, colour, midleft=(left, inner.centery))
        if self.composing:
            a = left + theme.text_width(words[: self.cursor], self._size)
            surface.fill(look.accent, (a, inner.bottom - px(5), end + left - a, max(px(1), 1)))
        if focused:
            surface.fill(look.accent, (left + end, inner.top + px(5), max(px(1.5), 1), inner.height - px(10)))
        surface.set_clip(clip)


class Form:
    """A sheet of controls in a card over the window: one below the other, buttons in a row at its foot."""

    blocking = True  # clicks beside it close it and reach nothing below

    def __init__(self, name: str, title: str, width: int = 560):
        self.name, self.title, self._width = name, title, width
        self.controls: list[Any] = []
        self.buttons: list[Action] = []
        self.focused: str = ""
        self._card = pygame.Rect(0, 0, 0, 0)
        self._close = pygame.Rect(0, 0, 0, 0)

    # -------------------------------------------------------------------------------------------- content

    def control(self, name: str) -> Any:
        """Return a control by its name."""
        return next(c for c in (*self.controls, *self.buttons) if c.name == name)

    def values(self) -> dict[str, Any]:
        """Return what is chosen and written, by name."""
        out: dict[str, Any] = {}
        for control in self.controls:
            if isinstance(control, Choice | Picker):
                out[control.name] = control.chosen
            elif isinstance(control, Line):
                out[control.name] = control.text
        return out

    def build(self, language: str) -> None:
        """Make the controls in a language; called before every placing."""

    # -------------------------------------------------------------------------------------------- placing

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        px = layout.px
        self._build_again(language)
        gap, foot = px(9), px(56) if self.buttons else px(14)
        heights = [px(c.height) for c in self.controls]
        wanted = px(56) + sum(heights) + gap * len(heights) + foot
        high = min(wanted, window.height - px(16))
        card = pygame.Rect(0, 0, min(px(self._width), window.width - px(16)), high)
        card.center = window.center
        self._card = card
        self._close = pygame.Rect(card.right - px(44), card.top + px(10), px(32), px(32))
        spare = wanted - high  # taken from the tallest control, or from all
        if spare > 0 and heights:
            tallest = heights.index(max(heights))
            if heights[tallest] - spare >= px(60):
                heights[tallest] -= spare
            else:
                gap = max(gap - -(-spare // len(heights)), px(2))
                spare = px(56) + sum(heights) + gap * len(heights) + foot - high
                heights = [max(h - -(-max(spare, 0) // len(heights)), px(20)) for h in heights]
        top = card.top + px(52)
        for control, height in zip(self.controls, heights, strict=True):
            control.rect = pygame.Rect(card.left + px(22), top, card.width - px(44), height)
            control.place(layout)
            top += height + gap
        self._place_buttons(layout)
        names = [c.name for c in self._order()]
        if self.focused not in names:
            self.focused = self._first_focus(names)

    def _build_again(self, language: str) -> None:
        """Make the controls anew and let them keep what was chosen and written."""
        before = {control.name: control for control in self.controls}
        self.build(language)
        for control in self.controls:
            old = before.get(control.name)
            for name in ("chosen", "text", "cursor", "anchor", "first") if type(old) is type(control) else ():
                if hasattr(old, name):
                    setattr(control, name, getattr(old, name))

    def _first_focus(self, names: list[str]) -> str:
        return names[0] if names else ""

    def _place_buttons(self, layout: Layout) -> None:
        px, card = layout.px, self._card
        widths = [max(px(96), theme.text_width(b.words, px(TEXT), b.main) + px(28)) for b in self.buttons]
        room = card.width - px(44) - px(8) * (len(widths) - 1)
        if widths and sum(widths) > room:
            widths = [room // len(widths)] * len(widths)
        right = card.right - px(22)
        for button, width in zip(reversed(self.buttons), reversed(widths), strict=True):
            button.rect = pygame.Rect(right - width, card.bottom - px(50), width, px(36))
            right -= width + px(8)

    def _order(self) -> list[Any]:
        return [c for c in (*self.controls, *self.buttons) if c.focusable]

    def rectangles(self) -> dict[str, pygame.Rect]:
        """Return what can be clicked, by name."""
        out: dict[str, pygame.Rect] = {}
        for control in (*self.controls, *self.buttons):
            out.update(control.parts())
        return {**out, "close": self._close}

    @property
    def line(self) -> Line | None:
        """The line that text goes to: the focused one."""
        control = next((c for c in self.controls if c.name == self.focused), None)
        return control if isinstance(control, Line) else None

    # -------------------------------------------------------------------------------------------- drawing

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: Pixel) -> None:
        draw_veil(surface, 120)
        draw_card(surface, layout, self._card, self.title)
        draw_close(surface, layout, self._close, pointer)
        for control in (*self.controls, *self.buttons):
            control.draw(surface, layout, control.name == self.focused, pointer)

    # -------------------------------------------------------------------------------------------- input

    def click(self, pixel: Pixel) -> Intent | None:
        for control in (*self.controls, *self.buttons):
            if control.rect.collidepoint(pixel):
                if control.focusable:
                    self.focused = control.name
                return control.click(pixel)
        if self._close.collidepoint(pixel) or not self._card.collidepoint(pixel):
            return "close", None
        return None

    def key(self, event: pygame.Event) -> Intent | bool:
        """Return what a key means, or whether it was taken."""
        order = self._order()
        control = next((c for c in order if c.name == self.focused), None)
        if control is not None and (taken := control.key(event)):
            return taken
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            main = next((b for b in self.buttons if b.main), None)
            return (main.press() or True) if main else True
        back = event.key == pygame.K_UP or (event.key == pygame.K_TAB and event.mod & pygame.KMOD_SHIFT)
        if order and (back or event.key in (pygame.K_DOWN, pygame.K_TAB)):
            names = [c.name for c in order]
            at = names.index(self.focused) if self.focused in names else 0
            self.focused = names[(at + (-1 if back else 1)) % len(names)]
            if isinstance(order[names.index(self.focused)], Line):
                order[names.index(self.focused)].select_all()
            return True
        if event.key in (pygame.K_LEFT, pygame.K_RIGHT) and control in self.buttons:
            step = 1 if event.key == pygame.K_RIGHT else -1
            self.focused = self.buttons[(self.buttons.index(control) + step) % len(self.buttons)].name
            return True
        return False

    def wheel(self, pixel: Pixel, rows: int) -> None:
        """Scroll the list under the pointer, or the only one."""
        lists = [c for c in self.controls if isinstance(c, Items)]
        for control in lists:
            if control.rect.collidepoint(pixel) or len(lists) == 1:
                control.scroll(rows)

    def remove(self) -> None:
        """The sheet is closed."""


# ------------------------------------------------------------------------------------------------ cards


def draw_veil(surface: pygame.Surface, alpha: int) -> None:
    """Darken what lies below."""
    veil = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
    veil.fill((12, 9, 6, alpha))
    surface.blit(veil, (0, 0))


def draw_card(surface: pygame.Surface, layout: Layout, card: pygame.Rect, title: str) -> None:
    """Draw a raised card with a soft shadow and a title."""
    px, look = layout.px, layout.look
    for grow in range(px(12), 0, -max(px(2), 1)):
        theme.rounded(surface, card.inflate(2 * grow, 2 * grow).move(0, px(4)), px(14) + grow, (0, 0, 0, 14))
    theme.rounded(surface, card, px(14), look.raised, look.edge)
    words = theme.fitted(title, px(17), card.width - px(70), True)
    theme.draw_text(surface, words, px(17), look.text, bold=True, midleft=(card.left + px(22), card.top + px(27)))


def draw_close(surface: pygame.Surface, layout: Layout, rect: pygame.Rect, pointer: Pixel) -> None:
    """Draw the cross at a card's corner."""
    if rect.collidepoint(pointer):
        theme.rounded(surface, rect, layout.px(8), layout.look.hover)
    picture = icons.icon("close", layout.px(18), layout.look.soft)
    surface.blit(picture, picture.get_rect(center=rect.center))
