"""The UCI protocol with ranks 0-9: its grammar as format/parse functions, and a server for any player."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from ..errors import EngineFailure, XiangqiError
from ..rules.board import Board
from ..rules.fen import START_FEN
from ..version import __version__
from .player import Choice, Limit, Player

# ------------------------------------------------------------------------------------------------ grammar


def parse_position(words: list[str]) -> Board:
    """`startpos [moves ...]` or `fen F [moves ...]` as a board; raises XiangqiError naming what is wrong."""
    if not words or words[0] not in ("startpos", "fen"):
        raise XiangqiError("position: expected startpos or fen")
    split = words.index("moves") if "moves" in words else len(words)
    board = Board(START_FEN if words[0] == "startpos" else " ".join(words[1:split]))
    for text in words[split + 1 :]:
        board.push_text(text)
    return board


def parse_go(words: list[str]) -> tuple[Limit, bool]:
    """The limit of a `go` line, and whether the answer has to wait for `stop`; unknown words are passed over."""
    numbers = {key: int(value) for key, value in pairwise(words) if re.fullmatch(r"-?\d{1,15}", value)}
    movetime = numbers["movetime"] / 1000 if "movetime" in numbers else None
    return Limit(numbers.get("nodes"), numbers.get("depth"), movetime), "infinite" in words or "ponder" in words


def centipawns(value: tuple[float, float, float]) -> int:
    """The score of (win, draw, loss) on the logistic Elo scale, 100 for a lead worth one pawn by convention."""
    win, draw, _ = value
    expected = min(max(win + draw / 2, 1e-4), 1 - 1e-4)
    return round(400 * math.log10(expected / (1 - expected)))


def format_info(choice: Choice, milliseconds: int) -> str:
    """One `info` line about a choice."""
    parts = ["info depth 1"]
    if choice.value is not None:
        win, draw, loss = (round(1000 * share) for share in choice.value)
        parts.append(f"score cp {centipawns(choice.value)} wdl {win} {draw} {loss}")
    pv = choice.lines[0] if choice.lines else (choice.move,)
    parts.append(f"nodes 1 time {milliseconds} pv {' '.join(move.iccs() for move in pv)}")
    return " ".join(parts)


# ------------------------------------------------------------------------------------------------ server


class Server:
    """Answers one line after another; `write` gets each answer line. `make` builds the player when first needed."""

    def __init__(self, make: Callable[[], Player], write: Callable[[str], Any], clock: Callable[[], float]):
        self._make, self._write, self._clock = make, write, clock
        self._player: Player | None = None
        self._settings: dict[str, float] = {}
        self._board = Board()
        self._held: str | None = None  # an answer that waits for `stop`

    def handle(self, line: str) -> bool:
        """Answer one line; False when it was `quit`. Raises what keeps the player from being built: no game then."""
        command, *words = line.split() or [""]
        if command == "quit":
            return False
        if handler := self._HANDLERS.get(command):
            if command in ("isready", "go"):
                self._ready()
            try:
                handler(self, words)
            except (XiangqiError, EngineFailure) as fault:
                self._write(f"info string {fault}")
        elif command:
            self._write(f"info string unknown command {command!r}")
        return True

    def _ready(self) -> Player:
        if self._player is None:
            self._player = self._make()
            self._apply()
        return self._player

    def _apply(self) -> None:
        for name, value in self._settings.items():
            if hasattr(self._player, name):
                setattr(self._player, name, value)

    def _uci(self, words: list[str]) -> None:
        self._write(f"id name xiangqi-lm {__version__}")
        self._write("id author the xiangqi_lm maintainers")
        self._write("option name Temperature type spin default 50 min 0 max 500")
        self._write("option name TopP type spin default 90 min 1 max 100")
        self._write("option name UCI_Variant type combo default xiangqi var xiangqi")
        self._write("uciok")

    def _setoption(self, words: list[str]) -> None:
        found = re.fullmatch(r"name (.+?)(?: value (.*))?", " ".join(words))
        if not found:
            raise XiangqiError("setoption: expected name <name> value <value>")
        name, value = found[1].lower(), found[2] or ""
        percent = {"temperature": ("temperature", 0, 500), "topp": ("top_p", 1, 100)}
        if name == "uci_variant":
            if value != "xiangqi":
                raise XiangqiError(f"setoption: the variant is xiangqi, not {value!r}")
        elif name not in percent:
            raise XiangqiError(f"setoption: no option {found[1]!r}")
        else:
            attribute, least, most = percent[name]
            if not re.fullmatch(r"\d+", value) or not least <= int(value) <= most:
                raise XiangqiError(f"setoption {found[1]}: {value!r} is not between {least} and {most} per cent")
            self._settings[attribute] = int(value) / 100
            self._apply()

    def _isready(self, words: list[str]) -> None:
        self._ready()
        self._write("readyok")

    def _position(self, words: list[str]) -> None:
        self._board = parse_position(words)

    def _go(self, words: list[str]) -> None:
        limit, waits = parse_go(words)
        if not self._board.legal_moves:
            answer = "info depth 0 score mate 0\nbestmove (none)"
        else:
            started = self._clock()
            choice = self._ready().choose(self._board, limit)
            spent = round(1000 * (self._clock() - started))
            answer = f"{format_info(choice, spent)}\nbestmove {choice.move.iccs()}"
        self._stop([])  # a search that still waits for `stop` ends here: every go gets its answer
        if waits:
            self._held = answer
        else:
            self._answer(answer)

    def _answer(self, text: str) -> None:
        for line in text.split("\n"):
            self._write(line)

    def _stop(self, words: list[str]) -> None:
        if self._held is not None:
            self._answer(self._held)
            self._held = None

    def _nothing(self, words: list[str]) -> None:
        """Commands that need no answer."""

    _HANDLERS: dict[str, Callable[[Server, list[str]], None]] = {
        "uci": _uci,
        "setoption": _setoption,
        "isready": _isready,
        "ucinewgame": _nothing,
        "position": _position,
        "go": _go,
        "stop": _stop,
        "ponderhit": _stop,
        "debug": _nothing,
    }

    def close(self) -> None:
        if self._player is not None:
            self._player.close()


def serve(
    make: Callable[[], Player], lines: Iterable[str], write: Callable[[str], Any], clock: Callable[[], float]
) -> None:
    """Serve until `quit` or the end of the input."""
    server = Server(make, write, clock)
    try:
        for line in lines:
            if not server.handle(line):
                break
    finally:
        server.close()
