"""How fast positions are evaluated for a search, and where the time goes, compared with the plain way.

Run: python -m benchmarks.leaves [--model default] [--batches 16 64]                 (under a minute on one core)

The plain way multiplies zeros and ones by the input tables, lets every product lay out its own weights, computes
attention over a single column like any other, and scores all moves. Both evaluate the same positions in turn, in
processor time. A move that the language model chooses in a game it has not read yet, and a training step, are compared
in the same way.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from xiangqi_lm.config import preset
from xiangqi_lm.dataset.loader import legal_moves
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.engine.mcts.network import NetworkEvaluator
from xiangqi_lm.model import attention, boards, checkpoint, sparse
from xiangqi_lm.model.device import autocast, fast_bf16, processor
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.model.packed import ready_to_play
from xiangqi_lm.rules import kernel
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import MOVE_COUNT

PLIES = 64  # of the game in which a move is chosen


def positions(count: int) -> list[Board]:
    """Return positions of random games, one game after the other."""
    rng, board = np.random.default_rng(0), Board()
    found: list[Board] = []
    while len(found) < count:
        moves = list(board.legal_moves)
        if not moves or board.ply > 80:
            board = Board()
            continue
        board.push(moves[rng.integers(len(moves))])
        found.append(board.copy())
    return found


class _PlainAttention(attention.CausalSelfAttention):
    """Attention that computes queries and keys for a single column too."""

    def forward(self, x: torch.Tensor, cache: Any = None, branches: Any = None) -> torch.Tensor:
        return super().forward(x, self.kind.new_cache() if cache is None else cache, branches)  # type: ignore[operator]


@contextmanager
def plainly() -> Iterator[None]:
    """Multiply inputs instead of gathering them, within the context."""
    kept = [(module, module.gathers) for module in (boards, sparse)]
    for module, _ in kept:
        module.gathers = lambda weight: False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for module, gathers in kept:
            module.gathers = gathers  # type: ignore[attr-defined]


def plain_model(name: str) -> Gpt:
    """Return a model in the precision that is fast, and otherwise unprepared."""
    model = checkpoint.load(name)
    for block in model.blocks:
        block.attention.__class__ = _PlainAttention
    return model.to(torch.bfloat16) if fast_bf16("cpu") else model


def quickest(works: list[Callable[[], object]], rounds: int = 9) -> list[float]:
    """Return the fewest processor seconds of each, taken in turn so that other load slows all of them."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for i, work in enumerate(works):
            began = time.process_time()
            work()
            best[i] = min(best[i], time.process_time() - began)
    return best


def leaves(name: str, sizes: list[int]) -> None:
    """Print evaluations per second of both ways, and the parts of ours."""
    ours, plain = (
        NetworkEvaluator(model, False) for model in (ready_to_play(checkpoint.load(name)), plain_model(name))
    )
    found = positions(max(sizes))

    def evaluated_plainly(few: list[Board]) -> None:
        with plainly():
            plain(few)

    for size in sizes:
        few = found[:size]
        a, b = quickest([lambda few=few: ours(few), lambda few=few: evaluated_plainly(few)])  # type: ignore[misc]
        print(f"leaves in batches of {size:<3} {size / a:8,.0f}/s, plainly {size / b:8,.0f}/s: {b / a:.2f} times")
        parts(ours.model, few, a)


@torch.inference_mode()
def parts(model: Gpt, few: list[Board], total: float) -> None:
    """Print where the time of a batch goes; the rest is Python around the model, and the priors of each board."""
    boards = np.stack([board.array if board.turn > 0 else -board.array[::-1] for board in few])
    one = model.single
    x = one.inputs(boards)
    hidden = one.hidden(x)
    works: dict[str, Callable[[], object]] = {
        "inputs": lambda: one.inputs(boards),
        "blocks": lambda: one.hidden(x),
        "classes of moves": lambda: kernel.move_classes(boards),
        "scores and classes": lambda: one.scores(hidden, boards),
        "value": lambda: model.value(hidden).softmax(-1).numpy(),
    }
    spent = dict(zip(works, quickest(list(works.values())), strict=True))
    spent["scores"] = max(0.0, spent.pop("scores and classes") - spent["classes of moves"])
    spent["Python around them"] = total - sum(spent.values())
    for part, seconds in spent.items():
        print(f"  {part:<20}{1e6 * seconds / len(few):8.1f} us a leaf {seconds / total:6.1%}")


def fresh_choice(name: str) -> None:
    """Print the milliseconds for a move in a game that was not read before."""
    board = next(board for board in reversed(positions(2000)) if board.ply == PLIES)
    ours = LanguageModelPlayer(ready_to_play(checkpoint.load(name)), "ours", seed=0)
    plain = LanguageModelPlayer(checkpoint.load(name), "plain", seed=0)

    def choose(player: LanguageModelPlayer) -> None:
        player.choose(Board())
        player.choose(board)

    def chosen_plainly() -> None:
        with plainly():
            choose(plain)

    choose(ours)
    a, b = quickest([lambda: choose(ours), chosen_plainly], 7)
    print(f"fresh choice after {PLIES} plies {1e3 * a:6.1f} ms, plainly {1e3 * b:6.1f} ms: {b / a:.2f} times")


def training_step(rows: int) -> None:
    """Print the seconds of forward and backward over games of 64 plies."""
    model = Gpt(preset("default").model).train()
    men = np.stack([board.array for board in positions(64 * rows)]).reshape(rows, 64, 90)
    inputs = Inputs(torch.full((rows, 64), 2086), torch.from_numpy(men), torch.from_numpy(legal_moves(men)))

    def step() -> None:
        with autocast("cpu"):
            output = model(inputs)
        (output.logits.float().logsumexp(-1).mean() + output.value.float().mean()).backward()
        model.zero_grad(set_to_none=True)

    def stepped_plainly() -> None:
        with plainly():
            step()

    a, b = quickest([step, stepped_plainly], 3)
    print(f"training step of {64 * rows} plies {a:6.2f} s, plainly {b:6.2f} s: {b / a:.2f} times")


def classes(count: int = 1000) -> None:
    """Print how fast the kernel classifies the legal moves, compared with finding them for both sides."""
    men = np.stack([board.array if board.turn > 0 else -board.array[::-1] for board in positions(count)])
    found = kernel.move_classes(men)
    a, b = quickest([lambda: kernel.move_classes(men), lambda: legal_moves(men)])
    moves = (found[:, :, 0] != MOVE_COUNT).sum() / count
    print(
        f"classes of {moves:.1f} moves a position {count / a:8,.0f}/s; legal moves of both sides {count / b:10,.0f}/s"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="default")
    options.add_argument("--batches", type=int, nargs="+", default=[16, 64])
    options.add_argument("--rows", type=int, default=16, help="games of 64 plies in a training step")
    asked = options.parse_args()
    torch.set_num_threads(1)
    print(processor())
    classes()
    leaves(asked.model, asked.batches)
    fresh_choice(asked.model)
    training_step(asked.rows)


if __name__ == "__main__":
    main()
