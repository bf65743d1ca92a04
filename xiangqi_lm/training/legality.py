"""Legality without a mask in positions that nobody has played: in games that the model samples."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from ..dataset.layout import START
from ..model.decode import Decoder, Line
from ..model.gpt import Gpt
from ..rules.board import Board
from ..rules.moves import HALF_TURN_ID, MOVE_COUNT, MOVES
from ..rules.squares import RED
from .evaluate import Plies

RANDOM_PLIES = (4, 40)  # least and most moves of a random opening
LONGEST = 200  # plies after which a game is stopped
BATCH = 64  # games played at once


def random_opening(rng: random.Random) -> Board:
    """Return a game of uniformly random legal moves, of uniformly random length, that has not ended."""
    while True:
        board, plies = Board(), rng.randint(*RANDOM_PLIES)
        while board.ply < plies and board.legal_moves:
            board.push(rng.choice(list(board.legal_moves)))
        if board.ply == plies and board.outcome() is None:
            return board


def sampled(
    model: Gpt, games: int, openings: bool, seed: int, progress: Callable[[int], None] = lambda games: None
) -> Plies:
    """Return the legality at every ply of `games` games that the model samples under the legal mask at temperature 1,
    from the start position, or with `openings` after random openings, whose own plies do not count.

    A game stops at its end or after LONGEST plies.
    """
    rng, generator = random.Random(seed), torch.Generator().manual_seed(seed)
    parts = []
    for first in range(0, games, BATCH):
        boards = [random_opening(rng) if openings else Board() for _ in range(min(BATCH, games - first))]
        parts.append(play(model, boards, first, generator))
        progress(len(boards))
    return Plies.joined(parts)


def play(model: Gpt, boards: list[Board], number: int, generator: torch.Generator) -> Plies:
    """Play games to their ends, all at once, measuring before every move; `number` is the first game's."""
    decoder = Decoder(model)
    game, ply, best, mass = [], [], [], []
    going = list(range(len(boards)))
    while going:
        lines = [Line(START, 1, np.array([m.id for m in boards[i].move_stack], np.int64)) for i in going]
        legal = np.zeros((len(going), MOVE_COUNT), bool)
        for row, i in enumerate(going):
            ids = boards[i].legal_ids()
            legal[row, ids if boards[i].turn is RED else HALF_TURN_ID[ids]] = True
        scores = decoder.scores(decoder.encode(lines), legal)
        drawn = torch.multinomial(scores.masked.exp().cpu(), 1, generator=generator).squeeze(-1).tolist()
        game += [number + i for i in going]
        ply += [boards[i].ply for i in going]
        best.append(scores.greedy.cpu().double().numpy())
        mass.append(scores.illegal.cpu().double().numpy())
        for i, move_id in zip(going, drawn, strict=True):
            boards[i].push(MOVES[move_id if boards[i].turn is RED else int(HALF_TURN_ID[move_id])])
        going = [i for i in going if boards[i].ply < LONGEST and boards[i].outcome() is None]
    figures = {"legal_top1": np.concatenate(best), "illegal_mass": np.concatenate(mass)}
    return Plies(np.array(game), np.array(ply), figures)


def report(own: Plies, after_openings: Plies) -> dict[str, Any]:
    """Return the figures for a report. Keys: `own` and `random_openings`, each with games, plies, legal_top1 and
    illegal_mass (both without a mask), their intervals, and `by_phase`; `unmasked` names these figures, `about`
    describes how the games were made."""
    parts = {"own": own, "random_openings": after_openings}
    found = {
        name: {"games": len(np.unique(plies.game)), **plies.summary(), "by_phase": plies.by_phase()}
        for name, plies in parts.items()
    }
    least, most = RANDOM_PLIES
    about = (
        f"moves drawn at temperature 1 under the legal mask, up to {LONGEST} plies a game; random openings of {least} "
        f"to {most} legal moves, which do not count themselves"
    )
    return {**found, "unmasked": list(own.figures), "about": about}
