"""`Library`: the games of one file, and queries on them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from ..errors import XiangqiError
from ..records.game import GameRecord
from ..records.readers import Refusal
from ..rules.board import Board
from ..rules.moves import Move
from . import adding, checking, parquet, query, schema, trees
from .adding import Added
from .positions import END, Place, place_of
from .query import Query
from .runs import EVERY_RUN
from .schema import OPENING_PLIES

_SUMMARY = (
    "id, (SELECT name FROM players WHERE players.id = red), (SELECT name FROM players WHERE players.id = black),"
    " (SELECT name FROM events WHERE events.id = event), date, result, (SELECT name FROM openings WHERE openings.id ="
    " opening), plies, red_elo, black_elo"
)


ALL = Query()


@dataclass(frozen=True)
class Summary:
    """A game as shown in lists; unknown values are "" or 0. `ply` is where the requested position occurs."""

    id: int
    red: str
    black: str
    event: str
    date: str
    result: str
    opening: str
    plies: int
    red_elo: int
    black_elo: int
    ply: int = 0


@dataclass(frozen=True)
class PlayedMove:
    """A move played in a position, with the number of games, their results and the last year (0: unknown)."""

    move: Move
    games: int
    red_wins: int
    draws: int
    black_wins: int
    last_year: int

    @property
    def red_score(self) -> float | None:
        """Return Red's share of the points, 0 to 1, or None if no result is known."""
        known = self.red_wins + self.draws + self.black_wins
        return (self.red_wins + self.draws / 2) / known if known else None


@dataclass(frozen=True)
class Source:
    """Where a game was read from: a file, an archive member ("" if none), the game's number in it, and its headers
    there."""

    file: str
    member: str
    number: int
    headers: dict[str, str]


class Library:
    """An open library, to be used in a `with` and only in the thread that opened it.

    Every method raises a one-line XiangqiError if something is wrong with the file or the disk.
    """

    def __init__(self, path: str | Path, create: bool = False):
        """Open a library file; with `create`, make it and its folder if missing."""
        self.path = Path(path)
        self._db = schema.connect(self.path, create)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def interrupt(self) -> None:
        """Stop the running query, which raises XiangqiError; this is the only method that any thread may call."""
        self._db.interrupt()

    def __enter__(self) -> Library:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # -------------------------------------------------------------------------------------------- changing it

    def add(
        self, paths: Sequence[str | Path], jobs: int = 1, report: Callable[[Added], None] = lambda added: None
    ) -> Added:
        """Add the games of files, folders and archives, batch by batch; unchanged files are not read again.

        `report` gets the counts after every batch.
        """
        with schema.faults(self.path):
            return adding.add_paths(self._db, [Path(path) for path in paths], jobs, report)

    def add_records(self, records: Iterable[GameRecord | Refusal]) -> Added:
        """Add games that were read or played elsewhere."""
        with schema.faults(self.path):
            return adding.add_records(self._db, records)

    def remove(self, wanted: Query) -> int:
        """Remove the games that match a query; return their number."""
        with schema.faults(self.path):
            return adding.remove(self._db, list(self._numbered(wanted)))

    def vacuum(self) -> None:
        """Free the space of removed games and rebuild the indexes."""
        with schema.faults(self.path):
            if schema.has_full_text(self._db):
                self._db.execute("INSERT INTO comments (comments) VALUES ('optimize')")
            self._db.execute("VACUUM")
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._db.execute("ANALYZE")

    # -------------------------------------------------------------------------------------------- games

    def count(self, wanted: Query = ALL) -> int:
        """Return the number of games that match a query."""
        with schema.faults(self.path):
            chosen, values = query.select(self._db, wanted)
            return int(self._db.execute(f"SELECT count(*) FROM ({chosen})", values).fetchone()[0])

    def search(self, wanted: Query, limit: int | None = None) -> list[Summary]:
        """Return the games that match a query, latest first."""
        with schema.faults(self.path):
            sql, values = query.latest(self._db, _SUMMARY, wanted, limit)
            found = [_summary(row) for row in self._db.execute(sql, values)]
            if wanted.position is None:
                return found
            plies = self._plies(place_of(wanted.position).key, [game.id for game in found])
            return [replace(game, ply=plies[game.id]) for game in found]

    def _plies(self, key: int, ids: list[int]) -> dict[int, int]:
        """Return the plies at which games first reach a position."""
        chosen = f"{EVERY_RUN} AND key = ? AND game IN (SELECT value FROM json_each(?))"
        sql = f"SELECT game, min(ply) FROM positions WHERE {chosen} GROUP BY game"
        return dict(self._db.execute(sql, (key, json.dumps(ids))))

    def game(self, number: int) -> GameRecord:
        """Return a game with its tree; raises XiangqiError if there is none with that number."""
        for _, record in self._numbered(Query(ids=(number,))):
            return record
        raise XiangqiError(f"{self.path}: there is no game {number}")

    def copies(self, record: GameRecord) -> int:
        """Return the number of games with the same start and moves."""
        moves = trees.pack_moves(record.moves)
        sql = "SELECT count(*) FROM games WHERE line = ? AND moves = ?"
        with schema.faults(self.path):
            return int(self._db.execute(sql, (adding.line_hash(record.start_fen, moves), moves)).fetchone()[0])

    def games(self, wanted: Query = ALL) -> Iterator[GameRecord]:
        """Yield the games that match a query, in the order in which they were added."""
        for _, record in self._numbered(wanted):
            yield record

    def _numbered(self, wanted: Query) -> Iterator[tuple[int, GameRecord]]:
        with schema.faults(self.path):
            chosen, values = query.select(self._db, wanted)
            sql = "SELECT id, headers, start, moves, result, tree FROM games"
            if wanted:
                sql += f" WHERE id IN (SELECT id FROM ({chosen}))"
            sql += " ORDER BY id"
            for number, headers, start, moves, result, tree in self._db.execute(sql, values):
                line = trees.unpack_tree(tree, trees.unpack_moves(moves))
                yield number, GameRecord(
                    json.loads(headers), start, line.moves, result, line.comments, line.variations, nags=line.nags,
                    source=f"{self.path}#{number}",
                )  # fmt: skip

    def export_parquet(self, folder: str | Path, wanted: Query = ALL) -> int:
        """Write the games that match a query and their positions as Parquet files in a folder (see `parquet`);
        return the number of games."""
        with schema.faults(self.path):
            return parquet.write(self._db, wanted, Path(folder))

    def sources(self, number: int) -> list[Source]:
        """Return where a game was read from, each place once."""
        sql = (
            "SELECT path, member, number, coalesce(sources.headers, games.headers) FROM sources JOIN files ON"
            " files.id = file JOIN games ON games.id = game WHERE game = ? ORDER BY path, member, number"
        )
        with schema.faults(self.path):
            rows = self._db.execute(sql, (number,))
            return [Source(path, member, which, json.loads(headers)) for path, member, which, headers in rows]

    # -------------------------------------------------------------------------------------------- positions

    def explore(self, board: Board) -> list[PlayedMove]:
        """Return the moves played in a position or its mirror image, most frequent first."""
        place = place_of(board)
        sql = (
            "SELECT move, sum(red), sum(draws), sum(black), sum(unknown), max(year) FROM ("
            f" SELECT move, red, draws, black, unknown, year FROM tallies WHERE {EVERY_RUN} AND key = :key"
            " UNION ALL SELECT move, result = '1-0', result = '1/2-1/2', result = '0-1', result = '*', year"
            f" FROM positions JOIN games ON games.id = game WHERE {EVERY_RUN} AND key = :key AND ply >= :ply"
            ") WHERE move <> :end GROUP BY move"
        )
        with schema.faults(self.path):
            given = {"key": place.key, "ply": OPENING_PLIES, "end": END}
            found = [_played(place, *row) for row in self._db.execute(sql, given)]
        return sorted(found, key=lambda played: (-played.games, played.move.id))

    def games_at(self, board: Board, limit: int = 100, move: Move | None = None) -> list[Summary]:
        """Return games that reached a position or its mirror image, with the ply, lowest ply first; with `move`
        only those in which it was played there."""
        place = place_of(board)
        with schema.faults(self.path):
            plies = self._first(place.key, limit, None if move is None else place.stored(move))
            sql = f"SELECT {_SUMMARY} FROM games WHERE id IN (SELECT value FROM json_each(?))"
            found = [_summary(row) for row in self._db.execute(sql, (json.dumps(list(plies)),))]
        return sorted((replace(game, ply=plies[game.id]) for game in found), key=lambda game: (game.ply, game.id))

    def _first(self, key: int, limit: int, move: int | None) -> dict[int, int]:
        """Return the games that reached a position at the earliest ply, with that ply; as runs are sorted, few rows are
        read.
        """
        played = "" if move is None else " AND move = :move"
        chosen = f"run = :run AND key = :key{played}"
        sql = f"SELECT ply, game FROM positions WHERE {chosen} ORDER BY ply, game LIMIT 2 * :limit"
        given, found = {"key": key, "limit": limit, "move": move}, dict[int, int]()
        for (run,) in self._db.execute("SELECT id FROM runs").fetchall():
            for ply, game in self._db.execute(sql, given | {"run": run}):
                found.setdefault(game, ply)
        first = sorted(found.items(), key=lambda pair: (pair[1], pair[0]))
        return dict(first if limit < 0 else first[:limit])

    # -------------------------------------------------------------------------------------------- the whole

    def stats(self) -> dict[str, Any]:
        """Return figures about all games: counts, results, years, openings, the most frequent players, bytes."""
        with schema.faults(self.path):
            return checking.stats(self._db)

    def check(self) -> list[str]:
        """Return what is wrong with the file, one line per fault; empty if it is intact and consistent."""
        try:
            with schema.faults(self.path):
                return checking.check(self._db, self._numbered(ALL))
        except XiangqiError as fault:
            return [str(fault)]


def _summary(row: tuple[Any, ...]) -> Summary:
    values: list[Any] = ["" if value is None else value for value in row]
    return Summary(*values)


def _played(place: Place, move: int, red: int, draws: int, black: int, unknown: int, year: int | None) -> PlayedMove:
    return PlayedMove(place.shown(move), red + draws + black + unknown, red, draws, black, year or 0)
