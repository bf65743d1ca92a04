"""Accuracy several moves ahead: a game's moves predicted from the model's own continuation (exposure bias)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..dataset.layout import START
from ..dataset.loader import view
from ..dataset.splits import Split
from ..model.decode import Decoder, Line
from ..model.gpt import Gpt
from ..rules import jit
from ..rules.moves import HALF_TURN_ID
from .evaluate import Plies

BATCH = 64  # lines read at once


def begin_at(split: Split, games: Iterable[int], ahead: int, most: int, rng: np.random.Generator) -> np.ndarray:
    """Return at most `most` of the plies that are followed by `ahead` moves, in games from the start position: int64
    [N, 2], game and ply, drawn uniformly."""
    whole = [i for i in games if split.start(i) is None]
    rooms = np.array([max(0, len(split.moves(i)) - ahead + 1) for i in whole], np.int64)
    ends = np.cumsum(rooms)
    total = int(ends[-1]) if len(ends) else 0
    drawn = np.sort(rng.choice(total, min(most, total), replace=False))
    which = np.searchsorted(ends, drawn, "right")
    return np.stack((np.array(whole, np.int64)[which], drawn - (ends - rooms)[which]), 1)


def rollout(
    model: Gpt,
    split: Split,
    begins: np.ndarray,
    ahead: int,
    progress: Callable[[int], None] = lambda positions: None,
) -> Plies:
    """Return whether the model, continuing with its own best legal moves from the given games and plies, int64 [N, 2],
    plays the game's moves: figures `1` to str(ahead), for the first to the last move. Once its line has ended, the
    answer is no.
    """
    hits = np.zeros((len(begins), ahead))
    order = np.argsort(begins[:, 1], kind="stable")  # lines of similar length together
    for first in range(0, len(order), BATCH):
        chosen = order[first : first + BATCH]
        hits[chosen] = _foretold(model, split, begins[chosen], ahead)
        progress(len(chosen))
    figures = {str(k + 1): hits[:, k] for k in range(ahead)}
    return Plies(begins[:, 0], begins[:, 1], figures)


def _foretold(model: Gpt, split: Split, begins: np.ndarray, ahead: int) -> np.ndarray:
    """Return the hits of a batch of lines: float64 [B, ahead]."""
    hits = np.zeros((len(begins), ahead))
    decoder = Decoder(model)
    games = [np.asarray(split.moves(game), dtype=np.int64) for game in begins[:, 0]]
    lines = [Line(START, 1, ids[:ply]) for ids, ply in zip(games, begins[:, 1], strict=True)]
    boards = np.stack([view(line.ids, START, 1)[1][-1] for line in lines])  # in the mover's view
    going = np.arange(len(lines))
    for k in range(ahead):
        legal = jit.kernels().legal_masks(boards[going], np.ones(len(going), np.int8))
        going, legal = going[legal.any(1)], legal[legal.any(1)]
        if not len(going):
            break
        best = decoder.log_probabilities([lines[i] for i in going], legal).argmax(-1).cpu().numpy()
        for i, move_id in zip(going, best, strict=True):
            line = lines[i]
            seen = move_id if len(line.ids) % 2 == 0 else HALF_TURN_ID[move_id]
            hits[i, k] = seen == games[i][begins[i, 1] + k]
            lines[i] = line._replace(ids=np.append(line.ids, seen))
            boards[i] = view(np.array([move_id]), boards[i], 1)[1][-1]
    return hits


def report(plies: Plies) -> dict[str, Any]:
    """Return the figures for a report. Keys: `games`, `plies` (lines), `masked`, and `ahead`, a row for each move with
    its `accuracy` and `interval`.
    """
    means, intervals = plies.means(), plies.intervals(np.random.default_rng(0))
    rows = [
        {"move": int(name), "accuracy": means[name]} | ({"interval": intervals[name]} if name in intervals else {})
        for name in plies.figures
        if name in means
    ]
    return {"games": len(np.unique(plies.game)), "plies": len(plies.ply), "masked": True, "ahead": rows}
