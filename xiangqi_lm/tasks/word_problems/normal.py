"""A normal form of expressions: the question's numbers as single literals, chains of operations flat and ordered.

`(35*4-94)/2`, `(4*35-94)/2` and `((4*35)-94)/2` become the same tree, so that a model has less to distinguish.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from .expression import Literal, Node, Operation, evaluate, literals
from .questions import Number

Term = tuple[int, Node]  # +1 or -1: added or subtracted; multiplied or divided by


# ------------------------------------------------------------------------------------------------ literals


def fold(node: Node, numbers: Sequence[Number]) -> Node:
    """Return a tree in which a division of whole numbers that is a number of the question, as 25/100 is `25%`, becomes
    one literal."""
    known = {n.value: n.text for n in numbers if n.kind not in ("integer", "chinese")}
    if isinstance(node, Literal):
        return Literal(node.value, known[node.value]) if node.value in known else node
    if _spelled(node) and (value := _value(node)) is not None and value in known:
        return Literal(value, known[value])
    return Operation(node.operator, fold(node.left, numbers), fold(node.right, numbers))


def _value(node: Node) -> Fraction | None:
    try:
        return evaluate(node)
    except ValueError:
        return None


def _spelled(node: Node) -> bool:
    """Return whether a tree is b/c or a+b/c of numbers: another spelling of one number."""
    if not isinstance(node, Operation):
        return False
    if node.operator == "+":
        return isinstance(node.left, Literal) and isinstance(node.right, Operation) and _spelled(node.right)
    return node.operator == "/" and isinstance(node.left, Literal) and isinstance(node.right, Literal)


# ------------------------------------------------------------------------------------------------ chains


def normal(node: Node, numbers: Sequence[Number] = ()) -> Node:
    """Return the normal form: same value, sums and products flattened, their parts ordered by the question's numbers,
    constants last, repeated factors as powers. Raises BadExpression if the tree has no value."""
    evaluate(node)
    places: dict[Fraction, int] = {}
    for i, number in enumerate(numbers):
        places.setdefault(number.value, i)
    return _normal(fold(node, numbers), places)


def _normal(node: Node, places: dict[Fraction, int]) -> Node:
    node = _expanded(node)
    if isinstance(node, Literal):
        return node
    if node.operator in "+-":
        return _chain(_flat(node, "+", "-", places), "+", "-", Fraction(0), places)
    if node.operator in "*/":
        factors = [t for t in _flat(node, "*", "/", places) if not _is(t[1], 1)]
        return _chain(_powers(factors), "*", "/", Fraction(1), places)
    base, exponent = _normal(node.left, places), _normal(node.right, places)
    return base if _is(exponent, 1) else Operation("**", base, exponent)


def _is(node: Node, value: int) -> bool:
    return isinstance(node, Literal) and node.value == value


def _flat(node: Node, plus: str, minus: str, places: dict[Fraction, int]) -> list[Term]:
    """Return the parts of a chain of two inverse operators."""
    node = _expanded(node)
    if isinstance(node, Operation) and node.operator in (plus, minus):
        sign = 1 if node.operator == plus else -1
        right = [(sign * s, part) for s, part in _flat(node.right, plus, minus, places)]
        return _flat(node.left, plus, minus, places) + right
    return [(1, _normal(node, places))]


def _expanded(node: Node) -> Node:
    """Return a small power of a product or quotient as a product: (a/b)**2 as a/b*(a/b)."""
    if not isinstance(node, Operation) or not (times := _repeats(node)):
        return node
    base = node.left
    if not isinstance(base, Operation) or base.operator not in "*/":
        return node
    square = Operation("*", base, base)
    return square if times == 2 else Operation("*", square, base)


def _repeats(node: Node) -> int:
    """Return the exponent if the node is a square or a cube, else 0."""
    if not isinstance(node, Operation) or node.operator != "**" or not isinstance(node.right, Literal):
        return 0
    return int(node.right.value) if node.right.value in (2, 3) else 0


def _powers(factors: list[Term]) -> list[Term]:
    """Return factors with repeated ones as a power, such as `12**2`; small whole powers count as repeated factors."""
    counts: dict[tuple[int, Node], int] = {}
    for sign, node in factors:
        count = _repeats(node) or 1
        if count > 1:
            assert isinstance(node, Operation)
            node = node.left
        counts[sign, node] = counts.get((sign, node), 0) + count
    return [
        (sign, node if n == 1 else Operation("**", node, Literal(Fraction(n), str(n))))
        for (sign, node), n in counts.items()
    ]


def _chain(terms: list[Term], plus: str, minus: str, neutral: Fraction, places: dict[Fraction, int]) -> Node:
    """Return the ordered chain; it begins with the neutral number if every part is subtracted or divided by."""
    ordered = sorted(terms, key=lambda term: (-term[0], _key(term[1], places)))
    start: Node = Literal(neutral, str(neutral))
    if ordered and ordered[0][0] > 0:
        start = ordered.pop(0)[1]
    for sign, node in ordered:
        start = Operation(plus if sign > 0 else minus, start, node)
    return start


def _key(node: Node, places: dict[Fraction, int]) -> tuple[int, int, str]:
    """Return the sorting key: first number of the question in the part, size, text; constants come last."""
    found = [literal.value for literal in literals(node)]
    first = min((places[value] for value in found if value in places), default=len(places))
    return (first, len(found), " ".join(f"{float(value):.9g}" for value in found))
