"""Time management, the same for every player."""

from __future__ import annotations

import pytest

from xiangqi_lm.engine.player import Clock, Limit
from xiangqi_lm.engine.timing import Budget, budget, share


def test_no_clock_runs_out():
    """A player never spends all the time left, and spends more if it has more."""
    for mine in (0.01, 0.1, 1.0, 60.0, 3600.0):
        for increment in (0.0, 5.0):
            for to_go in (None, 1, 40):
                clock = Clock(mine, 1.0, increment, 0.0, to_go)
                assert 0 <= share(clock) <= mine / 2
                found = budget(Limit(clock=clock))
                assert 0 < found.soft <= found.hard < max(0.01, mine)
    assert share(Clock(60, 60)) < share(Clock(60, 60, 2.0)) < share(Clock(600, 60, 2.0))
    assert budget(Limit(clock=Clock(60, 60))).hard < 10


def test_shares_by_hand():
    assert share(Clock(60.03, 60)) == pytest.approx(2.0)
    assert share(Clock(60.03, 60, 1.0)) == pytest.approx(2.8)
    assert share(Clock(60.03, 60, moves_to_go=10)) == pytest.approx(6.0)
    assert share(Clock(60.03, 60, moves_to_go=200)) == pytest.approx(2.0)
    assert share(Clock(60.03, 60, moves_to_go=1)) == pytest.approx(30.0)


def test_limits_without_a_clock():
    assert budget(Limit(nodes=10)) == Budget()
    assert 0.9 < budget(Limit(movetime=1.0)).hard <= 1.0
    assert budget(Limit(movetime=1.0, clock=Clock(2.0, 2.0))).hard < 1.0
    assert budget(Limit(infinite=True, movetime=1.0, clock=Clock(1.0, 1.0))) == Budget()
