"""Algebraic notation (SAN) of other programs: `Cbe3`, `Che2`, `Rib10`, `Ch3-e3`.

Programs differ in the number of the first rank and in their letters. A dialect is a name in `DIALECTS`:

| dialect | ranks | horse, elephant | pawns | written by |
|---|---|---|---|---|
| `pychess` | 1-10 | H, E | `Pc5` | pychess, Fairy-Stockfish |
| `winboard` | 0-9 | H, E | `c4`, `axa3`, sideways `ab3` | WinBoard, XBoard |
| `elephantchess` | 1-10 | N, B | `Pc5` | elephantchess |

Reading is more liberal than writing: every dialect accepts either letter for horse and elephant, a pawn with or without
its letter, any part of the start square (even if unnecessary, `Rih10`) up to the long form `Ch3-e3`, and missing marks
of capture, check and comment (`x`, `+`, `#`, `!?`). For reading, then, a dialect decides only where ranks start.

Readers of whole games call, for each token in turn,

    matches(board, text, dialect) -> list[Move]     the legal moves that a token can mean in one dialect

and keep the dialect in which every token of the game has a match (`looks_like_san(text)` tells beforehand whether a
token can be algebraic at all). Single moves are read by `Board.parse`, which tries all dialects (see `candidates`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import quoted
from .moves import Move
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import file_of, rank_of

if TYPE_CHECKING:
    from .board import Board


@dataclass(frozen=True)
class Dialect:
    """The notation of one family of programs: the number of Red's home rank and the letters by kind.

    WinBoard gives pawns no letter, and marks stalemate, which loses, like checkmate.
    """

    first_rank: int
    letters: str
    pawn_letter: bool = True
    marks_stalemate: bool = False


DIALECTS = {
    "pychess": Dialect(1, " KAEHRCP"),
    "winboard": Dialect(0, " KAEHRCP", pawn_letter=False, marks_stalemate=True),
    "elephantchess": Dialect(1, " KABNRCP"),
}

_KINDS = {"K": KING, "A": ADVISOR, "E": ELEPHANT, "B": ELEPHANT, "H": HORSE, "N": HORSE, "R": ROOK, "C": CANNON}
_KINDS |= {"P": PAWN, "": PAWN}
_TOKEN = re.compile(r"([KAEBHNRCP]?)([a-i]?)(10|[0-9])?([-x:]?)([a-i])(10|[0-9])[+#!?]*")


@dataclass(frozen=True)
class _Token:
    """The contents of a token, with ranks as written; None for what it does not give."""

    kind: int
    lettered: bool
    from_file: int | None
    from_rank: int | None
    takes: bool
    to_file: int
    to_rank: int


_LONGEST = 20  # characters of a token with all its marks


def _read(text: str) -> _Token | None:
    """Return the contents of a token, or None if it is not algebraic; raises TypeError."""
    if not isinstance(text, str):
        raise TypeError(f"expected the text of a move, found {quoted(text)}")
    return _read_short(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=8192)
def _read_short(text: str) -> _Token | None:
    found = _TOKEN.fullmatch(text)
    if found is None:
        return None
    letter, file, rank, mark, to_file, to_rank = found.groups()
    return _Token(
        _KINDS[letter],
        bool(letter),
        "abcdefghi".index(file) if file else None,
        int(rank) if rank else None,
        mark in ("x", ":"),
        "abcdefghi".index(to_file),
        int(to_rank),
    )


def looks_like_san(text: str) -> bool:
    """Return whether a token has the form of an algebraic move in any dialect."""
    return _read(text) is not None


# ------------------------------------------------------------------------------------------------ reading


def _first_rank(dialect: str) -> int:
    if dialect not in DIALECTS:
        raise ValueError(f"unknown SAN dialect {quoted(dialect)}; expected one of {', '.join(DIALECTS)}")
    return DIALECTS[dialect].first_rank


def matches(board: Board, text: str, dialect: str = "pychess") -> list[Move]:
    """Return the legal moves that a token can mean in a dialect: one, several if it is ambiguous, or none.

    There are none if the token is not algebraic, or has a capture mark though nothing is taken. Raises ValueError for
    an unknown dialect.
    """
    return _matches(board, text, _first_rank(dialect))


def _matches(board: Board, text: str, first_rank: int) -> list[Move]:
    token = _read(text)
    if token is None or not 0 <= token.to_rank - first_rank <= 9:
        return []
    target = (token.to_rank - first_rank) * 9 + token.to_file
    if token.takes and not board.piece_at(target):
        return []
    piece, from_rank = token.kind * board.turn, None if token.from_rank is None else token.from_rank - first_rank
    found = [
        move
        for move in board.legal_list()
        if move.to_square == target
        and board.piece_at(move.from_square) == piece
        and token.from_file in (None, file_of(move.from_square))
        and from_rank in (None, rank_of(move.from_square))
    ]
    if len(found) > 1 and not token.lettered and token.from_file is None:  # `d7` alone is the step forward
        return [move for move in found if file_of(move.from_square) == token.to_file] or found
    return found


def candidates(board: Board, text: str) -> list[Move]:
    """Return the legal moves that a single token can mean in any dialect.

    Every program marks captures, so where both fit, an unmarked token means the move that takes nothing.
    """
    found = list(dict.fromkeys(move for first_rank in (1, 0) for move in _matches(board, text, first_rank)))
    quiet = [move for move in found if not board.is_capture(move)]
    return quiet or found


# ------------------------------------------------------------------------------------------------ writing


def _square(sq: int, first_rank: int) -> str:
    return f"{'abcdefghi'[file_of(sq)]}{rank_of(sq) + first_rank}"


def _start(board: Board, move: Move, first_rank: int) -> str:
    """Return the part of the start square that makes the move unique: its file, else its rank, else both."""
    piece = board.piece_at(move.from_square)
    rivals = [
        other.from_square
        for other in board.legal_list()
        if other.to_square == move.to_square and other is not move and board.piece_at(other.from_square) == piece
    ]
    file, rank = file_of(move.from_square), rank_of(move.from_square)
    if not rivals:
        return ""
    if all(file_of(sq) != file for sq in rivals):
        return _square(move.from_square, first_rank)[0]
    if all(rank_of(sq) != rank for sq in rivals):
        return _square(move.from_square, first_rank)[1:]
    return _square(move.from_square, first_rank)


def _suffix(board: Board, move: Move, marks_stalemate: bool) -> str:
    """Return `+` for check, `#` for mate, else nothing."""
    checks = board.gives_check(move)
    if (checks or marks_stalemate) and move in board.final_moves():
        return "#"
    return "+" if checks else ""


def write(board: Board, move: Move, dialect: str = "pychess", *, long: bool = False) -> str:
    """Return the text of a move that is legal on the board; `long` gives the whole start square, `Ch3-e3`, `Ch3xh10`.

    Raises ValueError for an unknown dialect.
    """
    first_rank, manner = _first_rank(dialect), DIALECTS[dialect]
    kind, takes = board.piece_type_at(move.from_square) or 0, board.is_capture(move)
    bare_pawn = kind == PAWN and not manner.pawn_letter
    if long:
        start, mark = _square(move.from_square, first_rank), "x" if takes else "-"
    else:
        start, mark = _start(board, move, first_rank), "x" if takes else ""
        if bare_pawn:  # captures and steps sideways begin with the file, as in chess
            sideways = file_of(move.from_square) != file_of(move.to_square)
            start = "abcdefghi"[file_of(move.from_square)] if takes or sideways else ""
    letter, suffix = "" if bare_pawn else manner.letters[kind], _suffix(board, move, manner.marks_stalemate)
    return f"{letter}{start}{mark}{_square(move.to_square, first_rank)}{suffix}"
