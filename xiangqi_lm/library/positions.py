"""Keys of positions that mirror images share, and the moves played there as they look in the position of that key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..records.game import GameRecord
from ..rules import jit
from ..rules.board import Board
from ..rules.moves import BLACK_TO_MOVE, KEYS, MIRROR_ID, MOVES, Move

END = -1  # stands for the move after the last position of a game
_TABLE = np.array(KEYS, dtype=np.uint64)  # [15, 90]


@dataclass(frozen=True)
class Place:
    """A position as the library knows it: its signed 64-bit `key`, and whether moves there are stored mirrored."""

    key: int
    mirrored: bool
    symmetric: bool

    def stored(self, move: Move) -> int:
        """Return the id under which a move is stored."""
        if self.symmetric:
            return max(move.id, move.mirror().id)
        return move.mirror().id if self.mirrored else move.id

    def shown(self, move_id: int) -> Move:
        """Return a stored move as it is played on the board that was asked about."""
        move = MOVES[move_id]
        return move.mirror() if self.mirrored else move


def place_of(board: Board) -> Place:
    """Return where the library keeps a position."""
    ours, theirs = board.key, board.mirror().key
    return Place(_signed(min(ours, theirs)), theirs < ours, ours == theirs)


def _signed(key: int) -> int:
    return key - (1 << 64) if key >= 1 << 63 else key


def walk(record: GameRecord) -> tuple[np.ndarray, np.ndarray]:
    """Return key (int64) and stored move (int16) of every position of a game's main line, [plies + 1] each.

    The last position has the move END. Of a position and its mirror image the smaller key counts; in a symmetric
    position a move and its mirror image are one, that on the right wing.
    """
    start = record.start()
    ids = np.array([move.id for move in record.moves], dtype=np.int16)
    keys = np.empty((2, len(ids) + 1), dtype=np.uint64)
    kernel = jit.kernels()
    side, black = int(start.turn), np.uint64(BLACK_TO_MOVE)
    kernel.line_keys(start.array, side, ids, _TABLE, black, keys[0])
    mirrored = MIRROR_ID[ids].astype(np.int16)
    kernel.line_keys(start.mirror().array, side, mirrored, _TABLE, black, keys[1])
    ours, theirs = keys[0, :-1], keys[1, :-1]
    moves = np.where(theirs < ours, mirrored, ids)
    moves = np.where(ours == theirs, np.maximum(ids, mirrored), moves)
    return keys.min(axis=0).view(np.int64), np.append(moves, np.int16(END))


def distinct(keys: np.ndarray, moves: np.ndarray) -> Iterator[tuple[int, int, int]]:
    """Yield (key, ply, move) of a game, each move in each position once, however often the game comes back to it."""
    seen = set()
    for ply, pair in enumerate(zip(keys.tolist(), moves.tolist(), strict=True)):
        if pair not in seen:
            seen.add(pair)
            yield pair[0], ply, pair[1]
