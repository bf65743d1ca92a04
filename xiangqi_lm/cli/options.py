"""Options that several commands share."""

from __future__ import annotations

import click

from ..rules.rulesets import CHOICES, DEFAULT

ruleset = click.option(
    "--ruleset", type=click.Choice(CHOICES), default=DEFAULT, show_default=True,
    help="Rules on repetition and the move limit; wxf is the same as asian.",
)  # fmt: skip
