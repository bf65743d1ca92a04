"""From a question to its expression, steps, values and the solver's confidence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import answers
from .decoding import Hypothesis, decode
from .expression import BadExpression, Node, evaluate, render, steps
from .model import Solver
from .questions import Question, read, tidy

THRESHOLD = 0.6  # default threshold of confidence, if the model's card has none
FAMILIAR = 0.75  # share of a question's characters that must be known


@dataclass(frozen=True)
class Part:
    """One answer: its label (empty if the question gives none), expression, steps with their values, value."""

    label: str
    expression: str
    steps: tuple[tuple[str, Fraction], ...]
    value: Fraction
    text: str


@dataclass(frozen=True)
class Solution:
    """The answer to a question; `confidence` is the probability of its values among all expressions considered, and
    `doubts` are the reasons why it is unsure, if any."""

    question: str
    parts: tuple[Part, ...]
    confidence: float
    doubts: tuple[str, ...]

    @property
    def sure(self) -> bool:
        return not self.doubts


@dataclass
class _Candidate:
    """Hypotheses with equal values."""

    trees: list[Node]
    values: tuple[Fraction, ...]
    mass: float


def solve(model: Solver, texts: Sequence[str], beams: int = 3, precision: str = "float32") -> list[Solution]:
    """Return the solution of each question; hypotheses with equal values vote together (self-consistency)."""
    questions = [read(text) for text in texts]
    found: list[list[Hypothesis]] = [[] for _ in questions]
    asked = [i for i, q in enumerate(questions) if q.symbols]
    if asked:
        decoded = decode(model, [questions[i] for i in asked], beams, precision)
        for i, hypotheses in zip(asked, decoded, strict=True):
            found[i] = hypotheses
    return [_solution(model, *given) for given in zip(texts, questions, found, strict=True)]


def _solution(model: Solver, text: str, question: Question, hypotheses: list[Hypothesis]) -> Solution:
    candidates = _candidates(model, question, hypotheses)
    if not candidates:
        return Solution(text, (), 0.0, ("no expression with a value was found", *_strange(model, question)))
    whole = counts(text)
    best = max(candidates, key=lambda c: (min(c.values) >= 0, not whole or _all_whole(c.values), c.mass))
    labels = part_labels(text, len(best.trees))
    parts = tuple(
        Part(label, render(tree), tuple(steps(tree)), value, answers.write(value, text, tree))
        for label, tree, value in zip(labels, best.trees, best.values, strict=True)
    )
    return Solution(text, parts, min(1.0, best.mass), tuple(_doubts(model, question, best)))


_COUNTED = re.compile(
    r"(?:多少|几)(?:个|名|位|人|只|头|棵|辆|本|页|支|枝|把|张|条|朵|盏|间|台|艘|户|颗|粒|盆|双|套|天才|次才)(?!小时|月|分)"
)


def counts(question: str) -> bool:
    """Return whether a question asks for a number of indivisible things: 几只, 多少人."""
    return _COUNTED.search(re.split(r"[,。;]", tidy(question).rstrip("。?,"))[-1]) is not None


def _all_whole(values: tuple[Fraction, ...]) -> bool:
    return all(value.denominator == 1 for value in values)


def _candidates(model: Solver, question: Question, hypotheses: list[Hypothesis]) -> list[_Candidate]:
    """Return the hypotheses that have values, grouped by equal values, each with the trees of its likeliest one."""
    found: dict[tuple[Fraction, ...], _Candidate] = {}
    for hypothesis in hypotheses:
        try:
            trees = model.vocabulary.trees(hypothesis.outputs, question.numbers)
            values = tuple(evaluate(tree) for tree in trees)
        except BadExpression:
            continue
        candidate = found.setdefault(values, _Candidate(trees, values, 0.0))
        candidate.mass += math.exp(hypothesis.score)
    return list(found.values())


def _doubts(model: Solver, question: Question, best: _Candidate) -> list[str]:
    """Return the reasons not to trust an answer."""
    doubts = _strange(model, question)
    threshold = model.card.get("threshold", THRESHOLD)
    if best.mass < threshold:
        doubts.append(f"confidence {best.mass:.0%} is below {threshold:.0%}")
    if min(best.values) < 0:
        doubts.append("the value is negative")
    return doubts


def _strange(model: Solver, question: Question) -> list[str]:
    """Return what is unusual about a question, whatever its answer."""
    doubts = []
    characters = [s for s in question.symbols if isinstance(s, str)]
    known = sum(c in model.vocabulary.characters for c in characters)
    if known < FAMILIAR * len(characters):
        doubts.append(f"only {known} of {len(characters)} characters are known to the model")
    if not question.numbers:
        doubts.append("the question gives no number")
    return doubts


def as_json(solution: Solution) -> dict[str, Any]:
    """Return a solution as JSON data; values are exact fractions."""
    parts = [
        {
            "label": part.label,
            "expression": part.expression,
            "steps": [f"{step} = {value}" for step, value in part.steps],
            "value": str(part.value),
            "text": part.text,
        }
        for part in solution.parts
    ]
    about = {"confidence": round(solution.confidence, 4), "sure": solution.sure, "doubts": list(solution.doubts)}
    return {"question": solution.question, "parts": parts, **about}


_PAIR = re.compile(r"([\u4e00-\u9fff])([\u4e00-\u9fff])(?:两\w)?(?:分别|各)[有是重长行养做花得]?[多几]")
_LIST = re.compile(r"([\u4e00-\u9fff]{1,6})[和与、]([\u4e00-\u9fff]{1,6}?)(?:的\w{1,3})?(?:分别|各)\w?[多几]")


def part_labels(question: str, parts: int) -> list[str]:
    """Return the labels of an answer's parts, where the question names them: 鸡 and 兔 for 鸡兔各几只."""
    text = tidy(question)
    if parts == 2 and (match := _LIST.search(text) or _PAIR.search(text)):
        return [match[1], match[2]]
    return [""] * parts
