"""What tests of reviews, practice and teaching share: a game with a mistake, and a small judge."""

from __future__ import annotations

from desk import live, settle

from xiangqi_lm.gui.game.reviewing import Terms
from xiangqi_lm.review.reviewer import Reviewer
from xiangqi_lm.review.verdicts import Cache, Judge
from xiangqi_lm.rules.moves import Move

GAME = "h2e2 h9g7 e2e6 g7e6 h0g2 i9h9"  # the third ply gives a cannon for a pawn
BLUNDER = 2  # plies before it
PATIENCE = 300  # seconds allowed for a judge, which may have to be compiled first


def moves(text: str) -> tuple[Move, ...]:
    return tuple(map(Move.from_iccs, text.split()))


class Advisers:
    """Makes reviewers with a small alpha-beta judge and no model, over one cache; remembers what it made."""

    def __init__(self) -> None:
        self.cache, self.judges = Cache(), []

    def __call__(self, terms: Terms) -> tuple[Reviewer, Judge]:
        judge = Judge("alphabeta?nodes=1500", cache=self.cache, ruleset=terms.ruleset)
        self.judges.append(judge)
        return Reviewer(judge), judge


def study(app):
    return app.controller.view().analysis


def wait(app):
    """Wait for the verdict on a try."""
    live(app, lambda: app.controller.state.analysis.attempt.state != "checking", PATIENCE)
    settle(app)
