"""How fast the language model plays: many games in one batch with a cache, against one game at a time without.

Run: python -m benchmarks.playing [--model default] [--games 32] [--plies 40]      (under a minute on two cores)

Both play the same number of plies from the start position on the same machine in the same run. The simple way encodes
the whole game again for every move, one game after the other.
"""

from __future__ import annotations

import argparse
import time

from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.device import processor
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules.board import Board


def batched(model: Gpt, games: int, plies: int) -> tuple[float, int]:
    """Return seconds and plies of games played side by side."""
    player, boards, played = LanguageModelPlayer(model, "batched", seed=1), [Board() for _ in range(games)], 0
    began = time.perf_counter()
    for _ in range(plies):
        boards = [board for board in boards if board.outcome() is None]
        for board, choice in zip(boards, player.choose_many(boards), strict=True):
            board.push(choice.move)
        played += len(boards)
    return time.perf_counter() - began, played


def one_by_one(model: Gpt, games: int, plies: int) -> tuple[float, int]:
    """Return seconds and plies of games played one after the other, each move from scratch."""
    played = 0
    began = time.perf_counter()
    for seed in range(games):
        board = Board()
        for _ in range(plies):
            if board.outcome() is not None:
                break
            board.push(LanguageModelPlayer(model, "alone", seed=seed).choose(board).move)
            played += 1
    return time.perf_counter() - began, played


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="default")
    options.add_argument("--games", type=int, default=32)
    options.add_argument("--plies", type=int, default=40)
    asked = options.parse_args()
    print(processor())
    model = checkpoint.load(asked.model)
    batched(model, asked.games, 2)  # warm-up
    fast, many = batched(model, asked.games, asked.plies)
    slow, few = one_by_one(model, max(1, asked.games // 8), asked.plies)
    print(f"{asked.games} games in one batch, cached: {many / fast:8,.0f} plies/s")
    print(f"one game at a time, from scratch: {few / slow:8,.0f} plies/s, {1e3 * slow / few:.1f} ms a move")
    print(f"ratio: {many / fast / (few / slow):.1f}")


if __name__ == "__main__":
    main()
