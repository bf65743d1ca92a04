"""Two views of each of many positions of games, which a board encoder should learn to match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..config_fields import check_bounds, setting
from ..dataset.layout import START
from ..dataset.loader import view
from ..dataset.splits import Split
from ..rules.pieces import KING
from ..rules.squares import MIRROR, SQUARES

_PER_GAME = 4  # positions drawn from one game: unrolling games is the main cost


@dataclass(frozen=True)
class ViewsConfig:
    """How a view differs from the position in the game."""

    mirror: float = setting(0.5, least=0, most=1)  # probability of a left-right reflection
    # probability of a half turn with colours exchanged: the position as the other side sees it
    turn: float = setting(0.25, least=0, most=1)
    # share of the squares whose pieces are hidden; kings are always shown
    hide: float = setting(0.1, least=0, most=0.9)
    ahead: int = setting(2, least=0, most=20)  # the second view is of a position up to this many plies later

    def __post_init__(self) -> None:
        check_bounds(self)


class Views(NamedTuple):
    """Two views of the same positions, seen from the side to move."""

    first: np.ndarray  # int8 [N, 90]
    second: np.ndarray  # int8 [N, 90]


def changed(boards: np.ndarray, config: ViewsConfig, rng: np.random.Generator) -> np.ndarray:
    """Return boards int8 [N, 90] reflected, turned and with pieces hidden, each at random."""
    n = len(boards)
    boards = np.where(rng.random((n, 1)) < config.mirror, boards[:, MIRROR], boards)
    boards = np.where(rng.random((n, 1)) < config.turn, -boards[:, ::-1], boards)
    hidden = (rng.random(boards.shape) < config.hide) & (np.abs(boards) != KING)
    return np.where(hidden, 0, boards).astype(np.int8)


@dataclass
class PositionFeed:
    """An endless, reproducible stream of views of `count` positions; `position` is its whole state."""

    split: Split
    config: ViewsConfig
    count: int
    seed: int
    position: int = 0  # batches taken

    def take(self) -> Views:
        """Return the next batch."""
        rng = np.random.default_rng((self.seed, self.position))
        lengths = np.diff(self.split.offsets)
        games = rng.choice(len(lengths), -(-self.count // _PER_GAME), p=lengths / lengths.sum())
        pairs = [self._pairs(int(game), rng) for game in games]
        first, second = (np.concatenate([pair[i] for pair in pairs])[: self.count] for i in (0, 1))
        self.position += 1
        return Views(changed(first, self.config, rng), changed(second, self.config, rng))

    def _pairs(self, game: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return some positions of a game, and positions a few plies later."""
        start, ids = self.split.start(game), np.asarray(self.split.moves(game), dtype=np.int64)
        _, boards, _ = view(ids, START if start is None else np.asarray(start[:SQUARES]), _side(start))
        plies = rng.integers(0, len(boards), _PER_GAME)
        later = plies + rng.integers(0, self.config.ahead + 1, _PER_GAME)
        return boards[plies], boards[np.minimum(later, len(boards) - 1)]

    @property
    def epoch(self) -> int:
        """Return the number of positions drawn so far divided by the number in the games."""
        return self.position * self.count // max(1, int(self.split.offsets[-1]))

    def state(self) -> dict[str, Any]:
        """Return the position of the stream, for `restore`."""
        return {"position": self.position}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from where `state` was taken."""
        self.position = state["position"]


def _side(start: np.ndarray | None) -> int:
    return 1 if start is None else int(start[SQUARES])
