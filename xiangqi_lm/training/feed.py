"""The data of one step: batches of games, of labelled positions and of games with a teacher's answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..config import TrainConfig, curriculum_stages
from ..dataset.labels import Labels
from ..dataset.layout import layout_of
from ..dataset.loader import Batch, Loader
from ..dataset.splits import Split
from ..errors import BadConfig
from .mixture import LabelStream, label_window
from .parallel import ALONE, World

_TAUGHT_SEED = 0x7A06  # gives games with answers an order of their own


class Part(NamedTuple):
    """Games, labelled positions, and games with a teacher's answers."""

    games: Batch
    labels: Batch | None = None
    taught: Batch | None = None

    def batches(self) -> list[Batch]:
        """Return those of the batches that are not None."""
        return [batch for batch in self if batch is not None]


def beginnings(split: Split, plies: int) -> Split:
    """Return the games cut to their first plies."""
    lengths = np.minimum(np.diff(split.offsets), plies)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    taken = np.repeat(split.offsets[:-1] - offsets[:-1], lengths) + np.arange(offsets[-1])
    answers = split.answers and split.answers.take(taken)
    return replace(split, moves_flat=np.asarray(split.moves_flat)[taken], offsets=offsets, answers=answers)


@dataclass
class Feed:
    """An endless, reproducible stream of parts; its stage and its streams' counters are its whole state."""

    whole: Loader  # of the games at full length
    stages: list[tuple[float, float]]  # shares of the context, and the part of the run at which each begins
    labels: LabelStream | None = None
    taught: Loader | None = None
    stage: int = -1
    games: Loader = field(init=False)  # of the current stage
    _batches: Iterator[Batch] = field(init=False)
    _taught: Iterator[Batch] = field(init=False)

    def __post_init__(self) -> None:
        self._enter(0)
        self._taught = iter(self.taught or ())

    @classmethod
    def make(
        cls,
        config: TrainConfig,
        split: Split,
        labels: Labels | None,
        world: World = ALONE,
        taught: Split | None = None,
    ) -> Feed:
        """Make the streams of a run; labels, and games with a teacher's answers, take their share of a batch's tokens
        from the games. Raises BadConfig when no term uses them, or when a term needs what is missing."""
        if labels is not None and config.terms.teaforn_alone:
            raise BadConfig("labelled positions have no earlier moves: terms.teaforn alone learns nothing from them")
        if config.terms.ranked and labels is None and taught is None and split.answers is None:
            raise BadConfig(
                "setting terms.ranked: no teacher's moves to learn from: give --labels FILE, or shards with answers"
            )
        layout = layout_of(config.model)
        marked = round(config.batch_tokens * config.labels_share) if labels is not None else 0
        place = {"rank": world.rank, "ranks": world.ranks}
        told = config.condition_dropout if config.model.conditions else 1.0
        lent = round(config.batch_tokens * config.taught_share) if taught is not None else 0
        tokens = config.batch_tokens - marked - lent
        loader = Loader(split, layout, tokens, config.mirror, config.seed, condition_dropout=told, **place)
        stages = curriculum_stages(config.curriculum)
        feed = cls(loader, stages)
        if labels is not None and marked:
            count = marked // label_window(0, layout).columns(layout)
            feed = replace(feed, labels=LabelStream(labels, layout, count, config.mirror, config.seed, **place))
        if taught is not None and lent:
            seed = config.seed + _TAUGHT_SEED
            feed = replace(feed, taught=Loader(taught, layout, lent, config.mirror, seed, **place))
        return feed

    def _enter(self, stage: int) -> None:
        """Begin a stage of the curriculum."""
        self.stage = stage
        share = self.stages[stage][0]
        plies = max(1, round(share * self.whole.layout.room(False)))
        self.games = replace(self.whole, split=self.whole.split if share == 1 else beginnings(self.whole.split, plies))
        self._batches = iter(self.games)

    def take(self, done: float) -> Part:
        """Return the next part; `done` is the fraction of the run completed."""
        stage = max(i for i, (_, begins) in enumerate(self.stages) if begins <= done)
        if stage != self.stage:
            self._enter(stage)
        batch = next(self._batches)
        return Part(batch, self.labels.take() if self.labels else None, next(self._taught) if self.taught else None)

    def state(self) -> dict[str, Any]:
        """Return the positions of the streams, for `restore`."""
        place: dict[str, Any] = {"stage": self.stage, "epoch": self.games.epoch, "position": self.games.position}
        for name, stream in (("label_stream", self.labels), ("taught_stream", self.taught)):
            if stream:
                place[name] = {"epoch": stream.epoch, "position": stream.position}
        return place

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from where `state` was taken; with another number of processes, from about the same games."""
        ranks = state.get("ranks", 1), self.whole.ranks
        self._enter(state.get("stage", 0))
        self.games.epoch, self.games.position = (state["epoch"], state["position"] * ranks[0] // ranks[1])
        for name, stream in (("label_stream", self.labels), ("taught_stream", self.taught)):
            if stream:
                stream.epoch = state[name]["epoch"]
                stream.position = state[name]["position"] * ranks[0] // ranks[1]
        self._taught = iter(self.taught or ())
