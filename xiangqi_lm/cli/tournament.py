"""`xiangqi-lm tournament`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from ..files import write_json
from .finite import FiniteRange
from .kernels import compile_for
from .options import prepare, ruleset


@click.command(short_help="Games between players, rated.")
@click.option(
    "--player", "players", multiple=True, required=True, metavar="[NAME=]SPEC",
    help="A player; give at least two. A spec may set its own limit: nodes, depth, movetime, or a clock as tc=60+0.6.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder of the tournament."
)
@click.option("--pairs", type=click.IntRange(1, 1_000_000), default=10, show_default=True,
              help="Openings for each pair of players, played with both colours.")  # fmt: skip
@click.option("--gauntlet", is_flag=True, help="The first player meets each of the others, instead of all against all.")
@click.option(
    "--tc",
    metavar="CONTROL",
    help="Time control for all: 60+0.6, 40/60, movetime=S, nodes=N, depth=N, or several of them with commas.",
)
@click.option("--openings", "book", type=click.Path(path_type=Path, exists=True),
              help="Records of games, or EPD or FEN lines, instead of the shipped openings.")  # fmt: skip
@click.option("--opening-plies", type=click.IntRange(0), help="Plies of each opening that are played.  [default: all]")
@click.option(
    "--sprt", metavar="E0,E1", help="Stop two players' games when a sequential test accepts one of two Elo differences."
)
@click.option("--sprt-model", type=click.Choice(["logistic", "normalized"]), default="logistic", show_default=True,
              help="Elo scale of the numbers in --sprt.")  # fmt: skip
@click.option("--alpha", type=FiniteRange(0, 0.5, min_open=True), default=0.05, show_default=True,
              help="Type I error rate of the SPRT.")  # fmt: skip
@click.option("--beta", type=FiniteRange(0, 0.5, min_open=True), default=0.05, show_default=True,
              help="Type II error rate of the SPRT.")  # fmt: skip
@click.option(
    "--resign",
    metavar="SCORE[,MOVES]",
    help="A side loses when both players have seen it SCORE centipawns down for MOVES moves each (4 if not given).",
)
@click.option("--draw", metavar="SCORE[,MOVES[,PLY]]",
              help="A draw when all scores stay within ±SCORE centipawns for MOVES (8), from PLY (60) on.")  # fmt: skip
@click.option(
    "--max-plies", type=click.IntRange(1), default=500, show_default=True, help="Plies after which a game is drawn."
)
@click.option("--margin", type=FiniteRange(0), default=0.5, show_default=True,
              help="Seconds by which a clock or a move time may be exceeded.")  # fmt: skip
@ruleset
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Games played at once, each in a process."
)
@click.option("--backend", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Where games are played: on this machine, or on a Ray cluster.")  # fmt: skip
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Seed of the players and of the order of openings."
)
@click.option("--anchor", metavar="NAME", help="The player whose rating is 0.  [default: the mean is 0]")
@click.option(
    "--event", default="Tournament", show_default=True, help="Name of the tournament in the games and results."
)
@click.option(
    "--json", "figures", type=click.Path(path_type=Path, dir_okay=False), help="Write the results to this file too."
)
def tournament(out: Path, backend: str, jobs: int, figures: Path | None, **options: Any) -> None:
    """Play a tournament and rate the players. Run the same command again to continue one that was stopped.

    The folder gets games.pgn, results.json, ratings.png (where matplotlib is installed) and journal.jsonl, from which
    a rerun knows what has been played.

    \b
    Examples:
      xiangqi-lm tournament --player lm:default --player random --pairs 50 \\
          --out runs/first
      xiangqi-lm tournament --player "new=alphabeta?depth=4" \\
          --player "old=alphabeta?depth=3" --sprt 0,20 --pairs 1000 --jobs 8 \\
          --out runs/test
    """
    from ..arena.schedule import check_programs
    from ..arena.tournament import Tournament

    settings = _settings(options)
    if backend == "local":
        check_programs(settings.entrants)
        compile_for(*(entrant.spec for entrant in settings.entrants), games=True)
    prepare(figures)
    with Tournament(out, settings) as event:
        if event.resumed:
            click.echo(f"{event.resumed} of {event.planned} games were played before", err=True)
        try:
            for _ in _shown(event, event.play(backend, jobs), jobs):  # type: ignore[arg-type]
                pass
        except KeyboardInterrupt:
            click.echo(
                f"interrupted after {len(event.standings.done)} games: run the same command to continue", err=True
            )
            raise
        finally:
            event.write()
            if figures:
                write_json(figures, event.results())
        _print(event.results())
        for words in event.failed:
            click.echo(f"xiangqi-lm: not played: {words}", err=True)
        if event.failed:
            sys.exit(1)


def _settings(options: dict[str, Any]) -> Any:
    from ..arena import adjudication, openings, timecontrol
    from ..arena.match import Conditions
    from ..arena.schedule import parse_entrants
    from ..arena.tournament import Settings

    control = timecontrol.parse(options["tc"]) if options["tc"] else timecontrol.TimeControl()
    if len(options["players"]) < 2:
        raise click.UsageError("give --player at least twice")
    rules = adjudication.parse(options["resign"], options["draw"], options["max_plies"])
    return Settings(
        entrants=parse_entrants(options["players"], control),
        pairs=options["pairs"],
        openings=tuple(openings.load(options["book"], options["opening_plies"])),
        conditions=Conditions(rules, options["ruleset"], options["margin"]),
        gauntlet=options["gauntlet"],
        sprt=_sprt(options),
        seed=options["seed"],
        anchor=options["anchor"],
        event=options["event"],
    )


def _sprt(options: dict[str, Any]) -> Any:
    from ..arena.sprt import Sprt

    if not options["sprt"]:
        return None
    try:
        low, high = (float(part) for part in options["sprt"].split(","))
        if not -200 <= low < high <= 200:
            raise ValueError
    except ValueError:
        raise click.BadParameter(
            f"{options['sprt']!r}: expected two numbers E0,E1 from -200 to 200, the smaller one first",
            param_hint="--sprt",
        ) from None
    return Sprt(low, high, options["alpha"], options["beta"], options["sprt_model"])


# ------------------------------------------------------------------------------------------------ output


def _shown(event: Any, games: Iterator[dict[str, Any]], jobs: int) -> Iterator[dict[str, Any]]:
    """Yield the games as they end, showing a growing table on a terminal, else a line for each."""
    from rich.console import Console
    from rich.live import Live

    from .progress import span

    console = Console(stderr=True)
    live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
    drawn, began, plies = 0.0, time.monotonic(), []
    with live or nullcontext():
        for game in games:
            plies.append(len(game["moves"].split()))
            left = seconds_left(plies, event.planned - len(event.standings.done), jobs, time.monotonic() - began)
            if live is None:
                played = f"{len(event.standings.done)}/{event.planned}"
                click.echo(
                    f"{played} {game['red']} - {game['black']} {game['result']} ({game['reason']}), {span(left)} left",
                    err=True,
                )
            elif time.monotonic() - drawn > 1:
                table = _table(event.results())
                table.caption = f"about {span(left)} left"
                live.update(table, refresh=True)
                drawn = time.monotonic()
            yield game


def seconds_left(plies: list[int], games: int, jobs: int, seconds: float) -> float:
    """Estimate the seconds that `games` more will take, from the plies of finished games; games that other workers have
    begun count half."""
    mean = sum(plies) / len(plies)
    begun = (min(jobs, games + 1) - 1) * mean / 2
    return max(0.0, games * mean - begun) * seconds / max(1.0, sum(plies) + begun)


def _table(results: dict[str, Any]) -> Any:
    """Return a table of the players by rating, with their results."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=escape(f"{results['event']}: {results['games']:,} of {results['planned']:,} games"))
    table.add_column("player")
    for name in ("Elo", "95 %", "games", "won", "drawn", "lost", "score", "s/move"):
        table.add_column(name, justify="right")
    ratings = results["ratings"]["players"]
    rated = {player["name"]: player for player in results["players"]}
    for name in [*ratings, *(name for name in rated if name not in ratings)]:
        player, rating = rated[name], ratings.get(name)
        spread = f"{rating['elo_95'][0]:+.0f} {rating['elo_95'][1]:+.0f}" if rating else "-"
        table.add_row(
            escape(name),
            f"{rating['elo']:+.0f}" if rating else "-",
            spread,
            *(str(player[key]) for key in ("games", "wins", "draws", "losses")),
            f"{100 * player['score']:.1f} %",
            "-" if player["seconds_per_move"] is None else f"{player['seconds_per_move']:.3f}",
        )
    return table


def _print(results: dict[str, Any]) -> None:
    """Print the table, the results between each two players, and the tests."""
    from rich.console import Console

    Console(width=None if Console().is_terminal else 110).print(_table(results))
    for pair in results["pairs"]:
        one, two = pair["players"]
        low, high = pair["elo_95"]
        line = (
            f"{one} - {two}: +{pair['wins']} ={pair['draws']} -{pair['losses']}, Elo {pair['elo']:+.1f} "
            f"[{low:+.1f}, {high:+.1f}], LOS {100 * pair['los']:.1f} %"
        )
        if test := pair["sprt"]:
            bounds = f"[{test['bounds'][0]:.2f}, {test['bounds'][1]:.2f}]"
            line += f", SPRT({test['elo0']:g}, {test['elo1']:g}): LLR {test['llr']:.2f} {bounds} {test['state']}"
        click.echo(line)
    click.echo("ended by " + (", ".join(f"{name} {n}" for name, n in results["terminations"].items()) or "nothing yet"))
    lost = [f"{player['name']} {player['lost_otherwise']}" for player in results["players"] if player["lost_otherwise"]]
    if lost:
        click.echo("lost by time, illegal moves or failures: " + "; ".join(lost))
