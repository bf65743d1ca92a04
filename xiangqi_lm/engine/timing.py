"""Time management for every player: how many seconds a clock or a limit leaves for a move."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .player import Clock, Limit

MARGIN = 0.03  # seconds of a clock kept back for the communication with it
MOVES_TO_GO = 30  # default and maximum: moves after these rarely decide a game
MOST = 0.5  # share of a clock that one move may use


@dataclass(frozen=True)
class Budget:
    """Times in seconds: after `soft` the player starts nothing that takes long, and at `hard` it stops thinking."""

    soft: float = math.inf
    hard: float = math.inf


def share(clock: Clock) -> float:
    """Return the time for a move: an even share of the time left plus most of the increment, never close to the
    flag.
    """
    left = max(0.0, clock.mine - MARGIN)
    even = left / min(clock.moves_to_go or MOVES_TO_GO, MOVES_TO_GO) + 0.8 * clock.my_increment
    return min(even, MOST * left)


def budget(limit: Limit) -> Budget:
    """Return what a limit leaves for one move; an infinite limit has no bound, even if it sets one too."""
    if limit.infinite:
        return Budget()
    found = Budget()
    if limit.clock is not None:
        left = max(0.002, limit.clock.mine - MARGIN)
        soft = max(0.001, share(limit.clock))
        found = Budget(0.6 * soft, min(3 * soft, 0.8 * left))  # an iteration takes about as long as all before it
    if limit.movetime is not None:
        hard = max(0.001, limit.movetime - 0.005)
        found = Budget(min(found.soft, hard), min(found.hard, hard))
    return found
