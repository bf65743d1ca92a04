"""`xiangqi-lm play`: the window."""

from __future__ import annotations

import gc
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import paths
from ..rules.rulesets import CHOICES as RULESETS

if TYPE_CHECKING:
    from ..engine.player import Player
    from ..gui.game.reviewing import Terms
    from ..review.reviewer import Reviewer
    from ..review.verdicts import Judge

DEFAULT_PLAYER = "lm:default"


@click.command()
@click.option("--player", "spec", default=DEFAULT_PLAYER, show_default=True, metavar="SPEC", help="The opponent.")
@click.option("--side", type=click.Choice(["red", "black"]), help="Your side.  [default: the last one chosen]")
@click.option("--fen", help="Start from this position.")
@click.option(
    "--ruleset", type=click.Choice(list(RULESETS)), help="Rules on repetition.  [default: the last ones chosen]"
)
@click.option(
    "--dump-layout", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="For scripts: write the pixels of board and buttons, position and state to FILE (JSON) at every change.",
)  # fmt: skip
@click.option(
    "--library", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Library of games to show.  [default: the last one chosen]",
)  # fmt: skip
@click.option("--fake-engine", type=click.Path(exists=True, dir_okay=False, path_type=Path), hidden=True)
@click.argument("game", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def play(
    spec: str,
    side: str | None,
    fen: str | None,
    ruleset: str | None,
    dump_layout: Path | None,
    library: Path | None,
    fake_engine: Path | None,
    game: Path | None,
) -> None:
    """Open the window and play; GAME, a record file in any format, is opened first.

    Example: xiangqi-lm play --side black --player "lm:default?temperature=0.5"
    """
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    if dump_layout and not dump_layout.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no folder {str(dump_layout.parent)!r}", param_hint="--dump-layout")
    if not fake_engine:
        from ..engine.spec import parse_spec

        parse_spec(spec)  # refuse a misspelt player before any window opens
    from ..gui.start import Start, run
    from ..gui.window import NoDisplay

    start = Start(
        partial(_opponent, spec, fake_engine),
        "scripted" if fake_engine else spec,
        paths.settings_file(),
        None if fake_engine else _of_menu,
        chosen=not fake_engine and spec != DEFAULT_PLAYER,
        side=side,
        ruleset=ruleset,
        fen=fen,
        game=game,
        dump=dump_layout,
        models=paths.models_folder(),
        library=paths.library_file(),
        chosen_library=library,
        make_judge=_of_menu,
        make_reviewer=_reviewer,
    )
    try:
        busy = run(start)
    except NoDisplay as fault:
        click.echo(f"xiangqi-lm: {fault}", err=True)
        sys.exit(2)
    sys.stdout.flush()
    gc.freeze()  # the interpreter's end need not look through all that numba and torch have made, for seconds
    if busy:  # a thread inside torch or a compiler cannot be stopped, and would crash the interpreter at exit
        os._exit(0)


def _opponent(spec: str, script: Path | None) -> Player:
    """Return the player of the command line: one that plays from a script, or any other."""
    if script:
        from ..gui.game.scripted import ScriptedPlayer

        return ScriptedPlayer.from_file(script)
    from ..engine.spec import make_player

    return make_player(spec)


def _of_menu(key: str) -> Player:
    """Return the player that the window's menu has under a key: the name of a level, or a spec."""
    from ..engine.levels import LEVELS
    from ..engine.spec import make_player

    return make_player(f"level:{key}" if key in LEVELS else key)


def _reviewer(terms: Terms) -> tuple[Reviewer, Judge]:
    from ..gui.game.reviewing import advisers

    return advisers(terms, paths.cache_folder() / "review.sqlite")
