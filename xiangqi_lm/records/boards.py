"""Between a `Board` and PGN: the short way for a game that is only moves."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import BadRecord, quoted
from ..rules.board import Board
from ..rules.fen import START_FEN
from .formats.pgn import NOTATIONS, read_games, write_game
from .game import GameRecord


def from_pgn(text: str) -> Board:
    """Return the board after the last move of the first game of a PGN, in any notation; its variations are left out.

    Raises BadRecord where there is no game, the position is impossible or a move is not legal, and TypeError.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected the text of a PGN, found {quoted(text)}")
    game = next(read_games(text), None)
    if game is None:
        raise BadRecord("expected a game, found an empty text")
    return game.final()


def to_pgn(board: Board, notation: str = "iccs", headers: Mapping[str, str] | None = None) -> str:
    """Return the PGN of a board's game, with the result that the default rules give it.

    `notation` is one of `records.formats.pgn.NOTATIONS`, `headers` are tags such as `Red`, `Black` and `Date`. Raises
    TypeError or ValueError.
    """
    if not isinstance(board, Board):
        raise TypeError(f"expected a Board, found {quoted(board)}")
    if notation not in NOTATIONS:
        raise ValueError(f"unknown notation {quoted(notation)}; expected one of {', '.join(NOTATIONS)}")
    start = None if board.start_fen == START_FEN else board.start_fen
    record = GameRecord(dict(headers or {}), start, tuple(board.move_stack), board.result())
    return write_game(record, notation)
