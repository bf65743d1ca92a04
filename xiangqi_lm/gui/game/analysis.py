"""Analysis mode as it stands: the judge's lines, the line on the board, the review of the game, the exercise."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...engine.player import Info
from ...rules.moves import Move
from .exercises import Exercise
from .game import Game, Resting
from .reviewing import Order

if TYPE_CHECKING:
    from ...review.review import MoveReview, Review


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
class Attempt:
    """An exercise under way. `state` is "asked", "checking" (a move is being judged), "reply" (the answer to a right
    move is about to be played), "solved" or "shown".

    `own` is the mistake that is tried again, None in practice; `solved` counts the exercises of this session, and
    `shown` those whose solution had to be shown; `step` moves of the solution are made.
    """

    exercises: tuple[Exercise, ...]
    number: int = 0
    own: MoveReview | None = None
    state: str = "asked"
    step: int = 0
    tries: int = 0
    solved: int = 0
    shown: int = 0
    since: float = 0.0
    order: Order | None = None
    other: bool = False  # it was solved by another move than the solution's

    @property
    def exercise(self) -> Exercise:
        """Return the exercise on the board."""
        return self.exercises[self.number]

    @property
    def over(self) -> bool:
        """Return whether the exercise is solved, or its solution shown."""
        return self.state in ("solved", "shown")


@dataclass
class Teaching:
    """Teaching mode in a game: the move that is being judged, and what was taken back in each position."""

    order: Order | None = None
    refused: dict[tuple[int, int], list[Move]] = field(default_factory=dict)
    piece: int | None = None  # the square of the piece that should move, once that is the hint


@dataclass
class Analysis:
    """Analysis mode as it stands; changed by the controller's helpers alone."""

    on: bool = False
    resting: Resting | None = None  # where the game under way goes on after analysis
    lines: dict[tuple[int, int], Info] = field(default_factory=dict)  # (ply, key) -> the judge's lines there
    thinking: bool = False  # whether the judge works on the position looked at
    fault: str = ""  # why the judge gives no lines
    preview: Preview | None = None
    review: Review | None = None  # of a line of the game on the board
    order: Order | None = None  # the review under way
    left_library: int | None = None  # the plies for which the reviewed game is in the user's library
    attempt: Attempt | None = None
    parked: Game | None = None  # the game, while an exercise is on the board
    teaching: Teaching = field(default_factory=Teaching)

    def forget(self, on: bool = False) -> None:
        """Another game is on the board; `on` says whether it is analysed."""
        self.on, self.resting, self.preview = on, None, None
        self.review, self.order, self.left_library = None, None, None
        self.attempt, self.parked, self.teaching = None, None, Teaching()
        self.lines.clear()
