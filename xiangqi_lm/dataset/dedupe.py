"""Duplicate games: exact copies, prefixes, and mirror images of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records.game import GameRecord
from ..rules.moves import MIRROR_ID
from ..rules.squares import MIRROR

_ID = np.dtype(">u2")  # big-endian, so that bytes sort like moves


@dataclass(frozen=True)
class Line:
    """A start position (90 squares and the side to move, as bytes) and moves (two bytes each), both comparable."""

    start: bytes
    moves: bytes

    def first(self, plies: int) -> Line:
        return Line(self.start, self.moves[: 2 * plies])

    def key(self) -> bytes:
        return self.start + self.moves


def start_array(record: GameRecord) -> np.ndarray:
    """Return a game's start position: int8 [91], 90 squares and the side to move (1 Red, -1 Black)."""
    board = record.start()
    return np.append(board.array, np.int8(board.turn))


def line_of(record: GameRecord, start: np.ndarray) -> Line:
    """Return a record's line as it was played; `start` is its `start_array`."""
    return Line(start.tobytes(), np.array([move.id for move in record.moves], dtype=_ID).tobytes())


def mirrored(line: Line) -> Line:
    """Return the line on the board reflected left to right."""
    start = np.frombuffer(line.start, dtype=np.int8)
    squares = np.append(start[:90][MIRROR], start[90:])
    return Line(squares.tobytes(), MIRROR_ID[np.frombuffer(line.moves, dtype=_ID)].astype(_ID).tobytes())


def canonical(line: Line) -> Line:
    """Return the line or its mirror image, whichever sorts first; the canonical line of a prefix is a prefix of it."""
    return min(line, mirrored(line), key=Line.key)


def redundant(lines: Sequence[Line], preferred: Sequence[bool]) -> dict[int, tuple[str, int]]:
    """Return the indices of lines that another line contains, each with the kind ("exact" or "prefix") and the index of
    that line.

    Of equal lines the first preferred one is kept, else the first. Canonical lines make mirror images equal.
    """
    keys = [line.key() for line in lines]
    order = sorted(range(len(lines)), key=lambda i: (keys[i], not preferred[i], i))
    found: dict[int, tuple[str, int]] = {}
    keeper = -1
    for position, i in enumerate(order):  # equal keys are adjacent; the first is kept
        if position and keys[order[position - 1]] == keys[i]:
            found[i] = ("exact", keeper)
        else:
            keeper = i
    distinct = [i for i in order if i not in found]
    for i, after in zip(distinct[-2::-1], distinct[:0:-1], strict=True):  # extensions of a key sort right after it
        if keys[after].startswith(keys[i]):
            found[i] = ("prefix", found[after][1] if after in found else after)
    return found
