"""The window's access to the library: queries run on a separate thread, files are added in a separate process."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from ...errors import XiangqiError
from ...library.library import Library, PlayedMove, Summary
from ...library.query import Query
from ...records.game import GameRecord
from ...rules.board import Board
from .faults import reason
from .texts import Message

GAMES = 100  # most games listed for a position
FOUND = 200  # most games found by a search
FIELDS = ("any", "player", "event", "opening", "text")  # fields of a search
_REPLACED = ("explore", "search")  # queries of which only the latest matters


@dataclass(frozen=True)
class Explored:
    """A library's data on a position; None instead means that there is no library."""

    moves: tuple[PlayedMove, ...]
    games: tuple[Summary, ...]


@dataclass(frozen=True)
class Reply:
    """The answer to a `question` of some `purpose`: its value, or why it failed."""

    purpose: str
    question: Any
    value: Any = None
    fault: BaseException | None = None


@dataclass(frozen=True)
class _Job:
    purpose: str
    question: Any
    path: Path
    work: Callable[[Library], Any]
    create: bool
    serial: int


def queries(field: str, text: str) -> list[Query]:
    """Return the queries of a search, each of which finds some of the games.

    Words like 1999 or 1990-2000 are years; names of players are separated by commas.
    """
    words, years = [], None
    for word in text.split():
        first, _, last = word.partition("-")
        if len(first) == 4 and first.isdecimal() and (not last or (len(last) == 4 and last.isdecimal())):
            years = (int(first), int(last or first))
        else:
            words.append(word)
    rest = " ".join(words)
    names = tuple(name.strip() for name in rest.replace("，", ",").replace("、", ",").split(",") if name.strip())
    if not rest:
        return [Query(years=years)] if years else []
    kinds = {
        "player": Query(players=names, years=years),
        "event": Query(event=rest, years=years),
        "opening": Query(opening=rest, years=years),
        "text": Query(comment=rest, years=years),
    }
    return list(kinds.values()) if field == "any" else [kinds[field]]


class Librarian:
    """Queries libraries without blocking: `poll` returns the replies, and `wake` is called when there is one."""

    def __init__(self, wake: Callable[[], None] = lambda: None):
        self._wake = wake
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._library: Library | None = None
        self._latest: dict[str, int] = {}
        self._at_work = ""  # the purpose of the running query
        self._lock = threading.Lock()
        self._process: Any = None

    # ------------------------------------------------------------------------------------------------ questions

    def explore(self, path: Path, board: Board, question: Any) -> None:
        """Request the moves and games of a position; the reply is an `Explored`, or None if there is no library."""
        board = board.copy()

        def work(library: Library) -> Explored:
            return Explored(tuple(library.explore(board)), tuple(library.games_at(board, GAMES)))

        self._ask("explore", question, path, work)

    def search(self, path: Path, field: str, text: str) -> None:
        """Request the games that a search finds; the reply is a list of `Summary`, latest first."""

        def work(library: Library) -> list[Summary]:
            found = {game.id: game for query in queries(field, text) for game in library.search(query, FOUND)}
            return sorted(found.values(), key=lambda game: (game.date[:4], game.date, game.id), reverse=True)[:FOUND]

        self._ask("search", (field, text), path, work)

    def game(self, path: Path, number: int, ply: int) -> None:
        """Request a game; the reply is a `GameRecord`, its question the number and the ply."""
        self._ask("game", (number, ply), path, lambda library: library.game(number))

    def add(self, path: Path, record: GameRecord) -> None:
        """Add a game to a library, creating it if necessary; the reply is an `Added`."""
        self._ask("add", record, path, lambda library: library.add_records([record]), create=True)

    def _ask(
        self, purpose: str, question: Any, path: Path, work: Callable[[Library], Any], create: bool = False
    ) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="library", daemon=True)
            self._thread.start()
        self._latest[purpose] = self._latest.get(purpose, 0) + 1
        with self._lock:  # else the next query could be the one interrupted
            if purpose in _REPLACED and self._at_work == purpose and self._library is not None:
                self._library.interrupt()
        self._jobs.put(_Job(purpose, question, path, work, create, self._latest[purpose]))

    def poll(self) -> list[Reply]:
        """Return the replies since the last call."""
        out = []
        with suppress(queue.Empty):
            while True:
                out.append(self._replies.get_nowait())
        return out

    def close(self) -> None:
        """Stop the thread and the process that adds files; games added so far stay."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread = None
        if self._process is not None:
            self._process.terminate()
            self._process = None

    # ------------------------------------------------------------------------------------------------ the thread

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            if self._stale(job):
                continue
            self._set_at_work(job.purpose)
            try:
                reply = Reply(job.purpose, job.question, self._work(job))
            except XiangqiError as fault:
                reply = Reply(job.purpose, job.question, fault=fault)
            except OSError as fault:  # the folder of a new library cannot be created
                reply = Reply(job.purpose, job.question, fault=fault)
            self._set_at_work("")
            if not self._stale(job):
                self._replies.put(reply)
                self._wake()
        self._let_go()

    def _set_at_work(self, purpose: str) -> None:
        with self._lock:
            self._at_work = purpose

    def _stale(self, job: _Job) -> bool:
        return job.purpose in _REPLACED and job.serial != self._latest[job.purpose]

    def _work(self, job: _Job) -> Any:
        """Return the result of a job, None if there is no library."""
        if self._library is None or self._library.path != job.path or not job.path.exists():
            self._let_go()
            if not job.create and not job.path.exists():
                return None
            self._library = Library(job.path, create=job.create)
        return job.work(self._library)

    def _let_go(self) -> None:
        if self._library is not None:
            self._library.close()
            self._library = None

    # ------------------------------------------------------------------------------------------------ files

    @property
    def adding(self) -> bool:
        """Return whether files are being added."""
        return self._process is not None and self._process.is_alive()

    def add_files(self, path: Path, files: list[Path]) -> None:
        """Add files or folders; replies with the purpose "files" report progress, and the last one's question is True.

        A process does the work, as reading records on a thread would make the window stutter.
        """
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=False)
        self._process = context.Process(target=_add_files, args=(path, files, theirs), daemon=True)
        self._process.start()
        theirs.close()
        threading.Thread(target=self._listen, args=(ours,), name="adds to the library", daemon=True).start()

    def _listen(self, pipe: Connection) -> None:
        ended = False
        with suppress(EOFError, OSError):
            while not ended:
                ended, value, fault = pipe.recv()
                self._replies.put(Reply("files", ended, value, fault))
                self._wake()
        if not ended:  # the process was killed
            fault = XiangqiError("adding was stopped", code="library.interrupted")
            self._replies.put(Reply("files", True, fault=fault))
            self._wake()


def _add_files(path: Path, files: list[Path], pipe: Connection) -> None:
    """Send (whether it is finished, (new, copies and known, refused), fault) after every batch and at the end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window ends this process
    if hasattr(os, "nice"):
        os.nice(5)  # the window and its players have priority
    counts = (0, 0, 0)

    def report(added: Any) -> None:
        nonlocal counts
        counts = (added.games, added.copies + added.known, len(added.refusals))
        pipe.send((False, counts, None))

    try:
        with Library(path, create=True) as library:
            report(library.add(files, 1, report))
        pipe.send((True, counts, None))
    except (XiangqiError, OSError) as fault:
        pipe.send((True, counts, fault))


def why(fault: BaseException) -> Message:
    """Return the message for a fault of a library, in both languages."""
    code = fault.code if isinstance(fault, XiangqiError) else ""
    return Message(code.replace(".", "_")) if code.startswith("library.") else reason(fault)
