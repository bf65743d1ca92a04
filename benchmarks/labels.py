"""The speed of teachers that label positions and of reading label files, and what scores say about results.

Run: python -m benchmarks.labels [--positions 200] [--games FILE] [--labels FILE]
python -m benchmarks.labels --fit --labels labels.tsv.xz --games games.pgn

Positions come from `--games` (any format; by default the games of the rules' tests). Rates of teachers are per second
of processor time, including that of engines, so that other work on the machine disturbs them little.

`--fit` finds the positions of the games in the label file, and fits the constants of `rules.score` to the results of
those games by maximum likelihood.
"""

from __future__ import annotations

import argparse
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from xiangqi_lm.arena.labels import Sampling, Teacher, sample
from xiangqi_lm.dataset import division, labels
from xiangqi_lm.dataset.loader import UNKNOWN_RESULT, view
from xiangqi_lm.dataset.splits import Split
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.records.readers import open_records
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import win_draw_loss
from xiangqi_lm.rules.squares import SQUARES

GAMES = Path(__file__).parents[1] / "tests" / "data" / "rules" / "games.txt"
FAIRY = shutil.which("fairy-stockfish") or "/usr/games/fairy-stockfish"
TEACHERS = (
    "alphabeta?nodes=2000",
    "alphabeta?nodes=20000",
    f"uci:{FAIRY}?UCI_Variant=xiangqi&nodes=2000&Threads=1",
    f"uci:{FAIRY}?UCI_Variant=xiangqi&nodes=10000&Threads=1",
)


def games_of(path: Path | None) -> Split:
    if path is not None:
        return division.pack(item for item in open_records([path]) if isinstance(item, GameRecord))
    lines = [line.split() for line in GAMES.read_text("utf-8").splitlines() if line and line[0] in "abcdefghi"]
    return division.pack(GameRecord(moves=tuple(Move.from_iccs(text) for text in line)) for line in lines)


def processor_seconds() -> float:
    """Return the processor seconds of this process and of its finished children."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def speed(spec: str, positions: list[str]) -> None:
    if spec.startswith("uci:") and not Path(FAIRY).exists():
        print(f"{spec:<70} not here")
        return
    teacher = Teacher(spec)
    teacher(tuple(positions[:2]))  # warm-up: compiles and starts everything
    teacher.close()
    began, wall = processor_seconds(), time.perf_counter()
    answers = teacher(tuple(positions))
    wall = time.perf_counter() - wall
    teacher.close()
    spent = processor_seconds() - began
    count = len(answers.labels)
    print(f"{spec:<70} {count / spent:9,.1f} positions/s, {count / wall:,.1f} by the clock", flush=True)


# ------------------------------------------------------------------------------------------------ scores and results


def places(split: Split, known: labels.Labels) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return scores and results (0 the mover won, 1 draw, 2 lost) wherever a game reaches a labelled position."""
    order = np.argsort(known.keys())
    keys = known.keys()[order]
    for number in range(len(split)):
        result, start = split.result(number), split.start(number)
        if result == UNKNOWN_RESULT:
            continue
        men, side = (Board().array, 1) if start is None else (start[:SQUARES], int(start[SQUARES]))
        _, boards, _ = view(np.asarray(split.moves(number), dtype=np.int64), men, side)
        here = labels.position_keys(boards)
        at = np.searchsorted(keys, here).clip(max=len(keys) - 1)
        hit = np.flatnonzero(keys[at] == here)
        yield known.scores[order[at[hit]]], 1 - np.where(hit % 2 == 0, side, -side) * result


def fit(known: labels.Labels, split: Split) -> None:
    scores, results = (np.concatenate(column) for column in zip(*places(split, known), strict=True))
    steps = np.arange(20, 620, 20)

    def loss(scale: float, margin: float) -> float:
        chances = win_draw_loss(scores, scale, margin)[np.arange(len(results)), results]
        return float(-np.log(chances.clip(1e-6)).mean())

    nats, scale, margin = min(
        (loss(scale, margin), scale, margin) for scale in steps.tolist() for margin in steps.tolist()
    )
    print(f"{len(scores):,} places in {len(split):,} games: scale {scale}, margin {margin}, {nats:.4f} nats a result")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--positions", type=int, default=200)
    options.add_argument("--games", type=Path)
    options.add_argument("--labels", type=Path)
    options.add_argument("--fit", action="store_true")
    asked = options.parse_args()
    split = games_of(asked.games)
    if asked.labels is not None:
        began = time.process_time()
        known = labels.read(asked.labels)
        spent = time.process_time() - began
        print(f"read and checked {len(known):,} labels, {len(known) / spent:,.0f} a second")
        if asked.fit:
            fit(known, split)
            return
    positions = sample(split, Sampling(limit=asked.positions))
    for spec in TEACHERS:
        speed(spec, positions)


if __name__ == "__main__":
    main()
