"""Sets of squares, as methods of a board return them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from .squares import FILES, RANKS, SQUARES, check_square, square_name


class SquareSet(Set):
    """An immutable set of squares, iterated from a0 to i9; members may be numbers or names.

    It has the operators of `frozenset` (`|`, `&`, `-`, `^`, `<=`) and equals any set or list of the same squares.
    """

    __slots__ = ("_squares",)

    def __init__(self, squares: Iterable[int | str] = ()):
        """Make a set of squares; raises TypeError or ValueError for anything else."""
        if isinstance(squares, str) or not isinstance(squares, Iterable):
            raise TypeError(f"expected squares, found {type(squares).__name__} {squares!r:.80}")
        self._squares = tuple(sorted({check_square(sq) for sq in squares}))

    def __iter__(self) -> Iterator[int]:
        return iter(self._squares)

    def __len__(self) -> int:
        return len(self._squares)

    def __contains__(self, sq: object) -> bool:
        """Return whether a square is in the set; raises TypeError or ValueError for anything but a square."""
        return check_square(sq) in self._squares

    def __eq__(self, other: object) -> bool:
        if isinstance(other, SquareSet):
            return self._squares == other._squares
        if isinstance(other, Set | list | tuple):
            return len(other) == len(self._squares) and set(other) == set(self._squares)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._squares))

    def names(self) -> list[str]:
        """Return the names of the squares, `["a0", "e4"]`."""
        return [square_name(sq) for sq in self._squares]

    def __str__(self) -> str:
        """Return ten rows, Black's side above: `1` for a square in the set, `.` for any other."""
        marks = ["1" if sq in self._squares else "." for sq in range(SQUARES)]
        return "\n".join(" ".join(marks[rank * FILES : (rank + 1) * FILES]) for rank in range(RANKS - 1, -1, -1))

    def __repr__(self) -> str:
        return f"SquareSet({self.names()})"


def found(squares: Iterable[int]) -> SquareSet:
    """Return the set of numbers known to be squares, in order and without duplicates."""
    new = object.__new__(SquareSet)
    new._squares = tuple(squares)
    return new


ALL_SQUARES = SquareSet(range(SQUARES))
