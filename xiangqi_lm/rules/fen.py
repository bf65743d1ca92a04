"""FEN: strict reading with the offending field named, and writing (always six fields, letters B and N)."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from dataclasses import dataclass

from ..errors import InvalidFen
from . import pieces
from .squares import (
    BLACK,
    RANKS,
    RED,
    SQUARES,
    Color,
    advisor_points,
    elephant_points,
    in_palace,
    pawn_points,
    square_name,
)

START_FEN = "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/RNBAKABNR w - - 0 1"
_SIDES = {"w": RED, "r": RED, "b": BLACK}


@dataclass(frozen=True)
class Position:
    """What a FEN says: `men` holds 90 pieces; `halfmove` counts plies since the last capture."""

    men: array
    turn: Color
    halfmove: int = 0
    fullmove: int = 1


def _fail(fen: str, field: str, why: str) -> InvalidFen:
    return InvalidFen(f"FEN {fen!r}: {field}: {why}")


def _placement(fen: str, text: str) -> array:
    """The 90 men of the first field."""
    ranks = text.split("/")
    if len(ranks) != RANKS:
        raise _fail(fen, "placement", f"{len(ranks)} ranks instead of 10")
    men = array("b", bytes(SQUARES))
    for rank, row in zip(range(RANKS - 1, -1, -1), ranks, strict=True):
        file = 0
        for character in row:
            if character in "123456789":
                file += int(character)
                continue
            try:
                piece = pieces.from_letter(character)
            except KeyError:
                raise _fail(fen, "placement", f"{character!r} in rank {rank} is no piece and no digit 1-9") from None
            if file < 9:
                men[rank * 9 + file] = piece
            file += 1
        if file != 9:
            raise _fail(fen, "placement", f"rank {rank} ({row!r}) holds {file} files instead of 9")
    return men


ALLOWED = {  # piece -> where it can ever stand; rooks, horses and cannons anywhere
    color * kind: points
    for color in Color
    for kind, points in (
        (
            pieces.KING,
            {s for s in range(SQUARES) if in_palace(s, color)},
        ),
        (pieces.ADVISOR, advisor_points(color)),
        (pieces.ELEPHANT, elephant_points(color)),
        (pieces.PAWN, pawn_points(color)),
    )
}


def _check_men(fen: str, men: array) -> None:
    """Counts of men, and men where they can never stand."""
    counts = Counter(men)
    for color in Color:
        name = "Red" if color is RED else "Black"
        if not counts[color * pieces.KING]:
            raise _fail(fen, "placement", f"{name} has no king")
        for kind, most in pieces.MOST.items():
            if counts[color * kind] > most:
                number, sign = counts[color * kind], pieces.letter(color * kind)
                raise _fail(fen, "placement", f"{name} has {number} {sign!r}, at most {most}")
    for sq, piece in enumerate(men):
        if piece in ALLOWED and sq not in ALLOWED[piece]:
            raise _fail(fen, "placement", f"{pieces.letter(piece)!r} can never stand on {square_name(sq)}")


def _clock(fen: str, field: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise _fail(fen, field, f"{text!r} is no number")
    return int(text)


def parse(fen: str) -> Position:
    """Read a FEN; raises InvalidFen naming the field.

    Accepted beside the standard: `r` for Red to move, letters h and e, missing fields from the third on. Whether the
    side that is not to move stands in check is for `Board` to say: it needs the rules.
    """
    fields = fen.split()
    if not 2 <= len(fields) <= 6:
        raise _fail(fen, "fields", f"{len(fields)} fields, expected 2 to 6")
    men = _placement(fen, fields[0])
    _check_men(fen, men)
    if fields[1] not in _SIDES:
        raise _fail(fen, "side to move", f"{fields[1]!r} is none of w, b, r")
    for name, text in zip(("third field", "fourth field"), fields[2:4], strict=False):
        if text != "-":
            raise _fail(fen, name, f"{text!r} instead of '-'")
    halfmove = _clock(fen, "halfmove clock", fields[4]) if len(fields) > 4 else 0
    fullmove = _clock(fen, "move number", fields[5]) if len(fields) > 5 else 1
    return Position(men, _SIDES[fields[1]], halfmove, fullmove)


def write_placement(men: array) -> str:
    """The first field."""
    rows = []
    for rank in range(RANKS - 1, -1, -1):
        row = "".join(pieces.letter(p) for p in men[rank * 9 : rank * 9 + 9])
        rows.append(re.sub(r"\.+", lambda gap: str(len(gap[0])), row))
    return "/".join(rows)


def write(position: Position) -> str:
    """All six fields."""
    side = "w" if position.turn is RED else "b"
    return f"{write_placement(position.men)} {side} - - {position.halfmove} {position.fullmove}"
