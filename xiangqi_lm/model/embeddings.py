"""What enters the model at each ply: the move just played, the exact board, and the place in the window."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..records.loader import BOS
from ..rules.moves import MOVE_COUNT
from .inputs import Inputs

TOKENS = BOS + 1
_KINDS = 14  # seven own, seven of the opponent
_PIECES = [p for p in range(-7, 8) if p]


def _product_dtype(weight: Tensor) -> torch.dtype:
    """What a product with a weight runs in: autocast does not convert sparse zeros and ones by itself."""
    device = weight.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else weight.dtype


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
        return one_hot.to(_product_dtype(self.weight)) @ self.weight.to(_product_dtype(self.weight))


class LegalMovesEmbedding(nn.Module):
    """The legal moves of both sides as a sum of learned move vectors (reported as a large gain in arXiv 2410.04865)."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * MOVE_COUNT, width))
        nn.init.normal_(self.weight, std=0.01)  # about eighty moves are added up

    def forward(self, moves: Tensor) -> Tensor:
        """moves bool [B, T, 2, 2086], mover's and opponent's -> [B, T, width]."""
        return moves.flatten(-2).to(_product_dtype(self.weight)) @ self.weight.to(_product_dtype(self.weight))


BOARD_ENCODERS: dict[str, Callable[[int], nn.Module]] = {"sum": BoardEmbedding}


class InputEmbedding(nn.Module):
    """Sum of the vectors of all that the configuration shows the model."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.move = nn.Embedding(TOKENS, config.width)
        self.board = BOARD_ENCODERS[config.board](config.width) if config.board != "none" else None
        self.position = nn.Embedding(config.context, config.width) if config.positions == "learned" else None
        self.legal = LegalMovesEmbedding(config.width) if config.legal_moves else None

    def forward(self, inputs: Inputs, start: int = 0, vectors: Tensor | None = None) -> Tensor:
        """[B, T, width]; `start` is the place of the first column, `vectors` [B, T, width] stand in for the tokens'."""
        x = self.move(inputs.tokens) if vectors is None else vectors
        if self.position is not None:
            x = x + self.position(torch.arange(start, start + x.shape[1], device=x.device))
        if self.board is not None:
            assert inputs.boards is not None
            x = x + self.board(inputs.boards)
        if self.legal is not None:
            assert inputs.moves is not None
            x = x + self.legal(inputs.moves)
        return x
