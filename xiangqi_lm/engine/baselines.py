"""A beginner who counts: takes what gives the most material after the best reply, else anything that loses nothing."""

from __future__ import annotations

import random

from ..rules.board import Board
from ..rules.moves import Move
from ..rules.pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .player import Choice, Limit, Player, choosable

WORTH = {KING: 1000.0, ADVISOR: 2.0, ELEPHANT: 2.0, HORSE: 4.0, ROOK: 9.0, CANNON: 4.5, PAWN: 1.0}
_WIN = 10_000.0
_CROSSED = 1.0  # what a pawn gains by crossing the river


def worth(piece: int, square: int) -> float:
    """Return the value of a piece to its side, in pawns."""
    if abs(piece) == PAWN and (square >= 45) == (piece > 0):
        return WORTH[PAWN] + _CROSSED
    return WORTH[abs(piece)]


def exchange(board: Board, square: int) -> float:
    """Return what the side to move wins by capturing on a square, in pawns; the cheapest piece captures first, and both
    sides may stop at any point.
    """
    takers = [move for move in board.legal_list() if move.to_square == square]
    if not takers or not board.piece_at(square):
        return 0.0
    taker = min(takers, key=lambda move: worth(board.piece_at(move.from_square) or 0, move.from_square))
    gain = worth(board.piece_at(square) or 0, square)
    board.push_unchecked(taker)
    gain -= exchange(board, square)
    board.pop()
    return max(0.0, gain)


class GreedyPlayer(Player):
    """Looks one move and one capture ahead and picks among equally good moves at random; it sees mates in one."""

    name = "greedy"

    def __init__(self, seed: int | None = None):
        self._dice = random.Random(seed)

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        walked = board.copy()
        ruleset = (limit or Limit()).ruleset
        gains = {
            move: self._gain(walked, move, ruleset) for move in choosable(board, limit.root_moves if limit else None)
        }
        best = max(gains.values())
        equal = sorted(move for move, gain in gains.items() if gain >= best - 1e-9)
        move = self._dice.choice(equal)
        return Choice(move, tuple((other, 1 / len(equal)) for other in equal), lines=((move,),))

    @staticmethod
    def _gain(board: Board, move: Move, ruleset: str) -> float:
        """Return the material gained by a move less the best capture in reply, in pawns; wins and losses count far
        more.
        """
        mover, taken = board.turn, board.piece_at(move.to_square)
        gain = worth(taken, move.to_square) if taken else 0.0
        gain += worth(board.piece_at(move.from_square) or 0, move.to_square)  # values a pawn's crossing of the river
        gain -= worth(board.piece_at(move.from_square) or 0, move.from_square)
        board.push_unchecked(move)
        ended = board.outcome(ruleset)
        if ended is not None:
            gain = 0.0 if ended.winner is None else _WIN if ended.winner is mover else -_WIN
        elif board.final_moves():
            gain -= _WIN / 2
        else:
            targets = {reply.to_square for reply in board.legal_list() if board.piece_at(reply.to_square)}
            gain -= max((exchange(board, square) for square in targets), default=0.0)
        board.pop()
        return gain

    def reseed(self, seed: int) -> None:
        """Reset the generator that breaks ties."""
        self._dice.seed(seed)


class RandomPlayer(Player):
    """Chooses uniformly among the legal moves."""

    name = "random"

    def __init__(self, seed: int | None = None):
        self._dice = random.Random(seed)

    def reseed(self, seed: int) -> None:
        """Reset the generator: what follows depends on the seed alone."""
        self._dice.seed(seed)

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        moves = choosable(board, limit.root_moves if limit else None)
        return Choice(self._dice.choice(moves), tuple((move, 1 / len(moves)) for move in moves))
