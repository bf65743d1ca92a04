"""Options that several commands share."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import XiangqiError
from ..rules.rulesets import CHOICES, DEFAULT

ruleset = click.option(
    "--ruleset", type=click.Choice(CHOICES), default=DEFAULT, show_default=True,
    help="Rules on repetition and the move limit; wxf is the same as asian.",
)  # fmt: skip

force = click.option("--force", is_flag=True, help="Replace a file of games that exists already, without asking.")


def keep_games(path: Path | None, force: bool) -> None:
    """Ask on a terminal before replacing a file of games; without one, raise XiangqiError."""
    if path is None or force or not path.is_file() or not path.stat().st_size:
        return
    if sys.stdin.isatty() and sys.stderr.isatty():
        if click.confirm(f"{path} exists already: replace it?", err=True):
            return
        raise XiangqiError(f"{path} stays as it is")
    raise XiangqiError(f"{path} exists already: give --force to replace it, or another name")
