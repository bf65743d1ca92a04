"""Games of one language model against itself in lockstep: rules, model and sampling stay on one device.

All games of a group are at the same ply, so that one cache of any kind serves them all and their windows move on
together. A game that has ended waits until `keep` drops it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ..dataset.layout import layout_of, window_start
from ..dataset.loader import BOS
from ..model.attention import Cache, KeyValueCache
from ..model.device import autocast
from ..model.functional import filter_top_p, sharpen
from ..model.gpt import Gpt
from ..model.inputs import Inputs
from ..model.move_classes import move_classes
from ..rules import batched
from ..rules.batched import GOES_ON, Boards
from ..rules.board import Board
from ..rules.moves import MOVE_COUNT
from ..rules.squares import SQUARES
from .devicerules import Clock, Legal, final, look, moves_of, shunned, table

_AT_ONCE = 1 << 15  # columns encoded at once when a window is read again


@dataclass(frozen=True)
class SamplingConfig:
    """How moves are sampled: at `opening_temperature` for the first `opening_plies` plies after the given opening, then
    at `temperature` (0: the likeliest) with `top_p`. `seed`, the game's number and the ply determine each draw."""

    temperature: float
    top_p: float
    seed: int
    opening_plies: int = 0
    opening_temperature: float = 1.0


def fits(model: Gpt) -> bool:
    """Return whether a model can play in lockstep: one token per move, and no piece tokens in front of the game."""
    layout = layout_of(model.config)
    return layout.tokenizer.per_move == 1 and not layout.placement


class RoomyCache(KeyValueCache):
    """Keys and values in memory for a whole window, written in place: 2.6 times as fast, with 1,000 games and 64 plies,
    as concatenating them at every ply."""

    def __init__(self, room: int):
        super().__init__()
        self._room, self._length = room, 0

    @property
    def length(self) -> int:
        return self._length

    def extend(self, k: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
        if self.keys is None or self.values is None:
            self.keys, self.values = (x.new_empty(*x.shape[:2], self._room, x.shape[3]) for x in (k, v))
        end = self._length + k.shape[2]
        self.keys[:, :, self._length : end] = k
        self.values[:, :, self._length : end] = v
        self._length = end
        return self.keys[:, :, :end], self.values[:, :, :end]

    def keep(self, rows: Tensor | None, length: int) -> None:
        assert self.keys is not None and self.values is not None
        self._length = length
        if rows is not None:
            kept = []
            for old in (self.keys, self.values):
                new = old.new_empty(len(rows), *old.shape[1:])
                new[:, :, :length] = old[:, :, :length].index_select(0, rows)
                kept.append(new)
            self.keys, self.values = kept


class GameBatch:
    """B games from openings of equal length; `numbers` (of the games) and `openings` have the same order."""

    @torch.no_grad()
    def __init__(self, model: Gpt, sampling: SamplingConfig, numbers: Sequence[int], openings: Sequence[Board]):
        self._model, self._sampling = model, sampling
        self._layout = layout_of(model.config)
        self._device = next(model.parameters()).device
        self.numbers = torch.tensor(numbers, device=self._device)  # int64 [B]
        self.ended = torch.zeros(len(numbers), dtype=torch.bool, device=self._device)
        self.boards = batched.from_boards([board.root() for board in openings], self._device)
        self.clock = Clock.start(self.boards)
        self.ply = self.opening = 0
        # [B, room], MOVE_COUNT for none
        self.moves = torch.empty(len(numbers), 0, dtype=torch.int16, device=self._device)
        self._first = 0  # ply of the window's first column
        self._tokens = torch.empty(len(numbers), self._layout.context, dtype=torch.int64, device=self._device)
        self._views = torch.empty(len(numbers), self._layout.context, SQUARES, dtype=torch.int8, device=self._device)
        self._last = torch.full_like(self.numbers, BOS)  # the token of the last move
        self._cache = self._new_cache()
        self._encoded = 0  # columns in the cache
        ids = torch.tensor([[move.id for move in board.move_stack] for board in openings], device=self._device)
        self.opening = ids.shape[1]
        for ply in range(self.opening):
            self._look()
            self._play(ids[:, ply])

    def __len__(self) -> int:
        return len(self.numbers)

    # -------------------------------------------------------------------------------------------- a ply

    @torch.no_grad()
    def step(self, plies: int = 1) -> None:
        """Play that many moves in every unfinished game, without waiting for the device."""
        with autocast(str(self._device)):  # caches converted weights, but not in inference mode, which is 1.7x slower
            for _ in range(plies):
                self._step()

    def _step(self) -> None:
        legal = self._look()
        logits = self._with_repertoire(legal, self._policy(legal).float())
        logits = logits.gather(1, legal.ids.clamp(max=MOVE_COUNT - 1))
        logits = logits.masked_fill(legal.ids == MOVE_COUNT, -torch.inf)
        logits = self._knowing_the_end(legal, logits)
        hot = self.ply - self.opening < self._sampling.opening_plies
        temperature = self._sampling.opening_temperature if hot else self._sampling.temperature
        chances = filter_top_p(sharpen(torch.log_softmax(logits, -1), temperature), self._sampling.top_p)
        draw = random_numbers(self._sampling.seed, self.numbers, self.ply)
        seen = legal.ids.gather(1, drawn(chances.nan_to_num(0.0), draw)[:, None])[:, 0]
        ids = torch.where(self.boards.side > 0, seen, table("half_turn", seen))
        self._play(torch.where(self.ended, MOVE_COUNT, ids))

    def _look(self) -> Legal:
        """Examine the positions: find the legal moves, and the games that are over."""
        legal = look(self.boards, self._model.config.legal_moves)
        self.clock = self.clock.seen(self.boards, legal.check)
        self.ended = self.ended | (self.clock.ending(self.boards, legal) != GOES_ON)
        column = self.ply - self._first
        if window_start(self.ply, self._layout) != self._first:
            column = self._shift()
        self._tokens[:, column], self._views[:, column] = self._last, legal.view
        return legal

    def _knowing_the_end(self, legal: Legal, logits: Tensor) -> Tensor:
        """Apply a player's knowledge of the rules: end the game where possible, avoid needless repetitions."""
        won = final(self.boards, legal, logits)
        avoided = shunned(self.boards, self.clock, legal)
        sensible = (logits > -torch.inf) & ~avoided
        allowed = torch.where(won.any(1, keepdim=True), won, sensible | ~sensible.any(1, keepdim=True))
        return logits.masked_fill(~allowed, -torch.inf)

    def _play(self, ids: Tensor) -> None:
        """Play ids int64 [B], MOVE_COUNT where a game is over."""
        if self.ply == self.moves.shape[1]:
            more = torch.full((len(self), max(128, self.ply)), MOVE_COUNT, dtype=torch.int16, device=self._device)
            self.moves = torch.cat((self.moves, more), 1)
        self.moves[:, self.ply] = ids.to(torch.int16)
        self.boards, self.clock = self.clock.pushed(self.boards, ids)
        turned = torch.where(self.boards.side > 0, ids, table("half_turn", ids))  # in the next mover's view
        self._last = torch.where(ids == MOVE_COUNT, BOS, turned)
        self.ply += 1

    # -------------------------------------------------------------------------------------------- the model

    def _new_cache(self) -> list[Cache]:
        room = self._layout.context
        return [RoomyCache(room) if type(c) is KeyValueCache else c for c in self._model.new_cache()]

    def _shift(self) -> int:
        """Drop the older half of the window and encode the rest anew; return the present column."""
        first = window_start(self.ply, self._layout)
        left = self.ply - first
        for kept in (self._tokens, self._views):
            kept[:, :left] = kept[:, first - self._first : first - self._first + left].clone()
        self._first, self._encoded, self._cache = first, 0, self._new_cache()
        return left

    def _policy(self, legal: Legal) -> Tensor:
        """Return logits in the mover's view, [B, 2086], after reading all columns that the cache does not hold yet."""
        stop = self.ply - self._first + 1
        width = max(1, _AT_ONCE // len(self))
        for column in range(self._encoded, stop, width):
            hidden = self._model.encode(self._inputs(column, min(stop, column + width), legal), self._cache)
        self._encoded = stop
        classes = move_classes(legal.view) if self._model.config.move_classes else None
        return self._model.logits(hidden[:, -1], classes=classes)

    def _with_repertoire(self, legal: Legal, logits: Tensor) -> Tensor:
        """Return the logits [B, 2086], those of a model with a repertoire as log-probabilities with it mixed in."""
        repertoire = self._model.repertoire
        if repertoire is None:
            return logits
        allowed = torch.zeros(len(logits), MOVE_COUNT + 1, dtype=torch.bool, device=self._device)
        allowed = allowed.scatter(1, legal.ids.long(), True)[:, :MOVE_COUNT]
        policy = logits.masked_fill(~allowed, -torch.inf).log_softmax(-1)
        return repertoire.mixed(policy, legal.view.cpu().numpy())

    def _inputs(self, first: int, stop: int, legal: Legal) -> Inputs:
        views, config = self._views[:, first:stop], self._model.config
        moves = None
        if config.legal_moves and stop - first == 1 and stop == self.ply - self._first + 1:
            moves = legal.moves
        elif config.legal_moves:
            moves = moves_of(views)
        unknown = torch.zeros(len(self), stop - first, 2, dtype=torch.int64, device=self._device)
        return Inputs(self._tokens[:, first:stop], views, moves, unknown if config.conditions else None)

    # -------------------------------------------------------------------------------------------- dropping games

    @torch.no_grad()
    def keep(self, rows: Tensor) -> None:
        """Keep only some of the games: their rows, int64 on the device."""
        for name in ("numbers", "ended", "moves", "_tokens", "_views", "_last"):
            setattr(self, name, getattr(self, name).index_select(0, rows))
        self.boards = Boards(*(field.index_select(0, rows) for field in self.boards))
        self.clock = self.clock.rows(rows)
        if self._encoded:
            for layer in self._cache:
                layer.keep(rows, self._encoded)


# ------------------------------------------------------------------------------------------------ sampling


def _stirred(z: Tensor) -> Tensor:
    """Return the final mixing of SplitMix64 on int64 words; shifted-in sign bits are masked off."""
    z = (z ^ ((z >> 30) & ((1 << 34) - 1))) * (0xBF58476D1CE4E5B9 - (1 << 64))
    z = (z ^ ((z >> 27) & ((1 << 37) - 1))) * (0x94D049BB133111EB - (1 << 64))
    return z ^ ((z >> 31) & ((1 << 33) - 1))


def random_numbers(seed: int, numbers: Tensor, ply: int) -> Tensor:
    """Return a number in [0, 1) for each game at a ply, float32 [B], whichever games are played beside it."""
    words = _stirred(_stirred(numbers + _signed(seed * 0x9E3779B97F4A7C15)) + _signed(ply * 0xD1B54A32D192ED03))
    return ((words >> 40) & 0xFFFFFF).to(torch.float32) / (1 << 24)


def _signed(word: int) -> int:
    """Return an unsigned 64-bit number as the int64 with the same bits."""
    return (word + (1 << 63)) % (1 << 64) - (1 << 63)


def drawn(chances: Tensor, draw: Tensor) -> Tensor:
    """Return the columns drawn by numbers in [0, 1): chances [B, W], draw [B] -> int64 [B]; never one of chance 0."""
    heights = chances.double().cumsum(-1)
    return (heights <= draw.double()[:, None] * heights[:, -1:]).sum(-1).clamp(max=chances.shape[1] - 1)
