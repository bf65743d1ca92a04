"""The tree of the legal moves' first tokens: the probability of every legal move of many positions in one pass.

A move of K tokens is chosen token by token, each among those that some legal move has next. Its log-probability is the
sum of what its tokens have on that way, each by a softmax over the tokens that lead on: all legal moves together have
probability 1, and sampling token by token under the same mask draws from just this distribution. It is not what is left
when the unmasked probabilities of whole moves are divided by their sum, but those times what the mask adds at each node
of the way: one over the mass that the model has on tokens that lead on. With one token a move both are the same.
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
    """What a model says of P positions, moves as their movers see them; log-probabilities of illegal moves are -inf."""

    masked: Tensor  # float32 [P, 2086]: under the legal mask at every token
    free: Tensor  # float32 [P, 2086]: of the legal moves, without any mask
    greedy: (
        Tensor  # bool [P]: whether the likeliest tokens, one after the other and without any mask, spell a legal move
    )


@dataclass(frozen=True)
class PrefixTree:
    """Nodes are what may have been chosen of a move so far: the first P are the positions, nothing chosen yet."""

    tokenizer: Tokenizer
    positions: np.ndarray  # int64 [M]: the position of each legal move
    ids: np.ndarray  # int64 [M]: the legal moves
    path: np.ndarray  # int64 [M, K]: the node at which each token of a move is chosen
    where: np.ndarray  # int64 [N]: the position of each node
    parent: np.ndarray  # int64 [N]: the node before; a position is its own
    token: np.ndarray  # int64 [N]: the token chosen last; -1 at a position

    @classmethod
    def of(cls, legal: np.ndarray, tokenizer: Tokenizer) -> PrefixTree:
        """Build the tree of legal moves bool [P, 2086]; a position without a legal move is a node without moves."""
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
        """Return how many tokens are chosen at each node: int64 [N]."""
        depth = np.zeros(len(self.where), np.int64)
        for nodes in self.path.T[1:]:
            depth[nodes] = depth[self.parent[nodes]] + 1
        return depth

    @property
    def branches(self) -> np.ndarray:
        """Return the nodes that are not positions."""
        return np.flatnonzero(self.token >= 0)

    def leads(self) -> np.ndarray:
        """Return the tokens that lead on from each node: bool [N, V]."""
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
    """Where P positions stand in a cache."""

    rows: np.ndarray  # int64 [P]: the row of the cache
    seen: np.ndarray  # bool [P, S]: the columns that lead to the position
    places: np.ndarray  # int64 [P]: the place of the last of them
    boards: np.ndarray  # int8 [P, 90], as their movers see them
    conditions: np.ndarray  # int64 [P, 2]


def branch_states(model: Gpt, cache: list[Cache], tree: PrefixTree, roots: Roots, rows: int) -> Tensor:
    """Return hidden states [N - P, width] of the nodes that are not positions, over a cache of that many rows.

    The cache stays as it is. There must be such nodes.
    """
    if cache[0].can_shorten:
        return _beside_each_other(model, cache, tree, roots, rows)
    return _one_by_one(model, cache, tree, roots)


def _inputs(model: Gpt, tree: PrefixTree, roots: Roots, at: np.ndarray) -> Inputs:
    """What is read at nodes, int64 [B, T]; -1 where there is none."""
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
    """All nodes as columns behind the cache, each seeing what leads to it and no other."""
    nodes = tree.branches
    nodes = nodes[np.argsort(roots.rows[tree.where[nodes]], kind="stable")]
    row = roots.rows[tree.where[nodes]]
    slot = np.arange(len(nodes)) - np.searchsorted(row, row)  # its number in its row
    width, length = int(slot.max()) + 1, cache[0].length
    at = np.full((rows, width), -1)
    at[row, slot] = nodes
    slots = np.zeros(len(tree.where), np.int64)
    slots[nodes] = slot
    visible = np.zeros((rows, width, length + width), bool)
    visible[:, np.arange(width), length + np.arange(width)] = True  # itself: padding sees nothing else
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
    """Each longest way as a row of its own, on a copy of the state it starts from: for states that cannot branch."""
    ways = np.unique(tree.path[:, 1:], axis=0)  # [R, K - 1]
    index = torch.from_numpy(roots.rows[tree.where[ways[:, 0]]]).to(next(model.parameters()).device)
    copies = [copy.copy(layer) for layer in cache]
    for layer in copies:
        layer.keep(index, layer.length)
    hidden = model.encode(_inputs(model, tree, roots, ways), copies)  # [R, K - 1, width]
    first = np.unique(ways, return_index=True)[1]  # one of the ways that pass through each node, in the nodes' order
    return hidden.flatten(0, 1)[torch.from_numpy(first)]
