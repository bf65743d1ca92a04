"""Words: lists to draw from, and the usual ways to say one thing in a school book."""

from __future__ import annotations

import random
import re

LEXICON: dict[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "person": "小明 小红 小华 小丽 小刚 小芳 小强 小军 李明 王芳 张华 乐乐 小亮 东东 小东 小林 小英 小力 小青 小兰 小文 小敏 小宁 小方 明明 丽丽 "
        "芳芳 亮亮 红红 林林 淘气 笑笑 王明 张明 李红 刘强 陈晨 王强 小王 小李 小张",
        "elder": "爸爸 妈妈 父亲 母亲 叔叔 老师 王老师 李叔叔 爷爷 奶奶 李老师 张老师 舅舅 姑姑 王叔叔 张阿姨",
        "fruit": "苹果 梨 桃子 橘子 香蕉 草莓 西瓜 葡萄 桔子 李子 橙子",
        "goods": "铅笔 练习本 钢笔 糖果 苹果 橘子 图书 饼干 桃子 本子 糖 梨 练习册 水果 气球 玩具 草莓 面包 圆珠笔 故事书 巧克力 桔子 卡片 作业本 笔记本",
        "ware": "衣服 商品 上衣 书包 电视机 自行车 冰箱 手机 皮鞋 台灯 洗衣机 大衣 电脑 玩具 运动服 衬衫 空调 电饭锅 手表 裙子 篮球 皮衣 电风扇",
        "children": "小朋友 同学 学生 孩子 少先队员 小孩 队员 猴子 小猴",
        "group": "班里 幼儿园里 学校里 兴趣小组里 老师给同学们 班主任 少先队里 王老师",
        "tree": "树 杨树 柳树 松树 梧桐树 果树 桃树 柏树 槐树 银杏树 樟树 小树 白杨 香樟树 杏树",
        "road": "公路 马路 小路 街道 大道 林荫道 大街 道路 跑道 小道",
        "vehicle": "汽车 客车 货车 卡车 轿车 摩托车 大巴 小汽车 火车 公共汽车 出租车",
        "work": "工程 工作 任务 工作任务 工程任务 活",
        "team": "工程队 施工队 修路队",
        "solute": "盐 糖 药粉 食盐 白糖 农药",
        "place": "甲地 A地 东城 县城 学校 家",
        "unit": "千克 吨 克 箱 袋 筐",
        "grain": "大米 面粉 小麦 玉米 黄豆 水泥 煤 沙子 化肥 水果 货物 钢材",
        "animal": "鸡 鸭 鹅 羊 牛 猪 兔 马",
        "grade": "三年级 四年级 五年级 六年级 一班 二班 甲班 乙班 五(1)班 全班 我班 学校",
        "shop": "商店 商场 超市 文具店 服装店 书店 百货商店 专卖店 某商店 某商场",
        "hour": "小时 天",
        "second": "秒 分钟 分",
        "ton": "吨 千克",
        "piece": "个 本 支 块 颗 件",
        "item": "个 支",
        "metre": "厘米 分米 米",
        "made": "个 米 件",
        "box": "盒 本",
        "output": "台 吨",
        "step": "秒 级台阶",
        "turn": "次 天",
        "meadow": "牧场 草地 牧草 草场",
    }.items()
}

# ------------------------------------------------------------------------------------------------ ways to say a thing

_COUNTED = (
    "只个名人位头棵辆条张本支页天年岁米千公元道题艘顶盒台面段根块枚件间户盏双种排层下站分秒小吨克箱袋筐把盆粒颗次圈度"
)
SYNONYMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (f"(?<!第)(?:多少|几)(?=[{_COUNTED}])(?!分之|小数)", ("多少", "几")),
    ("一共|总共|共计", ("一共", "共", "总共", "共计")),
    ("如果|若是|假如|要是", ("如果", "若", "假如", "要是", "假设")),
    ("正好|刚好|恰好", ("正好", "刚好", "恰好")),
    ("每小时|每时", ("每小时", "每小时", "每时", "一小时")),
    ("每分钟", ("每分钟", "每分", "每分钟", "一分钟")),
    ("千米(?!/)", ("千米", "千米", "公里")),
    ("需要", ("需要", "要", "需")),
    ("可以", ("可以", "能", "可")),
    ("相向而行|相对而行", ("相向而行", "相对而行", "相向而行", "面对面走来")),
    ("单独", ("单独", "独自", "单独", "独立")),
    ("余下的|剩下的", ("余下的", "剩下的", "剩余的", "其余的")),
    ("之和", ("之和", "的和", "和", "总和")),
    ("的年龄(?!差)", ("的年龄", "的岁数", "的年龄", "年龄", "的年纪")),
    ("合作|合做", ("合作", "合做", "一起做", "共同做", "合干")),
    ("栽", ("栽", "种", "植", "栽种", "种植")),
    ("各有", ("各有", "分别有", "各", "分别是")),
    ("相距", ("相距", "相隔", "之间的距离是", "间的路程是")),
    ("原价", ("原价", "原价", "定价", "原来售价")),
    ("进价|成本(?!价)", ("进价", "成本", "进货价", "成本价", "买进价")),
    ("出售|卖出", ("出售", "卖出", "销售", "售出")),
    ("顺水|顺流", ("顺水", "顺流", "顺流")),
    ("逆水|逆流", ("逆水", "逆流")),
    ("注满", ("注满", "灌满", "放满", "注满")),
    ("水池", ("水池", "蓄水池", "水池", "水箱")),
    ("沿同一方向|同向", ("同向", "沿同一方向", "朝同一方向", "同方向")),
    ("照这样计算", ("照这样计算", "照这样", "照这样的速度", "按这样计算", "用同样的速度")),
    ("男生", ("男生", "男生", "男同学", "男学生")),
    ("女生", ("女生", "女生", "女同学", "女学生")),
    ("原来", ("原来", "原来", "原有", "原先")),
    ("相当于", ("相当于", "是", "等于")),
)
_SYNONYMS = tuple((re.compile(pattern), words) for pattern, words in SYNONYMS)
OPENINGS = ("星期天", "周末", "暑假里", "寒假", "春天到了", "有一天", "数学课上", "据统计", "已知", "植树节那天", "今年春季", "某校", "为了节约时间",
            "国庆节期间", "“六一”儿童节", "体育课上")  # fmt: skip
LEADS = ("问", "求", "请问", "那么", "问：", "请你算一算", "则", "试问", "你知道", "请算出")
REPLACED, OPENED, LED, BROKEN, MOVED = 0.5, 0.1, 0.12, 0.08, 0.5  # shares of what could be varied


_BOUND = (
    "它们",
    "其中",
    "结果",
    "最后",
    "运完",
    "搬",
    "腿加",
    "地上",
    "刚好",
    "正好",
    "大的",
    "小的",
)  # refer to what is before


def rearranged(rng: random.Random, text: str) -> str:
    """Return a wording in which neighbouring clauses that give numbers have changed places; the question stays last."""
    *clauses, question = text.split("，")
    start = 0
    while start < len(clauses):
        end = start
        while end < len(clauses) and "{" in clauses[end] and not clauses[end].startswith(_BOUND):
            end += 1
        some = clauses[start:end]
        rng.shuffle(some)
        clauses[start:end] = some
        start = end + 1
    return "，".join([*clauses, question])


def _exchanged(rng: random.Random, text: str, pattern: re.Pattern[str], words: tuple[str, ...]) -> str:
    return pattern.sub(lambda match: rng.choice(words) if rng.random() < REPLACED else match[0], text)


def varied(rng: random.Random, text: str) -> str:
    """Return a wording with words replaced by synonyms, now and then an opening without meaning, a word that leads to
    the question, or another full stop. Slots and words in brackets are kept."""
    for pattern, words in _SYNONYMS:
        text = _exchanged(rng, text, pattern, words)
    clauses = text.split("，")
    if len(clauses) > 1 and rng.random() < LED and not clauses[-1].startswith(LEADS):
        clauses[-1] = rng.choice(LEADS) + clauses[-1]
    text = clauses[0]
    for clause in clauses[1:]:
        text += (rng.choice("；。") if rng.random() < BROKEN else "，") + clause
    if rng.random() < OPENED:
        text = rng.choice(OPENINGS) + "，" + text
    return text
