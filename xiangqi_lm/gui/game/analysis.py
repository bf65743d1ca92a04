"""Analysis mode as it stands: the judge's lines by position, the line that is played out on the board."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...engine.player import Info
from ...rules.moves import Move
from .game import Resting


@dataclass(frozen=True)
class Preview:
    """A line played out on the board without touching the game: `shown` of its moves are made.

    `pinned` lines stay until they are left, others go with the pointer. While `playing`, one move follows the other;
    the last was made at `since`.
    """

    root: tuple[int, int]  # ply and key of the position it starts from
    moves: tuple[Move, ...]
    shown: int
    pinned: bool = False
    playing: bool = False
    since: float = 0.0


@dataclass
class Analysis:
    """Analysis mode as it stands; changed by the controller's helpers alone."""

    on: bool = False
    resting: Resting | None = None  # where the game under way goes on after analysis
    lines: dict[tuple[int, int], Info] = field(default_factory=dict)  # (ply, key) -> the judge's lines there
    thinking: bool = False  # whether the judge works on the position looked at
    fault: str = ""  # why the judge gives no lines
    preview: Preview | None = None

    def forget(self, on: bool = False) -> None:
        """Another game is on the board; `on` says whether it is analysed."""
        self.on, self.resting, self.preview = on, None, None
        self.lines.clear()
