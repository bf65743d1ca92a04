"""The 2,086 moves there are: (from, to) is the move, the token and the column of every mask."""

from __future__ import annotations

import re
from functools import total_ordering

import numpy as np

from ..errors import InvalidMove
from . import squares as sq


def _geometry() -> list[tuple[int, int]]:
    """Every (from, to) that some piece of some colour could ever use, sorted."""
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
    """A man goes from one crossing to another. Interned: there is one object for each of the 2,086.

    `id` is its index in the sorted list of all moves. Moves compare by identity and order by id.
    """

    __slots__ = ("from_square", "id", "to_square")
    from_square: int
    to_square: int
    id: int

    def __init__(self) -> None:
        raise TypeError("moves are interned: use Move.of, Move.from_id or Move.from_iccs")

    @staticmethod
    def of(from_square: int, to_square: int) -> Move:
        """The move between two squares; raises InvalidMove when no man ever moves so."""
        move = _BY_PAIR.get((from_square, to_square))
        if move is None:
            raise InvalidMove(f"no man moves from square {from_square} to square {to_square}")
        return move

    @staticmethod
    def from_id(move_id: int) -> Move:
        return MOVES[move_id]

    @staticmethod
    def from_iccs(text: str) -> Move:
        """`h2e2`, `H2E2` or `H2-E2`; raises InvalidMove."""
        found = re.fullmatch(r"([a-i][0-9])-?([a-i][0-9])", text.strip().lower())
        move = found and _BY_PAIR.get((sq.parse_square(found[1]), sq.parse_square(found[2])))
        if not move:
            raise InvalidMove(f"no move {text!r}: expected two squares that some man connects, as in h2e2")
        return move

    def iccs(self) -> str:
        return sq.square_name(self.from_square) + sq.square_name(self.to_square)

    def mirror(self) -> Move:
        """The same move on the board reflected left to right."""
        return MOVES[MIRROR_ID[self.id]]

    def half_turn(self) -> Move:
        """The same move as the other player sees it."""
        return MOVES[HALF_TURN_ID[self.id]]

    def __repr__(self) -> str:
        return f"Move({self.iccs()})"

    def __lt__(self, other: object) -> bool:
        return self.id < other.id if isinstance(other, Move) else NotImplemented

    def __reduce__(self) -> tuple:
        return Move.from_id, (self.id,)


def _intern(move_id: int, pair: tuple[int, int]) -> Move:
    move = object.__new__(Move)
    move.from_square, move.to_square = pair
    move.id = move_id
    return move


MOVES: tuple[Move, ...] = tuple(_intern(i, pair) for i, pair in enumerate(_geometry()))
MOVE_COUNT = len(MOVES)  # 2,086
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
    """`count` 64-bit words of the SplitMix64 generator (Steele, Lea and Flood 2014)."""
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
