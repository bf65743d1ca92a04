"""The data of a solver's training step: given problems in shuffled order, and generated ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .batches import Batch, of_examples
from .config import SolverTrainConfig
from .problems import Problem
from .vocabulary import Example, Vocabulary

POOL = 8  # batches made together from problems of similar length, then shuffled


@dataclass
class ProblemFeed:
    """An endless, reproducible stream of batches; the number taken is its whole state."""

    examples: Sequence[Example]
    vocabulary: Vocabulary
    generate: Callable[[random.Random], Problem]
    config: SolverTrainConfig
    taken: int = 0
    _pool: tuple[int, list[list[Example]]] = field(default=(-1, []), repr=False)

    @property
    def given(self) -> int:
        """Return how many problems of a batch come from files."""
        if not self.examples:
            return 0
        return round(self.config.batch * (1 - self.config.generated_share))

    @property
    def epoch(self) -> int:
        """Return how often the given problems have been read through."""
        return self.taken * self.given // max(1, len(self.examples))

    def take(self) -> Batch:
        """Return the next batch."""
        pool, place = divmod(self.taken, POOL)
        if self._pool[0] != pool:
            self._pool = (pool, self._make(pool))
        self.taken += 1
        return of_examples(self._pool[1][place])

    def _make(self, pool: int) -> list[list[Example]]:
        """Return a pool's batches: its problems are sorted by length and cut into batches, which are then shuffled."""
        rng = random.Random(f"{self.config.seed} {pool}")
        count = self.given * POOL
        chosen = [self.examples[self._index(pool * count + i)] for i in range(count)]
        while len(chosen) < self.config.batch * POOL:
            example = self.vocabulary.example(self.generate(rng))
            if example is not None:
                chosen.append(example)
        chosen.sort(key=lambda e: (len(e.columns.tokens), rng.random()))
        batches = [chosen[i : i + self.config.batch] for i in range(0, len(chosen), self.config.batch)]
        rng.shuffle(batches)
        return batches

    def _index(self, at: int) -> int:
        """Return the index of the `at`-th example ever taken: a new order in each epoch."""
        epoch, place = divmod(at, len(self.examples))
        if getattr(self, "_ordered", None) != epoch:
            order = list(range(len(self.examples)))
            random.Random(f"{self.config.seed} epoch {epoch}").shuffle(order)
            self._order, self._ordered = order, epoch
        return self._order[place]

    def state(self) -> dict[str, Any]:
        """Return the position of the stream, for `restore`."""
        return {"taken": self.taken}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from where `state` was taken."""
        self.taken = state["taken"]
