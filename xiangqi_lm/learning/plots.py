"""The plot of the effect of learning; matplotlib (extra `train`) is imported when it is drawn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .. import figures
from ..training.plots import GOLD, GREY, RED


def picture(name: str, learned: dict[str, Any], file: Path) -> None:
    """Draw the accuracy on held-out moves before and after, by phase, and the gain, with 95 % intervals."""
    figures.require()
    from matplotlib.figure import Figure

    phases = {"all plies": {kind: learned[kind] for kind in ("before", "after", "gain")}}
    phases |= {f"plies {name}": part for name, part in learned["by_phase"].items() if part["before"].get("plies")}
    figure = Figure(figsize=(10, 4), layout="constrained")
    accuracy, gain = figure.subplots(1, 2, width_ratios=(1.6, 1))
    places = np.arange(len(phases))
    for i, (kind, label, color) in enumerate((("before", learned["base"], GREY), ("after", name, RED))):
        height, reach = _bars([part[kind] for part in phases.values()])
        bars = accuracy.bar(places + 0.38 * (i - 0.5), height, 0.36, yerr=reach, capsize=3, color=color, label=label)
        accuracy.bar_label(bars, [f"{100 * h:.1f}" for h in height], fontsize=8, padding=2)
    accuracy.set_xticks(places, list(phases))
    accuracy.set(ylabel="player's move is the first choice", title="Held-out moves of the player", ylim=(0, 1))
    accuracy.legend()
    height, reach = _bars([part["gain"] for part in phases.values()])
    gain.axvline(0, color=GREY, lw=1)
    gain.errorbar(100 * height, places, xerr=100 * reach, fmt="o", capsize=4, color=GOLD)
    gain.set_yticks(places, list(phases))
    gain.invert_yaxis()
    gain.set(xlabel="gain in percentage points", title="After less before, on the same moves")
    for axes in (accuracy, gain):
        axes.grid(alpha=0.3)
        axes.set_axisbelow(True)
    measured, train = learned["measured"], learned["train"]
    figure.suptitle(f"Learned from {train:,} games, measured on {measured:,} others; bars: 95 % by games", fontsize=11)
    figures.save(figure, file)


def _bars(parts: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the top-1 accuracy of each part, and the extent of its interval to both sides, [2, N]."""
    height = np.array([part["top1"] for part in parts])
    edges = np.array([part.get("intervals", {}).get("top1", [part["top1"]] * 2) for part in parts])
    return height, np.abs(edges - height[:, None]).T
