"""Expressions compared with Python's own fractions, hostile ones against the limits, and the normal form."""

import random
from fractions import Fraction

import pytest

from xiangqi_lm.errors import XiangqiError
from xiangqi_lm.tasks.word_problems.expression import BadExpression, evaluate, parse, render, steps
from xiangqi_lm.tasks.word_problems.normal import normal
from xiangqi_lm.tasks.word_problems.questions import read


def random_expression(dice: random.Random, depth: int) -> str:
    if not depth or dice.random() < 0.2:
        return str(dice.randint(0, 99)) if dice.random() < 0.7 else f"{dice.randint(0, 9)}.{dice.randint(0, 99):02}"
    left, right = random_expression(dice, depth - 1), random_expression(dice, depth - 1)
    shape = dice.choice(("{}+{}", "{}-{}", "({})*({})", "({})/({})", "({}-{})", "-({})+{}", "({})**2*({})"))
    return shape.format(left, right)


def by_python(text: str) -> Fraction | None:
    """Return the value by Python's own parser, with every number a Fraction; None on division by zero."""
    import re

    code = re.sub(r"(?<!\*\*)(\d+(?:\.\d+)?)", r"Fraction('\1')", text.replace("**2", "**(2)"))
    try:
        return Fraction(eval(code.replace("**(Fraction('2'))", "**2"), {"Fraction": Fraction}))
    except ZeroDivisionError:
        return None


def test_values_agree_with_python():
    dice = random.Random(1)
    compared = 0
    for _ in range(400):
        text = random_expression(dice, 4)
        if len(text) > 400:
            continue
        expected = by_python(text)
        if expected is None:
            with pytest.raises(BadExpression, match="zero"):
                evaluate(text)
            continue
        compared += 1
        node = parse(text)
        assert evaluate(node) == expected, text
        assert evaluate(render(node)) == expected, text
        assert evaluate(normal(node)) == expected, text
    assert compared > 200


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("25%", Fraction(1, 4)),
        ("3(1/2)", Fraction(7, 2)),
        ("(1+2)%", Fraction(3, 100)),
        ("4:5", Fraction(4, 5)),
        ("２×３÷４", Fraction(3, 2)),
        ("（１．５＋２）％", Fraction(7, 200)),
        ("-2**2", -4),
        ("2**3**2", 512),
        ("2**-1", Fraction(1, 2)),
        ("10-3-2", 5),
        ("24/4/3", 2),
    ],
)
def test_values(text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9",
        "2**2**2**2**2**2",
        "(2**20)**20**20",
        "99999999**20**3",
        "7**21",
        "2**0.5",
        "0**-1",
        "1/0",
        "1/(3-3)",
        "(" * 300 + "1" + ")" * 300,
        "-" * 60 + "1",
        "1" * 31,
        "1+" * 300 + "1",
        "",
        "()",
        "1+",
        "2 3(4/5",
        "5(6)",
        "3(1/0)",
        "__import__('os')",
        "1;2",
        "x",
        "1..2",
        "√4",
        "٣+1",
        "5%%",
        "1,000+1",
    ],
)
def test_hostile_texts_are_refused_in_one_line(text):
    with pytest.raises(XiangqiError) as fault:
        evaluate(text)
    message = str(fault.value)
    assert "\n" not in message and len(message) < 260


def test_results_are_limited_in_size():
    with pytest.raises(BadExpression, match="bits"):
        evaluate("*".join(["(9**20)**20"] * 4))


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("((1+2))", "1+2"),
        ("(1+2)+3", "1+2+3"),
        ("1+(2-3)", "1+2-3"),
        ("1-(2-3)", "1-(2-3)"),
        ("(2*3)*4", "2*3*4"),
        ("2*(6*4)", "2*6*4"),
        ("2*(3/4)", "2*(3/4)"),  # readers see a fraction as one number
        ("2*((3+1)/4)", "2*(3+1)/4"),
        ("8/(4/2)", "8/(4/2)"),
        ("(1/2)/(3/4)", "1/2/(3/4)"),
        ("(1+2)**2", "(1+2)**2"),
        ("３×４", "3*4"),
    ],
)
def test_redundant_brackets_are_dropped(text, short):
    assert render(parse(text)) == short
    assert evaluate(short) == evaluate(text)


def test_equal_meanings_have_one_form():
    numbers = read("35个头，94只脚，25%，半径6，高8").numbers
    for group in (
        ("(4*35-94)/2", "((35*4)-94)/2", "(35*4-94)/2"),
        ("94-(35+8)", "94-8-35", "94-35-8"),
        ("3.14*6*6", "6**2*3.14", "3.14*(6**2)"),
        ("1-25/100", "1-(25/100)", "1-25%"),
        ("35/(6/8)", "8*35/6"),
        ("(35/6)**2", "35/6*35/6", "35**2/6**2"),
    ):
        forms = {render(normal(parse(text), numbers)) for text in group}
        assert len(forms) == 1, forms


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("(94-2*35)/(4-2)", "2 * 35 = 70; 94 - 70 = 24; 4 - 2 = 2; 24 / 2 = 12"),
        ("50-3*6.8", "3 * 6.8 = 20.4; 50 - 20.4 = 29.6"),
        ("(1+25%)*80", "1 + 25% = 1.25; 1.25 * 80 = 100"),
        ("(5+2)/2", "5 + 2 = 7; 7 / 2 = 3.5"),
        ("1/(1/6+1/8)", "1/6 + 1/8 = 7/24; 1 / (7/24) = 3(3/7)"),
        ("360/480*100", "360 / 480 = 0.75; 0.75 * 100 = 75"),
        ("3(1/2)*4-(2-5)", "3(1/2) * 4 = 14; 2 - 5 = -3; 14 - (-3) = 17"),
        ("20/(20+9)", "20 + 9 = 29"),
        ("3*3+3*3", "3 * 3 = 9; 9 + 9 = 18"),
    ],
)
def test_steps_are_those_of_a_school_book(text, wanted):
    found = steps(parse(text))
    assert "; ".join(f"{step} = {value}" for step, value in found) == wanted
    for step, value in found:
        assert evaluate(step) == evaluate(value)


def test_steps_of_random_expressions_are_true_and_end_in_the_value():
    dice = random.Random(4)
    for _ in range(200):
        text = random_expression(dice, 3)
        try:
            value = evaluate(text)
        except BadExpression:
            continue
        found = steps(parse(text))
        assert all(evaluate(step) == evaluate(result) for step, result in found), text
        assert not found or evaluate(found[-1][1]) == value or value.denominator > 1, text
