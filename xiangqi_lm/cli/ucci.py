"""`xiangqi-lm ucci`."""

from __future__ import annotations

import click

from .options import ruleset
from .uci import serve_stdio


@click.command(short_help="Serve the UCCI protocol.")
@click.option("--player", default="lm:default", show_default=True, metavar="SPEC", help="Who answers.")
@ruleset
def ucci(player: str, ruleset: str) -> None:
    """Serve the UCCI 3.0 protocol on stdin and stdout for xiangqi programs that speak it.

    Example: printf 'ucci\\nposition startpos moves h2e2\\ngo depth 1\\nquit\\n' | xiangqi-lm ucci
    """
    serve_stdio("ucci", player, ruleset)
