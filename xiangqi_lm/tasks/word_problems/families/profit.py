"""Profit, discounts, interest and tax."""

from __future__ import annotations

import random
from fractions import Fraction

from .amounts import percent, text
from .shapes import Family, Numbers, integer, told

# ------------------------------------------------------------------------------------------------ drawing


def _sale(rng: random.Random) -> Numbers:
    cost, p = integer(rng, 2, 100) * 10, percent(rng)
    gain = Fraction(cost * p, 100)
    return {"cost": cost, "p": f"{p}%", "price": text(cost + gain), "gain": text(gain), "low": text(cost - gain)}


def _off(rng: random.Random) -> Numbers:
    price, tenth = integer(rng, 2, 200) * 10, rng.choice((95, 90, 85, 80, 75, 70, 60, 50, 88, 65))
    off = str(tenth // 10) if tenth % 10 == 0 else rng.choice((str(tenth), str(tenth / 10)))
    return {"price": price, "off": off, "off_rate": f"{tenth}%", "now": text(Fraction(price * tenth, 100)),
            "less": text(Fraction(price * (100 - tenth), 100))}  # fmt: skip


def _marked(rng: random.Random) -> Numbers:
    """Draw a cost, marked up by p and sold at a discount with a profit of q; all texts are exact."""
    while True:
        cost, p, tenth = integer(rng, 2, 80) * 10, rng.choice((20, 25, 30, 40, 50, 60, 80)), rng.choice((9, 8, 7, 6))
        if (100 + p) * tenth > 1000:
            break
    marked, sold = Fraction(cost * (100 + p), 100), Fraction(cost * (100 + p) * tenth, 1000)
    return {"cost": cost, "p": f"{p}%", "off": tenth, "off_rate": f"{10 * tenth}%", "marked": text(marked), "sold": text(sold),
            "gain": text(sold - cost), "q": f"{text((sold / cost - 1) * 100)}%"}  # fmt: skip


def _below(rng: random.Random) -> Numbers:
    """Draw a cost, marked up by p and sold at a discount below it."""
    while True:
        cost, p, tenth = integer(rng, 2, 80) * 10, rng.choice((10, 20, 25, 30, 40, 50)), rng.choice((8, 7, 6, 5))
        if (100 + p) * tenth < 1000:
            loss = cost - Fraction(cost * (100 + p) * tenth, 1000)
            return {"cost": cost, "p": f"{p}%", "off": tenth, "off_rate": f"{10 * tenth}%", "loss": text(loss)}


def _interest(rng: random.Random) -> Numbers:
    m, y = integer(rng, 2, 100) * 500, rng.randint(1, 5)
    p = rng.choice(("2.25", "2.52", "2.7", "3.24", "3.33", "3.6", "3", "4", "4.14", "5", "1.5", "2.75"))
    earned = m * y * Fraction(p) / 100
    return {"m": m, "y": y, "p": f"{p}%", "interest": text(earned), "back": text(m + earned)}


def _lot(rng: random.Random) -> Numbers:
    n, cost, more = integer(rng, 5, 200), integer(rng, 2, 100), integer(rng, 1, 50)
    return {"n": n, "cost": cost, "price": cost + more, "paid": n * cost, "taken": n * (cost + more), "gain": n * more}


def _two(rng: random.Random) -> Numbers:
    p = rng.choice((20, 25, 10, 50))
    price = rng.randint(1, 60) * (100 + p) * (100 - p) // 10
    cost_up, cost_down = Fraction(price * 100, 100 + p), Fraction(price * 100, 100 - p)
    return {"price": price, "p": f"{p}%", "lost": str(cost_up + cost_down - 2 * price)}


def _tax(rng: random.Random) -> Numbers:
    income, rate = integer(rng, 2, 200) * 100, rng.choice((3, 5, 6, 10, 20))
    tax = Fraction(income * rate, 100)
    return {"income": income, "rate": f"{rate}%", "tax": text(tax), "after": text(income - tax)}


# ------------------------------------------------------------------------------------------------ cost, price, profit

_ONE = "<一件|一台|一种|某种|一批|某件>"
_ASK_PRICE = "<售价是多少元|售价多少元|定价是多少元|卖价多少元|应卖多少元|卖多少元|售价应定为多少元>"
_ASK_COST = "<这件[ware]的|它的|>进价是多少元"
_SALES = (
    told(_sale, (
        "成本{cost}元的[ware]，利润占成本的{p}", "一件[ware]进价{cost}元，每件赚进价的{p}",
        "进价{cost}元的[ware]在[shop]里加{p}卖", "[shop]进[ware]花{cost}元，打算赚{p}",
        f"{_ONE}[ware]<的|>进价<是|>{{cost}}元，<加价|按加价>{{p}}<出售|后出售>", "[shop]以{cost}元<的价格|>购进一<件|台>[ware]，<加价|提价>{p}出售", f"{_ONE}[ware]成本<是|>{{cost}}元，<按|>{{p}}的<利润率|利润><定价|出售>",
        "[shop]购进一件[ware]用了{cost}元，加价{p}后出售", "[ware]的成本是{cost}元，<如果|>要获得{p}的利润", f"{_ONE}[ware]，进货价{{cost}}元，商家<想|要>赚{{p}}", "[shop]按{p}的利润<定价|>卖出一<件|台>成本为{cost}元的[ware]",
        "[elder]把一件进价{cost}元的[ware]加价{p}卖出", "<每件|一件>[ware]成本{cost}元，利润是成本的{p}",
    ), {"price": ("{cost}*(1+{p})", _ASK_PRICE), "gain": ("{cost}*{p}", "<可以赚多少元|利润是多少元|获利多少元|能赚多少元>")}),
    told(_sale, (
        f"{_ONE}[ware]<的|>进价<是|>{{cost}}元，<售价|卖价|以>{{price}}元<卖出|>", f"{_ONE}[ware]成本{{cost}}元，<按|以>{{price}}元<出售|卖出>", "[shop]<花|用>{cost}元购进[ware]，<又|>以{price}元<售出|卖出>", "买进一件[ware]花了{cost}元，卖了{price}元",
        "[ware]的售价是{price}元，成本是{cost}元", "[shop]把进价{cost}元的[ware]卖{price}元", "卖一件[ware]得{price}元，进价是{cost}元", "<每件|>[ware]进货价{cost}元，零售价{price}元",
    ), {"p": ("({price}-{cost})/{cost}", "<利润率是多少|利润率是百分之几|获利百分之几|赚了百分之几|利润是成本的百分之几>"), "gain": ("{price}-{cost}", "<每件|>利润<是|>多少元")}),
    told(_sale, (
        "[ware]提价{p}后的售价是{price}元", "比进价高{p}的[ware]卖{price}元",
        "一件[ware]按进价加{p}卖出，卖了{price}元", "[shop]在进价上加{p}，把[ware]卖到{price}元",
        f"{_ONE}[ware]<卖|售价是|按>{{price}}元<出售|>，<赚了|获利|可获利>{{p}}", "[shop]<卖出|售出>一<件|台>[ware]得{price}元，<比进价|>赚了{p}", "一件[ware]以{price}元卖出，获得{p}的利润", "一件[ware]按{price}元出售可获利{p}",
        "[ware]的售价是{price}元，比成本高{p}", "[shop]按{p}的利润率定价，[ware]卖{price}元", "卖一件[ware]赚{p}，<已知|>售价是{price}元", "[ware]加价{p}后<卖|售价为>{price}元",
    ), {"cost": ("{price}/(1+{p})", _ASK_COST)}),
    told(_sale, (
        "[ware]亏了{p}卖出，只卖了{low}元", "卖一件[ware]亏{p}，售价是{low}元",
        "一件[ware]卖了{low}元，比买进时低{p}", "低于进价{p}卖出一件[ware]，得{low}元",
        f"{_ONE}[ware]<卖|售价是|按>{{low}}元<出售|>，<亏了|亏损|赔了>{{p}}", "[shop]<卖出|售出>一<件|台>[ware]得{low}元，<比进价|>亏了{p}", "[ware]亏本{p}卖出，卖了{low}元", "一件[ware]卖{low}元，结果亏损{p}", "[ware]的售价是{low}元，比成本低{p}",
    ), {"cost": ("{low}/(1-{p})", _ASK_COST)}),
    told(_sale, (
        "<卖出|>一<件|台>[ware]<赚了|获利|的利润是>{gain}元，利润率<是|为>{p}", "[shop]卖一件[ware]可赚{gain}元，<正好|>是成本的{p}", "[ware]的利润率是{p}，<每件|>利润是{gain}元", "一件[ware]的利润是{gain}元，占成本的{p}",
    ), {"cost": ("{gain}/{p}", _ASK_COST), "price": ("{gain}/{p}+{gain}", _ASK_PRICE)}),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ discounts

_PAY = "<现价是多少元|现价多少元|要付多少元|应付多少元|现在卖多少元|实际售价是多少元|需要多少元>"
_SAVE = "<便宜了多少元|可以节省多少元|比原来便宜多少元|可以少花多少元|优惠了多少元>"
_WAS = "<这件[ware]|这台[ware]|>原价<是|>多少元"
_DISCOUNTS = (
    told(_off, (
        "[person]看中一件打{off}折的[ware]，原价{price}元", "打{off}折的[ware]原价是{price}元",
        "[shop]里原价为{price}元的[ware]打{off}折", "[elder]想买打{off}折的[ware]，标价是{price}元",
        "[ware]{off}折，原来的价钱是{price}元", "原价是{price}元的[ware]，按原价的{off}折卖",
        "[elder]买[ware]时打了{off}折，[ware]原价{price}元", "一件{price}元的[ware]，因为搞活动打{off}折",
        f"{_ONE}[ware]原价<是|>{{price}}元，<现在|>打{{off}}折<出售|>", f"{_ONE}[ware]标价{{price}}元，<按|打>{{off}}折<出售|>", "[shop]<促销|搞活动>，<一件|一台>原价{price}元的[ware]打{off}折，<[person]买这件[ware]|>", "一件[ware]原价{price}元，打{off}折后",
        "[shop]<所有|全部>商品<一律|>打{off}折，<[person]买|>一件{price}元的[ware]", "[ware]的定价是{price}元，<现在|>按{off}折优惠", "一件标价{price}元的[ware]，{off}折出售", "[ware]打{off}折出售，原来卖{price}元", "[person]买了一件打{off}折的[ware]，原价是{price}元",
    ), {"now": ("{price}*{off_rate}", _PAY), "less": ("{price}-{price}*{off_rate}", _SAVE)}),
    told(_off, (
        "<一件|一台>[ware]打{off}折后<卖|售价是|是>{now}元", "[person]买一<件|台>[ware]，打{off}折<，|后>付了{now}元", "[ware]按{off}折出售，<卖|现价>{now}元", "[ware]打{off}折后卖{now}元", "[shop]打{off}折促销，[person]花{now}元买了一件[ware]", "<现价|现在>{now}元的[ware]是打{off}折后的价格", "[person]用{now}元买了一件打{off}折的[ware]", "[ware]现价{now}元，是按原价打{off}折出售的",
    ), {"price": ("{now}/{off_rate}", _WAS)}),
    told(_off, (
        "[ware]打{off}折，[person]比原价少花了{less}元", "一件[ware]{off}折出售，比原来便宜{less}元",
        "[person]趁打{off}折买了[ware]，一共节省{less}元", "[shop]打{off}折，买一件[ware]能节约{less}元",
        "按原价的{off}折买一件[ware]，能便宜{less}元", "打{off}折后，一件[ware]少卖{less}元",
        "因为打{off}折，买[ware]时优惠了{less}元", "[ware]按{off}折卖，每件优惠{less}元",
        "<一件|一台>[ware]打{off}折<出售|后>，<便宜了|比原价便宜>{less}元", "[person]买一件[ware]打{off}折，<省了|节省了>{less}元", "[ware]按{off}折出售，比原来少卖{less}元", "[ware]打{off}折，买一件可以少付{less}元",
    ), {"price": ("{less}/(1-{off_rate})", _WAS), "now": ("{less}/(1-{off_rate})-{less}", _PAY)}),
    told(_off, (
        "<一件|一台>[ware]原价<是|>{price}元，<现在|现价>{now}元", "[ware]标价{price}元，<实际|现在>卖{now}元", "[person]买一件{price}元的[ware]只付了{now}元", "[ware]原来卖{price}元，现在只卖{now}元",
    ), {"off_rate": ("{now}/{price}", "<现价是原价的百分之几|现价相当于原价的百分之几|打了百分之几的折>")}),
    told(_marked, (
        "<一件|一台>[ware]<进价|成本>{cost}元，<按|>加价{p}<定价|标价>，<再|又><打|按>{off}折<出售|卖出>", "[shop]<把|将>进价{cost}元的[ware]提价{p}后<再|又>打{off}折<出售|>", "[ware]成本{cost}元，<先|>按{p}的利润定价，<后来|然后>打{off}折卖出", "[shop]将成本{cost}元的[ware]加价{p}后标价，再打{off}折出售",
        "[shop]以{cost}元购进一件[ware]，按{p}的利润率定价后打{off}折销售", "一件[ware]，成本{cost}元，定价比成本高{p}，<实际|最后>按定价的{off}折出售", "[ware]进价为{cost}元，提高{p}作为标价，<节日期间|>打{off}折", "[ware]的成本价是{cost}元，商家把它提高{p}标价，又以{off}折卖出",
    ), {"gain": ("{cost}*(1+{p})*{off_rate}-{cost}", "<可以获利多少元|每件赚多少元|利润是多少元|每件获利多少元|赚了多少元>"), "sold": ("{cost}*(1+{p})*{off_rate}", _ASK_PRICE)}),
    told(_marked, (
        "<一件|一台>[ware]按定价的{off}折出售，<仍|还|>可获利{q}，<已知|>成本是{cost}元", "[ware]成本{cost}元，打{off}折出售仍能获得{q}的利润", "[ware]的进价是{cost}元，<商店|>按标价的{off}折卖出，仍赚{q}", "[shop]把成本为{cost}元的[ware]按标价打{off}折，利润率为{q}",
    ), {"marked": ("{cost}*(1+{q})/{off_rate}", "<定价是多少元|标价是多少元|原来定价多少元>")}),
    told(_marked, (
        "<一件|一台>[ware]标价{marked}元，打{off}折出售<，|后>仍可获利{q}", "[ware]的标价是{marked}元，按{off}折卖出，<还|仍|>赚{q}", "[shop]将标价{marked}元的[ware]打{off}折，<利润率|获利>是{q}", "一件[ware]标价为{marked}元，以{off}折出售，利润率为{q}",
    ), {"cost": ("{marked}*{off_rate}/(1+{q})", _ASK_COST)}),
    told(_marked, (
        "<一件|一台>[ware]标价{marked}元，打{off}折出售<，|后>仍可获利{gain}元", "[ware]的标价是{marked}元，按{off}折卖出，<还|仍|>赚{gain}元", "[shop]将标价{marked}元的[ware]打{off}折，利润是{gain}元", "一件[ware]标价为{marked}元，以{off}折出售，赚了{gain}元",
    ), {"cost": ("{marked}*{off_rate}-{gain}", _ASK_COST)}),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ lots, interest, tax

_MARK_DOWN = (
    told(
        _below,
        (
            "<某商品|一件[ware]>按{p}的利润定价，<然后|后来|又>打{off}折<出售|卖出>，<结果|每件>亏<损|了>{loss}元",
            "[ware]先按{p}的利润定价，再按{off}折卖出，结果赔了{loss}元",
            "[shop]把[ware]加价{p}后又打{off}折出售，亏了{loss}元",
            "一种[ware]提价{p}标价，再打{off}折卖，每件亏本{loss}元",
        ),
        {"cost": ("{loss}/(1-(1+{p})*{off_rate})", "<这件[ware]的|这种商品的|它的|>成本是多少元")},
    ),
    told(
        _marked,
        (
            "<某商品|一件[ware]>按{p}的利润定价，<然后|后来|又>打{off}折<出售|卖出>，<结果|仍|每件>获利{gain}元",
            "[ware]先按{p}的利润定价，再按{off}折卖出，结果赚了{gain}元",
            "[shop]把[ware]加价{p}后又打{off}折出售，仍赚{gain}元",
            "一种[ware]提价{p}标价，再打{off}折卖，每件还能赚{gain}元",
        ),
        {"cost": ("{gain}/((1+{p})*{off_rate}-1)", "<这件[ware]的|这种商品的|它的|>成本是多少元")},
    ),
)
_OTHERS = (
    told(_lot, (
        "[shop]购进{n}<件|个>[ware]，每<件|个>进价{cost}元，<全部|>以每<件|个>{price}元卖出", "[shop]以每<件|个>{cost}元的价格进了{n}<件|个>[ware]，每件卖{price}元", "[elder]批发{n}千克水果，每千克{cost}元，按每千克{price}元<零售|卖出>", "[shop]进货{n}件[ware]，进价每件{cost}元，售价每件{price}元",
        "每件[ware]进价{cost}元，售价{price}元，卖出{n}件", "[ware]每件成本{cost}元，每件卖{price}元，一共卖了{n}件",
    ), {"gain": ("({price}-{cost})*{n}", "<一共|可以|><赚|获利|盈利>多少元")}),
    told(_lot, (
        "[shop]花{paid}元购进{n}<件|个>[ware]，<全部|>卖出后<共|>得{taken}元", "[elder]用{paid}元买进{n}千克水果，全部卖完收入{taken}元", "[shop]进{n}件[ware]共用{paid}元，卖完得到{taken}元", "{n}件[ware]的进价一共{paid}元，卖出后收入{taken}元",
    ), {"gain": ("{taken}-{paid}", "一共<赚|获利>多少元")}),
    told(_two, (
        "<商店|某商店>同时卖出两件<衣服|商品>，<每件|都>卖{price}元，一件<赚|盈利>{p}，另一件亏{p}", "[shop]把两种商品都以{price}元卖出，其中一件盈利{p}，一件亏损{p}", "<某商贩|一个商人>以{price}元一件卖出甲、乙两件[ware]，甲赚了{p}，乙赔了{p}", "[elder]卖了两件衣服，售价都是{price}元，一件赚{p}，一件赔{p}",
    ), {"lost": ("{price}/(1+{p})+{price}/(1-{p})-{price}-{price}", "<一共|>亏了多少元")}),
    told(_interest, (
        "<[elder]|[person]><把|将>{m}元<钱|>存入银行，<定期|存期>{y}年，年利率<是|为|>{p}", "<[elder]|[person]>存入银行{m}元，存{y}年，年利率{p}", "[elder]将{m}元存入银行{y}年，<如果|>年利率为{p}", "[elder]在银行存入{m}元，存期{y}年，年利率是{p}",
        "[person]家有{m}元，存{y}年定期，年利率按{p}计算", "银行<定期|>{y}年的年利率是{p}，[elder]存了{m}元", "[elder]买了{m}元国债，定期{y}年，年利率{p}", "本金{m}元，年利率{p}，存{y}年",
    ), {"interest": ("{m}*{p}*{y}", "<到期后利息是多少元|到期时可得利息多少元|利息有多少元|到期可以得到利息多少元>"),
        "back": ("{m}+{m}*{p}*{y}", "<到期时可取回本金和利息一共多少元|到期后一共能取回多少元|到期时本息一共多少元|一共可取出多少元>")}),
    told(_tax, (
        "[elder]的工资有{income}元，要交{rate}的税", "一笔收入{income}元，需缴{rate}的个人所得税",
        "[elder]中奖{income}元，按{rate}缴纳所得税", "某企业营业收入{income}元，按{rate}纳税",
        "<一家饭店|某饭店|某商店><上月|十月份>的营业额是{income}元，<如果|>按营业额的{rate}缴纳营业税", "[elder]得到一笔{income}元的稿费，应按{rate}的税率缴税", "一家<公司|工厂>收入{income}元，税率是{rate}", "[elder]的奖金是{income}元，按规定缴纳{rate}的个人所得税",
    ), {"tax": ("{income}*{rate}", "<应缴税多少元|要缴纳税款多少元|应纳税多少元>"), "after": ("{income}*(1-{rate})", "<缴税后还剩多少元|税后收入多少元|实际得到多少元>")}),
)  # fmt: skip

PROFIT = Family("profit", "利润", (*_SALES, *_DISCOUNTS, *_MARK_DOWN, *_OTHERS))
