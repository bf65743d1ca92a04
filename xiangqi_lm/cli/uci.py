"""`xiangqi-lm uci`."""

from __future__ import annotations

import gc
import sys
import time

import click

from .options import ruleset


@click.command(short_help="Serve the UCI protocol.")
@click.option("--player", default="lm:default", show_default=True, metavar="SPEC", help="The player that answers.")
@ruleset
def uci(player: str, ruleset: str) -> None:
    """Speak UCI on stdin and stdout, as an engine for any xiangqi program.

    \b
    Example:
      printf 'uci\\nposition startpos moves h2e2\\ngo\\nquit\\n' | xiangqi-lm uci
    """
    serve_stdio("uci", player, ruleset)


def serve_stdio(protocol: str, player: str, ruleset: str) -> None:
    """Serve a protocol on stdin and stdout; refuse a player that cannot be built before reading the first line."""
    from ..engine.server.server import read_lines, serve
    from ..engine.spec import make_player, parse_spec
    from ..rules import jit

    base = parse_spec(player)
    jit.warm_in_background()
    lines = read_lines(sys.stdin.buffer)
    try:
        serve(make_player, base, lines, lambda line: print(line, flush=True), time.perf_counter, protocol, ruleset)
    finally:
        gc.freeze()  # spare the exit a pass over torch's many objects: 0.4 s from `quit` instead of 2
