"""`BaseBoard`: pieces on squares without a side to move, to look at and to set up."""

from __future__ import annotations

from array import array

import numpy as np

from . import fen, jit, pictures
from .pieces import KING, MOST, PIECES, Piece, check_kind, check_piece, letter
from .square_set import ALL_SQUARES, SquareSet, found
from .squares import SQUARES, Color, check_color, check_square, square_name


class BaseBoard:
    """Pieces on squares.

    There are never more pieces of a kind than a game has, nor a piece on a square it can never reach: kernels rely on
    it. Kings may be missing. Squares are numbers 0-89 or names, `"e0"`; anything else raises TypeError or ValueError.
    """

    __slots__ = ("_has_kings", "_squares", "_view")

    def _hold(self, squares: array) -> None:
        """Use `squares` (int8 [90]) as the board's own array."""
        self._squares = squares
        self._view = np.frombuffer(squares, dtype=np.int8)  # the same memory, for kernels
        self._has_kings = squares.count(KING) == squares.count(-KING) == 1

    def _edited(self) -> None:
        """Update what depends on the pieces after a set-up by hand."""
        self._has_kings = self._squares.count(KING) == self._squares.count(-KING) == 1

    # -------------------------------------------------------------------------------------------- looking

    @property
    def array(self) -> np.ndarray:
        """Return the pieces as int8 [90]; a copy."""
        return self._view.copy()

    def tobytes(self) -> bytes:
        """Return the pieces as 90 signed bytes, a0 first."""
        return self._squares.tobytes()

    def piece_at(self, square: int | str) -> Piece | None:
        """Return the piece on a square, or None."""
        return PIECES[self._squares[check_square(square)]]

    def piece_type_at(self, square: int | str) -> int | None:
        """Return the kind of the piece on a square (`pieces.KING` … `PAWN`), or None."""
        return abs(self._squares[check_square(square)]) or None

    def color_at(self, square: int | str) -> Color | None:
        """Return the side of the piece on a square, or None."""
        piece = self.piece_at(square)
        return piece.color if piece else None

    def piece_map(self) -> dict[int, Piece]:
        """Return square -> piece for all pieces on the board."""
        return {sq: piece for sq, number in enumerate(self._squares) if (piece := PIECES[number]) is not None}

    def pieces(self, kind: int, color: Color) -> SquareSet:
        """Return the squares of a side's pieces of one kind."""
        piece, held = (check_kind(kind) * check_color(color)) & 0xFF, self._squares.tobytes()
        squares, sq = [], held.find(piece)
        while sq >= 0:  # three times as fast as looking at every square
            squares.append(sq)
            sq = held.find(piece, sq + 1)
        return found(squares)

    def king(self, color: Color) -> int | None:
        """Return the square of a side's king, or None where it is missing."""
        king = check_color(color) * KING
        return self._squares.index(king) if king in self._squares else None

    def attackers(self, color: Color, square: int | str) -> SquareSet:
        """Return the squares of a side's pieces that could take an enemy piece on a square, ignoring pins.

        Pieces that defend a piece of their own side count too; kings attack each other along an open file.
        """
        out = np.empty(16, dtype=np.int16)
        count = jit.kernels().attackers(self._view, check_square(square), int(check_color(color)), out)
        return found(sorted(out[:count].tolist()))

    def is_attacked(self, color: Color, square: int | str) -> bool:
        """Return whether any piece of a side attacks a square."""
        return len(self.attackers(color, square)) > 0

    is_attacked_by = is_attacked  # python-chess's name

    def attacks(self, square: int | str) -> SquareSet:
        """Return the squares that the piece on a square attacks, empty or occupied by either side, ignoring pins."""
        origin = check_square(square)
        side = (self._squares[origin] > 0) - (self._squares[origin] < 0)
        if side == 0:
            return found(())
        kernel, out = jit.kernels(), np.empty(16, dtype=np.int16)
        targets = (sq for sq in range(SQUARES) if origin in out[: kernel.attackers(self._view, sq, side, out)])
        return found(targets)

    def pinned(self, color: Color) -> SquareSet:
        """Return a side's pieces that shield its king from check, so that most or all of their moves are illegal.

        Against a cannon two pieces shield, and both are pinned; a piece on the leg of a horse is pinned too.
        """
        side = int(check_color(color))
        if self.king(color) is None:
            return found(())
        pinned, pinners = np.zeros((2, SQUARES), dtype=np.uint8)
        jit.kernels("chasing").pins(self._view, side, pinned, pinners)
        return found(np.flatnonzero(pinned * (self._view * side > 0)).tolist())

    def is_pinned(self, color: Color, square: int | str) -> bool:
        """Return whether a side's piece on a square is pinned."""
        return check_square(square) in self.pinned(color)

    def pin(self, color: Color, square: int | str) -> SquareSet:
        """Return the squares where a pinned piece still shields its king from a new check; every square if not pinned.

        These are the squares of the line and that of the pinning piece, whether the piece can move there or not.
        """
        origin, side = check_square(square), check_color(color)
        if not self.is_pinned(side, origin):
            return ALL_SQUARES
        king, before = self.king(side), self.attackers(side.opponent, self.king(side) or 0)
        trial = BaseBoard()
        safe = []
        for target in range(SQUARES):
            trial._hold(self._squares[:])
            trial._squares[target], trial._squares[origin] = self._squares[origin], 0
            if target == origin:
                trial._squares[origin] = self._squares[origin]
            if target != king and trial.attackers(side.opponent, king or 0) <= before:
                safe.append(target)
        return found(safe)

    # -------------------------------------------------------------------------------------------- setting up

    def set_piece_at(self, square: int | str, piece: Piece | int | str | None) -> None:
        """Put a piece (a Piece, its number or its FEN letter) on a square, or clear the square with None.

        The position becomes the start position, with no moves to take back. Raises InvalidFen for a piece that can
        never reach that square, or of which the side already has all.
        """
        sq = check_square(square)
        number = 0 if piece is None else int(check_piece(piece))
        if number in fen.ALLOWED and sq not in fen.ALLOWED[number]:
            why = f"{letter(number)!r} can never be on {square_name(sq)}"
            raise fen.fault(
                fen.write_placement(self._squares), "set-up", why, "square", piece=number, square=square_name(sq)
            )
        if number and self._squares[sq] != number and self._squares.count(number) >= MOST[abs(number)]:
            most, color = MOST[abs(number)], Color(1 if number > 0 else -1)
            why = f"{fen.SIDE_NAMES[color]} already has {most} {letter(number)!r}"
            details = {"color": color, "piece": number, "found": most + 1, "most": most}
            raise fen.fault(fen.write_placement(self._squares), "set-up", why, "too_many", **details)
        self._squares[sq] = number
        self._edited()

    def remove_piece_at(self, square: int | str) -> Piece | None:
        """Clear a square and return its piece, or None; the position becomes the start position."""
        piece = self.piece_at(square)
        self.set_piece_at(square, None)
        return piece

    def clear(self) -> None:
        """Clear all squares; the position becomes the start position."""
        self._hold(array("b", bytes(SQUARES)))
        self._edited()

    # -------------------------------------------------------------------------------------------- showing

    def board_fen(self) -> str:
        """Return the first field of FEN."""
        return fen.write_placement(self._squares)

    def __str__(self) -> str:
        """Return ten rows of FEN letters, Black above."""
        return pictures.ascii_picture(self)

    def unicode(self) -> str:
        """Return the board with Chinese characters and coordinates, for a terminal with full-width glyphs."""
        return pictures.unicode_picture(self)
