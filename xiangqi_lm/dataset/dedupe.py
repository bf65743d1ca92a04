"""Which records tell the same game: exact copies, prefixes, and either of them seen in a mirror."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..records.game import GameRecord
from ..rules.moves import MIRROR_ID
from ..rules.squares import MIRROR

_ID = np.dtype(">u2")  # big-endian, so that the order of bytes is the order of moves


@dataclass(frozen=True)
class Line:
    """A start (90 squares and the side to move, as bytes) and a line of moves (two bytes each), both comparable."""

    start: bytes
    moves: bytes

    def first(self, plies: int) -> Line:
        return Line(self.start, self.moves[: 2 * plies])

    def key(self) -> bytes:
        return self.start + self.moves


def start_array(record: GameRecord) -> np.ndarray:
    """Return the position a game starts from: int8 [91], 90 squares and the side to move (1 Red, -1 Black)."""
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
    """Return indices of lines that another one contains, each with the kind ("exact" or "prefix") and the index of that
    one.

    Of equal lines the first preferred one stays, or the first. Pass canonical lines to see mirrors as equal.
    """
    keys = [line.key() for line in lines]
    order = sorted(range(len(lines)), key=lambda i: (keys[i], not preferred[i], i))
    found: dict[int, tuple[str, int]] = {}
    keeper = -1
    for position, i in enumerate(order):  # equal keys are neighbours; the first of them stays
        if position and keys[order[position - 1]] == keys[i]:
            found[i] = ("exact", keeper)
        else:
            keeper = i
    distinct = [i for i in order if i not in found]
    for i, after in zip(distinct[-2::-1], distinct[:0:-1], strict=True):  # whatever extends a key sorts right after it
        if keys[after].startswith(keys[i]):
            found[i] = ("prefix", found[after][1] if after in found else after)
    return found
