"""Answers as texts: comparing a value with the given answer, and writing a value in the form its question expects."""

from __future__ import annotations

import re
from fractions import Fraction

from .expression import (
    Node,
    decimal_text,
    fraction_text,
    has_decimals,
    has_fractions,
    is_decimal,
    parse,
    plain,
    render,
    rounded,
)
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


_RATIO = re.compile(r"(?<!百分)比(?:例尺?)?(?:是|为|等于)(?:多少|几|什么)|几[比:]几|(?<!百分)比$")


def asked(question: str) -> str:
    """Return the last clause of a tidy question, without its full stop or question mark."""
    return re.split(r"[,。;?]", question.rstrip("。?,"))[-1]


def form(value: Fraction, question: str, node: Node) -> str:
    """Return the form in which to write a value: `percent`, `ratio`, `fraction`, `integer` or `decimal`."""
    text = tidy(question)
    ending = asked(text)
    if _RATIO.search(ending) and value > 0 and "/" in render(node):
        return "ratio"
    if _PERCENT.search(ending) and not _NOT_PERCENT.search(ending) and abs(value) <= 10:
        return "percent"
    if value.denominator == 1:
        return "integer"
    fractions = has_fractions(node) or re.search(r"\d/\d|分之", text) is not None
    decimals = has_decimals(node) or "%" in text
    if _FRACTION.search(ending) or not is_decimal(value) or (fractions and not decimals):
        return "fraction"
    return "decimal"


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
    """Return a value as text: `12.5`, `23`, `3/4`, `2(1/3)`, `3:2` or `93.75%`; rounded where the question asks for it,
    else exact, except that a repeating percentage has one decimal."""
    kind, rounding = form(value, question, node), places(question)
    if kind == "ratio":
        return f"{value.numerator}:{value.denominator}"
    if kind == "percent":
        hundredths = value * 100
        if rounding is None and is_decimal(hundredths):
            return decimal_text(hundredths) + "%"
        return rounded(hundredths, 1 if rounding is None else rounding) + "%"
    if rounding is not None and value.denominator != 1:
        return rounded(value, rounding)
    if kind == "fraction":
        return fraction_text(value)
    return str(value) if kind == "integer" else decimal_text(value)


_UNIT = re.compile(
    r"(?:多少|几)((?:个月|个?小时|分钟|平方千米|平方分米|平方厘米|平方米|立方分米|立方厘米|立方米|千米|公里|分米|厘米|毫米|公顷|千克|公斤"
    r"|毫升|分(?![之钟米数母子率])|年(?![龄级])|面(?![积粉包条值])"
    r"|[个米吨克斤升秒天岁元角度倍只头人名位棵辆本页支枝把张条朵盏间台艘户颗粒盆双套件箱袋瓶杯桶块道题次步层级根段筐盒包排行组队班份圈遍罐篮"
    r"枚顶株匹架节座幅])(?:[/每](?:小时|分钟|[时分秒天]))?)"
)


def units(question: str, parts: int) -> list[str]:
    """Return the unit of each part of an answer, as in 几只 or 多少平方厘米; empty where the question names none."""
    found = [match[1] for match in _UNIT.finditer(tidy(question))]
    if parts > 1 and len(found) == parts:
        return found
    inside = [match[1] for match in _UNIT.finditer(asked(tidy(question)))]
    return [inside[-1] if inside else ""] * parts


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
