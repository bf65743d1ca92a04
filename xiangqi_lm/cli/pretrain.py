"""`xiangqi-lm pretrain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import options

if TYPE_CHECKING:
    from ..training.pretraining import PretrainRun


@click.command(short_help="Pretrain a board encoder on positions, without labels.")
@click.option("--data", "data", type=click.Path(path_type=Path), required=True, help="Folder made by `data build`.")
@click.option("--out", "out", type=click.Path(path_type=Path), required=True, help="Folder of the run.")
@click.option(
    "--preset", "preset_name", default="default", show_default=True, help="Preset of `train` that the model is for."
)
@options.settings
@options.resume
@options.device
def pretrain(data: Path, out: Path, preset_name: str, settings: tuple[str, ...], resume: bool, device: str) -> None:
    """Pretrain a board encoder without labels: two views of a position should get the same representation (SimSiam,
    BYOL).

    Training starts from the result by `train --preset NAME --init OUT/last`, with the same preset. The method is
    chosen by --set method=simsiam or method=byol.

    Example: xiangqi-lm pretrain --data data/shards --out runs/views --preset small --set method=byol
    """
    from ..config import preset
    from ..config_fields import with_settings
    from ..errors import BadConfig
    from ..files import locked

    if resume and preset_name != "default":
        raise BadConfig("--resume continues with the run's own settings: leave out --preset")
    shape = preset(preset_name).model

    from ..model.device import pick_device
    from ..training import loop, pretraining
    from ..training.contrastive import PretrainConfig

    chosen = None if resume else with_settings(PretrainConfig(model=shape), settings)
    with locked(out, folder=True):
        if chosen is None:
            run = pretraining.resume(out, data, pick_device(device), settings)
        else:
            run = pretraining.begin(chosen, data, out, pick_device(device))
        _announce(run)
        try:
            loop.train(run, data, _report, pretraining.PRETRAINING)
        except KeyboardInterrupt:
            again = f"xiangqi-lm pretrain --data {data} --out {out} --resume"
            click.echo(f"stopped at step {run.step} and saved; continue with: {again}")
            raise
    click.echo(f"done: {out / loop.LAST}; start from it: xiangqi-lm train --init {out / loop.LAST}")


def _announce(run: PretrainRun) -> None:
    """Print what is trained, and how far it has got."""
    budget = run.config.budget_seconds
    place = f"{run.computing:.0f} of {budget:g} seconds" if budget else f"step {run.step} of {run.config.steps}"
    click.echo(f"{run.model.parameter_count():,} parameters on {run.device}; {run.config.method}, {place}")
    for note in run.notes:
        click.echo(note)


def _report(line: dict[str, Any]) -> None:
    """Print every line of the log with held-out figures, and every hundredth line."""
    text = f"step {line['step']}: loss {line['loss']:.4f}, spread {line['spread']:.3f}"
    if found := line.get("validation"):
        click.echo(f"{text}; held out: spread {found['spread']:.3f}, other view found {found['found']:.4f}")
    elif line["step"] % 100 == 0:
        click.echo(text)
