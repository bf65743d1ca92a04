"""The effect of learning: accuracy on the player's held-out moves before and after, games against the base model."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..arena import openings
from ..arena.match import play_batch
from ..arena.ratings import Tally
from ..dataset.splits import Split
from ..engine.lm import LanguageModelPlayer
from ..model.gpt import Gpt
from ..training.evaluate import INTERVALS, PHASES, Plies, measure

SHOWN = ("top1", "top3", "bits_per_move", "legal_top1")
_POINTS = {"1-0": 2, "1/2-1/2": 1, "0-1": 0}  # Red's points, in halves


def compare(before: Gpt, after: Gpt, games: Split, progress: Callable[[int], None] = lambda plies: None) -> dict:
    """Return how well two models predict the moves to be learned, and the difference, each with its 95 % interval.

    Keys: games, `before`, `after` and `gain` with plies, SHOWN and their `intervals`, and `by_phase` with `before`,
    `after` and `gain` of each of PHASES. Differences are taken ply by ply, which makes their intervals narrow.
    """
    one, two = (measure(model, games, progress=progress) for model in (before, after))
    three = Plies(one.game, one.ply, {name: two.figures[name] - one.figures[name] for name in one.figures})
    kinds = {"before": one, "after": two, "gain": three}
    shown = {
        kind: Plies(plies.game, plies.ply, {name: plies.figures[name] for name in SHOWN})
        for kind, plies in kinds.items()
    }
    phases = {kind: plies.by_phase() for kind, plies in shown.items()}
    return {
        "games": len(set(one.game.tolist())),
        **{kind: plies.summary() for kind, plies in shown.items()},
        "by_phase": {name: {kind: phases[kind][name] for kind in kinds} for name in PHASES},
        "about_intervals": INTERVALS,
    }


def paired_games(
    mine: Path,
    base: str,
    pairs: int,
    seed: int,
    device: str,
    progress: Callable[[int], None] = lambda games: None,
) -> Tally:
    """Play pairs of games from the shipped openings, with both colours and both models as `lm:` players; return the
    results of the first model."""
    book = openings.load()
    chosen = [book[i] for i in random.Random(seed).choices(range(len(book)), k=pairs)]
    players = [
        LanguageModelPlayer.load(model, device=device, seed=seed + i) for i, model in enumerate((str(mine), base))
    ]
    points: dict[int, list[int]] = {number: [] for number in range(pairs)}
    results = [0, 0, 0]
    for color, (red, black) in enumerate((players, players[::-1])):
        for game in play_batch(red, black, [opening.board() for opening in chosen]):
            score = _POINTS[game.outcome.result]
            points[game.number].append(2 - score if color else score)
            results[points[game.number][-1]] += 1
            progress(1)
    counts = [0] * 5
    for scores in points.values():
        counts[sum(scores)] += 1
    return Tally(results[2], results[1], results[0], tuple(counts))  # type: ignore[arg-type]


def as_json(tally: Tally) -> dict[str, Any]:
    """Return the results with the Elo difference and its 95 % bounds."""
    low, high = tally.elo_interval
    return {
        "games": tally.games,
        "wins": tally.wins,
        "draws": tally.draws,
        "losses": tally.losses,
        "elo": round(tally.elo, 1),
        "elo_interval": [round(low, 1), round(high, 1)],
    }
