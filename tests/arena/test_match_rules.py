"""Players in a match are given the ruleset by which it is judged."""

from __future__ import annotations

import pytest

from xiangqi_lm.arena.match import Conditions, Game, Participant, play_games
from xiangqi_lm.arena.timecontrol import TimeControl
from xiangqi_lm.engine.baselines import RandomPlayer
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.rulesets import CHOICES


@pytest.mark.parametrize("ruleset", CHOICES)
@pytest.mark.parametrize("control", [TimeControl(), TimeControl(nodes=5), TimeControl(base=60.0)])
def test_the_rules_of_a_match_reach_its_players(ruleset, control):
    told = []

    class Listener(RandomPlayer):
        def choose(self, board, limit=None):
            told.append(limit)
            return super().choose(board, limit)

    conditions = Conditions(ruleset=ruleset)
    seats = [Participant(name, lambda seed: Listener(1), control) for name in ("red", "black")]
    board = Board("3ak4/4a4/R8/9/9/9/9/9/9/3K5 w - - 90 100")  # the move limit ends it soon
    (table,) = play_games([Game(0, *seats, board, conditions)])
    heard = [limit for limit in told if limit.depth is None]  # without the warm-up
    assert len(heard) == table.board.ply >= 4
    assert {limit.ruleset for limit in heard} == {ruleset}
    assert {limit.nodes for limit in heard} == {control.nodes}
