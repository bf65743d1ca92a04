"""`xiangqi-lm play`: the window."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import paths

if TYPE_CHECKING:
    from ..engine.player import Player

DEFAULT_PLAYER = "lm:default"


@click.command()
@click.option("--player", "spec", default=DEFAULT_PLAYER, show_default=True, metavar="SPEC", help="The opponent.")
@click.option("--side", type=click.Choice(["red", "black"]), help="Your side; the last one chosen by default.")
@click.option("--fen", help="Begin from this position.")
@click.option(
    "--dump-layout", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Rewrite FILE as JSON at every change: pixels of the board and buttons, position, state; for scripts.",
)  # fmt: skip
@click.option("--fake-engine", type=click.Path(exists=True, dir_okay=False, path_type=Path), hidden=True)
@click.argument("game", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def play(
    spec: str, side: str | None, fen: str | None, dump_layout: Path | None, fake_engine: Path | None, game: Path | None
) -> None:
    """Open the window and play; GAME is a PGN file to begin with.

    Example: xiangqi-lm play --side black --player "lm:default?temperature=0.5"
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if dump_layout and not dump_layout.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(dump_layout.parent)!r}", param_hint="--dump-layout")
    if not fake_engine:
        from ..engine.spec import parse_spec

        parse_spec(spec)  # a misspelt player is refused before any window opens
    from ..gui.start import Start, run
    from ..gui.window import NoDisplay

    def opponent() -> Player:
        if fake_engine:
            from ..gui.game.scripted import ScriptedPlayer

            return ScriptedPlayer.from_file(fake_engine)
        from ..engine.spec import make_player

        return make_player(spec)

    def make_level(name: str) -> Player:
        from ..engine.spec import make_player

        return make_player(f"level:{name}")

    name = "scripted" if fake_engine else spec
    levels = None if fake_engine else make_level
    chosen = levels is not None and spec != DEFAULT_PLAYER
    start = Start(
        opponent, name, paths.settings_file(), levels, chosen, side=side, fen=fen, game=game, dump=dump_layout
    )
    try:
        busy = run(start)
    except NoDisplay as fault:
        click.echo(f"xiangqi-lm: {fault}", err=True)
        sys.exit(2)
    sys.stdout.flush()
    if busy:  # a thread inside torch or a compiler cannot be asked to stop, and would crash the interpreter's end
        os._exit(0)
