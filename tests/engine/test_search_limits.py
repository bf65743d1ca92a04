"""When a search ends and what it reports: nodes, time, stop, root moves, lines and reports."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from searching import CHECKED, CHECKING, MATES, by_key, flat, played

from xiangqi_lm.engine.mcts.node import REFUTED, VISITS, Facts
from xiangqi_lm.engine.mcts.player import SearchPlayer
from xiangqi_lm.engine.mcts.search import Search, SearchSettings
from xiangqi_lm.engine.mcts.tree import Tree
from xiangqi_lm.engine.player import Clock, Limit
from xiangqi_lm.errors import IllegalMove
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.moves import Move


class FakeTime:
    """A clock that stands still except when a test advances it."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> FakeTime:
    found = FakeTime()
    monkeypatch.setattr("xiangqi_lm.engine.mcts.search.time", found)
    return found


def taking(seconds: float, clock: FakeTime):
    """Return an evaluation that takes that long by the clock."""

    def evaluate(boards):
        clock.now += seconds
        return by_key(boards)

    return evaluate


def stopping(stop: threading.Event, after: int, evaluate=by_key):
    """Return an evaluation whose `after`-th call sets the stop; its `calls` lists the batches."""

    def evaluated(boards):
        calls.append(len(boards))
        if len(calls) == after:
            stop.set()
        return evaluate(boards)

    calls: list[int] = []
    evaluated.calls = calls
    return evaluated


def test_stop_is_answered_at_once_with_the_best_so_far():
    stop = threading.Event()
    evaluate = stopping(stop, 5)
    choice = SearchPlayer(evaluate).choose(Board(), Limit(infinite=True, stop=stop))
    assert choice.move in Board().legal_moves and choice.info.nodes > 1
    assert len(evaluate.calls) == 5  # none after the stop


def test_an_infinite_search_that_is_decided_waits_for_stop():
    class Awaited(threading.Event):
        """A stop event that is set when it is waited for."""

        def wait(self, timeout=None):
            self.set()
            return super().wait(timeout)

    stop = Awaited()
    choice = SearchPlayer(flat).choose(Board(MATES[0][0]), Limit(infinite=True, stop=stop))
    assert stop.is_set() and choice.info.variations[0].score.mate == 1


def test_movetime_and_clock_are_kept(clock):
    for limit in (Limit(movetime=0.3), Limit(clock=Clock(9.0, 9.0))):
        began = clock.now
        choice = SearchPlayer(taking(0.02, clock)).choose(Board(), limit)
        assert 0.05 < clock.now - began <= 0.3 + 0.02
        assert choice.info.seconds == pytest.approx(clock.now - began) and choice.info.nodes > 1


def test_a_network_that_takes_most_of_the_time_is_evaluated_once(clock):
    asked = []

    def heavy(boards):
        asked.append(len(boards))
        clock.now += 0.4
        return by_key(boards)

    choice = SearchPlayer(heavy).choose(Board(), Limit(movetime=0.6))
    assert asked == [1] and choice.info.nodes == 1 and choice.move in Board().legal_moves


def test_reading_the_game_is_part_of_the_time(clock):
    def begin(boards):
        clock.now += 0.4

    choice = SearchPlayer(flat, begin=begin).choose(Board(), Limit(movetime=0.3))
    assert choice.info.seconds == pytest.approx(0.4) and choice.info.nodes == 1


def test_a_kept_tree_grows_in_small_steps_when_time_is_short():
    """Nothing is known yet of how long a batch takes."""
    sizes = []

    def sized(boards):
        sizes.append(len(boards))
        return by_key(boards)

    player, board = SearchPlayer(sized, settings=SearchSettings(batch=16, cpuct=0.5)), Board()
    for move in player.choose(board, Limit(nodes=800)).lines[0][:2]:
        board.push(move)
    sizes.clear()
    player.choose(board, Limit(movetime=5.0, nodes=40))
    assert sizes[:3] == [1, 2, 4] and max(sizes) > 4


def test_a_kept_tree_s_lead_does_not_save_the_clock_before_the_speed_is_known():
    player, board = SearchPlayer(by_key, settings=SearchSettings(batch=4, cpuct=0.5)), Board()
    for move in player.choose(board, Limit(nodes=2000)).lines[0][:2]:
        board.push(move)
    choice = player.choose(board, Limit(clock=Clock(9.0, 9.0)))
    assert choice.info.nodes > 4 and choice.info.seconds < 1


def test_limits_are_checked_when_nothing_is_left_to_evaluate():
    """In a small ending every position is known after a while, and visits need no evaluation any more."""
    board = Board("P8/4k4/9/9/9/9/9/9/9/3K5 w")
    player, todo = SearchPlayer(flat), [board.copy()]
    while todo:
        known = todo.pop()
        if known.key in player.table or known.outcome() is not None:
            continue
        ((priors,), _) = flat([known])
        player.table[known.key] = Facts(known.legal_ids(), priors, (0.3, 0.4, 0.3))
        for move in known.legal_list():
            below = Board(known.fen())
            below.push(move)
            todo.append(Board(" ".join(below.fen().split()[:2])))
    for limit in (Limit(movetime=0.2), Limit(infinite=True, stop=Patience(5))):
        assert player.choose(board, limit).info.nodes > 256  # and it returns


class Patience(threading.Event):
    """A stop event that is set once it has been checked that often."""

    def __init__(self, left: int):
        super().__init__()
        self.left = left

    def is_set(self) -> bool:
        self.left -= 1
        if self.left < 0:
            self.set()
        return super().is_set()


def test_an_infinite_search_ignores_the_clock(clock):
    stop = threading.Event()
    player = SearchPlayer(stopping(stop, 8, taking(0.02, clock)))
    choice = player.choose(Board(), Limit(infinite=True, clock=Clock(0.01, 0.01), movetime=0.01, stop=stop))
    assert choice.info.nodes > 5 and clock.now >= 8 * 0.02


def test_with_one_legal_move_no_time_is_spent(clock):
    board = played(CHECKING + " e2f2", CHECKED)
    assert len(board.legal_moves) == 1
    SearchPlayer(taking(0.02, clock)).choose(board, Limit(clock=Clock(100.0, 100.0)))
    assert clock.now <= 0.1


def test_only_unrefuted_moves_compete():
    """The most visited move is refuted; the two behind it are close."""
    tree = Tree(Board(), 1.5, 0.3, {})
    tree.root.facts = Facts(Board().legal_ids(), np.full(44, 1 / 44, np.float32), (0.3, 0.4, 0.3))
    edges = tree.root.unfold()
    edges[VISITS, :3] = 300, 100, 95
    run = Search([tree], Limit(clock=Clock(10.0, 10.0)), SearchSettings(), flat, np.random.default_rng(1))
    run.nodes[id(tree)] = 200
    assert run.is_settled(tree, left=0.0)
    edges[REFUTED, 0] = 1
    assert not run.is_settled(tree, left=0.0)
    edges[REFUTED, 1:] = 1
    edges[REFUTED, 7] = 0
    assert run.is_settled(tree, left=5.0)  # it is the only one


def test_root_moves_lines_and_reports(clock):
    reports = []
    allowed = tuple(Move.from_iccs(text) for text in ("a0a1", "b2e2", "h2e2", "g3g4"))
    limit = Limit(nodes=600, root_moves=allowed, multipv=3, report=reports.append)
    choice = SearchPlayer(taking(0.02, clock)).choose(Board(), limit)
    assert {move for move, _ in choice.probabilities} == set(allowed) and choice.move in allowed
    assert sum(share for _, share in choice.probabilities) == pytest.approx(1)
    assert [line[0] for line in choice.lines] == [move for move, _ in choice.probabilities][:3]
    assert choice.lines[0][0] is choice.move and choice.info.nodes == 600
    assert reports and all(1 <= len(info.variations) <= 3 and info.nodes <= 600 for info in reports)
    board = Board()
    for move in choice.lines[0]:
        board.push(move)  # raises if the line is illegal
    assert choice.info.depth == max(len(line) for line in choice.lines) >= 3


def test_without_a_move_to_choose_an_error_is_raised():
    with pytest.raises(IllegalMove, match="none of the moves"):
        SearchPlayer(flat).choose(Board(), Limit(nodes=5, root_moves=(Move.from_iccs("a0a9"),)))
    mated = played("e6d6", MATES[0][0])
    with pytest.raises(IllegalMove, match="none of the moves"):
        SearchPlayer(flat).choose(mated, Limit(nodes=5))
