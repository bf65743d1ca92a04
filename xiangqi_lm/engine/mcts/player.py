"""Monte-Carlo tree search over a policy and value: batched leaves, proofs, limits, a tree kept between moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ...rules.score import Score, WinDrawLoss
from ..player import Choice, Limit, Player, choosable
from .node import Facts, warm
from .search import MOST_NODES, Evaluate, Search, SearchSettings, ranking, shares_of
from .tree import Tree

_MOST_FACTS = 200_000  # evaluations shared by Zobrist key
DEFAULTS = SearchSettings()
LIMIT = Limit(nodes=400)  # by default
ADVICE = Limit(depth=1)  # for the built-in engine at each leaf; python -m benchmarks.advice compares others in games


class SearchPlayer(Player):
    """Plays the move that a tree search visits most; with a `temperature` t, draws it by visits to the power 1 / t.

    `evaluate` takes boards and returns priors (float32 [n] for each, in the order of its `legal_ids`) and values
    (float32 [B, 3]: win, draw, loss for the mover); `begin` is called first with the positions to be searched. A
    position reached by two orders of moves is evaluated once, but the visits to it are counted for each order alone, as
    rulings on repetition depend on the order. Several boards are searched side by side, their leaves in one batch. A
    proven result is never left to chance. One thread at a time.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        name: str = "mcts",
        settings: SearchSettings = DEFAULTS,
        limit: Limit = LIMIT,
        temperature: float = 0.0,
        seed: int | None = None,
        begin: Callable[[Sequence[Board]], None] = lambda boards: None,
    ):
        self.name, self.settings, self.limit, self.temperature = name, settings, limit, temperature
        self._evaluate, self._begin = evaluate, begin
        self._rng = np.random.default_rng(seed)
        self.table: dict[int, Facts] = {}
        self.kept: dict[tuple[str, str, tuple[Move, ...]], Tree] = {}

    @classmethod
    def load(
        cls,
        model: str | Path,
        name: str = "",
        settings: SearchSettings = DEFAULTS,
        limit: Limit = LIMIT,
        temperature: float = 0.0,
        history: bool = False,
        tactics: float = 0.0,
        advice_depth: int | None = ADVICE.depth,
        advice_nodes: int | None = None,
        device: str = "auto",
        seed: int | None = None,
    ) -> SearchPlayer:
        """Load a search over a language model, given by its name or folder; raises BadCheckpoint.

        With `tactics`, that share of every value comes from the built-in engine, which searches each leaf
        `advice_depth` plies deep or `advice_nodes` nodes, see `advised`.
        """
        from ...model.device import pick_device
        from ...model.packed import shared
        from ...rules import jit
        from .network import NetworkEvaluator

        warming = jit.warm_in_background()
        evaluator = NetworkEvaluator(shared(model, pick_device(device)), history)
        warming.join()
        advice = Limit(nodes=advice_nodes) if advice_nodes else Limit(depth=advice_depth)
        evaluate = advised(evaluator, tactics, advice) if tactics else evaluator
        warm()
        evaluator.begin([Board()])
        evaluate([Board()])  # the first evaluation is far slower than later ones, by which a time limit is kept
        return cls(evaluate, name or f"mcts:{model}", settings, limit, temperature, seed, evaluator.begin)

    def use_threads(self, count: int) -> None:
        """Ask the model with that many threads of the CPU; 0: with as many as is usual."""
        from ...model.device import use_threads

        use_threads(count)

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]:
        """Return one choice for each game; each has the limit's nodes to itself, the time is shared.

        An infinite search without an event to stop it ends when the tree is full. Raises IllegalMove where there is no
        move to choose.
        """
        limit = self._complete(limit or Limit())
        for board in boards:
            choosable(board, limit.root_moves)
        trees = [self._tree(board, limit) for board in boards]
        run = Search(trees, limit, self.settings, self._evaluate, self._rng)
        self._begin([tree.board for tree in trees])
        run.think()
        if limit.root_moves is None:  # only now: a tree whose evaluation failed is useless
            self.kept = {_line(tree.board, tree.ruleset): tree for tree in trees}
        return [self._choice(tree, run) for tree in trees]

    def reseed(self, seed: int) -> None:
        """Reset the generator and clear all trees: what follows depends on the seed alone."""
        self._rng = np.random.default_rng(seed)
        self.table.clear()
        self.kept.clear()

    # -------------------------------------------------------------------------------------------- before and after

    def _complete(self, limit: Limit) -> Limit:
        """Return the limit, completed with our own if it sets none that this search can keep (a depth does not
        count).
        """
        if limit.infinite or any(x is not None for x in (limit.nodes, limit.movetime, limit.clock)):
            return limit
        return replace(limit, nodes=self.limit.nodes, movetime=self.limit.movetime)

    def _tree(self, board: Board, limit: Limit) -> Tree:
        """Return what is left of a tree from a move or two ago, or a new one."""
        if len(self.table) > _MOST_FACTS:
            self.table.clear()
        if limit.root_moves is None:
            ruleset, start, moves = _line(board, limit.ruleset)
            for back in range(min(4, len(moves)) + 1):
                tree = self.kept.pop((ruleset, start, moves[: len(moves) - back]), None)
                if (
                    tree is not None
                    and tree.size < MOST_NODES // 2
                    and tree.reuse_subtree(list(moves[len(moves) - back :]))
                ):
                    return tree
        among = None if limit.root_moves is None else frozenset(move.id for move in limit.root_moves)
        return Tree(board, self.settings.cpuct, self.settings.fpu, self.table, among, limit.ruleset)

    def _choice(self, tree: Tree, run: Search) -> Choice:
        root, order = tree.root, ranking(tree.root)
        shares = shares_of(root)
        assert root.facts is not None
        best = order[0]
        if self.temperature > 0 and root.proof is None:
            chances = np.where(shares > 0, shares, 0.0) ** (1 / max(self.temperature, 0.05))
            best = int(self._rng.choice(len(chances), p=chances / chances.sum()))
            order = [best, *(i for i in order if i != best)]
        ids = root.facts.ids.tolist()
        pairs = sorted(((float(p), i) for i, p in enumerate(shares)), key=lambda pair: (-pair[0], order.index(pair[1])))
        info = run.info(tree, order)
        lines = tuple(variation.moves for variation in info.variations)
        score = info.variations[0].score or Score(tree.board.turn, wdl=WinDrawLoss(*root.mean))
        return Choice(MOVES[ids[best]], tuple((MOVES[ids[i]], p) for p, i in pairs), score, lines, info)


def advised(evaluate: Evaluate, share: float, advice: Limit = ADVICE) -> Evaluate:
    """Return an evaluation in which `share` of every value comes from the built-in engine, which searches each leaf
    within the limit `advice` and then its captures.

    The priors stay as they are. A value learned from results says little about a position in the middle of an exchange.
    """
    from ..alphabeta.player import AlphaBetaPlayer

    adviser = AlphaBetaPlayer(advice)

    def evaluated(boards: Sequence[Board]) -> tuple[Sequence[np.ndarray], np.ndarray]:
        priors, values = evaluate(boards)
        mixed = np.array(values, np.float32)
        for value, board in zip(mixed, boards, strict=True):
            score = adviser.choose(board).score
            if score is not None:  # otherwise the limit ended the search before its first move was finished
                value[:] = (1 - share) * value + share * np.array(score.as_wdl(), np.float32)
        return priors, mixed

    return evaluated


def _line(board: Board, ruleset: str) -> tuple[str, str, tuple[Move, ...]]:
    """Return all that a tree's proofs depend on: the rules, and the game up to its root."""
    return ruleset, board.start_fen, tuple(board.move_stack)
