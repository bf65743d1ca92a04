"""The journal of a tournament: a line for each job done, safe on disk before the next one, read again by a rerun."""

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

    Opening it repairs a last line that was cut off, and raises BadConfig where the settings are not those it began with
    (the number of pairs aside) or another run is at work on it, BadRecord where a line is damaged.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]):
        self.path = folder / NAME
        settings = json.loads(json.dumps(settings))  # as it will be read again
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
        """The lines so far; what is after the last line end was being written when the run was killed."""
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
        except OSError as fault:  # a full disk does not say which
            fault.filename = fault.filename or str(self.path)
            raise

    def games(self) -> Iterator[dict[str, Any]]:
        """Return all games, in the order in which they were written."""
        for entry in self.entries:
            yield from entry

    def close(self) -> None:
        with suppress(OSError):  # of a line that found no room, which was reported
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
    """The first setting that is not the same, and its two values; the order of players is one."""
    if not isinstance(there, dict) or not isinstance(here, dict):
        return None if there == here else (name, there, here)
    for key in dict.fromkeys([*there, *here]):
        if found := _difference(f"{name} {key}".strip(), there.get(key), here.get(key)):
            return found
    return (f"the order of {name}", list(there), list(here)) if name == "players" and [*there] != [*here] else None


def _short(value: Any) -> str:
    text = "missing" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + "..."
