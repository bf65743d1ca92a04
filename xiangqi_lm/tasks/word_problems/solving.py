"""From a question to its expression, steps, values and the solver's confidence."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import answers, calibration
from .calibration import Evidence
from .decoding import Hypothesis, decode
from .expression import BadExpression, Node, evaluate, literals, render, steps
from .model import Solver
from .questions import DIGITS, Question, read, tidy

_LONG = re.compile(rf"[\d.]{{{DIGITS + 1},}}")
NOTHING = "no expression with a value was found"
THRESHOLD = 0.6  # default threshold of confidence, if the model's card has none
FAMILIAR = 0.75  # share of a question's characters that must be known
# how much less likely a value below 0 is, a fraction where things are counted, and one value where two are asked for
NEGATIVE, BROKEN, MISSING = 0.02, 0.05, 0.04


@dataclass(frozen=True)
class Part:
    """One answer: its label and unit (empty if the question gives none), expression, steps with their values, value."""

    label: str
    expression: str
    steps: tuple[tuple[str, str], ...]
    value: Fraction
    text: str
    unit: str

    @property
    def answer(self) -> str:
        """Return the answer as people write it: 鸡 23只."""
        plain = not self.text.endswith("%") and ":" not in self.text
        return f"{self.label} {self.text}{self.unit if plain else ''}".strip()


@dataclass(frozen=True)
class Solution:
    """The answer to a question. `confidence` is the probability that it is right; `doubts` are the reasons for being
    unsure, empty if there are none; `evidence` is what the confidence is computed from, None without an answer."""

    question: str
    parts: tuple[Part, ...]
    confidence: float
    doubts: tuple[str, ...]
    evidence: Evidence | None = None

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
    strange = [_strange(model, text, question) for text, question in zip(texts, questions, strict=True)]
    found = [Solution(text, (), 0.0, (reason or NOTHING,)) for text, reason in zip(texts, strange, strict=True)]
    asked = [i for i, reason in enumerate(strange) if not reason]
    if asked:
        some = [questions[i] for i in asked]
        decoded = decode(model, some, beams, precision)
        surprises = calibration.surprise(model, some, precision)
        for i, hypotheses, surprise in zip(asked, decoded, surprises, strict=True):
            if candidates := _candidates(model, questions[i], hypotheses):
                found[i] = _solution(model, texts[i], questions[i], candidates, surprise)
    return found


def _solution(model: Solver, text: str, question: Question, candidates: list[_Candidate], surprise: float) -> Solution:
    whole, wanted = counts(text), asked_for(text)
    best = max(candidates, key=lambda c: c.mass * _plausibility(c.values, whole, wanted))
    labels, units = part_labels(text, len(best.trees)), answers.units(text, len(best.trees))
    parts = tuple(
        Part(label, render(tree), tuple(steps(tree)), value, answers.write(value, text, tree), unit)
        for label, tree, value, unit in zip(labels, best.trees, best.values, units, strict=True)
    )
    evidence = _evidence(question, best, surprise)
    calibrated = calibration.from_card(model.card)
    confidence = calibrated.probability(evidence) if calibrated else min(1.0, best.mass)
    return Solution(text, parts, confidence, tuple(_doubts(model, text, best, confidence)), evidence)


def _evidence(question: Question, best: _Candidate, surprise: float) -> Evidence:
    used = [literal.value for tree in best.trees for literal in literals(tree)]
    given = [number.value for number in question.numbers if number.kind != "chinese"]
    unused = sum(value not in used for value in given) / max(1, len(given))
    operations = len(used) - len(best.trees)
    denominator = max(value.denominator for value in best.values)
    return Evidence(
        calibration.log_odds(best.mass), unused, math.log1p(operations), math.log(min(denominator, 1000)), surprise
    )


_COUNTED = re.compile(
    r"(?:多少|几)(?:个|名|位|人|只|头|棵|辆|本|页|支|枝|把|张|条|朵|盏|间|台|艘|户|颗|粒|盆|双|套|天才|次才)(?!小时|月|分)"
)


def counts(question: str) -> bool:
    """Return whether a question asks for a number of indivisible things: 几只, 多少人; an average may be broken."""
    last = answers.asked(tidy(question))
    return "平均" not in last and _COUNTED.search(last) is not None


def asked_for(question: str) -> int:
    """Return how many values a question asks for, as far as its words show: two in 鸡兔各几只 and 有几人？几颗糖？"""
    sentences = [sentence for sentence in tidy(question).split("?") if sentence]
    both = len(sentences) > 1 and all(answers.units(sentence, 1)[0] for sentence in sentences[-2:])
    return 2 if both or any(part_labels(question, 2)) else 1


def _all_whole(values: tuple[Fraction, ...]) -> bool:
    return all(value.denominator == 1 for value in values)


def _plausibility(values: tuple[Fraction, ...], whole: bool, wanted: int) -> float:
    """Return a factor for the probability of an answer: most are not negative, counts are whole numbers, and nothing
    asked for is missing."""
    unlikely = {
        NEGATIVE: min(values) < 0,
        BROKEN: whole and not _all_whole(values),
        MISSING: len(values) < wanted,
    }
    return math.prod(factor for factor, holds in unlikely.items() if holds)


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


def _doubts(model: Solver, text: str, best: _Candidate, confidence: float) -> list[str]:
    """Return the reasons not to trust an answer."""
    threshold = model.card.get("threshold", THRESHOLD)
    found = {
        f"confidence {confidence:.1%} is below {threshold:.1%}": confidence < threshold,
        "the value is negative": min(best.values) < 0,
        "the question counts things, but the value is not whole": counts(text) and not _all_whole(best.values),
        "the question asks for two values, but one was found": len(best.values) < asked_for(text),
        "the expression uses no number of the question": not _uses_numbers(text, best.trees),
    }
    return [words for words, holds in found.items() if holds]


def _uses_numbers(text: str, trees: Sequence[Node]) -> bool:
    given = {number.value for number in read(text).numbers}
    return all(any(literal.value in given for literal in literals(tree)) for tree in trees)


def _strange(model: Solver, text: str, question: Question) -> str:
    """Return why a question cannot be answered, whatever the model would write; empty if it can."""
    characters = [s for s in question.symbols if isinstance(s, str)]
    known = sum(c in model.vocabulary.characters for c in characters)
    if not question.symbols:
        return "the question is empty"
    if question.left_out:
        length = len(question.symbols) + question.left_out
        return f"the question has {length:,} characters and numbers; at most {len(question.symbols)} are read"
    if long := _LONG.search(tidy(text)):
        return f"the question has a number of {len(long[0])} digits; at most {DIGITS} are read"
    if not question.numbers:
        return "the question gives no number"
    if not characters:
        return "the question is a number"
    if 2 * sum("\u4e00" <= c <= "\u9fff" for c in characters) < len(characters):
        return "the question is not in Chinese"
    if known < FAMILIAR * len(characters):
        return f"only {known} of {len(characters)} characters are known to the model"
    return ""


def as_json(solution: Solution) -> dict[str, Any]:
    """Return a solution as JSON data; values are exact fractions."""
    parts = [
        {
            "label": part.label,
            "expression": part.expression,
            "steps": [f"{step} = {value}" for step, value in part.steps],
            "value": str(part.value),
            "text": part.text,
            "unit": part.unit,
        }
        for part in solution.parts
    ]
    about = {"confidence": round(solution.confidence, 4), "sure": solution.sure, "doubts": list(solution.doubts)}
    return {"question": solution.question, "parts": parts, **about}


_PAIR = re.compile(r"([\u4e00-\u9fff])([\u4e00-\u9fff])(?:两\w)?(?:分别|各)[有是重长行养做花得]?[多几]")
_LIST = re.compile(
    r"([\u4e00-\u9fff]{1,9})[和与、]([\u4e00-\u9fff]{1,6}?)(?:的\w{1,3})?(?:两\w|今年|现在|原来)*"
    r"(?:分别|各)[\u4e00-\u9fff]{0,4}?(?:多少|几)"
)
_BEFORE = re.compile(  # what precedes the first name
    r"(?:.*(?:[问求有]|[它他她]们?的|那么|原来|现在|这时|其中)|.+[里中])(?=.)"
)
_PLACES = frozenset("上下里内中边前后处")  # not a pair of names: 架上各有几本


def part_labels(question: str, parts: int) -> list[str]:
    """Return the labels of an answer's parts, where the question names them: 鸡 and 兔 for 鸡兔各几只."""
    text = tidy(question)
    if parts == 2 and (match := _LIST.search(text)):
        return [_BEFORE.sub("", match[1]), match[2]]
    if parts == 2 and (match := _PAIR.search(text)) and match[2] not in _PLACES:
        return [match[1], match[2]]
    return [""] * parts
