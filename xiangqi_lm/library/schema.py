"""The database file: its tables and version, how to open it, and the meaning of SQLite's errors."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import XiangqiError

APPLICATION = 0x58514C4D  # "XQLM": PRAGMA application_id of every library
BUSY_SECONDS = 30.0  # the longest time that one writer waits for another
OPENING_PLIES = 20  # positions before this ply are counted in `tallies`, later ones on demand

_FIRST = f"""
CREATE TABLE players (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE events (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE openings (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL);
CREATE TABLE games (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    line INTEGER NOT NULL,
    red INTEGER REFERENCES players,
    black INTEGER REFERENCES players,
    event INTEGER REFERENCES events,
    opening INTEGER NOT NULL REFERENCES openings,
    date TEXT NOT NULL,
    year INTEGER,
    red_elo INTEGER NOT NULL,
    black_elo INTEGER NOT NULL,
    result TEXT NOT NULL,
    plies INTEGER NOT NULL,
    start TEXT,
    moves BLOB NOT NULL,
    tree BLOB,
    headers TEXT NOT NULL
);
CREATE INDEX games_line ON games (line);
CREATE INDEX games_red ON games (red);
CREATE INDEX games_black ON games (black);
CREATE INDEX games_event ON games (event);
CREATE INDEX games_opening ON games (opening);
CREATE INDEX games_year ON games (year);
CREATE TABLE files (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE sources (
    file INTEGER NOT NULL REFERENCES files,
    member TEXT NOT NULL,
    number INTEGER NOT NULL,
    game INTEGER NOT NULL REFERENCES games,
    headers TEXT,
    tree BLOB,
    PRIMARY KEY (file, member, number, game)
) WITHOUT ROWID;
CREATE INDEX sources_game ON sources (game);
CREATE TABLE positions (
    key INTEGER NOT NULL,
    ply INTEGER NOT NULL,
    game INTEGER NOT NULL,
    move INTEGER NOT NULL,
    PRIMARY KEY (key, ply, game, move)
) WITHOUT ROWID;
CREATE TABLE tallies (
    key INTEGER NOT NULL,
    move INTEGER NOT NULL,
    red INTEGER NOT NULL,
    draws INTEGER NOT NULL,
    black INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    year INTEGER,
    PRIMARY KEY (key, move)
) WITHOUT ROWID;
CREATE TABLE inputs (path TEXT PRIMARY KEY, stamp TEXT NOT NULL) WITHOUT ROWID;
PRAGMA application_id = {APPLICATION};
"""
_RUNS = """
CREATE TABLE runs (id INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
INSERT INTO runs SELECT 1, n FROM (SELECT count(*) AS n FROM positions) WHERE n > 0;
ALTER TABLE positions RENAME TO positions_before;
CREATE TABLE positions (
    run INTEGER NOT NULL,
    key INTEGER NOT NULL,
    ply INTEGER NOT NULL,
    game INTEGER NOT NULL,
    move INTEGER NOT NULL,
    PRIMARY KEY (run, key, ply, game, move)
) WITHOUT ROWID;
INSERT INTO positions SELECT 1, key, ply, game, move FROM positions_before ORDER BY key, ply, game, move;
DROP TABLE positions_before;
ALTER TABLE tallies RENAME TO tallies_before;
CREATE TABLE tallies (
    run INTEGER NOT NULL,
    key INTEGER NOT NULL,
    move INTEGER NOT NULL,
    red INTEGER NOT NULL,
    draws INTEGER NOT NULL,
    black INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    year INTEGER,
    PRIMARY KEY (run, key, move)
) WITHOUT ROWID;
INSERT INTO tallies SELECT 1, key, move, red, draws, black, unknown, year FROM tallies_before ORDER BY key, move;
DROP TABLE tallies_before;
DROP INDEX games_red;
DROP INDEX games_black;
DROP INDEX games_event;
DROP INDEX games_opening;
DROP INDEX games_year;
CREATE INDEX games_red ON games (red, date);
CREATE INDEX games_black ON games (black, date);
CREATE INDEX games_event ON games (event, date);
CREATE INDEX games_opening ON games (opening, date);
CREATE INDEX games_date ON games (date);
"""  # positions in runs (see `runs`), and names indexed with dates, so that sorting a list does not read the games
MIGRATIONS = [_FIRST, _RUNS]  # step n upgrades version n to version n + 1


_FAULTS = {  # part of SQLite's message -> our error code and message
    "file is not a database": ("other_file", "this is not a library of games"),
    "locked": ("locked", "another program is writing to the library; try again when it is done"),
    "readonly": ("read_only", "the library cannot be written: the file or its folder is read-only"),
    "disk is full": ("full", "the disk is full; the library is as it was before"),
    "disk I/O error": ("disk", "the disk cannot be read or written"),
    "malformed": ("damaged", "the file is damaged; restore a backup, or build a new library from the records"),
    "unable to open": ("closed", "the file cannot be opened"),
    "interrupted": ("interrupted", "the search was stopped"),
}


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into a one-line XiangqiError that names the file, with a code like "library.locked" for
    known errors."""
    try:
        yield
    except sqlite3.Error as fault:
        text = str(fault)
        code, words = next((known for part, known in _FAULTS.items() if part in text), ("", ""))
        words = words or " ".join(text.split())[:200]
        raise XiangqiError(f"{path}: {words}", code=f"library.{code}" if code else "") from fault


def connect(path: Path, create: bool) -> sqlite3.Connection:
    """Open a library and upgrade it to the current schema; raises XiangqiError.

    With `create` a missing file is created with its folder. A file that cannot be written is opened for reading.
    """
    if path.is_dir():
        raise XiangqiError(f"{path}: a folder; expected the file of a library", code="library.folder")
    if create:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        words = "there is no library yet; make it with: xiangqi-lm library add PATH"
        raise XiangqiError(f"{path}: {words}", code="library.none")
    elif path.is_file() and path.stat().st_size == 0:  # SQLite would take it for a new database
        raise XiangqiError(f"{path}: an empty file, not a library of games", code="library.other_file")
    with faults(path):
        connection = _opened(path, create)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _opened(path: Path, create: bool) -> sqlite3.Connection:
    writable = os.access(path if path.exists() else path.parent, os.W_OK) and os.access(path.parent, os.W_OK)
    if writable or create:
        return sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    wal = path.with_name(path.name + "-wal")  # in a read-only folder SQLite cannot share a log, only ignore it
    how = "mode=ro" if wal.exists() else "mode=ro&immutable=1"
    return sqlite3.connect(f"{path.absolute().as_uri()}?{how}", timeout=BUSY_SECONDS, isolation_level=None, uri=True)


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection, path)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA mmap_size = 1073741824")
    if version < len(MIGRATIONS):
        connection.execute("PRAGMA page_size = 8192")
        connection.execute("PRAGMA journal_mode = WAL")
        _migrate(connection, path)
    connection.execute("PRAGMA synchronous = NORMAL")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema's version, 0 for an empty file; raises XiangqiError for any other database."""
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if application != APPLICATION and (tables or application or version):
        words = "this is a database of another program, not a library of games"
        raise XiangqiError(f"{path}: {words}", code="library.other_file")
    if version > len(MIGRATIONS):
        known = len(MIGRATIONS)
        words = f"a newer xiangqi-lm made this library (schema {version}; this one knows {known})"
        raise XiangqiError(f"{path}: {words}", code="library.newer")
    return version


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Apply the missing upgrade steps in one transaction."""
    with transaction(connection):
        for step in range(
            _version(connection, path), len(MIGRATIONS)
        ):  # checked again, as another process may have upgraded
            for statement in MIGRATIONS[step].split(";"):
                if statement.strip():
                    connection.execute(statement)
            if step == 0:
                connection.execute(comment_table())
            connection.execute(f"PRAGMA user_version = {step + 1}")


def comment_table() -> str:
    """Return the SQL of the table for comments: full text if this SQLite has FTS5 with trigrams, which find any three
    Chinese characters; else a plain table.
    """
    with sqlite3.connect(":memory:") as trial:
        try:
            trial.execute("CREATE VIRTUAL TABLE trial USING fts5(text, tokenize = 'trigram')")
        except sqlite3.OperationalError:
            return "CREATE TABLE comments (rowid INTEGER PRIMARY KEY, text TEXT NOT NULL)"
    return "CREATE VIRTUAL TABLE comments USING fts5(text, tokenize = 'trigram')"


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Run a block as one transaction, waiting for other writers."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def has_full_text(connection: sqlite3.Connection) -> bool:
    """Return whether the comments are indexed."""
    sql = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'comments'").fetchone()[0]
    return "VIRTUAL" in sql
