"""Moves and their variations, comments and glyphs as bytes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..records.game import GameRecord, Line
from ..rules.moves import MOVES, Move

_ID = np.dtype("<u2")


def pack_moves(moves: tuple[Move, ...]) -> bytes:
    """Return move ids as little-endian uint16."""
    return np.array([move.id for move in moves], dtype=_ID).tobytes()


def unpack_moves(data: bytes) -> tuple[Move, ...]:
    """Return the moves stored in bytes."""
    return tuple(MOVES[i] for i in np.frombuffer(data, dtype=_ID))


def pack_tree(record: GameRecord) -> bytes | None:
    """Return comments, variations and glyphs of a game as compressed JSON, or None if there are none."""
    if not (record.comments or record.variations or record.nags):
        return None
    value = _value(record.line, False)
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def unpack_tree(data: bytes | None, moves: tuple[Move, ...]) -> Line:
    """Return the main line with its comments, variations and glyphs."""
    return _line(json.loads(zlib.decompress(data)), moves) if data else Line(moves)


def _value(line: Line, with_moves: bool = True) -> dict[str, Any]:
    value: dict[str, Any] = {"m": [move.id for move in line.moves]} if with_moves else {}
    if line.comments:
        value["c"] = line.comments
    if line.variations:
        value["v"] = {ply: [_value(below) for below in lines] for ply, lines in line.variations.items()}
    if line.nags:
        value["n"] = line.nags
    return value


def _line(value: dict[str, Any], moves: tuple[Move, ...] | None = None) -> Line:
    if moves is None:
        moves = tuple(MOVES[i] for i in value["m"])
    return Line(
        moves,
        {int(ply): text for ply, text in value.get("c", {}).items()},
        {int(ply): tuple(_line(below) for below in lines) for ply, lines in value.get("v", {}).items()},
        {int(ply): tuple(glyphs) for ply, glyphs in value.get("n", {}).items()},
    )


def texts(line: Line) -> Iterator[str]:
    """Yield all comments of a line and its variations."""
    yield from line.comments.values()
    for lines in line.variations.values():
        for below in lines:
            yield from texts(below)
