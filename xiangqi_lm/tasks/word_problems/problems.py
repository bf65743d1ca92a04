"""Word problems as files: JSON lines of our own, or Ape210K as it is distributed."""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from ...errors import BadRecord
from ...files import write_text
from .expression import BadExpression, evaluate


@dataclass(frozen=True)
class Problem:
    """A question, the expression of each of its parts, and their answers as texts."""

    question: str
    expressions: tuple[str, ...]
    answers: tuple[str, ...]
    source: str = ""  # the family or collection that it comes from


@dataclass(frozen=True)
class RawItem:
    """An item of Ape210K: `equation` is `x=…`, `answer` a number as people write it."""

    question: str
    equation: str
    answer: str


def _opened(path: Path) -> IO[str]:
    openers: dict[str, Any] = {".xz": lzma.open, ".gz": gzip.open}
    return openers.get(path.suffix, open)(path, "rt", encoding="utf-8")


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line numbers and objects; raise BadRecord naming a line that is not a JSON object."""
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                try:
                    item = json.loads(line)
                except ValueError as fault:
                    raise BadRecord(f"not JSON: {line.strip()[:80]!r}", source=f"{path}:{number}") from fault
                if not isinstance(item, dict):
                    raise BadRecord(f"expected an object, found {line.strip()[:80]!r}", source=f"{path}:{number}")
                yield number, item
    except (UnicodeDecodeError, lzma.LZMAError, EOFError, gzip.BadGzipFile) as fault:
        raise BadRecord(f"not UTF-8 text, or a damaged archive: {fault}", source=str(path)) from fault


def _text(item: dict[str, Any], key: str, place: str) -> str:
    if not isinstance(value := item.get(key), str):
        raise BadRecord(f"expected a text under {key!r}", source=place)
    return value


def _texts(item: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    value = item.get(key)
    if not isinstance(value, list) or not value or not all(isinstance(x, str) for x in value):
        raise BadRecord(f"expected a list of texts under {key!r}", source=place)
    return tuple(value)


def _expressions(item: dict[str, Any], key: str, place: str) -> tuple[str, ...]:
    texts = _texts(item, key, place)
    try:
        for text in texts:
            evaluate(text)
    except BadExpression as fault:
        raise BadRecord(f"{key}: {fault}", source=place) from fault
    return texts


def read(path: Path) -> list[Problem] | list[RawItem]:
    """Return the problems of a file (`.jsonl`, also `.xz` or `.gz`): Problems, or RawItems for lines of Ape210K.

    Raises BadRecord naming a line that is neither, or whose expressions or answers have no value, and for a file
    without lines.
    """
    problems: list[Problem] = []
    raw: list[RawItem] = []
    for number, item in _lines(path):
        place = f"{path}:{number}"
        if "equation" in item:
            texts = [_text(item, key, place) for key in ("original_text", "equation", "ans")]
            raw.append(RawItem(*texts))
        else:
            expressions, answers = (_expressions(item, key, place) for key in ("expressions", "answers"))
            if len(expressions) != len(answers):
                raise BadRecord(f"{len(expressions)} expressions but {len(answers)} answers", source=place)
            problems.append(Problem(_text(item, "question", place), expressions, answers, str(item.get("source", ""))))
        if raw and problems:
            raise BadRecord("Ape210K's lines and our own in one file", source=place)
    if not (raw or problems):
        raise BadRecord("expected a problem a line, found none", source=str(path))
    return raw or problems


def lines(problems: Iterable[Problem]) -> str:
    """Return problems as JSON lines."""
    return "".join(json.dumps(asdict(problem), ensure_ascii=False) + "\n" for problem in problems)


def write(path: Path, problems: Iterable[Problem]) -> None:
    """Write problems as JSON lines, atomically."""
    write_text(path, lines(problems))
