"""The record formats: recognition by content, splitting into games, and parsing."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...errors import BadRecord
from ..game import GameRecord
from . import cchess, dhtmlxq, pfc, pgn, pgn_games, prose, tables, text, wxf
from .companions import Companions
from .sources import Blob

WHOLE = 1 << 28  # bytes; the size limit of files that are not read game by game
_TEXTS = (
    ".pgn",
    ".txt",
    ".jsonl",
    ".csv",
    ".htm",
    ".html",
    ".ubb",
    ".dhtmlxq",
    ".iccs",
    ".moves",
    ".wxf",
    ".cbf",
    ".pfc",
)
_BINARY = {".xqf": "xqf", ".cbr": "cbr", ".cbl": "cbl"}
_MARKS = ((b"CCBridge Record\0", "cbr"), (b"CCBridgeLibrary\0", "cbl"))
_SNIFFED = 1 << 16  # characters by which the format of a text is recognised
_LONGEST_LINE = 1 << 22
_TAG = re.compile(r'\[\s*[A-Za-z]\w*\s*(?::\s*)?"')
_NEVER_PGN = {
    ".csv": "expected a first line that names columns: gameID, turn, side and move, or game_id, move_index and move",
    ".htm": "a page without a DhtmlXQ record",
    ".html": "a page without a DhtmlXQ record",
}


@dataclass(frozen=True)
class Unit:
    """One game as stored in its file, not yet parsed.

    `number` counts games from 1; `line` is its first line, or 0 in a binary file.
    """

    form: str
    source: str
    number: int
    content: str | bytes
    line: int = 0


# ------------------------------------------------------------------------------------------------ which format


def form_of(blob: Blob, named: bool) -> str | None:
    """Return the format of a file, "text" if reading it must tell, or None if it is not a record.

    A file that the user `named` counts as text if it is nothing else.
    """
    assert blob.data is not None
    suffix = os.path.splitext(blob.name)[1].lower()
    for mark, form in _MARKS:
        if blob.data.startswith(mark):
            return form
    if len(blob.data) > 1024 and blob.data.startswith(b"XQ") and 10 <= blob.data[2] <= 32:
        return "xqf"
    if suffix in _TEXTS or (named and suffix not in _BINARY):
        return "text"
    return "text" if _shows_record(blob.data) else _BINARY.get(suffix)


def _shows_record(data: bytes) -> bool:
    """Return whether data begins like a text record, regardless of the file's name."""
    head = data[:_SNIFFED]
    if not head or (b"\0" in head[:1024] and not text.marked(head)):
        return False
    start = text.decode(head, lambda _: 0)[0]
    return form_of_text(start) is not None or prose.is_moves(start)


def form_of_text(start: str) -> str | None:
    """Return the format recognised from the beginning of a text, or None if it may be PGN moves or anything else."""
    start = start.lstrip("\ufeff \t\r\n")
    if start[:1] == "[" and _TAG.match(start):
        return "pgn"
    if start[:1] == "{" and '"moves"' in start:
        return "jsonl"
    if start[:1] == "<":
        if "<ChineseChessRecord" in start[:1024]:
            return "cbf"
        if pfc.is_pfc(start[: 1 << 12]):
            return "pfc"
    if tables.is_csv(start):
        return "csv"
    if tables.is_info(start):
        return "info"
    if dhtmlxq.is_dhtmlxq(start):
        return "dhtmlxq"
    if wxf.is_wxf(start[: 1 << 12]):
        return "wxf"
    if dhtmlxq.is_digits(start):
        return "digits"
    return "list" if tables.is_list(start) else None


# ------------------------------------------------------------------------------------------------ its games


def split(blob: Blob, form: str, companions: Companions) -> Iterator[Unit]:
    """Yield the games of a file; a table of games goes into `companions`.

    Raises BadRecord if the file is too large, and the errors of damaged files (`sources.DAMAGE`).
    """
    if form == "text":
        form, parts = _text_parts(blob, companions)
        yield from _units(form, blob.name, parts)
    else:
        data = _whole(blob)
        for number, record in enumerate(cchess.split_cbl(data) if form == "cbl" else [data], 1):
            yield Unit(form, blob.name, number, record)


def split_table(name: str, table: str, companions: Companions) -> Iterator[Unit]:
    """Yield the games of a table of moves that was waiting for its table of games."""
    return _units("csv", name, ((1, part) for part in tables.split_csv(table, companions.infos(name))))


def _units(form: str, name: str, parts: Iterable[tuple[int, str]]) -> Iterator[Unit]:
    """Yield games with their numbers; in a list, a game's number is its line number."""
    games = 0
    for line, part in parts:
        if part.strip():
            games = line if form in ("list", "jsonl") else games + 1
            yield Unit(form, name, games, part, line)


def _whole(blob: Blob) -> bytes:
    assert blob.data is not None
    pieces, size = [blob.data], len(blob.data)
    while blob.rest is not None and size <= WHOLE and (data := blob.rest.read(1 << 20)):
        pieces.append(data)
        size += len(data)
    if size > WHOLE:
        raise BadRecord(f"longer than {WHOLE >> 20} MiB, the limit of this format", source=blob.name)
    return b"".join(pieces)


_SPLITTERS: dict[str, Callable[[str], Iterable[str]]] = {
    "dhtmlxq": dhtmlxq.split_games,
    "digits": dhtmlxq.split_digits,
    "wxf": wxf.split_games,
    "pfc": lambda whole: [whole],
    "cbf": lambda whole: [whole],
}


def _text_parts(blob: Blob, companions: Companions) -> tuple[str, Iterable[tuple[int, str]]]:
    """Return a text's format and its games with their first lines.

    PGN, JSON lines and lists are read game by game, the other formats as a whole.
    """
    assert blob.data is not None
    stream = text.open_text(blob.data, blob.rest, pgn.legal_plies)
    start = stream.read(_SNIFFED)
    suffix = os.path.splitext(blob.name)[1].lower()
    form = form_of_text(start) or ("jsonl" if suffix == ".jsonl" else None)
    if form in ("jsonl", "list"):
        return form, _counted(text.lines(start, stream, _LONGEST_LINE))
    if form in _SPLITTERS:
        whole = start + _rest(stream, blob.name)
        return form, _located(whole, _SPLITTERS[form](whole))
    if form == "csv":
        table = start + _rest(stream, blob.name)
        if companions.waits(blob.name, table):
            return form, []
        return form, ((1, part) for part in tables.split_csv(table, companions.infos(blob.name)))
    if form == "info":
        companions.add(blob.name, tables.read_info(start + _rest(stream, blob.name)))
        return form, []
    if form is None and suffix in _NEVER_PGN:
        raise BadRecord(_NEVER_PGN[suffix], source=blob.name)
    return "pgn", _counted(pgn_games.split_games(text.lines(start, stream, pgn_games.PIECE)))


def _counted(parts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield consecutive parts of a text with their first lines."""
    line = 1
    for part in parts:
        yield line, part
        line += part.count("\n")


def _located(whole: str, parts: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield parts of a text, in order, with their first lines."""
    at, line = 0, 1
    for part in parts:
        found = whole.find(part, at)
        line += whole.count("\n", at, found)
        at = found
        yield line, part


def _rest(stream: io.TextIOBase, name: str) -> str:
    more = stream.read(WHOLE)
    if len(more) == WHOLE:
        raise BadRecord(f"longer than {WHOLE >> 20} million characters, the limit of this format", source=name)
    return more


# ------------------------------------------------------------------------------------------------ parsing

READERS: dict[str, Callable[..., GameRecord]] = {
    "pgn": pgn.read_game,
    "jsonl": tables.read_json,
    "list": tables.read_line,
    "csv": tables.read_rows,
    "dhtmlxq": dhtmlxq.read_game,
    "digits": dhtmlxq.read_digits,
    "wxf": wxf.read_game,
    "pfc": pfc.read_game,
    "cbf": cchess.read_cbf,
    "xqf": cchess.read_xqf,
    "cbr": cchess.read_cbr,
    "cbl": cchess.read_cbr,
}
_LINES: dict[str, Callable[[str, int], int]] = {"pgn": pgn.line_of, "csv": tables.row_line}


def understand(unit: Unit, keep_prefix: bool) -> GameRecord:
    """Return the record of one game; raises BadRecord."""
    return READERS[unit.form](unit.content, f"{unit.source}#{unit.number}", keep_prefix)


def line_of(unit: Unit, ply: int) -> int:
    """Return the line of the file with a ply of a game, as far as it is known; 0 in a binary file."""
    if not isinstance(unit.content, str):
        return 0
    return unit.line + _LINES[unit.form](unit.content, ply) if unit.form in _LINES else unit.line
