"""Validation of the arrays of shards: everything that kernels use as an index is checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import XiangqiError
from ..rules import jit, pieces
from ..rules.board import Board
from ..rules.moves import FROM, MOVE_COUNT, TO
from ..rules.squares import SQUARES
from .answers import NOTHING
from .splits import Split

_TYPES = {  # array -> type and dimensions
    "moves": ("uint16", 1), "offsets": ("int64", 1), "results": ("int8", 1), "starts": ("int8", 2),
    "start_index": ("int32", 1), "ratings": ("int16", 2), "colors": ("int8", 1),
    "answer_rows": ("int32", 1), "answer_moves": ("uint16", 2), "answer_scores": ("float32", 2),
    "answer_values": ("float32", 2),
}  # fmt: skip


def described(array: np.ndarray, data: bytes) -> dict[str, Any]:
    """Return the entry of an index for an array and the bytes of its file."""
    return {"dtype": str(array.dtype), "shape": list(array.shape), "sha256": hashlib.sha256(data).hexdigest()}


def check_form(name: str, array: np.ndarray, said: Any) -> None:
    """Raise XiangqiError unless an array has the type of its kind and the shape in the index, if that gives one."""
    kind, dimensions = _TYPES[name]
    if str(array.dtype) != kind or array.ndim != dimensions:
        raise XiangqiError(f"expected {kind} in {dimensions} dimensions, found {array.dtype} {list(array.shape)}")
    if isinstance(said, dict) and said.get("shape") != list(array.shape):
        raise XiangqiError(f"the index says {said.get('shape')}, the file holds {list(array.shape)}")


def check_split(split: Split) -> None:
    """Raise XiangqiError if arrays do not fit together or an index is out of bounds."""
    for words, fine in _conditions(split):
        if not fine:
            raise XiangqiError(words)


def _conditions(split: Split) -> Iterator[tuple[str, bool]]:
    """Yield the description of each fault and whether it is absent; a check may rely on the ones before it."""
    games, plies, said = len(split.results), len(split.moves_flat), split.answers
    shapes = (split.offsets.shape, split.start_index.shape, split.ratings.shape, split.starts.shape[1:])
    yield "the files do not fit together", shapes == ((games + 1,), (games,), (games, 2), (SQUARES + 1,))
    edges = split.offsets
    yield (
        "offsets must begin with 0, grow and end at the last move",
        bool(edges[0] == 0 and edges[-1] == plies and (edges[1:] >= edges[:-1]).all()),
    )
    yield f"a move is not below {MOVE_COUNT}", int(split.moves_flat.max(initial=0)) < MOVE_COUNT
    yield "a result is not one of -1, 0, 1, 2", _within(split.results, -1, 2)
    yield "a game begins at a set-up position that is not there", _within(split.start_index, -1, len(split.starts) - 1)
    yield "a set-up position is impossible", _possible(np.asarray(split.starts))
    if split.colors is not None:
        yield "the file of colors does not fit", split.colors.shape == (games,)
        yield "a color is not one of -1, 0, 1", _within(split.colors, -1, 1)
    if said is None:
        return
    count = len(said.moves)
    forms = (said.rows.shape, said.scores.shape, said.values.shape)
    yield "the files of answers do not fit together", forms == ((plies,), said.moves.shape, (count, 3))
    yield "a ply has an answer that is not there", _within(said.rows, -1, count - 1)
    moves = np.asarray(said.moves)
    yield f"an answer is not below {MOVE_COUNT}", bool(((moves < MOVE_COUNT) | (moves == NOTHING)).all())
    yield "the value of an answer is not a share", bool(((said.values >= 0) & (said.values <= 1)).all())


def _within(array: np.ndarray, least: int, most: int) -> bool:
    return not array.size or bool(array.min() >= least and array.max() <= most)


def _possible(starts: np.ndarray) -> bool:
    """Return whether positions, int8 [K, 91], have valid pieces, not too many of any kind, and a side to move."""
    boards = starts[:, :SQUARES]
    if not (_within(boards, -7, 7) and np.isin(starts[:, SQUARES], (-1, 1)).all()):
        return False
    for kind, most in pieces.MOST.items():
        for piece in (kind, -kind):
            count = (boards == piece).sum(1)
            if not ((count <= most) & ((count == 1) | (kind != pieces.KING))).all():
                return False
    return True


def check_games(split: Split) -> None:
    """Raise XiangqiError unless all moves of every game are legal."""
    is_legal, standard = jit.kernels().is_legal, Board().array
    for game in range(len(split)):
        start = split.start(game)
        board = (standard if start is None else np.asarray(start[:SQUARES])).astype(np.int8)
        side = 1 if start is None else int(start[SQUARES])
        for ply, move in enumerate(np.asarray(split.moves(game)).tolist()):
            if not is_legal(board, side, move):
                raise XiangqiError(f"game {game + 1}, ply {ply + 1}: move {move} is illegal")
            board[TO[move]], board[FROM[move]] = board[FROM[move]], 0
            side = -side
