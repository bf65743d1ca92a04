"""Generated problems: answers by brute force from the numbers in the text, wordings that are really held out."""

import itertools
import random
import re
from fractions import Fraction

import pytest

from xiangqi_lm.tasks.word_problems import answers
from xiangqi_lm.tasks.word_problems.expression import evaluate
from xiangqi_lm.tasks.word_problems.families import CLASSIC, FAMILIES
from xiangqi_lm.tasks.word_problems.generator import generate, make
from xiangqi_lm.tasks.word_problems.questions import read


def made(name, count, text="", held_out=False, seed=1):
    dice = random.Random(seed)
    problems = (make(dice, FAMILIES[name], held_out) for _ in range(40 * count))
    return list(itertools.islice((p for p in problems if re.search(text, p.question)), count))


def numbers(problem):
    return [n.value for n in read(problem.question).numbers]


def values(problem):
    return [evaluate(text) for text in problem.expressions]


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_problem_is_sound(name, held_out):
    for problem in made(name, 60, held_out=held_out):
        assert not re.search(r"[<>|\[\]{}]", problem.question), problem.question
        assert problem.source == name
        for text, answer in zip(problem.expressions, problem.answers, strict=True):
            assert evaluate(text) > 0, problem
            assert answers.agrees(evaluate(text), answer), problem


def test_held_out_wordings_are_never_trained_on():
    def skeletons(wordings):
        return {re.sub(r"<[^<>]*>|\{\w+\}|\[\w+\]", "", text) for text, _ in wordings}

    for family in FAMILIES.values():
        for shape in family.shapes:
            assert shape.held_out and not skeletons(shape.held_out) & skeletons(shape.wordings), family.name


def test_the_same_seed_gives_the_same_problems():
    assert [generate(random.Random(3)) for _ in range(5)] == [generate(random.Random(3)) for _ in range(5)]
    assert len({generate(random.Random(seed)).source for seed in range(300)}) == len(FAMILIES)
    assert len(CLASSIC) == 10


# ------------------------------------------------------------------------------------------------ brute force


def test_chickens_and_rabbits():
    for problem in made("chickens", 30, "鸡.*兔.*(几|多少)只？$"):
        heads, legs = (int(n) for n in numbers(problem)[:2])
        ((hens, rabbits),) = [(h, heads - h) for h in range(heads + 1) if 2 * h + 4 * (heads - h) == legs]
        asked = problem.question[-9:]
        both = ("鸡" in asked and "兔" in asked) or "各" in asked or "分别" in asked
        expected = [hens, rabbits] if both else [hens] if "鸡" in asked else [rabbits]
        assert values(problem) == expected, problem


def test_surplus_and_deficit():
    for problem in made("surplus", 40, r"(多|剩|余)\d+.*(少|差)\d+"):
        a, s, b, d = numbers(problem)
        ((people, things),) = [(n, a * n + s) for n in range(1, 200) if a * n + s == b * n - d]
        assert set(values(problem)) <= {people, things}, problem


def test_ages():
    for problem in made("ages", 30, "年(后|以后|前|以前)|过(几|多少)年"):
        old, young = sorted(numbers(problem), reverse=True)[:2]
        k = next(n for n in numbers(problem) if n not in (old, young)) if len(set(numbers(problem))) == 3 else None
        if k is None:
            continue
        sign = -1 if "前" in problem.question else 1
        (years,) = [y for y in range(1, 90) if old + sign * y == k * (young + sign * y)]
        assert values(problem) == [years], problem


def test_trees():
    for problem in made("trees", 60, r"栽|种|植"):
        if "锯" in problem.question or not re.search("多少棵|几棵", problem.question):
            continue
        plain = re.sub("两(端|边|旁|侧|座|栋|楼)|四周", "", problem.question)
        length, gap = (n.value for n in read(plain).numbers[:2])
        spots = range(0, int(length) + 1, int(gap))
        inner = [x for x in spots if 0 < x < length]
        if "圆形" in problem.question or "周长" in problem.question or "只有一端" in problem.question:
            count = len(inner) + 1
        elif "两端都不" in problem.question or "两端不" in problem.question or "楼" in problem.question:
            count = len(inner)
        else:
            count = len(spots)
        sides = 2 if re.search("两(边|旁|侧)", problem.question) else 1
        assert values(problem) == [sides * count], problem


def test_cattle_and_grass():
    for problem in made("cattle", 30):
        a, s, b, t, c = numbers(problem)
        if re.search(r"(多少|几)(头牛|台|人)", problem.question):
            continue  # the other direction: below
        growth = Fraction(a * s - b * t, s - t)
        stock, days = a * s - growth * s, 0
        while stock > 0:  # a day at a time
            stock, days = stock + growth - c, days + 1
        assert stock == 0 and values(problem) == [days], problem


def test_cattle_for_a_number_of_days():
    for problem in made("cattle", 20, "(多少|几)(头牛|台|人)"):
        a, s, b, t, c = numbers(problem)
        herds = [n for n in range(1, 400) if _eaten(n, c, a, s, b, t)]
        assert values(problem) == herds, problem


def _eaten(herd, days, a, s, b, t):
    """Whether a herd eats exactly what is there in the days: stock and growth from the two cases given."""
    growth = Fraction(a * s - b * t, s - t)
    return herd * days == (a - growth) * s + growth * days


def test_work():
    for problem in made("work", 20, "^一项.*甲独做.*乙独做.*(合|一起做)"):
        if "丙" in problem.question or "先" in problem.question or "一天" in problem.question:
            continue
        a, b = (n.value for n in read(re.sub("两(人|队)", "", problem.question)).numbers)
        (time,) = values(problem)
        assert time / a + time / b == 1, problem


def test_speed_meeting():
    for problem in made("speed", 20, "相距.*相遇？$"):
        if "每小时行多少" in problem.question:
            continue
        s, v, w = _three(problem)
        (time,) = values(problem)
        assert time * v + time * w == s, problem


def _three(problem):
    """The three numbers of a meeting, without the `两` of 两地 and 两车."""
    text = re.sub("两(地|车|人|家|辆|城)", "", problem.question)
    return [n.value for n in read(text).numbers]


def test_concentration_of_a_mixture():
    for problem in made("concentration", 10, "混合"):
        found = numbers(problem)
        if len(found) != 4:
            continue
        (share,) = values(problem)
        weights = [n for n in found if n > 1]
        parts = [n for n in found if n < 1]
        assert share * sum(weights) == sum(w * p for w, p in zip(weights, parts, strict=True)), problem


def test_ratios_share_out_a_whole():
    for problem in made("ratios", 20, "桃树和梨树各有"):
        total, a, b = numbers(problem)
        first, second = values(problem)
        assert first + second == total and first * b == second * a


def test_profit():
    for problem in made("profit", 10, "进价.*(加价|提价)[^再又]*(售价|卖)"):
        if "折" in problem.question:
            continue
        cost, rate = numbers(problem)
        (price,) = values(problem)
        assert (price - cost) / cost == rate, problem
