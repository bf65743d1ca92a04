"""Times of the library compared with a plain import in one run: `python -m benchmarks.library ARCHIVE --jobs 2`.

The archive is imported into one PGN file, then added to a new library; of repeated look-ups the slowest counts.
`--games N` instead fills a library with N random games from the start position, in steps, with look-ups after each:
time and size should grow in proportion, look-ups hardly at all.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

from benchmarks.labels import processor_seconds
from xiangqi_lm.dataset.collect import collect
from xiangqi_lm.library.adding import BATCH
from xiangqi_lm.library.library import Library
from xiangqi_lm.library.query import Query, parse_position
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move

T = TypeVar("T")
REPEATS = 5
PLAYERS, EVENTS = 10_000, 5_000  # different names for each side, and events, of random games
LINES = ("", "h2e2", "h2e2 h9g7 h0g2 i9h9 i0h0", "g3g4 g6g5")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("archive", type=Path, nargs="?", help="records to import and to add")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--games", type=int, default=0, help="fill a library with random games instead")
    parser.add_argument("--library", type=Path, help="only look up, in a library that is there")
    options = parser.parse_args()
    if options.library:
        with Library(options.library) as library:
            _look_ups(library)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "library.sqlite")
        if options.archive:
            _archive(options.archive, path, options.jobs)
        if options.games:
            _growth(path.with_name("grown.sqlite"), options.games)


def _archive(archive: Path, path: Path, jobs: int) -> None:
    plain, used, imported = _timed(lambda: collect(open_records([archive], jobs), path.with_suffix(".pgn")))
    print(f"import   {plain:7.1f} s, {used:6.1f} s of processor time: {len(imported.sources):,} games", flush=True)
    with Library(path, create=True) as library:
        spent, used, added = _timed(lambda: library.add([archive], jobs))
        found = f"{added.games:,} games, {added.copies:,} copies, {spent / plain:.2f} times the import"
        print(f"add      {spent:7.1f} s, {used:6.1f} s of processor time: {found}", flush=True)
        _look_ups(library)


def _timed(work: Callable[[], T]) -> tuple[float, float, T]:
    """Return wall seconds, processor seconds including other processes, and what the work returns."""
    begun, used = time.perf_counter(), processor_seconds()
    found = work()
    return time.perf_counter() - begun, processor_seconds() - used, found


def _look_ups(library: Library) -> None:
    """Print the size of a game, and the slowest look-ups."""
    figures = library.stats()
    games = figures["games"]
    print(f"size     {figures['bytes'] / max(games, 1):,.0f} bytes a game, {games:,} games")
    boards = [parse_position(line) for line in LINES]
    deep = [
        record.board_at((), len(record.moves) // 2) for record in library.games(Query(ids=tuple(range(1, 100, 10))))
    ]
    names = list(figures["most_frequent_players"])[:3] or ["许银川"]
    _told("explore an opening", [lambda b=b: library.explore(b) for b in boards])  # type: ignore[misc]
    _told("explore a middle game", [lambda b=b: library.explore(b) for b in deep])  # type: ignore[misc]
    _told("100 games at a position", [lambda b=b: library.games_at(b) for b in boards + deep])  # type: ignore[misc]
    _told("50 games of a player", [lambda n=n: library.search(Query(players=(n,)), 50) for n in names])  # type: ignore[misc]
    events = list(dict.fromkeys(game.event for game in library.search(Query(), 200) if game.event))[:3]
    _told("50 games of an event", [lambda e=e: library.search(Query(event=e), 50) for e in [*events, "全国"]])  # type: ignore[misc]
    _told("a text in comments", [lambda: library.search(Query(comment="妙手"), 50)])


def _told(name: str, works: list[Callable[[], object]]) -> None:
    """Print the slowest of several look-ups, each at its best of some repeats, in processor and wall time."""
    used = best = 0.0
    for work in works:
        times, processor = [], []
        for _ in range(REPEATS):
            begun, begun_used = time.perf_counter(), time.process_time()
            work()
            times.append(1000 * (time.perf_counter() - begun))
            processor.append(1000 * (time.process_time() - begun_used))
        used, best = max(used, min(processor)), max(best, min(times))
    print(f"  {name:<26}{used:8.2f} ms of processor time, {best:8.2f} ms by the clock")


def _growth(path: Path, games: int) -> None:
    """Add random games: every position after the first plies is new, the worst case for the index."""
    quarter = max(games // 4, 1)
    with Library(path, create=True) as library:
        for step in range(1, 5):
            spent = used = 0.0
            for batch in _batches(_random_games(step, quarter)):
                begun, begun_used = time.perf_counter(), time.process_time()
                library.add_records(batch)
                spent, used = spent + time.perf_counter() - begun, used + time.process_time() - begun_used
            print(
                f"{step * quarter:>9,} games, the last quarter in {spent:.1f} s, {used:.1f} s of processor time",
                flush=True,
            )
            _look_ups(library)


def _batches(games: Iterator[GameRecord]) -> Iterator[list[GameRecord]]:
    """Return games made before the clock starts."""
    while batch := list(islice(games, BATCH)):
        yield batch


def _random_games(seed: int, count: int) -> Iterator[GameRecord]:
    chance = random.Random(seed)
    for _ in range(count):
        board, moves = Board(), list[Move]()
        while len(moves) < 80 and (legal := board.legal_list()):
            moves.append(chance.choice(legal))
            board.push_unchecked(moves[-1])
        red, black, event = (chance.randrange(n) for n in (PLAYERS, PLAYERS, EVENTS))
        headers = {"Red": f"R{red}", "Black": f"B{black}", "Event": f"E{event}", "Date": f"{1950 + event % 76}.01.02"}
        yield GameRecord(headers, None, tuple(moves), chance.choice(("1-0", "0-1", "1/2-1/2")))


if __name__ == "__main__":
    main()
