"""Generated problems: answers by brute force from the numbers in the text, wordings that are really held out."""

import itertools
import random
import re
from fractions import Fraction

import pytest

from xiangqi_lm.tasks.word_problems import answers
from xiangqi_lm.tasks.word_problems.expression import evaluate
from xiangqi_lm.tasks.word_problems.families import CLASSIC, FAMILIES
from xiangqi_lm.tasks.word_problems.families.phrasing import rearranged, varied
from xiangqi_lm.tasks.word_problems.generator import generate, make
from xiangqi_lm.tasks.word_problems.questions import read


def made(name, count, text="", held_out=False, seed=1):
    dice = random.Random(seed)
    problems = (make(dice, FAMILIES[name], held_out) for _ in range(60 * count))
    found = list(itertools.islice((p for p in problems if re.search(text, p.question)), count))
    assert len(found) >= min(count, 8), f"{name}: only {len(found)} questions match {text}"
    return found


def numbers(problem):
    """The numbers in figures: the 两 of 两车 is none."""
    return [n.value for n in read(problem.question).numbers if n.kind != "chinese"]


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


def choices(dice, text):
    """One of the texts that the alternatives of a wording make."""
    while "<" in text:
        text = re.sub("<([^<>]*)>", lambda match: dice.choice(match[1].split("|")), text)
    return text


@pytest.mark.parametrize("family", FAMILIES.values(), ids=lambda family: family.name)
def test_held_out_wordings_are_never_trained_on(family):
    dice = random.Random(0)
    for shape in family.shapes:
        texts = [w.text for w in shape.wordings]
        trained = {choices(dice, text) for text in texts for _ in range(max(2, min(100, 2000 // len(texts))))}
        held_out = {choices(dice, w.text) for w in shape.held_out for _ in range(4)}
        assert held_out and not held_out & trained, (family.name, held_out & trained)


@pytest.mark.parametrize("family", CLASSIC, ids=lambda family: family.name)
def test_a_quarter_of_the_wordings_of_every_relation_is_held_out(family):
    for shape in family.shapes:
        for expression in {w.expression for w in shape.wordings}:
            trained = sum(w.expression == expression for w in shape.wordings)
            held = sum(w.expression == expression for w in shape.held_out)
            assert held * 4 >= trained + held, (family.name, expression)


@pytest.mark.parametrize("family", CLASSIC, ids=lambda family: family.name)
def test_expressions_give_what_the_numbers_were_drawn_from(family):
    """A drawing begins with the answer and works out what the question gives; the expression must lead back."""
    checked = 0
    for shape in family.shapes:
        for expression, asked in {(w.expression, w.asked) for w in (*shape.wordings, *shape.held_out) if w.asked}:
            for seed in range(12):
                drawn = shape.draw(random.Random(seed))
                assert not [value for value in drawn.values() if str(value).startswith("-")], drawn
                found = [evaluate(text.format(**drawn)) for text in expression.split(";")]
                assert found == [evaluate(str(drawn[name])) for name in asked.split(";")], (expression, drawn)
                checked += 1
    assert checked >= 48


def test_a_wording_gives_every_number_that_its_expression_needs():
    derived = {"off_rate": "off"}  # 八折 is read as 80%
    for family in FAMILIES.values():
        for shape in family.shapes:
            for text, expression, *_ in (*shape.wordings, *shape.held_out):
                given, needed = (set(re.findall(r"\{(\w+)\}", part)) for part in (text, expression))
                assert {derived.get(name, name) for name in needed} <= given, text
                assert text.count("<") == text.count(">") and not re.search(r"\[[A-Z]+\]", text), text


def test_the_same_seed_gives_the_same_problems():
    assert [generate(random.Random(3)) for _ in range(5)] == [generate(random.Random(3)) for _ in range(5)]
    assert len({generate(random.Random(seed)).source for seed in range(300)}) == len(FAMILIES)
    assert len(CLASSIC) == 10


# ------------------------------------------------------------------------------------------------ brute force


def test_chickens_and_rabbits():
    for problem in made("chickens", 40, "^(?!.*[多少倍同样]\\d*[只倍]).*鸡.*兔.*只(脚|足)?"):
        if len(found := numbers(problem)) != 2 or re.search("倍|比|一样|同样|相等|相同", problem.question):
            continue
        heads, legs = (int(n) for n in sorted(found))
        ((hens, rabbits),) = [(h, heads - h) for h in range(heads + 1) if 2 * h + 4 * (heads - h) == legs]
        assert set(values(problem)) <= {hens, rabbits}, problem


MORE, LESS = "多|剩|余", "少|差|缺|不够|不足"


def test_surplus_and_deficit():
    checked = 0
    for problem in made("surplus", 150, "^[^空迟早买出]*每[^空迟早买出]*$"):
        found = numbers(problem)
        clauses = re.findall(rf"\d+[^\d。；]*?({MORE}|{LESS})[^\d]*?\d+", problem.question)
        if len(found) != 4 or len(clauses) != 2:
            continue
        a, s, b, d = found
        s, d = (n if word in MORE.split("|") else -n for n, word in zip((s, d), clauses, strict=True))
        ((people, things),) = [(n, a * n + s) for n in range(1, 400) if a * n + s == b * n + d]
        assert set(values(problem)) <= {people, things}, problem
        checked += 1
    assert checked > 20


def test_ages():
    checked = 0
    for problem in made("ages", 80, "(多少|几)年(后|以后|之后|前|以前|之前)|过(几|多少)年"):
        found = numbers(problem)
        if len(found) != 3 or len(set(found)) != 3 or re.search("[大小差长]", problem.question):
            continue
        *low, old = sorted(found)
        sign = -1 if "前" in problem.question else 1
        pairs = [(k, young) for k, young in (low, low[::-1])]
        years = [y for k, young in pairs for y in range(1, 90) if old + sign * y == k * (young + sign * y)]
        assert values(problem)[0] in years, problem
        checked += 1
    assert checked > 20


def test_trees():
    for problem in made("trees", 80, "棵.*(多少棵|几棵|多少棵.*)？?$"):
        text = re.sub("正方形.*每(边|条边).*", "", problem.question)
        if len(found := numbers(problem)) != 2 or text != problem.question or "间隔，" in text:
            continue
        gap, length = sorted(int(n) for n in found)
        if length % gap:
            continue
        spots = range(0, length + 1, gap)
        inner = [x for x in spots if 0 < x < length]
        if re.search("周长|一周|一圈|环形|圆形|沿湖|封闭|只|一头|起点.{1,2}终点不|一端.*另", text):
            count = len(inner) + 1
        elif re.search("(端|尾|头|点)都?不|楼|两(根|座)|房子|馆", text):
            count = len(inner)
        else:
            count = len(spots)
        assert values(problem) == [(2 if re.search("两(边|旁|侧)", text) else 1) * count], problem


def test_cattle_and_grass():
    for problem in made("cattle", 60, "(几|多少)(天|小时|分钟)"):
        if len(found := numbers(problem)) != 5 or re.search("枯|减少|冷", problem.question):
            continue
        a, s, b, t, c = found
        growth = Fraction(a * s - b * t, s - t)
        stock, days = a * s - growth * s, 0
        while stock > 0:  # one day at a time
            stock, days = stock + growth - c, days + 1
        assert stock == 0 and values(problem) == [days], problem


def test_cattle_in_the_cold():
    checked = 0
    for problem in made("cattle", 60, "枯|减少|冷"):
        if len(found := numbers(problem)) != 5:
            continue
        a, s, b, t, c = found
        for loss, stock in ((x, (a + x) * s) for x in range(1, 200) if (a + x) * s == (b + x) * t):
            days, head = Fraction(stock, c + loss), Fraction(stock, c) - loss
            assert values(problem) in ([days], [head]), problem
            checked += 1
    assert checked > 10


def test_work():
    for problem in made(
        "work",
        40,
        "^(?!.*(丙|三人|三队|三者|先|后|调走|进水管.*出水管|排|放完|几分之几|提前|每天|零件)).*(单独|独).*合作",
    ):
        found = numbers(problem)
        if len(found) != 2:
            continue
        (time,) = values(problem)
        a, b = found
        assert time / a + time / b == 1 or 1 / time + 1 / max(a, b) == Fraction(1) / min(a, b), problem


def test_speed_meeting():
    checked = 0
    for problem in made(
        "speed", 60, "^(?!.*(中点|火车|列车|圈|环形|周长)).*(相向|相对|面对).*(多少|几)(小时|分钟|分)后?.*相遇？?$"
    ):
        if len(found := numbers(problem)) != 3:
            continue
        (time,) = values(problem)
        assert any(time * (v + w) == s for s, v, w in itertools.permutations(found)), problem
        checked += 1
    assert checked > 5


def test_concentration_of_a_mixture():
    for problem in made("concentration", 30, "混合"):
        weights, parts = [n for n in numbers(problem) if n >= 1], [n for n in numbers(problem) if n < 1]
        if len(weights) != 2 or len(parts) != 2:
            continue
        (share,) = values(problem)
        assert share * sum(weights) == sum(w * p for w, p in zip(weights, parts, strict=True)), problem


def test_ratios_share_out_a_whole():
    for problem in made("ratios", 40, "(桃树.*梨树|杨树.*柳树|红花.*黄花).*(各|分别)"):
        if len(found := numbers(problem)) != 3:
            continue
        first, second = values(problem)
        assert first + second in found and any(first * b == second * a for a, b in itertools.permutations(found, 2))


def test_facts_change_places_but_not_the_question():
    dice = random.Random(1)
    text = "鸡兔同笼，有{heads}个头，有{legs}条腿，它们关在{n}个笼子里，鸡有几只"
    seen = {rearranged(dice, text) for _ in range(40)}
    assert seen == {text, "鸡兔同笼，有{legs}条腿，有{heads}个头，它们关在{n}个笼子里，鸡有几只"}


def test_words_of_the_same_meaning_keep_the_numbers():
    dice = random.Random(4)
    text = "[person]有{a}个苹果，如果每小时吃{b}个，一共需要多少小时？"
    seen = {varied(dice, text) for _ in range(200)}
    assert len(seen) > 50 and all("{a}" in s and "{b}" in s and "[person]" in s for s in seen)
