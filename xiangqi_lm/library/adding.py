"""Adding games to a library in batches, each complete or not added at all."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..records import openings
from ..records.formats.sources import Reading
from ..records.game import RESULTS, GameRecord
from ..records.readers import Refusal, open_records
from . import runs, trees
from .names import folded, name_key, parse_date
from .positions import distinct, walk
from .schema import OPENING_PLIES, transaction

BATCH = 2000  # games per transaction
_INSERT_GAME = (
    "INSERT INTO games (id, line, red, black, event, opening, date, year, red_elo, black_elo, result, plies, start,"
    " moves, tree, headers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass
class Added:
    """The counts of added records: new `games`, `copies` (new sources of known games), `known` sources, and `unchanged`
    paths that were not read again. Of the others `read` bytes of `size` have been added, 0 if the size is not known."""

    games: int = 0
    copies: int = 0
    known: int = 0
    read: int = 0
    size: int = 0
    unchanged: list[Path] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def add_paths(
    connection: sqlite3.Connection, paths: Sequence[Path], jobs: int, report: Callable[[Added], None]
) -> Added:
    """Add all games of files, folders and archives; `report` is called after every batch."""
    added, changed, stamps = Added(), [], []
    for path in paths:
        stamp = _stamp(path)
        name = os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")  # SQLite refuses surrogates
        row = connection.execute("SELECT stamp FROM inputs WHERE path = ?", (name,)).fetchone()
        if stamp and row and row[0] == stamp:
            added.unchanged.append(path)
        else:
            changed.append(path)
            stamps += [(name, stamp)] if stamp else []
    if changed:
        reading = Reading(changed)
        added.size = reading.total

        def tell(added: Added) -> None:
            added.read = reading.done
            report(added)

        tell(added)
        add_records(connection, open_records(changed, jobs, reading=reading), changed, added, tell)
        with transaction(connection):
            connection.executemany("INSERT OR REPLACE INTO inputs VALUES (?, ?)", stamps)
    return added


def _stamp(path: Path) -> str:
    """Return a text that changes with a file, or with any file in a folder; "" for anything else."""
    if path.is_file():
        status = path.stat()
        return f"{status.st_size} {status.st_mtime_ns}"
    if not path.is_dir():
        return ""
    digest = hashlib.sha256()
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            try:
                status = os.stat(os.path.join(folder, name))
            except OSError:  # a broken link
                continue
            digest.update(f"{folder}/{name} {status.st_size} {status.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def add_records(
    connection: sqlite3.Connection,
    items: Iterable[GameRecord | Refusal],
    paths: Sequence[Path] = (),
    added: Added | None = None,
    report: Callable[[Added], None] = lambda added: None,
) -> Added:
    """Add games one by one; `paths` are their sources, to distinguish files from members of archives."""
    added = added or Added()
    roots = sorted((str(path) for path in paths if not path.is_dir()), key=len, reverse=True)
    batch: list[GameRecord] = []
    for item in items:
        if isinstance(item, Refusal):
            added.refusals.append(item)
            continue
        batch.append(item)
        if len(batch) == BATCH:
            _Batch(connection, roots, added).add(batch)
            report(added)
            batch = []
    if batch:
        _Batch(connection, roots, added).add(batch)
    report(added)
    return added


def source_of(source: str, roots: Sequence[str]) -> tuple[str, str, int]:
    """Return the file, archive member and number in a record's source, `FILE#3` or `ARCHIVE/MEMBER#3`."""
    name, _, number = source.rpartition("#")
    if not name or not number.isdigit():
        name, number = source, "1"
    for root in roots:
        if name.startswith(root + "/"):
            return os.path.abspath(root), name[len(root) + 1 :], int(number)
    return (os.path.abspath(name) if name and not name.startswith("<") else name), "", int(number)


@dataclass(frozen=True)
class _Same:
    """What the library knows of a game that is added again."""

    headers: str
    tree: bytes | None
    result: str


class _Batch:
    """The games of one transaction."""

    def __init__(self, connection: sqlite3.Connection, roots: Sequence[str], added: Added):
        self._db, self._roots, self._added = connection, roots, added
        self._ids: dict[tuple[str, str], int] = {}
        self._positions: list[tuple[int, int, int, int]] = []
        self._tallies: dict[tuple[int, int], list] = {}
        self._recount: set[int] = set()  # keys whose tallies changed other than by a new game
        self._counts = [0, 0, 0]  # games, copies, known

    def add(self, records: Sequence[GameRecord]) -> None:
        with transaction(self._db):
            for record in records:
                self._add(record)
            runs.write(self._db, self._positions, self._tallies)
            runs.recount(self._db, self._recount)
        runs.merge(self._db)
        self._added.games += self._counts[0]
        self._added.copies += self._counts[1]
        self._added.known += self._counts[2]

    def _add(self, record: GameRecord) -> None:
        path, member, number = source_of(record.source, self._roots)
        file = self._id("files", path, path)
        moves, tree = trees.pack_moves(record.moves), trees.pack_tree(record)
        headers = json.dumps(record.headers, ensure_ascii=False)
        line = line_hash(record.start_fen, moves)
        game, same = self._find(record, line, moves)
        if game is None:
            game = self._insert(record, line, moves, tree, headers)
            self._source(file, member, number, game, None, None)
            self._counts[0] += 1
        elif same is not None:
            differs = (headers if headers != same.headers else None, (tree or b"") if tree != same.tree else None)
            known = not self._source(file, member, number, game, *differs)
            self._counts[2 if known else 1] += 1
            if not known:
                self._complete(game, same, record, tree)

    def _source(self, file: int, member: str, number: int, game: int, headers: str | None, tree: bytes | None) -> bool:
        """Add a source; return whether it is new."""
        values = (file, member, number, game, headers, tree)
        return self._db.execute("INSERT OR IGNORE INTO sources VALUES (?, ?, ?, ?, ?, ?)", values).rowcount > 0

    def _complete(self, game: int, same: _Same, record: GameRecord, tree: bytes | None) -> None:
        """Add what another source of a game knows but the library does not."""
        if tree is not None and tree != same.tree:
            self._comment(game, record)
        if tree is not None and same.tree is None:
            self._db.execute("UPDATE sources SET tree = x'' WHERE game = ? AND tree IS NULL", (game,))
            self._db.execute("UPDATE games SET tree = ? WHERE id = ?", (tree, game))
        if same.result == "*" != record.result:
            self._db.execute("UPDATE games SET result = ? WHERE id = ?", (record.result, game))
            self._recount.update(walk(record)[0][:OPENING_PLIES].tolist())

    def _find(self, record: GameRecord, line: int, moves: bytes) -> tuple[int | None, _Same | None]:
        """Return the game with the same moves and no contradicting players, result or year, if there is one."""
        sql = "SELECT id, moves, headers, tree, result, year FROM games WHERE line = ?"
        for game, its_moves, headers, tree, result, year in self._db.execute(sql, (line,)):
            unlike = {result, record.result} - {"*"}
            if its_moves == moves and len(unlike) < 2 and _same_headers(json.loads(headers), year, record):
                return game, _Same(headers, tree, result)
        return None, None

    def _insert(self, record: GameRecord, line: int, moves: bytes, tree: bytes | None, headers: str) -> int:
        date = parse_date(record.headers.get("Date", ""))
        year = int(date[:4]) if date else None
        keys, played = walk(record)
        opening = openings.SET_UP if record.start_fen else openings.name([m.id for m in record.moves])
        values = (
            line,
            self._name("players", record.headers.get("Red") or record.headers.get("White", "")),
            self._name("players", record.headers.get("Black", "")),
            self._name("events", record.headers.get("Event") or record.headers.get("Title", "")),
            self._id("openings", folded(opening), opening),
            date, year, *record.ratings, record.result, len(record.moves), record.start_fen, moves, tree, headers,
        )  # fmt: skip
        game = int(self._db.execute(_INSERT_GAME, (None, *values)).lastrowid or 0)
        column = (0, 2, 1, 3)[RESULTS.index(record.result)]  # red, draws, black, unknown
        for key, ply, move in distinct(keys, played):
            self._positions.append((key, ply, game, move))
            if ply < OPENING_PLIES:
                tally = self._tallies.setdefault((key, move), [0, 0, 0, 0, None])
                tally[column] += 1
                tally[4] = max(tally[4] or 0, year or 0) or None
        self._comment(game, record)
        return game

    def _comment(self, game: int, record: GameRecord) -> None:
        """Index the comments of a game, besides those of its other sources."""
        text = "\n".join(folded(text) for text in trees.texts(record.line))
        if text:
            old = self._db.execute("SELECT text FROM comments WHERE rowid = ?", (game,)).fetchone()
            if old:
                self._db.execute("UPDATE comments SET text = ? WHERE rowid = ?", (f"{old[0]}\n{text}", game))
            else:
                self._db.execute("INSERT INTO comments (rowid, text) VALUES (?, ?)", (game, text))

    def _name(self, table: str, text: str) -> int | None:
        """Return the id of a player or event, None if it is unknown."""
        key = name_key(text)
        return self._id(table, key, " ".join(text.split())) if key else None

    def _id(self, table: str, key: str, name: str) -> int:
        """Return the id of a name in `files`, `players`, `events` or `openings`, adding it if it is new."""
        found = self._ids.get((table, key))
        if found is None:
            column = "path" if table == "files" else "key"
            row = self._db.execute(f"SELECT id FROM {table} WHERE {column} = ?", (key,)).fetchone()
            if row is None:
                values = (None, key) if table == "files" else (None, key, name)
                marks = ", ".join("?" * len(values))
                row = (self._db.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid,)
            found = self._ids[table, key] = int(row[0] or 0)
        return found


def line_hash(start_fen: str | None, moves: bytes) -> int:
    """Return a hash of start position and moves: 63 bits."""
    start = " ".join((start_fen or "").split()[:2])  # pieces and side to move
    digest = hashlib.blake2b(start.encode() + b"\0" + moves, digest_size=8).digest()
    return int(np.frombuffer(digest, dtype=np.int64)[0]) >> 1


def _same_headers(headers: dict[str, str], year: int | None, record: GameRecord) -> bool:
    """Return whether players and year agree where both are known; 上海胡荣华 may be 胡荣华."""
    for tag in ("Red", "Black"):
        ours, theirs = name_key(headers.get(tag, "")), name_key(record.headers.get(tag, ""))
        if ours not in theirs and theirs not in ours:  # an unknown name is "", which every other contains
            return False
    date = parse_date(record.headers.get("Date", ""))
    return not date or year is None or int(date[:4]) == year


# ------------------------------------------------------------------------------------------------ removal


def remove(connection: sqlite3.Connection, games: Iterable[tuple[int, GameRecord]]) -> int:
    """Remove games with their sources, positions and comments; return their number."""
    count = 0
    keys: set[int] = set()
    with transaction(connection):
        for game, record in games:
            found, played = walk(record)
            rows = [(key, ply, game, move) for key, ply, move in distinct(found, played)]
            runs.delete(connection, rows)
            keys.update(key for key, ply, *_ in rows if ply < OPENING_PLIES)
            connection.execute("DELETE FROM sources WHERE game = ?", (game,))
            connection.execute("DELETE FROM comments WHERE rowid = ?", (game,))
            connection.execute("DELETE FROM games WHERE id = ?", (game,))
            count += 1
        runs.recount(connection, keys)
        connection.execute("DELETE FROM inputs")  # so that files added again are read again
        for table, columns in (("players", ("red", "black")), ("events", ("event",)), ("openings", ("opening",))):
            used = " UNION ".join(f"SELECT {column} FROM games WHERE {column} IS NOT NULL" for column in columns)
            connection.execute(f"DELETE FROM {table} WHERE id NOT IN ({used})")
        connection.execute("DELETE FROM files WHERE id NOT IN (SELECT file FROM sources)")
    return count
