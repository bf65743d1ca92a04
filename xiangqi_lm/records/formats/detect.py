"""The record formats: how a file of each is told, taken apart into games, and understood."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...errors import BadRecord
from ..game import GameRecord
from . import cchess, dhtmlxq, pgn, tables, text
from .sources import Blob

WHOLE = 1 << 28  # bytes of a file that is not read game by game
_TEXTS = (".pgn", ".txt", ".jsonl", ".csv", ".htm", ".html", ".ubb", ".dhtmlxq", ".iccs", ".moves")
_BINARY = {".xqf": "xqf", ".cbr": "cbr", ".cbl": "cbl"}
_MARKS = ((b"CCBridge Record\0", "cbr"), (b"CCBridgeLibrary\0", "cbl"))
_SNIFFED = 1 << 16  # characters in which a text shows what it is
_LONGEST_LINE = 1 << 22
_NEVER_PGN = {
    ".csv": "no table of moves: the first line names no columns gameID, turn, side and move",
    ".htm": "a page without a DhtmlXQ record",
    ".html": "a page without a DhtmlXQ record",
}


@dataclass(frozen=True)
class Unit:
    """One game as it lies in its file, not yet understood; `number` counts games from 1."""

    form: str
    source: str
    number: int
    content: str | bytes


def form_of(blob: Blob, named: bool) -> str | None:
    """The format of a file: "text" for those told by reading it, None for no record; a file that the user `named` is a
    text if nothing else."""
    assert blob.data is not None
    suffix = os.path.splitext(blob.name)[1].lower()
    for mark, form in _MARKS:
        if blob.data.startswith(mark):
            return form
    if suffix in _BINARY:
        return _BINARY[suffix]
    if len(blob.data) > 1024 and blob.data.startswith(b"XQ") and 10 <= blob.data[2] <= 32:
        return "xqf"
    return "text" if named or suffix in _TEXTS else None


def split(blob: Blob, form: str) -> Iterator[Unit]:
    """The games of a file; raises BadRecord where it is too long to be read whole, and what reading a damaged file
    raises (`sources.DAMAGE`)."""
    parts: Iterator[Any]
    if form == "text":
        form, parts = _text_parts(blob)
    elif form == "cbl":
        parts = cchess.split_cbl(_whole(blob))
    else:
        parts = iter([_whole(blob)])
    for number, part in enumerate(parts, 1):
        if part.strip():
            yield Unit(form, blob.name, number, part)


def _whole(blob: Blob) -> bytes:
    assert blob.data is not None
    pieces, size = [blob.data], len(blob.data)
    while blob.rest is not None and size <= WHOLE and (data := blob.rest.read(1 << 20)):
        pieces.append(data)
        size += len(data)
    if size > WHOLE:
        raise BadRecord(f"longer than {WHOLE >> 20} MiB, and read at once in this format", source=blob.name)
    return b"".join(pieces)


def _text_parts(blob: Blob) -> tuple[str, Iterator[str]]:
    """What kind of text it is, and its games: PGN, JSON lines and lists one after the other, the others from the
    whole."""
    assert blob.data is not None
    stream = text.open_text(blob.data, blob.rest, pgn.legal_plies)
    start = stream.read(_SNIFFED)
    suffix = os.path.splitext(blob.name)[1].lower()
    if suffix == ".jsonl" or (suffix != ".pgn" and start.lstrip("\ufeff \t\n").startswith("{") and '"moves"' in start):
        return "jsonl", text.lines(start, stream, _LONGEST_LINE)
    if tables.is_csv(start):
        return "csv", tables.split_csv(start + _rest(stream, blob.name))
    if "[dhtmlxq" in start.lower():
        return "dhtmlxq", dhtmlxq.split_games(start + _rest(stream, blob.name))
    if suffix in _NEVER_PGN:
        raise BadRecord(_NEVER_PGN[suffix], source=blob.name)
    if suffix != ".pgn" and tables.is_list(start):
        return "list", text.lines(start, stream, _LONGEST_LINE)
    return "pgn", pgn.split_games(text.lines(start, stream, pgn.PIECE))


def _rest(stream: io.TextIOBase, name: str) -> str:
    more = stream.read(WHOLE)
    if len(more) == WHOLE:
        raise BadRecord(f"longer than {WHOLE >> 20} million characters, and read at once in this format", source=name)
    return more


READERS: dict[str, Callable[..., GameRecord]] = {
    "pgn": pgn.read_game,
    "jsonl": tables.read_json,
    "list": tables.read_line,
    "csv": tables.read_rows,
    "dhtmlxq": dhtmlxq.read_game,
    "xqf": cchess.read_xqf,
    "cbr": cchess.read_cbr,
    "cbl": cchess.read_cbr,
}


def understand(unit: Unit, keep_prefix: bool) -> GameRecord:
    """The record of one game; raises BadRecord."""
    return READERS[unit.form](unit.content, f"{unit.source}#{unit.number}", keep_prefix)
