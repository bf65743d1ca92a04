"""The accuracy of a solver: whole answers, on problems it has not seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from . import answers
from .calibration import Calibration, fitted
from .cleaning import clean_item
from .expression import BadExpression
from .families import FAMILIES
from .model import Solver
from .problems import Problem, RawItem, read
from .solving import Solution, solve

BATCH = 100


def to_measure(path: Path) -> list[Problem]:
    """Return the problems of a file; of Ape210K all with a numeric answer, the clean ones with source `ape210k`."""
    found = read(path)
    problems = [item for item in found if isinstance(item, Problem)]
    for item in found:
        if isinstance(item, RawItem) and answers.is_number(item.answer):
            kept = isinstance(clean_item(item)[1], Problem)
            source = "ape210k" if kept else "ape210k, expression not clean"
            problems.append(Problem(item.question, ("",), (answers.spelled_out(item.answer),), source))
    return problems


def right(solution: Solution, problem: Problem) -> bool:
    """Return whether every part of a problem is answered correctly, in order."""
    if len(solution.parts) != len(problem.answers):
        return False
    try:
        return all(answers.agrees(p.value, text) for p, text in zip(solution.parts, problem.answers, strict=True))
    except BadExpression:
        return False


def solved(
    model: Solver,
    problems: Sequence[Problem],
    beams: int,
    precision: str = "float32",
    report: Callable[[int], None] = lambda count: None,
) -> list[Solution]:
    """Return the solutions in order; `report` gets the number of problems just finished."""
    order = sorted(range(len(problems)), key=lambda i: len(problems[i].question))
    found: dict[int, Solution] = {}
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        found |= zip(some, solve(model, [problems[i].question for i in some], beams, precision), strict=True)
        report(len(some))
    return [found[i] for i in range(len(problems))]


def accuracy(marks: Sequence[bool]) -> dict[str, Any]:
    """Return the share of right answers with its 95 % interval (Wilson 1927)."""
    n, z = len(marks), 1.96
    if not n:
        return {"problems": 0}
    p = sum(marks) / n
    middle, half = p + z * z / (2 * n), z * ((p * (1 - p) + z * z / (4 * n)) / n) ** 0.5
    interval = [round((middle + s * half) / (1 + z * z / n), 4) for s in (-1, 1)]
    return {"problems": n, "right": sum(marks), "accuracy": round(p, 4), "interval": interval}


def measure(
    model: Solver,
    problems: Sequence[Problem],
    beams: int = 1,
    precision: str = "float32",
    report: Callable[[int], None] = lambda count: None,
) -> dict[str, Any]:
    """Return accuracy, in total and by source, and the sure answers: how many there are and how many are right."""
    solutions = solved(model, problems, beams, precision, report)
    marks = [right(s, p) for s, p in zip(solutions, problems, strict=True)]
    sources = sorted({p.source for p in problems})
    by = {s: accuracy([m for m, p in zip(marks, problems, strict=True) if p.source == s]) for s in sources}
    sure = [m for m, s in zip(marks, solutions, strict=True) if s.sure]
    return {"beams": beams, **accuracy(marks), "sure": accuracy(sure), "by_source": by}


def threshold(confidences: Sequence[float], marks: Sequence[bool], wanted: float) -> float:
    """Return the lowest confidence above which at least the wanted share of answers is right; 1.0 if there is none."""
    best, good = 1.0, 0
    for count, (confidence, mark) in enumerate(sorted(zip(confidences, marks, strict=True), reverse=True), 1):
        good += mark
        if good >= wanted * count:
            best = confidence
    return round(best, 3)


def calibrated(
    model: Solver, problems: Sequence[Problem], wanted: float, precision: str = "float32"
) -> tuple[Calibration, float]:
    """Return the calibration that fits a model's answers to problems it has not seen, and the confidence from which on
    at least the wanted share is right, among the generated problems and among the others."""
    solutions = solved(model, problems, 3, precision)
    found = [(s.evidence, right(s, p), p.source in FAMILIES) for s, p in zip(solutions, problems, strict=True)]
    answered = [(evidence, mark, made) for evidence, mark, made in found if evidence is not None]
    fit = fitted([evidence for evidence, _, _ in answered], [mark for _, mark, _ in answered])
    lowest = 0.0
    for kind in (True, False):
        chosen = [(fit.probability(evidence), mark) for evidence, mark, made in answered if made is kind]
        if chosen:
            lowest = max(lowest, threshold([c for c, _ in chosen], [m for _, m in chosen], wanted))
    return fit, lowest
