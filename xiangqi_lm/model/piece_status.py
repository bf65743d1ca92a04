"""Piece status for boards on any device: by the compiled kernel on a CPU, by dense tables elsewhere."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..rules import jit
from ..rules import squares as geometry
from ..rules.piece_status import MARKS, NOBODY, WORTH
from ..rules.pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from ..rules.squares import BLACK, RED, SQUARES

PIECE = 8192  # boards of the dense form per batch

# ------------------------------------------------------------------------------------------------ tables


class _Tables(NamedTuple):
    """Tables indexed by pair of squares (from * 90 + to)."""

    between: Tensor  # float32 [90, 8100], the squares between two on a line
    line: Tensor  # bool [8100], whether they share a line
    file: Tensor  # bool [8100], whether they share a file
    stops: Tensor  # float32 [90, 8100], the horse's leg and the elephant's eye
    steps: Tensor  # bool [2, 8, 8100], by side and kind: moves of horse, elephant, advisor, king and pawn
    worth: Tensor  # int16 [8]


def _lines() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    between, line, file = np.zeros((90, 90, 90), np.float32), np.zeros((90, 90), bool), np.zeros((90, 90), bool)
    for s, (d, direction) in product(range(SQUARES), enumerate(geometry.ORTHOGONALS)):
        passed = geometry.ray(s, direction)
        for i, t in enumerate(passed):
            between[passed[:i], s, t] = 1
            line[s, t], file[s, t] = True, d < 2
    return between, line, file


def _steps() -> tuple[np.ndarray, np.ndarray]:
    stops, steps = np.zeros((90, 90, 90), np.float32), np.zeros((2, 8, 90, 90), bool)
    for s, (me, side) in product(range(SQUARES), enumerate((RED, BLACK))):
        for kind, free in (
            (KING, geometry.king_steps(s, side)),
            (ADVISOR, geometry.advisor_steps(s, side)),
            (PAWN, geometry.pawn_steps(s, side)),
        ):
            steps[me, kind, s, free] = True
        for kind, pairs in ((HORSE, geometry.horse_steps(s)), (ELEPHANT, geometry.elephant_steps(s, side))):
            for t, stop in pairs:
                steps[me, kind, s, t], stops[stop, s, t] = True, 1
    return stops, steps


@lru_cache(maxsize=4)
def _tables(device: torch.device) -> _Tables:
    between, line, file = _lines()
    stops, steps = _steps()
    arrays = (
        between.reshape(90, -1), line.reshape(-1), file.reshape(-1), stops.reshape(90, -1), steps.reshape(2, 8, -1),
        WORTH,
    )  # fmt: skip
    with torch.inference_mode(False):  # the tables outlive the inference mode of their first caller
        return _Tables(*(torch.from_numpy(array).to(device) for array in arrays))


# ------------------------------------------------------------------------------------------------ the dense form


def _cheapest(boards: Tensor, tables: _Tables) -> Tensor:
    """Return the worth of each side's cheapest piece that controls a square: int8 [N, 90] -> int16 [N, 2, 90]."""
    occupied = (boards != 0).float()
    men_between = occupied @ tables.between  # [N, 8100]
    free_way = occupied @ tables.stops == 0
    ways = {
        ROOK: tables.line & (men_between == 0),
        CANNON: tables.line & (men_between == 1),
        HORSE: free_way,
        ELEPHANT: free_way,
    }
    sides = []
    for me, side in enumerate((1, -1)):
        cheapest = torch.full_like(boards, NOBODY, dtype=torch.int16)
        for kind in (KING, ROOK, CANNON, HORSE, ELEPHANT, ADVISOR, PAWN):
            here = (boards == side * kind).unsqueeze(-1)  # [N, 90, 1]
            way = ways.get(kind)
            goes = tables.steps[me, kind] if kind not in (ROOK, CANNON) else torch.ones_like(tables.line)
            reach = (goes if way is None else goes & way).view(-1, SQUARES, SQUARES)  # [N or 1, from, to]
            if kind == KING:  # also attacks the other king along an open file
                facing = (tables.file & ways[ROOK]).view(-1, SQUARES, SQUARES)
                reach = reach | (facing & (boards == -side * KING).unsqueeze(1))
            controls = (here & reach).any(1)
            cheapest = torch.where(controls, torch.minimum(cheapest, tables.worth[kind]), cheapest)
        sides.append(cheapest)
    return torch.stack(sides, 1)


def dense_piece_statuses(boards: Tensor) -> Tensor:
    """Return the result of `rules.piece_status.piece_statuses` on the boards' device, without synchronising.

    It needs about a quarter of a megabyte per position.
    """
    tables = _tables(boards.device)
    cheapest = _cheapest(boards, tables)
    red = boards > 0
    mine = torch.where(red, cheapest[:, 0], cheapest[:, 1])
    theirs = torch.where(red, cheapest[:, 1], cheapest[:, 0])
    occupied = boards != 0
    attacked, protected = occupied & (theirs < NOBODY), occupied & (mine < NOBODY)
    lesser = attacked & (theirs < tables.worth[boards.abs().long()])
    return torch.stack((attacked, protected, attacked & ~protected, lesser, *(cheapest < NOBODY).unbind(1)), 1)


def in_pieces(boards: Tensor) -> Tensor:
    """Return `dense_piece_statuses` of any number of boards, within two gigabytes."""
    return torch.cat([dense_piece_statuses(piece) for piece in boards.split(PIECE)])


# ------------------------------------------------------------------------------------------------ for the model


@torch.library.custom_op("xiangqi_lm::piece_statuses", mutates_args=())
def piece_statuses(boards: Tensor) -> Tensor:
    """Return the marks of every square, see `rules.piece_status`: int8 [N, 90] -> bool [N, 6, 90]. It is a custom
    operator, so that torch.compile does not trace into it."""
    if boards.device.type == "cpu":
        return torch.from_numpy(jit.class_kernels().piece_statuses(boards.contiguous().numpy()))
    return in_pieces(boards)


@piece_statuses.register_fake
def _(boards: Tensor) -> Tensor:
    return boards.new_empty(boards.shape[0], MARKS, SQUARES, dtype=torch.bool)
