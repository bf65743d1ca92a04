"""Games that outlive a window: each window's game on disk after every move, and the last ten that were put aside.

A window holds a lock beside its file, so that the next one is offered only games that no living window holds.
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
    """A game as it was left: `path` and `cursor` are the line and the ply looked at, `seats` who plays each side,
    `source` the file and number it was opened from, `clock` what the clocks showed."""

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
        """Return it as JSON."""
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
    """Return what `Kept.text` wrote; raises ValueError for anything else, which includes XiangqiErrors."""
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
    """A lock on a file that ends with its process, however that ends."""

    def __init__(self, path: Path):
        self._path = path
        self._stream: IO[bytes] | None = None

    def take(self) -> bool:
        """Take it; False if another living process has it. Raises OSError where the file cannot be made."""
        stream = open(self._path, "ab")  # noqa: SIM115  # it stays open as long as the lock is held
        try:
            _lock(stream)
        except OSError:
            stream.close()
            return False
        self._stream = stream
        return True

    def drop(self) -> None:
        """Let it go and remove its file."""
        if self._stream is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            self._stream.close()
            self._stream = None


def _lock(stream: IO[bytes]) -> None:
    """Lock a file without waiting; raises OSError if that is another's."""
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        import fcntl

        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class Archive:
    """The folder of kept games; without one it keeps nothing. No method raises but where it says so."""

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self._name = f"window-{os.getpid()}-{os.urandom(3).hex()}"
        self._lock: _Lock | None = None
        self._last = ""
        self.offered: Kept | None = None  # an unfinished game that an earlier window left

    # ------------------------------------------------------------------------------------------------ this window's

    @property
    def _file(self) -> Path:
        assert self._folder is not None
        return self._folder / (self._name + SUFFIX)

    def keep(self, kept: Kept | None) -> bool:
        """Make the file hold this game, or none; False if that failed just now."""
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
        """Let this window's game be offered to the next one."""
        if self._lock is not None:
            self._lock.drop()
            self._lock = None

    # ------------------------------------------------------------------------------------------------ other windows'

    def look(self) -> Kept | None:
        """Find the games that windows left which no longer live: the latest is offered, the others become recent."""
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
        """Return whether no living window holds a file."""
        lock = _Lock(file.with_suffix(".lock"))
        try:
            free = lock.take()
        except OSError:
            return False
        lock.drop()
        return free

    def take_over(self) -> Kept | None:
        """Take the offered game into this window: its file goes."""
        kept, self.offered = self.offered, None
        if kept is not None and kept.file is not None:
            with contextlib.suppress(OSError):
                kept.file.unlink(missing_ok=True)
        return kept

    def decline(self) -> None:
        """Put the offered game among the recent ones."""
        kept, self.offered = self.offered, None
        if kept is not None and kept.file is not None:
            self._put_aside(kept.file, kept)

    # ------------------------------------------------------------------------------------------------ recent games

    def put_aside(self, kept: Kept) -> bool:
        """Add a game to the recent ones; False if that failed. The same record is kept once."""
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
        """Return the recent games, the latest first; those that cannot be read are left out."""
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
    """Return both players of a kept game, as they can be shown."""
    headers = kept.game.headers
    return shown(headers.get("Red", "?")), shown(headers.get("Black", "?"))
