"""Tree planting: spots and the gaps between them, along roads, round ponds, in stairs, logs and strokes of a clock."""

from __future__ import annotations

import random

from .shapes import Family, Numbers, integer, told

# ------------------------------------------------------------------------------------------------ drawing


def _road(rng: random.Random) -> Numbers:
    gap, gaps = rng.choice((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 25, 30, 40, 50)), integer(rng, 4, 200)
    return {"length": gap * gaps, "gap": gap, "gaps": gaps, "both": gaps + 1, "none": gaps - 1,
            "both2": 2 * (gaps + 1), "none2": 2 * (gaps - 1), "gaps2": 2 * gaps}  # fmt: skip


def _square(rng: random.Random) -> Numbers:
    side = rng.randint(4, 40)
    return {"side": side, "all": 4 * side - 4}


def _stairs(rng: random.Random) -> Numbers:
    per, low = rng.randint(2, 30), rng.randint(3, 8)
    high = low + rng.randint(1, 12)
    return {
        "per": per,
        "low": low,
        "high": high,
        "total": per * (low - 1),
        "time": per * (high - 1),
        "cuts": high - 1,
        "wide": rng.randint(4, 40),
    }


def _metres(rng: random.Random) -> Numbers:
    each, pieces, minutes = rng.randint(2, 8), rng.randint(3, 12), rng.randint(2, 10)
    return {"each": each, "pieces": pieces, "minutes": minutes, "length": each * pieces, "time": minutes * (pieces - 1)}


# ------------------------------------------------------------------------------------------------ words

_THINGS = [{"W": w, "V": v, "M": m, "R": r} for w, v, m, r in (
    ("[tree]", "栽", "棵", "[road]"), ("[tree]", "栽", "棵", "[road]"), ("[tree]", "栽", "棵", "河堤"), ("[tree]", "栽", "棵", "小河"),
    ("路灯", "安装", "盏", "[road]"), ("路灯", "装", "盏", "大桥"), ("电线杆", "竖", "根", "[road]"), ("彩旗", "插", "面", "[road]"),
    ("垃圾桶", "放", "个", "[road]"), ("广告牌", "设", "块", "[road]"), ("花", "摆", "盆", "走廊"), ("[tree]", "栽", "棵", "道路"))]  # fmt: skip
_COUNT = "<一共|><需要|可以|><[V]多少[M]|[V]多少[M][W]|多少[M][W]>"
_GAP = "<每隔|每相隔|每间隔>{gap}米[V]一[M]<[W]|>"
_ONE = "<一边|一旁|一侧>"
_TWO = "<两边|两旁|两侧>"


def _along(side: str, ends: str) -> tuple[str, ...]:
    """Return statements of a row on one side or on both; `ends` says which ends are planted."""
    return (
        f"[R]长{{length}}米，{side}相邻两[M][W]相隔{{gap}}米，{ends}",
        f"[R]{side}[V]着[W]，每两[M]间隔{{gap}}米，{ends}，[R]全长{{length}}米",
        f"{{length}}米长的[R]，{side}每两[M][W]的间隔是{{gap}}米，{ends}",
        f"[W][V]在[R]{side}，每两[M]相距{{gap}}米，[R]长{{length}}米，{ends}",
        f"在一条<长|全长>{{length}}米的[R]{side}[V][W]，{_GAP}，{ends}",
        f"一条[R]<长|全长>{{length}}米，在[R]的{side}{_GAP}<，|>（{ends}）",
        f"<园林工人|同学们|工人们|市政部门>在{{length}}米<长|>的[R]{side}[V][W]，{_GAP}<（{ends}）|，{ends}>",
        f"[R]全长{{length}}米，<计划|>在<它的|>{side}{_GAP}，{ends}",
        f"在{{length}}米长的[R]{side}，{_GAP}，如果{ends}",
        f"<要|准备>在[R]{side}[V][W]，[R]长{{length}}米，相邻两[M]<之间|>的<距离|间隔>是{{gap}}米，{ends}",
        f"有一条{{length}}米长的[R]，<从头到尾|沿路>{side}{_GAP}，{ends}",
        f"[R]{side}每两[M][W]<之间|>相距{{gap}}米，[R]长{{length}}米，{ends}",
        f"{_GAP}，{ends}，在长{{length}}米的[R]{side}",
        f"<学校|小区>门前<有|>一条{{length}}米的[R]，在{side}[V][W]，间隔{{gap}}米，{ends}",
        f"沿着{{length}}米的[R]{side}{_GAP}，{ends}",
        f"{{length}}米的[R]，{side}{_GAP}，{ends}",
    )


_BOTH = "<两端都<要|>[V]|首尾都[V]|两头都[V]|起点和终点都[V]|两端也<要|>[V]|从起点到终点>"
_NONE = "<两端都不[V]|首尾都不[V]|两头都不[V]|两端不[V]|起点和终点都不[V]>"
_END = "<只有一端[V]|一端[V]另一端不[V]|只[V]一端|起点[V]终点不[V]|一头[V]一头不[V]>"

_ROADS = (
    told(_road, _along(_ONE, _BOTH), {"both": ("{length}/{gap}+1", _COUNT)}, _THINGS),
    told(_road, _along(_TWO, _BOTH), {"both2": ("({length}/{gap}+1)*2", _COUNT)}, _THINGS),
    told(_road, _along(_ONE, _NONE), {"none": ("{length}/{gap}-1", _COUNT)}, _THINGS),
    told(_road, _along(_TWO, _NONE), {"none2": ("({length}/{gap}-1)*2", _COUNT)}, _THINGS),
    told(_road, _along(_ONE, _END), {"gaps": ("{length}/{gap}", _COUNT)}, _THINGS),
    told(_road, (
        f"<甲乙|>两<座楼|栋楼|幢楼>之间相距{{length}}米，在<中间|它们之间|两楼之间>{_GAP}", f"两<座楼|栋楼|栋教学楼>相距{{length}}米，<现在|>要在<中间|两楼之间>[V][W]，{_GAP}",
        f"<相距|相隔>{{length}}米的两<座|栋>楼<之间|中间>，{_GAP}", f"从宿舍楼到教学楼<有|相距>{{length}}米，在两楼之间{_GAP}",
        f"两根电线杆之间相距{{length}}米，在它们中间{_GAP}", f"大象馆和猴山相距{{length}}米，<绿化队要|>在两馆<之间|间>的<小路|路>一侧{_GAP}",
        f"相邻两座房子<之间|>相隔{{length}}米，要在中间{_GAP}", f"教学楼和图书馆之间有一条{{length}}米的小路，在小路一旁{_GAP}，两端是楼不用[V]",
    ), {"none": ("{length}/{gap}-1", _COUNT)}, [k for k in _THINGS if k["M"] in "棵盆面"]),
    told(_road, (
        f"<一个|>圆形<水池|池塘|花坛|湖|鱼塘|广场><的|>周长<是|>{{length}}米，<沿<池边|湖边|一圈|四周>|在四周|在周围>{_GAP}", f"在周长<是|为|>{{length}}米的<圆形|>池塘<四周|周围|边>{_GAP}",
        "<一个|>湖的周长是{length}米，沿湖边每隔{gap}米[V]一[M]", f"<一块|一个>正方形<操场|菜地|花坛>的周长是{{length}}米，在四周{_GAP}",
        f"<一个|>圆形<水库|花坛|溜冰场>一周长{{length}}米，<如果|>沿着<这一圈|边>{_GAP}", "围着<周长|一圈>{length}米的<人工湖|水池|花园>[V][W]，每两[M]之间相距{gap}米",
        "环形跑道一圈长{length}米，<沿跑道|每>隔{gap}米[V]一[M][W]", f"公园里有一个周长{{length}}米的湖，绕湖一周{_GAP}", f"绕着{{length}}米的封闭<环形路|池塘>{_GAP}",
    ), {"gaps": ("{length}/{gap}", _COUNT)}, _THINGS),
)  # fmt: skip
_LENGTHS = (
    told(_road, (
        "第1[M][W]到第{both}[M][W]，相邻两[M]相隔{gap}米", "[R]边一行{both}[M][W]，每两[M]之间{gap}米，从头到尾都有",
        "每两[M][W]之间隔{gap}米，从第一[M]到第{both}[M]", "数到第{both}[M][W]，每两[M]相隔{gap}米，两端都有",
        "<在|>一条[R]的一<边|侧|旁>[V]了{both}[M][W]，每<两|相邻两>[M]<之间|[W]之间|><相距|相隔|的距离是>{gap}米，两端都[V]了", f"<同学们|工人>在[R]一<边|侧>{_GAP}，一共[V]了{{both}}[M]<（两端都[V]）|，两端都[V]>",
        f"从[R]的一端到另一端，{_GAP}，两端都[V]，一共[V]了{{both}}[M]", f"[R]一侧{_GAP}，从头到尾一共[V]了{{both}}[M]", "[R]<的|>一边从头到尾<一共|>有{both}[M][W]，<相邻|每>两[M]的间隔是{gap}米",
        "[R]一旁[V]了{both}[M][W]，两头都有，间隔{gap}米", f"{_GAP}，<连两端|首尾都有>一共{{both}}[M]，<这是[R]的一侧|[R]一边>", "从第1[M][W]到第{both}[M][W]，每两[M]<相距|之间>{gap}米",
    ), {"length": ("({both}-1)*{gap}", "<这条|>[R]<全长|长|有>多少米")}, [k for k in _THINGS if k["R"] != "小河"]),
    told(_road, (
        "{both}[M][W]排成一行，从第1[M]到最后1[M]长{length}米", "一排有{both}[M][W]，首尾两[M]相距{length}米",
        "头一[M][W]和末一[M]之间有{length}米，一共{both}[M]", "第一[M]和第{both}[M][W]之间长{length}米",
        "在<长|全长>{length}米的[R]一<边|侧|旁>从头到尾[V]了{both}[M][W]", "一条[R]长{length}米，在<它的|>一<边|侧>等距离[V]了{both}[M][W]（两端都[V]）", "[R]长{length}米，一侧<一共|>[V]了{both}[M][W]，两端都[V]",
        "[R]长{length}米，一边从头到尾等距离[V]了{both}[M][W]", "在{length}米的[R]一旁等距离[V]{both}[M][W]，首尾都[V]", "要在{length}米的[R]一侧[V]{both}[M][W]，两端都要[V]，间隔相等",
        "第1[M][W]到第{both}[M][W]的距离是{length}米", "<从|>第一[M]到最后一[M]<一共|>{length}米，<一共|>有{both}[M][W]",
    ), {"gap": ("{length}/({both}-1)", "<每|相邻>两[M]<[W]|>之间<相距|相隔|的距离是>多少米")}, _THINGS),
    told(_road, (
        "{both}名[children]排成一<行|排|列|队>，每两人<之间|>相距{gap}米", "<体育课上|>有{both}<人|名同学>站成一列，<相邻|每>两人<间隔|相距>{gap}米", "{both}人排<队|成一队>，每两人间隔{gap}米", "一队[children]有{both}人，前后两人相距{gap}米",
        "{both}辆车排成一列，前后两车之间相隔{gap}米（车长不计）", "{both}面旗插成一排，相邻两面相距{gap}米", "一排{both}盏灯，每两盏灯相隔{gap}米", "一列有{both}根电线杆，相邻两根之间相距{gap}米",
    ), {"length": ("({both}-1)*{gap}", "<这<队|排|列>|队伍|从第一个到最后一个>长多少米")}),
    told(_road, (
        "<圆形|一个>池塘<四周|周围>[V]了{gaps}[M][W]，每两[M]<之间|>相距{gap}米", "沿<圆形花坛|湖边>一周[V]了{gaps}[M][W]，相邻两[M]间隔{gap}米", f"围绕湖边{_GAP}，一共[V]了{{gaps}}[M]", f"<一个|>圆形水池边{_GAP}，正好[V]了{{gaps}}[M]",
    ), {"length": ("{gaps}*{gap}", "<池塘|湖|它|花坛|水池>的周长是多少米")}, [k for k in _THINGS if k["M"] in "棵盏面盆"]),
    told(_road, (
        f"{_GAP}，[R]两边两端都[V]，两边一共[V]了{{both2}}[M]", "[R]的两旁共[V]{both2}[M][W]，两端都有，相邻两[M]相隔{gap}米",
        f"两<边|旁|侧>{_GAP}，从[R]的一头到另一头，一共[V]{{both2}}[M]", f"[R]两侧两头都[V]，{_GAP}，用了{{both2}}[M][W]",
        "在[R]两<边|旁|侧>一共[V]了{both2}[M][W]，每<相邻|>两[M]相距{gap}米，两端都[V]", f"[R]两<边|旁|侧>{_GAP}，两端都[V]，一共[V]了{{both2}}[M]",
        "[R]的两侧从头到尾<一共|>有{both2}[M][W]，间隔{gap}米", f"{_GAP}，[R]两旁首尾都[V]，总共[V]{{both2}}[M]",
    ), {"length": ("({both2}/2-1)*{gap}", "<这条|>[R]<全长|长>多少米")}, [k for k in _THINGS if k["R"] != "小河"]),
    told(_road, (
        "一条[R]长{length}米，从头到尾有{gaps}个间隔", "{length}米的[R]被分成{gaps}个相等的间隔", "[R]全长{length}米，[V]的[W]之间一共有{gaps}个间隔", "在{length}米的[R]一边[V][W]，有{gaps}个<空|间隔>",
    ), {"gap": ("{length}/{gaps}", "<每个间隔长多少米|相邻两[M]相距多少米>")}, _THINGS),
    told(_square, (
        "正方形<花坛|操场|池塘|菜地>的四周[V][W]，四个<角|顶点>都[V]，每边<都|>有{side}[M]", "在<一个|一块>正方形<场地|花圃>四周[V][W]，每<边|条边>[V]{side}[M]（四个角都[V]）", "<一个|>正方形<广场|水池>每边[V]{side}[M][W]，四角各[V]一[M]",
        "正方形<花坛|苗圃>每条边上都有{side}[M][W]，四个顶点都[V]了", "围正方形操场一圈[V][W]，每边{side}[M]，四角都有一[M]",
    ), {"all": ("{side}*4-4", "<四周|>一共[V]了多少[M]")}, [k for k in _THINGS if k["M"] in "棵盆面"]),
)  # fmt: skip
_STEPS = (
    told(_stairs, (
        "[person]<从一楼走到|从1楼到|上到>{low}楼<需要|用了>{total}秒，照这样计算，从<一|1>楼<走到|到>{high}楼", "[person]从1楼<走|爬>到{low}楼要{total}秒，<以同样的速度|照这样>从1楼<走|爬>到{high}楼",
        "<爬楼梯|上楼>，从1层到{low}层用{total}秒，<如果|>用同样的速度，从1层到{high}层", "[person]爬楼，从一层爬到{low}层用了{total}秒，照这样，他从一层爬到{high}层", "[person]家住{high}楼，他从1楼走到{low}楼用了{total}秒，照这样的速度，从1楼走到家", "[person]从1层爬到{low}层用了{total}秒，[person]家在{high}层，用同样的速度从1层到家", "[person]要到{high}楼，从一楼走到{low}楼已经用了{total}秒，照这样，从一楼走到{high}楼一共", "[person]走到{low}楼<用|花>了{total}秒，照这样的速度走到{high}楼",
    ), {"time": ("{total}/({low}-1)*({high}-1)", "<需要|要用|要>多少秒")}),
    told(_stairs, (
        "[person]从一楼<走|>到{low}楼<要走|走了>{total}级台阶，<照这样|如果每层台阶同样多>，从<一|1>楼到{high}楼", "<一幢楼|一栋楼|>从1楼到{low}楼<共|>有{total}级台阶，每层台阶数相同，从1楼到{high}楼", "上到{low}楼要走{total}级台阶，每两层之间的级数相同，上到{high}楼", "从1层走到{low}层要走{total}级楼梯，照这样，从1层走到{high}层",
    ), {"time": ("{total}/({low}-1)*({high}-1)", "<要走|需要走>多少级<台阶|>")}),
    told(_stairs, (
        "<每层楼|每上一层楼|每层>有{per}级<台阶|楼梯>，[person]从<1楼|一楼>走到{high}楼", "<一栋楼|楼房>每两层之间有{per}级台阶，[person]家住{high}楼，从一楼回家", "[person]家住{high}楼，每层楼梯有{per}级，[person]从1楼走到家", "[person]住在{high}楼，相邻两层之间有{per}级台阶，从底楼走到家里",
    ), {"time": ("{per}*({high}-1)", "<一共|><要走|需要走|走了>多少级<台阶|楼梯|>")}),
    told(_stairs, (
        "[person]<走|爬|上>一层楼<需要|要用|要>{per}秒，他从<1楼|一楼><走|爬>到{high}楼", "[person]家住{high}楼，每上一层用{per}秒，他从一楼到家", "每上一层楼要{per}秒，从1楼到{high}楼", "从一楼到二楼用{per}秒，照这样，从1楼到{high}楼",
    ), {"time": ("{per}*({high}-1)", "<需要|要用|一共要>多少秒")}),
    told(_stairs, (
        "剪绳子，剪成{low}段用{total}秒，照这样剪成{high}段", "截一根铁丝，截成{low}段要{total}分钟，截成{high}段",
        "一根竹竿锯成{low}段用了{total}分钟，如果锯成{high}段", "把铁丝剪成{low}段用{total}秒，如果剪成{high}段",
        "把一根<木头|木料|钢管|铁管|木材>锯成{low}段<需要|用了|要用>{total}分钟，<照这样计算，|>锯成{high}段", "一根<木头|圆木|木棒>，<把它|>锯成{low}段用{total}分钟，<如果|>把它锯成{high}段", "工人锯<木料|木头>，锯{low}段用{total}分钟，照这样，锯{high}段",
        "一根钢管锯成{low}段要{total}分钟，照这样计算，把它锯成{high}段", "锯一根木料，锯成{low}段<花|用>了{total}分，如果锯成{high}段", "把一根绳子剪成{low}段要{total}秒，剪成{high}段",
    ), {"time": ("{total}/({low}-1)*({high}-1)", "<需要|要|要用>多少<分钟|时间>")}),
    told(_stairs, (
        "一根绳子，每剪一次用{per}秒，要剪成{high}段", "剪一次绳子用{per}秒，把绳子剪成{high}段",
        "一根铁丝要截成{high}段，截一次要{per}分钟", "把铁丝截成{high}段，每截一次要{per}秒",
        "<锯|把>一根<木头|木料|钢管>，每锯<一次|一下|断一次>要{per}分钟，锯成{high}段", "把一根<木头|圆木>锯成{high}段，每锯一次用{per}分钟", "一根<木头|钢管>长{wide}米，<要|>把它平均锯成{high}段，每锯<下|>一段要{per}分钟", "一根{wide}米长的木料，要锯成同样长的{high}段，每锯一下用{per}分钟", "一根木料要锯成{high}段，锯断一次需{per}分钟", "一根<钢管|木头>锯成{high}段，每锯断一处要{per}分钟",
        "工人把一根木头锯成{high}段，每锯开一处需要{per}分", "一根<铁丝|绳子>剪成{high}段，剪一次用{per}秒", "[person]锯木头，每锯一次要{per}分钟，要把木头锯成{high}段", "把木头锯成{high}段，如果锯一次需要{per}分钟",
    ), {"time": ("{per}*({high}-1)", "<一共|><需要|要用|要>多少<分钟|时间>")}),
    told(_stairs, (
        "<时钟|挂钟|钟楼的钟>{low}点<敲|敲响>{low}下<用了|，>{total}秒<敲完|>，{high}点敲{high}下", "<时钟|大钟>敲{low}下<用|要>{total}秒，<照这样|>敲{high}下", "<一座|>钟敲{low}下，{total}秒敲完，敲{high}下", "寺庙里敲钟，敲{low}下用了{total}秒，照这样敲{high}下",
    ), {"time": ("{total}/({low}-1)*({high}-1)", "<需要|要用|要>多少秒<敲完|>")}),
    told(_metres, (
        "把一根{length}米<长|>的<木头|钢管|木料>锯成{each}米长的小段，每锯一次要{minutes}分钟", "一根<木头|钢管>长{length}米，每{each}米锯一段，锯一次用{minutes}分钟", "一根{length}米的木料，要锯成每段{each}米的短木料，每锯断一次要{minutes}分钟", "有一根{length}米长的<圆木|钢管>，锯成每段{each}米，锯一次需{minutes}分钟",
    ), {"time": ("({length}/{each}-1)*{minutes}", "<一共|全部锯完|锯完一共><需要|要>多少分钟")}),
)  # fmt: skip

TREES = Family("trees", "植树", (*_ROADS, *_LENGTHS, *_STEPS))
