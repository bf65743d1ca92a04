"""Strength: how freely the opponent draws from the policy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """A named strength; `temperature` 0 always plays the likeliest move, None leaves the player as its spec made it."""

    name: str
    temperature: float | None
    top_p: float | None


LEVELS = {
    level.name: level
    for level in (
        Level("novice", 1.3, 1.0),
        Level("casual", 1.0, 0.95),
        Level("club", 0.7, 0.9),
        Level("expert", 0.35, 0.8),
        Level("greedy", 0.0, 1.0),
        Level("spec", None, None),
    )
}


def set_strength(player: object, level: Level) -> None:
    """Give a player with the knobs `temperature` and `top_p` those of the level; others stay as they are."""
    for knob, value in (("temperature", level.temperature), ("top_p", level.top_p)):
        if value is not None and hasattr(player, knob):
            setattr(player, knob, value)
