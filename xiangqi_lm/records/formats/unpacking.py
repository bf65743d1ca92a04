"""Reading of compressed files in small steps: a read unpacks only as much as was requested.

Python's `tarfile` and `zipfile` hand whole blocks to the decompressor, and ten kilobytes of bzip2 can be gigabytes.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import zipfile
from typing import Any

MEMORY = 1 << 28  # bytes that unpacking xz may use: `xz -9` needs 65 MB, but a dictionary can ask for 4 GB
_PIECE = 1 << 16  # compressed bytes read at once
_LITTLE = 512  # compressed bytes read at once if all their output is unpacked, at most 4 MB
_MAGIC = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\0": ".xz", b"\x5d\0\0": ".xz"}  # the last: bare LZMA


def opened(raw: Any, suffix: str) -> Any:
    """Return the unpacked stream of a compressed one, by suffix: `.gz`, `.xz` or `.bz2`."""
    if suffix == ".xz":
        return io.BufferedReader(_Xz(raw))
    return gzip.open(raw) if suffix == ".gz" else bz2.open(raw)


def compression(raw: Any) -> str:
    """Return the suffix of a file's compression, found by its first bytes, or ""; `raw` is rewound to its start."""
    head = raw.read(6)
    raw.seek(0)
    return next((suffix for magic, suffix in _MAGIC.items() if head.startswith(magic)), "")


def member(archive: zipfile.ZipFile, raw: Any, info: zipfile.ZipInfo) -> Any:
    """Return the stream of a member of the zip archive in `raw`; raises what `ZipFile.open` raises."""
    stream = archive.open(info)  # finds damage, passwords and unknown methods
    if info.compress_type == zipfile.ZIP_BZIP2:
        stream.close()
        raw.seek(info.header_offset + 26)
        name, extra = struct.unpack("<HH", raw.read(4))
        return bz2.open(io.BufferedReader(_Slice(raw, info.header_offset + 30 + name + extra, info.compress_size)))
    return io.BufferedReader(_Small(stream)) if info.compress_type == zipfile.ZIP_LZMA else stream


class _Reader(io.RawIOBase):
    """A stream of the bytes that `read_some` returns, which are empty at the end."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.read_some(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read_some(self, most: int) -> bytes:
        raise NotImplementedError


class _Xz(_Reader):
    """The unpacked stream of one or more consecutive xz streams, with a limit on memory."""

    def __init__(self, raw: Any):
        self._raw, self._unpacker, self._ended = raw, lzma.LZMADecompressor(memlimit=MEMORY), False

    def read_some(self, most: int) -> bytes:
        while not self._ended:
            if self._unpacker.eof:
                rest = self._unpacker.unused_data.lstrip(b"\0") or self._raw.read(_PIECE).lstrip(b"\0")
                if not rest:
                    break
                self._unpacker = lzma.LZMADecompressor(memlimit=MEMORY)
            else:
                rest = self._raw.read(_PIECE) if self._unpacker.needs_input else b""
                if not rest and self._unpacker.needs_input:
                    raise EOFError("the compressed file ends before its end mark")
            if data := self._unpacker.decompress(rest, most):
                return data
        self._ended = True
        return b""


class _Slice(_Reader):
    """A part of a file."""

    def __init__(self, raw: Any, start: int, length: int):
        self._raw, self._at, self._end = raw, start, start + length

    def read_some(self, most: int) -> bytes:
        self._raw.seek(self._at)
        data = self._raw.read(min(most, self._end - self._at))
        self._at += len(data)
        return data


class _Small(_Reader):
    """A stream read in small pieces, as zip's LZMA unpacks all its input at once."""

    def __init__(self, stream: Any):
        self._stream = stream
        stream.MIN_READ_SIZE = _LITTLE

    def read_some(self, most: int) -> bytes:
        return self._stream.read1(min(most, _LITTLE))
