"""A picture of a tournament's ratings."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from .. import figures

_INK, _MARK = "#333333", "#1f6fb4"
_CHINESE = ("Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", "PingFang SC", "WenQuanYi Micro Hei", "SimHei")


def draw_ratings(results: dict[str, Any], path: Path) -> None:
    """Draw ratings with their 95 % intervals, the best at the top, as a PNG (written atomically); Chinese names
    appear as boxes where no Chinese font is installed.
    """
    from matplotlib import rc_context
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    families = ["sans-serif", *(name for name in _CHINESE if name in installed)]
    with rc_context({"font.family": families}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        _draw(results, path)


def _draw(results: dict[str, Any], path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = list(results["ratings"]["players"].items())[::-1]
    figure = Figure(figsize=(8, 1.4 + 0.36 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for place, (_name, rating) in enumerate(rows):
        low, high = rating["elo_95"]
        axes.plot([low, high], [place, place], color=_MARK, linewidth=2, solid_capstyle="round")
        axes.plot(rating["elo"], place, "o", color=_MARK, markersize=6)
        axes.annotate(f"{rating['elo']:+.0f}", (rating["elo"], place), (0, 6), textcoords="offset points", ha="center",
                      fontsize=8, color=_INK)  # fmt: skip
    names = [name if len(name) <= 40 else name[:37] + "..." for name, _ in rows]
    axes.set_yticks(range(len(rows)), names, parse_math=False)  # so that a $ is shown as it is
    axes.set_ylim(-0.6, len(rows) - 0.2)
    anchor = results["ratings"]["anchor"]
    axes.set_xlabel(f"Elo, {anchor} = 0" if anchor else "Elo, mean = 0", parse_math=False)
    axes.set_title(f"{results['event']}: {results['games']:,} games", fontsize=10, color=_INK, parse_math=False)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    figures.save(figure, path, dpi=120)
