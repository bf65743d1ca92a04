"""Ratios: a whole shared out, parts known, proportion, scale of maps."""

from __future__ import annotations

import random
from fractions import Fraction

from .amounts import text
from .shapes import Family, Kind, Numbers, integer, told

# ------------------------------------------------------------------------------------------------ drawing


def _ratio(rng: random.Random) -> Numbers:
    while True:
        a, b = rng.sample(range(1, 14), 2)
        k = integer(rng, 2, 120)
        if k > 2 or rng.random() < 0.3:
            return {"a": a, "b": b, "total": (a + b) * k, "first": a * k, "second": b * k}


def _gap(rng: random.Random) -> Numbers:
    low, high = sorted(rng.sample(range(1, 12), 2))
    k = integer(rng, 2, 120)
    return {
        "high": high,
        "low": low,
        "gap": (high - low) * k,
        "more": high * k,
        "less": low * k,
        "sum": (high + low) * k,
    }


def _ratio3(rng: random.Random) -> Numbers:
    a, b, c, k = *(rng.randint(1, 9) for _ in range(3)), integer(rng, 2, 100)
    return {"a": a, "b": b, "c": c, "total": (a + b + c) * k, "first": a * k, "second": b * k, "third": c * k}


def _scale(rng: random.Random) -> Numbers:
    scale, on_map = (
        rng.choice((1000, 2000, 5000, 10000, 50000, 100000, 200000, 500000, 1000000, 3000000, 4000000, 6000000)),
        rng.randint(2, 30),
    )
    return {
        "scale": scale,
        "map": on_map,
        "km": text(Fraction(scale * on_map, 100000)),
        "metres": text(Fraction(scale * on_map, 100)),
    }


def _mix(rng: random.Random) -> Numbers:
    """Draw a ratio of a little in a lot: medicine and water."""
    a, b, k = 1, rng.choice((4, 5, 9, 10, 20, 25, 50, 100, 150, 200, 500)), integer(rng, 2, 60)
    return {"a": a, "b": b, "first": k, "second": b * k, "total": k * (b + 1)}


def _edges(rng: random.Random) -> Numbers:
    a, b = rng.sample(range(1, 9), 2)
    k = integer(rng, 2, 30)
    return {"a": a, "b": b, "round": 2 * (a + b) * k, "long": a * k, "wide": b * k, "area": a * k * b * k}


def _angles(rng: random.Random) -> Numbers:
    while True:
        a, b, c = sorted(rng.randint(1, 9) for _ in range(3))
        if 180 % (a + b + c) == 0:
            unit = 180 // (a + b + c)
            return {"a": a, "b": b, "c": c, "least": a * unit, "most": c * unit}


# ------------------------------------------------------------------------------------------------ two parts

_THINGS: tuple[Kind, ...] = tuple({"A": a, "B": b, "M": m, "P": p} for a, b, m, p in (
    ("男生", "女生", "人", "[grade]"), ("桃树", "梨树", "棵", "果园里"), ("白兔", "黑兔", "只", "饲养场里"), ("苹果", "橘子", "千克", "水果店里"), ("科技书", "故事书", "本", "图书角"),
    ("篮球", "足球", "个", "体育室"), ("公鸡", "母鸡", "只", "农场里"), ("红花", "黄花", "朵", "花坛里"), ("杨树", "柳树", "棵", "公园里"), ("男职工", "女职工", "人", "工厂里"),
    ("故事书", "连环画", "本", "书架上"), ("山羊", "绵羊", "只", "牧场上"), ("杏树", "桃树", "棵", "果园"), ("男教师", "女教师", "人", "学校")))  # fmt: skip
_RATIO = "[A]<和|与><[B]的|[B]数量的|[B]><比|数量比>是{a}：{b}"
_ASK_FIRST, _ASK_SECOND = "<[A]有多少[M]|有多少[M][A]|[A]多少[M]>", "<[B]有多少[M]|有多少[M][B]|[B]多少[M]>"
_ASK_TWO = "<[A]和[B]各有|[A]、[B]各|[A]、[B]分别有|[A]和[B]分别有>多少[M]"
_FIRST, _SECOND = "{total}*{a}/({a}+{b})", "{total}*{b}/({a}+{b})"
_WHOLE = {
    "first": (_FIRST, _ASK_FIRST),
    "second": (_SECOND, _ASK_SECOND),
    "first;second": (f"{_FIRST};{_SECOND}", _ASK_TWO),
}
_PARTS = (
    told(_ratio, (
        f"[P]<有|>[A]和[B]一共{{total}}[M]，{_RATIO}", f"[P]一共有{{total}}[M][A]和[B]，<其中|>{_RATIO}", "[A]和[B]一共<有|>{total}[M]，[A]与[B]的比是{a}：{b}", "[P]有[A]、[B]共{total}[M]，[A]、[B]的<比|数量比>是{a}：{b}",
        f"{_RATIO}，[A]和[B]一共<有|>{{total}}[M]", "[P][A]与[B]<的数量|>之比为{a}：{b}，<它们|两种|>一共有{total}[M]", "[P]<的|>[A]、[B]总数是{total}[M]，[A]和[B]的比为{a}：{b}", f"{_RATIO}，[P]的[A]和[B]<总共|一共>是{{total}}[M]",
        "[A]、[B]共{total}[M]，[A]数与[B]数的比是{a}：{b}", "[P]<养|有|>的[A]和[B]的比是{a}：{b}，已知它们一共{total}[M]",
    ), _WHOLE, _THINGS, free=True),
    told(_ratio, (
        "<把|将>{total}<本图书|棵树苗|个苹果|元|支铅笔>按{a}：{b}分给[Y]和[Z]", "<学校|老师>把{total}<本书|个练习本|棵树>按{a}：{b}的<比例|比>分给[Y]和[Z]", "[Y]和[Z]按{a}：{b}分{total}<本书|个苹果|元>", "<要|>将{total}<本|棵|元>按{a}：{b}的比例分配给[Y]、[Z]",
        "[Y]和[Z]一共<有|得到>{total}<本书|元|棵树苗>，他们<分得|得到>的比是{a}：{b}",
    ), {"first": (_FIRST, "<[Y]分得多少|[Y]得多少|[Y]应分多少|[Y]有多少>"), "second": (_SECOND, "<[Z]分得多少|[Z]得多少|[Z]应分多少|[Z]有多少>"),
        "first;second": (f"{_FIRST};{_SECOND}", "<[Y]、[Z]各得多少|[Y]和[Z]各分得多少|[Y]和[Z]各多少>")},
        [{"Y": y, "Z": z} for y, z in (("五年级", "六年级"), ("一班", "二班"), ("甲班", "乙班"), ("[person1]", "[person2]"), ("甲", "乙"), ("哥哥", "弟弟"), ("甲队", "乙队"), ("六(1)班", "六(2)班"))], free=True),
    told(_ratio, (
        "<把|将>{total}<本图书|棵树苗|个苹果|元|支铅笔>按{a}：{b}分给甲班和乙班", "甲、乙两<班|人|数>一共<有|是|>{total}，甲<与|和>乙的比是{a}：{b}", "<学校|老师>把{total}本书按{a}：{b}分给甲、乙两班", "甲、乙两数的<比是|比为>{a}：{b}，<它们的|两数的>和是{total}",
        "<两个数|甲、乙两数>的和是{total}，甲<数|>与乙<数|>的比是{a}：{b}", "甲<数|>和乙<数|>的比是{a}：{b}，<和|总数>是{total}", "甲乙两人合资，按{a}：{b}分配{total}元利润", "{total}按{a}：{b}分成甲、乙两部分",
    ), {"first": (_FIRST, "<甲<数|>是多少|甲<班|>分得多少|甲<班|>得多少>"), "second": (_SECOND, "<乙<数|>是多少|乙<班|>分得多少|乙<班|>得多少>"),
        "first;second": (f"{_FIRST};{_SECOND}", "<甲、乙各是多少|甲、乙各得多少|甲和乙各分得多少>")}, free=True),
    told(_ratio, (
        "[P]每{a}[M][A]对应{b}[M][B]，[A]有{first}[M]", "[P]{a}[M][A]配{b}[M][B]，一共有[A]{first}[M]",
        "[P]有{a}[M][A]就有{b}[M][B]，[A]是{first}[M]", "[P]的[A]每{a}[M]，[B]就有{b}[M]，[A]一共{first}[M]",
        f"[P]{_RATIO}，[A]有{{first}}[M]", f"{_RATIO}，<已知|>[A]有{{first}}[M]", "[P]有[A]{first}[M]，[A]和[B]的比是{a}：{b}", "[P]每有{a}[M][A]就有{b}[M][B]，现有[A]{first}[M]", "[P][A]有{first}[M]，[A]与[B]<数|>的比为{a}：{b}", f"[A]{{first}}[M]，{_RATIO}", "[P][A]与[B]的数量比是{a}：{b}，其中[A]{first}[M]",
        "<如果|>[A]和[B]的数量之比是{a}：{b}，[A]是{first}[M]",
    ), {"second": ("{first}/{a}*{b}", _ASK_SECOND), "total": ("{first}/{a}*({a}+{b})", "<一共有多少[M]|[A]和[B]一共有多少[M]>")}, _THINGS, free=True),
    told(_ratio, (
        "[P]每{a}[M][A]对应{b}[M][B]，[B]有{second}[M]", "[P]{a}[M][A]配{b}[M][B]，一共有[B]{second}[M]",
        "[P]有{a}[M][A]就有{b}[M][B]，[B]是{second}[M]", "[P]的[A]每{a}[M]，[B]就有{b}[M]，[B]一共{second}[M]",
        f"[P]{_RATIO}，[B]有{{second}}[M]", f"{_RATIO}，<已知|>[B]有{{second}}[M]", "[P]有[B]{second}[M]，[A]和[B]的比是{a}：{b}", "[P]每有{a}[M][A]就有{b}[M][B]，现有[B]{second}[M]", "[P][B]有{second}[M]，[A]与[B]<数|>的比为{a}：{b}", f"[B]{{second}}[M]，{_RATIO}",
    ), {"first": ("{second}/{b}*{a}", _ASK_FIRST), "total": ("{second}/{b}*({a}+{b})", "<一共有多少[M]|[A]和[B]一共有多少[M]>")}, _THINGS, free=True),
    told(_gap, (
        "[A]<和|与>[B]的比是{high}：{low}，[A]比[B]多{gap}[M]", "[P][A]比[B]多{gap}[M]，[A]与[B]的比是{high}：{low}", "[P][A]、[B]的数量比为{high}：{low}，<已知|>[B]比[A]少{gap}[M]", "[A]与[B]的比是{high}：{low}，[B]比[A]少{gap}[M]", "[P][A]、[B]数量的比是{high}：{low}，[A]比[B]多{gap}[M]", "[P]里[A][B]之比为{high}：{low}，已知[A]比[B]多{gap}[M]", "[A]比[B]多{gap}[M]，[A]、[B]数量之比是{high}：{low}", "[P]<的|>[A]和[B]的比是{high}：{low}，相差{gap}[M]",
    ), {"more": ("{gap}/({high}-{low})*{high}", _ASK_FIRST), "less": ("{gap}/({high}-{low})*{low}", _ASK_SECOND), "sum": ("{gap}/({high}-{low})*({high}+{low})", "<[A]和[B]|>一共有多少[M]")}, _THINGS, free=True),
    told(_gap, (
        "甲<数|>与乙<数|>的比是{high}：{low}，甲<数|>比乙<数|>多{gap}", "甲、乙两数的比是{high}：{low}，<两数相差|差是>{gap}", "甲比乙多{gap}，甲与乙的比是{high}：{low}", "甲、乙两数相差{gap}，甲与乙的比是{high}：{low}",
    ), {"more": ("{gap}/({high}-{low})*{high}", "甲<数|>是多少"), "less": ("{gap}/({high}-{low})*{low}", "乙<数|>是多少")}, free=True),
    told(_edges, (
        "<一个|一块>长方形<菜地|操场||草地>的周长是{round}米，长<和|与>宽的比是{a}：{b}", "用{round}米<长|>的<铁丝|篱笆|绳子>围成一个长方形，长与宽的比是{a}：{b}", "长方形的长、宽之比是{a}：{b}，周长是{round}米", "一个周长{round}米的长方形，它的长与宽的比是{a}：{b}",
    ), {"long": ("{round}/2*{a}/({a}+{b})", "长是多少米"), "wide": ("{round}/2*{b}/({a}+{b})", "宽是多少米"), "area": ("{round}/2*{a}/({a}+{b})*({round}/2*{b}/({a}+{b}))", "面积是多少平方米")}, free=True),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ liquids, three parts, maps

_LIQUIDS: tuple[Kind, ...] = tuple(
    {"A": a, "L": liquid}
    for a, liquid in (
        ("药粉", "药水"),
        ("盐", "盐水"),
        ("农药", "药液"),
        ("糖", "糖水"),
        ("洗洁精", "稀释液"),
        ("药液", "药水"),
        ("消毒液", "消毒水"),
        ("蜂蜜", "蜂蜜水"),
    )
)
_MIXES = (
    told(_mix, (
        "一种[L]，[A]<和|与>水的比是{a}：{b}，现在要配制这种[L]{total}克", "[A]和水按{a}：{b}<的比|>配成[L]，要配{total}克[L]", "<配制|要配制>一种[L]{total}千克，[A]与水的<质量|>比为{a}：{b}", "要用[A]和水按{a}：{b}配制{total}克的[L]", "{total}克[L]中，[A]与水的比是{a}：{b}", "用[A]和水配制[L]{total}毫升，[A]和水的体积比是{a}：{b}",
    ), {"first": (_FIRST, "<需要|其中有>[A]多少<千克|克|>"), "second": (_SECOND, "<需要|其中有|>水多少<千克|克|>"), "first;second": (f"{_FIRST};{_SECOND}", "[A]和水各需要多少")}, _LIQUIDS, free=True),
    told(_mix, (
        "一种[L]，[A]<和|与>水的比是{a}：{b}，<现有|有>[A]{first}克", "[A]和水按{a}：{b}配成[L]，{first}克[A]", "配制[L]，[A]与水的比为{a}：{b}，用[A]{first}千克", "按[A]与水的比{a}：{b}配制[L]，现用{first}克[A]",
    ), {"second": ("{first}/{a}*{b}", "<需要加水多少|要加水多少<千克|克|>>"), "total": ("{first}/{a}*({a}+{b})", "<可以配制[L]多少<千克|克|>|能配[L]多少克>")}, _LIQUIDS, free=True),
    told(_mix, (
        "现有水{second}克，按{a}：{b}用[A]和水配制[L]", "[L]里[A]与水的比是{a}：{b}，用了{second}克水",
        "把[A]和水以{a}：{b}的比混合成[L]，水有{second}克", "配[L]时[A]和水是{a}：{b}，水用{second}克",
        "一种[L]，[A]<和|与>水的比是{a}：{b}，<现有|有>水{second}克", "[A]和水按{a}：{b}配成[L]，{second}克水", "配制[L]，[A]与水的比为{a}：{b}，用水{second}千克", "按[A]与水的比{a}：{b}配制[L]，现用{second}克水",
    ), {"first": ("{second}/{b}*{a}", "<需要[A]多少|要[A]多少<千克|克|>>")}, _LIQUIDS, free=True),
)  # fmt: skip
_BY = "<按|按照>{a}：{b}：{c}<的比|>"
_SUMS = tuple(f"{{total}}*{{{x}}}/({{a}}+{{b}}+{{c}})" for x in "abc")
_THREE = (
    told(_ratio3, (
        "甲、乙、丙三人存款的比是{a}：{b}：{c}，一共存了{total}元", "{total}元奖金，甲、乙、丙三人的份额比为{a}：{b}：{c}",
        "甲、乙、丙三家按{a}：{b}：{c}分{total}元", "甲、乙、丙合伙，出资比是{a}：{b}：{c}，利润{total}元",
        "甲、乙、丙三队的人数比为{a}：{b}：{c}，三队共{total}人", "{total}棵树由甲、乙、丙三班按{a}：{b}：{c}来分",
        "甲、乙、丙的工作量之比是{a}：{b}：{c}，报酬一共{total}元", "甲、乙、丙三组共有{total}人，人数比是{a}：{b}：{c}",
        "甲、乙、丙三人<合资|合伙>办厂，投资的比是{a}：{b}：{c}，<年终|年底>获利{total}<元|万元>，按投资分配", "甲、乙、丙三人<按|以>{a}：{b}：{c}的比投资，一共获利{total}万元", "三个班按{a}：{b}：{c}分{total}<本书|棵树|元>，甲、乙、丙各班按顺序分", "甲、乙、丙三个<队|组>人数的比是{a}：{b}：{c}，一共有{total}人", "某公司利润{total}万元，甲、乙、丙三人按{a}：{b}：{c}分配",
    ), {"first": (_SUMS[0], "甲<应|>分得多少"), "second": (_SUMS[1], "乙<应|>分得多少"), "third": (_SUMS[2], "丙<应|>分得多少"), "first;second;third": (";".join(_SUMS), "甲、乙、丙各分得多少")}),
    told(_ratio3, (
        "三个数的和是{total}，甲、乙、丙的比是{a}：{b}：{c}", "甲、乙、丙三个数一共是{total}，比为{a}：{b}：{c}",
        "{total}按{a}：{b}：{c}分成甲、乙、丙三份", "甲与乙与丙的比是{a}：{b}：{c}，三数之和为{total}",
        f"<把|将>{{total}}<本书|棵树|元|个零件>{_BY}分<给|配给>甲、乙、丙三<个班|人|队>", "甲、乙、丙三个数的<比|连比>是{a}：{b}：{c}，<三个数的|它们的>和是{total}", "甲、乙、丙三人一共有{total}元，钱数的比是{a}：{b}：{c}", "甲、乙、丙三数的和是{total}，它们的比是{a}：{b}：{c}",
        f"{{total}}<本书|棵树苗|吨货物>{_BY}分给甲、乙、丙", f"<学校|老师>把{{total}}<棵树|本图书>的任务{_BY}分给甲、乙、丙三个班",
    ), {"first": (_SUMS[0], "甲是多少"), "second": (_SUMS[1], "乙是多少"), "third": (_SUMS[2], "丙是多少"), "first;second;third": (";".join(_SUMS), "甲、乙、丙各是多少")}),
    told(_ratio3, (
        f"一种混凝土<由|用>水泥、沙子、石子{_BY}<配成|配制>，<现在|>要配{{total}}吨<这种|>混凝土", "配制混凝土{total}吨，水泥、沙子和石子的比是{a}：{b}：{c}", f"水泥、沙子、石子{_BY}搅拌成混凝土{{total}}吨", "建筑工地用水泥、沙子、石子配制{total}吨混凝土，它们的质量比是{a}：{b}：{c}",
    ), {"first": (_SUMS[0], "需要水泥多少吨"), "second": (_SUMS[1], "需要沙子多少吨"), "third": (_SUMS[2], "需要石子多少吨"), "first;second;third": (";".join(_SUMS), "需要水泥、沙子、石子各多少吨")}),
    told(_angles, (
        "<一个|>三角形三个内角<的度数|>的比是{a}：{b}：{c}", "三角形的三个内角之比为{a}：{b}：{c}", "一个三角形，三个角的度数比是{a}：{b}：{c}", "已知三角形三个内角的度数比是{a}：{b}：{c}",
    ), {"most": ("180*{c}/({a}+{b}+{c})", "<最大的|最大>角是多少度"), "least": ("180*{a}/({a}+{b}+{c})", "<最小的|最小>角是多少度")}),
)  # fmt: skip
_MAP = "<在|>比例尺<是|为>1：{scale}的<地图|平面图>上"
_MAPS = (
    told(_scale, (
        "图上两点相距{map}厘米，图的比例尺为1：{scale}", "量得两地在图上长{map}厘米，比例尺1：{scale}",
        "地图上{map}厘米的一段路，地图的比例尺是1：{scale}", "两地的图上距离为{map}厘米，比例尺为1：{scale}",
        f"{_MAP}，量得<甲乙两地|两地>的<距离|图上距离>是{{map}}厘米", "一幅地图的比例尺是1：{scale}，图上<距离|>{map}厘米", "地图的比例尺是1：{scale}，量得A、B两地相距{map}厘米", f"{_MAP}，甲乙两地相距{{map}}厘米", "在一幅地图上量得两地<间|>的距离是{map}厘米，<这幅地图的|>比例尺是1：{scale}",
    ), {"km": ("{map}*{scale}/100000", "<甲乙两地|两地|>的实际距离是多少千米"), "metres": ("{map}*{scale}/100", "实际距离是多少米")}),
    told(_scale, (
        "一幅图的比例尺是1：{scale}，两地的实际路程是{km}千米", "比例尺1：{scale}，实际距离是{km}千米",
        "两城实际相距{km}千米，画到1：{scale}的图上", "地图的比例是1：{scale}，一条公路长{km}千米",
        f"<甲乙两地|两地>的实际距离是{{km}}千米，{_MAP}", f"{_MAP}，实际距离{{km}}千米的两地", "甲乙两地<相距|的实际距离是>{km}千米，画在比例尺是1：{scale}的地图上", "地图比例尺为1：{scale}，两地实际相距{km}千米",
    ), {"map": ("{km}*100000/{scale}", "<图上距离是多少厘米|应画多少厘米|图上相距多少厘米>")}),
)  # fmt: skip

RATIOS = Family("ratios", "比例", (*_PARTS, *_MIXES, *_THREE, *_MAPS))
