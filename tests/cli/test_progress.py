"""Estimates of the time left are close from early on, even when games end together."""

from __future__ import annotations

import pytest

from xiangqi_lm.cli.progress import GamesLeft, span
from xiangqi_lm.cli.tournament import seconds_left


@pytest.mark.parametrize("length", [50, 100, 180])
@pytest.mark.parametrize("at_once", [1, 16, 64])
def test_plies_of_games_played_together(length, at_once):
    """64 games of one length, `at_once` in step: the estimate is never off by more than the usual length is."""
    left, truth = GamesLeft(64, at_once), 64 * length
    for _ in range(0, 64, at_once):
        for ply in range(length):
            left.played(at_once)
            if ply == length - 1:
                for _ in range(at_once):
                    left.ended(length)
            assert truth / 2.1 < left.total() < truth * 2.1
    assert left.total() == truth and left.words() == "64 of 64 games"


def test_games_known_by_their_ends_alone():
    """Four workers, games of 60 plies at a second per ply: the first four end after a minute."""
    for ended in range(4, 100, 4):
        seconds = 60 * ended / 4
        assert seconds_left([60] * ended, 100 - ended, 4, seconds) == pytest.approx(
            60 * (100 - ended) / 4, rel=0.35, abs=60
        )
    assert seconds_left([60], 0, 4, 60) == 0


def test_lengths_of_time():
    assert [span(seconds) for seconds in (3, 99, 700, 40_000)] == ["3 s", "99 s", "12 min", "11.1 h"]
