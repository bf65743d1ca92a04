"""Collecting records from any source into one clean PGN file, with a report of all that was refused or cut."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

from ..errors import XiangqiError
from ..records.formats import dhtmlxq, xqf
from ..records.formats.pgn import write_game
from ..records.game import Cut, GameRecord, count
from ..records.readers import Refusal
from . import dedupe


@dataclass
class Collected:
    """The games and problems found; `duplicates` are (source, kind, source of the game that contains it)."""

    sources: list[str] = field(default_factory=list)
    plies: list[int] = field(default_factory=list)
    set_up: int = 0
    written: int = 0
    variations: int = 0
    comments: int = 0
    duplicates: list[tuple[str, str, str]] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cuts: list[tuple[str, Cut]] = field(default_factory=list)  # source, part missing from the record
    notes: list[tuple[str, str]] = field(default_factory=list)  # source, what was assumed
    rated: int = 0

    def report(self) -> dict[str, Any]:
        """Return everything, for a JSON file."""
        return {
            "games": len(self.sources),
            "plies": sum(self.plies),
            "set_up": self.set_up,
            "written": self.written,
            "variations": self.variations,
            "comments": self.comments,
            "rated": self.rated,
            "duplicates": dict(Counter(kind for _, kind, _ in self.duplicates)),
            "refused": dict(Counter(refusal.reason for refusal in self.refusals).most_common()),
            "cut": dict(Counter(cut.reason for _, cut in self.cuts).most_common()),
            "refusals": [asdict(refusal) for refusal in self.refusals],
            "assumed": dict(Counter(note for _, note in self.notes).most_common()),
            "assumptions": [{"source": source, "text": note} for source, note in self.notes],
            "cuts": [{"source": source, **asdict(cut)} for source, cut in self.cuts],
            "duplicate_games": [{"source": a, "kind": kind, "of": b} for a, kind, b in self.duplicates],
        }


def collect(
    items: Iterable[GameRecord | Refusal],
    out: Path,
    drop_duplicates: bool = False,
    write: Callable[[GameRecord], str | bytes] = write_game,
) -> Collected:
    """Write every game into the file `out`, which appears complete, or not at all if there are no games.

    Copies and prefixes of other games are reported, and dropped on request. `write` returns a game's text, stored as
    UTF-8, or bytes.
    """
    found = Collected()
    lines: list[dedupe.Line] = []
    known: list[bool] = []  # whether the result is known
    edges = [0]  # the offset of each game in the file
    standard = dedupe.start_array(GameRecord())
    part = out.with_name(out.name + ".part")
    try:
        with part.open("w+b") as file:
            for item in items:
                if isinstance(item, Refusal):
                    found.refusals.append(item)
                    continue
                text = write(item)
                edges.append(edges[-1] + file.write(text if isinstance(text, bytes) else text.encode()))
                lines.append(dedupe.line_of(item, dedupe.start_array(item) if item.start_fen else standard))
                known.append(item.result != "*")
                found.sources.append(item.source)
                found.plies.append(len(item.moves))
                found.set_up += item.start_fen is not None
                found.variations += count(item.line) if item.variations else 0
                found.comments += len(item.comments)
                found.rated += any(item.ratings)
                found.cuts += [(item.source, cut) for cut in item.cuts]
                found.notes += [(item.source, note) for note in item.notes]
            redundant = dedupe.redundant(lines, known)
            names = found.sources
            found.duplicates = [(names[i], kind, names[j]) for i, (kind, j) in sorted(redundant.items())]
            found.written = len(lines)
            if drop_duplicates:
                found.written -= len(redundant)
                _without(file, edges, redundant.keys())
        if found.sources:  # an empty file never replaces a full one
            os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)
    return found


def _without(file: IO[bytes], edges: list[int], dropped: Iterable[int]) -> None:
    """Remove dropped games from a file, in which game i is between edges[i] and edges[i + 1]."""
    gone = set(dropped)
    end = 0
    for i, (first, after) in enumerate(pairwise(edges)):
        if i in gone:
            continue
        file.seek(first)
        data = file.read(after - first)
        file.seek(end)
        end += file.write(data)
    file.truncate(end)


# ------------------------------------------------------------------------------------------------ writers

Writer = Callable[[GameRecord], str | bytes]


def writer(path: Path, notation: str = "iccs") -> Writer:
    """Return the writer for a file name: DhtmlXQ for `.ubb` and `.dhtmlxq`, XQF for `.xqf`, else PGN."""
    suffix = path.suffix.lower()
    if suffix in (".ubb", ".dhtmlxq"):
        return dhtmlxq.write_game
    return _OneXqf(path) if suffix == ".xqf" else partial(write_game, notation=notation)


class _OneXqf:
    """A writer of one XQF file, which holds a single game: a second one raises XiangqiError."""

    def __init__(self, path: Path):
        self._path, self._written = path, False

    def __call__(self, record: GameRecord) -> bytes:
        if self._written:
            raise XiangqiError(f"{self._path}: an XQF file holds one game, and more were read; write PGN or DhtmlXQ")
        self._written = True
        return xqf.write_game(record)
