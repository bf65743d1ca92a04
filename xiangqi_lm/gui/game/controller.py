"""The game behind the window: intents come in, a view goes out; knows nothing of pixels or pygame.

Everything here returns at once. Programs answer on threads of their own; `tick` takes their answers, and those to
questions no longer asked (after a take back, a new game, another position) are dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...engine.levels import compiles
from ...engine.player import Choice, Manners
from ...errors import XiangqiError
from ...rules.compiling import is_compiling
from ...rules.moves import Move
from ...rules.squares import Color
from . import files, players
from .archive import Archive, Kept
from .editor import Editor
from .explorer import Explorer
from .game import Game, Place
from .hooks import Hooks
from .move_input import MoveInput
from .opponent import Adviser, Opponent
from .player_faults import player_fault
from .players import HANDICAPS, HUMAN, SIDES
from .positions import why_not
from .presenter import Presenter, take_back_to, unsaved, variations_of
from .referee import Referee
from .settings import Settings
from .shelf import Shelf
from .state import Motion, State
from .study import Helpers, Study
from .texts import Message, brief, message
from .thinker import Thinker
from .view import View

LONG_FEN = 120  # characters: no position takes more
LONG_PASTE = 5_000_000  # characters of a pasted text beyond which it is not read
COMPILED = 1.5  # seconds for which a compilation is spoken of after it was last seen


class Controller:
    """Owns the game; every intent is a method that changes the state, and `view` shows it."""

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
        self.state = State(settings, game, flipped=settings.side == "black", saved=game.record)
        self.state.seats = self._seats(settings.side)
        self._opponent = Opponent(thinker, self.state, clock, pace)
        self._adviser = Adviser(adviser or thinker, self.state, clock)
        self._advised = adviser is not None
        self._referee = Referee(self.state, clock, self._ended)
        self._referee.begin()
        self.shelf = Shelf(self.state, archive or Archive(), self._replace_game, wake)
        self.study = Study(self.state, helpers or Helpers(), self._hooks(wake, clock))
        self.explorer = Explorer(self.state, library, wake, self.shelf.open_record, self.shelf.record)
        self._presenter = Presenter(self.state)
        self._store, self._clock = store, clock
        self._compiled_at = float("-inf")
        self._sounds: list[str] = []
        self._input = MoveInput(self.state, self._play_by_hand, self._sound)
        self._motion: Motion | None = None

    def _hooks(self, wake: Callable[[], None], clock: Callable[[], float]) -> Hooks:
        """Return what the helpers of analysis mode ask of us."""
        return Hooks(
            moved_on=self._moved_on,
            go_to=self.go_to,
            consider=self._consider,
            play=lambda move: self._play(move, by_program=True),
            take_back=self.take_back,
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

    @property
    def unsaved(self) -> bool:
        """Return whether something would be lost if the game were dropped."""
        return unsaved(self.state)

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

    def tell(self, key: str, *, error: bool = False, **fields: Any) -> None:
        """Show a line to the player; key and fields of the UI texts."""
        self.state.message = message(key, error=error, **fields)

    # ------------------------------------------------------------------------------------------------ the programs

    def start(self) -> None:
        """Begin to load the opponent."""
        self._opponent.load()
        self._opponent.consider()

    @property
    def busy(self) -> bool:
        """Return whether a program's thread is loading or thinking."""
        return self._opponent.busy or (self._advised and self._adviser.busy) or self.study.busy

    @property
    def impatient(self) -> bool:
        """Return whether an answer waits to be shown, or a line is played out."""
        return self._opponent.early or self.study.impatient

    def close(self) -> None:
        """Let the programs go, and the game be offered to the next window."""
        self._opponent.close()
        if self._advised:
            self._adviser.close()
        self.study.close()
        if self.state.document is not None:
            self.state.document.close()
        self.shelf.archive.close()
        self.explorer.close()

    def tick(self) -> None:
        """Take what the programs have said since the last tick, run the clocks, keep the game as it then is."""
        state = self.state
        happened, answers = self._opponent.collect()
        state.compiling = self._compiled()
        for answer in answers:
            assert answer.choice is not None
            if answer.ticket.purpose == "move":
                self._answered(answer.choice, answer.manners)
            else:
                state.seen[state.here] = answer.choice
        if self._advised:
            for answer in self._adviser.collect():
                self._advise(answer.choice, answer.fault)
        self.study.tick()
        self._referee.tick()
        if self.explorer.tick() or happened:
            self._consider()
        self.shelf.follow()

    def _answered(self, choice: Choice, manners: Manners) -> None:
        """A program moves, or gives up."""
        state = self.state
        choice = self._referee.judged(choice, manners)
        state.weighed[state.here] = choice
        state.one_move = False
        mover = state.turn
        if not self._referee.give_up(mover, choice):
            self._play(choice.move, by_program=True)

    def _consider(self) -> None:
        self._opponent.consider()
        if self._advised:
            self._adviser.consider()
        self.study.consider()

    def _set_motion(self, motion: Motion) -> None:
        self._motion = motion

    def _compiled(self) -> str:
        """Return what is being compiled at this moment: a key of the UI texts, or nothing."""
        now = self._clock()
        if is_compiling():
            self._compiled_at = now
        if now - self._compiled_at > COMPILED:
            return ""
        making = self._opponent.making or (self._adviser.making if self._advised else "") or self.study.making
        return "compiling_player" if compiles(making) else "compiling"

    def action(self) -> None:
        """Do what the button beside the status says: stop the thought, continue, or restart a program that failed."""
        state = self.state
        if state.failure:
            state.paused = False
            self._opponent.load()
        elif state.opponent_to_move:
            state.paused, state.one_move = not state.paused, False
            if not state.paused:
                self._opponent.resume()
        self._consider()

    def one_move(self) -> None:
        """Have the program to move play a single move while a match between programs is paused."""
        if self.state.paused and self.state.opponent_to_move:
            self.state.one_move = True
            self._opponent.resume()
            self._consider()

    def move_now(self) -> None:
        """Have the program that thinks play the best move it has found."""
        if self.state.opponent_to_move:
            self._opponent.hurry()

    def another_move(self) -> None:
        """Have a program play another move in place of its last one."""
        game = self.state.game
        if game.at_tip and game.cursor and game.turn_at(game.cursor - 1) not in self.state.humans:
            move = game.board.peek()
            if game.ended is not None:
                return
            self.go_to(game.cursor - 1)
            here = self.state.here
            self.state.refused[here] = (*self.state.refused.get(here, ()), move)
            game.drop_following()
            self.state.paused = False
            self._consider()

    # ------------------------------------------------------------------------------------------------ the hand

    @property
    def illegal_clicks(self) -> int:
        """Count one more refused move of the hand."""
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
        """Play a move written in any notation; False, with a message, if that cannot be."""
        return self._input.type_move(text)

    def play_found(self, move: Move) -> None:
        """Play a move of a list beside the board, or walk on to it where the line looked at has it."""
        game = self.state.game
        if not game.at_tip and game.line[game.cursor] is move:
            self.go_to(game.cursor + 1)
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
        """A legal move of either side; its sound follows from the board."""
        state = self.state
        board, mover = state.game.board, state.turn
        piece, taken = board.piece_at(move.from_square) or 0, board.piece_at(move.to_square) or 0
        state.game.play(move)
        if not state.analysis.on:
            self._referee.moved(mover)
        self._referee.tick()  # the other clock runs from now on
        self._clear_hand()
        if not by_program or len(state.humans):
            state.paused = False
        self._motion = Motion(move, piece, taken) if shown else None
        outcome = state.game.outcome()
        if outcome is not None:
            self._ended(outcome.winner)
            return
        name = "check" if board.is_check() else "capture" if taken else "move"
        self._sounds.append(f"{name}_theirs" if by_program and state.humans else name)

    def _ended(self, winner: Color | None) -> None:
        """The game is over: its sound, its card."""
        self.state.card_read = self.state.analysis.on
        if winner is None:
            self._sounds.append("draw")
        else:
            self._sounds.append("win" if winner in self.state.humans or not self.state.humans else "loss")
        self._consider()

    def _clear_hand(self) -> None:
        state = self.state
        state.selected, state.hint, state.hint_wanted, state.message = None, None, False, None

    # ------------------------------------------------------------------------------------------------ the tree

    def go_to(self, ply: int) -> None:
        """Look at another position of the line; programs think only at its end."""
        if ply != self.state.game.cursor and self.state.editor is None:
            self.state.game.go_to(ply)
            self._moved_on()

    def look_at(self, place: Place) -> None:
        """Look at a place of any line of the tree."""
        if self.state.editor is None:
            self.state.game.look_at(place)
            self._moved_on()

    def _moved_on(self) -> None:
        """Another position is looked at."""
        self.state.analysis.preview = None
        self.study.coach.drop()
        self._clear_hand()
        self._referee.tick()  # clocks stand still while the game is only looked at
        if self.state.humans:
            self.state.paused = False
        elif not self.state.game.at_tip:
            self.state.paused = True
        self._consider()

    def step(self, plies: int) -> None:
        """Look that many plies further on, or back."""
        game = self.state.game
        if not self.study.step(plies):
            self.go_to(min(max(game.cursor + plies, 0), len(game.line)))

    def beside(self, steps: int) -> None:
        """Look at another move in place of the last one, `steps` further on in the tree's order; where there is none,
        one pair of moves on or back."""
        places, which = self.state.game.alternatives()
        if len(places) > 1:
            self.look_at(places[(which + steps) % len(places)])
        else:
            self.step(2 * steps)

    def take_back(self) -> None:
        """Back to the human's last turn: two plies against a program, one while it thinks or with two humans."""
        ply = take_back_to(self.state)
        if ply is not None:
            self.go_to(ply)
            if not self.state.analysis.on:
                self.state.clock.back_to(ply)

    def redo(self) -> None:
        """Go forward to the human's next turn, or to the end of the line."""
        game = self.state.game
        if game.at_tip:
            return
        ply = game.cursor + 1
        while ply < len(game.line) and game.turn_at(ply) not in self.state.humans:
            ply += 1
        self.go_to(ply)

    def edit(self, name: str, *values: Any) -> None:
        """Change the tree at the place looked at: `delete`, `promote`, `annotate`, `mark`, `change_headers`, `undo` or
        `redo` of `Game`, with its arguments."""
        getattr(self.state.game, name)(*values)
        self._clear_hand()
        if name in ("delete", "promote", "undo", "redo"):
            self.tell(f"edit_{name}")
        self._consider()

    def mark(self, nag: int) -> None:
        """Give the last move a glyph, in place of another of its kind; the same again takes it away."""
        game = self.state.game
        here = game.place
        had = game.record.line_at(here.path).nags.get(here.ply, ())
        kept = tuple(n for n in had if n > 6)
        self.edit("mark", kept if nag in had or not nag else (nag, *kept))

    # ------------------------------------------------------------------------------------------------ ends

    def resign(self) -> None:
        """Resign for the human."""
        state = self.state
        if state.humans and state.game.at_tip and state.game.on_main_line and state.game.outcome() is None:
            self._clear_hand()
            self._referee.resign(state.resigner())

    def offer_draw(self) -> None:
        """Offer a draw for the human."""
        if self.state.humans and self.state.game.outcome() is None:
            self._clear_hand()
            self._referee.offer()

    def answer_draw(self, accept: bool) -> None:
        """Accept a program's draw offer, or decline it."""
        if self.state.draw_offered is not None and self.state.humans:
            self.state.draw_offered = None
            if accept:
                self._referee.agree()

    # ------------------------------------------------------------------------------------------------ whole games

    def _seats(self, side: str) -> dict[Color, str]:
        """Return who plays each side when the person at the screen plays `side`."""
        humans, settings = SIDES[side], self.state.settings
        if not humans:
            return {Color.RED: settings.other_level, Color.BLACK: settings.level}
        return {color: HUMAN if color in humans else settings.level for color in Color}

    def new_game(self, side: str | None = None, fen: str | None = None, **changes: Any) -> None:
        """Begin again; `side` is "red", "black", "both" or "none" and stays as it was if None, `changes` are those of
        settings. Raises InvalidFen."""
        handicap = changes.get("handicap", "none")
        game = Game.start(fen or HANDICAPS.get(handicap), self.settings.ruleset)
        if side is not None:
            changes["side"] = side
            self.state.flipped = side == "black"
        self.change(**changes)
        self.shelf.put_aside()
        self._replace_game(game, self._seats(self.settings.side))
        self.state.document = None

    def rematch(self) -> None:
        """Begin another game of the same players with the colours exchanged."""
        sides = {"red": "black", "black": "red"}
        settings = self.settings
        if settings.side == "none":
            self.change(level=settings.other_level, other_level=settings.level)
        self.new_game(sides.get(settings.side, settings.side), handicap=settings.handicap)

    def _replace_game(self, game: Game, seats: dict[Color, str]) -> None:
        state = self.state
        game.judge_by(state.settings.ruleset)
        state.seats = seats
        state.game, state.saved, state.document = game, game.record, None
        state.game_id += 1
        state.seen.clear()
        state.weighed.clear()
        state.advice.clear()
        state.refused.clear()
        if state.analysis.order is not None:
            self.study.review()  # stops it
        self.study.coach.drop()
        state.analysis.forget(state.analysis.on and not game.live)
        self.study.recall()
        state.paused, state.one_move, state.editor, state.card_read = False, False, None, False
        humans = state.humans
        if len(humans) == 1:
            state.flipped = Color.BLACK in humans
        self._referee.begin()
        self._motion = None
        self._clear_hand()
        self._consider()

    def load(self, path: Path) -> bool:
        """Open a record file of any format; on an error a message and the old game stays."""
        done = self.shelf.load(path)
        if done:
            words = self.state.message
            self.change(folder=str(path.parent))
            self.state.message = words
        return done

    def save(self, path: Path, *, add: bool = False) -> bool:
        """Write the game in the format of the suffix; says so, or why not."""
        saved = self.shelf.save(path, add=add)
        if saved:
            words = self.state.message
            self.change(folder=str(path.parent))
            self.state.message = words
        return saved

    def paste(self, text: str) -> bool:
        """Take what was copied somewhere: a position, moves, a record; on an error the game stays."""
        text = text[:LONG_PASTE]
        fen = files.fen_in(text[: 4 * LONG_FEN]) if len(text) < 4 * LONG_FEN else None
        if fen is None and text.strip().count("/") >= 8 and "\n" not in text.strip()[:LONG_FEN]:
            fen = brief(" ".join(text[:LONG_FEN].split()), LONG_FEN)
        return self.shelf.paste(text) if fen is None else self.paste_fen(fen)

    def paste_fen(self, text: str) -> bool:
        """Begin a new game from a FEN; on a bad one a message says why and the game stays."""
        short = text[: 4 * LONG_FEN]
        fen = files.fen_in(short) or brief(" ".join(short.split()), LONG_FEN) or "-"
        try:
            self.new_game(fen=fen)
        except XiangqiError:
            self.state.message = message("fen_bad", error=True, reason=why_not(fen))
            return False
        self.tell("fen_pasted")
        return True

    def copied(self, what: str) -> str:
        """Return the game as text, with a message: `fen`, `pgn`, or its moves in a notation."""
        record = self.shelf.record()
        self.tell(f"copied_{what}")
        if what == "fen":
            return self.state.game.board.fen()
        if what == "pgn":
            return files.encoded(record, ".pgn", self.settings.pgn_notation).decode("utf-8")
        return files.move_text(replace(record, moves=self.state.game.line), what)

    def restore(self) -> bool:
        """Go on with the unfinished game at the very position; says so, or why not."""
        kept = self.shelf.archive.take_over()
        return kept is not None and self.shelf.restore(kept)

    def decline(self) -> None:
        """Put the unfinished game among the recent ones."""
        self.shelf.archive.decline()

    def open_recent(self, kept: Kept) -> bool:
        """Open one of the recent games."""
        return self.shelf.restore(kept)

    # ------------------------------------------------------------------------------------------------ the editor

    def edit_position(self) -> None:
        """Begin to set up a position."""
        if self.state.analysis.on:
            self.study.toggle()
        self._clear_hand()
        self.state.editor = Editor(self.state.game.board)
        self._consider()

    def editor_action(self, name: str, value: Any = None) -> None:
        """Do what a button of the editor says: pick, turn, clear, reset, mirror, turn_round, done, cancel."""
        editor = self.state.editor
        if editor is None:
            return
        self._clear_hand()
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
            self.new_game(fen=editor.fen())
            self.tell("position_set")

    # ------------------------------------------------------------------------------------------------ help and taste

    def hint(self) -> None:
        """Show the adviser's best move, whatever the strength of the opponent is."""
        state = self.state
        if not state.human_to_move:
            return
        state.hint_wanted = True
        choice = state.advice.get(state.here)
        if choice:
            self._advise(choice, "")
        else:
            self.tell("hint_wait")
        self._consider()

    def _advise(self, choice: Choice | None, fault: str) -> None:
        state = self.state
        wanted, state.hint_wanted = state.hint_wanted, False
        if choice is None:
            self.tell("hint_failed", error=True, fault=player_fault(fault))
            return
        state.advice[state.here] = choice
        if wanted:
            best = variations_of(choice)[0].moves[0]
            state.hint = best
            self.tell("hint", name=self._presenter.name(best), iccs=best.iccs())

    def flip(self) -> None:
        """Turn the board around."""
        self.state.flipped = not self.state.flipped
        self._consider()

    def toggle(self, name: str) -> None:
        """Switch a setting that is either on or off; arrows have one for each mode."""
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
            if not self._store(new):
                state.message = Message("settings_not_saved", is_error=True)
        self._consider()

    def _follow_settings(self, old: Settings) -> None:
        """Let the game under way follow settings that concern it."""
        state, new = self.state, self.settings
        programs = [color for color in Color if color not in state.humans]
        if new.level != old.level and programs:
            state.seats[programs[-1] if len(programs) == 1 else Color.BLACK] = new.level
            if state.failure:  # whoever failed may have taken the thread along
                self._opponent.load()
        if new.other_level != old.other_level and len(programs) == 2:
            state.seats[Color.RED] = new.other_level
        if new.adviser != old.adviser:
            state.advice.clear()
            state.hint = None
        state.game.judge_by(new.ruleset)

    def offers(self, models: Mapping[str, Path] | None = None) -> list[players.Offer]:
        """Return everyone who can be chosen as an opponent."""
        return players.offers(self.settings, self.state.own, list((models or {}).values()))
