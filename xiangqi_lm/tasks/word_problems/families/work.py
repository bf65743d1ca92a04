"""Work: together, one after another, pipes, plans, workers and days."""

from __future__ import annotations

import random
from fractions import Fraction

from .shapes import Family, Kind, Numbers, integer, told

# ------------------------------------------------------------------------------------------------ drawing


def _two(rng: random.Random) -> Numbers:
    a, b = rng.sample(range(3, 61), 2)
    return {"a": a, "b": b}


def _partly(rng: random.Random) -> Numbers:
    """Draw two workers who need a and b alone; c days are too few for either and for both."""
    while True:
        a, b = rng.sample(range(6, 61), 2)
        c = rng.randint(1, 12)
        if c < min(a, b) and Fraction(c, a) + Fraction(c, b) < 1:
            done = Fraction(c, a) + Fraction(c, b)
            return {"a": a, "b": b, "c": c, "done": str(done), "rest": str(1 - done)}


def _share(rng: random.Random) -> Numbers:
    a, b = rng.sample(range(3, 61), 2)
    below = rng.randint(2, 6)
    return {"a": a, "b": b, "p": f"({rng.randint(1, below - 1)}/{below})"}


def _filling(rng: random.Random) -> Numbers:
    a, b = sorted(rng.sample(range(3, 41), 2))
    return {"a": a, "b": b}


def _together(rng: random.Random) -> Numbers:
    while True:
        a, t = rng.randint(4, 60), rng.randint(2, 30)
        if a > t and a * t % (a - t) == 0:
            return {"a": a, "t": t, "b": a * t // (a - t)}


def _three(rng: random.Random) -> Numbers:
    a, b, c = rng.sample(range(4, 61), 3)
    return {"a": a, "b": b, "c": c}


def _plan(rng: random.Random) -> Numbers:
    while True:
        a, d = integer(rng, 5, 200), rng.randint(4, 30)
        fewer = rng.randint(1, d - 2)
        if a * d % (d - fewer) == 0:
            fast = a * d // (d - fewer)
            return {"a": a, "d": d, "fewer": fewer, "total": a * d, "fast": fast, "more": fast - a, "days": d - fewer}


def _pair(rng: random.Random) -> Numbers:
    x, y, t = integer(rng, 5, 150), integer(rng, 5, 150), rng.randint(2, 20)
    return {"x": x, "y": y, "t": t, "total": (x + y) * t}


def _people(rng: random.Random) -> Numbers:
    while True:
        a, d, b = rng.randint(2, 60), rng.randint(2, 40), rng.randint(2, 60)
        if a != b and a * d % b == 0:
            return {"a": a, "d": d, "b": b, "days": a * d // b}


def _done(rng: random.Random) -> Numbers:
    below = rng.randint(2, 9)
    share, c = Fraction(rng.randint(1, below - 1), below), rng.randint(2, 12)
    whole = c / share
    return {"c": c, "p": f"({share.numerator}/{share.denominator})", "whole": str(whole), "rest": str(whole - c)}


# ------------------------------------------------------------------------------------------------ two workers

_JOBS: tuple[Kind, ...] = tuple({"J": j, "A": a, "B": b, "C": c, "V": v, "T": t, "X": x} for j, a, b, c, v, t, x in (
    ("一项[work]", "甲", "乙", "丙", "做", "天", "两人"), ("一项工程", "甲队", "乙队", "丙队", "做", "天", "两队"), ("一件工作", "甲", "乙", "丙", "做", "小时", "两人"), ("一批零件", "[person1]", "[person2]", "[person3]", "做", "小时", "两人"),
    ("一批零件", "甲", "乙", "丙", "加工", "天", "两人"), ("一条路", "甲队", "乙队", "丙队", "修", "天", "两队"), ("一份稿件", "[person1]", "[person2]", "[person3]", "打", "小时", "两人"), ("一段公路", "甲工程队", "乙工程队", "丙工程队", "修", "天", "两队"),
    ("一批货物", "甲车", "乙车", "丙车", "运", "小时", "两车"), ("一块地", "甲拖拉机", "乙拖拉机", "丙拖拉机", "耕", "小时", "两台拖拉机"), ("一条水渠", "甲队", "乙队", "丙队", "挖", "天", "两队"), ("一座桥", "甲队", "乙队", "丙队", "修", "个月", "两队"),
    ("一项工程", "甲", "乙", "丙", "做", "天", "甲、乙"), ("一批服装", "甲组", "乙组", "丙组", "做", "天", "两组"), ("一间教室", "[person1]", "[person2]", "[person3]", "打扫", "分钟", "两人")))  # fmt: skip
_ALONE_A = "[A]<单独[V]|独[V]|单独完成>需要{a}[T]<完成|>"
_ALONE_B = "[B]<单独[V]|独[V]|单独完成>需要{b}[T]<完成|>"
_SHORT_A, _SHORT_B = (
    "[A]<单独[V]|独[V]|单独完成>{a}[T]<可以完成|完成|>",
    "[B]<单独[V]|独[V]|单独完成>{b}[T]<可以完成|完成|>",
)
_FACTS = (
    f"[J]，{_ALONE_A}，{_ALONE_B}",
    f"[J]，{_SHORT_A}，{_SHORT_B}",
    f"[V][J]，{_ALONE_A}，{_ALONE_B}",
    f"有[J]，{_ALONE_A}，{_ALONE_B}",
    "[J]，[A]、[B]单独[V]<分别|各>需要{a}[T]和{b}[T]",
    "[J]，如果由[A]单独[V]，需要{a}[T]完成，如果由[B]单独[V]，需要{b}[T]完成",
    "[V][J]，[A]需要{a}[T]，[B]需要{b}[T]",
    "[J]，单独[V]，[A]需要{a}[T]，[B]需要{b}[T]",
    "<要完成|完成>[J]，[A]单独需要{a}[T]，[B]单独需要{b}[T]",
    f"[J]由[A]、[B]来[V]，{_SHORT_A}，{_SHORT_B}",
    "[A]{a}[T]可以[V]完[J]，[B]{b}[T]可以[V]完",
    f"[J]，{_ALONE_A}，而[B]只要{{b}}[T]",
)
_BOTH_DO = "<[X]合作|[X]合[V]|[A]和[B]合作|[A][B]合作|如果[X]合作|[A]、[B]一起[V]|[X]一起[V]|[X]同时[V]|合作>"
_HOW_LONG = "<需要多少[T]<完成|>|多少[T]可以完成|多少[T]完成|多少[T]可以[V]完|要多少[T]才能完成>"


def _then(*clauses: str) -> tuple[str, ...]:
    """Return the facts with a clause after each, taken in turn, so that held-out facts meet all clauses."""
    return tuple(f"{fact}，{clauses[(i + i // 4) % len(clauses)]}" for i, fact in enumerate(_FACTS))


_LEFT = "<剩下的|余下的|剩下的工作|余下的部分>"
_AGAIN = "<还|><需要多少[T]<完成|>|要多少[T]完成|要[V]多少[T]|多少[T]可以完成>"
_PAIRS = (
    told(_two, _FACTS, {"": ("1/(1/{a}+1/{b})", f"{_BOTH_DO}，{_HOW_LONG}")}, _JOBS),
    told(_two, _FACTS, {"": ("1/{a}+1/{b}", "<[X]合作1[T]|[X]合[V]一[T]|[A]、[B]合作一[T]>完成<这项工程|全部工作|全部|>的几分之几")}, _JOBS),
    told(_partly, _FACTS, {"done": ("(1/{a}+1/{b})*{c}", "<[X]合作{c}[T]|[X]合[V]{c}[T]|[A]、[B]合作{c}[T]>可以完成<这项工程|全部工作|全部|>的几分之几"),
                           "rest": ("1-(1/{a}+1/{b})*{c}", "[X]合作{c}[T]后，还剩<这项工程|全部工作|全部|>的几分之几")}, _JOBS),
    told(_share, _FACTS, {"": ("{p}/(1/{a}+1/{b})", "<[X]合作|[A]、[B]合作>，多少[T]可以完成<这项工程|全部工作|>的{p}")}, _JOBS),
    told(_partly, _then("[A]先[V]{c}[T]，{x}由[B]<单独|>[V]".replace("{x}", _LEFT), "[A]先[V]了{c}[T]后，{x}让[B][V]完".replace("{x}", _LEFT), "<现在|>[A][V]{c}[T]后，{x}由[B]接着[V]".replace("{x}", _LEFT)),
         {"": ("(1-{c}/{a})/(1/{b})", f"<[B]|>{_AGAIN}")}, _JOBS),
    told(_partly, _then("[A]先[V]{c}[T]，{x}[X]合[V]".replace("{x}", _LEFT), "[A]先[V]了{c}[T]后，{x}由[X]合作完成".replace("{x}", _LEFT), "[A]单独[V]{c}[T]后，[B]来帮忙一起[V]{x}".replace("{x}", _LEFT)),
         {"": ("(1-{c}/{a})/(1/{a}+1/{b})", _AGAIN)}, _JOBS),
    told(_partly, _then("[X]合作{c}[T]后，{x}由[B]单独[V]".replace("{x}", _LEFT), "先由[X]合作{c}[T]，{x}由[B]完成".replace("{x}", _LEFT), "[X]一起[V]{c}[T]后，[A]<因事离开|调走>，{x}由[B][V]".replace("{x}", _LEFT)),
         {"": ("(1-(1/{a}+1/{b})*{c})/(1/{b})", f"<[B]|>{_AGAIN}")}, _JOBS),
    told(_together, (
        "[J]，[A]、[B]<合作|合[V]>{t}[T]<可以完成|完成>，[A]单独[V]需要{a}[T]<完成|>", "[X]合作[V][J]需要{t}[T]，[A]单独[V]需要{a}[T]", "[J]，[X]合作需要{t}[T]，如果[A]单独[V]需要{a}[T]", "[A]、[B]共同[V][J]，{t}[T]就能完成，现在知道[A]独自[V]要{a}[T]",
        "[J]，[A]单独[V]需要{a}[T]，[A]和[B]合作需要{t}[T]", "[J]，如果由[X]合作{t}[T]完成，已知[A]独[V]{a}[T]完成", "[A]、[B]合[V][J]，{t}[T]完成，[A]独[V]要{a}[T]", "[J]，[X]一起[V]，{t}[T]可以完成，只由[A][V]，{a}[T]可以完成",
    ), {"b": ("1/(1/{t}-1/{a})", "[B]<单独[V]|独[V]|单独完成>" + _HOW_LONG)}, _JOBS),
    told(_three, (
        "[J]，[A]<单独[V]|独[V]>要{a}[T]，[B]<单独[V]|独[V]>要{b}[T]，[C]<单独[V]|独[V]>要{c}[T]", "[J]，[A]、[B]、[C]单独[V]<分别|各>要{a}[T]、{b}[T]、{c}[T]", "[J]，[A]单独[V]{a}[T]完成，[B]单独[V]{b}[T]完成，[C]单独[V]{c}[T]完成", "[V][J]，[A]要{a}[T]，[B]要{b}[T]，[C]要{c}[T]",
        "[J]由[A]、[B]、[C]单独完成，分别需要{a}[T]、{b}[T]和{c}[T]",
    ), {"": ("1/(1/{a}+1/{b}+1/{c})", "<三人合作|三队合作|三者合作|[A]、[B]、[C]合作|[A]、[B]、[C]一起[V]>，" + _HOW_LONG)}, _JOBS),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ pipes

_HOURS: tuple[Kind, ...] = ({"T": "小时"}, {"T": "分钟"})
_PIPES = (
    told(_two, (
        "一个水池，单开甲管{a}[T]可以注满，单开乙管{b}[T]可以注满", "一个水池有甲、乙两个进水管，单独开甲管{a}[T]注满，单独开乙管{b}[T]注满", "甲管{a}[T]可以注满水池，乙管{b}[T]可以注满<水池|>", "一个水池装有两根进水管，只开甲管要{a}[T]注满，只开乙管要{b}[T]注满",
        "水池有两个进水管，甲管单开{a}[T]可以把空池注满，乙管单开需{b}[T]", "注满一个水池，甲管要{a}[T]，乙管要{b}[T]",
    ), {"": ("1/(1/{a}+1/{b})", "<两管齐开|两管同时开|同时打开两管|两管一起开|如果两管同时打开>，多少[T]可以注满<水池|>")}, _HOURS),
    told(_filling, (
        "一个水池，单开进水管{a}[T]可以注满，单开出水管{b}[T]可以<放完|把满池水放完>", "水池有一个进水管和一个出水管，进水管{a}[T]可以把空池注满，出水管{b}[T]可以把满池水排空", "打开进水管{a}[T]可以注满水池，打开排水管{b}[T]可以排空一池水", "一个水池的进水管{a}[T]注满，出水管{b}[T]放完",
        "单开甲管{a}[T]可以把水池注满，单开乙管{b}[T]可以把一池水排完",
    ), {"": ("1/(1/{a}-1/{b})", "<两管同时打开|如果同时打开两管|两管齐开|两管一起开>，多少[T]可以<把空池|>注满<水池|>")}, _HOURS),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ plans, numbers made

_MADE: tuple[Kind, ...] = tuple({"W": w, "V": v, "M": m, "G": g} for w, v, m, g in (
    ("修路队", "修", "米", "路"), ("<工厂|机械厂|某工厂>", "生产", "个", "零件"), ("<服装厂|制衣厂>", "生产", "套", "服装"), ("[elder]", "做", "个", "零件"), ("<玩具厂|某厂>", "做", "件", "玩具"), ("<印刷厂|某厂>", "印", "本", "书"), ("<食堂|工地>", "用", "千克", "煤"), ("[person]", "看", "页", "书")))  # fmt: skip
_PLANS = (
    told(_plan, (
        "[W]<计划|原计划>每天[V]{a}[M]<[G]|>，{d}天完成，<实际|结果>提前{fewer}天完成", "[W][V]一批[G]，计划每天[V]{a}[M]，{d}天[V]完，实际提前{fewer}天完成任务", "[W]要[V]一批[G]，如果每天[V]{a}[M]，{d}天完成，结果提前{fewer}天完成", "一批[G]，[W]计划每天[V]{a}[M]，{d}天[V]完，结果提前{fewer}天[V]完",
    ), {"fast": ("{a}*{d}/({d}-{fewer})", "<实际|><平均|>每天[V]多少[M]")}, _MADE),
    told(_plan, (
        "[W]{d}天要[V]{total}[M][G]，实际少用了{fewer}天", "计划{d}天[V]{total}[M][G]，[W]提前{fewer}天就[V]完了",
        "{total}[M][G]，[W]计划[V]{d}天，实际提前{fewer}天", "[W]接到{d}天[V]{total}[M][G]的任务，结果早{fewer}天完成",
        "[W]<计划|原计划>{d}天[V]{total}[M]<[G]|>，<实际|结果>提前{fewer}天完成", "一批[G]{total}[M]，[W]计划{d}天[V]完，实际提前{fewer}天<完成|[V]完>", "[W]要[V]{total}[M][G]，计划用{d}天，结果提前{fewer}天完成", "[W]的任务是{d}天[V]{total}[M][G]，实际比计划少用{fewer}天",
    ), {"fast": ("{total}/({d}-{fewer})", "实际<平均|>每天[V]多少[M]"), "more": ("{total}/({d}-{fewer})-{total}/{d}", "实际每天比<原|>计划多[V]多少[M]")}, _MADE),
    told(_plan, (
        "[W][V]一批[G]，原计划{d}天完成，每天[V]{a}[M]，实际每天[V]了{fast}[M]", "一批[G]计划{d}天[V]完，每天[V]{a}[M]，[W]实际每天[V]{fast}[M]",
        "[W]按计划{d}天、每天[V]{a}[M]可以[V]完一批[G]，后来每天[V]{fast}[M]", "计划{d}天[V]完的一批[G]，原定每天[V]{a}[M]，[W]改为每天[V]{fast}[M]",
        "[W]<计划|原计划>每天[V]{a}[M]<[G]|>，{d}天完成，<实际|结果>每天[V]{fast}[M]", "[W][V]一批[G]，计划每天[V]{a}[M]，{d}天[V]完，实际每天[V]{fast}[M]", "一批[G]，[W]每天[V]{a}[M]要{d}天，如果每天[V]{fast}[M]", "[W]原计划{d}天[V]完一批[G]，每天[V]{a}[M]，后来每天[V]{fast}[M]",
    ), {"days": ("{a}*{d}/{fast}", "<实际|>多少天<完成|可以[V]完|[V]完>"), "fewer": ("{d}-{a}*{d}/{fast}", "<可以|实际>提前多少天完成")}, _MADE),
    told(_plan, (
        "[W][V]一批[G]，原计划{d}天完成，每天[V]{a}[M]，实际每天多[V]{more}[M]", "一批[G]计划{d}天[V]完，每天[V]{a}[M]，[W]每天比计划多[V]{more}[M]",
        "[W]要在{d}天内每天[V]{a}[M]来完成一批[G]，结果每天多[V]{more}[M]", "按计划[W]{d}天[V]完一批[G]，每天[V]{a}[M]，实际每天比原来多[V]{more}[M]",
        "[W]<计划|原计划>每天[V]{a}[M]<[G]|>，{d}天完成，<实际|结果>每天多[V]{more}[M]", "[W][V]一批[G]，计划每天[V]{a}[M]，{d}天[V]完，实际每天比计划多[V]{more}[M]", "一批[G]，[W]每天[V]{a}[M]要{d}天，如果每天多[V]{more}[M]", "[W]原计划{d}天[V]完一批[G]，每天[V]{a}[M]，后来每天多[V]{more}[M]",
    ), {"days": ("{a}*{d}/({a}+{more})", "<实际|>多少天<完成|可以[V]完|[V]完>")}, _MADE),
    told(_plan, (
        "[W]要[V]{total}[M][G]，<原计划|计划>每天[V]{a}[M]，<实际|结果>每天[V]{fast}[M]", "[W]要[V]一批{total}[M]的[G]，计划每天[V]{a}[M]，实际每天[V]{fast}[M]", "一批[G]{total}[M]，[W]原计划每天[V]{a}[M]，实际每天[V]了{fast}[M]", "{total}[M][G]，[W]每天[V]{a}[M]，后来改为每天[V]{fast}[M]",
    ), {"fewer": ("{total}/{a}-{total}/{fast}", "<可以|实际|>提前多少天<完成|[V]完>"), "days": ("{total}/{fast}", "实际<用了|需要>多少天<完成|>")}, _MADE),
    told(_pair, (
        "要[V]{total}[M][G]，由甲、乙两人来[V]，甲每天[V]{x}[M]，乙每天[V]{y}[M]", "[G]一共{total}[M]，甲、乙同时[V]，甲每天[V]{x}[M]，乙每天[V]{y}[M]",
        "甲、乙合[V]{total}[M]的[G]，每天甲[V]{x}[M]，乙[V]{y}[M]", "把{total}[M][G]交给甲、乙两人[V]，甲每天[V]{x}[M]，乙每天[V]{y}[M]",
        "甲、乙两人合<作|[V]>{total}[M][G]，甲每天[V]{x}[M]，乙每天[V]{y}[M]", "有{total}[M][G]<要[V]|>，甲每天[V]{x}[M]，乙每天[V]{y}[M]，两人合作", "甲每天[V]{x}[M]，乙每天[V]{y}[M]，两人一起[V]{total}[M][G]", "{total}[M]的[G]由甲、乙合[V]，甲每天[V]{x}[M]，乙每天[V]{y}[M]",
    ), {"t": ("{total}/({x}+{y})", "<多少天可以完成|多少天[V]完|需要多少天>")}, _MADE),
    told(_pair, (
        "一批[G]，甲、乙合[V]{t}天[V]完，甲每天[V]{x}[M]，乙每天[V]{y}[M]", "甲、乙合[V]了{t}天，甲每天[V]{x}[M]，乙每天[V]{y}[M]，正好[V]完一批[G]",
        "用{t}天两人[V]完一批[G]，甲每天[V]{x}[M]，乙每天[V]{y}[M]", "甲、乙{t}天合[V]完一批[G]，每天甲[V]{x}[M]、乙[V]{y}[M]",
        "甲、乙两人合<作|[V]>一批[G]，甲每天[V]{x}[M]，乙每天[V]{y}[M]，{t}天完成", "甲每天[V]{x}[M]，乙每天[V]{y}[M]，两人一起[V]了{t}天[V]完", "两人合[V]一批[G]，一人每天[V]{x}[M]，另一人每天[V]{y}[M]，{t}天[V]完", "一批[G]由甲、乙合[V]{t}天完成，甲每天[V]{x}[M]，乙每天[V]{y}[M]",
    ), {"total": ("({x}+{y})*{t}", "<这批[G]有多少[M]|一共有多少[M][G]|两人一共[V]了多少[M]>")}, _MADE),
    told(_people, (
        "<一项工程|一件工作|修一条路>，{a}人{d}天<可以|>完成", "{a}个工人{d}天<可以|>完成一项<工程|任务>", "<一项工作|一批零件>由{a}人做，{d}天完成", "一项工程，{a}<人|名工人>做需要{d}天完成", "修一段公路，用{a}人{d}天修完",
    ), {"days": ("{a}*{d}/{b}", "<如果|>{b}人<做|来做|>，<多少天可以完成|需要多少天完成|要多少天>"),
        "b": ("{a}*{d}/{days}", "<如果|>要{days}天完成，<需要多少人|要多少人>")}),
    told(_done, (
        "<一项工程|一件工作|一项任务>，甲做{c}天完成<了|>它的{p}", "修路队{c}天修了一条路的{p}，照这样计算", "一项工程，{c}天完成了全部的{p}，照这样计算", "[elder]{c}天完成一批零件的{p}，照这样的速度",
    ), {"whole": ("{c}/{p}", "<完成全部|做完全部|全部完成><一共|>需要多少天"), "rest": ("{c}/{p}-{c}", "<剩下的|余下的><还|>需要多少天<完成|>")}),
)  # fmt: skip

WORK = Family("work", "工程", (*_PAIRS, *_PIPES, *_PLANS))
