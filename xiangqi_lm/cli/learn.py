"""`xiangqi-lm learn`: from the user's own games to an opponent."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import BadConfig, BadRecord
from ..library.query import Query
from ..records.formats.sources import STDIN
from . import options
from .kernels import compile_for
from .library_options import opened, query_options
from .progress import Meter
from .table import show

if TYPE_CHECKING:
    from ..learning.lesson import Items, Request

ROWS = {"top1": "first choice", "top3": "among the first three", "bits_per_move": "bits per move"}
PAIRS = 20
_KNOWN = 0.05  # a model that predicts games this much better than unseen ones has probably seen them


@click.command(short_help="Make an opponent from your own games.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[GAMES]...")
@click.option("--name", required=True, help="What the model will be called: lm:NAME.")
@click.option(
    "--as",
    "whose",
    metavar="WHO",
    help="Whose moves are learned: red, black, winner, or a player's name or a part of it.  [default: both sides']",
)
@click.option(
    "--library",
    "store_file",
    is_flag=False,
    flag_value="-",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="[FILE]",
    help="Take the games of a library that meet the conditions; without FILE, of your own library.",
)
@query_options
@click.option(
    "--held-out",
    "held_out",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Measure on these games instead of some of GAMES; may be repeated.",
)
@click.option("--rating", is_flag=True, help="Learn ratings too, for lm:NAME?rating=1800; the games must give them.")
@click.option("--model", "base", default="default", show_default=True, help="The model to begin with.")
@click.option(
    "--pairs", type=click.IntRange(0, 1_000_000), help="Pairs of games against that model, 0 for none.  [default: 20]"
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Random seed.")
@click.option("--resume", is_flag=True, help="Continue an unfinished run; needs nothing but --name.")
@click.option("--force", is_flag=True, help="Replace a model, or an unfinished run, of that name.")
@options.device
@options.jobs
@click.option("--json", "figures", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
@click.option(
    "--picture", type=click.Path(dir_okay=False, path_type=Path), help="Draw before and after (PNG; needs matplotlib)."
)
def learn(
    files: tuple[Path, ...],
    name: str,
    whose: str | None,
    store_file: Path | None,
    wanted: Query,
    held_out: tuple[Path, ...],
    rating: bool,
    base: str,
    pairs: int | None,
    seed: int,
    resume: bool,
    force: bool,
    device: str,
    jobs: int,
    figures: Path | None,
    picture: Path | None,
) -> None:
    """Make an opponent that plays as somebody did: train a model further on games, measure what it learned, keep it.

    GAMES are any records that `data import` reads. Some of them are held out: training stops when the predictions of
    one part stop improving, and the other part measures the result. The new model is lm:NAME on every command, in the
    window's list of opponents and in the option Model of UCI. It takes at least 20 games; even from 200 mainly openings
    are learned.

    Example: xiangqi-lm learn my-games/ --name me --as "My Name"
    """
    from ..learning import lesson
    from ..model import named

    named.check_new(name)
    options.prepare(figures, pictures=[picture])
    folder = lesson.folder_of(name)
    with _kept_for_resuming(name, folder):
        if resume:
            _refuse_new_games(files, store_file, wanted, held_out, whose)
            request = lesson.read_request(folder)
            request = request if pairs is None else replace(request, pairs=pairs)
        else:
            _check_sources(files, held_out, store_file, wanted)
            _check_name(name, folder, force)
            if whose is None:
                whose = wanted.players[0] if len(wanted.players) == 1 else ""
            asked = lesson.Request(name, base, whose, rating, PAIRS if pairs is None else pairs, seed)
            request = _prepared(folder, asked, files, store_file, wanted, held_out, jobs)
        learned = _learned(folder, request, device)
    with suppress(OSError):
        folder.rmdir()
    _tell(name, learned)
    if figures:
        from ..files import write_json

        write_json(figures, learned)
    if picture:
        from ..learning.plots import picture as draw

        draw(name, learned, picture)


@contextmanager
def _kept_for_resuming(name: str, folder: Path) -> Iterator[None]:
    """Keep other runs out of the folder; on an interruption, say how to resume."""
    from ..files import locked
    from ..learning import lesson

    with locked(folder, folder=True, otherwise="give another --name"):
        try:
            yield
        except KeyboardInterrupt:
            if lesson.is_begun(folder):
                click.echo(f"stopped and saved; continue with: xiangqi-lm learn --name {name} --resume", err=True)
            raise


# ------------------------------------------------------------------------------------------------ the request


def _refuse_new_games(
    files: tuple[Path, ...], store: Path | None, wanted: Query, held_out: tuple[Path, ...], whose: str | None
) -> None:
    if files or store or wanted or held_out or whose is not None:
        raise click.UsageError("--resume continues with the games of the run: give --name alone")


def _check_sources(files: tuple[Path, ...], held_out: tuple[Path, ...], store: Path | None, wanted: Query) -> None:
    if bool(files) == (store is not None):
        raise click.UsageError("expected GAMES, or --library with or without conditions such as --player")
    if wanted and store is None:
        raise click.UsageError(
            "conditions such as --player need --library; the moves of one player of GAMES: --as NAME"
        )
    for path in (*files, *held_out):
        if str(path) != STDIN and not path.exists():
            raise BadRecord("no such file or folder", source=str(path))


def _check_name(name: str, folder: Path, force: bool) -> None:
    from ..learning import lesson
    from ..model import named

    if force:
        return
    if lesson.is_begun(folder):
        raise BadConfig(f"an unfinished run of {name!r} is there: --resume continues it, --force starts again")
    if name in named.own():
        raise BadConfig(f"you have a model {name!r} already: give --force to replace it, or another --name")


# ------------------------------------------------------------------------------------------------ the stages


def _prepared(
    folder: Path,
    asked: Request,
    files: tuple[Path, ...],
    store: Path | None,
    wanted: Query,
    held_out: tuple[Path, ...],
    jobs: int,
) -> Request:
    """Read and split the games, and print a summary."""
    from ..learning import lesson
    from ..model import checkpoint
    from ..records.readers import open_records
    from ..training import provenance

    base = checkpoint.load(asked.base)  # fail before all the work
    compile_for(models=True, games=True)
    known = provenance.of_files([*files, *held_out], base.card)["trained_on"] == provenance.TRAINED_ON
    with ExitStack() as stack:
        items: Items
        if store is None:
            items, sources = open_records(files, jobs), _sources([*files, *held_out])
        else:
            library = stack.enter_context(opened(None if str(store) == "-" else store))
            items, sources = library.games(wanted), [(library.path.name, "")]
        apart = open_records(held_out, jobs) if held_out else None
        request = lesson.prepare(folder, replace(asked, known=known), items, apart, sources)
    _tell_games(request)
    return request


def _sources(paths: list[Path]) -> list[tuple[str, str]]:
    """Return name and SHA-256 of every file."""
    from ..files import sha256

    files = [file for path in paths for file in (sorted(path.rglob("*")) if path.is_dir() else [path])]
    return [(file.name, sha256(file)) for file in files if file.is_file()]


def _tell_games(request: Request) -> None:
    click.echo(f"read      {request.read:>7,} records")
    for reason, count in (request.dropped or {}).items():
        click.echo(f"left out  {count:>7,} {reason}")
    if request.left_out:
        click.echo(f"left out  {request.left_out:>7,} that begin like games that were set apart")
    for player, count in list((request.players or {}).items())[:5]:
        click.echo(f"moves of  {count:>7,} games: {player}")
    if more := list((request.players or {}).values())[5:]:
        click.echo(f"moves of  {sum(more):>7,} games: {len(more)} other spellings or players")
    click.echo(
        f"learning  {request.train:>7,} games; {request.stopping:,} more say when to stop, {request.measured:,} measure"
    )


def _learned(folder: Path, request: Request, device_name: str) -> dict[str, Any]:
    """Train, evaluate and keep the model, and play it against its base; return what its card says about this."""
    from ..learning import lesson, measuring
    from ..model import checkpoint
    from ..model.device import pick_device

    device = pick_device(device_name)
    run = lesson.started(folder, request, device)
    with Meter(run.config.steps - run.step, "steps") as meter:
        told = ""

        def report(line: dict[str, Any]) -> None:
            nonlocal told
            if found := line.get("validation", {}).get("top1"):
                told = f"held-out accuracy {found:.4f}"
            meter.add(1, told)

        lesson.train(run, folder, report)
    seconds = run.seconds
    del run
    with Meter(2 * lesson.plies_to_measure(folder), "plies") as meter:
        found = lesson.measured(folder, request, device, meter.add)
    strength = None
    if request.pairs:
        with Meter(2 * request.pairs, "games") as meter:
            tally = measuring.paired_games(
                folder / lesson.MODEL, request.base, request.pairs, request.seed, device, meter.add
            )
        strength = measuring.as_json(tally)
    found["training_seconds"] = round(seconds)
    target = lesson.keep(folder, request, found, strength)
    return checkpoint.read_card(target)["learned"]


# ------------------------------------------------------------------------------------------------ results


def figures_table(learned: dict[str, Any]) -> None:
    """Print the figures before and after."""
    rows = []
    for key, label in ROWS.items():
        gain, (low, high) = learned["gain"][key], learned["gain"]["intervals"].get(key, [float("nan")] * 2)
        before, after = (_with_interval(learned[kind], key) for kind in ("before", "after"))
        rows.append([label, before, after, f"{gain:+.4f} [{low:+.4f}, {high:+.4f}]"])
    plies = learned["before"]["plies"]
    show(
        f"Held-out moves: {plies:,} of {learned['games']:,} games",
        ["", learned["base"], learned["name"], "gain, 95 % interval"],
        rows,
    )


def news_line(learned: dict[str, Any]) -> str:
    """Return what distinguishes the model from the one before."""
    weights = "trained further" if learned.get("trained", True) else "as before: training did not help"
    positions = learned.get("repertoire", 0)
    return f"weights: {weights}; repertoire: " + (f"{positions:,} positions" if positions else "none, it did not help")


def _with_interval(part: dict[str, Any], key: str) -> str:
    edges = part.get("intervals", {}).get(key)
    return f"{part[key]:.4f}" + (f" ± {(edges[1] - edges[0]) / 2:.4f}" if edges else "")


def strength_line(learned: dict[str, Any]) -> str:
    """Return the result of the games against the base model, as a line."""
    played = learned["strength"]
    low, high = played["elo_interval"]
    return (
        f"against {learned['base']}: {played['wins']}-{played['draws']}-{played['losses']} (won-drawn-lost), "
        f"{played['elo']:+.0f} Elo [{low:+.0f}, {high:+.0f}]"
    )


def _tell(name: str, learned: dict[str, Any]) -> None:
    from ..model import checkpoint
    from ..paths import models_folder

    click.echo(news_line(learned))
    figures_table(learned)
    if "strength" in learned:
        click.echo(strength_line(learned))
    usual = checkpoint.read_card(learned["base"]).get("figures", {}).get("top1")
    if learned["known"] or (usual and learned["before"]["top1"] > usual + _KNOWN):
        click.echo(
            f"note: {learned['base']} has probably learned from these games before, so its figures are too high and "
            "the gain too small; give games that it never saw to --held-out"
        )
    size = sum(path.stat().st_size for path in (models_folder() / name).iterdir()) / 1e6
    click.echo(f"trained for {learned['training_seconds']:,} s; {size:.1f} MB in {models_folder() / name}")
    click.echo(f"play it: xiangqi-lm play --player lm:{name}")
