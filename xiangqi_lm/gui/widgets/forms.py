"""Forms (sheets of controls in a card over the window) and the drawing of cards."""

from __future__ import annotations

from typing import Any

import pygame

from . import icons, theme
from .controls import Action, Choice, Intent, Items, Picker, Pixel
from .layout import TEXT, Layout
from .line import Line


class Form:
    """A sheet of controls in a card over the window, one below the other, with a row of buttons at the bottom."""

    blocking = True  # clicks outside close it and reach nothing below

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
        """Return the selected and typed values by name."""
        out: dict[str, Any] = {}
        for control in self.controls:
            if isinstance(control, Choice | Picker):
                out[control.name] = control.chosen
            elif isinstance(control, Line):
                out[control.name] = control.text
        return out

    def build(self, language: str) -> None:
        """Make the controls in a language; called before every layout."""

    # -------------------------------------------------------------------------------------------- layout

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
        """Rebuild the controls, keeping the selected and typed values."""
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
        """Return the clickable rectangles by name."""
        out: dict[str, pygame.Rect] = {}
        for control in (*self.controls, *self.buttons):
            out.update(control.parts())
        return {**out, "close": self._close}

    @property
    def line(self) -> Line | None:
        """Return the line that receives text: the focused one."""
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
        """Return the intent of a key, or whether it was handled."""
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
        """Scroll the list under the pointer, or the only list."""
        lists = [c for c in self.controls if isinstance(c, Items)]
        for control in lists:
            if control.rect.collidepoint(pixel) or len(lists) == 1:
                control.scroll(rows)

    def remove(self) -> None:
        """Release resources when the sheet is closed."""


# ------------------------------------------------------------------------------------------------ cards


def draw_veil(surface: pygame.Surface, alpha: int) -> None:
    """Darken everything below."""
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
