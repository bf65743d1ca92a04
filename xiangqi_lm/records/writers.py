"""The formats that games can be written in, by the name of the file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..errors import XiangqiError
from .formats import dhtmlxq, xqf
from .game import GameRecord
from .pgnwriter import write_game

Writer = Callable[[GameRecord], str | bytes]


def writer(path: Path, notation: str = "iccs") -> Writer:
    """What writes games into a file of that name: `.ubb` and `.dhtmlxq` DhtmlXQ, `.xqf` XQF, all else PGN."""
    suffix = path.suffix.lower()
    if suffix in (".ubb", ".dhtmlxq"):
        return dhtmlxq.write_game
    return _OneXqf(path) if suffix == ".xqf" else partial(write_game, notation=notation)


class _OneXqf:
    """An XQF file holds one game: the second raises XiangqiError."""

    def __init__(self, path: Path):
        self._path, self._written = path, False

    def __call__(self, record: GameRecord) -> bytes:
        if self._written:
            raise XiangqiError(f"{self._path}: an XQF file holds one game, and more were read; write PGN or DhtmlXQ")
        self._written = True
        return xqf.write_game(record)
