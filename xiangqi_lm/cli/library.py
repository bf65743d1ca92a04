"""`xiangqi-lm library`: the user's own games, added once, found by position, player, event, opening and text."""

from __future__ import annotations

import sys
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import click

from ..errors import BadRecord, XiangqiError
from ..files import write_json
from ..library.adding import Added
from ..library.library import Summary
from ..library.positions import place_of
from ..library.query import Query, parse_position
from ..records.formats.pgn import NOTATIONS
from ..records.formats.sources import STDIN
from ..rules.notation import STYLES
from . import options
from .kernels import compile_for
from .library_options import opened, query_options
from .progress import FilesMeter
from .table import show

_SHOWN = 3  # refusals of each kind to list on the terminal
_FILE = click.option(
    "--library",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The library's file.  [default: in the user's data folder]",
)
_JSON = click.option(
    "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the same to this file as JSON."
)


@click.group()
def library() -> None:
    """Keep game records in one searchable file: add them once, find them by position, player, event or text.

    Example: xiangqi-lm library add games/
    """


# ------------------------------------------------------------------------------------------------ add


@library.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@_FILE
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), help="Write all refusals to this file as JSON."
)
@options.jobs
def add(paths: tuple[Path, ...], file: Path | None, report: Path | None, jobs: int) -> None:
    """Add the games of files, folders and archives, in every format that `data import` reads.

    A game that the library has already only gains a source. Files that have not changed since they were added are not
    read again. After an interruption run the command again: at most the last 2,000 games have to be added once more.

    Example: xiangqi-lm library add old-games.tar.xz my-games/
    """
    for path in paths:
        if str(path) != STDIN and not path.exists():
            raise BadRecord("no such file or folder", source=str(path))  # before a library is created for nothing
    compile_for()
    with opened(file, create=True) as store, FilesMeter(0) as meter:
        added = store.add(paths, jobs, partial(_show, meter))
        total = store.count()
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        write_json(report, _report(added))
    for path in added.unchanged:
        click.echo(f"unchanged {path}")
    click.echo(f"new       {added.games:>9,} games")
    click.echo(f"copies    {added.copies:>9,} new sources of games in the library")
    click.echo(f"known     {added.known:>9,} sources added before")
    _refused(added, report)
    click.echo(f"library   {total:>9,} games in {store.path}")


def _show(meter: FilesMeter, added: Added) -> None:
    """Show the counts after a batch."""
    meter.total(added.size // 1000)
    words = f"{added.games:,} new games, {added.copies + added.known:,} already there, {len(added.refusals):,} refused"
    meter.reached(added.read, words)


def _report(added: Added) -> dict[str, Any]:
    refusals = [vars(refusal) for refusal in added.refusals]
    return {"games": added.games, "copies": added.copies, "known": added.known, "refusals": refusals}


def _refused(added: Added, report: Path | None) -> None:
    click.echo(f"refused   {len(added.refusals):>9,}")
    for reason, count in Counter(refusal.reason for refusal in added.refusals).most_common():
        click.echo(f"  {reason}: {count:,}")
        for refusal in [r for r in added.refusals if r.reason == reason][:_SHOWN]:
            place = (f", game {refusal.number}" if refusal.number else "") + (
                f", line {refusal.line}" if refusal.line else ""
            )
            click.echo(f"    {refusal.source}{place}{f', ply {refusal.ply}' if refusal.ply else ''}: {refusal.text}")
        if count > _SHOWN:
            hint = f"see {report}" if report else "list them with --report FILE"
            click.echo(f"    ... {count - _SHOWN:,} more: {hint}")


# ------------------------------------------------------------------------------------------------ search, explore


@library.command()
@query_options
@_FILE
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="Games to list.")
@_JSON
def search(wanted: Query, file: Path | None, limit: int, json_file: Path | None) -> None:
    """List the games that meet all conditions, the latest first.

    Example: xiangqi-lm library search --player 许银川 --year 1999-2005 --opening 屏风马
    """
    with opened(file) as store:
        found, total = store.search(wanted, limit), store.count(wanted)
    rows = [_row(game, wanted.position is not None) for game in found]
    show("Games", ["game", "date", "red", "black", "result", "event", "opening", "plies"], rows)
    click.echo(f"{total:,} games" + (f", the first {len(found):,} are shown" if len(found) < total else ""))
    if json_file:
        write_json(json_file, {"games": total, "found": [vars(game) for game in found]})


def _row(game: Summary, with_ply: bool) -> list[str]:
    plies = f"{game.ply}/{game.plies}" if with_ply else str(game.plies)
    return [str(game.id), game.date or "-", game.red or "-", game.black or "-", game.result, game.event or "-",
            game.opening, plies]  # fmt: skip


@library.command()
@click.argument("position", nargs=-1)
@_FILE
@click.option("--games", type=click.IntRange(min=0), default=10, show_default=True, help="Games to list.")
@click.option(
    "--notation",
    type=click.Choice(tuple(STYLES)),
    default="chinese",
    show_default=True,
    metavar="NAME",
    help=f"Notation of the moves: {', '.join(STYLES)}.",
)
@_JSON
def explore(position: tuple[str, ...], file: Path | None, games: int, notation: str, json_file: Path | None) -> None:
    """Show what was played in a position or its mirror image: a FEN, or moves from the start position.

    Example: xiangqi-lm library explore 炮二平五 马8进7
    """
    board = parse_position(" ".join(position))
    with opened(file) as store:
        moves, found = store.explore(board), store.games_at(board, games) if games else []
    total = sum(played.games for played in moves)
    rows = []
    for played in moves:
        score = "-" if played.red_score is None else f"{100 * played.red_score:.1f}"
        share = f"{100 * played.games / total:.1f}"
        rows.append(
            [
                STYLES[notation](board, played.move),
                played.move.iccs(),
                f"{played.games:,}",
                share,
                score,
                str(played.last_year or "-"),
            ]
        )
    show("Moves", ["move", "iccs", "games", "%", "red %", "last"], rows)
    if games:
        columns = ["game", "date", "red", "black", "result", "event", "opening", "plies"]
        show("Games", columns, [_row(game, True) for game in found])
    if json_file:
        listed = [vars(p) | {"move": p.move.iccs(), "red_score": p.red_score} for p in moves]
        write_json(
            json_file,
            {"fen": board.fen(), "key": place_of(board).key, "moves": listed, "games": [vars(game) for game in found]},
        )


# ------------------------------------------------------------------------------------------------ out, figures, care


@library.command()
@query_options
@_FILE
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write: .pgn, .ubb (DhtmlXQ) or, for one game, .xqf.",
)
@click.option(
    "--parquet",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder for games and positions as Parquet.",
)
@click.option(
    "--notation",
    type=click.Choice(NOTATIONS),
    default="iccs",
    show_default=True,
    metavar="NAME",
    help=f"Notation of the moves in a PGN: {', '.join(NOTATIONS)}.",
)
@options.force
def export(
    wanted: Query, file: Path | None, out: Path | None, parquet: Path | None, notation: str, force: bool
) -> None:
    """Write the games that meet all conditions, or all games, with comments and variations.

    Example: xiangqi-lm library export --player 胡荣华 --result 1-0 --out hu.pgn
    """
    from ..dataset.collect import collect, writer

    if (out is None) == (parquet is None):
        raise click.UsageError("say where to write: either --out FILE or --parquet FOLDER")
    if parquet is not None:
        with opened(file) as store:
            click.echo(f"wrote {store.export_parquet(parquet, wanted):,} games to {parquet}")
        return
    assert out is not None
    options.keep_games(out, force)
    with opened(file) as store:
        out.parent.mkdir(parents=True, exist_ok=True)
        found = collect(store.games(wanted), out, write=writer(out, notation))
    if not found.sources:
        raise XiangqiError(f"no game meets the conditions: {out} was not written")
    click.echo(f"wrote {found.written:,} games to {out}")


@library.command()
@_FILE
@_JSON
def stats(file: Path | None, json_file: Path | None) -> None:
    """Show how many games, players and positions there are, and the most frequent ones.

    Example: xiangqi-lm library stats
    """
    with opened(file) as store:
        figures = store.stats()
    show("Library", ["", "number"], [[k, f"{v:,}"] for k, v in figures.items() if isinstance(v, int)])
    for title in ("results", "openings", "most_frequent_players"):
        show(title.replace("_", " ").capitalize(), ["", "games"], [[k, f"{v:,}"] for k, v in figures[title].items()])
    decades: Counter[int] = Counter()
    for year, count in figures["years"].items():
        decades[year // 10 * 10] += count
    show("Decades", ["", "games"], [[f"{decade}s", f"{count:,}"] for decade, count in sorted(decades.items())])
    if json_file:
        write_json(json_file, figures)


@library.command()
@_FILE
def check(file: Path | None) -> None:
    """Check that the file is whole, every game legal and every position found; exit 1 if not.

    Example: xiangqi-lm library check
    """
    with opened(file) as store:
        wrong = store.check()
        total = 0 if wrong else store.count()
    for line in wrong:
        click.echo(line)
    if wrong:
        raise XiangqiError(f"{store.path}: {len(wrong):,} faults; restore a backup, or build the library again")
    click.echo(f"{total:,} games, nothing wrong")


@library.command()
@query_options
@_FILE
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(wanted: Query, file: Path | None, yes: bool) -> None:
    """Remove the games that meet all conditions; at least one must be given.

    Example: xiangqi-lm library remove --source drafts.pgn --yes
    """
    if not wanted:
        raise click.UsageError("say which games to remove, for example --game 12 or --source FILE")
    with opened(file) as store:
        total = store.count(wanted)
        if total and not yes:
            if not sys.stdin.isatty():
                raise click.UsageError(f"{total:,} games would be removed: confirm with --yes")
            click.confirm(f"Remove {total:,} games?", abort=True)
        click.echo(f"removed {store.remove(wanted) if total else 0:,} games")


@library.command()
@_FILE
def vacuum(file: Path | None) -> None:
    """Free the disk space of removed games.

    Example: xiangqi-lm library vacuum
    """
    with opened(file) as store:
        before = store.path.stat().st_size
        store.vacuum()
        click.echo(f"{before:,} bytes before, {store.path.stat().st_size:,} after")
