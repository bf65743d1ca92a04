"""The score of a position: one type for centipawns, mates and win/draw/loss, and the single scale between them.

The scale is an ordered logistic, as engines use it. With `s(x) = 1 / (1 + exp(-x))` and c centipawns for a side,

    win = s((c - MARGIN) / SCALE)    loss = s((-c - MARGIN) / SCALE)    draw = 1 - win - loss

`MARGIN` and `SCALE` are fitted to the results of 28,000 master games at 656,000 positions that Fairy-Stockfish had
scored with 4,000 nodes (`python -m benchmarks.labels --fit`). In the other direction, chances become the centipawns
with the same expected score, win + draw / 2: 0 at 50 %, 185 at 65 %, 324 at 75 %. A mate in n counts as `MATE - n`
centipawns.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .squares import Color

SCALE, MARGIN = 260.0, 200.0  # centipawns
MATE = 30_000  # centipawns; a mate in n moves is n less
MOST_CENTIPAWNS, MOST_MOVES_TO_MATE = 29_000, 999  # so that no score can be mistaken for a mate
CERTAIN = 10_000  # centipawns; anything above is a forced win, as no evaluation gets there
SCALE_IN_WORDS = "centipawns for the side that moved; +185 is an expected score of 65 %, +324 of 75 %; #n is mate in n"


class WinDrawLoss(NamedTuple):
    """Chances that sum to 1."""

    win: float
    draw: float
    loss: float


@dataclass(frozen=True)
class Score:
    """A player's score of a position for `side`, readable in any unit.

    At least one of `centipawns`, `mate` (moves to mate; negative: to being mated) and `wdl` must be given, else
    ValueError is raised. Units that were given are returned as given; a mate counts as certain.
    """

    side: Color
    centipawns: int | None = None
    mate: int | None = None
    wdl: WinDrawLoss | None = None

    def __post_init__(self) -> None:
        if self.mate == 0 or (self.centipawns, self.mate, self.wdl) == (None, None, None):
            raise ValueError("a score needs centipawns, moves to mate other than 0, or chances")

    def as_centipawns(self) -> int:
        """Return the score in centipawns, where a mate in n counts as `MATE - n`."""
        if self.mate is not None:
            return MATE - self.mate if self.mate > 0 else -MATE - self.mate
        if self.centipawns is not None:
            return self.centipawns
        assert self.wdl is not None
        return centipawns_of(self.wdl)

    def as_wdl(self) -> WinDrawLoss:
        """Return the chances of winning, drawing and losing."""
        if self.mate is not None:
            return WinDrawLoss(1.0, 0.0, 0.0) if self.mate > 0 else WinDrawLoss(0.0, 0.0, 1.0)
        return self.wdl or WinDrawLoss(*win_draw_loss(self.as_centipawns()).tolist())

    def expectation(self) -> float:
        """Return the expected points, from 0 to 1; a draw is half a point."""
        win, draw, _ = self.as_wdl()
        return win + draw / 2

    def seen_by(self, side: Color) -> Score:
        """Return the same score from the point of view of a side."""
        if side is self.side:
            return self
        centipawns, mate = (None if x is None else -x for x in (self.centipawns, self.mate))
        return Score(side, centipawns, mate, self.wdl and WinDrawLoss(*self.wdl[::-1]))

    def __str__(self) -> str:
        """Return `+35`, or `#3` and `#-3` for mates."""
        return f"{self.as_centipawns():+}" if self.mate is None else f"#{self.mate}"


def parse(text: str, side: Color) -> Score:
    """Parse a text that `str` wrote; raises ValueError."""
    if not (found := re.fullmatch(r"(#?)([-+]?[0-9]{1,9})", text)):
        raise ValueError(f"expected a score as in +35, #3 or #-3, found {text[:80]!r}")
    return Score(side, mate=int(found[2])) if found[1] else Score(side, int(found[2]))


def win_draw_loss(
    centipawns: ArrayLike, scale: float | np.ndarray = SCALE, margin: float | np.ndarray = MARGIN
) -> np.ndarray:
    """Return the chances for centipawns, mates included: float64 [..., 3]; the scale may be an array too."""
    points = np.asarray(centipawns, dtype=np.float64)
    points = np.where(np.abs(points) < CERTAIN, points, np.copysign(np.inf, points))
    with np.errstate(over="ignore"):
        win, loss = (1 / (1 + np.exp((margin - sign * points) / scale)) for sign in (1, -1))
    return np.stack([win, np.maximum(1 - win - loss, 0), loss], -1)


def centipawns_of(chances: tuple[float, float, float], scale: float = SCALE, margin: float = MARGIN) -> int:
    """Return the centipawns with the same expected score as the chances; certain results stay under 10,000."""
    lead = max(-1 + 1e-9, min(1 - 1e-9, chances[0] - chances[2]))  # sinh x / (cosh x + cosh a), x and a in scales
    part = math.atanh(lead)
    return round(scale * (part + math.asinh(lead * math.cosh(margin / scale) * math.cosh(part))))
