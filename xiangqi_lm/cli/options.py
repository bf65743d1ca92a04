"""Options that several commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ..errors import XiangqiError
from ..figures import require
from ..rules.rulesets import CHOICES, DEFAULT
from .finite import FiniteRange

ruleset = click.option(
    "--ruleset", type=click.Choice(CHOICES), default=DEFAULT, show_default=True,
    help="Rules on repetition and the move limit; wxf is the same as asian.",
)  # fmt: skip

force = click.option("--force", is_flag=True, help="Replace a file of games that exists already, without asking.")
jobs = click.option(
    "--jobs", type=click.IntRange(min=1), default=os.cpu_count() or 1,
    help="Number of processes.  [default: one per core]",
)  # fmt: skip
device = click.option("--device", default="auto", show_default=True, help="Device: cpu, cuda, cuda:1, ...")

# ------------------------------------------------------------------------------------------------ training runs

preset = click.option("--preset", "preset_name", default="default", show_default=True, help="Settings to start from.")
settings = click.option(
    "--set", "settings", multiple=True, metavar="A.B=C", help="Change one setting; may be repeated."
)
resume = click.option("--resume", is_flag=True, help="Continue the run in --out exactly where it was saved.")

# ------------------------------------------------------------------------------------------------ splits of games

seed_of_split = click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed that chooses the held-out games."
)
validation = click.option(
    "--validation", type=FiniteRange(0, 1, max_open=True), default=0.04, show_default=True,
    help="Share of games held out.",
)  # fmt: skip
min_plies = click.option(
    "--min-plies", type=click.IntRange(min=1), default=10, show_default=True, help="Drop games shorter than this."
)
shared_run = click.option(
    "--shared-run", type=click.IntRange(min=0), default=40, show_default=True,
    help="Keep games together that share this many plies in a row anywhere; 0: only the first 40 plies are compared.",
)  # fmt: skip

# ------------------------------------------------------------------------------------------------ files to be written


def prepare(*files: Path | None, pictures: Iterable[Path | None] = ()) -> None:
    """Make the folders of files to be written, so that a command fails at once and not after all its work.

    Raises XiangqiError for pictures that nothing installed can draw.
    """
    drawn = [path for path in pictures if path is not None]
    if drawn:
        require()
    for path in (*files, *drawn):
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)


def keep_games(path: Path | None, force: bool) -> None:
    """Ask on a terminal before replacing a file of games; without one, raise XiangqiError."""
    if path is None or force or not path.is_file() or not path.stat().st_size:
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        if click.confirm(f"{path} exists already: replace it?", err=True):
            return
        raise XiangqiError(f"{path} stays as it is")
    raise XiangqiError(f"{path} exists already: give --force to replace it, or another name")
