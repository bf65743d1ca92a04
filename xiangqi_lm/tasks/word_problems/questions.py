"""A question as a reader sees it: characters and numbers, where each number is one symbol with an exact value."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

KINDS = ("integer", "decimal", "fraction", "mixed", "percent", "discount", "chinese")
MOST = 20  # the most numbers of a question that expressions can refer to
DIGITS = 24  # the most characters of a number
LONGEST = 160  # the most symbols of a question that are read


@dataclass(frozen=True)
class Number:
    """A number in a question: its value, one of KINDS, and its text in expressions."""

    value: Fraction
    kind: str
    text: str


@dataclass(frozen=True)
class Question:
    """The symbols of a question in order: characters and Numbers."""

    symbols: tuple[str | Number, ...]
    left_out: int = 0  # symbols before them that were not read

    @property
    def numbers(self) -> tuple[Number, ...]:
        return tuple(s for s in self.symbols if isinstance(s, Number))[:MOST]


def tidy(text: str) -> str:
    """Return a text without spaces and with half-width forms; `．`, Ape210K's full stop, becomes `。`."""
    plain = unicodedata.normalize("NFKC", text.replace("．", "。"))
    plain = plain.replace("×", "*").replace("÷", "/").replace("−", "-").replace("∕", "/").replace("⁄", "/")
    return re.sub(r"\s+", "", plain)


# ------------------------------------------------------------------------------------------------ numbers

_DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_HAN = "零〇一二两三四五六七八九十百千"
_NUMBER = re.compile(
    rf"(?P<mixed>\d+\(\d+/0*[1-9]\d*\))"
    rf"|(?P<bracketed>\(\d+/0*[1-9]\d*\))"
    rf"|(?P<hundredths>百分之(?P<h>\d+(?:\.\d+)?|[{_HAN}]+))"
    rf"|(?P<parts>(?P<below>\d+|[{_HAN}]+)分之(?P<above>\d+|[{_HAN}]+))"
    rf"|(?P<percent>\d+(?:\.\d+)?%)"
    rf"|(?P<discount>(?:\d+(?:\.\d+)?|[一二三四五六七八九]{{1,2}})折)"
    rf"|(?P<slash>\d+/0*[1-9]\d*)"
    rf"|(?P<decimal>\d+\.\d+)"
    rf"|(?P<integer>\d+)"
    rf"|(?P<chinese>(?:[二两三四五六七八九十]|一[十百千])[{_HAN}]*)"
)


def chinese_number(text: str) -> int | None:
    """Return the value of a Chinese numeral below 10,000 (`二十五` or, digit by digit, `二五` is 25), or None."""
    if not text or any(c not in _DIGITS and c not in _UNITS for c in text):
        return None
    if not any(c in _UNITS for c in text):
        return int("".join(str(_DIGITS[c]) for c in text))
    total, digit = 0, 1 if text[0] in _UNITS else 0
    for c in text:
        if c in _UNITS:
            total += (digit or 1) * _UNITS[c]
            digit = 0
        else:
            digit = _DIGITS[c]
    return total + digit


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else chinese_number(text)


def _ratio(above: int | None, below: int | None, text: str) -> Number | None:
    if above is None or not below:
        return None
    return Number(Fraction(above, below), "fraction", text or f"{above}/{below}")


def _discount(text: str) -> Number | None:
    digits = text[:-1]
    value = Fraction(digits) if digits[0].isdigit() else Fraction(chinese_number(digits) or 0)
    value = value / (100 if value >= 10 else 10)
    return Number(value, "discount", f"{value * 100}%".replace("/1%", "%")) if 0 < value < 1 else None


def _number(match: re.Match[str]) -> Number | None:
    """Return the number in a match of _NUMBER; None if it is none (a denominator of 0) or too long."""
    text, kind = match[0], match.lastgroup or ""
    if len(text) > DIGITS:
        return None
    if match["mixed"]:
        whole, above, below = (int(x) for x in re.findall(r"\d+", text))
        return Number(whole + Fraction(above, below), "mixed", text) if below else None
    if match["bracketed"] or match["slash"]:
        above, below = (int(x) for x in re.findall(r"\d+", text))
        return _ratio(above, below, "")
    if match["hundredths"]:
        whole_or_none = Fraction(match["h"]) if match["h"][0].isascii() else chinese_number(match["h"])
        return None if whole_or_none is None else Number(Fraction(whole_or_none) / 100, "percent", f"{whole_or_none}%")
    if match["parts"]:
        return _ratio(_whole(match["above"]), _whole(match["below"]), "")
    if match["percent"]:
        return Number(Fraction(text[:-1]) / 100, "percent", text)
    if match["discount"]:
        return _discount(text)
    if match["chinese"]:
        value = chinese_number(text)
        return None if value is None else Number(Fraction(value), "chinese", str(value))
    return Number(Fraction(text), "decimal" if kind == "decimal" else "integer", text)


def read(text: str) -> Question:
    """Return the symbols of a question; of a longer one, the last LONGEST."""
    text = tidy(text)
    symbols: list[str | Number] = []
    place = 0
    while place < len(text):
        match = _NUMBER.match(text, place)
        number = _number(match) if match else None
        if match is None or number is None:
            unread = match[0] if match and len(match[0]) > DIGITS else text[place]
            symbols += unread
            place += len(unread)
            continue
        symbols.append(number)
        place = match.end()
    return Question(tuple(symbols[-LONGEST:]), max(0, len(symbols) - LONGEST))
