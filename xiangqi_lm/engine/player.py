"""What a player is: one method that takes a board and returns a choice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import IllegalMove
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.score import Score

if TYPE_CHECKING:
    from typing_extensions import Self

TEMPERATURE, TOP_P = 0.5, 0.9  # the default sampling of a language model


@dataclass(frozen=True)
class Clock:
    """Time left on both clocks and the increment of each, in seconds, as the side to move sees them."""

    mine: float
    theirs: float
    my_increment: float = 0.0
    their_increment: float = 0.0
    moves_to_go: int | None = None


@dataclass(frozen=True)
class Limit:
    """How long a player may think and among which moves; a player ignores what it cannot use. Times are in seconds.

    `stop`, once set, makes the player answer at once with the best move so far. `report` is called with an `Info` as
    the search progresses, from the thread that thinks. A limit that holds either of them cannot be pickled.
    """

    nodes: int | None = None
    depth: int | None = None
    movetime: float | None = None
    clock: Clock | None = None
    infinite: bool = False  # think until `stop`
    root_moves: tuple[Move, ...] | None = None  # the only moves that may be chosen; None: all
    multipv: int = 1  # principal variations to return
    ruleset: str = "computer"  # by which the game is judged, see Board.outcome
    draw_offered: bool = False  # by the opponent, with its last move
    stop: threading.Event | None = None
    report: Callable[[Info], None] | None = None


@dataclass(frozen=True)
class PrincipalVariation:
    """A line of play and its score for the side to move at its root.

    `probability` is that of its first move by the policy or the search. Unknown values are None.
    """

    moves: tuple[Move, ...]
    score: Score | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Info:
    """How far a search has got."""

    depth: int
    nodes: int
    seconds: float
    variations: tuple[PrincipalVariation, ...] = ()  # best first


@dataclass(frozen=True)
class Choice:
    """A player's answer.

    `probabilities` holds every legal move that the player weighed, likeliest first, and sums to 1 (empty if it weighs
    none); `score` is that of the position for the side to move; `lines` are principal variations, best first; `info`
    describes the search, for players that search. `draw` is "offers", "accepts" (if one is offered) or empty; what is
    said of draws and resigning counts where the player's manners allow it, see `manners`. `illegal` is the probability
    that a language model puts on illegal moves before they are masked, None where that is not known.
    """

    move: Move
    probabilities: tuple[tuple[Move, float], ...] = ()
    score: Score | None = None
    lines: tuple[tuple[Move, ...], ...] = field(default=())
    info: Info | None = None
    resigns: bool = False
    draw: str = ""
    illegal: float | None = None


@dataclass(frozen=True)
class Manners:
    """Whether a player may resign, and offer and accept draws; None leaves it to wherever it plays."""

    resign: bool | None = None
    draw: bool | None = None

    def where(self, resign: bool, draw: bool) -> Manners:
        """Return the same with nothing left open."""
        return Manners(resign if self.resign is None else self.resign, draw if self.draw is None else self.draw)


def choosable(board: Board, root_moves: Sequence[Move] | None) -> list[Move]:
    """Return the legal moves, or those of `root_moves` among them; raises IllegalMove when there are none."""
    moves = [move for move in board.legal_list() if root_moves is None or move in root_moves]
    if not moves:
        raise IllegalMove(f"none of the moves to choose from is legal in {board.fen()}")
    return moves


class Player:
    """Anything that chooses a legal move; it must not change `board`, whose game must not be over.

    A subclass defines `choose` or `choose_many`; each has a default in terms of the other. One thread at a time.
    """

    name: str
    manners = Manners()

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        """Return a move for a position; raises IllegalMove where there is none to choose."""
        return self.choose_many([board], limit)[0]

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]:
        """Return a move for each of several games, with the limit for each of them."""
        return [self.choose(board, limit) for board in boards]

    def use_threads(self, count: int) -> None:
        """Think with that many threads from now on, 0: as many as is usual, where the player can use several."""

    def reseed(self, seed: int) -> None:
        """Make all later choices depend on the seed alone: reset the generator and forget what is remembered."""

    def close(self) -> None:
        """Release the player's resources, if it has any."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
