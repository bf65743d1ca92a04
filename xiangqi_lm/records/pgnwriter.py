"""Records as PGN, in any notation, with comments and variations; always text to be stored as UTF-8."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..rules.board import Board
from ..rules.moves import MOVES
from .game import GameRecord
from .tree import Line

_FORMATS = {
    "iccs": "ICCS", "chinese": "Chinese", "traditional": "Chinese", "wxf": "WXF", "uci": "UCI", "uci10": "UCI10",
}  # fmt: skip
NOTATIONS = tuple(_FORMATS)
_ICCS = [f"{text[:2]}-{text[2:]}" for text in (move.iccs().upper() for move in MOVES)]


def write_game(record: GameRecord, notation: str = "iccs") -> str:
    """The record as PGN text with a blank line at its end; `notation` is one of NOTATIONS.

    Line breaks in comments become spaces, braces round brackets.
    """
    headers = {"Game": "Chinese Chess"}
    headers |= {name: record.headers.get(name, "?") for name in ("Event", "Site", "Date", "Round", "Red", "Black")}
    headers["Result"] = record.result
    headers |= {k: v for k, v in record.headers.items() if k not in headers and k not in ("FEN", "Format")}
    if record.start_fen:
        headers["FEN"] = record.start_fen
    headers["Format"] = _FORMATS[notation]
    tags = "".join(f'[{name} "{_tag_value(value)}"]\n' for name, value in headers.items())
    return f"{tags}\n{_wrap(_words(record, notation))}\n\n"


def _tag_value(value: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", value).replace("\\", "\\\\").replace('"', '\\"')


def _words(record: GameRecord, notation: str) -> list[str]:
    """Move numbers, moves, comments, variations and the result, in order."""
    board = record.start() if record.start_fen or notation != "iccs" else None
    number, black = (board.fullmove, board.turn < 0) if board else (1, False)
    words: list[str] = []
    _add_line(words, record.line, number, black, notation, None if notation == "iccs" else board)
    return [*words, record.result]


def _add_line(words: list[str], line: Line, number: int, black: bool, notation: str, board: Board | None) -> None:
    """The words of a line from move `number` on; `board`, None for ICCS, ends where it began."""
    if 0 in line.comments:
        words.append(_comment(line.comments[0]))
    numbered = False  # whether Black's next move needs its number again
    for ply, move in enumerate(line.moves):
        if not black:
            words.append(f"{number}.")
        elif not ply or numbered:
            words.append(f"{number}...")
        words.append(board.write(move, notation) if board else _ICCS[move.id])
        if ply + 1 in line.comments:
            words.append(_comment(line.comments[ply + 1]))
        for below in line.variations.get(ply, ()):
            first = len(words)
            _add_line(words, below, number, black, notation, board)
            words[first] = "(" + words[first]
            words[-1] += ")"
        numbered = ply in line.variations
        if board:
            board.push_unchecked(move)
        number += black
        black = not black
    if board:
        for _ in line.moves:
            board.pop()


def _comment(text: str) -> str:
    return "{" + " ".join(text.replace("{", "(").replace("}", ")").split()) + "}"


def _wrap(words: Iterable[str], width: int = 80) -> str:
    """Words joined into lines; a long comment makes a long line rather than being broken."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return "\n".join(lines)
