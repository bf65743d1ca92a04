"""A node of the search tree: the statistics of its moves, its proof if there is one, the choice of an edge."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...rules.board import Board
from ...rules.compiling import decorators

njit, _ = decorators(globals())

Value = tuple[float, float, float]  # (win, draw, loss) for the side to move
WON, DRAWN, LOST = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
PRIOR, VISITS, VALUE, VIRTUAL_LOSS, REFUTED = range(5)  # rows of `Node.edges`
_ROWS = 5


class Facts(NamedTuple):
    """What is known of a position on any path; priors (float32 [n]) belong to the moves `ids` (int16 [n])."""

    ids: np.ndarray
    priors: np.ndarray
    value: Value


class Proof(NamedTuple):
    """A certain result: `score` 1 win, 0 draw, -1 loss for the side to move, after at most `plies` more."""

    score: int
    plies: int


class Node:
    """A position in the tree. `fixed` is the verdict on a repetition inside the tree, which is likely but not certain.

    `edges` (float64 [5, n], made at the second visit) holds for each move its prior, visits, sum of values for the side
    to move here, virtual losses (visits under way), and whether it is proven to lose.
    """

    __slots__ = ("children", "edges", "facts", "fixed", "losses", "open", "proof", "visits", "waiting", "wins")

    def __init__(self) -> None:
        self.facts: Facts | None = None
        self.edges: np.ndarray | None = None
        self.children: list[Node | None] = []
        self.open = 0  # children without a proof
        self.visits, self.wins, self.losses = 0, 0.0, 0.0
        self.waiting = False  # for its evaluation
        self.fixed: Value | None = None
        self.proof: Proof | None = None

    @property
    def certain(self) -> Value | None:
        """Return the value if no visit can change it, else None."""
        if self.proof is not None:
            return (LOST, DRAWN, WON)[self.proof.score + 1]
        return self.fixed

    @property
    def mean(self) -> Value:
        """Return (win, draw, loss) for the side to move, averaged over all visits."""
        if (certain := self.certain) is not None:
            return certain
        n = max(self.visits, 1)
        return self.wins / n, max(0.0, 1 - (self.wins + self.losses) / n), self.losses / n

    def unfold(self) -> np.ndarray:
        """Return the edges, making them first if there are none; the node must have its facts."""
        if self.edges is None:
            assert self.facts is not None
            n = len(self.facts.ids)
            self.edges = np.zeros((_ROWS, n))
            self.edges[PRIOR] = self.facts.priors
            self.children, self.open = [None] * n, n
        return self.edges


class Leaf(NamedTuple):
    """A new node that waits for its evaluation, and the path to it from the root: (node, index of its edge)."""

    node: Node
    path: list[tuple[Node, int]]
    board: Board


@njit
def pick(edges, mean, cpuct, fpu):
    """Return the edge to follow next by PUCT (Silver et al. 2018), or -1 if every move is refuted; 26 times as fast as
    in numpy.

    A visit under way counts as a loss (virtual loss). An unvisited move is assumed to be worth `mean` less `fpu` times
    the square root of the prior mass visited so far (first-play urgency, as in Leela Chess Zero).
    """
    n = edges.shape[1]
    visits = mass = 0.0
    for i in range(n):
        visits += edges[VISITS, i] + edges[VIRTUAL_LOSS, i]
        if edges[VISITS, i] + edges[VIRTUAL_LOSS, i] > 0:
            mass += edges[PRIOR, i]
    scale = cpuct * math.sqrt(max(visits, 1.0))
    unseen = mean - fpu * math.sqrt(mass)
    best, chosen = -math.inf, -1
    for i in range(n):
        if edges[REFUTED, i] > 0:
            continue
        count = edges[VISITS, i] + edges[VIRTUAL_LOSS, i]
        q = (edges[VALUE, i] - edges[VIRTUAL_LOSS, i]) / count if count > 0 else unseen
        score = q + scale * edges[PRIOR, i] / (1 + count)
        if score > best:
            best, chosen = score, i
    return chosen


def warm() -> None:
    """Compile the kernel that a descent calls, or load it from the cache."""
    pick(np.zeros((_ROWS, 1)), 0.0, 1.0, 0.0)
