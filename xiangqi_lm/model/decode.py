"""Incremental encoding of many games: keys and values of plies already seen are kept from call to call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..records.loader import BOS, legal_moves, view, window_start
from .device import autocast
from .gpt import Gpt
from .inputs import Inputs


class Line(NamedTuple):
    """A game so far: the position it started from (int8 [90]), who began (1 or -1), and the ids of its moves."""

    start: np.ndarray
    side: int
    ids: np.ndarray  # int64 [n]


class _Row(NamedTuple):
    """One game as the model reads it: tokens int64 [n], boards int8 [n, 90], cut to the model's window."""

    tokens: np.ndarray
    boards: np.ndarray


def _common(a: _Row, b: _Row) -> int:
    """How many first plies two rows share."""
    n = min(len(a.tokens), len(b.tokens))
    differs = (a.tokens[:n] != b.tokens[:n]) | (a.boards[:n] != b.boards[:n]).any(-1)
    return int(differs.argmax()) if differs.any() else n


class Decoder:
    """Encodes the last position of games that mostly grow by a move or two between calls.

    The cache is used wherever the new games continue the old ones, row by row or with rows dropped; anything else
    (another game, a move taken back) is encoded again from the first ply that differs. Results do not depend on it.
    """

    def __init__(self, model: Gpt):
        self.model = model
        self.device = str(next(model.parameters()).device)
        self._rows: list[_Row] = []
        self._cache = model.new_cache()

    def _read(self, line: Line) -> _Row:
        tokens, boards, _ = view(line.ids, line.start, line.side)
        first = window_start(len(line.ids), self.model.config.context)
        return _Row(tokens[first:], boards[first:])

    def _reuse(self, rows: list[_Row]) -> int:
        """Make the cache hold exactly a common number of first plies of all rows; returns that number."""
        sources, shared = [], []
        by_first: dict[bytes, int] = {}
        for i, old in enumerate(self._rows):
            by_first.setdefault(old.tokens.tobytes(), i)
        for i, row in enumerate(rows):
            n = len(row.tokens)
            grown = (by_first.get(row.tokens[: n - k].tobytes()) for k in (1, 2) if n > k)  # a move or two later
            source = next((j for j in grown if j is not None), i if i < len(self._rows) else None)
            if source is None:
                return self._forget()
            sources.append(source)
            shared.append(min(_common(row, self._rows[source]), n - 1))  # the last ply is always computed
        keep = min(shared)
        if keep == 0:
            return self._forget()
        same = sources == list(range(len(self._rows)))
        index = None if same else torch.tensor(sources, device=self.device)
        for layer in self._cache:
            layer.keep(index, keep)
        return keep

    def _forget(self) -> int:
        self._cache = self.model.new_cache()
        return 0

    @torch.inference_mode()
    def encode(self, lines: Sequence[Line]) -> Tensor:
        """The hidden state of each game's present position: [B, width], float32."""
        rows = [self._read(line) for line in lines]
        done = self._reuse(rows)
        longest = max(len(row.tokens) for row in rows)
        tokens = np.full((len(rows), longest - done), BOS, np.int64)
        boards = np.zeros((len(rows), longest - done, 90), np.int8)
        for i, row in enumerate(rows):
            tokens[i, : len(row.tokens) - done] = row.tokens[done:]
            boards[i, : len(row.tokens) - done] = row.boards[done:]
        with autocast(self.device):
            inputs = Inputs(
                torch.from_numpy(tokens).to(self.device),
                torch.from_numpy(boards).to(self.device),
                torch.from_numpy(legal_moves(boards)).to(self.device) if self.model.config.legal_moves else None,
            )
            hidden = self.model.encode(inputs, self._cache)
        self._rows = rows  # padding behind shorter rows is in the cache too, but never shared: _common ends before it
        last = torch.tensor([len(row.tokens) - done - 1 for row in rows], device=self.device)
        return hidden[torch.arange(len(rows), device=self.device), last].float()
