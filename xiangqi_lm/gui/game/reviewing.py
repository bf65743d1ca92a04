"""Reviews of games and single moves in the background, on a separate thread; nothing here blocks.

A stopped review leaves its results in the cache and resumes from there when requested again. A single move has
priority: a running review of a game is interrupted for it and continues afterwards.
"""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...errors import XiangqiError
from ...processes import usable_cores
from ...records.game import GameRecord
from ...records.game import Path as TreePath
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.score import WinDrawLoss
from ...rules.squares import Color
from .thinker import one_line

if TYPE_CHECKING:
    from ...review.puzzles import Puzzle
    from ...review.review import Review
    from ...review.reviewer import Reviewer
    from ...review.verdicts import Judge

MOVE, GAME = 0, 1  # by priority
MOST = 4  # processes by default, as each takes memory


@dataclass(frozen=True)
class Terms:
    """The judge, the ruleset, the effort per position as a multiple of the usual one, and the number of processes that
    share the positions of a game (0: one per core, but at most `MOST`)."""

    judge: str
    effort: int
    ruleset: str
    threads: int = 0


class MakeReviewer(Protocol):
    """A maker of the advisers of a review, called on the thread that uses them."""

    def __call__(self, terms: Terms) -> tuple[Reviewer, Judge]: ...


def advisers(terms: Terms, cache_path: Path) -> tuple[Reviewer, Judge]:
    """Return the reviewer and its judge, which share the cache; without the model if it cannot be read."""
    from ...engine.player import Limit
    from ...engine.spec import parse_spec
    from ...model.device import use_threads
    from ...review.masters import Masters
    from ...review.reviewer import Reviewer
    from ...review.verdicts import USUAL_NODES, Cache, Judge

    cache = Cache(cache_path)
    nodes = USUAL_NODES.get(parse_spec(terms.judge).kind)
    limit = Limit(nodes=nodes * terms.effort) if nodes and terms.effort > 1 else None
    masters = None
    use_threads(terms.threads)  # for the model, which is asked on this thread
    with suppress(XiangqiError, OSError):
        masters = Masters.load(cache=cache)
    judge = Judge(terms.judge, limit, terms.threads or min(usable_cores(), MOST), cache, terms.ruleset)
    return Reviewer(judge, masters), judge


@dataclass
class Order:
    """A request for a review of a line's moves or, if `plies` are given, of the moves after these plies.

    `key` identifies the requester; `done`, `total` and `points` (ply: Red's expected score) report progress.
    """

    key: object
    terms: Terms
    record: GameRecord
    path: TreePath = ()
    plies: frozenset[int] | None = None
    library: Path | None = None  # to look up the game's moves in
    exercises: frozenset[Color] = frozenset()  # the sides whose mistakes then become exercises
    stop: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False
    done: int = 0
    total: int = 0
    points: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """The result of an order: a review, or a fault that says why there is none; exercises come in a second result."""

    order: Order
    review: Review | None = None
    fault: str = ""
    puzzles: tuple[Puzzle, ...] = ()
    left_library: int | None = None  # plies shared with other games of the library; None without a library


def plies_in_library(board: Board, moves: Sequence[Move], path: Path | None) -> int | None:
    """Return for how many plies a game follows other games of a library; None without a library.

    If the game itself is in the library, it does not count.
    """
    from ...library.library import Library

    if path is None or not path.exists():
        return None
    counts = []
    try:
        with Library(path) as library:
            for move in moves:
                count = {one.move: one.games for one in library.explore(board)}.get(move, 0)
                if not count:
                    break
                counts.append(count)
                board.push_unchecked(move)
    except XiangqiError:
        return None
    others = 1 if len(counts) == len(moves) else 0
    return next((ply for ply, count in enumerate(counts) if count <= others), len(counts))


class Reviewing:
    """The thread of reviews: `ask`, `cancel`, `collect`; it calls `wake` when there is something to collect."""

    def __init__(self, make: MakeReviewer, wake: Callable[[], None] = lambda: None):
        self._make, self._wake = make, wake
        self._orders: queue.PriorityQueue[tuple[int, int, Order | None]] = queue.PriorityQueue()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._serial = itertools.count()
        self._now: Order | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Return whether the thread is working."""
        return self._now is not None or not self._orders.empty()

    def ask(self, order: Order) -> None:
        """Request a review."""
        self._put(order)
        now = self._now
        if order.plies is not None and now is not None and now.plies is None:
            now.stop.set()  # it continues afterwards
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="reviews", daemon=True)
            self._thread.start()

    def _put(self, order: Order) -> None:
        self._orders.put((GAME if order.plies is None else MOVE, next(self._serial), order))

    @staticmethod
    def cancel(order: Order) -> None:
        """Stop an order, running or not; the moves of a game reviewed so far become its result."""
        order.cancelled = True
        order.stop.set()

    def collect(self) -> list[Result]:
        """Return the results since the last call."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._results.get_nowait())
        return found

    def close(self) -> None:
        """Close everything, without waiting."""
        if (now := self._now) is not None:
            self.cancel(now)
        self._orders.put((-1, -1, None))

    # ------------------------------------------------------------------------------------------------ the thread

    def _run(self) -> None:
        made: tuple[Terms, Reviewer, Judge] | None = None
        while True:
            _, _, order = self._orders.get()
            if order is None:
                break
            self._now = order
            try:
                if made is None or made[0] != order.terms:
                    if made is not None:
                        made[1].close()
                    made = None
                    made = (order.terms, *self._make(order.terms))
                self._work(order, made[1], made[2])
                if self._orders.empty():
                    made[2].rest()
            except Exception as fault:  # any player may be the judge, so all its errors become messages
                self._say(Result(order, fault=one_line(fault)))
            self._now = None
        if made is not None:
            made[1].close()

    def _say(self, result: Result) -> None:
        self._results.put(result)
        self._wake()

    def _work(self, order: Order, reviewer: Reviewer, judge: Judge) -> None:
        from ...review.curve import curve_of
        from ...review.review import expectation, red_chances
        from ...review.reviewer import Progress

        curve = curve_of(judge.kind)

        def progress(news: Progress) -> None:
            order.done, order.total = news.done, news.total
            score = news.verdict.score
            chances: WinDrawLoss = red_chances(curve.of(score, news.ply), score.side)
            order.points[news.ply] = expectation(chances)
            self._wake()

        review = reviewer.review(order.record, order.path, order.stop, progress, plies=order.plies)
        if order.stop.is_set() and not order.cancelled:
            order.stop.clear()
            self._put(order)
            return
        left = plies_in_library(review.start(), review.line, order.library) if order.plies is None else None
        self._say(Result(order, review, left_library=left))
        if order.exercises and review.complete:
            self._exercises(order, review, judge)

    def _exercises(self, order: Order, review: Review, judge: Judge) -> None:
        """Turn the mistakes of a review into exercises, one by one, unless another order comes first."""
        from ...review.puzzles import puzzles

        found: list[Puzzle] = []
        for one in review.moves:
            if order.stop.is_set() and not order.cancelled:
                order.stop.clear()
                self._say(Result(order, puzzles=tuple(found)))
                return
            if order.cancelled:
                break
            if one.is_mistake and one.mover in order.exercises:
                found += puzzles(replace(review, moves=(one,)), judge)
        self._say(Result(order, puzzles=tuple(found)))
