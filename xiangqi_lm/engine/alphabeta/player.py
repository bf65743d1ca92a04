"""The built-in engine: iterative deepening over `search`; it needs neither a model nor another program."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from ...rules import jit
from ...rules.board import Board
from ...rules.compiling import compile_once
from ...rules.moves import MOVES, Move
from ...rules.rulesets import find_ruleset
from ...rules.score import Score
from ...rules.squares import Color
from ..player import Choice, Info, Limit, Player, PrincipalVariation, choosable
from ..timing import budget
from .evaluation import MATE, PROVEN, RULE_WIN, shipped

LIMIT = Limit(nodes=20_000)
MOST_DEPTH = 90
ASPIRATION = 30  # centipawns: half the first aspiration window of an iteration
SOFT = 60.0  # centipawns: temperature of the softmax over the lines' scores


@contextmanager
def _watched(stop: threading.Event | None, seconds: float, flag: np.ndarray) -> Iterator[None]:
    """Set `flag` once the event is set or the time is up; compiled code can check neither itself."""
    if stop is None and seconds == math.inf:
        yield
        return
    over, deadline = threading.Event(), time.monotonic() + seconds

    def watch() -> None:
        while not (stop is not None and stop.is_set()):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            if over.wait(left if stop is None else min(left, 0.004)):
                return
        flag[0] = 1

    watcher = threading.Thread(target=watch, name="alphabeta clock", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def mate_in(score: int) -> int | None:
    """Return the moves to mate that a score stands for, negative when being mated; None if it is not a mate score."""
    if abs(score) <= MATE - 1000:
        return None
    return (MATE - score + 1) // 2 if score > 0 else -((MATE + score + 1) // 2)


class AlphaBetaPlayer(Player):
    """Alpha-beta search with our own evaluation; it always plays the best move it finds.

    When only nodes or depth are limited, each move begins with an empty table, so that the same position gets the same
    answer; under a time limit the table is kept between moves. A `seed` adds noise of up to four centipawns to the
    evaluation, so that games differ. `selective=False` switches off all pruning and reductions, so that each depth is
    searched in full. One thread at a time.
    """

    def __init__(
        self,
        limit: Limit | None = None,
        hash_mb: int = 16,
        seed: int | None = None,
        name: str = "alphabeta",
        selective: bool = True,
    ):
        from . import position, search

        self.name, self._limit = name, limit or LIMIT
        self._kernel: Any = position
        self._search: Any = search.search_root
        self._slots = 1 << max(10, int(math.log2(max(1, hash_mb) * 2**20 / 16)))
        self._noise = _noise(seed)
        self._selective = selective
        self.state = self._new_state(1024)
        self._generation = 0
        compile_once(search.search_root, lambda: search.warm(self.state))
        search.warm(self.state)

    def _new_state(self, line: int) -> Any:
        weights = shipped()
        return self._kernel.new_state(line, self._slots, weights.rows(), weights.terms, weights.exchange())

    # -------------------------------------------------------------------------------------------- public interface

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        """Search for the best move; raises IllegalMove if there is no move to choose from, and ValueError for an
        infinite search that nothing could stop.

        The limit's ruleset judges repetitions on the board, and decides the move limit and whether perpetual check
        loses. A chase that lies wholly inside the searched lines counts as a plain repetition.
        """
        limit = self._merged(limit)
        moves = choosable(board, limit.root_moves)
        if limit.infinite and limit.stop is None:
            raise ValueError("an infinite search needs an event that stops it")
        begun = time.monotonic()
        state, side = self._prepare(board, limit)
        self._root_moves(state, board, moves, limit.ruleset)
        allowed = budget(limit)
        with _watched(limit.stop, allowed.hard, state.stop):
            info = self._deepen(state, side, len(moves), limit, begun, allowed.soft)
        if limit.infinite and limit.stop is not None:
            limit.stop.wait()
        return _choice(info, moves[0])

    def reseed(self, seed: int) -> None:
        """Reset the generator and clear the table and history: what follows depends on the seed alone."""
        self._noise = _noise(seed)
        self.state.table[:], self.state.history[:], self.state.counters[:] = 0, 0, -1

    # -------------------------------------------------------------------------------------------- before the search

    def _merged(self, limit: Limit | None) -> Limit:
        """Return the limit, completed with this player's own where it does not limit the search."""
        if limit is None:
            return self._limit
        if limit.infinite or any(x is not None for x in (limit.nodes, limit.depth, limit.movetime, limit.clock)):
            return limit
        own = self._limit
        return replace(limit, nodes=own.nodes, depth=own.depth, movetime=own.movetime, clock=own.clock)

    def _prepare(self, board: Board, limit: Limit) -> tuple[Any, int]:
        """Fill the arrays for a board's position and the line since the last capture; return them and the side to
        move.
        """
        squares, turn, ids = board.since_capture()
        if len(ids) + self._kernel.MOST_PLIES + 2 > len(self.state.keys):
            self.state = self._new_state(2 * len(ids))
        k, state = self._kernel, self.state
        if limit.infinite or limit.movetime is not None or limit.clock is not None:
            state.history[:] //= 2
        else:
            state = state._replace(table=state.table[: self._slots_for(limit)])
            state.table[:], state.history[:], state.counters[:] = 0, 0, -1
        state.killers[:], state.stop[:], state.fixed[:], state.caps[:] = -1, 0, k.UNKNOWN, k.INFINITE
        rules, clock = find_ruleset(limit.ruleset), board.halfmove
        if rules.free_checks is not None:
            count = jit.kernels("chasing").counted_plies
            clock = int(count(squares.copy(), int(turn), ids, board.halfmove - len(ids), rules.free_checks))
        side = k.set_root(state, squares, int(turn), ids, clock + k.MOVE_LIMIT - rules.move_limit)
        self._generation += 1
        state.control[[k.STOPPED, k.SELECTIVE, k.DEEPEST, k.NOISE]] = 0, self._selective, 0, self._noise
        state.control[k.PERPETUALS] = rules.perpetuals is not None
        state.control[k.GENERATION] = self._generation
        state.control[k.MOST_NODES] = limit.nodes if limit.nodes is not None else 2**62
        return state, side

    def _slots_for(self, limit: Limit) -> int:
        """Return a table size that suffices for a limit of nodes or depth: small tables clear fast and stay in the
        cache.
        """
        wanted = 2 * limit.nodes if limit.nodes is not None else 1 << min(40, 12 + 2 * (limit.depth or MOST_DEPTH))
        return min(self._slots, 1 << max(10, math.ceil(math.log2(wanted + 1))))

    def _root_moves(self, state: Any, board: Board, moves: list[Move], ruleset: str) -> None:
        """Set up the root moves, with the scores that the full rules give to those that repeat a position."""
        board = board.copy()
        state.moves[0, : len(moves)] = [move.id for move in moves]
        places = {move: i for i, move in enumerate(moves)}
        for move in board.repeating_moves(times=2):
            if move not in places:
                continue
            side = board.turn
            board.push_unchecked(move)
            if (end := board.outcome(ruleset)) is not None:
                worth = RULE_WIN - 1 if end.winner is side else 1 - RULE_WIN
                state.fixed[places[move]] = 0 if end.winner is None else worth
            else:
                for reply in board.repeating_moves():
                    board.push_unchecked(reply)
                    end = board.outcome(ruleset)
                    if end is not None and end.winner is not side:
                        most = 0 if end.winner is None else 2 - RULE_WIN
                        state.caps[places[move]] = min(state.caps[places[move]], most)
                    board.pop()
            board.pop()

    # -------------------------------------------------------------------------------------------- the search

    def _deepen(self, state: Any, side: int, n: int, limit: Limit, begun: float, soft: float) -> Info:
        """Deepen one ply at a time until the limit; return what the last finished (or usable) iteration found."""
        k, lines = self._kernel, min(max(1, limit.multipv), n)
        found: list[tuple[int, tuple[Move, ...]]] = []  # score and line, best first
        info = Info(0, 0, 0.0)
        for depth in range(1, min(limit.depth or MOST_DEPTH, MOST_DEPTH) + 1):
            last, found = found, []
            for line in range(lines):
                guess = last[line][0] if line < len(last) else None
                score = self._window(state, side, line, n, depth, guess)
                if state.control[k.BEST] < 0 or score == -k.INFINITE:
                    break
                variation = tuple(MOVES[i] for i in state.lines[0, : state.ends[0]])
                found.append((score, variation))
                _to_front(state, line, int(state.control[k.BEST]))
                if state.control[k.STOPPED]:
                    break
            _in_order(state, n, found)
            # an iteration stopped before its first move was finished does not count
            reached = depth if found else depth - 1
            found = _completed(found, last, lines)
            seconds = time.monotonic() - begun
            variations = tuple(_variation(*one, Color(side)) for one in found)
            info = Info(reached, int(state.control[k.NODES]), seconds, variations)
            if limit.report is not None and found:
                limit.report(info)
            if state.control[k.STOPPED] or state.stop[0] or self._enough(limit, info, n, lines, soft):
                break
        return info

    def _window(self, state: Any, side: int, line: int, n: int, depth: int, guess: int | None) -> int:
        """Return the score of the best root move from `line` on, searched with an aspiration window around `guess`.

        Return -INFINITE if the search was stopped before there was a score, or when all it knew was that the first move
        failed low: another move might still be better, and the last iteration's score is the safer one.
        """
        k = self._kernel
        low, high, width, worse = -k.INFINITE, k.INFINITE, ASPIRATION, False
        if guess is not None and depth >= 4 and self._selective and abs(guess) < PROVEN:
            low, high = guess - width, guess + width
        while True:
            score = int(self._search(state, line, n, depth, low, high, side))
            if state.control[k.STOPPED]:
                return -k.INFINITE if score <= low or (worse and state.control[k.BEST] == line) else score
            if low < score < high:
                return score
            worse = worse or score <= low
            if score >= high:
                _to_front(state, line, int(state.control[k.BEST]))
            width *= 3
            low = max(-k.INFINITE, score - width) if score <= low else low
            high = min(k.INFINITE, score + width) if score >= high else high

    @staticmethod
    def _enough(limit: Limit, info: Info, n: int, lines: int, soft: float) -> bool:
        """Return whether to stop deepening: time nearly used up, a single move on the clock, or a mate fully
        searched.
        """
        if limit.infinite:
            return False
        if info.seconds >= soft or (limit.nodes is not None and info.nodes >= limit.nodes):
            return True
        if n == 1 and limit.clock is not None:
            return True
        best = info.variations[0].score if info.variations else None
        mate = best.mate if best else None
        return lines == 1 and mate is not None and 2 * abs(mate) < info.depth


def _noise(seed: int | None) -> int:
    """Return the value that makes evaluations differ from seed to seed; 0 without a seed."""
    return 0 if seed is None else (seed * 0x9E3779B97F4A7C15 + 1) % 2**62


def _to_front(state: Any, first: int, best: int) -> None:
    """Move the root move at `best` to `first`; the others keep their order."""
    if best > first:
        for row in (state.moves[0], state.fixed, state.caps):
            row[first : best + 1] = np.roll(row[first : best + 1], 1)


def _in_order(state: Any, n: int, found: list[tuple[int, tuple[Move, ...]]]) -> None:
    """Sort lines and their root moves by score: a later line, searched less deeply beside a better one, may turn out
    to be worth more than the lines found before it."""
    found.sort(key=lambda one: -one[0])
    for _, variation in reversed(found):
        _to_front(state, 0, int(np.flatnonzero(state.moves[0, :n] == variation[0].id)[0]))


def _completed(
    found: list[tuple[int, tuple[Move, ...]]], last: list[tuple[int, tuple[Move, ...]]], lines: int
) -> list[tuple[int, tuple[Move, ...]]]:
    """Return the lines of a stopped iteration, completed with those of the iteration before."""
    have = {variation[0] for _, variation in found}
    rest = [(score, variation) for score, variation in last if variation[0] not in have]
    return (found + rest)[: max(lines, len(found))]


def _variation(points: int, moves: tuple[Move, ...], side: Color) -> PrincipalVariation:
    return PrincipalVariation(moves, Score(side, points, mate_in(points)))


def _choice(info: Info, fallback: Move) -> Choice:
    """Return the choice: `fallback`, if the search was stopped before it had finished its first move."""
    if not info.variations:
        return Choice(fallback, lines=((fallback,),), info=info)
    best = info.variations[0]
    points = [one.score.as_centipawns() if one.score else 0 for one in info.variations]
    worth = [math.exp((p - points[0]) / SOFT) for p in points]
    shares = tuple((one.moves[0], part / sum(worth)) for one, part in zip(info.variations, worth, strict=True))
    return Choice(best.moves[0], shares, best.score, tuple(one.moves for one in info.variations), info)
