"""The first compilation on a machine, shown by the commands that need the engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_PAUSE = 10.0  # seconds between plain lines


def compile_for(*players: object, models: bool = False, games: bool = False) -> None:
    """Compile everything that players, given as specs or None, a model (`models`) or whole games with their rulings
    (`games`) will need.

    It is done here, before worker processes start, so that they find it in the cache; if already done, it is silent.
    """
    from ..engine.levels import compiles
    from ..rules import jit

    specs = [str(player) for player in players if player is not None]
    with _shown():
        jit.compile_rules()
        if games:
            jit.compile_chases()
        if models or any(spec.partition(":")[0].partition("?")[0] in ("lm", "mcts", "level") for spec in specs):
            jit.compile_classes()
        if any(map(compiles, specs)):
            from ..engine.alphabeta.player import AlphaBetaPlayer

            AlphaBetaPlayer(hash_mb=1)


@contextmanager
def _shown() -> Iterator[None]:
    """Show what is being compiled: a bar on a terminal, else a plain line now and then."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from ..rules.compiling import watched

    console = Console(stderr=True)
    if not console.is_terminal:
        with watched(_plain()):
            yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    bar = Progress(*columns, TimeElapsedColumn(), console=console, transient=True)
    task = bar.add_task("", total=None)

    def tell(words: str, done: int, of: int) -> None:
        bar.start()
        bar.update(task, description=words, completed=done, total=of)

    try:
        with watched(tell):
            yield
    finally:
        bar.stop()


def _plain() -> Callable[[str, int, int], None]:
    began = told = 0.0

    def tell(words: str, done: int, of: int) -> None:
        nonlocal began, told
        now = time.monotonic()
        began = began or now
        if words == "compiled":
            click.echo(f"compiled in {now - began:.0f} s", err=True)
        elif not told or now - told >= _PAUSE:
            told = now
            click.echo(f"{words} ({done} of {of})", err=True)

    return tell
