"""The position editor: pick a piece, then points; invalid placements are refused with a reason."""

from __future__ import annotations

from array import array
from collections import Counter

from ...rules import fen as fen_format
from ...rules import pieces
from ...rules.board import Board
from ...rules.squares import RED, Color, square_name
from . import positions
from .texts import Message, message

PALETTE = (pieces.KING, pieces.ADVISOR, pieces.ELEPHANT, pieces.ROOK, pieces.HORSE, pieces.CANNON, pieces.PAWN)


class Editor:
    """A position being set up; `picked` is the piece to place on the next points, None to move pieces."""

    def __init__(self, board: Board):
        self.squares: list[int] = board.array.tolist()
        self.turn: Color = board.turn
        self.picked: int | None = None
        self._before = list(self.squares), self.turn

    @property
    def changed(self) -> bool:
        """Return whether the position differs from the one at the start."""
        return (self.squares, self.turn) != self._before

    @property
    def counts(self) -> Counter[int]:
        """Return the number of each piece on the board."""
        return Counter(piece for piece in self.squares if piece)

    def room_for(self, piece: int) -> bool:
        """Return whether one more of a piece can be placed."""
        return self.counts[piece] < pieces.MOST.get(abs(piece), 1)

    def put(self, piece: int, square: int) -> Message | None:
        """Put a piece on a point, replacing the piece there; return the reason if this is impossible."""
        if square not in fen_format.ALLOWED.get(piece, range(90)):
            return message("position_wrong_point", error=True, piece=piece, square=square_name(square))
        before, self.squares[square] = self.squares[square], 0
        if abs(piece) == pieces.KING and not self.room_for(piece):  # the king moves there from its old point
            self.squares[self.squares.index(piece)] = 0
        if not self.room_for(piece):
            self.squares[square] = before
            return message("editor_no_more", error=True, piece=piece)
        self.squares[square] = piece
        return None

    def move(self, start: int, end: int) -> Message | None:
        """Move a piece from one point to another."""
        piece, self.squares[start] = self.squares[start], 0
        fault = self.put(piece, end)
        if fault is not None:
            self.squares[start] = piece
        return fault

    def remove(self, square: int) -> None:
        """Clear a point."""
        self.squares[square] = 0

    def clear(self) -> None:
        """Clear the board except for the two kings on their home points."""
        self.squares = [0] * 90
        self.squares[4], self.squares[85] = pieces.KING, -pieces.KING

    def reset(self) -> None:
        """Set up the start position."""
        self.squares, self.turn = Board().array.tolist(), RED

    def mirror(self) -> None:
        """Mirror the board left to right."""
        self.squares = [self.squares[square // 9 * 9 + 8 - square % 9] for square in range(90)]

    def turn_round(self) -> None:
        """Turn the board by 180 degrees and swap the colours, including the side to move."""
        self.squares = [-piece for piece in reversed(self.squares)]
        self.turn = self.turn.opponent

    def problem(self) -> Message | None:
        """Return why the position cannot be played, or None if it can."""
        return positions.problem(self.squares, self.turn)

    def fen(self) -> str:
        """Return the position as FEN, with clocks reset."""
        return fen_format.write(fen_format.Position(array("b", self.squares), self.turn))
