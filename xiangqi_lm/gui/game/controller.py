"""The game behind the window: intents come in, a view goes out; it does not know pixels or pygame.

Everything here returns at once; programs answer on threads of their own, and `tick` takes their answers.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...rules.moves import Move
from ...rules.squares import Color
from .archive import Archive
from .editor import Editor
from .explorer import Explorer
from .game import Game
from .games import Games
from .hooks import Hooks
from .move_input import MoveInput
from .navigation import Navigation
from .presenter import Presenter
from .programs import Programs
from .referee import Referee
from .settings import Settings
from .state import Motion, State
from .study import Helpers, Study
from .texts import Message, message
from .thinker import Thinker
from .view import View


class Controller:
    """Owns the state of the window; intents change it, here or in one of the parts, and `view` shows it.

    The parts: `games` (whole games, files), `navigation` (going through the tree), `programs` (opponents and adviser),
    `referee` (clocks, ends), `study` (analysis, reviews, exercises), `explorer` (the library). `store` keeps changed
    settings and returns whether that worked.
    """

    def __init__(
        self,
        thinker: Thinker,
        settings: Settings,
        *,
        adviser: Thinker | None = None,
        helpers: Helpers | None = None,
        fen: str | None = None,
        store: Callable[[Settings], bool] = lambda settings: True,
        archive: Archive | None = None,
        library: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        pace: float = 0.45,
        wake: Callable[[], None] = lambda: None,
    ):
        game = Game.start(fen, settings.ruleset)
        self.state = state = State(settings, game, flipped=settings.side == "black", saved=game.record)
        self.store, self._clock = store, clock
        self._sounds: list[str] = []
        self._motion: Motion | None = None
        hooks = self._hooks(wake, clock)
        self.referee = Referee(state, clock, self._ended)
        self.games = Games(state, archive or Archive(), lambda: self.study, self.referee, hooks)
        state.seats = self.games.seats(settings.side)
        self.referee.begin()
        self.study = Study(state, helpers or Helpers(), hooks)
        self.navigation = Navigation(state, self.study, self.referee, hooks)
        self.programs = Programs(thinker, adviser, state, self.referee, hooks, pace)
        self.explorer = Explorer(state, library, wake, self.games.shelf.open_record, self.games.shelf.record)
        self._presenter = Presenter(state)
        self._input = MoveInput(state, self._play_by_hand, self._sound)

    def _hooks(self, wake: Callable[[], None], clock: Callable[[], float]) -> Hooks:
        """Return what the parts ask of each other and of us."""
        return Hooks(
            moved_on=lambda: self.navigation.moved_on(),
            go_to=lambda ply: self.navigation.go_to(ply),
            consider=self._consider,
            play=lambda move: self._play(move, by_program=True),
            take_back=lambda: self.navigation.take_back(),
            motion=self._set_motion,
            sound=self._sound,
            change=self.change,
            wake=wake,
            clock=clock,
        )

    # ------------------------------------------------------------------------------------------------ looking

    def view(self) -> View:
        """Return what is to be seen now."""
        return self._presenter.view(self._clock())

    @property
    def settings(self) -> Settings:
        return self.state.settings

    def take_sounds(self) -> list[str]:
        """Return the sounds to be played since the last call, by name."""
        sounds, self._sounds = self._sounds, []
        return sounds

    def _sound(self, name: str) -> None:
        self._sounds.append(name)

    def take_motion(self) -> Motion | None:
        """Return the move to be shown as motion since the last call."""
        motion, self._motion = self._motion, None
        return motion

    def _set_motion(self, motion: Motion | None) -> None:
        self._motion = motion

    def tell(self, key: str, *, error: bool = False, **fields: Any) -> None:
        """Show a line to the player; key and fields of the UI texts."""
        self.state.message = message(key, error=error, **fields)

    # ------------------------------------------------------------------------------------------------ time

    def start(self) -> None:
        """Begin to load the opponent."""
        self.programs.load()
        self.programs.consider()

    @property
    def busy(self) -> bool:
        """Return whether a thread is loading or thinking."""
        return self.programs.busy or self.study.busy

    @property
    def impatient(self) -> bool:
        """Return whether an answer waits to be shown, or a line is being played out."""
        return self.programs.early or self.study.impatient

    def tick(self) -> None:
        """Take what has been found since the last tick, run the clocks, keep the game on disk as it then is."""
        happened = self.programs.collect(lambda: self.study.making)
        self.study.tick()
        self.referee.tick()
        if self.explorer.tick() or happened:
            self._consider()
        self.games.shelf.follow()

    def _consider(self) -> None:
        """Ask the programs and the judge for what the position now requires."""
        self.programs.consider()
        self.study.consider()

    def close(self) -> None:
        """Let the programs go; the next window may offer the game."""
        self.programs.close()
        self.study.close()
        if self.state.document is not None:
            self.state.document.close()
        self.games.shelf.archive.close()
        self.explorer.close()

    # ------------------------------------------------------------------------------------------------ the hand

    @property
    def illegal_clicks(self) -> int:
        """Return how many moves made by hand were refused."""
        return self._input.refused

    def press(self, square: int | None) -> bool:
        """Handle a press on a square (None: beside the board); return whether a piece was taken up to be dragged."""
        if self.state.analysis.preview is not None and self.state.editor is None:
            self.study.previews.leave()
            return False
        return self._input.press(square)

    def release(self, square: int | None, dragged: bool) -> None:
        """Handle the end of a press: a drag plays its move, a click on the piece already selected lets it go."""
        self._input.release(square, dragged)

    def erase(self, square: int | None) -> None:
        """Handle a press of the right button: in the editor it clears a square."""
        self._input.erase(square)

    def type_move(self, text: str) -> bool:
        """Play a move written in any notation; return False, with a message, if that is impossible."""
        return self._input.type_move(text)

    def play_found(self, move: Move) -> None:
        """Play a move from a list beside the board, or step to it where it is the next one of the line."""
        game = self.state.game
        if not game.at_tip and game.line[game.cursor] is move:
            self.navigation.go_to(game.cursor + 1)
        else:
            self._input.play(move)

    def _play_by_hand(self, move: Move, shown: bool) -> None:
        self._play(move, shown=shown)
        if self.state.analysis.attempt is not None:
            self.study.coach.moved(move)
        else:
            self.study.coach.watch(move)
        self._consider()

    def _play(self, move: Move, *, shown: bool = True, by_program: bool = False) -> None:
        """Play a legal move of either side; what is heard follows from the board."""
        state = self.state
        board, mover = state.game.board, state.turn
        piece, taken = board.piece_at(move.from_square) or 0, board.piece_at(move.to_square) or 0
        state.game.play(move)
        if not state.analysis.on:
            self.referee.moved(mover)
        self.referee.tick()  # the other clock runs from now on
        state.clear_hand()
        if not by_program or state.humans:
            state.paused = False
        self._motion = Motion(move, piece, taken) if shown else None
        outcome = state.game.outcome()
        if outcome is not None:
            self._ended(outcome.winner)
            return
        name = "check" if board.is_check() else "capture" if taken else "move"
        self._sounds.append(f"{name}_theirs" if by_program and state.humans else name)

    def _ended(self, winner: Color | None) -> None:
        """Show and sound the end of the game."""
        self.state.card_read = self.state.analysis.on
        if winner is None:
            self._sounds.append("draw")
        else:
            self._sounds.append("win" if winner in self.state.humans or not self.state.humans else "loss")
        self._consider()

    # ------------------------------------------------------------------------------------------------ ends

    def resign(self) -> None:
        """Resign for the human."""
        state = self.state
        if state.humans and state.game.at_tip and state.game.on_main_line and state.game.outcome() is None:
            state.clear_hand()
            self.referee.resign(state.resigner())

    def offer_draw(self) -> None:
        """Offer a draw for the human."""
        if self.state.humans and self.state.game.outcome() is None:
            self.state.clear_hand()
            self.referee.offer()
            self._consider()

    def answer_draw(self, accept: bool) -> None:
        """Accept a program's draw offer, or decline it."""
        if self.state.offered_by_program:
            self.state.draw_offered = None
            if accept:
                self.referee.agree()

    # ------------------------------------------------------------------------------------------------ the editor

    def edit_position(self) -> None:
        """Begin to set up a position."""
        if self.state.analysis.on:
            self.study.toggle()
        self.state.clear_hand()
        self.state.editor = Editor(self.state.game.board)
        self._consider()

    def editor_action(self, name: str, value: Any = None) -> None:
        """Do what a button of the editor says: pick, turn, clear, reset, mirror, turn_round, done, cancel."""
        editor = self.state.editor
        if editor is None:
            return
        self.state.clear_hand()
        if name == "pick":
            editor.picked = value
        elif name == "turn":
            editor.turn = editor.turn.opponent
        elif name in ("clear", "reset", "mirror", "turn_round"):
            getattr(editor, name)()
        elif name == "cancel":
            self.state.editor = None
            self._consider()
        elif name == "done" and editor.problem() is None:
            self.state.editor = None
            self.games.new_game(fen=editor.fen())
            self.tell("position_set")

    # ------------------------------------------------------------------------------------------------ settings

    def flip(self) -> None:
        """Turn the board around."""
        self.state.flipped = not self.state.flipped
        self._consider()

    def toggle(self, name: str) -> None:
        """Switch a setting that is on or off; arrows have one for each mode."""
        if name == "arrows" and self.state.analysis.on:
            name = "analysis_arrows"
        self.change(**{name: not getattr(self.settings, name)})

    def change(self, **values: Any) -> None:
        """Change settings; they are stored at once."""
        state, old = self.state, self.settings
        new = replace(old, **values)
        if new != old:
            state.settings = new
            self._follow_settings(old)
            if not self.store(new):
                state.message = Message("settings_not_saved", is_error=True)
        self._consider()

    def _follow_settings(self, old: Settings) -> None:
        """Apply changed settings to the game under way."""
        state, new = self.state, self.settings
        programs = [color for color in Color if color not in state.humans]
        if state.own_game.result() is not None:  # its players are those who played it
            programs = []
        if new.level != old.level and programs:
            state.seats[programs[-1] if len(programs) == 1 else Color.BLACK] = new.level
            if state.failure:  # the program that failed may have taken the thread along
                self.programs.load()
        if new.other_level != old.other_level and len(programs) == 2:
            state.seats[Color.RED] = new.other_level
        if new.adviser != old.adviser:
            state.advice.clear()
            state.hint = None
        state.game.judge_by(new.ruleset)
