"""The games of one file or text, found one after the other; the open one can be replaced in its file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ...errors import BadRecord
from ...files import write_bytes
from ...library.names import folded
from ...records.formats import detect, pgn
from ...records.formats.companions import Companions
from ...records.formats.sources import Blob, blobs, is_archive
from ...records.formats.text import decode
from ...records.game import GameRecord
from .faults import reason
from .files import WRITTEN, encoded
from .folders import FAULTS
from .texts import Message, shown


@dataclass(frozen=True)
class Summary:
    """A game as shown in a list; `fault` says why it cannot be read."""

    number: int
    red: str = ""
    black: str = ""
    event: str = ""
    date: str = ""
    result: str = "*"
    plies: int = 0
    fault: Message | None = None

    @cached_property
    def _searched(self) -> str:
        return folded(f"{self.red} {self.black} {self.event} {self.date} {self.result}")

    def fits(self, words: str) -> bool:
        """Return whether all words of a search occur in the summary, in either script, or are the game's number."""
        return all(word in self._searched or word == str(self.number) for word in folded(words).split())


def summary(record: GameRecord, number: int) -> Summary:
    """Return the summary of a record."""
    known = {name: shown(record.headers.get(name, "")).strip("?. ") for name in ("Red", "Black", "Event", "Date")}
    return Summary(
        number, known["Red"], known["Black"], known["Event"], known["Date"], record.result, len(record.moves)
    )


class Document:
    """The games of one source; `number` is that of the open one, counted from 1.

    The first games are known at once; the rest is found on a thread, which calls `wake` when it is done.
    """

    def __init__(self, blob_list: Iterator[Blob], path: Path | None, wake: Callable[[], None] = lambda: None):
        self.path, self.number = path, 0
        self.units: list[detect.Unit] = []
        self.summaries: list[Summary] = []
        self.done = False
        self._records: dict[int, GameRecord] = {}
        self._units = self._find(blob_list)
        self._wake, self._stop = wake, threading.Event()
        self._thread: threading.Thread | None = None

    @classmethod
    def of_file(cls, path: Path, wake: Callable[[], None] = lambda: None) -> Document:
        """Return a file's games; raises FAULTS, including BadRecord if not even one can be read."""
        path.stat()  # for a missing file raise the system's own error
        document = cls(blobs(path), path, wake)
        document._begin()
        return document

    @classmethod
    def of_text(cls, text: str) -> Document:
        """Return the games of a text; raises BadRecord."""
        document = cls(iter([Blob("text", text.encode("utf-8", "replace"))]), None)
        document._begin()
        return document

    @staticmethod
    def _find(blob_list: Iterator[Blob]) -> Iterator[detect.Unit]:
        companions = Companions()
        for blob in blob_list:
            if blob.data is None:
                raise BadRecord(blob.fault, source=blob.name)
            form = detect.form_of(blob, named=True)
            if form is not None:
                yield from detect.split(blob, form, companions)
        for name, table in companions.waiting():
            yield from detect.split_table(name, table, companions)

    def _begin(self) -> None:
        """Find the first readable game, and start a thread for the others."""
        first: BaseException | None = None
        for unit in self._units:
            try:
                self._add(unit)
            except BadRecord as fault:
                first = first or fault
                continue
            self.number = len(self.units)
            break
        if not self.number:
            self.done = True
            raise first or BadRecord("the file holds no game")
        self._find_one()  # so that it is known from the start whether there is a second game
        if not self.done:
            self._thread = threading.Thread(target=self._rest, name="games of a file", daemon=True)
            self._thread.start()

    def _add(self, unit: detect.Unit) -> None:
        """Add a unit, even one that cannot be read, for which BadRecord is then raised."""
        number = len(self.units) + 1
        try:
            record = self._understand(unit)
        except BadRecord as fault:
            fault.line = fault.line or detect.line_of(unit, fault.ply or 0) or None
            self.summaries.append(Summary(number, fault=reason(fault)))
            self.units.append(unit)
            raise
        self.summaries.append(summary(record, number))
        self.units.append(unit)
        if number == 1:
            self._records[number] = record

    def _find_one(self) -> None:
        """Add the next unit, or record that none is left."""
        try:
            unit = next(self._units, None)
            self.done = unit is None
            if unit is not None:
                with suppress(BadRecord):
                    self._add(unit)
        except FAULTS:  # the games found so far stay
            self.done = True

    def _rest(self) -> None:
        try:
            while not (self.done or self._stop.is_set()):
                self._find_one()
        finally:
            self.done = True
            self._wake()

    def close(self) -> None:
        """Stop looking for more games."""
        self._stop.set()

    def wait(self) -> None:
        """Wait until all games are found."""
        if self._thread is not None:
            self._thread.join()

    def __len__(self) -> int:
        return len(self.units)

    @staticmethod
    def _understand(unit: detect.Unit) -> GameRecord:
        record = detect.understand(unit, False)
        if not (record.moves or record.start_fen or record.headers):
            raise BadRecord("the file holds no game", source=unit.source)
        return record

    def record(self, number: int) -> GameRecord:
        """Return a game; raises BadRecord."""
        return self._records.get(number) or self._understand(self.units[number - 1])

    def fault(self, number: int) -> Message | None:
        """Return why a game cannot be read, or None if it can."""
        return self.summaries[number - 1].fault

    # ------------------------------------------------------------------------------------------------ writing

    @property
    def can_be_written(self) -> bool:
        """Return whether the open game can be saved to the file it came from."""
        return self.path is not None and not is_archive(str(self.path)) and self.path.suffix.lower() in WRITTEN

    def put_back(self, record: GameRecord, notation: str) -> None:
        """Replace the open game in its file, leaving all others unchanged; raises FAULTS.

        BadRecord means that the file no longer contains the game as it was opened.
        """
        assert self.path is not None and self.can_be_written
        self.wait()
        content = encoded(record, self.path.suffix, notation)
        if len(self.units) == 1:
            write_bytes(self.path, content)
        else:
            write_bytes(self.path, self._with_replaced(content.decode("utf-8")))
        unit = replace(self.units[self.number - 1], content=_text(content) or content)
        self.units[self.number - 1] = unit
        self.summaries[self.number - 1] = summary(record, self.number)
        self._records = {self.number: record}

    def _with_replaced(self, new: str) -> bytes:
        """Return the file's bytes with one game's text replaced, keeping its encoding and line ends."""
        assert self.path is not None
        raw = self.path.read_bytes()
        text, encoding = decode(raw, pgn.legal_plies)
        if "\ufffd" in text:
            raise BadRecord("the file holds bytes that are not text: save under another name", source=self.path.name)
        end = "\r\n" if "\r\n" in text else "\n"
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        at = 0
        for unit in self.units[: self.number]:
            assert isinstance(unit.content, str)
            old = unit.content.strip("\n")
            start = text.find(old, at)
            if start < 0:
                raise BadRecord("the file was changed by another program", source=self.path.name)
            at = start + len(old)
        text = (text[:start] + new.strip("\n") + text[at:]).replace("\n", end)
        try:
            return text.encode(encoding)
        except UnicodeEncodeError:  # the old encoding lacks a character of a name or comment
            return text.encode("utf-8")


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return ""
