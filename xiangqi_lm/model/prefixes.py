"""The tree of the legal moves' first tokens: the probability of every legal move of many positions in one pass.

A move of K tokens is chosen token by token, each time among the tokens with which some legal move continues. Its
log-probability is the sum over its tokens, each by a softmax over the allowed tokens: all legal moves together have
probability 1, and sampling token by token under the same mask draws from exactly this distribution. It differs from the
unmasked probabilities of whole moves divided by their sum: the mask divides at each node by the mass that the model
puts on the allowed tokens. With one token a move both are the same.
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..dataset.loader import legal_moves
from ..dataset.tokenizer import Tokenizer
from .attention import Branches, Cache
from .functional import masked_log_softmax
from .gpt import Gpt
from .inputs import Inputs


class MoveScores(NamedTuple):
    """What a model says of P positions, moves in the mover's view; log-probabilities of illegal moves are -inf."""

    masked: Tensor  # float32 [P, 2086]: under the legal mask at every token
    free: Tensor  # float32 [P, 2086]: of the legal moves, without a mask
    greedy: Tensor  # bool [P]: whether the likeliest tokens in turn, without a mask, spell a legal move

    @property
    def illegal(self) -> Tensor:
        """Return the total probability of all illegal moves, without a mask: float32 [P]."""
        return (1 - self.free.exp().sum(-1)).clamp(min=0)


@dataclass(frozen=True)
class PrefixTree:
    """Nodes are prefixes of moves: the first P are the positions themselves, with no token chosen yet."""

    tokenizer: Tokenizer
    positions: np.ndarray  # int64 [M]: the position of each legal move
    ids: np.ndarray  # int64 [M]: the legal moves
    path: np.ndarray  # int64 [M, K]: the node at which each token of a move is chosen
    where: np.ndarray  # int64 [N]: the position of each node
    parent: np.ndarray  # int64 [N]: the node before; a position is its own parent
    token: np.ndarray  # int64 [N]: the token chosen last; -1 at a position

    @classmethod
    def of(cls, legal: np.ndarray, tokenizer: Tokenizer) -> PrefixTree:
        """Build the tree of legal moves bool [P, 2086]; a position without legal moves is a leaf."""
        positions, ids = np.nonzero(legal)
        spelled, roots = tokenizer.spelling[ids], np.arange(len(legal))
        path, where, parent, token = [positions], [roots], [roots], [np.full(len(legal), -1)]
        nodes = len(legal)
        for chosen in spelled.T[:-1]:
            found, first, inverse = np.unique(
                path[-1] * tokenizer.size + chosen, return_index=True, return_inverse=True
            )
            where.append(positions[first])
            parent.append(path[-1][first])
            token.append(chosen[first])
            path.append(nodes + inverse)
            nodes += len(found)
        joined = (np.concatenate(parts) for parts in (where, parent, token))
        return cls(tokenizer, positions, ids, np.stack(path, 1), *joined)

    @cached_property
    def depth(self) -> np.ndarray:
        """Return the number of tokens chosen at each node: int64 [N]."""
        depth = np.zeros(len(self.where), np.int64)
        for nodes in self.path.T[1:]:
            depth[nodes] = depth[self.parent[nodes]] + 1
        return depth

    @property
    def branches(self) -> np.ndarray:
        """Return the nodes that are not positions."""
        return np.flatnonzero(self.token >= 0)

    def leads(self) -> np.ndarray:
        """Return the tokens allowed after each node: bool [N, V]."""
        leads = np.zeros((len(self.where), self.tokenizer.size), bool)
        leads[self.path, self.tokenizer.spelling[self.ids]] = True
        return leads

    def scores(self, logits: Tensor) -> MoveScores:
        """Score the moves from the logits [N, V] at all nodes."""
        device, count = logits.device, int((self.token < 0).sum())
        leads = torch.from_numpy(self.leads()).to(device)
        spelled = self.tokenizer.spelling[self.ids]
        at = tuple(torch.from_numpy(x).to(device) for x in (self.path, spelled))
        where = tuple(torch.from_numpy(x).to(device) for x in (self.positions, self.ids))
        found = []
        for logs in (masked_log_softmax(logits, leads), logits.float().log_softmax(-1)):
            whole = logs.new_full((count, len(self.tokenizer.spelling)), -math.inf)
            whole[where] = logs[at].sum(-1)
            found.append(whole)
        best = logits.argmax(-1)
        hit = at[1] == best[at[0]]  # [M, K]: whether each token of a move is the likeliest there
        greedy = torch.zeros(count, dtype=torch.bool, device=device)
        greedy[where[0][hit.all(-1)]] = True
        return MoveScores(found[0], found[1], greedy)


# ------------------------------------------------------------------------------------------------ reading the nodes


class Roots(NamedTuple):
    """The places of P positions in a cache."""

    rows: np.ndarray  # int64 [P]: the row of the cache
    seen: np.ndarray  # bool [P, S]: the columns that belong to the position
    places: np.ndarray  # int64 [P]: the place of the last of them
    boards: np.ndarray  # int8 [P, 90], in the mover's view
    conditions: np.ndarray  # int64 [P, 2]


def branch_states(model: Gpt, cache: list[Cache], tree: PrefixTree, roots: Roots, rows: int) -> Tensor:
    """Return hidden states [N - P, width] of the nodes that are not positions, over a cache of `rows` rows.

    The cache is not changed. There must be such nodes.
    """
    if cache[0].can_shorten:
        return _beside_each_other(model, cache, tree, roots, rows)
    return _one_by_one(model, cache, tree, roots)


def _inputs(model: Gpt, tree: PrefixTree, roots: Roots, at: np.ndarray) -> Inputs:
    """Return the inputs at nodes, int64 [B, T]; -1 stands for padding."""
    device, config = next(model.parameters()).device, model.config
    where = tree.where[at]
    boards = roots.boards[where] * (at >= 0)[..., None]
    read = {
        "tokens": np.where(at >= 0, tree.token[at], tree.tokenizer.bos),
        "boards": boards if config.board != "none" else None,
        "moves": legal_moves(boards) if config.legal_moves else None,
        "conditions": roots.conditions[where] if config.conditions else None,
        "parts": tree.depth[at] * (at >= 0),
    }
    return Inputs(**{name: torch.from_numpy(x).to(device) for name, x in read.items() if x is not None})


def _beside_each_other(model: Gpt, cache: list[Cache], tree: PrefixTree, roots: Roots, rows: int) -> Tensor:
    """Read all nodes as columns after the cache; each sees only what leads to it."""
    nodes = tree.branches
    nodes = nodes[np.argsort(roots.rows[tree.where[nodes]], kind="stable")]
    row = roots.rows[tree.where[nodes]]
    slot = np.arange(len(nodes)) - np.searchsorted(row, row)  # its index within its row
    width, length = int(slot.max()) + 1, cache[0].length
    at = np.full((rows, width), -1)
    at[row, slot] = nodes
    slots = np.zeros(len(tree.where), np.int64)
    slots[nodes] = slot
    visible = np.zeros((rows, width, length + width), bool)
    visible[:, np.arange(width), length + np.arange(width)] = True  # itself, so that padding sees something
    visible[row, slot, :length] = roots.seen[tree.where[nodes]]
    above = tree.parent[nodes]
    for _ in range(tree.path.shape[1] - 2):
        inner = tree.token[above] >= 0
        visible[row[inner], slot[inner], length + slots[above[inner]]] = True
        above = tree.parent[above]
    places = np.where(at >= 0, roots.places[tree.where[at]] + tree.depth[at], 0)
    device = next(model.parameters()).device
    branches = Branches(torch.from_numpy(places).to(device), torch.from_numpy(visible).to(device))
    hidden = model.encode(_inputs(model, tree, roots, at), cache, branches)
    for layer in cache:
        layer.keep(None, length)
    back = np.argsort(nodes)
    return hidden[torch.from_numpy(row[back]), torch.from_numpy(slot[back])]


def _one_by_one(model: Gpt, cache: list[Cache], tree: PrefixTree, roots: Roots) -> Tensor:
    """Read each longest prefix as a row of its own, from a copy of the state before it: for states that cannot
    branch.
    """
    ways = np.unique(tree.path[:, 1:], axis=0)  # [R, K - 1]
    index = torch.from_numpy(roots.rows[tree.where[ways[:, 0]]]).to(next(model.parameters()).device)
    copies = [copy.copy(layer) for layer in cache]
    for layer in copies:
        layer.keep(index, layer.length)
    hidden = model.encode(_inputs(model, tree, roots, ways), copies)  # [R, K - 1, width]
    first = np.unique(ways, return_index=True)[1]  # for each node, in order, one of the prefixes that pass through it
    return hidden.flatten(0, 1)[torch.from_numpy(first)]
