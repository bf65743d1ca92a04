"""Small shards of random games, and labels of random positions."""

import random

import pytest

from xiangqi_lm.dataset.division import Options
from xiangqi_lm.dataset.shards import build
from xiangqi_lm.records.game import GameRecord
from xiangqi_lm.rules.board import Board


def random_game(seed: int, plies: int) -> Board:
    dice, board = random.Random(seed), Board()
    while board.ply < plies and (moves := list(board.legal_moves)):
        board.push(dice.choice(moves))
    return board


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    games = []
    for seed in range(40):
        board = random_game(seed, 24 + seed % 9)
        games.append(GameRecord(moves=tuple(board.move_stack), result=("1-0", "0-1", "1/2-1/2", "*")[seed % 4]))
    folder = tmp_path_factory.mktemp("shards")
    build(games, folder, Options(validation=0.2))
    return folder


@pytest.fixture(scope="session")
def label_file(tmp_path_factory):
    """Return 300 positions of other random games with a legal move and a score."""
    lines = []
    for seed in range(300):
        board = random_game(1000 + seed, 10 + seed % 30)
        moves = sorted(board.legal_moves, key=lambda move: move.iccs())
        if moves:
            lines.append(
                f"{' '.join(board.fen().split()[:2])}\t{moves[seed % len(moves)].iccs()}\t{seed * 7 % 900 - 450}\n"
            )
    path = tmp_path_factory.mktemp("labels") / "labels.tsv"
    path.write_text("".join(lines))
    return path
