"""The game behind the window: intents come in, a view goes out; knows nothing of pixels or pygame.

Everything here returns at once. The opponent answers on its own thread; `tick` takes its answers, and those to
questions no longer asked (after a take back, a new game, another position) are dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...engine.levels import compiles
from ...engine.player import Choice
from ...errors import AmbiguousMove, IllegalMove, XiangqiError
from ...rules import jit
from ...rules.moves import Move
from ...rules.squares import Color
from . import files
from .autosave import Keeper
from .game import Game, refusal
from .opponent import Opponent
from .presenter import make_view, side_name, take_back_to
from .settings import Settings
from .state import SIDES, Message, Motion, State, message
from .texts import brief
from .thinker import Thinker
from .view import View

LONG_FEN = 120  # characters: no position takes more
LONG_PASTE = 5000  # characters of a pasted text beyond which it is not read
LONG_START = 3.0  # seconds after which a start is seen to be a first one, which compiles


class Controller:
    """Owns the game; every intent is a method that changes the state, and `view` shows it."""

    def __init__(
        self,
        thinker: Thinker,
        settings: Settings,
        *,
        fen: str | None = None,
        store: Callable[[Settings], bool] = lambda settings: True,
        keeper: Keeper | None = None,
        clock: Callable[[], float] = time.monotonic,
        pace: float = 0.45,
    ):
        self.state = State(settings, Game.start(fen), humans=SIDES[settings.side], flipped=settings.side == "black")
        self.illegal_clicks = 0
        self._opponent = Opponent(thinker, self.state, clock, pace)
        self._store, self._clock, self._begun = store, clock, clock()
        self.keeper = keeper or Keeper()
        self._press_selected = False
        self._sounds: list[str] = []
        self._motion: Motion | None = None

    # ------------------------------------------------------------------------------------------------ looking

    def view(self) -> View:
        """What is to be seen now."""
        return make_view(self.state, self._clock())

    @property
    def settings(self) -> Settings:
        return self.state.settings

    def take_sounds(self) -> list[str]:
        """The sounds to be played since the last call, by name."""
        sounds, self._sounds = self._sounds, []
        return sounds

    def take_motion(self) -> Motion | None:
        """The move to be shown as motion since the last call."""
        motion, self._motion = self._motion, None
        return motion

    def tell(self, key: str, *, error: bool = False, **fields: Any) -> None:
        """Show a line to the player; key and fields of the UI texts."""
        self.state.message = message(key, error=error, **fields)

    # ------------------------------------------------------------------------------------------------ the opponent

    def start(self) -> None:
        """Begin to load the opponent."""
        self._opponent.load()
        self._opponent.consider()

    @property
    def busy(self) -> bool:
        """Whether the opponent's thread is loading or thinking."""
        return self._opponent.busy

    def close(self) -> None:
        """Let the opponent go."""
        self._opponent.close()

    def tick(self) -> None:
        """Take what the opponent has said since the last tick, and keep the game as it then is."""
        state = self.state
        happened, answers = self._opponent.collect()
        state.compiling = self._compiled()
        for answer in answers:
            assert answer.choice is not None
            state.seen[state.game.cursor, state.game.board.key] = answer.choice
            if answer.ticket.purpose == "move":
                self._play(answer.choice.move)
            elif state.hint_wanted:
                self._show_hint(answer.choice)
        if happened:
            self._opponent.consider()
        if not self.keeper.follow(state):
            self.tell("game_not_kept", error=True)

    def _compiled(self) -> str:
        """What is being compiled for longer than a usual start takes: a key of the UI texts, or nothing."""
        now, pending = self._clock(), self.state.pending
        if not jit.is_warm() and now - self._begun > LONG_START:
            return "compiling"
        asked = pending.since if pending else self._begun
        return "compiling_player" if compiles(self._opponent.making) and now - asked > LONG_START else ""

    def action(self) -> None:
        """The button beside the status: stop the thought, continue, or restart an opponent that failed."""
        state = self.state
        if state.failure:
            state.paused = False
            self._opponent.load()
        elif state.opponent_to_move:
            state.paused = not state.paused
            if not state.paused:
                self._opponent.resume()
        self._opponent.consider()

    # ------------------------------------------------------------------------------------------------ the hand

    def press(self, square: int | None) -> bool:
        """A press on a crossing (None: beside the board); True if a man was taken up and may be dragged."""
        state = self.state
        self._press_selected = False
        if square is None or not state.human_to_move:
            self._select(None)
            return False
        if state.game.board.color_at(square) is state.turn:
            self._press_selected = square == state.selected
            if not self._press_selected:
                self._select(square)
                self._sounds.append("select")
            return True
        if state.selected is not None:
            self._try(state.selected, square, shown=True)
        return False

    def release(self, square: int | None, dragged: bool) -> None:
        """The end of a press: a drag plays its move, a click on the man already selected lets it go."""
        selected = self.state.selected
        if dragged and selected is not None:
            if square is not None and square != selected:
                self._try(selected, square, shown=False)
        elif self._press_selected and square == selected:
            self._select(None)
        self._press_selected = False

    def _select(self, square: int | None) -> None:
        if self.state.selected != square:
            self.state.selected = square

    def _try(self, from_square: int, to_square: int, *, shown: bool) -> None:
        """Play the human's move or refuse it, with the reason where it is not obvious."""
        board = self.state.game.board
        self.state.selected = None
        try:
            move = Move.of(from_square, to_square)
        except XiangqiError:
            return self._refuse("")
        if not board.is_legal(move):
            return self._refuse(refusal(board, move))
        self._play(move, shown=shown)
        self._opponent.consider()

    def _refuse(self, reason: str) -> None:
        self.illegal_clicks += 1
        self._sounds.append("illegal")
        self.state.message = Message(reason, is_error=True) if reason else None

    def type_move(self, text: str) -> bool:
        """Play a move written in any notation; False, with a message, if that cannot be."""
        if not self.state.human_to_move:
            self.tell("not_your_turn", error=True)
            return False
        board = self.state.game.board
        try:
            move = board.parse(text.strip())
        except AmbiguousMove:
            self.tell("typed_ambiguous", error=True, text=text)
        except IllegalMove:
            self.tell("typed_illegal", error=True, text=text)
        except XiangqiError:
            self.tell("typed_invalid", error=True, text=text)
        else:
            self._play(move)
            self._opponent.consider()
            return True
        self._sounds.append("illegal")
        return False

    def _play(self, move: Move, *, shown: bool = True) -> None:
        """A legal move of either side; its sound follows from the board."""
        state = self.state
        board = state.game.board
        piece, taken = board.piece_at(move.from_square) or 0, board.piece_at(move.to_square) or 0
        state.game.play(move)
        self._clear_hand()
        state.paused = False
        self._motion = Motion(move, piece, taken) if shown else None
        outcome = state.game.outcome()
        if outcome is not None:
            self._sounds.append(self._end_sound(outcome.winner))
        else:
            self._sounds.append("check" if board.is_check() else "capture" if taken else "move")

    def _end_sound(self, winner: Color | None) -> str:
        if winner is None:
            return "draw"
        return "win" if winner in self.state.humans else "loss"

    def _clear_hand(self) -> None:
        state = self.state
        state.selected, state.hint, state.hint_wanted, state.message = None, None, False, None

    # ------------------------------------------------------------------------------------------------ the line

    def go_to(self, ply: int) -> None:
        """Look at another position of the line; the opponent thinks only at its end."""
        if ply != self.state.game.cursor:
            self.state.game.go_to(ply)
            self._clear_hand()
            self.state.paused = False
            self._opponent.consider()

    def step(self, plies: int) -> None:
        """Look that many plies further on, or back."""
        game = self.state.game
        self.go_to(min(max(game.cursor + plies, 0), len(game.line)))

    def take_back(self) -> None:
        """Back to the human's last turn: two plies against the opponent, one while it thinks or with two humans."""
        ply = take_back_to(self.state)
        if ply is not None:
            self.go_to(ply)

    def redo(self) -> None:
        """Forward to the human's next turn, or to the end of the line."""
        game = self.state.game
        if game.at_tip:
            return
        ply = game.cursor + 1
        while ply < len(game.line) and game.turn_at(ply) not in self.state.humans:
            ply += 1
        self.go_to(ply)

    def resign(self) -> None:
        """The human gives up."""
        state = self.state
        if state.humans and state.game.at_tip and state.game.outcome() is None:
            loser = state.resigner()
            state.game.resign(loser)
            self._clear_hand()
            self._sounds.append(self._end_sound(loser.opponent))
            self._opponent.consider()

    # ------------------------------------------------------------------------------------------------ whole games

    def new_game(self, side: str | None = None, fen: str | None = None) -> None:
        """Begin again; `side` is "red", "black" or "both" and stays as it was if None. Raises InvalidFen."""
        game = Game.start(fen)
        if side is not None:
            self.change(side=side)
            self.state.flipped = side == "black"
        self._replace_game(game, SIDES[self.settings.side])

    def _replace_game(self, game: Game, humans: frozenset[Color], restored: bool = False) -> None:
        state = self.state
        state.game, state.humans = game, humans
        state.game_id += 1
        self.keeper.begin(state, restored)
        state.seen.clear()
        state.paused = False
        self._motion = None
        self._clear_hand()
        self._opponent.consider()

    def copy_fen(self) -> str:
        """The FEN of the position looked at, with a message that it was copied."""
        self.tell("fen_copied")
        return self.state.game.board.fen()

    def paste_fen(self, text: str) -> bool:
        """A new game from a FEN; on a bad one a message says why and the game stays."""
        try:
            self.new_game(fen=brief(" ".join(text[:LONG_PASTE].split()), LONG_FEN) or "-")
        except XiangqiError as fault:
            self.tell("fen_bad", error=True, reason=str(fault))
            return False
        self.tell("fen_pasted")
        return True

    def load(self, path: Path) -> bool:
        """Open the first game of a PGN file in any encoding; on an error a message and the old game stays."""
        game, words = files.load(path)
        if game is not None:
            humans = SIDES["both"] if self.settings.side == "both" else frozenset({game.board.turn})
            self._replace_game(game, humans)
            self.state.flipped = humans == SIDES["black"]
            self.change(folder=str(path.parent))
        self.state.message = words
        return game is not None

    def save(self, path: Path) -> bool:
        """Write the game as PGN; says so, or why not."""
        state = self.state
        language = state.settings.language
        opponent = state.opponent or "xiangqi-lm"
        names: Mapping[Color, str] = {
            color: side_name(language, color) if color in state.humans else opponent for color in Color
        }
        saved, words = files.save(state.game, names, path)
        if saved:
            self.change(folder=str(path.parent))
        state.message = words
        return saved

    def restore(self) -> bool:
        """Go on with the unfinished game at the very position; says so, or why not."""
        kept = self.keeper.kept
        assert kept is not None
        try:
            game = kept.restore()
        except XiangqiError as fault:
            self.decline()
            self.tell("restore_failed", error=True, reason=files.reason(fault))
            return False
        self.keeper.offered = False
        self._replace_game(game, kept.humans, restored=True)
        self.state.flipped = kept.flipped
        self.tell("restored")
        return True

    def decline(self) -> None:
        """Forget the unfinished game."""
        try:
            self.keeper.forget()
        except OSError as fault:
            self.tell("forget_failed", error=True, reason=files.reason(fault))

    # ------------------------------------------------------------------------------------------------ help and taste

    def hint(self) -> None:
        """Show the model's likeliest move, at full strength whatever the level is."""
        state = self.state
        if not state.human_to_move or state.failure:
            return
        state.hint_wanted = True
        choice = state.said()
        if choice:
            self._show_hint(choice)
        else:
            self.tell("hint_wait")
        self._opponent.consider()

    def _show_hint(self, choice: Choice) -> None:
        move = choice.probabilities[0][0] if choice.probabilities else choice.move
        self.state.hint, self.state.hint_wanted = move, False
        self.tell("hint", name=self.state.game.board.chinese(move), iccs=move.iccs())

    def flip(self) -> None:
        """Turn the board around."""
        self.state.flipped = not self.state.flipped
        self._opponent.consider()

    def toggle(self, name: str) -> None:
        """Switch a setting that is either on or off."""
        self.change(**{name: not getattr(self.settings, name)})

    def change(self, **values: Any) -> None:
        """Change settings; they are stored at once."""
        new = replace(self.settings, **values)
        if new != self.settings:
            self.state.settings = new
            if not self._store(new):
                self.state.message = Message("settings_not_saved", is_error=True)
        self._opponent.consider()
