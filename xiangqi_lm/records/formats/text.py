"""Decoding of record files, which are in UTF-8, UTF-16, GB18030 or Big5 and rarely say which."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Protocol

_BOMS = (  # the little-endian UTF-32 mark begins with that of UTF-16, so it comes first
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECES = "帥帅將将仕士相象馬马傌車车俥炮砲包兵卒"
_CHINESE_MOVE = re.compile(
    rf"(?:[{_PIECES}][一二三四五六七八九1-9１-９]|[前中后後一二三四五][{_PIECES}])"
    "[進进退平上下][一二三四五六七八九1-9１-９]"
)


def decode(data: bytes, legal_plies: Callable[[str], int]) -> tuple[str, str]:
    """Return the text and the name of its encoding.

    A byte order mark decides (or the zero bytes of UTF-16 without one), then valid UTF-8; otherwise the one of GB18030
    and Big5 that yields more Chinese moves or, if equal, more legal plies. Big5 is decoded like on Windows or, where
    that leaves gaps, with Hong Kong's supplement. Invalid bytes become U+FFFD; legality is checked later.
    """
    if name := marked(data):
        return data.decode(name, errors="replace"), name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    readings = [(data.decode("gb18030", errors="replace"), "gb18030"), _big5(data)]
    shown = [len(_CHINESE_MOVE.findall(text)) for text, _ in readings]
    if shown[0] == shown[1] and shown[0]:
        shown = [legal_plies(text) for text, _ in readings]
    if shown[0] != shown[1]:
        return readings[shown.index(max(shown))]
    return _by_strictness(data, readings)


def marked(data: bytes) -> str | None:
    """Return the encoding given by a byte order mark, or UTF-16 if every other byte is zero; else None."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    start = data[:1024]
    for first, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if start[first::2].count(0) > len(start) // 8 > start[1 - first :: 2].count(0):
            return name
    return None


def _big5(data: bytes) -> tuple[str, str]:
    text = data.decode("cp950", errors="replace")
    if "\ufffd" in text:
        try:
            return data.decode("big5hkscs"), "big5hkscs"
        except UnicodeDecodeError:
            pass
    return text, "cp950"


def _by_strictness(data: bytes, readings: list[tuple[str, str]]) -> tuple[str, str]:
    """Return the choice if moves do not decide (ICCS moves, Chinese names): the smaller set that covers the most."""
    for strict, reading in (("gb2312", 0), ("big5", 1)):
        try:
            data.decode(strict)
        except UnicodeDecodeError:
            continue
        return readings[reading]
    shares = [_common(text, *ranges) for (text, _), ranges in zip(readings, _COMMON, strict=True)]
    return readings[shares[1] > shares[0]]


_COMMON = (("gb18030", 0xB0, 0xD7), ("big5", 0xA4, 0xC6))  # first bytes of common characters


def _common(text: str, encoding: str, low: int, high: int) -> float:
    """Return the share of common characters among those beyond ASCII."""
    others = [character for character in text if not character.isascii()]
    codes = [character.encode(encoding, errors="ignore") for character in others]
    return sum(len(code) == 2 and low <= code[0] <= high for code in codes) / max(1, len(others))


# ------------------------------------------------------------------------------------------------ files of any size


class Readable(Protocol):
    """Anything that bytes can be read from."""

    def read(self, size: int, /) -> bytes: ...


class _Chained(io.RawIOBase):
    """A stream of bytes already read, followed by the rest of their stream."""

    def __init__(self, head: bytes, rest: Readable):
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def open_text(head: bytes, rest: Readable | None, legal_plies: Callable[[str], int]) -> io.TextIOBase:
    """Return the text of a file that begins with `head` and continues in `rest`; `head` decides the encoding."""
    if rest is None:
        return io.StringIO(decode(head, legal_plies)[0], newline=None)
    sample = head[: head.rfind(b"\n") + 1]
    _, name = decode(sample if sample and not marked(head) else head, legal_plies)
    return io.TextIOWrapper(io.BufferedReader(_Chained(head, rest)), encoding=name, errors="replace", newline=None)


def lines(start: str, stream: io.TextIOBase, longest: int) -> Iterator[str]:
    """Yield the lines of a text that begins with `start` and continues in `stream`; very long lines come in pieces of
    at least `longest` characters."""
    whole = start.rfind("\n") + 1
    yield from iter(partial(io.StringIO(start[:whole]).readline, longest), "")
    if begun := start[whole:]:
        yield begun + stream.readline(longest)
    yield from iter(partial(stream.readline, longest), "")
