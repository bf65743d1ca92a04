"""`xiangqi-lm train`."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from . import options
from .kernels import compile_for


@click.command(short_help="Train a model on shards.")
@click.option("--data", "data", type=click.Path(path_type=Path), required=True, help="Folder made by `data build`.")
@click.option("--out", "out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@options.preset
@options.settings
@click.option(
    "--labels",
    "labels",
    type=click.Path(path_type=Path),
    multiple=True,
    help="File or folder of positions with a teacher's move, from `data label`, to mix in; may be repeated.",
)
@click.option(
    "--taught",
    "taught",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Shards of games with a teacher's answers, from `data build --labels`, to mix in; may be repeated.",
)
@click.option("--init", "init", default="", metavar="MODEL", help="Begin with the weights of a trained model.")
@options.resume
@click.option("--tensorboard", is_flag=True, help="Write the figures for TensorBoard too, into OUT/tensorboard.")
@options.device
def train(
    data: Path,
    out: Path,
    preset_name: str,
    labels: tuple[Path, ...],
    taught: tuple[Path, ...],
    init: str,
    resume: bool,
    **rest: Any,
) -> None:
    """Train a model on shards; interrupt it at any time and continue with --resume.

    With --resume some settings can be changed, such as the number of steps. Processes started by torchrun train one
    model together.

    Example: xiangqi-lm train --data data/shards --out runs/first --preset small --set optim.rate=5e-4
    """
    from ..config import preset
    from ..config_fields import with_settings
    from ..errors import BadConfig
    from ..files import locked

    if resume and (preset_name != "default" or init):
        raise BadConfig("--resume continues with the run's own settings: leave out --preset and --init")
    chosen = preset(preset_name) if resume else with_settings(preset(preset_name), rest["settings"])

    from ..model.device import pick_device
    from ..training import loop, parallel

    compile_for(models=True)
    with (
        parallel.meet(pick_device(rest["device"])) as (world, device),
        nullcontext() if world.rank else locked(out, folder=True),
    ):
        if resume:
            run = loop.resume(out, data, device, labels, rest["settings"], world, taught)
        else:
            run = loop.begin(chosen, data, out, device, labels, init, world, taught)
        if world.rank:
            loop.train(run, data)
        else:
            _lead(run, data, labels, taught, rest["tensorboard"])


def _lead(run: Any, data: Path, labels: tuple[Path, ...], taught: tuple[Path, ...], tensorboard: bool) -> None:
    """Train, and report to the user."""
    from ..model.device import processor
    from ..training import loop
    from ..training.plots import training_curve

    budget = run.config.budget_seconds
    place = f"{run.computing:.0f} of {budget:g} seconds" if budget else f"step {run.step} of {run.config.steps}"
    shared = f" on {run.world.ranks} processes" if run.world.ranks > 1 else ""
    click.echo(f"{run.model.parameter_count():,} parameters on {run.device}{shared}; {place}")
    click.echo(str(processor(run.device)))
    for note in run.notes:
        click.echo(note)
    try:
        _with_progress(run, data, tensorboard)
    except KeyboardInterrupt:
        given = [("--labels", path) for path in labels] + [("--taught", path) for path in taught]
        again = f"--data {data} --out {run.folder} {''.join(f'{name} {path} ' for name, path in given)}--resume"
        click.echo(f"stopped at step {run.step} and saved; continue with: xiangqi-lm train {again}")
        raise
    if training_curve(run.folder / loop.LOG, run.folder / "curve.png"):
        click.echo(f"curve: {run.folder / 'curve.png'}")
    best = run.folder / loop.BEST
    click.echo(f"done: {run.folder / loop.LAST}" + (f", best on validation: {best}" if best.exists() else ""))


def _with_progress(run: Any, data: Path, tensorboard: bool) -> None:
    """Train with a progress bar on a terminal, else with a line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from ..training import loop, tensorboards

    console = Console()
    columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn(), TextColumn("{task.description}"))
    with (
        tensorboards.writer(run.folder / "tensorboard" if tensorboard else None, run.step) as write,
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
    ):
        task = progress.add_task("", total=1.0, completed=run.done)

        def report(line: dict[str, Any]) -> None:
            write(line)
            text = f"step {line['step']}: loss {line['loss']:.3f}  {line['plies_per_s']:,.0f} plies/s"
            text += f"  {line['mfu']:.1%} of the device" if "mfu" in line else ""
            progress.update(task, completed=run.done, description=text)
            if line.get("validation", {}).get("plies"):
                progress.console.print(_figures(line), highlight=False, soft_wrap=True)
            elif not console.is_terminal and line["step"] % 50 == 0:
                memory = f"  {line['memory_mib']:,.0f} MiB" if "memory_mib" in line else ""
                console.print(f"{text}  {run.done:.0%}{memory}", highlight=False, soft_wrap=True)

        loop.train(run, data, report)


def _figures(line: dict[str, Any]) -> str:
    """Return the held-out figures in a line of the log."""
    v = line["validation"]
    text = (
        f"step {line['step']}: loss {line['loss']:.3f}, validation top-1 {v['top1']:.4f}, "
        f"{v['bits_per_move']:.3f} bits per move, legal unmasked {v['legal_top1']:.4f}, "
        f"result right {v.get('value_accuracy', float('nan')):.3f}"
    )
    text += f", teacher's move {v['labels']['top1']:.4f}" if "labels" in v else ""
    told = v.get("taught", {})
    return text + (f", value's sign {told['sign_right']:.4f}" if "sign_right" in told else "")
