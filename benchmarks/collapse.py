"""Why two views do not collapse into one point: a scalar system of two equations, and pretraining on positions.

Run: python -m benchmarks.collapse SHARDS [--seconds 10] [--picture FILE.png] [--json FILE.json] [--out DIR]

Left: encoder theta and predictor phi, both scalars, under the loss (phi theta - theta)²/2 from 0.1 and 0.6, with and
without stop-gradient. Right: pretraining with and without stop-gradient and predictor, for equal computing time: the
standard deviation of the normalised projections times the root of their dimensions, 1 healthy, 0 collapsed. The table
adds BYOL, and the mean of the views as target. Runs in --out are reused.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from xiangqi_lm import figures
from xiangqi_lm.config import preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.files import write_json
from xiangqi_lm.training import contrastive, loop, pretraining
from xiangqi_lm.training.contrastive import PretrainConfig

TIME, STEP = 60.0, 0.02
SETTINGS: dict[str, tuple[str, ...]] = {
    "stop-gradient, predictor": (),
    "stop-gradient, no predictor": ("siamese.predictor=no",),
    "no stop-gradient, predictor": ("stop_gradient=no",),
    "no stop-gradient, no predictor": ("stop_gradient=no", "siamese.predictor=no"),
    "target of the mean view": ("target=mean",),
    "target of the mean view, no predictor": ("target=mean", "siamese.predictor=no"),
    "BYOL": ("method=byol",),
    "BYOL, no predictor": ("method=byol", "siamese.predictor=no"),
}
DRAWN = 4  # settings to draw


def _half_square(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a - b).square() / 2


def scalar_system(stop_gradient: bool) -> list[tuple[float, float]]:
    """Return (phi, theta) at every step of Euler's method."""
    weights = torch.tensor([0.6, 0.1], dtype=torch.float64, requires_grad=True)
    course = []
    for _ in range(round(TIME / STEP)):
        phi, theta = weights
        course.append((phi.item(), theta.item()))
        loss = contrastive.matched([theta], [theta], partial(torch.mul, phi), stop_gradient, _half_square)
        (g,) = torch.autograd.grad(loss, weights)
        weights = (weights - STEP * g).detach().requires_grad_()
    return course


def pretrained(settings: Sequence[str], data: Path, folder: Path, seconds: float) -> list[dict[str, Any]]:
    """Return the log of a run, making the run if it does not exist."""
    shared = [f"budget_seconds={seconds}", "batch=128", "evaluate_every=100000", "save_every=100000"]
    config = with_settings(PretrainConfig(model=preset("small").model), [*settings, *shared])
    if not (folder / loop.LAST).exists():
        loop.train(pretraining.begin(config, data, folder, "cpu"), data, task=pretraining.PRETRAINING)
    return [json.loads(line) for line in (folder / loop.LOG).read_text(encoding="utf-8").splitlines()]


def draw(courses: Mapping[bool, list[tuple[float, float]]], logs: Mapping[str, list[dict[str, Any]]], to: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4), layout="constrained")
    scalar, real = figure.subplots(1, 2)
    for stop, style in ((True, "-"), (False, "--")):
        times = [i * STEP for i in range(len(courses[stop]))]
        words = "with" if stop else "without"
        scalar.plot(times, [phi for phi, _ in courses[stop]], style, color="#c8a26a", label=f"φ, {words} stop-gradient")
        scalar.plot(times, [theta for _, theta in courses[stop]], style, color="#8c1d18", label=f"θ, {words}")
    scalar.set(xlabel="time", title="(φθ − θ)²/2 from φ = 0.6, θ = 0.1", ylim=(-0.05, 1.05))
    colors = ("#20605a", "#c8a26a", "#8c1d18", "#8a8a8a")
    for (name, log), color in zip(list(logs.items())[:DRAWN], colors, strict=True):
        real.plot([line["step"] for line in log], [line["spread"] for line in log], color=color, label=name)
    real.set(xlabel="step", title="standard deviation of the normalised output × √d", ylim=(-0.05, 1.1))
    for axes in (scalar, real):
        axes.grid(alpha=0.3)
    scalar.legend(loc="lower right", bbox_to_anchor=(1, 0.08))
    real.legend()
    figures.save(figure, to)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("shards", type=Path)
    options.add_argument("--seconds", type=float, default=10, help="computing time of each run (10)")
    options.add_argument("--out", type=Path, help="where the runs are kept")
    options.add_argument("--picture", type=Path)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    courses = {stop: scalar_system(stop) for stop in (True, False)}
    for stop, course in courses.items():
        print(f"{'with' if stop else 'without'} stop-gradient: phi {course[-1][0]:.4f}, theta {course[-1][1]:.4f}")
    logs, rows = {}, []
    print("| setting | steps | spread, trained on | held out | other view found |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as temporary:
        for name, settings in SETTINGS.items():
            folder = (asked.out or Path(temporary)) / "".join(c if c.isalnum() else "-" for c in name)
            log = logs[name] = pretrained(settings, asked.shards, folder, asked.seconds)
            last, held = log[-1], log[-1]["validation"]
            rows.append({"setting": name, "steps": last["step"], "spread": last["spread"], **held})
            print(f"| {name} | {last['step']} | {last['spread']:.3f} | {held['spread']:.3f} | {held['found']:.3f} |")
    if asked.json:
        write_json(asked.json, {"scalar": {str(stop): course[-1] for stop, course in courses.items()}, "rows": rows})
    if asked.picture:
        draw(courses, logs, asked.picture)


if __name__ == "__main__":
    main()
