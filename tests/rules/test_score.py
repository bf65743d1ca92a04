"""One scale for scores: centipawns, mates and chances read the same everywhere."""

import numpy as np
import pytest

from xiangqi_lm.arena.match import MoveStats
from xiangqi_lm.dataset.labelwriter import Label, Scored, write_label
from xiangqi_lm.engine.player import Choice, Info, PrincipalVariation
from xiangqi_lm.engine.protocol import ucci, uci
from xiangqi_lm.rules.board import Board
from xiangqi_lm.rules.fen import START_FEN
from xiangqi_lm.rules.moves import Move
from xiangqi_lm.rules.score import MATE, Score, WinDrawLoss, centipawns_of, parse, win_draw_loss
from xiangqi_lm.rules.squares import BLACK, RED

CHANCES = WinDrawLoss(0.5, 0.3, 0.2)


def test_centipawns_become_chances_by_the_ordered_logistic():
    assert win_draw_loss(200)[0] == pytest.approx(0.5)  # the margin
    assert win_draw_loss(200)[2] == pytest.approx(1 / (1 + np.exp(400 / 260)))
    assert win_draw_loss(100, scale=50, margin=100)[0] == pytest.approx(0.5)
    chances = win_draw_loss([0, 100, 400, -400, 9_999, -9_999, MATE - 1, -MATE + 1])
    assert chances.sum(-1) == pytest.approx(1) and (chances >= 0).all()
    points = chances[:, 0] + chances[:, 1] / 2
    assert points[0] == pytest.approx(0.5) and points[2] + points[3] == pytest.approx(1)
    assert points[0] < points[1] < points[2] < points[4] <= points[6] == 1
    assert chances[6].tolist() == [1, 0, 0] and chances[7].tolist() == [0, 0, 1]


@pytest.mark.parametrize("points", [-1200, -300, -1, 0, 5, 80, 444, 2000])
def test_chances_become_the_centipawns_they_came_from(points):
    assert centipawns_of(tuple(win_draw_loss(points))) == points


def test_chances_of_the_same_expected_score_are_worth_the_same():
    assert centipawns_of(CHANCES) == centipawns_of((0.65, 0.0, 0.35)) == -centipawns_of((0.2, 0.3, 0.5)) == 185
    assert centipawns_of((0.3, 0.4, 0.3)) == 0
    assert 2000 < centipawns_of((1.0, 0.0, 0.0)) < 10_000


@pytest.mark.parametrize(
    ("score", "points", "chances", "text"),
    [
        (Score(RED, 185), 185, tuple(win_draw_loss(185)), "+185"),
        (Score(RED, wdl=CHANCES), 185, CHANCES, "+185"),
        (Score(RED, 30, wdl=CHANCES), 30, CHANCES, "+30"),
        (Score(RED, mate=3), 29_997, (1, 0, 0), "#3"),
        (Score(RED, mate=-2), -29_998, (0, 0, 1), "#-2"),
        (Score(RED, 19_995), 19_995, (1, 0, 0), "+19995"),
    ],
)
def test_readings(score, points, chances, text):
    assert (score.as_centipawns(), score.as_wdl(), str(score)) == (points, pytest.approx(chances), text)
    assert score.expectation() == pytest.approx(chances[0] + chances[1] / 2)
    other = score.seen_by(BLACK)
    assert other.side is BLACK and other.seen_by(RED) == score and score.seen_by(RED) is score
    assert (other.as_centipawns(), other.as_wdl()) == (-points, pytest.approx(chances[::-1]))
    assert parse(text, RED).as_centipawns() == points


def test_invalid_scores_are_refused():
    for values in ({}, {"mate": 0}):
        with pytest.raises(ValueError, match="needs centipawns"):
            Score(RED, **values)
    for text in ("", "#", "1.5", "+-3", "#0", "mate 3", "9" * 10):
        with pytest.raises(ValueError, match="score"):
            parse(text, RED)


@pytest.mark.parametrize(
    ("score", "cp", "mate", "text"),
    [
        (Score(RED, wdl=CHANCES), 185, None, "+185"),
        (Score(RED, 185), 185, None, "+185"),
        (Score(RED, -35), -35, None, "-35"),
        (Score(RED, mate=1), None, 1, "#1"),
        (Score(RED, mate=-4), None, -4, "#-4"),
    ],
)
def test_a_score_reads_the_same_in_every_protocol_comment_and_label(score, cp, mate, text):
    move, board = Move.from_iccs("h2e2"), Board()
    line = PrincipalVariation((move,), score)
    info = Info(1, 1, 0.0, (line,))
    for said in (uci.parse_info(uci.format_info(info)[-1], board), ucci.parse_info(ucci.format_info(info)[-1], board)):
        assert (said.variation.score.centipawns, said.variation.score.mate) == (cp, mate)
    assert MoveStats.of(Choice(move, info=info), 0.0).words().startswith(f"score {text},")
    position = " ".join(START_FEN.split()[:2])
    assert write_label(Label(position, (Scored(move, score),))).split("\t")[2] == text.removeprefix("+")


def test_ucci_writes_mates_as_numbers_and_its_engines_as_either():
    for mate in (1, 2, 49, -1, -2, -49):
        score = Score(RED, mate=mate)
        assert ucci.read_score(ucci.write_score(score), RED) == score
    assert ucci.read_score(9_000, RED) == Score(RED, 9_000)
    assert ucci.read_score(-10_000, BLACK) == Score(BLACK, mate=-1)
    said = ucci.parse_info("info depth 6 score mate -2 pv h2e2", Board())
    assert said.variation.score == Score(RED, mate=-2)
