"""How a game ended: who won, how, and why in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .squares import RED, Color


class Termination(Enum):
    """The ways a game can end; the values are the words used in PGN and JSON."""

    CHECKMATE = "checkmate"
    STALEMATE = "stalemate"
    PERPETUAL_CHECK = "perpetual check"
    PERPETUAL_CHASE = "perpetual chase"
    PERPETUAL_ATTACK = "perpetual attack"  # a mix of check, chase and mate threat, where the rules forbid it
    REPETITION = "repetition"
    MOVE_LIMIT = "move limit"
    MATERIAL = "material"
    RESIGNATION = "resignation"
    AGREEMENT = "agreement"
    TIME = "time"
    ILLEGAL = "illegal"
    FAILURE = "failure"  # a program crashed, hung or sent an invalid answer
    ADJUDICATION = "adjudication"


@dataclass(frozen=True)
class Outcome:
    """The end of a game; `winner` is None for a draw, `plies` counts the moves played from the start position."""

    winner: Color | None
    termination: Termination
    reason: str  # English
    reason_zh: str
    plies: int

    @property
    def result(self) -> str:
        """Return `1-0`, `0-1` or `1/2-1/2`."""
        if self.winner is None:
            return "1/2-1/2"
        return "1-0" if self.winner is RED else "0-1"

    def words(self, language: str) -> str:
        """Return the reason in `"zh"` or `"en"`."""
        return self.reason_zh if language.startswith("zh") else self.reason
