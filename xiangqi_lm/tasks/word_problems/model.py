"""The solver: a prefix language model on the program's transformer blocks, with pointers to the question's numbers.

Attention is bidirectional inside the question and causal in the expression (UniLM, arXiv 1905.03197).
"""

from __future__ import annotations

import math
from dataclasses import asdict
from fractions import Fraction
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ...errors import BadConfig
from ...model.attention import Branches, Cache
from ...model.gpt import Block, LockedDropout
from .config import SolverConfig
from .questions import KINDS, MOST
from .vocabulary import MAGNITUDES, OUTPUTS_FROM, SIGNS, Vocabulary

TASK = "word problems"


class Rows(NamedTuple):
    """A batch of rows: columns as in vocabulary.Columns, int64 [B, T] each, and the position of each column."""

    tokens: Tensor
    places: Tensor
    kinds: Tensor
    sizes: Tensor
    positions: Tensor  # int64 [B, T]


class Keys(NamedTuple):
    """The keys that pointers are matched with: a vector for each number of the question, and which numbers exist."""

    vectors: Tensor  # [B, MOST, width]
    there: Tensor  # bool [B, MOST]


class Embedding(nn.Module):
    """The sum of learned vectors of a column's token and, for numbers, of place, kind and size."""

    def __init__(self, width: int, tokens: int):
        super().__init__()
        self.token = nn.Embedding(tokens, width)
        self.place = nn.Embedding(MOST + 1, width, padding_idx=0)
        self.kind = nn.Embedding(len(KINDS) + 1, width, padding_idx=0)
        self.size = nn.Embedding(len(MAGNITUDES) + 2, width, padding_idx=0)

    def forward(self, rows: Rows) -> Tensor:
        return self.token(rows.tokens) + self.place(rows.places) + self.kind(rows.kinds) + self.size(rows.sizes)


class Solver(nn.Module):
    """Maps questions and partial expressions to scores of the next output."""

    def __init__(self, config: SolverConfig):
        super().__init__()
        self.config = config
        self.vocabulary = Vocabulary(config)
        self.card: dict[str, Any] = {}
        blocks = config.blocks()
        self.embed = Embedding(config.width, self.vocabulary.tokens)
        self.dropout = LockedDropout(config.dropout)
        self.blocks = nn.ModuleList(Block(blocks, layer) for layer in range(config.layers))
        self.norm = nn.LayerNorm(config.width, bias=False)
        self.signs = nn.Linear(config.width, self.vocabulary.pointers_from)
        self.query = nn.Linear(config.width, config.width, bias=False)
        self.key = nn.Linear(config.width, config.width, bias=False)
        self.apply(self._init)
        for block in self.blocks:  # the residual stream keeps its scale with depth (GPT-2)
            for last in (block.attention.out, block.mlp.down):  # type: ignore[union-attr]
                nn.init.normal_(last.weight, std=0.02 / math.sqrt(2 * config.layers))  # type: ignore[arg-type,union-attr]

    @staticmethod
    def _init(module: nn.Module) -> None:
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            nn.init.zeros_(module.weight[module.padding_idx])
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def new_cache(self) -> list[Cache]:
        """Return an empty cache, one part for each layer; `encode` extends it in place."""
        return [block.attention.new_cache() for block in self.blocks]  # type: ignore[union-attr,operator]

    def encode(self, rows: Rows, visible: Tensor, cache: list[Cache] | None = None) -> Tensor:
        """Return hidden states [B, T, width]; `visible` bool [B, T, S + T] says what each column may look at."""
        x = self.dropout(self.embed(rows))
        if torch.is_autocast_enabled(x.device.type):
            x = x.to(torch.get_autocast_dtype(x.device.type))
        branches = Branches(rows.positions, visible)
        for i, block in enumerate(self.blocks):
            x = block(x, None if cache is None else cache[i], branches)
        return self.norm(x)

    def keys(self, hidden: Tensor, numbers: Tensor) -> Keys:
        """Return the keys of a question's numbers, whose columns are `numbers` int64 [B, MOST], -1 for none."""
        index = numbers.clamp(min=0).unsqueeze(-1).expand(-1, -1, hidden.shape[-1])
        return Keys(self.key(hidden.gather(1, index)), numbers >= 0)

    def logits(self, hidden: Tensor, keys: Keys) -> Tensor:
        """Return scores float32 [B, T, outputs]; -inf for pointers to numbers that the question does not have."""
        pointers = self.query(hidden) @ keys.vectors.transpose(1, 2) / math.sqrt(hidden.shape[-1])
        pointers = pointers.float().masked_fill(~keys.there.unsqueeze(1), -math.inf)
        return torch.cat((self.signs(hidden).float(), pointers), -1)

    def hidden_characters(self, hidden: Tensor) -> Tensor:
        """Return scores float32 [..., tokens] for the token that a column hides, using the embedding's own vectors."""
        return (hidden @ self.embed.token.weight.T.to(hidden.dtype)).float()

    def about(self) -> dict[str, Any]:
        """Return the contents of its checkpoint's config.json."""
        return {"task": TASK, "vocabulary": self.vocabulary.tokens, "model": asdict(self.config)}

    def parameter_count(self) -> int:
        return sum(p.numel() for p in self.parameters())


@torch.no_grad()
def inherit(model: Solver, source: Solver) -> int:
    """Copy the weights of another solver of the same shape; vectors of characters and constants go where the vocabulary
    has them. Return how many characters and constants stay as they were drawn.

    Raises BadConfig where the shapes differ.
    """
    mine, theirs = model.vocabulary, source.vocabulary
    constants = [theirs.constant_of.get(Fraction(text)) for text in mine.constants]
    rows: list[int | None] = [*range(len(SIGNS)), *constants]
    known = [theirs.characters.get(character) for character in mine.characters]
    tokens = [*range(OUTPUTS_FROM), *(None if r is None else OUTPUTS_FROM + r for r in rows)]
    tokens += [None if c is None else theirs.characters_from + c for c in known]
    mapped = {"embed.token.weight": tokens, "signs.weight": rows, "signs.bias": rows}
    given = source.state_dict()
    for name, tensor in model.state_dict().items():
        if name in mapped and tensor.shape[1:] == given[name].shape[1:]:
            for place, row in enumerate(mapped[name]):
                if row is not None:
                    tensor[place] = given[name][row]
        elif name not in given or given[name].shape != tensor.shape:
            raise BadConfig(f"a solver of another shape: {name} differs; give the same width, layers and heads")
        else:
            tensor.copy_(given[name])
    return tokens.count(None)


def prefix_mask(prefixes: Tensor, columns: int) -> Tensor:
    """Return bool [B, T, T]: columns of the question see all of it, later columns everything up to themselves.

    `prefixes` int64 [B] are the lengths of the questions; columns after a row's end see everything before them, and no
    other column sees them.
    """
    at = torch.arange(columns, device=prefixes.device)
    past = at.unsqueeze(0) <= at.unsqueeze(1)  # [T, T]
    inside = at.unsqueeze(0) < prefixes.unsqueeze(1)  # [B, T]
    return past | (inside.unsqueeze(2) & inside.unsqueeze(1))
