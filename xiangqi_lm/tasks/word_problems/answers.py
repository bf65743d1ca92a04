"""Answers as texts: comparing a value with the given answer, and writing a value in the form its question expects."""

from __future__ import annotations

import re
from fractions import Fraction

from .expression import Node, literals, parse, plain
from .expression import evaluate as value_of
from .questions import chinese_number, tidy

# ------------------------------------------------------------------------------------------------ comparing

_ROUNDED = re.compile(r"-?\d+\.(\d+)(%?)|-?\d+()(%)")


def agrees(value: Fraction, answer: str) -> bool:
    """Return whether a value matches the answer, exactly or rounded to the answer's decimals.

    Raises BadExpression if the answer is neither a number nor an expression.
    """
    given = value_of(answer)
    if value == given:
        return True
    match = _ROUNDED.fullmatch(plain(answer))
    if match is None:
        return False
    decimals = len(match[1] or "") + (2 if match[2] or match[4] else 0)
    return abs(value - given) * 2 * 10**decimals <= 1


# ------------------------------------------------------------------------------------------------ writing

_PERCENT = re.compile(
    r"百分之[几多]|百分率|百分比|百分数|%[几多]|[多几]少?%|(?:率|浓度)(?:大?约?[是为达有]|多少|[?？。,，]|$)"
)
_NOT_PERCENT = re.compile(r"速率|频率|效率|圆周率|倍率")
_FRACTION = re.compile(r"几分之[几多]|[几多]分之|分数")
_ROUND = re.compile(r"(?:保留|精确到|留)(?:到)?(?:小数点后)?(整数|个位|十分位|百分位|千分位|[一二两三四1234]位小数?)")
_PLACES = {"整数": 0, "个位": 0, "十分位": 1, "百分位": 2, "千分位": 3}


def form(value: Fraction, question: str, node: Node) -> str:
    """Return the form in which to write a value: `percent`, `fraction`, `integer` or `decimal`."""
    text = tidy(question)
    ending = re.split(r"[,。;]", text.rstrip("。?,"))[-1]
    if _PERCENT.search(ending) and not _NOT_PERCENT.search(ending) and abs(value) <= 10:
        return "percent"
    if value.denominator == 1:
        return "integer"
    texts = [literal.text for literal in literals(node)]
    fractions = any("/" in t for t in texts) or re.search(r"\d/\d|分之", text) is not None
    decimals = any("." in t for t in texts) or "%" in text
    if _FRACTION.search(ending) or not _terminates(value) or (fractions and not decimals):
        return "fraction"
    return "decimal"


def _terminates(value: Fraction) -> bool:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def places(question: str) -> int | None:
    """Return the number of decimals to which a question wants its answer rounded; None if it does not say."""
    match = _ROUND.search(tidy(question))
    if match is None:
        return None
    words = match[1]
    if words in _PLACES:
        return _PLACES[words]
    return int(words[0]) if words[0].isascii() else chinese_number(words[0])


def write(value: Fraction, question: str, node: Node) -> str:
    """Return a value as text: `12.5`, `23`, `3/4`, `2(1/3)` or `93.75%`; rounded where the question asks for it, else
    exact, except that a repeating percentage has one decimal."""
    kind, rounding = form(value, question, node), places(question)
    if kind == "percent":
        return _decimal(value * 100, 1 if rounding is None else rounding, exact=rounding is None) + "%"
    if rounding is not None and value.denominator != 1:
        return _decimal(value, rounding, exact=False)
    if kind == "fraction":
        return fraction_text(value)
    return str(value) if kind == "integer" else _decimal(value, 0, exact=True)


def fraction_text(value: Fraction) -> str:
    """Return `3/4`, `2(1/3)` or `-2(1/3)`, or a whole number unchanged."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    sign = "-" if value < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}({rest}/{value.denominator})" if whole else f"{sign}{rest}/{value.denominator}"


def _decimal(value: Fraction, decimals: int, exact: bool) -> str:
    """Return a decimal; with `exact` all its digits if it terminates, otherwise rounded half up."""
    if exact and _terminates(value):
        decimals = 0
        while (value * 10**decimals).denominator != 1:
            decimals += 1
    scaled = abs(value) * 10**decimals
    digits = str(int(scaled + Fraction(1, 2))).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and digits.strip("0") else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def spelled_out(text: str) -> str:
    """Return an answer of Ape210K in the program's own form: `(11/20)` becomes `11/20`."""
    match = re.fullmatch(r"\((\d+/\d+)\)", plain(text))
    return match[1] if match else plain(text)


def is_number(text: str) -> bool:
    """Return whether an answer is a number, or an expression that has a value."""
    try:
        value_of(parse(text))
    except ValueError:
        return False
    return True
