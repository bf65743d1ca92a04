"""Colours, fonts and the cache of rendered texts, which define the window's appearance."""

from __future__ import annotations

import importlib.util
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pygame

from ...paths import assets

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours of panel, sheets and menus; texts have a contrast of at least 4.5 to 1 on cards."""

    background: Colour
    card: Colour
    edge: Colour
    raised: Colour  # sheets and menus
    field: Colour  # input lines, tracks of bars
    tile: Colour
    hover: Colour
    down: Colour
    on: Colour  # selected
    dead: Colour  # a disabled button
    text: Colour
    soft: Colour
    faint: Colour
    disabled: Colour
    accent: Colour
    main: Colour  # the button that Enter presses
    main_text: Colour
    red_move: Colour
    trouble: Colour
    good: Colour
    bar: Colour


DARK = Palette(
    (34, 29, 25), (46, 40, 35), (70, 61, 53), (52, 45, 39), (36, 31, 27), (58, 50, 43), (76, 65, 55), (48, 41, 36),
    (98, 70, 34), (44, 38, 33), (240, 230, 214), (190, 175, 156), (166, 152, 136), (112, 101, 90), (232, 184, 92),
    (140, 98, 40), (255, 246, 230), (242, 146, 124), (246, 136, 112), (140, 196, 116), (168, 132, 78),
)  # fmt: skip
LIGHT = Palette(
    (226, 218, 204), (247, 242, 232), (204, 192, 174), (252, 248, 240), (236, 229, 216), (236, 228, 214),
    (224, 213, 195), (214, 202, 182), (240, 212, 158), (238, 232, 222), (40, 33, 27), (84, 73, 62), (104, 92, 79),
    (160, 150, 138), (132, 84, 10), (150, 100, 30), (255, 250, 240), (172, 34, 22), (176, 36, 20), (30, 108, 44),
    (190, 146, 82),
)  # fmt: skip
PALETTES = {"dark": DARK, "light": LIGHT}

RED: Colour = (206, 58, 44)
DRAW_GREY: Colour = (150, 140, 128)
RED_INK: Colour = (176, 28, 20)
BLACK_INK: Colour = (28, 32, 36)
LINE: Colour = (72, 42, 18)
MARK: Colour = (24, 104, 112)
HINT: Colour = (38, 120, 56)
ARROW: Colour = (28, 78, 138)
CHECK: Colour = (226, 32, 24)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast ratio of two colours as defined by WCAG 2, 1 to 21."""
    lights = sorted((_luminance(one), _luminance(other)))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def _luminance(colour: Colour) -> float:
    shares = [c / 255 for c in colour]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def ui_font_path(bold: bool = False) -> Path:
    """Return the path of Noto Sans SC in pygame_gui's own data, found without importing that package."""
    spec = importlib.util.find_spec("pygame_gui")
    folders = list(spec.submodule_search_locations or []) if spec else []
    name = f"NotoSansSC-{'Bold' if bold else 'Regular'}.otf"
    for folder in folders:
        if (path := Path(folder) / "data" / name).is_file():
            return path
    return brush_font_path()


def brush_font_path() -> Path:
    """Return the path of the brush font of the pieces and the river."""
    return assets() / "fonts" / "xq-piece-kai.ttf"


@lru_cache(maxsize=64)
def font(size: int, bold: bool = False, brush: bool = False) -> pygame.font.Font:
    """Return a font of that pixel size, to which the caller has applied the interface scale."""
    path = brush_font_path() if brush else ui_font_path(bold)
    return pygame.font.Font(str(path), max(size, 6))


@lru_cache(maxsize=1024)
def text(words: str, size: int, colour: Colour, bold: bool = False, brush: bool = False) -> pygame.Surface:
    """Return the rendered words, antialiased on a transparent background; callers must not change it."""
    return font(size, bold, brush).render(words, True, colour)


def text_width(words: str, size: int, bold: bool = False) -> int:
    """Return the width of the words in pixels."""
    return font(size, bold).size(words)[0]


def fitted(words: str, size: int, width: int, bold: bool = False) -> str:
    """Return the words, cut with an ellipsis if they are wider than `width` pixels."""
    if len(words) <= width and text_width(words, size, bold) <= width:
        return words
    return words[: _fitting(words, size, width, bold, "…")] + "…"


def _fitting(words: str, size: int, width: int, bold: bool, tail: str = "") -> int:
    """Return how many of the first characters, followed by the tail, fit into `width` pixels."""
    most = min(len(words), max(width, 0))  # no character is narrower than a pixel
    return bisect_right(range(1, most + 1), width, key=lambda n: text_width(words[:n] + tail, size, bold))


def wrapped(words: str, size: int, width: int, lines: int, bold: bool = False) -> list[str]:
    """Return the words broken into at most `lines` lines of `width` pixels, at spaces or between two Chinese
    characters.
    """
    out: list[str] = []
    rest = words.strip()
    while rest and len(out) < lines - 1:
        end = max(_fitting(rest, size, width, bold), 1)
        if end < len(rest) and rest[end].isascii() and (space := rest.rfind(" ", 0, end + 1)) > 0:
            end = space
        out.append(rest[:end].strip())
        rest = rest[end:].strip()
    if rest:
        out.append(fitted(rest, size, width, bold))
    return out


def draw_text(
    surface: pygame.Surface,
    words: str,
    size: int,
    colour: Colour,
    *,
    bold: bool = False,
    brush: bool = False,
    **anchor: tuple[float, float],
) -> pygame.Rect:
    """Draw the words at one anchor of their rectangle, e.g. `midleft=(x, y)`, and return that rectangle."""
    picture = text(words, size, colour, bold, brush)
    place = picture.get_rect()
    for name, (x, y) in anchor.items():
        if not brush and name in ("center", "midleft", "midright"):
            y -= size * 0.06  # the middle of Noto's line is below that of its characters
        setattr(place, name, (round(x), round(y)))
    surface.blit(picture, place)
    return place


@lru_cache(maxsize=160)
def _rounded(size: tuple[int, int], radius: int, fill: tuple[int, ...], edge: tuple[int, ...] | None) -> pygame.Surface:
    factor = 3
    width, height = size[0] * factor, size[1] * factor
    picture = pygame.Surface((width, height), pygame.SRCALPHA)
    picture.fill((*(edge or fill)[:3], 0))  # else the scaling would mix black into the corners
    rect = picture.get_rect()
    if edge is not None:
        pygame.draw.rect(picture, edge, rect, border_radius=radius * factor)
        rect = rect.inflate(-2 * factor, -2 * factor)
    pygame.draw.rect(picture, fill, rect, border_radius=max((radius - (edge is not None)) * factor, 1))
    return pygame.transform.smoothscale(picture, size)


def rounded(
    surface: pygame.Surface,
    rect: pygame.Rect,
    radius: int,
    fill: tuple[int, ...],
    edge: tuple[int, ...] | None = None,
) -> None:
    """Draw a filled rounded rectangle with smooth corners and, given `edge`, a one-pixel outline; colours may have
    alpha.
    """
    if rect.width > 0 and rect.height > 0:
        surface.blit(_rounded(rect.size, radius, fill, edge), rect)
