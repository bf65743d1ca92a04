"""Queries on a library, as SQL; texts are always passed as parameters."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from ..errors import XiangqiError, quoted
from ..records import openings
from ..records.game import RESULTS
from ..rules.board import Board
from .names import folded, name_key
from .positions import place_of
from .runs import EVERY_RUN
from .schema import has_full_text

_MOST = 500  # characters of a search text that are used


@dataclass(frozen=True)
class Query:
    """Conditions that a game must meet, all of them; the empty query matches every game.

    All `players` took part. Any part of a name matches, in either script; the same holds for `event`, `opening`
    (Chinese or English) and `comment`. `years` are the first and the last. `position` or its mirror image occurred.
    """

    players: tuple[str, ...] = ()
    red: str = ""
    black: str = ""
    event: str = ""
    years: tuple[int, int] | None = None
    opening: str = ""
    result: str = ""
    position: Board | None = None
    comment: str = ""
    source: str = ""
    ids: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self != Query()


def parse_years(text: str) -> tuple[int, int]:
    """Return the first and last year of `1995` or `1990-2000`; raises XiangqiError."""
    found = re.fullmatch(r"\s*(\d{4})\s*(?:-\s*(\d{4})\s*)?", text, re.ASCII)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise XiangqiError(f"expected a year, or the first and the last, as in 1995 or 1990-2000, found {quoted(text)}")
    return first, last


def parse_position(text: str) -> Board:
    """Return the board of a FEN or of moves from the start position, in any notation; raises XiangqiError."""
    if "/" in text and not re.search(r"\s[a-i]\d[a-i]\d", text):
        return Board(text.strip())
    board = Board()
    for word in text.replace(",", " ").split():
        word = re.sub(r"^\d+\.+(?=\D|$)", "", word)  # a move number
        if word:
            board.push(board.parse(word))
    return board


def select(connection: sqlite3.Connection, query: Query) -> tuple[str, list]:
    """Return the SELECT of `id` and `date` of the games that match a query, and its parameters; raises XiangqiError."""
    parts, values = _parts(connection, query)
    return " UNION ".join(parts), values * len(parts)


def latest(connection: sqlite3.Connection, columns: str, query: Query, limit: int | None) -> tuple[str, list]:
    """Return the SELECT of a search, latest games first, and its parameters; raises XiangqiError."""
    parts, values = _parts(connection, query)
    named = query.players or query.event or query.opening or query.red or query.black
    order = f"ORDER BY {'+' if named else ''}date DESC, id DESC LIMIT ?"  # the plus makes SQLite use the index of names
    most = -1 if limit is None else limit
    chosen = " UNION ".join(f"SELECT id, date FROM ({part} {order})" for part in parts)
    last = "ORDER BY date DESC, id DESC"
    sql = f"SELECT {columns} FROM games WHERE id IN (SELECT id FROM ({chosen} {last} LIMIT ?)) {last}"
    return sql, [*[*values, most] * len(parts), most]


def _parts(connection: sqlite3.Connection, query: Query) -> tuple[list[str], list]:
    """Return SELECTs that together find the games of a query, and the parameters of all.

    The first player has a SELECT for each side, so that each finds names and dates in one index.
    """
    condition, values = _where(connection, query)
    sql = "SELECT id, date FROM games WHERE"
    if not query.players:
        return [f"{sql} {condition}"], values
    chosen, given = _named("players", query.players[0])
    return [f"{sql} {side} IN ({chosen}) AND {condition}" for side in ("red", "black")], [*given, *values]


def _where(connection: sqlite3.Connection, query: Query) -> tuple[str, list]:
    """Return the condition on `games` from everything but the first player, and its parameters."""
    parts: list[str] = ["1"]
    values: list = []

    def add(part: str, *given: object) -> None:
        parts.append(part)
        values.extend(given)

    for columns, text in [*((("red", "black"), name) for name in query.players[1:]), (("red",), query.red),
                          (("black",), query.black), (("event",), query.event)]:  # fmt: skip
        if text:
            table = "events" if columns == ("event",) else "players"
            chosen, given = _named(table, text)
            add("(" + " OR ".join(f"{column} IN ({chosen})" for column in columns) + ")", *given * len(columns))
    if query.years:
        add("date >= ? AND date < ?", f"{query.years[0]:04}", f"{query.years[1] + 1:04}")
    if query.opening:
        ids = _openings(connection, query.opening)
        add(f"opening IN ({', '.join('?' * len(ids))})", *ids)
    if query.result:
        if query.result not in RESULTS:
            raise XiangqiError(f"expected a result of {', '.join(RESULTS)}, found {quoted(query.result)}")
        add("result = ?", query.result)
    if query.position is not None:
        add(f"id IN (SELECT game FROM positions WHERE {EVERY_RUN} AND key = ?)", place_of(query.position).key)
    if query.comment:
        add(*_commented(connection, query.comment))
    if query.source:
        sql = "SELECT game FROM sources JOIN files ON files.id = file WHERE path || '/' || member LIKE ? ESCAPE '\\'"
        add(f"id IN ({sql})", _like(_cut(query.source)))
    if query.ids:
        add(f"id IN ({', '.join('?' * len(query.ids))})", *query.ids)
    return " AND ".join(parts), values


def _named(table: str, text: str) -> tuple[str, list[str]]:
    """Return a SELECT for the ids of rows whose name contains a text, and its parameters."""
    return f"SELECT id FROM {table} WHERE instr(key, ?)", [name_key(_cut(text)) or "\x01"]


def _openings(connection: sqlite3.Connection, text: str) -> list[int]:
    wanted = folded(_cut(text))
    rows = connection.execute("SELECT id, key, name FROM openings").fetchall()
    return [number for number, key, name in rows if wanted in key or wanted in folded(openings.english(name))]


def _commented(connection: sqlite3.Connection, text: str) -> tuple[str, str]:
    wanted = folded(_cut(text))
    if len(wanted) >= 3 and has_full_text(connection):  # trigrams cannot find shorter texts
        return "id IN (SELECT rowid FROM comments WHERE comments MATCH ?)", '"' + wanted.replace('"', '""') + '"'
    return "id IN (SELECT rowid FROM comments WHERE text LIKE ? ESCAPE '\\')", _like(wanted)


def _cut(text: str) -> str:
    """Return a text that SQLite accepts, of limited length."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ")[:_MOST]


def _like(text: str) -> str:
    """Return a pattern for texts that contain this one, with its % and _ escaped."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", text) + "%"
