"""Colours, fonts and the cache of rendered texts; one place decides how the window looks."""

from __future__ import annotations

import importlib.util
from bisect import bisect_right
from functools import lru_cache
from pathlib import Path

import pygame

from ...paths import assets

Colour = tuple[int, int, int]

BACKGROUND: Colour = (34, 29, 25)
CARD: Colour = (46, 40, 35)
CARD_EDGE: Colour = (66, 57, 49)
TILE: Colour = (58, 50, 43)
TILE_HOVER: Colour = (76, 65, 55)
TILE_DOWN: Colour = (48, 41, 36)
TILE_ON: Colour = (98, 70, 34)
TEXT: Colour = (240, 230, 214)
TEXT_SOFT: Colour = (178, 163, 144)
TEXT_FAINT: Colour = (142, 128, 113)
GOLD: Colour = (232, 184, 92)
RED: Colour = (214, 68, 52)
INK: Colour = (22, 20, 20)
GREEN: Colour = (120, 176, 96)
DRAW_GREY: Colour = (150, 140, 128)
TROUBLE: Colour = (244, 128, 104)

RED_INK: Colour = (176, 28, 20)
BLACK_INK: Colour = (28, 32, 36)
LINE: Colour = (72, 42, 18)
MARK: Colour = (38, 112, 116)
HINT: Colour = (46, 122, 62)
ARROW: Colour = (28, 78, 138)
CHECK: Colour = (226, 32, 24)


def ui_font_path(bold: bool = False) -> Path:
    """Noto Sans SC out of pygame_gui's own data: found without importing that package."""
    spec = importlib.util.find_spec("pygame_gui")
    folders = list(spec.submodule_search_locations or []) if spec else []
    name = f"NotoSansSC-{'Bold' if bold else 'Regular'}.otf"
    for folder in folders:
        if (path := Path(folder) / "data" / name).is_file():
            return path
    return brush_font_path()


def brush_font_path() -> Path:
    """The brush font of the men and the river."""
    return assets() / "fonts" / "xq-piece-kai.ttf"


@lru_cache(maxsize=64)
def font(size: int, bold: bool = False, brush: bool = False) -> pygame.font.Font:
    """A font of that pixel size; the caller scales the size by the interface scale."""
    path = brush_font_path() if brush else ui_font_path(bold)
    return pygame.font.Font(str(path), max(size, 6))


@lru_cache(maxsize=1024)
def text(words: str, size: int, colour: Colour, bold: bool = False, brush: bool = False) -> pygame.Surface:
    """The rendered words, antialiased on a transparent ground; never changed by the caller."""
    return font(size, bold, brush).render(words, True, colour)


def text_width(words: str, size: int, bold: bool = False) -> int:
    """Width in pixels that the words take."""
    return font(size, bold).size(words)[0]


def fitted(words: str, size: int, width: int, bold: bool = False) -> str:
    """The words, cut with an ellipsis where they are wider than `width` pixels."""
    if len(words) <= width and text_width(words, size, bold) <= width:
        return words
    return words[: _fitting(words, size, width, bold, "…")] + "…"


def _fitting(words: str, size: int, width: int, bold: bool, tail: str = "") -> int:
    """How many of the first characters, with the tail after them, are no wider than `width` pixels."""
    most = min(len(words), max(width, 0))  # no character is narrower than a pixel
    return bisect_right(range(1, most + 1), width, key=lambda n: text_width(words[:n] + tail, size, bold))


def wrapped(words: str, size: int, width: int, lines: int, bold: bool = False) -> list[str]:
    """The words broken into at most `lines` lines of `width` pixels: at spaces, or between two Chinese characters."""
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
            y -= size * 0.06  # the middle of Noto's line lies below that of its characters
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
    """A filled rounded rectangle with smooth corners and, given `edge`, a one-pixel outline; colours may have alpha."""
    if rect.width > 0 and rect.height > 0:
        surface.blit(_rounded(rect.size, radius, fill, edge), rect)
