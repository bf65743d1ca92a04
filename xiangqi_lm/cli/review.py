"""`xiangqi-lm review`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadConfig, BadRecord, XiangqiError, nearest
from ..files import write_json, write_text
from . import options
from .kernels import compile_for
from .review_tables import Tables

if TYPE_CHECKING:
    from ..library.library import Library
    from ..records.game import GameRecord
    from ..review.review import Review
    from ..review.reviewer import Reviewer
    from ..review.verdicts import Cache, Judge

NO_MODEL = "none"


def _file(words: str) -> dict[str, Any]:
    return {"type": click.Path(path_type=Path, dir_okay=False), "help": words}


@click.command(short_help="Review games: values, mistakes and their reasons.")
@click.argument("games", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="GAME...")
@click.option(
    "--judge", "spec", default="alphabeta", show_default=True, metavar="SPEC", help="Player that judges the moves."
)
@click.option(
    "--player",
    "who",
    metavar="NAME|SPEC",
    help="A person in the records (as --player-name), or the player that judges (as --judge).",
)
@click.option(
    "--model",
    "model",
    default="default",
    show_default=True,
    metavar="MODEL",
    help="The model that predicts what masters play: a name, a folder or hf:owner/name; none: no model.",
)
@click.option("--nodes", type=click.IntRange(1), help="Nodes the judge searches for each position.")
@click.option(
    "--movetime",
    type=click.FloatRange(0, min_open=True),
    help="Seconds the judge thinks about each position, instead of --nodes.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=os.cpu_count() or 1,
    show_default="one per core",
    help="Positions judged at once.",
)
@click.option(
    "--player-name", "name", metavar="NAME", help="Review only the moves of this player, whichever side they play."
)
@options.ruleset
@click.option(
    "--language",
    type=click.Choice(("en", "zh")),
    default="en",
    show_default=True,
    help="Language of the table and the comments.",
)
@click.option(
    "--notation",
    type=click.Choice(("chinese", "wxf", "iccs")),
    default="chinese",
    show_default=True,
    help="Notation of moves in the table and in --pgn.",
)
@click.option(
    "--library", "library_path", default=None, **_file("Library to compare with; default: your own, if there is one.")
)
@click.option("--json", "figures", **_file("Write the whole review here."))
@click.option("--html", "page", **_file("Write a page here that any browser shows, also offline."))
@click.option("--pgn", "annotated", **_file("Write the games with marks, values and lines here."))
@click.option("--puzzles", **_file("Write the positions with one clearly best move here, as PGN."))
@options.force
@click.option("--picture", **_file("Draw the player's progress from game to game here (PNG; needs matplotlib)."))
@click.option(
    "--cache", "cache_file", default=None, **_file("Keep the judge's answers here; default: your cache folder.")
)
@click.option("--device", default="auto", show_default=True, help="Device of the model: cpu, cuda, cuda:1, ...")
def review(
    games: tuple[Path, ...], spec: str, who: str | None, model: str, nodes: int | None, movetime: float | None,
    jobs: int, name: str | None, ruleset: str, language: str, notation: str, library_path: Path | None,
    figures: Path | None, page: Path | None, annotated: Path | None, puzzles: Path | None, force: bool,
    picture: Path | None, cache_file: Path | None, device: str,
) -> None:  # fmt: skip
    """Judge every move of a game: what it was worth, whether it was a mistake, and why.

    GAME is a file in any format, a folder, an archive, or - for standard input. With several games or one person's,
    the tables list only the mistakes. Answers are cached: a second run
    computes only what is missing, and an interrupted run continues.

    Example: xiangqi-lm review data/sample.pgn --html review.html
    """
    from ..engine.player import Limit
    from ..review.reviewer import Reviewer
    from ..review.verdicts import Cache, Judge

    if nodes and movetime:
        raise click.UsageError("give --nodes or --movetime, not both")
    if who is not None:
        spec, name = _judge_or_person(who, spec, name)
    options.keep_games(annotated, force)
    options.keep_games(puzzles, force)
    options.prepare(figures, page, annotated, puzzles, pictures=[picture])
    library = _library(library_path)
    compile_for(spec, models=model != NO_MODEL, games=True)
    limit = Limit(nodes=nodes, movetime=movetime) if nodes or movetime else None
    records = _records(games, name)
    cache = Cache(cache_file or _usual_cache())
    judge = Judge(spec, limit, jobs, cache, ruleset)
    reviewer = Reviewer(judge, _masters(model, device, cache))
    try:
        show = Tables(language, notation, name, name is not None or len(records) > 1)
        found = list(_reviewed(records, reviewer, show, library))
        exercises = _puzzles(found, judge, puzzles) if puzzles else None
    finally:
        reviewer.close()
        cache.close()
        if library is not None:
            library.close()
    whole = show.totals(found)
    _write(found, whole, figures, page, annotated, picture, show)
    if exercises is not None:
        click.echo(f"{exercises} puzzles written to {puzzles}", err=True)


def _judge_or_person(who: str, spec: str, name: str | None) -> tuple[str, str | None]:
    """Return the judge and the person's name; `who` is the judge if it is a player's spec, else the person."""
    from ..engine.spec import parse_spec

    try:
        parse_spec(who)
    except BadConfig:
        if name is not None or any(mark in who for mark in ":?"):
            raise
        return spec, who
    return who, name


def _usual_cache() -> Path:
    from ..paths import cache_folder

    return cache_folder() / "review.sqlite"


def _library(path: Path | None) -> Library | None:
    """Return the library to compare with: that of the option, or else the user's own, if it exists."""
    from ..library.library import Library
    from ..paths import library_file

    if path is None and not library_file().exists():
        return None
    return Library(path or library_file())


def _masters(model: str, device: str, cache: Cache) -> Any:
    from ..review.masters import Masters

    return None if model == NO_MODEL else Masters.load(model, device, cache)


def _records(paths: tuple[Path, ...], name: str | None) -> list[GameRecord]:
    """Return the games to review; raises XiangqiError if there are none."""
    from ..records.game import GameRecord
    from ..records.readers import Refusal, open_records
    from ..review.review import sides_of

    items = list(open_records(paths, keep_prefix=True))
    records = [item for item in items if isinstance(item, GameRecord)]
    refused = [item for item in items if isinstance(item, Refusal)]
    if not records and len(refused) == 1:
        raise BadRecord(refused[0].text, source=refused[0].source)
    if refused:
        click.echo(f"{len(refused)} unreadable records left out; `xiangqi-lm data import` lists them", err=True)
    if name is None and not records:
        raise XiangqiError(f"{', '.join(map(str, paths))}: no games to review")
    if cut := sum(bool(record.cuts) for record in records):
        what = "1 game is unreadable" if cut == 1 else f"{cut} games are unreadable"
        click.echo(f"{what} in part; the rest is reviewed. `xiangqi-lm data import` shows what was cut", err=True)
    if name is None:
        return records
    own = [record for record in records if sides_of(name, record)]
    if not own:
        names = {record.headers.get(side, "?") for record in records for side in ("Red", "Black")} - {"?", ""}
        hint = nearest(name, sorted(names), 5)
        raise XiangqiError(f"{', '.join(map(str, paths))}: no games of {name[:80]!r} to review{hint}")
    return own


def _reviewed(records: list[GameRecord], reviewer: Reviewer, show: Tables, library: Library | None) -> Iterator[Review]:
    from ..library.departures import departure
    from ..review.review import sides_of
    from .progress import Meter

    before, after = 0, sum(len(record.moves) + 1 for record in records)  # positions of the games before and after
    meter = Meter(after, "positions")
    for number, record in enumerate(records, 1):
        sides = sides_of(show.name, record) if show.name else ()
        after -= len(record.moves) + 1
        with meter:  # so that a game's table appears below its bar
            last = asked = 0

            def report(progress: Any, number: int = number, besides: int = before + after) -> None:
                nonlocal last, asked
                asked = progress.total
                meter.total(besides + asked)
                meter.add(progress.done - last, f"game {number} of {len(records)}")
                last = progress.done

            found = reviewer.review(record, progress=report, sides=sides)
        before += asked
        if library is not None:
            found = replace(found, departure=departure(library, record))
        show.table(found)
        yield found


def _puzzles(found: list[Review], judge: Judge, path: Path) -> int:
    from ..records.formats.pgn import write_game
    from ..review.puzzles import puzzles

    exercises = [puzzle for one in found for puzzle in puzzles(one, judge)]
    write_text(path, "".join(write_game(puzzle.record()) for puzzle in exercises))
    return len(exercises)


def _write(
    found: list[Review], whole: Any, figures: Path | None, page: Path | None, annotated: Path | None,
    picture: Path | None, show: Tables,
) -> None:  # fmt: skip
    from ..records.formats.pgn import write_game
    from ..review import page as pages
    from ..review import report
    from ..review.totals import progress_picture

    if figures:
        write_json(figures, {"games": [report.to_json(one) for one in found], "totals": asdict(whole)})
    if page:
        write_text(page, pages.page(found, show.language))
    if annotated:
        records = (report.annotated(one, show.language, show.notation) for one in found)
        write_text(annotated, "".join(write_game(record, show.notation) for record in records))
    if picture:
        progress_picture(whole, picture)
