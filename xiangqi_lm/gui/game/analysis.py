"""The state of analysis mode: the judge's lines, the line on the board, the review of the game, the exercise."""

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
    """A line shown on the board without changing the game, after its first `shown` moves.

    `pinned` lines stay until they are closed, others disappear when the pointer leaves them. While `playing`, moves
    follow one after the other; the last was made at `since`.
    """

    root: tuple[int, int]  # ply and key of the position it starts from
    moves: tuple[Move, ...]
    shown: int
    pinned: bool = False
    playing: bool = False
    since: float = 0.0


@dataclass
class Attempt:
    """The current exercise. `state` is "asked", "checking" (a move is being judged), "reply" (the answer to a correct
    move is about to be played), "solved" or "shown".

    `own` is the mistake being retried, None in practice; `solved` counts the solved exercises of this session, and
    `shown` those whose solution had to be shown; `step` moves of the solution have been made.
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
    other: bool = False  # it was solved by a different move

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
    """The state of teaching mode in a game: the move being judged, and the moves taken back in each position."""

    order: Order | None = None
    refused: dict[tuple[int, int], list[Move]] = field(default_factory=dict)
    piece: int | None = None  # the square of the piece that should move, once it is shown as a hint


@dataclass
class Analysis:
    """The state of analysis mode; only the controller's helpers change it."""

    on: bool = False
    resting: Resting | None = None  # where the current game continues after analysis
    lines: dict[tuple[int, int], Info] = field(default_factory=dict)  # (ply, key) -> the judge's lines there
    thinking: bool = False  # whether the judge is working on the current position
    fault: str = ""  # why there are no lines
    preview: Preview | None = None
    review: Review | None = None  # of a line in the game on the board
    order: Order | None = None  # the running review
    left_library: int | None = None  # the number of plies for which the reviewed game follows the user's library
    attempt: Attempt | None = None
    parked: Game | None = None  # the game, while an exercise is on the board
    teaching: Teaching = field(default_factory=Teaching)

    def forget(self, on: bool = False) -> None:
        """Reset the state for another game; `on` says whether it is analysed."""
        self.on, self.resting, self.preview = on, None, None
        self.review, self.order, self.left_library = None, None, None
        self.attempt, self.parked, self.teaching = None, None, Teaching()
        self.lines.clear()
