"""`xiangqi-lm evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..files import write_json


@click.command(short_help="Measure a model on game records.")
@click.option("--model", "model_name", default="default", show_default=True, help="A shipped model or a model folder.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--split", default="validation", show_default=True, help="Which side, when FILE is a folder of shards.")
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:1 ...")
@click.option("--json", "figures", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here.")
def evaluate(model_name: str, files: tuple[Path, ...], split: str, device: str, figures: Path | None) -> None:
    """Measure a model on records it was not trained on: any record files, or one folder of shards.

    Only games from the start position count; the figures are averages over plies. Accuracies and bits per move are
    with the legal mask, "legal" is without it.

    Example: xiangqi-lm evaluate --model default data/shards --json figures.json
    """
    from rich.console import Console
    from rich.progress import Progress

    from ..model import checkpoint
    from ..model.device import pick_device
    from ..training.evaluate import evaluate as measure

    if figures:
        figures.parent.mkdir(parents=True, exist_ok=True)  # not after all the work
    games, origin = _games(files, split)
    model = checkpoint.load(model_name, pick_device(device))
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("plies", total=len(games.moves_flat))
        result = measure(model, games, progress=lambda n: progress.advance(task, n))
    result = {"model": str(model_name), "data": origin, **result}
    _show(result)
    if figures:
        write_json(figures, result)


def _games(files: tuple[Path, ...], split: str) -> tuple[Any, str]:
    """The games to measure on, and where they come from in words."""
    from ..errors import XiangqiError
    from ..records.game import GameRecord
    from ..records.readers import open_records
    from ..records.shards import Shards, pack

    folders = [path for path in files if (path / "index.json").exists()]
    if folders:
        if len(files) > 1:
            raise XiangqiError("a folder of shards is measured alone: give no other files beside it")
        return Shards.open(folders[0]).split(split), f"{split} split of {folders[0]}, split by game"
    items = list(open_records(files))
    games = pack(item for item in items if isinstance(item, GameRecord))
    if refused := len(items) - len(games):
        click.echo(f"{refused} unreadable records left out; `data import` tells which", err=True)
    if not len(games):
        raise XiangqiError(f"{', '.join(map(str, files))}: no games to measure on")
    return games, ", ".join(map(str, files))


def _show(result: dict[str, Any]) -> None:
    """A table of the figures by phase."""
    from rich.console import Console
    from rich.table import Table

    rows = {
        "plies": ("plies", "{:,}"),
        "top-1 (masked)": ("top1", "{:.4f}"),
        "top-3 (masked)": ("top3", "{:.4f}"),
        "top-5 (masked)": ("top5", "{:.4f}"),
        "bits per move (masked)": ("bits_per_move", "{:.3f}"),
        "bits per move (unmasked)": ("bits_per_move_unmasked", "{:.3f}"),
        "best move legal (unmasked)": ("legal_top1", "{:.4f}"),
        "illegal mass (unmasked)": ("illegal_mass", "{:.4f}"),
        "result told right": ("value_accuracy", "{:.4f}"),
        "bits per result": ("value_bits", "{:.3f}"),
    }
    columns = {"all": result, **{f"plies {name}": part for name, part in result["by_phase"].items()}}
    table = Table(title=f"{result['model']}: {result['games']:,} games, {result['data']}")
    table.add_column("")
    for name in columns:
        table.add_column(name, justify="right")
    for label, (key, form) in rows.items():
        table.add_row(label, *(form.format(part[key]) if key in part else "-" for part in columns.values()))
    told = ", ".join(f"{row['expected']:.2f} -> {row['scored']:.2f}" for row in result["value_calibration"])
    Console(width=None if Console().is_terminal else 100).print(table)
    if told:
        click.echo(f"score of the mover, expected -> real: {told}; mean distance {result['value_error']:.3f}")
