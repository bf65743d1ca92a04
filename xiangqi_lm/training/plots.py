"""Pictures of a training run; matplotlib (extra `train`) is imported only here."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from ..files import write_bytes


def _smooth(values: np.ndarray, width: int) -> np.ndarray:
    """Running mean; the ends use what there is."""
    weight = np.convolve(np.ones(len(values)), np.ones(width), "same")
    return np.convolve(values, np.ones(width), "same") / weight


def training_curve(log: Path, picture: Path) -> bool:
    """Draw loss and held-out figures against steps; False when matplotlib is not installed or nothing was logged."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return False
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    held_out = [(line["step"], line["validation"]) for line in lines if line.get("validation", {}).get("plies")]
    if not lines:
        return False
    figure = Figure(figsize=(9, 4), layout="constrained")
    loss, accuracy = figure.subplots(1, 2)
    steps = np.array([line["step"] for line in lines])
    bits = np.array([line["lm"] for line in lines]) / np.log(2)
    loss.plot(steps, _smooth(bits, max(1, len(bits) // 100)), label="training, with dropout", color="#c8a26a")
    at = [step for step, _ in held_out]
    loss.plot(at, [v["bits_per_move_unmasked"] for _, v in held_out], "o-", label="held-out games", color="#8c1d18")
    loss.set(xlabel="step", ylabel="bits per move, no mask", ylim=(2.5, 7))
    for key, label, color in (
        ("top1", "top-1, legal mask", "#8c1d18"),
        ("top3", "top-3, legal mask", "#c8a26a"),
        ("legal_top1", "best move legal, no mask", "#20605a"),
    ):
        accuracy.plot(at, [v[key] for _, v in held_out], "o-", label=label, color=color)
    accuracy.set(xlabel="step", ylabel="share of held-out plies", ylim=(0, 1.02))
    for axes in (loss, accuracy):
        axes.grid(alpha=0.3)
        axes.legend()
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    write_bytes(picture, drawn.getvalue())
    return True
