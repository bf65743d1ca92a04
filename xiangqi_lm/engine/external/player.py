"""Another program as a player: a child process that speaks UCI or UCCI, with a deadline on every answer."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from ...errors import BadConfig, EngineFailure, InvalidMove, XiangqiError, nearest
from ...rules.board import Board
from ...rules.moves import Move
from ..player import Choice, Info, Limit, Player, choosable
from ..protocol import ucci, uci
from .collector import InfoCollector
from .process import Child

TIMEOUT = 60.0  # seconds allowed beyond the thinking time
USUAL = Limit(movetime=1.0)  # when neither the caller nor the player sets a limit
NO_MOVE = ("(none)", "none", "null", "0000")  # what engines write in place of a move
POLL = 0.02  # seconds between two checks of `Limit.stop`


class ExternalPlayer(Player):
    """An engine at the other end of a pipe; it starts at once and, after a failure, again at the next choice.

    `limit` applies when the one given to `choose` sets none; `options` are matched by name, in any case. `ranks` says
    whether the engine counts ranks from 0 or from 1. None finds out by one search of depth 1 from the start position,
    where no move in one notation is legal in the other. UCCI counts from 0.

    Raises EngineFailure with the engine's name and the reason whenever the engine misbehaves; its process has then been
    ended. Raises BadConfig for an option that it lacks or a value that it does not accept. One thread at a time.
    """

    def __init__(
        self,
        command: Sequence[str],
        protocol: str = "uci",
        options: Mapping[str, str] | None = None,
        limit: Limit | None = None,
        ranks: int | None = None,
        timeout: float = TIMEOUT,
        name: str = "",
    ):
        if protocol not in ("uci", "ucci"):
            raise BadConfig(f"unknown protocol {protocol!r}; expected uci or ucci")
        self.name = name or f"{protocol}:{' '.join(command)}"
        self._command, self._protocol, self._options = tuple(command), protocol, dict(options or {})
        self._own_limit, self.timeout = limit or USUAL, timeout
        self._ranks = 0 if ranks is None and protocol == "ucci" else ranks
        self.child: Child | None = None
        self._release: Callable[[], object] = lambda: None
        self._lock_step = True  # it answers `isready`, so that we know no old output is on its way
        self._unit = 1.0  # UCCI's unit of time, in seconds
        self._declared: dict[str, uci.Option] = {}
        self._lines = 1
        self._threads = 0  # 0: as many as the engine takes
        self._seen: Board | None = None
        self._message = ""  # the last text message that it sent while thinking
        self._guarded(self._start)

    # -------------------------------------------------------------------------------------------- choosing

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        limit = self._completed(limit or Limit())
        if limit.root_moves is not None:
            limit = replace(limit, root_moves=tuple(choosable(board, limit.root_moves)))
        return self._guarded(lambda: self._choose(board, limit))

    def use_threads(self, count: int) -> None:
        """Set the engine's option Threads, if it has one and the player's own options leave it open."""
        changed, self._threads = count != self._threads, count
        if changed and self.child is not None:
            self._set_threads()

    def close(self) -> None:
        """End the process; the next `choose` would start a new one."""
        self._drop("quit")

    def _completed(self, limit: Limit) -> Limit:
        named = (limit.nodes, limit.depth, limit.movetime, limit.clock)
        if limit.infinite or any(value is not None for value in named):
            return limit
        own = self._own_limit
        return replace(limit, nodes=own.nodes, depth=own.depth, movetime=own.movetime, clock=own.clock)

    def _guarded(self, do: Callable[[], Choice | None]) -> Choice:
        """Run a dialogue with the engine; after any failure, end the process, as it may be out of step with us."""
        try:
            return do()  # type: ignore[return-value]  # the start gives nothing, and nobody looks at it
        except EngineFailure as fault:
            words = self.child.complaints() if self.child else ""
            self._drop()
            said = f" (it says: {words[-400:]})" if words else ""
            raise EngineFailure(f"{self.name}: {fault}{said}") from None
        except BaseException:
            self._drop()
            raise

    def _drop(self, farewell: str = "") -> None:
        if self.child is not None:
            self.child.end(farewell)
            self._release()
            self.child = None

    def _choose(self, board: Board, limit: Limit) -> Choice:
        if self.child is None:
            self._start()
        self._new_game_or_not(board)
        self._show_lines(limit.multipv)
        self._send(
            uci.format_position(board, self._ranks or 0) if self._protocol == "uci" else ucci.format_position(board)
        )
        if self._protocol == "ucci" and limit.root_moves is not None:
            banned = [move.iccs() for move in board.legal_moves if move not in limit.root_moves]
            if banned:
                self._send("banmoves " + " ".join(banned))
        self._get_in_step()
        move, info, words = self._think(board, limit)
        if not board.is_legal(move):
            raise EngineFailure(f"it played the illegal move {move.iccs()} in {board.fen()}")
        if limit.root_moves is not None and move not in limit.root_moves:
            raise EngineFailure(f"it played {move.iccs()}, which was not among the moves to choose from")
        score = next((line.score for line in info.variations if line.moves[0] is move), None)
        lines = tuple(line.moves for line in info.variations) or ((move,),)
        return Choice(move, (), score, lines, info, "resign" in words, "offers" if "draw" in words else "")

    # -------------------------------------------------------------------------------------------- starting

    def _start(self) -> None:
        self.child = Child(self._command)
        self._release = weakref.finalize(self, self.child.end, "quit").detach
        self._lines, self._seen, self._declared = 1, None, {}
        self._send(self._protocol)
        for line in self._until(f"{self._protocol}ok", self.timeout):
            if option := uci.parse_option(line):
                self._declared[_key(option.name)] = option
        self._set_options()
        if self._protocol == "ucci":
            self._lock_step = self._answers_isready()
        self._get_in_step()
        if self._ranks is None:
            self._ranks = self._find_ranks()

    def _set_options(self) -> None:
        wanted = {_key(name): value for name, value in self._options.items()}
        variant = self._declared.get("uci variant")
        if variant is not None and "xiangqi" in variant.choices:
            wanted.setdefault("uci variant", "xiangqi")  # engines of several games default to another one
        if "usemillisec" in self._declared:
            wanted["usemillisec"] = "true"
        # Fairy-Stockfish, which has variants, takes UCCI's times in milliseconds regardless
        self._unit = 0.001 if "usemillisec" in self._declared or variant is not None else 1.0
        for key, value in wanted.items():
            if key not in self._declared:
                self._drop("quit")
                raise BadConfig(f"{self.name}: unknown option {key!r} of the engine{nearest(key, self._declared)}")
            option = self._declared[key]
            try:  # engines silently ignore a bad value, or crash on it
                value = option.parse(option.name, value) if option.type in ("check", "spin", "combo") else value
            except XiangqiError as fault:
                self._drop("quit")
                raise BadConfig(f"{self.name}: {fault}") from None
            self._set(option.name, value)
        if self._threads:
            self._set_threads()

    def _set_threads(self) -> None:
        option = self._declared.get("threads")
        if option is not None and option.type == "spin" and "threads" not in map(_key, self._options):
            most = self._threads if option.most is None else min(self._threads, option.most)
            self._set(option.name, str(most or option.default or 1))

    def _set(self, name: str, value: str) -> None:
        write = uci.format_setoption if self._protocol == "uci" else ucci.format_setoption
        self._send(write(name, value))

    def _answers_isready(self) -> bool:
        """Return whether a UCCI engine answers `isready`; the smallest do not."""
        self._send("isready")
        deadline = time.monotonic() + min(self.timeout, 2.0)
        while (left := deadline - time.monotonic()) > 0:
            if self._read(left) == "readyok":
                return True
        return False

    def _find_ranks(self) -> int:
        """Return 0 or 1 by the engine's move at the start position, where the two notations share no legal move."""
        board = Board()
        self._send("position startpos")
        self._send("go depth 1")
        answer = self._await_bestmove(time.monotonic() + self.timeout, give_up_early=5.0)
        if not answer or answer[0] in NO_MOVE:
            raise EngineFailure(f"it gave no move at the start position{self._its_message()}")
        for ranks in (0, 1):
            with suppress(InvalidMove):
                if board.is_legal(uci.read_move(answer[0], ranks)):
                    return ranks
        raise EngineFailure(f"it does not play xiangqi: its first move is {' '.join(answer)[:40]!r}")

    # -------------------------------------------------------------------------------------------- talking

    def _send(self, line: str) -> None:
        assert self.child is not None
        self.child.send(line)

    def _read(self, seconds: float) -> str | None:
        assert self.child is not None
        return self.child.read(seconds)

    def _until(self, last: str, seconds: float) -> list[str]:
        """Return the lines that come before the line `last`; raises EngineFailure when it does not come in time."""
        lines: list[str] = []
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            line = self._read(left)
            if line == last:
                return lines
            if line is not None and len(lines) < 2000:
                lines.append(line)
        said = f"; its last line was {lines[-1][:80]!r}" if lines else ""
        raise EngineFailure(f"no {last!r} within {seconds:g} s{said}")

    def _get_in_step(self) -> None:
        """Wait until the engine has processed everything sent, and discard its earlier output."""
        if self._lock_step:
            self._send("isready")
            self._until("readyok", self.timeout)
        while not self._lock_step and self._read(0.0) is not None:  # discards at least what has already arrived
            pass

    def _new_game_or_not(self, board: Board) -> None:
        """Announce a new game when a board does not continue the previous one, so that games do not affect each
        other.
        """
        seen, self._seen = self._seen, board.copy()
        if seen is not None and seen.start_fen == board.start_fen:
            before = seen.move_stack
            if board.move_stack[: len(before)] == before:
                return
        if self._protocol == "uci":
            self._send("ucinewgame")
        elif "newgame" in self._declared:
            self._send("setoption newgame")

    def _show_lines(self, lines: int) -> None:
        if lines != self._lines and "multipv" in self._declared:
            self._set(self._declared["multipv"].name, str(lines))
            self._lines = lines

    # -------------------------------------------------------------------------------------------- thinking

    def _think(self, board: Board, limit: Limit) -> tuple[Move, Info, list[str]]:
        """Return the move, the information that led to it, and the words after it."""
        begun = time.monotonic()
        if self._protocol == "uci":
            self._send(uci.format_go(limit, board.turn, self._ranks or 0))
        else:
            self._send(ucci.format_go(limit, self._unit))
        listening = InfoCollector(board, self._read_info, replace(limit, multipv=self._lines), begun)
        allowed = limit.movetime if limit.movetime is not None else limit.clock.mine if limit.clock else 0.0
        deadline = None if limit.infinite else begun + allowed + self.timeout
        answer = self._await_bestmove(deadline, limit, listening.hear)
        if not answer or answer[0] in NO_MOVE:
            raise EngineFailure(f"it gave no move in {board.fen()}{self._its_message()}")
        try:
            move = uci.read_move(answer[0], self._ranks or 0)
        except InvalidMove as fault:
            raise EngineFailure(f"it answered {' '.join(answer)[:80]!r} in {board.fen()}: {fault}") from None
        return move, listening.info(), answer[1:]

    def _read_info(self, line: str, board: Board) -> uci.ParsedInfo | None:
        if self._protocol == "ucci":
            return ucci.parse_info(line, board)
        return uci.parse_info(line, board, self._ranks or 0)

    def _await_bestmove(
        self,
        deadline: float | None,
        limit: Limit | None = None,
        hear: Callable[[str], None] = lambda line: None,
        give_up_early: float | None = None,
    ) -> list[str]:
        """Return the words after `bestmove`, none after `nobestmove`; sends `stop` when the limit or `stop` asks for
        it.
        """
        stop = limit.stop if limit is not None else None
        begun, stopped, last = time.monotonic(), False, ""
        self._message = ""
        while True:
            now = time.monotonic()
            wanted = (stop is not None and stop.is_set()) or (give_up_early is not None and now > begun + give_up_early)
            if wanted and not stopped:
                self._send("stop")
                stopped, deadline = True, now + self.timeout
            if deadline is not None and now > deadline:
                said = f"; its last line was {last[:80]!r}" if last else ""
                raise EngineFailure(f"no move within {deadline - begun:.1f} s{said}")
            wait = POLL if (stop is not None or give_up_early is not None) and not stopped else 60.0
            line = self._read(wait if deadline is None else min(wait, deadline - now))
            if line is None:
                continue
            last = line
            word, *rest = line.split() or [""]
            if word == "bestmove":
                return rest
            if word == "nobestmove":
                return []
            if word == "info":
                if rest[:1] in (["string"], ["message"]):
                    self._message = " ".join(rest[1:])
                hear(line)

    def _its_message(self) -> str:
        """Return the engine's last message as the reason, if it sent one."""
        return f"; it says {self._message[:200]!r}" if self._message else ""


def _key(name: str) -> str:
    """Return an option's name in the form used for comparison: lower case, with UCCI's underscores as spaces."""
    return name.lower().replace("_", " ")
