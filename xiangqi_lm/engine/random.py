"""The weakest opponent there is: any legal move, all equally likely."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..rules.board import Board
from .player import Choice, Limit, weighed


class RandomPlayer:
    """Uniform over the legal moves."""

    name = "random"

    def __init__(self, seed: int | None = None):
        self._dice = random.Random(seed)

    def reseed(self, seed: int) -> None:
        """Throw new dice: what follows depends on the seed alone."""
        self._dice.seed(seed)

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        moves = weighed(board, limit)
        return Choice(self._dice.choice(moves), tuple((move, 1 / len(moves)) for move in moves))

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]:
        return [self.choose(board, limit) for board in boards]

    def close(self) -> None:
        """Nothing to release."""
