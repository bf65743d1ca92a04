"""Icons as strokes on a grid of 24 by 24, drawn large and scaled down, without a symbol font."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise

import pygame

from .theme import Colour

Point = tuple[float, float]
Stroke = list[Point]


def _arc(x: float, y: float, radius: float, start: float, end: float) -> Stroke:
    """Return an arc as a stroke; angles are in degrees, 0 at the right, clockwise on the screen."""
    steps = max(int(abs(end - start) / 6), 2)
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + radius * math.cos(a), y + radius * math.sin(a)) for a in angles]


def _box(left: float, top: float, right: float, bottom: float) -> Stroke:
    return [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]


SPEAKER: Stroke = [(4, 9.5), (7.5, 9.5), (12, 5.5), (12, 18.5), (7.5, 14.5), (4, 14.5), (4, 9.5)]
ICONS: dict[str, list[Stroke]] = {
    "new_game": [_arc(12, 12, 8.5, 0, 360), [(12, 8), (12, 16)], [(8, 12), (16, 12)]],
    "take_back": [[(8.5, 5), (4.5, 9), (8.5, 13)], [(4.5, 9), (14.5, 9), *_arc(14.5, 14, 5, -90, 90), (9, 19)]],
    "redo": [[(15.5, 5), (19.5, 9), (15.5, 13)], [(19.5, 9), (9.5, 9), *_arc(9.5, 14, 5, 270, 90), (15, 19)]],
    "resign": [[(6, 21), (6, 3.5)], [(6, 4), (18.5, 4), (15.5, 8.5), (18.5, 13), (6, 13)]],
    "hint": [
        [(9.2, 16.2), (9.2, 15.6), *_arc(12, 9.5, 6, 128, 412), (14.8, 15.6), (14.8, 16.2), (9.2, 16.2)],
        [(9.8, 19), (14.2, 19)], [(11, 21.5), (13, 21.5)],
    ],
    "arrows": [
        [(5, 20), (19, 6)], [(12.5, 5), (19.5, 5), (19.5, 12)], [(5, 20), (7.5, 8.5)], [(5, 20), (16.5, 17.5)],
    ],
    "flip": [
        [(8, 20), (8, 4.5)], [(4, 8.5), (8, 4), (12, 8.5)], [(16, 4), (16, 19.5)], [(12, 15.5), (16, 20), (20, 15.5)],
    ],
    "analysis": [[(4, 4), (4, 20), (20, 20)], [(7.5, 15.5), (11, 9.5), (14.5, 12.5), (20, 5.5)]],
    "review": [_arc(10.5, 10.5, 6.5, 0, 360), [(15.3, 15.3), (20.5, 20.5)], [(7.5, 11), (10, 13), (13.5, 8.5)]],
    "retry": [_arc(12, 12.5, 7.5, -60, 240), [(15.5, 2.5), (15.9, 6.1), (12.2, 7.1)],
              [(12, 9), (12, 12.8), (14.8, 14.5)]],
    "practise": [_arc(12, 12, 8.5, 0, 360), _arc(12, 12, 4.6, 0, 360), _arc(12, 12, 0.9, 0, 360)],
    "level": [[(5, 20), (5, 15)], [(10, 20), (10, 11)], [(15, 20), (15, 7.5)], [(20, 20), (20, 4)]],
    "open": [[(3.5, 18.5), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (19, 8), (19, 10.5)],
             [(3.5, 18.5), (7, 10.8), (22, 10.8), (18.5, 18.5), (3.5, 18.5)]],
    "save": [[(12, 4), (12, 14.5)], [(7.5, 10.5), (12, 15), (16.5, 10.5)], [(4, 15), (4, 20), (20, 20), (20, 15)]],
    "settings": [
        [(4, 6.5), (12.3, 6.5)], [(17.7, 6.5), (20, 6.5)], _arc(15, 6.5, 2.7, 0, 360),
        [(4, 17.5), (6.3, 17.5)], [(11.7, 17.5), (20, 17.5)], _arc(9, 17.5, 2.7, 0, 360),
        [(4, 12), (20, 12)],
    ],
    "help": [_arc(12, 12, 9, 0, 360), [*_arc(12, 9.6, 2.9, 180, 400), (12, 13.2), (12, 14)], [(12, 17), (12, 17.1)]],
    "sound": [SPEAKER, _arc(12.5, 12, 4, -45, 45), _arc(12.5, 12, 7.5, -48, 48)],
    "mute": [SPEAKER, [(16, 9.5), (21, 14.5)], [(21, 9.5), (16, 14.5)]],
    "stop": [_box(6.5, 6.5, 17.5, 17.5)],
    "continue": [[(8, 5), (18.5, 12), (8, 19), (8, 5)]],
    "restart": [_arc(12, 12, 7.5, -60, 240), [(15.5, 2), (15.9, 5.6), (12.2, 6.6)]],
    "first": [[(6, 5), (6, 19)], [(18, 5), (9, 12), (18, 19), (18, 5)]],
    "back": [[(16, 5), (7, 12), (16, 19), (16, 5)]],
    "forward": [[(8, 5), (17, 12), (8, 19), (8, 5)]],
    "last": [[(18, 5), (18, 19)], [(6, 5), (15, 12), (6, 19), (6, 5)]],
    "close": [[(6, 6), (18, 18)], [(18, 6), (6, 18)]],
    "folder": [[(3.5, 18.5), (3.5, 5.5), (9.5, 5.5), (11.5, 8), (20.5, 8), (20.5, 18.5), (3.5, 18.5)]],
    "down": [[(6, 9), (12, 15), (18, 9)]],
}  # fmt: skip


@lru_cache(maxsize=256)
def icon(name: str, size: int, colour: Colour, width: float = 1.9) -> pygame.Surface:
    """Return the icon as a picture `size` pixels wide; `width` is the stroke width on the grid of 24."""
    factor = 4
    big = pygame.Surface((size * factor, size * factor), pygame.SRCALPHA)
    unit = size * factor / 24
    thick = max(round(width * unit), 2)
    for stroke in ICONS[name]:
        points = [(x * unit, y * unit) for x, y in stroke]
        for start, end in pairwise(points):
            pygame.draw.line(big, colour, start, end, thick)
        for point in points:
            pygame.draw.circle(big, colour, point, thick / 2)
    return pygame.transform.smoothscale(big, (size, size))
