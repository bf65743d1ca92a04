"""Strength levels for people, the weakest first.

How far each is from the one before it is measured by `python -m benchmarks.levels`; see docs/strength.md.
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
    for level in (  # weakest first; the titles claim no rank, as no level has played rated people
        Level("beginner", "Beginner", "入门", "lm:default?temperature=1.5&top_p=0.98&oversight=0.6"),
        Level("novice", "Novice", "新手", "lm:default?temperature=1.1&top_p=0.95&oversight=0.4"),
        Level("casual", "Casual", "休闲", "lm:default?temperature=0.8&top_p=0.95&oversight=0.2"),
        Level("club", "Intermediate", "进阶", "lm:default?temperature=0.2&top_p=0.9"),
        Level("expert", "Advanced", "高手", "mcts:default?nodes=100"),
        Level("candidate", "Strong", "强手", "mcts:default?nodes=400"),
        Level("master", "Very strong", "劲敌", "alphabeta?nodes=20000"),
        Level("grandmaster", "Strongest", "顶级", "alphabeta?nodes=100000"),
    )
}


# ------------------------------------------------------------------------------------------------ in the window

OWN = "spec"  # stands for the window's own player instead of a level
OFFERED = (*LEVELS, OWN)

MakeLevel = Callable[[str], Player]


def compiles(name: str) -> bool:
    """Return whether a player, given as level or spec, compiles kernels of its own on its first start on a machine."""
    level = name.partition("?")[0].removeprefix("level:")
    spec = LEVELS[level].spec if level in LEVELS else name
    return spec.startswith("alphabeta") or "tactics=" in spec
