"""Strength as the window offers it: the named levels, and the player that the command line named."""

from __future__ import annotations

from collections.abc import Callable

from ..engine.levels import LEVELS
from ..engine.player import Player

OWN = "spec"  # the level that is none: the window's own player as it was made
OFFERED = (*LEVELS, OWN)

MakeLevel = Callable[[str], Player]


def compiles(name: str) -> bool:
    """Whether a player, by its level or spec, compiles kernels of its own when it is first built on a machine."""
    level = name.partition("?")[0].removeprefix("level:")
    spec = LEVELS[level].spec if level in LEVELS else name
    return spec.startswith("alphabeta") or "tactics=" in spec
