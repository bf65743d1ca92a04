"""A line to type in."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from . import theme
from .controls import Basic, Intent, Pixel
from .layout import SMALL, TEXT, Layout


class Line(Basic):
    """A line to type in, with cursor, selection, clipboard and input methods; `meaning` returns the intent of Enter."""

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
        self.composing = ""  # the text of an input method before it is committed
        self._shift = 0
        self._box = pygame.Rect(0, 0, 0, 0)
        self._size = TEXT

    # -------------------------------------------------------------------------------------------- the text

    def set_text(self, text: str) -> None:
        """Replace the text and move the cursor to its end."""
        self.text = text[: self._longest]
        self.cursor = self.anchor = len(self.text)

    def select_all(self) -> None:
        """Select everything, so that typing replaces it."""
        self.anchor, self.cursor = 0, len(self.text)

    @property
    def selected(self) -> str:
        low, high = sorted((self.anchor, self.cursor))
        return self.text[low:high]

    def insert(self, words: str) -> None:
        """Replace the selection with text."""
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
            return True  # handled by the input method
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
            return bool(event.unicode and event.unicode.isprintable() and not control)  # arrives as a text event
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
        except pygame.error:  # the clipboard is missing or empty
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
        """Return the cursor's rectangle, where an input method shows its candidates."""
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
