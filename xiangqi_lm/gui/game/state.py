"""What the window knows at a moment: the game, what is selected, whom it waits for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...engine.player import Choice
from ...rules.moves import Move
from ...rules.squares import RED, Color
from .game import Game
from .settings import Settings
from .texts import brief
from .thinker import Ticket

SIDES: dict[str, frozenset[Color]] = {
    "red": frozenset({Color.RED}),
    "black": frozenset({Color.BLACK}),
    "both": frozenset({Color.RED, Color.BLACK}),
}


@dataclass(frozen=True)
class Message:
    """One line for the player: a key of the UI texts with its fields, so that it follows a change of language."""

    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    is_error: bool = False


def message(key: str, *, error: bool = False, **fields: Any) -> Message:
    """A message whose fields may hold anything: names that are no UTF-8 and long texts are made fit to be shown."""
    return Message(key, {name: brief(v) if isinstance(v, str) else v for name, v in fields.items()}, error)


@dataclass(frozen=True)
class Motion:
    """A move to be shown as motion: the man that goes and what it took (0 for nothing)."""

    move: Move
    piece: int
    taken: int


@dataclass(frozen=True)
class Pending:
    """The question under way."""

    ticket: Ticket
    ply: int
    since: float


@dataclass
class State:
    """Changed by the controller alone."""

    settings: Settings
    game: Game = field(default_factory=Game.start)
    game_id: int = 1
    humans: frozenset[Color] = SIDES["red"]
    flipped: bool = False
    selected: int | None = None
    message: Message | None = None
    hint: Move | None = None
    hint_wanted: bool = False
    paused: bool = False
    failure: str = ""
    pending: Pending | None = None
    seen: dict[tuple[int, int], Choice] = field(
        default_factory=dict
    )  # (ply, position key) -> what the model said there
    loading: bool = True
    making: bool = False  # a level's player is being built
    compiling: str = ""  # the key of the words for what is being compiled, once that takes longer than usual
    opponent: str = ""

    @property
    def turn(self) -> Color:
        return self.game.board.turn

    @property
    def human_to_move(self) -> bool:
        """Whether a click may move a man now."""
        return self.turn in self.humans and self.game.outcome() is None

    @property
    def opponent_to_move(self) -> bool:
        """Whether the game waits for the opponent; not while an earlier position is looked at."""
        return self.turn not in self.humans and self.game.at_tip and self.game.outcome() is None

    def said(self, back: int = 0) -> Choice | None:
        """What the model said about the position `back` plies before the one looked at."""
        board = self.game.board
        if back > board.ply:
            return None
        played = [board.pop() for _ in range(back)]
        key = (board.ply, board.key)
        for move in reversed(played):
            board.push_unchecked(move)
        return self.seen.get(key)

    def resigner(self) -> Color:
        """Who resigns when the button is pressed: the human, or the side to move when two humans play."""
        if len(self.humans) == 1:
            return next(iter(self.humans))
        return self.turn if self.humans else RED
