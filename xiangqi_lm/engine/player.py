"""What a player is: one method that turns a board into a choice."""

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

TEMPERATURE, TOP_P = 0.5, 0.9  # how a language model is sampled when nothing else is said


@dataclass(frozen=True)
class Clock:
    """Time left on both clocks and what each move adds, in seconds, from the mover's side."""

    mine: float
    theirs: float
    my_increment: float = 0.0
    their_increment: float = 0.0
    moves_to_go: int | None = None


@dataclass(frozen=True)
class Limit:
    """How long a player may think and among which moves; a player ignores what it has no use for. Times are in seconds.

    `stop`, once set, makes the player answer at once with the best move so far. `report` is called with an `Info` as
    the thinking gets on, from the thread that thinks. A limit that holds either is not picklable.
    """

    nodes: int | None = None
    depth: int | None = None
    movetime: float | None = None
    clock: Clock | None = None
    infinite: bool = False  # think until `stop`
    root_moves: tuple[Move, ...] | None = None  # the only moves that may be chosen; None: all
    multipv: int = 1  # how many principal variations to give
    ruleset: str = "computer"  # that the game is judged by, see Board.outcome
    stop: threading.Event | None = None
    report: Callable[[Info], None] | None = None


@dataclass(frozen=True)
class PrincipalVariation:
    """A line of play and its score for the side to move at its root.

    `probability` is what the policy or the search gives its first move. What is not known is None.
    """

    moves: tuple[Move, ...]
    score: Score | None = None
    probability: float | None = None


@dataclass(frozen=True)
class Info:
    """Where the thinking stands."""

    depth: int
    nodes: int
    seconds: float
    variations: tuple[PrincipalVariation, ...] = ()  # best first


@dataclass(frozen=True)
class Choice:
    """A player's answer.

    `probabilities` holds every legal move the player weighed, likeliest first, and sums to 1 (empty if it has none);
    `score` is that of the position for the side to move; `lines` are principal variations, best first; `info` says how
    the answer was found, where the player searches.
    """

    move: Move
    probabilities: tuple[tuple[Move, float], ...] = ()
    score: Score | None = None
    lines: tuple[tuple[Move, ...], ...] = field(default=())
    info: Info | None = None


def choosable(board: Board, root_moves: Sequence[Move] | None) -> list[Move]:
    """Return the legal moves, of `root_moves` where a limit names some; raises IllegalMove when there is none."""
    moves = [move for move in board.legal_list() if root_moves is None or move in root_moves]
    if not moves:
        raise IllegalMove(f"none of the moves to choose from is legal in {board.fen()}")
    return moves


class Player:
    """Anything that chooses a legal move; `board` is never changed and its game must not be over.

    A player has `choose` or `choose_many`, each of which does for the other. It is used by one thread at a time.
    """

    name: str

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        """Return a move for a position; raises IllegalMove where there is none to choose."""
        return self.choose_many([board], limit)[0]

    def choose_many(self, boards: Sequence[Board], limit: Limit | None = None) -> list[Choice]:
        """Return a move for each of several games, with the limit for each."""
        return [self.choose(board, limit) for board in boards]

    def reseed(self, seed: int) -> None:
        """Make what follows depend on the seed alone, where there is anything random or remembered."""

    def close(self) -> None:
        """Release what the player holds, if anything."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
