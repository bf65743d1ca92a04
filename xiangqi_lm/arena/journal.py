"""The journal of a tournament: one line for each finished job, on disk before the next one, read again on a rerun."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from ..errors import BadConfig, BadRecord
from ..files import locked

NAME = "journal.jsonl"
_FORMAT = 1


class Journal:
    """An append-only file that begins with the tournament's settings.

    Opening it repairs an incomplete last line. It raises BadConfig where the settings differ from those at the start
    (except the number of pairs) or another run is using it, and BadRecord where a line is damaged.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]):
        self.path = folder / NAME
        settings = json.loads(json.dumps(settings))  # as they will be read back
        self.entries: list[list[dict[str, Any]]] = []
        self._open = ExitStack()
        try:
            self._open.enter_context(locked(folder, folder=True))
            self._file: IO[bytes] = self._open.enter_context(self.path.open("a+b"))
            lines = self._whole_lines()
            if not lines:
                self._write({"format": _FORMAT, "settings": settings})
            else:
                _compare(folder, lines[0], settings)
                self.entries = [line["games"] for line in lines[1:]]
        except BaseException:
            self._open.close()
            raise

    def _whole_lines(self) -> list[Any]:
        """Return the lines so far; text after the last line end was being written when the run was killed."""
        self._file.seek(0)
        data = self._file.read()
        whole = data.rfind(b"\n") + 1
        self._file.truncate(whole)
        lines = []
        try:
            for line in data[:whole].splitlines():
                lines.append(json.loads(line))  # noqa: PERF401  (the message counts them)
        except ValueError:
            raise BadRecord(f"line {len(lines) + 1} is damaged", source=str(self.path)) from None
        return lines

    def add(self, games: list[dict[str, Any]]) -> None:
        """Write the games of a job; they are on disk when this returns."""
        self._write({"games": games})
        self.entries.append(games)

    def _write(self, value: Any) -> None:
        try:
            self._file.write(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as fault:  # a full disk does not name the file
            fault.filename = fault.filename or str(self.path)
            raise

    def games(self) -> Iterator[dict[str, Any]]:
        """Return all games, in the order in which they were written."""
        for entry in self.entries:
            yield from entry

    def close(self) -> None:
        with suppress(OSError):  # flushing a line that did not fit, which has been reported
            self._open.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _compare(folder: Path, head: Any, settings: Mapping[str, Any]) -> None:
    known = head.get("settings") if isinstance(head, dict) else None
    if not isinstance(known, dict) or head.get("format") != _FORMAT:
        raise BadConfig(f"{folder / NAME}: not the journal of a tournament of this version")
    if found := _difference("", *({**values, "pairs": None} for values in (known, settings))):
        name, there, here = found
        raise BadConfig(
            f"{folder} holds a tournament with other settings: {name} is {_short(there)} there and {_short(here)} "
            "here; give the same settings to continue it, or another folder"
        )


def _difference(name: str, there: Any, here: Any) -> tuple[str, Any, Any] | None:
    """Return the first setting that differs, with its two values; the order of players counts as one setting."""
    if not isinstance(there, dict) or not isinstance(here, dict):
        return None if there == here else (name, there, here)
    for key in dict.fromkeys([*there, *here]):
        if found := _difference(f"{name} {key}".strip(), there.get(key), here.get(key)):
            return found
    return (f"the order of {name}", list(there), list(here)) if name == "players" and [*there] != [*here] else None


def _short(value: Any) -> str:
    text = "missing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
