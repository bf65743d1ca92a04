"""Surplus and deficit: one thing shared out in two ways."""

from __future__ import annotations

import random

from .shapes import Family, Kind, Numbers, Shape, integer, told

# ------------------------------------------------------------------------------------------------ drawing


def _sharing(first: str, second: str):
    """Return a function that draws two ways to share things out, each with `more` left, `less` lacking, or `even`."""

    def draw(rng: random.Random) -> Numbers:
        while True:
            people, each, more = integer(rng, 3, 60), rng.randint(2, 15), rng.randint(1, 8)
            left = {"more": integer(rng, 1, 60), "less": -integer(rng, 1, 20), "even": 0}[first]
            things = people * each + left
            rest = things - people * (each + more)
            wanted = {"more": rest > 0, "less": rest < 0, "even": rest == 0}[second]
            if wanted and things > 0 and (second == "even" or abs(rest) != abs(left)):
                return {"a": each, "b": each + more, "s": abs(left), "d": abs(rest), "people": people, "things": things}

    return draw


_PAIRS = {  # who comes first and second, from the smaller share on, with the number of people
    ("more", "less"): "({s}+{d})/({b}-{a})",
    ("more", "more"): "({s}-{d})/({b}-{a})",
    ("less", "less"): "({d}-{s})/({b}-{a})",
    ("more", "even"): "{s}/({b}-{a})",
    ("even", "less"): "{d}/({b}-{a})",
}

# ------------------------------------------------------------------------------------------------ goods for people

_OUTCOMES = {
    "more": "<，|，|><就|则|还|会|><多|剩|余|多出|剩下|剩余|多余|余下>{x}[piece]",
    "less": "<，|，|><就|则|还|会|又|><少|差|缺|不够|还差|缺少|不足>{x}[piece]",
    "even": "<，|，|><就|则|><正好|恰好|刚好><分完|全部分完|够分|没有剩余|分尽>",
}
_WAYS = (  # ways to state one share, with the share `{x}`
    "<如果|>每人分{x}[piece]",
    "<如果|>每人{x}[piece]",
    "<如果|>每个[children]分{x}[piece]",
    "<如果|>分给每人{x}[piece]",
    "<如果|>按每人{x}[piece]分",
    "<如果|>每人分给{x}[piece]",
    "<如果|>每人发{x}[piece]",
    "<如果|>每人得{x}[piece]",
)
_FRAMES = (  # [X] and [Y]: the two ways with their outcomes
    "<把|老师把|[elder]把>一些[goods]分给<一群|若干|>[children]，[X]，[Y]",
    "[elder]给[children]分[goods]，[X]；[Y]",
    "[children]分[goods]，[X]，[Y]",
    "[elder]买来一批[goods]，<准备|>分给[children]，[X]，[Y]",
    "有一批[goods]<要|>分给[children]，[X]，[Y]",
    "<幼儿园|学校|少先队>把[goods]<奖给|发给|分给>[children]，[X]；[Y]",
    "[elder]拿来一<袋|筐|盒|包>[goods]，分给[children]，[X]，[Y]",
    "<一堆|一些>[goods]分给[children]，[X]，[Y]",
    "[children]分一<堆|些>[goods]，[X]。[Y]",
    "<学校|班级>把买来的[goods]<奖给|发给>三好学生，[X]，[Y]",
    "<老师|班主任>用[goods]<奖励|发给>[children]，[X]，[Y]",
    "[group]分[goods]，[X]，[Y]",
)


def _frames() -> tuple[str, ...]:
    """Return statements in which each frame meets several ways, both facts in either order, held-out ones fourth."""
    found = []
    for i, frame in enumerate(_FRAMES):
        for j in (i, i + 3):
            way, other = _WAYS[j % len(_WAYS)], _WAYS[(j * 5 + i) % len(_WAYS)]
            first = way.replace("{x}", "{a}") + "[S]"
            second = (way if j == i else other).replace("{x}", "{b}") + "[D]"
            x, y = (first, second) if (i + j) % 3 else (second, first)
            found.append(frame.replace("[X]", x).replace("[Y]", y))
    return tuple(f for pair in zip(found[::2], found[1::2], strict=True) for f in pair)


def _clauses(first: str, second: str, outcomes: dict[str, str]) -> Kind:
    return {"S": outcomes[first].replace("{x}", "{s}"), "D": outcomes[second].replace("{x}", "{d}")}


def _things(people: str, first: str) -> str:
    """Return the number of things, computed back from the first way."""
    sign = {"more": "+{s}", "less": "-{s}", "even": ""}[first]
    return f"{{a}}*{people}{sign}"


def _goods(first: str, second: str, people: str) -> Shape:
    things = _things(people, first)
    return told(_sharing(first, second), _frames(), {
        "people": (people, "<一共有多少名[children]|有多少个[children]|有多少人|[children]有多少人|一共有多少个[children]|[children]一共有多少名|有[children]多少名>"),
        "things": (things, "<这些[goods]一共有多少[piece]|有多少[piece][goods]|[goods]有多少[piece]|一共有多少[piece][goods]|这批[goods]有多少[piece]|有[goods]多少[piece]>"),
        "people;things": (f"{people};{things}", "<[children]和[goods]各有多少|有多少名[children]，多少[piece][goods]|有多少名[children]？有多少[piece][goods]|[children]有多少人，[goods]有多少[piece]|一共有多少人？多少[piece][goods]>"),
    }, [_clauses(first, second, _OUTCOMES)])  # fmt: skip


# ------------------------------------------------------------------------------------------------ people for places

_LEFT_OUT = {"more": "，<就|则|还|>有{x}人<没有|没|无>[P][K]<|>", "less": "，<就|则|还|>空<出|着|>{x}个[K]", "even": "，<就|则|><正好|刚好|恰好><[P]满|全部[P]下>"}  # fmt: skip
_SEATS = (
    "<一批|一些|若干>[U]<去|要>[D]，每[M][T][P]{a}人[S]；每[M][T][P]{b}人[D2]",
    "<学校|某班>组织[U][D]，<如果|>每[M][T][P]{a}人[S]，<如果|>每[M][T][P]{b}人[D2]",
    "<某校|某班>[U]<去|>[D]，<如果|>每[M][P]{b}人[D2]；<如果|>每[M][P]{a}人[S]",
    "[U]去[D]，<如果|>一[M][T][P]{a}人[S]，<如果|>一[M][T][P]{b}人[D2]",
    "[U]<分配|安排>[T]，每[M][T][P]{a}人[S]，每[M][T][P]{b}人[D2]",
    "<学校|老师>给[U]<安排|分>[T]，每[M][P]{a}人[S]，每[M][P]{b}人[D2]",
)


def _places(first: str, second: str, people: str) -> Shape:
    """Return [U] on [T]: here places take the role of people, and people that of things."""
    clauses = {"S": _LEFT_OUT[first].replace("{x}", "{s}"), "D2": _LEFT_OUT[second].replace("{x}", "{d}")}
    kinds = [
        {**clauses, "U": u, "D": d, "M": m, "T": t, "P": p, "K": k}
        for u, d, m, t, p, k in (
            ("同学", "划船", "条", "船", "坐", "座位"), ("学生", "春游", "辆", "车", "坐", "座位"), ("新生", "住校", "间", "宿舍", "住", "床位"),
            ("学生", "开会", "条", "长椅", "坐", "座位"), ("游客", "旅游", "间", "房间", "住", "床位"), ("师生", "划船", "只", "船", "乘", "座位"),
        )
    ]  # fmt: skip
    places = people
    return told(_sharing(first, second), _SEATS, {
        "people": (places, "<有多少[M][T]|[T]有多少[M]|一共有多少[M][T]>"),
        "things": (_things(places, first), "<[U]有多少人|有多少名[U]|一共有多少名[U]|一共有多少人>"),
        "people;things": (f"{places};{_things(places, first)}", "<有多少[M][T]？多少名[U]|有多少[M][T]，[U]有多少人|[T]和[U]各有多少>"),
    }, kinds)  # fmt: skip


# ------------------------------------------------------------------------------------------------ trees, bricks, money

_DOING = (
    "<同学们|少先队员|一组学生|老师带同学们>去[D]，<如果|>每人[P]{a}[M]，<就|还|则|>[S]；<如果|>每人[P]{b}[M]，<就|还|则|>[T]",
    "<一些|一群|某班>同学[P][G]，<如果|>每人[P]{a}[M]，<就|则|>[S]，<如果|>每人[P]{b}[M]，<就|则|>[T]",
    "<小组|少先队员|一个小组>[P]一批[G]，<如果|>每人[P]{b}[M]，<就|还|>[T]；<如果|>每人[P]{a}[M]，<就|还|>[S]",
    "把[P][G]的任务分给<几个|若干>同学，每人[P]{a}[M][S]，每人[P]{b}[M][T]",
)
_LEAVES = {"more": "<剩下|剩|余|还剩|多>{x}[M]<没[P]|没人[P]|>", "less": "<少|差|缺|还差|不够|还缺>{x}[M]", "even": "<正好|刚好>[P]完"}  # fmt: skip


def _tasks(first: str, second: str, people: str) -> Shape:
    clauses = {"S": _LEAVES[first].replace("{x}", "{s}"), "T": _LEAVES[second].replace("{x}", "{d}")}
    kinds = [{**clauses, "D": d, "P": p, "M": m, "G": g} for d, p, m, g in (
        ("植树", "植", "棵", "树苗"), ("栽花", "种", "盆", "花"), ("搬砖", "搬", "块", "砖"), ("劳动", "浇", "棵", "树"))]  # fmt: skip
    things = _things(people, first)
    return told(_sharing(first, second), _DOING, {
        "people": (people, "<一共有多少名同学|有多少人|参加的有多少人|有多少名同学>"), "things": (things, "<一共有多少[M][G]|有多少[M][G]|这批[G]有多少[M]>"),
        "people;things": (f"{people};{things}", "有多少人，<一共|>有多少[M][G]"),
    }, kinds)  # fmt: skip


_BATCHES = (
    "把一批[G]<分给|发给><几个|若干个>[K]，每[U][P]{a}[M][S]，每[U][P]{b}[M][T]",
    "有一批[G]，<如果|>每[U][P]{a}[M][S]；<如果|>每[U][P]{b}[M][T]",
    "[G]分给[K]，<如果|>每[U]{b}[M][T]，<如果|>每[U]{a}[M][S]",
    "一堆[G]，<如果|>按每[U]{a}[M]来[P][S]，按每[U]{b}[M]来[P][T]",
    "<老师|学校>把[G][P]给[K]，<如果|>每[U][P]{a}[M][S]，<如果|>每[U][P]{b}[M][T]",
    "[K]分[G]，每[U][P]{b}[M][T]，每[U][P]{a}[M][S]",
)


def _batches(first: str, second: str, people: str) -> Shape:
    """Return goods that go to classes, groups or boxes instead of persons."""
    ends = {key: text.replace("[piece]", "[M]") for key, text in _OUTCOMES.items()}
    clauses = {"S": ends[first].replace("{x}", "{s}"), "T": ends[second].replace("{x}", "{d}")}
    kinds = [{**clauses, "G": g, "K": k, "U": u, "P": p, "M": m} for g, k, u, p, m in (
        ("图书", "班级", "班", "分", "本"), ("树苗", "小组", "组", "分", "棵"), ("练习本", "班", "班", "发", "本"), ("糖果", "盒子", "盒", "装", "颗"), ("苹果", "篮子", "篮", "装", "个"), ("书", "小队", "队", "分", "本"))]  # fmt: skip
    things = _things(people, first)
    return told(_sharing(first, second), _BATCHES, {
        "people": (people, "<有多少个[K]|一共有多少[U]|有多少[U]|[K]有多少个>"), "things": (things, "<这批[G]有多少[M]|一共有多少[M][G]|[G]有多少[M]>"),
        "people;things": (f"{people};{things}", "<有多少个[K]？多少[M][G]|[K]和[G]各有多少>"),
    }, kinds)  # fmt: skip


def _money(rng: random.Random) -> Numbers:
    while True:
        a, more, price = rng.randint(2, 12), rng.randint(1, 8), integer(rng, 2, 60)
        left, lack = integer(rng, 1, 60), integer(rng, 1, 60)
        if left + lack == price * more:
            return {"a": a, "b": a + more, "s": left, "d": lack, "price": price, "money": price * a + left}


_PRICE = "({s}+{d})/({b}-{a})"
_BUYING = told(_money, (
    "[person]带<了一些|的>钱去买[goods]，<如果|>买{a}[piece]<，|><多|剩|余|还剩>{s}元，<如果|>买{b}[piece]<，|><少|差|缺|还差|不够>{d}元", "[elder]买[goods]，<如果|>买{b}[piece]还<差|少>{d}元，<如果|>买{a}[piece]<则|还|><剩|余>{s}元",
    "用一笔钱买[goods]，买{a}[piece]<就|则|><剩下|多>{s}元，买{b}[piece]<就|则|><缺|差|少>{d}元", "[person]<有一些钱|的钱>，买{b}[piece][goods]<还差|少|缺>{d}元，买{a}[piece][goods]<多|还剩>{s}元",
    "[person]到商店买[goods]，买{a}[piece]还<剩|多>{s}元，想买{b}[piece]却<差|少>{d}元", "<学校|[elder]>的钱买{a}[piece][goods]还多{s}元，<如果|>买{b}[piece]<就|>少{d}元",
), {"price": (_PRICE, "<每[piece][goods]多少元|一[piece][goods]多少元|[goods]每[piece]多少元|[goods]的单价是多少元>"),
    "money": ("{a}*" + _PRICE + "+{s}", "<[person]|>带了多少元<钱|>")})  # fmt: skip


def _paying(rng: random.Random) -> Numbers:
    while True:
        people, each, more, short = integer(rng, 3, 50), rng.randint(2, 20), rng.randint(1, 8), integer(rng, 1, 60)
        if people * more > short:
            return {
                "a": each,
                "b": each + more,
                "s": short,
                "d": people * more - short,
                "people": people,
                "things": people * each + short,
            }


_COLLECT = told(_paying, (
    "<几个|一些|若干>人<合伙|一起>买一<件|个>[ware]，<如果|>每人出{a}元，<还|就|则|><差|少|缺|不足>{s}元，<如果|>每人出{b}元，<就|则|还|><多|剩|余>{d}元", "今有人共买物，<人|每人>出{b}<元|>，<盈|多|余>{d}<元|>，<人|每人>出{a}<元|>，<不足|少|差>{s}<元|>",
    "<大家|几个同学>凑钱买一个[ware]，每人{a}元<少|差>{s}元，每人{b}元<多|余>{d}元", "几个人合买[ware]，<每人|一人>出{b}元多{d}元，<每人|一人>出{a}元少{s}元",
), {"people": ("({s}+{d})/({b}-{a})", "<有多少人|人数是多少|一共有多少人>"), "things": ("{a}*({s}+{d})/({b}-{a})+{s}", "<这个[ware]|物价|价格>是多少元"),
    "people;things": ("({s}+{d})/({b}-{a});{a}*({s}+{d})/({b}-{a})+{s}", "<人数和物价各是多少|有多少人？物价多少元>")})  # fmt: skip


def _late(rng: random.Random) -> Numbers:
    while True:
        slow, more, late, early = rng.randint(3, 8) * 10, rng.randint(1, 4) * 10, rng.randint(1, 10), rng.randint(1, 10)
        if (slow * late + (slow + more) * early) % more == 0:
            on_time = (slow * late + (slow + more) * early) // more
            return {"v": slow, "w": slow + more, "s": late, "d": early, "time": on_time, "way": slow * (on_time + late)}


_TIME = "({v}*{s}+{w}*{d})/({w}-{v})"
_LATE = told(_late, (
    "[person]从家<到学校|去学校|上学>，每分钟走{v}米<，|>要迟到{s}分钟，每分钟走{w}米<，|><可|能|就|>早到{d}分钟", "[person]上学，<如果|>每分钟走{w}米<，|>提前{d}分钟到，<如果|>每分钟走{v}米<，|>迟到{s}分钟",
    "[person]步行去学校，<如果|>每分钟走{v}米，则晚到{s}分钟，<如果|>每分钟走{w}米，则早到{d}分钟", "[person]去上学，每分钟走{v}米会迟到{s}分钟，每分钟走{w}米会早到{d}分钟",
), {"way": ("{v}*(" + _TIME + "+{s})", "<[person]家到学校|家到学校|他家离学校><的路程是|有>多少米")})  # fmt: skip

SURPLUS = Family("surplus", "盈亏", (
    *(_goods(*pair, people) for pair, people in _PAIRS.items()),
    *(_places(*pair, people) for pair, people in _PAIRS.items()),
    *(_batches(*pair, people) for pair, people in _PAIRS.items()),
    *(_tasks(*pair, people) for pair, people in _PAIRS.items()),
    _BUYING, _COLLECT, _LATE,
))  # fmt: skip
