"""The predictions of a model trained on master games for every ply of a game, computed in one pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..dataset.division import pack
from ..dataset.layout import layout_of, set_up, windows
from ..dataset.loader import make_batch
from ..files import sha256
from ..model import checkpoint
from ..model.device import pick_device
from ..model.gpt import Gpt
from ..model.scoring import score
from ..records.game import GameRecord
from ..rules.board import Board
from ..rules.moves import HALF_TURN_ID, MOVES, Move
from ..rules.squares import RED, Color
from .verdicts import Cache

KEPT = 5  # likeliest moves stored per ply


@dataclass(frozen=True)
class Expectation:
    """The prediction at one ply: the played move's probability and rank (1: the likeliest), and the likeliest moves."""

    probability: float
    rank: int
    likeliest: tuple[tuple[Move, float], ...]


class Masters:
    """A model, called `name`, that predicts what masters would play; raises BadCheckpoint if it cannot be read.

    Its predictions for a game are cached by the model's weights and the game's moves; `model` is called for the first
    game that is not in the cache.
    """

    def __init__(self, model: Callable[[], Gpt], name: str, weights: str, cache: Cache | None = None):
        self.name, self._model, self._weights, self._cache = (
            name,
            lru_cache(maxsize=1)(model),
            weights,
            cache or Cache(),
        )

    @classmethod
    def load(cls, name: str = "default", device: str = "auto", cache: Cache | None = None) -> Masters:
        """Load a shipped model by name, a model's folder, or `hf:owner/name`."""
        folder = Path(checkpoint.resolve(name))
        files = sorted(folder.glob("*.safetensors")) if folder.is_dir() else []
        weights = "+".join(sha256(path)[:16] for path in files) or name
        return cls(lambda: checkpoint.load(name, pick_device(device)), name, weights, cache)

    def expectations(self, start: Board, moves: tuple[Move, ...]) -> list[Expectation]:
        """Return the expectation for each move of a line from a position."""
        if not moves:
            return []
        question = f"model {self._weights} {start.fen()} {' '.join(str(move.id) for move in moves)}"
        known = self._cache.get(question)
        if known is None:
            known = self._asked(start, moves)
            self._cache.put(question, known)
        return [Expectation(p, rank, tuple((MOVES[i], q) for i, q in top)) for p, rank, top in known]

    @torch.inference_mode()
    def _asked(self, start: Board, moves: tuple[Move, ...]) -> list[tuple[float, int, list[tuple[int, float]]]]:
        fen = None if start.start_fen == Board().start_fen and not start.ply else start.fen()
        split = pack([GameRecord(start_fen=fen, moves=moves)])
        model = self._model()
        layout = layout_of(model.config)
        own = windows(0, len(moves), layout, set_up(start.array, int(start.turn)))
        batch = make_batch(split, own, np.zeros(len(own), bool), layout)
        seen = score(model, batch).moves.masked.exp().cpu().numpy()
        return [
            _of_ply(row[HALF_TURN_ID] if mover is not RED else row, move)
            for row, move, mover in zip(seen, moves, _movers(start.turn, len(moves)), strict=True)
        ]


def _movers(first: Color, count: int) -> list[Color]:
    return [first if i % 2 == 0 else first.opponent for i in range(count)]


def _of_ply(row: np.ndarray, move: Move) -> tuple[float, int, list[tuple[int, float]]]:
    """Return the played move's probability and rank, and the likeliest moves; `row` is float32 [2086]."""
    top: list[Any] = np.argsort(-row, kind="stable")[:KEPT].tolist()
    rank = 1 + int((row > row[move.id]).sum())
    return round(float(row[move.id]), 5), rank, [(i, round(float(row[i]), 5)) for i in top if row[i] > 0]
