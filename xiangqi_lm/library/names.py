"""Normalised texts for comparison: names in one spelling, comments in one script, dates as numbers."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ..paths import assets

_UNKNOWN = {"", "?", "??", "-", "n/a", "unknown", "佚名", "不详", "无名", "未知"}


@cache
def _simplified() -> dict[int, str]:
    """Return traditional -> simplified characters, one for one, like ICU's transliterator Hant-Hans in U+4E00-9FFF."""
    text = (assets() / "simplified.txt").read_text(encoding="utf-8")
    traditional, simplified = text.splitlines()
    return str.maketrans(dict(zip(traditional, simplified, strict=True)))


def folded(text: str) -> str:
    """Return a text normalised for search: simplified characters, one case and width, single spaces."""
    text = text.encode("utf-8", "replace").decode("utf-8")  # an argument can contain half a surrogate pair
    plain = unicodedata.normalize("NFKC", text).translate(_simplified()).casefold()
    return " ".join(plain.replace("\0", " ").split())


def name_key(text: str) -> str:
    """Return a key equal for all spellings of a name that differ in script, case, width or spaces; "" if unknown."""
    key = folded(text).replace(" ", "")
    return "" if key in _UNKNOWN else key


def parse_date(text: str) -> str:
    """Return a date as `2001-12-03`, `2001-12` or `2001`, as far as it is known; "" if not even the year is.

    Reads `2001.12.03`, `2001-12-3`, `2001/12/03`, `2001年12月3日`, `20011203` and the same with `??`.
    """
    found = re.search(r"(?<!\d)([12]\d{3})(?!\d)(?:\D{1,2}(\d{1,2})(?!\d)(?:\D{1,2}(\d{1,2})(?!\d))?)?", text, re.ASCII)
    packed = re.search(r"(?<!\d)([12]\d{3})(\d{2})(\d{2})(?!\d)", text, re.ASCII)
    found = packed or found
    if not found:
        return ""
    date = found[1]
    for part, most in ((found[2], 12), (found[3], 31)):
        if not part or not 1 <= int(part) <= most:
            break
        date += f"-{int(part):02}"
    return date
