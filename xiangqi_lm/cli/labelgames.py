"""The games that `xiangqi-lm data label --from-players` plays before it labels them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .selfplay import finish, part_of, play_missing, played_in, seed_of

if TYPE_CHECKING:
    from ..arena.backends import Backend
    from ..arena.pairings import Pairing

_BATCH = 32  # games played at once: fixed, because a game's random numbers depend on it


def play_games(
    players: tuple[str, ...],
    games: int,
    openings: Path | None,
    folder: Path,
    seed: int,
    jobs: int,
    backend: Backend,
) -> tuple[Path, ...]:
    """Play games and return their PGN files, one for each pair of players; existing games are not played again.

    Raises XiangqiError if the folder holds games of other players or settings.
    """
    from ..arena.openings import fingerprint, load
    from ..arena.pairings import pairings
    from ..arena.selfplay import SelfPlay
    from ..engine.spec import parse_spec

    plan = pairings([parse_spec(player) for player in players], games)
    book = tuple(load(openings))
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, pairing in enumerate(plan):
        if not pairing.games:
            continue
        out = folder / _name(number, pairing)
        files.append(out)
        there = _reopened(out, pairing)
        if there == pairing.games:
            os.replace(part_of(out), out)
            continue
        click.echo(f"{pairing.red} against {pairing.black or 'itself'}: {pairing.games - there:,} games", err=True)
        settings = {"openings": fingerprint(book)}
        chosen = seed_of(part_of(out), settings, seed + number)
        work = SelfPlay(pairing.red, pairing.black, book, _BATCH, chosen, total=pairing.games)
        summary = finish(play_missing(work, pairing.games, out, jobs, backend), out)
        click.echo(f"{summary['games']:,} games, {summary['plies']:,} plies: {out}")
    return tuple(files)


def _name(number: int, pairing: Pairing) -> str:
    words = f"{pairing.red}-{pairing.black or 'itself'}"
    return f"{number + 1}-{re.sub(r'[^A-Za-z0-9.=-]+', '-', words)[:80]}.pgn"


def _reopened(out: Path, pairing: Pairing) -> int:
    """Make a finished file a partial one again, so that games can be added; return how many games it holds."""
    part = part_of(out)
    if out.exists() and not part.exists():
        os.replace(out, part)
    return len(played_in(part, (str(pairing.red), str(pairing.black or pairing.red))))
