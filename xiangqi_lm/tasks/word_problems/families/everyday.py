"""The most common school problems: parts of a whole, multiples, averages, prices, shapes, sums in words."""

from __future__ import annotations

import random
from fractions import Fraction

from .amounts import fraction, part, percent, text
from .shapes import Family, Numbers, Shape, Wording, integer, same


def _decimal(rng: random.Random, low: int, high: int) -> int | str:
    """Return a whole number, or a number with one or two decimals."""
    if rng.random() < 0.5:
        return integer(rng, low, high)
    places = rng.choice((10, 10, 100))
    return text(Fraction(rng.randint(low * places + 1, high * places), places))


# ------------------------------------------------------------------------------------------------ parts of a whole


def _of(rng: random.Random) -> Numbers:
    p = part(rng)
    value = Fraction(p[:-1]) / 100 if p.endswith("%") else Fraction(p.strip("()"))
    whole = integer(rng, 2, 200) * value.denominator
    share = whole * value
    return {"whole": whole, "p": p, "share": text(share), "rest": text(whole - share), "more": text(whole + share)}


def _two_parts(rng: random.Random) -> Numbers:
    while True:
        p, q = (
            (fraction(rng), fraction(rng))
            if rng.random() < 0.6
            else (f"{percent(rng, 5, 60)}%", f"{percent(rng, 5, 60)}%")
        )
        a, b = (Fraction(x[:-1]) / 100 if x.endswith("%") else Fraction(x.strip("()")) for x in (p, q))
        if a + b < 1 and a != b:
            unit = a.denominator * b.denominator
            whole = unit * integer(rng, 1, 40)
            return {"whole": whole, "p": p, "q": q, "rest": text(whole * (1 - a - b)), "gap": text(whole * abs(a - b)),
                    "hi": max((a, p), (b, q))[1], "lo": min((a, p), (b, q))[1], "sum": text(whole * (a + b))}  # fmt: skip


def _change(rng: random.Random) -> Numbers:
    a, b = rng.sample(range(10, 400), 2)
    return {"big": max(a, b), "small": min(a, b)}


PARTS = Family("parts", "分数百分数", (
    Shape(_of, (
        *same("{whole}*{p}",
            "<一批|一堆|仓库里有>[grain]{whole}[ton]，<运走|用去|卖出>了{p}，<运走|用去|卖出>了多少[ton]？",
            "[grade]有学生{whole}人，其中男生占{p}，男生有多少人？",
            "{whole}的{p}是多少？",
            "果园里有桃树{whole}棵，梨树<的棵数|>是桃树的{p}，梨树有多少棵？",
            "一本书<有|共|>{whole}页，[person]<已经|>看了<全书的|>{p}，看了多少页？"),
        *same("{whole}*(1-{p})",
            "<一批|一堆|仓库里有>[grain]{whole}[ton]，<运走|用去|卖出>了{p}，还剩<下|>多少[ton]？",
            "[grade]有学生{whole}人，其中男生占{p}，女生有多少人？",
            "果园里有桃树{whole}棵，梨树比桃树少{p}，梨树有多少棵？",
            "一本书<有|共|>{whole}页，[person]<已经|>看了<全书的|>{p}，还剩多少页<没有看|没看|>？",
            "比{whole}少{p}的数是多少？",
            "<一件|一台>[ware]原价{whole}元，<现在|>降价{p}<出售|>，现价<是|>多少元？"),
        *same("{whole}*(1+{p})",
            "果园里有桃树{whole}棵，梨树比桃树多{p}，梨树有多少棵？",
            "<工厂|某厂|一个工厂>上月<生产|产量是>{whole}[output]，这个月比上月<增加|增产|多><了|>{p}，这个月<生产|产>多少[output]？",
            "比{whole}多{p}的数是多少？",
            "<一件|一台>[ware]原价{whole}元，<现在|>提价{p}<出售|>，现价<是|>多少元？"),
        *same("{share}/{p}",
            "<一批|一堆>[grain]，<运走|用去|卖出>了{p}，正好是{share}[ton]，这<批|堆>[grain]<共|一共|>有多少[ton]？",
            "[grade]<有|>男生{share}人，占<全班|总>人数的{p}，<全班|一共>有多少人？",
            "一个数的{p}是{share}，这个数是多少？",
            "果园里有梨树{share}棵，是桃树<棵数|>的{p}，桃树有多少棵？",
            "[person]看一本书，<已经|>看了{share}页，<正好|>是全书的{p}，这本书有多少页？"),
        *same("{rest}/(1-{p})",
            "<一批|一堆>[grain]，<运走|用去|卖出>了{p}，还剩{rest}[ton]，这<批|堆>[grain]<原来|一共|>有多少[ton]？",
            "果园里有梨树{rest}棵，比桃树少{p}，桃树有多少棵？",
            "[person]看一本书，<已经|>看了全书的{p}，还剩{rest}页<没看|>，这本书<共|一共|>有多少页？",
            "<一件|一台>[ware]降价{p}后<是|卖>{rest}元，原价<是|>多少元？",
            "修一条路，<已经|>修了{p}，还剩{rest}米<没修|>，这条路<全长|长>多少米？"),
        *same("{more}/(1+{p})",
            "果园里有梨树{more}棵，比桃树多{p}，桃树有多少棵？",
            "<工厂|某厂>这个月<生产|产>{more}[output]，比上月<增加|增产|多><了|>{p}，上月<生产|产>多少[output]？",
            "<一件|一台>[ware]提价{p}后<是|卖>{more}元，原价<是|>多少元？"),
        *same("{share}/{whole}",
            "[grade]有{whole}人，<其中|>男生{share}人，男生占<全班|总>人数的<几分之几|百分之几|多少>？",
            "{share}是{whole}的<几分之几|百分之几|多少>？",
            "一批产品{whole}个，<其中|>合格<的有|>{share}个，合格率是多少？",
            "<种了|植树>{whole}棵，成活{share}棵，成活率是<多少|百分之几>？",
            "[grade]有{whole}人，今天出勤{share}人，出勤率是<多少|百分之几>？"),
    ), (Wording("[shop]运来[grain]{whole}千克，卖出{p}，还剩下多少千克？", "{whole}*(1-{p})"),
        Wording("一条路修了{p}，还剩{rest}米没有修，这条路长多少米？", "{rest}/(1-{p})"),
        Wording("[grade]男生有{share}人，是全班人数的{p}，全班有多少人？", "{share}/{p}"))),
    Shape(_two_parts, (
        *same("{whole}*(1-{p}-{q})",
            "<一批|一堆>[grain]{whole}[ton]，第一[turn]<运走|用去|卖出>{p}，第二[turn]<运走|用去|卖出>{q}，还剩<下|>多少[ton]？",
            "一本书<有|共|>{whole}页，[person]第一天看了{p}，第二天看了{q}，还剩多少页<没看|>？"),
        *same("1-{p}-{q}",
            "<一批|一堆>[grain]，第一[turn]<运走|用去|卖出>{p}，第二[turn]<运走|用去|卖出>{q}，还剩<这批[grain]的|>几分之几？",
            "修一条路，第一天修了<全长的|>{p}，第二天修了<全长的|>{q}，还剩几分之几没修？"),
        *same("{rest}/(1-{p}-{q})",
            "<一批|一堆>[grain]，第一[turn]<运走|用去|卖出>{p}，第二[turn]<运走|用去|卖出>{q}，还剩{rest}[ton]，这<批|堆>[grain]<共|一共|原来|>有多少[ton]？",
            "一本书，[person]第一天看了<全书的|>{p}，第二天看了<全书的|>{q}，还剩{rest}页，这本书有多少页？"),
        *same("{gap}/({hi}-{lo})",
            "一本书，[person]第一天看了<全书的|>{hi}，第二天看了<全书的|>{lo}，第一天比第二天多看{gap}页，这本书<共|>有多少页？",
            "果园里桃树占{hi}，梨树占{lo}，桃树比梨树多{gap}棵，果园里共有树多少棵？"),
        *same("{sum}/({p}+{q})",
            "一本书，[person]第一天看了<全书的|>{p}，第二天看了<全书的|>{q}，两天<共|一共>看了{sum}页，这本书<共|>有多少页？"),
    ), (Wording("修一条路，第一天修了{p}，第二天修了{q}，还剩{rest}米，这条路长多少米？", "{rest}/(1-{p}-{q})"),)),
    Shape(_change, (
        *same("({big}-{small})/{small}",
            "甲数是{big}，乙数是{small}，甲数比乙数多<几分之几|百分之几>？",
            "<工厂|某厂>上月<生产|产>{small}[output]，这个月<生产|产>{big}[output]，这个月比上月增产<了|>百分之几？",
            "男生{big}人，女生{small}人，男生比女生多<几分之几|百分之几>？"),
        *same("({big}-{small})/{big}",
            "甲数是{big}，乙数是{small}，乙数比甲数少<几分之几|百分之几>？",
            "<一件|一台>[ware]原价{big}元，现价{small}元，降价百分之几？",
            "男生{big}人，女生{small}人，女生比男生少<几分之几|百分之几>？"),
    ), (Wording("[ware]原价{big}元，现在卖{small}元，价格降低了百分之几？", "({big}-{small})/{big}"),)),
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ times, prices


def _times(rng: random.Random) -> Numbers:
    k, n, m = rng.randint(2, 12), integer(rng, 3, 300), rng.randint(1, 40)
    m = min(m, n - 1)
    return {
        "k": k,
        "n": n,
        "m": m,
        "kn": k * n,
        "plus": k * n + m,
        "minus": k * n - m,
        "sum": n * (k + 1),
        "gap": n * (k - 1),
    }


def _prices(rng: random.Random) -> Numbers:
    a, b, p, q = rng.randint(2, 15), rng.randint(2, 15), _decimal(rng, 1, 60), _decimal(rng, 1, 60)
    total = Fraction(str(p)) * a + Fraction(str(q)) * b
    return {
        "a": a,
        "b": b,
        "p": p,
        "q": q,
        "paid": (int(total) // 50 + 1) * 50,
        "total": text(total),
        "pa": text(Fraction(str(p)) * a),
    }


def _rate(rng: random.Random) -> Numbers:
    a, b, each = rng.randint(2, 20), rng.randint(2, 40), _decimal(rng, 2, 80)
    return {"a": a, "b": b, "each": each, "done": text(Fraction(str(each)) * a), "goal": text(Fraction(str(each)) * b)}


def _plain(rng: random.Random) -> Numbers:
    a, b, c = rng.randint(2, 30), integer(rng, 2, 80), rng.randint(2, 15)
    rest = integer(rng, 1, 60)
    return {
        "a": a,
        "b": b,
        "c": c,
        "ab": a * b,
        "abc": a * b * c,
        "big": a * b + rest,
        "rest": rest,
        "x": _decimal(rng, 1, 90),
        "y": _decimal(rng, 1, 90),
    }


TIMES = Family("times", "倍数与单价", (
    Shape(_times, (
        *same("{n}*{k}", "[person]有{n}<张邮票|本书|元>，[elder]<有|>的是<他|她|[person]>的{k}倍，[elder]有多少？",
            "<学校|果园>有杨树{n}棵，柳树<的棵数|>是杨树的{k}倍，柳树有多少棵？"),
        *same("{n}*{k}+{m}", "<学校|果园>有杨树{n}棵，柳树比杨树的{k}倍<还|>多{m}棵，柳树有多少棵？",
            "比{n}的{k}倍多{m}的数是多少？"),
        *same("{n}*{k}-{m}", "<学校|果园>有杨树{n}棵，柳树比杨树的{k}倍少{m}棵，柳树有多少棵？",
            "比{n}的{k}倍少{m}的数是多少？"),
        *same("({plus}-{m})/{k}", "<学校|果园>有柳树{plus}棵，比杨树的{k}倍<还|>多{m}棵，杨树有多少棵？",
            "一个数的{k}倍<多|加上>{m}是{plus}，这个数是多少？"),
        *same("({minus}+{m})/{k}", "<学校|果园>有柳树{minus}棵，比杨树的{k}倍少{m}棵，杨树有多少棵？",
            "一个数的{k}倍<少|减去>{m}是{minus}，这个数是多少？"),
        *same("{sum}/({k}+1)", "<学校|果园>有杨树和柳树共{sum}棵，柳树<的棵数|>是杨树的{k}倍，杨树有多少棵？",
            "甲、乙两数的和是{sum}，甲数是乙数的{k}倍，乙数是多少？"),
        *same("{gap}/({k}-1)", "<学校|果园>的柳树比杨树多{gap}棵，柳树<的棵数|>是杨树的{k}倍，杨树有多少棵？",
            "甲、乙两数的差是{gap}，甲数是乙数的{k}倍，乙数是多少？"),
        *same("{n}*{k}+{n}", "<学校|果园>有杨树{n}棵，柳树<的棵数|>是杨树的{k}倍，杨树和柳树<一共|共>有多少棵？"),
        *same("{kn}/{k}", "<学校|果园>有柳树{kn}棵，<是杨树的|柳树的棵数是杨树的>{k}倍，杨树有多少棵？"),
    ), (Wording("果园里有柳树{plus}棵，比杨树棵数的{k}倍多{m}棵，杨树有多少棵？", "({plus}-{m})/{k}"),
        Wording("柳树和杨树一共{sum}棵，柳树的棵数是杨树的{k}倍，杨树有多少棵？", "{sum}/({k}+1)"))),
    Shape(_prices, (
        *same("{a}*{p}+{b}*{q}", "[person]买了{a}[item][goods]，每[item]{p}元，又买了{b}本<书|本子>，每本{q}元，<一共|共><要|用去|花了>多少元？"),
        *same("{paid}-{a}*{p}-{b}*{q}", "[person]带<了|>{paid}元，买了{a}[item][goods]，每[item]{p}元，又买了{b}本<书|本子>，每本{q}元，还剩多少元？"),
        *same("({total}-{a}*{p})/{b}", "[person]买{a}[item][goods]和{b}本书<共|一共>用了{total}元，每[item][goods]{p}元，每本书多少元？",
            "买{a}张桌子和{b}把椅子<共|一共>用去{total}元，每张桌子{p}元，每把椅子多少元？"),
        *same("{total}-{a}*{p}", "[person]带<了|>{total}元，买<了|>{a}[item][goods]，每[item]{p}元，还剩多少元？"),
        *same("{pa}/{a}", "{a}[item][goods]<共|一共>{pa}元，每[item]多少元？"),
        *same("({p}+{q})*{a}", "一张桌子{p}元，一把椅子{q}元，买{a}套<这样的桌椅|桌椅>要多少元？"),
    ), (Wording("买{a}张桌子和{b}把椅子一共要{total}元，一张桌子{p}元，一把椅子多少元？", "({total}-{a}*{p})/{b}"),)),
    Shape(_rate, (
        *same("{done}/{a}*{b}",
            "一<台|部>机器{a}小时<加工|生产>{done}个零件，照这样计算，{b}小时<能|可以|>加工多少个零件？",
            "一辆[vehicle]{a}小时行{done}千米，<照这样的速度|照这样计算|用这样的速度>，{b}小时行多少千米？"),
        *same("{goal}/({done}/{a})",
            "一辆[vehicle]{a}小时行{done}千米，<照这样的速度|照这样计算|用这样的速度>，行{goal}千米要多少小时？",
            "修路队{a}天修<路|>{done}米，照这样计算，修{goal}米<要|需要>多少天？"),
        *same("{done}/{a}", "一辆[vehicle]{a}小时行{done}千米，<平均|>每小时行多少千米？"),
    ), (Wording("修路队{a}天修路{done}米，照这样计算，{b}天可以修多少米？", "{done}/{a}*{b}"),)),
    Shape(_plain, (
        *same("{ab}/{a}", "<把|将|老师把>{ab}<本书|个苹果|支铅笔>平均分给{a}<个班|人|个小朋友>，每<个班|人|个小朋友>分<得|到>多少？"),
        *same("{ab}/{b}", "{ab}<个苹果|个零件|千克大米>，每{b}<个|千克>装一<袋|盒|箱>，<可以|能>装多少<袋|盒|箱>？"),
        *same("{a}*{b}*{c}", "学校买{a}箱<牛奶|书>，每箱{b}[box]，每[box]{c}元，<一共|共><要|用>多少元？"),
        *same("{abc}/{a}/{b}", "{a}<只|台><奶牛|机器>{b}天<产|生产>{abc}<千克|个>，平均每<只|台>每天<产|生产>多少？"),
        *same("({big}-{rest})/{a}", "<一堆|一批>[grain]<有|>{big}[ton]，<已经|>运走{rest}[ton]，剩下的{a}[turn]运完，<平均|>每[turn]运多少[ton]？"),
        *same("{big}-{a}*{b}", "<一堆|一批>[grain]<有|>{big}[ton]，<每天|每次><用|运>{b}[ton]，<用|运>了{a}[turn]，还剩多少[ton]？"),
        *same("{x}+{y}", "{x}<加上|加|与{y}的和，><{y}|>，<和|得>是多少？"),
        *same("{big}-{rest}", "{big}减去{rest}，差是多少？"),
        *same("{a}+{b}+{a}", "甲数是{a}，乙数比甲数多{b}，甲乙两数的和是多少？"),
    ), (Wording("一批[grain]有{big}吨，运走{rest}吨后，剩下的{a}天运完，平均每天运多少吨？", "({big}-{rest})/{a}"),)),
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ shapes, averages


def _box(rng: random.Random) -> Numbers:
    a, b, c = (_decimal(rng, 2, 30) for _ in range(3))
    x, y, z = (Fraction(str(n)) for n in (a, b, c))
    return {"a": a, "b": b, "c": c, "area": text(x * y), "round": text(2 * (x + y)), "volume": text(x * y * z),
            "edges": text(4 * (x + y + z))}  # fmt: skip


def _circle(rng: random.Random) -> Numbers:
    r, h = rng.randint(1, 20), _decimal(rng, 2, 30)
    return {"r": r, "d": 2 * r, "h": h, "round": text(Fraction("3.14") * 2 * r)}


def _averages(rng: random.Random) -> Numbers:
    n, m = rng.randint(2, 12), rng.randint(1, 6)
    x, y = rng.randint(60, 99), rng.randint(60, 99)
    return {"n": n, "m": m, "x": x, "y": y, "a": rng.randint(60, 100), "b": rng.randint(60, 100), "c": rng.randint(60, 100),
            "all": n + m, "mean": rng.randint(60, 99)}  # fmt: skip


_CUBE = "<一个|>正方体<的|>棱长<是|>{a}[metre]，"
_BLOCK = "<一个|>长方体<的|>长<是|>{a}[metre]，宽<是|>{b}[metre]，高<是|>{c}[metre]，"
SHAPES = Family("shapes", "图形与平均数", (
    Shape(_box, (
        *same("{a}*{b}", "<一个|一块>长方形<的|菜地|>长<是|>{a}米，宽<是|>{b}米，<它的|>面积是多少<平方米|>？"),
        *same("({a}+{b})*2", "<一个|一块>长方形<的|菜地|>长<是|>{a}米，宽<是|>{b}米，<它的|>周长是多少<米|>？"),
        *same("{a}*4", "<一个|一块>正方形<的|>边长<是|>{a}[metre]，<它的|>周长是多少？"),
        *same("{a}**2", "<一个|一块>正方形<的|>边长<是|>{a}[metre]，<它的|>面积是多少？"),
        *same("{round}/2-{a}", "<一个|一块>长方形<的|>周长<是|>{round}米，长<是|>{a}米，宽<是|>多少米？"),
        *same("{area}/{a}", "<一个|一块>长方形<的|>面积<是|>{area}平方米，长<是|>{a}米，宽<是|>多少米？",
            "<一个|>平行四边形<的|>面积<是|>{area}平方厘米，底<是|>{a}厘米，高<是|>多少厘米？"),
        *same("{a}*{b}/2", "<一个|>三角形<的|>底<是|>{a}[metre]，高<是|>{b}[metre]，<它的|>面积是多少？"),
        *same("{area}*2/{a}", "<一个|>三角形<的|>面积<是|>{area}平方厘米，底<是|>{a}厘米，高<是|>多少厘米？"),
        *same("({a}+{b})*{c}/2", "<一个|>梯形<的|>上底<是|>{a}厘米，下底<是|>{b}厘米，高<是|>{c}厘米，<它的|>面积是多少？"),
        *same("{a}*{b}*{c}", _BLOCK + "<它的|>体积是多少？"),
        *same("({a}*{b}+{a}*{c}+{b}*{c})*2", _BLOCK + "<它的|>表面积是多少？"),
        *same("({a}+{b}+{c})*4", _BLOCK + "<它的|>棱长<总和|之和>是多少？"),
        *same("{a}**3", _CUBE + "<它的|>体积是多少？"),
        *same("{a}**2*6", _CUBE + "<它的|>表面积是多少？"),
        *same("{a}*12", _CUBE + "<它的|>棱长<总和|之和>是多少？"),
        *same("{volume}/({a}*{b})", "<一个|>长方体<的|>体积<是|>{volume}立方厘米，长<是|>{a}厘米，宽<是|>{b}厘米，高<是|>多少厘米？",
            "<一个|>长方体<的|>体积<是|>{volume}立方厘米，长{a}厘米，宽{b}厘米，<求|>它的高<是多少厘米|>？"),
        *same("{volume}/{area}", "<一个|>长方体<的|>体积<是|>{volume}立方厘米，底面积<是|>{area}平方厘米，高<是|>多少厘米？"),
    ), (Wording("长方体的长是{a}厘米，宽是{b}厘米，高是{c}厘米，求它的体积。", "{a}*{b}*{c}"),)),
    Shape(_circle, (
        *same("3.14*{r}**2", "<一个|>圆<的|>半径<是|>{r}[metre]，<它的|>面积是多少？"),
        *same("3.14*{r}*2", "<一个|>圆<的|>半径<是|>{r}[metre]，<它的|>周长是多少？"),
        *same("3.14*{d}", "<一个|>圆<的|>直径<是|>{d}[metre]，<它的|>周长是多少？"),
        *same("3.14*{d}**2/2**2", "<一个|>圆<的|>直径<是|>{d}[metre]，<它的|>面积是多少？"),
        *same("{round}/3.14", "<一个|>圆<的|>周长<是|>{round}[metre]，<它的|>直径是多少？"),
        *same("{round}/3.14/2", "<一个|>圆<的|>周长<是|>{round}[metre]，<它的|>半径是多少？"),
        *same("3.14*{r}**2*{h}", "<一个|>圆柱<的|>底面半径<是|>{r}厘米，高<是|>{h}厘米，<它的|>体积是多少？"),
        *same("3.14*{r}**2*{h}/3", "<一个|>圆锥<的|>底面半径<是|>{r}厘米，高<是|>{h}厘米，<它的|>体积是多少？"),
        *same("3.14*{d}*{h}", "<一个|>圆柱<的|>底面直径<是|>{d}厘米，高<是|>{h}厘米，<它的|>侧面积是多少？"),
        *same("3.14*{r}*2*{h}", "<一个|>圆柱<的|>底面半径<是|>{r}厘米，高<是|>{h}厘米，<它的|>侧面积是多少？"),
    ), (Wording("圆柱的底面半径是{r}厘米，高是{h}厘米，它的体积是多少立方厘米？", "3.14*{r}**2*{h}"),)),
    Shape(_averages, (
        *same("({a}+{b}+{c})/3", "[person]<语文|期末语文><得|考了|>{a}分，数学{b}分，英语{c}分，<三科|他三科|这三门>的平均<成绩|分>是多少<分|>？"),
        *same("({x}*{n}+{y}*{m})/({n}+{m})",
            "[person]前{n}天平均每天看{x}页<书|>，后{m}天平均每天看{y}页，<这几天|>平均每天看多少页？"),
        *same("{x}*{n}+{y}*{m}", "[person]前{n}天平均每天看{x}页<书|>，后{m}天平均每天看{y}页，<一共|共>看了多少页？"),
        *same("{x}*3-{a}-{b}", "[person]三<科|门>的平均<成绩|分>是{x}分，<其中|>语文{a}分，数学{b}分，英语多少分？"),
        *same("({a}+{b})/2", "甲数是{a}，乙数是{b}，<甲、乙两数|它们|两数>的平均数是多少？"),
    ), (Wording("[person]前{n}天平均每天看书{x}页，后{m}天平均每天看书{y}页，他平均每天看多少页？", "({x}*{n}+{y}*{m})/({n}+{m})"),)),
))  # fmt: skip
