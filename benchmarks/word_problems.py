"""Learning curve of the word problem solver on Ape210K: trained on different numbers of items, tested on held-out ones.

    python -m benchmarks.word_problems valid.ape.jsonl.xz --out runs/word-problems

Splits the file, trains a run of equally many steps for each size (resuming interrupted ones), measures beams 1, 2 and 3
on the test items and 3 on generated problems in held-out wordings, and prints the rows of docs/word-problems.md;
`--picture` draws them.
"""

from __future__ import annotations

import lzma
import random
from pathlib import Path
from typing import Any

import click

from xiangqi_lm import figures
from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.files import write_json, write_text
from xiangqi_lm.model.device import pick_device
from xiangqi_lm.tasks.word_problems import run as runs
from xiangqi_lm.tasks.word_problems.config import PRESETS
from xiangqi_lm.tasks.word_problems.measuring import measure, to_measure
from xiangqi_lm.training import loop
from xiangqi_lm.training.plots import GOLD, RED

GENERATED = 520  # problems in held-out wordings


def split(path: Path, out: Path, test: int, seed: int) -> tuple[Path, Path]:
    """Write the items of a file as `train.jsonl` and `test.jsonl`, `test` of them drawn at random; return both."""
    data = path.read_bytes()
    lines = (lzma.decompress(data) if path.suffix == ".xz" else data).decode("utf-8").splitlines()
    order = list(range(len(lines)))
    random.Random(seed).shuffle(order)
    out.mkdir(parents=True, exist_ok=True)
    for name, chosen in (("test", order[:test]), ("train", order[test:])):
        write_text(out / f"{name}.jsonl", "".join(lines[i] + "\n" for i in sorted(chosen)))
    return out / "train.jsonl", out / "test.jsonl"


def trained(train: Path, folder: Path, size: int, settings: list[str], device: str) -> Path:
    """Train on `size` items, resuming an interrupted run; return the finished solver."""
    if not (folder / runs.SOLVER).exists():
        if (folder / loop.LAST).exists():
            run = runs.resume(folder, [train], device)
        else:
            config = with_settings(PRESETS["default"], settings)
            run = runs.begin(config, [train], folder, device, size)
        loop.train(run, train, lambda line: None, runs.WORD_PROBLEMS)
        runs.finish(run)
    return folder / runs.SOLVER


def row(solver: Path, test: Path, device: str) -> dict[str, Any]:
    """Measure a solver."""
    model = runs.load(solver, device)
    problems = to_measure(test)
    found = {f"beams_{width}": measure(model, problems, width) for width in (1, 2, 3)}
    found["generated"] = measure(model, runs.generated(1_000_000, GENERATED, held_out=True), 3)
    return {"items": model.card["trained_on"]["problems"], "steps": model.card["steps"], **found}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the runs.")
@click.option("--sizes", default="500,1000,2500,5000", show_default=True, help="Items to learn from, by commas.")
@click.option("--test", default=600, show_default=True, help="Items kept back to test on.")
@click.option("--seed", default=2026, show_default=True, help="Of the split.")
@click.option("--steps", default=1500, show_default=True, help="Training steps of every run.")
@click.option("--set", "settings", multiple=True, metavar="A.B=C", help="Change a setting of every run.")
@click.option("--device", default="auto", show_default=True)
@click.option("--picture", type=click.Path(path_type=Path), help="Draw the curve into this file.")
def main(
    file: Path, out: Path, sizes: str, test: int, seed: int, steps: int, settings: tuple[str, ...], device: str,
    picture: Path | None,
) -> None:  # fmt: skip
    """Print the learning curve."""
    device = pick_device(device)
    every = [f"steps={steps}", f"evaluate_every={steps}", "validation=0.03", *settings]
    train_file, test_file = split(file, out, test, seed)
    click.echo(
        "| items | steps | beams 1 | beams 2 | beams 3 | 95 % | sure | of those right | generated |\n"
        + "|---" * 9
        + "|"
    )
    found = []
    for size in (int(text) for text in sizes.split(",")):
        solver = trained(train_file, out / str(size), size, every, device)
        measured = row(solver, test_file, device)
        found.append(measured)
        best = measured["beams_3"]
        share = best["sure"]["problems"] / best["problems"]
        cells = [f"{measured[f'beams_{w}']['accuracy']:.2%}" for w in (1, 2, 3)]
        low, high = best["interval"]
        sure = f"{share:.0%} | {best['sure'].get('accuracy', 0):.1%} | {measured['generated']['accuracy']:.2%}"
        counted = f"{measured['items']:,} | {measured['steps']:,}"
        click.echo(f"| {counted} | {' | '.join(cells)} | {low:.1%} to {high:.1%} | {sure} |")
        write_json(out / "results.json", found)
    if picture is not None:
        draw(found, picture)


def draw(found: list[dict[str, Any]], file: Path) -> None:
    """Draw accuracy against the number of items learned from, with 95 % intervals."""
    figures.require()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    items = [row["items"] for row in found]
    for key, label, color in (
        ("beams_3", "Ape210K, held-out items", RED),
        ("generated", "generated, held-out wordings", GOLD),
    ):
        height = [row[key]["accuracy"] for row in found]
        low, high = zip(*(row[key]["interval"] for row in found), strict=True)
        reach = [[h - a for h, a in zip(height, low, strict=True)], [b - h for h, b in zip(height, high, strict=True)]]
        axes.errorbar(items, height, yerr=reach, fmt="o-", capsize=4, color=color, label=label)
    axes.set(xscale="log", xlabel="items of Ape210K learned from", ylabel="right answers", ylim=(0, 1))
    axes.set_xticks(items, [f"{n:,}" for n in items])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend()
    axes.set_title(f"Three beams, {found[0]['steps']:,} steps each", fontsize=10)
    figures.save(figure, file)


if __name__ == "__main__":
    main()
