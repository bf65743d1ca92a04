"""Bytes to text: record files come in UTF-8, UTF-16, GB18030 or Big5 and rarely say which."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_BOMS = (  # the UTF-32 mark of little-endian files begins with that of UTF-16, so it comes first
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
    """The text and the name of its encoding.

    A byte order mark decides, then strict UTF-8; otherwise GB18030 or Big5, whichever shows more Chinese moves, and on
    a tie the one in which more plies are legal. Bytes that fit neither become U+FFFD: the moves' legality is the judge.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    readings = [(data.decode(name, errors="replace"), name) for name in ("gb18030", "cp950")]
    shown = [len(_CHINESE_MOVE.findall(text)) for text, _ in readings]
    if shown[0] == shown[1] and shown[0]:
        shown = [legal_plies(text) for text, _ in readings]
    if shown[0] != shown[1]:
        return readings[shown.index(max(shown))]
    return _by_strictness(data, readings)


def _by_strictness(data: bytes, readings: list[tuple[str, str]]) -> tuple[str, str]:
    """The choice where no move helps (ICCS moves, Chinese names): common characters of one, then of the other."""
    for strict, reading in (("gb2312", 0), ("big5", 1)):
        try:
            data.decode(strict)
        except UnicodeDecodeError:
            continue
        return readings[reading]
    return readings[0]
