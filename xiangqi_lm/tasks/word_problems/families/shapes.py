"""The building blocks of a family of problems: numbers that fit together, wordings, and the expressions asked for.

In a wording `{a}` is a number, `<甲|乙|>` one of several texts, and `[fruit]` a word from LEXICON, the same word for the
same name; names that end in a digit, such as `[person1]` and `[person2]`, are different words from one list.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Numbers = Mapping[str, int | str]  # texts are numbers as the question writes them: 2.5, 25%, (3/4)
Kind = Mapping[str, str]  # texts that are put in for capital letters: {"A": "鸡"} for [A]
HELD = 4  # every HELD-th statement of a relation is held out


class Wording(NamedTuple):
    """A question, its expressions, and the drawn quantities that are asked for, separated by `;` if there are several.

    The generator does not read the asked quantities: they are the values that `draw` started from, by which tests check
    the expression.
    """

    text: str
    expression: str
    asked: str = ""
    free: bool = False  # whether neighbouring clauses that give numbers may change places


@dataclass(frozen=True)
class Shape:
    """Relations between the same numbers: how they are drawn, the wordings, and those never used in training."""

    draw: Callable[[random.Random], Numbers]
    wordings: tuple[Wording, ...]
    held_out: tuple[Wording, ...]


@dataclass(frozen=True)
class Family:
    """A classic kind of problem."""

    name: str
    title: str
    shapes: tuple[Shape, ...]


def told(
    draw: Callable[[random.Random], Numbers],
    statements: Sequence[str],
    asks: Mapping[str, tuple[str, str]],
    kinds: Sequence[Kind] = ({},),
    free: bool = False,
) -> Shape:
    """Return a shape in which every statement is combined with every question and with the things of every kind.

    `asks` gives the expression and the question for each asked quantity, by the name that `draw` gives it ("" if it
    gives none). The question comes last, or where a statement has [ASK]. At least a quarter of the statements are held
    out, with all questions: the fourth, the eighth and so on, and the last. In `free` statements the order of the facts
    does not matter.
    """
    last = len(statements) - 1
    found: tuple[list[Wording], list[Wording]] = ([], [])
    for place, statement in enumerate(statements):
        framed = statement if "[ASK]" in statement else statement + "，[ASK]"
        for asked, (expression, question) in asks.items():
            for kind in kinds:
                text = framed.replace("[ASK]", question)
                for letter, word in kind.items():
                    text = text.replace(f"[{letter}]", word)
                found[place % HELD == HELD - 1 or place == last].append(Wording(text, expression, asked, free))
    return Shape(draw, tuple(found[0]), tuple(found[1]))


def same(expression: str, *texts: str) -> tuple[Wording, ...]:
    """Return wordings that all ask for the same expression."""
    return tuple(Wording(text, expression) for text in texts)


def integer(rng: random.Random, low: int, high: int) -> int:
    """Return a whole number from low to high inclusive; in wide ranges small numbers are drawn more often."""
    if high < 20 * max(low, 1):
        return rng.randint(low, high)
    return round(max(low, 1) * (high / max(low, 1)) ** rng.random())
