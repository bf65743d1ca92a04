"""The tree that `Search` grows: the positions below a root, and the statistics of the visits to them.

It is a tree, not a graph: a position reached by two orders of moves has two nodes, because rulings on repetition depend
on the path. The evaluation and the legal moves, which do not, are shared between them by Zobrist key (`Facts`).
"""

from __future__ import annotations

import numpy as np

from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ...rules.squares import Color
from .node import (
    DRAWN,
    LOST,
    PRIOR,
    REFUTED,
    VALUE,
    VIRTUAL_LOSS,
    VISITS,
    WON,
    Facts,
    Leaf,
    Node,
    Proof,
    Value,
    pick,
)


class Tree:
    """The tree below one position of a game that is judged by `ruleset`.

    `among` restricts the moves at the root; `table` holds the shared facts.
    """

    def __init__(
        self,
        board: Board,
        cpuct: float,
        fpu: float,
        table: dict[int, Facts],
        among: frozenset[int] | None = None,
        ruleset: str = "computer",
    ):
        self.board, self.root, self.root_moves, self.ruleset = board.copy(), Node(), among, ruleset
        self.size = 1  # nodes, including those of discarded parts
        self._cpuct, self._fpu, self._table = cpuct, fpu, table
        self._vain: list[list[tuple[Node, int]]] = []  # paths that ended at a node already waiting

    # -------------------------------------------------------------------------------------------- visits

    def select_leaves(self, leaves: int, visits: int, beyond: bool = False) -> tuple[list[Leaf], int]:
        """Descend until `leaves` leaves wait for evaluation or `visits` visits are made; return the leaves and the
        visits.

        Visits that need no evaluation are finished at once. Fewer come back when descents keep ending at leaves that
        already wait, and when the root is proven; with `beyond` the search then continues with its unproven moves.
        """
        waiting: list[Leaf] = []
        done = 0
        while len(waiting) < leaves and len(waiting) + done < visits and len(self._vain) < leaves:
            if self.is_decided(beyond):
                break
            path: list[tuple[Node, int]] = []
            node, value = self._descend(path)
            if value is not None:
                self._backup(path, node, value)
                done += 1
            elif node.waiting:
                self._vain.append(path)
            else:
                node.waiting = True
                waiting.append(Leaf(node, path, self.board.copy()))
            for _ in path:
                self.board.pop()
        return waiting, len(waiting) + done

    def is_decided(self, beyond: bool = False) -> bool:
        """Return whether the root is proven and, with `beyond`, all its other moves are too."""
        return self.root.proof is not None and not (beyond and self.root.open)

    def _descend(self, path: list[tuple[Node, int]]) -> tuple[Node, Value | None]:
        """Follow the best edges to a node that is new, waiting or certain; return it and its value if that is known."""
        board, node, keys = self.board, self.root, [self.board.key]
        while node.facts is not None and (node.certain is None or node is self.root):
            edges = node.unfold()
            mean = (node.wins - node.losses) / max(node.visits, 1)
            considered = (edges, mean) if node.certain is None else _unproven(node)
            i = pick(*considered, self._cpuct, self._fpu)
            edges[VIRTUAL_LOSS, i] += 1
            path.append((node, i))
            board.push_unchecked(MOVES[node.facts.ids[i]])
            child = node.children[i]
            if child is None:
                node.children[i] = child = Node()
                self.size += 1
                return child, self.look(child, board, keys, path)
            keys.append(board.key)
            node = child
        return node, node.certain

    def look(self, node: Node, board: Board, keys: list[int], path: list[tuple[Node, int]]) -> Value | None:
        """Return the value of a new node if it can be known without the network."""
        if (outcome := board.outcome(self.ruleset)) is not None:
            node.proof = Proof(_score(outcome.winner, board.turn), 0)
            self._settle(path)
        elif final := board.final_moves():  # before cycles are judged: a root with restricted moves may recur
            node.facts = Facts(np.array([final[0].id], np.int16), np.ones(1, np.float32), WON)
            self._close(node, 0)
            self._settle([*path, (node, 0)])
        elif (back := cycle(board, keys)) and (verdict := once_more(board, back, self.ruleset)) is not None:
            node.fixed = verdict
        elif facts := self._table.get(board.key):
            node.facts = facts
            return facts.value
        return node.certain

    def expand(self, leaves: list[Leaf], evaluations: list[Facts]) -> None:
        """Finish the visits of leaves with the network's evaluations."""
        for leaf, facts in zip(leaves, evaluations, strict=True):
            leaf.node.waiting = False
            if leaf.node is self.root:
                facts = self._at_root(facts)
            else:
                self._table[leaf.board.key] = facts
            leaf.node.facts = facts
            if leaf.node is self.root:
                self._mark_final()
            self._backup(leaf.path, leaf.node, facts.value)
        for path in self._vain:
            for node, i in path:
                assert node.edges is not None
                node.edges[VIRTUAL_LOSS, i] -= 1
        self._vain.clear()

    def _at_root(self, facts: Facts) -> Facts:
        """Return the facts restricted to the moves allowed at the root."""
        if self.root_moves is None:
            return facts
        kept = np.isin(facts.ids, list(self.root_moves))
        share = facts.priors[kept].sum()
        priors = facts.priors[kept] / share if share > 0 else np.full(kept.sum(), 1 / kept.sum(), np.float32)
        return Facts(facts.ids[kept], priors, facts.value)

    def _mark_final(self) -> None:
        """Mark mates in one at the root, where the other moves are evaluated as well."""
        assert self.root.facts is not None
        final = {move.id for move in self.board.final_moves()}
        for i, move_id in enumerate(self.root.facts.ids.tolist()):
            if move_id in final:
                self._close(self.root, i)
                self._settle([(self.root, i)])

    def _close(self, node: Node, i: int) -> None:
        """Record that a move leaves the opponent without a legal move."""
        node.unfold()
        node.children[i] = mated = Node()
        mated.proof = Proof(-1, 0)
        self.size += 1

    @staticmethod
    def _backup(path: list[tuple[Node, int]], leaf: Node, value: Value) -> None:
        """Add one visit to every node on the path; a proven node passes up its proof instead of the value below it."""
        win, _, loss = leaf.certain or value
        leaf.visits += 1
        leaf.wins += win
        leaf.losses += loss
        for node, i in reversed(path):
            win, loss = loss, win
            edges = node.edges
            assert edges is not None
            edges[VISITS, i] += 1
            edges[VALUE, i] += win - loss
            edges[VIRTUAL_LOSS, i] -= 1
            if node.proof is not None:
                win, _, loss = node.mean
            node.visits += 1
            node.wins += win
            node.losses += loss

    @staticmethod
    def _settle(path: list[tuple[Node, int]]) -> None:
        """Propagate a proof up the path as far as it proves something (MCTS-Solver, Winands et al. 2008)."""
        for node, i in reversed(path):
            child, edges = node.children[i], node.edges
            assert child is not None and child.proof is not None and edges is not None
            node.open -= 1
            edges[VALUE, i] = -child.proof.score * edges[VISITS, i]
            edges[REFUTED, i] = child.proof.score > 0
            if node.proof is not None:
                return
            if child.proof.score < 0:
                node.proof = Proof(1, child.proof.plies + 1)
            elif node.open == 0:
                proofs = [below.proof for below in node.children if below is not None and below.proof is not None]
                best = max(-proof.score for proof in proofs)
                node.proof = Proof(best, 1 + max(proof.plies for proof in proofs if -proof.score == best))
            else:
                return

    # -------------------------------------------------------------------------------------------- reuse and noise

    def reuse_subtree(self, moves: list[Move]) -> bool:
        """Make the position after these moves the root and keep what is known of it.

        Return False, and leave the tree useless, if nothing is known of it or only a winning move.
        """
        node = self.root
        for move in moves:
            index = np.flatnonzero(node.facts.ids == move.id) if node.facts is not None else np.empty(0)
            child = node.children[index[0]] if node.edges is not None and len(index) else None
            if child is None:
                return False
            node = child
        for move in moves:
            self.board.push_unchecked(move)
        self.root = node
        known = node.facts is not None and node.fixed is None
        return known and len(node.facts.ids) == len(self.board.legal_ids())  # type: ignore[union-attr]

    def add_dirichlet_noise(self, noise: float, rng: np.random.Generator) -> None:
        """Mix Dirichlet noise into the root's priors, replacing any mixed in before (Silver et al. 2018)."""
        assert self.root.facts is not None
        edges, priors = self.root.unfold(), self.root.facts.priors
        edges[PRIOR] = priors
        if noise > 0:
            edges[PRIOR] = (1 - noise) * priors + noise * rng.dirichlet(np.full(len(priors), 10 / len(priors)))


def _unproven(node: Node) -> tuple[np.ndarray, float]:
    """Return what `pick` chooses from at a proven node: its edges with proven moves barred, and their mean value."""
    assert node.facts is not None
    edges = node.unfold().copy()
    edges[REFUTED] = [child is not None and child.proof is not None for child in node.children]
    left = edges[REFUTED] == 0
    visits = edges[VISITS, left].sum()
    win, _, loss = node.facts.value
    return edges, float(edges[VALUE, left].sum() / visits) if visits else win - loss


def _score(winner: Color | None, turn: Color) -> int:
    return 0 if winner is None else 1 if winner is turn else -1


def cycle(board: Board, keys: list[int]) -> int:
    """Return the plies back to the same position inside the tree, 0 if it is new; `keys` are those of the positions
    before it, from the root on.
    """
    key = board.key
    for back in range(4, min(board.halfmove, len(keys)) + 1, 2):
        if keys[-back] == key:
            return back
    return 0


def once_more(board: Board, plies: int, ruleset: str = "computer") -> Value | None:
    """Return the verdict on a cycle if both sides repeat it once more, as a repetition in the tree is likely to do."""
    moves = board.move_stack[-plies:]
    for move in moves:
        board.push_unchecked(move)
    outcome = board.outcome(ruleset)
    for _ in moves:
        board.pop()
    return None if outcome is None else (LOST, DRAWN, WON)[_score(outcome.winner, board.turn) + 1]
