"""Reading and writing FEN: errors name the offending field; output always has six fields and the letters B and N.

Codes of `InvalidFen`, for programs that translate the message, and their details:

| code | details |
|---|---|
| `fen.fields` | `found`: how many fields |
| `fen.ranks` | `found`: how many ranks |
| `fen.letter` | `found`: the character, `rank` |
| `fen.rank` | `rank`, `found`: how many files it holds, `text` |
| `fen.no_king` | `color` |
| `fen.too_many` | `color`, `piece`: its number, `found`: how many, `most` |
| `fen.square` | `piece`: its number, `square`: the name |
| `fen.side` | `found` |
| `fen.unused` | `field`: 3 or 4, `found` |
| `fen.halfmove`, `fen.fullmove` | `found` |
| `fen.clock_limit` | `found`, `most` |
| `fen.check` | `color`: the side that is in check though it is not to move |

All have `text`, the text that was read.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import InvalidFen, quoted
from . import pieces
from .moves import Move
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
SIDE_NAMES = {RED: "Red", BLACK: "Black"}
_PIECE_OF = {letter: pieces.from_letter(letter) for letter in "kabnrcpehKABNRCPEH"}
_LETTERS = [pieces.letter(piece) for piece in (*range(8), *range(-7, 0))]  # by number, -7 to 7
_SIDES = {"w": RED, "r": RED, "b": BLACK}
INVISIBLE = re.compile("[\ufeff\u200b-\u200f\u202a-\u202e\u2060\u00ad]")  # byte order mark, zero-width, directions


@dataclass(frozen=True)
class Position:
    """The contents of a FEN: `squares` holds 90 pieces; `halfmove` counts plies since the last capture."""

    squares: array
    turn: Color
    halfmove: int = 0
    fullmove: int = 1


def fault(text: str, place: str, why: str, code: str, /, **details: object) -> InvalidFen:
    """Return the error for a FEN, naming the text, the field or other place, and what is wrong there."""
    return InvalidFen(f"FEN {quoted(text)}: {place}: {why}", code=f"fen.{code}", text=text, **details)


# ------------------------------------------------------------------------------------------------ reading


def _placement(fen: str, text: str) -> array:
    """Return the 90 pieces of the first field."""
    ranks = text.split("/")
    if len(ranks) != RANKS:
        raise fault(fen, "placement", f"expected 10 ranks, found {len(ranks)}", "ranks", found=len(ranks))
    squares = array("b", bytes(SQUARES))
    for rank, row in zip(range(RANKS - 1, -1, -1), ranks, strict=True):
        file = 0
        for character in row:
            if character in "123456789":
                file += int(character)
                continue
            piece = _PIECE_OF.get(character, 0)
            if not piece:
                why = f"expected a piece letter or a digit 1-9 in rank {rank}, found {quoted(character)}"
                raise fault(fen, "placement", why, "letter", found=character, rank=rank)
            if file < 9:
                squares[rank * 9 + file] = piece
            file += 1
        if file != 9:
            why = f"expected 9 files in rank {rank}, found {file} ({quoted(row, 20)})"
            raise fault(fen, "placement", why, "rank", rank=rank, found=file, row=row)
    return squares


ALLOWED = {  # piece -> the squares it can ever reach; rooks, horses and cannons can reach all
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


def check_pieces(text: str, squares: array, *, kings: bool = True) -> None:
    """Raise InvalidFen for too many pieces of a kind, pieces on squares they can never reach, or missing kings."""
    counts = Counter(squares)
    for color, name in SIDE_NAMES.items():
        if kings and not counts[color * pieces.KING]:
            raise fault(text, "placement", f"{name} has no king", "no_king", color=color)
        for kind, most in pieces.MOST.items():
            piece = color * kind
            if counts[piece] > most:
                why = f"{name} has {counts[piece]} {pieces.letter(piece)!r}, at most {most} are possible"
                raise fault(
                    text, "placement", why, "too_many", color=color, piece=piece, found=counts[piece], most=most
                )
    for sq, piece in enumerate(squares):
        if piece in ALLOWED and sq not in ALLOWED[piece]:
            why = f"{pieces.letter(piece)!r} can never be on {square_name(sq)}"
            raise fault(text, "placement", why, "square", piece=piece, square=square_name(sq))


def _clock(fen: str, field: str, code: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise fault(fen, field, f"expected a number of at least 0, found {quoted(text)}", code, found=text)
    return int(text)


def fields_of(text: str) -> list[str]:
    """Return the fields of a pasted FEN without what programs and people add to them.

    Removed are a leading `fen` or `position`, invisible characters, quotes, the brackets of a PGN tag, underscores used
    as spaces and the empty pocket `[]`; `startpos` becomes the start position. Raises TypeError.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected a FEN, found {quoted(text)}")
    bare = text if text.isascii() else INVISIBLE.sub("", text)
    bare = bare.strip().replace("_", " ").replace("[]", "")
    if bare[:1] == "[" and (tag := re.fullmatch(r'\[\s*fen\s+"(.*)"\s*\]', bare, re.IGNORECASE | re.DOTALL)):
        bare = tag[1]
    fields = bare.strip("\"'“”`").split()
    while fields and fields[0].lower().rstrip(":=") in ("position", "fen"):
        del fields[0]
    if fields and fields[0].lower() == "startpos":
        fields[:1] = START_FEN.split()
    return fields


def parse(fen: str) -> Position:
    """Read a FEN; raises InvalidFen naming the field, or TypeError.

    Also accepted: what `fields_of` removes, `r` for Red to move, capital letters for the side to move, the letters h
    and e, and missing fields from the second on (Red is to move then). `Board` checks whether the side not to move is
    in check, as this needs the rules.
    """
    fields = fields_of(fen)
    if not 1 <= len(fields) <= 6:
        raise fault(fen, "fields", f"expected 1 to 6, found {len(fields)}", "fields", found=len(fields))
    squares = _placement(fen, fields[0])
    check_pieces(fen, squares)
    side = _SIDES.get(fields[1].lower()) if len(fields) > 1 else RED
    if side is None:
        why = f"expected w or r for Red, b for Black, found {quoted(fields[1])}"
        raise fault(fen, "side to move", why, "side", found=fields[1])
    for number, text in enumerate(fields[2:4], 3):
        if text != "-":
            raise fault(
                fen, f"field {number}", f"expected '-', found {quoted(text)}", "unused", field=number, found=text
            )
    halfmove = _clock(fen, "halfmove clock", "halfmove", fields[4]) if len(fields) > 4 else 0
    fullmove = _clock(fen, "move number", "fullmove", fields[5]) if len(fields) > 5 else 1
    return Position(squares, side, halfmove, fullmove)


# ------------------------------------------------------------------------------------------------ writing


def write_placement(squares: array) -> str:
    """Return the first field."""
    rows = []
    for rank in range(RANKS - 1, -1, -1):
        row = "".join([_LETTERS[p] for p in squares[rank * 9 : rank * 9 + 9]])
        rows.append(re.sub(r"\.+", lambda gap: str(len(gap[0])), row))
    return "/".join(rows)


def write(position: Position) -> str:
    """Return all six fields."""
    side = "w" if position.turn is RED else "b"
    return f"{write_placement(position.squares)} {side} - - {position.halfmove} {position.fullmove}"


def write_epd(fields: str, operations: Mapping[str, object]) -> str:
    """Return the four fields of a position with operations, `bm h2e2; id "mate";`.

    Values are texts (quoted), numbers, moves (in ICCS), lists of them, or None for an operation without a value.
    Raises TypeError for other values, ValueError for a text with a quote or a line break.
    """
    return " ".join([fields, *(f"{name}{_operand(value)};" for name, value in operations.items())])


def _operand(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        if '"' in value or "\n" in value:
            raise ValueError(f"expected a text without quotes and line breaks, found {quoted(value)}")
        return f' "{value}"'
    if isinstance(value, list | tuple):
        return "".join(map(_operand, value))
    if isinstance(value, int | float | Move):
        return f" {value}"
    raise TypeError(f"expected a text, a number or a move, found {quoted(value)}")
