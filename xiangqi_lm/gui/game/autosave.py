"""The unfinished game on disk: written after every move, offered at the next start, gone when the game is over."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import BadRecord
from ...files import write_text
from ...records.game import GameRecord
from ...rules.fen import START_FEN
from ...rules.moves import Move
from ...rules.squares import Color
from .game import Game
from .state import State


@dataclass(frozen=True)
class Kept:
    """An unfinished game as it was left; `cursor` is the ply looked at."""

    game: GameRecord
    cursor: int
    humans: frozenset[Color]
    flipped: bool

    def restore(self) -> Game:
        """The game at the very position; raises XiangqiError for moves that are not legal."""
        game = Game.from_record(self.game)
        game.go_to(self.cursor)
        return game


def _text(state: State) -> str:
    game = state.game
    content = {
        "fen": None if game.board.start_fen == START_FEN else game.board.start_fen,
        "moves": [ply.move.iccs() for ply in game.line],
        "cursor": game.cursor,
        "humans": sorted(color.name.lower() for color in state.humans),
        "flipped": state.flipped,
        "headers": game.headers,
    }
    return json.dumps(content) + "\n"


def _parse(text: str) -> Kept:
    """What `_text` wrote; raises ValueError for anything else, which includes XiangqiErrors."""
    content: Any = json.loads(text)
    try:
        moves = tuple(Move.from_iccs(move) for move in content["moves"])
        humans = frozenset(Color[name.upper()] for name in content["humans"])
        headers = {str(name): str(value) for name, value in content["headers"].items()}
        fen, cursor, flipped = content["fen"], content["cursor"], content["flipped"]
    except (KeyError, TypeError, AttributeError) as fault:
        raise BadRecord(f"no unfinished game: {fault!r}") from fault
    if not (isinstance(fen, str) or fen is None) or not isinstance(cursor, int) or not moves:
        raise BadRecord("no unfinished game")
    return Kept(GameRecord(headers, fen, moves), cursor, humans, bool(flipped))


class Keeper:
    """Keeps the file true to the game; `kept` is what an earlier start left, and while it is `offered` nothing is
    written. Without a path it does nothing."""

    def __init__(self, path: Path | None = None):
        self._path, self._last = path, ""
        self._given: tuple[Move, ...] | None = ()  # the moves the game came with, which need no keeping
        self.kept: Kept | None = None
        self.offered = False

    def look(self) -> Kept | None:
        """Find out whether an earlier start left a game, and offer it; one that cannot be read is none."""
        if self._path is not None:
            try:
                self.kept = _parse(self._path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                self.kept = None
        self.offered = self.kept is not None
        return self.kept

    def begin(self, state: State, restored: bool = False) -> None:
        """Another game has begun; a restored one is kept from the start."""
        self._given = None if restored else tuple(ply.move for ply in state.game.line)
        if restored:
            self._last = _text(state)

    def forget(self) -> None:
        """Remove the file; raises OSError."""
        self.kept, self.offered, self._last = None, False, ""
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def follow(self, state: State) -> bool:
        """Write, or remove, the file if the game has changed; False if that failed just now."""
        if self._path is None or self.offered:
            return True
        text = _text(state) if self._worth_keeping(state.game) else ""
        if text == self._last:
            return True
        self._last = text
        try:
            if not text:
                self.forget()
            else:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                write_text(self._path, text)
        except (OSError, ValueError):
            return False
        return True

    def _worth_keeping(self, game: Game) -> bool:
        if not game.line or tuple(ply.move for ply in game.line) == self._given:
            return False
        return game.outcome() is None if game.at_tip else bool(self._last)  # the end of a line looked back on
