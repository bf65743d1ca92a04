"""A table, by rich on a terminal and as plain lines otherwise."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table


def show(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print a table; the first column, and columns without a name, hold text."""
    console = Console()
    if console.is_terminal:
        table = Table(title=title, title_justify="left", box=None)
        for i, column in enumerate(columns):
            table.add_column(column, justify="right" if i and column else "left")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        return
    click.echo(f"# {title}")
    if any(columns):
        click.echo("\t".join(columns))
    for row in rows:
        click.echo("\t".join(row))
