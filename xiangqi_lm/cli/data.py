"""`xiangqi-lm data`: from records to clean PGN and training shards."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..dataset import annotate, division, leaks, shards, stats
from ..dataset import labels as label_files
from ..dataset.collect import Collected, collect, writer
from ..errors import XiangqiError
from ..files import locked, sha256, write_json
from ..library.query import Query
from ..records import openings
from ..records.formats.pgn import NOTATIONS
from ..records.game import Cut, GameRecord
from ..records.readers import Refusal, open_records
from .finite import FiniteRange
from .kernels import compile_for
from .label import label
from .library import opened, query_options
from .options import force as force_option
from .options import keep_games
from .table import show

_SHOWN = 3  # refusals of each kind to list on the terminal


@click.group()
def data() -> None:
    """Import game records, build training shards, show statistics, label positions.

    Example: xiangqi-lm data import games/ --out games.pgn
    """


data.add_command(label)

_JOBS = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 1,
    help="Number of processes.  [default: one per core]",
)
_SHARED_RUN = click.option(
    "--shared-run",
    type=click.IntRange(min=0),
    default=40,
    show_default=True,
    help="Keep games together that share this many plies in a row anywhere; 0: only the first 40 plies are compared.",
)


# ------------------------------------------------------------------------------------------------ import


@data.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: .pgn, .ubb (DhtmlXQ) or, for one game, .xqf.",
)
@click.option(
    "--notation",
    type=click.Choice(NOTATIONS),
    default="iccs",
    show_default=True,
    metavar="NAME",
    help=f"Notation of the moves in a PGN: {', '.join(NOTATIONS)}.",
)
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all refusals and duplicates here, as JSON."
)
@click.option("--dedupe", is_flag=True, help="Leave out copies and prefixes of other games.")
@click.option("--keep-legal-prefix", is_flag=True, help="Keep the part of a game before its first illegal move.")
@click.option("--strict", is_flag=True, help="Exit with status 1 if anything was refused or cut.")
@force_option
@_JOBS
def import_records(
    paths: tuple[Path, ...],
    out: Path,
    notation: str,
    report: Path | None,
    dedupe: bool,
    keep_legal_prefix: bool,
    strict: bool,
    force: bool,
    jobs: int,
) -> None:
    """Read records of any kind into one file: PGN, WXF, XQF, CBR, CBL, CBF, PFC, DhtmlXQ, move lists, JSON lines, CSV;
    as files, folders, zip, tar, gz, xz or standard input (-); in UTF-8, UTF-16, GB18030 or Big5.

    Formats are recognised by content, not by file name. Every game is replayed; a record that is not a legal game
    is refused, and its file, line and the reason are reported.

    Example: xiangqi-lm data import old-games.tar.xz --out games.pgn --report import.json
    """
    keep_games(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    compile_for()
    with locked(out):
        items = _watched(open_records(paths, jobs, keep_legal_prefix))
        found = collect(items, out, dedupe, writer(out, notation))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        write_json(report, found.report())
    _tell(found, out, report)
    if strict and (found.refusals or found.cuts):
        raise XiangqiError(f"--strict: {len(found.refusals):,} records refused, {len(found.cuts):,} cut")


def _tell(found: Collected, out: Path, report: Path | None) -> None:
    """Print the summary as plain lines."""
    games, plies = len(found.sources), sum(found.plies)
    click.echo(f"read      {games:>9,} games, {plies:,} plies, {found.set_up:,} games from set-up positions")
    kinds = Counter(kind for _, kind, _ in found.duplicates)
    click.echo(f"copies    {kinds['exact']:>9,} of other games, {kinds['prefix']:,} games are the beginning of another")
    if found.variations or found.comments:
        click.echo(f"with      {found.variations:>9,} variations, {found.comments:,} comments on main lines")
    refused = [
        (refusal.source + (f", game {refusal.number}" if refusal.number else "") + _line(refusal), refusal)
        for refusal in found.refusals
    ]
    _list("refused", refused, report)
    for note, count in Counter(note for _, note in found.notes).most_common():
        click.echo(f"assumed   {count:>9,} games: {note}")
    if found.cuts:
        _list("cut", found.cuts, report)
    if not found.sources:
        raise XiangqiError(f"no game found: {out} was not written")
    click.echo(f"wrote     {found.written:>9,} games to {out}")


def _line(refusal: Refusal) -> str:
    return f", line {refusal.line}" if refusal.line else ""


def _list(title: str, faults: Sequence[tuple[str, Refusal | Cut]], report: Path | None) -> None:
    """Print faults by reason, with the places of a few."""
    click.echo(f"{title:<9} {len(faults):>9,}")
    for reason, count in Counter(fault.reason for _, fault in faults).most_common():
        click.echo(f"  {reason}: {count:,}")
        for where, fault in [f for f in faults if f[1].reason == reason][:_SHOWN]:
            click.echo(f"    {where}{f', ply {fault.ply}' if fault.ply else ''}: {fault.text}")
        if count > _SHOWN:
            hint = f"see {report}" if report else "list them with --report FILE"
            click.echo(f"    ... {count - _SHOWN:,} more: {hint}")


# ------------------------------------------------------------------------------------------------ build


@data.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--library",
    "store_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Take the games of a library that meet the conditions, instead of FILES; - is your own library.",
)
@query_options
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed that chooses the held-out games.")
@click.option(
    "--validation",
    type=FiniteRange(0, 1, max_open=True),
    default=0.04,
    show_default=True,
    help="Share of games held out.",
)
@click.option(
    "--min-plies", type=click.IntRange(min=1), default=10, show_default=True, help="Drop games shorter than this."
)
@click.option(
    "--labels",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Add the teacher's answers in this label file to the games, matched by position; may be repeated.",
)
@_SHARED_RUN
@_JOBS
def build(
    wanted: Query,
    files: tuple[Path, ...],
    store_file: Path | None,
    out: Path,
    seed: int,
    validation: float,
    min_plies: int,
    labels: tuple[Path, ...],
    shared_run: int,
    jobs: int,
) -> None:
    """Turn records into training shards, without copies, prefixes or mirror images, split by game into train and
    validation.

    The same files and options give the same bytes. If several --labels contain a position, the first one counts.

    With --library the games come from a library, all of them or those that meet conditions (--player, --year, ...).

    Example: xiangqi-lm data build games.pgn --out shards
    """
    if bool(files) == (store_file is not None) or (wanted and store_file is None):
        raise click.UsageError("expected FILES, or --library with or without conditions such as --player")
    options = division.Options(seed, validation, min_plies, shared_run)
    compile_for()
    with locked(out, folder=True):
        if store_file is not None:
            with opened(None if str(store_file) == "-" else store_file) as store:
                index = shards.build(_watched(store.games(wanted)), out, options)
        else:
            sources = [(path.name, sha256(path)) for path in files]
            index = shards.build(_watched(open_records(files, jobs)), out, options, sources)
        _tell_built(index)
        if labels:
            _annotate(out, labels, index["splits"])
    click.echo(f"wrote shards to {out}")


def _tell_built(index: dict[str, Any]) -> None:
    click.echo(f"read        {index['read']:>9,} records")
    for reason, count in index["dropped"].items():
        click.echo(f"dropped     {count:>9,} {reason}")
    for name, sizes in index["splits"].items():
        click.echo(f"{name:<11} {sizes['games']:>9,} games, {sizes['plies']:,} plies, {sizes['set_up']:,} from set-up")


def _annotate(out: Path, labels: tuple[Path, ...], sizes: dict[str, dict[str, int]]) -> None:
    """Put label files into shards and print how many plies of each side have an answer."""
    found = label_files.read(labels)
    files = [file for path in labels for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    index = annotate.annotate(out, found, [(file.name, sha256(file)) for file in files if file.is_file()])
    for name, known in index["answers"]["plies"].items():
        share = known / max(1, sizes[name]["plies"])
        click.echo(f"{name:<11} {known:>9,} plies with a teacher's answer ({share:.0%})")


# ------------------------------------------------------------------------------------------------ check


@data.command()
@click.argument("folder", type=click.Path(path_type=Path))
def check(folder: Path) -> None:
    """Check shards fully: every file against its digest, every move of every game against the rules.

    Example: xiangqi-lm data check shards
    """
    compile_for()
    for name, games in shards.Shards.open(folder).check().items():
        click.echo(f"{name:<11} {games:>9,} games, all whole and legal")


# ------------------------------------------------------------------------------------------------ stats


@data.command("stats")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--seed", type=int, default=0, show_default=True, help="Seed, as for `data build`.")
@click.option(
    "--validation",
    type=FiniteRange(0, 1, max_open=True),
    default=0.04,
    show_default=True,
    help="Share of games held out.",
)
@click.option(
    "--min-plies", type=click.IntRange(min=1), default=10, show_default=True, help="Drop games shorter than this."
)
@_SHARED_RUN
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
@click.option("--plots", type=click.Path(file_okay=False, path_type=Path), help="Draw pictures into this folder.")
@_JOBS
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
        options = division.Options(seed, validation, min_plies, shared_run)
        divided = division.divide(_watched(open_records(paths, jobs)), options)
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


# ------------------------------------------------------------------------------------------------ progress


def _watched(items: Iterable[GameRecord | Refusal]) -> Iterator[GameRecord | Refusal]:
    """Yield the same items, counting them on stderr, on a terminal only."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from items
        return
    columns = (SpinnerColumn(), TextColumn("{task.fields[words]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=None, words="reading")
        refused = 0
        for count, item in enumerate(items, 1):
            refused += isinstance(item, Refusal)
            if count % 200 == 0:
                progress.update(task, words=f"{count - refused:,} games read, {refused:,} refused")
            yield item
