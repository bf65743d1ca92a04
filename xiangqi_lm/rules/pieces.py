"""Pieces are small integers: 0 empty, 1-7 Red, the same negative for Black."""

from __future__ import annotations

EMPTY, KING, ADVISOR, ELEPHANT, HORSE, ROOK, CANNON, PAWN = range(8)
KINDS = (KING, ADVISOR, ELEPHANT, HORSE, ROOK, CANNON, PAWN)
LETTERS = ".kabnrcp"  # index = kind; FEN letters, upper case for Red
ALIASES = {"e": "b", "h": "n"}  # other programs' letters for elephant and horse
MOST = {KING: 1, ADVISOR: 2, ELEPHANT: 2, HORSE: 2, ROOK: 2, CANNON: 2, PAWN: 5}  # of one kind, a side
NAMES = ("", "king", "advisor", "elephant", "horse", "rook", "cannon", "pawn")  # index = kind
HAN_NAMES = {1: " 帅仕相马车炮兵", -1: " 将士象马车炮卒"}  # index = kind; in move texts
GLYPHS = {1: " 帥仕相傌俥炮兵", -1: " 將士象馬車砲卒"}  # index = kind


def letter(piece: int) -> str:
    """The FEN letter, `"."` for an empty crossing."""
    text = LETTERS[abs(piece)]
    return text.upper() if piece > 0 else text


def from_letter(text: str) -> int:
    """The piece of a FEN letter (h and e accepted); raises KeyError for any other character."""
    low = text.lower()
    kind = LETTERS.find(ALIASES.get(low, low), 1)
    if kind < 1 or len(text) != 1 or not text.isascii():  # the Kelvin sign lowers to k
        raise KeyError(text)
    return kind if text.isupper() else -kind


def han_name(piece: int) -> str:
    """The simplified character of move texts."""
    return HAN_NAMES[1 if piece > 0 else -1][abs(piece)]


def glyph(piece: int) -> str:
    """The traditional character engraved on the piece."""
    return GLYPHS[1 if piece > 0 else -1][abs(piece)]
