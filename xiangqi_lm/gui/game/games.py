"""Starting, opening, pasting and restoring games, and saving and copying the one on the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import XiangqiError
from ...rules.squares import Color
from . import files
from .archive import Archive, Kept
from .game import Game
from .hooks import Hooks
from .pasted import LONG_FEN, fen_in, file_in, is_like_fen
from .players import HANDICAPS, HUMAN, SIDES
from .positions import why_not
from .referee import Referee
from .shelf import Shelf
from .state import State
from .study import Study
from .texts import brief, message

LONG_PASTE = 5_000_000  # characters; longer pasted texts are not read


class Games:
    """Puts games on the board; `shelf` opens and stores them."""

    def __init__(
        self,
        state: State,
        archive: Archive,
        study: Callable[[], Study],
        referee: Referee,
        hooks: Hooks,
    ):
        self._state, self._study, self._referee, self._hooks = state, study, referee, hooks
        self.shelf = Shelf(state, archive, self._adopt, hooks.wake)

    # ------------------------------------------------------------------------------------------------ new games

    def seats(self, side: str) -> dict[Color, str]:
        """Return the player of each side if the user plays `side`."""
        humans, settings = SIDES[side], self._state.settings
        if not humans:
            return {Color.RED: settings.other_level, Color.BLACK: settings.level}
        return {color: HUMAN if color in humans else settings.level for color in Color}

    def new_game(self, side: str | None = None, fen: str | None = None, **changes: Any) -> None:
        """Begin a new game; raises InvalidFen.

        `side` is "red", "black", "both" or "none", by default as before; `changes` are settings.
        """
        state = self._state
        handicap = changes.get("handicap", "none")
        game = Game.start(fen or HANDICAPS.get(handicap), state.settings.ruleset)
        if side is not None:
            changes["side"] = side
            state.flipped = side == "black"
        self.shelf.put_aside()  # with the players who played it
        self._hooks.change(**changes)
        self._adopt(game, self.seats(state.settings.side))

    def rematch(self) -> None:
        """Begin another game between the same players with colours exchanged."""
        sides = {"red": "black", "black": "red"}
        settings = self._state.settings
        swapped = {"level": settings.other_level, "other_level": settings.level} if settings.side == "none" else {}
        self.new_game(sides.get(settings.side, settings.side), handicap=settings.handicap, **swapped)

    def _adopt(self, game: Game, seats: dict[Color, str]) -> None:
        """Put a game on the board and forget the state of the last one."""
        state, study = self._state, self._study()
        game.judge_by(state.settings.ruleset)
        state.seats = seats
        state.game, state.saved, state.document = game, game.record, None
        state.game_id += 1
        for known in (state.seen, state.weighed, state.advice, state.refused):
            known.clear()
        if state.analysis.order is not None:
            study.review()  # stops it
        study.coach.drop()
        state.analysis.forget(state.analysis.on and not game.live)
        study.recall()
        state.paused, state.one_move, state.editor, state.card_read = False, False, None, False
        if len(state.humans) == 1:
            state.flipped = Color.BLACK in state.humans
        self._referee.begin()
        self._hooks.motion(None)
        state.clear_hand()
        self._hooks.consider()

    # ------------------------------------------------------------------------------------------------ files

    def load(self, path: Path) -> bool:
        """Open a record file of any format; on an error show a message and keep the old game."""
        return self._remembering(path, self.shelf.load(path))

    def save(self, path: Path, *, add: bool = False) -> bool:
        """Write the game in the format of the suffix, with `add` to the end of the file; show a message."""
        return self._remembering(path, self.shelf.save(path, add=add))

    def _remembering(self, path: Path, done: bool) -> bool:
        """Remember the folder of a path that was used successfully, keeping the message."""
        if done:
            words = self._state.message
            self._hooks.change(folder=str(path.parent))
            self._state.message = words
        return done

    # ------------------------------------------------------------------------------------------------ the clipboard

    def paste(self, text: str) -> bool:
        """Open a pasted position, moves, record or name of a file; on an error keep the game."""
        text = text[:LONG_PASTE]
        if (path := file_in(text)) is not None:
            return self.load(path)
        fen = fen_in(text)
        if fen is None and is_like_fen(text):
            fen = brief(" ".join(text[:LONG_FEN].split()), 120)
        return self.shelf.paste(text) if fen is None else self.paste_fen(fen)

    def paste_fen(self, text: str) -> bool:
        """Begin a new game from a FEN; if it is invalid, show a message and keep the game."""
        short = text[:LONG_FEN]
        fen = fen_in(short) or brief(" ".join(short.split()), 120) or "-"
        try:
            self.new_game(fen=fen)
        except XiangqiError:
            self._state.message = message("fen_bad", error=True, reason=why_not(fen))
            return False
        self._state.message = message("fen_pasted")
        return True

    def copied(self, what: str) -> str:
        """Return the game as text, with a message: `fen`, `pgn`, or its moves in a notation."""
        state = self._state
        record = self.shelf.record()
        state.message = message(f"copied_{what}")
        if what == "fen":
            return state.game.board.fen()
        if what == "pgn":
            return files.encoded(record, ".pgn", state.settings.pgn_notation).decode("utf-8")
        return files.move_text(replace(record, moves=state.game.line), what)

    # ------------------------------------------------------------------------------------------------ kept games

    def restore(self) -> bool:
        """Continue the unfinished game at the same position; show a message in either case."""
        kept = self.shelf.archive.take_over()
        return kept is not None and self.shelf.restore(kept)

    def decline(self) -> None:
        """Move the unfinished game to the recent games."""
        self.shelf.archive.decline()

    def open_recent(self, kept: Kept) -> bool:
        """Open one of the recent games."""
        return self.shelf.restore(kept)
