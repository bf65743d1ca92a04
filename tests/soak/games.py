"""Random games for the soak runs."""

from __future__ import annotations

import random
from pathlib import Path

from xiangqi_lm.records.formats.pgn import write_game
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board


def random_games(count: int, seed: int, plies: int = 40) -> list[GameRecord]:
    rng, games = random.Random(seed), []
    for number in range(count):
        board = Board()
        while board.ply < plies and (legal := board.legal_list()):
            board.push(rng.choice(legal))
        headers = {"Event": f"soak {number}", "Red": "a", "Black": "b"}
        games.append(GameRecord(headers=headers, moves=tuple(board.move_stack), result=rng.choice(("1-0", "0-1"))))
    return games


def write_games(path: Path, count: int, seed: int, plies: int = 40) -> Path:
    path.write_text("\n".join(write_game(game) for game in random_games(count, seed, plies)), encoding="utf-8")
    return path
