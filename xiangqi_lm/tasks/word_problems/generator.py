"""Generates Chinese problems of the classic families: matching numbers in one of many wordings."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from . import answers
from .expression import evaluate, parse
from .families import FAMILIES, Family
from .families.phrasing import LEADS, LEXICON, MOVED, OPENINGS, SYNONYMS, rearranged, varied
from .families.shapes import Numbers
from .normal import normal
from .problems import Problem
from .questions import read, tidy

_CHOICE = re.compile(r"<([^<>]*)>")
_WORD = re.compile(r"\[([a-z]+)(\d?)\]")
_SLOT = re.compile(r"\{(\w+)\}(?=([\u4e00-\u9fff]?))")
_NAMES = re.compile(r"\{\w+\}|\[\w+\]")
_HAN = "零一两三四五六七八九十"
SPELLED = 0.08  # share of small whole numbers written in Chinese


def generate(rng: random.Random, families: Sequence[str] = (), held_out: bool = False) -> Problem:
    """Return a problem of one of the named families, or of any family; with `held_out` in a wording that is otherwise
    never used."""
    family = FAMILIES[rng.choice(tuple(families) or tuple(FAMILIES))]
    return make(rng, family, held_out)


def make(rng: random.Random, family: Family, held_out: bool = False) -> Problem:
    """Return a problem of a family."""
    shapes = [(shape, found) for shape in family.shapes if (found := shape.held_out if held_out else shape.wordings)]
    shape, wordings = rng.choices(shapes, [len(found) ** 0.5 for _, found in shapes])[0]
    wording = rng.choice(wordings)
    numbers = shape.draw(rng)
    question = worded(rng, wording.text, numbers, wording.free)
    texts = tuple(text.format(**numbers) for text in wording.expression.split(";"))
    given = read(question).numbers
    nodes = [normal(parse(text), given) for text in texts]
    values = [answers.write(evaluate(node), question, node) for node in nodes]
    return Problem(question, texts, tuple(values), family.name)


def characters() -> set[str]:
    """Return every character that can occur in generated questions."""
    shapes = [shape for family in FAMILIES.values() for shape in family.shapes]
    texts = [wording.text for shape in shapes for wording in shape.wordings]
    texts += [word for words in LEXICON.values() for word in words]
    texts += [word for _, words in SYNONYMS for word in words] + [*OPENINGS, *LEADS]
    return {c for c in tidy(_NAMES.sub("", "".join(texts))) if c not in "<>|"} | set("?.%()/")


def worded(rng: random.Random, wording: str, numbers: Numbers, free: bool = False) -> str:
    """Return the question for a wording and numbers: alternatives chosen, words exchanged for others of the same
    meaning, words and numbers filled in.
    """
    text = wording
    while _CHOICE.search(text):  # innermost first, as alternatives may be nested
        text = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text)
    if free and rng.random() < MOVED:
        text = rearranged(rng, text)
    text = varied(rng, text)
    words: dict[str, str] = {}

    def word(match: re.Match[str]) -> str:
        if match[0] not in words:
            taken = set(words.values())
            words[match[0]] = rng.choice([w for w in LEXICON[match[1]] if w not in taken])
        return words[match[0]]

    def number(match: re.Match[str]) -> str:
        value = numbers[match[1]]
        if isinstance(value, int) and 2 <= value <= 10 and match[2] and rng.random() < SPELLED:
            return _HAN[value]
        return str(value)

    text = _SLOT.sub(number, _WORD.sub(word, text))
    return text if text[-1] in "？。" else text + "？"
