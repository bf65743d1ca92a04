"""How long to think about a move, whoever thinks: what a clock or a limit leaves for it, in seconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .player import Clock, Limit

MARGIN = 0.03  # seconds of a clock kept back for what lies between us and it
MOVES_TO_GO = 30  # where nobody says how many, and at most: a game is rarely decided by the moves after these
MOST = 0.5  # of a clock for one move


@dataclass(frozen=True)
class Budget:
    """Seconds: nothing long is begun after `soft`, and the thinking is broken off at `hard`."""

    soft: float = math.inf
    hard: float = math.inf


def share(clock: Clock) -> float:
    """Return the time for a move: an even share of what is left and most of the increment, never near the flag."""
    left = max(0.0, clock.mine - MARGIN)
    even = left / min(clock.moves_to_go or MOVES_TO_GO, MOVES_TO_GO) + 0.8 * clock.my_increment
    return min(even, MOST * left)


def budget(limit: Limit) -> Budget:
    """Return what a limit leaves for one move; an infinite one, whatever else it says, all the time there is."""
    if limit.infinite:
        return Budget()
    found = Budget()
    if limit.clock is not None:
        left = max(0.002, limit.clock.mine - MARGIN)
        soft = max(0.001, share(limit.clock))
        found = Budget(0.6 * soft, min(3 * soft, 0.8 * left))  # a step begun takes about as long as all before it
    if limit.movetime is not None:
        hard = max(0.001, limit.movetime - 0.005)
        found = Budget(min(found.soft, hard), min(found.hard, hard))
    return found
