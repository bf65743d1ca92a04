"""`xiangqi-lm data`: records in, clean PGN and training shards out."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from ..records import shards
from ..records.collect import Collected, collect
from ..records.game import GameRecord
from ..records.readers import Refusal, open_records

_SHOWN = 3  # refusals of each kind named on the terminal


@click.group()
def data() -> None:
    """Import game records, build training shards.

    Example: xiangqi-lm data import games/ --out games.pgn
    """


_JOBS = click.option(
    "--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1, help="Processes.  [default: one a core]"
)


# ------------------------------------------------------------------------------------------------ import


@data.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The PGN file to write.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="JSON: all refusals and duplicates.")
@click.option("--dedupe", is_flag=True, help="Leave out copies and prefixes of other games.")
@_JOBS
def import_records(paths: tuple[Path, ...], out: Path, report: Path | None, dedupe: bool, jobs: int) -> None:
    """Read records (PGN or JSON lines; files, folders, zip, tar, gz, xz; UTF-8, GB18030 or Big5) into one UTF-8 PGN.

    Every game is replayed; what is not a legal game is refused with its file and the reason.

    Example: xiangqi-lm data import old-games.tar.xz --out games.pgn --report import.json
    """
    out.parent.mkdir(parents=True, exist_ok=True)
    found = collect(_watched(open_records(paths, jobs)), out, drop_duplicates=dedupe)
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        part = report.with_name(report.name + ".part")
        part.write_text(json.dumps(found.report(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        os.replace(part, report)
    _tell(found, out, report)


def _tell(found: Collected, out: Path, report: Path | None) -> None:
    """The summary: plain lines."""
    games, plies = len(found.sources), sum(found.plies)
    click.echo(f"read      {games:>9,} games, {plies:,} plies, {found.set_up:,} games from set-up positions")
    kinds = Counter(kind for _, kind, _ in found.duplicates)
    click.echo(f"copies    {kinds['exact']:>9,} of other games, {kinds['prefix']:,} games are the beginning of another")
    click.echo(f"refused   {len(found.refusals):>9,}")
    for reason, count in Counter(refusal.reason for refusal in found.refusals).most_common():
        click.echo(f"  {reason}: {count:,}")
        for refusal in [r for r in found.refusals if r.reason == reason][:_SHOWN]:
            where = f"{refusal.source}, game {refusal.number}" if refusal.number else refusal.source
            click.echo(f"    {where}{f', ply {refusal.ply}' if refusal.ply else ''}: {refusal.text}")
        if count > _SHOWN:
            where = f"see {report}" if report else "list them with --report FILE"
            click.echo(f"    ... {count - _SHOWN:,} more: {where}")
    click.echo(f"wrote     {found.written:>9,} games to {out}")


# ------------------------------------------------------------------------------------------------ build


@data.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder to write.")
@click.option("--seed", type=int, default=0, show_default=True, help="Chooses the games held out.")
@click.option(
    "--validation", type=click.FloatRange(0, 1, max_open=True), default=0.04, show_default=True, help="Share held out."
)
@click.option("--min-plies", type=click.IntRange(min=1), default=10, show_default=True, help="Drop shorter games.")
@_JOBS
def build(files: tuple[Path, ...], out: Path, seed: int, validation: float, min_plies: int, jobs: int) -> None:
    """Turn records into training shards: no copies, prefixes or mirror images, split by game into train and validation.

    The same files and options give the same bytes.

    Example: xiangqi-lm data build games.pgn --out shards
    """
    sources = [(path.name, _sha256(path)) for path in files]
    options = shards.Options(seed=seed, validation=validation, min_plies=min_plies)
    index = shards.build(_watched(open_records(files, jobs)), out, options, sources)
    click.echo(f"read        {index['read']:>9,} records")
    for reason, count in index["dropped"].items():
        click.echo(f"dropped     {count:>9,} {reason}")
    for name, sizes in index["splits"].items():
        click.echo(f"{name:<11} {sizes['games']:>9,} games, {sizes['plies']:,} plies, {sizes['set_up']:,} from set-up")
    click.echo(f"wrote shards to {out}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


# ------------------------------------------------------------------------------------------------ progress


def _watched(items: Iterable[GameRecord | Refusal]) -> Iterator[GameRecord | Refusal]:
    """The same items, counted on stderr while they pass, on a terminal only."""
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
