"""Thousands of games of one language model against itself: groups on the device, rulings on the CPU meanwhile.

The device keeps playing while this process judges what has been played. `Board.outcome` decides where and how a game
ended: every game is replayed before it is returned. The same seed gives the same games, however many are played at
once, as far as the device's arithmetic does not depend on that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from ..model.gpt import Gpt
from ..rules.board import Board
from ..rules.moves import MOVE_COUNT, MOVES
from ..rules.pieces import HORSE, PAWN, ROOK
from .game_batch import GameBatch, SamplingConfig
from .match import FinishedGame

PLIES = 8  # plies between two checks for ended games
_REFILL = 4  # new games enter when a quarter of the places is free: many small groups are slower than few large ones
_SQUEEZE = 8  # when an eighth of a group has ended, it is worth copying the rest
_STRONG = (ROOK, HORSE, PAWN)  # while one of these is left, no game is drawn by material


@dataclass
class _Table:
    """A group, the openings of its unfinished games by number, and the last look at it, still being copied."""

    group: GameBatch
    openings: dict[int, Board]
    look: _Look | None = field(default=None)


class _Look:
    """A snapshot of a group's moves, copied while the device goes on."""

    def __init__(self, group: GameBatch):
        parts = (group.ended, group.numbers, group.moves[:, group.opening : group.ply])
        self._copies = [_copied(part) for part in parts]
        self._done = None
        if group.numbers.is_cuda:
            self._done = torch.cuda.Event()
            self._done.record(torch.cuda.current_stream(group.numbers.device))

    def read(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return whether games have ended, bool [B], their numbers [B], and their moves after the opening [B,
        plies].
        """
        if self._done is not None:
            self._done.synchronize()
        ended, numbers, moves = (copy.numpy() for copy in self._copies)
        return ended, numbers, moves


def _copied(part: Tensor) -> Tensor:
    if not part.is_cuda:
        return part.clone()
    return torch.empty(part.shape, dtype=part.dtype, pin_memory=True).copy_(part, non_blocking=True)


def lockstep(
    model: Gpt,
    sampling: SamplingConfig,
    openings: Mapping[int, Board],
    batch: int,
    progress: Callable[[int], None] = lambda plies: None,
) -> Iterator[FinishedGame]:
    """Play the games with these numbers from these boards, at most `batch` at once; yield each when it ends.

    `progress` gets the number of plies played, without those played in games that had already ended.
    """
    waiting = [(number, board) for number, board in openings.items() if board.outcome() is None]
    yield from (FinishedGame(n, b.copy(), end) for n, b in openings.items() if (end := b.outcome()) is not None)
    waiting.sort(key=lambda pair: (-pair[1].ply, -pair[0]))  # taken from the end
    tables: list[_Table] = []
    while waiting or tables:
        free = batch - sum(len(table.group) for table in tables)
        while waiting and (free * _REFILL >= batch or not tables):
            tables.append(_seated(model, sampling, waiting, free))
            free -= len(tables[-1].group)
        for table in tables:
            table.group.step(PLIES)
            yield from _harvest(table, progress)
        tables = [table for table in tables if table.openings]


def _seated(model: Gpt, sampling: SamplingConfig, waiting: list[tuple[int, Board]], places: int) -> _Table:
    """Return the next games with openings of one length, removed from the waiting list."""
    ply = waiting[-1][1].ply
    chosen: dict[int, Board] = {}
    while waiting and waiting[-1][1].ply == ply and len(chosen) < places:
        number, board = waiting.pop()
        chosen[number] = board
    return _Table(GameBatch(model, sampling, list(chosen), list(chosen.values())), chosen)


def _harvest(table: _Table, progress: Callable[[int], None]) -> Iterator[FinishedGame]:
    """Return the games of a group that have ended; on a GPU by the previous snapshot, as the device is still busy."""
    group = table.group
    look, table.look = table.look, _Look(group)
    if not group.numbers.is_cuda:
        look, table.look = table.look, None
    if look is None:
        return
    ended, numbers, moves = look.read()
    played = (moves[:, -PLIES:] != MOVE_COUNT).sum()
    progress(int(played))
    for row in np.flatnonzero(ended).tolist():
        opening = table.openings.pop(int(numbers[row]), None)
        if opening is not None:  # an ended row may remain for a while
            ids = moves[row]
            yield judged(int(numbers[row]), opening, ids[ids != MOVE_COUNT].tolist())
    if table.openings and ended.sum() * _SQUEEZE >= len(ended):
        group.keep(torch.from_numpy(np.flatnonzero(~ended)).to(group.numbers.device))
        if table.look is not None:
            table.look = _Look(group)


def judged(number: int, opening: Board, ids: list[int]) -> FinishedGame:
    """Return the game including its opening, cut where the full rules end it: at the device's end or before."""
    board = opening.copy()
    weak = _weak(board)
    for move_id in ids:
        if (board.halfmove >= 8 or weak) and (ended := board.outcome()):  # no other ending is possible earlier
            return FinishedGame(number, board, ended)
        board.push_unchecked(MOVES[move_id])
        weak = weak or (board.halfmove == 0 and _weak(board))
    ended = board.outcome()
    assert ended is not None, board.fen()
    return FinishedGame(number, board, ended)


def _weak(board: Board) -> bool:
    return not np.isin(np.abs(board.array), _STRONG).any()
