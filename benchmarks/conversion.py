"""A softmax model converted to a Performer: its accuracy at once, and how a short fine-tuning restores it.

Run: python -m benchmarks.conversion SHARDS [--model default] [--steps 160] [--picture FILE.png] [--json FILE.json]

The weights are unchanged and only the attention is replaced: first with several numbers of random features and several
draws of them, then with `--features` of one draw, fine-tuned as by `xiangqi-lm train --init`. All figures are on the
same held-out games.
"""

from __future__ import annotations

import argparse
import copy
import io
import statistics
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from xiangqi_lm.config import ModelConfig, TrainConfig, preset
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.dataset.splits import Split
from xiangqi_lm.files import write_bytes, write_json
from xiangqi_lm.model import checkpoint, performer
from xiangqi_lm.model.device import pick_device, processor
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.training import loop
from xiangqi_lm.training.evaluate import evaluate

DRAWS = 3


def converted(source: Gpt, features: int) -> Gpt:
    """Return the same weights with Performer attention."""
    model = Gpt(replace(source.config, attention="performer", features=features))
    model.load_state_dict(source.state_dict(), strict=False)  # only the random features are the new model's own
    return model.to(next(source.parameters()).device).eval()


def with_equal_weights(source: Gpt) -> Gpt:
    """Return the model with uniform attention over its past: a baseline that ignores where attention looks."""
    model = copy.deepcopy(source)
    for block in model.blocks:
        block.attention.qkv.weight.data[: source.config.width] = 0.0  # type: ignore[union-attr, operator]
    return model


def show(name: str, figures: dict[str, Any]) -> None:
    print(f"{name:32}{figures['top1']:8.4f}{figures['bits_per_move']:8.3f}{figures['legal_top1']:8.4f}", flush=True)


def at_once(source: Gpt, split: Split, sample: Iterable[int], counts: list[int]) -> dict[int, dict[str, float]]:
    """Return figures without any training, the median over draws of the features."""
    found = {}
    for features in counts:
        model, draws = converted(source, features), []
        for seed in range(DRAWS):
            performer.redraw(model, seed)
            draws.append(evaluate(model, split, sample))
        keys = ("top1", "bits_per_move", "legal_top1")
        found[features] = {key: statistics.median(draw[key] for draw in draws) for key in keys}
        show(f"performer {features}, no training", found[features])
    return found


def settings(model: ModelConfig, features: int, steps: int, games: int) -> TrainConfig:
    """Return the settings of a short run at a tenth of the usual rate."""
    usual = preset("default")
    return replace(
        usual,
        model=replace(model, attention="performer", features=features),
        optim=replace(usual.optim, rate=usual.optim.rate / 10, warmup=max(1, steps // 20)),
        steps=steps,
        batch_tokens=3072,
        evaluate_every=max(1, steps // 8),
        evaluate_games=games,
        save_every=steps,
    )


def fine_tuned(config: TrainConfig, data: Path, name: str, device: str) -> list[tuple[int, int, dict[str, Any]]]:
    """Return (step, plies trained on, figures) along a run."""
    curve, plies = [], 0

    def report(line: dict[str, Any]) -> None:
        nonlocal plies
        plies += line["plies"]
        if "validation" in line:
            curve.append((line["step"], plies, line["validation"]))
            show(f"  step {line['step']}, {plies:,} plies", line["validation"])

    with tempfile.TemporaryDirectory() as folder:
        run = loop.begin(config, data, Path(folder) / "run", device, init=name)
        loop.train(run, data, report)
    return curve


def draw(picture: Path, exact: dict[str, Any], curve: list[tuple[int, int, dict[str, Any]]], features: int) -> None:
    """Draw the curve of accuracy and bits beside the original model."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    plies = [plies / 1000 for _, plies, _ in curve]
    for axes, key, label in zip(
        figure.subplots(1, 2),
        ("top1", "bits_per_move"),
        ("top-1, legal mask", "bits per move, legal mask"),
        strict=True,
    ):
        axes.plot(plies, [f[key] for _, _, f in curve], "o-", color="#8c1d18", label=f"Performer, {features} features")
        axes.axhline(exact[key], color="#20605a", linestyle="--", label="the softmax model it was")
        axes.set(xlabel="thousands of plies of fine-tuning", ylabel=label)
        axes.grid(alpha=0.3)
        axes.legend()
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    write_bytes(picture, drawn.getvalue())


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("shards", type=Path)
    options.add_argument("--model", default="default")
    options.add_argument("--features", type=int, default=128)
    options.add_argument("--at-once", type=int, nargs="*", default=[64, 128, 256, 512], metavar="M")
    options.add_argument("--steps", type=int, default=160)
    options.add_argument("--games", type=int, default=60, help="held-out games that are looked at")
    options.add_argument("--device", default="auto")
    options.add_argument("--picture", type=Path)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    device = pick_device(asked.device)
    print(processor(device))
    source = checkpoint.load(asked.model, device)
    split = Shards.open(asked.shards).split("validation")
    sample = range(0, len(split), max(1, len(split) // asked.games))
    print(f"{'':32}{'top-1':>8}{'bits':>8}{'legal':>8}")
    exact = evaluate(source, split, sample)
    show("softmax", exact)
    equal = evaluate(with_equal_weights(source), split, sample)
    show("equal weights", equal)
    untrained = at_once(source, split, sample, asked.at_once)
    config = settings(source.config, asked.features, asked.steps, asked.games)
    print(f"performer {asked.features}, fine-tuned at rate {config.optim.rate:g}")
    torch.manual_seed(config.seed)
    start = (0, 0, evaluate(converted(source, asked.features), split, sample))
    show("  step 0", start[2])
    curve = [start, *fine_tuned(config, asked.shards, asked.model, device)]
    lost, regained = exact["top1"] - start[2]["top1"], curve[-1][2]["top1"] - start[2]["top1"]
    back = f"{regained / lost:.0%} came back" if lost > 0.005 else "too little for a share that came back"
    print(f"top-1 lost by the change: {lost:.4f}; {back}")
    if asked.picture:
        draw(asked.picture, exact, curve, asked.features)
    if asked.json:
        rows = [{"step": step, "plies": plies, **figures} for step, plies, figures in curve]
        write_json(asked.json, {"softmax": exact, "equal_weights": equal, "at_once": untrained, "fine_tuned": rows})


if __name__ == "__main__":
    main()
