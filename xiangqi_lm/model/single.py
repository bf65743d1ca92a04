"""Single positions, read without their games like the leaves of a search: a faster path through a prepared model.

With a single column, attention returns that column's values, so that its two products become one. The inputs are rows
of one table, which a kernel lists; what follows a product is fused with it; and only legal moves get a score. The
results are those of the model up to rounding: 1.4 times as fast in batches of 16 (benchmarks.leaves).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from ..dataset.loader import BOS
from ..rules import input_rows, jit
from ..rules.moves import MOVE_COUNT
from .attention import ExactAttention
from .boards import PieceStatus, SumOfPieces
from .gpt import Block, Gpt
from .heads import PolicyHead
from .products import Bfloat16, Float16


class Layer(NamedTuple):
    """The weights of a block, those of products laid out."""

    gain_attention: Tensor
    attention: Any  # the product for the values, and then that for the output
    gain_mlp: Tensor
    up: Any
    down: Any


class InputTable:
    """What a model is shown of boards, as the sum of rows of one table that a kernel lists."""

    def __init__(self, embed: Any, dtype: torch.dtype):
        status = embed.board if isinstance(embed.board, PieceStatus) else None
        pieces = embed.board if status is None else status.sum
        table = torch.zeros(input_rows.ROWS, pieces.weight.shape[1], dtype=dtype)
        for first, part in ((0, pieces), (input_rows.STATUS, status), (input_rows.MOVES, embed.legal)):
            if part is not None:
                table[first : first + len(part.weight)] = part.weight.detach().to(dtype)
        self._table, self._status, self._legal = table, status is not None, embed.legal is not None

    def __call__(self, boards: np.ndarray) -> Tensor:
        """Map boards int8 [N, 90] in the mover's view to sums [N, width]."""
        rows, first = jit.class_kernels().input_rows(boards, self._status, self._legal)
        return F.embedding_bag(torch.from_numpy(rows), self._table, torch.from_numpy(first), mode="sum")


class SinglePositions:
    """Policy and value of positions without their games, on a CPU.

    To be made from a model before its own weights are laid out.
    """

    def __init__(self, model: Gpt, products: type[Bfloat16] | type[Float16]):
        assert self.fits(model)
        self._products = products
        self.table = InputTable(model.embed, products.dtype)
        self._same = self._shared(model.embed)
        self.layers = [self._layer(block) for block in model.blocks]
        self._gain, self._width = self._gains(model.norm), (model.config.width,)
        self._policy, self._value, self._classes = model.policy, model.value, model.classes
        head: Any = model.policy
        bias = head.bias[:MOVE_COUNT] + (0 if head.told is None else head.told)
        self._weight, self._bias = head.weight.detach().float().numpy(), bias.detach().float().numpy()

    @staticmethod
    def fits(model: Gpt) -> bool:
        """Return whether a model can be read this way: a transformer on a CPU that sees the board, and whose tokens are
        moves."""
        return (
            next(model.parameters()).device.type == "cpu"
            and all(isinstance(x, Block) and isinstance(x.attention.kind, ExactAttention) for x in model.blocks)
            and isinstance(model.embed.board, SumOfPieces | PieceStatus)
            and isinstance(model.policy, PolicyHead)
            and (model.config.tokenizer, model.config.output) == ("move", "softmax")
        )

    # -------------------------------------------------------------------------------------------- weights

    def _shared(self, embed: Any) -> Tensor:
        """Return the sum of the inputs that all positions share, [width]."""
        same = embed.move.weight[BOS].detach().clone()
        if embed.position is not None:
            same += embed.position.weight[0].detach()
        if embed.condition is not None:
            same += embed.condition(torch.zeros(1, 1, 2, dtype=torch.int64))[0, 0].detach()
        return same.to(self._products.dtype)

    def _gains(self, norm: Any) -> Tensor:
        return norm.weight.detach().to(self._products.dtype)

    def _layer(self, block: Any) -> Layer:
        qkv, out = block.attention.qkv.weight.detach(), block.attention.out.weight.detach()
        products = (out.double() @ qkv[2 * len(out) :].double()).float(), block.mlp.up.weight, block.mlp.down.weight
        attention, up, down = (self._products.laid_out(weight.detach()) for weight in products)
        return Layer(self._gains(block.norm_attention), attention, self._gains(block.norm_mlp), up, down)

    # -------------------------------------------------------------------------------------------- reading

    @torch.inference_mode()
    def __call__(self, boards: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Map boards int8 [N, 90] in the mover's view to policy logits float32 [N, 2086], at least of the legal
        moves, and to win, draw and loss float32 [N, 3].
        """
        hidden = self.hidden(self.inputs(boards))
        return self.scores(hidden, boards), self._value(hidden).softmax(-1).numpy()

    def inputs(self, boards: np.ndarray) -> Tensor:
        """Return input vectors [N, width]."""
        return self.table(boards).add_(self._same)

    def hidden(self, x: Tensor) -> Tensor:
        """Map input vectors [N, width] to hidden states, float32 [N, width]."""
        added, rectified = self._products.added, self._products.rectified
        for layer in self.layers:
            x = added(F.layer_norm(x, self._width, layer.gain_attention), layer.attention, x)
            wide = rectified(F.layer_norm(x, self._width, layer.gain_mlp), layer.up)
            x = added(wide.mul_(wide), layer.down, x)
        return F.layer_norm(x, self._width, self._gain).float()

    def scores(self, hidden: Tensor, boards: np.ndarray) -> np.ndarray:
        """Map hidden states and their boards to policy logits, float32 [N, 2086]; -inf for illegal moves if moves have
        classes."""
        if self._classes is None:
            return self._policy(hidden).float().numpy()
        by_row = F.linear(hidden, self._classes.weight.float()).numpy()
        by_kind = self._classes.bias.detach().float().numpy()
        scores = np.full((len(boards), MOVE_COUNT), -np.inf, np.float32)
        kernels = jit.class_kernels()
        classes = kernels.move_classes(boards)
        kernels.legal_scores(hidden.numpy(), self._weight, self._bias, classes, by_row, by_kind, scores)
        return scores
