"""Batches of games for training and evaluation: tokens, exact boards and targets as the model sees them.

At each ply the model sees the position from the side to move (see `rules.kernel.unroll`), so the target of Black's
`h9g7` is the move Red would play from the other side: `b0c2`. `layout` defines how plies become columns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ..errors import XiangqiError
from ..rules import jit
from ..rules.moves import HALF_TURN_ID, MIRROR_ID, MOVE_COUNT
from ..rules.squares import MIRROR, SQUARES
from .answers import Answers
from .layout import START, Layout, Window, columns, set_up, windows
from .splits import Split
from .tokenizer import TOKENIZERS, Tokenizer

BOS = MOVE_COUNT  # the token before the first move, with one token per move
IGNORED = -100  # target of padding, of the placement before a window, and of plies counted in another window
UNKNOWN_RESULT = 2
PLAIN = Layout()
RESULT_CONDITIONS = ("unknown", "win", "draw", "loss")  # for the side to move
LEVELS = (1400, 1600, 1800, 2000, 2200, 2400)  # Elo: level 1 is below the first, level 2 starts at it ...; 0 is unknown


def level_of(rating: int) -> int:
    """Return the level condition for an Elo rating; a rating of 0 means unknown and gives level 0."""
    return int(np.searchsorted(LEVELS, rating, "right")) + 1 if rating else 0


@dataclass(frozen=True)
class Taught:
    """A teacher's answers to the positions of a batch."""

    tokens: np.ndarray  # int64 [B, T, K]: the tokens of its K best moves, best first; IGNORED if none
    scores: np.ndarray  # float32 [B, T, K]: their scores in centipawns; NaN if it gave fewer moves
    values: np.ndarray  # float32 [B, T, 3]: win, draw and loss in each ply's first column; zeros if not given


@dataclass(frozen=True)
class Batch:
    """Padded games. Rows are games, columns tokens (see `layout`); a ply's columns all hold its position."""

    tokens: np.ndarray  # int64 [B, T]: the previous token
    boards: np.ndarray  # int8 [B, T, 90]: the position as the side to move sees it; empty in placement and padding
    targets: np.ndarray  # int64 [B, T]: the token played; IGNORED where there is no target
    values: np.ndarray  # int64 [B, T]: 0 win, 1 draw, 2 loss of the side to move, in a ply's first column; else IGNORED
    plies: np.ndarray  # int32 [B, T]: ply in the game
    parts: np.ndarray  # int8 [B, T]: which token of its move a column predicts; -1 in placement and padding
    conditions: np.ndarray  # int64 [B, T, 2]: index in RESULT_CONDITIONS, and level of the side to move, 0 unknown
    tokenizer: Tokenizer = TOKENIZERS["move"]
    taught: Taught | None = None

    def moves(self, threads: int = 1) -> np.ndarray:
        """Return the legal moves of both sides in every position, bool [B, T, 2, 2086]; padding has none."""
        if self.tokenizer.per_move == 1:
            return legal_moves(self.boards, threads)
        out = np.zeros((*self.parts.shape, 2, MOVE_COUNT), bool)
        asked = self.parts >= 0
        positions = self.parts == 0
        index = np.cumsum(positions.reshape(-1)) - 1  # further columns of a ply use its first
        out[asked] = legal_moves(self.boards[positions], threads)[index[asked.reshape(-1)]]
        return out

    def classes(self, threads: int = 1) -> np.ndarray:
        """Return the classes of the legal moves in every position, int16 [B, T, W, COLUMNS] (see `rules.kernel`);
        padding has none."""
        found = jit.kernels().move_classes(self.boards.reshape(-1, SQUARES), threads)
        return found.reshape(*self.boards.shape[:2], *found.shape[1:])

    def legal(self, moves: np.ndarray) -> np.ndarray:
        """Return the tokens that continue a legal move, given the tokens before: bool [B, T, V], from `moves()`."""
        if self.tokenizer.per_move == 1:
            return moves[:, :, 0]
        out = np.zeros((*self.parts.shape, self.tokenizer.size), bool)
        rows, places = np.nonzero(self.parts == 0)
        position, ids = np.nonzero(moves[rows, places, 0])
        rows, places, spelled = rows[position], places[position], self.tokenizer.spelling[ids]  # one row per legal move
        for part in range(self.tokenizer.per_move):
            if part:  # only those that begin like the move played
                left = spelled[:, part - 1] == self.tokens[rows, places + part]
                rows, places, spelled = rows[left], places[left], spelled[left]
            out[rows, places + part, spelled[:, part]] = True
        return out

    @property
    def asked(self) -> np.ndarray:
        """Return where a move is a target, at its first token: bool [B, T]."""
        return (self.targets != IGNORED) & (self.parts == 0)

    def played(self) -> np.ndarray:
        """Return the moves played where `asked` is true, in this order: int64 [counted]."""
        rows, places = np.nonzero(self.asked)
        return self.tokenizer.moves(self.targets[rows[:, None], places[:, None] + np.arange(self.tokenizer.per_move)])

    @property
    def counted(self) -> int:
        """Return the number of plies that are targets."""
        return int(self.asked.sum())


def view(ids: np.ndarray, start: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return a line of play as the side to move sees it, with one token per move: tokens int64 [n + 1], boards int8
    [n + 1, 90], targets int64 [n].

    The last row is the position after the last move, in which a player chooses the next one.
    """
    n = len(ids)
    boards, seen = np.empty((n + 1, SQUARES), np.int8), np.empty(n, np.int16)
    board = start.astype(np.int8)  # a copy, as unroll changes it
    last = jit.kernels().unroll(board, side, np.ascontiguousarray(ids, dtype=np.int16), boards, seen)
    boards[n] = board if last > 0 else -board[::-1]
    targets = seen.astype(np.int64)
    return np.concatenate(([BOS], HALF_TURN_ID[targets])), boards, targets


def legal_moves(boards: np.ndarray, threads: int = 1) -> np.ndarray:
    """Return the legal moves of the side to move, and of its opponent if it were to move: int8 [..., 90] as the side to
    move sees the board -> bool [..., 2, 2086]."""
    flat = np.repeat(boards.reshape(-1, SQUARES), 2, axis=0)
    sides = np.tile(np.array([1, -1], np.int8), len(flat) // 2)
    return jit.kernels().legal_masks(flat, sides, threads).reshape(*boards.shape[:-1], 2, MOVE_COUNT)


def taught_at(ranked: np.ndarray, scores: np.ndarray, values: np.ndarray, reflect: np.ndarray, batch: Batch) -> Taught:
    """Return a teacher's answers for the columns of a batch.

    `ranked` holds ids as the side to move sees them, int64 [B, T or 1, K], negative without a move; `scores` has the
    same shape; `values` is float32 [B, T or 1, 3], zeros if not given; `reflect`, bool [B, T], marks columns shown as
    mirror images. After a move's first token only moves that begin like the one in the batch count.
    """
    parts, tokenizer = batch.parts, batch.tokenizer
    ranked = np.broadcast_to(ranked, (*parts.shape, ranked.shape[-1]))
    named = ranked >= 0
    known = named & (parts >= 0)[:, :, None]
    ids = np.where(reflect[:, :, None], MIRROR_ID[ranked.clip(0)], ranked.clip(0))
    tokens = tokenizer.spelling[ids, parts.clip(0)[:, :, None]]
    for part in range(1, tokenizer.per_move):
        columns = np.arange(parts.shape[1]) - (parts - part)  # the column of token `part` of the same move
        read = np.take_along_axis(batch.tokens, columns.clip(0, parts.shape[1] - 1), 1)
        known &= (parts < part)[:, :, None] | (tokenizer.spelling[ids, part - 1] == read[:, :, None])
    said = np.broadcast_to(values, (*parts.shape, 3)) * (parts == 0)[:, :, None]
    scores = np.where(named, scores, np.nan).astype(np.float32)
    return Taught(np.where(known, tokens, IGNORED), scores, said.astype(np.float32))


# ------------------------------------------------------------------------------------------------ batches


def _start(split: Split, game: int) -> tuple[np.ndarray, int]:
    """Return the squares, int8 [90], and the side to move at the start of a game."""
    row = split.start(game)
    return (START, 1) if row is None else (np.asarray(row[:SQUARES]), int(row[SQUARES]))


def _empty(b: int, t: int, tokenizer: Tokenizer) -> Batch:
    return Batch(
        np.full((b, t), tokenizer.bos, np.int64),
        np.zeros((b, t, SQUARES), np.int8),
        np.full((b, t), IGNORED, np.int64),
        np.full((b, t), IGNORED, np.int64),
        np.zeros((b, t), np.int32),
        np.full((b, t), -1, np.int8),
        np.zeros((b, t, 2), np.int64),
        tokenizer,
    )


def make_batch(
    split: Split, pieces: list[Window], reflect: np.ndarray, layout: Layout = PLAIN, hide: np.ndarray | None = None
) -> Batch:
    """Return a batch of unrolled and padded windows.

    `reflect` (bool [B]) marks games to show as mirror images, `hide` (bool [B, 2]) those whose result and whose levels
    are left out of the conditions (None: all of them). A result that is a condition is not a target: such games have no
    values.
    """
    b, k = len(pieces), layout.tokenizer.per_move
    hide = np.ones((b, 2), bool) if hide is None else hide
    drafts = []
    for window, mirrored in zip(pieces, reflect, strict=True):
        squares, side = _start(split, window.game)
        ids = np.asarray(split.moves(window.game)[: window.stop], dtype=np.int64)
        if mirrored:
            squares, ids = squares[MIRROR], MIRROR_ID[ids]
        _, boards, seen = view(ids, squares, side)
        drafts.append((columns(seen, boards, window.first, window.placement, layout), boards, seen))
    batch = _empty(b, max(len(read.tokens) - 1 for read, _, _ in drafts), layout.tokenizer)
    for row, (window, (read, boards, seen)) in enumerate(zip(pieces, drafts, strict=True)):
        n = len(read.tokens) - 1  # the last column would predict a move that was not played
        plies, parts = read.plies[:n], read.parts[:n]
        batch.tokens[row, :n], batch.plies[row, :n], batch.parts[row, :n] = read.tokens[:n], plies, parts
        batch.boards[row, :n] = boards[plies] * (parts >= 0)[:, None]
        counted = slice(n - k * (window.stop - window.counted), n)
        batch.targets[row, counted] = layout.tokenizer.spelling[seen[window.counted :]].reshape(-1)
        if color := split.color(window.game):
            batch.targets[row, :n][(plies % 2 == 0) != (color == _start(split, window.game)[1])] = IGNORED
        results, levels = _told(split, window.game, plies)
        if hide[row, 0]:
            asked = (parts == 0) & (plies >= window.counted) & (results > 0)
            batch.values[row, :n][asked] = results[asked] - 1
        batch.conditions[row, :n] = np.stack((results, levels), -1) * ~hide[row]
    return (
        batch if split.answers is None else replace(batch, taught=_taught(split, split.answers, pieces, reflect, batch))
    )


def _taught(split: Split, answers: Answers, pieces: list[Window], reflect: np.ndarray, batch: Batch) -> Taught:
    """Return a teacher's answers at the plies that are targets."""
    asked = batch.targets != IGNORED
    rows, columns = np.nonzero(asked)
    first = np.array([split.offsets[window.game] for window in pieces])
    moves, scores, values = answers.at(first[rows] + batch.plies[rows, columns])
    shape = (*asked.shape, moves.shape[-1])
    ranked, said = np.full(shape, -1), np.full(shape, np.nan, np.float32)
    worth = np.zeros((*asked.shape, 3), np.float32)
    ranked[asked], said[asked], worth[asked] = moves, scores, values
    return taught_at(ranked, said, worth, np.broadcast_to(np.asarray(reflect)[:, None], asked.shape), batch)


def _told(split: Split, game: int, plies: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the result and level conditions of the sides to move at some plies of a game."""
    movers = np.where(plies % 2 == 0, 1, -1) * _start(split, game)[1]
    result, (red, black) = split.result(game), split.rating(game)
    results = np.zeros_like(plies) if result == UNKNOWN_RESULT else 2 - movers * result
    return results, np.where(movers > 0, level_of(red), level_of(black))


def plan(split: Split, layout: Layout, batch_tokens: int, rng: np.random.Generator | None) -> list[list[Window]]:
    """Return one epoch as lists of windows of similar length, each at most `batch_tokens` tokens including padding.

    With `rng` games, windows of equal length and batches are shuffled; without it all are sorted by length.
    """
    lengths = np.diff(split.offsets)
    pieces = [
        w
        for game, n in enumerate(lengths.tolist())
        if n
        for w in windows(game, n, layout, set_up(*_start(split, game)))
    ]
    size = np.array([w.columns(layout) for w in pieces])
    close = 4 * layout.tokenizer.per_move  # lengths within four plies count as equal, so that batches vary by epoch
    noise = np.zeros(len(size)) if rng is None else rng.uniform(-close, close, len(size))
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
    """An endless, reproducible stream of training batches; `epoch` and `position` are its entire state.

    When several processes train together, each takes every `ranks`-th batch, starting with its own `rank`; a remainder
    at the end of an epoch is skipped. Raises XiangqiError if an epoch has fewer batches than processes.
    """

    split: Split
    layout: Layout
    batch_tokens: int
    mirror: bool
    seed: int
    epoch: int = 0
    position: int = 0  # batches taken from this epoch
    rank: int = 0
    ranks: int = 1
    condition_dropout: float = 1.0  # the share of games without the result condition, and of those without levels

    def __iter__(self) -> Iterator[Batch]:
        while True:
            rng = np.random.default_rng((self.seed, self.epoch))
            batches = plan(self.split, self.layout, self.batch_tokens, rng)
            rounds = len(batches) // self.ranks
            if not rounds:
                raise XiangqiError(
                    f"{self.ranks} processes need at least {self.ranks} batches per epoch; there are {len(batches)}"
                )
            while self.position < rounds:
                index = self.position * self.ranks + self.rank
                pieces = batches[index]
                rng = np.random.default_rng((self.seed, self.epoch, index))
                flips = rng.random(len(pieces)) < 0.5
                hide = rng.random((len(pieces), 2)) < self.condition_dropout
                batch = make_batch(self.split, pieces, flips & self.mirror, self.layout, hide)
                self.position += 1
                yield batch
            self.epoch, self.position = self.epoch + 1, 0
