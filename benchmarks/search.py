"""How fast the tree search is and where its time goes, compared with the simple way: one leaf at a time, copied boards.

Run: python -m benchmarks.search [--model default] [--nodes 400] [--batch 16]          (a minute or two on one core)

Both search the same positions with the same model and the same number of nodes in the same run. The parts are timed in
a second pass over ours; the rest of a search's time is the tree itself: selection, backup, proofs, copies.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xiangqi_lm.engine.mcts import network
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.engine.mcts.player import SearchPlayer
from xiangqi_lm.engine.mcts.search import Evaluate, SearchSettings
from xiangqi_lm.engine.player import Limit
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.device import processor
from xiangqi_lm.model.packed import ready_to_play
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVES, Move

LINES = (
    "",
    "h2e2 h9g7 h0g2 i9h9 i0h0 b9c7 c3c4 g6g5 b0c2 c9e7",
    "c3c4 b7c7 c0e2 h9g7 b0d1 i9h9 g3g4 b9a7 h0g2 c9e7 b2b6 a9b9",
)


def positions() -> list[Board]:
    boards = []
    for line in LINES:
        board = Board()
        for text in line.split():
            board.push_text(text)
        boards.append(board)
    return boards


class Spot:
    """A node of the simple search: a whole board and a dict of children."""

    def __init__(self, board: Board, evaluate: Evaluate):
        self.board, self.visits, self.sum = board, 0, 0.0
        self.children: dict[Move, Spot] = {}
        self.priors: dict[Move, float] = {}
        ended = board.outcome()
        if ended is not None:
            self.value = 0.0 if ended.winner is None else 1.0 if ended.winner is board.turn else -1.0
            return
        (priors,), (value,) = evaluate([board])
        self.priors = {MOVES[i]: float(p) for i, p in zip(board.legal_ids(), priors, strict=True)}
        self.value = float(value[0] - value[2])

    def best(self) -> Move:
        total = math.sqrt(max(self.visits - 1, 1))

        def score(move: Move) -> float:
            child = self.children.get(move)
            if child is None:
                return self.sum / self.visits - 0.3 + 1.5 * self.priors[move] * total
            return -child.sum / child.visits + 1.5 * self.priors[move] * total / (1 + child.visits)

        return max(self.priors, key=score)


def obvious(board: Board, nodes: int, evaluate: Evaluate) -> None:
    """Run PUCT as in the papers, one leaf at a time."""
    root = Spot(board.copy(), evaluate)
    root.visits, root.sum = 1, root.value
    for _ in range(nodes - 1):
        way = [root]
        while way[-1].priors:
            spot = way[-1]
            move = spot.best()
            if move in spot.children:
                way.append(spot.children[move])
                continue
            after = spot.board.copy()
            after.push(move)
            spot.children[move] = Spot(after, evaluate)
            way.append(spot.children[move])
            break
        value = way[-1].value
        for spot in reversed(way):
            spot.visits += 1
            spot.sum += value
            value = -value


@contextmanager
def timed(places: Sequence[tuple[str, Any, str]], spent: dict[str, float]) -> Iterator[None]:
    """Add the seconds spent in some functions, (part, where, name), to `spent` within the context; parts may nest."""
    kept = [(where, name, getattr(where, name)) for _, where, name in places]

    def watch(part: str, function: Callable) -> Callable:
        def call(*args: Any, **options: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*args, **options)
            finally:
                spent[part] = spent.get(part, 0.0) + time.perf_counter() - began

        return call

    for part, where, name in places:
        setattr(where, name, watch(part, getattr(where, name)))
    try:
        yield
    finally:
        for where, name, function in kept:
            setattr(where, name, function)


def searched(player: SearchPlayer, nodes: int) -> float:
    """Return the seconds for all positions."""
    began = time.perf_counter()
    for board in positions():
        player.choose(board, Limit(nodes=nodes))
    return time.perf_counter() - began


def table(spent: dict[str, float], total: float, nodes: int) -> None:
    """Print where the time went; single positions are read with their legal moves, see `model.single`."""
    moves = spent.get("legal moves", 0.0)
    parts = {
        "network": spent["evaluator"] - moves,
        "legal moves for the network": moves,
        "outcome, with legal moves": spent["outcome"],
        "mates in one": spent["final"],
        "tree": total - spent["evaluator"] - spent["outcome"] - spent["final"],
    }
    for name, seconds in parts.items():
        print(f"  {name:<28}{1e6 * seconds / nodes:9.1f} us a node {seconds / total:7.1%}")


PLACES = (
    ("evaluator", NetworkEvaluator, "__call__"),
    ("evaluator", NetworkEvaluator, "begin"),
    ("legal moves", network, "legal_moves"),
    ("outcome", Board, "outcome"),
    ("final", Board, "final_moves"),
)


def compare(evaluator: NetworkEvaluator, nodes: int, batch: int) -> None:
    """Time both searches with one evaluator, and the parts of ours."""

    def fresh() -> SearchPlayer:
        return SearchPlayer(evaluator, settings=SearchSettings(batch), begin=evaluator.begin)

    searched(fresh(), 50)  # warm-up
    total, count = searched(fresh(), nodes), len(LINES) * nodes
    spent: dict[str, float] = {}
    with timed(PLACES, spent):
        detailed = searched(fresh(), nodes)
    few = max(20, nodes // 4)
    began = time.perf_counter()
    for board in positions():
        evaluator.begin([board])
        obvious(board, few, evaluator)
    slow = (time.perf_counter() - began) / (len(LINES) * few)
    print(f"leaves {'with the game before them' if evaluator.history else 'by themselves'}, {nodes} nodes a search")
    print(f"  ours, batches of {batch:<3}          {count / total:9,.0f} nodes/s")
    print(f"  one at a time, boards copied {1 / slow:9,.0f} nodes/s   ours is {slow * count / total:.1f} times")
    table(spent, detailed, count)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="default")
    options.add_argument("--nodes", type=int, default=400)
    options.add_argument("--batch", type=int, default=16)
    asked = options.parse_args()
    print(processor())
    for history in (True, False):
        compare(NetworkEvaluator(ready_to_play(checkpoint.load(asked.model)), history), asked.nodes, asked.batch)


if __name__ == "__main__":
    main()
