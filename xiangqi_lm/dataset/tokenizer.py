"""Moves as tokens, one per move, per square or per character; and the pieces on the board as tokens.

The model's output tokens are numbered 0 to `size` - 1. Its input has one more, `bos`, before the first move, followed
by one for each piece on each square for models that do not see the board.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..rules.moves import FROM, HALF_TURN_ID, MOVE_COUNT, TO
from ..rules.squares import FILES, HALF_TURN, RANKS, SQUARES

KINDS = 14  # seven own and seven enemy kinds
MOST_PIECES = 32  # on any board that a FEN can describe


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """A way to spell moves; the three ways differ only in these tables."""

    name: str
    spelling: np.ndarray  # int64 [2086, K]: the tokens of each move, as the side to move sees it
    half_turn: np.ndarray  # int64 [size]: each token as the other player sees it

    @property
    def per_move(self) -> int:
        """Return K, the number of tokens per move, the same for all moves."""
        return self.spelling.shape[1]

    @property
    def size(self) -> int:
        return len(self.half_turn)

    @property
    def bos(self) -> int:
        """Return the token read before the first move."""
        return self.size

    @cached_property
    def following(self) -> np.ndarray:
        """Return the token read in the next column after a move's j-th token: int64 [K, size].

        After a move's last token it is turned to the other player's view.
        """
        same = np.arange(self.size)
        return np.stack([same] * (self.per_move - 1) + [self.half_turn])

    def read(self, placement: bool) -> int:
        """Return the number of different input tokens, with or without those of the pieces."""
        return self.size + 1 + (SQUARES * KINDS if placement else 0)

    @cached_property
    def _codes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return every spelling as one number, sorted, and the moves in this order."""
        codes = self.spelling @ self.size ** np.arange(self.per_move)
        order = np.argsort(codes)
        return codes[order], order

    def moves(self, tokens: np.ndarray) -> np.ndarray:
        """Return the ids of the moves that tokens spell: int64 [..., K] -> [...]; all must be moves."""
        codes, ids = self._codes
        asked = tokens @ self.size ** np.arange(self.per_move)
        index = np.searchsorted(codes, asked).clip(max=len(codes) - 1)
        assert (codes[index] == asked).all(), "tokens that spell no move"
        return ids[index]

    def placement(self, board: np.ndarray) -> np.ndarray:
        """Return the pieces on a board, int8 [90] as the side to move sees it, as tokens in the order of squares: int64
        [pieces].
        """
        squares = np.flatnonzero(board)
        pieces = board[squares].astype(np.int64)
        return self.bos + 1 + squares * KINDS + np.where(pieces < 0, pieces + 7, pieces + 6)


def _move() -> Tokenizer:
    return Tokenizer("move", np.arange(MOVE_COUNT).reshape(-1, 1), HALF_TURN_ID)


def _square() -> Tokenizer:
    return Tokenizer("square", np.stack((FROM, TO), 1).astype(np.int64), HALF_TURN.astype(np.int64))


def _char() -> Tokenizer:
    """Return the tokenizer of characters: digits 0-9 are tokens 0 to 9, files a-i 10 to 18, so h2e2 is 17 2 14 2."""
    characters = [x for square in (FROM, TO) for x in (RANKS + square % FILES, square // FILES)]
    turned = np.concatenate((np.arange(RANKS)[::-1], RANKS + np.arange(FILES)[::-1]))
    return Tokenizer("char", np.stack(characters, 1).astype(np.int64), turned)


TOKENIZERS: dict[str, Tokenizer] = {made.name: made for made in (_move(), _square(), _char())}
