"""`xiangqi-lm selfplay`."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import XiangqiError
from ..files import locked, write_json
from ..rules.rulesets import DEFAULT
from .finite import FiniteRange
from .kernels import compile_for
from .options import force as force_option
from .options import keep_games, prepare
from .options import ruleset as ruleset_option
from .progress import GamesLeft, Meter

if TYPE_CHECKING:
    from ..arena.backends import Backend
    from ..arena.selfplay import SelfPlay
    from ..records.game import GameRecord


@click.command(short_help="Games of a player against itself.")
@click.option("--player", required=True, metavar="SPEC", help="Plays Red, and Black too unless --black is given.")
@click.option("--black", metavar="SPEC", help="Plays Black.")
@click.option("--games", type=click.IntRange(1), required=True, help="Number of games.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="PGN file, or a folder for shards.")
@click.option("--batch", type=click.IntRange(1), default=256, show_default=True, help="Games played at once.")
@click.option("--openings", type=click.Path(path_type=Path), help="Games or positions to start from, in turn.")
@click.option(
    "--book-plies", type=click.IntRange(0), help="Play only this many plies of each of these games.  [default: all]"
)
@click.option(
    "--opening-plies",
    "--hot-plies",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Plies at the start of each game that are sampled at --opening-temperature.",
)
@click.option("--opening-temperature", "--hot-temperature", type=FiniteRange(0), default=1.0, show_default=True,
              help="Temperature of these plies.")  # fmt: skip
@ruleset_option
@force_option
@click.option("--device", default=None, help="Device of language models: cpu, cuda, cuda:1 …")
@click.option(
    "--seed", type=int, default=None, help="Seed of both players and of the order of openings.  [default: random]"
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Worker processes, each with a batch of its own.",
)
@click.option("--backend", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Where the workers run: on this machine, or on a Ray cluster.")  # fmt: skip
@click.option(
    "--json", "figures", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures to this file."
)
def selfplay(
    player: str,
    black: str | None,
    games: int,
    out: Path,
    batch: int,
    openings: Path | None,
    book_plies: int | None,
    opening_plies: int,
    opening_temperature: float,
    ruleset: str,
    force: bool,
    device: str | None,
    seed: int | None,
    jobs: int,
    backend: Backend,
    figures: Path | None,
) -> None:
    """Play games of a player against itself or another, many at once, and write them as PGN or as training shards.

    A language model against itself plays thousands of games at once; larger batches are faster. Each game is written
    when it ends. Run the same command again to continue after an interruption.

    Example: xiangqi-lm selfplay --player lm:default --games 20 --out games.pgn
    """
    from ..arena.openings import fingerprint, load
    from ..arena.selfplay import SelfPlay
    from ..engine.spec import parse_spec, with_device

    if out.suffix and out.suffix.lower() != ".pgn" and not out.is_dir():
        raise click.BadParameter(f"{out}: expected a name that ends in .pgn, or a folder", param_hint="--out")
    keep_games(out, force)
    prepare(out, figures)
    red = with_device(parse_spec(player), device)
    other = with_device(parse_spec(black), device) if black else None
    compile_for(red, other, games=True)
    book = tuple(load(openings, book_plies)) if openings else ()
    beginning: dict[str, Any] = {"openings": fingerprint(book) if book else None, "hot plies": opening_plies}
    if ruleset != DEFAULT:
        beginning["ruleset"] = ruleset
    beginning |= {"hot temperature": opening_temperature} if opening_plies else {}
    with locked(part_of(out)):
        chosen = seed_of(part_of(out), beginning, seed)
        work = SelfPlay(red, other, book, batch, chosen, opening_plies, opening_temperature, ruleset, games)
        summary = finish(play_missing(work, games, out, jobs, backend), out)
    click.echo(f"{summary['games']} games, {summary['plies']} plies: {out}")
    click.echo(f"Red won {summary['red_wins']}, Black {summary['black_wins']}, drawn {summary['draws']}")
    click.echo("ended by " + ", ".join(f"{name} {n}" for name, n in summary["terminations"].items()))
    if figures:
        write_json(figures, summary)


# ------------------------------------------------------------------------------------------------ playing


def part_of(out: Path) -> Path:
    """Return the file that collects the games until all are played."""
    return out.with_name(out.name + ".part")


def _note(part: Path) -> Path:
    """Return the file beside a part that records how its games began."""
    return part.with_name(part.name + ".json")


def seed_of(part: Path, settings: dict[str, Any], seed: int | None) -> int:
    """Return the seed that a part was begun with, else this one or a new one, which is recorded with the settings.

    Raises XiangqiError if the part was begun with other settings.
    """
    note = _note(part)
    if part.exists() and note.exists():
        known = json.loads(note.read_text("utf-8"))
        for name, value in {**settings, "seed": known["seed"] if seed is None else seed}.items():
            if known.get(name) != value:
                raise XiangqiError(
                    f"{part} holds games with {name} = {known.get(name)}, not {value}: use the same settings, "
                    "move it away or give another --out"
                )
        return int(known["seed"])
    chosen = random.SystemRandom().getrandbits(32) if seed is None else seed
    write_json(note, {**settings, "seed": chosen})
    return chosen


def play_missing(work: SelfPlay, games: int, out: Path, jobs: int, backend: Backend) -> Path:
    """Play the games that the unfinished file of `out` does not hold yet; return that file, which is then complete."""
    part = part_of(out)
    there = played_in(part, (str(work.red), str(work.black or work.red)))
    if more := [number for number in there if number >= games]:
        raise XiangqiError(
            f"{part} holds game {max(more) + 1}: ask for at least that many games, or give another --out"
        )
    missing = [number for number in range(games) if number not in there]
    if there:
        click.echo(f"{part} holds {len(there)} games; continuing", err=True)
    try:
        left = GamesLeft(len(missing), work.batch * jobs)
        with part.open("ab") as file, Meter(left.total(), "plies") as meter:
            for record in _records(work, missing, jobs, backend, left, meter):
                file.write(_text(record))
                file.flush()
    except KeyboardInterrupt:
        click.echo(f"interrupted: {part} holds the finished games; run the same command to continue", err=True)
        raise
    finally:
        work.close()
        if part.exists() and not part.stat().st_size:
            part.unlink()
        if not part.exists():
            _note(part).unlink(missing_ok=True)
    return part


def _records(
    work: SelfPlay, numbers: Sequence[int], jobs: int, backend: Backend, left: GamesLeft, meter: Meter
) -> Iterator[GameRecord]:
    """Yield the games as they end: one by one from this process, by batches from others."""
    from ..arena.backends import run

    def count(plies: int) -> None:
        left.played(plies)
        meter.total(left.total())
        meter.add(plies, left.words())

    def ended(record: GameRecord) -> GameRecord:
        left.ended(len(record.moves))
        count(0)
        return record

    if jobs == 1 and backend == "local":
        yield from map(ended, work.play(numbers, count))
        return
    for _, records in run(work.batches(numbers), work, backend, jobs, report=count):
        if isinstance(records, Exception):
            raise records
        if backend != "local":  # other machines report no progress within a batch
            count(sum(len(record.moves) for record in records))
        yield from map(ended, records)


def _text(record: GameRecord) -> bytes:
    from ..records.formats.pgn import write_game

    return (write_game(record) + "\n").encode()


def played_in(part: Path, names: tuple[str, str]) -> set[int]:
    """Return the numbers of the games in a part, after cutting it behind the last whole one; raises XiangqiError if
    others played them.
    """
    from ..records.formats.pgn import read_games

    if not part.exists():
        return set()
    with part.open("r+b") as file:
        whole = file.read()
        whole = whole[: whole.rfind(b"\n\n\n") + 3] if b"\n\n\n" in whole else b""
        file.truncate(len(whole))
    found = set()
    for record in read_games(whole.decode("utf-8")):
        if (record.headers.get("Red"), record.headers.get("Black")) != names:
            raise XiangqiError(f"{part} holds games of other players: move it away or give another --out")
        found.add(int(record.headers["Round"]) - 1)
    return found


# ------------------------------------------------------------------------------------------------ once complete


def finish(part: Path, out: Path) -> dict[str, Any]:
    """Write the finished games to their place in the wanted form; return the figures."""
    from ..dataset import division, shards
    from ..records.formats.pgn import read_games

    records = list(read_games(part.read_text("utf-8")))
    if out.suffix.lower() == ".pgn" and not out.is_dir():
        os.replace(part, out)
    else:
        shards.build(records, out, division.Options(), [(part.name, "")])
        part.unlink()
    _note(part).unlink(missing_ok=True)
    results = Counter(record.result for record in records)
    return {
        "games": len(records),
        "plies": sum(len(record.moves) for record in records),
        "red_wins": results["1-0"],
        "black_wins": results["0-1"],
        "draws": results["1/2-1/2"],
        "terminations": dict(Counter(_ending(record) for record in records).most_common()),
    }


def _ending(record: GameRecord) -> str:
    return record.headers["Termination"].partition(":")[0]
