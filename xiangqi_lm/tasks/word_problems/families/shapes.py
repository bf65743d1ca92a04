"""The building blocks of a family of problems: numbers that fit together, wordings, and the expressions asked for.

In a wording `{a}` is a number, `<甲|乙|>` one of several texts, and `[fruit]` a word from LEXICON, the same word for the
same name; names that end in a digit, such as `[person1]` and `[person2]`, are different words from one list.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Numbers = Mapping[str, int | str]  # texts are numbers as the question writes them: 2.5, 25%, (3/4)


@dataclass(frozen=True)
class Shape:
    """One relation between numbers: how they are drawn, its wordings, and those never used in training."""

    draw: Callable[[random.Random], Numbers]
    wordings: tuple[tuple[str, str], ...]  # text and expressions; those of several answers are separated by `;`
    held_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Family:
    """A classic kind of problem."""

    name: str
    title: str
    shapes: tuple[Shape, ...]


def same(expression: str, *texts: str) -> tuple[tuple[str, str], ...]:
    """Return wordings that all ask for the same expression."""
    return tuple((text, expression) for text in texts)


LEXICON: dict[str, tuple[str, ...]] = {
    "person": (
        "小明",
        "小红",
        "小华",
        "小丽",
        "小刚",
        "小芳",
        "小强",
        "小军",
        "李明",
        "王芳",
        "张华",
        "乐乐",
        "小亮",
        "东东",
    ),
    "elder": ("爸爸", "妈妈", "父亲", "母亲", "叔叔", "老师", "王老师", "李叔叔"),
    "fruit": ("苹果", "梨", "桃子", "橘子", "香蕉", "草莓", "西瓜", "葡萄"),
    "goods": ("铅笔", "练习本", "钢笔", "糖果", "苹果", "橘子", "图书", "饼干", "桃子", "本子"),
    "ware": ("衣服", "商品", "上衣", "书包", "电视机", "自行车", "冰箱", "手机", "皮鞋", "台灯", "洗衣机", "大衣"),
    "children": ("小朋友", "同学", "学生", "孩子", "少先队员"),
    "group": ("班里", "幼儿园里", "学校里", "兴趣小组里"),
    "tree": ("树", "杨树", "柳树", "松树", "梧桐树", "果树", "桃树", "柏树", "槐树"),
    "road": ("公路", "马路", "小路", "街道", "大道", "林荫道"),
    "vehicle": ("汽车", "客车", "货车", "卡车", "轿车", "摩托车", "大巴"),
    "work": ("工程", "工作", "任务", "零件", "稿件"),
    "team": ("工程队", "施工队", "修路队"),
    "solute": ("盐", "糖", "药粉", "食盐", "白糖"),
    "place": ("甲地", "A地", "东城", "县城", "学校", "家"),
    "unit": ("千克", "吨", "克", "箱", "袋", "筐"),
    "grain": ("大米", "面粉", "小麦", "玉米", "黄豆", "水泥", "煤", "沙子"),
    "animal": ("鸡", "鸭", "鹅", "羊", "牛", "猪", "兔", "马"),
    "grade": ("三年级", "四年级", "五年级", "六年级", "一班", "二班", "甲班", "乙班"),
    "shop": ("商店", "商场", "超市", "文具店", "服装店", "书店"),
    "hour": ("小时", "天"),
    "second": ("秒", "分钟", "分"),
    "ton": ("吨", "千克"),
    "piece": ("个", "本"),
    "item": ("个", "支"),
    "metre": ("厘米", "分米", "米"),
    "made": ("个", "米", "件"),
    "box": ("盒", "本"),
    "output": ("台", "吨"),
    "step": ("秒", "级台阶"),
    "turn": ("次", "天"),
    "meadow": ("牧场", "草地", "牧草", "草场"),
}


def integer(rng: random.Random, low: int, high: int) -> int:
    """Return a whole number from low to high inclusive; in wide ranges small numbers are drawn more often."""
    if high < 20 * max(low, 1):
        return rng.randint(low, high)
    return round(max(low, 1) * (high / max(low, 1)) ** rng.random())
