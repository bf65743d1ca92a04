"""`xiangqi-lm data label`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..dataset import division
from ..dataset.labelwriter import Heading, LabelWriter
from ..errors import EngineFailure, XiangqiError
from ..files import locked, write_json
from ..records.game import GameRecord
from ..records.readers import Refusal, open_records
from .finite import FiniteRange
from .kernels import compile_for
from .progress import Meter

if TYPE_CHECKING:
    from ..arena.backends import Backend
    from ..arena.labels import Labelled, Sampling, Teacher

_SHOWN = 3  # failures listed on the terminal


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--teacher", required=True, metavar="SPEC", help="Player that labels: one that scores its moves.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="File to write or extend.")
@click.option(
    "--lines", type=click.IntRange(1), default=1, show_default=True, help="Moves to label in each position, best first."
)
@click.option(
    "--from-players",
    "players",
    multiple=True,
    metavar="SPEC",
    help="Label games of this player against itself, or against the next --from-players.",
)
@click.option(
    "--play", type=click.IntRange(1), default=100, show_default=True, help="Number of games that --from-players play."
)
@click.option(
    "--openings",
    type=click.Path(exists=True, path_type=Path),
    help="Games or positions that these games start from, drawn at random.  [default: the shipped balanced set]",
)
@click.option("--whole-games", type=click.IntRange(1), help="Label every position of this many games, drawn at random.")
@click.option("--every", type=click.IntRange(1), default=1, show_default=True, help="Take every Nth position.")
@click.option(
    "--share",
    type=FiniteRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Share of these positions to take.",
)
@click.option("--limit", type=click.IntRange(1), help="Label at most this many positions, drawn at random.")
@click.option(
    "--random-moves",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Play up to this many random moves first, on --random-share of positions.",
)
@click.option(
    "--random-share",
    type=FiniteRange(0, 1),
    default=0.5,
    show_default=True,
    help="Share of positions changed by --random-moves.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed that draws games, positions and random moves."
)
@click.option(
    "--jobs", type=click.IntRange(1), default=os.cpu_count() or 1, help="Number of workers.  [default: one per core]"
)
@click.option("--backend", type=click.Choice(["local", "ray"]), default="local", show_default=True)
@click.option("--batch", type=click.IntRange(1), default=16, show_default=True, help="Positions per job of a worker.")
@click.option("--json", "figures", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.pass_context
def label(
    context: click.Context,
    files: tuple[Path, ...],
    teacher: str,
    out: Path,
    lines: int,
    players: tuple[str, ...],
    play: int,
    openings: Path | None,
    whole_games: int | None,
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
    """Have a teacher label positions of records with its best moves and their scores: data to train on besides games.

    Each position is labelled once, mirror images and half turns counting as the same, without the moves that led to
    it. With --whole-games whole games are labelled: `data build --labels` puts the answers into them. With
    --from-players the games are played first and kept in OUT.games. The same command resumes after an interruption,
    and adds to a finished file what is new.

    Example: xiangqi-lm data label games.pgn --teacher "alphabeta?nodes=20000" --limit 10000 --out labels.tsv
    """
    from ..arena.labels import Sampling, Teacher
    from ..engine.spec import parse_spec

    _check(context, bool(files), bool(players), whole_games is not None)
    parse_spec(teacher)  # fail before reading all the files
    for place in (out, figures):
        if place:
            place.parent.mkdir(parents=True, exist_ok=True)
    compile_for(teacher, *players)
    with locked(out):
        if players:
            from .labelgames import play_games

            files += play_games(players, play, openings, _games_folder(out), seed, jobs, backend)
        how = Sampling(every, share, limit, random_moves, random_share, seed)
        with LabelWriter(out, Heading(teacher, lines)) as writer:
            positions = _positions(files, how, whole_games, jobs)
            try:
                summary = _labelled(positions, Teacher(teacher, lines, seed), writer, backend, jobs, batch)
            except KeyboardInterrupt:
                click.echo(f"interrupted: {writer.part} holds what is done; the same command resumes", err=True)
                raise
            writer.finish()
    if figures:
        write_json(figures, asdict(summary))
    _tell(summary, out)


def _check(context: click.Context, files: bool, players: bool, whole_games: bool) -> None:
    """Raise UsageError for options that exclude each other."""

    def given(*names: str) -> list[str]:
        source = click.core.ParameterSource.DEFAULT
        return [f"--{name.replace('_', '-')}" for name in names if context.get_parameter_source(name) is not source]

    if not files and not players:
        raise click.UsageError("nothing to label: give record files, or --from-players SPEC")
    if not players and (idle := given("play", "openings")):
        raise click.UsageError(f"{', '.join(idle)}: without effect unless --from-players is given")
    if whole_games and (idle := given("every", "share", "limit", "random_moves", "random_share")):
        raise click.UsageError(f"--whole-games labels every position of a game: leave out {', '.join(idle)}")


def _games_folder(out: Path) -> Path:
    """Return the folder for the games that are played for a label file."""
    return out.with_name(out.name + ".games")


def _positions(files: tuple[Path, ...], how: Sampling, whole: int | None, jobs: int) -> list[str]:
    """Return the positions to label, and print a line on what was read."""
    from ..arena.labels import sample, whole_games

    refusals: list[Refusal] = []

    def games() -> Iterator[GameRecord]:
        for item in open_records(files, jobs):
            if isinstance(item, GameRecord):
                yield item
            else:
                refusals.append(item)

    split = division.pack(games())
    positions = sample(split, how) if whole is None else whole_games(split, whole, how.seed)
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
