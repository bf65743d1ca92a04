"""Export of a library as partitioned Parquet, for programs that handle hundreds of millions of rows.

    FOLDER/games/decade=1990/…        a row for each game
    FOLDER/positions/bucket=3/…       a row for each move of each game; by bucket (key modulo 16), sorted by key

DuckDB, Spark and Ray Data read these files. Writing needs pyarrow (extra `parquet`), which is imported only here.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from ..errors import XiangqiError
from ..rules.moves import MOVES
from . import query, trees
from .query import Query

_ROWS = 1 << 16  # rows per batch
_COLUMNS = "id red black event opening date year red_elo black_elo result plies start moves headers"
_GAMES = (
    "SELECT id, (SELECT name FROM players WHERE players.id = red), (SELECT name FROM players WHERE players.id = black),"
    " (SELECT name FROM events WHERE events.id = event), (SELECT name FROM openings WHERE openings.id = opening),"
    " date, year, red_elo, black_elo, result, plies, start, moves, headers, coalesce(year / 10 * 10, 0) AS decade"
    " FROM games"
)
_POSITIONS = (
    "SELECT key, ply, game, move, result, year, key & 15 AS bucket FROM positions JOIN games ON games.id = game"
)


def write(connection: sqlite3.Connection, wanted: Query, folder: Path) -> int:
    """Write the games that match a query and their positions to a folder, which appears complete; return their number.

    Raises XiangqiError if pyarrow is missing, or if the folder exists and is not empty.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as fault:
        raise XiangqiError('Parquet needs pyarrow: pip install "xiangqi-lm[parquet]"') from fault
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise XiangqiError(f"{folder}: expected a folder that is empty, or not there yet")
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    chosen, values = query.select(connection, wanted) if wanted else ("SELECT id FROM games", [])
    try:
        count = _write_games(connection, chosen, values, part / "games")
        _write_positions(connection, chosen, values, part / "positions")
        if folder.exists():
            folder.rmdir()
        os.replace(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _write_games(connection: sqlite3.Connection, chosen: str, values: list, folder: Path) -> int:
    import pyarrow as pa

    kinds = {"id": pa.int64(), "year": pa.int16(), "red_elo": pa.int16(), "black_elo": pa.int16(), "plies": pa.int32()}
    fields = {name: kinds.get(name, pa.string()) for name in _COLUMNS.split()}
    cursor = connection.execute(f"{_GAMES} WHERE id IN (SELECT id FROM ({chosen})) ORDER BY decade, id", values)
    rows = ((*row[:12], _text(row[12]), *row[13:]) for row in cursor)
    return _write(folder / "decade={}", fields, rows)


def _text(moves: bytes) -> str:
    """Return moves in ICCS, separated by spaces."""
    return " ".join(move.iccs() for move in trees.unpack_moves(moves))


def _write_positions(connection: sqlite3.Connection, chosen: str, values: list, folder: Path) -> None:
    import pyarrow as pa

    fields = {"key": pa.int64(), "ply": pa.int32(), "game": pa.int64(), "move": pa.string(), "result": pa.string(),
              "year": pa.int16()}  # fmt: skip
    names = [*(move.iccs() for move in MOVES), None]  # by id; the last position of a game has no move
    sql = f"{_POSITIONS} WHERE game IN (SELECT id FROM ({chosen})) ORDER BY bucket, key, game, ply"
    rows = ((*row[:3], names[row[3]], *row[4:]) for row in connection.execute(sql, values))
    _write(folder / "bucket={}", fields, rows)


def _write(folder: Path, fields: dict[str, Any], rows: Iterator[tuple[Any, ...]]) -> int:
    """Write rows, sorted by their last value, which names the folder of their file; return their number."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    count, schema = 0, pa.schema(list(fields.items()))
    for value, group in groupby(rows, key=lambda row: row[-1]):
        path = Path(str(folder).format(value), "part-0.parquet")
        path.parent.mkdir(parents=True)
        with ParquetWriter(path, schema, compression="zstd") as writer:
            while some := list(islice(group, _ROWS)):
                columns = list(zip(*some, strict=True))[:-1]
                arrays = [pa.array(column, kind) for column, kind in zip(columns, fields.values(), strict=True)]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=schema))
                count += len(some)
    return count
