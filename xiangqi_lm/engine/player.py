"""What a player is: one method that turns a board into a choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..rules.board import Board
from ..rules.moves import Move


@dataclass(frozen=True)
class Limit:
    """How long a player may think; a player ignores what it has no use for. Times are in seconds."""

    nodes: int | None = None
    depth: int | None = None
    movetime: float | None = None


@dataclass(frozen=True)
class Choice:
    """A player's answer.

    `probabilities` holds every legal move the player weighed, likeliest first, and sums to 1 (empty if it has none);
    `value` is (win, draw, loss) for the side to move; `lines` are principal variations, best first.
    """

    move: Move
    probabilities: tuple[tuple[Move, float], ...] = ()
    value: tuple[float, float, float] | None = None
    lines: tuple[tuple[Move, ...], ...] = field(default=())


class Player(Protocol):
    """Anything that chooses a legal move; `board` is never changed and its game must not be over."""

    name: str

    def choose(self, board: Board, limit: Limit | None = None) -> Choice: ...

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]: ...

    def close(self) -> None: ...
