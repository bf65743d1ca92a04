"""The effect of a finite step: gradient descent against the flows it follows, and the accuracy of the penalty's
gradient.

Run: python -m benchmarks.finite_rate SHARDS [--picture FILE.png] [--json FILE.json]

Three panels. On a quadratic and on a small net, with flows by the Runge-Kutta method: the distance of gradient descent
from the flow of the loss and from that of the loss with the penalty r/4, against the step size r. On the language model
after 40 steps of training: the cosine between the Hessian-vector product from a difference of two gradients and the
exact one, against the distance between the gradients.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from xiangqi_lm import figures
from xiangqi_lm.config import TrainConfig, preset
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.files import write_json
from xiangqi_lm.training import loop, regularisers
from xiangqi_lm.training.step import GameStep

Loss = Callable[[Tensor], Tensor]
STEPS = (4, 8, 16, 32, 64, 128)
PROBES = (0.01, 0.03, 0.1, 0.3, 1.0)
TIME = 1.0
TRAINED = ("model.dropout=0", "optim.kind=muon", "optim.rate=3e-3", "optim.warmup=5", "steps=40", "save_every=40",
           "batch_tokens=3072", "evaluate_every=40", "evaluate_games=2")  # fmt: skip


# ------------------------------------------------------------------------------------------------ flows


def quadratic() -> tuple[Loss, Tensor]:
    """Return half of x.A x in two dimensions, and a starting point."""
    a = torch.tensor([[2.0, 0.5], [0.5, 1.0]], dtype=torch.float64)
    return lambda x: x @ a @ x / 2, torch.tensor([1.0, -2.0], dtype=torch.float64)


def small_net() -> tuple[Loss, Tensor]:
    """Return the squared error of a net with one hidden layer of five on 24 random points, and its first weights."""
    g = torch.Generator().manual_seed(0)
    x, y = (torch.randn(24, n, generator=g, dtype=torch.float64) for n in (4, 2))
    start = torch.randn(30, generator=g, dtype=torch.float64) / 2
    return lambda w: ((x @ w[:20].view(4, 5)).tanh() @ w[20:].view(5, 2) - y).square().mean() * 3, start


def slope(loss: Loss, at: Tensor, penalty: float = 0.0) -> Tensor:
    """Return the gradient of the loss, with the penalty on its squared length."""
    x = at.clone().requires_grad_()
    (g,) = torch.autograd.grad(loss(x), x, create_graph=penalty > 0)
    return g if not penalty else g.detach() + penalty * torch.autograd.grad(g.square().sum(), x)[0]


def flow(loss: Loss, x: Tensor, penalty: float, steps: int = 64) -> Tensor:
    """Return the end of the gradient flow after the time TIME."""
    h = TIME / steps
    for _ in range(steps):
        a = -slope(loss, x, penalty)
        b = -slope(loss, x + h / 2 * a, penalty)
        c = -slope(loss, x + h / 2 * b, penalty)
        x = x + h / 6 * (a + 2 * b + 2 * c - slope(loss, x + h * c, penalty))
    return x


def distances(loss: Loss, start: Tensor) -> list[dict[str, float]]:
    """Return the distance of gradient descent's end from both flows, by step size."""
    found = []
    for steps in STEPS:
        rate, x = TIME / steps, start
        for _ in range(steps):
            x = x - rate * slope(loss, x)
        away = [float((x - flow(loss, start, penalty)).norm()) for penalty in (0.0, rate / 4)]
        found.append({"rate": rate, "original": away[0], "modified": away[1]})
    return found


# ------------------------------------------------------------------------------------------------ the model


def gradient(run: loop.Run, config: TrainConfig, data: Path, folder: Path) -> tuple[Tensor, float]:
    """Return the gradient of a trained run's first batch under other settings, and the CPU seconds it took."""
    other = loop.begin(config, data, folder, "cpu")
    other.model.load_state_dict(run.model.state_dict())
    step = GameStep(other, [other.feed.take(0.0)])
    began = time.process_time()
    regularisers.gradient(step, config.regularisers)
    spent = time.process_time() - began
    return torch.cat(
        [torch.zeros_like(w).flatten() if w.grad is None else w.grad.flatten() for w in step.weights]
    ), spent


def products(data: Path, folder: Path) -> list[dict[str, Any]]:
    """Return Hessian-vector products along the gradient, by differences and exact."""
    base = with_settings(preset("small"), TRAINED)
    run = loop.begin(base, data, folder / "run", "cpu")
    loop.train(run, data)

    def found(*settings: str) -> tuple[Tensor, float]:
        chosen = with_settings(base, settings)
        return gradient(run, chosen, data, folder / "-".join(settings))

    plain, usual = found("precision=float32")
    exact, spent = found("precision=float32", "regularisers.penalty=1", "regularisers.penalty_exact=yes")
    exact -= plain
    lines: list[dict[str, Any]] = [{"precision": "float32", "probe": None, "cosine": 1.0, "cost": spent / usual}]
    for precision in ("float32", "bf16"):
        plain, usual = found(f"precision={precision}")
        for probe in PROBES:
            by_difference, spent = found(
                f"precision={precision}", "regularisers.penalty=1", f"regularisers.penalty_probe={probe}"
            )
            cosine = float(torch.cosine_similarity((by_difference - plain).double(), exact.double(), dim=0))
            lines.append({"precision": precision, "probe": probe, "cosine": cosine, "cost": spent / usual})
    return lines


# ------------------------------------------------------------------------------------------------ output


def draw(flows: Mapping[str, Sequence[dict[str, float]]], lines: Sequence[dict[str, Any]], picture: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4), layout="constrained")
    panels = figure.subplots(1, 3)
    for axes, (name, points) in zip(panels, flows.items(), strict=False):
        for key, color, power in (("original", "#c8a26a", 1), ("modified", "#8c1d18", 2)):
            away = [p[key] for p in points]
            rates = [p["rate"] for p in points]
            axes.loglog(rates, away, "o-", color=color, label=f"to the {key} flow")
            axes.loglog(rates, [away[-1] * (r / rates[-1]) ** power for r in rates], ":", color=color, alpha=0.6)
        axes.set(xlabel="step size r", ylabel="distance of gradient descent", title=f"{name}; dotted: r, r²")
    for precision, color in (("float32", "#20605a"), ("bf16", "#8c1d18")):
        chosen = [line for line in lines if line["precision"] == precision and line["probe"]]
        panels[2].semilogx(
            [c["probe"] for c in chosen], [c["cosine"] for c in chosen], "o-", color=color, label=precision
        )
    panels[2].set(xlabel="distance of the two gradients", ylabel="cosine with the exact product", ylim=(0.7, 1.02),
                  title="penalty by differences, language model")  # fmt: skip
    for axes in panels:
        axes.grid(alpha=0.3)
        axes.legend()
    figures.save(figure, picture)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("shards", type=Path)
    options.add_argument("--picture", type=Path)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    flows = {"quadratic": distances(*quadratic()), "small net": distances(*small_net())}
    for name, points in flows.items():
        for p in points:
            print(f"{name:10} r = {p['rate']:.4f}: {p['original']:.2e} original, {p['modified']:.2e} modified flow")
    with tempfile.TemporaryDirectory() as folder:
        lines = products(asked.shards, Path(folder))
    for line in lines:
        how = "exact" if line["probe"] is None else f"probe {line['probe']:g}"
        print(f"{line['precision']:8} {how:10}: cosine {line['cosine']:.4f}, {line['cost']:.1f} times a plain gradient")
    if asked.json:
        write_json(asked.json, {"flows": flows, "products": lines})
    if asked.picture:
        draw(flows, lines, asked.picture)


if __name__ == "__main__":
    main()
