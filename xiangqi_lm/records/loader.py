"""Batches of games for training and evaluation: tokens, exact boards and targets as the model sees them.

At each ply the model sees the position as its mover does (see `rules.kernel.unroll`), so the target of Black's
`h9g7` is what Red would play from the other side: `b0c2`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import XiangqiError
from ..rules import jit
from ..rules.board import Board
from ..rules.moves import HALF_TURN_ID, MIRROR_ID, MOVE_COUNT
from ..rules.squares import MIRROR, SQUARES
from .shards import Split

BOS = MOVE_COUNT  # the token before the first move
IGNORED = -100  # target of padding and of plies that another window counts
UNKNOWN_RESULT = 2
_START = Board().array


@dataclass(frozen=True)
class Window:
    """Plies [first, stop) of a game, of which those from `counted` on are targets."""

    game: int
    first: int
    counted: int
    stop: int


@dataclass(frozen=True)
class Batch:
    """Padded games. Rows are games, columns plies."""

    tokens: np.ndarray  # int64 [B, T]: the move before each position, BOS before the first
    boards: np.ndarray  # int8 [B, T, 90]: the position as its mover sees it
    targets: np.ndarray  # int64 [B, T]: the move played; IGNORED in padding
    values: np.ndarray  # int64 [B, T]: 0 the mover won, 1 draw, 2 lost; IGNORED in padding and when unknown
    plies: np.ndarray  # int32 [B, T]: ply in the game

    def moves(self, threads: int = 1) -> np.ndarray:
        """Legal moves of mover and opponent in every position, bool [B, T, 2, 2086]; padding has none."""
        return legal_moves(self.boards, threads)

    @property
    def counted(self) -> int:
        """How many plies are targets."""
        return int((self.targets != IGNORED).sum())


def window_start(ply: int, context: int) -> int:
    """The first ply that the model looks back on when it chooses move `ply`: it moves on by half a context at a time,
    so that training, evaluation and play see the same windows and a cache stays good for half a context."""
    half = context // 2
    return 0 if ply < context else ((ply - context) // half + 1) * half


def windows(game: int, plies: int, context: int) -> list[Window]:
    """Cut a game into pieces that fit the context; every ply is counted once, in the window of `window_start`."""
    pieces = []
    counted = 0
    while counted < plies:
        first = window_start(counted, context)
        stop = min(plies, first + context)
        pieces.append(Window(game, first, counted, stop))
        counted = stop
    return pieces


def view(ids: np.ndarray, start: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A line of play as its movers see it: tokens int64 [n + 1], boards int8 [n + 1, 90], targets int64 [n].

    The last row is the position after the last move, for a player to choose from.
    """
    n = len(ids)
    boards, seen = np.empty((n + 1, SQUARES), np.int8), np.empty(n, np.int16)
    board = start.astype(np.int8)  # a copy, for unroll plays on it
    last = jit.kernels().unroll(board, side, np.ascontiguousarray(ids, dtype=np.int16), boards, seen)
    boards[n] = board if last > 0 else -board[::-1]
    targets = seen.astype(np.int64)
    return np.concatenate(([BOS], HALF_TURN_ID[targets])), boards, targets


def legal_moves(boards: np.ndarray, threads: int = 1) -> np.ndarray:
    """The moves the mover has, and those the opponent would have were it his turn: int8 [..., 90] as the mover sees the
    board -> bool [..., 2, 2086]."""
    flat = np.repeat(boards.reshape(-1, SQUARES), 2, axis=0)
    sides = np.tile(np.array([1, -1], np.int8), len(flat) // 2)
    return jit.kernels().legal_masks(flat, sides, threads).reshape(*boards.shape[:-1], 2, MOVE_COUNT)


def _start(split: Split, game: int) -> tuple[np.ndarray, int]:
    """The men int8 [90] and the side to move a game starts with."""
    row = split.start(game)
    return (_START, 1) if row is None else (np.asarray(row[:SQUARES]), int(row[SQUARES]))


def make_batch(split: Split, pieces: list[Window], reflect: np.ndarray) -> Batch:
    """Unroll and pad windows; `reflect` (bool [B]) says which games to show as their mirror images."""
    b, t = len(pieces), max(w.stop - w.first for w in pieces)
    batch = Batch(
        np.full((b, t), BOS, np.int64),
        np.zeros((b, t, SQUARES), np.int8),
        np.full((b, t), IGNORED, np.int64),
        np.full((b, t), IGNORED, np.int64),
        np.zeros((b, t), np.int32),
    )
    for row, (window, mirrored) in enumerate(zip(pieces, reflect, strict=True)):
        men, side = _start(split, window.game)
        ids = np.asarray(split.moves(window.game)[: window.stop], dtype=np.int64)
        if mirrored:
            men, ids = men[MIRROR], MIRROR_ID[ids]
        tokens, boards, targets = view(ids, men, side)
        n, skip = window.stop - window.first, window.counted - window.first
        batch.tokens[row, :n] = tokens[window.first : window.stop]
        batch.boards[row, :n] = boards[window.first : window.stop]
        batch.targets[row, skip:n] = targets[window.counted :]
        plies = np.arange(window.first, window.stop)
        batch.plies[row, :n] = plies
        result = split.result(window.game)
        if result != UNKNOWN_RESULT:
            movers = np.where(plies % 2 == 0, side, -side)
            batch.values[row, skip:n] = (1 - movers * result)[skip:]
    return batch


def plan(split: Split, context: int, batch_tokens: int, rng: np.random.Generator | None) -> list[list[Window]]:
    """One epoch as lists of windows of similar length, each at most `batch_tokens` with padding.

    With `rng` the order of games, of equal lengths and of batches is shuffled; without it all is sorted by length.
    """
    lengths = np.diff(split.offsets)
    pieces = [w for game, n in enumerate(lengths.tolist()) if n for w in windows(game, n, context)]
    size = np.array([w.stop - w.first for w in pieces])
    noise = np.zeros(len(size)) if rng is None else rng.uniform(-4, 4, len(size))  # plies: neighbours vary by epoch
    batches: list[list[Window]] = [[]]
    longest = 0
    for i in np.argsort(size + noise, kind="stable").tolist():
        longest = max(longest, int(size[i]))
        if batches[-1] and longest * (len(batches[-1]) + 1) > batch_tokens:
            batches.append([])
            longest = int(size[i])
        batches[-1].append(pieces[i])
    if rng is not None:
        batches = [batches[i] for i in rng.permutation(len(batches))]
    return batches


@dataclass
class Loader:
    """An endless, reproducible stream of training batches; `epoch` and `position` are its whole state.

    Of several processes that train together each takes every `ranks`-th batch, beginning with its own `rank`; those
    that would not go round at the end of an epoch are left out. Raises XiangqiError where an epoch has fewer batches.
    """

    split: Split
    context: int
    batch_tokens: int
    mirror: bool
    seed: int
    epoch: int = 0
    position: int = 0  # batches taken from this epoch
    rank: int = 0
    ranks: int = 1

    def __iter__(self) -> Iterator[Batch]:
        while True:
            rng = np.random.default_rng((self.seed, self.epoch))
            batches = plan(self.split, self.context, self.batch_tokens, rng)
            rounds = len(batches) // self.ranks
            if not rounds:
                raise XiangqiError(f"{len(batches)} batches an epoch do not go round {self.ranks} processes")
            while self.position < rounds:
                index = self.position * self.ranks + self.rank
                pieces = batches[index]
                flips = np.random.default_rng((self.seed, self.epoch, index)).random(len(pieces)) < 0.5
                batch = make_batch(self.split, pieces, flips & self.mirror)
                self.position += 1
                yield batch
            self.epoch, self.position = self.epoch + 1, 0
