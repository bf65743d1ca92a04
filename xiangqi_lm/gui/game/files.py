"""Games in files: all games of a file of any format, one of which is open; saved in the format of the suffix."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import BadRecord
from ...files import write_bytes
from ...records.formats import detect, dhtmlxq, pgn, xqf
from ...records.formats.companions import Companions
from ...records.formats.sources import Blob, blobs, is_archive
from ...records.formats.text import decode
from ...records.game import GameRecord, Line
from ...rules.fen import START_FEN
from .faults import reason
from .texts import Message, message, shown

FAULTS = (OSError, ValueError, RuntimeError)  # of paths: too long, forbidden, NUL, invalid UTF-8, ~ of an unknown user
PARENT = "../"
SUFFIXES = (  # suffixes of the files that a dialog shows
    ".pgn", ".pgns", ".xqf", ".cbr", ".cbl", ".cbf", ".ubb", ".dhtmlxq", ".jsonl", ".csv", ".txt", ".wxf", ".dpxq",
    ".pfc", ".htm", ".html", ".zip",
)  # fmt: skip
WRITTEN = (".pgn", ".xqf", ".ubb", ".dhtmlxq", ".txt")


# ------------------------------------------------------------------------------------------------ folders and paths


def is_folder(path: Path) -> bool:
    """Return whether a path is a readable folder; never raises."""
    try:
        return path.is_dir()
    except FAULTS:
        return False


def usable(folder: str) -> Path:
    """Return the folder if it exists, else the user's home, else the root."""
    for find in (lambda: Path(folder).expanduser() if folder else Path.home(), Path.home):
        try:
            place = find()
        except FAULTS:
            continue
        if is_folder(place):
            return place
    return Path(os.path.abspath(os.sep))


def listing(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> dict[str, Path]:
    """Return the entries to choose from by displayed name: the parent, files with these suffixes, folders with a slash.

    Names that look the same because they are not UTF-8 are numbered. Raises FAULTS.
    """
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    games = [path for path in inside if path.suffix.lower() in suffixes and not is_folder(path)]
    out = {PARENT: folder / ".."}
    for paths, end in ((games, ""), ([path for path in inside if is_folder(path)], "/")):
        for path in paths:
            name, number = shown(path.name) + end, 1
            while name in out:
                number += 1
                name = f"{shown(path.name)} ({number}){end}"
            out[name] = path
    return out


def written(folder: Path, name: str = "") -> str:
    """Return the text of a name's path in a folder; the folder itself ends in a separator."""
    return shown(os.path.join(folder, name))


def typed(text: str, folder: Path, entries: Mapping[str, Path]) -> Path:
    """Return the path for a text typed in `folder`, whose `entries` are given by displayed name; raises FAULTS."""
    text, prefix = text.strip(), written(folder)
    if text.startswith(prefix):
        name = text[len(prefix) :].lstrip(os.sep)
        return entries.get(name) or folder / name
    return Path(text).expanduser()


# ------------------------------------------------------------------------------------------------ the games of a file


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

    def fits(self, words: str) -> bool:
        """Return whether all words of a search occur in the summary."""
        text = f"{self.red} {self.black} {self.event} {self.date} {self.result}".lower()
        return all(word in text for word in words.lower().split())


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
        """Add a unit; raises BadRecord if it cannot be read, but adds it as well."""
        number = len(self.units) + 1
        try:
            record = self._understand(unit)
        except BadRecord as fault:
            self.summaries.append(Summary(number, fault=_placed(unit, fault)))
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


def _placed(unit: detect.Unit, fault: BadRecord) -> Message:
    """Return why a game cannot be read, with the line of the fault."""
    why = reason(fault)
    line = fault.line or detect.line_of(unit, fault.ply or 0)
    return message("fault_at_line", line=line, reason=why) if line else why


# ------------------------------------------------------------------------------------------------ formats


def encoded(record: GameRecord, suffix: str, notation: str) -> bytes:
    """Return a record as the content of a file with that suffix; raises BadRecord for an unsupported suffix."""
    suffix = suffix.lower()
    if suffix not in WRITTEN:
        raise BadRecord(f"files that end in {suffix!r} cannot be written; known are {', '.join(WRITTEN)}")
    if suffix == ".xqf":
        return xqf.write_game(record)
    if suffix in (".ubb", ".dhtmlxq"):
        return dhtmlxq.write_game(record).encode("utf-8")
    if suffix == ".txt":
        return move_text(record, "iccs" if record.start_fen else notation).encode("utf-8")
    return pgn.write_game(record, notation).encode("utf-8")


def move_text(record: GameRecord, notation: str) -> str:
    """Return the main line as numbered moves, one pair per line, after the FEN of a set-up position."""
    board = record.start()
    lines = [f'[FEN "{record.start_fen}"]\n'] if record.start_fen else []
    number, pair = board.fullmove, []
    if board.turn < 0:
        pair.append("…")
    for move in record.moves:
        pair.append(board.write(move, notation))
        board.push_unchecked(move)
        if len(pair) == 2:
            lines.append(f"{number}. {'  '.join(pair)}")
            number, pair = number + 1, []
    if pair:
        lines.append(f"{number}. {pair[0]}")
    return "\n".join(lines) + "\n"


def losses(record: GameRecord, suffix: str, notation: str) -> tuple[str, ...]:
    """Return what a file with that suffix would lose of a record: variations, comments, marks, headers or the result.

    It is found by reading back what would be written.
    """
    content = encoded(record, suffix, notation)
    try:
        blob = Blob("x" + suffix, content)
        again = next(iter(detect.split(blob, detect.form_of(blob, True) or "text", Companions())))
        back = detect.understand(again, False)
    except (BadRecord, StopIteration):  # a game without moves, which some formats cannot represent
        back = GameRecord()
    lost = []
    for name, part in (("variations", shape_of), ("comments", comments_of), ("marks", _marks)):
        if part(record.line) != part(back.line):
            lost.append(name)
    if any(" ".join(back.headers.get(name, "").split()) != " ".join(value.split()) for name, value in kept(record)):
        lost.append("headers")
    if back.result != record.result:
        lost.append("result")
    return tuple(lost)


def kept(record: GameRecord) -> list[tuple[str, str]]:
    """Return the headers that the user would miss."""
    passing = ("Game", "Termination", "Format", "Opening", "Variation", "ECCO", "TimeControl", "Round")
    return [(name, v) for name, v in record.headers.items() if name not in passing and v.strip("? ")]


def shape_of(line: Line) -> tuple:
    """Return the moves of a tree for comparison."""
    return line.moves, {n: tuple(map(shape_of, below)) for n, below in line.variations.items()}


def comments_of(line: Line) -> tuple:
    """Return the comments of a tree, joining those before and after a variation's first move."""
    words = [(max(n, 1) if n < 2 else n, " ".join(text.split())) for n, text in sorted(line.comments.items())]
    joined: dict[int, str] = {}
    for n, text in words:
        joined[n] = f"{joined[n]} {text}" if n in joined else text
    below = {n: tuple(map(comments_of, lines)) for n, lines in line.variations.items()}
    return tuple(joined.items()), {n: c for n, c in below.items() if any(map(_any, c))}


def _any(comments: tuple) -> bool:
    return bool(comments[0] or comments[1])


def _marks(line: Line) -> tuple:
    below = {n: tuple(map(_marks, lines)) for n, lines in line.variations.items()}
    return line.nags, {n: m for n, m in below.items() if any(map(_any, m))}


# ------------------------------------------------------------------------------------------------ pasted texts

_UNSEEN = dict.fromkeys(map(ord, "\ufeff\u200b\u200c\u200d\u2060\u00ad"))
_FEN = re.compile(r"((?:[1-9A-Za-z]{1,9}/){9}[1-9A-Za-z]{1,9})((?:[ _\t]+(?:\[\]|[^\s_]+)){0,6})")
_POSITION = re.compile(r"(?:position\s+)?(?:startpos|fen\s+(?P<fen>.+?))(?:\s+moves\s+(?P<moves>.+))?", re.I | re.S)


def fen_in(text: str) -> str | None:
    """Return the FEN in a text that is only a position, in the form `Board` accepts; None for any other text.

    Accepted are `fen …`, `position fen …`, a FEN in quotes or a tag, `[]` after the placement, underscores for spaces,
    and a placement alone, with Red to move.
    """
    clean = text.translate(_UNSEEN).strip().strip("`\"'").replace("[]", " ")
    found = re.fullmatch(r"(?:position\s+)?(?:fen\s*[:=]?\s*)?(.+)", clean, re.I | re.S)
    clean = found[1].strip() if found else clean
    tag = re.fullmatch(r'\[\s*FEN\s+"([^"]*)"\s*\]', clean, re.I)
    whole = _FEN.fullmatch(tag[1].strip() if tag else clean)
    if not whole:
        return None
    rest = re.split(r"[\s_]+", whole[2].strip(" _\t"))
    rest = [word for word in rest if word]
    turn = rest[0].lower() if rest else "w"
    return " ".join([whole[1], {"r": "w"}.get(turn, turn), *rest[1:]])


def document_in(text: str) -> Document:
    """Return the games of a pasted text: `position …`, moves in any notation, PGN, DhtmlXQ; raises BadRecord."""
    clean = text.translate(_UNSEEN).strip()
    found = _POSITION.fullmatch(clean)
    if found and found["moves"]:
        head = f'[FEN "{fen_in(found["fen"]) or found["fen"]}"]\n\n' if found["fen"] else ""
        clean = head + " ".join(found["moves"].split()) + " *"
    elif found:
        clean = f'[FEN "{START_FEN}"]\n\n*'
    return Document.of_text(clean)
