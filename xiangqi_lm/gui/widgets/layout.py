"""Where everything stands in a window of a given size: rectangles only, nothing is drawn here."""

from __future__ import annotations

from dataclasses import dataclass, field

import pygame

OPENING = (1180, 800)
TILES = (
    "new_game", "take_back", "redo", "resign",
    "hint", "arrows", "flip", "level",
    "open", "save", "settings", "help",
)  # fmt: skip
TEXT = 14  # pixels of the usual text at scale 1
SMALL = 12


@dataclass(frozen=True)
class Layout:
    """Rectangles of the window's parts; `buttons` by name; `scale` multiplies every text size."""

    scale: float
    board: pygame.Rect
    status: pygame.Rect
    value: pygame.Rect
    candidates: pygame.Rect
    moves: pygame.Rect
    entry: pygame.Rect
    buttons: dict[str, pygame.Rect] = field(default_factory=dict)
    candidate_rows: int = 5

    def px(self, length: float) -> int:
        """A length at scale 1 in pixels of this window."""
        return round(length * self.scale)


def automatic_scale(desktop: tuple[int, int]) -> float:
    """The interface scale for a screen of that size: 1 up to 1080 lines, 2 at 2160, in quarters."""
    return min(max(round(min(desktop[0] / 1920, desktop[1] / 1080) * 4) / 4, 1.0), 2.5)


def arrange(size: tuple[int, int], wanted_scale: float) -> Layout:
    """The layout for a window: panel at the right, or below the board in a tall window; the scale shrinks to fit."""
    tall = size[1] > size[0] * 1.1
    needed = (640, 860) if tall else (880, 620)
    scale = max(min(wanted_scale, size[0] / needed[0], size[1] / needed[1]), 0.5)
    return _tall(size, scale) if tall else _wide(size, scale)


def _status_buttons(status: pygame.Rect, scale: float) -> dict[str, pygame.Rect]:
    side, gap = round(28 * scale), round(6 * scale)
    top = status.top + round(8 * scale)
    right = status.right - round(8 * scale)
    sound = pygame.Rect(right - side, top, side, side)
    language = pygame.Rect(sound.left - gap - round(40 * scale), top, round(40 * scale), side)
    wide, high = round(92 * scale), round(30 * scale)
    action = pygame.Rect(right - wide, sound.bottom + round(8 * scale), wide, high)
    return {"sound": sound, "language": language, "action": action}


def _tiles(area: pygame.Rect, columns: int, gap: int) -> dict[str, pygame.Rect]:
    rows = -(-len(TILES) // columns)
    out = {}
    for i, name in enumerate(TILES):
        column, row = i % columns, i // columns
        left = area.left + round((area.width + gap) * column / columns)
        right = area.left + round((area.width + gap) * (column + 1) / columns) - gap
        top = area.top + round((area.height + gap) * row / rows)
        bottom = area.top + round((area.height + gap) * (row + 1) / rows) - gap
        out[name] = pygame.Rect(left, top, right - left, bottom - top)
    return out


def _stack(left: int, top: int, width: int, gap: int, heights: list[int]) -> list[pygame.Rect]:
    out = []
    for height in heights:
        out.append(pygame.Rect(left, top, width, height))
        top += height + gap
    return out


def _wide(size: tuple[int, int], scale: float) -> Layout:
    margin, gap = round(14 * scale), round(9 * scale)
    high = size[1] - 2 * margin
    board_width = round(high * 9.78 / 11.26)  # what the height allows; the panel takes the rest within its limits
    panel = min(max(size[0] - board_width - 3 * margin, round(330 * scale)), round(500 * scale))
    spare = max(size[0] - board_width - panel - 3 * margin, 0) // 2  # a very wide window: both stand in its middle
    left = size[0] - margin - panel - spare
    rows = 5 if size[1] >= 700 * scale else 4
    fixed = [round(h * scale) for h in (108, 24, 38 + 24 * rows)]
    last = [round(h * scale) for h in (34, 3 * 48 + 2 * 6)]
    flexible = max(high - sum(fixed) - sum(last) - 5 * gap, round(60 * scale))
    status, value, candidates, moves, entry, tiles = _stack(left, margin, panel, gap, [*fixed, flexible, *last])
    board = pygame.Rect(margin + spare, margin, left - 2 * margin - spare, high)
    buttons = {**_status_buttons(status, scale), **_tiles(tiles, 4, round(6 * scale))}
    return Layout(scale, board, status, value, candidates, moves, entry, buttons, rows)


def _tall(size: tuple[int, int], scale: float) -> Layout:
    margin, gap = round(12 * scale), round(8 * scale)
    rows = 4
    heights = [round(h * scale) for h in (108, 24, 38 + 24 * rows)]
    tiles_height = round((2 * 48 + 6) * scale)
    block = sum(heights) + 2 * gap
    tiles = pygame.Rect(margin, size[1] - margin - tiles_height, size[0] - 2 * margin, tiles_height)
    top = tiles.top - gap - block
    column = (size[0] - 2 * margin - gap) // 2
    status, value, candidates = _stack(margin, top, column, gap, heights)
    right = margin + column + gap
    entry_height = round(34 * scale)
    moves = pygame.Rect(right, top, size[0] - margin - right, block - entry_height - gap)
    entry = pygame.Rect(right, moves.bottom + gap, moves.width, entry_height)
    board = pygame.Rect(margin, margin, size[0] - 2 * margin, top - gap - margin)
    buttons = {**_status_buttons(status, scale), **_tiles(tiles, 6, round(6 * scale))}
    return Layout(scale, board, status, value, candidates, moves, entry, buttons, rows)
