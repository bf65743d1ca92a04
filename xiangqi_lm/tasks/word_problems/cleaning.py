"""Cleans Ape210K as it is distributed, with a count for every rule."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from . import answers
from .expression import BadExpression, Literal, Node, Operation, evaluate, parse, plain, render
from .problems import Problem, RawItem
from .questions import tidy

RULES = {  # changes, in the order of the report
    "prefix": "`x=` taken off",
    "spelling": "operators and brackets of other spellings, spaces",
    "percent": "a% -> a/100",
    "mixed": "a(b/c) -> a+b/c",
    "ratio": "a:b -> a/b",
    "whole": "*100% taken off: the form of the answer is decided apart",
    "brackets": "brackets that change nothing taken off",
}
REASONS = {  # reasons for dropping items
    "duplicate": "question given before",
    "unparsed": "expression does not parse",
    "no value": "expression has no value within the limits",
    "no answer": "answer is not a number",
    "differs": "expression does not give the answer",
}


class Cleaned(NamedTuple):
    """The problems kept, and the number of items that each rule changed and that were dropped for each reason."""

    problems: list[Problem]
    changed: dict[str, int]
    dropped: dict[str, int]


def clean(items: Iterable[RawItem]) -> Cleaned:
    """Return the items that can be learned from; every dropped item is counted under the first reason that applies."""
    kept: list[Problem] = []
    changed: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    seen: set[str] = set()
    for item in items:
        rules, found = clean_item(item)
        if isinstance(found, Problem) and found.question in seen:
            found = "duplicate"
        if isinstance(found, str):
            dropped[found] += 1
            continue
        seen.add(found.question)
        kept.append(found)
        changed.update(rules)
    return Cleaned(kept, {r: changed[r] for r in RULES}, {r: dropped[r] for r in REASONS})


def clean_item(item: RawItem) -> tuple[set[str], Problem | str]:
    """Return the rules that changed an item, and either the resulting problem or the reason for dropping it."""
    rules: set[str] = set()
    text = _noted(rules, "prefix", item.equation, re.sub(r"^\s*[xX]\s*[=＝]", "", item.equation))
    text = _noted(rules, "spelling", text, plain(text.replace("：", ":")))
    for rule, pattern in (("percent", r"%"), ("mixed", r"\d\(\d+/\d+\)"), ("ratio", r":")):
        if re.search(pattern, text):
            rules.add(rule)
    text = _noted(rules, "whole", text, re.sub(r"\*(?:100%|\(100%\))(?!\*\*)", "", text))
    try:
        written = parse(text)
    except BadExpression:
        return rules, "unparsed"
    node = spell_out(written)
    try:
        value = evaluate(node)
    except BadExpression:
        return rules, "no value"
    shorter = render(node)
    _noted(rules, "brackets", text.count("("), shorter.count("(") if shorter.count("(") < text.count("(") else None)
    answer = answers.spelled_out(item.answer)
    if not answers.is_number(answer):
        return rules, "no answer"
    if not answers.agrees(value, answer):
        return rules, "differs"
    return rules, Problem(tidy(item.question), (shorter,), (answer,), "ape210k")


def _noted(rules: set[str], rule: str, before: object, after: object) -> str:
    """Return `after`, and note the rule if it differs from `before`; None means no change."""
    if after is not None and after != before:
        rules.add(rule)
    return str(after)


def spell_out(node: Node) -> Node:
    """Return a tree in which percentages and mixed numbers are written as divisions and sums of plain numbers."""
    if isinstance(node, Operation):
        return Operation(node.operator, spell_out(node.left), spell_out(node.right))
    if node.text.endswith("%"):
        return Operation("/", spell_out(Literal(node.value * 100, node.text[:-1])), Literal(Fraction(100), "100"))
    if "(" in node.text:
        whole, above, below = re.findall(r"\d+", node.text)
        return Operation("+", _number(whole), Operation("/", _number(above), _number(below)))
    return node


def _number(text: str) -> Literal:
    return Literal(Fraction(text), text)
