"""The pieces: discs lit from the upper left, with a double ring and a brush character."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pygame

from ...rules.pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from . import theme

LIGHT = np.array((238, 199, 138), np.float32)
DARK = np.array((205, 152, 88), np.float32)
GRAIN = (720, 840)  # the size at which the wood is generated before scaling


def _noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> np.ndarray:
    """Return smooth random heights, -1 to 1, with that many bumps along each axis: [w, h]."""
    knots = rng.uniform(-1, 1, (cells[0] + 1, cells[1] + 1)).astype(np.float32)
    out = knots
    for axis in (0, 1):
        at = np.linspace(0, cells[axis], shape[axis], dtype=np.float32)
        low = np.minimum(at.astype(int), cells[axis] - 1)
        part = at - low
        part = (part * part * (3 - 2 * part)).reshape((-1, 1) if axis == 0 else (1, -1))
        out = out.take(low, axis) * (1 - part) + out.take(low + 1, axis) * part
    return out


@lru_cache(maxsize=1)
def _grain() -> pygame.Surface:
    rng = np.random.default_rng(11)
    shape = GRAIN
    x = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None]
    warp = 0.055 * _noise(rng, shape, (3, 2)) + 0.012 * _noise(rng, shape, (9, 5))
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * 13 * (x + warp + 0.05 * np.sin(2.2 * x)))
    streaks = 0.5 + 0.5 * _noise(rng, shape, (70, 3))
    fibres = _noise(rng, shape, (380, 22))
    pores = np.clip(_noise(rng, shape, (300, 60)) - 0.62, 0, 1)
    dark = np.clip(0.16 + 0.34 * rings**2 + 0.22 * streaks + 0.10 * fibres, 0, 1)[..., None]
    colour = LIGHT * (1 - dark) + DARK * dark - 60 * pores[..., None]
    surface = pygame.Surface(shape)
    pygame.surfarray.blit_array(surface, np.clip(colour, 0, 255).astype(np.uint8))
    return surface


def wood(size: tuple[int, int], tint: tuple[int, int, int] = (255, 255, 255)) -> pygame.Surface:
    """Return a texture of wood of that size in pixels, its colours multiplied by `tint`."""
    picture = pygame.transform.smoothscale(_grain(), (max(size[0], 1), max(size[1], 1)))
    if tint != (255, 255, 255):
        picture.fill(tint, special_flags=pygame.BLEND_MULT)
    return picture


RADIUS = 0.445  # of a cell
GLYPHS = {  # style -> piece -> character; the traditional set distinguishes the sides even without colour
    "traditional": dict(zip(
        (KING, ADVISOR, ELEPHANT, HORSE, ROOK, CANNON, PAWN, -KING, -ADVISOR, -ELEPHANT, -HORSE, -ROOK, -CANNON, -PAWN),
        "帥仕相傌俥炮兵將士象馬車砲卒", strict=True,
    )),
    "mainland": dict(zip(
        (KING, ADVISOR, ELEPHANT, HORSE, ROOK, CANNON, PAWN, -KING, -ADVISOR, -ELEPHANT, -HORSE, -ROOK, -CANNON, -PAWN),
        "帅仕相马车炮兵将士象马车炮卒", strict=True,
    )),
}  # fmt: skip

FACE = np.array((247, 228, 188), np.float32)
RIM = np.array((196, 148, 86), np.float32)
DARK_FACE = np.array((64, 62, 62), np.float32)
DARK_RIM = np.array((34, 32, 32), np.float32)
DARK_FACE_INK: theme.Colour = (244, 238, 226)
SIDE = np.array((128, 84, 42), np.float32)


def _cover(distance: np.ndarray, radius: float) -> np.ndarray:
    """Return the share of each pixel that a disc of that radius covers, 0 to 1."""
    return np.clip(radius - distance + 0.5, 0, 1)


def _band(distance: np.ndarray, middle: float, width: float) -> np.ndarray:
    return _cover(np.abs(distance - middle), width / 2)


class _Canvas:
    """A premultiplied float picture [w, h, 4] onto which layers are drawn."""

    def __init__(self, size: int):
        self.rgb = np.zeros((size, size, 3), np.float32)
        self.alpha = np.zeros((size, size), np.float32)

    def lay(self, colour: np.ndarray, alpha: np.ndarray) -> None:
        self.rgb = np.broadcast_to(colour, self.rgb.shape) * alpha[..., None] + self.rgb * (1 - alpha[..., None])
        self.alpha = alpha + self.alpha * (1 - alpha)

    def surface(self) -> pygame.Surface:
        size = self.alpha.shape
        picture = pygame.Surface(size, pygame.SRCALPHA)
        colour = self.rgb / np.maximum(self.alpha, 1e-4)[..., None]
        pygame.surfarray.blit_array(picture, np.clip(colour, 0, 255).astype(np.uint8))
        alpha = pygame.surfarray.pixels_alpha(picture)
        alpha[:] = (self.alpha * 255).astype(np.uint8)
        del alpha  # releases the lock on the surface
        return picture


@lru_cache(maxsize=8)
def _grid(size: int) -> tuple[np.ndarray, np.ndarray]:
    axis = np.arange(size, dtype=np.float32) - (size - 1) / 2
    return np.meshgrid(axis, axis, indexing="ij")  # x and y, [size, size]


@lru_cache(maxsize=160)
def disc(piece: int, cell: int, style: str = "traditional", ring: theme.Colour | None = None) -> pygame.Surface:
    """Return the piece as a square picture about 1.3 cells wide, centred on the disc.

    `ring` replaces the colour of the rings, as for a king in check. Even without colour the sides differ by their rings
    (two thin ones for Red, a broad one for Black), and in the set of symbols by light and dark.
    """
    radius = cell * RADIUS
    size = int(cell * 1.3) | 1
    x, y = _grid(size)
    canvas = _Canvas(size)
    away = np.hypot(x - radius * 0.05, y - radius * 0.16)
    canvas.lay(np.array((30, 14, 4), np.float32), 0.5 * np.clip((radius * 1.17 - away) / (radius * 0.3), 0, 1) ** 1.5)
    canvas.lay(SIDE, _cover(np.hypot(x, y - radius * 0.05), radius))
    dark = style == "symbols" and piece < 0
    _lay_face(canvas, x, y, radius, dark)
    ink = DARK_FACE_INK if dark else _ink(piece)
    _lay_rings(canvas, x, y, radius, np.array(ring or ink, np.float32), piece > 0 or dark)
    picture = canvas.surface()
    if style == "symbols":
        _draw_symbol(picture, abs(piece), radius, ink, (64, 62, 62) if dark else (247, 228, 188))
    else:
        _write_glyph(picture, GLYPHS[style][piece], radius, ink)
    return picture


def _ink(piece: int) -> theme.Colour:
    return theme.RED_INK if piece > 0 else theme.BLACK_INK


def _lay_face(canvas: _Canvas, x: np.ndarray, y: np.ndarray, radius: float, dark: bool) -> None:
    distance = np.hypot(x, y + radius * 0.02)
    light = 1 - 0.075 * (x + 1.4 * y) / radius / 1.7
    bevel = np.clip((distance / radius - 0.85) / 0.15, 0, 1) ** 1.6
    tilt = np.clip(-(x + y) / radius / 1.5, -1, 1)  # the bevel catches light at the upper left
    colour, rim = (DARK_FACE, DARK_RIM) if dark else (FACE, RIM)
    face = colour * (1 - bevel[..., None]) + rim * bevel[..., None] * (1 + 0.28 * tilt[..., None])
    canvas.lay(np.clip(face * light[..., None], 0, 255), _cover(distance, radius * 0.985))


def _lay_rings(canvas: _Canvas, x: np.ndarray, y: np.ndarray, radius: float, ink: np.ndarray, double: bool) -> None:
    middle, below = np.hypot(x, y + radius * 0.02), np.hypot(x, y + radius * 0.02 - max(radius * 0.025, 0.7))
    thin = ((0.80, max(radius * 0.055, 1.2)), (0.705, max(radius * 0.026, 0.8)))
    for at, width in thin if double else ((0.80, max(radius * 0.12, 1.6)),):
        canvas.lay(np.array((255, 246, 222), np.float32), 0.6 * _band(below, radius * at, width))
        canvas.lay(ink, 0.94 * _band(middle, radius * at, width))


def _write_glyph(picture: pygame.Surface, character: str, radius: float, ink: theme.Colour) -> None:
    factor = 3  # drawn large and scaled down, which is smoother than the font's own edge at this size
    big = theme.font(round(radius * 1.16 * factor), brush=True)
    lit, dark = (big.render(character, True, colour) for colour in ((255, 247, 224), ink))
    inside = dark.get_bounding_rect()
    size = max(round(inside.width / factor), 1), max(round(inside.height / factor), 1)
    place = pygame.Rect((0, 0), size)
    place.center = picture.get_rect().center
    place.y -= round(radius * 0.02)
    shift = max(round(radius * 0.03), 1)
    picture.blit(pygame.transform.smoothscale(lit.subsurface(inside), size), place.move(0, shift))
    picture.blit(pygame.transform.smoothscale(dark.subsurface(inside), size), place)


# ------------------------------------------------------------------------------------------------ symbols

Point = tuple[float, float]
_BASE: list[Point] = [(-0.62, 0.86), (-0.62, 0.66), (0.62, 0.66), (0.62, 0.86)]
SYMBOLS: dict[int, list[tuple[str, list[Point]]]] = {  # kind -> shapes in a square of 2 by 2 around the centre
    KING: [  # a crown
        ("fill", [(-0.78, -0.45), (-0.4, 0.02), (0, -0.72), (0.4, 0.02), (0.78, -0.45), (0.58, 0.5), (-0.58, 0.5)]),
        ("fill", _BASE), ("dot", [(0, -0.78), (0.12, 0)]), ("dot", [(-0.8, -0.5), (0.1, 0)]),
        ("dot", [(0.8, -0.5), (0.1, 0)]),
    ],
    ADVISOR: [  # a shield
        ("fill", [(-0.62, -0.72), (0, -0.86), (0.62, -0.72), (0.62, 0.05), (0.42, 0.5), (0, 0.88), (-0.42, 0.5),
                  (-0.62, 0.05)]),
        ("cut", [(-0.09, -0.6), (0.09, -0.6), (0.09, 0.55), (-0.09, 0.55)]),
        ("cut", [(-0.42, -0.22), (0.42, -0.22), (0.42, -0.04), (-0.42, -0.04)]),
    ],
    ELEPHANT: [  # a head with ears and a trunk
        ("dot", [(-0.5, -0.18), (0.44, 0)]), ("dot", [(0.5, -0.18), (0.44, 0)]),
        ("fill", [(-0.4, -0.66), (0.4, -0.66), (0.48, 0.05), (0.22, 0.35), (0.2, 0.66), (0.42, 0.7), (0.44, 0.9),
                  (0.0, 0.9), (-0.2, 0.66), (-0.22, 0.35), (-0.48, 0.05)]),
        ("cutdot", [(-0.2, -0.2), (0.09, 0)]), ("cutdot", [(0.2, -0.2), (0.09, 0)]),
    ],
    HORSE: [  # a horse's head
        ("fill", [(-0.52, 0.6), (-0.42, 0.1), (-0.12, -0.12), (-0.3, -0.05), (-0.62, 0.16), (-0.78, -0.08),
                  (-0.42, -0.5), (-0.18, -0.62), (-0.1, -0.9), (0.06, -0.66), (0.4, -0.46), (0.6, -0.05),
                  (0.62, 0.6)]),
        ("fill", _BASE), ("cutdot", [(-0.22, -0.4), (0.07, 0)]),
    ],
    ROOK: [  # a tower
        ("fill", [(-0.6, -0.8), (-0.36, -0.8), (-0.36, -0.6), (-0.13, -0.6), (-0.13, -0.8), (0.13, -0.8), (0.13, -0.6),
                  (0.36, -0.6), (0.36, -0.8), (0.6, -0.8), (0.6, -0.34), (0.42, -0.2), (0.46, 0.56), (-0.46, 0.56),
                  (-0.42, -0.2), (-0.6, -0.34)]),
        ("fill", _BASE),
    ],
    CANNON: [  # a barrel on a wheel
        ("fill", [(-0.86, 0.3), (-0.62, -0.12), (0.62, -0.78), (0.88, -0.34), (-0.36, 0.38)]),
        ("dot", [(-0.06, 0.42), (0.44, 0)]), ("cutdot", [(-0.06, 0.42), (0.27, 0)]),
        ("dot", [(-0.06, 0.42), (0.12, 0)]),
    ],
    PAWN: [  # a pawn
        ("dot", [(0, -0.5), (0.34, 0)]),
        ("fill", [(-0.2, -0.2), (0.2, -0.2), (0.28, 0.25), (0.5, 0.56), (-0.5, 0.56), (-0.28, 0.25)]), ("fill", _BASE),
    ],
}  # fmt: skip


def _draw_symbol(picture: pygame.Surface, kind: int, radius: float, ink: theme.Colour, face: theme.Colour) -> None:
    """Draw a piece's symbol large and scale it down; its cut-outs show the face."""
    factor, reach = 4, radius * 0.50
    size = round(2.1 * reach * factor)
    big = pygame.Surface((size, size), pygame.SRCALPHA)
    big.fill((*ink, 0))

    def at(point: Point) -> Point:
        return size / 2 + point[0] * reach * factor, size / 2 + point[1] * reach * factor

    for what, points in SYMBOLS[kind]:
        colour = face if what.startswith("cut") else ink
        if what.endswith("dot"):
            pygame.draw.circle(big, colour, at(points[0]), points[1][0] * reach * factor)
        else:
            pygame.draw.polygon(big, colour, [at(point) for point in points])
    small = pygame.transform.smoothscale(big, (size // factor, size // factor))
    picture.blit(small, small.get_rect(center=picture.get_rect().center))


@lru_cache(maxsize=64)
def small_disc(piece: int, size: int, style: str) -> pygame.Surface:
    """Return a piece of `size` pixels width, for cards and lists."""
    big = disc(piece, 64, style)
    inner = pygame.Rect(0, 0, round(2 * 64 * RADIUS) + 4, round(2 * 64 * RADIUS) + 4)
    inner.center = big.get_rect().center
    return pygame.transform.smoothscale(big.subsurface(inner), (size, size))


# ------------------------------------------------------------------------------------------------ marks


@lru_cache(maxsize=32)
def glow(cell: int, colour: theme.Colour, strength: float = 0.9) -> pygame.Surface:
    """Return a soft ring of light for below a piece, as a square picture 1.5 cells wide."""
    size = int(cell * 1.5) | 1
    x, y = _grid(size)
    distance = np.hypot(x, y) / (cell * RADIUS)
    canvas = _Canvas(size)
    canvas.lay(np.array(colour, np.float32), strength * np.clip((1.55 - distance) / 0.55, 0, 1) ** 1.3)
    return canvas.surface()


@lru_cache(maxsize=32)
def dot(cell: int, colour: theme.Colour) -> pygame.Surface:
    """Return the mark of a legal move to an empty point."""
    size = int(cell * 0.5) | 1
    distance = np.hypot(*_grid(size))
    canvas = _Canvas(size)
    canvas.lay(np.array((255, 244, 214), np.float32), 0.75 * _cover(distance, cell * 0.155))
    canvas.lay(np.array(colour, np.float32), 0.95 * _cover(distance, cell * 0.12))
    return canvas.surface()


@lru_cache(maxsize=32)
def halo(cell: int, colour: theme.Colour) -> pygame.Surface:
    """Return the mark of a legal capture: a broken ring around the piece."""
    size = int(cell * 1.2) | 1
    x, y = _grid(size)
    distance = np.hypot(x, y)
    dashes = np.clip(2.2 - 3.2 * np.abs(np.cos(4 * np.arctan2(y, x))) ** 6, 0, 1)
    canvas = _Canvas(size)
    canvas.lay(np.array((255, 244, 214), np.float32), 0.7 * dashes * _band(distance, cell * 0.50, cell * 0.105))
    canvas.lay(np.array(colour, np.float32), dashes * _band(distance, cell * 0.50, cell * 0.07))
    return canvas.surface()


@lru_cache(maxsize=16)
def trace(cell: int, colour: theme.Colour) -> pygame.Surface:
    """Return the faint mark of the last move's start point."""
    size = int(cell * 0.6) | 1
    distance = np.hypot(*_grid(size))
    canvas = _Canvas(size)
    canvas.lay(np.array(colour, np.float32), 0.16 * _cover(distance, cell * 0.2))
    canvas.lay(np.array(colour, np.float32), 0.75 * _band(distance, cell * 0.2, max(cell * 0.03, 1.2)))
    return canvas.surface()


@lru_cache(maxsize=16)
def start_ring(cell: int, colour: theme.Colour) -> pygame.Surface:
    """Return the ring around the piece at the start of a hint's arrow."""
    size = int(cell * 1.3) | 1
    distance = np.hypot(*_grid(size))
    canvas = _Canvas(size)
    canvas.lay(np.array((255, 246, 222), np.float32), 0.8 * _band(distance, cell * 0.49, cell * 0.10))
    canvas.lay(np.array(colour, np.float32), 0.95 * _band(distance, cell * 0.49, cell * 0.062))
    return canvas.surface()
