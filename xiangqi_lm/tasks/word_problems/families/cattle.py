"""Cattle and grass: a stock that grows while it is used up."""

from __future__ import annotations

import random
from collections.abc import Callable

from .shapes import Family, Numbers, told


def _stock(name: str, sign: int, most: int, longest: int) -> Callable[[random.Random], Numbers]:
    """Return a function that draws a stock of grass and its daily growth (`sign` 1) or loss (-1), called `name`, in
    units of what one animal eats a day, so that all numbers are whole; the stock lasts at most `most` days.
    """

    def draw(rng: random.Random) -> Numbers:
        while True:
            change, a, b = rng.randint(1, 20), rng.randint(2, 40), rng.randint(2, 40)
            s, t = rng.sample(range(2, most + 1), 2)
            growth = sign * change
            stock = (a - growth) * s
            if stock <= 0 or (b - growth) * t != stock:
                continue
            days = [d for d in range(2, longest) if d not in (s, t) and stock % d == 0 and stock // d + growth > 0]
            if days:
                d = rng.choice(days)
                return {"a": a, "s": s, "b": b, "t": t, "c": stock // d + growth, "days": d, name: change}

    return draw


_meadow, _withering = _stock("growth", 1, 40, 60), _stock("loss", -1, 30, 40)
_GROWTH = "({a}*{s}-{b}*{t})/({s}-{t})"
_LOSS = "({b}*{t}-{a}*{s})/({s}-{t})"
_DAYS = f"({{a}}*{{s}}-{_GROWTH}*{{s}})/({{c}}-{_GROWTH})"
_HEAD = f"({{a}}*{{s}}-{_GROWTH}*{{s}})/{{days}}+{_GROWTH}"
_DAYS_COLD = f"({{a}}*{{s}}+{_LOSS}*{{s}})/({{c}}+{_LOSS})"
_HEAD_COLD = f"({{a}}*{{s}}+{_LOSS}*{{s}})/{{days}}-{_LOSS}"
_FIELD = "<一片|有一片|一块|牧场上有一片><牧场|草地|牧草|青草|草场>"
_GROWS = "<草每天<匀速|均匀|>生长|草每天都以同样的速度生长|每天长的草一样多|草匀速生长|牧草每天匀速生长>"
_ENDS = "<吃完|吃光|把草吃完|把草吃光>"
_SHEEP = [{"A": "牛"}, {"A": "牛"}, {"A": "羊"}, {"A": "奶牛"}]
_CATTLE = (
    f"{_FIELD}，{_GROWS}，<可供|可以供|够>{{a}}头[A]吃{{s}}天，<或|也|或者>可供{{b}}头[A]吃{{t}}天",
    f"[meadow]上的{_GROWS}，{{a}}头[A]{{s}}天<可以|>{_ENDS}，{{b}}头[A]{{t}}天<可以|>{_ENDS}",
    f"[A]吃草，{_GROWS}，{{a}}头[A]吃{{s}}天，{{b}}头[A]吃{{t}}天",
    f"{_FIELD}，{_GROWS}，{{a}}头[A]{{s}}天{_ENDS}，{{b}}头[A]{{t}}天{_ENDS}",
    f"一<片|块>草地，{{a}}头[A]{{s}}天可<以|>{_ENDS}，{{b}}头[A]{{t}}天可<以|>{_ENDS}，<已知|>{_GROWS}",
    f"{_FIELD}，{_GROWS}，<已知|如果><放养|放牧>{{a}}头[A]，{{s}}天{_ENDS}，<如果|>放养{{b}}头[A]，{{t}}天{_ENDS}",
    f"{_GROWS}，{_FIELD}可供{{a}}头[A]吃{{s}}天，或供{{b}}头[A]吃{{t}}天",
    "[meadow]的草均匀生长，{a}头[A]吃{s}天<可以|>吃完，而{b}头[A]吃{t}天<可以|>吃完",
    f"牧场上长满牧草，{_GROWS}，<这片|>牧场可供{{a}}头[A]吃{{s}}天，可供{{b}}头[A]吃{{t}}天",
    f"{_FIELD}，{{a}}头[A]可以吃{{s}}天，{{b}}头[A]可以吃{{t}}天，{_GROWS}",
    f"{_FIELD}长满了草，{_GROWS}，这片草可让{{a}}头[A]吃{{s}}天，也可让{{b}}头[A]吃{{t}}天",
    f"{_FIELD}，<每天|>匀速生长，{{a}}头[A]在{{s}}天内{_ENDS}，{{b}}头[A]在{{t}}天内{_ENDS}",
)
_ASK_CATTLE = {
    "days": (_DAYS, "<可供|够|那么可供|那么><{c}头[A]吃多少天|{c}头[A]可以吃多少天|{c}头[A]多少天可以吃完>"),
    "c": (_HEAD, "<可供多少头[A]吃{days}天|多少头[A]{days}天可以吃完|要{days}天吃完，需要多少头[A]|<如果|>要在{days}天内吃完，需要放养多少头[A]|要使草{days}天被吃完，应放多少头[A]>"),
    "growth": (_GROWTH, "<每天新长的草够多少头[A]吃一天|每天长的草可供多少头[A]吃一天|<为了|要使>草永远吃不完，最多放多少头[A]>"),
}  # fmt: skip
_PUMPS = (
    "一个水池<有|里有>泉水<不断|均匀>涌出，用{a}台抽水机{s}[hour]可<以|>抽完，用{b}台抽水机{t}[hour]可<以|>抽完",
    "一口井，<井底|>匀速涌出泉水，<如果|>用{a}台抽水机，{s}[hour]可以抽干，<如果|>用{b}台<抽水机|>，{t}[hour]可以抽干",
    "<有一个|一个>水库<的水|>，河水<均匀|匀速>流入，{a}台抽水机<连续|>{s}[hour]可以抽干，{b}台<同样的|>抽水机<连续|>{t}[hour]可以抽干",
    "一水池有泉水匀速流入，{a}台抽水机{s}[hour]抽完，{b}台抽水机{t}[hour]抽完",
    "<一个|>水池底部<有泉眼|>不断冒水，每[hour]冒的水一样多，{a}台抽水机抽{s}[hour]抽干，{b}台抽水机抽{t}[hour]抽干",
)
_ASK_PUMPS = {
    "days": (_DAYS, "<如果|>用{c}台<抽水机|>，多少[hour]可以抽<完|干>"),
    "c": (_HEAD, "<要|如果要>{days}[hour]抽<完|干>，<需要|要用>多少台抽水机"),
}
_BOATS = (
    "一<只|条|艘>船<漏水|有漏洞|发现漏水>，水<匀速|均匀|以均匀的速度>进入<船内|>，{a}人淘水{s}小时<可以|>淘完，{b}人淘水{t}小时<可以|>淘完",
    "一<只|条|艘>船<被发现|发现>漏水时，已经进了一些水，水匀速进入船内，<如果|>{a}人淘水，{s}小时淘完，<如果|>{b}人淘水，{t}小时淘完",
    "船<底|>漏水，<水|>匀速流入，{a}个人{s}小时可以舀完，{b}个人{t}小时可以舀完",
    "一艘轮船漏水，水不断地均匀涌入，用{a}人舀水{s}小时舀完，用{b}人舀水{t}小时舀完",
)
_ASK_BOATS = {
    "days": (_DAYS, "<如果|>{c}<个|>人<淘|舀>水，多少小时<可以|><淘|舀>完"),
    "c": (_HEAD, "<如果|>要{days}小时<淘|舀>完，<需要|要>多少人"),
}
_GATES = (
    "<火车站|车站|展览馆|画展|体育馆>的检票口，<检票前|开门前>就有人排队，每分钟来的<人数|旅客>一样多，<如果|>开{a}个检票口，{s}分钟<后|>没有人排队，<如果|>开{b}个检票口，{t}分钟<后|>没有人排队",
    "<画展|展览>开门前已有人排队，<每分钟|>来的观众人数相同，开{a}个入口{s}分钟就不再有人排队，开{b}个入口{t}分钟就不再有人排队",
    "车站检票，<检票|>开始前已有旅客排队，旅客均匀到来，{a}个检票口{s}分钟检完，{b}个检票口{t}分钟检完",
    "检票口开始检票前已经排起长队，每分钟来的旅客一样多，同时开{a}个窗口，{s}分钟队伍消失，同时开{b}个窗口，{t}分钟队伍消失",
)
_ASK_GATES = {
    "days": (_DAYS, "<如果|>开{c}个<检票口|入口|窗口|>，<多少分钟队伍消失|多少分钟后没有人排队|多少分钟可以检完>"),
    "c": (_HEAD, "<如果|>要{days}分钟<就没有人排队|检完|队伍消失>，需要开多少个<检票口|窗口|入口>"),
}
_COLD = (
    "<天气|由于天气|因天气>逐渐<变冷|寒冷>，<牧场上的|牧场的|>草每天<匀速|以固定速度|均匀><减少|枯萎>，<如果|>{a}头[A]可以吃{s}天，<如果|>{b}头[A]可以吃{t}天",
    "<冬天到了|深秋>，草地上的草不但不长反而每天减少同样多，<已知|>草可供{a}头[A]吃{s}天，或可供{b}头[A]吃{t}天",
    "一片草地，草每天匀速枯萎，{a}头[A]{s}天吃完，{b}头[A]{t}天吃完",
    "由于天气变冷，草不仅不长反而匀速减少，某块草地的草可供{a}头[A]吃{s}天，或供{b}头[A]吃{t}天",
    "天冷了，牧场的草每天都在均匀地减少，够{a}头[A]吃{s}天，或够{b}头[A]吃{t}天",
)
_ASK_COLD = {
    "days": (_DAYS_COLD, "<照此计算|照这样|那么|>{c}头[A]可以吃多少天"),
    "c": (_HEAD_COLD, "<照此计算|照这样|那么|>可供多少头[A]吃{days}天"),
}

CATTLE = Family("cattle", "牛吃草", (
    told(_meadow, _CATTLE, _ASK_CATTLE, _SHEEP), told(_meadow, _PUMPS, _ASK_PUMPS), told(_meadow, _BOATS, _ASK_BOATS),
    told(_meadow, _GATES, _ASK_GATES), told(_withering, _COLD, _ASK_COLD, _SHEEP[:2]),
))  # fmt: skip
