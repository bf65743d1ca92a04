"""Positions and tallies in sorted runs, one per batch; runs of similar size are merged into longer ones.

Keys of positions are practically random. In one sorted table every batch would touch every page, and adding n games
would write in the order of n * n bytes. A run is written in one place, and merging rewrites each row two or three
times. A lookup queries every run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from .schema import OPENING_PLIES, transaction

MERGED = 8  # runs of similar size that are merged into one
_SIZES = (20_000, 200_000, 2_000_000)  # the row counts that separate size classes; runs above the last are not merged
EVERY_RUN = "run IN (SELECT id FROM runs)"
_OF = "run IN (SELECT value FROM json_each(?))"


def write(
    connection: sqlite3.Connection,
    positions: list[tuple[int, int, int, int]],
    tallies: Mapping[tuple[int, int], Sequence[int | None]],
) -> None:
    """Write the positions (key, ply, game, move) and tallies of a batch as one run; call it inside a transaction."""
    if not positions:
        return
    positions.sort()
    run = connection.execute("INSERT INTO runs (rows) VALUES (?)", (len(positions),)).lastrowid
    connection.executemany("INSERT INTO positions VALUES (?, ?, ?, ?, ?)", ((run, *row) for row in positions))
    rows = ((run, *pair, *counts) for pair, counts in sorted(tallies.items()))
    connection.executemany("INSERT INTO tallies VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def merge(connection: sqlite3.Connection) -> None:
    """Merge runs until no size class has too many, each time in a transaction."""
    while _crowded(connection):
        with transaction(connection):
            if merged := _crowded(connection):  # checked again, as another process may have merged
                _merge(connection, json.dumps(merged))


def _crowded(connection: sqlite3.Connection) -> list[int]:
    """Return the runs of the smallest size class with too many runs."""
    levels: list[list[int]] = [[] for _ in _SIZES]
    for run, rows in connection.execute("SELECT id, rows FROM runs ORDER BY id"):
        level = sum(rows >= size for size in _SIZES)
        if level < len(_SIZES):
            levels[level].append(run)
    return next((runs for runs in levels if len(runs) >= MERGED), [])


def _merge(connection: sqlite3.Connection, merged: str) -> None:
    """Merge runs, given as a JSON list of their numbers, into one."""
    sql = "INSERT INTO runs (rows) SELECT sum(rows) FROM runs WHERE id IN (SELECT value FROM json_each(?))"
    run = connection.execute(sql, (merged,)).lastrowid
    order = "key, ply, game, move"
    rows = f"SELECT ?, {order} FROM positions WHERE {_OF} ORDER BY {order}"
    connection.execute(f"INSERT INTO positions {rows}", (run, merged))
    counts = "sum(red), sum(draws), sum(black), sum(unknown), max(year)"
    rows = f"SELECT ?, key, move, {counts} FROM tallies WHERE {_OF} GROUP BY key, move ORDER BY key, move"
    connection.execute(f"INSERT INTO tallies {rows}", (run, merged))
    for table in ("positions", "tallies"):
        connection.execute(f"DELETE FROM {table} WHERE {_OF}", (merged,))
    connection.execute("DELETE FROM runs WHERE id IN (SELECT value FROM json_each(?))", (merged,))


def delete(connection: sqlite3.Connection, rows: Iterable[tuple[int, int, int, int]]) -> None:
    """Delete positions (key, ply, game, move); call it inside a transaction."""
    sql = f"DELETE FROM positions WHERE {EVERY_RUN} AND key = ? AND ply = ? AND game = ? AND move = ?"
    connection.executemany(sql, rows)


def recount(connection: sqlite3.Connection, keys: Iterable[int]) -> None:
    """Recompute the tallies of positions in the last run; call it inside a transaction."""
    last = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
    counts = "sum(result = '1-0'), sum(result = '1/2-1/2'), sum(result = '0-1'), sum(result = '*'), max(year)"
    for key in keys:
        connection.execute(f"DELETE FROM tallies WHERE {EVERY_RUN} AND key = ?", (key,))
        connection.execute(
            f"INSERT INTO tallies SELECT ?, key, move, {counts} FROM positions JOIN games ON games.id = game"
            f" WHERE {EVERY_RUN} AND key = ? AND ply < ? GROUP BY key, move",
            (last, key, OPENING_PLIES),
        )
