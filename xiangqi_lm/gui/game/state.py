"""The window's state: the game, its players, the selection, and what it is waiting for."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...engine.player import Choice
from ...rules.moves import Move
from ...rules.squares import RED, Color
from .analysis import Analysis
from .clocks import GameClock, TimeControl
from .document import Document
from .editor import Editor
from .explorer import LibraryState
from .game import Game
from .players import HUMAN
from .settings import Settings
from .texts import Message
from .thinker import Ticket


@dataclass(frozen=True)
class Motion:
    """A move to animate: the moving piece and what it took (0 for nothing)."""

    move: Move
    piece: int
    taken: int


@dataclass(frozen=True)
class Pending:
    """A question being answered."""

    ticket: Ticket
    ply: int
    since: float
    offered: bool = False  # with a draw offer


@dataclass
class State:
    """The window's state; only the controller and its helpers change it."""

    settings: Settings
    game: Game = field(default_factory=Game.start)
    game_id: int = 1
    seats: dict[Color, str] = field(default_factory=dict)  # who plays each side, see `players`
    flipped: bool = False
    selected: int | None = None
    message: Message | None = None
    hint: Move | None = None
    hint_wanted: bool = False
    paused: bool = False
    one_move: bool = False  # while paused: the program plays one move and pauses again
    failure: str = ""
    pending: Pending | None = None
    advising: Pending | None = None  # the question to the adviser
    seen: dict[tuple[int, int], Choice] = field(default_factory=dict)  # (ply, key) -> the model's answer there
    weighed: dict[tuple[int, int], Choice] = field(default_factory=dict)  # the same for the player who moved
    advice: dict[tuple[int, int], Choice] = field(default_factory=dict)  # the same for the adviser
    refused: dict[tuple[int, int], tuple[Move, ...]] = field(default_factory=dict)  # moves the user wanted replaced
    loading: bool = True
    making: bool = False  # whether a player is being built
    compiling: str = ""  # the key of the text on what is being compiled, if anything
    own: str = ""  # the spec of the player that the window was started with
    clock: GameClock = field(default_factory=lambda: GameClock(TimeControl()))
    draw_offered: Color | None = None  # the side that offered a draw
    document: Document | None = None  # the games in the file or text the game came from
    saved: object = None  # the record as last saved, opened or begun
    editor: Editor | None = None
    card_read: bool = False  # whether the card at the end of the game was closed
    analysis: Analysis = field(default_factory=Analysis)
    library: LibraryState = field(default_factory=LibraryState)

    @property
    def turn(self) -> Color:
        return self.game.board.turn

    @property
    def humans(self) -> frozenset[Color]:
        """Return the sides that the user plays."""
        return frozenset(color for color in Color if self.seats.get(color, HUMAN) == HUMAN)

    @property
    def human_to_move(self) -> bool:
        """Return whether the user can move a piece now."""
        attempt = self.analysis.attempt
        waits = attempt is not None and (
            attempt.state in ("checking", "reply") or (not attempt.over and not self.game.at_tip)
        )
        mine = (self.turn in self.humans or self.analysis.on) and not waits
        return self.editor is None and mine and self.game.outcome() is None

    @property
    def offered_by_program(self) -> bool:
        """Return whether a program offers the user a draw."""
        return self.draw_offered is not None and bool(self.humans) and self.draw_offered not in self.humans

    @property
    def opponent_to_move(self) -> bool:
        """Return whether the game waits for a program: not in analysis, nor while an earlier position is shown."""
        if self.editor is not None or self.analysis.on or self.turn in self.humans:
            return False
        if self.analysis.teaching.order is not None:  # the last move may yet be taken back
            return False
        return self.game.at_tip and self.game.outcome() is None

    @property
    def arrows(self) -> bool:
        """Return whether the model's moves are shown; play and analysis have separate switches."""
        if self.analysis.on:
            return self.settings.analysis_arrows and not self.secret
        return self.settings.arrows

    @property
    def secret(self) -> bool:
        """Return whether best moves must not be shown, as an exercise is being solved."""
        return self.analysis.attempt is not None and not self.analysis.attempt.over

    @property
    def shows_end(self) -> bool:
        """Return whether the card at the end of the game is shown."""
        hidden = self.card_read or self.editor is not None or self.analysis.on
        return not hidden and self.game.outcome() is not None

    @property
    def own_game(self) -> Game:
        """Return the game, even while an exercise is on the board."""
        return self.analysis.parked or self.game

    @property
    def here(self) -> tuple[int, int]:
        """Return the ply and the key of the current position."""
        return self.game.board.ply, self.game.board.key

    @property
    def unsaved(self) -> bool:
        """Return whether something would be lost if the game were dropped."""
        game, record = self.own_game, self.own_game.record
        if record is self.saved or record == self.saved or not (record.moves or record.variations):
            return False
        only_program = game.live and len(record.moves) == 1 and self.humans and game.turn_at(0) not in self.humans
        return not only_program or bool(record.variations or record.comments)

    @property
    def program_moved_last(self) -> bool:
        """Return whether a program made the last move of the line, so that it can be asked for another."""
        game = self.game
        return game.at_tip and game.cursor > 0 and game.turn_at(game.cursor - 1) not in self.humans

    @property
    def take_back_to(self) -> int | None:
        """Return the ply that taking back leads to: the last earlier one with a human to move, in analysis the one
        before."""
        game = self.game
        if self.analysis.on:
            return game.cursor - 1 if game.cursor else None
        return next((ply for ply in range(game.cursor - 1, -1, -1) if game.turn_at(ply) in self.humans), None)

    def clear_hand(self) -> None:
        """Drop selection, hint and message."""
        self.selected, self.hint, self.hint_wanted, self.message = None, None, False, None

    def said(self) -> Choice | None:
        """Return the model's answer to the current position."""
        return self.seen.get(self.here)

    def thought(self, back: int) -> Choice | None:
        """Return the choice of the player who moved in the position `back` plies before the current one."""
        board = self.game.board
        if back > board.ply:
            return None
        played = [board.pop() for _ in range(back)]
        key = (board.ply, board.key)
        for move in reversed(played):
            board.push_unchecked(move)
        return self.weighed.get(key) or self.seen.get(key)

    def resigner(self) -> Color:
        """Return the side that the resign button resigns for: the user's, or the side to move between two people."""
        if len(self.humans) == 1:
            return next(iter(self.humans))
        return self.turn if self.humans else RED
