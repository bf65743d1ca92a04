"""`xiangqi-lm evaluate`."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import XiangqiError
from ..files import write_json
from . import options
from .kernels import compile_for

if TYPE_CHECKING:
    from ..dataset.shards import Shards
    from ..dataset.splits import Split
    from ..model.gpt import Gpt

PROBE_GAMES = 1000  # training games used to fit the probe
ROLLOUT_PLIES = 1000  # plies from which the model's own continuations start


def _file(words: str) -> dict[str, Any]:
    return {"type": click.Path(path_type=Path, dir_okay=False), "help": words}


@click.command(short_help="Measure a model on game records.")
@click.option(
    "--model", "model_name", default="default", show_default=True, help="A model's name, a folder, or hf:owner/name."
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--split", "side", default="validation", show_default=True, help="Split of a folder of shards: train or validation."
)
@click.option(
    "--games", "most", type=click.IntRange(1), metavar="N", help="Measure N games, evenly spaced.  [default: all]"
)
@click.option(
    "--rollout",
    "ahead",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Also measure accuracy N moves ahead, on the model's own continuations.",
)
@click.option(
    "--sampled", type=click.IntRange(1), metavar="N", help="Also measure legality in N games sampled by the model."
)
@click.option("--probe", "probed", is_flag=True, help="Also probe how well a moves-only model knows the board.")
@click.option(
    "--labels",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="Compare the value with the scores of this label file, matched by position; may be repeated.",
)
@click.option(
    "--judge",
    "judges",
    multiple=True,
    metavar="SPEC",
    help="Compare the value with this player's scores of the same positions; with --player it may be repeated.",
)
@click.option(
    "--player",
    "players",
    multiple=True,
    metavar="SPEC",
    help="Measure what this player's moves give away according to the judges, instead of the model; may be repeated.",
)
@click.option("--verdicts", **_file("With --player: store moves and verdicts here, so that a stopped run continues."))
@click.option(
    "--judged", type=click.IntRange(1), default=4000, show_default=True, help="Number of positions that --judge scores."
)
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Number of judges at work in parallel."
)
@click.option("--seed", default=0, show_default=True, help="Random seed.")
@options.device
@click.option("--json", "figures", **_file("Write the report here."))
@click.option("--picture", **_file("Draw the report here (PNG; needs matplotlib)."))
@click.option(
    "--probe-picture", **_file("Draw a game's boards, and those read out of the model, here; implies --probe.")
)
def evaluate(
    model_name: str, files: tuple[Path, ...], side: str, most: int | None, ahead: int | None, sampled: int | None,
    probed: bool, labels: tuple[Path, ...], judges: tuple[str, ...], players: tuple[str, ...], verdicts: Path | None,
    judged: int, jobs: int, seed: int, device: str, figures: Path | None, picture: Path | None,
    probe_picture: Path | None,
) -> None:  # fmt: skip
    """Measure a model on records it was not trained on: any record files, or one folder of shards.

    Only games from the start position count. Figures are averages over plies, with 95 % intervals by games. Accuracies
    and bits per move are masked (legal moves only), legality is unmasked; every figure says which.

    If the games carry a teacher's scores, or with --labels or --judge, the model's value is compared with these scores.
    With --player players are measured instead of the model, by the expected score that their moves give away.

    Example: xiangqi-lm evaluate --model default data/shards --json report.json --picture report.png
    """
    from ..model import checkpoint
    from ..model.device import pick_device
    from ..training import provenance
    from .evaluation_tables import show

    judge = _checked(labels, judges, players)
    options.prepare(figures, pictures=[picture, probe_picture])
    compile_for(*judges, *players, models=True)
    shards, games = _games(files, side)
    if (probed or probe_picture) and shards is None:
        raise XiangqiError("--probe is fitted on training games: give a folder of shards, made by `data build`")
    model = checkpoint.load(model_name, pick_device(device))
    made = provenance.of_shards(shards, side, model.card) if shards else provenance.of_files(files, model.card)
    rng = random.Random(seed)
    sample = sorted(rng.sample(range(len(games)), most)) if most and most < len(games) else range(len(games))
    shown = {key: getattr(model.config, key) for key in ("board", "legal_moves", "legal_bias", "move_classes")}
    report = {"model": model_name, "data": made["data"], "split": made, "shown": shown, "seed": seed}
    if players:
        report |= _given_away(games, sample, players, judges, judged, jobs, seed, verdicts)
        if figures:
            write_json(figures, report)
        return
    if labels or judge:
        games = _answered(games, sample, labels, judge, judged, jobs, seed)
    report |= _measured(model, games, sample)
    if games.answers is not None:
        report["teacher"] |= {"of": judge or ", ".join(map(str, labels)) or "the shards"}
        report["teacher_alone"] = _alone(model, games, sample)
    if ahead:
        report["rollout"] = _rollout(model, games, sample, ahead, seed)
    if sampled:
        report["sampled"] = _sampled(model, sampled, seed)
    if (probed or probe_picture) and shards:
        report["probe"] = _probe(model, shards, games, sample, rng, probe_picture)
    show(report)
    if figures:
        write_json(figures, report)
    if picture:
        from ..training.plots import evaluation_picture

        evaluation_picture(report, picture)


def _checked(labels: tuple[Path, ...], judges: tuple[str, ...], players: tuple[str, ...]) -> str | None:
    """Return the judge of the value, if there is one; raises UsageError, and BadConfig for a wrong spec."""
    from ..engine.spec import parse_spec

    if labels and judges:
        raise click.UsageError("give --labels or --judge, not both")
    if players and not judges:
        raise click.UsageError("--player needs a --judge")
    if len(judges) > 1 and not players:
        raise click.UsageError("give one --judge; several are for --player")
    for text in (*judges, *players):
        parse_spec(text)  # fail before all the work
    return judges[0] if judges else None


def _given_away(games: Split, sample: Any, *asked: Any) -> dict[str, Any]:
    from . import given_away

    report = given_away.measure(games, sample, *asked)
    given_away.show(report)
    return {"given_away": report}


def _games(files: tuple[Path, ...], side: str) -> tuple[Shards | None, Split]:
    """Return the shards, if a folder of them was given, and the games to measure on."""
    from ..dataset.division import pack
    from ..dataset.shards import Shards
    from ..records.game import GameRecord
    from ..records.readers import open_records

    folders = [path for path in files if (path / "index.json").exists()]
    if folders:
        if len(files) > 1:
            raise XiangqiError("a folder of shards is measured alone: give no other files with it")
        shards = Shards.open(folders[0])
        return shards, shards.split(side)
    items = list(open_records(files))
    games = pack(item for item in items if isinstance(item, GameRecord))
    if refused := len(items) - len(games):
        click.echo(f"{refused} unreadable records left out; `xiangqi-lm data import` lists them", err=True)
    if not len(games):
        raise XiangqiError(f"{', '.join(map(str, files))}: no games to measure on")
    return None, games


def _answered(
    games: Split, sample: Any, labels: tuple[Path, ...], judge: str | None, count: int, jobs: int, seed: int
) -> Split:
    """Return the games with the scores of label files, or with a judge's scores at some of their plies."""
    from dataclasses import replace

    import numpy as np

    from ..arena.judging import judged
    from ..arena.labels import Teacher
    from ..dataset import annotate
    from ..dataset.labels import read
    from .progress import Meter

    if judge is None:
        return replace(games, answers=annotate.find(games, read(labels)))
    chosen = [i for i in sample if games.start(i) is None]
    with Meter(min(count, _plies(games, sample)), "positions") as meter:
        rng = np.random.default_rng(seed)
        return judged(games, chosen, Teacher(judge, 1, seed), count, rng, "local", jobs, meter.add)


def _alone(model: Gpt, games: Split, sample: Any) -> dict[str, Any]:
    """Return how the value agrees with the same scores when the model sees positions without their history."""
    from ..dataset.annotate import answered
    from ..training.mixture import measure as measure_labels

    chosen = [i for i in sample if games.start(i) is None]
    found = answered(games, chosen)
    return measure_labels(model, found, most=len(found))["value"]


def _plies(games: Split, sample: Any) -> int:
    return sum(len(games.moves(i)) for i in sample if games.start(i) is None)


def _measured(model: Gpt, games: Split, sample: Any) -> dict[str, Any]:
    from ..training.evaluate import evaluate as measure
    from .progress import Meter

    with Meter(_plies(games, sample), "plies") as meter:
        return measure(model, games, sample, progress=meter.add, intervals=True)


def _rollout(model: Gpt, games: Split, sample: Any, ahead: int, seed: int) -> dict[str, Any]:
    import numpy as np

    from ..training import rollout
    from .progress import Meter

    begins = rollout.begin_at(games, sample, ahead, ROLLOUT_PLIES, np.random.default_rng(seed))
    with Meter(len(begins), "lines") as meter:
        return rollout.report(rollout.rollout(model, games, begins, ahead, meter.add))


def _sampled(model: Gpt, count: int, seed: int) -> dict[str, Any]:
    from ..training import legality
    from .progress import Meter

    with Meter(2 * count, "games") as meter:
        return legality.report(*(legality.sampled(model, count, after, seed, meter.add) for after in (False, True)))


def _probe(
    model: Gpt, shards: Shards, games: Split, sample: Any, rng: random.Random, picture: Path | None
) -> dict[str, Any]:
    from ..training.probe import probe
    from .progress import Meter

    train = shards.split("train")
    fitted = sorted(rng.sample(range(len(train)), min(PROBE_GAMES, len(train))))
    with Meter(_plies(train, fitted) + _plies(games, sample), "plies") as meter:
        report, believed = probe(model, train, games, fitted, sample, meter.add)
    if picture:
        from ..training.boardplots import believed_picture

        believed_picture(believed, picture)
    return report
