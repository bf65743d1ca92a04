"""`xiangqi-lm ucci`."""

from __future__ import annotations

import click

from .options import ruleset
from .uci import serve_stdio


@click.command(short_help="Serve the UCCI protocol.")
@click.option("--player", default="lm:default", show_default=True, metavar="SPEC", help="The player that answers.")
@ruleset
def ucci(player: str, ruleset: str) -> None:
    """Speak UCCI 3.0 on stdin and stdout, as an engine for any xiangqi program.

    \b
    Example:
      printf 'ucci\\nposition startpos\\ngo depth 1\\nquit\\n' | xiangqi-lm ucci
    """
    serve_stdio("ucci", player, ruleset)
