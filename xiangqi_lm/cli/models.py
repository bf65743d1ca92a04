"""`xiangqi-lm models`: the models that go by a name."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..errors import BadConfig, nearest
from ..files import write_json
from .completing import ModelText
from .table import show


@click.group()
def models() -> None:
    """List, show and remove models: those that come with the program, and your own, made by `learn`.

    Example: xiangqi-lm models list
    """


def _json(command: Any) -> Any:
    return click.option(
        "--json", "json_file", type=click.Path(dir_okay=False, path_type=Path),
        help="Write the same to this file as JSON.",
    )(command)  # fmt: skip


@models.command("list")
@_json
def list_models(json_file: Path | None) -> None:
    """List the models, and runs of `learn` that are unfinished.

    Example: xiangqi-lm models list
    """
    from ..learning import lesson
    from ..model import named

    found = [_about(name) for name in (*named.shipped(), *named.own())]
    rows = [
        [one["name"], f"{one['parameters']:,}" if one["parameters"] else "-", f"{one['bytes'] / 1e6:.1f}", one["words"]]
        for one in found
    ]
    show("Models", ["name", "parameters", "MB", "what it learned from"], rows)
    unfinished = lesson.unfinished()
    for name in unfinished:
        click.echo(f"unfinished: {name}; continue with: xiangqi-lm learn --name {name} --resume")
    if json_file:
        write_json(json_file, {"models": found, "unfinished": unfinished})


def _about(name: str) -> dict[str, Any]:
    """Return a model's description in the list."""
    from ..model import checkpoint, named

    folder = named.find(name)
    assert folder is not None
    card = checkpoint.read_card(folder)
    return {
        "name": name,
        "own": name in named.own(),
        "folder": str(folder),
        "parameters": card.get("parameters", 0),
        "bytes": sum(path.stat().st_size for path in folder.iterdir() if path.is_file()),
        "words": _words(card),
    }


def _words(card: dict[str, Any]) -> str:
    learned = card.get("learned")
    if not learned:
        sources = ", ".join(source["name"] for source in card.get("trained_on", []))
        return sources or "not known"
    whose = learned["whose"] or "both sides"
    gain = 100 * learned["gain"]["top1"]
    return f"{learned['train']:,} games, moves of {whose}, {learned['date']}, {gain:+.1f} points on held-out moves"


@models.command("show")
@click.argument("name", type=ModelText())
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw before and after (PNG; needs matplotlib)."
)
@_json
def show_model(name: str, picture: Path | None, json_file: Path | None) -> None:
    """Show where a model is stored, what it learned from, and what that changed.

    Example: xiangqi-lm models show default
    """
    from ..model import checkpoint
    from .learn import figures_table, news_line, strength_line

    folder = _found(name)
    card = checkpoint.read_card(folder)
    if picture and "learned" not in card:
        raise BadConfig(f"{name}: --picture shows what `learn` changed, and this model was not made by it")
    about = _about(name)
    click.echo(f"{name}: {about['parameters']:,} parameters, {about['bytes'] / 1e6:.1f} MB in {folder}")
    click.echo(f"learned from: {about['words']}")
    if learned := card.get("learned"):
        click.echo(f"started from {learned['base']}; held out: {learned['stopping'] + learned['measured']:,} games")
        click.echo(news_line(learned))
        figures_table(learned)
        if "strength" in learned:
            click.echo(strength_line(learned))
    elif figures := card.get("figures"):
        click.echo(f"first choice on held-out moves: {figures['top1']:.4f} ({figures['games']:,} games)")
    click.echo(f"play it: xiangqi-lm play --player lm:{name}")
    if picture:
        from ..learning.plots import picture as draw

        draw(name, card["learned"], picture)
    if json_file:
        write_json(json_file, {**about, "card": card})


def _found(name: str) -> Path:
    from ..model import named

    if folder := named.find(name):
        return folder
    raise BadConfig(f"unknown model {name!r}{nearest(name, [*named.shipped(), *named.own()])}")


@models.command()
@click.argument("name", type=ModelText())
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Remove a model of your own, and an unfinished run of that name.

    Example: xiangqi-lm models remove me --yes
    """
    from ..learning import lesson

    where = lesson.removable(name)
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"{where[0]} would be removed: confirm with --yes")
        click.confirm(f"Remove {' and '.join(map(str, where))}?", abort=True)
    lesson.remove(name)
    click.echo(f"removed {' and '.join(map(str, where))}")
