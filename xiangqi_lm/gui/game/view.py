"""The window's view as plain values, made by the presenter and read by the drawing code."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.game import Path as TreePath
from ...rules.moves import Move
from ...rules.outcome import Outcome
from ...rules.squares import Color
from .analysis_view import AnalysisView
from .explorer import LibraryView
from .movelist import Block
from .tree_walk import Place


@dataclass(frozen=True)
class Candidate:
    """A move with its text, its probability, and whether it was played."""

    move: Move
    name: str
    probability: float
    played: bool = False


@dataclass(frozen=True)
class BestLine:
    """A line of the adviser: its score for Red as text, and its moves."""

    worth: str
    good: bool  # for Red
    moves: tuple[str, ...]


@dataclass(frozen=True)
class PlayerCard:
    """One side: its player's name and kind, the pieces it has taken, and its clock ("" without one)."""

    color: Color
    name: str
    kind: str
    taken: tuple[int, ...]
    clock: str
    hurry: bool  # little time is left
    running: bool
    to_move: bool


@dataclass(frozen=True)
class EndCard:
    """The end of the game: the headline, the full reason, and the possible actions."""

    winner: Color | None
    headline: str
    reason: str
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Setup:
    """The position editor: the picked piece (None: pieces are moved), the pieces that can still be placed, and what is
    wrong with the position ("" if it can be played)."""

    turn: Color
    picked: int | None
    room: frozenset[int]
    problem: str


@dataclass(frozen=True)
class View:
    """Everything visible at one moment; equal views look the same."""

    pieces: tuple[int, ...]  # [90]
    turn: Color
    flipped: bool
    selected: int | None
    targets: tuple[tuple[int, bool], ...]  # square, whether it is a capture
    last_move: Move | None
    checked_king: int | None
    hint: Move | None
    pointed: int | None  # the square of the piece that should move, as a hint
    prey: int | None  # the square of the piece that the reason of the current move names
    arrows: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    candidates_title: str
    weighed: int  # the number of moves with a probability: the candidates and all others
    illegal: float | None  # the probability of illegal moves, apart from the candidates; None: unknown
    best: tuple[BestLine, ...]
    best_title: str
    value: tuple[float, float, float] | None  # Red wins, draw, Black wins
    status: str
    detail: str
    message: str
    message_is_error: bool
    players: tuple[PlayerCard, PlayerCard]  # at the top and at the bottom
    action: str | None  # "stop", "continue" or "restart"
    busy: bool
    check: bool
    outcome: Outcome | None
    end: EndCard | None
    setup: Setup | None
    blocks: tuple[Block, ...]  # the blocks of the move list
    place: Place
    path: TreePath  # the path of the current line
    cursor: int
    plies: int
    info: tuple[str, ...]  # event, date, opening: lines of the game's card
    title: str  # the window's title
    library: LibraryView | None  # the panel, if it is open
    games: tuple[int, int] | None  # number of the game and count of games in the file
    unsaved: bool
    enabled: frozenset[str]
    on: frozenset[str]  # buttons that are switched on
    analysis: AnalysisView | None = None
