"""How far back recurrent cells remember: spectral norms of dh_t/dh_{t-k} before and after training.

Run: python -m benchmarks.recurrence SHARDS RUN ... [--games 16] [--columns 64] [--back 48] [--picture FILE.png]

Each RUN is a model with recurrent cells (a folder with config.json, such as `RUN/last` of a training); its untrained
twin is initialised with --seed. Norms are geometric means over layers and validation games, from the last of the first
--columns columns. `carried` is dc_t/dc_{t-k} along all paths, for cells with a state c beside their output.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from xiangqi_lm import figures
from xiangqi_lm.dataset.layout import layout_of
from xiangqi_lm.dataset.loader import make_batch, plan
from xiangqi_lm.dataset.shards import Shards
from xiangqi_lm.dataset.splits import Split
from xiangqi_lm.model import checkpoint
from xiangqi_lm.model.gpt import Gpt
from xiangqi_lm.model.inputs import Inputs, inputs_of
from xiangqi_lm.model.rnn import CELLS
from xiangqi_lm.training.diagnostics import influence

SHOWN = (1, 2, 4, 8, 16, 32, 48)
Curves = dict[str, dict[str, Tensor]]  # of untrained and trained models: name of the curve -> norms float64 [K]


def first_columns(model: Gpt, split: Split, games: int, columns: int) -> Inputs:
    """Return the first columns of the first games that are long enough, one row each."""
    layout = layout_of(model.config)
    long = [i for i in range(len(split)) if split.start(i) is None and len(split.moves(i)) >= columns][:games]
    pieces = [w for batch in plan(split, layout, 1 << 20, None) for w in batch if w.game in long and w.first == 0]
    batch = make_batch(split, pieces, np.zeros(len(pieces), bool), layout)
    inputs = inputs_of(batch, model.config, "cpu")
    return Inputs(**{name: x[:, :columns] for name, x in inputs._asdict().items() if x is not None})


def curves(model: Gpt, inputs: Inputs, back: int) -> Iterator[tuple[str, Tensor]]:
    """Yield the norms of a model's layers, averaged, with their names."""
    found, trunk = influence(model, inputs, back), model.config.trunk
    yield trunk, found.outputs.log().mean(0).exp()
    if CELLS[trunk].carries:
        yield f"{trunk}, carried", found.carried.log().mean(0).exp()


def picture(all_curves: Curves, path: Path) -> None:
    """Draw norms against the distance, untrained models beside trained ones."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.4), layout="constrained")
    colors = dict(zip(CELLS, ("tab:red", "tab:blue", "tab:green", "tab:purple"), strict=True))
    lowest = min(float(norms.min()) for named in all_curves.values() for norms in named.values())
    for axes, (title, named) in zip(figure.subplots(1, 2, sharey=True), all_curves.items(), strict=True):
        for name, norms in named.items():
            style = "--" if "carried" in name else "-"
            axes.plot(range(1, len(norms) + 1), norms, style, color=colors[name.split(",")[0]], label=name)
        axes.set(title=title, xlabel="columns back, k", yscale="log", ylim=(max(1e-8, lowest / 2), 4))
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    figure.supylabel("spectral norm of dh(t)/dh(t-k)")
    figures.save(figure, path)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("data", type=Path, metavar="SHARDS")
    options.add_argument("runs", type=Path, nargs="+", metavar="RUN")
    options.add_argument("--games", type=int, default=16)
    options.add_argument("--columns", type=int, default=64)
    options.add_argument("--back", type=int, default=48)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--picture", type=Path)
    asked = options.parse_args()
    split, found = Shards.open(asked.data).split("validation"), Curves(fresh={}, trained={})
    for run in asked.runs:
        trained = checkpoint.load(run)
        torch.manual_seed(asked.seed)
        inputs = first_columns(trained, split, asked.games, asked.columns)
        for state, model in (("fresh", Gpt(trained.config).eval()), ("trained", trained)):
            found[state] |= curves(model, inputs, asked.back)
    shown = [k for k in SHOWN if k <= asked.back]
    print(f"{'columns back':32}" + "".join(f"{k:>10}" for k in shown))
    for state, named in found.items():
        for name, norms in named.items():
            print(f"{state + ' ' + name:32}" + "".join(f"{norms[k - 1]:>10.2g}" for k in shown))
    if asked.picture:
        picture(found, asked.picture)


if __name__ == "__main__":
    main()
