"""Profit, concentration, ratios."""

from __future__ import annotations

import random
from fractions import Fraction

from .shapes import Family, Numbers, Shape, integer, same


def percent(rng: random.Random, low: int = 5, high: int = 95) -> int:
    """Return a percentage as textbooks use them: mostly a multiple of 5."""
    return rng.randrange(low, high + 1, 5) if rng.random() < 0.8 else rng.randint(low, high)


def fraction(rng: random.Random, largest: int = 12) -> str:
    """Return a proper fraction in lowest terms, `(2/5)`."""
    below = rng.randint(2, largest)
    value = Fraction(rng.randint(1, below - 1), below)
    return f"({value.numerator}/{value.denominator})"


def part(rng: random.Random) -> str:
    """Return a fraction or a percentage."""
    return f"{percent(rng)}%" if rng.random() < 0.4 else fraction(rng)


# ------------------------------------------------------------------------------------------------ profit


def _sale(rng: random.Random) -> Numbers:
    cost, p = integer(rng, 2, 100) * 10, percent(rng)
    gain = Fraction(cost * p, 100)
    return {"cost": cost, "p": f"{p}%", "price": text(cost + gain), "gain": text(gain), "low": text(cost - gain)}


def text(value: Fraction | int) -> str:
    """Return a value with few decimals as text."""
    return f"{float(value):.4f}".rstrip("0").rstrip(".")


def _off(rng: random.Random) -> Numbers:
    price, tenth = integer(rng, 2, 200) * 10, rng.choice((95, 90, 85, 80, 75, 70, 60, 50, 88))
    off = str(tenth // 10) if tenth % 10 == 0 else str(tenth)
    return {
        "price": price,
        "off": off,
        "rate": f"{tenth}%",
        "now": text(Fraction(price * tenth, 100)),
        "less": text(Fraction(price * (100 - tenth), 100)),
    }


def _marked(rng: random.Random) -> Numbers:
    cost = integer(rng, 2, 80) * 10
    p, tenth = rng.choice([(p, t) for p in (20, 25, 30, 40, 50, 60, 80) for t in (9, 8, 7, 6) if (100 + p) * t > 1000])
    return {"cost": cost, "p": f"{p}%", "off": tenth, "rate": f"{10 * tenth}%"}


def _interest(rng: random.Random) -> Numbers:
    return {
        "m": integer(rng, 2, 100) * 500,
        "y": rng.randint(1, 5),
        "p": f"{rng.choice((2.25, 2.52, 2.7, 3.24, 3.33, 3.6, 3, 4, 4.14, 5))}%",
    }


PROFIT = Family("profit", "利润", (
    Shape(_sale, (
        *same("{cost}*(1+{p})",
            "<一件|一台|一种>[ware]<的|>进价<是|>{cost}元，<加价|按{p}的利润>{p}<出售|卖出|后出售>，售价<是|>多少元？",
            "<商店|商场>以{cost}元<的价格|>购进一<件|台>[ware]，<加价|提价>{p}出售，<卖|售价是><多少元|多少钱>？",
            "<一件|一台|一种>[ware]成本<是|>{cost}元，<按|>利润率{p}<定价|出售>，<定价|售价>是多少元？"),
        *same("({price}-{cost})/{cost}",
            "<一件|一台|一种>[ware]<的|>进价<是|>{cost}元，<售价|卖价|以>{price}元<卖出|>，利润率<是|>多少？",
            "<一件|一台|一种>[ware]成本{cost}元，<按|以>{price}元<出售|卖出>，<获利|赚了|利润是成本的>百分之几？"),
        *same("{price}/(1+{p})",
            "<一件|一台|一种>[ware]<卖|售价是|按>{price}元<出售|>，<赚了|获利|可获利>{p}，<这件[ware]|它>的<成本|进价>是多少元？",
            "<商店|商场><卖出|售出>一<件|台>[ware]得{price}元，<比进价|>赚了{p}，<进价|成本>是多少元？"),
        *same("{low}/(1-{p})",
            "<一件|一台|一种>[ware]<卖|售价是|按>{low}元<出售|>，<亏了|亏损|赔了>{p}，<这件[ware]|它>的<成本|进价>是多少元？",
            "<商店|商场><卖出|售出>一<件|台>[ware]得{low}元，<比进价|>亏了{p}，<进价|成本>是多少元？"),
        *same("{price}-{cost}", "一<件|台>[ware]进价{cost}元，<售价|卖价>{price}元，<每件|>利润<是|>多少元？"),
        *same("{gain}/{p}", "<卖出|>一<件|台>[ware]<赚了|获利|的利润是>{gain}元，利润率<是|为>{p}，<成本|进价>是多少元？"),
    ), (("[shop]购进一件[ware]用了{cost}元，加价{p}后出售，售价是多少元？", "{cost}*(1+{p})"),
        ("一件[ware]按{price}元出售可获利{p}，它的进价是多少元？", "{price}/(1+{p})"),
        ("一件[ware]进价{cost}元，以{price}元卖出，利润率是多少？", "({price}-{cost})/{cost}"))),
    Shape(_off, (
        *same("{price}*{rate}", "<一件|一台>[ware]原价<是|>{price}元，<现在|>打{off}折<出售|>，现价<是|>多少元？",
            "<一件|一台>[ware]标价{price}元，<按|打>{off}折<出售|>，<要|应付><付|>多少元？",
            "[shop]<促销|搞活动>，<一件|一台>原价{price}元的[ware]打{off}折，<买|>[person]<买这件[ware]|>要<付|花>多少元？"),
        *same("{price}-{price}*{rate}", "<一件|一台>[ware]原价<是|>{price}元，<现在|>打{off}折<出售|>，便宜<了|>多少元？",
            "<一件|一台>[ware]标价{price}元，<现在|>打{off}折<出售|>，<可以|>节省多少元？"),
        *same("{now}/{rate}", "<一件|一台>[ware]打{off}折后<卖|售价是|是>{now}元，原价<是|>多少元？",
            "[person]买一<件|台>[ware]，打{off}折<，|后>付了{now}元，<这件|这台|>[ware]原价多少元？"),
        *same("{now}/{price}", "<一件|一台>[ware]原价<是|>{price}元，<现在|现价>{now}元，<现价是|相当于>原价的百分之几？"),
    ), (("一件[ware]原价{price}元，打{off}折后售价是多少元？", "{price}*{rate}"),
        ("[ware]打{off}折后卖{now}元，这件[ware]的原价是多少元？", "{now}/{rate}"))),
    Shape(_marked, (
        *same("{cost}*(1+{p})*{rate}-{cost}",
            "<一件|一台>[ware]<进价|成本>{cost}元，<按|>加价{p}<定价|标价>，<再|又><打|按>{off}折<出售|卖出>，<可以|>获利多少元？",
            "<商店|商场><把|将>进价{cost}元的[ware]提价{p}后<再|又>打{off}折<出售|>，每件<赚|获利><多少元|多少钱>？"),
        *same("{cost}*(1+{p})*{rate}",
            "<一件|一台>[ware]<进价|成本>{cost}元，<按|>加价{p}<定价|标价>，<再|又><打|按>{off}折<出售|卖出>，<卖价|售价>是多少元？"),
    ), (("[shop]将进价{cost}元的[ware]加价{p}后标价，再打{off}折出售，售价是多少元？", "{cost}*(1+{p})*{rate}"),)),
    Shape(_interest, (
        *same("{m}*{p}*{y}", "<[elder]|[person]><把|将>{m}元<钱|>存入银行，<定期|存期>{y}年，年利率<是|为|>{p}，到期<后|时><可得|有>利息多少元？",
            "<[elder]|[person]>存入银行{m}元，存{y}年，年利率{p}，到期<可得|能得到>利息多少元？"),
        *same("{m}+{m}*{p}*{y}", "<[elder]|[person]><把|将>{m}元<钱|>存入银行，<定期|存期>{y}年，年利率<是|为|>{p}，到期<后|时>可取回<本金和利息|本息>共多少元？",
            "<[elder]|[person]>存入银行{m}元，存{y}年，年利率{p}，到期<一共|共><可取回|能取出>多少元？"),
    ), (("[elder]在银行存入{m}元，存期{y}年，年利率是{p}，到期后利息是多少元？", "{m}*{p}*{y}"),)),
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ concentration


def _mixture(rng: random.Random) -> Numbers:
    solute, water = integer(rng, 5, 200), integer(rng, 20, 900)
    return {"solute": solute, "water": water, "all": solute + water}


def _solution(rng: random.Random) -> Numbers:
    high, low = sorted(rng.sample(range(4, 61, 2), 2), reverse=True)
    m, n = integer(rng, 2, 80) * 10, integer(rng, 2, 80) * 10
    return {"m": m, "n": n, "p": f"{high}%", "q": f"{low}%"}


CONCENTRATION = Family("concentration", "浓度", (
    Shape(_mixture, (
        *same("{solute}/({solute}+{water})",
            "<把|将|用>{solute}克[solute]<放入|溶解在|溶于>{water}克水中，<[solute]水|这种[solute]水>的<含[solute]率|浓度>是<多少|百分之几>？",
            "在{water}克水中<加入|放入>{solute}克[solute]，<[solute]水|这种[solute]水>的<含[solute]率|浓度>是<多少|百分之几>？",
            "{solute}克[solute]和{water}克水<配成|混合成|制成>[solute]水，<求|>[solute]水的浓度<是多少|>？"),
        *same("{solute}/{all}", "{all}克[solute]水中<含|有|含有>[solute]{solute}克，<这种|>[solute]水的<含[solute]率|浓度>是<多少|百分之几>？",
            "<用|>{solute}克[solute]配成{all}克[solute]水，<含[solute]率|浓度>是<多少|百分之几>？"),
    ), same("{solute}/({solute}+{water})", "把{solute}克[solute]放进{water}克水里，这种[solute]水的浓度是多少？")),
    Shape(_solution, (
        *same("{m}*{p}", "<有|>浓度<是|为>{p}的[solute]水{m}克，<其中|里面>含[solute]多少克？",
            "{m}克含[solute]率<是|为|>{p}的[solute]水中<有|含>[solute]多少克？"),
        *same("{m}*(1-{p})", "<有|>浓度<是|为>{p}的[solute]水{m}克，<其中|里面><含|有>水多少克？"),
        *same("{m}*{p}/{q}-{m}",
            "<有|>浓度<是|为>{p}的[solute]水{m}克，<要|>加<入|>多少克水<，|><才能|可以|能><得到|使它变成|稀释成>浓度<是|为>{q}的[solute]水？",
            "<把|将|要把>{m}克浓度为{p}的[solute]水<稀释成|变成>{q}的[solute]水，<需要|要>加<入|>水多少克？"),
        *same("{m}-{m}*{q}/{p}",
            "<有|>浓度<是|为>{q}的[solute]水{m}克，<要|>蒸发<掉|>多少克水<，|><才能|可以|能><得到|使它变成>浓度<是|为>{p}的[solute]水？",
            "<把|将|要把>{m}克浓度为{q}的[solute]水变成{p}的[solute]水，<需要|要>蒸发<掉|>水多少克？"),
        *same("({m}*{p}+{n}*{q})/({m}+{n})",
            "<把|将>浓度<为|是>{p}的[solute]水{m}克<和|与>浓度<为|是>{q}的[solute]水{n}克混合，混合后<[solute]水|>的浓度是多少？",
            "{m}克{p}的[solute]水与{n}克{q}的[solute]水混合，<混合|>后<的|><浓度|[solute]水浓度>是多少？"),
        *same("({m}*{q}+{n})/({m}+{n})",
            "<在|>浓度<为|是>{q}的[solute]水{m}克<中|里>加入{n}克[solute]，<这时|>[solute]水的浓度是多少？"),
        *same("{m}*{q}/({m}+{n})",
            "<在|>浓度<为|是>{q}的[solute]水{m}克<中|里>加入{n}克水，<这时|>[solute]水的浓度是多少？"),
    ), (("{m}克浓度为{p}的[solute]水，加多少克水可以得到浓度为{q}的[solute]水？", "{m}*{p}/{q}-{m}"),
        ("将{m}克浓度为{p}的[solute]水与{n}克浓度为{q}的[solute]水混合，得到的[solute]水浓度是多少？", "({m}*{p}+{n}*{q})/({m}+{n})"))),
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ ratios


def _ratio(rng: random.Random) -> Numbers:
    a, b = rng.sample(range(1, 12), 2)
    k = integer(rng, 2, 120)
    return {"a": a, "b": b, "total": (a + b) * k, "first": a * k, "second": b * k, "gap": abs(a - b) * k} | (
        {"high": max(a, b), "low": min(a, b)}
    )


def _ratio3(rng: random.Random) -> Numbers:
    a, b, c = (rng.randint(1, 9) for _ in range(3))
    return {"a": a, "b": b, "c": c, "total": (a + b + c) * integer(rng, 2, 100)}


def _scale(rng: random.Random) -> Numbers:
    scale, on_map = (
        rng.choice((1000, 2000, 5000, 10000, 50000, 100000, 200000, 500000, 1000000, 3000000)),
        rng.randint(2, 30),
    )
    return {"scale": scale, "map": on_map, "km": text(Fraction(scale * on_map, 100000))}


_FIRST, _SECOND = "{total}*{a}/({a}+{b})", "{total}*{b}/({a}+{b})"
RATIOS = Family("ratios", "比例", (
    Shape(_ratio, (
        *same(_FIRST,
            "<甲、乙两数|两个数>的和是{total}，甲<数|>与乙<数|>的比是{a}：{b}，甲数是多少？",
            "[grade]<男生和女生|男、女生>共{total}人，男生<和|与>女生人数的比是{a}：{b}，男生有多少人？",
            "果园里桃树和梨树<共|一共有>{total}棵，桃树<和|与>梨树<的|棵数的>比是{a}：{b}，桃树有多少棵？",
            "<一种|>[solute]水{total}克，[solute]<和|与>水的比是{a}：{b}，<其中|>[solute]有多少克？",
            "<把|将>{total}本图书按{a}：{b}分给甲班和乙班，甲班<分得|得到>多少本？"),
        *same(_SECOND,
            "<甲、乙两数|两个数>的和是{total}，甲<数|>与乙<数|>的比是{a}：{b}，乙数是多少？",
            "[grade]<男生和女生|男、女生>共{total}人，男生<和|与>女生人数的比是{a}：{b}，女生有多少人？",
            "果园里桃树和梨树<共|一共有>{total}棵，桃树<和|与>梨树<的|棵数的>比是{a}：{b}，梨树有多少棵？",
            "<一种|>[solute]水{total}克，[solute]<和|与>水的比是{a}：{b}，<其中|>水有多少克？",
            "<把|将>{total}本图书按{a}：{b}分给甲班和乙班，乙班<分得|得到>多少本？"),
        *same(f"{_FIRST};{_SECOND}",
            "[grade]<男生和女生|男、女生>共{total}人，男生<和|与>女生人数的比是{a}：{b}，男生和女生各有多少人？",
            "果园里桃树和梨树<共|一共有>{total}棵，桃树<和|与>梨树<的|棵数的>比是{a}：{b}，桃树和梨树各有多少棵？"),
        *same("{first}/{a}*{b}",
            "甲<数|>与乙<数|>的比是{a}：{b}，甲数是{first}，乙数是多少？",
            "[grade]男生<和|与>女生人数的比是{a}：{b}，男生有{first}人，女生有多少人？",
            "桃树<和|与>梨树<的|棵数的>比是{a}：{b}，桃树有{first}棵，梨树有多少棵？"),
        *same("{second}/{b}*{a}",
            "甲<数|>与乙<数|>的比是{a}：{b}，乙数是{second}，甲数是多少？",
            "[grade]男生<和|与>女生人数的比是{a}：{b}，女生有{second}人，男生有多少人？"),
        *same("{first}/{a}*({a}+{b})",
            "[grade]男生<和|与>女生人数的比是{a}：{b}，男生有{first}人，<全班|[grade]><一共|共>有多少人？"),
        *same("{gap}/({high}-{low})*{high}",
            "甲<数|>与乙<数|>的比是{high}：{low}，甲<数|>比乙<数|>多{gap}，甲数是多少？"),
        *same("{gap}/({high}-{low})*{low}",
            "甲<数|>与乙<数|>的比是{high}：{low}，甲<数|>比乙<数|>多{gap}，乙数是多少？"),
    ), (("[grade]共有{total}名学生，男生与女生人数的比是{a}：{b}，男生有多少人？", _FIRST),
        ("果园里有桃树和梨树共{total}棵，桃树与梨树的比是{a}：{b}，梨树有多少棵？", _SECOND),
        ("桃树和梨树的比是{a}：{b}，桃树有{first}棵，求梨树有多少棵？", "{first}/{a}*{b}"))),
    Shape(_ratio3, (
        *same("{total}*{a}/({a}+{b}+{c})",
            "<把|将>{total}<本书|棵树|元>按{a}：{b}：{c}分给甲、乙、丙三<个班|人>，甲<班|>分得多少？",
            "甲、乙、丙三个数的<比|连比>是{a}：{b}：{c}，<三个数的|它们的>和是{total}，甲数是多少？"),
        *same("{total}*{b}/({a}+{b}+{c})",
            "<把|将>{total}<本书|棵树|元>按{a}：{b}：{c}分给甲、乙、丙三<个班|人>，乙<班|>分得多少？",
            "甲、乙、丙三个数的<比|连比>是{a}：{b}：{c}，<三个数的|它们的>和是{total}，乙数是多少？"),
        *same("{total}*{c}/({a}+{b}+{c})",
            "<把|将>{total}<本书|棵树|元>按{a}：{b}：{c}分给甲、乙、丙三<个班|人>，丙<班|>分得多少？",
            "一种混凝土<由|用>水泥、沙子、石子按{a}：{b}：{c}<配成|配制>，{total}吨<这种|>混凝土需要石子多少吨？"),
    ), (("甲、乙、丙三个数的比是{a}：{b}：{c}，三个数的和是{total}，丙数是多少？", "{total}*{c}/({a}+{b}+{c})"),)),
    Shape(_scale, (
        *same("{map}*{scale}/100000",
            "在比例尺<是|为>1：{scale}的地图上，量得<甲乙两地|两地>的<距离|图上距离>是{map}厘米，<甲乙两地|两地>的实际距离是多少千米？",
            "一幅地图的比例尺是1：{scale}，图上{map}厘米<表示|的>实际距离<是|>多少千米？"),
        *same("{km}*100000/{scale}",
            "在比例尺<是|为>1：{scale}的地图上，<甲乙两地|两地>的实际距离是{km}千米，图上距离是多少厘米？",
            "甲乙两地<相距|的实际距离是>{km}千米，在比例尺<是|为>1：{scale}的地图上<应|>画多少厘米？"),
    ), (("地图的比例尺是1：{scale}，量得两地的图上距离是{map}厘米，两地实际相距多少千米？", "{map}*{scale}/100000"),)),
))  # fmt: skip
