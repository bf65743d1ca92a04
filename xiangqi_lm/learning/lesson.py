"""Learning a model from games in a folder: preparation, training and measurement, which can be stopped and resumed."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch

from .. import paths
from ..config import OptimConfig, TermsConfig, TrainConfig
from ..dataset.shards import Shards
from ..errors import BadConfig, XiangqiError, nearest, quoted
from ..files import locked, write_json, write_text
from ..model import checkpoint, named
from ..model.gpt import Gpt
from ..model.repertoire import Repertoire
from ..records.game import GameRecord
from ..records.readers import Refusal
from ..training import loop, modelcard
from ..training.evaluate import Plies, evaluate, measure
from ..training.resuming import resume
from ..training.run import LAST, Run, begin
from . import games, measuring

REQUEST, RUN, MODEL, FOUND = "request.json", "run", "model", "found.json"
RATE, WARMUP, BATCH = 1e-5, 10, 4096  # AdamW's rate, steps, tokens
EPOCHS, STEPS = 4, 300  # maxima: with more, 200 games are memorised; thousands take only a few minutes
EVERY, PATIENCE = 25, 2  # most steps between evaluations; most evaluations without improvement
BITS = "bits_per_move"
Items = Iterable[GameRecord | Refusal]


@dataclass(frozen=True)
class Request:
    """The user's request and the counts of games, stored so that resuming needs only the name."""

    name: str
    base: str = "default"
    whose: str = games.BOTH
    rating: bool = False
    pairs: int = 20
    seed: int = 0
    known: bool = False  # the base model was trained on a file with the same content
    # found in the games
    read: int = 0
    dropped: dict[str, int] | None = None
    players: dict[str, int] | None = None
    train: int = 0
    stopping: int = 0
    measured: int = 0
    left_out: int = 0
    rated: int = 0


# ------------------------------------------------------------------------------------------------ the folder


def folder_of(name: str) -> Path:
    """Return the folder in which a model is being learned."""
    return paths.learning_folder() / name


def is_begun(folder: Path) -> bool:
    """Return whether games were prepared in a folder."""
    return (folder / REQUEST).is_file()


def read_request(folder: Path) -> Request:
    """Return the request in a folder; raises XiangqiError if it is missing or damaged."""
    try:
        told = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        return Request(**{one.name: told[one.name] for one in fields(Request)})
    except FileNotFoundError:
        raise XiangqiError(f"{folder.name}: nothing to resume: no unfinished model of that name") from None
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise XiangqiError(f"{folder / REQUEST}: damaged: {fault}: start again with --force") from fault


def clear(folder: Path) -> None:
    """Remove everything in the folder except its lock."""
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            shutil.rmtree(path)
        elif not path.name.startswith(".lock"):
            path.unlink()


# ------------------------------------------------------------------------------------------------ preparing


def prepare(
    folder: Path, asked: Request, items: Items, set_apart: Items | None, sources: Sequence[tuple[str, str]]
) -> Request:
    """Read the games, divide them and write them as shards; return the request with their counts.

    Raises XiangqiError if there are too few games or, with `rating`, none that is rated.
    """
    found = games.gather(items, asked.whose)
    apart = None if set_apart is None else games.gather(set_apart, asked.whose)
    if asked.rating and not found.rated:
        raise XiangqiError("--rating: none of the games gives the rating of the player whose moves are learned")
    parts = games.divide(found, apart, asked.seed)
    clear(folder)
    games.write(parts, found, folder, sources)
    request = replace(
        asked,
        read=found.read,
        dropped=found.dropped,
        players=dict((found.names + (apart.names if apart else Counter())).most_common()),
        train=len(parts.train),
        stopping=len(parts.stopping),
        measured=len(parts.measured),
        left_out=parts.left_out,
        rated=found.rated,
    )
    write_json(folder / REQUEST, asdict(request))
    return request


# ------------------------------------------------------------------------------------------------ training


def recipe(base: Gpt, request: Request, plies: int) -> TrainConfig:
    """Return the settings of a run on that many plies, as chosen by measurements of `benchmarks/learning.py`.

    All weights are trained, at a rate low enough that the model learns only what the games have in common.
    """
    epoch = max(1, round(plies / BATCH))
    model = replace(base.config, dropout=0.1, conditions=base.config.conditions or request.rating)
    return TrainConfig(
        model=model,
        optim=OptimConfig(rate=RATE, schedule="linear", decay=0.0, warmup=WARMUP, weight_decay=0.0),
        terms=TermsConfig(lm=1.0, legal=0.25, value=0.0),
        steps=min(EPOCHS * epoch, STEPS),
        batch_tokens=BATCH,
        ema=0.9,
        seed=request.seed + 1,
        evaluate_every=min(epoch, EVERY),
        evaluate_games=1000,
        save_every=50,
        patience=PATIENCE,
    )


def started(folder: Path, request: Request, device: str) -> Run:
    """Return the run, new or resumed.

    The base model counts as the best so far, so weights that do not predict the stopping games better are not kept.
    """
    data, place = folder / games.SHARDS, folder / RUN
    if any((place / name).exists() for name in (LAST, f"{LAST}.old")):
        return resume(place, data, device)
    shutil.rmtree(place, ignore_errors=True)
    base, shards = checkpoint.load(request.base, device), Shards.open(data)
    plies = int(shards.index["splits"]["train"]["plies"])
    run = begin(recipe(base, request, plies), data, place, device, init=request.base)
    if run.model.embed.condition is not None and base.embed.condition is None:
        for table in run.model.embed.condition.parameters():
            torch.nn.init.zeros_(table)  # so that the model starts out equal to the base model
    run.best_bits = evaluate(base, run.validation)["bits_per_move_unmasked"]
    return run


def train(run: Run, folder: Path, report: Callable[[dict[str, Any]], None]) -> None:
    """Train until predictions of the stopping games stop improving."""
    loop.train(run, folder / games.SHARDS, report)


def outcome(folder: Path, request: Request, device: str) -> tuple[Gpt, dict[str, Any]]:
    """Return the learned model and what is new in it: `trained`, whether the weights are, and `repertoire`, the number
    of positions in that.

    It has the repertoire unless that predicts the stopping games clearly worse, and the new weights if these predict
    them clearly better still, or are to know ratings: beyond the 95 % interval by games. The repertoire is of the
    training games until that is decided, then of the stopping games too. Raises XiangqiError where neither is kept.
    """
    shards, before = Shards.open(folder / games.SHARDS), checkpoint.load(request.base, device)
    train, stopping, former = shards.split("train"), shards.split("validation"), before.repertoire
    models = {False: before}
    if (folder / RUN / loop.BEST).exists():
        models[True] = checkpoint.load(folder / RUN / loop.BEST, device)
    found: dict[tuple[bool, bool], Plies] = {}
    for new, model in models.items():
        for with_it, repertoire in {False: former, True: _sum(Repertoire.of(train), former)}.items():
            model.repertoire = repertoire
            found[new, with_it] = measure(model, stopping)
    added = not _clearly_better(found[False, False], found[False, True])  # it helped with each of eight players
    trained = True in models and (request.rating or _clearly_better(found[True, added], found[False, added]))
    if not trained and (request.rating or not added):
        raise XiangqiError(
            f"{folder.name}: these games did not make the model predict held-out games of the same kind better, so "
            "nothing is kept: give more games, or games of one player (--as NAME)"
        )
    model = models[trained]
    model.repertoire = _sum(Repertoire.of(train) + Repertoire.of(stopping), former) if added else former
    if not trained:
        model.card = {**model.card, "trained_on": [*model.card.get("trained_on", []), *shards.index["sources"]]}
    return model, {"trained": trained, "repertoire": model.repertoire.positions if added and model.repertoire else 0}


def _clearly_better(new: Plies, old: Plies) -> bool:
    """Return whether the bits per move of the same plies are fewer beyond the 95 % interval."""
    gain = Plies(new.game, new.ply, {BITS: new.figures[BITS] - old.figures[BITS]}).summary()
    return BITS in gain["intervals"] and gain["intervals"][BITS][1] < 0


def _sum(new: Repertoire, former: Repertoire | None) -> Repertoire:
    return new + former if former else new


# ------------------------------------------------------------------------------------------------ measuring


def plies_to_measure(folder: Path) -> int:
    """Return the number of measured moves."""
    split = Shards.open(folder / games.MEASURED).split("validation")  # has only games from the start position
    lengths = {0: lambda n: n, 1: lambda n: (n + 1) // 2, -1: lambda n: n // 2}
    return sum(lengths[split.color(i)](len(split.moves(i))) for i in range(len(split)))


def measured(
    folder: Path, request: Request, device: str, progress: Callable[[int], None] = lambda plies: None
) -> dict[str, Any]:
    """Write the best weights, in half precision, and the repertoire, and return their effect on the measured games.

    A run that was stopped after this step does not measure again.
    """
    with suppress(OSError, ValueError):
        return json.loads((folder / FOUND).read_text(encoding="utf-8"))
    split = Shards.open(folder / games.MEASURED).split("validation")
    best, new = outcome(folder, request, device)
    checkpoint.save(folder / MODEL, best, best.card, torch.float16)
    before, after = checkpoint.load(request.base, device), checkpoint.load(folder / MODEL, device)
    found = new | measuring.compare(before, after, split, progress)
    write_json(folder / FOUND, found)
    return found


def keep(folder: Path, request: Request, found: dict[str, Any], strength: dict[str, Any] | None) -> Path:
    """Move the model with its card to the user's models, replacing one of that name; return its folder."""
    card = checkpoint.read_card(folder / MODEL)
    learned = {**asdict(request), "date": time.strftime("%Y-%m-%d"), **found}
    card = {key: value for key, value in card.items() if key != "validation_sample"} | {"weights": "float16"}
    card["learned"] = learned | ({"strength": strength} if strength else {})
    write_json(folder / MODEL / checkpoint.CARD, card)
    write_text(folder / MODEL / modelcard.PAGE, modelcard.page(request.name, card))
    target = paths.models_folder() / request.name
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    (folder / MODEL).rename(target)
    shutil.rmtree(old, ignore_errors=True)
    clear(folder)
    return target


# ------------------------------------------------------------------------------------------------ existing models


def unfinished() -> list[str]:
    """Return the names of runs that can be resumed."""
    folder = paths.learning_folder()
    return sorted(path.name for path in folder.iterdir() if is_begun(path)) if folder.is_dir() else []


def removable(name: str) -> list[Path]:
    """Return the folders of a user's model and of its unfinished run; raises BadConfig if there are none."""
    if named.is_name(name):
        places = [paths.models_folder() / name, folder_of(name)]
        if found := [place for place in places if place.is_dir()]:
            return found
    if name in named.shipped():
        raise BadConfig(f"{name!r} comes with the program and cannot be removed")
    known = sorted({*named.own(), *unfinished()})
    raise BadConfig(f"no model of yours is called {quoted(name)}{nearest(name, known)}")


def remove(name: str) -> None:
    """Remove what `removable` returns; raises BadConfig also while the model is being trained."""
    for place in removable(name):
        if place == folder_of(name):
            with locked(place, folder=True, otherwise="stop it"):
                clear(place)
            with suppress(OSError):
                place.rmdir()
        else:
            shutil.rmtree(place)
