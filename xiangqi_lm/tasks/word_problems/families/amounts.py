"""Percentages, fractions and decimals as school books write them."""

from __future__ import annotations

import random
from fractions import Fraction


def percent(rng: random.Random, low: int = 5, high: int = 95) -> int:
    """Return a percentage as textbooks use them: mostly a multiple of 5."""
    return rng.randrange(low, high + 1, 5) if rng.random() < 0.8 else rng.randint(low, high)


def fraction(rng: random.Random, largest: int = 12) -> str:
    """Return a proper fraction in lowest terms, `(2/5)`."""
    below = rng.randint(2, largest)
    value = Fraction(rng.randint(1, below - 1), below)
    return f"({value.numerator}/{value.denominator})"


def part(rng: random.Random) -> str:
    """Return a fraction or a percentage."""
    return f"{percent(rng)}%" if rng.random() < 0.4 else fraction(rng)


def text(value: Fraction | int) -> str:
    """Return a value with few decimals as text."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")
