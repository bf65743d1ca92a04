"""The board on the screen: the places of its points, and the drawing of board, marks and pieces.

`Geometry` is the only place where squares and pixels meet; drawing and hit-testing both use it.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import pygame

from ...rules.squares import file_of, rank_of, square_name
from ..game.view import View
from . import pieces, theme

FRAME = 0.17  # width of the dark frame, in cells
RADIUS_TO_RING = 0.365  # cells from a disc's centre to the middle of its outer ring
SIDE = 0.72  # width of the wood left and right of the lines, in cells
END = 0.96  # the same above and below them, with room for the coordinates
CHINESE_FILES = "一二三四五六七八九"
POINTS = [(1, 2), (7, 2), (1, 7), (7, 7)] + [(file, rank) for file in range(0, 9, 2) for rank in (3, 6)]


@dataclass(frozen=True)
class Geometry:
    """The pixels of points: `left, top` is the point at the upper left, `cell` the distance between neighbours."""

    left: int
    top: int
    cell: int
    flipped: bool = False

    @classmethod
    def fit(cls, area: pygame.Rect, flipped: bool = False, least: int = 12) -> Geometry:
        """Return the largest board that fits, centred in an area."""
        wide, high = 8 + 2 * (SIDE + FRAME), 9 + 2 * (END + FRAME)
        cell = max(int(min(area.width / wide, area.height / high)), least)
        left = area.left + (area.width - 8 * cell) // 2
        top = area.top + (area.height - 9 * cell) // 2
        return cls(left, top, cell, flipped)

    def point(self, square: int) -> tuple[int, int]:
        """Return the pixel of a point."""
        column, row = file_of(square), 9 - rank_of(square)
        if self.flipped:
            column, row = 8 - column, 9 - row
        return self.left + column * self.cell, self.top + row * self.cell

    def square_at(self, pixel: tuple[float, float]) -> int | None:
        """Return the square whose piece covers that pixel, or None."""
        column = round((pixel[0] - self.left) / self.cell)
        row = round((pixel[1] - self.top) / self.cell)
        if not (0 <= column <= 8 and 0 <= row <= 9):
            return None
        away = math.hypot(pixel[0] - self.left - column * self.cell, pixel[1] - self.top - row * self.cell)
        if away > 0.49 * self.cell:
            return None
        if self.flipped:
            column, row = 8 - column, 9 - row
        return (9 - row) * 9 + column

    def outside(self) -> pygame.Rect:
        """Return the rectangle of the whole board with its frame."""
        x, y = round((SIDE + FRAME) * self.cell), round((END + FRAME) * self.cell)
        return pygame.Rect(self.left - x, self.top - y, 8 * self.cell + 2 * x, 9 * self.cell + 2 * y)


@dataclass(frozen=True)
class Style:
    """The colours of a board: lines, characters, coordinates, and the highlight below the river's characters."""

    line: theme.Colour
    river: theme.Colour
    coordinates: theme.Colour
    light: theme.Colour


STYLES = {
    "wood": Style(theme.LINE, (120, 74, 36), (104, 62, 28), (244, 212, 158)),
    "paper": Style((58, 54, 50), (96, 88, 78), (84, 76, 66), (252, 249, 240)),
}


@lru_cache(maxsize=4)
def _bare(cell: int, flipped: bool, coordinates: str, name: str) -> pygame.Surface:
    """Return ground, lines, river and coordinates, drawn at twice the size and scaled down for smooth diagonals."""
    exact = Geometry(round((SIDE + FRAME) * cell), round((END + FRAME) * cell), cell, flipped)
    final = exact.outside().size
    size = final[0] * 2, final[1] * 2
    geometry = Geometry(2 * exact.left, 2 * exact.top, cell * 2, flipped)
    picture = pygame.Surface(size)
    style = STYLES[name]
    (_draw_wood if name == "wood" else _draw_paper)(picture, cell * 2)
    _draw_lines(picture, geometry, style)
    _draw_points(picture, geometry, style)
    small = pygame.transform.smoothscale(picture, final)
    _draw_river(small, exact, style)
    _draw_coordinates(small, exact, coordinates, style)
    return small


def _draw_paper(picture: pygame.Surface, cell: int) -> None:
    """Draw plain paper in a thin dark frame."""
    whole = picture.get_rect()
    step = max(cell // 40, 1)
    picture.fill((226, 218, 200))
    pygame.draw.rect(picture, (120, 110, 96), whole, step)
    face = whole.inflate(-2 * FRAME * cell, -2 * FRAME * cell)
    picture.fill((246, 241, 228), face)
    pygame.draw.rect(picture, (150, 138, 120), face, step)


def _draw_wood(picture: pygame.Surface, cell: int) -> None:
    whole = picture.get_rect()
    picture.blit(pieces.wood(whole.size, (138, 96, 66)), (0, 0))
    face = whole.inflate(-2 * FRAME * cell, -2 * FRAME * cell)
    step = max(cell // 40, 1)
    for distance, colour in ((4, (70, 40, 20)), (3, (92, 56, 28)), (2, (58, 32, 14)), (1, (44, 24, 10))):
        pygame.draw.rect(picture, colour, face.inflate(2 * distance * step, 2 * distance * step))
    picture.blit(pieces.wood(face.size), face)
    for distance in range(4):  # the face is a little lower than the frame
        shade = pygame.Surface((face.width, step), pygame.SRCALPHA)
        shade.fill((60, 30, 10, 70 - 17 * distance))
        picture.blit(shade, (face.left, face.top + distance * step))
    pygame.draw.rect(picture, (176, 126, 84), whole, step)
    pygame.draw.rect(picture, (88, 54, 30), whole.inflate(-2 * step, -2 * step), step)


def _at(geometry: Geometry, column: float, row: float) -> tuple[float, float]:
    return geometry.left + column * geometry.cell, geometry.top + row * geometry.cell


def _stroke(
    picture: pygame.Surface, start: tuple[float, float], end: tuple[float, float], width: int, colour: theme.Colour
) -> None:
    if start[0] == end[0] or start[1] == end[1]:
        left, top = min(start[0], end[0]), min(start[1], end[1])
        wide, high = abs(start[0] - end[0]) + width, abs(start[1] - end[1]) + width
        picture.fill(colour, (round(left - width / 2), round(top - width / 2), round(wide), round(high)))
    else:
        pygame.draw.aaline(picture, colour, start, end, width)


def _draw_lines(picture: pygame.Surface, geometry: Geometry, style: Style) -> None:
    cell = geometry.cell
    thin, thick = max(round(cell * 0.02), 2), max(round(cell * 0.045), 4)
    lines = [((0, row), (8, row)) for row in range(1, 9)]
    lines += [((column, top), (column, top + 4)) for column in range(1, 8) for top in (0, 5)]
    lines += [((3, top), (5, top + 2)) for top in (0, 7)] + [((5, top), (3, top + 2)) for top in (0, 7)]
    for start, end in lines:
        _stroke(picture, _at(geometry, *start), _at(geometry, *end), thin, style.line)
    corners = [(0, 0), (8, 0), (8, 9), (0, 9), (0, 0)]
    for start, end in pairwise(corners):
        _stroke(picture, _at(geometry, *start), _at(geometry, *end), thin, style.line)
    gap = 0.085
    outer: list[tuple[float, float]] = [
        (-gap, -gap),
        (8 + gap, -gap),
        (8 + gap, 9 + gap),
        (-gap, 9 + gap),
        (-gap, -gap),
    ]
    for begin, stop in pairwise(outer):
        _stroke(picture, _at(geometry, *begin), _at(geometry, *stop), thick, style.line)


def _draw_points(picture: pygame.Surface, geometry: Geometry, style: Style) -> None:
    """Draw the corner marks of cannon and pawn points, only the inner half on the edge files."""
    near, arm = 0.075, 0.155
    width = max(round(geometry.cell * 0.02), 2)
    for column, row in POINTS:
        for dx in (-1, 1):
            if not 0 <= column + dx <= 8:
                continue
            for dy in (-1, 1):
                x, y = column + dx * near, row + dy * near
                _stroke(picture, _at(geometry, x, y), _at(geometry, x + dx * arm, y), width, style.line)
                _stroke(picture, _at(geometry, x, y), _at(geometry, x, y + dy * arm), width, style.line)


def _draw_river(picture: pygame.Surface, geometry: Geometry, style: Style) -> None:
    size = round(geometry.cell * 0.62)
    for words, columns in (("楚河", (1.45, 2.55)), ("漢界", (5.45, 6.55))):
        for character, column in zip(words, columns, strict=True):
            x, y = _at(geometry, column, 4.5)
            theme.draw_text(picture, character, size, style.light, brush=True, center=(x, y + 1.5))
            theme.draw_text(picture, character, size, style.river, brush=True, center=(x, y))


def _draw_coordinates(picture: pygame.Surface, geometry: Geometry, kind: str, style: Style) -> None:
    """Draw coordinates: Chinese file numbers from each side's own right, or ICCS files and ranks."""
    cell, colour = geometry.cell, style.coordinates
    size = max(round(cell * 0.27), 9)
    for file in range(9):
        red_at, black_at = geometry.point(file), geometry.point(81 + file)
        out = round(cell * 0.70) * (-1 if geometry.flipped else 1)
        if kind == "chinese":
            theme.draw_text(
                picture, CHINESE_FILES[8 - file], size, colour, brush=True, center=(red_at[0], red_at[1] + out)
            )
            theme.draw_text(picture, str(file + 1), size, colour, brush=True, center=(black_at[0], black_at[1] - out))
        elif kind == "letters":
            for at, side in ((red_at, out), (black_at, -out)):
                theme.draw_text(picture, "abcdefghi"[file], size, colour, brush=True, center=(at[0], at[1] + side))
    if kind == "letters":
        for rank in range(10):
            y = geometry.point(9 * rank)[1]
            for x in (geometry.left - 0.575 * cell, geometry.left + 8.575 * cell):
                theme.draw_text(picture, str(rank), round(size * 0.85), colour, brush=True, center=(x, y))


def draw_board(surface: pygame.Surface, geometry: Geometry, coordinates: str, style: str = "wood") -> None:
    """Draw the parts of the board that moves do not change."""
    surface.blit(_bare(geometry.cell, geometry.flipped, coordinates, style), geometry.outside())


def _blit_centre(surface: pygame.Surface, picture: pygame.Surface, centre: tuple[float, float]) -> None:
    surface.blit(picture, picture.get_rect(center=(round(centre[0]), round(centre[1]))))


def _corner_mark(surface: pygame.Surface, centre: tuple[int, int], cell: int, colour: theme.Colour) -> None:
    """Draw four corners around a point, the mark of the last move's target."""
    reach, arm, width = round(cell * 0.47), round(cell * 0.15), max(round(cell * 0.05), 2)
    for dx in (-1, 1):
        for dy in (-1, 1):
            x, y = centre[0] + dx * reach, centre[1] + dy * reach
            for side in ((x - dx * arm, y), (x, y - dy * arm)):
                left, top = min(x, side[0]), min(y, side[1])
                box = pygame.Rect(left, top, abs(x - side[0]), abs(y - side[1])).inflate(width, width)
                pygame.draw.rect(surface, colour, box, border_radius=width // 2)


def draw_marks(surface: pygame.Surface, geometry: Geometry, view: View, hidden: Collection[int] = ()) -> None:
    """Draw the marks below the pieces: the last move's start and target, the selection, the piece that
    a reason names, a king in check."""
    cell = geometry.cell
    if view.last_move is not None:
        _blit_centre(surface, pieces.trace(cell, theme.MARK), geometry.point(view.last_move.from_square))
        _corner_mark(surface, geometry.point(view.last_move.to_square), cell, theme.MARK)
    if view.selected is not None and view.selected not in hidden:
        _blit_centre(surface, pieces.glow(cell, (255, 214, 96)), geometry.point(view.selected))
    if view.pointed is not None:
        _blit_centre(surface, pieces.start_ring(cell, theme.HINT), geometry.point(view.pointed))
    if view.prey is not None:
        _blit_centre(surface, pieces.start_ring(cell, theme.CHECK), geometry.point(view.prey))
    if view.checked_king is not None:
        _blit_centre(surface, pieces.glow(cell, theme.CHECK, 1.0), geometry.point(view.checked_king))


def draw_pieces(
    surface: pygame.Surface, geometry: Geometry, view: View, style: str, hidden: Collection[int] = ()
) -> None:
    """Draw the pieces and the marks of legal moves, without pieces on `hidden` squares, which are in motion."""
    cell = geometry.cell
    for square, piece in enumerate(view.pieces):
        if piece and square not in hidden:
            ring = theme.CHECK if square == view.checked_king else None
            _blit_centre(surface, pieces.disc(piece, cell, style, ring), geometry.point(square))
    for square, capture in view.targets:
        mark = pieces.halo(cell, (190, 40, 28)) if capture else pieces.dot(cell, (44, 128, 84))
        _blit_centre(surface, mark, geometry.point(square))


def draw_piece(
    surface: pygame.Surface, geometry: Geometry, piece: int, centre: tuple[float, float], style: str, alpha: int = 255
) -> None:
    """Draw a piece off its point, dragged or in motion, or faintly on its start point."""
    picture = pieces.disc(piece, geometry.cell, style)
    if alpha < 255:
        picture = picture.copy()
        picture.set_alpha(alpha)
    _blit_centre(surface, picture, centre)


def draw_small(surface: pygame.Surface, place: pygame.Rect, squares: Sequence[int], style: str, board: str) -> None:
    """Draw a small board without coordinates in a rectangle; `squares` holds 90 pieces."""
    geometry = Geometry.fit(place, least=4)
    cell = geometry.cell
    lines = STYLES[board].line
    outside = geometry.outside().clip(place)
    surface.fill((236, 204, 148) if board == "wood" else (246, 241, 228), outside)
    for row in range(10):
        pygame.draw.line(surface, lines, geometry.point(9 * row), geometry.point(9 * row + 8))
    for column in range(9):
        for first, last in ((0, 4), (5, 9)) if 0 < column < 8 else ((0, 9),):
            pygame.draw.line(surface, lines, geometry.point(9 * first + column), geometry.point(9 * last + column))
    for square, piece in enumerate(squares):
        if piece:
            picture = pieces.small_disc(piece, max(cell, 6), style)
            surface.blit(picture, picture.get_rect(center=geometry.point(square)))


def corner_names(geometry: Geometry) -> dict[str, list[int]]:
    """Return the pixels of the points a0 and i9, for scripts."""
    return {square_name(square): list(geometry.point(square)) for square in (0, 89)}
