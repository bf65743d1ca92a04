"""Learning curve of the word problem solver on Ape210K: trained on different numbers of items, tested on held-out ones.

    python -m benchmarks.word_problems valid.ape.jsonl.xz --out runs/word-problems

Splits the file, trains a run for each size (resuming interrupted ones), measures beams 1, 2 and 3 on the test items and
3 on generated problems in held-out wordings, and prints the rows of docs/word-problems.md.
"""

from __future__ import annotations

import lzma
import random
from pathlib import Path
from typing import Any

import click

from xiangqi_lm.config_fields import with_settings
from xiangqi_lm.files import write_json, write_text
from xiangqi_lm.model.device import pick_device
from xiangqi_lm.tasks.word_problems import run as runs
from xiangqi_lm.tasks.word_problems.config import PRESETS
from xiangqi_lm.tasks.word_problems.measuring import measure, to_measure
from xiangqi_lm.training import loop

GENERATED = 1300  # problems in held-out wordings
STEPS = {500: 800, 1000: 1200, 2500: 2000}  # more items, more steps; larger sizes use the preset's


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


def trained(train: Path, folder: Path, size: int, settings: tuple[str, ...], device: str) -> Path:
    """Train on `size` items, resuming an interrupted run; return the finished solver."""
    if not (folder / runs.SOLVER).exists():
        steps = [f"steps={STEPS[size]}"] if size in STEPS else []
        if (folder / loop.LAST).exists():
            run = runs.resume(folder, [train], device)
        else:
            config = with_settings(PRESETS["default"], [*steps, "validation=0.03", *settings])
            run = runs.begin(config, [train], folder, device, size)
        loop.train(run, train, lambda line: None, runs.WORD_PROBLEMS)
        runs.finish(run)
    return folder / runs.SOLVER


def row(solver: Path, test: Path, device: str) -> dict[str, Any]:
    """Measure a solver."""
    model = runs.load(solver, device)
    problems = to_measure(test)
    figures = {f"beams_{width}": measure(model, problems, width) for width in (1, 2, 3)}
    figures["generated"] = measure(model, runs.generated(1_000_000, GENERATED, held_out=True), 3)
    return {"items": model.card["trained_on"]["problems"], "steps": model.card["steps"], **figures}


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder of the runs.")
@click.option("--sizes", default="500,1000,2500,5000", show_default=True, help="Items to learn from, by commas.")
@click.option("--test", default=600, show_default=True, help="Items kept back to test on.")
@click.option("--seed", default=2026, show_default=True, help="Of the split.")
@click.option("--set", "settings", multiple=True, metavar="A.B=C", help="Change a setting of every run.")
@click.option("--device", default="auto", show_default=True)
def main(file: Path, out: Path, sizes: str, test: int, seed: int, settings: tuple[str, ...], device: str) -> None:
    """Print the learning curve."""
    device = pick_device(device)
    train_file, test_file = split(file, out, test, seed)
    click.echo(
        "| items | steps | beams 1 | beams 2 | beams 3 | 95 % | sure | of those right | generated |\n"
        + "|---" * 9
        + "|"
    )
    found = []
    for size in (int(text) for text in sizes.split(",")):
        solver = trained(train_file, out / str(size), size, settings, device)
        figures = row(solver, test_file, device)
        found.append(figures)
        best = figures["beams_3"]
        share = best["sure"]["problems"] / best["problems"]
        cells = [f"{figures[f'beams_{w}']['accuracy']:.2%}" for w in (1, 2, 3)]
        low, high = best["interval"]
        sure = f"{share:.0%} | {best['sure'].get('accuracy', 0):.1%} | {figures['generated']['accuracy']:.2%}"
        click.echo(
            f"| {figures['items']:,} | {figures['steps']:,} | {' | '.join(cells)} | {low:.1%} to {high:.1%} | {sure} |"
        )
        write_json(out / "results.json", found)


if __name__ == "__main__":
    main()
