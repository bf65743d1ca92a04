"""Concentration: salt in water, water added and evaporated, two solutions mixed."""

from __future__ import annotations

import random
from fractions import Fraction

from .amounts import text
from .shapes import Family, Numbers, integer, told


def _mixture(rng: random.Random) -> Numbers:
    solute, water = integer(rng, 5, 200), integer(rng, 20, 900)
    return {"solute": solute, "water": water, "all": solute + water}


def _solution(rng: random.Random) -> Numbers:
    """Draw a solution of p, and one of the lower q."""
    high, low = sorted(rng.sample(range(4, 61), 2), reverse=True)
    m, n = integer(rng, 2, 80) * 10, integer(rng, 2, 80) * 10
    return {
        "m": m,
        "n": n,
        "p": f"{high}%",
        "q": f"{low}%",
        "salt": text(Fraction(m * high, 100)),
        "rest": text(m - Fraction(m * high, 100)),
    }


def _thin(rng: random.Random) -> Numbers:
    """Draw a solution to which water is added, with whole weights: m at p becomes m + water at q."""
    while True:
        found = _solution(rng)
        m, p, q = int(found["m"]), int(str(found["p"])[:-1]), int(str(found["q"])[:-1])
        if m * p % q == 0:
            return {**found, "water": m * p // q - m, "thin": m * p // q}


def _thick(rng: random.Random) -> Numbers:
    """Draw a solution to which salt is added: m at q becomes m + more at p."""
    while True:
        found = _solution(rng)
        m, p, q = int(found["m"]), int(str(found["p"])[:-1]), int(str(found["q"])[:-1])
        if m * (p - q) % (100 - p) == 0:
            return {**found, "more": m * (p - q) // (100 - p)}


def _blend(rng: random.Random) -> Numbers:
    """Draw two solutions that together give a third of r: m of p and n of q."""
    while True:
        p, r, q = sorted(rng.sample(range(4, 61), 3), reverse=True)
        m = integer(rng, 2, 60) * 10
        if m * (p - r) % (r - q) == 0 and m * (p - r) // (r - q) < 2000:
            n = m * (p - r) // (r - q)
            return {"m": m, "n": n, "all": m + n, "p": f"{p}%", "q": f"{q}%", "r": f"{r}%"}


_WHAT = [{"S": s, "W": w} for s, w in (("盐", "盐水"), ("糖", "糖水"), ("盐", "盐水"), ("食盐", "盐水"), ("白糖", "糖水"), ("酒精", "酒精溶液"),
                                       ("盐", "食盐水"), ("药", "药水"), ("糖", "糖水"))]  # fmt: skip
_SHARE = (
    "<[W]的浓度是多少|浓度是百分之几|这种[W]的浓度是多少|含[S]率是多少|这种[W]的含[S]率是百分之几|[S]占[W]的百分之几>"
)
_IS = "<是|为>"
_MADE = (
    told(_mixture, (
        "{water}克水中溶有{solute}克[S]", "{water}克水加{solute}克[S]调成[W]",
        "在一个杯子里倒入{water}克水和{solute}克[S]", "水{water}克，[S]{solute}克，混合均匀",
        "<把|将|用>{solute}克[S]<放入|溶解在|溶于>{water}克水中", "在{water}克水中<加入|放入>{solute}克[S]", "{solute}克[S]和{water}克水<配成|混合成|制成>[W]", "把{solute}克[S]放进{water}克水里",
        "[person]用{solute}克[S]和{water}克水<配制|调制>[W]", "一杯水有{water}克，<往里面|>加入{solute}克[S]", "{water}克水里有{solute}克[S]", "将{water}克水与{solute}克[S]混合",
    ), {"": ("{solute}/({solute}+{water})", _SHARE)}, _WHAT),
    told(_mixture, (
        "{all}克[W]中<含|有|含有>[S]{solute}克", "<用|>{solute}克[S]配成{all}克[W]", "有[W]{all}克，其中[S]有{solute}克", "一杯[W]重{all}克，<里面|其中>含[S]{solute}克", "把{solute}克[S]加水配成{all}克的[W]",
    ), {"": ("{solute}/{all}", _SHARE)}, _WHAT),
    told(_mixture, (
        "{all}克[W]中<含|有|含有>水{water}克", "有[W]{all}克，其中水有{water}克", "一杯[W]重{all}克，水占{water}克", "[W]{all}克，含水{water}克",
    ), {"": ("({all}-{water})/{all}", _SHARE)}, _WHAT),
    told(_solution, (
        "实验室有{p}的[W]{m}克", "[person]用了浓度是{p}的[W]{m}克",
        "老师配好{p}的[W]{m}克", "[elder]配制浓度{p}的[W]{m}克",
        f"<有|>浓度{_IS}{{p}}的[W]{{m}}克", "{m}克含[S]率<是|为|>{p}的[W]", "{m}克浓度为{p}的[W]<里|中|>", "现有{p}的[W]{m}克", "一<杯|瓶>[W]重{m}克，浓度是{p}", "[person]配了{m}克浓度为{p}的[W]",
    ), {"salt": ("{m}*{p}", "<含[S]多少克|其中含[S]多少克|里面有[S]多少克|有多少克[S]|需要[S]多少克>"), "rest": ("{m}*(1-{p})", "<含水多少克|其中水有多少克|有水多少克|需要水多少克>")}, _WHAT),
    told(_solution, (
        "有[S]{salt}克，要配成{p}的[W]", "想得到浓度为{p}的[W]，手上有{salt}克[S]",
        "把{salt}克[S]配制成{p}的[W]", "[person]想配浓度是{p}的[W]，他有[S]{salt}克",
        "<一种|>[W]的浓度是{p}，<里面|其中>有[S]{salt}克", "用{salt}克[S]<可以|能>配<制|成|>浓度为{p}的[W]", "含[S]{salt}克的[W]，浓度是{p}", "要配制浓度为{p}的[W]，<现有|有>[S]{salt}克",
    ), {"m": ("{salt}/{p}", "<[W]有多少克|[W]一共有多少克|这些[W]重多少克>"), "rest": ("{salt}/{p}-{salt}", "<需要加水多少克|要加水多少克|含水多少克>")}, _WHAT),
    told(_solution, (
        "往{rest}克水里加[S]，配成{p}的[W]", "水有{rest}克，加[S]后浓度是{p}",
        "{rest}克水加上一些[S]，成为浓度{p}的[W]", "水{rest}克，要加[S]制成{p}的[W]",
        "用{rest}克水配<制|成|>浓度为{p}的[W]", "要把{rest}克水配成{p}的[W]", "现有水{rest}克，要配成浓度{p}的[W]", "在{rest}克水中加[S]配成浓度为{p}的[W]",
    ), {"salt": ("{rest}/(1-{p})*{p}", "需要[S]多少克")}, _WHAT),
)  # fmt: skip
_TO = "<得到|使它变成|稀释成|变成|配成>"
_CHANGED = (
    told(_thin, (
        f"<有|>浓度{_IS}{{p}}的[W]{{m}}克，<要|要将它|要使它>{_TO}<浓度{_IS}|>{{q}}的[W]", f"<把|将|要把>{{m}}克浓度为{{p}}的[W]<稀释成|变成><浓度{_IS}|>{{q}}的[W]", "现有{p}的[W]{m}克，要<把浓度|>降<低|>到{q}", "{m}克浓度为{p}的[W]，要使浓度变为{q}",
        "要把{m}克{p}的[W]稀释为{q}", f"一<瓶|杯>{{m}}克的[W]浓度是{{p}}，为了使浓度{_IS}{{q}}", "在{m}克浓度为{p}的[W]中加水，使[W]的浓度变成{q}", "浓度为{p}的[W]有{m}克，如果要配成{q}的[W]",
    ), {"water": ("{m}*{p}/{q}-{m}", "<需要加水多少克|要加水多少克|应加水多少克|要加入多少克水|需加多少克水>")}, _WHAT),
    told(_thin, (
        "<在|>浓度<为|是>{p}的[W]{m}克<中|里>加入{water}克水", "往{m}克{p}的[W]中<加|倒入>水{water}克", "{m}克浓度为{p}的[W]，加水{water}克后", "有{p}的[W]{m}克，再加{water}克水",
        "把{water}克水倒入{m}克浓度为{p}的[W]中", "一杯{m}克的[W]浓度为{p}，<如果|>加入{water}克水",
    ), {"q": ("{m}*{p}/({m}+{water})", "<这时|现在|>" + _SHARE)}, _WHAT),
    told(_thin, (
        f"<有|>浓度{_IS}{{q}}的[W]{{thin}}克，<要|要使它>变成<浓度{_IS}|>{{p}}的[W]", "<把|将|要把>{thin}克浓度为{q}的[W]变成{p}的[W]", "现有{q}的[W]{thin}克，要<把浓度|>提高到{p}，<如果|>用蒸发的办法", "{thin}克浓度为{q}的[W]，要蒸发一些水使浓度变为{p}",
        "要使{thin}克{q}的[W]浓度变成{p}", "浓度为{q}的[W]{thin}克，蒸发一部分水后浓度是{p}", "含[S]{q}的[W]{thin}克，<要得到|蒸发成>含[S]{p}的[W]", "将浓度{q}的[W]{thin}克加热，使浓度达到{p}",
    ), {"water": ("{thin}-{thin}*{q}/{p}", "<需要|要|应|><蒸发掉水多少克|蒸发掉多少克水|蒸发多少克水|蒸发水多少克>")}, _WHAT[:5]),
    told(_thin, (
        "<浓度为|>{q}的[W]{thin}克，蒸发掉{water}克水<后|>", "将{thin}克浓度为{q}的[W]蒸发{water}克水", "{thin}克{q}的[W]，蒸发水{water}克后", "从{thin}克浓度是{q}的[W]中蒸发掉水{water}克",
    ), {"p": ("{thin}*{q}/({thin}-{water})", "<这时|现在|>" + _SHARE)}, _WHAT[:5]),
    told(_thick, (
        f"<有|>浓度{_IS}{{q}}的[W]{{m}}克，<要|要使它>变成<浓度{_IS}|>{{p}}的[W]", "<把|将|要把>{m}克浓度为{q}的[W]变成{p}的[W]", "{m}克浓度为{q}的[W]，要使浓度提高到{p}", "现有{q}的[W]{m}克，要把浓度变为{p}",
        "要使{m}克{q}的[W]浓度达到{p}", "浓度为{q}的[W]{m}克，加[S]使浓度成为{p}",
    ), {"more": ("{m}*(1-{q})/(1-{p})-{m}", "<需要|要|应|>加<入|>[S]多少克")}, _WHAT),
    told(_thick, (
        "<在|>浓度<为|是>{q}的[W]{m}克<中|里>加入{more}克[S]", "往{m}克{q}的[W]中<再|>加{more}克[S]", "{m}克浓度为{q}的[W]，加[S]{more}克后", "有{q}的[W]{m}克，再放入{more}克[S]",
    ), {"p": ("({m}*{q}+{more})/({m}+{more})", "<这时|现在|>" + _SHARE)}, _WHAT),
)  # fmt: skip
_MIXED = (
    told(_blend, (
        "<把|将>浓度<为|是>{p}的[W]{m}克<和|与>浓度<为|是>{q}的[W]{n}克混合", "{m}克{p}的[W]与{n}克{q}的[W]混合<，|后，>", "有甲、乙两<种|瓶>[W]，甲{m}克，浓度为{p}；乙{n}克，浓度为{q}，混合后", "将{m}克浓度为{p}的[W]与{n}克浓度为{q}的[W]混合",
        "<把|将>{n}克浓度为{q}的[W]倒入{m}克浓度为{p}的[W]中", "浓度为{q}的[W]{n}克，浓度为{p}的[W]{m}克，<把它们|>混合在一起", "甲瓶装{m}克{p}的[W]，乙瓶装{n}克{q}的[W]，把两瓶[W]混合", "取{p}的[W]{m}克和{q}的[W]{n}克<，|>混合", "甲<容器|杯|瓶>中有浓度为{p}的[W]{m}克，乙<容器|杯|瓶>中有浓度为{q}的[W]{n}克，<把两个容器的[W]倒在一起|把它们混合>", "甲种[W]浓度{p}，乙种[W]浓度{q}，取甲种{m}克、乙种{n}克混合", "有{m}克[W]，浓度是{p}，另有{n}克[W]，浓度是{q}，把两种[W]倒在一起", "在{m}克{p}的[W]中，倒入{n}克{q}的[W]",
    ), {"r": ("({m}*{p}+{n}*{q})/({m}+{n})", "<混合后[W]的|混合后的|得到的[W]|新[W]的|>浓度是<多少|百分之几>")}, _WHAT),
    told(_blend, (
        "往{m}克{p}的[W]里倒入一些{q}的[W]，得到{r}的[W]", "有{p}的[W]{m}克，加入{q}的[W]后变成{r}的[W]",
        "要使{m}克{p}的[W]变成{r}，加{q}的[W]", "[W]{m}克，浓度{p}，和若干克浓度{q}的[W]混合后，浓度为{r}",
        "{m}克浓度为{p}的[W]<和|与>浓度为{q}的[W]混合<成|配成>浓度为{r}的[W]", "<要|>将{m}克{p}的[W]配成{r}的[W]，<需|要>加入浓度为{q}的[W]", "浓度为{p}的[W]{m}克，与浓度为{q}的[W]混合后浓度是{r}", "在{m}克浓度为{p}的[W]中加入浓度为{q}的[W]，使浓度变为{r}",
    ), {"n": ("{m}*({p}-{r})/({r}-{q})", "<需要浓度为{q}的[W]多少克|需要{q}的[W]多少克|要加{q}的[W]多少克>")}, _WHAT),
    told(_blend, (
        "要把{p}的[W]和{q}的[W]混合得到{all}克{r}的[W]", "将浓度{p}与浓度{q}的[W]混合，得到{all}克浓度{r}的[W]",
        "{all}克{r}的[W]是用{p}的[W]和{q}的[W]混合而成的", "甲种[W]浓度{p}，乙种[W]浓度{q}，要混合成{all}克浓度为{r}的[W]",
        "<用|把|将>浓度为{p}和{q}的两种[W]<混合|>配成{all}克浓度为{r}的[W]", "要配制{r}的[W]{all}克，<用|需用>{p}和{q}的[W]混合", "<现有|有>{p}和{q}的两种[W]，要配成{r}的[W]{all}克", "{p}的[W]与{q}的[W]混合成{all}克{r}的[W]",
    ), {"m": ("{all}*({r}-{q})/({p}-{q})", "<需要浓度为{p}的[W]多少克|{p}的[W]需要多少克>"), "n": ("{all}*({p}-{r})/({p}-{q})", "<需要浓度为{q}的[W]多少克|{q}的[W]需要多少克>")}, _WHAT),
)  # fmt: skip

CONCENTRATION = Family("concentration", "浓度", (*_MADE, *_CHANGED, *_MIXED))
