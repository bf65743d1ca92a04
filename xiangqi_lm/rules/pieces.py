"""Pieces are small integers: 0 empty, 1-7 Red, the same negative for Black."""

from __future__ import annotations

from enum import IntEnum

from ..errors import quoted
from .squares import BLACK, RED, Color, check_color

EMPTY, KING, ADVISOR, ELEPHANT, HORSE, ROOK, CANNON, PAWN = range(8)
KINDS = (KING, ADVISOR, ELEPHANT, HORSE, ROOK, CANNON, PAWN)
LETTERS = ".kabnrcp"  # index = kind; FEN letters, upper case for Red
ALIASES = {"e": "b", "h": "n"}  # other programs' letters for elephant and horse
MOST = {KING: 1, ADVISOR: 2, ELEPHANT: 2, HORSE: 2, ROOK: 2, CANNON: 2, PAWN: 5}  # the most of a kind per side
NAMES = ("", "king", "advisor", "elephant", "horse", "rook", "cannon", "pawn")  # index = kind
HAN_NAMES = {1: " 帅仕相马车炮兵", -1: " 将士象马车炮卒"}  # index = kind; in move texts
GLYPHS = {1: " 帥仕相傌俥炮兵", -1: " 將士象馬車砲卒"}  # index = kind


class Piece(IntEnum):
    """A piece, given by its kind and side; its value is its number in the board array."""

    RED_KING = 1
    RED_ADVISOR = 2
    RED_ELEPHANT = 3
    RED_HORSE = 4
    RED_ROOK = 5
    RED_CANNON = 6
    RED_PAWN = 7
    BLACK_KING = -1
    BLACK_ADVISOR = -2
    BLACK_ELEPHANT = -3
    BLACK_HORSE = -4
    BLACK_ROOK = -5
    BLACK_CANNON = -6
    BLACK_PAWN = -7

    @staticmethod
    def of(kind: int, color: Color) -> Piece:
        """Return the piece of a kind (`KING` … `PAWN`) and a side; raises TypeError or ValueError."""
        return Piece(check_kind(kind) * check_color(color))

    @staticmethod
    def from_symbol(text: str) -> Piece:
        """Return the piece of a FEN letter, `"R"` for a red rook; raises TypeError or ValueError."""
        return Piece(from_letter(text))

    @property
    def kind(self) -> int:
        """Return the kind, 1-7."""
        return abs(int(self))

    piece_type = kind  # python-chess's name

    @property
    def color(self) -> Color:
        """Return the side."""
        return RED if self > 0 else BLACK

    def symbol(self) -> str:
        """Return the FEN letter, upper case for Red."""
        return letter(self)

    def unicode_symbol(self) -> str:
        """Return the traditional character engraved on the piece."""
        return glyph(self)

    def __str__(self) -> str:
        return self.symbol()

    def __format__(self, spec: str) -> str:
        return format(self.symbol(), spec)

    def __repr__(self) -> str:
        return f"Piece.{self.name}"


PIECES: tuple[Piece | None, ...] = (None, *(Piece(i) for i in range(1, 8)), *(Piece(i) for i in range(-7, 0)))
"""The pieces by their numbers from -7 to 7; None for 0."""


def check_kind(value: object) -> int:
    """Return a kind of piece, 1-7; raises TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected a kind of piece, KING to PAWN (1-7), found {quoted(value)}")
    if not KING <= value <= PAWN:
        raise ValueError(f"expected a kind of piece, KING to PAWN (1-7), found {quoted(value)}")
    return int(value)


def check_piece(value: object) -> Piece:
    """Return a piece given as a Piece, its number or its FEN letter; raises TypeError or ValueError."""
    if isinstance(value, str):
        return Piece.from_symbol(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"expected a Piece or a letter such as 'R', found {quoted(value)}")
    if not (value and -PAWN <= value <= PAWN):
        raise ValueError(f"expected a piece, 1-7 for Red or the negative for Black, found {quoted(value)}")
    return Piece(value)


def letter(piece: int) -> str:
    """Return the FEN letter of a piece's number, `"."` for an empty square; raises ValueError."""
    try:
        text = LETTERS[abs(piece)]
    except IndexError:
        raise ValueError(f"expected a piece -7 to 7, found {quoted(piece)}") from None
    return text.upper() if piece > 0 else text


def from_letter(text: str) -> int:
    """Return the number of a FEN letter (h and e are accepted); raises ValueError for any other text."""
    if not isinstance(text, str):
        raise TypeError(f"expected a piece letter, found {quoted(text)}")
    low = text.lower()
    kind = LETTERS.find(ALIASES.get(low, low), 1)
    if kind < 1 or len(text) != 1 or not text.isascii():  # the Kelvin sign becomes k in lower case
        raise ValueError(f"expected a piece letter, one of KABNRCP in either case, found {quoted(text)}")
    return kind if text.isupper() else -kind


def han_name(piece: int) -> str:
    """Return the simplified character used in move texts."""
    return HAN_NAMES[1 if piece > 0 else -1][abs(piece)]


def glyph(piece: int) -> str:
    """Return the traditional character engraved on the piece."""
    return GLYPHS[1 if piece > 0 else -1][abs(piece)]
