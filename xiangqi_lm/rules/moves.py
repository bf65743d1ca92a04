"""The 2,086 possible moves: (from, to) identifies the move, its token and its column in every mask."""

from __future__ import annotations

import re
from functools import total_ordering
from operator import index

import numpy as np

from ..errors import InvalidMove, quoted
from . import squares as sq


def _geometry() -> list[tuple[int, int]]:
    """Return every (from, to) that any piece of either colour could ever play, sorted."""
    pairs: set[tuple[int, int]] = set()
    for s in range(sq.SQUARES):
        pairs |= {(s, t) for d in sq.ORTHOGONALS for t in sq.ray(s, d)}
        pairs |= {(s, t) for t, _ in sq.horse_steps(s)}
        for color in sq.Color:
            pairs |= {(s, t) for t in sq.advisor_steps(s, color)}
            pairs |= {(s, t) for t, _ in sq.elephant_steps(s, color)}
    return sorted(pairs)


@total_ordering
class Move:
    """The move of a piece from one square to another, interned and immutable: one object for each of the 2,086.

    `id` is its index in the sorted list of all moves. Moves compare by identity and order by id. `Move.null()`, which
    passes the turn, is false; it has the id -1 and is not one of the 2,086.
    """

    __slots__ = ("from_square", "id", "to_square")
    from_square: int
    to_square: int
    id: int

    def __init__(self) -> None:
        raise TypeError("moves are interned: use Move.of, Move.from_id or Move.from_iccs")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"moves are immutable: {name!r} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"moves are immutable: {name!r} cannot be deleted")

    @staticmethod
    def of(from_square: int | str, to_square: int | str) -> Move:
        """Return the move between two squares; raises InvalidMove if no piece ever moves like that."""
        a, b = sq.check_square(from_square), sq.check_square(to_square)
        move = _BY_PAIR.get((a, b))
        if move is None:
            names = sq.square_name(a) + sq.square_name(b)
            raise InvalidMove(f"{names}: no piece moves like that", code="move.geometry", text=names)
        return move

    @staticmethod
    def from_id(move_id: int) -> Move:
        """Return the move with an id from 0 to 2085; raises TypeError or ValueError."""
        try:
            number = index(move_id)
        except TypeError:
            raise TypeError(f"expected the id of a move, 0-{MOVE_COUNT - 1}, found {quoted(move_id)}") from None
        if not 0 <= number < MOVE_COUNT:
            raise ValueError(f"expected the id of a move, 0-{MOVE_COUNT - 1}, found {quoted(number)}")
        return MOVES[number]

    @staticmethod
    def from_iccs(text: str) -> Move:
        """Return the move of a text `h2e2`, `H2E2` or `H2-E2`; raises InvalidMove or TypeError."""
        if not isinstance(text, str):
            raise TypeError(f"expected the text of a move, such as 'h2e2', found {quoted(text)}")
        found = re.fullmatch(r"([a-i][0-9])-?([a-i][0-9])", text.strip().lower(), re.ASCII)
        move = found and _BY_PAIR.get((sq.parse_square(found[1]), sq.parse_square(found[2])))
        if not move:
            why = "expected two squares that some piece connects, as in h2e2"
            raise InvalidMove(f"{quoted(text)}: {why}", code="move.unreadable", text=text)
        return move

    from_uci = from_iccs  # python-chess's name

    @staticmethod
    def null() -> Move:
        """Return the null move, which passes the turn: `Board.push` accepts it, but it is never a legal move."""
        return NULL_MOVE

    def __bool__(self) -> bool:
        return self.id >= 0

    def iccs(self) -> str:
        """Return `h2e2`; `0000` for the null move."""
        return _NAMES[self.id]

    uci = iccs  # python-chess's name

    def mirror(self) -> Move:
        """Return the same move on the board reflected left to right."""
        return MOVES[MIRROR_ID[self.id]] if self.id >= 0 else self

    def half_turn(self) -> Move:
        """Return the same move as the other player sees it."""
        return MOVES[HALF_TURN_ID[self.id]] if self.id >= 0 else self

    def __str__(self) -> str:
        return self.iccs()

    def __repr__(self) -> str:
        return f"Move({self.iccs()})"

    def __lt__(self, other: object) -> bool:
        return self.id < other.id if isinstance(other, Move) else NotImplemented

    def __reduce__(self) -> tuple:
        return (Move.from_id, (self.id,)) if self.id >= 0 else (Move.null, ())


def check_move(value: object) -> Move:
    """Return the value if it is a Move; else raise a TypeError that says how to parse texts."""
    if value.__class__ is Move:
        return value
    hint = "; read a text with Board.parse, or play it with Board.push_text" if isinstance(value, str) else ""
    raise TypeError(f"expected a Move, found {quoted(value)}{hint}")


def _intern(move_id: int, pair: tuple[int, int]) -> Move:
    move = object.__new__(Move)
    for name, value in zip(("from_square", "to_square", "id"), (*pair, move_id), strict=True):
        object.__setattr__(move, name, value)
    return move


NULL_MOVE = _intern(-1, (0, 0))
MOVES: tuple[Move, ...] = tuple(_intern(i, pair) for i, pair in enumerate(_geometry()))
MOVE_COUNT = len(MOVES)  # 2,086
_NAMES = [*(sq.square_name(m.from_square) + sq.square_name(m.to_square) for m in MOVES), "0000"]  # by id, -1 at the end
_BY_PAIR = {(m.from_square, m.to_square): m for m in MOVES}

FROM = np.array([m.from_square for m in MOVES], dtype=np.int16)  # [2086]
TO = np.array([m.to_square for m in MOVES], dtype=np.int16)  # [2086]
MOVE_ID = np.full((sq.SQUARES, sq.SQUARES), -1, dtype=np.int16)  # [90, 90]
MOVE_ID[FROM, TO] = np.arange(MOVE_COUNT)
MIRROR_ID = MOVE_ID[sq.MIRROR[FROM], sq.MIRROR[TO]].astype(np.int64)  # [2086]
HALF_TURN_ID = MOVE_ID[sq.HALF_TURN[FROM], sq.HALF_TURN[TO]].astype(np.int64)  # [2086]


# ------------------------------------------------------------------------------------------------ Zobrist keys

_WORD = (1 << 64) - 1


def _splitmix(seed: int, count: int) -> list[int]:
    """Return `count` 64-bit words of the SplitMix64 generator (Steele, Lea and Flood 2014)."""
    words = []
    for _ in range(count):
        seed = (seed + 0x9E3779B97F4A7C15) & _WORD
        z = seed
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        words.append(z ^ (z >> 31))
    return words


_words = _splitmix(0x58514C4D, 15 * 90 + 1)
KEYS = [[0] * 90 if p == 7 else _words[p * 90 : (p + 1) * 90] for p in range(15)]  # [piece + 7][square]
BLACK_TO_MOVE = _words[-1]
