"""Figures about a collection: sizes, results, lengths, openings, and the overlap of held-out and training games."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..records import openings
from .division import SPLITS
from .leaks import Leaks, compare
from .loader import LEVELS, level_of
from .splits import Split

_CODES = {1: "red", 0: "draw", -1: "black", 2: "unknown"}


@dataclass(frozen=True)
class Stats:
    """Figures of games; `results` and each of `openings` count games by result: red, draw, black, unknown."""

    lengths: np.ndarray  # plies of each game, int64
    set_up: int
    results: Counter[str]
    openings: list[tuple[str, Counter[str]]]  # most frequent first
    splits: dict[str, dict[str, int]]
    leaks: Leaks | None  # None if a side is empty
    read: int
    dropped: dict[str, int]
    ratings: Counter[str]  # players (two per game) by Elo band, "not rated" last; empty if none is rated

    def report(self) -> dict[str, Any]:
        """Return everything, for a JSON file."""
        return {
            "read": self.read,
            "dropped": self.dropped,
            "games": len(self.lengths),
            "plies": int(self.lengths.sum()),
            "set_up": self.set_up,
            "results": dict(self.results),
            "lengths": self.quantiles(),
            "ratings": dict(self.ratings),
            "openings": [
                {"name": name, "english": openings.english(name), "games": results.total(), **results}
                for name, results in self.openings
            ],
            "splits": self.splits,
            "leaks": self.leaks.report() if self.leaks else None,
        }

    def quantiles(self) -> dict[str, float]:
        """Return minimum, median, mean, 95 % quantile and maximum of game lengths in plies."""
        if not len(self.lengths):
            return {}
        median, most = np.percentile(self.lengths, [50, 95]).tolist()
        low, high = int(self.lengths.min()), int(self.lengths.max())
        return {"min": low, "median": median, "mean": round(float(self.lengths.mean()), 1), "p95": most, "max": high}


def _ratings(splits: dict[str, Split]) -> Counter[str]:
    """Return the number of players by Elo band of the level condition; both players of each game count."""
    every = np.concatenate([np.asarray(split.ratings).reshape(-1) for split in splits.values()])
    levels = Counter(level_of(rating) for rating in every.tolist())
    if set(levels) <= {0}:
        return Counter()
    names = [f"below {LEVELS[0]}", *(f"{a}-{b - 1}" for a, b in pairwise(LEVELS)), f"{LEVELS[-1]} and more"]
    return Counter({name: levels[i] for i, name in enumerate(names, 1)} | {"not rated": levels[0]})


def stats(splits: dict[str, Split], read: int, dropped: dict[str, int]) -> Stats:
    """Return the figures of unique games, which are given as `train` and `validation`."""
    results: Counter[str] = Counter()
    by_opening: dict[str, Counter[str]] = {}
    set_up = 0
    for split in splits.values():
        for game, code in enumerate(np.asarray(split.results).tolist()):
            from_start = int(split.start_index[game]) < 0
            name = openings.name(split.moves(game)[:20]) if from_start else openings.SET_UP
            set_up += not from_start
            results[_CODES[code]] += 1
            by_opening.setdefault(name, Counter())[_CODES[code]] += 1
    train, held_out = (splits[name] for name in SPLITS)
    return Stats(
        np.concatenate([np.diff(np.asarray(split.offsets)) for split in splits.values()]),
        set_up,
        results,
        sorted(by_opening.items(), key=lambda item: (-item[1].total(), item[0])),
        {name: {"games": len(split), "plies": len(split.moves_flat)} for name, split in splits.items()},
        compare(train, held_out) if len(train) and len(held_out) else None,
        read,
        dropped,
        _ratings(splits),
    )
