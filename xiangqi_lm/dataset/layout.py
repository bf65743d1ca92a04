"""The layout of a line of play in columns: which plies a model sees, and which token it reads in each column.

Every ply has as many columns as its move has tokens; in column j of a ply, token j of its move is chosen from the
tokens before it. Everything is seen from the side to move. A model that does not see the board reads the pieces on it,
one token each, before the moves of a line that does not begin at the start of a game.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..config import ModelConfig
from ..errors import BadConfig
from ..rules.board import Board
from .tokenizer import MOST_PIECES, TOKENIZERS, Tokenizer

START = Board().array


@dataclass(frozen=True)
class Layout:
    """How a model reads: `context` is in tokens; `placement`: pieces precede lines not from the start of a game."""

    tokenizer: Tokenizer = TOKENIZERS["move"]
    context: int = 256
    placement: bool = False

    def room(self, placement: bool) -> int:
        """Return how many plies fit into the context, with or without the pieces before them."""
        return (self.context - (MOST_PIECES if placement else 0)) // self.tokenizer.per_move


def layout_of(config: ModelConfig) -> Layout:
    """Return the layout for a model's configuration; raises BadConfig if its context holds less than two plies."""
    layout = Layout(TOKENIZERS[config.tokenizer], config.context, config.board == "none")
    if layout.room(layout.placement) < 2:
        least = layout.tokenizer.per_move * 2 + (MOST_PIECES if layout.placement else 0)
        raise BadConfig(
            f"setting context: {config.context} tokens are too few for this model, at least {least} are needed"
        )
    return layout


@dataclass(frozen=True)
class Window:
    """Plies [first, stop) of a game, which are targets from `counted` on; `placement`: the pieces precede them."""

    game: int
    first: int
    counted: int
    stop: int
    placement: bool = False

    def columns(self, layout: Layout) -> int:
        """Return the most columns that the window can have."""
        return (self.stop - self.first) * layout.tokenizer.per_move + (MOST_PIECES if self.placement else 0)


def set_up(squares: np.ndarray, side: int) -> bool:
    """Return whether a game's first position, int8 [90] and side to move, differs from the start position."""
    return side != 1 or not np.array_equal(squares, START)


def window_start(ply: int, layout: Layout, set_up: bool = False) -> int:
    """Return the first ply that the model sees when it chooses move `ply`.

    The window advances by half its length at a time, so that training, evaluation and play see the same windows and a
    cache stays valid for half a window.
    """
    whole, later = layout.room(layout.placement and set_up), layout.room(layout.placement)
    half = later // 2
    return 0 if ply < whole else whole - later + ((ply - whole) // half + 1) * half


def windows(game: int, plies: int, layout: Layout, set_up: bool = False) -> list[Window]:
    """Return windows of a game that fit the context; every ply is a target once, in the window of `window_start`."""
    pieces = []
    counted = 0
    while counted < plies:
        first = window_start(counted, layout, set_up)
        placement = layout.placement and (set_up or first > 0)
        stop = min(plies, first + layout.room(placement))
        pieces.append(Window(game, first, counted, stop, placement))
        counted = stop
    return pieces


class Columns(NamedTuple):
    """The inputs in each column of a line, up to where the last move is chosen."""

    tokens: np.ndarray  # int64 [N]
    parts: np.ndarray  # int8 [N]: which token of a move is chosen there; -1 in the placement
    plies: np.ndarray  # int64 [N]: ply in the line; in the placement the ply that follows


def columns(seen: np.ndarray, boards: np.ndarray, first: int, placement: bool, layout: Layout) -> Columns:
    """Return the columns of plies [first, n] of a line of n moves; ply n, yet to be played, has one column.

    `seen` holds the ids of the moves, int64 [n], and `boards` the positions, int8 [n or more, 90], both as the side to
    move sees them.
    """
    tokenizer, k = layout.tokenizer, layout.tokenizer.per_move
    chosen = tokenizer.spelling[seen]  # [n, K]
    read = tokenizer.following[np.arange(k), chosen]
    tokens = np.concatenate(([tokenizer.bos], read.reshape(-1)))[first * k :]
    parts = np.arange(len(tokens)) % k
    plies = first + np.arange(len(tokens)) // k
    if not placement:
        return Columns(tokens, parts.astype(np.int8), plies)
    before = tokenizer.placement(boards[first])
    tokens[0] = tokenizer.bos  # a position reads the same for any moves before it
    return Columns(
        np.concatenate((before, tokens)),
        np.concatenate((np.full(len(before), -1), parts)).astype(np.int8),
        np.concatenate((np.full(len(before), first), plies)),
    )
