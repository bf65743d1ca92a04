"""A judge's verdicts on positions, computed one by one or in several processes, and cached by position."""

from __future__ import annotations

import json
import math
import multiprocessing
import signal
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..engine.player import Choice, Limit, Player
from ..engine.spec import Spec, make_player, parse_spec
from ..errors import XiangqiError
from ..processes import end_with_parent, one_thread_each
from ..rules import score as scores
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.score import Score, WinDrawLoss
from ..rules.squares import Color

SEED = 1  # for judges that use random numbers
HISTORY_FROM = 60  # plies without a capture from which the move limit, and so the history, may matter
USUAL_NODES = {"alphabeta": 20_000, "level": 20_000, "mcts": 400, "uci": 100_000, "ucci": 100_000}  # nodes per position
POLL = 0.2  # seconds between checks of the stop event while processes work


@dataclass(frozen=True)
class Verdict:
    """A position's score for the side to move, and the judge's line from it (empty where the game has ended)."""

    score: Score
    line: tuple[Move, ...] = ()


@dataclass(frozen=True)
class Question:
    """A position with its history; `effort` multiplies the judge's limit, `without` are moves it may not choose."""

    board: Board
    effort: int = 1
    without: tuple[Move, ...] = ()


# ------------------------------------------------------------------------------------------------ the cache


def position_key(board: Board) -> str:
    """Return a key of all that a judge's answer depends on: pieces and side to move, and also the moves since the last
    capture if a repetition or the move limit may be near."""
    key = " ".join(board.fen().split(" ")[:2])
    if board.halfmove < HISTORY_FROM and not board.repeating_moves(times=2):
        return key
    _, _, ids = board.since_capture()
    return f"{key} {board.halfmove} {','.join(map(str, ids.tolist()))}"


class Cache:
    """A cache of answers by question, on disk or (path None) in memory; several threads and programs may share it.

    Raises XiangqiError if the file cannot be opened or is something else.
    """

    def __init__(self, path: Path | None = None):
        self._lock = threading.Lock()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._store = sqlite3.connect(str(path or ":memory:"), timeout=30, check_same_thread=False)
            self._store.execute("CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, answer TEXT)")
            self._store.commit()
        except (OSError, sqlite3.Error) as fault:
            raise XiangqiError(f"cannot use the cache {path}: {fault}") from None

    def get(self, question: str) -> Any:
        """Return the answer to a question, or None."""
        with self._lock:
            row = self._store.execute("SELECT answer FROM answers WHERE question = ?", (question,)).fetchone()
        return json.loads(row[0]) if row else None

    def put(self, question: str, answer: Any) -> None:
        """Store an answer, any JSON data; with a full or locked disk it is lost and must be computed again."""
        with self._lock, suppress(sqlite3.Error):
            self._store.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (question, json.dumps(answer)))
            self._store.commit()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._store.close()


def _packed(verdict: Verdict) -> dict[str, Any]:
    score = verdict.score
    known: dict[str, Any] = {"side": int(score.side), "line": " ".join(move.iccs() for move in verdict.line)}
    if score.centipawns is not None or score.mate is not None:
        known["score"] = str(score)
    if score.wdl is not None:
        known["wdl"] = [round(x, 4) for x in score.wdl]
    return known


def _unpacked(known: dict[str, Any]) -> Verdict:
    side = Color(known["side"])
    score = scores.parse(known["score"], side) if "score" in known else None
    wdl = WinDrawLoss(*known["wdl"]) if "wdl" in known else None
    whole = replace(score, wdl=wdl) if score else Score(side, wdl=wdl)
    return Verdict(whole, tuple(Move.from_iccs(text) for text in known["line"].split()))


# ------------------------------------------------------------------------------------------------ the judge


def _limit(spec: Spec, limit: Limit | None, effort: int, ruleset: str) -> Limit:
    """Return `effort` times the given limit, or the spec's own, or the usual one of its kind."""
    given = {name: float(value) for name, value in spec.options if name in ("nodes", "movetime", "depth")}
    usual = USUAL_NODES.get(spec.kind)
    base = limit or Limit(
        nodes=int(given["nodes"]) if "nodes" in given else None if given else usual,
        depth=int(given["depth"]) if "depth" in given else None,
        movetime=given.get("movetime"),
    )
    return replace(
        base,
        nodes=base.nodes and base.nodes * effort,
        movetime=base.movetime and base.movetime * math.sqrt(effort),
        depth=base.depth and base.depth + round(math.log2(effort)),
        ruleset=ruleset,
    )


def _answer(player: Player, question: Question, limit: Limit | None) -> Verdict:
    """Return a player's verdict; raises IllegalMove, EngineFailure."""
    board = question.board
    if question.without:
        left = tuple(move for move in board.legal_list() if move not in question.without)
        limit = replace(limit or Limit(), root_moves=left)
    choice: Choice = player.choose(board, limit)
    line = choice.lines[0] if choice.lines and choice.lines[0][:1] == (choice.move,) else (choice.move,)
    score = choice.score
    if score is None and choice.info and choice.info.variations:
        score = choice.info.variations[0].score
    if score is None:
        raise XiangqiError(f"the judge {player.name} gives no scores")
    return Verdict(score, line)


@lru_cache(maxsize=1)
def _worker_player(spec: str) -> Player:
    """Return the single player of a worker process."""
    return make_player(spec, SEED)


def _in_worker(spec: str, question: Question, limit: Limit | None) -> Verdict:
    return _answer(_worker_player(spec), question, limit)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C
    end_with_parent()
    one_thread_each()


class Judge:
    """A player, given as a spec, that scores positions; `jobs` processes share the work.

    `limit` applies to each position (None: the spec's own). With one job the player thinks in this process, and a stop
    event interrupts it at once; with more, each process finishes its position first. Answers are stored in `cache`.
    Raises BadConfig for an invalid spec; asking raises EngineFailure if an engine fails.
    """

    def __init__(
        self,
        spec: str = "alphabeta",
        limit: Limit | None = None,
        jobs: int = 1,
        cache: Cache | None = None,
        ruleset: str = "computer",
    ):
        self.spec, self.kind, self.ruleset = spec, parse_spec(spec).kind, ruleset
        self._parsed, self._limit, self.jobs = parse_spec(spec), limit, max(1, jobs)
        self.cache = cache or Cache()
        self._player: Player | None = None
        self._pool: ProcessPoolExecutor | None = None
        self.asked = 0  # positions that were not in the cache

    def _question_text(self, question: Question) -> str:
        limit = self._limit_of(question)
        said = [f"{name}={getattr(limit, name)}" for name in ("nodes", "depth", "movetime") if getattr(limit, name)]
        left_out = "".join(f" -{move.iccs()}" for move in question.without)
        return f"{self.spec} {' '.join(said)} {self.ruleset} {position_key(question.board)}{left_out}"

    def _limit_of(self, question: Question) -> Limit:
        return _limit(self._parsed, self._limit, question.effort, self.ruleset)

    def ask(self, questions: Sequence[Question], stop: threading.Event | None = None) -> Iterator[tuple[int, Verdict]]:
        """Yield (index, answer) as answers arrive, cached ones first; stop early once `stop` is set."""
        texts = [self._question_text(question) for question in questions]
        same: dict[str, list[int]] = {}
        for i, text in enumerate(texts):
            if (known := self.cache.get(text)) is not None:
                yield i, _unpacked(known)
            else:
                same.setdefault(text, []).append(i)
        todo = [(places[0], questions[places[0]]) for places in same.values()]
        found = self._here(todo, stop) if self.jobs == 1 or len(todo) < 2 else self._in_processes(todo, stop)
        for i, verdict in found:
            self.asked += 1
            self.cache.put(texts[i], _packed(verdict))
            for place in same[texts[i]]:
                yield place, verdict

    def _here(self, todo: list[tuple[int, Question]], stop: threading.Event | None) -> Iterator[tuple[int, Verdict]]:
        for i, question in todo:
            if stop is not None and stop.is_set():
                return
            self._player = self._player or make_player(self.spec, SEED)
            verdict = _answer(self._player, question, replace(self._limit_of(question), stop=stop))
            if stop is not None and stop.is_set():  # interrupted, so not an answer to store
                return
            yield i, verdict

    def _in_processes(
        self, todo: list[tuple[int, Question]], stop: threading.Event | None
    ) -> Iterator[tuple[int, Verdict]]:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self.jobs, mp_context=context, initializer=_begin_worker)
        waiting: dict[Future[Verdict], int] = {}
        queue = iter(todo)
        try:
            while True:
                while len(waiting) < 2 * self.jobs and (task := next(queue, None)) is not None:
                    i, question = task
                    waiting[self._pool.submit(_in_worker, self.spec, question, self._limit_of(question))] = i
                if not waiting or (stop is not None and stop.is_set()):
                    return
                done, _ = wait(waiting, timeout=POLL, return_when=FIRST_COMPLETED)
                for future in done:
                    yield waiting.pop(future), future.result()
        except BrokenProcessPool as fault:
            raise XiangqiError("a judging process was killed, possibly for lack of memory: try --jobs 1") from fault
        finally:
            for future in waiting:
                future.cancel()

    def rest(self) -> None:
        """Stop the processes without waiting; the next call with several questions starts new ones."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def close(self) -> None:
        """Close the processes and the player."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        if self._player is not None:
            self._player.close()
            self._player = None


def terminal(board: Board, ruleset: str, last: bool) -> Verdict | None:
    """Return the verdict of the rules if the game has ended, else None.

    A draw counts only at the `last` position: players who continued did not claim it.
    """
    end = board.outcome(ruleset)
    if end is None or (end.winner is None and not last):
        return None
    chances = WinDrawLoss(0.0, 1.0, 0.0)
    if end.winner is not None:
        chances = WinDrawLoss(1.0, 0.0, 0.0) if end.winner is board.turn else WinDrawLoss(0.0, 0.0, 1.0)
    return Verdict(Score(board.turn, wdl=chances))
