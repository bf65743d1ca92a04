"""The overlap of two splits: positions and continuations by ply, with mirror images as equal."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .splits import SHARED_PLIES, Split
from .traces import runs, traces

_STEPS = (0, 2, 5, 10, 20, 30, 40, 60, 80, 120)  # plies in the report


@dataclass(frozen=True)
class Overlap:
    """The known part of held-out games at a ply: shares of positions, and of positions with the move played."""

    ply: int
    games: int
    positions: float
    continuations: float


@dataclass(frozen=True)
class Leaks:
    """The overlap of held-out games with training games; `by_ply` covers every ply.

    `opening` is the number of known plies at the beginning of each held-out game, and `run` its longest run of known
    plies, from one training game or several; both are int64 [games]. `shared` counts the held-out games that have
    SHARED_PLIES plies in a row in common with one training game.
    """

    by_ply: list[Overlap]
    opening: np.ndarray
    run: np.ndarray
    shared: int

    def report(self) -> dict[str, Any]:
        """Return figures for a JSON file."""
        return {
            "by_ply": [asdict(overlap) for overlap in self.by_ply],
            f"games_sharing_{SHARED_PLIES}_plies_in_a_row": self.shared,
            "known_opening_plies": _summary(self.opening),
            "longest_known_run_plies": _summary(self.run),
        }

    def steps(self) -> list[Overlap]:
        """Return the overlap at a few plies."""
        return [overlap for overlap in self.by_ply if overlap.ply in _STEPS]


def _summary(lengths: np.ndarray) -> dict[str, float]:
    if not len(lengths):
        return {}
    median, most = np.percentile(lengths, [50, 95]).tolist()
    return {"mean": round(float(lengths.mean()), 2), "median": median, "p95": most, "max": int(lengths.max())}


def compare(train: Split, held_out: Split) -> Leaks:
    """Return the overlap of the held-out games with the training games."""
    known, asked = traces(train), traces(held_out)
    positions = np.isin(asked.positions, known.positions)
    continuations = np.isin(asked.continuations, known.continuations)
    by_ply = []
    for ply in range(int(asked.ply.max(initial=-1)) + 1):
        here = asked.ply == ply
        shares = (float(flags[here].mean()) for flags in (positions, continuations))
        by_ply.append(Overlap(ply, int(here.sum()), *shares))
    lengths = [_lengths(continuations[asked.game == game]) for game in range(len(held_out))]
    opening, run = np.array(lengths, dtype=np.int64).reshape(-1, 2).T
    (theirs, _), (ours, games) = runs(known, SHARED_PLIES), runs(asked, SHARED_PLIES)
    return Leaks(by_ply, opening, run, len(np.unique(games[np.isin(ours, theirs)])))


def _lengths(known: np.ndarray) -> tuple[int, int]:
    """Return the lengths of the run of True at the beginning and of the longest run."""
    edges = np.flatnonzero(~np.concatenate(([False], known, [False])))
    lengths = np.diff(edges) - 1
    return int(lengths[0]), int(lengths.max())
