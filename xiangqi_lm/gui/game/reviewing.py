"""Reviews in the background: whole games and single moves, on a thread of their own; nothing here ever waits.

A review that is stopped keeps what it knows in the cache, and goes on from there when it is asked for again. A single
move comes first: a review of a game under way makes room for it and continues afterwards.
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

MOVE, GAME = 0, 1  # what is done first
MOST = 4  # processes where nobody says how many: each takes memory


@dataclass(frozen=True)
class Terms:
    """Who judges by which rules, how many times the usual effort goes into a position, and how many processes share
    the positions of a game (0: one for each core, but `MOST` at most)."""

    judge: str
    effort: int
    ruleset: str
    threads: int = 0


class MakeReviewer(Protocol):
    """Builds the advisers of a review; called on the thread that uses them."""

    def __call__(self, terms: Terms) -> tuple[Reviewer, Judge]: ...


def advisers(terms: Terms, cache_path: Path) -> tuple[Reviewer, Judge]:
    """Return the reviewer with its judge, both with what the cache knows; without the model where it cannot be read."""
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
    """One thing to be reviewed: the moves of a line, or, where `plies` are given, those after that many plies.

    `key` says whose it is; `done`, `total` and `points` (ply: Red's expected score) grow while the work is under way.
    """

    key: object
    terms: Terms
    record: GameRecord
    path: TreePath = ()
    plies: frozenset[int] | None = None
    library: Path | None = None  # in which the game's moves are looked up
    exercises: frozenset[Color] = frozenset()  # the sides whose mistakes are to be made into exercises afterwards
    stop: threading.Event = field(default_factory=threading.Event)
    cancelled: bool = False
    done: int = 0
    total: int = 0
    points: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What came of an order; without a review the fault says why. Exercises follow in a result of their own."""

    order: Order
    review: Review | None = None
    fault: str = ""
    puzzles: tuple[Puzzle, ...] = ()
    left_library: int | None = None  # plies that other games of the user's library share; None without a library


def plies_in_library(board: Board, moves: Sequence[Move], path: Path | None) -> int | None:
    """Return for how many plies a game follows other games of a library; None without one.

    A game that is itself in the library is not counted as one of the others.
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
    """The thread of the reviews: `ask`, `cancel`, `collect`. `wake` is called from it when there is news."""

    def __init__(self, make: MakeReviewer, wake: Callable[[], None] = lambda: None):
        self._make, self._wake = make, wake
        self._orders: queue.PriorityQueue[tuple[int, int, Order | None]] = queue.PriorityQueue()
        self._results: queue.SimpleQueue[Result] = queue.SimpleQueue()
        self._serial = itertools.count()
        self._now: Order | None = None
        self._thread: threading.Thread | None = None

    @property
    def busy(self) -> bool:
        """Return whether the thread is at work."""
        return self._now is not None or not self._orders.empty()

    def ask(self, order: Order) -> None:
        """Have something reviewed."""
        self._put(order)
        now = self._now
        if order.plies is not None and now is not None and now.plies is None:
            now.stop.set()  # it goes on afterwards
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="reviews", daemon=True)
            self._thread.start()

    def _put(self, order: Order) -> None:
        self._orders.put((GAME if order.plies is None else MOVE, next(self._serial), order))

    @staticmethod
    def cancel(order: Order) -> None:
        """Stop an order, under way or not; what is known of a game by then comes as its result."""
        order.cancelled = True
        order.stop.set()

    def collect(self) -> list[Result]:
        """Return what is finished since the last call."""
        found = []
        with suppress(queue.Empty):
            while True:
                found.append(self._results.get_nowait())
        return found

    def close(self) -> None:
        """Let everything go; does not wait."""
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
            except Exception as fault:  # any player may be the judge: what it does wrong is a message
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
        """Make the mistakes of a review into exercises, one after the other, as long as nothing else is wanted."""
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
