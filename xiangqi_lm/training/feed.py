"""What one step is fed with: a batch of games and, where a teacher labelled positions, a batch of those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..config import TrainConfig
from ..records.labels import Labels
from ..records.layout import layout_of
from ..records.loader import Batch, Loader
from ..records.shards import Split
from .mixture import LabelStream, label_window


class Part(NamedTuple):
    """Games and labelled positions, the latter with their chances float32 [N, T, 3] of win, draw and loss."""

    games: Batch
    labels: Batch | None = None
    chances: np.ndarray | None = None


@dataclass
class Feed:
    """An endless, reproducible stream of parts; what its loader and its label stream count is its whole state."""

    games: Loader
    labels: LabelStream | None = None

    @classmethod
    def make(cls, config: TrainConfig, split: Split, labels: Labels | None, rank: int = 0, ranks: int = 1) -> Feed:
        """The labels take their share of the tokens of a batch from the games'."""
        layout = layout_of(config.model)
        marked = round(config.batch_tokens * config.labels_share) if labels is not None else 0
        loader = Loader(
            split,
            layout,
            config.batch_tokens - marked,
            config.mirror,
            config.seed,
            rank=rank,
            ranks=ranks,
            condition_dropout=config.condition_dropout if config.model.conditions else 1.0,
        )
        if labels is None or not marked:
            return cls(loader)
        count = marked // label_window(0, layout).columns(layout)
        return cls(loader, LabelStream(labels, layout, count, config.mirror, config.seed, rank=rank, ranks=ranks))

    def __iter__(self) -> Iterator[Part]:
        for batch in self.games:
            yield Part(batch) if self.labels is None else Part(batch, *self.labels.take())

    def state(self) -> dict[str, Any]:
        """Where the streams are, for `restore`."""
        place: dict[str, Any] = {"epoch": self.games.epoch, "position": self.games.position}
        if self.labels:
            place["label_stream"] = {"epoch": self.labels.epoch, "position": self.labels.position}
        return place

    def restore(self, state: dict[str, Any]) -> None:
        self.games.epoch, self.games.position = state["epoch"], state["position"]
        if self.labels:
            at = state["label_stream"]
            self.labels.epoch, self.labels.position = at["epoch"], at["position"]
