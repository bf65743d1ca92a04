"""What the model is given for a batch of lines of play, as tensors on its device."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..config import ModelConfig
from ..dataset.loader import Batch


class Inputs(NamedTuple):
    """One row a line of play, one column a token; what the model's configuration does not use is None."""

    tokens: Tensor  # int64 [B, T]: the token before, see dataset.layout
    boards: Tensor | None = None  # int8 [B, T, 90]: the position as its mover sees it
    moves: Tensor | None = None  # bool [B, T, 2, 2086]: legal moves of the mover and of the opponent
    conditions: Tensor | None = None  # int64 [B, T, 2]: result wanted and level, 0 unknown
    parts: Tensor | None = None  # int64 [B, T]: which token of its move a column asks for, where a move has several
    classes: Tensor | None = None  # int16 [B, T, W, COLUMNS]: what the mover's legal moves do, see rules.kernel

    def shifted(self, by: int) -> Inputs:
        """Return the same tokens, each beside what was known `by` columns earlier; the first column stands in before
        that.
        """
        if by == 0:
            return self

        def shift(x: Tensor | None) -> Tensor | None:
            return None if x is None else torch.cat((x[:, :1].expand(-1, by, *x.shape[2:]), x[:, :-by]), 1)

        return self._replace(boards=shift(self.boards), moves=shift(self.moves), classes=shift(self.classes))


def inputs_of(batch: Batch, config: ModelConfig, device: str, moves: Tensor | None = None) -> Inputs:
    """Return a batch as a model of this configuration reads it; `moves` are the batch's legal moves if they are known.

    What moves do is worked out on the CPU, on as many threads as torch has there.
    """
    if config.legal_moves and moves is None:
        moves = torch.from_numpy(batch.moves()).to(device)
    return Inputs(
        torch.from_numpy(batch.tokens).to(device),
        torch.from_numpy(batch.boards).to(device) if config.board != "none" else None,
        moves if config.legal_moves else None,
        torch.from_numpy(batch.conditions).to(device) if config.conditions else None,
        torch.from_numpy(batch.parts.clip(0).astype(np.int64)).to(device) if batch.tokenizer.per_move > 1 else None,
        torch.from_numpy(batch.classes(torch.get_num_threads())).to(device) if config.move_classes else None,
    )
