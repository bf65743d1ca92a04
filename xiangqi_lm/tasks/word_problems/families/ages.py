"""Ages: sums, differences and multiples, now, earlier and later."""

from __future__ import annotations

import random

from .shapes import Family, Numbers, told

# ------------------------------------------------------------------------------------------------ drawing


def _later(rng: random.Random) -> Numbers:
    while True:
        k, young, years = rng.randint(2, 6), rng.randint(2, 25), rng.randint(1, 20)
        old = k * (young + years) - years
        if young + 15 < old < 95 and old % young:
            return _pair(old, young, k, years)


def _earlier(rng: random.Random) -> Numbers:
    while True:
        k, then, years = rng.randint(2, 9), rng.randint(2, 20), rng.randint(1, 20)
        if k * then - then > 12 and k * then + years < 95:
            return _pair(k * then + years, then + years, k, years)


def _pair(old: int, young: int, k: int, years: int) -> Numbers:
    return {"old": old, "young": young, "k": k, "years": years, "gap": old - young, "sum": old + young}


def _now(rng: random.Random) -> Numbers:
    young, k, years = rng.randint(3, 18), rng.randint(2, 8), rng.randint(1, 12)
    return {**_pair(young * k, young, k, years), "then": young * (k + 1) + 2 * years}


def _any(rng: random.Random) -> Numbers:
    young, gap, years = rng.randint(3, 50), rng.randint(1, 40), rng.randint(2, 20)
    return {
        **_pair(young + gap, young, 2, years),
        "later": 2 * young + gap + 2 * years,
        "before": 2 * (young + years) + gap - 2 * years,
    }


def _when(rng: random.Random) -> Numbers:
    then, gap = rng.randint(2, 12), rng.randint(3, 25)
    return {"then": then, "young": then + gap, "old": then + 2 * gap, "will": then + 3 * gap}


# ------------------------------------------------------------------------------------------------ words

_KIN = [{"A": a, "B": b} for a, b in (
    ("爸爸", "[person]"), ("妈妈", "[person]"), ("[elder]", "[person]"), ("父亲", "儿子"), ("母亲", "女儿"), ("爷爷", "孙子"), ("妈妈", "女儿"),
    ("爸爸", "儿子"), ("哥哥", "弟弟"), ("[elder]", "[person]"), ("姐姐", "妹妹"), ("甲", "乙"))]  # fmt: skip
_BOTH_NOW = (
    "[A]今年{old}岁，[B]今年{young}岁",
    "今年[A]{old}岁，[B]{young}岁",
    "[B]今年{young}岁，[A]今年{old}岁",
    "<今年|现在>[B]的年龄是{young}岁，[A]的年龄是{old}岁",
    "[B]、[A]的年龄分别是{young}岁、{old}岁",
    "今年[A]与[B]分别为{old}岁与{young}岁",
    "[B]与[A]现在分别{young}岁和{old}岁",
    "今年[B]和[A]各是{young}岁和{old}岁",
    "[B]今年{young}岁，[A]今年已经{old}岁了",
    "[B]才{young}岁，[A]已经{old}岁",
    "[A]现年{old}岁，[B]现年{young}岁",
    "[B]刚满{young}岁，[A]{old}岁",
    "[A]<现在|今年>{old}岁，<他的|她的|>[B]<现在|今年|>{young}岁",
    "今年[B]{young}岁，[A]{old}岁",
    "[A]<现在|>的年龄是{old}岁，[B]的年龄是{young}岁",
    "[B]和[A]今年分别是{young}岁和{old}岁",
    "[A]和[B]今年分别是{old}岁和{young}岁",
    "<已知|>[A]今年{old}岁<了|>，而[B]才{young}岁",
    "<现在|>[A]{old}岁，[B]{young}岁",
    "<某人|已知>[A]今年{old}岁，[B]比较小，今年{young}岁",
)
_YEARS_ON = "<多少年<后|以后|之后>|<再过|过|经过>多少年|<再过|过>多少年<后|以后>|多少年后>"
_YEARS_AGO = "<多少年<前|以前|之前>|在多少年<前|以前>>"
_MULTIPLE = "<，|><正好|>是[B]<的年龄|年龄|>的{k}倍"
_AGO_OR_ON = {
    "on": (f"{_YEARS_ON}<，|>[A]的年龄{_MULTIPLE}", f"{_YEARS_ON}<，|>[A]的年龄<正好|>等于[B]的{{k}}倍"),
    "ago": (f"{_YEARS_AGO}<，|>[A]的年龄{_MULTIPLE}", f"{_YEARS_AGO}<，|>[A]的年龄<正好|>等于[B]的{{k}}倍"),
}
_CURRENT = "<今年|现在|>"
_ASK_A, _ASK_B = f"[A]{_CURRENT}多少岁", f"[B]{_CURRENT}多少岁"
_ASK_BOTH = f"<[A]和[B]{_CURRENT}各|[A]、[B]各|[A]和[B]{_CURRENT}分别是|[A]、[B]{_CURRENT}的年龄各是>多少岁"
_NOW_MULTIPLE = f"{_CURRENT}[A]的年龄<正好|>是[B]<年龄|>的{{k}}倍"
_SUM = "<[A]和[B]|[A]、[B]|两人|[A]与[B]><今年|现在|>的年龄<和|之和>是{sum}岁"
_OLDER = "<[A]比[B]大{gap}岁|[B]比[A]小{gap}岁|[A]比[B]年长{gap}岁|[A]和[B]相差{gap}岁|[A]与[B]的年龄差是{gap}岁>"

# ------------------------------------------------------------------------------------------------ relations

_WHEN_TIMES = (
    told(_later, _BOTH_NOW, {"years": ("({old}-{young})/({k}-1)-{young}", "<" + "|".join(_AGO_OR_ON["on"]) + ">")}, _KIN),
    told(_earlier, _BOTH_NOW, {"years": ("{young}-({old}-{young})/({k}-1)", "<" + "|".join(_AGO_OR_ON["ago"]) + ">")}, _KIN),
    told(_later, (
        f"{{years}}年<后|以后>，[A]的年龄{_MULTIPLE}，[B]今年{{young}}岁", f"[B]今年{{young}}岁，<再过|>{{years}}年<后|>[A]的年龄{_MULTIPLE}",
        f"[B]现在{{young}}岁，{{years}}年后[A]的年龄{_MULTIPLE}", "再过{years}年，[A]的年龄<将|>是[B]的{k}倍，<已知|>[B]今年{young}岁",
    ), {"old": ("({young}+{years})*{k}-{years}", _ASK_A)}, _KIN),
    told(_later, (
        f"{{years}}年<后|以后>，[A]的年龄{_MULTIPLE}，[A]今年{{old}}岁", f"[A]今年{{old}}岁，<再过|>{{years}}年<后|>[A]的年龄{_MULTIPLE}",
        f"[A]现在{{old}}岁，{{years}}年后<他|她|>的年龄{_MULTIPLE}", "再过{years}年，[A]的年龄<将|>是[B]的{k}倍，<已知|>[A]今年{old}岁",
    ), {"young": ("({old}+{years})/{k}-{years}", _ASK_B)}, _KIN),
    told(_earlier, (
        f"{{years}}年前，[A]的年龄{_MULTIPLE}，[A]今年{{old}}岁", f"[A]今年{{old}}岁，{{years}}年<前|以前>[A]的年龄{_MULTIPLE}",
        f"[A]现在{{old}}岁，{{years}}年前<他|她|>的年龄{_MULTIPLE}", "{years}年以前[A]的年龄是[B]的{k}倍，[A]现在{old}岁",
    ), {"young": ("({old}-{years})/{k}+{years}", _ASK_B)}, _KIN),
    told(_earlier, (
        f"{{years}}年前，[A]的年龄{_MULTIPLE}，[B]今年{{young}}岁", f"[B]今年{{young}}岁，{{years}}年<前|以前>[A]的年龄{_MULTIPLE}",
        f"[B]现在{{young}}岁，{{years}}年前[A]的年龄{_MULTIPLE}", "{years}年以前[A]的年龄是[B]的{k}倍，[B]现在{young}岁",
    ), {"old": ("({young}-{years})*{k}+{years}", _ASK_A)}, _KIN),
)  # fmt: skip
_SUMS = (
    told(_now, (
        f"{_SUM}，{_NOW_MULTIPLE}", f"{_NOW_MULTIPLE}，<两人|他们|>的年龄<和|之和>是{{sum}}岁", f"[A]与[B]今年共{{sum}}岁，[A]的年龄{_MULTIPLE}",
        f"今年[A]与[B]的年龄<和|之和>是{{sum}}岁，[A]的年龄{_MULTIPLE}", f"[A]和[B]<两人|>的年龄加起来<一共|>是{{sum}}岁，{_NOW_MULTIPLE}",
        f"[A]、[B]{_CURRENT}年龄一共是{{sum}}岁，[A]的岁数是[B]的{{k}}倍", f"今年[A]、[B]<两人|>一共{{sum}}岁，已知[A]的年龄{_MULTIPLE}", f"{_NOW_MULTIPLE}，<他们|两人>今年一共{{sum}}岁",
    ), {"young": ("{sum}/({k}+1)", _ASK_B), "old": ("{sum}/({k}+1)*{k}", _ASK_A),
        "old;young": ("{sum}/({k}+1)*{k};{sum}/({k}+1)", _ASK_BOTH)}, _KIN),
    told(_now, (
        f"{_OLDER}，{_NOW_MULTIPLE}", f"{_NOW_MULTIPLE}，{_OLDER}", f"今年[A]比[B]大{{gap}}岁，[A]的年龄{_MULTIPLE}", f"[A]的年龄减去[B]的年龄等于{{gap}}，[A]的年龄{_MULTIPLE}",
        "[A]比[B]大{gap}岁，今年[A]的岁数正好是[B]的{k}倍", f"{_CURRENT}[A]的年龄是[B]的{{k}}倍，<两人|他们>的年龄相差{{gap}}岁",
        f"[A]和[B]<两人|>的年龄差是{{gap}}岁，[A]的年龄{_MULTIPLE}", "[B]比[A]小{gap}岁，今年[A]的年龄恰好是[B]年龄的{k}倍",
    ), {"young": ("{gap}/({k}-1)", _ASK_B), "old": ("{gap}/({k}-1)*{k}", _ASK_A),
        "old;young": ("{gap}/({k}-1)*{k};{gap}/({k}-1)", _ASK_BOTH)}, _KIN),
    told(_any, (
        f"{_SUM}，{_OLDER}", f"{_OLDER}，<两人|他们>{_CURRENT}的年龄<和|之和>是{{sum}}岁", f"[A]与[B]{_CURRENT}一共{{sum}}岁，{_OLDER}", f"{_OLDER}，两人{_CURRENT}一共{{sum}}岁",
        "[A]和[B]今年的年龄加起来是{sum}岁，[A]比[B]大{gap}岁", "[A]、[B]两人年龄<和是|一共>{sum}岁，年龄差是{gap}岁", f"今年[A]和[B]一共{{sum}}岁，<已知|>{_OLDER}", f"{_OLDER}，今年他们<俩|两人|>一共{{sum}}岁",
    ), {"young": ("({sum}-{gap})/2", _ASK_B), "old": ("({sum}+{gap})/2", _ASK_A),
        "old;young": ("({sum}+{gap})/2;({sum}-{gap})/2", _ASK_BOTH)}, _KIN),
    told(_later, (
        f"{_OLDER}，{{years}}年<后|以后>[A]的年龄{_MULTIPLE}", f"{{years}}年后[A]的年龄{_MULTIPLE}，{_OLDER}",
        f"[A]比[B]大{{gap}}岁，<再过|过>{{years}}年[A]的年龄{_MULTIPLE}", f"再过{{years}}年，[A]的年龄正好是[B]的{{k}}倍，<已知|>{_OLDER}",
    ), {"young": ("{gap}/({k}-1)-{years}", _ASK_B)}, _KIN),
    told(_earlier, (
        f"{_OLDER}，{{years}}年<前|以前>[A]的年龄{_MULTIPLE}", f"{{years}}年前[A]的年龄{_MULTIPLE}，{_OLDER}",
        f"[A]比[B]大{{gap}}岁，{{years}}年前[A]的年龄{_MULTIPLE}", f"在{{years}}年前，[A]的年龄正好是[B]的{{k}}倍，<已知|>{_OLDER}",
    ), {"young": ("{gap}/({k}-1)+{years}", _ASK_B)}, _KIN),
    told(_later, (
        f"再过{{years}}年[A]的岁数是[B]的{{k}}倍，{_SUM}", f"[A]、[B]现在一共{{sum}}岁，到{{years}}年以后[A]的年龄{_MULTIPLE}",
        f"{{years}}年以后，[A]的年龄{_MULTIPLE}，今年两人一共{{sum}}岁", f"过{{years}}年[A]的年龄{_MULTIPLE}，两人今年的年龄加起来是{{sum}}岁",
        f"{_SUM}，{{years}}年<后|以后>[A]的年龄{_MULTIPLE}", f"[A]和[B]今年一共{{sum}}岁，<再过|过>{{years}}年，[A]的年龄{_MULTIPLE}",
        f"今年[A]、[B]的年龄<和|之和>是{{sum}}岁，{{years}}年后，[A]的年龄{_MULTIPLE}", f"{{years}}年后[A]的年龄正好是[B]的{{k}}倍，{_SUM}",
    ), {"young": ("({sum}+{years}*2)/({k}+1)-{years}", _ASK_B)}, _KIN),
    told(_any, (
        "{years}年<后|以后>[A]和[B]的年龄<和|之和>是{later}岁，[A]今年{old}岁", "[A]今年{old}岁，<再过|>{years}年<后|>[A]和[B]的年龄<和|之和>是{later}岁",
        "[A]今年{old}岁，{years}年后，他们两人一共{later}岁", "再过{years}年[A]与[B]的年龄<和|之和>是{later}岁，今年[A]{old}岁",
    ), {"young": ("{later}-{years}*2-{old}", _ASK_B)}, _KIN),
    told(_any, (
        "{years}年<后|以后>[A]和[B]的年龄<和|之和>是{later}岁，{older}".replace("{older}", _OLDER), f"{_OLDER}，<再过|>{{years}}年<后|>两人的年龄<和|之和>是{{later}}岁",
        f"<再过|>{{years}}年<后|>，[A]与[B]一共{{later}}岁，{_OLDER}", f"{_OLDER}，{{years}}年后[A]和[B]一共{{later}}岁",
    ), {"young": ("({later}-{years}*2-{gap})/2", _ASK_B), "old": ("({later}-{years}*2+{gap})/2", _ASK_A)}, _KIN),
)  # fmt: skip
_SIMPLE = (
    told(_any, (
        "[A]和[B]今年<一共|的年龄和是>{sum}岁", "今年[A]、[B]的年龄之和是{sum}岁", "<[A]、[B]两人>现在一共{sum}岁", "现在[A]的年龄加[B]的年龄是{sum}岁",
    ), {"years": ("({later}-{sum})/2", f"{_YEARS_ON}<，|><他们|两人>的年龄之和是{{later}}岁")}, _KIN),
    told(_later, (
        f"[B]今年{{young}}岁，{_OLDER}", f"{_OLDER}，[B]今年{{young}}岁", "[B]{young}岁，[A]比他大{gap}岁", "今年[B]{young}岁，[A]比[B]大{gap}岁",
        "[B]今年{young}岁，他比[A]小{gap}岁", "[A]比[B]大{gap}岁，现在[B]{young}岁",
    ), {"years": ("{gap}/({k}-1)-{young}", "<" + "|".join(_AGO_OR_ON["on"]) + ">")}, _KIN),
    told(_earlier, (
        f"[B]今年{{young}}岁，{_OLDER}", f"{_OLDER}，[B]今年{{young}}岁", "[B]{young}岁，[A]比他大{gap}岁", "今年[B]{young}岁，[A]比[B]大{gap}岁",
        "[B]今年{young}岁，他比[A]小{gap}岁", "[A]比[B]大{gap}岁，现在[B]{young}岁",
    ), {"years": ("{young}-{gap}/({k}-1)", "<" + "|".join(_AGO_OR_ON["ago"]) + ">")}, _KIN),
    told(_now, _BOTH_NOW, {"k": ("{old}/{young}", "<今年|现在|><[A]的年龄是[B]的多少倍|[A]的年龄是[B]年龄的几倍>")}, _KIN),
    told(_any, _BOTH_NOW, {"gap": ("{old}-{young}", "<[A]比[B]大多少岁|[B]比[A]小多少岁|两人相差多少岁>"),
        "later": ("{old}+{young}+{years}*2", "{years}年<后|以后><两人|他们|[A]和[B]>的年龄之和是多少岁")}, _KIN),
    told(_now, (
        f"[B]今年{{young}}岁，[A]的年龄{_MULTIPLE}", f"{_NOW_MULTIPLE}，[B]今年{{young}}岁", "[A]的年龄是[B]的{k}倍，[B]{young}岁", "今年[B]{young}岁，[A]的岁数正好是[B]的{k}倍",
    ), {"old": ("{young}*{k}", _ASK_A), "gap": ("{young}*{k}-{young}", "[A]比[B]大多少岁"), "sum": ("{young}*{k}+{young}", "[A]和[B]一共多少岁")}, _KIN),
    told(_now, (
        f"[A]今年{{old}}岁，[A]的年龄{_MULTIPLE}", f"{_NOW_MULTIPLE}，[A]今年{{old}}岁", "[A]的年龄是[B]的{k}倍，[A]{old}岁", "今年[A]{old}岁，正好是[B]年龄的{k}倍",
    ), {"young": ("{old}/{k}", _ASK_B), "gap": ("{old}-{old}/{k}", "[A]比[B]大多少岁")}, _KIN),
    told(_any, (
        f"[B]今年{{young}}岁，{_OLDER}", f"{_OLDER}，[B]今年{{young}}岁", "[A]比[B]大{gap}岁，今年[B]{young}岁", "今年[B]{young}岁，[A]比他大{gap}岁",
    ), {"old": ("{young}+{gap}", _ASK_A), "sum": ("{young}+{gap}+{young}", "<两人|他们|[A]和[B]>一共多少岁")}, _KIN),
)  # fmt: skip
_ALIKE = told(_when, (
    "[A]像[B]现在这么大的时候，[B]{then}岁；[B]长到[A]现在这么大的时候，[A]{will}岁", "当[A]是[B]现在的年龄时，[B]{then}岁，当[B]是[A]现在的年龄时，[A]{will}岁",
    "[B]长到[A]现在的岁数时，[A]将有{will}岁，而[A]在[B]现在的岁数时，[B]只有{then}岁", "那年[A]和[B]现在一样大，[B]{then}岁；等[B]和[A]现在一样大时，[A]{will}岁",
    "[A]对[B]说：“<当|>我像你这么大时，你才{then}岁；<当|>你像我这么大时，我<就|将>{will}岁<了|>”", "[A]对[B]说：“我在你这个年龄时，你才{then}岁，你到我这个年龄时，我{will}岁”",
    "当[A]像[B]现在这么大时，[B]才{then}岁，当[B]像[A]现在这么大时，[A]{will}岁", "[A]在[B]这个岁数时，[B]{then}岁，[B]到[A]这个岁数时，[A]将是{will}岁",
), {"old": ("{will}-({will}-{then})/3", "[A]<今年|现在>多少岁"), "young": ("{then}+({will}-{then})/3", "[B]<今年|现在>多少岁"),
    "old;young": ("{will}-({will}-{then})/3;{then}+({will}-{then})/3", "[A]和[B]<今年|现在>各多少岁")},
    [{"A": a, "B": b} for a, b in (("甲", "乙"), ("哥哥", "弟弟"), ("老师", "学生"), ("[elder]", "[person]"), ("姐姐", "妹妹"))])  # fmt: skip

AGES = Family("ages", "年龄", (*_WHEN_TIMES, *_SUMS, *_SIMPLE, _ALIKE))
