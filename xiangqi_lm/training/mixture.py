"""Labelled positions among the games, each as a game of one move from a set-up position; games with answers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from ..dataset import annotate
from ..dataset import labels as label_files
from ..dataset.labels import Labels
from ..dataset.layout import Layout, Window, layout_of
from ..dataset.loader import IGNORED, Batch, Taught, make_batch, taught_at
from ..dataset.shards import Shards, joined
from ..dataset.splits import Split
from ..errors import BadConfig
from ..files import sha256
from ..model.gpt import Gpt
from ..model.scoring import score
from ..rules.moves import MIRROR_ID
from ..rules.squares import MIRROR
from . import valuation

HELD_OUT = 0.02  # share of the labelled positions that is never trained on
_STREAM = 0x1ABE15  # gives labels random numbers of their own


def digest(paths: Sequence[Path]) -> str:
    """Return a digest of label files, in the order given, and of all files in folders; raises BadConfig if missing."""
    try:
        files = [file for path in paths for file in (_files(path) if path.is_dir() else [path])]
        parts = [sha256(path) for path in files]
    except OSError as fault:
        raise BadConfig(f"{fault.filename}: no label file here ({fault.strerror})") from fault
    return hashlib.sha256(" ".join(parts).encode()).hexdigest() if parts else ""


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


class LabelSets(NamedTuple):
    """Labels to train on and labels to evaluate on; `left_out` occur in validation games and are in neither."""

    train: Labels
    held_out: Labels
    left_out: int

    def words(self) -> str:
        """Return a line with the number of each kind, and the reason."""
        whole = len(self.train) + len(self.held_out) + self.left_out
        return (
            f"{whole:,} labels: {len(self.train):,} to train on, {len(self.held_out):,} held out to measure on "
            f"({HELD_OUT:.0%} of the positions, by a hash), {self.left_out:,} left out because their positions occur "
            "in validation games"
        )


def read(paths: Sequence[Path], validation: Split) -> LabelSets:
    """Read label files; raises BadConfig when none is left to train on."""
    found = label_files.read(paths)
    fresh = found.take(~np.isin(found.keys(), keys_of(validation)))
    sets = LabelSets(*fresh.split(HELD_OUT), len(found) - len(fresh))
    if not len(sets.train):
        raise BadConfig(f"{', '.join(map(str, paths))}: no labels to train on: {sets.words()}")
    return sets


class TaughtSets(NamedTuple):
    """Games with a teacher's answers to train on and to evaluate on."""

    train: Split
    held_out: Split

    def words(self) -> str:
        """Return a line with the games, plies and answers to train on."""
        plies, known = int(self.train.offsets[-1]), self.train.answers.known if self.train.answers else 0
        return (
            f"{len(self.train):,} games with a teacher's answers at {known:,} of {plies:,} plies, "
            f"{len(self.held_out):,} more to measure on"
        )


def read_taught(folders: Sequence[Path], validation: Split) -> TaughtSets:
    """Read shards with answers, without the answers at positions of validation games or at their mirror images.

    Raises BadConfig for shards without answers, or when none is left.
    """
    opened = [Shards.open(folder) for folder in folders]
    for shards in opened:
        if "answers" not in shards.index:
            raise BadConfig(
                f"{shards.folder}: shards without a teacher's answers: make them with data build --labels FILE"
            )
    keys = keys_of(validation)
    sets = TaughtSets(
        *(annotate.without(joined([shards.split(name) for shards in opened]), keys) for name in ("train", "validation"))
    )
    if sets.train.answers is None or not sets.train.answers.known:
        raise BadConfig(f"{', '.join(map(str, folders))}: no answers to train on: {sets.words()}")
    return sets


def keys_of(split: Split) -> np.ndarray:
    """Return the keys of all positions of games, as in `Labels.keys`, each once: uint64 [N]."""
    keys = [label_files.position_keys(boards) for _, boards in annotate.positions(split)]
    return np.unique(np.concatenate([np.empty(0, np.uint64), *keys]))


def games_of(labels: Labels) -> Split:
    """Return each label as a game of one move by Red, without a result."""
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
    """Return a label as a window of its game."""
    return Window(row, 0, 0, 1, layout.placement)


@torch.no_grad()
def measure(model: Gpt, labels: Labels, most: int = 2000, batch: int = 500) -> dict[str, Any]:
    """Measure how well a model agrees with the teacher on the first labels.

    Keys: positions; top1 and bits_per_move with the legal mask; value_error, the mean distance of its expected score
    from the teacher's; value, see valuation.agreement.
    """
    layout, device = layout_of(model.config), str(next(model.parameters()).device)
    labels = labels.take(np.arange(min(most, len(labels))))
    split, chances = games_of(labels), torch.from_numpy(labels.values())
    worth = torch.tensor([1.0, 0.5, 0.0])
    was_training, sums, leads = model.training, torch.zeros(3, dtype=torch.float64), [np.empty(0)]
    model.eval()
    for first in range(0, len(labels), batch):
        rows = range(first, min(first + batch, len(labels)))
        given = make_batch(split, [label_window(row, layout) for row in rows], np.zeros(len(rows), bool), layout)
        found = score(model, given)
        played = torch.from_numpy(given.played()).to(device).unsqueeze(-1)
        mine = found.moves[0].gather(-1, played)
        outcome = found.value.softmax(-1).cpu()
        leads.append((outcome[:, 0] - outcome[:, 2]).numpy())
        expected = outcome @ worth
        gap = (expected - chances[first : first + batch] @ worth).abs()
        sums += (
            torch.stack([(found.moves[0] <= mine).all(-1).sum(), -mine.sum() / math.log(2), gap.sum()]).double().cpu()
        )
    model.train(was_training)
    top1, bits, error = (sums / max(1, len(labels))).tolist()
    return {
        "positions": len(labels),
        "top1": round(top1, 6),
        "bits_per_move": round(bits, 6),
        "value_error": round(error, 6),
        "value": valuation.agreement(np.concatenate(leads), labels.scores),
    }


@dataclass
class LabelStream:
    """An endless, reproducible stream of batches of `count` labels; `epoch` and `position` are its whole state.

    Of several processes that train together, each takes every `ranks`-th batch, starting at its own `rank`.
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
        wanted, self.count = self.count, min(self.count, len(self.labels) // self.ranks)
        if not wanted:
            raise BadConfig("setting labels_share: too small for one label a batch")
        if not self.count:
            raise BadConfig(f"{self.ranks} processes need at least {self.ranks} labels; there are {len(self.labels)}")
        self._games, self._values = games_of(self.labels), self.labels.values()

    def batch(self, rows: np.ndarray, flips: np.ndarray) -> Batch:
        """Return `make_batch` of some labels; 30 times as fast as that where no piece tokens come first."""
        if self.layout.placement:
            pieces = [label_window(row, self.layout) for row in rows.tolist()]
            return make_batch(self._games, pieces, flips, self.layout)
        tokenizer, k = self.layout.tokenizer, self.layout.tokenizer.per_move
        boards, ids = self.labels.boards[rows], self.labels.moves[rows]
        boards = np.where(flips[:, None], boards[:, MIRROR], boards)
        chosen = tokenizer.spelling[np.where(flips, MIRROR_ID[ids], ids)]  # [N, K]
        read = tokenizer.following[np.arange(k - 1), chosen[:, :-1]]
        n = len(rows)
        return Batch(
            np.concatenate((np.full((n, 1), tokenizer.bos), read), 1),
            np.repeat(boards[:, None], k, 1),
            chosen.astype(np.int64),
            np.full((n, k), IGNORED, np.int64),
            np.zeros((n, k), np.int32),
            np.repeat(np.arange(k, dtype=np.int8)[None], n, 0),
            np.zeros((n, k, 2), np.int64),
            tokenizer,
        )

    def take(self) -> Batch:
        """Return the next batch, with the teacher's answers."""
        if (self.position + 1) * self.ranks * self.count > len(self.labels):
            self.epoch, self.position = self.epoch + 1, 0
        if self._order[0] != self.epoch:
            rng = np.random.default_rng((self.seed, self.epoch, _STREAM))
            self._order = self.epoch, rng.permutation(len(self.labels))
        index = self.position * self.ranks + self.rank
        rows = self._order[1][index * self.count : (index + 1) * self.count]
        flips = np.random.default_rng((self.seed, self.epoch, _STREAM, index)).random(self.count) < 0.5
        batch = self.batch(rows, flips & self.mirror)
        self.position += 1
        taught = self._taught(rows, flips & self.mirror, batch)
        return replace(batch, taught=taught)

    def _taught(self, rows: np.ndarray, flips: np.ndarray, batch: Batch) -> Taught:
        return taught_at(
            self.labels.ranked[rows, None],
            self.labels.ranked_scores[rows, None],
            self._values[rows, None],
            np.broadcast_to(flips[:, None], batch.parts.shape),
            batch,
        )
