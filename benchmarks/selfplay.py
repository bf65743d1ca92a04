"""How fast a model plays itself: many games in lockstep on the device, against one game at a time.

Run: python -m benchmarks.selfplay [--model default] [--batch 256] [--games 512] [--alone 2] [--device cpu]

Both play whole games from the start position in the same run, with the same sampling and the same knowledge of how
games end. One at a time is the ordinary player: a batch of one game with its cache. Rates are per second of processor
time on a CPU, so that other work on the machine disturbs them little, and per second of wall time on a GPU.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable

import torch

from xiangqi_lm.arena import devicerules
from xiangqi_lm.arena.game_batch import SamplingConfig
from xiangqi_lm.arena.lockstep import lockstep
from xiangqi_lm.arena.match import FinishedGame, play_batch
from xiangqi_lm.engine.lm import LanguageModelPlayer
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.device import pick_device, processor
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.rules import batched
from xiangqi_lm.rules.board import Board

TEMPERATURE, TOP_P = 0.7, 0.95


def measured(name: str, games: Iterable[FinishedGame], clock: Callable[[], float]) -> float:
    """Play all games and print a line; return plies per second."""
    began = clock()
    found = list(games)
    seconds = clock() - began
    plies = sum(game.outcome.plies for game in found)
    ends = ", ".join(f"{n} {kind}" for kind, n in Counter(g.outcome.termination.value for g in found).most_common())
    rates = f"{len(found) / seconds:9,.2f} games/s {plies / seconds:9,.0f} plies/s"
    print(f"{name:<34}{rates}   {len(found):,} games, {plies:,} plies in {seconds:,.1f} s ({ends})", flush=True)
    return plies / seconds


def together(model: Gpt, games: int, batch: int) -> Iterable[FinishedGame]:
    return lockstep(
        model, SamplingConfig(TEMPERATURE, TOP_P, seed=1), {number: Board() for number in range(games)}, batch
    )


def alone(model: Gpt, games: int) -> Iterable[FinishedGame]:
    for seed in range(games):
        player = LanguageModelPlayer(model, "alone", TEMPERATURE, TOP_P, seed=seed)
        yield from play_batch(player, player, [Board()])


def rules(batch: int, device: torch.device, clock: Callable[[], float]) -> None:
    """Print the time of one look at the rules, by the kernels and by the torch rules, on this device."""
    boards = batched.start(batch, device)
    for name, compiled in (("kernels", True), ("torch", False)):
        if compiled and device.type != "cpu":
            continue
        kept, devicerules.compiled = devicerules.compiled, lambda device, answer=compiled: answer  # type: ignore[misc]
        devicerules.look(boards, True)
        began = clock()
        for _ in range(3):
            devicerules.look(boards, True)
        devicerules.compiled = kept
        print(f"legal moves of both sides, {name:<8} {1e6 * (clock() - began) / 3 / batch:8.2f} us a position")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="default")
    options.add_argument("--batch", type=int, default=256)
    options.add_argument("--games", type=int, default=512)
    options.add_argument("--alone", type=int, default=2)
    options.add_argument("--device", default="auto")
    asked = options.parse_args()
    device = pick_device(asked.device)
    print(processor(device))
    model = checkpoint.load(asked.model, device)

    def clock() -> float:
        if device.startswith("cuda"):
            torch.cuda.synchronize()
            return time.perf_counter()
        return time.process_time()

    next(iter(together(model, 2, 2)))  # warm-up
    rules(asked.batch, torch.device(device), clock)
    fast = measured(f"{asked.batch} at once in lockstep, {device}", together(model, asked.games, asked.batch), clock)
    slow = measured(f"one at a time, {device}", alone(model, asked.alone), clock)
    print(f"ratio of plies/s: {fast / slow:.1f}")


if __name__ == "__main__":
    main()
