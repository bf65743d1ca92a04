"""A game as it was recorded: who, where, from which position, which moves, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ..rules import jit
from ..rules.board import Board
from ..rules.moves import Move

RESULTS = ("1-0", "0-1", "1/2-1/2", "*")


@dataclass(frozen=True)
class GameRecord:
    """One game: every move was legal when the record was read.

    `start_fen` is None for the start position. `comments[n]` stands after the n-th ply; `comments[0]` before the first
    move. `source` says where the record was read from and takes no part in comparisons.
    """

    headers: dict[str, str] = field(default_factory=dict)
    start_fen: str | None = None
    moves: tuple[Move, ...] = ()
    result: str = "*"
    comments: dict[int, str] = field(default_factory=dict)
    source: str = field(default="", compare=False)

    def start(self) -> Board:
        """A new board with the position the game starts from."""
        return Board(self.start_fen) if self.start_fen else Board()

    def replay(self) -> Iterator[tuple[Board, Move]]:
        """Each move with the board before it; it is one board throughout, so copy it to keep it."""
        board = self.start()
        for move in self.moves:
            yield board, move
            board.push(move)

    def final(self) -> Board:
        """A new board with all moves played."""
        board = self.start()
        for move in self.moves:
            board.push(move)
        return board


def legal_prefix(board: Board, moves: tuple[Move, ...]) -> int:
    """How many of the moves are legal one after the other from the board's position; the board is left alone."""
    ids = np.array([move.id for move in moves], dtype=np.int16)
    return int(jit.kernels().play(board.array, int(board.turn), ids))
