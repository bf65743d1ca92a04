"""What the window shows, as plain values: made by the controller, read by the drawing code."""

from __future__ import annotations

from dataclasses import dataclass

from ...rules.moves import Move
from ...rules.squares import Color


@dataclass(frozen=True)
class Candidate:
    """A move that the model weighed: its notation, its probability, and whether it was the one played."""

    move: Move
    name: str
    probability: float
    played: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the move list; an empty text where a side has no move."""

    number: int
    red: str
    black: str


@dataclass(frozen=True)
class View:
    """Everything that can be seen, at one moment; equal views look the same."""

    pieces: tuple[int, ...]  # [90]
    turn: Color
    flipped: bool
    selected: int | None
    targets: tuple[tuple[int, bool], ...]  # crossing, is a capture
    last_move: Move | None
    checked_king: int | None
    hint: Move | None
    arrows: tuple[Candidate, ...]
    candidates: tuple[Candidate, ...]
    candidates_title: str
    value: tuple[float, float, float] | None  # red wins, draw, black wins
    status: str
    detail: str
    message: str
    message_is_error: bool
    opponent: str
    level: str
    action: str | None  # "stop", "continue" or "restart"
    busy: bool
    check: bool
    outcome: str
    rows: tuple[Row, ...]
    first_ply_black: bool  # the record begins with a black move
    cursor: int
    plies: int
    enabled: frozenset[str]
    on: frozenset[str]  # buttons that are switched on
