"""Games that survive a window: each window's game, saved after every move, and the last ten games put aside.

A window holds a lock next to its file, so that other windows are offered only games that no open window holds.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from ...errors import BadRecord
from ...files import write_text
from ...records.formats import pgn
from ...records.game import GameRecord
from ...records.game import Path as TreePath
from ...rules.squares import Color
from .texts import shown

MOST_RECENT = 10
SUFFIX = ".json"


@dataclass(frozen=True)
class Kept:
    """A stored game: `path` and `cursor` are the current line and ply, `seats` the players, `source` the file and
    number it was opened from, `clock` the state of the clocks."""

    game: GameRecord
    path: TreePath = ()
    cursor: int = 0
    seats: dict[Color, str] = field(default_factory=dict)
    flipped: bool = False
    live: bool = True
    source: tuple[str, int] | None = None
    clock: dict[str, Any] | None = None
    when: str = ""
    file: Path | None = field(default=None, compare=False)

    @property
    def plies(self) -> int:
        return len(self.game.moves)

    def text(self) -> str:
        """Return the game as JSON."""
        content = {
            "pgn": pgn.write_game(self.game),
            "path": [list(step) for step in self.path],
            "cursor": self.cursor,
            "seats": {color.name.lower(): seat for color, seat in self.seats.items()},
            "flipped": self.flipped,
            "live": self.live,
            "source": list(self.source) if self.source else None,
            "clock": self.clock,
            "when": self.when,
        }
        return json.dumps(content) + "\n"


def parse(text: str, file: Path | None = None) -> Kept:
    """Return the game that `Kept.text` wrote; raises ValueError (also as XiangqiError) for anything else."""
    content: Any = json.loads(text)
    try:
        record = next(pgn.read_games(content["pgn"]))
        game = GameRecord(
            record.headers, record.start_fen, record.moves, record.result, record.comments, record.variations,
            nags=record.nags,
        )  # fmt: skip
        source = content["source"]
        return Kept(
            game,
            tuple((int(a), int(b)) for a, b in content["path"]),
            int(content["cursor"]),
            {Color[name.upper()]: str(seat) for name, seat in content["seats"].items()},
            bool(content["flipped"]),
            bool(content["live"]),
            (str(source[0]), int(source[1])) if source else None,
            content["clock"] if isinstance(content["clock"], dict) else None,
            str(content["when"]),
            file,
        )
    except (KeyError, TypeError, AttributeError, IndexError, StopIteration) as fault:
        raise BadRecord(f"not a kept game: {fault!r}") from fault


class _Lock:
    """A lock on a file, released when its process ends in any way."""

    def __init__(self, path: Path):
        self._path = path
        self._stream: IO[bytes] | None = None

    def take(self) -> bool:
        """Acquire the lock; return false if another process has it. Raises OSError if the file cannot be created."""
        stream = open(self._path, "ab")  # noqa: SIM115  # open while the lock is held
        try:
            _lock(stream)
        except OSError:
            stream.close()
            return False
        self._stream = stream
        return True

    def drop(self) -> None:
        """Release the lock and remove its file."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._stream.close()
            self._stream = None


def _lock(stream: IO[bytes]) -> None:
    """Lock a file without waiting; raises OSError if another process has locked it."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class Archive:
    """The folder of stored games; without a folder nothing is stored. Methods do not raise unless they say so."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self._name = f"window-{os.getpid()}-{os.urandom(3).hex()}"
        self._lock: _Lock | None = None
        self._last = ""
        self.offered: Kept | None = None  # an unfinished game of an earlier window

    # ------------------------------------------------------------------------------------------------ this window's

    @property
    def _file(self) -> Path:
        assert self._folder is not None
        return self._folder / (self._name + SUFFIX)

    def keep(self, kept: Kept | None) -> bool:
        """Write this game, or none, to the file; return false if this failed just now."""
        text = kept.text() if kept else ""
        if self._folder is None or text == self._last:
            return True
        self._last = text
        try:
            if not text:
                self._file.unlink(missing_ok=True)
                return True
            self._folder.mkdir(parents=True, exist_ok=True)
            if self._lock is None:
                self._lock = _Lock(self._file.with_suffix(".lock"))
                self._lock.take()
            write_text(self._file, text)
        except (OSError, ValueError):
            return False
        return True

    def close(self) -> None:
        """Release this window's game, so that the next window is offered it."""
        if self._lock is not None:
            self._lock.drop()
            self._lock = None

    # ------------------------------------------------------------------------------------------------ other windows'

    def look(self) -> Kept | None:
        """Find games of windows that no longer run: offer the latest, and add the others to the recent games."""
        left = []
        for file in self._files("window-*" + SUFFIX):
            if file.stem == self._name or not self._abandoned(file):
                continue
            kept = _read(file)
            if kept is None:
                with contextlib.suppress(OSError):
                    file.unlink()
            else:
                left.append((_changed(file), file, kept))
        left.sort(key=lambda one: one[0])
        for _, file, kept in left[:-1]:
            self._put_aside(file, kept)
        self.offered = left[-1][2] if left else None
        return self.offered

    def _abandoned(self, file: Path) -> bool:
        """Return whether no running window holds a file."""
        lock = _Lock(file.with_suffix(".lock"))
        try:
            free = lock.take()
        except OSError:
            return False
        lock.drop()
        return free

    def take_over(self) -> Kept | None:
        """Return the offered game for this window and remove its file."""
        kept, self.offered = self.offered, None
        if kept is not None and kept.file is not None:
            with contextlib.suppress(OSError):
                kept.file.unlink(missing_ok=True)
        return kept

    def decline(self) -> None:
        """Move the offered game to the recent games."""
        kept, self.offered = self.offered, None
        if kept is not None and kept.file is not None:
            self._put_aside(kept.file, kept)

    # ------------------------------------------------------------------------------------------------ recent games

    def put_aside(self, kept: Kept) -> bool:
        """Add a game to the recent games, each record once; return false if this failed."""
        if self._folder is None or not (kept.game.moves or kept.game.variations):
            return True
        for other in self.recent():
            if other.game.line == kept.game.line and other.game.start_fen == kept.game.start_fen and other.file:
                with contextlib.suppress(OSError):
                    other.file.unlink(missing_ok=True)
        now = datetime.now()
        name = f"recent-{now:%Y%m%d-%H%M%S-%f}{SUFFIX}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_text(self._folder / name, kept.text())
        except (OSError, ValueError):
            return False
        for file in self._files("recent-*" + SUFFIX)[:-MOST_RECENT]:
            with contextlib.suppress(OSError):
                file.unlink()
        return True

    def _put_aside(self, file: Path, kept: Kept) -> None:
        if self.put_aside(kept):
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)

    def recent(self) -> list[Kept]:
        """Return the readable recent games, latest first."""
        read = [_read(file) for file in self._files("recent-*" + SUFFIX)]
        return [kept for kept in reversed(read) if kept is not None]

    def _files(self, pattern: str) -> list[Path]:
        if self._folder is None:
            return []
        try:
            return sorted(self._folder.glob(pattern))
        except OSError:
            return []


def _read(file: Path) -> Kept | None:
    try:
        return parse(file.read_text(encoding="utf-8"), file)
    except (OSError, ValueError):
        return None


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def title(kept: Kept) -> tuple[str, str]:
    """Return both players of a stored game, for display."""
    headers = kept.game.headers
    return shown(headers.get("Red", "?")), shown(headers.get("Black", "?"))
