"""Positions from random games, for the tests of the built-in engine."""

from __future__ import annotations

import random

import numpy as np

from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.generation import STATE, set_up


def wanderings(games: int, plies: int = 90) -> list[Board]:
    """Yield positions of random games that prefer captures, so that all kinds of material occur."""
    dice = random.Random(5)
    found = []
    for _ in range(games):
        board = Board()
        while board.ply < plies and (moves := board.legal_list()):
            takes = [move for move in moves if board.is_capture(move)]
            board.push(dice.choice(takes if takes and dice.random() < 0.3 else moves))
            found.append(board.copy())
    return found


def state_of(board: Board) -> np.ndarray:
    state = np.empty(STATE, dtype=np.int16)
    set_up(board.array, state)
    return state
