"""How a line of play becomes columns: which plies a model looks back on, and which token it reads in each column.

Every ply has as many columns as its move has tokens; column j of a ply is where token j of its move is chosen, from the
tokens before it. All that is read there is as the present mover sees it. A model that does not see the board reads the
pieces on it, one token each, before the moves of a line that does not begin at the start of a game.
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
    """`context` is in tokens; `placement`: the pieces stand before moves that do not begin at the start of a game."""

    tokenizer: Tokenizer = TOKENIZERS["move"]
    context: int = 256
    placement: bool = False

    def room(self, placement: bool) -> int:
        """Return how many plies fit the context, with or without the pieces before them."""
        return (self.context - (MOST_PIECES if placement else 0)) // self.tokenizer.per_move


def layout_of(config: ModelConfig) -> Layout:
    """Return how a model of this configuration reads; raises BadConfig where its context holds less than two plies."""
    layout = Layout(TOKENIZERS[config.tokenizer], config.context, config.board == "none")
    if layout.room(layout.placement) < 2:
        least = layout.tokenizer.per_move * 2 + (MOST_PIECES if layout.placement else 0)
        raise BadConfig(
            f"setting context: {config.context} tokens are too few for this model, at least {least} are needed"
        )
    return layout


@dataclass(frozen=True)
class Window:
    """Plies [first, stop) of a game, from `counted` on as targets; `placement`: the pieces stand before them."""

    game: int
    first: int
    counted: int
    stop: int
    placement: bool = False

    def columns(self, layout: Layout) -> int:
        """Return the window cut to at most that many columns."""
        return (self.stop - self.first) * layout.tokenizer.per_move + (MOST_PIECES if self.placement else 0)


def set_up(squares: np.ndarray, side: int) -> bool:
    """Return whether a game begins elsewhere than at the start position: int8 [90] and the side to move."""
    return side != 1 or not np.array_equal(squares, START)


def window_start(ply: int, layout: Layout, set_up: bool = False) -> int:
    """Return the first ply that the model looks back on when it chooses move `ply`: it moves on by half a window at
    a time, so that training, evaluation and play see the same windows and a cache stays good for half a window."""
    whole, later = layout.room(layout.placement and set_up), layout.room(layout.placement)
    half = later // 2
    return 0 if ply < whole else whole - later + ((ply - whole) // half + 1) * half


def windows(game: int, plies: int, layout: Layout, set_up: bool = False) -> list[Window]:
    """Cut a game into pieces that fit the context; every ply is counted once, in the window of `window_start`."""
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
    """What is read in each column of a line, up to where the last move is chosen."""

    tokens: np.ndarray  # int64 [N]
    parts: np.ndarray  # int8 [N]: which token of a move is chosen there; -1 at the placement
    plies: np.ndarray  # int64 [N]: ply in the line; at the placement the one they stand before


def columns(seen: np.ndarray, boards: np.ndarray, first: int, placement: bool, layout: Layout) -> Columns:
    """Return the columns of plies [first, n] of a line of n moves: of its last ply, yet to be played, there is one.

    `seen` are the moves' ids, int64 [n], and `boards` int8 [n or more, 90] the positions, as their movers see them.
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
    tokens[0] = tokenizer.bos  # so a position reads the same whatever led to it
    return Columns(
        np.concatenate((before, tokens)),
        np.concatenate((np.full(len(before), -1), parts)).astype(np.int8),
        np.concatenate((np.full(len(before), first), plies)),
    )
