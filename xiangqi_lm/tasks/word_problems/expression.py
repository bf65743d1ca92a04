"""Arithmetic expressions: a parser, an exact evaluator and a printer, all with limits; nothing is passed to `eval`.

Grammar: `+ - * / ** ( )`, unary minus, decimals, percentages (`25%`), mixed numbers (`3(1/2)`), and `:` for division.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ...errors import XiangqiError

LONGEST = 400  # characters of an expression
DEEPEST = 40  # nested brackets, signs and powers
DIGITS = 30  # of a number
EXPONENT = 20  # largest exponent, positive or negative
DECIMALS = 12  # of a value that is written as a decimal
BITS = 4096  # of any numerator or denominator in the calculation


class BadExpression(XiangqiError):
    """An expression that does not parse, exceeds a limit or has no value; the message quotes the text."""


@dataclass(frozen=True)
class Literal:
    """A number as written; `text` is plain (`35`, `3.14`) or, if a question writes it so, `25%`, `1/4`, `3(1/2)`."""

    value: Fraction
    text: str


@dataclass(frozen=True)
class Operation:
    """Two operands joined by `+`, `-`, `*`, `/` or `**`."""

    operator: str
    left: Node
    right: Node


Node = Literal | Operation

# ------------------------------------------------------------------------------------------------ reading

_TOKEN = re.compile(r"(\d+\.\d+|\d+|\*\*|[-+*/:()%])", re.ASCII)
_SPELLINGS = str.maketrans({"×": "*", "÷": "/", "－": "-", "−": "-", "＋": "+", "（": "(", "）": ")", "：": ":",
                            "％": "%", "／": "/", "＊": "*", "[": "(", "]": ")", "{": "(", "}": ")", "．": "."}
                           | dict(zip("０１２３４５６７８９", "0123456789", strict=True)))  # fmt: skip


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:79] + "…")


def plain(text: str) -> str:
    """Return an expression with ASCII operators and brackets, and without spaces."""
    return re.sub(r"\s+", "", text).translate(_SPELLINGS).replace("^", "**")


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise BadExpression(
                f"expression {_shown(text)}: unexpected {text[place]!r} at character {place + 1}; "
                "expected numbers, + - * / ** ( ) and %"
            )
        found.append(match[0])
        place = match.end()
    return found


class _Reader:
    """Recursive descent over the tokens of one expression."""

    def __init__(self, text: str):
        self.text = text
        if len(text) > LONGEST:
            raise BadExpression(f"expression {_shown(text)}: {len(text)} characters; at most {LONGEST} are accepted")
        self.tokens, self.at, self.depth = _tokens(text), 0, 0

    def fail(self, expected: str) -> BadExpression:
        found = repr(self.tokens[self.at]) if self.at < len(self.tokens) else "the end"
        return BadExpression(f"expression {_shown(self.text)}: expected {expected}, found {found}")

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ""

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def sum(self) -> Node:
        node = self.product()
        while self.peek() in ("+", "-"):
            node = Operation(self.take(), node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while self.peek() in ("*", "/", ":"):
            operator = self.take()
            node = Operation("/" if operator == ":" else operator, node, self.signed())
        return node

    def signed(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadExpression(f"expression {_shown(self.text)}: nested deeper than {DEEPEST} levels")
        if self.peek() == "-":
            self.take()
            node: Node = Operation("-", Literal(Fraction(0), "0"), self.signed())
        else:
            node = self.percent()
            if self.peek() == "**":
                self.take()
                node = Operation("**", node, self.signed())
        self.depth -= 1
        return node

    def percent(self) -> Node:
        node = self.atom()
        if self.peek() != "%":
            return node
        self.take()
        if isinstance(node, Literal):
            return Literal(node.value / 100, node.text + "%")
        return Operation("/", node, Literal(Fraction(100), "100"))

    def atom(self) -> Node:
        if self.peek() == "(":
            self.take()
            node = self.sum()
            if self.peek() != ")":
                raise self.fail("a closing bracket")
            self.take()
            return node
        if not self.peek()[:1].isdigit():
            raise self.fail("a number or an opening bracket")
        text = self.take()
        if len(text) > DIGITS:
            raise BadExpression(f"expression {_shown(self.text)}: a number of more than {DIGITS} digits")
        if self.peek() == "(":
            return self.mixed(text)
        return Literal(Fraction(text), text)

    def mixed(self, whole: str) -> Node:
        """Read the `(b/c)` after the whole part of a mixed number."""
        parts = [self.peek(i) for i in range(5)]
        if not (parts[1].isdigit() and parts[2] == "/" and parts[3].isdigit() and parts[4] == ")" and whole.isdigit()):
            raise self.fail("an operator (a bracket may follow a number only in mixed numbers as 3(1/2))")
        if max(len(parts[1]), len(parts[3])) > DIGITS or not int(parts[3]):
            raise self.fail("a fraction below 1 after the whole part of a mixed number")
        self.at += 5
        return Literal(int(whole) + Fraction(int(parts[1]), int(parts[3])), f"{whole}({parts[1]}/{parts[3]})")


def parse(text: str) -> Node:
    """Return the tree of an expression; raise BadExpression with the text and what was expected."""
    reader = _Reader(plain(text))
    node = reader.sum()
    if reader.at < len(reader.tokens):
        raise reader.fail("an operator")
    return node


# ------------------------------------------------------------------------------------------------ values


def _limited(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS:
        raise BadExpression(f"a result of more than {BITS} bits: not computed")
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1 or abs(exponent) > EXPONENT:
        raise BadExpression(f"power {exponent}: whole exponents from -{EXPONENT} to {EXPONENT} are accepted")
    if exponent < 0 and not base:
        raise BadExpression("division by zero")
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if size * abs(exponent) > BITS:
        raise BadExpression(f"a result of more than {BITS} bits: not computed")
    return Fraction(base ** int(exponent))


def apply(operator: str, left: Fraction, right: Fraction) -> Fraction:
    """Return the exact result of one operation; raise BadExpression if it is undefined or too large."""
    if operator == "+":
        return _limited(left + right)
    if operator == "-":
        return _limited(left - right)
    if operator == "*":
        return _limited(left * right)
    if operator == "**":
        return _power(left, right)
    if not right:
        raise BadExpression("division by zero")
    return _limited(left / right)


def evaluate(node: Node | str) -> Fraction:
    """Return the exact value of a tree or a text; raise BadExpression if it has none."""
    if isinstance(node, str):
        node = parse(node)
    if isinstance(node, Literal):
        return node.value
    return apply(node.operator, evaluate(node.left), evaluate(node.right))


# ------------------------------------------------------------------------------------------------ printing

_RANK = {"+": 1, "-": 1, "*": 2, "/": 2, "**": 3}


def _rank(node: Node) -> int:
    """Return the precedence of a node's text; an inline fraction or mixed number counts as a division."""
    if isinstance(node, Operation):
        return _RANK[node.operator]
    return 2 if "/" in node.text and "(" not in node.text else 4


def render(node: Node) -> str:
    """Return the text of a tree with the fewest brackets that preserve it, but without those of `a+(b-c)` and
    `a*(b/c)`, which change no value; a fraction of two numbers keeps its own.
    """
    if isinstance(node, Literal):
        return node.text
    rank, operator = _RANK[node.operator], node.operator
    left, right = render(node.left), render(node.right)
    if _rank(node.left) < rank or (operator == "**" and _rank(node.left) <= rank):
        left = f"({left})"
    free = operator == "+" or (operator == "*" and not is_fraction(node.right))
    if _rank(node.right) < rank or (_rank(node.right) == rank and not free):
        right = f"({right})"
    return left + operator + right


def is_fraction(node: Node) -> bool:
    """Return whether a node is a fraction of two whole numbers, which people read as one number."""
    if isinstance(node, Literal):
        return "/" in node.text
    parts = (node.left, node.right)
    return node.operator == "/" and all(isinstance(p, Literal) and p.text.isdigit() for p in parts)


def literals(node: Node) -> Iterator[Literal]:
    """Yield the numbers of a tree from left to right."""
    if isinstance(node, Literal):
        yield node
    else:
        yield from literals(node.left)
        yield from literals(node.right)


def steps(node: Node) -> list[tuple[str, str]]:
    """Return each operation of a tree with plain operands and its value, innermost first, equal operations once.

    A fraction such as 1/10 is one number, not a step. Values are decimals where they have an end, except in expressions
    with fractions and without decimals.
    """
    fractions, decimal = has_fractions(node), not has_fractions(node) or has_decimals(node)
    found: dict[str, str] = {}

    def walk(part: Node) -> tuple[Fraction, str]:
        if isinstance(part, Literal):
            return part.value, part.text
        if fractions and part is not node and _is_proper(part):
            return evaluate(part), render(part)
        (left, first), (right, second) = walk(part.left), walk(part.right)
        value = apply(part.operator, left, right)
        text = decimal_text(value) if decimal and is_decimal(value) else fraction_text(value)
        if f"{first}{part.operator}{second}" != text:
            strong = _RANK[part.operator] > 1
            found.setdefault(f"{_operand(first, strong)} {part.operator} {_operand(second, strong)}", text)
        return value, text

    walk(node)
    return list(found.items())


def has_fractions(node: Node) -> bool:
    """Return whether fractions are among the numbers of a tree, as in 1/(1/10+1/15); a mere a/b is a division."""
    inner = any(part is not node for part in _proper_fractions(node))
    return inner or any("/" in literal.text for literal in literals(node))


def has_decimals(node: Node) -> bool:
    """Return whether decimals or percentages are among the numbers of a tree."""
    return any("." in literal.text or "%" in literal.text for literal in literals(node))


def _is_proper(node: Node) -> bool:
    """Return whether a node is a fraction below 1 in lowest terms, as 3/4, that people would not divide out."""
    if not isinstance(node, Operation) or not is_fraction(node):
        return False
    value = evaluate(node)
    return 0 < value < 1 and render(node) == str(value)


def _proper_fractions(node: Node) -> Iterator[Node]:
    if _is_proper(node):
        yield node
    elif isinstance(node, Operation):
        yield from _proper_fractions(node.left)
        yield from _proper_fractions(node.right)


def _operand(text: str, strong: bool) -> str:
    """Return an operand's text, in brackets if it is negative, or a fraction beside `*`, `/` or `**` (`strong`)."""
    return f"({text})" if text.startswith("-") or (strong and "/" in text and "(" not in text) else text


def is_decimal(value: Fraction) -> bool:
    """Return whether a value can be written with at most DECIMALS decimals."""
    return (value * 10**DECIMALS).denominator == 1


def decimal_text(value: Fraction) -> str:
    """Return all decimals of a value that has finitely many."""
    decimals = 0
    while (value * 10**decimals).denominator != 1:
        decimals += 1
    return rounded(value, decimals)


def rounded(value: Fraction, decimals: int) -> str:
    """Return a value with a number of decimals, rounded half up."""
    scaled = abs(value) * 10**decimals
    digits = str(int(scaled + Fraction(1, 2))).rjust(decimals + 1, "0")
    sign = "-" if value < 0 and digits.strip("0") else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)


def fraction_text(value: Fraction) -> str:
    """Return `3/4`, `2(1/3)` or `-2(1/3)`, or a whole number unchanged."""
    whole, rest = divmod(abs(value.numerator), value.denominator)
    sign = "-" if value < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    return f"{sign}{whole}({rest}/{value.denominator})" if whole else f"{sign}{rest}/{value.denominator}"
