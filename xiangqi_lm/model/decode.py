"""Incremental reading of many games: what has been computed of their columns is kept from call to call."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..dataset.layout import Layout, columns, layout_of, set_up, window_start
from ..dataset.loader import legal_moves, view
from .attention import Branches
from .device import autocast
from .functional import filter_top_p, masked_log_softmax, sharpen
from .gpt import Gpt
from .inputs import Inputs
from .move_classes import move_classes
from .prefixes import MoveScores, PrefixTree, Roots, branch_states


class Line(NamedTuple):
    """A game so far: the position it started from (int8 [90]), who moved first (1 or -1), and the ids of its moves."""

    start: np.ndarray
    side: int
    ids: np.ndarray  # int64 [n]


class Row(NamedTuple):
    """A game as the model reads it, cut to the model's window: one column for each token."""

    tokens: np.ndarray  # int64 [n]
    parts: np.ndarray  # int64 [n]
    boards: np.ndarray  # int8 [n, 90]
    conditions: np.ndarray  # int64 [n, 2]

    def common(self, other: Row) -> int:
        """Return how many leading columns two rows share."""
        n = min(len(self.tokens), len(other.tokens))
        differs = self.tokens[:n] != other.tokens[:n]
        for mine, theirs in ((self.boards, other.boards), (self.conditions, other.conditions)):
            differs |= (mine[:n] != theirs[:n]).any(-1)
        return int(differs.argmax()) if differs.any() else n

    def equals(self, other: Row) -> bool:
        return len(self.tokens) == len(other.tokens) == self.common(other)

    def followed_by(self, token: int) -> Row:
        """Return the row followed by the next token of the move being chosen."""
        at = {"tokens": token, "parts": self.parts[-1] + 1}
        return Row(*(np.concatenate((x, [at.get(name, x[-1])])) for name, x in zip(self._fields, self, strict=True)))


_EXCHANGED = np.array([0, 3, 2, 1])  # a result condition from the other player's side


def read(line: Line, layout: Layout, wanted: tuple[int, int]) -> Row:
    """Return a line as a row; `wanted` are the conditions of the side to move, the other side has the opposite
    result.
    """
    _, boards, seen = view(line.ids, line.start, line.side)
    begins = set_up(line.start, line.side)
    first = window_start(len(line.ids), layout, begins)
    found = columns(seen, boards, first, layout.placement and (begins or first > 0), layout)
    mine = (len(line.ids) - found.plies) % 2 == 0
    results = np.where(mine, wanted[0], _EXCHANGED[wanted[0]])
    conditions = np.stack((results, np.full_like(results, wanted[1])), 1)
    shown = boards[found.plies] * (found.parts >= 0)[:, None]
    return Row(found.tokens, found.parts.clip(0).astype(np.int64), shown, conditions)


# ------------------------------------------------------------------------------------------------ what is kept


class Memory:
    """The rows read last and the cache of their columns; new rows that continue them are read from there.

    Rows may differ in length: columns are appended to the cache as they come, and `_places` holds the place of each in
    its row, -1 for none. A cache that cannot be shortened holds rows of equal length only.
    """

    def __init__(self, model: Gpt):
        self.model = model
        self.device = next(model.parameters()).device
        self.rows: list[Row] = []
        self._cache = model.new_cache()
        self._places = np.empty((0, 0), np.int64)  # [B, S]

    def continued(self, rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
        """Return for each row the earlier row that shares most of its beginning, and how many columns they share: int64
        [B].
        """
        by_tokens = {old.tokens.tobytes(): i for i, old in reversed(list(enumerate(self.rows)))}
        lengths = sorted({len(old.tokens) for old in self.rows}, reverse=True)
        near = 3 * layout_of(self.model.config).tokenizer.per_move
        sources, shared = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
        for i, row in enumerate(rows):
            n = len(row.tokens)
            # grown by a move or two
            grown = (by_tokens.get(row.tokens[:m].tobytes()) for m in lengths if n - near < m <= n)
            source = next((j for j in grown if j is not None), i if i < len(self.rows) else None)
            if source is not None:  # the last column is always read again
                sources[i], shared[i] = source, min(row.common(self.rows[source]), n - 1)
        return sources, shared

    def read(self, rows: list[Row]) -> Tensor:
        """Return hidden states at the last column of each row, float32 [B, width]; the cache then holds all columns."""
        sources, shared = self.continued(rows)
        lengths = np.array([len(row.tokens) for row in rows])
        length = self._keep(sources, shared, int(lengths.max()))
        if not length:
            shared[:] = 0
        new = lengths - shared
        width = int(new.max())
        places = shared[:, None] + np.arange(width)  # [B, T]
        in_step = (shared == length).all()  # new columns simply follow those in the cache
        branches = None if in_step else self._branches(places, length)
        inputs = self._inputs(rows, shared, width)
        with self._precision():
            hidden = self.model.encode(inputs, self._cache, branches)
        filled = np.where(np.arange(width) < new[:, None], places, -1)
        self.rows, self._places = rows, np.concatenate((self._places, filled), 1)
        last = torch.from_numpy(new - 1).to(self.device)
        return hidden[torch.arange(len(rows), device=self.device), last].float()

    def _keep(self, sources: np.ndarray, shared: np.ndarray, longest: int) -> int:
        """Make the cache hold the shared leading columns of the given earlier rows; return its length."""
        places = self._places[sources] if shared.any() else np.empty((len(sources), 0), np.int64)
        places = np.where(places < shared[:, None], places, -1)
        used = np.flatnonzero((places >= 0).any(0))
        length = int(used[-1]) + 1 if len(used) else 0
        recurrent = not self._cache[0].can_shorten
        if recurrent and not (length == self._cache[0].length and (shared == length).all()):
            length = 0
        if not length or length > 2 * longest:  # mostly holes
            self._cache, self._places = self.model.new_cache(), np.empty((len(sources), 0), np.int64)
            return 0
        same = len(sources) == len(self.rows) and (sources == np.arange(len(sources))).all()
        index = None if same else torch.from_numpy(sources).to(self.device)
        for layer in self._cache:
            layer.keep(index, length)
        self._places = places[:, :length]
        return length

    def _branches(self, places: np.ndarray, length: int) -> Branches:
        """Return branches at the places [B, T]: each new column sees its own row and the columns before it."""
        (b, t), context = places.shape, self.model.config.context
        visible = np.zeros((b, t, length + t), bool)
        visible[:, :, :length] = (self._places >= 0)[:, None]
        visible[:, :, length:] = np.tri(t, dtype=bool)
        places = places.clip(max=context - 1)  # padding after a row has no place
        return Branches(torch.from_numpy(places).to(self.device), torch.from_numpy(visible).to(self.device))

    def _inputs(self, rows: list[Row], done: np.ndarray, width: int) -> Inputs:
        """Return the columns from `done` [B] on, padded to `width`."""
        config, layout = self.model.config, layout_of(self.model.config)
        tokens = np.full((len(rows), width), layout.tokenizer.bos)
        parts, boards = np.zeros((len(rows), width), np.int64), np.zeros((len(rows), width, 90), np.int8)
        conditions = np.zeros((len(rows), width, 2), np.int64)
        for i, row in enumerate(rows):
            n, new = len(row.tokens) - done[i], slice(done[i], None)
            tokens[i, :n], parts[i, :n] = row.tokens[new], row.parts[new]
            boards[i, :n], conditions[i, :n] = row.boards[new], row.conditions[new]
        given = {
            "tokens": tokens,
            "boards": boards if config.board != "none" else None,
            "moves": legal_moves(boards) if config.legal_moves and self.model.embed.table is None else None,
            "conditions": conditions if config.conditions else None,
            "parts": parts if layout.tokenizer.per_move > 1 else None,
        }
        return Inputs(**{name: torch.from_numpy(x).to(self.device) for name, x in given.items() if x is not None})

    def branches(self, tree: PrefixTree) -> Tensor:
        """Return hidden states [N - B, width], float32, of the nodes of a move tree below the rows' last positions."""
        last = np.array([len(row.tokens) - 1 for row in self.rows])
        boards, conditions = (np.stack([getattr(row, x)[-1] for row in self.rows]) for x in ("boards", "conditions"))
        roots = Roots(np.arange(len(self.rows)), self._places >= 0, last, boards, conditions)
        with self._precision():
            return branch_states(self.model, self._cache, tree, roots, len(self.rows)).float()

    def _precision(self) -> AbstractContextManager:
        """Return autocast, or nothing for weights that are in their final precision already."""
        return autocast(str(self.device)) if self.model.norm.weight.dtype == torch.float32 else nullcontext()

    def classes(self) -> Tensor | None:
        """Return the classes of the legal moves at the rows' last positions, for models that use them: [B, W,
        COLUMNS].
        """
        if not self.model.config.move_classes:
            return None
        return move_classes(torch.from_numpy(np.stack([row.boards[-1] for row in self.rows]))).to(self.device)

    def copied(self) -> Memory:
        """Return a copy that can be continued independently."""
        other = copy.copy(self)
        other._cache = [copy.copy(layer) for layer in self._cache]
        return other


# ------------------------------------------------------------------------------------------------ the decoder


class Decoder:
    """Reads games that mostly grow by a move or two between calls, and chooses moves token by token.

    Earlier work is reused wherever the new games continue the old ones, row by row or with rows dropped; in any other
    case (another game, a move taken back) reading restarts at the first column that differs. Results are the same.
    """

    def __init__(self, model: Gpt):
        self.model = model
        self.layout = layout_of(model.config)
        self._memories: list[Memory] = []
        self._groups: list[np.ndarray] = []  # the indices of the lines that each memory holds
        self._last: tuple[list[Row], Tensor] | None = None

    def encode(self, lines: Sequence[Line], wanted: tuple[int, int] = (0, 0)) -> Tensor:
        """Return the hidden state of each game's present position: [B, width], float32.

        `wanted` are the conditions of the side to move, see dataset.loader, for models that have them.
        """
        return self._encode([read(line, self.layout, wanted) for line in lines])

    @torch.inference_mode()
    def _encode(self, rows: list[Row]) -> Tensor:
        if self._last and len(rows) == len(self._last[0]) and all(map(Row.equals, rows, self._last[0])):
            return self._last[1]  # the same rows as last time
        if self.model.new_cache()[0].can_shorten:
            groups, memories = [np.arange(len(rows))], self._memories or [Memory(self.model)]
        else:  # recurrent sums must not include padding, so each group has one length
            lengths = np.array([len(row.tokens) for row in rows])
            groups = [np.flatnonzero(lengths == n) for n in np.unique(lengths)]
            memories = [self._memory([rows[i] for i in group]) for group in groups]
        hidden = [memory.read([rows[i] for i in group]) for memory, group in zip(memories, groups, strict=True)]
        self._memories, self._groups = memories, groups
        self._last = rows, torch.cat(hidden)[torch.from_numpy(np.argsort(np.concatenate(groups)))]
        return self._last[1]

    def _memory(self, rows: list[Row]) -> Memory:
        """Return a copy of a memory that all the rows continue, or an empty one."""
        for memory in self._memories:
            _, shared = memory.continued(rows)
            if (shared == len(memory.rows[0].tokens)).all():
                return memory.copied()
        return Memory(self.model)

    @torch.inference_mode()
    def scores(self, hidden: Tensor, legal: np.ndarray) -> MoveScores:
        """Return the scores of the legal moves (bool [B, 2086], as the movers see them) in the games encoded last.

        `hidden` is what `encode` returned. All prefixes of all moves are read in one pass.
        """
        parts = []
        for memory, group in zip(self._memories, self._groups, strict=True):
            tree = PrefixTree.of(legal[group], self.layout.tokenizer)
            states = hidden[torch.from_numpy(group)]
            if len(tree.branches):
                states = torch.cat((states, memory.branches(tree)))
            parts.append(tree.scores(self._logits(states, legal[group], memory)))
        back = torch.from_numpy(np.argsort(np.concatenate(self._groups)))
        found = MoveScores(*(torch.cat(x)[back] for x in zip(*parts, strict=True)))
        if self.model.repertoire is None:
            return found
        assert self._last is not None
        boards = np.stack([row.boards[-1] for row in self._last[0]])
        return found._replace(masked=self.model.repertoire.mixed(found.masked, boards))

    def _logits(self, states: Tensor, legal: np.ndarray, memory: Memory) -> Tensor:
        """Return the logits of all nodes; a head that uses legal moves or classes has one node for each position."""
        told = torch.from_numpy(legal).to(states.device) if self.model.config.legal_bias else None
        return self.model.logits(states, told, memory.classes())

    def log_probabilities(self, lines: Sequence[Line], legal: np.ndarray, wanted: tuple[int, int] = (0, 0)) -> Tensor:
        """Return the log-probability of every legal move, float32 [B, 2086] as the movers see them; -inf for all
        others. See `prefixes`.
        """
        return self.scores(self.encode(lines, wanted), legal).masked

    @torch.inference_mode()
    def sample(
        self,
        lines: Sequence[Line],
        legal: np.ndarray,
        generator: torch.Generator,
        temperature: float = 1.0,
        top_p: float = 1.0,
        wanted: tuple[int, int] = (0, 0),
        taylor: int = 0,
    ) -> np.ndarray:
        """Return a legal move for each game, int64 [B], drawn token by token among the tokens that lead to one.

        At temperature 1 and top-p 1, moves are drawn with their `log_probabilities`. Other settings apply to each
        token, which for moves of several tokens differs from applying them to whole moves.
        """
        spelling, left = self.layout.tokenizer.spelling, legal.copy()
        rows = [read(line, self.layout, wanted) for line in lines]
        for part in range(spelling.shape[1]):
            hidden = self._encode(rows)
            logits = hidden.new_empty(len(rows), self.layout.tokenizer.size)
            for memory, group in zip(self._memories, self._groups, strict=True):
                at = torch.from_numpy(group)
                logits[at] = self.model.logits(hidden[at], None, memory.classes())
            logits = logits.cpu()
            games, ids = np.nonzero(left)
            leads = torch.zeros(logits.shape, dtype=torch.bool)
            leads[torch.from_numpy(games), torch.from_numpy(spelling[ids, part])] = True
            chances = filter_top_p(sharpen(masked_log_softmax(logits, leads), temperature, taylor), top_p)
            chosen = torch.multinomial(chances, 1, generator=generator).squeeze(-1).numpy()
            left &= spelling[:, part] == chosen[:, None]
            if part + 1 < spelling.shape[1]:
                rows = [row.followed_by(token) for row, token in zip(rows, chosen.tolist(), strict=True)]
        return left.argmax(1)
