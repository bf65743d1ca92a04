"""What the model is given for a batch of lines of play, as tensors on its device."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..config import ModelConfig
from ..dataset.loader import Batch


class Inputs(NamedTuple):
    """One row for each line of play, one column for each token; inputs that the configuration does not use are None."""

    tokens: Tensor  # int64 [B, T]: the previous token, see dataset.layout
    boards: Tensor | None = None  # int8 [B, T, 90]: the position in the mover's view
    moves: Tensor | None = None  # bool [B, T, 2, 2086]: legal moves of the mover and of the opponent
    conditions: Tensor | None = None  # int64 [B, T, 2]: wanted result and level, 0 unknown
    # int64 [B, T]: the index of the token in its move that a column predicts, where moves have several
    parts: Tensor | None = None
    classes: Tensor | None = None  # int16 [B, T, W, COLUMNS]: classes of the mover's legal moves, see rules.kernel

    def shifted(self, by: int) -> Inputs:
        """Return the same tokens beside the other inputs of `by` columns earlier; the first column stands in where
        there is none.
        """
        if by == 0:
            return self

        def shift(x: Tensor | None) -> Tensor | None:
            return None if x is None else torch.cat((x[:, :1].expand(-1, by, *x.shape[2:]), x[:, :-by]), 1)

        return self._replace(boards=shift(self.boards), moves=shift(self.moves), classes=shift(self.classes))


def inputs_of(batch: Batch, config: ModelConfig, device: str, moves: Tensor | None = None) -> Inputs:
    """Return a batch in the form that a model of this configuration reads; `moves` are its legal moves if known.

    Move classes are computed on the CPU, on as many threads as torch uses there.
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
