"""Keys of positions, equal for mirror images, and the moves played there, mirrored to fit the key's position."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..records.game import GameRecord
from ..rules import jit
from ..rules.board import Board
from ..rules.moves import BLACK_TO_MOVE, KEYS, MIRROR_ID, MOVES, Move
from ..rules.squares import MIRROR

END = -1  # the move after the last position of a game
_TABLE = np.array(KEYS, dtype=np.uint64)  # [15, 90]


@dataclass(frozen=True)
class Place:
    """A position's signed 64-bit `key` in the library, and whether its moves are stored mirrored."""

    key: int
    mirrored: bool
    symmetric: bool

    def stored(self, move: Move) -> int:
        """Return the id under which a move is stored."""
        if self.symmetric:
            return max(move.id, move.mirror().id)
        return move.mirror().id if self.mirrored else move.id

    def shown(self, move_id: int) -> Move:
        """Return a stored move as it is played on the original board."""
        move = MOVES[move_id]
        return move.mirror() if self.mirrored else move


def place_of(board: Board) -> Place:
    """Return the key under which the library stores a position."""
    ours, theirs = board.key, board.mirror().key
    return Place(_signed(min(ours, theirs)), theirs < ours, ours == theirs)


def _signed(key: int) -> int:
    return key - (1 << 64) if key >= 1 << 63 else key


@cache
def _start(fen: str | None) -> tuple[np.ndarray, int]:
    """Return the squares and the side to move of a game's first position; cached for the usual start position."""
    board = Board(fen) if fen else Board()
    return board.array, int(board.turn)


def walk(record: GameRecord) -> tuple[np.ndarray, np.ndarray]:
    """Return key (int64) and stored move (int16) of every position of a game's main line, [plies + 1] each.

    The last position has the move END. A position and its mirror image get the smaller of their keys; in a symmetric
    position a move and its mirror image are both stored as the one on the right wing.
    """
    squares, side = _start(None) if record.start_fen is None else _start.__wrapped__(record.start_fen)
    ids = np.array([move.id for move in record.moves], dtype=np.int16)
    keys = np.empty((2, len(ids) + 1), dtype=np.uint64)
    kernel, black = jit.kernels(), np.uint64(BLACK_TO_MOVE)
    kernel.line_keys(squares.copy(), side, ids, _TABLE, black, keys[0])
    mirrored = MIRROR_ID[ids].astype(np.int16)
    kernel.line_keys(squares[MIRROR], side, mirrored, _TABLE, black, keys[1])
    ours, theirs = keys[0, :-1], keys[1, :-1]
    moves = np.where(theirs < ours, mirrored, ids)
    moves = np.where(ours == theirs, np.maximum(ids, mirrored), moves)
    return keys.min(axis=0).view(np.int64), np.append(moves, np.int16(END))


def distinct(keys: np.ndarray, moves: np.ndarray) -> list[tuple[int, int, int]]:
    """Return (key, ply, move) of a game, with each move in each position once, even if the position recurs."""
    first: dict[tuple[int, int], int] = {}
    for ply, pair in enumerate(zip(keys.tolist(), moves.tolist(), strict=True)):
        first.setdefault(pair, ply)
    return [(key, ply, move) for (key, move), ply in first.items()]
