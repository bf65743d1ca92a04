"""The search of several positions at once, in batches of leaves until a limit is reached, and what the trees say."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ...rules.score import Score, WinDrawLoss
from ...rules.squares import Color
from ..player import Info, Limit, PrincipalVariation
from ..timing import share
from .node import PRIOR, REFUTED, VISITS, Facts, Leaf, Node
from .tree import Tree

Evaluate = Callable[[Sequence[Board]], tuple[Sequence[np.ndarray], np.ndarray]]
MOST_NODES = 400_000  # of one tree: about a gigabyte
_MOST_LEAVES = 4096  # evaluated in one batch, over all games
_MOST_VISITS = 256  # of a tree between two checks of the limit: in a small ending, visits may need no evaluation
_REPORT_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class SearchSettings:
    """How the tree grows.

    `batch` leaves are evaluated together; `cpuct` weighs the priors against the values found; `fpu` (first-play
    urgency) is how much worse than its parent an unvisited move is assumed to be; `noise` is the share of Dirichlet
    noise in the root's priors, for self-play.
    """

    batch: int = 16
    cpuct: float = 1.5
    fpu: float = 0.3
    noise: float = 0.0


# ------------------------------------------------------------------------------------------------ reading a tree


def ranking(node: Node) -> list[int]:
    """Return the moves from best to worst: quickest proven win first, then by visits, longest proven loss last."""
    edges = node.unfold()

    def rank(i: int) -> tuple[float, ...]:
        child = node.children[i]
        proof = None if child is None else child.proof
        if proof is not None and proof.score:
            return (-proof.score, proof.score * proof.plies, edges[VISITS, i])
        return (0, edges[VISITS, i], edges[0, i])

    return sorted(range(edges.shape[1]), key=rank, reverse=True)


def shares_of(node: Node) -> np.ndarray:
    """Return the share of the visits that each move got; only the quickest proven wins count if there are any, refuted
    moves only if there are no others. Without visits, return the priors."""
    edges = node.unfold()
    proofs = [None if child is None else child.proof for child in node.children]
    wins = [math.inf if proof is None or proof.score >= 0 else proof.plies for proof in proofs]
    sound = np.array(wins) == min(wins) if min(wins) < math.inf else edges[REFUTED] == 0
    sound = sound if sound.any() else np.ones(len(sound), bool)
    for weights in (edges[VISITS] * sound, edges[PRIOR] * sound):
        if weights.sum() > 0:
            return weights / weights.sum()
    return sound / sound.sum()


def _best_line(node: Node | None) -> list[Move]:
    """Return the principal variation below a node, as far as it was visited."""
    moves = []
    while node is not None and node.edges is not None and node.facts is not None:
        best = ranking(node)[0]
        child = node.children[best]
        if child is None or (child.visits == 0 and child.proof is None):
            break
        moves.append(MOVES[node.facts.ids[best]])
        node = child
    return moves


def variation(root: Node, i: int, probability: float, side: Color) -> PrincipalVariation:
    """Return the principal variation that begins with move `i` of the root, for the side to move there."""
    assert root.facts is not None
    child = root.children[i] if root.edges is not None else None
    moves = (MOVES[root.facts.ids[i]], *_best_line(child))
    if child is None or (child.visits == 0 and child.proof is None):
        return PrincipalVariation(moves, probability=probability)
    loss, draw, win = child.mean
    mate = None
    if child.proof is not None and child.proof.score:
        plies = child.proof.plies + 1  # the winner makes the first and the last of them
        mate = (plies + 1) // 2 if child.proof.score < 0 else min(-1, -(plies // 2))  # a repetition can lose at once
    return PrincipalVariation(moves, Score(side, mate=mate, wdl=WinDrawLoss(win, draw, loss)), probability)


# ------------------------------------------------------------------------------------------------ thinking


class Search:
    """One search of several positions at once."""

    def __init__(
        self,
        trees: list[Tree],
        limit: Limit,
        settings: SearchSettings,
        evaluate: Evaluate,
        rng: np.random.Generator,
    ):
        self._trees, self._limit, self._settings = trees, limit, settings
        self._evaluate, self._rng = evaluate, rng
        self.nodes = {id(tree): 0 for tree in trees}
        self._began = self._reported = time.perf_counter()
        # whether to search the other moves once the best is proven
        self._beyond = limit.multipv > 1 and limit.clock is None
        self._batch_seconds = 0.0  # how long the last batch took
        spans = () if limit.infinite else (limit.movetime, share(limit.clock) if limit.clock else None)
        self._span = min((span for span in spans if span is not None), default=None)

    def think(self) -> None:
        """Search until the limit is reached or every position is decided; the roots are evaluated whatever the limit
        is.
        """
        fresh = [tree for tree in self._trees if tree.root.facts is None]
        if fresh:
            self._step(fresh, 1)
        for tree in self._trees:
            tree.add_dirichlet_noise(self._settings.noise, self._rng)
        while going := [tree for tree in self._trees if self._goes_on(tree)]:
            self._step(going, self._settings.batch)
            self._report()
        if self._limit.infinite and self._limit.stop is not None:
            self._limit.stop.wait()

    def _step(self, trees: list[Tree], batch: int) -> None:
        """Run one batch of leaves: a small one at first, while the visits still learn and the time per batch is
        unknown.
        """
        asked, batch, began = [], max(1, min(batch, _MOST_LEAVES // len(trees))), time.perf_counter()
        for tree in trees:
            known = tree.root.visits // 4 if self._span is None else min(tree.root.visits // 4, self.nodes[id(tree)])
            left = min(self._left(tree), _MOST_VISITS)
            leaves, visits = tree.select_leaves(min(batch, 1 + known), left, self._beyond)
            self.nodes[id(tree)] += visits
            asked.append(leaves)
        if any(asked):
            self._evaluated(trees, asked)
        self._batch_seconds = time.perf_counter() - began

    def _evaluated(self, trees: list[Tree], asked: list[list[Leaf]]) -> None:
        """Evaluate the leaves of all trees in one batch and finish their visits."""
        boards = [leaf.board for leaves in asked for leaf in leaves]
        priors, values = self._evaluate(boards)
        found = (
            Facts(board.legal_ids(), p, (float(v[0]), float(v[1]), float(v[2])))
            for board, p, v in zip(boards, priors, values, strict=True)
        )
        for tree, leaves in zip(trees, asked, strict=True):
            tree.expand(leaves, [next(found) for _ in leaves])

    def _left(self, tree: Tree) -> int:
        """Return how many more visits the limit allows."""
        nodes = MOST_NODES if self._limit.nodes is None else max(self._limit.nodes, 1)
        return nodes - self.nodes[id(tree)]

    def _goes_on(self, tree: Tree) -> bool:
        if tree.is_decided(self._beyond) or tree.size >= MOST_NODES or self._left(tree) <= 0:
            return False
        if self._limit.stop is not None and self._limit.stop.is_set():
            return False
        if self._span is None:
            return True
        left = self._span - (time.perf_counter() - self._began)
        return left > self._batch_seconds and not (self._limit.clock and self.is_settled(tree, left))

    def is_settled(self, tree: Tree, left: float) -> bool:
        """Return whether the time left cannot change the move, because it is the only one or too far ahead in visits.

        Refuted moves are out of the race, however often they were visited; and a reused tree is not settled by its old
        visits before a batch has shown how fast it grows now.
        """
        edges = tree.root.unfold()
        visits = np.sort(edges[VISITS, edges[REFUTED] == 0])
        if len(visits) == 1:
            return True
        nodes, batch = self.nodes[id(tree)], self._settings.batch
        rate = nodes / max(time.perf_counter() - self._began, 1e-6)
        return nodes >= batch and visits[-1] - visits[-2] > rate * left + batch

    # -------------------------------------------------------------------------------------------- reporting

    def info(self, tree: Tree, order: list[int]) -> Info:
        """Return where the search of a position stands; `order` ranks the moves at the root."""
        shares, side = shares_of(tree.root), tree.board.turn
        lines = tuple(variation(tree.root, i, float(shares[i]), side) for i in order[: max(1, self._limit.multipv)])
        seconds = time.perf_counter() - self._began
        return Info(max(len(line.moves) for line in lines), self.nodes[id(tree)], seconds, lines)

    def _report(self) -> None:
        now = time.perf_counter()
        if self._limit.report is not None and now - self._reported >= _REPORT_EVERY:
            self._reported = now
            self._limit.report(self.info(self._trees[0], ranking(self._trees[0].root)))
