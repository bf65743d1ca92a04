"""A player's repertoire: how often which move was chosen in each position of some games, mixed into a model's policy.

A model learns what is usual from many thousands of games; two hundred games show directly what one player does in the
positions that he often has. A move that was chosen n times of N where the model gives it p becomes
(n + prior p) / (N + prior), the mean of a Dirichlet posterior whose prior is the model. Positions are as the side to
move sees them, and a position and its mirror image are one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..dataset.layout import START
from ..dataset.loader import view
from ..dataset.splits import Split
from ..errors import BadCheckpoint
from ..rules.moves import KEYS, MIRROR_ID, MOVE_COUNT
from ..rules.squares import MIRROR, SQUARES

FILE = "repertoire.safetensors"
PRIOR = 2.0  # moves that the model's opinion counts as; `benchmarks/learning.py` compares others
_WORDS = np.array(KEYS, dtype=np.uint64).view(np.int64)  # [15, 90]


@dataclass(frozen=True, eq=False)
class Repertoire:
    """Moves chosen in positions, sorted by the keys of these; ids are of the image with the smaller key."""

    keys: np.ndarray  # int64 [N]
    moves: np.ndarray  # int16 [N]
    counts: np.ndarray  # int32 [N]
    prior: float = PRIOR

    @classmethod
    def of(cls, games: Split) -> Repertoire:
        """Count the moves of the games that count, see `Split.color`."""
        found: Counter[tuple[int, int]] = Counter()
        for i in range(len(games)):
            row = games.start(i)
            squares, side = (START, 1) if row is None else (np.asarray(row[:SQUARES]), int(row[SQUARES]))
            _, boards, chosen = view(np.asarray(games.moves(i), dtype=np.int64), squares, side)
            movers = np.where(np.arange(len(chosen)) % 2 == 0, side, -side)
            counted = movers == games.color(i) if games.color(i) else np.ones(len(chosen), bool)
            keys, mirrored = _keys(boards[:-1][counted])
            chosen = np.where(mirrored, MIRROR_ID[chosen[counted]], chosen[counted])
            found.update(zip(keys.tolist(), chosen.tolist(), strict=True))
        return cls._made(found)

    @classmethod
    def _made(cls, counts: Counter[tuple[int, int]]) -> Repertoire:
        pairs = sorted(counts)
        keys, moves = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return cls(np.ascontiguousarray(keys), moves.astype(np.int16), np.array([counts[p] for p in pairs], np.int32))

    def __add__(self, other: Repertoire) -> Repertoire:
        """Return the counts of both."""
        found: Counter[tuple[int, int]] = Counter()
        for part in (self, other):
            pairs = zip(part.keys.tolist(), part.moves.tolist(), strict=True)
            found.update(dict(zip(pairs, part.counts.tolist(), strict=True)))
        return self._made(found)

    @property
    def positions(self) -> int:
        return len(np.unique(self.keys))

    # -------------------------------------------------------------------------------------------- mixing

    def mixed(self, log_policy: Tensor, boards: np.ndarray) -> Tensor:
        """Return log-probabilities [P, 2086] with the repertoire mixed in where a position is known.

        Moves and boards, int8 [P, 90], are as the side to move sees them; moves of probability 0 keep it.
        """
        out = None
        for i, chosen in self._known(boards):
            out = log_policy.clone() if out is None else out
            ids = torch.nonzero(log_policy[i] > -torch.inf)[:, 0]
            shares = _posterior(log_policy[i, ids].double().exp().cpu().numpy(), ids.cpu().numpy(), chosen, self.prior)
            out[i, ids] = torch.from_numpy(np.log(shares)).to(out)
        return log_policy if out is None else out

    def mixed_priors(self, priors: Sequence[np.ndarray], ids: Sequence[np.ndarray], boards: np.ndarray) -> None:
        """Mix the repertoire into probabilities, float32 [n], of the moves `ids` of each board, in place."""
        for i, chosen in self._known(boards):
            priors[i][:] = _posterior(priors[i], ids[i], chosen, self.prior)

    def _known(self, boards: np.ndarray) -> Iterator[tuple[int, dict[int, int]]]:
        """Yield the number of each known position, and how often which move was chosen in it."""
        keys, mirrored = _keys(boards)
        first, last = (np.searchsorted(self.keys, keys, side) for side in ("left", "right"))
        for i in np.flatnonzero(last > first).tolist():
            moves = self.moves[first[i] : last[i]].astype(np.int64)
            moves = MIRROR_ID[moves] if mirrored[i] else moves
            yield i, dict(zip(moves.tolist(), self.counts[first[i] : last[i]].tolist(), strict=True))

    # -------------------------------------------------------------------------------------------- on disk

    def tensors(self) -> dict[str, Tensor]:
        """Return what is written of it."""
        return {name: torch.from_numpy(getattr(self, name)) for name in ("keys", "moves", "counts")}

    @classmethod
    def from_tensors(cls, tensors: dict[str, Tensor], path: Path) -> Repertoire:
        """Return what was written; raises BadCheckpoint naming the file where it cannot be that."""
        parts = [tensors.get(name) for name in ("keys", "moves", "counts")]
        if [part.dtype if part is not None else None for part in parts] != [torch.int64, torch.int16, torch.int32]:
            raise BadCheckpoint(f"{path}: damaged: expected keys, moves and counts")
        keys, moves, counts = (part.numpy() for part in parts if part is not None)
        if not keys.ndim == moves.ndim == counts.ndim == 1 or not len(keys) == len(moves) == len(counts):
            raise BadCheckpoint(f"{path}: damaged: keys, moves and counts of different lengths")
        if (np.diff(keys) < 0).any() or ((moves < 0) | (moves >= MOVE_COUNT)).any() or (counts < 1).any():
            raise BadCheckpoint(f"{path}: damaged: keys out of order, or impossible moves or counts")
        return cls(keys, moves, counts)


def _keys(boards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return keys int64 [P] of boards int8 [P, 90], and whether each is of the mirror image."""
    squares = np.arange(SQUARES)
    pieces = boards.reshape(-1, SQUARES).astype(np.int64) + 7
    here, there = (np.bitwise_xor.reduce(_WORDS[side, squares], axis=-1) for side in (pieces, pieces[:, MIRROR]))
    return np.minimum(here, there), there < here


def _posterior(shares: np.ndarray, ids: np.ndarray, chosen: dict[int, int], prior: float) -> np.ndarray:
    """Return the probabilities of the moves `ids` after the choices, from those before."""
    counts = np.array([chosen.get(move, 0) for move in ids.tolist()], dtype=np.float64)
    return (counts + prior * shares) / (counts.sum() + prior)
