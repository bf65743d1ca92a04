"""`xiangqi-lm uci`."""

from __future__ import annotations

import sys
import time

import click


@click.command(short_help="Serve the UCI protocol.")
@click.option("--player", default="lm:default", show_default=True, metavar="SPEC", help="Who answers.")
def uci(player: str) -> None:
    """Serve the UCI protocol (ranks 0-9) on stdin and stdout for any xiangqi program that speaks it.

    Example: printf 'uci\\nposition startpos moves h2e2\\ngo\\nquit\\n' | xiangqi-lm uci
    """
    from ..engine.spec import make_player, parse_spec
    from ..engine.uci import serve

    spec = parse_spec(player)  # a bad spec is refused at once; the model loads when it is first needed
    serve(lambda: make_player(spec), sys.stdin, lambda line: print(line, flush=True), time.perf_counter)
