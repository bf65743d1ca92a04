"""The UCI and UCCI server: it reads lines and never blocks, while `worker` thinks on another thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO

from ...errors import XiangqiError
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.rulesets import DEFAULT
from ...version import __version__
from ..player import Player
from ..protocol import ucci, uci
from ..spec import Spec
from .options import Settings, changed, declared
from .worker import WORDS, Output, Thought, Worker

LONGEST_LINE = 1 << 20  # bytes; a game of 1,000 moves takes 5,000


class Server:
    """Answers one line after another; `write` gets each line of ours, from two threads but never at the same time.

    `make` builds a player from its spec when it is first needed.
    """

    def __init__(
        self,
        make: Callable[[Spec], Player],
        base: Spec,
        write: Callable[[str], Any],
        clock: Callable[[], float],
        protocol: str = "uci",
        ruleset: str = DEFAULT,
    ):
        self._protocol, self._clock = protocol, clock
        self._booted = protocol != "ucci"  # UCCI starts in a state that accepts only the command `ucci`
        self._started = self._settings = Settings(base, ruleset=ruleset)
        self._board = Board()
        self._banned: tuple[Move, ...] = ()  # UCCI's banmoves, until the next position
        self._pending: list[Thought] = []  # guarded by the output's lock, so that answers leave in this order
        self._output = Output(write, self._end_all)
        self._worker = Worker(make, self._output, clock, self._answered)

    @property
    def broken(self) -> bool:
        """Return whether the other program has stopped reading our output."""
        return self._output.broken

    def handle(self, line: str | None) -> bool:
        """Answer one line (None: one that is too long); False after `quit`, or when nobody reads the answers any
        more.
        """
        if line is None:
            self._say(f"a line of more than {LONGEST_LINE:,} bytes is not read")
            return not self.broken
        command, *words = line.replace("\ufeff", "").replace("\0", " ").split() or [""]
        if command == "quit" or self.broken:
            return False
        if command in ("startpos", "fen"):  # UCI-Cyclone leaves out `position`
            command, words = "position", [command, *words]
        handler = self._HANDLERS.get(command)
        if not self._booted and command not in ("", "uci", "ucci"):
            self._say("say ucci first")
        elif handler:
            try:
                handler(self, words)
            except XiangqiError as fault:
                self._say(fault)
        elif command:
            self._say(f"unknown command {command[:40]!r}")
        return True

    def close(self) -> None:
        """End all thinking, give every answer that is owed, and release the player."""
        with self._output.lock:
            self._end_all()
        self._worker.close()
        if self._protocol == "ucci":
            self._output.line("bye")

    def _say(self, text: object) -> None:
        self._output.say(self._protocol, text)

    # -------------------------------------------------------------------------------------------- setting up

    def _hello(self, protocol: str) -> None:
        self._protocol, self._booted = protocol, True
        write_option = uci.format_option if protocol == "uci" else ucci.format_option
        with self._output.lock:
            self._output.line(f"id name xiangqi-lm {__version__}")
            self._output.line("id author the xiangqi_lm maintainers")
            for option in declared(self._started.base, protocol, self._started.ruleset):
                self._output.line(write_option(option))
            self._output.line(WORDS[protocol].done)

    def _uci(self, words: list[str]) -> None:
        self._hello("uci")

    def _ucci(self, words: list[str]) -> None:
        self._hello("ucci")

    def _setoption(self, words: list[str]) -> None:
        grammar = uci.parse_setoption if self._protocol == "uci" else ucci.parse_setoption
        self._settings = changed(self._settings, self._protocol, *grammar(words))

    def _isready(self, words: list[str]) -> None:
        with self._output.lock:
            if self._pending:
                self._output.line("readyok")
            else:
                self._worker.get_ready(self._settings, self._protocol)

    def _position(self, words: list[str]) -> None:
        self._board = uci.parse_position(words, self._settings.ranks if self._protocol == "uci" else 0)
        self._banned = ()

    def _banmoves(self, words: list[str]) -> None:
        banned, remarks = uci.read_root_moves(words, self._board, 0)
        self._banned = tuple(banned)
        for remark in remarks:
            self._say(f"banmoves: {remark}")

    # -------------------------------------------------------------------------------------------- thinking

    def _go(self, words: list[str]) -> None:
        if self._protocol == "uci":
            go = uci.parse_go(words, self._board, self._settings.ranks)
        else:
            go = ucci.parse_go(words, 0.001 if self._settings.milliseconds else 1.0)
            if self._banned:
                among = tuple(move for move in self._board.legal_moves if move not in self._banned)
                go = replace(go, limit=replace(go.limit, root_moves=among))
        for remark in go.remarks:
            self._say(remark)
        thought = Thought(self._board.copy(), go, self._settings, self._protocol, self._clock())
        if not (go.ponder or go.limit.infinite):
            thought.release.set()
        with self._output.lock:
            if not self._settings.batch:
                self._end_all()  # finish whatever is still being thought about first
            self._pending.append(thought)
            if self.broken:
                thought.end()
            self._worker.think(thought)

    def _answered(self, thought: Thought, answer: str) -> None:
        with self._output.lock:
            self._pending.remove(thought)
            self._output.line(answer)

    def _end_all(self) -> None:
        for thought in self._pending:
            thought.end()

    def _stop(self, words: list[str]) -> None:
        with self._output.lock:
            if not self._pending and self._protocol == "ucci":
                self._output.line("nobestmove")
            self._end_all()

    def _ponderhit(self, words: list[str]) -> None:
        with self._output.lock:
            for thought in self._pending:
                if thought.ponders:  # an earlier one may still be waiting to be answered
                    thought.move_was_played(draw="draw" in words)
                    break

    def _probe(self, words: list[str]) -> None:
        self._output.line("pophash")  # nothing found: our tables cannot be probed

    def _nothing(self, words: list[str]) -> None:
        """Ignore a command that needs no answer."""

    _HANDLERS: dict[str, Callable[[Server, list[str]], None]] = {
        "uci": _uci,
        "ucci": _ucci,
        "setoption": _setoption,
        "isready": _isready,
        "ucinewgame": _nothing,
        "position": _position,
        "banmoves": _banmoves,
        "go": _go,
        "stop": _stop,
        "ponderhit": _ponderhit,
        "probe": _probe,
        "debug": _nothing,
        "register": _nothing,
    }


def read_lines(stream: BinaryIO) -> Iterator[str | None]:
    """Yield the lines of a stream as they come, whatever bytes they hold; None for one that is too long.

    A long line is not cut, because its first half may make sense: a game without its last moves.
    """
    while line := stream.readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE + 1)
        yield line.decode("utf-8", "replace") if len(line) <= LONGEST_LINE or line.endswith(b"\n") else None


def serve(
    make: Callable[[Spec], Player],
    base: Spec,
    lines: Iterable[str | None],
    write: Callable[[str], Any],
    clock: Callable[[], float],
    protocol: str = "uci",
    ruleset: str = DEFAULT,
) -> None:
    """Serve until `quit` or the end of the input; raises BrokenPipeError when nobody reads our output."""
    server = Server(make, base, write, clock, protocol, ruleset)
    try:
        for line in lines:
            if not server.handle(line):
                break
    finally:
        server.close()
    if server.broken:
        raise BrokenPipeError("nobody reads our output")
