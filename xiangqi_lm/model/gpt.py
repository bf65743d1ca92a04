"""The language model: a causal transformer, or recurrent cells instead of attention, over the moves of a game with
the exact board at every token.

The model sees every position from the mover's side: the board is turned so that the side to move is Red at the bottom,
and the last move is turned with it. `dataset.loader` and `engine.lm` make that view with `rules.kernel.unroll`.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..config import ModelConfig
from ..dataset.shards import fingerprint
from ..dataset.tokenizer import TOKENIZERS
from .attention import Branches, Cache, CausalSelfAttention
from .embeddings import InputEmbedding
from .functional import log_taylor
from .heads import POLICY_HEADS, MoveClassScores, ValueHead
from .inputs import Inputs
from .repertoire import Repertoire
from .rnn import Recurrence, RecurrentState

# ------------------------------------------------------------------------------------------------ parts


class LockedDropout(nn.Module):
    """Dropout with one mask for all plies of a game (Gal and Ghahramani 2016): on a CPU, a mask for every element took
    a fifth of the training step."""

    def __init__(self, rate: float):
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Map [B, T, width] to the same shape."""
        if not self.training or self.rate == 0:
            return x
        keep = torch.empty(x.shape[0], 1, x.shape[2], dtype=x.dtype, device=x.device).bernoulli_(1 - self.rate)
        return x * keep.div_(1 - self.rate)


class Mlp(nn.Module):
    """Two linear layers with a squared ReLU between them (Primer, arXiv 2109.08668): cheaper than GELU on a CPU."""

    def __init__(self, width: int, ratio: int):
        super().__init__()
        self.up = nn.Linear(width, ratio * width, bias=False)
        self.down = nn.Linear(ratio * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.relu(self.up(x)).square())


class Block(nn.Module):
    """Attention, then an MLP, each on a normalised input and added to the residual stream."""

    def __init__(self, config: ModelConfig, layer: int):
        super().__init__()
        self.norm_attention = nn.LayerNorm(config.width, bias=False)
        self.attention = CausalSelfAttention(config, layer)
        self.norm_mlp = nn.LayerNorm(config.width, bias=False)
        self.mlp = Mlp(config.width, config.mlp_ratio)
        self.dropout = LockedDropout(config.dropout)
        self.short: Any = None  # does the same in fewer steps, see packed

    def reset(self, std: float) -> None:
        """Initialise the weights that write to the residual stream."""
        for last in (self.attention.out, self.mlp.down):
            nn.init.normal_(last.weight, std=std)

    def new_cache(self) -> Cache:
        return self.attention.new_cache()

    def forward(self, x: Tensor, cache: Cache | None, branches: Branches | None = None) -> Tensor:
        if self.short is not None:
            return self.short(x, cache, branches)
        x = x + self.dropout(self.attention(self.norm_attention(x), cache, branches))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))


class RecurrentBlock(nn.Module):
    """A block with recurrent cells instead of attention."""

    def __init__(self, config: ModelConfig, layer: int):
        super().__init__()
        self.norm_recurrence = nn.LayerNorm(config.width, bias=False)
        self.recurrence = Recurrence(config)
        self.norm_mlp = nn.LayerNorm(config.width, bias=False)
        self.mlp = Mlp(config.width, config.mlp_ratio)
        self.dropout = LockedDropout(config.dropout)

    def reset(self, std: float) -> None:
        """Initialise the cells' weights and those that write to the residual stream."""
        self.recurrence.reset()
        for last in (self.recurrence.out, self.mlp.down):
            nn.init.normal_(last.weight, std=std)

    def new_cache(self) -> Cache:
        return self.recurrence.new_cache()

    def forward(self, x: Tensor, cache: RecurrentState | None, branches: Branches | None = None) -> Tensor:
        assert branches is None, "a state cannot branch, see prefixes"
        x = x + self.dropout(self.recurrence(self.norm_recurrence(x), cache))
        return x + self.dropout(self.mlp(self.norm_mlp(x)))


# ------------------------------------------------------------------------------------------------ model


class Output(NamedTuple):
    """hidden [B, T, width]; logits [B, T, tokens] before masking; value logits [B, T, 3] (win, draw, loss)."""

    hidden: Tensor
    logits: Tensor
    value: Tensor


class Gpt(nn.Module):
    """Maps tokens and boards to policy and value."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.card: dict[str, Any] = {}  # facts about its training, see checkpoint
        self.single: Any = None  # a shorter way to read positions without their games, see packed
        self.repertoire: Repertoire | None = None  # mixed into the policy wherever moves are chosen or measured
        self.embed = InputEmbedding(config)
        self.dropout = LockedDropout(config.dropout)
        kind = Block if config.trunk == "transformer" else RecurrentBlock
        self.blocks = nn.ModuleList(kind(config, layer) for layer in range(config.layers))
        self.norm = nn.LayerNorm(config.width, bias=False)
        self.policy = POLICY_HEADS[config.head](config.width, TOKENIZERS[config.tokenizer].size, config.legal_bias)
        self.classes = MoveClassScores(config.width) if config.move_classes else None
        self.value = ValueHead(config.width)
        self.apply(self._init)
        for block in self.blocks:  # the residual stream keeps its scale with depth (GPT-2)
            block.reset(0.02 / math.sqrt(2 * config.layers))  # type: ignore[operator]

    @staticmethod
    def _init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)

    def new_cache(self) -> list[Cache]:
        """Return an empty cache, one part for each layer; `encode` extends it in place."""
        return [block.new_cache() for block in self.blocks]  # type: ignore[operator]

    def transform(self, x: Tensor, cache: list[Cache] | None = None, branches: Branches | None = None) -> Tensor:
        """Map input vectors [B, T, width] to hidden states [B, T, width]."""
        x = self.dropout(x)
        if torch.is_autocast_enabled(x.device.type):  # a bf16 residual stream: no conversion at every sum and norm
            x = x.to(torch.get_autocast_dtype(x.device.type))
        for i, block in enumerate(self.blocks):
            x = block(x, None if cache is None else cache[i], branches)
        return self.norm(x)

    def encode(self, inputs: Inputs, cache: list[Cache] | None = None, branches: Branches | None = None) -> Tensor:
        """Return hidden states [B, T, width]; with a cache, the columns follow those already in it and are added to
        it.
        """
        start: int | Tensor = 0 if cache is None else cache[0].length
        if branches is not None:
            start = branches.places
        return self.transform(self.embed(inputs, start), cache, branches)

    def read_out(self, hidden: Tensor, moves: Tensor | None = None, classes: Tensor | None = None) -> Output:
        """Return policy and value from hidden states [B, T, width]; the distribution is the softmax of the logits,
        whatever the output layer. `moves` and `classes` are as in `Inputs`, for heads that use the legal moves and
        their classes; without `classes` they contribute nothing.
        """
        legal = None if moves is None else moves[:, :, 0]
        return Output(hidden, self.logits(hidden, legal, classes), self.value(self._for_heads(hidden)))

    def _for_heads(self, hidden: Tensor) -> Tensor:
        """Convert hidden states to the precision of the heads, which may differ from the blocks'; autocast does its
        own.
        """
        return hidden if torch.is_autocast_enabled(hidden.device.type) else hidden.to(self.value.out.weight.dtype)

    def logits(self, hidden: Tensor, legal: Tensor | None = None, classes: Tensor | None = None) -> Tensor:
        """Return the policy alone: hidden [..., width], legal bool [..., 2086], classes int16 [..., W, COLUMNS] ->
        [..., tokens]."""
        hidden = self._for_heads(hidden)
        logits = self.policy(hidden, legal)
        if self.classes is not None and classes is not None:
            logits = self.classes(logits, hidden, classes)
        if self.config.output == "taylor":
            logits = log_taylor(logits, self.config.output_order, self.config.output_monotone)
        return logits

    def forward(self, inputs: Inputs) -> Output:
        """Return policy and value at every token."""
        return self.read_out(self.encode(inputs), inputs.moves, inputs.classes)

    def about(self) -> dict[str, Any]:
        """Return the contents of config.json in this model's checkpoint."""
        return {"vocabulary": fingerprint(), "model": asdict(self.config)}

    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())
