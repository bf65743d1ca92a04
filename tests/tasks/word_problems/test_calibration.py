"""Confidence: a regression that finds the chances it was drawn from, and questions that are refused."""

import math
import random

import pytest

from xiangqi_lm.errors import BadCheckpoint
from xiangqi_lm.tasks.word_problems import calibration, solving
from xiangqi_lm.tasks.word_problems import run as runs
from xiangqi_lm.tasks.word_problems.calibration import Calibration, Evidence
from xiangqi_lm.tasks.word_problems.config import PRESETS
from xiangqi_lm.tasks.word_problems.generator import generate
from xiangqi_lm.tasks.word_problems.measuring import calibrated
from xiangqi_lm.tasks.word_problems.problems import Problem
from xiangqi_lm.tasks.word_problems.questions import read
from xiangqi_lm.training import loop


def drawn(count, seed=0):
    dice = random.Random(seed)
    truth = Calibration(-0.5, (0.8, -2.0, 0.3, -0.2, -0.6))
    evidence = [
        Evidence(dice.gauss(0, 2), dice.random(), dice.random() * 2, dice.random() * 3, dice.gauss(2, 1))
        for _ in range(count)
    ]
    return truth, evidence, [dice.random() < truth.probability(e) for e in evidence]


def test_a_fit_finds_the_chances_that_marks_were_drawn_from():
    truth, evidence, marks = drawn(4000)
    found = calibration.fitted(evidence, marks)
    _, others, _ = drawn(500, seed=1)
    off = [abs(found.probability(e) - truth.probability(e)) for e in others]
    assert sum(off) / len(off) < 0.03
    assert abs(sum(found.probability(e) for e in evidence) - sum(marks)) < 2  # a logistic regression has the right mean


@pytest.mark.parametrize("mark", [True, False])
def test_marks_that_are_all_alike_have_a_fit(mark):
    _, evidence, _ = drawn(30)
    chance = calibration.fitted(evidence, [mark] * 30).probability(evidence[0])
    assert chance > 0.9 if mark else chance < 0.1


def test_a_card_keeps_the_calibration():
    fit = Calibration(0.25, (1.0, 2.0, 3.0, 4.0, -5.0))
    assert calibration.from_card({"calibration": fit.as_json()}) == fit
    assert calibration.from_card({}) is None
    with pytest.raises(BadCheckpoint, match="damaged calibration"):
        calibration.from_card({"calibration": {"bias": 1}})


def test_log_odds_are_bounded():
    assert calibration.log_odds(0.75) == pytest.approx(math.log(3))
    assert calibration.log_odds(0) == pytest.approx(-calibration.CERTAIN)
    assert calibration.log_odds(1) == pytest.approx(calibration.CERTAIN)


@pytest.fixture(scope="module")
def solver(tmp_path_factory):
    run = runs.begin(PRESETS["tiny"], [], tmp_path_factory.mktemp("run"), "cpu")
    loop.train(run, run.folder, lambda line: None, runs.WORD_PROBLEMS)
    return run.model.eval()


def test_surprise_is_the_mean_of_hidden_characters(solver):
    question = read("鸡兔同笼，共35个头，94只脚。")
    (found,) = calibration.surprise(solver, [question])
    (again, other) = calibration.surprise(
        solver, [question, read("小明今年8岁，爸爸36岁，几年后爸爸的年龄是小明的3倍？")]
    )
    assert again == pytest.approx(found, abs=1e-4) and other > 0  # whatever else is in the batch
    kept = solver.embed.token.weight.data.clone()
    solver.embed.token.weight.data.zero_()
    (level,) = calibration.surprise(solver, [question])
    solver.embed.token.weight.data.copy_(kept)
    assert level == pytest.approx(math.log(solver.vocabulary.tokens), rel=1e-3)  # every token is as likely as another


def test_both_kinds_of_problems_set_the_threshold(solver):
    dice = random.Random(3)
    made = [generate(dice, ("times",)) for _ in range(20)]
    given = [Problem(p.question, p.expressions, ("-1",), "a school book") for p in made]  # never right
    _, lowest = calibrated(solver, [*made, *given], 0.8)
    assert lowest == 1.0
    solver.card = {"calibration": Calibration(50.0, (0.0,) * 5).as_json(), "threshold": 0.9}
    sure = solving.solve(solver, [made[0].question])[0]
    solver.card = {"calibration": Calibration(-50.0, (0.0,) * 5).as_json(), "threshold": 0.9}
    unsure = solving.solve(solver, [made[0].question])[0]
    solver.card = {}
    assert sure.confidence > 0.99 and unsure.confidence < 0.01 and not unsure.sure
    assert sure.evidence == unsure.evidence and [p.value for p in sure.parts] == [p.value for p in unsure.parts]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the question is empty"),
        ("今天天气怎么样？", "gives no number"),
        ("If 3 apples cost 6 yuan, how much do 5 cost?", "not in Chinese"),
        ("龘龘龘有3个龘龘，龘龘龘？", "characters are known"),
        ("9" * 26 + "加1是多少？", "a number of 26 digits; at most 24 are read"),
        ("12345", "the question is a number"),
        ("小明有3个苹果。" * 60, "the question has 480 characters and numbers; at most 160 are read"),
    ],
)
def test_what_is_not_a_question_is_refused_in_one_line(solver, text, reason):
    (solution,) = solving.solve(solver, [text])
    assert not solution.parts and not solution.sure and solution.evidence is None
    (doubt,) = solution.doubts
    assert reason in doubt and "\n" not in doubt
