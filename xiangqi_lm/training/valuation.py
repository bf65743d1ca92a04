"""How well a model's value agrees with a teacher's scores."""

from __future__ import annotations

from typing import Any

import numpy as np

CLEAR = 250.0  # centipawns from which a position counts as clearly better for one side
UNIT = 400.0  # centipawns: scores are compared as tanh(score / UNIT)
_RESAMPLES = 1000
_FEWEST = 10  # positions needed to report a correlation


def agreement(lead: np.ndarray, score: np.ndarray, game: np.ndarray | None = None) -> dict[str, Any]:
    """Compare a model's win minus loss, float [N], with scores in centipawns, float [N]; NaN scores are left out.

    Keys: positions, clear (those of at least CLEAR centipawns), sign_right (the share of these whose sign the model
    has right), correlation (Pearson's, with tanh(score / UNIT)), clear_correlation (the same of the clear positions);
    with the games of the positions, int [N], also `intervals` of these three: 95 %, percentile bootstrap over games.
    """
    known = ~np.isnan(score)
    lead, score = lead[known].astype(np.float64), score[known].astype(np.float64)
    clear = np.abs(score) >= CLEAR
    found: dict[str, Any] = {"positions": len(score), "clear": int(clear.sum()), "clear_from": CLEAR}
    if not len(score):
        return found
    squashed, one = np.tanh(score / UNIT), np.ones(len(score))
    moments = np.stack([one, lead, squashed, lead * lead, squashed * squashed, lead * squashed], 1)
    right = ((lead * score > 0) & clear)[:, None]
    sums = np.concatenate([right, moments, moments * clear[:, None]], 1, dtype=np.float64)
    found |= {name: round(float(x[0]), 6) for name, x in _figures(sums.sum(0, keepdims=True)).items() if x == x}
    for name, count in (("correlation", len(score)), ("clear_correlation", found["clear"])):
        if count < _FEWEST:
            found.pop(name, None)
    if game is not None:
        found["intervals"] = _intervals(sums, game[known], found.keys())
    return found


def _figures(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return the figures from sums float64 [R, 13] made by `agreement`; NaN where they are undefined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "sign_right": sums[:, 0] / sums[:, 7],
            "correlation": _correlation(sums[:, 1:7]),
            "clear_correlation": _correlation(sums[:, 7:]),
        }


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation from sums of 1, x, y, xx, yy and xy, float64 [R, 6]."""
    n, x, y, xx, yy, xy = sums.T
    return (n * xy - x * y) / np.sqrt((n * xx - x * x) * (n * yy - y * y))


def _intervals(sums: np.ndarray, game: np.ndarray, wanted: Any) -> dict[str, list[float]]:
    games, of_game = np.unique(game, return_inverse=True)
    if len(games) < 2:
        return {}
    by_game = np.zeros((len(games), sums.shape[1]))
    np.add.at(by_game, of_game, sums)
    drawn = np.random.default_rng(0).multinomial(len(games), np.full(len(games), 1 / len(games)), _RESAMPLES)
    found = _figures(drawn @ by_game)
    return {
        name: np.nanpercentile(x, (2.5, 97.5)).round(6).tolist()
        for name, x in found.items()
        if name in wanted and not np.isnan(x).all()
    }
