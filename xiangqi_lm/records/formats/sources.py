"""Sources of records: files, folders, zip and tar archives, compressed files, standard input.

Nothing is unpacked to disk, and names inside archives are only labels.
"""

from __future__ import annotations

import io
import lzma
import os
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ...errors import BadRecord
from . import unpacking
from .text import Readable

HEAD = 1 << 20  # bytes read at once: nearly every record file as a whole
GROWTH = 200  # bytes that each byte of an archive or compressed file may yield ...
SPARED = 1 << 26  # ... on top of this many: master games shrink to a thirtieth, bombs to a thousandth or less
STDIN = "-"
_PACKED = (".gz", ".xz", ".bz2")
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
DAMAGE = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, OSError, NotImplementedError,
          RuntimeError, ValueError, OverflowError)  # fmt: skip  # RuntimeError: zipfile finds a password
_ODD = (*DAMAGE, TypeError, IndexError, KeyError, AttributeError, struct.error)  # other errors of the archive modules


class Reading:
    """How much of some sources has been read, in bytes as they are on disk; `total` is 0 if that is not known."""

    def __init__(self, paths: Iterable[str | Path]):
        sizes = [0 if str(path) == STDIN else _size(Path(path)) for path in paths]
        self.total = sum(sizes) if all(sizes) else 0
        self.done = 0  # of games that were handed on
        self._before = 0  # in finished files
        self._within: Callable[[], int] = int  # in the one that is open

    def open(self, within: Callable[[], int]) -> None:
        """Note the file that is being read now; `within` returns the place in it."""
        self._within = within

    def close(self, size: int) -> None:
        """Record that a file of that many bytes is finished."""
        self._before, self._within = self._before + size, int

    def position(self) -> int:
        """Return how many bytes have been read."""
        return self._before + self._within()


def _size(path: Path) -> int:
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(os.stat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(path) for name in names)
    except OSError:  # reading will say what is wrong
        return 0


@dataclass(frozen=True)
class Blob:
    """One file's name and content: `data`, followed by `rest` if the file is long.

    `name` is only a label. If reading failed, `data` is None and `fault` says why. `rest` is valid until the next blob
    is requested.
    """

    name: str
    data: bytes | None
    fault: str = ""
    rest: Readable | None = None


def blobs(path: Path, reading: Reading | None = None) -> Iterator[Blob]:
    """Yield every file in a file, folder or archive, in a fixed order; raises BadRecord if the path does not exist."""
    if str(path) == STDIN:
        yield _content("<stdin>", sys.stdin.buffer)
    elif path.is_dir():
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                yield from _file(Path(folder, name), reading or Reading(()))
    elif path.exists():
        yield from _file(path, reading or Reading(()))
    else:
        raise BadRecord("no such file or folder", source=str(path))


def is_archive(name: str) -> bool:
    """Return whether a file name is that of an archive."""
    return name.lower().endswith((*_TARS, ".zip"))


def _label(name: str) -> str:
    """Return a file's name in a form that can be shown and stored, as names in archives can be any bytes."""
    clean = name.encode("utf-8", errors="surrogateescape").decode("utf-8", errors="replace")
    return "".join(character if character.isprintable() else "?" for character in clean)


def words(fault: BaseException) -> str:
    """Return a one-line description of what is wrong with a file."""
    return "damaged or unreadable: " + (" ".join(str(fault).split())[:200] or type(fault).__name__)


def _file(path: Path, reading: Reading) -> Iterator[Blob]:
    name = _label(str(path))
    low = name.lower()
    try:
        if not path.is_file():
            yield Blob(name, None, "not a regular file")
        elif low.endswith(_TARS):
            yield from _tar(path, reading)
        elif low.endswith(".zip"):
            yield from _zip(path, reading)
        else:
            with path.open("rb") as raw:
                reading.open(raw.tell)
                yield _content(name, raw)
    except _ODD as fault:
        reading.open(int)
        yield Blob(name, None, words(fault))
    reading.close(_size(path))


def _tar(path: Path, reading: Reading) -> Iterator[Blob]:
    """Yield the members of a tar archive in their order, read as a stream."""
    largest = path.stat().st_size * GROWTH + SPARED
    with path.open("rb") as raw, _untarred(raw) as archive:
        reading.open(raw.tell)
        while (member := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined]  # tarfile would keep them all
            name = _label(f"{path}/{member.name}")
            if member.offset_data + member.size > largest:
                raise OSError(f"{member.name} claims {member.size:,} bytes, too many for an archive of this size")
            if member.isdir():
                continue
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is None:
                yield Blob(name, None, "a link or device in an archive")
            else:
                yield _member(name, _Metered(stream, raw.tell))


def _untarred(raw: Any) -> tarfile.TarFile:
    """Open a tar archive as a stream of our own unpacking, so that a bomb is refused while it is read."""
    suffix = unpacking.compression(raw)
    stream = _Metered(unpacking.opened(raw, suffix), raw.tell) if suffix else raw
    return tarfile.open(fileobj=stream, mode="r|")


def _zip(path: Path, reading: Reading) -> Iterator[Blob]:
    size, total = path.stat().st_size, [0]  # members may share bytes, so the total counts
    with path.open("rb") as raw, zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = _label(f"{path}/{member.filename}")
            reading.open(partial(int, member.header_offset))
            try:
                with unpacking.member(archive, raw, member) as stream:
                    yield _member(name, _Metered(stream, partial(int, size), total))
            except _ODD as fault:
                yield Blob(name, None, words(fault))


def _member(name: str, stream: Readable) -> Blob:
    if is_archive(name):
        return Blob(name, None, "an archive inside an archive: unpack it first")
    return _content(name, stream)


def _content(name: str, raw: Any) -> Blob:
    """Return a file's content, unpacked if its name has a suffix of compression, which is then removed."""
    stem, suffix = os.path.splitext(name)
    packed = suffix.lower() in _PACKED
    stream = _Metered(unpacking.opened(raw, suffix.lower()), raw.tell) if packed else raw
    data = stream.read(HEAD)
    more = stream.read(1) if len(data) == HEAD else b""
    return Blob(stem if packed else name, data + more, rest=stream if more else None)


class _Metered(io.RawIOBase):
    """A stream that raises OSError if it unpacks to far more than its compressed size, like a bomb."""

    def __init__(self, stream: Readable, taken: Callable[[], int], total: list[int] | None = None):
        self._stream, self._taken, self._given = stream, taken, 0
        self._total = total if total is not None else [0]  # shared with other streams of the same source

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except _ODD as fault:
            raise OSError(str(fault) or type(fault).__name__) from fault
        self._given += len(data)
        self._total[0] += len(data)
        if self._total[0] > self._taken() * GROWTH + SPARED:
            raise OSError(f"it unpacks to more than {GROWTH} times its size: not a game record")
        return data

    def tell(self) -> int:
        return self._given
