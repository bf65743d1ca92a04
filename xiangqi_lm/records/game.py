"""A game as it was recorded: who, where, from which position, which moves, how it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..rules import jit
from ..rules.board import Board
from ..rules.moves import Move
from . import tree
from .tree import Line, Path

RESULTS = ("1-0", "0-1", "1/2-1/2", "*")


def _rating(text: str) -> int:
    """A plausible rating, or 0."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 4 else 0


@dataclass(frozen=True)
class Cut:
    """A part of a record's source that did not come through: `ply` is where it broke, `text` says what was wrong,
    `reason` is one of a few kinds that can be counted."""

    ply: int
    text: str
    reason: str


@dataclass(frozen=True)
class GameRecord:
    """One game: every move, variations included, was legal when the record was read.

    `start_fen` is None for the start position. `comments[n]` stands after the n-th ply; `comments[0]` before the first
    move; `variations[n]` are the lines that might have been played instead of `moves[n]`. `source` says where the
    record was read from and `cuts` what of it is missing; neither takes part in comparisons.
    """

    headers: dict[str, str] = field(default_factory=dict)
    start_fen: str | None = None
    moves: tuple[Move, ...] = ()
    result: str = "*"
    comments: dict[int, str] = field(default_factory=dict)
    variations: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    source: str = field(default="", compare=False)
    cuts: tuple[Cut, ...] = field(default=(), compare=False)

    @property
    def ratings(self) -> tuple[int, int]:
        """Elo ratings of Red and Black from the headers RedElo (or WhiteElo) and BlackElo; 0 where there is none."""
        red = self.headers.get("RedElo") or self.headers.get("WhiteElo", "")
        return _rating(red), _rating(self.headers.get("BlackElo", ""))

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
        return self.board_at((), len(self.moves))

    # -------------------------------------------------------------------------------------------- variations

    @property
    def line(self) -> Line:
        """The main line with everything that hangs on it."""
        return Line(self.moves, self.comments, self.variations)

    def line_at(self, path: Path) -> Line:
        """The line that a path names (see `tree`); raises XiangqiError where there is none."""
        return tree.find(self.line, path)

    def board_at(self, path: Path, ply: int) -> Board:
        """A new board after the first `ply` moves of a line and all that lead to them."""
        board = self.start()
        for move in tree.moves_to(self.line, path, ply):
            board.push(move)
        return board

    def add(self, path: Path, ply: int, moves: Sequence[Move]) -> tuple[GameRecord, Path, int]:
        """The record with moves entered after `ply` moves of a line, and the place after them: what is there already is
        followed, what is new extends the line or opens a variation. Raises IllegalMove."""
        board = self.board_at(path, ply)
        for move in moves:
            board.push(move)
        line, path, ply = tree.add(self.line, path, ply, moves)
        return self._with(line), path, ply

    def delete(self, path: Path) -> GameRecord:
        """The record without a variation; raises XiangqiError where there is none, or for the main line."""
        return self._with(tree.delete(self.line, path))

    def promote(self, path: Path) -> GameRecord:
        """The record with a variation in place of the rest of the line it belongs to, which becomes a variation."""
        return self._with(tree.promote(self.line, path))

    def _with(self, line: Line) -> GameRecord:
        return replace(self, moves=line.moves, comments=line.comments, variations=line.variations)


def legal_prefix(board: Board, moves: tuple[Move, ...]) -> int:
    """How many of the moves are legal one after the other from the board's position; the board is left alone."""
    ids = np.array([move.id for move in moves], dtype=np.int16)
    return int(jit.kernels().play(board.array, int(board.turn), ids))
