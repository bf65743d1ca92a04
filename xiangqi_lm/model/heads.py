"""What leaves the model: a policy over the 2,086 moves and the result as win, draw or loss of the side to move."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..rules.moves import MOVE_COUNT

# Rows of the policy matrix are padded to a multiple of 64: bf16 products of odd width fall off the fast path
# (8192 x 320 by 2086 columns: 24 ms, by 2112 columns: 4 ms on a CPU with AMX).
_PADDED = -(-MOVE_COUNT // 64) * 64


class PolicyHead(nn.Module):
    """Unnormalised log-probabilities of every move, legal or not."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(_PADDED, width))
        self.bias = nn.Parameter(torch.zeros(_PADDED))
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, hidden: Tensor) -> Tensor:
        """[..., width] -> [..., 2086]."""
        return F.linear(hidden, self.weight, self.bias)[..., :MOVE_COUNT]


POLICY_HEADS = {"softmax": PolicyHead}


class ValueHead(nn.Module):
    """Logits of (win, draw, loss) for the side to move."""

    def __init__(self, width: int):
        super().__init__()
        self.out = nn.Linear(width, 3)

    def forward(self, hidden: Tensor) -> Tensor:
        """[..., width] -> [..., 3]."""
        return self.out(hidden)
