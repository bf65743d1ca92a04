"""What the solver reads and writes: characters, numbers as pointers, operators, constants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from .config import SolverConfig
from .expression import BadExpression, Literal, Node, Operation, literals, parse
from .normal import fold, normal
from .problems import Problem
from .questions import KINDS, MOST, Number, Question, read

PAD, UNKNOWN, HIDDEN, START, NUMBER = range(5)  # tokens; then those of the outputs, then characters
END, NEXT = "end", ";"
SIGNS = (END, NEXT, "+", "-", "*", "/", "**", "(", ")")
OUTPUTS_FROM = 5
USUAL = "0 1 2 3 4 5 6 7 8 9 10 11 12 14 15 16 20 24 25 30 31 50 60 80 90 100 180 360 365 1000 10000 100000 0.5 3.14"
MAGNITUDES = (Fraction(0), Fraction(1), Fraction(2), Fraction(3), Fraction(5), Fraction(10), Fraction(20),
              Fraction(50), Fraction(100), Fraction(500), Fraction(1000), Fraction(10000))  # fmt: skip
PARTS = 4  # the most answers of one question
LONGEST = 60  # the most outputs of an answer, including END


class Columns(NamedTuple):
    """The columns of one row: tokens, and for numbers their place in the question, kind and size (0 elsewhere)."""

    tokens: list[int]
    places: list[int]
    kinds: list[int]
    sizes: list[int]

    def add(self, token: int, place: int = 0, kind: int = 0, size: int = 0) -> None:
        for column, value in zip(self, (token, place, kind, size), strict=True):
            column.append(value)


@dataclass(frozen=True)
class Example:
    """An encoded problem: the columns of the question (START last) and of the expression, and for each column from
    START on the right outputs.
    """

    columns: Columns
    prefix: int  # columns of the question, including START
    numbers: tuple[int, ...]  # the columns of the question's numbers
    targets: tuple[tuple[int, ...], ...]


class Vocabulary:
    """Tokens to read and outputs to write; the outputs are SIGNS, constants, then pointers to numbers."""

    def __init__(self, config: SolverConfig):
        self.constants = tuple(config.constants.split())
        self.characters = {c: i for i, c in enumerate(config.characters)}
        self.signs = {sign: i for i, sign in enumerate(SIGNS)}
        self.pointers_from = len(SIGNS) + len(self.constants)  # outputs from here on are pointers
        self.outputs = self.pointers_from + MOST
        self.characters_from = OUTPUTS_FROM + self.pointers_from
        self.tokens = self.characters_from + len(self.characters)

    @cached_property
    def constant_of(self) -> dict[Fraction, int]:
        """Return the output of each constant's value."""
        return {Fraction(text): len(SIGNS) + i for i, text in enumerate(self.constants)}

    # -------------------------------------------------------------------------------------------- reading

    def question(self, question: Question) -> tuple[Columns, tuple[int, ...]]:
        """Return the columns of a question with START, and the columns of its numbers."""
        columns = Columns([], [], [], [])
        places: list[int] = []
        for symbol in question.symbols:
            if isinstance(symbol, Number):
                if len(places) == MOST:
                    columns.add(UNKNOWN)
                    continue
                places.append(len(columns.tokens))
                columns.add(NUMBER, len(places), *_features(symbol))
            else:
                known = self.characters.get(symbol)
                columns.add(UNKNOWN if known is None else self.characters_from + known)
        columns.add(START)
        return columns, tuple(places)

    def column(self, output: int, numbers: Sequence[Number]) -> tuple[int, int, int, int]:
        """Return the column in which a written output is read."""
        if output < self.pointers_from:
            return OUTPUTS_FROM + output, 0, 0, 0
        place = output - self.pointers_from
        return (NUMBER, place + 1, *_features(numbers[place]))

    # -------------------------------------------------------------------------------------------- writing

    def sources(self, value: Fraction, numbers: Sequence[Number]) -> tuple[int, ...]:
        """Return the outputs for a value: pointers first, then the constant; empty if there are none."""
        pointers = [self.pointers_from + i for i, number in enumerate(numbers) if number.value == value]
        constant = self.constant_of.get(value)
        return tuple(pointers) + (() if constant is None else (constant,))

    def groups(self, numbers: Sequence[Number]) -> list[int]:
        """Return for each output the one that it counts with: the first of the same value."""
        groups = list(range(self.outputs))
        for place, number in enumerate(numbers):
            for output in (first := self.sources(number.value, numbers)):
                groups[output] = first[0]
            assert groups[self.pointers_from + place] == first[0]
        return groups

    def write(self, nodes: Sequence[Node], numbers: Sequence[Number]) -> tuple[tuple[int, ...], ...] | None:
        """Return the right outputs of each step, END last; None if a number has no source."""
        steps: list[tuple[int, ...]] = []
        for i, node in enumerate(nodes):
            steps += [(self.signs[NEXT],)] if i else []
            for piece in _pieces(node):
                found = (self.signs[piece],) if isinstance(piece, str) else self.sources(piece.value, numbers)
                if not found:
                    return None
                steps.append(found)
        return (*steps, (self.signs[END],))

    def text(self, outputs: Sequence[int], numbers: Sequence[Number]) -> list[str]:
        """Return the expressions that outputs spell, without END."""
        parts = [""]
        for output in outputs:
            if output < len(SIGNS):
                sign = SIGNS[output]
                if sign == NEXT:
                    parts.append("")
                elif sign != END:
                    parts[-1] += sign
            elif output < self.pointers_from:
                parts[-1] += self.constants[output - len(SIGNS)]
            else:
                text = numbers[output - self.pointers_from].text
                parts[-1] += f"({text})" if "/" in text and "(" not in text else text
        return parts

    def trees(self, outputs: Sequence[int], numbers: Sequence[Number]) -> list[Node]:
        """Return the trees that outputs spell; raises BadExpression if they do not parse."""
        return [fold(parse(text), numbers) for text in self.text(outputs, numbers)]

    def example(self, problem: Problem) -> Example | None:
        """Return an encoded problem; None if its expressions cannot be written with these outputs."""
        question = read(problem.question)
        numbers = question.numbers
        try:
            nodes = [normal(parse(text), numbers) for text in problem.expressions]
        except BadExpression:
            return None
        targets = self.write(nodes, numbers) if len(nodes) <= PARTS else None
        if targets is None or len(targets) > LONGEST:
            return None
        columns, places = self.question(question)
        prefix = len(columns.tokens)
        for sources in targets[:-1]:
            columns.add(*self.column(sources[0], numbers))
        return Example(columns, prefix, places, targets)


def _features(number: Number) -> tuple[int, int]:
    """Return kind and size of a number, from 1 on."""
    return KINDS.index(number.kind) + 1, sum(number.value >= m for m in MAGNITUDES) + 1


def _pieces(node: Node) -> list[str | Literal]:
    """Return the signs and numbers of a tree's text in order, bracketed like `expression.render`."""
    if isinstance(node, Literal):
        return [node]
    rank = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}
    mine = rank[node.operator]

    def side(part: Node, bracketed: bool) -> list[str | Literal]:
        return ["(", *_pieces(part), ")"] if bracketed else _pieces(part)

    left = rank[node.left.operator] if isinstance(node.left, Operation) else 4
    right = rank[node.right.operator] if isinstance(node.right, Operation) else 4
    first = side(node.left, left < mine or (node.operator == "**" and left <= mine))
    second = side(node.right, right < mine or (right == mine and node.operator in ("-", "/", "**")))
    return [*first, node.operator, *second]


# ------------------------------------------------------------------------------------------------ making one


def filled(
    config: SolverConfig,
    problems: Iterable[Problem],
    known: Iterable[str] = (),
    least: int = 2,
    constant_least: int = 3,
) -> SolverConfig:
    """Return the configuration with the vocabulary of problems: the known characters and those that occur in at least
    `least` of them, and the USUAL constants with those that at least `constant_least` expressions use."""
    characters: Counter[str] = Counter(dict.fromkeys(known, least))
    constants: Counter[Fraction] = Counter()
    for problem in problems:
        question = read(problem.question)
        characters.update({s for s in question.symbols if isinstance(s, str)})
        given = {number.value for number in question.numbers}
        for text in problem.expressions:
            try:
                node = normal(parse(text), question.numbers)
            except BadExpression:
                continue
            constants.update({literal.value for literal in literals(node)} - given)
    usual = {Fraction(text): text for text in USUAL.split()}
    extra = [v for v, n in constants.most_common() if n >= constant_least and v not in usual and _plain(v)]
    texts = [*usual.values(), *(_plain(v) for v in sorted(extra))]
    known = "".join(sorted(c for c, n in characters.items() if n >= least))
    return replace(config, characters=known, constants=" ".join(texts))


def _plain(value: Fraction) -> str:
    """Return a value as a plain decimal of at most 4 decimals; empty if it has more."""
    if value < 0 or (value * 10000).denominator != 1:
        return ""
    return f"{float(value):.4f}".rstrip("0").rstrip(".") if value < 10**9 else ""
