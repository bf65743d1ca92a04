"""The model's outputs: a policy over the 2,086 moves, and win, draw or loss for the side to move."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..rules.move_classes import ROWS
from ..rules.moves import MOVE_COUNT, MOVES
from ..rules.pieces import KINDS
from ..rules.squares import SQUARES

# Rows of the policy matrix are padded to a multiple of this: bf16 products of odd width fall off the fast path
# (8192 x 320 by 2086 columns: 24 ms, by 2112 columns: 4 ms on a CPU with AMX).
_MULTIPLE = 64


class _Told(nn.Module):
    """A head that may be given the legal moves: each then adds a learned weight to its own score."""

    SURE = 8.0  # at first all illegal moves together are about as likely as one legal move in fifty

    def __init__(self, told: bool):
        super().__init__()
        self.told = nn.Parameter(torch.full((MOVE_COUNT,), self.SURE)) if told else None

    def tell(self, scores: Tensor, legal: Tensor | None) -> Tensor:
        """Map scores [..., 2086] and bool [..., 2086] (the legal moves) to scores. Without `legal` every move counts as
        legal, which makes no difference once the others are masked; the weights then learn nothing."""
        if self.told is None:
            return scores
        weights = self.told.to(scores.dtype)
        return scores + weights.detach() if legal is None else torch.addcmul(scores, legal.to(scores.dtype), weights)


class MoveClassScores(nn.Module):
    """Adds to a legal move's score according to what it does: `hidden . U[class] + c[class, kind of piece]` for its
    class in each factor of `rules.move_classes`. All weights start at zero."""

    # Multiples of the learning rate. A class is worth several units of score, AdamW moves a parameter by about the rate
    # per step, and a run at 8e-4 with decay over 800 steps could not move one by more than 0.3.
    RATES = {"weight": 3.0, "bias": 60.0}

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(ROWS, width))
        self.bias = nn.Parameter(torch.zeros(ROWS, len(KINDS)))

    def forward(self, scores: Tensor, hidden: Tensor, classes: Tensor) -> Tensor:
        """Add to scores [..., 2086] the terms of classes int16 [..., W, COLUMNS], given hidden [..., width]."""
        ids, kinds, rows = classes[..., 0].long(), classes[..., 1:2].long(), classes[..., 2:].long()
        by_row = F.linear(hidden, self.weight).float().gather(-1, rows.flatten(-2)).view(rows.shape)
        by_kind = self.bias.flatten()[rows * len(KINDS) + (kinds - 1).clamp(min=0)]
        more = (by_row + by_kind).sum(-1).masked_fill(ids == MOVE_COUNT, 0.0)
        return scores.scatter_add(-1, ids.clamp(max=MOVE_COUNT - 1), more.to(scores.dtype))


class PolicyHead(_Told):
    """Unnormalised log-probabilities of every token, legal or not."""

    def __init__(self, width: int, tokens: int, told: bool = False):
        super().__init__(told)
        self.tokens = tokens
        padded = -(-tokens // _MULTIPLE) * _MULTIPLE
        self.weight = nn.Parameter(torch.empty(padded, width))
        self.bias = nn.Parameter(torch.zeros(padded))
        self.packed: nn.Module | None = None  # the same product with its weights laid out in advance, see packed
        nn.init.normal_(self.weight, std=0.02)

    def forward(self, hidden: Tensor, legal: Tensor | None = None) -> Tensor:
        """Map [..., width] to scores [..., tokens]; `legal` as for `tell`."""
        product = F.linear(hidden, self.weight, self.bias) if self.packed is None else self.packed(hidden)
        return self.tell(product[..., : self.tokens], legal)


class BilinearPolicyHead(_Told):
    """Scores a move by the product of a vector for its from square and one for its to square."""

    RANK = 24

    def __init__(self, width: int, tokens: int, told: bool = False):
        assert tokens == MOVE_COUNT
        super().__init__(told)
        self.squares = nn.Linear(width, 2 * SQUARES * self.RANK, bias=False)
        self.bias = nn.Parameter(torch.zeros(MOVE_COUNT))
        nn.init.normal_(self.squares.weight, std=0.02)
        pairs = torch.tensor([move.from_square * SQUARES + move.to_square for move in MOVES])
        self.register_buffer("pairs", pairs, persistent=False)
        self.pairs: Tensor

    def forward(self, hidden: Tensor, legal: Tensor | None = None) -> Tensor:
        """Map [..., width] to scores [..., 2086]; `legal` as for `tell`."""
        starts, ends = self.squares(hidden).unflatten(-1, (2, SQUARES, self.RANK)).unbind(-3)  # each [..., 90, RANK]
        scores = starts @ ends.transpose(-1, -2)  # [..., 90, 90]
        return self.tell(scores.flatten(-2).index_select(-1, self.pairs) + self.bias.to(scores.dtype), legal)


POLICY_HEADS: dict[str, Callable[[int, int, bool], nn.Module]] = {"softmax": PolicyHead, "bilinear": BilinearPolicyHead}


class ValueHead(nn.Module):
    """Logits of (win, draw, loss) for the side to move."""

    def __init__(self, width: int):
        super().__init__()
        self.out = nn.Linear(width, 3)

    def forward(self, hidden: Tensor) -> Tensor:
        """Map [..., width] to the logits of win, draw and loss, [..., 3]."""
        return self.out(hidden)
