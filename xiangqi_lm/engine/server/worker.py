"""The thinking half of our engine: one thread that builds players and answers every `go` exactly once.

A fault of a player becomes a message, and the best move that it had reported becomes the answer.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...errors import EngineFailure
from ...rules import jit
from ...rules.board import Board
from ...rules.compiling import watched
from ..manners import Temper
from ..player import Choice, Info, Limit, Player, PrincipalVariation
from ..protocol import ucci, uci
from ..protocol.uci import Go
from ..spec import Spec
from ..timing import share
from .options import Settings

LONGEST_MESSAGE = 400  # characters of a message, so that a hostile line is not echoed whole


@dataclass(frozen=True)
class Words:
    """The words in which the two protocols differ."""

    done: str
    message: str
    no_move: str


WORDS = {
    "uci": Words("uciok", "info string", "bestmove (none)"),
    "ucci": Words("ucciok", "info message", "nobestmove"),
}


def one_line(text: object) -> str:
    """Return a text made fit to be sent on one line."""
    words = " ".join(str(text).split()) or type(text).__name__
    return "".join(c if c.isprintable() else "?" for c in words[:LONGEST_MESSAGE])


class Output:
    """Lines sent to the other program, whole and one at a time, from any thread; dropped once it is gone."""

    def __init__(self, write: Callable[[str], Any], gone: Callable[[], None]):
        self.lock = threading.RLock()
        self.broken = False
        self._write, self._gone = write, gone

    def line(self, text: str) -> None:
        with self.lock:
            if not self.broken:
                try:
                    self._write(text)
                except (OSError, ValueError):  # a broken or a closed pipe
                    self.broken = True
                    self._gone()

    def say(self, protocol: str, text: object) -> None:
        """Send a message meant for people."""
        self.line(f"{WORDS[protocol].message} {one_line(text)}")


@dataclass(eq=False)
class Thought:
    """One `go`: what to think about, how to end it, and what has been found so far."""

    board: Board
    go: Go
    settings: Settings
    protocol: str
    begun: float  # when the `go` came
    stop: threading.Event = field(default_factory=threading.Event)  # ends the thinking
    release: threading.Event = field(default_factory=threading.Event)  # allows the answer to be sent
    best: Info | None = None

    @property
    def ranks(self) -> int:
        return self.settings.ranks if self.protocol == "uci" else 0

    def end(self) -> None:
        self.stop.set()
        self.release.set()

    @property
    def ponders(self) -> bool:
        """Return whether the opponent's move that it waits for has not been played yet."""
        return self.go.ponder and not self.go.limit.infinite and not self.release.is_set()

    def move_was_played(self, draw: bool = False) -> None:
        """End pondering: from now on it is an ordinary search, and its time begins."""
        limit = self.go.limit
        self.go = replace(self.go, draw=self.go.draw or draw)
        seconds = limit.movetime if limit.movetime is not None else share(limit.clock) if limit.clock else None
        if seconds is not None:
            timer = threading.Timer(max(0.0, seconds - self.settings.overhead), self.stop.set)
            timer.daemon = True
            timer.start()
        elif limit.nodes is None and limit.depth is None:
            self.stop.set()
        self.release.set()


class Worker:
    """The thinking thread; it calls `answered` with every thought and the line that answers it."""

    def __init__(
        self,
        make: Callable[[Spec], Player],
        output: Output,
        clock: Callable[[], float],
        answered: Callable[[Thought, str], None],
    ):
        self._make, self._output, self._clock, self._answered = make, output, clock, answered
        self._player: Player | None = None
        self._temper = Temper()
        self._spec: Spec | None = None  # what the player was built from, or failed to be
        self._tasks: queue.SimpleQueue[Thought | tuple[Settings, str] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="engine", daemon=True)
        self._thread.start()

    def think(self, thought: Thought) -> None:
        self._tasks.put(thought)

    def get_ready(self, settings: Settings, protocol: str) -> None:
        """Build the player and answer `readyok`."""
        self._tasks.put((settings, protocol))

    def close(self) -> None:
        """Wait until everything asked for is answered, and release the player."""
        self._tasks.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            if isinstance(task, Thought):
                self._think(task)
            else:
                self._prepare(*task)
                self._output.line("readyok")
        self._dismiss()

    # -------------------------------------------------------------------------------------------- players

    def _prepare(self, settings: Settings, protocol: str) -> Player | None:
        """Build the player of these settings; if that fails, send a message and keep the last one."""
        try:
            spec = settings.spec()
            if spec != self._spec or self._player is None:
                self._spec = spec
                with watched(lambda words, done, of: self._output.say(protocol, f"{words} ({done} of {of})"), pause=5):
                    new = self._make(spec)
                self._dismiss()
                self._player = new
        except Exception as fault:  # any fault while a player is built becomes a message
            stays = f"{self._player.name} stays" if self._player is not None else "there is no player"
            self._output.say(protocol, f"{one_line(fault)}; {stays}")
        if settings.threads is not None and self._player is not None:
            self._player.use_threads(settings.threads)
        return self._player

    def _dismiss(self) -> None:
        if self._player is not None:
            with suppress(Exception):  # a player that fails even to close is dropped all the same
                self._player.close()
            self._player = None

    # -------------------------------------------------------------------------------------------- thinking

    def _think(self, thought: Thought) -> None:
        try:
            if thought.go.perft is not None:
                answer = self._perft(thought)
            elif not thought.board.legal_moves or thought.go.limit.root_moves == ():
                answer = self._no_move(thought)
            else:
                answer = self._choose(thought)
        except Exception as fault:  # no answer may be lost to a fault of the player
            self._output.say(thought.protocol, fault)
            answer = self._best_so_far(thought)
        thought.release.wait()
        self._answered(thought, answer)

    def _no_move(self, thought: Thought) -> str:
        if thought.protocol == "uci":
            self._output.line("info depth 0 score mate 0")
        return WORDS[thought.protocol].no_move

    def _choose(self, thought: Thought) -> str:
        player = self._prepare(thought.settings, thought.protocol)
        if player is None:
            return WORDS[thought.protocol].no_move
        limit, begun = self._limit(thought), self._clock()
        choice = player.choose(thought.board, limit)
        if not thought.board.is_legal(choice.move) or (limit.root_moves and choice.move not in limit.root_moves):
            raise EngineFailure(f"{player.name} chose {choice.move.iccs()}, which is not allowed")
        choice = self._temper.judged(thought.board, choice, thought.settings.manners())
        info = _final_info(choice, self._clock() - begun, limit.multipv)
        self._report(thought, replace(info, depth=0) if thought.go.static else info)
        if thought.protocol == "uci" and (words := _spoken(thought, choice)):
            self._output.say("uci", words)  # UCI has no words for it
        return "nobestmove" if thought.go.static else _bestmove(thought, choice)

    def _limit(self, thought: Thought) -> Limit:
        """Return the limit for the player: less the time already spent, and infinite while it ponders."""
        limit = replace(
            thought.go.limit,
            multipv=thought.settings.lines,
            ruleset=thought.settings.ruleset,
            draw_offered=thought.go.draw,
            stop=thought.stop,
            report=lambda info: self._report(thought, info),
        )
        if thought.settings.spec().kind == "level":  # with more time it would be stronger than its name
            return replace(limit, nodes=None, depth=None, movetime=None, clock=None, infinite=False)
        if thought.go.ponder and not thought.release.is_set():
            endless = limit.nodes is None and limit.depth is None
            return replace(limit, movetime=None, clock=None, infinite=endless)
        late = self._clock() - thought.begun + thought.settings.overhead
        if limit.movetime is not None:
            limit = replace(limit, movetime=max(0.001, limit.movetime - late))
        if clock := limit.clock:
            limit = replace(limit, clock=replace(clock, mine=max(0.001, clock.mine - late)))
        return limit

    def _report(self, thought: Thought, info: Info) -> None:
        info = replace(info, variations=info.variations[: thought.settings.lines])
        if info == thought.best:
            return
        thought.best = info
        if thought.protocol == "uci":
            lines = uci.format_info(info, thought.ranks, thought.settings.wdl)
        else:
            lines = ucci.format_info(info)
        with self._output.lock:
            for line in lines:
                self._output.line(line)

    @staticmethod
    def _best_so_far(thought: Thought) -> str:
        variations = thought.best.variations if thought.best else ()
        move = variations[0].moves[0] if variations and variations[0].moves else None
        among = thought.go.limit.root_moves
        if move is None or not thought.board.is_legal(move) or (among and move not in among):
            return WORDS[thought.protocol].no_move
        return _bestmove(thought, Choice(move))

    def _perft(self, thought: Thought) -> str:
        """Send the count below each legal move, as Stockfish prints them, and return their sum as the answer."""
        depth, board, total = thought.go.perft or 1, thought.board, 0
        for move in sorted(board.legal_moves):
            board.push_unchecked(move)
            behind = _paths(board, depth - 1, thought.stop)
            board.pop()
            if thought.stop.is_set():
                self._output.say(thought.protocol, "perft was stopped")
                break
            self._output.line(f"{uci.write_move(move, thought.ranks)}: {behind}")
            total += behind
        return f"Nodes searched: {total}"


def _paths(board: Board, depth: int, stop: threading.Event) -> int:
    """Count the paths of legal moves, in pieces small enough for a stop to take effect between them."""
    if depth == 0 or stop.is_set():
        return 1
    kernels = jit.kernels()
    if depth <= 3:
        buffers = np.empty((depth, kernels.MOST_MOVES), dtype=np.int16)
        return int(kernels.perft(board.array, int(board.turn), depth, buffers))
    total = 0
    for move in list(board.legal_moves):
        board.push_unchecked(move)
        total += _paths(board, depth - 1, stop)
        board.pop()
    return total


def _final_info(choice: Choice, seconds: float, lines: int) -> Info:
    """Return the final `Info` of a choice: the player's own, or what follows from the choice."""
    if choice.info is not None and choice.info.variations:
        return choice.info
    shares = dict(choice.probabilities)
    moves = choice.lines[0] if choice.lines else (choice.move,)
    variations = [PrincipalVariation(moves, choice.score, shares.get(choice.move))]
    others = [move for move, _ in choice.probabilities if move is not choice.move]
    variations += [PrincipalVariation((move,), probability=shares[move]) for move in others[: lines - 1]]
    return replace(choice.info or Info(1, 1, seconds), variations=tuple(variations))


def _bestmove(thought: Thought, choice: Choice) -> str:
    """Return the answer, with the reply to ponder on where one is known."""
    answer = f"bestmove {uci.write_move(choice.move, thought.ranks)}"
    searched = [variation.moves for variation in (choice.info.variations if choice.info else ())]
    reply = next((line[1] for line in (*searched, *choice.lines) if len(line) > 1 and line[0] is choice.move), None)
    if reply is not None:
        answer += f" ponder {uci.write_move(reply, thought.ranks)}"
    if thought.protocol == "ucci" and (word := _spoken(thought, choice)):
        answer += f" {word}"
    return answer


def _spoken(thought: Thought, choice: Choice) -> str:
    """UCCI's word for what a choice adds to its move, or nothing."""
    if choice.resigns:
        return "resign"
    return "draw" if choice.draw == "offers" or (thought.go.draw and choice.draw) else ""
