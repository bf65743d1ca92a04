"""Chickens and rabbits, and other things counted by two totals."""

from __future__ import annotations

import random

from .shapes import Family, Numbers, integer, told

# ------------------------------------------------------------------------------------------------ legs and wheels


def _legs(low: int, high: int):
    """Return a function that draws animals or vehicles of two kinds, with that number of legs or wheels."""

    def draw(rng: random.Random) -> Numbers:
        few, many = integer(rng, 2, 60), integer(rng, 2, 60)
        return {"few": few, "many": many, "heads": few + many, "legs": low * few + high * many}

    return draw


def _counts(low: int, high: int) -> dict[str, tuple[str, str]]:
    many, few = f"({{legs}}-{low}*{{heads}})/({high}-{low})", f"({high}*{{heads}}-{{legs}})/({high}-{low})"
    return {
        "few;many": (
            f"{few};{many}",
            "<<[A]和[B]各有|[A]、[B]各|[A][B]各|[A][B]各有|[A]与[B]分别有|[A]、[B]各有|[A]有多少[M]，[B]有>多少[M]|[A]<、|>[B]各几何|有多少[M][A]和多少[M][B]>",
        ),
        "many;few": (f"{many};{few}", "<[B]和[A]各有|[B]、[A]各|[B]与[A]分别有>多少[M]"),
        "few": (few, "<[A]有多少[M]|有多少[M][A]|其中[A]有多少[M]|[A]的<只数|数量>是多少>"),
        "many": (many, "<[B]有多少[M]|有多少[M][B]|其中[B]有多少[M]|[B]的<只数|数量>是多少>"),
    }


_PENS = (
    "<[A][B]|[B][A]|[A]和[B]|[A]、[B]>同<笼|池|园|住>，一共<有|>{heads}个头，{legs}<只脚|条腿>",
    "笼子里有<若干只|一些|>[A]和[B]，从上面数<，|>有{heads}个头，从下面数<，|>有{legs}<只脚|条腿>",
    "[A]和[B]一共<有|>{heads}只，一共有{legs}<条腿|只脚>",
    "农场里[A]和[B]的脚数是{legs}只，头数是{heads}个",
    "<今有|有><[A][B]|若干[A][B]>同<笼|园>，上有{heads}头，下有{legs}足",
    "[person]家养<的|了一些>[A]和[B]，<它们|数一数，>一共有{heads}个头<和|、|，>{legs}<条腿|只脚>",
    "[A]、[B]一共有脚{legs}只，头{heads}个",
    "<一群|池塘边有一群>[A]和[B]，腿的总数是{legs}条，只数之和是{heads}只",
    "动物园里有[A]和[B]一共{heads}只，[person]数了数它们的<腿|脚>，一共{legs}<条|只>",
    "饲养场里[A]与[B]一共有{legs}只脚，<已知|>[A]与[B]<的总数是|共有>{heads}只",
    "把[A]和[B]<放|关|养>在一起，数头有{heads}个，数脚有{legs}<只|条>",
    "一个院子里有[A]也有[B]，一共{heads}只，<地上一共有|腿加起来是>{legs}条腿",
    "[elder]养了{heads}只[A]和[B]，它们<的腿|>一共有{legs}条<腿|>",
    "<每只|一只>[A]有[L]条腿，<每只|一只>[B]有[H]条腿，[A]和[B]一共{heads}只，<一共|>有{legs}条腿",
    "[A]和[B]的头<一共|共>有{heads}个，腿<一共|共>有{legs}条",
    "数一数，[A]、[B]头数{heads}，脚数{legs}",
)
_PARKS = (
    "广场上停着[A]和[B]若干辆，车一共{heads}辆，轮子一共{legs}个", "[person]数车，有[A]也有[B]，一共{heads}辆，{legs}个<轮子|车轮>",
    "有{heads}辆车停在路边，其中有[A]，也有[B]，数一数一共{legs}个车轮", "院子里停放着[A]和[B]，轮子的总数是{legs}，车的总数是{heads}",
    "停车场<里|上|>有[A]和[B]一共{heads}辆，<一共|共>有{legs}个<轮子|车轮>",
    "[person]数了数停车场里的[A]和[B]，<发现|>有{heads}辆车，{legs}个<轮子|车轮>",
    "车棚里停着<一些|>[A]和[B]，<轮子|车轮>一共{legs}个，车一共{heads}辆",
    "小区门口停着{heads}辆车，有[A]，也有[B]，它们的<轮子|车轮>加起来是{legs}个",
    "<每辆|一辆>[A]有[L]个轮子，<每辆|一辆>[B]有[H]个轮子，<现在|>有[A]和[B]一共{heads}辆，轮子有{legs}个",
    "[A]和[B]一共{heads}辆，<总共|一共>{legs}个<轮子|车轮>",
    "<修车铺|修车店>里有[A]和[B]<若干辆|>，数车有{heads}辆，数轮子有{legs}个",
    "[A]、[B]的总数是{heads}辆，车轮的总数是{legs}个",
    "<商店|玩具店>里卖[A]和[B]，一共有{legs}个轮子，{heads}辆<车|>",
)  # fmt: skip


def _kinds(low: int, high: int, measure: str, *pairs: str) -> list[dict[str, str]]:
    return [{"A": a, "B": b, "M": measure, "L": str(low), "H": str(high)} for a, b in (pair.split() for pair in pairs)]


_ANIMALS = {(2, 4): ("鸡 兔", "鸡 兔", "雉 兔", "鸡 兔子", "鸡 兔", "鹤 龟", "鸭 狗", "鸡 羊", "鸵鸟 斑马", "鸡 猪", "鹅 羊", "鸡 狗", "仙鹤 乌龟"),
            (6, 8): ("蜻蜓 蜘蛛", "甲虫 蜘蛛", "蝉 蜘蛛")}  # fmt: skip
_VEHICLES = {(2, 3): ("自行车 三轮车",), (2, 4): ("自行车 小汽车", "摩托车 小汽车", "自行车 四轮车", "摩托车 轿车", "两轮车 小轿车"),
             (3, 4): ("三轮车 小汽车", "三轮车 轿车", "三轮车 四轮车")}  # fmt: skip


def _gap(rng: random.Random) -> Numbers:
    while True:
        few, many = integer(rng, 5, 80), integer(rng, 2, 60)
        if 2 * few > 4 * many:
            return {"few": few, "many": many, "heads": few + many, "gap": 2 * few - 4 * many}


def _times(rng: random.Random) -> Numbers:
    many, k = integer(rng, 2, 40), rng.randint(2, 5)
    return {"few": many * k, "many": many, "k": k, "legs": (2 * k + 4) * many}


def _equal(rng: random.Random) -> Numbers:
    each = integer(rng, 2, 60)
    return {"each": each, "legs": 6 * each}


_HENS = [{"A": "鸡", "B": "兔"}, {"A": "鸡", "B": "兔"}, {"A": "鸭", "B": "兔"}]
_ANY = (
    told(_gap, (
        "[A]和[B]一共{heads}只，[A]的脚比[B]的脚多{gap}只", "[A][B]同笼，共有{heads}个头，[A]脚比[B]脚多{gap}只",
        "笼中[A]、[B]一共有{heads}只，[B]的腿比[A]的腿少{gap}条", "[A]腿比[B]腿多{gap}条，[A]、[B]总数是{heads}只",
    ), {"few": ("(4*{heads}+{gap})/(2+4)", "[A]有多少只"), "many": ("(2*{heads}-{gap})/(2+4)", "[B]有多少只"),
        "few;many": ("(4*{heads}+{gap})/(2+4);(2*{heads}-{gap})/(2+4)", "[A]和[B]各有多少只")}, _HENS, free=True),
    told(_times, (
        "[A]、[B]共有腿{legs}条，已知[A]的数量是[B]的{k}倍", "数一数[A]和[B]一共{legs}只脚，[A]的只数是[B]的{k}倍",
        "[A]有[B]的{k}倍那么多，它们的脚加起来是{legs}只", "院子里[A]与[B]共{legs}条腿，[A]是[B]的{k}倍",
        "[A]的只数是[B]的{k}倍，[A]和[B]一共有{legs}<条腿|只脚>", "[A][B]同笼，[A]的只数是[B]的{k}倍，共有脚{legs}只",
        "农场里[A]的数量是[B]的{k}倍，它们一共有{legs}条腿", "[A]和[B]的腿一共有{legs}条，[A]的只数恰好是[B]的{k}倍",
    ), {"many": ("{legs}/(2*{k}+4)", "[B]有多少只"), "few": ("{legs}/(2*{k}+4)*{k}", "[A]有多少只")}, _HENS, free=True),
    told(_equal, (
        "[A]和[B]的只数<同样多|相同|相等>，一共有{legs}<条腿|只脚>", "同样多的[A]和[B]一共有{legs}只脚",
        "[A][B]同笼，<只数|数量>一样多，腿一共有{legs}条", "笼子里[A]和[B]一样多，数脚有{legs}只",
    ), {"each": ("{legs}/(2+4)", "<[A]有多少只|[B]有多少只|[A]、[B]各有多少只>")}, _HENS, free=True),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ two sizes


def _sizes(rng: random.Random) -> Numbers:
    low = rng.randint(2, 12)
    high = low + rng.randint(1, 10)
    few, many = integer(rng, 2, 40), integer(rng, 2, 40)
    return {"few": few, "many": many, "low": low, "high": high, "n": few + many, "total": low * few + high * many}


_HIGH = "({total}-{low}*{n})/({high}-{low})"
_LOW = "({high}*{n}-{total})/({high}-{low})"
_BOTH = {
    "many": (_HIGH, "<[B]有多少[M]|有多少[M][B]|[V]了多少[M][B]|[B][V]了多少[M]>"),
    "few": (_LOW, "<[A]有多少[M]|有多少[M][A]|[V]了多少[M][A]|[A][V]了多少[M]>"),
    "many;few": (f"{_HIGH};{_LOW}", "<[B]和[A]各有|[B]、[A]各|[B]和[A]各[V]了|[B]、[A]分别有>多少[M]"),
    "few;many": (f"{_LOW};{_HIGH}", "<[A]和[B]各有|[A]、[B]各|[A]和[B]各[V]了|[A]、[B]分别有>多少[M]"),
}
_ROOMS = told(_sizes, (
    "<[B]每[M]|每[M][B]><可以|>[P]{high}人，<[A]每[M]|每[M][A]><可以|>[P]{low}人，{total}<人|名同学|名游客|个学生>[V]了{n}[M][K]，正好[P]满",
    "{total}<名学生|人|位游客|名同学><去|参加>[D]，一共[V]了{n}[M][K]，每[M][B][P]{high}人，每[M][A][P]{low}人，<每[M][K]都[P]满了|刚好[P]满>",
    "<学校|旅行社|老师>[V]了{n}[M][K]<，|>刚好[P]下{total}人，<其中|>每[M][A][P]{low}人，每[M][B][P]{high}人",
    "[D]时，{n}[M][K]上一共[P]了{total}人，<大的|[B]>每[M][P]{high}人，<小的|[A]>每[M][P]{low}人，没有空位",
    "有[B]和[A]一共{n}[M]，<[B]|一[M][B]>[P]{high}人，<[A]|一[M][A]>[P]{low}人，一共[P]{total}人",
    "[A]和[B]一共{n}[M]，<每[M][A]|[A]每[M]>[P]{low}人，<每[M][B]|[B]每[M]>[P]{high}人，正好可以[P]{total}人",
    "<五年级|我班|全班>{total}名<师生|同学>[D]，[V]{n}[M][K]正好[P]满，<已知|>[B]限[P]{high}人，[A]限[P]{low}人",
    "一共{total}人<[D]|>，每[M][A]可[P]{low}人，每[M][B]可[P]{high}人，[V]{n}[M]恰好没有剩余",
    "有{total}人要[P]{n}[M][K]，[A]<只能|每[M]>[P]{low}人，[B]<可以|每[M]>[P]{high}人，全部[P]满",
), _BOTH, (
    {"A": "小船", "B": "大船", "M": "条", "K": "船", "P": "坐", "V": "租", "D": "划船"},
    {"A": "小船", "B": "大船", "M": "只", "K": "船", "P": "乘", "V": "租", "D": "划船"},
    {"A": "小帐篷", "B": "大帐篷", "M": "顶", "K": "帐篷", "P": "住", "V": "搭", "D": "露营"},
    {"A": "小房间", "B": "大房间", "M": "间", "K": "房", "P": "住", "V": "租", "D": "旅游"},
    {"A": "小车", "B": "大车", "M": "辆", "K": "车", "P": "坐", "V": "租", "D": "春游"},
    {"A": "小客车", "B": "大客车", "M": "辆", "K": "客车", "P": "坐", "V": "租", "D": "秋游"},
    {"A": "小桌", "B": "大桌", "M": "张", "K": "桌子", "P": "坐", "V": "订", "D": "聚餐"},
), free=True)  # fmt: skip
_PACKED = told(_sizes, (
    "<[B]每[M]|每[M][B]|一[M][B]>[P]{high}[U]，<[A]每[M]|每[M][A]|一[M][A]>[P]{low}[U]，一共{total}[U][G]<，|>正好[P]满{n}[M]",
    "{total}[U][G][P]了{n}[M]，<其中|>每[M][A][P]{low}[U]，每[M][B][P]{high}[U]",
    "用[A]和[B]一共{n}[M]<，正好|>[P]{total}[U][G]，[B]每[M][P]{high}[U]，[A]每[M][P]{low}[U]",
    "有[G]{total}[U]，<分别|>用{n}[M]<大小不同的|>[A]和[B][P]，[A]可以[P]{low}[U]，[B]可以[P]{high}[U]，刚好[P]完",
    "<要|>[P]{total}[U][G]，<用了|用>{n}[M]，[A]<每[M]|>[P]{low}[U]，[B]<每[M]|>[P]{high}[U]，<刚好|>都[P]满了",
    "[A]和[B]<总数|一共>是{n}[M]，[A]每[M][P]{low}[U]，[B]每[M][P]{high}[U]，<它们|>一共[P]了{total}[U][G]",
), {key: (e, q.replace("[V]了", "用了")) for key, (e, q) in _BOTH.items()}, (
    {"A": "小盒", "B": "大盒", "M": "盒", "P": "装", "U": "个", "G": "<球|乒乓球|鸡蛋|月饼|玩具>"},
    {"A": "小瓶", "B": "大瓶", "M": "瓶", "P": "装", "U": "千克", "G": "油"},
    {"A": "小瓶", "B": "大瓶", "M": "瓶", "P": "装", "U": "克", "G": "<酒精|药水>"},
    {"A": "小箱", "B": "大箱", "M": "箱", "P": "装", "U": "个", "G": "<苹果|罐头|零件>"},
    {"A": "小袋", "B": "大袋", "M": "袋", "P": "装", "U": "千克", "G": "<大米|面粉|糖果>"},
    {"A": "小卡车", "B": "大卡车", "M": "辆", "P": "运", "U": "吨", "G": "<货物|沙子|煤|货>"},
    {"A": "小车", "B": "大车", "M": "辆", "P": "运", "U": "吨", "G": "<货物|水泥|货>"},
), free=True)  # fmt: skip
_MONEY = told(_sizes, (
    "<[B]每[M]|每[M][B]|一[M][B]>{high}元，<[A]每[M]|每[M][A]|一[M][A]>{low}元，[person]<两种|>一共买了{n}[M]，<用去|花了|用了|付了>{total}元",
    "[person]买了[B]和[A]一共{n}[M]，一共<用去|花了|用了>{total}元，<已知|>[B]<每[M]|>{high}元，[A]<每[M]|>{low}元",
    "<学校|[elder]>用{total}元买了{n}[M][A]和[B]，[A]每[M]{low}元，[B]每[M]{high}元",
    "买{n}[M][K]<总共花掉|一共花了>{total}元，<其中|>[A]{low}元一[M]，[B]{high}元一[M]",
    "[A]的单价是{low}元，[B]的单价是{high}元，[person]买[A]和[B]一共{n}[M]，总价是{total}元",
    "<今天|>一共<卖出|卖了>{n}[M][K]，收入{total}元，[B]每[M]{high}元，[A]每[M]{low}元",
    "[person]花{total}元<钱|>买[A]和[B]，一共买了{n}[M]，[B]每[M]卖{high}元，[A]每[M]卖{low}元",
    "有两种[K]，[B]{high}元<一[M]|>，[A]{low}元<一[M]|>，{n}[M]<一共|>要{total}元",
), {key: (e, q.replace("[V]", "买")) for key, (e, q) in _BOTH.items()}, (
    {"A": "儿童票", "B": "成人票", "M": "张", "K": "票"}, {"A": "学生票", "B": "成人票", "M": "张", "K": "门票"},
    {"A": "乙种票", "B": "甲种票", "M": "张", "K": "电影票"}, {"A": "铅笔", "B": "钢笔", "M": "支", "K": "笔"},
    {"A": "圆珠笔", "B": "钢笔", "M": "支", "K": "笔"}, {"A": "足球", "B": "篮球", "M": "个", "K": "球"},
    {"A": "练习本", "B": "笔记本", "M": "本", "K": "本子"}, {"A": "椅子", "B": "桌子", "M": "张", "K": "家具"},
    {"A": "乙种书", "B": "甲种书", "M": "本", "K": "书"}, {"A": "平信邮票", "B": "挂号邮票", "M": "张", "K": "邮票"},
), free=True)  # fmt: skip
_COINS = told(
    _sizes,
    (
        "{high}[U]的和{low}[U]的[K]合在一起有{n}[M]，值{total}[U]",
        "一堆[K]，面值有{low}[U]的，有{high}[U]的，[M]数是{n}，总值{total}[U]",
        "[person]有{n}[M][K]，每[M]{low}[U]或{high}[U]，一共{total}[U]",
        "盒子里的[K]有{high}[U]和{low}[U]两种，数了数是{n}[M]，总共{total}[U]",
        "[person]<的储蓄罐里|>有{low}[U]和{high}[U]的[K]一共{n}[M]，<一共|共计|合计>{total}[U]",
        "{low}[U]和{high}[U]的[K]一共{n}[M]，总面值是{total}[U]",
        "[person]攒了{n}[M][K]，有{low}[U]的，也有{high}[U]的，一共{total}[U]",
        "存钱罐里有{n}[M]面值{high}[U]和{low}[U]的[K]，加起来是{total}[U]",
        "有面值{high}[U]、{low}[U]的[K]{n}[M]，总值{total}[U]",
        "[K]一共{n}[M]，面值分别是{low}[U]和{high}[U]，总钱数{total}[U]",
    ),
    {
        "many": (_HIGH, "{high}[U]的<[K]|>有多少[M]"),
        "few": (_LOW, "{low}[U]的<[K]|>有多少[M]"),
        "many;few": (f"{_HIGH};{_LOW}", "{high}[U]和{low}[U]的<[K]|>各有多少[M]"),
        "few;many": (f"{_LOW};{_HIGH}", "{low}[U]和{high}[U]的<[K]|>各有多少[M]"),
    },
    (
        {"K": "硬币", "M": "枚", "U": "角"},
        {"K": "硬币", "M": "枚", "U": "分"},
        {"K": "纸币", "M": "张", "U": "元"},
        {"K": "邮票", "M": "枚", "U": "角"},
    ),
    free=True,
)
_NOTES = told(_sizes, (
    "[person]有{low}元的和{high}元的[K]，一共{n}张，合{total}元", "{n}张[K]里有{low}元的，有{high}元的，一共{total}元",
    "有些[K]是{high}元的，其余的是{low}元的，张数是{n}，钱数是{total}元", "[K]{n}张，面值不是{low}元就是{high}元，共值{total}元",
    "有{high}元和{low}元的[K]一共{n}张，<合计|一共|总值|面值一共>{total}元", "[person]有{n}张[K]，<面值是|有>{low}元和{high}元<两种|的>，一共是{total}元",
    "[person]买{high}元和{low}元的[K]一共{n}张，一共<用了|用去|花了>{total}元", "面值{low}元与{high}元的[K]合起来有{n}张，总钱数为{total}元",
    "储蓄罐里有{low}元和{high}元的[K]{n}张，<总计|一共>{total}元", "[K]有{high}元的，也有{low}元的，<总值|一共>{total}元，一共有{n}张",
), {"many": (_HIGH, "{high}元的<[K]|>有多少张"), "few": (_LOW, "{low}元的<[K]|>有多少张"),
    "many;few": (f"{_HIGH};{_LOW}", "{high}元和{low}元的<[K]|>各有多少张"), "few;many": (f"{_LOW};{_HIGH}", "{low}元和{high}元的<[K]|>各有多少张")},
    ({"K": "人民币"}, {"K": "邮票"}, {"K": "门票"}, {"K": "钞票"}, {"K": "纸币"}), free=True)  # fmt: skip

# ------------------------------------------------------------------------------------------------ right and wrong


def _quiz(rng: random.Random) -> Numbers:
    while True:
        plus, minus, n = rng.choice((5, 10, 4, 8, 6, 3, 20)), rng.randint(1, 5), rng.randint(8, 60)
        right = rng.randint(n // 2 + 1, n - 1)
        score = plus * right - minus * (n - right)
        if score > 0:
            return {"n": n, "plus": plus, "minus": minus, "right": right, "wrong": n - right, "score": score}


_RIGHT, _WRONG = "({score}+{minus}*{n})/({plus}+{minus})", "({plus}*{n}-{score})/({plus}+{minus})"
_TOOK = "[person]<全部答完|做完全部题目|所有题都答了|回答了所有问题|每题都做了>"
_QUIZ = told(
    _quiz,
    (
        "<一次|数学|某次|学校><竞赛|知识竞赛|测验|考试>一共有{n}道题，<做对|答对>一题得{plus}分，<做错|答错|不做或做错>一题<倒|>扣{minus}分，[person]<得了|得|考了|共得>{score}分",
        f"<竞赛|抢答赛|数学竞赛><有|共>{{n}}道题，每<答对|做对>一<道|题><得|加>{{plus}}分，每<答错|做错>一<道|题><扣|倒扣>{{minus}}分，{_TOOK}，<一共|最后>得了{{score}}分",
        "<评分标准|规则>是<做对|答对>一<道|题>得{plus}分，<做错|答错|不做>一<道|题>扣{minus}分，[person]做了{n}道题，得{score}分",
        "[person]参加<知识|数学>竞赛，<试卷|>共{n}题，<规定|>对一题给{plus}分，错一题倒扣{minus}分，结果[person]的成绩是{score}分",
        "[person]<在一次|参加>数学竞赛<中|>得了{score}分，竞赛一共{n}<道|>题，<规定|>答对一题得{plus}分，<不答或答错|答错>一题扣{minus}分",
        "<一份试卷|试卷上>有{n}<道|>题，对一题得{plus}分，错一题<扣|减去>{minus}分，[person]做完<后|了全部题目，>得{score}分",
        f"<答对|做对>一题加{{plus}}分，<答错|做错>一题减{{minus}}分，一共{{n}}题，{_TOOK}，得{{score}}分",
        "{n}道抢答题，<答对|回答正确>一道奖{plus}分，<答错|回答错误>一道罚{minus}分，[person]最后的得分是{score}分",
    ),
    {
        "right": (_RIGHT, "<他|她|[person]|>做对了多少<道|>题"),
        "wrong": (_WRONG, "<他|她|[person]|>做错了多少<道|>题"),
        "right;wrong": (f"{_RIGHT};{_WRONG}", "<他|她|[person]|><做对|答对>和<做错|答错>各多少题"),
    },
    free=True,
)
_GLASS = told(
    _quiz,
    (
        "<运输队|搬运工|工人|货运公司>运{n}[M][G]，每运<好|>一[M]得运费{plus}元，<损坏|打碎|打破>一[M]<不但不给运费还要|不仅没有运费，还要|要>赔{minus}元，结果一共得<运费|到>{score}元",
        "<运|搬运>{n}[M][G]，规定<完好|>每[M]<运费|给>{plus}元，<如果|>损坏一[M]倒赔{minus}元，<最后|运完后>一共得到{score}元",
        "<某公司|工厂>托运{n}[M][G]，<合同规定|约定>每[M]运费{plus}元，<损坏|打破>一[M]不给运费还赔{minus}元，运完后<实得|得到>运费{score}元",
        "搬{n}[M][G]，<平安|安全>搬到一[M]给{plus}元，打坏一[M]<没有工钱并且|>赔偿{minus}元，<最后|>拿到{score}元",
    ),
    {"wrong": (_WRONG, "<打破|损坏|打碎>了多少[M]"), "right": (_RIGHT, "<完好无损|没有损坏>的有多少[M]")},
    ({"M": "个", "G": "花瓶"}, {"M": "只", "G": "玻璃杯"}, {"M": "块", "G": "玻璃"}, {"M": "箱", "G": "瓷器"}),
    free=True,
)
_TRIES = told(_quiz, (
    "[person]<玩|参加>[D]，一共[P]{n}次，[P]中一次得{plus}分，[P]不中<一次|>扣{minus}分，一共得{score}分", "[D]规定每[P]中一次得{plus}分，没[P]中一次扣{minus}分，[person][P]了{n}次，得{score}分",
    "[person][P]了{n}次，<每|>中一次加{plus}分，<每|>不中一次减{minus}分，最后得{score}分", "[D]中，[P]中一次记{plus}分，[P]不中倒扣{minus}分，[person]{n}次后的总分是{score}分",
), {"right": (_RIGHT, "<他|她|[person]|>[P]中了多少次"), "wrong": (_WRONG, "<他|她|[person]|><没[P]中|[P]不中>的有多少次")},
    ({"D": "射击游戏", "P": "打"}, {"D": "套圈游戏", "P": "套"}, {"D": "投篮比赛", "P": "投"}, {"D": "投球", "P": "投"}), free=True)  # fmt: skip

# ------------------------------------------------------------------------------------------------ monks and buns


def _monks(rng: random.Random) -> Numbers:
    big, k, groups = integer(rng, 3, 50), rng.randint(2, 5), integer(rng, 3, 40)
    return {"big": big, "small": k * groups, "n": big + k * groups, "k": k, "buns": k * big + groups}


_BIG, _SMALL = "({buns}-{n}/{k})/({k}-1/{k})", "({k}*{n}-{buns})/({k}-1/{k})"
_MONKS = told(_monks, (
    "{n}个和尚分{buns}个馒头，大和尚每人{k}个，小和尚{k}人合吃一个", "有大小和尚一共{n}人，吃了{buns}个馒头，大和尚每人{k}个，小和尚{k}人一个",
    "{n}名僧人分食{buns}个馒头，大僧每人{k}个，小僧每{k}人一个", "和尚{n}人，馒头{buns}个，大和尚一人{k}个，小和尚{k}人一个",
    "<一百|>和尚分馒头，{n}个和尚<正好|>分{buns}个馒头，大和尚<一人|每人>分{k}个，小和尚{k}人分一个", "{n}个和尚吃{buns}个馒头，大和尚一人吃{k}个，小和尚{k}人吃1个",
    "寺庙里有{n}个和尚，<一顿|一餐|>吃{buns}个馒头，大和尚1人吃{k}个，小和尚{k}个人吃1个", "{buns}个馒头{n}个僧，大僧{k}个<更无争|>，小僧{k}人分一个",
    "<有|>{buns}个馒头分给{n}个和尚，大和尚每人{k}个，小和尚每{k}人1个，<刚好|正好>分完", "{buns}个馒头由{n}个和尚分着吃，小和尚{k}人吃一个，大和尚一人吃{k}个，正好吃完",
), {"big": (_BIG, "大和尚有多少<人|个>"), "small": (_SMALL, "小和尚有多少<人|个>"), "big;small": (f"{_BIG};{_SMALL}", "大、小和尚各<有|>多少人")}, free=True)  # fmt: skip

CHICKENS = Family("chickens", "鸡兔同笼", (
    *(told(_legs(*legs), _PENS, _counts(*legs), _kinds(*legs, "只", *pairs), free=True) for legs, pairs in _ANIMALS.items()),
    *(told(_legs(*legs), _PARKS, _counts(*legs), _kinds(*legs, "辆", *pairs), free=True) for legs, pairs in _VEHICLES.items()),
    *_ANY, _ROOMS, _PACKED, _MONEY, _COINS, _NOTES, _QUIZ, _GLASS, _TRIES, _MONKS,
))  # fmt: skip
