"""Where records lie: single files, folders, zip and tar archives, compressed files. Nothing is unpacked to disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ..errors import BadRecord

LARGEST = 2**30  # bytes of one file once unpacked: a bomb in an archive must not fill the memory
_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".xz": lzma.open, ".bz2": bz2.open}
_TARS = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
_DAMAGE = (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, zlib.error, EOFError, OSError, NotImplementedError,
           RuntimeError)  # fmt: skip  # RuntimeError: zipfile's answer to a password


@dataclass(frozen=True)
class Blob:
    """One file's name and content; `name` is only ever a label. A fault leaves `data` None and says why."""

    name: str
    data: bytes | None
    fault: str = ""


def blobs(path: Path) -> Iterator[Blob]:
    """Every file in a file, folder or archive, in a fixed order; raises BadRecord when there is no such path."""
    if path.is_dir():
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                yield from _file(Path(folder, name))
    elif path.exists():
        yield from _file(path)
    else:
        raise BadRecord("no such file or folder", source=str(path))


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive of many files."""
    return name.lower().endswith((*_TARS, ".zip"))


def _file(path: Path) -> Iterator[Blob]:
    name = str(path)
    low = name.lower()
    try:
        if low.endswith(_TARS):
            yield from _tar(path)
        elif low.endswith(".zip"):
            yield from _zip(path)
        elif not path.is_file():
            yield Blob(name, None, "not a regular file")
        else:
            with path.open("rb") as raw:
                yield _content(name, raw)
    except _DAMAGE as fault:
        yield Blob(name, None, f"damaged or unreadable: {_words(fault)}")


def _tar(path: Path) -> Iterator[Blob]:
    with tarfile.open(path, "r|*") as archive:  # a stream: members come as they lie, nothing is sought twice
        for member in archive:
            name = f"{path}/{member.name}"
            if member.isdir():
                continue
            stream = archive.extractfile(member) if member.isfile() else None
            if stream is None:
                yield Blob(name, None, "a link or device in an archive")
            else:
                yield _member(name, stream)


def _zip(path: Path) -> Iterator[Blob]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            name = f"{path}/{member.filename}"
            try:
                with archive.open(member) as stream:
                    yield _member(name, stream)
            except _DAMAGE as fault:
                yield Blob(name, None, f"damaged or unreadable: {_words(fault)}")


def _member(name: str, stream: IO[bytes]) -> Blob:
    if is_archive(name):
        return Blob(name, None, "an archive inside an archive: unpack it first")
    return _content(name, stream)


def _content(name: str, raw: IO[bytes]) -> Blob:
    """A file's bytes, unpacked when its name says it is compressed; the name then loses that suffix."""
    stem, suffix = os.path.splitext(name)
    opener = _OPENERS.get(suffix.lower())
    stream = opener(raw) if opener else raw
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        return Blob(name, None, f"larger than {LARGEST >> 20} MiB")
    return Blob(stem if opener else name, data)


def _words(fault: BaseException) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__
