"""Pictures of a training run and of an evaluation; matplotlib (extra `train`) is imported to draw them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RED, GOLD, GREEN, GREY = "#8c1d18", "#c8a26a", "#20605a", "#8a8a8a"


# ------------------------------------------------------------------------------------------------ training


def _smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Return the running mean; at the ends, over the values there are."""
    weight = np.convolve(np.ones(len(values)), np.ones(width), "same")
    return np.convolve(values, np.ones(width), "same") / weight


def training_curve(log: Path, picture: Path) -> bool:
    """Draw loss and held-out figures against steps; False when matplotlib is missing or nothing was logged."""
    if not figures.available():
        return False
    from matplotlib.figure import Figure

    lines: list[dict[str, Any]] = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    held_out = [(line["step"], line["validation"]) for line in lines if line.get("validation", {}).get("plies")]
    if not lines:
        return False
    figure = Figure(figsize=(9, 4), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    steps = np.array([line["step"] for line in lines])
    terms = ("lm", "taylor", "legal_only", "loss")  # the first of these that the run logged
    bits = np.array([next(line[term] for term in terms if term in line) for line in lines]) / np.log(2)
    loss.plot(steps, _smooth(bits, max(1, len(bits) // 100)), label="training, with dropout", color=GOLD)
    at = [step for step, _ in held_out]
    loss.plot(at, [v["bits_per_move_unmasked"] for _, v in held_out], "o-", label="held-out games", color=RED)
    loss.set(xlabel="step", ylabel="bits per move, no mask", ylim=(2.5, 7))
    for key, label, color in (
        ("top1", "top-1, legal mask", RED),
        ("top3", "top-3, legal mask", GOLD),
        ("legal_top1", "best move legal, no mask", GREEN),
    ):
        accuracy.plot(at, [v[key] for _, v in held_out], "o-", label=label, color=color)
    accuracy.set(xlabel="step", ylabel="share of held-out plies", ylim=(0, 1.02))
    for axes in (loss, accuracy):
        axes.grid(alpha=0.3)
        axes.legend()
    figures.save(figure, picture)
    return True


# ------------------------------------------------------------------------------------------------ evaluation


def evaluation_picture(report: dict[str, Any], picture: Path) -> None:
    """Draw the report of `evaluate` with intervals: accuracy by ply, legality by phase, calibration of the value."""
    figures.require()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(15, 4.8), layout="constrained")
    accuracy, legality, value = figure.subplots(1, 3, width_ratios=(1.25, 1, 1))
    words = f"{report.get('model', 'model')}: {report['games']:,} games, {report['plies']:,} plies"
    split = report.get("split", {})
    told = f"{split['side']} side of {split['data']}, " if "side" in split else ""
    trained = f"{told}{split['trained_on']}" if split else ""
    figure.suptitle(
        words + (f" ({trained})" if trained else "") + "; bands and bars: 95 % by games", fontsize=11, wrap=True
    )
    _accuracy(accuracy, report)
    _legality(legality, report)
    _calibration(value, report)
    figures.save(figure, picture)


def _accuracy(axes: Axes, report: dict[str, Any]) -> None:
    rows = report.get("by_ply", [])
    middle = np.array([(row["first"] + row["last"]) / 2 for row in rows])
    for key, label, color in (("top5", "top-5", GREEN), ("top3", "top-3", GOLD), ("top1", "top-1", RED)):
        axes.plot(middle, [row[key] for row in rows], "o-", ms=3, label=label, color=color)
        low, high = np.array([row["intervals"][key] for row in rows]).reshape(-1, 2).T
        axes.fill_between(middle, low, high, color=color, alpha=0.2, lw=0)
    axes.set(xlabel="ply", ylabel="share of plies", ylim=(0, 1.02), title="Move played among the likeliest (masked)")
    axes.set_xlim(left=0)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left" if rows and rows[-1]["top1"] > 0.5 else "upper right", frameon=True)


def _legality(axes: Axes, report: dict[str, Any]) -> None:
    """Draw bars of what is illegal rather than legal: differences between shares near 1 could not be seen."""
    phases = {name: part for name, part in report["by_phase"].items() if part["plies"]}
    where = np.arange(len(phases))
    drawn = (("legal_top1", "best move illegal", RED), ("illegal_mass", "mass on illegal moves", GOLD))
    shown = []
    for i, (key, label, color) in enumerate(drawn):
        sign = -1 if key == "legal_top1" else 1
        height = np.array([part[key] if sign > 0 else 1 - part[key] for part in phases.values()])
        edges = np.array([part.get("intervals", {}).get(key, [part[key]] * 2) for part in phases.values()]).reshape(
            -1, 2
        )
        edges = np.sort(edges if sign > 0 else 1 - edges, axis=1)
        reach = np.abs(edges - height[:, None]).T
        bars = axes.bar(where + 0.38 * (i - 0.5), height, 0.36, yerr=reach, capsize=3, color=color, label=label)
        axes.bar_label(bars, [f"{100 * h:.2g} %" for h in height], fontsize=8, padding=2)
        shown += [edges.max(initial=0.0)]
    axes.set_xticks(where, [f"plies {name}" for name in phases])
    axes.set(
        ylabel="share of plies", title="What is illegal without the mask", ylim=(0, 1.4 * max(shown, default=0) or 1)
    )
    axes.grid(alpha=0.3, axis="y")
    axes.set_axisbelow(True)
    axes.legend(loc="upper left")


def _calibration(axes: Axes, report: dict[str, Any]) -> None:
    """Draw expected against actual scores, and the number of plies at each expected score."""
    rows = report.get("value_calibration", [])
    expected, scored = (np.array([row[key] for row in rows]) for key in ("expected", "scored"))
    edges = np.array([row.get("interval", [row["scored"]] * 2) for row in rows]).reshape(-1, 2)
    counts = axes.twinx()
    plies = np.array([row["plies"] for row in rows])
    counts.bar(expected, plies, 0.07, color=GREY, alpha=0.3, lw=0)
    counts.set(ylabel="plies (bars)", ylim=(0, 3 * plies.max(initial=1)))
    axes.set_zorder(counts.get_zorder() + 1)
    axes.patch.set_visible(False)
    axes.plot([0, 1], [0, 1], "--", color=GREY, lw=1, label="perfect")
    reach = np.abs(edges - scored[:, None]).T
    label = f"model, mean distance {report.get('value_error', 0):.3f}"
    axes.errorbar(expected, scored, reach, fmt="o-", ms=4, capsize=3, color=RED, label=label)
    axes.set(
        xlabel="score that the model expects of the mover", ylabel="score the mover got", xlim=(0, 1), ylim=(0, 1.02)
    )
    axes.set_title("Calibration of the value")
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
