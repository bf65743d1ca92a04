"""Totals of many reviewed games: losses by opening and phase, the most common mistakes, progress over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import figures
from ..rules.squares import BLACK, RED, Color
from .review import MoveReview, Review, mean, summary

UNEXPLAINED = "unexplained"


@dataclass(frozen=True)
class Group:
    """A group of moves: the number of games and moves, their mean loss, and the number of mistakes."""

    games: int
    moves: int
    loss: float
    mistakes: int


@dataclass(frozen=True)
class Game:
    """One game in chronological order: its date as in the record, accuracy and mean loss of the chosen sides."""

    date: str
    name: str
    accuracy: float
    loss: float


@dataclass(frozen=True)
class Totals:
    """Totals; `kinds` counts mistakes by reason, the most frequent first; those without one come last, as
    `UNEXPLAINED`."""

    games: tuple[Game, ...]
    by_opening: dict[str, Group]
    by_phase: dict[str, Group]
    marks: dict[str, int]
    kinds: dict[str, int]


Sides = Callable[[Review], Sequence[Color]]


def both_sides(review: Review) -> Sequence[Color]:
    """Return both sides, for totals of all moves."""
    return (RED, BLACK)


def totals(reviews: Iterable[Review], sides: Sides = both_sides) -> Totals:
    """Return the totals of moves by the sides that `sides` returns for each game."""
    games: list[Game] = []
    by_opening: dict[str, list[list[MoveReview]]] = {}
    by_phase: dict[str, list[list[MoveReview]]] = {}
    moves: list[MoveReview] = []
    for review in reviews:
        own = [one for one in review.moves if one.mover in sides(review)]
        if not own:
            continue
        moves += own
        by_opening.setdefault(review.opening.chinese, []).append(own)
        for phase in dict.fromkeys(one.phase for one in own):
            by_phase.setdefault(phase, []).append([one for one in own if one.phase == phase])
        whole, headers = summary(own), review.record.headers
        name = f"{headers.get('Red', '?')} - {headers.get('Black', '?')}"
        games.append(Game(headers.get("Date", ""), name, whole.accuracy or 0.0, whole.loss or 0.0))
    mistakes = [one for one in moves if one.is_mistake]
    kinds = Counter(one.reason.kind for one in mistakes if one.reason)
    unexplained = len(mistakes) - kinds.total()
    return Totals(
        tuple(sorted(games, key=lambda game: game.date)),
        _groups(by_opening),
        _groups(by_phase),
        summary(moves).marks,
        dict(kinds.most_common()) | ({UNEXPLAINED: unexplained} if unexplained else {}),
    )


def _groups(found: dict[str, list[list[MoveReview]]]) -> dict[str, Group]:
    """Return the groups, those with the most moves first."""
    groups = {}
    for name, games in found.items():
        moves = [one for game in games for one in game]
        loss = mean([one.loss for one in moves]) or 0.0
        groups[name] = Group(len(games), len(moves), loss, sum(one.is_mistake for one in moves))
    return dict(sorted(groups.items(), key=lambda item: -item[1].moves))


def progress_picture(found: Totals, picture: Path, window: int = 10) -> None:
    """Draw the accuracy of each game in the order of their dates, with a moving average over `window` games."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4), layout="constrained")
    axis = figure.subplots()
    values = [game.accuracy for game in found.games]
    axis.plot(range(1, len(values) + 1), values, ".", color="tab:blue", alpha=0.5, label="one game")
    means = [sum(values[max(0, i - window + 1) : i + 1]) / len(values[max(0, i - window + 1) : i + 1])
             for i in range(len(values))]  # fmt: skip
    axis.plot(range(1, len(values) + 1), means, color="tab:red", label=f"mean of the last {window} games")
    dated = [(i, game.date) for i, game in enumerate(found.games, 1) if game.date.strip("?. ")]
    shown = dated[:: max(1, len(dated) // 8)]
    if shown:
        axis.set_xticks([i for i, _ in shown], [date for _, date in shown], rotation=30, fontsize=8)
    axis.set(xlabel="games in the order of their dates", ylabel="accuracy", ylim=(0, 100))
    axis.grid(alpha=0.3)
    axis.legend()
    figures.save(figure, picture)
