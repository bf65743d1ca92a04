"""`xiangqi-lm data`: from records to clean PGN and training shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..dataset import annotate, division, shards
from ..dataset import labels as label_files
from ..dataset.collect import Collected, collect, writer
from ..errors import XiangqiError
from ..files import locked, sha256, write_json
from ..library.query import Query
from ..records.formats.pgn import NOTATIONS
from ..records.formats.sources import Reading
from ..records.game import Cut
from ..records.readers import Refusal, open_records
from . import options
from .kernels import compile_for
from .label import label
from .library_options import opened, query_options
from .progress import counted
from .stats import show_stats

_SHOWN = 3  # refusals of each kind to list on the terminal


@click.group()
def data() -> None:
    """Import game records, build training shards, show statistics, label positions.

    Example: xiangqi-lm data import games/ --out games.pgn
    """


data.add_command(label)
data.add_command(show_stats)


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
@options.force
@options.jobs
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
    options.keep_games(out, force)
    out.parent.mkdir(parents=True, exist_ok=True)
    compile_for()
    with locked(out):
        reading = Reading(paths)
        items = counted(open_records(paths, jobs, keep_legal_prefix, reading), reading)
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
@options.seed_of_split
@options.validation
@options.min_plies
@click.option(
    "--labels",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Add the teacher's answers in this label file to the games, matched by position; may be repeated.",
)
@options.shared_run
@options.jobs
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
    chosen = division.Options(seed, validation, min_plies, shared_run)
    compile_for()
    with locked(out, folder=True):
        if store_file is not None:
            with opened(None if str(store_file) == "-" else store_file) as store:
                index = shards.build(counted(store.games(wanted)), out, chosen)
        else:
            sources = [(path.name, sha256(path)) for path in files]
            reading = Reading(files)
            index = shards.build(counted(open_records(files, jobs, reading=reading), reading), out, chosen, sources)
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
