"""Pairs of tables in the same folder: one of games (players, ratings, result) and one of their moves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import tables, text

_LONGEST = 1 << 28  # bytes; larger tables of games are refused
_NAME = "gameinfo.csv"


class Companions:
    """The tables of games found so far, and tables of moves waiting for theirs: in an archive it may come later."""

    def __init__(self) -> None:
        self._infos: dict[str, dict[str, dict[str, str]]] = {}  # folder -> game -> headers
        self._names: dict[str, str] = {}  # folder -> the file that holds them
        self._waiting: list[tuple[str, str]] = []
        self._used: set[str] = set()

    def add(self, name: str, games: dict[str, dict[str, str]]) -> None:
        """Store a table of games for the tables of moves in its folder."""
        folder = os.path.dirname(name)
        self._infos.setdefault(folder, {}).update(games)
        self._names[folder] = name

    def infos(self, name: str) -> dict[str, dict[str, str]]:
        """Return the headers of the games of a table of moves, by game id."""
        folder = os.path.dirname(name)
        self._used.add(folder)
        return self._infos.get(folder, {})

    def waits(self, name: str, table: str) -> bool:
        """Find the table of games for a table of moves; if it may still come, store the moves and return true."""
        folder = os.path.dirname(name)
        beside = Path(folder, _NAME)
        if folder in self._infos:
            return False
        if Path(name).is_file():
            if beside.is_file() and beside.stat().st_size <= _LONGEST:
                self._infos[folder] = tables.read_info(text.decode(beside.read_bytes(), lambda _: 0)[0])
            return False
        if _in_archive(folder):
            self._waiting.append((name, table))
            return True
        return False

    def knows(self, name: str) -> bool:
        """Return whether a file is one of the tables stored here."""
        return name in self._names.values() or any(name == waiting for waiting, _ in self._waiting)

    def waiting(self) -> Iterator[tuple[str, str]]:
        """Yield the names and texts of the waiting tables of moves, each once."""
        while self._waiting:
            yield self._waiting.pop(0)

    def unused(self) -> list[str]:
        """Return the names of the tables of games without a table of moves."""
        return [name for folder, name in sorted(self._names.items()) if folder not in self._used]


def _in_archive(folder: str) -> bool:
    """Return whether a folder is inside an archive file."""
    return any(Path(parent).is_file() for parent in (folder, *map(str, Path(folder).parents)))
