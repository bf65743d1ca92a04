"""Strength levels for people: from the weakest on, each beats the one before it clearly.

How clearly is measured by `xiangqi-lm tournament --player level:A --player level:B --pairs 30`; see docs/strength.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .player import Player


@dataclass(frozen=True)
class Level:
    """A named strength and the player behind it, as a spec."""

    name: str
    english: str
    chinese: str
    spec: str


LEVELS = {
    level.name: level
    for level in (  # weakest first
        Level("beginner", "Beginner", "入门", "lm:default?temperature=2&top_p=1"),
        Level("novice", "Novice", "新手", "lm:default?temperature=1.2&top_p=1"),
        Level("casual", "Casual", "休闲", "lm:default?temperature=0.9&top_p=0.95"),
        Level("club", "Club player", "业余", "lm:default?temperature=0.5&top_p=0.9"),
        Level("expert", "Expert", "高手", "mcts:default?nodes=30"),
        Level("candidate", "Candidate master", "候补大师", "mcts:default?nodes=400"),
        Level("master", "Master", "大师", "alphabeta?nodes=20000"),
        Level("grandmaster", "Grandmaster", "特级大师", "alphabeta?nodes=100000"),
    )
}


# ------------------------------------------------------------------------------------------------ in the window

OWN = "spec"  # the level that is none: the window's own player as it was made
OFFERED = (*LEVELS, OWN)

MakeLevel = Callable[[str], Player]


def compiles(name: str) -> bool:
    """Return whether a player, by its level or spec, compiles kernels of its own when first built on a machine."""
    level = name.partition("?")[0].removeprefix("level:")
    spec = LEVELS[level].spec if level in LEVELS else name
    return spec.startswith("alphabeta") or "tactics=" in spec
