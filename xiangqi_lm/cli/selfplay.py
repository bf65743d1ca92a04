"""`xiangqi-lm selfplay`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..files import write_json


@click.command(short_help="Games of a player against itself.")
@click.option("--player", required=True, metavar="SPEC", help="Who plays Red, and Black unless --black is given.")
@click.option("--black", metavar="SPEC", help="Who plays Black.")
@click.option("--games", type=click.IntRange(1), required=True, help="How many games.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PGN file to write.")
@click.option("--batch", type=click.IntRange(1), default=64, show_default=True, help="Games played at once.")
@click.option("--device", default=None, help="Where language models run: cpu, cuda, cuda:1 ...")
@click.option("--seed", type=int, default=None, help="Fixes the dice of both players.")
@click.option("--json", "figures", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures here.")
def selfplay(
    player: str,
    black: str | None,
    games: int,
    out: Path,
    batch: int,
    device: str | None,
    seed: int | None,
    figures: Path | None,
) -> None:
    """Play games of a player against itself or another, many at once in one batch, and write them as PGN.

    Example: xiangqi-lm selfplay --player lm:default --games 20 --out games.pgn
    """
    from ..arena import selfplay as arena
    from ..engine.spec import make_player, parse_spec, with_device

    if figures:
        figures.parent.mkdir(parents=True, exist_ok=True)  # not after all the work
    specs = [with_device(parse_spec(text), device) for text in (player, black or player)]
    red = make_player(specs[0], seed)
    other = red if black is None else make_player(specs[1], None if seed is None else seed + 1)
    finished = _written(_counted(arena.selfplay, red, other, games, batch), red.name, other.name, out)
    summary = _summary(finished)
    click.echo(f"{summary['games']} games, {summary['plies']} plies: {out}")
    click.echo(f"Red won {summary['red_wins']}, Black {summary['black_wins']}, drawn {summary['draws']}")
    click.echo("ended by " + ", ".join(f"{name} {n}" for name, n in summary["terminations"].items()))
    if figures:
        write_json(figures, summary)


def _summary(finished: list[Any]) -> dict[str, Any]:
    results = Counter(game.outcome.result for game in finished)
    return {
        "games": len(finished),
        "plies": sum(game.outcome.plies for game in finished),
        "red_wins": results["1-0"],
        "black_wins": results["0-1"],
        "draws": results["1/2-1/2"],
        "terminations": dict(Counter(game.outcome.termination.value for game in finished).most_common()),
    }


def _counted(play: Any, red: Any, black: Any, games: int, batch: int) -> Iterator[Any]:
    """The games as they end, with a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[plies]} plies"))
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=games, plies=0)
        plies = 0

        def count(n: int) -> None:
            nonlocal plies
            plies += n
            progress.update(task, plies=plies)

        for game in play(red, black, games, batch, count):
            progress.advance(task)
            yield game


def _written(games: Iterator[Any], red: str, black: str, out: Path) -> list[Any]:
    """Write games as they end; the file gets its name when all are there, or at Ctrl-C with those that have ended."""
    from ..arena.selfplay import record_of
    from ..records.pgn import write_game

    finished: list[Any] = []
    temporary = out.with_name(out.name + ".part")
    interrupted = False
    try:
        with temporary.open("w", encoding="utf-8") as file:
            try:
                for game in games:
                    file.write(write_game(record_of(game, red, black)) + "\n")
                    finished.append(game)
            except KeyboardInterrupt:
                interrupted = True
        if finished:
            os.replace(temporary, out)
    finally:
        temporary.unlink(missing_ok=True)
    if interrupted:
        ended = f"{out} holds the {len(finished)} games that had ended" if finished else "no game had ended"
        click.echo(f"interrupted: {ended}", err=True)
        raise KeyboardInterrupt
    return finished
