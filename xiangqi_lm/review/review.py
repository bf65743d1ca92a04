"""`Review`: the scores of every move in a line of a game, and how well each side played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..library.departures import Departure
from ..records.game import GameRecord, Path
from ..rules import pieces
from ..rules.board import Board
from ..rules.moves import Move
from ..rules.score import Score, WinDrawLoss
from ..rules.squares import BLACK, RED, Color
from .known import Opening
from .reasons import Reason

if TYPE_CHECKING:  # it imports heavy modules that are not needed here
    from .masters import Expectation

INACCURACY, MISTAKE, BLUNDER = 0.05, 0.10, 0.30  # the loss of expected score, 0 to 1, from which a move is marked
THRESHOLDS = (("blunder", BLUNDER), ("mistake", MISTAKE), ("inaccuracy", INACCURACY))
MISTAKES = tuple(name for name, _ in THRESHOLDS)
HALF = 0.15  # the loss that halves the accuracy of a move
SUSPECT = 0.02  # a sound move below this probability is one that masters hardly play
OPENING_PLIES = 20
ENDGAME_PIECES = 6  # the most rooks, horses and cannons of both sides
NAGS = {"good": 1, "mistake": 2, "brilliant": 3, "blunder": 4, "inaccuracy": 6}
GLYPHS = {"good": "!", "mistake": "?", "brilliant": "!!", "blunder": "??", "inaccuracy": "?!"}


@dataclass(frozen=True)
class MoveReview:
    """The review of one move, with chances and scores of the side that played it: `before` the move and `after` it.

    `best` is the judge's line instead of the move, `answer` its line after the move; `ply` counts the moves before it
    from the start position. `expected` is the model's prediction, None without a model. `mark` is a key of
    `words.MARKS` or "".
    """

    ply: int
    move: Move
    mover: Color
    phase: str
    before: WinDrawLoss
    after: WinDrawLoss
    score_before: Score
    score_after: Score
    loss: float
    best: tuple[Move, ...]
    answer: tuple[Move, ...]
    expected: Expectation | None = None
    mark: str = ""
    reason: Reason | None = None

    @property
    def is_mistake(self) -> bool:
        """Return whether the move is marked as an inaccuracy, a mistake or a blunder."""
        return self.mark in MISTAKES

    @property
    def surprising(self) -> bool:
        """Return whether the judge accepts a move that masters hardly play."""
        return self.expected is not None and self.expected.probability < SUSPECT and self.loss < INACCURACY

    @property
    def accuracy(self) -> float:
        """Return the accuracy from 0 to 100; a loss of HALF halves it."""
        return 100.0 * 2.0 ** (-self.loss / HALF)


@dataclass(frozen=True)
class PlayerSummary:
    """The summary of one side's moves; figures are None if there are no moves to count.

    `agreement` is the share of moves that were the model's first choice; `losses` are mean losses by phase.
    """

    moves: int
    accuracy: float | None
    loss: float | None
    losses: dict[str, tuple[int, float]]
    agreement: float | None
    marks: dict[str, int]


@dataclass(frozen=True)
class Review:
    """The review of a line of a game (`path`, see `records.game`); `moves` are those judged so far.

    `complete` is False if the work was stopped; then any moves may be missing.
    """

    record: GameRecord
    path: Path
    line: tuple[Move, ...]
    moves: tuple[MoveReview, ...]
    judge: str
    model: str
    opening: Opening
    ruleset: str
    complete: bool
    departure: Departure | None = None  # where the game left a library, if one was given

    def start(self) -> Board:
        """Return a new board with the line's start position."""
        return self.record.start()

    def player(self, side: Color) -> PlayerSummary:
        """Return the summary of a side's moves."""
        return summary(one for one in self.moves if one.mover is side)

    def turning_points(self, count: int = 3) -> list[MoveReview]:
        """Return the mistakes that changed the expected score most, in the order of the game."""
        worst = sorted((one for one in self.moves if one.is_mistake), key=lambda one: -one.loss)[:count]
        return sorted(worst, key=lambda one: one.ply)

    def graph(self) -> list[tuple[int, WinDrawLoss]]:
        """Return Red's chances after each judged move, with the number of plies played."""
        return [(one.ply + 1, red_chances(one.after, one.mover)) for one in self.moves]


def red_chances(chances: WinDrawLoss, side: Color) -> WinDrawLoss:
    """Return the chances of a side as Red sees them."""
    return chances if side is RED else WinDrawLoss(*chances[::-1])


def expectation(chances: WinDrawLoss) -> float:
    """Return the expected points, from 0 to 1."""
    return chances.win + chances.draw / 2


def mark_of(loss: float) -> str:
    """Return the mark for a loss of expected score, "" for a sound move."""
    return next((name for name, least in THRESHOLDS if loss >= least), "")


def whole_points(loss: float) -> int:
    """Return a loss in whole percentage points, rounded down: a loss shown as 10 is never below the threshold 10."""
    return int(100 * loss + 1e-6)


def phase_of(board: Board, set_up: bool) -> str:
    """Return the phase of a position: an endgame has few rooks, horses and cannons, an opening few plies."""
    strong = sum(abs(piece) in (pieces.ROOK, pieces.HORSE, pieces.CANNON) for piece in board.array.tolist())
    if strong <= ENDGAME_PIECES:
        return "endgame"
    return "opening" if board.ply < OPENING_PLIES and not set_up else "middlegame"


def mean(values: Sequence[float]) -> float | None:
    """Return the mean, or None of an empty sequence."""
    return sum(values) / len(values) if values else None


def summary(moves: Iterable[MoveReview]) -> PlayerSummary:
    """Return the summary of moves, usually those of one side."""
    moves = list(moves)
    losses: dict[str, tuple[int, float]] = {}
    for phase in dict.fromkeys(one.phase for one in moves):
        own = [one.loss for one in moves if one.phase == phase]
        losses[phase] = (len(own), sum(own) / len(own))
    marks = Counter(one.mark for one in moves if one.mark)
    return PlayerSummary(
        len(moves),
        mean([one.accuracy for one in moves]),
        mean([one.loss for one in moves]),
        losses,
        mean([float(one.expected.rank == 1) for one in moves if one.expected is not None]),
        {name: marks[name] for name in GLYPHS if marks[name]},
    )


def sides_of(name: str, record: GameRecord) -> tuple[Color, ...]:
    """Return the sides that a player had in a game; the whole name must match, ignoring case and spaces."""

    def plain(text: str) -> str:
        return "".join(text.split()).casefold()

    return tuple(
        side for side, tag in ((RED, "Red"), (BLACK, "Black")) if plain(record.headers.get(tag, "")) == plain(name)
    )
