"""Writing label files (see `labels` for the format) such that interrupted work can be resumed."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType

from ..errors import BadRecord, XiangqiError
from ..files import write_bytes
from ..records.formats.sources import DAMAGE, is_archive, words
from ..rules.moves import Move
from ..rules.score import MOST_CENTIPAWNS, MOST_MOVES_TO_MATE, Score
from .labels import read

_HEAD = "# xiangqi-lm labels "
_PACK: dict[str, Callable[[bytes], bytes]] = {".xz": lzma.compress, ".gz": gzip.compress, ".bz2": bz2.compress}
_UNPACK: dict[str, Callable[[bytes], bytes]] = {
    ".xz": lzma.decompress,
    ".gz": gzip.decompress,
    ".bz2": bz2.decompress,
}


@dataclass(frozen=True)
class Scored:
    """A move and its score for the side that plays it."""

    move: Move
    score: Score


@dataclass(frozen=True)
class Label:
    """A position (placement and side of a FEN) with a teacher's moves, best first.

    Chances are written if the best move's score has them.
    """

    position: str
    ranked: tuple[Scored, ...]


@dataclass(frozen=True)
class Heading:
    """The first line of a file, which says who made it; a file holds labels of one kind only."""

    teacher: str
    lines: int = 1  # moves requested for each position


def write_label(label: Label) -> str:
    """Return the label as one line, without a line break."""
    best, *others = label.ranked
    line = [label.position, best.move.iccs(), _score_text(best.score)]
    if (chances := best.score.wdl) is not None or others:
        line.append("/".join(f"{1000 * share:.0f}" for share in chances) if chances else "-")
    for other in others:
        line += [other.move.iccs(), _score_text(other.score)]
    return "\t".join(line)


def _score_text(score: Score) -> str:
    if score.mate is not None:
        return f"#{max(-MOST_MOVES_TO_MATE, min(MOST_MOVES_TO_MATE, score.mate))}"
    return str(max(-MOST_CENTIPAWNS, min(MOST_CENTIPAWNS, score.as_centipawns())))


class LabelWriter:
    """A writer that adds labels to a file; `done` holds the keys (`Labels.keys`) of the positions already there.

    Until `finish`, all labels are in `FILE.part`, a plain text that the next writer continues. `finish` renames it, and
    compresses it if the name ends in .xz, .gz or .bz2. Raises BadRecord for files by another teacher or without a
    heading, for damaged files and for archives. Only one writer may use a file at a time.
    """

    def __init__(self, path: Path, heading: Heading):
        self.path = path
        self.part = path.with_name(path.name + ".part")
        if is_archive(path.name):
            raise BadRecord("labels are written to a file, not an archive: give another --out", source=str(path))
        if not self.part.exists():
            write_bytes(self.part, _unpacked(path) if path.exists() else _line_of(heading))
        _drop_torn_line(self.part)
        try:
            _check(self.part, path, heading)
            self.done = set(read(self.part).keys().tolist())
        except XiangqiError:
            self._drop_if_needless(added=False)
            raise
        self._file, self._added, self._finished = self.part.open("ab"), False, False

    def add(self, labels: Iterable[Label]) -> None:
        """Write labels; once this returns they survive a killed process."""
        text = "".join(write_label(label) + "\n" for label in labels)
        self._file.write(text.encode())
        self._file.flush()
        self._added = self._added or bool(text)

    def finish(self) -> None:
        """Move the finished file to its final name."""
        self._file.close()
        if pack := _PACK.get(self.path.suffix.lower()):
            write_bytes(self.path, pack(self.part.read_bytes()))
            self.part.unlink()
        else:
            os.replace(self.part, self.path)
        self._finished = True

    def _drop_if_needless(self, added: bool) -> None:
        """Delete the part file if it adds nothing."""
        if not added and (self.path.exists() or not getattr(self, "done", None)):
            self.part.unlink()

    def __enter__(self) -> LabelWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        if not self._finished:
            self._drop_if_needless(self._added)


def _line_of(heading: Heading) -> bytes:
    return f"{_HEAD}{json.dumps(asdict(heading), ensure_ascii=False)}\n".encode()


def _unpacked(path: Path) -> bytes:
    unpack = _UNPACK.get(path.suffix.lower())
    try:
        return unpack(path.read_bytes()) if unpack else path.read_bytes()
    except DAMAGE as fault:
        raise BadRecord(words(fault), source=str(path)) from fault


def _drop_torn_line(path: Path) -> None:
    """Remove an incomplete last line, left by a killed process."""
    with path.open("r+b") as file:
        file.truncate(file.read().rfind(b"\n") + 1)


def _check(part: Path, path: Path, heading: Heading) -> None:
    """Raise BadRecord unless the file begins with this heading."""
    with part.open("rb") as file:
        first = file.readline()
    if not first.startswith(_HEAD.encode()):
        raise BadRecord("exists and was not written by this command: give another --out", source=str(path))
    if first != _line_of(heading):
        made = first.decode("utf-8", errors="replace")[len(_HEAD) :].strip()
        raise BadRecord(f"exists and was made with {made}: give another --out", source=str(path))
