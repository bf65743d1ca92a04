"""Records divided into training and validation games: each game once, groups of related games on one side."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..records.game import GameRecord
from ..records.readers import Refusal
from . import dedupe
from .splits import ARRAYS, Entry, Split, split_keys, united
from .traces import runs, traces

SPLITS = ("train", "validation")
RESULT_CODES = {"1-0": 1, "1/2-1/2": 0, "0-1": -1, "*": 2}


@dataclass(frozen=True)
class Options:
    """Options of a split: `validation` is the share of groups held out; games below `min_plies` are dropped.

    Games that share `shared_run` plies in a row from any common position stay together, so a game added later can unite
    groups and move others to another side. With 0 only the first 40 plies define a group.
    """

    seed: int = 0
    validation: float = 0.04
    min_plies: int = 10
    shared_run: int = 40


@dataclass(frozen=True)
class Divided:
    """Unique games by side, the number of records, and the number dropped for each reason."""

    sides: dict[str, list[Entry]]
    read: int
    dropped: dict[str, int]

    def split(self, name: str) -> Split:
        """Return one side in memory."""
        return Split(*_columns(self.sides[name]))


def divide(items: Iterable[GameRecord | Refusal], options: Options) -> Divided:
    """Return the records without copies, prefixes, mirror images and short games, split by groups of games."""
    entries, read, dropped = gather(items, options)
    sides: dict[str, list[Entry]] = {name: [] for name in SPLITS}
    for entry, key in zip(entries, groups(entries, options), strict=True):
        sides[_side(key, options)].append(entry)
    return Divided(sides, read, dropped)


def gather(
    items: Iterable[GameRecord | Refusal], options: Options, color_of: Callable[[GameRecord], int] = lambda record: 0
) -> tuple[list[Entry], int, dict[str, int]]:
    """Return the games that are long enough and not copies, prefixes or mirror images of others, the number of records,
    and the number dropped for each reason; `color_of` says whose moves count in a game."""
    entries, dropped = _long_enough(items, options, color_of)
    read = len(entries) + sum(dropped.values())
    entries, duplicates = _without_redundant(entries)
    return entries, read, dict(sorted((dropped + duplicates).items()))


def groups(entries: Sequence[Entry], options: Options) -> list[bytes]:
    """Return the key of each game's group; games with equal keys must stay on one side."""
    keys = split_keys(entries)
    if options.shared_run:
        keys = united(keys, *runs(traces(Split(*_columns(entries))), options.shared_run))
    return keys


def _long_enough(
    items: Iterable[GameRecord | Refusal], options: Options, color_of: Callable[[GameRecord], int]
) -> tuple[list[Entry], Counter[str]]:
    """Return the games that are long enough, and how many were left out for which reason."""
    entries: list[Entry] = []
    dropped: Counter[str] = Counter()
    standard = dedupe.start_array(GameRecord())
    for item in items:
        if isinstance(item, Refusal):
            dropped[item.reason] += 1
        elif len(item.moves) < options.min_plies:
            dropped["too short"] += 1
        else:
            entries.append(_entry(item, standard, color_of(item)))
    return entries, dropped


def _entry(record: GameRecord, standard: np.ndarray, color: int = 0) -> Entry:
    start = dedupe.start_array(record) if record.start_fen else standard
    line, result = dedupe.line_of(record, start), RESULT_CODES[record.result]
    return Entry(line, record.start_fen is not None, result, record.ratings, color)


def _without_redundant(entries: list[Entry]) -> tuple[list[Entry], Counter[str]]:
    """Return the games without copies and prefixes, first as played, then up to mirror images."""
    counts: Counter[str] = Counter()
    for form, suffix in (("line", ""), ("canonical", ", mirrored")):
        lines = [getattr(entry, form) for entry in entries]
        found = dedupe.redundant(lines, [entry.result != 2 for entry in entries])
        counts.update(kind + suffix for kind, _ in found.values())
        results = _results(entries, found)
        entries = [replace(entry, result=results[i]) for i, entry in enumerate(entries) if i not in found]
    return entries, counts


def _results(entries: list[Entry], found: dict[int, tuple[str, int]]) -> list[int]:
    """Return for each game the most frequent result of its copies, or its own on a tie, as archives disagree."""
    votes = [Counter({entry.result: 1}) for entry in entries]
    for i, (kind, keeper) in found.items():
        if kind == "exact" and entries[i].result != 2:
            votes[keeper][entries[i].result] += 1
    return [
        max(vote, key=lambda result: (vote[result], result == entry.result))
        for vote, entry in zip(votes, entries, strict=True)
    ]


def _side(key: bytes, options: Options) -> str:
    """Return `train` or `validation` by a hash of the group alone, so that adding other games does not move it."""
    digest = hashlib.sha256(str(options.seed).encode() + b"\0" + key).digest()
    return "validation" if int.from_bytes(digest[:8], "big") < options.validation * 2**64 else "train"


def pack(records: Iterable[GameRecord]) -> Split:
    """Return all games of the records as a split in memory."""
    standard = dedupe.start_array(GameRecord())
    entries = [_entry(record, standard) for record in records]
    return Divided({"all": entries}, len(entries), {}).split("all")


def arrays_of(entries: Sequence[Entry]) -> dict[str, np.ndarray]:
    """Return the arrays of a split by name."""
    lines = [np.frombuffer(entry.line.moves, dtype=">u2").astype(np.uint16) for entry in entries]
    starts = list(dict.fromkeys(entry.line.start for entry in entries if entry.setup))
    row = {start: i for i, start in enumerate(starts)}
    return {
        "moves": np.concatenate(lines) if lines else np.empty(0, dtype=np.uint16),
        "offsets": np.cumsum([0, *(len(line) for line in lines)], dtype=np.int64),
        "results": np.array([entry.result for entry in entries], dtype=np.int8),
        "starts": np.frombuffer(b"".join(starts), dtype=np.int8).reshape(-1, 91),
        "ratings": np.array([entry.ratings for entry in entries], dtype=np.int16).reshape(-1, 2),
        "start_index": np.array([row[e.line.start] if e.setup else -1 for e in entries], dtype=np.int32),
    }


def _columns(entries: Sequence[Entry]) -> list[np.ndarray]:
    arrays = arrays_of(entries)
    return [arrays[name] for name in ARRAYS]
