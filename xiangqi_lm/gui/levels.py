"""Strength: how freely the opponent draws from the policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """A named strength; `temperature` 0 always plays the likeliest move, None is what its spec made it with."""

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


def knobs(player: object) -> dict[str, float]:
    """The knobs of strength that a player has, as they stand."""
    return {knob: getattr(player, knob) for knob in ("temperature", "top_p") if hasattr(player, knob)}


def set_strength(player: object, level: Level, own: Mapping[str, float]) -> None:
    """Turn the player's knobs to the level; `own` are those it was made with, which a level without a value means."""
    for knob, made in own.items():
        value = getattr(level, knob)
        setattr(player, knob, made if value is None else value)
