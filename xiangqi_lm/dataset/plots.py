"""Plots of a collection."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import figures
from ..records import openings
from .stats import Stats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SHOWN = 15  # most openings in a plot
_COLOURS = {"red": "#b3372b", "draw": "#b8b2a7", "black": "#2b2b2b", "unknown": "#e4dfd5"}


def draw(stats: Stats, folder: Path) -> list[Path]:
    """Write lengths.png, openings.png and, if there are two splits, leaks.png; raises XiangqiError without
    matplotlib."""
    figures.require()
    folder.mkdir(parents=True, exist_ok=True)
    drawings = {"lengths": _lengths, "openings": _openings}
    if stats.leaks:
        drawings["leaks"] = _leaks
    return [_save(drawing, stats, folder / f"{name}.png") for name, drawing in drawings.items()]


def _save(drawing: Callable[[Axes, Stats], None], stats: Stats, path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    drawing(figure.subplots(), stats)
    figures.save(figure, path, dpi=120)
    return path


def _lengths(axes: Axes, stats: Stats) -> None:
    longest = int(np.percentile(stats.lengths, 99.5)) + 10 if len(stats.lengths) else 10
    axes.hist(np.minimum(stats.lengths, longest), bins=list(range(0, longest + 5, 5)), color="#8a6d3b")
    axes.set(xlabel="plies", ylabel="games", title="Lengths of games")


def _openings(axes: Axes, stats: Stats) -> None:
    shown = stats.openings[:_SHOWN][::-1]
    names = [openings.english(name) for name, _ in shown]
    left = np.zeros(len(shown))
    for outcome, colour in _COLOURS.items():
        width = np.array([results[outcome] for _, results in shown])
        axes.barh(names, width, left=left, color=colour, label=outcome)
        left += width
    axes.set(xlabel="games", title="Openings and results")
    axes.legend(frameon=False)


def _leaks(axes: Axes, stats: Stats) -> None:
    assert stats.leaks is not None
    known = [overlap for overlap in stats.leaks.by_ply if overlap.games >= 20] or stats.leaks.by_ply
    plies = [overlap.ply for overlap in known]
    axes.plot(plies, [100 * overlap.positions for overlap in known], label="position known from training")
    axes.plot(plies, [100 * overlap.continuations for overlap in known], label="position and move known")
    axes.set(xlabel="ply", ylabel="% of held-out games", title="What held-out games share with training", ylim=(0, 100))
    axes.legend(frameon=False)
