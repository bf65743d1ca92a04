"""Move texts in ICCS, UCI with ranks from 0 or from 1, WXF, Chinese and algebraic notation; parsing never guesses.

Codes of refused moves, for programs that translate the message, and their details:

| code | error | details |
|---|---|---|
| `move.unreadable` | InvalidMove | `text`, `style`: the notation asked for, or None |
| `move.geometry` | InvalidMove | `text`: no piece ever moves like that |
| `move.no_piece` | InvalidMove | `text`, `piece`: the number of the missing piece |
| `move.illegal` | IllegalMove | `text` |
| `move.ambiguous` | AmbiguousMove | `text`, `moves`: the legal moves it fits |
| `move.null` | IllegalMove | a null move in check |
| `square.name` | InvalidMove | `text` |
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import AmbiguousMove, IllegalMove, InvalidMove, quoted
from . import file_notation, san
from .fen import INVISIBLE
from .moves import MOVE_ID, MOVES, Move, check_move
from .pieces import letter
from .squares import RED, file_of, rank_of

if TYPE_CHECKING:
    from .board import Board
    from .played_board import PlayedBoard

_LONGEST = 40  # characters of a move text with a move number, spaces and annotation marks

_DASHES = re.compile("[\u2010-\u2015\u2212]")  # what word processors turn a hyphen into
_PIECE_OR_FILE = re.compile(r"[ABCEH](?:10|[0-9])-?[a-i](?:10|[0-9])")  # `E6e8`: the elephant of rank 6, or file e

# ------------------------------------------------------------------------------------------------ reading


@lru_cache(maxsize=8192)
def _clean(text: str) -> str:
    """Return a move text without pasted extras: invisible characters, spaces, a move number, check marks."""
    bare = _DASHES.sub("-", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)))
    bare = re.sub(r"(?<=.)[+#!?]+$", "", "".join(bare.split()))
    return re.sub(r"^[0-9]{1,4}(?:\.+|、)(?=..)", "", bare)  # but 15.4 is a pawn's move


@lru_cache(maxsize=8192)
def _squares(text: str, style: str | None) -> tuple[int, int] | None:
    """Return the two squares of a coordinate text, or None if it is not one; a rank 10 shows that ranks start at 1."""
    if found := re.fullmatch(r"([a-i])([0-9]|10)-?([a-i])([0-9]|10)", text.lower()):
        from_one = style == "uci10" or (style is None and "10" in (found[2], found[4]))
        ranks = [int(found[i]) - from_one for i in (2, 4)]
        if all(0 <= rank <= 9 for rank in ranks):
            files = ["abcdefghi".index(found[i]) for i in (1, 3)]
            return ranks[0] * 9 + files[0], ranks[1] * 9 + files[1]
    return None


def parse(board: Board, text: str, style: str | None = None) -> Move:
    """Return the legal move that a text names.

    Without a style the text may be ICCS `h2e2` or `H2-E2`, Chinese `炮二平五`, WXF `C2.5` or algebraic `Cbe3`,
    full-width or not, with a move number before it and check marks after it. In `E6e8` the capital may be a piece or a
    file, so both are tried. Coordinates with ranks from 1 to 10 look like ICCS and need `style="uci10"`, unless a rank
    10 occurs. Algebraic dialects (see `san`) are distinguished by which moves are legal. Raises InvalidMove (not a move
    text, or no such piece), IllegalMove, AmbiguousMove naming the candidates, TypeError, or ValueError for an unknown
    style.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected the text of a move, found {quoted(text)}")
    if style is not None:
        _check_style(style)
    clean = _clean(text) if len(text) <= _LONGEST else ""
    if style in (None, "iccs", "uci", "uci10") and (squares := _squares(clean, style)):
        both = style is None and _PIECE_OR_FILE.fullmatch(clean)
        return _coordinates(board, squares, text, san.candidates(board, clean) if both else [])
    said = None
    if style in (None, "chinese", "traditional"):
        said = file_notation.read_chinese(clean)
    if said is None and style in (None, "wxf", "wxf2018"):
        said = file_notation.read_wxf(clean)
    if said is not None:
        return _resolve(board, said, text)
    if (style is None or style in SAN_STYLES) and san.looks_like_san(clean):
        found = san.candidates(board, clean) if style is None else san.matches(board, clean, SAN_STYLES[style])
        if found or clean[0].isupper():  # a lone square that no pawn can reach is hardly meant as a move
            return _only(board, found, text)
    wanted = style or "ICCS, Chinese, WXF or algebraic"
    message = f"{quoted(text)}: expected a move in {wanted} notation (in {board.fen()})"
    raise InvalidMove(message, code="move.unreadable", text=text, style=style)


def _coordinates(board: Board, squares: tuple[int, int], text: str, others: list[Move]) -> Move:
    """Return the legal move between two squares, or one of `others`, which the text can also mean."""
    move_id = int(MOVE_ID[squares])
    if move_id < 0 and not others:
        message = f"{quoted(text)}: no piece moves like that (in {board.fen()})"
        raise InvalidMove(message, code="move.geometry", text=text)
    named = [MOVES[move_id]] if move_id >= 0 and board.is_legal(MOVES[move_id]) else []
    return _only(board, list(dict.fromkeys(named + others)), text)


def _resolve(board: Board, said: file_notation.Statement, text: str) -> Move:
    """Return the one legal move that fits the statement of a text."""
    squares = file_notation.named(board, said)
    if not squares:
        piece = said.kind * board.turn
        message = f"{quoted(text)}: there is no such piece ({letter(piece)}) in {board.fen()}"
        raise InvalidMove(message, code="move.no_piece", text=text, piece=piece)
    return _only(board, file_notation.matches(board, said, squares), text)


def _only(board: Board, legal: list[Move], text: str) -> Move:
    """Return the only legal move that a text fits."""
    if len(legal) == 1:
        return legal[0]
    if not legal:
        raise IllegalMove(f"{quoted(text)} is illegal in {board.fen()}", code="move.illegal", text=text)
    names = ", ".join(move.iccs() for move in legal)
    message = f"{quoted(text)} fits {names} in {board.fen()}"
    raise AmbiguousMove(message, code="move.ambiguous", text=text, moves=tuple(legal))


# ------------------------------------------------------------------------------------------------ writing


def write_uci10(move: Move) -> str:
    """Return `h3e3` for h2e2: UCI in Fairy-Stockfish's form, with ranks from 1 to 10."""
    squares = (move.from_square, move.to_square)
    return "".join(f"{'abcdefghi'[file_of(sq)]}{rank_of(sq) + 1}" for sq in squares)


COORDINATES = ("iccs", "uci", "uci10")
SAN_STYLES = {  # style -> dialect
    "san": "pychess",
    "san-winboard": "winboard",
    "san-elephantchess": "elephantchess",
    "lan": "pychess",
}
STYLES: dict[str, Callable[[Board, Move], str]] = {
    "iccs": lambda board, move: move.iccs(),
    "uci": lambda board, move: move.iccs(),
    "uci10": lambda board, move: write_uci10(move),
    "wxf": file_notation.write_wxf,
    "wxf2018": file_notation.write_wxf_2018,
    "chinese": file_notation.write_chinese,
    "traditional": lambda board, move: file_notation.write_chinese(board, move, traditional=True),
    "san": lambda board, move: san.write(board, move),
    "san-winboard": lambda board, move: san.write(board, move, "winboard"),
    "san-elephantchess": lambda board, move: san.write(board, move, "elephantchess"),
    "lan": lambda board, move: san.write(board, move, long=True),
}


def _check_style(style: object) -> None:
    if not isinstance(style, str):
        raise TypeError(f"expected the name of a notation, found {quoted(style)}")
    if style not in STYLES:
        raise ValueError(f"unknown notation {quoted(style)}; expected one of {', '.join(STYLES)}")


def check_legal(board: PlayedBoard, move: Move) -> None:
    """Raise IllegalMove if a move is not legal on a board, TypeError if it is not a move."""
    if not board.is_legal(move):
        raise illegal(board, move)


def illegal(board: PlayedBoard, move: Move) -> IllegalMove:
    """Return the error for a move that is not legal on a board."""
    return IllegalMove(f"{move.iccs()} is illegal in {board.fen()}", code="move.illegal", text=move.iccs())


def write(board: Board, move: Move, style: str) -> str:
    """Return the text of a move in one of `STYLES`; raises TypeError, or ValueError for the style.

    Coordinates can name any move; in the other notations an illegal move raises IllegalMove.
    """
    _check_style(style)
    if style in COORDINATES:
        check_move(move)
    else:
        check_legal(board, move)
    return STYLES[style](board, move)


def iccs(board: Board, move: Move) -> str:
    """Return `h2e2`; the move need not be legal."""
    return check_move(move).iccs()


def chinese(board: Board, move: Move, traditional: bool = False) -> str:
    """Return `炮二平五` for a legal move; raises IllegalMove or TypeError."""
    check_legal(board, move)
    return file_notation.write_chinese(board, move, bool(traditional))


def wxf(board: Board, move: Move) -> str:
    """Return `C2.5` for a legal move; raises IllegalMove or TypeError."""
    check_legal(board, move)
    return file_notation.write_wxf(board, move)


def algebraic(board: Board, move: Move, dialect: str = "pychess") -> str:
    """Return `Che3` for a legal move, in one of `san.DIALECTS`; raises IllegalMove, TypeError or ValueError."""
    check_legal(board, move)
    return san.write(board, move, dialect)


def long_algebraic(board: Board, move: Move, dialect: str = "pychess") -> str:
    """Return `Ch3-e3` for a legal move, in one of `san.DIALECTS`; raises IllegalMove, TypeError or ValueError."""
    check_legal(board, move)
    return san.write(board, move, dialect, long=True)


def variation_text(board: Board, moves: Iterable[Move], style: str = "iccs") -> str:
    """Return a line of moves from the board's position with move numbers, `1. h2e2 h9g7 2. …`; the board is unchanged.

    If Black moves first, the first number has three dots, `1... h9g7`. Raises IllegalMove naming the first illegal
    move, TypeError, or ValueError for an unknown style.
    """
    _check_style(style)
    line, words = board.copy(stack=False), []
    for move in moves:
        check_legal(line, move)
        if line.turn is RED:
            words.append(f"{line.fullmove}.")
        elif not words:
            words.append(f"{line.fullmove}...")
        words.append(STYLES[style](line, move))
        line.push_unchecked(move)
    return " ".join(words)
