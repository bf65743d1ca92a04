"""Conversion of a judge's centipawns to winning chances, by curves fitted to games for each kind of judge and ply.

With `s(x) = 1 / (1 + exp(-x))`, c centipawns for a side at ply p of the game and t = min(p, 120) / 120,

    win = s((c - margin) / scale)    loss = s((-c - margin) / scale)    draw = 1 - win - loss
    scale = scale_0 + t (scale_1 - scale_0)    margin = margin_0 + t (margin_1 - margin_0)

The parameters are in `assets/review/curves.json`; `python -m benchmarks.review --fit` fits them by maximum likelihood.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from ..paths import assets
from ..rules.score import Score, WinDrawLoss, win_draw_loss

LAST_PLY = 120  # the curve is constant from here on
OTHER = "uci"  # the curve of judges without their own


@dataclass(frozen=True)
class Curve:
    """One judge's curve; each pair holds the values at ply 0 and from ply 120 on, in centipawns."""

    scale: tuple[float, float]
    margin: tuple[float, float]

    def chances(self, centipawns: ArrayLike, ply: ArrayLike) -> np.ndarray:
        """Return win, draw and loss, float64 [..., 3], for scores at plies; a mate is certain."""
        part = np.minimum(np.asarray(ply, np.float64), LAST_PLY) / LAST_PLY
        scale, margin = (low + part * (high - low) for low, high in (self.scale, self.margin))
        return win_draw_loss(centipawns, scale, margin)

    def of(self, score: Score, ply: int) -> WinDrawLoss:
        """Return the chances of the side that a score is for; a score that has only chances keeps them."""
        if score.mate is not None or score.centipawns is None:
            return score.as_wdl()
        return WinDrawLoss(*self.chances(score.centipawns, ply).tolist())


def curves_file() -> Path:
    """Return the path of the shipped curves."""
    return assets() / "review" / "curves.json"


@lru_cache(maxsize=1)
def shipped() -> dict[str, Curve]:
    """Return the shipped curves by kind of judge."""
    read = json.loads(curves_file().read_text("utf-8"))
    return {kind: Curve(tuple(one["scale"]), tuple(one["margin"])) for kind, one in read["curves"].items()}


def curve_of(kind: str) -> Curve:
    """Return the curve of a kind of player (`engine.spec`), or that of other engines if it has none."""
    curves = shipped()
    return curves.get("alphabeta" if kind == "level" else kind) or curves[OTHER]
