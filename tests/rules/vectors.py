"""The vectors of the rules' tests, and the positions that many of them use."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import Move

DATA = Path(__file__).parents[1] / "data" / "rules"


def load(name: str) -> list[dict[str, Any]]:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def recorded_games() -> list[list[Move]]:
    """Return forty games of Fairy-Stockfish against itself after random openings."""
    lines = (DATA / "games.txt").read_text(encoding="utf-8").splitlines()
    return [[Move.from_iccs(text) for text in line.split()] for line in lines]


def random_game(seed: int, plies: int = 120, fen: str = START_FEN) -> Iterator[Board]:
    """Yield the positions of a random game: one board throughout, including the last position."""
    rng, board = random.Random(seed), Board(fen)
    yield board
    while board.ply < plies and board.legal_moves:
        board.push(rng.choice(list(board.legal_moves)))
        yield board


def positions(random_games: int, every: int = 1) -> Iterator[Board]:
    """Yield boards (one each, which may be kept) from the recorded and from random games, every n-th ply."""
    for moves in recorded_games():
        board = Board()
        for move in moves:
            if board.ply % every == 0:
                yield board.copy()
            board.push(move)
    for seed in range(random_games):
        yield from (board.copy() for board in random_game(seed) if board.ply % every == 0)
