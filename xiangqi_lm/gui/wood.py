"""Wood, drawn: warped year rings, pores along the grain, light and dark streaks; no picture files."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pygame

LIGHT = np.array((238, 199, 138), np.float32)
DARK = np.array((205, 152, 88), np.float32)
GRAIN = (720, 840)  # the size at which the wood is made; it is scaled to where it is needed


def _noise(rng: np.random.Generator, shape: tuple[int, int], cells: tuple[int, int]) -> np.ndarray:
    """Smooth random heights, -1 to 1, with that many bumps along each axis: [w, h]."""
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
    """A piece of that size in pixels, its colours multiplied by `tint`."""
    picture = pygame.transform.smoothscale(_grain(), (max(size[0], 1), max(size[1], 1)))
    if tint != (255, 255, 255):
        picture.fill(tint, special_flags=pygame.BLEND_MULT)
    return picture
