"""`xiangqi-lm data label`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..dataset import shards
from ..dataset.labelwriter import Heading, LabelWriter
from ..errors import EngineFailure, XiangqiError
from ..files import write_json
from ..records.game import GameRecord
from ..records.readers import Refusal, open_records
from .finite import FiniteRange
from .progress import Meter

if TYPE_CHECKING:
    from ..arena.backends import Backend
    from ..arena.labels import Labelled, Sampling, Teacher

_SHOWN = 3  # failures named on the terminal


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--teacher", required=True, metavar="SPEC", help="A player that says what its moves are worth.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write or go on.")
@click.option("--lines", type=click.IntRange(1), default=1, show_default=True, help="Moves of a position, best first.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Take every so many plies ...")
@click.option(
    "--share",
    type=FiniteRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="... and of these so many.",
)
@click.option("--limit", type=click.IntRange(1), help="At most so many positions, chosen by chance.")
@click.option("--random-moves", type=click.IntRange(0), default=0, show_default=True, help="Play up to so many ...")
@click.option(
    "--random-share", type=FiniteRange(0, 1), default=0.5, show_default=True, help="... on so many positions."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses positions and random moves.")
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Workers.  [default: one a core]")
@click.option("--backend", type=click.Choice(["local", "ray"]), default="local", show_default=True)
@click.option(
    "--batch", type=click.IntRange(1), default=16, show_default=True, help="Positions a worker takes at once."
)
@click.option("--json", "figures", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
def label(
    files: tuple[Path, ...],
    teacher: str,
    out: Path,
    lines: int,
    every: int,
    share: float,
    limit: int | None,
    random_moves: int,
    random_share: float,
    seed: int,
    jobs: int,
    backend: Backend,
    batch: int,
    figures: Path | None,
) -> None:
    """Have the positions of records labelled by a teacher with its best moves and what they are worth: what a model can
    be trained on besides games.

    Each position once, mirror images and half turns counting as the same, without the moves that led to it. The same
    command goes on after an interruption, and adds to a finished file what has come new.

    Example: xiangqi-lm data label games.pgn --teacher "alphabeta?nodes=20000" --limit 10000 --out labels.tsv
    """
    from ..arena.labels import Sampling, Teacher
    from ..engine.spec import parse_spec

    parse_spec(teacher)  # before all the reading
    for place in (out, figures):
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
    how = Sampling(every, share, limit, random_moves, random_share, seed)
    with LabelWriter(out, Heading(teacher, lines)) as writer:
        positions = _positions(files, how, jobs)
        try:
            summary = _labelled(positions, Teacher(teacher, lines, seed), writer, backend, jobs, batch)
        except KeyboardInterrupt:
            click.echo(f"interrupted: {writer.part} holds what is done; the same command goes on", err=True)
            raise
        writer.finish()
    if figures:
        write_json(figures, asdict(summary))
    _tell(summary, out)


def _positions(files: tuple[Path, ...], how: Sampling, jobs: int) -> list[str]:
    """The positions to label, and a line on what was read."""
    from ..arena.labels import sample

    refusals: list[Refusal] = []

    def games() -> Iterator[GameRecord]:
        for item in open_records(files, jobs):
            if isinstance(item, GameRecord):
                yield item
            else:
                refusals.append(item)

    split = shards.pack(games())
    positions = sample(split, how)
    first = f", the first {refusals[0].source}: {refusals[0].text}" if refusals else ""
    words = f"{len(split):,} games read, {len(refusals):,} records refused{first}"
    if not positions:
        raise XiangqiError(f"no position to label: {words}")
    click.echo(f"{words}; {len(positions):,} positions")
    return positions


def _labelled(
    positions: list[str], teacher: Teacher, writer: LabelWriter, backend: Backend, jobs: int, batch: int
) -> Labelled:
    from ..arena.labels import label as have_labelled
    from ..arena.labels import missing

    todo = missing(positions, writer)
    with Meter(len(todo), "positions") as meter:
        return have_labelled(todo, teacher, writer, backend, jobs, batch, meter.add)


def _tell(summary: Labelled, out: Path) -> None:
    rate = summary.labelled / summary.seconds if summary.labelled else 0
    click.echo(f"labelled {summary.labelled:,} positions, {rate:,.1f} a second; {out} holds {summary.total:,}")
    for position, why in summary.failures[:_SHOWN]:
        click.echo(f"  {position}: {why}", err=True)
    if summary.failures:
        raise EngineFailure(f"the teacher failed on {len(summary.failures):,} positions: they are not in {out}")
