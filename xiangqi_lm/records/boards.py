"""Conversion between a `Board` and PGN, for games without variations."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import BadRecord, quoted
from ..rules.board import Board
from ..rules.fen import START_FEN
from .formats.pgn import NOTATIONS, read_games, write_game
from .game import GameRecord


def from_pgn(text: str) -> Board:
    """Return the board after the last move of the first game in a PGN, in any notation, ignoring variations.

    Raises BadRecord if there is no game, the position is invalid or a move is illegal; raises TypeError.
    """
    if not isinstance(text, str):
        raise TypeError(f"expected the text of a PGN, found {quoted(text)}")
    game = next(read_games(text), None)
    if game is None:
        raise BadRecord("expected a game, found an empty text")
    return game.final()


def to_pgn(board: Board, notation: str = "iccs", headers: Mapping[str, str] | None = None) -> str:
    """Return the PGN of a board's game, with its result under the default rules.

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
