"""Tables that belong together: one of games (who, ratings, result) and one of their moves, in the same folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import tables, text

_LONGEST = 1 << 28  # bytes of a table of games
_NAME = "gameinfo.csv"


class Companions:
    """Tables of games met so far, and tables of moves that wait for one: in an archive it may come later."""

    def __init__(self) -> None:
        self._infos: dict[str, dict[str, dict[str, str]]] = {}  # folder -> game -> headers
        self._names: dict[str, str] = {}  # folder -> the file that holds them
        self._waiting: list[tuple[str, str]] = []
        self._used: set[str] = set()

    def add(self, name: str, games: dict[str, dict[str, str]]) -> None:
        """Keep a table of games for the tables of moves in its folder."""
        folder = os.path.dirname(name)
        self._infos.setdefault(folder, {}).update(games)
        self._names[folder] = name

    def infos(self, name: str) -> dict[str, dict[str, str]]:
        """Return the headers of games by id that belong to a table of moves."""
        folder = os.path.dirname(name)
        self._used.add(folder)
        return self._infos.get(folder, {})

    def waits(self, name: str, table: str) -> bool:
        """Look for the table of games beside a table of moves; where it may still come, keep the moves until then."""
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
        """Return whether a file is a table that is kept here."""
        return name in self._names.values() or any(name == waiting for waiting, _ in self._waiting)

    def waiting(self) -> Iterator[tuple[str, str]]:
        """Yield the names and texts of the tables of moves that waited, each once."""
        while self._waiting:
            yield self._waiting.pop(0)

    def unused(self) -> list[str]:
        """Return the names of the tables of games beside which there were no moves."""
        return [name for folder, name in sorted(self._names.items()) if folder not in self._used]


def _in_archive(folder: str) -> bool:
    """Whether a folder lies inside an archive file."""
    return any(Path(parent).is_file() for parent in (folder, *map(str, Path(folder).parents)))
