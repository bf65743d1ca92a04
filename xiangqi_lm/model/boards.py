"""Encoders of the exact board at every token: they turn 90 squares into one vector."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..rules.piece_status import MARKS, OF_PIECES
from ..rules.squares import FILES, RANKS, SQUARES
from .device import gathers, product_dtype
from .piece_status import piece_statuses
from .sparse import gathered, rows_summed

_PIECES = [p for p in range(-7, 8) if p]  # the opponent's seven, then our own seven
_KINDS = len(_PIECES)


class _OneHot(nn.Module):
    """Boards as zeros and ones, with one plane for each kind of piece."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pieces", torch.tensor(_PIECES, dtype=torch.int8), persistent=False)
        self.pieces: Tensor

    def planes(self, boards: Tensor) -> Tensor:
        """Map boards int8 [..., 90] to bool [..., 90, 14]."""
        return boards.unsqueeze(-1) == self.pieces


class SumOfPieces(_OneHot):
    """A sum of learned piece-on-square vectors."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(SQUARES * _KINDS, width))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, boards: Tensor) -> Tensor:
        """Map boards int8 [B, T, 90] to vectors [B, T, width]."""
        return rows_summed(self.planes(boards).flatten(-2), self.weight)


class PieceStatus(_OneHot):
    """The sum of pieces; for each piece whether it is attacked, defended, hanging, or attacked by a cheaper one; and
    which squares each side controls."""

    def __init__(self, width: int):
        super().__init__()
        self.sum = SumOfPieces(width)
        self.weight = nn.Parameter(torch.empty((OF_PIECES * _KINDS + MARKS - OF_PIECES) * SQUARES, width))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, boards: Tensor) -> Tensor:
        """Map boards int8 [B, T, 90] to vectors [B, T, width]."""
        if gathers(self.weight):
            return self.sum(boards) + self._gathered(boards.flatten(0, 1)).view(*boards.shape[:2], -1)
        marks = piece_statuses(boards.flatten(0, 1)).unflatten(0, boards.shape[:2])  # [B, T, 6, 90]
        marked = self.planes(boards).unsqueeze(2) & marks[:, :, :OF_PIECES].unsqueeze(-1)  # [B, T, 4, 90, 14]
        seen = torch.cat((marked.flatten(2), marks[:, :, OF_PIECES:].flatten(2)), -1)
        return self.sum(boards) + rows_summed(seen, self.weight)

    def _gathered(self, boards: Tensor) -> Tensor:
        """Do the same for boards [N, 90] by gathering: half the time of a product with mostly zeros."""
        rows, at = piece_statuses(boards).flatten(1).nonzero(as_tuple=True)
        pieces = boards[rows, at % SQUARES].long()
        kinds = pieces + torch.where(pieces < 0, 7, 6)  # index in _PIECES
        columns = torch.where(at < OF_PIECES * SQUARES, at * _KINDS + kinds, at + OF_PIECES * SQUARES * (_KINDS - 1))
        return gathered(rows, columns, len(boards), self.weight)


class Convolution(_OneHot):
    """The sum of pieces, plus a small residual convolution over the 10 x 9 board."""

    CHANNELS, LAYERS = 48, 2

    def __init__(self, width: int):
        super().__init__()
        self.sum = SumOfPieces(width)
        self.stem = nn.Conv2d(_KINDS, self.CHANNELS, 3, padding=1, bias=False)
        # so that palace, river and edges can be told apart
        self.place = nn.Parameter(torch.zeros(1, self.CHANNELS, RANKS, FILES))
        self.layers = nn.ModuleList(
            nn.Conv2d(self.CHANNELS, self.CHANNELS, 3, padding=1, bias=False) for _ in range(self.LAYERS)
        )
        self.out = nn.Linear(SQUARES * self.CHANNELS, width, bias=False)

    def forward(self, boards: Tensor) -> Tensor:
        """Map boards int8 [B, T, 90] to vectors [B, T, width]."""
        planes = self.planes(boards.flatten(0, 1)).unflatten(1, (RANKS, FILES))  # [N, 10, 9, 14]
        x = planes.to(product_dtype(self.place)).permute(0, 3, 1, 2)  # channels last in memory: twice as fast on a CPU
        x = F.relu(self.stem(x) + self.place.to(x.dtype))
        for layer in self.layers:
            x = x + F.relu(layer(x))
        found = self.out(x.permute(0, 2, 3, 1).flatten(1))
        return self.sum(boards) + found.unflatten(0, boards.shape[:2])


class SquareAttention(_OneHot):
    """The sum of pieces, plus attention among the 90 squares pooled to one vector."""

    WIDTH, HEADS, POOLED = 48, 3, 4

    def __init__(self, width: int):
        super().__init__()
        self.sum = SumOfPieces(width)
        self.piece = nn.Linear(_KINDS, self.WIDTH, bias=False)
        self.place = nn.Parameter(torch.empty(SQUARES, self.WIDTH))
        nn.init.normal_(self.place, std=0.2)
        self.qkv = nn.Linear(self.WIDTH, 3 * self.WIDTH, bias=False)
        self.mix = nn.Linear(self.WIDTH, self.WIDTH, bias=False)
        self.ask = nn.Parameter(torch.empty(self.POOLED, self.WIDTH))  # pooling queries
        nn.init.normal_(self.ask, std=0.2)
        self.norm = nn.LayerNorm(self.WIDTH, bias=False)
        self.out = nn.Linear(self.POOLED * self.WIDTH, width, bias=False)

    def forward(self, boards: Tensor) -> Tensor:
        """Map boards int8 [B, T, 90] to vectors [B, T, width]."""
        planes = self.planes(boards.flatten(0, 1)).to(product_dtype(self.place))  # [N, 90, 14]
        x = self.piece(planes) + self.place.to(planes.dtype)
        q, k, v = self.qkv(x).unflatten(-1, (3, self.HEADS, -1)).permute(2, 0, 3, 1, 4)  # each [N, H, 90, D]
        seen = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1).to(v.dtype) @ v
        x = self.norm(x + self.mix(seen.transpose(1, 2).flatten(2)))
        weights = (self.ask.to(x.dtype) @ x.transpose(-1, -2) / math.sqrt(self.WIDTH)).softmax(-1)  # [N, POOLED, 90]
        found = self.out((weights.to(x.dtype) @ x).flatten(1))
        return self.sum(boards) + found.unflatten(0, boards.shape[:2])


BOARD_ENCODERS: dict[str, Callable[[int], nn.Module]] = {
    "sum": SumOfPieces,
    "piece_status": PieceStatus,
    "convolution": Convolution,
    "attention": SquareAttention,
}
