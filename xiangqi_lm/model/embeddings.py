"""What enters the model at each ply: the move just played, the exact board, and the place in the window."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..records.loader import BOS

TOKENS = BOS + 1
_KINDS = 14  # seven own, seven of the opponent
_PIECES = [p for p in range(-7, 8) if p]


class BoardEmbedding(nn.Module):
    """The exact board as a sum of learned piece-on-square vectors."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(90 * _KINDS, width))
        nn.init.normal_(self.weight, std=0.02)
        self.register_buffer("pieces", torch.tensor(_PIECES, dtype=torch.int8), persistent=False)
        self.pieces: Tensor

    def forward(self, boards: Tensor) -> Tensor:
        """boards int8 [B, T, 90] -> [B, T, width]. One product with the one-hot board: on a CPU with bf16 units many
        times faster than gathering and adding up to 32 rows."""
        one_hot = (boards.unsqueeze(-1) == self.pieces).flatten(-2)  # [B, T, 1260]
        dtype = torch.bfloat16 if torch.is_autocast_enabled(boards.device.type) else self.weight.dtype
        return one_hot.to(dtype) @ self.weight.to(dtype)


class InputEmbedding(nn.Module):
    """Sum of move, board and position vectors."""

    def __init__(self, width: int, context: int):
        super().__init__()
        self.move = nn.Embedding(TOKENS, width)
        self.board = BoardEmbedding(width)
        self.position = nn.Embedding(context, width)

    def forward(self, tokens: Tensor, boards: Tensor, start: int = 0) -> Tensor:
        """tokens int64 [B, T], boards int8 [B, T, 90] -> [B, T, width]; `start` is the place of the first column."""
        places = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        return self.move(tokens) + self.board(boards) + self.position(places)
