"""The cost of a move that is spelled as one token, as two squares or as four characters.

Run: python -m benchmarks.tokens [--games 16] [--plies 60]      (some minutes)

Untrained models of the `small` shape that read moves alone, each with a context of 256 plies, on random games. For each
spelling: the probability of every legal move through the cache and the tree of legal moves, for one game and for many
at once; a move drawn token by token; and every legal move's probability by reading the whole game again followed by
that move, all legal moves in one batch. Times are processor time, so that other programs do not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from xiangqi_lm.config import preset
from xiangqi_lm.dataset.layout import layout_of
from xiangqi_lm.dataset.tokenizer import TOKENIZERS
from xiangqi_lm.model.decode import Decoder, Line, read
from xiangqi_lm.model.device import autocast, processor
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import HALF_TURN_ID, MOVE_COUNT


@torch.inference_mode()
def by_candidates(model: Gpt, line: Line, legal: np.ndarray) -> torch.Tensor:
    """Return log-probabilities [M] of the legal moves by reading the game again for each."""
    layout = layout_of(model.config)
    spelled = layout.tokenizer.spelling[np.flatnonzero(legal)]
    rows = [read(line, layout, (0, 0))] * len(spelled)
    for chosen in spelled.T[:-1]:
        rows = [row.followed_by(token) for row, token in zip(rows, chosen, strict=True)]
    tokens, parts = (torch.from_numpy(np.stack([getattr(row, name) for row in rows])) for name in ("tokens", "parts"))
    with autocast("cpu"):
        logits = model(Inputs(tokens, parts=parts)).logits[:, -spelled.shape[1] :]
    return logits.float().log_softmax(-1).gather(-1, torch.from_numpy(spelled)[..., None]).sum((1, 2))


def milliseconds(work: Callable[..., Any], *given: Any) -> float:
    began = time.process_time()
    work(*given)
    return 1e3 * (time.process_time() - began)


def games(count: int, plies: int) -> list[tuple[list[Line], np.ndarray]]:
    """Return random games side by side: at each ply their lines, and the legal moves in the mover's view."""
    boards, dice, steps = [Board() for _ in range(count)], np.random.default_rng(0), []
    start = Board().array
    for ply in range(plies):
        legal = np.zeros((count, MOVE_COUNT), bool)
        lines = [Line(start, 1, np.array([move.id for move in board.move_stack], np.int64)) for board in boards]
        for mine, board in zip(legal, boards, strict=True):
            ids = board.legal_ids()
            mine[ids if ply % 2 == 0 else HALF_TURN_ID[ids]] = True
            board.push(list(board.legal_moves)[int(dice.integers(len(ids)))])
        steps.append((lines, legal))
    return steps


def costs(model: Gpt, steps: list[tuple[list[Line], np.ndarray]]) -> list[float]:
    """Return medians over the last half of the plies, in ms per move: tree, tree of many, drawn, each candidate."""
    one, all_, drawn, dice = Decoder(model), Decoder(model), Decoder(model), torch.Generator().manual_seed(0)
    found = []
    for i, (lines, legal) in enumerate(steps):
        times = [
            milliseconds(one.log_probabilities, lines[:1], legal[:1]),
            milliseconds(all_.log_probabilities, lines, legal) / len(lines),
            milliseconds(drawn.sample, lines[:1], legal[:1], dice),
        ]
        if i >= len(steps) - 5:
            times.append(milliseconds(by_candidates, model, lines[0], legal[0]))
        found.append(times)
    half = found[len(found) // 2 :]
    return [float(np.median([times[j] for times in half if j < len(times)])) for j in range(4)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--games", type=int, default=16)
    options.add_argument("--plies", type=int, default=60)
    asked = options.parse_args()
    print(processor())
    torch.manual_seed(0)
    steps = games(asked.games, asked.plies)
    print(f"{'ms a move':10}{'tree':>8}{f'of {asked.games} games':>14}{'drawn':>8}{'candidates':>12}{'ratio':>8}")
    for name, tokenizer in TOKENIZERS.items():
        shape = replace(preset("small").model, tokenizer=name, board="none", context=tokenizer.per_move * 256)
        tree, many, drawn, again = costs(Gpt(shape).eval(), steps)
        print(f"{name:10}{tree:8.1f}{many:14.2f}{drawn:8.1f}{again:12.0f}{again / tree:8.0f}")


if __name__ == "__main__":
    main()
