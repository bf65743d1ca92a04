"""The model's input in each column: the token just played, the exact board, the position in the game, conditions."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from ..config import ModelConfig
from ..dataset.layout import layout_of
from ..dataset.loader import LEVELS, RESULT_CONDITIONS
from ..rules.moves import MOVE_COUNT
from ..rules.squares import SQUARES
from .boards import BOARD_ENCODERS
from .inputs import Inputs
from .sparse import rows_summed


class LegalMovesEmbedding(nn.Module):
    """The legal moves of both sides as a sum of learned move vectors (reported as a large gain in arXiv 2410.04865)."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * MOVE_COUNT, width))
        nn.init.normal_(self.weight, std=0.01)  # about eighty of these are added up

    def forward(self, moves: Tensor) -> Tensor:
        """Map legal moves bool [B, T, 2, 2086], of the side to move and of its opponent, to [B, T, width]."""
        return rows_summed(moves.flatten(-2), self.weight)


class ConditionEmbedding(nn.Module):
    """The wanted result and the playing strength; each has a vector of its own for unknown."""

    def __init__(self, width: int):
        super().__init__()
        self.result = nn.Embedding(len(RESULT_CONDITIONS), width)
        self.level = nn.Embedding(len(LEVELS) + 2, width)

    def forward(self, conditions: Tensor) -> Tensor:
        """Map conditions int64 [B, T, 2] to [B, T, width]."""
        return self.result(conditions[..., 0]) + self.level(conditions[..., 1])


class InputEmbedding(nn.Module):
    """The sum of the vectors of all inputs that the configuration enables."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        layout = layout_of(config)
        tokenizer = layout.tokenizer
        self.move = nn.Embedding(tokenizer.read(layout.placement), config.width)
        self.board = BOARD_ENCODERS[config.board](config.width) if config.board != "none" else None
        self.position = nn.Embedding(config.context, config.width) if config.positions == "learned" else None
        self.legal = LegalMovesEmbedding(config.width) if config.legal_moves else None
        self.part = nn.Embedding(tokenizer.per_move, config.width) if tokenizer.per_move > 1 else None
        self.condition = ConditionEmbedding(config.width) if config.conditions else None
        self.table: Any = None  # board and legal moves from one table, without being given the moves, see packed

    def forward(self, inputs: Inputs, start: int | Tensor = 0, vectors: Tensor | None = None) -> Tensor:
        """Return input vectors [B, T, width]; `start` is the place of the first column, or int64 [B, T] of each column;
        `vectors` [B, T, width] replace those of the tokens."""
        x = self.move(inputs.tokens) if vectors is None else vectors
        if self.position is not None:
            columns = torch.arange(start, start + x.shape[1], device=x.device) if isinstance(start, int) else start
            x = x + self.position(columns)
        if self.table is not None and inputs.boards is not None:
            x = x + self.table(inputs.boards.reshape(-1, SQUARES).numpy()).view(x.shape)
        elif self.board is not None:
            assert inputs.boards is not None
            x = x + self.board(inputs.boards)
        if self.legal is not None and self.table is None:
            assert inputs.moves is not None
            x = x + self.legal(inputs.moves)
        if self.part is not None:
            assert inputs.parts is not None
            x = x + self.part(inputs.parts)
        if self.condition is not None:
            unknown = x.new_zeros(*x.shape[:2], 2, dtype=torch.int64)
            x = x + self.condition(unknown if inputs.conditions is None else inputs.conditions)
        return x
