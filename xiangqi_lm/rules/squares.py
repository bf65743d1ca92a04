"""The 90 squares of the board and all tables of geometry that the rules need; every table is generated.

A square is `rank * 9 + file`: a0 = 0 (Red's left corner, Red's home rank), i9 = 89.
"""

from __future__ import annotations

import re
from enum import IntEnum
from operator import index

import numpy as np

from ..errors import InvalidMove, quoted

FILES, RANKS, SQUARES = 9, 10, 90


class Color(IntEnum):
    """A side; the sign of its pieces on the board array.

    A side has no truth value: `not RED` would be False and `not BLACK` too. The other side is `color.opponent`, or
    `~color`.
    """

    RED = 1
    BLACK = -1

    @property
    def opponent(self) -> Color:
        return Color(-self)

    def __invert__(self) -> Color:
        return Color(-self)

    def __bool__(self) -> bool:
        raise TypeError(
            "a side has no truth value; use color.opponent or ~color for the other side, `is RED` to compare"
        )


RED, BLACK = Color.RED, Color.BLACK

# ------------------------------------------------------------------------------------------------ names


def check_square(value: object) -> int:
    """Return a square given as a number 0-89 or as a name; raises TypeError, ValueError or InvalidMove."""
    if isinstance(value, str):
        return parse_square(value)
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"expected a square 0-89 or a name such as 'e0', found {quoted(value)}")
    number = int(value)
    if not 0 <= number < SQUARES:
        raise ValueError(f"expected a square 0-89, found {quoted(number)}")
    return number


def check_color(value: object) -> Color:
    """Return a side given as a Color or as +1 or -1; raises TypeError for anything else."""
    if value.__class__ is Color:
        return value
    if isinstance(value, int | np.integer) and not isinstance(value, bool) and value in (1, -1):
        return Color(int(value))
    raise TypeError(f"expected RED or BLACK, found {quoted(value)}")


def square(file: int, rank: int) -> int:
    """Return the square of a file 0-8 and a rank 0-9; raises TypeError or ValueError."""
    if 0 <= file < FILES and 0 <= rank < RANKS:
        return index(rank) * FILES + index(file)
    raise ValueError(f"expected a file 0-8 and a rank 0-9, found {quoted(file)} and {quoted(rank)}")


def file_of(sq: int) -> int:
    """Return the file of a square, 0-8; the number is not checked."""
    return sq % FILES


def rank_of(sq: int) -> int:
    """Return the rank of a square, 0-9; the number is not checked."""
    return sq // FILES


def square_name(sq: int) -> str:
    """Return the name of a square, `0 -> "a0"`, `89 -> "i9"`; raises TypeError or ValueError."""
    number = check_square(sq)
    return "abcdefghi"[number % FILES] + str(number // FILES)


def parse_square(text: str) -> int:
    """Return the square of a name, `"h2" -> 25`; upper case is accepted; raises InvalidMove or TypeError."""
    if not isinstance(text, str):
        raise TypeError(f"expected the name of a square, such as 'e0', found {quoted(text)}")
    if not re.fullmatch(r"[a-iA-I][0-9]", text, re.ASCII):
        raise InvalidMove(f"{quoted(text)}: expected a file a-i and a rank 0-9", code="square.name", text=text)
    return int(text[1]) * FILES + "abcdefghi".index(text[0].lower())


# ------------------------------------------------------------------------------------------------ symmetries


def mirror(sq: int) -> int:
    """Return the square reflected left to right: file a becomes file i."""
    number = check_square(sq)
    return number - 2 * file_of(number) + FILES - 1


def half_turn(sq: int) -> int:
    """Return the square as the other player sees it: the board turned by 180 degrees."""
    return SQUARES - 1 - check_square(sq)


MIRROR = np.array([mirror(s) for s in range(SQUARES)], dtype=np.int64)
HALF_TURN = np.array([half_turn(s) for s in range(SQUARES)], dtype=np.int64)

# ------------------------------------------------------------------------------------------------ regions


def in_palace(sq: int, color: int) -> bool:
    """Return whether a square lies in the palace of a side."""
    number = check_square(sq)
    rank = rank_of(number) if color > 0 else RANKS - 1 - rank_of(number)
    return 3 <= file_of(number) <= 5 and rank <= 2


def on_own_half(sq: int, color: int) -> bool:
    """Return whether a square lies on a side's own half of the river."""
    return (rank_of(check_square(sq)) <= 4) == (color > 0)


# ------------------------------------------------------------------------------------------------ steps

ORTHOGONALS = ((0, 1), (0, -1), (1, 0), (-1, 0))  # along the file first: kings face each other in directions 0 and 1
DIAGONALS = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def shifted(sq: int, df: int, dr: int) -> int | None:
    """Return the square `df` files and `dr` ranks away, or None off the board."""
    number = check_square(sq)
    file, rank = file_of(number) + df, rank_of(number) + dr
    return square(file, rank) if 0 <= file < FILES and 0 <= rank < RANKS else None


def ray(sq: int, direction: tuple[int, int]) -> list[int]:
    """Return the squares from `sq` in one direction, nearest first."""
    squares = []
    here = shifted(sq, *direction)
    while here is not None:
        squares.append(here)
        here = shifted(here, *direction)
    return squares


def king_steps(sq: int, color: int) -> list[int]:
    if not in_palace(sq, color):
        return []
    return [t for d in ORTHOGONALS if (t := shifted(sq, *d)) is not None and in_palace(t, color)]


def advisor_points(color: int) -> set[int]:
    corner_rank, middle = (0, square(4, 1)) if color > 0 else (RANKS - 3, square(4, RANKS - 2))
    return {middle} | {square(f, r) for f in (3, 5) for r in (corner_rank, corner_rank + 2)}


def advisor_steps(sq: int, color: int) -> list[int]:
    points = advisor_points(color)
    return [t for d in DIAGONALS if (t := shifted(sq, *d)) in points and t is not None] if sq in points else []


def elephant_points(color: int) -> set[int]:
    """Return the seven squares an elephant can reach, found by its steps from its start square."""
    found, todo = set(), [square(2, 0 if color > 0 else RANKS - 1)]
    while todo:
        sq = todo.pop()
        found.add(sq)
        targets = (shifted(sq, 2 * df, 2 * dr) for df, dr in DIAGONALS)
        todo += [t for t in targets if t is not None and on_own_half(t, color) and t not in found]
    return found


def elephant_steps(sq: int, color: int) -> list[tuple[int, int]]:
    """Return pairs (target, eye) of an elephant."""
    points = elephant_points(color)
    if sq not in points:
        return []
    pairs = ((shifted(sq, 2 * df, 2 * dr), shifted(sq, df, dr)) for df, dr in DIAGONALS)
    return [(t, eye) for t, eye in pairs if t in points and t is not None and eye is not None]


def horse_steps(sq: int) -> list[tuple[int, int]]:
    """Return pairs (target, leg) of a horse."""
    pairs = []
    for df, dr in ORTHOGONALS:
        leg = shifted(sq, df, dr)
        for side in (1, -1):
            target = shifted(sq, 2 * df + side * dr, 2 * dr + side * df)
            if leg is not None and target is not None:
                pairs.append((target, leg))
    return pairs


def pawn_steps(sq: int, color: int) -> list[int]:
    """Return the squares that a pawn attacks: forward, and sideways once across the river."""
    directions = [(0, int(color))] + ([] if on_own_half(sq, color) else [(1, 0), (-1, 0)])
    return [t for d in directions if (t := shifted(sq, *d)) is not None]


def pawn_points(color: int) -> set[int]:
    """Return the squares a pawn can be on: its five files from its start rank to the river, and all squares beyond."""
    start = 3 if color > 0 else RANKS - 4
    home = {s for s in range(SQUARES) if on_own_half(s, color) and file_of(s) % 2 == 0}
    home = {s for s in home if (rank_of(s) - start) * color >= 0}
    return home | {s for s in range(SQUARES) if not on_own_half(s, color)}


# ------------------------------------------------------------------------------------------------ tables for kernels


def _table(rows: list[list[int]], width: int) -> np.ndarray:
    """Return lists of squares as one int8 array [len(rows), width], padded with -1."""
    out = np.full((len(rows), width), -1, dtype=np.int8)
    for i, row in enumerate(rows):
        out[i, : len(row)] = row
    return out


_ALL = range(SQUARES)
FILE_OF = np.array([file_of(s) for s in _ALL], dtype=np.uint8)  # [90]
RANK_OF = np.array([rank_of(s) for s in _ALL], dtype=np.uint8)  # [90]
RAY = np.stack([_table([ray(s, d) for s in _ALL], 10) for d in ORTHOGONALS], axis=1)  # [90, 4, 10]
KING_TO = np.stack([_table([king_steps(s, c) for s in _ALL], 5) for c in (RED, BLACK)])  # [2, 90, 5]
ADVISOR_TO = np.stack([_table([advisor_steps(s, c) for s in _ALL], 5) for c in (RED, BLACK)])  # [2, 90, 5]
ELEPHANT_TO = np.stack([_table([[t for t, _ in elephant_steps(s, c)] for s in _ALL], 5) for c in (RED, BLACK)])
ELEPHANT_EYE = np.stack([_table([[e for _, e in elephant_steps(s, c)] for s in _ALL], 5) for c in (RED, BLACK)])
HORSE_TO = _table([[t for t, _ in horse_steps(s)] for s in _ALL], 9)  # [90, 9]
HORSE_LEG = _table([[leg for _, leg in horse_steps(s)] for s in _ALL], 9)
PAWN_TO = np.stack([_table([pawn_steps(s, c) for s in _ALL], 4) for c in (RED, BLACK)])  # [2, 90, 4]

_horse_in: list[list[tuple[int, int]]] = [[] for _ in _ALL]
_pawn_in: list[list[list[int]]] = [[[] for _ in _ALL] for _ in Color]
for _s in _ALL:
    for _t, _leg in horse_steps(_s):
        _horse_in[_t].append((_s, _leg))
    for _rows, _color in zip(_pawn_in, (RED, BLACK), strict=True):
        for _t in pawn_steps(_s, _color):
            _rows[_t].append(_s)
HORSE_FROM = _table([[s for s, _ in row] for row in _horse_in], 9)  # [90, 9]: squares a horse attacks this one from
HORSE_FROM_LEG = _table([[leg for _, leg in row] for row in _horse_in], 9)  # [90, 9]: the attacker's leg
PAWN_FROM = np.stack([_table(rows, 4) for rows in _pawn_in])  # [2, 90, 4]: squares a pawn of that colour attacks from
