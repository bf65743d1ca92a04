"""One door for all record formats: `open_records(paths)` yields games, and a refusal for each thing that is none."""

from __future__ import annotations

import io
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from ..errors import AmbiguousMove, BadRecord, IllegalMove, InvalidFen, InvalidMove, XiangqiError
from . import jsonl, pgn
from .game import GameRecord
from .sources import Blob, blobs, is_archive
from .text import decode

_CHUNK = 1 << 18  # characters handed to a worker at once: a few hundred games, far more work than their transport


@dataclass(frozen=True)
class Refusal:
    """Something that is no game: `number` counts games in the source (0: all of it), `ply` is where it broke (0: not
    at a move), `reason` is one of a few kinds that can be counted, `text` says what was wrong."""

    source: str
    number: int
    ply: int
    text: str
    reason: str


@dataclass(frozen=True)
class _Unit:
    """One game's text, not yet understood."""

    form: str
    source: str
    number: int
    text: str


# ------------------------------------------------------------------------------------------------ formats


def _pgn_units(name: str, data: bytes) -> Iterator[_Unit]:
    text, _ = decode(data, pgn.legal_plies)
    for number, game in enumerate(pgn.split_games(io.StringIO(text, newline=None)), 1):
        yield _Unit("pgn", name, number, game)


def _jsonl_units(name: str, data: bytes) -> Iterator[_Unit]:
    for number, line in enumerate(data.decode("utf-8-sig", errors="replace").split("\n"), 1):
        if line.strip():
            yield _Unit("jsonl", name, number, line)


_SPLIT: dict[str, Callable[[str, bytes], Iterator[_Unit]]] = {"pgn": _pgn_units, "jsonl": _jsonl_units}
_READ: dict[str, Callable[[str, str], GameRecord]] = {"pgn": pgn.read_game, "jsonl": jsonl.read_line}
_SUFFIXES = {".pgn": "pgn", ".txt": "pgn", ".jsonl": "jsonl"}


def _units(paths: Iterable[Path]) -> Iterator[_Unit | Refusal]:
    """The games' texts of every file, in a fixed order."""
    for path in paths:
        for blob in blobs(path):
            if blob.data is None:
                yield Refusal(blob.name, 0, 0, blob.fault, "unreadable file")
                continue
            form = _SUFFIXES.get(os.path.splitext(blob.name)[1].lower())
            if form is None and not path.is_dir() and not is_archive(str(path)):
                form = "pgn"  # named by the user, so it is meant to be read
            yield from _split(blob, form)


def _split(blob: Blob, form: str | None) -> Iterator[_Unit | Refusal]:
    if form is None:
        yield Refusal(blob.name, 0, 0, "the name says no known record format", "unknown format")
        return
    assert blob.data is not None
    empty = True
    for unit in _SPLIT[form](blob.name, blob.data):
        empty = False
        yield unit
    if empty:
        yield Refusal(blob.name, 0, 0, "the file holds no game", "empty file")


# ------------------------------------------------------------------------------------------------ understanding them

_REASONS: dict[type, str] = {
    InvalidMove: "unreadable move",
    IllegalMove: "illegal move",
    AmbiguousMove: "ambiguous move",
    InvalidFen: "impossible position",
}


def _understand(units: list[_Unit | Refusal]) -> list[GameRecord | Refusal]:
    """Runs in the workers."""
    return [unit if isinstance(unit, Refusal) else _understand_one(unit) for unit in units]


def _understand_one(unit: _Unit) -> GameRecord | Refusal:
    try:
        record = _READ[unit.form](unit.text, f"{unit.source}#{unit.number}")
    except BadRecord as fault:
        reason = _REASONS.get(type(fault.__cause__), "broken record")
        return Refusal(unit.source, unit.number, fault.ply or 0, fault.reason, reason)
    if not record.moves:
        return Refusal(unit.source, unit.number, 0, "the record holds no move", "no moves")
    return record


def open_records(paths: Iterable[str | Path], jobs: int = 1) -> Iterator[GameRecord | Refusal]:
    """Games and refusals of files, folders and archives, in an order that does not depend on `jobs`.

    Raises BadRecord when a path does not exist. `jobs` processes share the work of a large collection; they are
    spawned, so a script that asks for more than one needs the usual `if __name__ == "__main__"`.
    """
    chunks = _chunks(_units([Path(path) for path in paths]))
    first = list(_take(chunks, 2))
    if jobs <= 1 or len(first) < 2:
        for chunk in chain(first, chunks):
            yield from _understand(chunk)
    else:
        yield from _in_processes(chain(first, chunks), jobs)


def _take(chunks: Iterator[list[_Unit | Refusal]], count: int) -> Iterator[list[_Unit | Refusal]]:
    for _, chunk in zip(range(count), chunks, strict=False):
        yield chunk


def _chunks(units: Iterator[_Unit | Refusal]) -> Iterator[list[_Unit | Refusal]]:
    chunk: list[_Unit | Refusal] = []
    size = 0
    for unit in units:
        chunk.append(unit)
        size += len(unit.text)
        if size >= _CHUNK:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _in_processes(chunks: Iterable[list[_Unit | Refusal]], jobs: int) -> Iterator[GameRecord | Refusal]:
    """Chunks understood by other processes, results in order, a few chunks ahead and no more."""
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_ignore_interrupts)
    waiting: deque[Future[list[GameRecord | Refusal]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(_understand, chunk))
            if len(waiting) > 3 * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as fault:
        raise XiangqiError("a reading process was killed, perhaps for want of memory: try --jobs 1") from fault
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ignore_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
