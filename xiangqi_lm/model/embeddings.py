"""What enters the model at each ply: the move just played, the exact board, and the place in the window."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..records.loader import BOS
from ..rules.moves import MOVE_COUNT

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


class InputEmbedding(nn.Module):
    """Sum of move, board, position and, if the model is made so, legal-move vectors."""

    def __init__(self, width: int, context: int, legal_moves: bool):
        super().__init__()
        self.move = nn.Embedding(TOKENS, width)
        self.board = BoardEmbedding(width)
        self.position = nn.Embedding(context, width)
        self.legal = LegalMovesEmbedding(width) if legal_moves else None

    def forward(self, tokens: Tensor, boards: Tensor, moves: Tensor | None, start: int = 0) -> Tensor:
        """tokens int64 [B, T], boards int8 [B, T, 90], moves bool [B, T, 2, 2086] -> [B, T, width]; `start` is the
        place of the first column."""
        places = torch.arange(start, start + tokens.shape[1], device=tokens.device)
        x = self.move(tokens) + self.board(boards) + self.position(places)
        if self.legal is None:
            return x
        assert moves is not None
        return x + self.legal(moves)
