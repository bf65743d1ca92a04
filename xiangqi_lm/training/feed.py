"""What one step is fed with: a batch of games and, where a teacher labelled positions, a batch of those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from ..config import TrainConfig, curriculum_stages
from ..dataset.labels import Labels
from ..dataset.layout import layout_of
from ..dataset.loader import Batch, Loader
from ..dataset.shards import Split
from ..errors import BadConfig
from .mixture import LabelStream, label_window
from .parallel import ALONE, World


class Part(NamedTuple):
    """Games and labelled positions."""

    games: Batch
    labels: Batch | None = None


def beginnings(split: Split, plies: int) -> Split:
    """The games cut to their first plies."""
    lengths = np.minimum(np.diff(split.offsets), plies)
    offsets = np.concatenate(([0], np.cumsum(lengths)))
    taken = np.repeat(split.offsets[:-1] - offsets[:-1], lengths) + np.arange(offsets[-1])
    return replace(split, moves_flat=np.asarray(split.moves_flat)[taken], offsets=offsets)


@dataclass
class Feed:
    """An endless, reproducible stream of parts; its stage and what its streams count is its whole state."""

    whole: Loader  # of the games at their full length
    stages: list[tuple[float, float]]  # shares of the context, and of the run they begin at
    labels: LabelStream | None = None
    stage: int = -1
    games: Loader = field(init=False)  # of the present stage
    _batches: Iterator[Batch] = field(init=False)

    def __post_init__(self) -> None:
        self._enter(0)

    @classmethod
    def make(cls, config: TrainConfig, split: Split, labels: Labels | None, world: World = ALONE) -> Feed:
        """The labels take their share of the tokens of a batch from the games'; raises BadConfig where no term asks
        anything of them."""
        if labels is not None and config.terms.teaforn_alone:
            raise BadConfig("labels have no moves before: with terms.teaforn alone nothing is learned from them")
        if labels is None and config.terms.ranked:
            raise BadConfig("setting terms.ranked: no teacher's moves to learn from: give --labels FILE")
        layout = layout_of(config.model)
        marked = round(config.batch_tokens * config.labels_share) if labels is not None else 0
        place = {"rank": world.rank, "ranks": world.ranks}
        told = config.condition_dropout if config.model.conditions else 1.0
        tokens = config.batch_tokens - marked
        loader = Loader(split, layout, tokens, config.mirror, config.seed, condition_dropout=told, **place)
        stages = curriculum_stages(config.curriculum)
        if labels is None or not marked:
            return cls(loader, stages)
        count = marked // label_window(0, layout).columns(layout)
        return cls(loader, stages, LabelStream(labels, layout, count, config.mirror, config.seed, **place))

    def _enter(self, stage: int) -> None:
        """Begin a stage of the curriculum."""
        self.stage = stage
        share = self.stages[stage][0]
        plies = max(1, round(share * self.whole.layout.room(False)))
        self.games = replace(self.whole, split=self.whole.split if share == 1 else beginnings(self.whole.split, plies))
        self._batches = iter(self.games)

    def take(self, done: float) -> Part:
        """The next part, when so much of the run is behind."""
        stage = max(i for i, (_, begins) in enumerate(self.stages) if begins <= done)
        if stage != self.stage:
            self._enter(stage)
        batch = next(self._batches)
        return Part(batch) if self.labels is None else Part(batch, self.labels.take())

    def state(self) -> dict[str, Any]:
        """Where the streams are, for `restore`."""
        place: dict[str, Any] = {"stage": self.stage, "epoch": self.games.epoch, "position": self.games.position}
        if self.labels:
            place["label_stream"] = {"epoch": self.labels.epoch, "position": self.labels.position}
        return place

    def restore(self, state: dict[str, Any]) -> None:
        """Go where `state` was taken; with another number of processes, to about the same games."""
        ranks = state.get("ranks", 1), self.whole.ranks
        self._enter(state.get("stage", 0))
        self.games.epoch, self.games.position = (state["epoch"], state["position"] * ranks[0] // ranks[1])
        if self.labels:
            at = state["label_stream"]
            self.labels.epoch, self.labels.position = (at["epoch"], at["position"] * ranks[0] // ranks[1])
