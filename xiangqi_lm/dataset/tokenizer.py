"""Moves as tokens: one a move, one a square, or one a character; and the pieces on the board as tokens.

Tokens are numbered 0 to `size` - 1 in what the model says. In what it reads there is one more, `bos`, where nothing was
played before, and after it, for models that do not see the board, one for each piece on each square.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..rules.moves import FROM, HALF_TURN_ID, MOVE_COUNT, TO
from ..rules.squares import FILES, HALF_TURN, RANKS, SQUARES

KINDS = 14  # seven own, seven of the opponent
MOST_PIECES = 32  # on any board that a FEN can name


@dataclass(frozen=True, eq=False)
class Tokenizer:
    """A way to spell moves; the three there are differ in these tables alone."""

    name: str
    spelling: np.ndarray  # int64 [2086, K]: the tokens of each move, as the mover sees it
    half_turn: np.ndarray  # int64 [size]: each token as the other player sees it

    @property
    def per_move(self) -> int:
        """Return K, the number of tokens a move; it is the same for all moves."""
        return self.spelling.shape[1]

    @property
    def size(self) -> int:
        return len(self.half_turn)

    @property
    def bos(self) -> int:
        """Return the token read where nothing was played before."""
        return self.size

    @cached_property
    def following(self) -> np.ndarray:
        """Return what is read in the next column for a token chosen as a move's j-th: int64 [K, size]; after the
        last token of a move it is the other player's turn to see it."""
        same = np.arange(self.size)
        return np.stack([same] * (self.per_move - 1) + [self.half_turn])

    def read(self, placement: bool) -> int:
        """Return how many different tokens are read, with or without those of the pieces."""
        return self.size + 1 + (SQUARES * KINDS if placement else 0)

    @cached_property
    def _codes(self) -> tuple[np.ndarray, np.ndarray]:
        """Every spelling as one number, sorted, and the moves in that order."""
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
        """Return the pieces on a board, int8 [90] as its mover sees it, as tokens in the order of squares: int64
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
    """Digits 0-9 are tokens 0 to 9, files a-i tokens 10 to 18: h2e2 is 17 2 14 2."""
    characters = [x for square in (FROM, TO) for x in (RANKS + square % FILES, square // FILES)]
    turned = np.concatenate((np.arange(RANKS)[::-1], RANKS + np.arange(FILES)[::-1]))
    return Tokenizer("char", np.stack(characters, 1).astype(np.int64), turned)


TOKENIZERS: dict[str, Tokenizer] = {made.name: made for made in (_move(), _square(), _char())}
