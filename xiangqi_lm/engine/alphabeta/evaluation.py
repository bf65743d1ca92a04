"""The weights of the built-in engine's evaluation, and the static evaluation of a board.

They are kept in `assets/evaluation.json`. `benchmarks/tuning.py` fitted them to positions from records with a search's
scores as targets; no table was taken from another engine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ...errors import BadConfig
from ...paths import assets
from ...rules.board import Board
from ...rules.pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KINDS, KING, NAMES, PAWN, ROOK
from ...rules.squares import HALF_TURN, SQUARES, file_of, rank_of

PARTS = ("middle", "end", "by_advisors", "by_elephants")  # the parts of a piece-square value
HALF_SQUARE = np.array([rank_of(s) * 5 + min(file_of(s), 8 - file_of(s)) for s in range(SQUARES)])  # [90] -> 0-49

MATE = 30_000  # MATE - n is the score of mate in n plies
RULE_WIN = 20_000  # RULE_WIN - n is a win by the rule on repetition after n plies
PROVEN = RULE_WIN - 1000  # every evaluation is below this


@dataclass(frozen=True)
class Weights:
    """The weights in centipawns, from Red's side."""

    squares: np.ndarray  # int32 [4 parts, 8 kinds, 50 half squares]
    terms: np.ndarray  # int32 [2, TERMS]: middlegame, endgame

    def rows(self) -> np.ndarray:
        """Return what each piece on each square adds to the sums in `terms`: int32 [15 pieces, 90, 16]."""
        from . import terms as e

        rows = np.zeros((15, SQUARES, e.SUMS), dtype=np.int32)
        places = [(e.MIDDLE, e.MIDDLE), (e.END, e.END)]
        places += [(e.RED_BY_ADVISORS, e.BLACK_BY_ADVISORS), (e.RED_BY_ELEPHANTS, e.BLACK_BY_ELEPHANTS)]
        for kind in KINDS:
            for part, (red, black) in zip(self.squares[:, kind], places, strict=True):
                rows[7 + kind, :, red] = part[HALF_SQUARE]
                # the first two sums are Red minus Black, the others are kept for each side
                rows[7 - kind, :, black] = part[HALF_SQUARE[HALF_TURN]] * (-1 if red == black else 1)
        for kind, phase in ((ROOK, 4), (HORSE, 2), (CANNON, 2)):
            rows[[7 + kind, 7 - kind], :, e.PHASE] = phase
            rows[7 + kind, :, e.RED_FORCE] = rows[7 - kind, :, e.BLACK_FORCE] = 1
        for kind, red, black in (
            (ADVISOR, e.RED_ADVISORS, e.BLACK_ADVISORS),
            (ELEPHANT, e.RED_ELEPHANTS, e.BLACK_ELEPHANTS),
        ):
            rows[7 + kind, :, red] = rows[7 - kind, :, black] = 1
        for kind in (PAWN, ROOK, HORSE):
            rows[[7 + kind, 7 - kind], :, e.WINNERS] = 1
        return rows

    def exchange(self) -> np.ndarray:
        """Return the exchange value of each kind of piece, averaged over the game: int32 [8]."""
        both = self.squares[:2].mean(0)  # [8, 50]; zero on squares that a kind cannot reach
        worth = both.sum(1) / np.maximum((both != 0).sum(1), 1)
        worth[KING] = 10_000
        return worth.round().astype(np.int32)


def weights_from(text: str, name: str) -> Weights:
    """Read what `weights_text` wrote; raises BadConfig naming the file."""
    from .terms import TERMS

    try:
        data = json.loads(text)
        squares = np.zeros((len(PARTS), 8, 50), dtype=np.int32)
        for p, part in enumerate(PARTS):
            for kind in KINDS:
                squares[p, kind] = np.array(data[part][NAMES[kind]], dtype=np.int32)[::-1].reshape(50)
        terms = np.array(data["terms"], dtype=np.int32).reshape(2, TERMS)
    except (ValueError, KeyError, TypeError) as fault:
        raise BadConfig(f"{name}: no evaluation weights: {fault}") from None
    return Weights(squares, terms)


def weights_text(weights: Weights) -> str:
    """Return the weights as JSON; a table's rows go from Black's home rank down to Red's, its columns from an edge to
    the middle file.
    """

    def row(numbers: np.ndarray) -> str:
        return "[" + ", ".join(f"{n:>4}" for n in numbers.tolist()) + "]"

    def table(numbers: np.ndarray) -> str:
        return "[\n      " + ",\n      ".join(row(r) for r in numbers.reshape(10, 5)[::-1]) + "\n    ]"

    blocks = []
    for p, part in enumerate(PARTS):
        tables = ",\n    ".join(f'"{NAMES[kind]}": {table(weights.squares[p, kind])}' for kind in KINDS)
        blocks.append(f'  "{part}": {{\n    {tables}\n  }}')
    blocks.append('  "terms": [\n    ' + ",\n    ".join(row(t) for t in weights.terms) + "\n  ]")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


@cache
def shipped() -> Weights:
    """Return the weights installed with the program."""
    path: Path = assets() / "evaluation.json"
    return weights_from(path.read_text(encoding="utf-8"), str(path))


@cache
def _shipped_rows() -> np.ndarray:
    return shipped().rows()


def static_evaluation(board: Board) -> int:
    """Return the static evaluation of a board, without search, in centipawns for the side to move."""
    from ...rules.generation import STATE, set_up
    from . import terms

    state, sums = np.empty(STATE, dtype=np.int16), np.empty(terms.SUMS, dtype=np.int32)
    counts = np.empty(terms.TERMS, dtype=np.int32)
    set_up(board.array, state)
    terms.refresh_accumulator(state, _shipped_rows(), sums)
    return int(terms.evaluate(state, int(board.turn), sums, shipped().terms, counts))
