"""Chickens and rabbits, surplus and deficit, ages, tree planting."""

from __future__ import annotations

import random

from .shapes import Family, Numbers, Shape, integer, same

# ------------------------------------------------------------------------------------------------ chickens and rabbits


def _legs(rng: random.Random) -> Numbers:
    few, many = integer(rng, 2, 60), integer(rng, 2, 60)
    return {"heads": few + many, "legs": 2 * few + 4 * many}


def _vehicles(rng: random.Random) -> Numbers:
    low = rng.randint(2, 6)
    high = low + rng.randint(1, 5)
    a, b = integer(rng, 2, 40), integer(rng, 2, 40)
    return {"low": low, "high": high, "n": a + b, "total": low * a + high * b}


def _quiz(rng: random.Random) -> Numbers:
    plus, minus, n = rng.choice((5, 10, 4, 8, 6)), rng.randint(1, 4), rng.randint(8, 40)
    right = rng.randint(n // 2 + 1, n - 1)
    return {"n": n, "plus": plus, "minus": minus, "score": plus * right - minus * (n - right)}


_RABBITS = "({legs}-2*{heads})/(4-2)"
_CHICKENS = "(4*{heads}-{legs})/(4-2)"
_HIGH = "({total}-{low}*{n})/({high}-{low})"
_LOW = "({high}*{n}-{total})/({high}-{low})"

CHICKENS = Family("chickens", "鸡兔同笼", (
    Shape(_legs, (
        *same(f"{_CHICKENS};{_RABBITS}",
              "鸡兔同笼，<共|一共|共有>{heads}个头，{legs}<只脚|条腿>，鸡兔各<几|多少|有几|有多少>只？",
              "<今有|有>鸡兔<同笼|若干只同笼|关在一个笼子里>，上有{heads}<头|个头>，下有{legs}<足|只脚>，<问|>鸡兔各<几何|几只|多少只>？",
              "笼子里有<一些|若干只|>鸡和兔，从上面数有{heads}个头，从下面数有{legs}<只脚|条腿>，鸡和兔各有<几|多少>只？",
              "鸡和兔<共|一共有|共有|>{heads}只，<共有|有|它们的腿共有>{legs}<只脚|条腿>，<求|问|>鸡、兔各<有|>多少只？",
              "<一个|>农场<里|>养了鸡和兔<共|一共|>{heads}只，<数一数|>腿共有{legs}条，鸡和兔各<有|养了>几只？",
              "鸡、兔关在同一个笼子里，头<共|一共>{heads}个，脚<共|一共>{legs}只，鸡和兔<分别|各>有多少只？",
              "[person]家养的鸡和兔共有{heads}个头和{legs}只脚，鸡、兔<各|分别>有<几|多少>只？"),
        *same(_CHICKENS,
              "鸡兔同笼，<共|一共|>有{heads}个头，{legs}<只脚|条腿>，鸡有<几|多少>只？",
              "笼子里有鸡和兔<共|一共>{heads}只，<共|一共>有{legs}<条腿|只脚>，笼子里有<几|多少>只鸡？",
              "鸡和兔<共|一共有|>{heads}只，脚<共有|一共>{legs}只，<问|求|>鸡有多少只？"),
        *same(_RABBITS,
              "鸡兔同笼，<共|一共|>有{heads}个头，{legs}<只脚|条腿>，兔<子|>有<几|多少>只？",
              "笼子里有鸡和兔<共|一共>{heads}只，<共|一共>有{legs}<条腿|只脚>，笼子里有<几|多少>只兔<子|>？",
              "鸡和兔<共|一共有|>{heads}只，脚<共有|一共>{legs}只，<问|求|>兔<子|>有多少只？"),
        *same("(4*{heads}-{legs})/(4-2);({legs}-2*{heads})/(4-2)",
              "龟鹤<同游|同池|>，<共有|共>{heads}个头，{legs}<条腿|只脚>，鹤和龟各有<几|多少>只？",
              "停车场<里|>有自行车和<小汽车|四轮汽车>共{heads}辆，<共有|一共>{legs}个轮子，自行车和<小汽车|汽车>各有<几|多少>辆？"),
    ), (
        ("一个笼子里关着鸡和兔，数头有{heads}个，数脚有{legs}只，鸡和兔各多少只？", f"{_CHICKENS};{_RABBITS}"),
        ("农场里鸡和兔共{heads}只，它们共有{legs}条腿，鸡兔分别有几只？", f"{_CHICKENS};{_RABBITS}"),
        ("笼中的鸡和兔有{heads}个头，{legs}只脚，问兔有几只？", _RABBITS),
    )),
    Shape(_vehicles, (
        *same(_HIGH,
              "大船<每条|每只>坐{high}人，小船<每条|每只>坐{low}人，{total}<人|名同学>租了{n}<条|只>船<刚好坐满|，正好坐满>，<租了|>大船<多少|几><条|只>？",
              "大盒每盒装{high}[item]，小盒每盒装{low}[item]，<一共|共>{total}[item]正好装满{n}盒，大盒有<几|多少>盒？",
              "甲种票每张{high}元，乙种票每张{low}元，<一共|共>买了{n}张，<用去|花了|用了>{total}元，甲种票买了<几|多少>张？",
              "[person]买{high}元和{low}元的邮票共{n}张，<一共|共|>用了{total}元，{high}元的邮票买了<几|多少>张？"),
        *same(_LOW,
              "大船<每条|每只>坐{high}人，小船<每条|每只>坐{low}人，{total}<人|名同学>租了{n}<条|只>船<刚好坐满|，正好坐满>，<租了|>小船<多少|几><条|只>？",
              "大盒每盒装{high}[item]，小盒每盒装{low}[item]，<一共|共>{total}[item]正好装满{n}盒，小盒有<几|多少>盒？",
              "甲种票每张{high}元，乙种票每张{low}元，<一共|共>买了{n}张，<用去|花了|用了>{total}元，乙种票买了<几|多少>张？",
              "[person]买{high}元和{low}元的邮票共{n}张，<一共|共|>用了{total}元，{low}元的邮票买了<几|多少>张？"),
        *same(f"{_HIGH};{_LOW}",
              "大船<每条|每只>坐{high}人，小船<每条|每只>坐{low}人，{total}<人|名同学>租了{n}<条|只>船<刚好坐满|，正好坐满>，大船和小船各<租了|有><多少|几><条|只>？",
              "有{high}元和{low}元的<人民币|邮票|门票>共{n}张，<一共|合计|共>{total}元，{high}元和{low}元的各有<几|多少>张？"),
    ), (
        ("{total}名学生坐{n}条船去划船，大船坐{high}人，小船坐{low}人，正好坐满，大船有几条？", _HIGH),
        ("{high}元的票和{low}元的票一共{n}张，用去{total}元，{low}元的票有多少张？", _LOW),
    )),
    Shape(_quiz, (
        *same("({score}+{minus}*{n})/({plus}+{minus})",
              "<一次|数学|某次><竞赛|知识竞赛|测验><共|共有>{n}<道题|题>，<做对|答对>一题得{plus}分，<做错|答错>一题扣{minus}分，[person]<得了|得>{score}分，<他|她|>做对了<几|多少><道|>题？",
              "<竞赛|抢答><有|共>{n}道题，答对一道<得|加>{plus}分，答错<一道|>扣{minus}分，[person]<共|>得了{score}分，<他|她>答对了<几|多少>道？"),
        *same("({plus}*{n}-{score})/({plus}+{minus})",
              "<一次|数学|某次><竞赛|知识竞赛|测验><共|共有>{n}<道题|题>，<做对|答对>一题得{plus}分，<做错|答错>一题扣{minus}分，[person]<得了|得>{score}分，<他|她|>做错了<几|多少><道|>题？",
              "<竞赛|抢答><有|共>{n}道题，答对一道<得|加>{plus}分，答错<一道|>扣{minus}分，[person]<共|>得了{score}分，<他|她>答错了<几|多少>道？"),
    ), (
        ("数学测验共有{n}道题，对一道得{plus}分，错一道扣{minus}分，[person]得了{score}分，做对了多少道题？",
         "({score}+{minus}*{n})/({plus}+{minus})"),
    )),
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ surplus and deficit


def _sharing(first: str, second: str):
    """Return a function that draws two ways to share things out, each with `more` left, `less` lacking, or `even`."""

    def draw(rng: random.Random) -> Numbers:
        while True:
            people, each = integer(rng, 3, 60), rng.randint(2, 12)
            more = rng.randint(1, 6)
            if first == "more":
                left = integer(rng, 1, 60)
                things = people * each + left
            elif first == "less":
                left = integer(rng, 1, 20)
                things = people * each - left
            else:
                left, things = 0, people * each
            rest = things - people * (each + more)
            wanted = {"more": rest > 0, "less": rest < 0, "even": rest == 0}[second]
            if wanted and things > 0 and (second == "even" or abs(rest) != left):
                return {"a": each, "b": each + more, "s": left, "d": abs(rest)}

    return draw


def _shared(people: str, first: str, second: str, s: str, d: str) -> tuple[tuple[str, str], ...]:
    """Return wordings for one combination; the clauses `s` and `d` contain `{s}` and `{d}`."""
    things = f"{{a}}*{people}{'+' if first == 'more' else '-'}{{s}}" if first != "even" else f"{{a}}*{people}"
    return (
        *same(people,
              f"<把|老师把|>一些[goods]分给<一群|>[children]，<如果|>每人分{{a}}[piece]{s}，<如果|>每人分{{b}}[piece]{d}，<共有|有|一共有><几|多少><个|名>[children]？",
              f"[elder]<给|把[goods]分给>[children]<分[goods]|>，<若|如果>每人{{a}}[piece]，{s.removeprefix('<，|>')}；<若|如果>每人{{b}}[piece]，{d.removeprefix('<，|>')}，[children]有<几|多少>人？",
              f"[children]分[goods]，每人分{{a}}[piece]{s}，每人分{{b}}[piece]{d}，<问|>有多少<名|个|位>[children]？"),
        *same(things,
              f"<把|老师把|>一些[goods]分给<一群|>[children]，<如果|>每人分{{a}}[piece]{s}，<如果|>每人分{{b}}[piece]{d}，<这些|这批>[goods]<共|一共|>有<几|多少>[piece]？",
              f"[elder]<给|把[goods]分给>[children]<分[goods]|>，<若|如果>每人{{a}}[piece]，{s.removeprefix('<，|>')}；<若|如果>每人{{b}}[piece]，{d.removeprefix('<，|>')}，[goods]<一共|共>有<几|多少>[piece]？",
              f"[children]分[goods]，每人分{{a}}[piece]{s}，每人分{{b}}[piece]{d}，<问|>有多少[piece][goods]？"),
        *same(f"{people};{things}",
              f"<把|老师把|>一些[goods]分给<一群|>[children]，<如果|>每人分{{a}}[piece]{s}，<如果|>每人分{{b}}[piece]{d}，[children]和[goods]各有多少？",
              f"[children]分[goods]，每人分{{a}}[piece]{s}，每人分{{b}}[piece]{d}，<问|>[children]、[goods]各<有|>多少？"),
    )  # fmt: skip


_PAIRS = (  # first, second, people, clauses
    ("more", "less", "({s}+{d})/({b}-{a})", "<，|><就|则|>多{s}[piece]", "<，|><就|则|>少{d}[piece]"),
    ("more", "less", "({s}+{d})/({b}-{a})", "<，|><就|则|>剩<下|>{s}[piece]", "<，|><还|就|>差{d}[piece]"),
    ("more", "more", "({s}-{d})/({b}-{a})", "<，|><就|则|>多{s}[piece]", "<，|><还|仍|就>多{d}[piece]"),
    ("more", "more", "({s}-{d})/({b}-{a})", "<，|><就|则|>余{s}[piece]", "<，|><还|仍|就>剩{d}[piece]"),
    ("less", "less", "({d}-{s})/({b}-{a})", "<，|><就|则|>少{s}[piece]", "<，|><就|则|还|>少{d}[piece]"),
    ("more", "even", "{s}/({b}-{a})", "<，|><就|则|>多{s}[piece]", "<，|><刚好|正好|恰好>分完"),
)

_HELD_SHARING = {
    ("more", "less"): "[group]分[goods]，每人{a}个，多{s}个；每人{b}个，少{d}个，一共有多少名[children]？",
    ("more", "more"): "[group]分[goods]，每人{a}个，剩{s}个；每人{b}个，还剩{d}个，一共有多少名[children]？",
    ("less", "less"): "[group]分[goods]，每人{a}个，少{s}个；每人{b}个，少{d}个，一共有多少名[children]？",
    ("more", "even"): "[group]分[goods]，每人{a}个，多{s}个；每人{b}个，正好分完，一共有多少名[children]？",
}

SURPLUS = Family("surplus", "盈亏", tuple(
    Shape(_sharing(first, second), _shared(people, first, second, s, d), ((_HELD_SHARING[first, second], people),))
    for first, second, people, s, d in _PAIRS
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ ages


def _later(rng: random.Random) -> Numbers:
    while True:
        k, young, years = rng.randint(2, 5), rng.randint(2, 20), rng.randint(1, 15)
        old = k * (young + years) - years
        if young + 15 < old < 90 and old % young:
            return {"old": old, "young": young, "k": k}


def _earlier(rng: random.Random) -> Numbers:
    while True:
        k, then, years = rng.randint(3, 9), rng.randint(2, 12), rng.randint(1, 20)
        if k * then - then > 17 and k * then + years < 90:
            return {"old": k * then + years, "young": then + years, "k": k}


def _sum_multiple(rng: random.Random) -> Numbers:
    young, k = rng.randint(3, 18), rng.randint(2, 6)
    return {"sum": young * (k + 1), "k": k}


def _difference_multiple(rng: random.Random) -> Numbers:
    young, k = rng.randint(3, 18), rng.randint(2, 6)
    return {"gap": young * (k - 1), "k": k}


def _sum_difference(rng: random.Random) -> Numbers:
    young, gap = rng.randint(3, 50), rng.randint(1, 40)
    return {"sum": 2 * young + gap, "gap": gap}


_ASK_LATER = "<几|多少>年<后|以后>"
AGES = Family("ages", "年龄", (
    Shape(_later, same("({old}-{young})/({k}-1)-{young}",
        "[elder]今年{old}岁，[person]今年{young}岁，<几|多少>年<后|以后>[elder]的年龄是[person]的{k}倍？",
        "今年[elder]{old}岁，[person]{young}岁，<再过|过><几|多少>年，[elder]的年龄<正好|恰好|>是[person]的{k}倍？",
        "[person]今年{young}岁，[elder]今年{old}岁，再过<几|多少>年[elder]的<年龄|岁数>是[person]<年龄|岁数|>的{k}倍？",
        "[elder]<现在|今年>{old}岁，<他的|她的|>儿子<现在|今年|>{young}岁，<几|多少>年后[elder]的年龄是儿子的{k}倍？",
        "现在[elder]{old}岁，女儿{young}岁，<问|>多少年<后|以后>[elder]的年龄是女儿年龄的{k}倍？",
    ), same("({old}-{young})/({k}-1)-{young}",
        "今年[person]{young}岁，[elder]{old}岁，几年后[elder]的岁数是[person]的{k}倍？",
        "[elder]今年{old}岁，儿子今年{young}岁，再过多少年[elder]的年龄是儿子的{k}倍？")),
    Shape(_earlier, same("{young}-({old}-{young})/({k}-1)",
        "[elder]今年{old}岁，[person]今年{young}岁，<几|多少>年<前|以前>[elder]的年龄是[person]的{k}倍？",
        "今年[elder]{old}岁，[person]{young}岁，<几|多少>年<前|以前>，[elder]的年龄<正好|恰好|>是[person]的{k}倍？",
        "[person]今年{young}岁，[elder]今年{old}岁，<几|多少>年前[elder]的<年龄|岁数>是[person]<年龄|岁数|>的{k}倍？",
        "[elder]<现在|今年>{old}岁，<他的|她的|>儿子<现在|今年|>{young}岁，<几|多少>年前[elder]的年龄是儿子的{k}倍？",
        "现在[elder]{old}岁，女儿{young}岁，<问|>多少年<前|以前>[elder]的年龄是女儿年龄的{k}倍？",
    ), same("{young}-({old}-{young})/({k}-1)",
        "今年[person]{young}岁，[elder]{old}岁，几年前[elder]的岁数是[person]的{k}倍？")),
    Shape(_sum_multiple, (
        *same("{sum}/({k}+1)",
            "[elder]和[person]的年龄<和|之和>是{sum}岁，[elder]的年龄是[person]的{k}倍，[person]<今年|>多少岁？",
            "[elder]与[person]今年<共|一共>{sum}岁，[elder]的<年龄|岁数>是[person]的{k}倍，<求|>[person]<今年|>几岁？",
            "今年[elder]的年龄是[person]的{k}倍，<两人|他们>的年龄<和|之和>是{sum}岁，[person]<今年|>多少岁？"),
        *same("{sum}/({k}+1)*{k}",
            "[elder]和[person]的年龄<和|之和>是{sum}岁，[elder]的年龄是[person]的{k}倍，[elder]<今年|>多少岁？",
            "[elder]与[person]今年<共|一共>{sum}岁，[elder]的<年龄|岁数>是[person]的{k}倍，<求|>[elder]<今年|>几岁？",
            "今年[elder]的年龄是[person]的{k}倍，<两人|他们>的年龄<和|之和>是{sum}岁，[elder]<今年|>多少岁？"),
        *same("{sum}/({k}+1)*{k};{sum}/({k}+1)",
            "[elder]和[person]的年龄<和|之和>是{sum}岁，[elder]的年龄是[person]的{k}倍，[elder]和[person]<今年|>各多少岁？",
            "今年[elder]的年龄是[person]的{k}倍，<两人|他们>的年龄<和|之和>是{sum}岁，[elder]、[person]各<几|多少>岁？"),
    ), same("{sum}/({k}+1)", "今年[elder]与[person]的年龄之和是{sum}岁，[elder]的年龄是[person]的{k}倍，[person]几岁？")),
    Shape(_difference_multiple, (
        *same("{gap}/({k}-1)",
            "[elder]比[person]大{gap}岁，[elder]的年龄<正好|>是[person]的{k}倍，[person]<今年|>多少岁？",
            "今年[elder]的年龄是[person]的{k}倍，[elder]比[person]大{gap}岁，[person]<今年|>几岁？",
            "[person]比[elder]小{gap}岁，[elder]今年的<年龄|岁数>是[person]的{k}倍，<求|>[person]今年<几|多少>岁？"),
        *same("{gap}/({k}-1)*{k}",
            "[elder]比[person]大{gap}岁，[elder]的年龄<正好|>是[person]的{k}倍，[elder]<今年|>多少岁？",
            "今年[elder]的年龄是[person]的{k}倍，[elder]比[person]大{gap}岁，[elder]<今年|>几岁？",
            "[person]比[elder]小{gap}岁，[elder]今年的<年龄|岁数>是[person]的{k}倍，<求|>[elder]今年<几|多少>岁？"),
    ), same("{gap}/({k}-1)", "[elder]的年龄是[person]的{k}倍，[person]比[elder]小{gap}岁，[person]今年多少岁？")),
    Shape(_sum_difference, (
        *same("({sum}-{gap})/2",
            "[person1]和[person2]的年龄<和|之和>是{sum}岁，[person1]比[person2]大{gap}岁，[person2]<今年|>多少岁？",
            "[elder]与[person]<今年|>的年龄<和|之和>是{sum}岁，<他们的|>年龄差是{gap}岁，[person]<今年|>几岁？",
            "[person1]比[person2]大{gap}岁，两人<今年|>共{sum}岁，[person2]<今年|>几岁？"),
        *same("({sum}+{gap})/2",
            "[person1]和[person2]的年龄<和|之和>是{sum}岁，[person1]比[person2]大{gap}岁，[person1]<今年|>多少岁？",
            "[elder]与[person]<今年|>的年龄<和|之和>是{sum}岁，<他们的|>年龄差是{gap}岁，[elder]<今年|>几岁？",
            "[person1]比[person2]大{gap}岁，两人<今年|>共{sum}岁，[person1]<今年|>几岁？"),
    ), (("[person1]比[person2]大{gap}岁，两人的年龄之和是{sum}岁，[person2]今年多少岁？", "({sum}-{gap})/2"),
        ("[person1]和[person2]今年共{sum}岁，[person1]比[person2]大{gap}岁，[person1]几岁？", "({sum}+{gap})/2"))),
))  # fmt: skip

# ------------------------------------------------------------------------------------------------ tree planting


def _road(rng: random.Random) -> Numbers:
    gap, gaps = rng.choice((2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 50)), integer(rng, 5, 200)
    return {"length": gap * gaps, "gap": gap}


def _planted(rng: random.Random) -> Numbers:
    gap, gaps = rng.randint(2, 20), integer(rng, 5, 150)
    return {"n": gaps + 1, "gap": gap}


def _spread(rng: random.Random) -> Numbers:
    gap, gaps = rng.randint(2, 20), integer(rng, 5, 100)
    return {"n": gaps + 1, "length": gap * gaps}


def _stairs(rng: random.Random) -> Numbers:
    per, low = rng.randint(2, 30), rng.randint(3, 8)
    return {"low": low, "high": low + rng.randint(1, 12), "total": per * (low - 1)}


_EACH = "<每隔|每相隔>{gap}米<栽|种|植><一棵|1棵>[tree]"
TREES = Family("trees", "植树", (
    Shape(_road, same("{length}/{gap}+1",
        f"在一条<长|全长>{{length}}米的[road]<一边|一旁|一侧><栽|种|植><树|[tree]>，{_EACH}，两端都<栽|种|植>，<一共|共><要|需|可><栽|种|植><多少|几>棵？",
        f"一条[road]长{{length}}米，在[road]的<一边|一侧>{_EACH}<，|>（两端都<要栽|栽|种>），<一共|共><要|需要><栽|种><多少|几>棵[tree]？",
        f"<园林工人|同学们|工人>在{{length}}米<长|>的[road]<一边|一侧><栽|植|种>[tree]，{_EACH}（两端<都|也>要<栽|种>），一共<要|需要>多少棵<树|[tree]|树苗>？",
        "在长{length}米的[road]<一旁|一侧|一边>从头到尾<等距离|>每隔{gap}米<插一面|放一面>彩旗，两端都插，<共|一共><要|需要|>插<多少|几>面<彩旗|>？",
    ), same("{length}/{gap}+1",
        "[road]全长{length}米，在它的一侧每隔{gap}米种一棵[tree]，两端都种，一共要种多少棵？")),
    Shape(_road, same("({length}/{gap}+1)*2",
        f"在一条<长|全长>{{length}}米的[road]<两边|两旁|两侧><栽|种|植><树|[tree]>，{_EACH}，两端都<栽|种|植>，<一共|共><要|需|可><栽|种|植><多少|几>棵？",
        f"一条[road]长{{length}}米，在[road]的<两边|两侧|两旁>{_EACH}<，|>（两端都<要栽|栽|种>），<一共|共><要|需要><栽|种><多少|几>棵[tree]？",
        f"<园林工人|同学们|工人>在{{length}}米<长|>的[road]<两边|两侧|两旁><栽|植|种>[tree]，{_EACH}（两端<都|也>要<栽|种>），一共<要|需要>多少棵<树|[tree]|树苗>？",
    ), same("({length}/{gap}+1)*2",
        "[road]全长{length}米，在它的两侧每隔{gap}米种一棵[tree]，两端都种，一共要种多少棵？")),
    Shape(_road, same("{length}/{gap}-1",
        f"在一条<长|全长>{{length}}米的[road]<一边|一旁|一侧><栽|种|植><树|[tree]>，{_EACH}，两端都不<栽|种|植>，<一共|共><要|需|可><栽|种|植><多少|几>棵？",
        f"一条[road]长{{length}}米，在[road]的<一边|一侧>{_EACH}<，|>（两端<都不|不><栽|种>），<一共|共><要|需要><栽|种><多少|几>棵[tree]？",
        f"两<座楼|栋楼|楼>之间相距{{length}}米，在<中间|它们之间|两楼之间>{_EACH}，<一共|共><要|能|可以><栽|种><多少|几>棵[tree]？",
    ), same("{length}/{gap}-1",
        "[road]全长{length}米，在它的一侧每隔{gap}米种一棵[tree]，两端都不种，一共要种多少棵？")),
    Shape(_road, same("{length}/{gap}",
        f"<一个|>圆形<水池|池塘|花坛|湖><的|>周长<是|>{{length}}米，<沿<池边|湖边|一圈>|在四周|在周围>{_EACH}，<一共|共><要|可以|能><栽|种><多少|几>棵[tree]？",
        f"在周长<是|为|>{{length}}米的<圆形|>池塘<四周|周围|边>{_EACH}，<一共|共>可以<栽|种><多少|几>棵？",
        f"在一条<长|全长>{{length}}米的[road]<一边|一旁|一侧><栽|种|植>[tree]，{_EACH}，只有一端<栽|种|植>，<一共|共><要|需><栽|种|植><多少|几>棵？",
    ), same("{length}/{gap}",
        "圆形池塘的周长是{length}米，在池塘周围每隔{gap}米种一棵[tree]，一共要种多少棵？")),
    Shape(_planted, same("({n}-1)*{gap}",
        "<在|>一条[road]的一<边|侧|旁><栽|种>了{n}棵[tree]，每<两|相邻两>棵<之间|树之间|><相距|相隔|的距离是>{gap}米，两端都<栽|种>了，这条[road]长多少米？",
        "<同学们|工人>在[road]一<边|侧>每隔{gap}米<栽|种>一棵[tree]，<一共|共><栽|种>了{n}棵<（两端都栽）|，两端都栽>，<这条|>[road]<全长|长>多少米？",
        "{n}名[children]排成一<行|排|列>，每两人<之间|>相距{gap}米，<这|>队伍长多少米？",
    ), same("({n}-1)*{gap}", "[road]的一侧每隔{gap}米种一棵[tree]，从头到尾一共种了{n}棵，两端都种，[road]长多少米？")),
    Shape(_spread, same("{length}/({n}-1)",
        "在<长|全长>{length}米的[road]一<边|侧|旁>从头到尾<栽|种>了{n}棵[tree]，<每|相邻>两棵<树|[tree]|>之间<相距|相隔|的距离是>多少米？",
        "一条[road]长{length}米，在<它的|>一<边|侧>等距离<栽|种>了{n}棵[tree]（两端都<栽|种>），<每|相邻>两棵<之间|>相距<多少|几>米？",
    ), same("{length}/({n}-1)", "[road]长{length}米，一侧从头到尾等距离种了{n}棵[tree]，相邻两棵相距多少米？")),
    Shape(_stairs, same("{total}/({low}-1)*({high}-1)",
        "[person]<从一楼走到|从1楼到|上到>{low}楼<要|需要|用了>{total}[step]，<照这样|用同样的速度|照这样计算，>从<一|1>楼<走到|到>{high}楼要<多少|几>[step]？",
        "把一根木头锯成{low}段<要|需要|用了>{total}分钟，<照这样计算，|>锯成{high}段<要|需要>多少分钟？",
    ), same("{total}/({low}-1)*({high}-1)", "一根钢管锯成{low}段要{total}分钟，照这样计算，把它锯成{high}段要多少分钟？")),
))  # fmt: skip
