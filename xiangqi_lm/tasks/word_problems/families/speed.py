"""Speed: meeting, chasing, trains, rivers, there and back, round a track."""

from __future__ import annotations

import random

from .shapes import Family, Kind, Numbers, Shape, integer, told

# ------------------------------------------------------------------------------------------------ drawing


def _meeting(rng: random.Random) -> Numbers:
    v, w, t, d = integer(rng, 3, 120), integer(rng, 3, 120), rng.randint(2, 15), rng.randint(1, 200)
    return {"v": v, "w": w, "t": t, "s": (v + w) * t, "both": v + w, "d": d, "left": (v + w) * t + d}


def _chase(rng: random.Random) -> Numbers:
    slow, more, t = integer(rng, 3, 100), rng.randint(2, 40), rng.randint(2, 15)
    return {"v": slow + more, "w": slow, "gap": more * t, "t": t}


def _start(rng: random.Random) -> Numbers:
    while True:
        slow, more, before, t = integer(rng, 3, 80), rng.randint(1, 60), rng.randint(1, 12), rng.randint(1, 30)
        if slow * before == more * t:
            return {"v": slow + more, "w": slow, "before": before, "t": t}


def _middle(rng: random.Random) -> Numbers:
    slow, more, t = rng.randint(20, 80), rng.randrange(2, 30, 2), rng.randint(2, 12)
    return {"v": slow + more, "w": slow, "off": more * t // 2, "t": t, "s": (2 * slow + more) * t}


def _train(rng: random.Random) -> Numbers:
    while True:
        v, t, train = rng.randint(10, 50), rng.randint(8, 90), rng.randint(5, 40) * 10
        if v * t > train + 50:
            return {"v": v, "t": t, "train": train, "bridge": v * t - train}


def _pass(rng: random.Random) -> Numbers:
    while True:
        slow, more, a, b = rng.randint(10, 30), rng.randint(2, 20), rng.randint(10, 40) * 10, rng.randint(10, 40) * 10
        if (a + b) % (2 * slow + more) == 0 and (a + b) % more == 0:
            return {
                "v": slow + more,
                "w": slow,
                "a": a,
                "b": b,
                "meet": (a + b) // (2 * slow + more),
                "pass": (a + b) // more,
            }


def _pole(rng: random.Random) -> Numbers:
    v, t = rng.randint(10, 40), rng.randint(5, 30)
    return {"v": v, "t": t, "train": v * t}


def _river(rng: random.Random) -> Numbers:
    water, boat, t = rng.randint(1, 6), rng.randint(8, 30), rng.randint(2, 9)
    return {"boat": boat, "water": water, "down": (boat + water) * t, "up": (boat - water) * t, "t": t,
            "with": boat + water, "against": boat - water}  # fmt: skip


def _back(rng: random.Random) -> Numbers:
    while True:
        water, boat, t = rng.randint(1, 6), rng.randint(8, 30), rng.randint(2, 9)
        s = (boat + water) * t
        if s % (boat - water) == 0:
            return {
                "boat": boat,
                "water": water,
                "s": s,
                "t": t,
                "u": s // (boat - water),
                "with": boat + water,
                "against": boat - water,
            }


def _round_trip(rng: random.Random) -> Numbers:
    while True:
        v, w, t = integer(rng, 4, 90), integer(rng, 4, 90), rng.randint(2, 10)
        if v != w and v * t % w == 0:
            return {"v": v, "t": t, "w": w, "back": v * t // w, "s": v * t, "all": t + v * t // w}


def _track(rng: random.Random) -> Numbers:
    while True:
        w, more = rng.randint(2, 200), rng.randint(1, 100)
        lap = rng.choice((200, 300, 400, 500, 600, 800, 1000, 1200))
        if lap % (2 * w + more) == 0 and lap % more == 0:
            return {"v": w + more, "w": w, "lap": lap, "t": lap // (2 * w + more), "u": lap // more}


# ------------------------------------------------------------------------------------------------ two that meet or part

_CARS: tuple[Kind, ...] = (
    {"A": "客车", "B": "货车", "G": "<一辆客车和一辆货车|客、货两车|客车和货车>", "U": "千米", "T": "小时", "P": "甲、乙两地", "X": "两车"},
    {"A": "甲车", "B": "乙车", "G": "<甲、乙两车|两车|甲乙两辆汽车>", "U": "千米", "T": "小时", "P": "<两地|A、B两地|甲、乙两城>", "X": "两车"},
    {"A": "快车", "B": "慢车", "G": "<快、慢两车|快车和慢车|两列火车>", "U": "千米", "T": "小时", "P": "<甲、乙两站|两地|两个车站>", "X": "两车"},
    {"A": "甲", "B": "乙", "G": "<甲、乙两人|甲乙二人>", "U": "米", "T": "分钟", "P": "<两地|A、B两地>", "X": "两人"},
    {"A": "甲", "B": "乙", "G": "<甲、乙两人|甲乙>", "U": "千米", "T": "小时", "P": "<两地|东西两村|A、B两地>", "X": "两人"},
    {"A": "[person1]", "B": "[person2]", "G": "<[person1]和[person2]|[person1]、[person2]>", "U": "米", "T": "分钟", "P": "<两家|他们两家|两地>", "X": "两人"},
    {"A": "甲船", "B": "乙船", "G": "<甲、乙两船|两艘轮船>", "U": "千米", "T": "小时", "P": "<两港|两个码头|A、B两港>", "X": "两船"},
    {"A": "小汽车", "B": "大客车", "G": "<一辆小汽车和一辆大客车|两车>", "U": "千米", "T": "小时", "P": "<两城|甲、乙两地>", "X": "两车"},
)  # fmt: skip
_A, _B = "[A]<每[T]<行|走|>|的速度是每[T]|平均每[T]行>{v}[U]", "[B]<每[T]<行|走|>|的速度是每[T]|平均每[T]行>{w}[U]"
_TOWARDS = "<同时|>从<两地|[P]><同时|>出发<，|>相向而行"
_APART = "<[P]|[P]之间>相距{s}[U]"
_ASK_TIME = "<多少[T]后相遇|多少[T]相遇|经过多少[T]相遇|[X]多少[T]后相遇|几[T]后[X]相遇|出发后多少[T]相遇>"
_ASK_WAY = "<[P]相距多少[U]|[P]之间的距离是多少[U]|[P]之间的路程是多少[U]|[P]间相距多少[U]|求[P]的距离>"
_MEET = (
    told(_meeting, (
        f"{_APART}，[G]{_TOWARDS}，{_A}，{_B}", f"[G]<同时|>从相距{{s}}[U]的<两地|[P]>相向而行，{_A}，{_B}", f"[A]和[B]<分别|同时|>从相距{{s}}[U]的<两地|[P]>出发，相向而行，{_A}，{_B}", f"{_APART}，[A]、[B]同时<从两端|从两地|>相对开出，{_B}，{_A}",
        f"[A]和[B]同时从[P]<出发|>，相向而行，{_A}，{_B}，<已知|>[P]相距{{s}}[U]", f"{_A}，{_B}，[X]同时从相距{{s}}[U]的两地相对而行", f"{_APART}，{_A}，{_B}，<如果|>[X]同时<从两地|>出发相向而行", f"[P]的路程是{{s}}[U]，[G]同时相对出发，{_B}，{_A}",
        f"一条路长{{s}}[U]，[A]从一端出发，[B]从另一端<同时|>出发，相向而行，{_A}，{_B}", f"[P]间的铁路长{{s}}[U]，[G]同时从两端相对开出，{_A}，{_B}", f"[A]从甲地，[B]从乙地同时出发相向而行，两地相距{{s}}[U]，{_A}，{_B}", f"[G]同时从[P]<出发|>迎面开来，[P]相隔{{s}}[U]，{_A}，{_B}",
    ), {"t": ("{s}/({v}+{w})", _ASK_TIME)}, _CARS, free=True),
    told(_meeting, (
        f"[G]{_TOWARDS}，{_A}，{_B}，<经过|>{{t}}[T]<后|>相遇", f"[A]和[B]<同时|>从[P]出发，相向而行，{_A}，{_B}，{{t}}[T]<后|>相遇", f"{_A}，{_B}，[X]同时从[P]相向而行，{{t}}[T]<后|>相遇", f"[G]同时从[P]相对开出，{_A}，{_B}，经过{{t}}[T]相遇",
        f"[G]{_TOWARDS}，{{t}}[T]<后|>相遇，{_A}，{_B}", f"[G]同时从[P]出发，经过{{t}}[T]相遇，<已知|>{_B}，{_A}", f"[A]从甲地开往乙地，[B]<同时|>从乙地开往甲地，{_A}，{_B}，{{t}}[T]后<在途中|>相遇", f"[X]同时从两地相对而行，{_A}，{_B}，{{t}}[T]后相遇",
    ), {"s": ("({v}+{w})*{t}", _ASK_WAY)}, _CARS, free=True),
    told(_meeting, (
        f"{_APART}，[G]{_TOWARDS}，{{t}}[T]<后|>相遇，{_A}", f"[G]同时从相距{{s}}[U]的两地相向而行，{_A}，{{t}}[T]后相遇", f"{_APART}，[A]、[B]同时相对出发，经过{{t}}[T]相遇，已知{_A}", f"[X]从相距{{s}}[U]的两地同时相对而行，{{t}}[T]相遇，{_A}",
        f"[P]的距离是{{s}}[U]，[G]同时出发相向而行，{_A}，经过{{t}}[T]<两者|>相遇", f"{_A}，[G]<同时|>从相距{{s}}[U]的[P]相向而行，{{t}}[T]后相遇",
    ), {"w": ("{s}/{t}-{v}", "<[B]每[T]行多少[U]|[B]的速度是每[T]多少[U]|[B]每[T]走多少[U]>"), "both": ("{s}/{t}", "[X]的速度和是<每[T]|>多少<[U]|>")}, _CARS, free=True),
    told(_meeting, (
        f"[P]相距{{left}}[U]，[G]{_TOWARDS}，{_A}，{_B}，<行|经过>{{t}}[T]<后|>", f"[G]同时从相距{{left}}[U]的两地相向而行，{_A}，{_B}，{{t}}[T]后<还没相遇|>", f"{_A}，{_B}，[X]从相距{{left}}[U]的两地同时相对而行，{{t}}[T]后", f"[P]相距{{left}}[U]，{_A}，{_B}，同时相对开出{{t}}[T]后",
    ), {"d": ("{left}-({v}+{w})*{t}", "<[X]|>还相距多少[U]")}, _CARS, free=True),
    told(_meeting, (
        f"[G]{_TOWARDS}，{_A}，{_B}，{{t}}[T]后<[X]|>还相距{{d}}[U]", f"{_A}，{_B}，[X]从[P]同时相对而行，{{t}}[T]后相距{{d}}[U]，还没有相遇", f"[G]从[P]同时相向而行，行了{{t}}[T]还差{{d}}[U]相遇，{_A}，{_B}", f"[G]同时从[P]相对开出，{_A}，{_B}，经过{{t}}[T]还相距{{d}}[U]没有相遇",
    ), {"left": ("({v}+{w})*{t}+{d}", _ASK_WAY)}, _CARS, free=True),
    told(_meeting, (
        f"[G]<同时|>从<同一地点|同一地|一个地方><出发|>，<背向而行|向相反方向行驶|相背而行>，{_A}，{_B}，<经过|>{{t}}[T]<后|>", f"{_A}，{_B}，[X]同时从一个地方背向而行，{{t}}[T]后", f"[A]和[B]从<同一地点|车站>同时<向相反的方向|背向>出发，{_A}，{_B}，{{t}}[T]后", f"[G]从同一地点同时反向而行，{_A}，{_B}，{{t}}[T]后",
    ), {"s": ("({v}+{w})*{t}", "<[X]|>相距多少[U]")}, _CARS, free=True),
    told(_middle, (
        f"[G]同时从[P]出发相向而行，{_B}，{_A}，在离中点{{off}}[U]处相遇", f"[X]从[P]同时相对而行，相遇的地方离中点{{off}}[U]，{_B}，{_A}",
        f"{_B}，{_A}，[X]从[P]同时出发，在距中点{{off}}[U]处相遇", f"[G]从[P]同时相对开出，{_A}，{_B}，相遇处距中点{{off}}[U]",
        f"[G]{_TOWARDS}，{_A}，{_B}，<[X]|>在<距|离>中点{{off}}[U]处相遇", f"{_A}，{_B}，[X]同时从[P]相对开出，在离中点{{off}}[U]的地方相遇", f"[G]同时从[P]相向而行，相遇时距中点{{off}}[U]，{_A}，{_B}", f"[A]、[B]同时从[P]出发相向而行，{_A}，{_B}，相遇点离中点{{off}}[U]",
    ), {"t": ("{off}*2/({v}-{w})", _ASK_TIME), "s": ("{off}*2/({v}-{w})*({v}+{w})", _ASK_WAY)}, _CARS, free=True),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ one behind the other

_RUNNERS: tuple[Kind, ...] = tuple({"A": a, "B": b, "U": u, "T": t, "V": v} for a, b, u, t, v in (
    ("乙", "甲", "米", "分钟", "走"), ("[person1]", "[person2]", "米", "秒", "跑"), ("快车", "慢车", "千米", "小时", "行"), ("摩托车", "自行车", "千米", "小时", "行"),
    ("猎狗", "兔子", "米", "秒", "跑"), ("乙车", "甲车", "千米", "小时", "行"), ("哥哥", "弟弟", "米", "分钟", "走"), ("警车", "卡车", "千米", "小时", "行"), ("[person1]", "[person2]", "米", "分钟", "走")))  # fmt: skip
_FAST, _SLOW = "[A]<每[T][V]|的速度是每[T]>{v}[U]", "[B]<每[T][V]|的速度是每[T]>{w}[U]"
_ASK_CATCH = "<多少[T]<后|>[A]可以追上[B]|[A]多少[T]可以追上[B]|[A]多少[T]后追上[B]|经过多少[T][A]追上[B]|多少[T]追上>"
_CHASES = (
    told(_chase, (
        f"[A]在[B]的后面，距离是{{gap}}[U]，{_SLOW}，{_FAST}", f"{_SLOW}，{_FAST}，[A]从后面追[B]，两者开始相距{{gap}}[U]",
        f"[B]和[A]同向而行，[B]在[A]前{{gap}}[U]，{_SLOW}，{_FAST}", f"[B]领先[A]{{gap}}[U]，{_SLOW}，{_FAST}，[A]追[B]",
        f"[B]先走了{{gap}}[U]，[A]才开始追，{_FAST}，{_SLOW}", f"两地相距{{gap}}[U]，[A]从后一处、[B]从前一处同时同向出发，{_SLOW}，{_FAST}",
        f"[A]要追上前面{{gap}}[U]处的[B]，{_SLOW}，{_FAST}", f"[A]落后[B]{{gap}}[U]，{_FAST}，{_SLOW}",
        f"[B]在[A]<前面|前方>{{gap}}[U]，<两者|>同时同向<出发|而行|>，{_SLOW}，{_FAST}", f"[A]和[B]相距{{gap}}[U]，同时<出发，|>同向而行，[B]在前，{_SLOW}，[A]在后，{_FAST}", f"[B]在前，[A]在后，<两者|>相距{{gap}}[U]，{_FAST}，{_SLOW}，<同时同向出发|>", f"[A]在[B]后面{{gap}}[U]，<他们|>同时同向而行，{_FAST}，{_SLOW}",
        f"{_FAST}，{_SLOW}，[B]在[A]前面{{gap}}[U]，<同时|>同向而行", f"[A]追[B]，<开始时|>相距{{gap}}[U]，{_FAST}，{_SLOW}", f"[A]发现[B]在前方{{gap}}[U]处，立即追赶，{_SLOW}，{_FAST}", f"相距{{gap}}[U]的两地，[B]在前[A]在后同时同向出发，{_SLOW}，{_FAST}", f"[B]和[A]<分别|>从相距{{gap}}[U]的两地同时同向而行，[B]在前面，{_SLOW}，[A]在后面追，{_FAST}",
    ), {"t": ("{gap}/({v}-{w})", _ASK_CATCH)}, _RUNNERS),
    told(_chase, (
        f"[B]在[A]前面，<两者|>同时同向而行，{_SLOW}，{_FAST}，{{t}}[T]后[A]追上[B]", f"{_FAST}，{_SLOW}，[A]在后面追[B]，{{t}}[T]追上", f"[A]追[B]，{_FAST}，{_SLOW}，经过{{t}}[T]追上", f"[A]、[B]同时同向出发，{_SLOW}，{_FAST}，{{t}}[T]后[A]追上前面的[B]",
    ), {"gap": ("({v}-{w})*{t}", "<开始时|原来|出发时><两者|>相距多少[U]")}, _RUNNERS),
    told(_start, (
        f"[B]比[A]早出发{{before}}[T]，{_SLOW}，{_FAST}，两者走同一条路", f"[B]早走{{before}}[T]，{_FAST}，{_SLOW}，[A]沿原路去追",
        f"[B]提前{{before}}[T]出发，{_SLOW}，[A]随后追赶，{_FAST}", f"[A]比[B]晚出发{{before}}[T]，{_SLOW}，{_FAST}，[A]去追[B]",
        f"[B]先走{{before}}[T]后，[A]从同一个地方去追，{_SLOW}，{_FAST}", f"[B]已经走了{{before}}[T]，{_SLOW}，[A]这时从同一地点出发，{_FAST}",
        f"过了{{before}}[T]，[A]才出发去追先走的[B]，{_SLOW}，{_FAST}", f"[B]离开{{before}}[T]后，[A]从原地去追，{_FAST}，{_SLOW}",
        f"{_SLOW}，<走了|出发|先行>{{before}}[T]<后|>，[A]从<同一地点|同一地方>出发<去|>追<[B]|>，<每[T][V]|速度是每[T]>{{v}}[U]", "[B]每[T][V]{w}[U]，先<走|行|出发>{before}[T]，[A]每[T][V]{v}[U]<去追[B]|从同一地点去追>", f"[B]先出发{{before}}[T]，{_SLOW}，[A]随后从同一地点出发去追，{_FAST}", f"[B]先行{{before}}[T]，{_SLOW}，[A]从同一地点出发，{_FAST}",
        f"[A]和[B]从同一地点出发，{_SLOW}，{_FAST}，[B]先走{{before}}[T]", "[B]以每[T]{w}[U]的速度先出发{before}[T]，然后[A]以每[T]{v}[U]的速度去追", f"{_FAST}，{_SLOW}，[B]先出发{{before}}[T]后[A]才去追", f"[B]出发{{before}}[T]后，[A]才从同一地点沿同一路线追赶，{_SLOW}，{_FAST}",
    ), {"t": ("{w}*{before}/({v}-{w})", _ASK_CATCH)}, _RUNNERS),
    told(_track, (
        "<环形跑道|圆形跑道|操场一圈>长{lap}米，甲、乙两人同时从同一<地点|起点><出发，|>反向而行，甲每[T]跑{v}米，乙每[T]跑{w}米", "甲乙两人在{lap}米的环形跑道上从同一点同时背向跑步，甲每[T]{v}米，乙每[T]{w}米", "一个湖周长{lap}米，两人同时从一处反方向绕湖走，一人每[T]走{v}米，另一人每[T]走{w}米", "甲每[T]跑{v}米，乙每[T]跑{w}米，两人在一圈{lap}米的跑道上同时同地反向跑",
    ), {"t": ("{lap}/({v}+{w})", "<多少[T]后<第一次|>相遇|经过多少[T]两人第一次相遇>")}, ({"T": "秒"}, {"T": "分钟"})),
    told(_track, (
        "<环形跑道|圆形跑道|操场一圈>长{lap}米，甲、乙两人同时从同一<地点|起点><出发，|>同向而行，甲每[T]跑{v}米，乙每[T]跑{w}米", "甲乙两人在{lap}米的环形跑道上从同一点同时同向跑步，甲每[T]{v}米，乙每[T]{w}米", "一个湖周长{lap}米，两人同时从一处同向绕湖走，一人每[T]走{v}米，另一人每[T]走{w}米", "甲每[T]跑{v}米，乙每[T]跑{w}米，两人在一圈{lap}米的跑道上同时同地同向跑",
    ), {"u": ("{lap}/({v}-{w})", "<多少[T]后甲<第一次|>追上乙|经过多少[T]甲第一次追上乙|多少[T]后<快的|甲>比<慢的|乙>多跑一圈>")}, ({"T": "秒"}, {"T": "分钟"})),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ trains

_RAIL, _SPAN = "<火车|列车>", "<大桥|桥|隧道|山洞>"
_TRAINS = (
    told(_train, (
        f"一列{_RAIL}长{{train}}米，<以|>每秒<行|>{{v}}米<的速度|><通过|经过|穿过>一座长{{bridge}}米的{_SPAN}", f"一座{_SPAN}长{{bridge}}米，一列{_RAIL}长{{train}}米，每秒行{{v}}米", f"一列长{{train}}米的{_RAIL}，每秒行{{v}}米，<要|>通过{{bridge}}米<长|>的{_SPAN}", f"一列{_RAIL}长{{train}}米，每秒行驶{{v}}米，要通过长{{bridge}}米的{_SPAN}",
        f"{_RAIL}车长{{train}}米，{_SPAN}长{{bridge}}米，<火车|>速度是每秒{{v}}米", f"每秒行{{v}}米的{_RAIL}，<全长|车身长>{{train}}米，要通过一座{{bridge}}米的{_SPAN}", f"长{{bridge}}米的{_SPAN}，一列{{train}}米长的{_RAIL}以每秒{{v}}米的速度通过", f"一列{_RAIL}车身长{{train}}米，以{{v}}米每秒的速度过一座{{bridge}}米长的{_SPAN}",
    ), {"t": ("({train}+{bridge})/{v}", f"<从车头上桥到车尾离桥|完全通过|{_RAIL}完全通过|通过|全车通过|从车头进入到车尾离开>需要多少秒")}),
    told(_train, (
        f"一列{_RAIL}长{{train}}米，每秒<行|行驶>{{v}}米，<完全|>通过一座{_SPAN}用了{{t}}秒", f"长{{train}}米的{_RAIL}以每秒{{v}}米的速度<通过|穿过>一座{_SPAN}，<共|>用{{t}}秒", f"一列长{{train}}米的{_RAIL}，每秒行{{v}}米，从车头上桥到车尾离桥共{{t}}秒", f"一列{_RAIL}通过一座{_SPAN}用了{{t}}秒，已知{_RAIL}长{{train}}米，每秒行{{v}}米", f"一列{_RAIL}的速度是每秒{{v}}米，车长{{train}}米，经过{{t}}秒通过{_SPAN}", f"{_RAIL}每秒行{{v}}米，{{t}}秒完全通过{_SPAN}，车身长{{train}}米", f"{_RAIL}长{{train}}米，速度每秒{{v}}米，完全通过{_SPAN}需要{{t}}秒",
    ), {"bridge": ("{v}*{t}-{train}", f"<这座|>{_SPAN}<长|全长>多少米")}),
    told(_train, (
        f"一列{_RAIL}每秒<行|行驶>{{v}}米，<完全|>通过一座{{bridge}}米<长|>的{_SPAN}用了{{t}}秒", f"{_SPAN}长{{bridge}}米，一列{_RAIL}以每秒{{v}}米的速度通过，用了{{t}}秒", f"一列{_RAIL}通过{{bridge}}米长的{_SPAN}要{{t}}秒，<已知|>速度是每秒{{v}}米", f"{_RAIL}的速度是每秒{{v}}米，通过一座长{{bridge}}米的{_SPAN}共用{{t}}秒", f"一列{_RAIL}以每秒{{v}}米的速度，{{t}}秒通过了{{bridge}}米的{_SPAN}", f"{_SPAN}全长{{bridge}}米，{_RAIL}从上桥到离桥用{{t}}秒，每秒行{{v}}米", f"一列{_RAIL}每秒行{{v}}米，从车头上{{bridge}}米的桥到车尾离桥共用{{t}}秒",
    ), {"train": ("{v}*{t}-{bridge}", f"<这列|>{_RAIL}长多少米")}),
    told(_train, (
        f"一列{_RAIL}长{{train}}米，<完全|>通过一座{{bridge}}米<长|>的{_SPAN}用了{{t}}秒", f"{_SPAN}长{{bridge}}米，一列长{{train}}米的{_RAIL}通过它用了{{t}}秒", f"一列{{train}}米长的{_RAIL}过{{bridge}}米的{_SPAN}要{{t}}秒", f"一列{_RAIL}通过一座{{bridge}}米的{_SPAN}用了{{t}}秒，已知{_RAIL}长{{train}}米", f"{_RAIL}用{{t}}秒通过{{bridge}}米长的{_SPAN}，车长{{train}}米", f"{_SPAN}长{{bridge}}米，{_RAIL}长{{train}}米，{_RAIL}完全通过{_SPAN}用{{t}}秒", f"一列长{{train}}米的{_RAIL}，通过长{{bridge}}米的{_SPAN}，从车头上到车尾离共{{t}}秒",
    ), {"v": ("({train}+{bridge})/{t}", f"<这列|>{_RAIL}<每秒行多少米|的速度是每秒多少米>")}),
    told(_pole, (
        f"一列{_RAIL}长{{train}}米，<以|>每秒{{v}}米<的速度|><经过|通过>一<根电线杆|棵大树|个路标|个站着不动的人>", f"每秒行{{v}}米的{_RAIL}，车长{{train}}米，从一<根电线杆|个人>旁边经过", f"{{train}}米长的{_RAIL}，每秒{{v}}米，从路边的一棵树旁开过", f"一列长{{train}}米的{_RAIL}，以每秒{{v}}米的速度从站在铁路边的人身旁驶过",
    ), {"t": ("{train}/{v}", "<需要|要>多少秒")}),
    told(_pass, (
        "甲、乙两列火车，甲车长{a}米，每秒行{v}米；乙车长{b}米，每秒行{w}米，<两车|>相向而行，<从车头相遇到车尾离开|从相遇到错开>", "一列火车长{a}米，每秒行{v}米，另一列火车长{b}米，每秒行{w}米，两车相向而行，从车头相遇到车尾相离", "快车长{a}米，速度每秒{v}米，慢车长{b}米，速度每秒{w}米，两车迎面开来，从相遇到完全错开", "两列火车相对开来，一列长{a}米，每秒{v}米，一列长{b}米，每秒{w}米，从车头相遇到车尾离开",
    ), {"meet": ("({a}+{b})/({v}+{w})", "<需要|要>多少秒")}),
    told(_pass, (
        "甲、乙两列火车，甲车长{a}米，每秒行{v}米；乙车长{b}米，每秒行{w}米，<两车|>同向而行，<甲车从追上乙车到完全超过|甲车从后面追上到超过乙车>", "快车长{a}米，每秒行{v}米，慢车长{b}米，每秒行{w}米，两车同向行驶，快车从追上到完全超过慢车", "一列快车长{a}米，速度每秒{v}米，从后面追上一列长{b}米、每秒行{w}米的慢车，从追上到超过", "快车长{a}米，慢车长{b}米，快车每秒{v}米，慢车每秒{w}米，快车在后，从车头追上慢车车尾到完全超过",
    ), {"pass": ("({a}+{b})/({v}-{w})", "<需要|要>多少秒")}),
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ rivers, there and back

_SHIP = "<一只|一艘|一条><轮船|船|客轮|小船>"
_STILL = "<在静水中的速度是每小时|在静水中每小时行|静水速度每小时>{boat}千米"
_FLOW = "<水流速度是|水速是|水流速度|水流的速度是|水速>每小时{water}千米"
_RIVERS: tuple[Shape, ...] = (
    told(_river, (
        f"要顺水行{{down}}千米，{_SHIP}{_STILL}，{_FLOW}", f"{_FLOW}，{_SHIP}{_STILL}，它顺水走{{down}}千米",
        f"顺流的水路长{{down}}千米，{_SHIP}{_STILL}，{_FLOW}", f"{_SHIP}{_STILL}，水每小时流{{water}}千米，顺流开{{down}}千米",
        f"{_SHIP}{_STILL}，{_FLOW}，<它|><顺水航行|顺流行驶>{{down}}千米", f"{_FLOW}，{_SHIP}{_STILL}，从上游<甲港|A港>到下游<乙港|B港>{{down}}千米", f"{_SHIP}{_STILL}，在{_FLOW}的河里顺流而下{{down}}千米", f"河水每小时流{{water}}千米，{_SHIP}静水中每小时可行{{boat}}千米，顺水走{{down}}千米的水路", f"两港相距{{down}}千米，{_SHIP}{_STILL}，{_FLOW}，顺水而行",
    ), {"t": ("{down}/({boat}+{water})", "<需要|要|要用>多少小时")}),
    told(_river, (
        f"要逆水行{{up}}千米，{_SHIP}{_STILL}，{_FLOW}", f"{_FLOW}，{_SHIP}{_STILL}，它逆水走{{up}}千米",
        f"逆流的水路长{{up}}千米，{_SHIP}{_STILL}，{_FLOW}", f"{_SHIP}{_STILL}，水每小时流{{water}}千米，逆流开{{up}}千米",
        f"{_SHIP}{_STILL}，{_FLOW}，<它|><逆水航行|逆流行驶>{{up}}千米", f"{_FLOW}，{_SHIP}{_STILL}，从下游<甲港|A港>到上游<乙港|B港>{{up}}千米", f"{_SHIP}{_STILL}，在{_FLOW}的河里逆流而上{{up}}千米", f"河水每小时流{{water}}千米，{_SHIP}静水中每小时可行{{boat}}千米，逆水走{{up}}千米的水路", f"两港相距{{up}}千米，{_SHIP}{_STILL}，{_FLOW}，逆水而行",
    ), {"t": ("{up}/({boat}-{water})", "<需要|要|要用>多少小时")}),
    told(_river, (
        f"{_SHIP}<顺水|顺流>{{t}}小时行{{down}}千米，<逆水|逆流>{{t}}小时行{{up}}千米", f"{_SHIP}顺水航行{{down}}千米要{{t}}小时，逆水航行{{up}}千米也要{{t}}小时", f"{_SHIP}{{t}}小时顺流行了{{down}}千米，{{t}}小时逆流行了{{up}}千米", f"{_SHIP}顺流而下，{{t}}小时行{{down}}千米，逆流而上，{{t}}小时行{{up}}千米",
    ), {"boat;water": ("({down}/{t}+{up}/{t})/2;({down}/{t}-{up}/{t})/2", "<船在静水中的速度和水速各是多少|船速和水流速度各是多少|船速和水速各是每小时多少千米>"),
        "boat": ("({down}/{t}+{up}/{t})/2", "船在静水中的速度是<每小时|>多少<千米|>"), "water": ("({down}/{t}-{up}/{t})/2", "水流速度是<每小时|>多少<千米|>")}),
    told(_river, (
        f"{_SHIP}逆水的速度是每小时{{against}}千米，顺水的速度是每小时{{with}}千米", f"{_SHIP}逆流时每小时{{against}}千米，顺流时每小时{{with}}千米",
        f"{_SHIP}每小时顺流行{{with}}千米，逆流行{{against}}千米", f"{_SHIP}逆流速度每小时{{against}}千米，顺流速度每小时{{with}}千米",
        f"{_SHIP}顺水速度是每小时{{with}}千米，逆水速度是每小时{{against}}千米", f"{_SHIP}<航行时，|>顺水每小时行{{with}}千米，逆水每小时行{{against}}千米", f"已知{_SHIP}的顺流速度每小时{{with}}千米，逆流速度每小时{{against}}千米", f"{_SHIP}逆水每小时行{{against}}千米，顺水每小时行{{with}}千米",
    ), {"boat": ("({with}+{against})/2", "船在静水中的速度是<每小时|>多少<千米|>"), "water": ("({with}-{against})/2", "水流速度是<每小时|>多少<千米|>")}),
    told(_back, (
        f"甲、乙两港相距{{s}}千米，{_SHIP}从甲港到乙港顺水航行{{t}}小时到达，从乙港返回甲港逆水航行{{u}}小时到达", f"{_SHIP}<往返|来回>于相距{{s}}千米的两港，顺水要{{t}}小时，逆水要{{u}}小时", f"两码头相距{{s}}千米，{_SHIP}顺流而下用{{t}}小时，逆流而上用{{u}}小时", f"{_SHIP}在相距{{s}}千米的两地航行，顺水{{t}}小时，逆水{{u}}小时",
    ), {"boat": ("({s}/{t}+{s}/{u})/2", "船在静水中的速度是<每小时|>多少<千米|>"), "water": ("({s}/{t}-{s}/{u})/2", "水流速度是<每小时|>多少<千米|>"),
        "boat;water": ("({s}/{t}+{s}/{u})/2;({s}/{t}-{s}/{u})/2", "<船速和水速各是多少|静水速度和水流速度各是每小时多少千米>")}),
    told(_back, (
        f"{_SHIP}{_STILL}，{_FLOW}，从甲港到乙港顺水用了{{t}}小时", f"{_SHIP}{_STILL}，{_FLOW}，顺流行了{{t}}小时<到达乙港|>", f"{_FLOW}，{_SHIP}{_STILL}，顺水{{t}}小时从甲港到达乙港", f"{_SHIP}{_STILL}，水速{{water}}千米/时，顺水航行{{t}}小时到乙地",
    ), {"s": ("({boat}+{water})*{t}", "<两港|甲、乙两港>相距多少千米"), "u": ("({boat}+{water})*{t}/({boat}-{water})", "<返回|从乙港返回甲港|逆水返回>需要多少小时")}),
)  # fmt: skip
_RIVERS += (
    told(
        _back,
        (
            f"{_SHIP}顺水行{{s}}千米用{{t}}小时，{_FLOW}",
            f"{_SHIP}顺水航行{{s}}千米<要|需>{{t}}小时，已知{_FLOW}",
            f"{_FLOW}，{_SHIP}从甲港顺流到{{s}}千米外的乙港用了{{t}}小时",
            f"甲、乙两港相距{{s}}千米，{_SHIP}顺水{{t}}小时到达，{_FLOW}",
        ),
        {
            "u": ("{s}/({s}/{t}-{water}*2)", "<这只船|它|><逆水行这段路程|逆水返回|逆水行完全程|返回>需要多少小时"),
            "boat": ("{s}/{t}-{water}", "船在静水中<的速度是|>每小时<行|>多少千米"),
        },
    ),
    told(
        _back,
        (
            f"{_SHIP}用{{u}}小时逆水行了{{s}}千米，{_FLOW}",
            f"两港之间有{{s}}千米，{_SHIP}逆流用{{u}}小时，{_FLOW}",
            f"{_FLOW}，{_SHIP}逆水行{{s}}千米用了{{u}}小时",
            f"{_SHIP}逆流行{{s}}千米要{{u}}小时，{_FLOW}",
            f"{_SHIP}逆水行{{s}}千米用{{u}}小时，{_FLOW}",
            f"{_SHIP}逆水航行{{s}}千米<要|需>{{u}}小时，已知{_FLOW}",
            f"{_FLOW}，{_SHIP}从乙港逆流到{{s}}千米外的甲港用了{{u}}小时",
            f"甲、乙两港相距{{s}}千米，{_SHIP}逆水{{u}}小时到达，{_FLOW}",
        ),
        {
            "t": ("{s}/({s}/{u}+{water}*2)", "<这只船|它|><顺水行这段路程|顺水返回|顺水行完全程|返回>需要多少小时"),
            "boat": ("{s}/{u}+{water}", "船在静水中<的速度是|>每小时<行|>多少千米"),
        },
    ),
)
_GO = "<返回时|回来时|按原路返回时|原路返回时>"
_TRIPS = (
    told(_round_trip, (
        f"一辆[vehicle]从甲地到乙地，每小时行{{v}}千米，{{t}}小时到达，{_GO}每小时行{{w}}千米", f"[vehicle]从甲地<开往|去>乙地，去时每小时{{v}}千米，用了{{t}}小时，{_GO}每小时行{{w}}千米", f"[elder]开车去外地，每小时行{{v}}千米，{{t}}小时到达，{_GO}速度是每小时{{w}}千米", f"[vehicle]从甲地开往乙地，每小时行{{v}}千米，{{t}}小时到达，{_GO}每小时行{{w}}千米",
        f"[vehicle]<以|>每小时{{v}}千米的速度从A城到B城用{{t}}小时，{_GO}每小时行{{w}}千米",
    ), {"back": ("{v}*{t}/{w}", "<返回|回来>需要多少小时")}),
    told(_round_trip, (
        f"[person]从<家|山下>到<学校|山顶>每分钟走{{v}}米，<用|走>了{{t}}分钟，{_GO}每分钟走{{w}}米", "[person]上山每分钟走{v}米，{t}分钟到山顶，下山每分钟走{w}米", f"[person]去图书馆，每分钟走{{v}}米，走了{{t}}分钟，{_GO}每分钟走{{w}}米", f"[person]从家步行去公园，每分钟{{v}}米，{{t}}分钟走到，{_GO}每分钟走{{w}}米",
    ), {"back": ("{v}*{t}/{w}", "<返回|回来|这时|>需要多少分钟")}),
    told(_round_trip, (
        "一辆[vehicle]每小时行{v}千米，从甲地到乙地<要|用了|需>{t}小时，<如果|>每小时行{w}千米", "从甲地到乙地，[vehicle]每小时行{v}千米，{t}小时可以到达，如果速度改为每小时{w}千米", "[vehicle]以每小时{v}千米的速度行驶，{t}小时到达目的地，如果每小时行{w}千米", "一段路，每小时行{v}千米要{t}小时，如果每小时行{w}千米",
    ), {"back": ("{v}*{t}/{w}", "<需要多少小时|多少小时可以到达|几小时到达>")}),
    told(_round_trip, (
        f"一辆[vehicle]从甲地到乙地，每小时行{{v}}千米，{{t}}小时到达，{_GO}用了{{back}}小时", f"[vehicle]去时每小时行{{v}}千米，用了{{t}}小时，{_GO}只用{{back}}小时", "[vehicle]<从A地到B地|>每小时行{v}千米，要{t}小时，如果要{back}小时到达", f"[vehicle]每小时行{{v}}千米，{{t}}小时从甲地到乙地，{_GO}用{{back}}小时",
    ), {"w": ("{v}*{t}/{back}", "<返回时|这时|><平均|>每小时<要|>行多少千米")}),
    told(_round_trip, (
        "甲乙两地相距{s}千米，一辆[vehicle]<去时|从甲地到乙地>用了{t}小时，<返回时|返回|回来>用了{back}小时", "[vehicle]往返于相距{s}千米的两地，去时{t}小时，返回{back}小时", "A、B两城相距{s}千米，[vehicle]去用{t}小时，回来用{back}小时", "两地路程{s}千米，[vehicle]去时用{t}小时，回来用{back}小时",
    ), {"": ("{s}/({t}+{back})*2", "<往返的平均速度是每小时多少千米|[vehicle]往返平均每小时行多少千米|往返平均速度是多少>")}),
    told(_round_trip, (
        "<一辆|>[vehicle]每小时行{v}千米，行了{t}小时", "[vehicle]以每小时{v}千米的速度行驶{t}小时", "[vehicle]平均每小时行{v}千米，从甲地到乙地用了{t}小时", "一辆[vehicle]的速度是每小时{v}千米，从甲地到乙地行{t}小时",
    ), {"s": ("{v}*{t}", "<一共行了多少千米|行了多少千米|路程是多少千米>")}),
)  # fmt: skip

SPEED = Family("speed", "行程", (*_MEET, *_CHASES, *_TRAINS, *_RIVERS, *_TRIPS))
