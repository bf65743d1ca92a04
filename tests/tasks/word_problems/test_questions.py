"""Numbers in questions, and answers as texts."""

from fractions import Fraction

import pytest

from xiangqi_lm.tasks.word_problems import answers
from xiangqi_lm.tasks.word_problems.expression import parse
from xiangqi_lm.tasks.word_problems.questions import chinese_number, read


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("买3.5千克，每千克12元", [("3.5", Fraction(7, 2)), ("12", 12)]),
        ("用去(1/4)，又用去12(7/8)米", [("1/4", Fraction(1, 4)), ("12(7/8)", Fraction(103, 8))]),
        ("增加２５％", [("25%", Fraction(1, 4))]),
        ("打八五折和9折", [("85%", Fraction(17, 20)), ("90%", Fraction(9, 10))]),
        ("三分之二，百分之三十", [("2/3", Fraction(2, 3)), ("30%", Fraction(3, 10))]),
        ("从二楼到十二楼，两个班", [("2", 2), ("12", 12), ("2", 2)]),
        ("甲与乙的比是1：15", [("1", 1), ("15", 15)]),
        ("长12．宽5．", [("12", 12), ("5", 5)]),  # full-width stops end sentences
        ("一共有几个？(3/0)", [("3", 3), ("0", 0)]),
        ("9" * 25 + "加1", [("1", 1)]),  # too long to be read, not even in part
    ],
)
def test_numbers(text, values):
    assert [(n.text, n.value) for n in read(text).numbers] == values


@pytest.mark.parametrize(
    ("text", "value"),
    [("十", 10), ("十五", 15), ("二十五", 25), ("三百零六", 306), ("两千", 2000), ("五六", 56), ("天", None)],
)
def test_chinese_numerals(text, value):
    assert chinese_number(text) == value


@pytest.mark.parametrize(
    ("value", "answer", "right"),
    [
        (Fraction(12), "12", True),
        (Fraction(11, 20), "(11/20)", True),
        (Fraction(70, 3), "23(1/3)", True),
        (Fraction(15, 16), "93.75%", True),
        (Fraction(1, 3), "33.3%", True),
        (Fraction(1, 3), "0.33", True),
        (Fraction(1, 3), "0.34", False),
        (Fraction(43, 5), "9", False),  # whole numbers must match exactly
        (Fraction(1, 4), "24%", False),
        (Fraction(3), "6/2", True),
    ],
)
def test_agreement(value, answer, right):
    assert answers.agrees(value, answer) is right


@pytest.mark.parametrize(
    ("question", "expression", "text"),
    [
        ("成活率是多少？", "15/(15+1)", "93.75%"),
        ("占全班的百分之几？", "1/3", "33.3%"),
        ("还剩几分之几？", "1-1/4", "3/4"),
        ("这根绳子长多少米？", "7/2", "3.5"),
        ("这根绳子长多少米？", "1/2**12", "0.000244140625"),
        ("这根绳子长多少米？", "1/2**13", "1/8192"),
        ("用去(1/2)米，还剩多少米？", "3-1/2", "2(1/2)"),
        ("每人分几个？", "45/3", "15"),
        ("平均每天做多少个？", "10/3", "3(1/3)"),
        ("得数保留两位小数，平均多少？", "10/3", "3.33"),
        ("得数保留整数，平均多少？", "11/2", "6"),
        ("每分钟的工作效率是多少？", "1/8", "0.125"),
        ("相差多少？", "3-5.5", "-2.5"),
        ("两车一起运，几次运完？", "1/(1/12+1/18)", "7(1/5)"),
        ("男生与女生人数的比是多少？", "20/25", "4:5"),
        ("甲与乙的最简整数比是几比几？", "24/16", "3:2"),
        ("求大圆与小圆的周长比。", "6/2", "3:1"),
        ("这幅图的比例尺是多少？", "5/2500000", "1:500000"),
        ("男生与女生人数的比值是多少？", "20/25", "0.8"),
        ("男生人数占百分比是多少？", "20/25", "80%"),
        ("男生和女生人数的比是多少？", "48/16", "3:1"),
        ("男生和女生人数的比是多少？", "24-16", "8"),
        ("12克比多少克少(1/5)克？", "12+1/5", "12(1/5)"),
    ],
)
def test_forms(question, expression, text):
    node = parse(expression)
    assert answers.write(answers.value_of(node), question, node) == text


@pytest.mark.parametrize(
    ("question", "parts", "names"),
    [
        ("鸡兔同笼，共35个头，鸡兔各几只？", 2, ["只", "只"]),
        ("有多少个小朋友？多少颗糖？", 2, ["个", "颗"]),
        ("每小时行60千米，几小时可以到达？", 1, ["小时"]),
        ("它的面积是多少平方厘米？", 1, ["平方厘米"]),
        ("多少个月以后能还清？", 1, ["个月"]),
        ("还要几个小时？", 1, ["个小时"]),
        ("每分钟行多少米？", 1, ["米"]),
        ("速度是多少米/秒？", 1, ["米/秒"]),
        ("男生是女生的几分之几？", 1, [""]),
        ("至少用多少分钟？", 1, ["分钟"]),
        ("几年级的人最多？", 1, [""]),
        ("一共要准备多少面彩旗？", 1, ["面"]),
        ("一共要多少面粉？", 1, [""]),
        ("8角和7角的邮票各有几枚？", 2, ["枚", "枚"]),
        ("一共多少？", 1, [""]),
    ],
)
def test_units(question, parts, names):
    assert answers.units(question, parts) == names
