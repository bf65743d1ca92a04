"""The reader of all record formats: `open_records(paths)` yields games, and refusals for what is not a game."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from .. import processes
from ..errors import BadRecord, XiangqiError
from .formats import detect
from .formats.companions import Companions
from .formats.detect import Unit
from .formats.parsed import reason_of
from .formats.sources import DAMAGE, Blob, Reading, blobs, is_archive, words
from .game import GameRecord

_CHUNK = 1 << 18  # characters sent to a worker at once: a few hundred games, so that the work outweighs the transport


@dataclass(frozen=True)
class Refusal:
    """Something that is not a valid game.

    `number` counts games in the source (0: all of it), `ply` is where it broke (0: not at a move), `reason` is one of a
    few kinds for statistics, `text` says what was wrong, and `line` is the line of the move or of the game's beginning
    (0: not a text).
    """

    source: str
    number: int
    ply: int
    text: str
    reason: str
    line: int = 0


# ------------------------------------------------------------------------------------------------ finding games


def _units(paths: Iterable[Path], reading: Reading) -> Iterator[Unit | Refusal]:
    """Yield the games of every file, in a fixed order."""
    companions = Companions()
    for path in paths:
        named = not path.is_dir() and not is_archive(str(path))  # by the user, who expects it to be read
        for blob in blobs(path, reading):
            if blob.data is None:
                yield Refusal(blob.name, 0, 0, blob.fault, "unreadable file")
            elif (form := detect.form_of(blob, named)) is None:
                yield Refusal(blob.name, 0, 0, "neither name nor content are those of a known format", "unknown format")
            else:
                yield from _split(blob, form, companions)
    for name, table in companions.waiting():
        yield from detect.split_table(name, table, companions)
    for name in companions.unused():
        why = "a table of games without their moves: expected a table of moves (moves.csv) in the same folder"
        yield Refusal(name, 0, 0, why, "no moves")


def _split(blob: Blob, form: str, companions: Companions) -> Iterator[Unit | Refusal]:
    empty = True
    try:
        for unit in detect.split(blob, form, companions):
            empty = False
            yield unit
        empty = empty and not companions.knows(blob.name)
    except BadRecord as fault:
        yield Refusal(blob.name, 0, 0, fault.reason, reason_of(None), fault.line or 0)
    except DAMAGE as fault:
        yield Refusal(blob.name, 0, 0, words(fault), "unreadable file")
    else:
        if empty:
            yield Refusal(blob.name, 0, 0, "there is no game in the file", "empty file")


# ------------------------------------------------------------------------------------------------ parsing games


def _understand(units: list[Unit | Refusal], keep_prefix: bool) -> list[GameRecord | Refusal]:
    """Parse games; runs in the workers."""
    return [unit if isinstance(unit, Refusal) else _understand_one(unit, keep_prefix) for unit in units]


def _understand_one(unit: Unit, keep_prefix: bool) -> GameRecord | Refusal:
    try:
        record = detect.understand(unit, keep_prefix)
    except BadRecord as fault:
        line = detect.line_of(unit, fault.ply or 0)
        return Refusal(unit.source, unit.number, fault.ply or 0, fault.reason, reason_of(fault.__cause__), line)
    if not record.moves:
        return Refusal(unit.source, unit.number, 0, "there are no moves in the record", "no moves", unit.line)
    return record


def open_records(
    paths: Iterable[str | Path], jobs: int = 1, keep_prefix: bool = False, reading: Reading | None = None
) -> Iterator[GameRecord | Refusal]:
    """Yield games and refusals from files, folders, archives and standard input ("-").

    The order does not depend on `jobs`, the number of processes that share a large collection; they are spawned, so a
    script that uses more than one needs the usual `if __name__ == "__main__"`. With `keep_prefix` a game keeps the
    moves before an illegal one; the `cuts` of a record list what is missing. Raises BadRecord if a path does not exist.
    `reading.done` is kept up to date.
    """
    reading = reading or Reading(())
    positions: deque[int] = deque()  # of chunks that were read
    chunks = _noted(_chunks(_units([Path(path) for path in paths], reading)), reading, positions)
    first = list(_take(chunks, 2))
    if jobs <= 1 or len(first) < 2:
        for chunk in chain(first, chunks):
            yield from _understand(chunk, keep_prefix)
            reading.done = positions.popleft()
    else:
        for found in _in_processes(chain(first, chunks), jobs, keep_prefix):
            yield from found
            reading.done = positions.popleft()


def _noted(
    chunks: Iterator[list[Unit | Refusal]], reading: Reading, positions: deque[int]
) -> Iterator[list[Unit | Refusal]]:
    """Yield the same chunks, noting how far each goes."""
    for chunk in chunks:
        positions.append(reading.position())
        yield chunk


def _take(chunks: Iterator[list[Unit | Refusal]], count: int) -> Iterator[list[Unit | Refusal]]:
    for _, chunk in zip(range(count), chunks, strict=False):
        yield chunk


def _chunks(units: Iterator[Unit | Refusal]) -> Iterator[list[Unit | Refusal]]:
    chunk: list[Unit | Refusal] = []
    size = 0
    for unit in units:
        chunk.append(unit)
        size += len(unit.text if isinstance(unit, Refusal) else unit.content)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _in_processes(
    chunks: Iterable[list[Unit | Refusal]], jobs: int, keep_prefix: bool
) -> Iterator[list[GameRecord | Refusal]]:
    """Yield the results of each chunk parsed by other processes, in order."""
    for _, found in processes.run_in_order(chunks, partial(_understand, keep_prefix=keep_prefix), jobs):
        if isinstance(found, processes.WorkerDied):
            raise XiangqiError(f"reading processes were killed, possibly for lack of memory: try --jobs 1 ({found})")
        if isinstance(found, Exception):
            raise found
        yield found
