"""Pictures of a board: text for a terminal, SVG for notebooks and documents."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from math import hypot
from typing import TYPE_CHECKING

from .pieces import glyph, letter
from .squares import (
    ADVISOR_TO,
    FILES,
    ORTHOGONALS,
    RANKS,
    SQUARES,
    file_of,
    rank_of,
    shifted,
    square,
)

if TYPE_CHECKING:
    from .base_board import BaseBoard
    from .board import Board
    from .moves import Move


def ascii_picture(board: BaseBoard) -> str:
    """Return ten rows of FEN letters, Black above."""
    squares = board.array.tolist()
    rows = (squares[rank * FILES : rank * FILES + FILES] for rank in range(RANKS - 1, -1, -1))
    return "\n".join(" ".join(letter(piece) for piece in row) for row in rows)


def unicode_picture(board: BaseBoard) -> str:
    """Return ten rows with the pieces' Chinese characters, full-width squares and coordinates."""
    squares = board.array.tolist()
    rows = []
    for rank in range(RANKS - 1, -1, -1):
        row = squares[rank * FILES : rank * FILES + FILES]
        rows.append(f"{rank} " + "".join(glyph(piece) if piece else "＋" for piece in row))
        if rank == 5:
            rows.append("  　楚河　　　漢界　")
    return "\n".join([*rows, "  " + "".join("ａｂｃｄｅｆｇｈｉ")])


# ------------------------------------------------------------------------------------------------ SVG

_CELL = 40
_WOOD, _INK, _RED, _BLACK, _SHADE, _GREEN = "#f2d9a6", "#5b3a1a", "#b3261e", "#1d1d1d", "#9db8c9", "#2b7a3d"
_FONT = "'LXGW WenKai','Kaiti SC',KaiTi,serif"


def _center(sq: int) -> tuple[int, int]:
    return (file_of(sq) + 1) * _CELL, (RANKS - rank_of(sq)) * _CELL


def _tag(name: str, **attributes: object) -> str:
    """Return an empty element; `_` in attribute names becomes `-`."""
    return f"<{name} " + " ".join(f'{key.replace("_", "-")}="{value}"' for key, value in attributes.items()) + "/>"


def _line(a: int, b: int) -> str:
    (x1, y1), (x2, y2) = _center(a), _center(b)
    return _tag("line", x1=x1, y1=y1, x2=x2, y2=y2)


def _text(x: float, y: float, words: str, size: int, color: str = _INK) -> str:
    place = f'x="{x:g}" y="{y + size * 0.36:g}" font-size="{size}" fill="{color}"'
    return f'<text {place} text-anchor="middle" font-family="{_FONT}">{words}</text>'


def _grid() -> Iterator[str]:
    """Yield the lines of the grid; only the edge files cross the river."""
    for s in range(SQUARES):
        for direction in ORTHOGONALS[::2]:
            t = shifted(s, *direction)
            crosses_river = rank_of(s) == 4 and direction[1] == 1 and 0 < file_of(s) < FILES - 1
            if t is not None and not crosses_river:
                yield _line(s, t)
        for table in ADVISOR_TO:
            yield from (_line(s, int(t)) for t in table[s] if t > s)


def _labels() -> Iterator[str]:
    x, y = _center(square(2, 4))
    yield _text(x, y - _CELL / 2, "楚河", 20)
    yield _text(x + 4 * _CELL, y - _CELL / 2, "漢界", 20)
    yield from (_text((f + 1) * _CELL, (RANKS + 0.75) * _CELL, "abcdefghi"[f], 14) for f in range(FILES))
    yield from (_text(0.3 * _CELL, (RANKS - r) * _CELL, str(r), 14) for r in range(RANKS))


def _piece(sq: int, piece: int) -> str:
    x, y = _center(sq)
    color = _RED if piece > 0 else _BLACK
    return _tag("circle", cx=x, cy=y, r=17, fill="#fdf3dc", stroke=color, stroke_width=1.6) + _text(
        x, y, glyph(piece), 22, color
    )


def _arrow(move: Move) -> str:
    """Return a line with a small triangle at its end, drawn explicitly as not every program supports SVG markers."""
    (x1, y1), (x2, y2) = _center(move.from_square), _center(move.to_square)
    length = hypot(x2 - x1, y2 - y1)
    dx, dy = (x2 - x1) / length, (y2 - y1) / length
    x3, y3 = x2 - 12 * dx, y2 - 12 * dy
    head = f"{x2:.1f},{y2:.1f} {x3 - 7 * dy:.1f},{y3 + 7 * dx:.1f} {x3 + 7 * dy:.1f},{y3 - 7 * dx:.1f}"
    shaft = _tag("line", x1=x1, y1=y1, x2=f"{x3:.1f}", y2=f"{y3:.1f}", stroke=_GREEN, stroke_width=4)
    return shaft + _tag("polygon", points=head, fill=_GREEN)


def svg(board: Board, arrows: Collection[Move] = (), marks: Collection[int] = ()) -> str:
    """Return a drawing of the position with its last move shaded; `arrows` adds moves and `marks` circles squares."""
    width, height = (FILES + 1) * _CELL, round((RANKS + 1.2) * _CELL)
    parts = [_tag("rect", width=width, height=height, fill=_WOOD)]
    if board.ply:
        for x, y in map(_center, (board.peek().from_square, board.peek().to_square)):
            parts.append(_tag("rect", x=x - 19, y=y - 19, width=38, height=38, rx=6, fill=_SHADE))
    parts += [f'<g stroke="{_INK}" stroke-width="1.2">', *_grid(), "</g>", *_labels()]
    parts += [_piece(sq, piece) for sq, piece in board.piece_map().items()]
    for x, y in map(_center, marks):
        parts.append(_tag("circle", cx=x, cy=y, r=19, fill="none", stroke=_RED, stroke_width=3))
    parts += map(_arrow, arrows)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
    return head + "".join(parts) + "</svg>"
