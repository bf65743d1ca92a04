"""The library that a command works on, and the conditions on its games: options of several commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from .. import paths
from ..library.library import Library
from ..library.query import Query, parse_position, parse_years
from ..records.game import RESULTS


def opened(file: Path | None, create: bool = False) -> Library:
    """Return the library of an option `--library`, or the user's own."""
    return Library(file or paths.library_file(), create)


def query_options(command: Callable) -> Callable:
    """Give a command the options of a query, and pass it a `Query` as `wanted`."""

    @wraps(command)
    def with_query(
        player: tuple[str, ...], year: str | None, position: str | None, game: tuple[int, ...], **rest: Any
    ) -> Any:
        texts = {name: rest.pop(name) or "" for name in ("red", "black", "event", "opening", "result", "comment")}
        wanted = Query(
            players=player,
            years=parse_years(year) if year else None,
            position=parse_position(position) if position is not None else None,
            source=rest.pop("from_source") or "",
            ids=game,
            **texts,
        )
        return command(wanted=wanted, **rest)

    options = [
        click.option("--player", multiple=True, help="Name or part of it, in either script; twice: games between two."),
        click.option("--red", help="Name of the player of Red."),
        click.option("--black", help="Name of the player of Black."),
        click.option("--event", help="Name of the event, or a part of it."),
        click.option("--year", help="A year, or the first and the last: 1990-2000."),
        click.option("--opening", help="Name of the opening in Chinese or English, or a part of it."),
        click.option("--result", type=click.Choice(RESULTS), help="How the game ended."),
        click.option("--position", help="FEN, or moves from the start position; mirror images count."),
        click.option("--comment", help="Text in a comment, in either script."),
        click.option("--source", "from_source", help="File or archive member, or a part of its name."),
        click.option("--game", type=int, multiple=True, help="Number of a game; may be repeated."),
    ]  # fmt: skip
    for option in reversed(options):
        with_query = option(with_query)
    return with_query
