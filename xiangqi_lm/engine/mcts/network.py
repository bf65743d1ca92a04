"""The language model as an evaluator of positions: priors over the legal moves, and win, draw and loss."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import torch

from ...dataset.layout import Layout, window_start
from ...dataset.loader import BOS, legal_moves, view
from ...errors import BadConfig
from ...model.gpt import Gpt
from ...model.inputs import Inputs
from ...model.move_classes import move_classes
from ...rules import jit
from ...rules.board import Board
from ...rules.moves import HALF_TURN_ID, Move
from ...rules.squares import RED, SQUARES


class _Root(NamedTuple):
    """A game up to the position to be searched; the cache holds its plies as the model reads them, without the last."""

    start_fen: str
    moves: list[Move]
    first: int  # the ply at which the model's window begins
    cache: list[Any]

    def leads_to(self, board: Board) -> bool:
        return self.start_fen == board.start_fen and board.move_stack[: len(self.moves)] == self.moves


class NetworkEvaluator:
    """Evaluates boards with a model; with `history`, `begin` must first be given the positions about to be searched.

    With `history` the model reads the game and the moves down to each board; without it, each board as if a game began
    there. Matrix products run in the precision of the weights, see `model.packed.ready_to_play`.
    """

    def __init__(self, model: Gpt, history: bool):
        if model.config.tokenizer != "move" or model.config.board == "none":
            raise BadConfig("a search needs a model that sees the board and has one token per move")
        self.device = str(next(model.parameters()).device)
        self.model = model
        self.history = history
        self._reserve = model.config.context // 2  # plies of the window kept for the path below the root
        self._roots: list[_Root] = []

    # -------------------------------------------------------------------------------------------- asking

    def begin(self, boards: Sequence[Board]) -> None:
        """Read the games that are about to be searched."""
        if self.history:
            self._roots = [self._root(board) for board in boards]

    def __call__(self, boards: Sequence[Board]) -> tuple[list[np.ndarray], np.ndarray]:
        """Return priors float32 [n] in the order of each board's `legal_ids`, and values float32 [B, 3] for its
        mover.
        """
        if not self.history and self.model.single is not None:
            logits, values = self.model.single(_seen(boards))
        elif not self.history:
            logits, values = self._read(*self._alone(boards), [1] * len(boards), None)
        else:
            below = groupby(boards, key=self._above)
            parts = [self._below(self._roots[game], list(group)) for game, group in below]
            logits, values = (np.concatenate(part) for part in zip(*parts, strict=True))
        ids = [_seen_ids(board) for board in boards]
        priors = [_priors(row, moves) for row, moves in zip(logits, ids, strict=True)]
        if self.model.repertoire is not None:
            self.model.repertoire.mixed_priors(priors, ids, _seen(boards))
        return priors, values

    def _above(self, board: Board) -> int:
        """Return the index of the position given to `begin` that a board descends from."""
        return next(i for i, root in enumerate(self._roots) if root.leads_to(board))

    # -------------------------------------------------------------------------------------------- reading

    @torch.inference_mode()
    def _read(
        self, tokens: np.ndarray, boards: np.ndarray, lengths: Sequence[int], cache: list[Any] | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return policy logits [B, 2086] and values [B, 3] at each row's last ply; takes int64 [B, T] and int8 [B, T,
        90].
        """
        shown = self.model.config.legal_moves and self.model.embed.table is None
        moves = torch.from_numpy(legal_moves(boards)).to(self.device) if shown else None
        squares = torch.from_numpy(boards).to(self.device)
        inputs = Inputs(torch.from_numpy(tokens).to(self.device), squares, moves)
        hidden = self.model.encode(inputs, cache)
        last = torch.tensor(lengths, device=self.device) - 1
        rows = torch.arange(len(tokens), device=self.device)
        classes = move_classes(squares[rows, last]) if self.model.config.move_classes else None
        out = self.model.read_out(hidden[rows, last], classes=classes)
        return out.logits.float().cpu().numpy(), out.value.float().softmax(-1).cpu().numpy()

    @staticmethod
    def _alone(boards: Sequence[Board]) -> tuple[np.ndarray, np.ndarray]:
        """Return each board as a line of one ply: tokens [B, 1] and boards [B, 1, 90]."""
        return np.full((len(boards), 1), BOS, np.int64), _seen(boards)[:, None]

    @torch.inference_mode()
    def _root(self, board: Board) -> _Root:
        """Encode a game up to the ply before its last, reusing the cache of an earlier root where one fits."""
        first = window_start(board.ply, Layout(context=self._reserve))
        moves = board.move_stack
        cache, known = self.model.new_cache(), first
        for old in self._roots:
            if old.first == first and old.leads_to(board):
                cache, known = [copy.copy(layer) for layer in old.cache], len(old.moves)
        if board.ply > known:
            tokens, boards = _plies(board)
            new = slice(known, board.ply)
            self._read(tokens[None, new], boards[None, new], [board.ply - known], cache)
        return _Root(board.start_fen, moves, first, cache)

    def _below(self, root: _Root, boards: Sequence[Board]) -> tuple[np.ndarray, np.ndarray]:
        """Return policy and values of positions below a root; each row is the root's last ply and the moves from it."""
        lengths = [board.ply - len(root.moves) + 1 for board in boards]
        longest = max(lengths)
        if longest > self._reserve:  # no room: deeper than any line that matters
            return self._read(*self._alone(boards), [1] * len(boards), None)
        tokens = np.full((len(boards), longest), BOS, np.int64)
        squares = np.zeros((len(boards), longest, SQUARES), np.int8)
        for i, (board, n) in enumerate(zip(boards, lengths, strict=True)):
            line = _plies(board, n)
            tokens[i, :n], squares[i, :n] = line[0], line[1]
        cache = None
        if len(root.moves) > root.first:
            rows = torch.zeros(len(boards), dtype=torch.int64, device=self.device)
            cache = [copy.copy(layer) for layer in root.cache]
            for layer in cache:
                layer.keep(rows, layer.length)
        return self._read(tokens, squares, lengths, cache)


def _seen(boards: Sequence[Board]) -> np.ndarray:
    """Return positions as their movers see them, int8 [B, 90]."""
    return np.stack([board.array if board.turn is RED else -board.array[::-1] for board in boards])


def _plies(board: Board, last: int | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return a game, or its last plies, as the model reads it: tokens int64 [n], boards int8 [n, 90]."""
    moves = board.move_stack
    walked = board.copy()
    count = len(moves) + 1 if last is None else last
    for _ in range(min(count, len(moves))):
        walked.pop()
    ids = np.array([move.id for move in moves[len(moves) - min(count, len(moves)) :]], dtype=np.int64)
    tokens, boards, _ = view(ids, walked.array, int(walked.turn))
    return tokens[-count:], boards[-count:]


def _seen_ids(board: Board) -> np.ndarray:
    """Return a position's `legal_ids` as its mover sees them, int16 [n]."""
    ids = board.legal_ids()
    return ids if board.turn is RED else HALF_TURN_ID[ids].astype(np.int16)  # one type: compiled once


def _priors(logits: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Return the softmax over the logits of legal moves, given as the mover sees them."""
    priors = np.empty(len(ids), np.float32)
    jit.class_kernels().softmax_at(logits, ids, priors)
    return priors
