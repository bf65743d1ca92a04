"""`xiangqi-lm data stats`."""

from __future__ import annotations

from pathlib import Path

import click

from ..dataset import division, leaks, shards, stats
from ..files import write_json
from ..records import openings
from ..records.formats.sources import Reading
from ..records.readers import open_records
from . import options
from .kernels import compile_for
from .progress import counted
from .table import show


@click.command("stats")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@options.seed_of_split
@options.validation
@options.min_plies
@options.shared_run
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Draw pictures into this folder.")
@options.jobs
def show_stats(
    paths: tuple[Path, ...],
    seed: int,
    validation: float,
    min_plies: int,
    shared_run: int,
    json_file: Path | None,
    plots: Path | None,
    jobs: int,
) -> None:
    """Count games, results, lengths, openings and copies, and measure what held-out games share with training games.

    Give records, which are split as `data build` would split them with the same options, or one folder of shards.

    Example: xiangqi-lm data stats games.pgn --plots pictures
    """
    if len(paths) == 1 and (paths[0] / "index.json").is_file():
        opened = shards.Shards.open(paths[0])
        splits = {name: opened.split(name) for name in division.SPLITS}
        figures = stats.stats(splits, opened.index["read"], opened.index["dropped"])
    else:
        compile_for()
        chosen = division.Options(seed, validation, min_plies, shared_run)
        reading = Reading(paths)
        divided = division.divide(counted(open_records(paths, jobs, reading=reading), reading), chosen)
        figures = stats.stats({name: divided.split(name) for name in division.SPLITS}, divided.read, divided.dropped)
    if json_file:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        write_json(json_file, figures.report())
    _show(figures)
    if plots:
        from ..dataset.plots import draw

        click.echo(f"drew {', '.join(str(path) for path in draw(figures, plots))}")


def _show(figures: stats.Stats) -> None:
    sizes = [["read", f"{figures.read:,}"]]
    sizes += [[f"dropped: {reason}", f"{count:,}"] for reason, count in figures.dropped.items()]
    sizes += [["games", f"{len(figures.lengths):,}"], ["from set-up positions", f"{figures.set_up:,}"]]
    sizes += [["plies", f"{int(figures.lengths.sum()):,}"]]
    sizes += [[f"plies of a game, {name}", f"{value:,}"] for name, value in figures.quantiles().items()]
    sizes += [[f"{name} games", f"{sizes['games']:,}"] for name, sizes in figures.splits.items()]
    show("Records", ["", "number"], sizes)
    rows = []
    for name, results in [("", figures.results), *figures.openings]:
        known = results.total() - results["unknown"]
        shares = [f"{100 * results[who] / known:.1f}" if known else "-" for who in ("red", "draw", "black")]
        rows.append([name or "all", openings.english(name) if name else "", f"{results.total():,}", *shares])
    if figures.ratings.total():
        rows = [[name, f"{count:,}"] for name, count in figures.ratings.items()]
        show("Ratings of the players", ["Elo", "players"], rows)
    show("Openings", ["", "", "games", "red %", "draw %", "black %"], rows)
    if figures.leaks:
        rows = [
            [f"{o.ply}", f"{o.games:,}", f"{100 * o.positions:.1f}", f"{100 * o.continuations:.1f}"]
            for o in figures.leaks.steps()
        ]
        show("Validation games known from training", ["ply", "games", "position %", "and move %"], rows)
        told = figures.leaks.report()
        for key in ("known_opening_plies", "longest_known_run_plies"):
            click.echo(f"{key.replace('_', ' ')}: " + ", ".join(f"{k} {v:g}" for k, v in told[key].items()))
        click.echo(f"share {leaks.SHARED_PLIES} plies in a row with one training game: {figures.leaks.shared:,}")
