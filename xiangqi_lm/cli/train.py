"""`xiangqi-lm train`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click


@click.command(short_help="Train a model on shards.")
@click.option("--data", "data", type=click.Path(path_type=Path), required=True, help="Folder made by `data build`.")
@click.option("--out", "out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option("--preset", "preset_name", default="default", show_default=True, help="Settings to start from.")
@click.option("--set", "settings", multiple=True, metavar="A.B=C", help="Change one setting; may be repeated.")
@click.option(
    "--labels",
    "labels",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Positions with a teacher's move, as `data label` writes them, to mix in; may be repeated.",
)
@click.option("--init", "init", default="", metavar="MODEL", help="Begin with the weights of a trained model.")
@click.option("--resume", is_flag=True, help="Continue the run in --out exactly where it was saved.")
@click.option("--device", default="auto", show_default=True, help="cpu, cuda, cuda:1 ...")
def train(
    data: Path, out: Path, preset_name: str, settings: tuple[str, ...], labels: tuple[Path, ...], init: str,
    resume: bool, device: str,
) -> None:  # fmt: skip
    """Train a model on shards; interrupt it at any time and continue with --resume.

    Example: xiangqi-lm train --data data/shards --out runs/first --preset small --set optim.rate=5e-4
    """
    from .. import config
    from ..errors import BadConfig

    chosen = config.with_settings(config.preset(preset_name), settings)
    if resume and (settings or preset_name != "default" or init):
        raise BadConfig("--resume continues with the run's own settings: leave out --preset, --set and --init")

    from ..model.device import pick_device
    from ..training import loop
    from ..training.plots import training_curve

    where = pick_device(device)
    if resume:
        run = loop.resume(out, data, where, labels)
    else:
        run = loop.begin(chosen, data, out, where, labels, init)
    end = f"{run.config.budget_seconds:g} seconds" if run.config.budget_seconds else f"step {run.config.steps}"
    click.echo(f"{run.model.parameter_count():,} parameters on {where}; at step {run.step}, until {end}")
    for note in run.notes:
        click.echo(note)
    try:
        _with_progress(run, data)
    except KeyboardInterrupt:
        again = " ".join(["--data", str(data), "--out", str(out), *(f"--labels {path}" for path in labels), "--resume"])
        click.echo(f"stopped at step {run.step} and saved; go on with: xiangqi-lm train {again}")
        sys.exit(130)
    if training_curve(out / loop.LOG, out / "curve.png"):
        click.echo(f"curve: {out / 'curve.png'}")
    click.echo(f"done: {out / loop.LAST}, best on validation: {out / loop.BEST}")


def _with_progress(run: Any, data: Path) -> None:
    """Train with a bar on a terminal and a line at times otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from ..training import loop

    console = Console()
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=1.0, completed=run.done)

        def report(line: dict[str, Any]) -> None:
            text = f"loss {line['loss']:.3f}  {line['plies_per_s']:,.0f} plies/s"
            progress.update(task, completed=run.done, description=f"step {line['step']}  {text}")
            if line.get("validation", {}).get("plies"):
                v = line["validation"]
                progress.console.print(
                    f"step {line['step']}: loss {line['loss']:.3f}, validation top-1 {v['top1']:.4f}, "
                    f"{v['bits_per_move']:.3f} bits a move, legal unmasked {v['legal_top1']:.4f}, "
                    f"result told {v.get('value_accuracy', float('nan')):.3f}",
                    highlight=False,
                    soft_wrap=True,
                )
            elif not console.is_terminal and line["step"] % 50 == 0:
                console.print(f"step {line['step']}: {text}", highlight=False)

        loop.train(run, data, report)
