"""Training shards on disk: deduplicated games, split by game, memory-mapped.

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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from ..errors import XiangqiError
from ..files import sha256, write_bytes, write_json
from ..records.game import GameRecord
from ..records.readers import Refusal
from ..rules.moves import MOVES
from . import answers, integrity
from .answers import Answers
from .division import SPLITS, Divided, Options, arrays_of, divide
from .splits import ARRAYS, Entry, Split

FORMAT = 2
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
_COLORS = "colors"


def fingerprint() -> str:
    """Return the SHA-256 of the 2,086 ICCS moves in the order of their ids."""
    return hashlib.sha256(" ".join(move.iccs() for move in MOVES).encode()).hexdigest()


# ------------------------------------------------------------------------------------------------ building


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
    arrays = arrays_of(entries)
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
            raise XiangqiError(f"unknown split {name!r}; expected {' or '.join(SPLITS)}")
        arrays = [self._load(name, array) for array in ARRAYS]
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
            for array in (*ARRAYS, *optional):
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
            array = _read_array(path, mapped=size > 4096)  # an empty file cannot be mapped
        except OSError as fault:
            raise XiangqiError(f"{path}: cannot be read: {fault.strerror or fault}") from fault
        except (
            ValueError,
            MemoryError,
            EOFError,
            TypeError,
            SyntaxError,
            TokenError,
        ) as fault:  # numpy's, on its header
            raise XiangqiError(f"{path}: damaged: not a whole NumPy array file; build the shards again") from fault
        try:
            integrity.check_form(name, array, self._said(split, name))
        except XiangqiError as fault:
            raise XiangqiError(f"{path}: damaged: {fault}") from None
        if size <= _DIGESTED:
            self._check_digest(split, name)
        return array


def _read_array(path: Path, mapped: bool) -> np.ndarray:
    """Return the array of an .npy file and of nothing else that `numpy.load` would read, such as archives; `mapped`
    leaves it on disk."""
    if mapped:
        return np.lib.format.open_memmap(path, mode="r")
    with path.open("rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


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
