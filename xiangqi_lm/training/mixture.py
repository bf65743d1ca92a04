"""Positions with a teacher's move and value among the games: each is a game of one move from a set-up position."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import BadConfig
from ..records import labels as label_files
from ..records.labels import Labels
from ..records.layout import START, Layout, Window
from ..records.loader import Batch, make_batch, view
from ..records.shards import Split

HELD_OUT = 0.02  # share of the labelled positions that is never trained on
_STREAM = 0x1ABE15  # keeps the random numbers apart from those that order the games


def digest(paths: Sequence[Path]) -> str:
    """A mark of label files, in the order given; raises BadConfig for one that is not there."""
    try:
        parts = [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]
    except OSError as fault:
        raise BadConfig(f"{fault.filename}: no label file here ({fault.strerror})") from fault
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() if parts else ""


def read(paths: Sequence[Path], validation: Split) -> tuple[Labels, Labels]:
    """Labels to train on and labels held out; positions of validation games, or their images, are in neither."""
    found = label_files.read(paths)
    found = found.take(~np.isin(found.keys(), _keys(validation)))
    return found.split(HELD_OUT)


def _keys(split: Split) -> np.ndarray:
    """The positions of games as `Labels.keys` has them."""
    boards = [np.empty((0, 90), np.int8)]
    for game in range(len(split)):
        start = split.start(game)
        men, side = (START, 1) if start is None else (np.asarray(start[:90]), int(start[90]))
        boards.append(view(split.moves(game).astype(np.int64), men, side)[1])
    return label_files.position_keys(np.concatenate(boards))


def games_of(labels: Labels) -> Split:
    """Each label as a game of one move, Red's, without a result."""
    n = len(labels)
    starts = np.ones((n, 91), np.int8)
    starts[:, :90] = labels.boards
    return Split(
        labels.moves.astype(np.uint16),
        np.arange(n + 1),
        np.full(n, 2, np.int8),
        starts,
        np.arange(n, dtype=np.int32),
        np.zeros((n, 2), np.int16),
    )


def label_window(row: int, layout: Layout) -> Window:
    """A label as a window of its game."""
    return Window(row, 0, 0, 1, layout.men)


@dataclass
class LabelStream:
    """An endless, reproducible stream of batches of `count` labels; `epoch` and `position` are its whole state.

    Of several processes that train together each takes every `ranks`-th batch, beginning with its own `rank`.
    """

    labels: Labels
    layout: Layout
    count: int
    mirror: bool
    seed: int
    epoch: int = 0
    position: int = 0  # batches taken from this epoch
    rank: int = 0
    ranks: int = 1
    _games: Split = field(init=False)
    _values: np.ndarray = field(init=False)  # float32 [N, 3]
    _order: tuple[int, np.ndarray] = field(init=False, default=(-1, np.empty(0)))  # epoch, and its permutation

    def __post_init__(self) -> None:
        self.count = min(self.count, len(self.labels) // self.ranks)
        if not self.count:
            raise BadConfig(f"{len(self.labels)} labels are too few to train on, or labels_share is too small")
        self._games, self._values = games_of(self.labels), self.labels.values()

    def take(self) -> tuple[Batch, np.ndarray]:
        """The next batch, and the chances of win, draw and loss, float32 [count, T, 3], in each ply's first column."""
        if (self.position + 1) * self.ranks * self.count > len(self.labels):
            self.epoch, self.position = self.epoch + 1, 0
        if self._order[0] != self.epoch:
            rng = np.random.default_rng((self.seed, self.epoch, _STREAM))
            self._order = self.epoch, rng.permutation(len(self.labels))
        index = self.position * self.ranks + self.rank
        rows = self._order[1][index * self.count : (index + 1) * self.count]
        flips = np.random.default_rng((self.seed, self.epoch, _STREAM, index)).random(self.count) < 0.5
        pieces = [label_window(row, self.layout) for row in rows.tolist()]
        batch = make_batch(self._games, pieces, flips & self.mirror, self.layout)
        self.position += 1
        return batch, self._values[rows, None] * (batch.parts == 0)[:, :, None]
