"""Messages in both languages for invalid positions, for the editor and for pasted texts."""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...rules import fen as fen_format
from ...rules import jit, pieces
from ...rules.squares import Color, square_name
from .texts import Message, message

_RANKS = re.compile(r"(?:[0-9A-Za-z]+/){2,}[0-9A-Za-z]+")


def problem(squares: Sequence[int], turn: Color) -> Message | None:
    """Return a message about the first fault of a position, or None; `squares` holds 90 pieces."""
    counts = Counter(piece for piece in squares if piece)
    for color in Color:
        if not counts[color * pieces.KING]:
            return message("position_no_king", error=True, side=color)
        for kind, most in pieces.MOST.items():
            if counts[color * kind] > most:
                return message("position_too_many", error=True, piece=color * kind, count=counts[color * kind])
    for square, piece in enumerate(squares):
        if piece in fen_format.ALLOWED and square not in fen_format.ALLOWED[piece]:
            return message("position_wrong_point", error=True, piece=piece, square=square_name(square))
    board = np.array(squares, np.int8)
    if _kings_face(squares):
        return message("position_kings_face", error=True)
    if jit.kernels().in_check(board, -int(turn)):
        return message("position_idle_in_check", error=True, side=turn.opponent)
    if not jit.kernels().legal_ids(board, int(turn), np.empty(128, np.int16)):
        return message("position_no_move", error=True, side=turn)
    return None


def _kings_face(squares: Sequence[int]) -> bool:
    kings = sorted(square for square, piece in enumerate(squares) if abs(piece) == pieces.KING)
    return len(kings) == 2 and kings[0] % 9 == kings[1] % 9 and not any(squares[kings[0] + 9 : kings[1] : 9])


def why_not(text: str) -> Message:
    """Return the message for a FEN that `Board` refuses."""
    found = _RANKS.search(text)
    if not found:
        return message("position_no_fen", error=True)
    rows = found[0].split("/")
    if len(rows) != 10:
        return message("position_ranks", error=True, count=len(rows))
    squares = array("b", bytes(90))
    for rank, row in zip(range(9, -1, -1), rows, strict=True):
        file = 0
        for character in row:
            if character.isdigit() and character != "0":
                file += int(character)
                continue
            try:
                piece = pieces.from_letter(character)
            except ValueError:
                return message("position_letter", error=True, letter=character, rank=rank)
            if file < 9:
                squares[rank * 9 + file] = piece
            file += 1
        if file != 9:
            return message("position_files", error=True, rank=rank, count=file)
    rest = text[found.end() :].split()
    turn = Color.BLACK if rest[:1] == ["b"] else Color.RED
    fault = problem(squares, turn)
    return fault if fault and fault.key != "position_no_move" else message("position_fields", error=True)
