"""Figures about a library, and checks of its consistency."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from ..records.game import GameRecord, legal_prefix
from .positions import distinct, walk
from .runs import EVERY_RUN
from .schema import OPENING_PLIES

_SHOWN = 10  # most names in a list
_MOST = 20  # most faults reported


def stats(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return the figures of `Library.stats`."""

    def one(sql: str) -> Any:
        return connection.execute(sql).fetchone()[0]

    def counted(sql: str) -> dict[str, int]:
        return dict(connection.execute(sql).fetchall())

    return {
        "games": one("SELECT count(*) FROM games"),
        "plies": one("SELECT coalesce(sum(plies), 0) FROM games"),
        "positions": one("SELECT count(*) FROM positions"),
        "sources": one("SELECT count(*) FROM sources"),
        "players": one("SELECT count(*) FROM players"),
        "events": one("SELECT count(*) FROM events"),
        "commented": one("SELECT count(*) FROM comments"),
        "results": counted("SELECT result, count(*) FROM games GROUP BY result ORDER BY 2 DESC"),
        "years": counted("SELECT year, count(*) FROM games WHERE year IS NOT NULL GROUP BY year ORDER BY year"),
        "openings": counted(
            f"SELECT name, count(*) FROM games JOIN openings ON openings.id = opening GROUP BY opening"
            f" ORDER BY 2 DESC, name LIMIT {_SHOWN}"
        ),
        "most_frequent_players": counted(
            f"SELECT name, count(*) FROM (SELECT red AS player FROM games UNION ALL SELECT black FROM games)"
            f" JOIN players ON players.id = player GROUP BY player ORDER BY 2 DESC, name LIMIT {_SHOWN}"
        ),
        "bytes": one("PRAGMA page_count") * one("PRAGMA page_size"),
        "schema": one("PRAGMA user_version"),
    }


def check(connection: sqlite3.Connection, games: Iterable[tuple[int, GameRecord]]) -> list[str]:
    """Return the faults of pages and indexes, references, illegal games, positions and tallies."""
    found = [row[0] for row in connection.execute(f"PRAGMA integrity_check({_MOST})") if row[0] != "ok"]
    if found:
        return found
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        found.append(f"{table}, row {row}: refers to a row of {parent} that does not exist")
    expected = 0
    for number, record in games:
        if legal_prefix(record.start(), record.moves) < len(record.moves):
            found.append(f"game {number}: an illegal move")
            continue
        rows = [(key, ply, number, move) for key, ply, move in distinct(*walk(record))]
        expected += len(rows)
        sql = f"SELECT 1 FROM positions WHERE {EVERY_RUN} AND key = ? AND ply = ? AND game = ? AND move = ?"
        if not all(connection.execute(sql, row).fetchone() for row in rows):
            found.append(f"game {number}: some of its positions are not in the index")
    there = connection.execute("SELECT count(*) FROM positions").fetchone()[0]
    if there > expected:
        found.append(f"{there - expected:,} positions of games that are not there")
    return [*found, *_tallies(connection)][:_MOST]


def _tallies(connection: sqlite3.Connection) -> list[str]:
    """Return the faults of tallies that disagree with the positions."""
    counted = (
        "SELECT key, move, sum(result = '1-0'), sum(result = '1/2-1/2'), sum(result = '0-1'), sum(result = '*'),"
        f" max(year) FROM positions JOIN games ON games.id = game WHERE ply < {OPENING_PLIES} GROUP BY key, move"
    )
    kept = "SELECT key, move, sum(red), sum(draws), sum(black), sum(unknown), max(year) FROM tallies GROUP BY key, move"
    sql = "SELECT count(*) FROM ({} EXCEPT {})"
    wrong = max(connection.execute(sql.format(a, b)).fetchone()[0] for a, b in ((counted, kept), (kept, counted)))
    return [f"{wrong:,} counts of moves in openings are wrong"] if wrong else []
