"""Scores of lines as text."""

from __future__ import annotations

from ...engine.player import PrincipalVariation
from ...rules.squares import RED
from .texts import say


def worth(language: str, variation: PrincipalVariation) -> tuple[str, bool]:
    """Return a line's score for Red as text, and whether it is good for Red."""
    if variation.score is None:
        return "", True
    score = variation.score.seen_by(RED)
    if score.mate is not None:
        return say(language, "worth_mate", moves=abs(score.mate)), score.mate > 0
    if score.centipawns is not None:
        return f"{score.centipawns / 100:+.2f}", score.centipawns >= 0
    return f"{score.expectation():.0%}", score.expectation() >= 0.5
