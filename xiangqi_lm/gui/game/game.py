"""The game as the window keeps it: the line that was played, and the ply that is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from ...records.game import GameRecord
from ...rules import jit
from ...rules.board import Board
from ...rules.fen import START_FEN
from ...rules.moves import Move
from ...rules.outcome import Outcome, Termination
from ...rules.pieces import ELEPHANT, KING
from ...rules.squares import RED, Color, file_of


@dataclass(frozen=True)
class Ply:
    """A move of the line with its Chinese name in the position before it."""

    move: Move
    chinese: str


@dataclass(frozen=True)
class Facts:
    """What the rules say of a position with its history."""

    outcome: Outcome | None
    check: bool


@dataclass
class Game:
    """`board` stands at ply `cursor` of `line`; `final` is an end that the board does not show: resignation, record."""

    board: Board
    line: list[Ply] = field(default_factory=list)
    final: Outcome | None = None
    headers: dict[str, str] = field(default_factory=dict)
    _facts: Facts | None = None

    @classmethod
    def start(cls, fen: str | None = None) -> Game:
        """A new game; raises InvalidFen."""
        if fen:
            return cls(Board(fen))
        board = Board()
        return cls(board, _facts=Facts(None, False))  # known, so the first picture waits for no compiler

    @classmethod
    def from_record(cls, record: GameRecord) -> Game:
        """The recorded game, standing at its end."""
        game = cls.start(record.start_fen)
        for move in record.moves:
            game.play(move)
        game.headers = dict(record.headers)
        if game.board.outcome() is None and record.result in ("1-0", "0-1", "1/2-1/2"):
            winner = {"1-0": Color.RED, "0-1": Color.BLACK}.get(record.result)
            words = _recorded_words(winner)
            game.final = Outcome(winner, Termination.RESIGNATION, *words, len(game.line))
        return game

    @property
    def cursor(self) -> int:
        return self.board.ply

    @property
    def at_tip(self) -> bool:
        return self.cursor == len(self.line)

    def outcome(self) -> Outcome | None:
        """How the game ended, if the position looked at is its end; recorded games go on after a drawn position."""
        return (self._here().outcome or self.final) if self.at_tip else None

    def is_check(self) -> bool:
        """Whether the side to move is in check in the position looked at."""
        return self._here().check

    def _here(self) -> Facts:
        """The facts of the position looked at, asked for once."""
        if self._facts is None:
            self._facts = Facts(self.board.outcome(), self.board.is_check())
        return self._facts

    def play(self, move: Move) -> None:
        """Play from the position looked at; what came after it is gone. Raises IllegalMove."""
        board = self.board
        if not board.is_legal(move):
            board.push(move)  # raises
        ply = Ply(move, board.chinese(move))
        del self.line[self.cursor :]
        self.final = self._facts = None
        board.push_unchecked(move)
        self.line.append(ply)

    def go_to(self, ply: int) -> None:
        """Look at the position after that many plies, clipped to the line."""
        ply = min(max(ply, 0), len(self.line))
        self._facts = None
        while self.cursor > ply:
            self.board.pop()
        while self.cursor < ply:
            self.board.push_unchecked(self.line[self.cursor].move)

    def turn_at(self, ply: int) -> Color:
        """Who is to move after that many plies."""
        return self.board.turn if (ply - self.cursor) % 2 == 0 else self.board.turn.opponent

    def resign(self, loser: Color) -> None:
        """End the game at its tip."""
        words = ("Red resigned", "红方认输") if loser is RED else ("Black resigned", "黑方认输")
        self.final = Outcome(loser.opponent, Termination.RESIGNATION, *words, len(self.line))

    def record(self, names: Mapping[Color, str]) -> GameRecord:
        """The whole line as a record; headers that were read are kept."""
        here = self.cursor
        self.go_to(len(self.line))
        outcome = self.outcome()
        self.go_to(here)
        fen = None if self.board.start_fen == START_FEN else self.board.start_fen
        headers = {
            "Game": "Chinese Chess",
            "Event": "xiangqi-lm",
            "Date": date.today().strftime("%Y.%m.%d"),
            "Red": names[Color.RED],
            "Black": names[Color.BLACK],
            **self.headers,
        }
        return GameRecord(headers, fen, tuple(ply.move for ply in self.line), outcome.result if outcome else "*")


def _recorded_words(winner: Color | None) -> tuple[str, str]:
    if winner is None:
        return "a draw by the record", "棋谱记为和棋"
    return ("Red wins by the record", "棋谱记为红胜") if winner is RED else ("Black wins by the record", "棋谱记为黑胜")


# ------------------------------------------------------------------------------------------------ why a move is refused


def refusal(board: Board, move: Move) -> str:
    """The key of a UI text for an illegal move that its man could make but for the king; "" for any other."""
    side = int(board.turn)
    men = board.array
    blockers = np.where(np.sign(men) == -side, -side * ELEPHANT, men).astype(np.int8)  # enemies that attack nobody
    if not jit.kernels().is_legal(blockers, side, move.id):
        return ""
    men[move.to_square], men[move.from_square] = men[move.from_square], 0
    if _facing(men):
        return "kings_would_face"
    return "still_in_check" if board.is_check() else "exposes_king"


def _facing(men: np.ndarray) -> bool:
    """Whether the kings stand on one file with nothing between them; men is int8 [90]."""
    kings = sorted(int(square) for color in Color for square in np.flatnonzero(men == color * KING))
    if len(kings) != 2 or file_of(kings[0]) != file_of(kings[1]):
        return False
    return not men[kings[0] + 9 : kings[1] : 9].any()
