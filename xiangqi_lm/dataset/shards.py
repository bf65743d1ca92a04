"""Training shards: deduplicated games, split by game, memory-mapped.

A folder holds `index.json` and, for each of `train` and `validation`, `moves.npy` (uint16, all games' Move.id one after
the other), `offsets.npy` (int64 [games + 1]), `results.npy` (int8 [games]: 1 Red won, 0 draw, -1 Black won, 2 unknown),
`starts.npy` (int8 [K, 91]: set-up positions, 90 squares and the side to move) and `start_index.npy` (int32 [games]: row
of `starts`, -1 for the start position), `ratings.npy` (int16 [games, 2]: Elo of Red and Black, 0 unknown). Shards with
a teacher's answers (see `annotate`) also have the arrays of `answers.Answers`, and `answers` in their index; if only
one side's moves count in some games, there is `colors.npy` (int8 [games], see `Split.color`), and `colors` in the
index. The same records and options give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from ..errors import XiangqiError
from ..files import sha256, write_bytes, write_json
from ..records.game import GameRecord
from ..records.readers import Refusal
from ..rules.moves import MOVES
from . import answers, dedupe, integrity
from .answers import Answers
from .splits import Entry, Split, split_keys, united
from .traces import runs, traces

FORMAT = 2
SPLITS = ("train", "validation")
RESULT_CODES = {"1-0": 1, "1/2-1/2": 0, "0-1": -1, "*": 2}
SPLIT_RULE = (
    "sha256 of seed and group; a group is the first 40 plies, or the set-up position, of a game or its mirror image; "
    "records from a set-up position go with the whole game that passes through it; games that share a run of plies, if "
    "shared_run is given, are of one group too"
)
_INDEX: dict[str, type | tuple[type, ...]] = {  # the required fields of the index
    "seed": int, "validation": (int, float), "split_rule": str, "sources": list, "read": int, "dropped": dict,
    "splits": dict,
}  # fmt: skip
_DIGESTED = 1 << 27  # bytes; the digests of files up to this size are checked whenever they are opened
_ARRAYS = ("moves", "offsets", "results", "starts", "start_index", "ratings")
_COLORS = "colors"


def fingerprint() -> str:
    """Return the SHA-256 of the 2,086 ICCS moves in the order of their ids."""
    return hashlib.sha256(" ".join(move.iccs() for move in MOVES).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------ building


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


def build(
    items: Iterable[GameRecord | Refusal], out: Path, options: Options, sources: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    """Write shards of the records into a folder and return the index; `sources` are (file name, SHA-256) pairs."""
    divided = divide(items, options)
    if not any(divided.sides.values()):
        why = ", ".join(f"{count:,} {reason}" for reason, count in divided.dropped.items()) or "no records"
        raise XiangqiError(f"no games for shards ({why}): {out} was not written")
    return write(divided, out, options, sources)


def write(divided: Divided, out: Path, options: Options, sources: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Write divided games into a folder and return the index."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "index.json").unlink(missing_ok=True)  # until the new index exists, the folder does not count as shards
    colored = any(entry.color for entries in divided.sides.values() for entry in entries)
    splits = {name: _write_split(out / name, divided.sides[name], colored) for name in SPLITS}
    index = {
        "format": FORMAT,
        "vocabulary": fingerprint(),
        "seed": options.seed,
        "validation": options.validation,
        "min_plies": options.min_plies,
        "arrays": {name: about for split in splits.values() for name, about in split.pop("arrays").items()},
        **({"shared_run": options.shared_run} if options.shared_run else {}),
        **({"colors": True} if colored else {}),
        "split_rule": SPLIT_RULE,
        "sources": [{"name": name, "sha256": digest} for name, digest in sources],
        "read": divided.read,
        "dropped": divided.dropped,
        "splits": splits,
    }
    write_json(out / "index.json", index)
    return index


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
    """Return the games that are long enough, and the number of all others by reason."""
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


def _arrays(entries: Sequence[Entry]) -> dict[str, np.ndarray]:
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
    arrays = _arrays(entries)
    return [arrays[name] for name in _ARRAYS]


def write_arrays(folder: Path, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    """Write the arrays of one split; return their index entries by `split/name`."""
    about = {}
    for name, array in arrays.items():
        buffer = io.BytesIO()
        np.save(buffer, array)
        write_bytes(folder / f"{name}.npy", buffer.getvalue())
        about[f"{folder.name}/{name}"] = integrity.described(array, buffer.getvalue())
    return about


def _write_split(folder: Path, entries: list[Entry], colored: bool) -> dict[str, Any]:
    arrays = _arrays(entries)
    if colored:
        arrays[_COLORS] = np.array([entry.color for entry in entries], dtype=np.int8)
    folder.mkdir(exist_ok=True)
    for name in (*answers.ARRAYS, _COLORS):
        (folder / f"{name}.npy").unlink(missing_ok=True)  # left over from earlier shards
    about = write_arrays(folder, arrays)
    return {
        "arrays": about,
        "games": len(entries),
        "plies": len(arrays["moves"]),
        "set_up": sum(entry.setup for entry in entries),
    }


# ------------------------------------------------------------------------------------------------ reading


@dataclass(frozen=True)
class Shards:
    """A folder of shards; `index` is its index.json."""

    folder: Path
    index: dict[str, Any]

    @classmethod
    def open(cls, folder: str | Path) -> Shards:
        """Open a folder of shards; raises XiangqiError if there are none, or ones of another format or vocabulary."""
        path = Path(folder)
        try:
            index = json.loads((path / "index.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            raise XiangqiError(f"{path}: no shards here (no index.json); make them with: data build") from None
        except (ValueError, RecursionError) as fault:
            raise XiangqiError(f"{path / 'index.json'}: damaged: {fault}") from fault
        if not isinstance(index, dict) or index.get("format") != FORMAT:
            raise XiangqiError(f"{path}: shards of another format; build them again")
        if index.get("vocabulary") != fingerprint():
            raise XiangqiError(f"{path}: shards made for another vocabulary of moves; build them again")
        for key, kinds in _INDEX.items():
            if not isinstance(index.get(key), kinds):
                raise XiangqiError(f"{path / 'index.json'}: damaged: {key} is missing or of another type")
        if any(not isinstance(index["splits"].get(name), dict) for name in SPLITS):
            raise XiangqiError(f"{path / 'index.json'}: damaged: splits must be {', '.join(SPLITS)}")
        return cls(path, index)

    def split(self, name: str) -> Split:
        """Return the games of `train` or `validation`; raises XiangqiError for another name or a damaged file."""
        if name not in SPLITS:
            raise XiangqiError(f"no split {name!r}: there are {', '.join(SPLITS)}")
        arrays = [self._load(name, array) for array in _ARRAYS]
        said = Answers(*(self._load(name, array) for array in answers.ARRAYS)) if "answers" in self.index else None
        colors = self._load(name, _COLORS) if "colors" in self.index else None
        split = Split(*arrays, answers=said, colors=colors)
        try:
            integrity.check_split(split)
        except XiangqiError as fault:
            raise XiangqiError(f"{self.folder / name}: damaged: {fault}") from None
        return split

    def check(self) -> dict[str, int]:
        """Check everything: digests, forms, and that every game is legal; return the number of games by split.

        Raises XiangqiError naming the first fault.
        """
        if "arrays" not in self.index:
            raise XiangqiError(f"{self.folder}: made by an older version, without digests; build them again")
        games = {}
        for name in SPLITS:
            optional = (*(answers.ARRAYS if "answers" in self.index else ()), *((_COLORS,) * ("colors" in self.index)))
            for array in (*_ARRAYS, *optional):
                self._check_digest(name, array)
            split = self.split(name)
            try:
                integrity.check_games(split)
            except XiangqiError as fault:
                raise XiangqiError(f"{self.folder / name}: {fault}") from None
            games[name] = len(split)
        return games

    def _said(self, split: str, name: str) -> Any:
        """Return the index entry of an array; None if an older version wrote the index."""
        return self.index.get("arrays", {}).get(f"{split}/{name}")

    def _check_digest(self, split: str, name: str) -> None:
        path, said = self.folder / split / f"{name}.npy", self._said(split, name)
        if isinstance(said, dict) and sha256(path) != said.get("sha256"):
            raise XiangqiError(f"{path}: damaged: not the file that the index was written for; build the shards again")

    def _load(self, split: str, name: str) -> np.ndarray:
        path = self.folder / split / f"{name}.npy"
        try:
            size = path.stat().st_size
            array = np.load(path, mmap_mode="r" if size > 4096 else None)  # an empty file cannot be mapped
            integrity.check_form(name, array, self._said(split, name))
        except (OSError, ValueError, MemoryError, EOFError, TypeError, SyntaxError, TokenError) as fault:  # numpy's
            words = (str(fault).splitlines() or [type(fault).__name__])[0]
            raise XiangqiError(f"{path}: missing or damaged: {words[:200]}") from fault
        if size <= _DIGESTED:
            self._check_digest(split, name)
        return array


def joined(splits: Sequence[Split]) -> Split:
    """Return the games of several splits as one; either all of them have answers, or none."""
    starts = np.cumsum([0, *(len(split.starts) for split in splits)])
    plies = np.cumsum([0, *(int(split.offsets[-1]) for split in splits)])
    said = [split.answers for split in splits if split.answers is not None]
    assert len(said) in (0, len(splits))
    return Split(
        np.concatenate([split.moves_flat for split in splits]),
        np.concatenate([[0], *(split.offsets[1:] + first for split, first in zip(splits, plies, strict=False))]),
        np.concatenate([split.results for split in splits]),
        np.concatenate([split.starts for split in splits]),
        np.concatenate(
            [
                np.where(split.start_index < 0, -1, split.start_index + first)
                for split, first in zip(splits, starts, strict=False)
            ]
        ),
        np.concatenate([split.ratings for split in splits]),
        answers=answers.joined(said) if said else None,
        colors=_joined_colors(splits),
    )


def _joined_colors(splits: Sequence[Split]) -> np.ndarray | None:
    if all(split.colors is None for split in splits):
        return None
    return np.array([split.color(i) for split in splits for i in range(len(split))], np.int8)
