"""A cache from move texts to moves, ten times as fast as having the board parse each text.

`炮二平五` names a file, so for one side it always means the same piece, file and displacement if only one such piece
is on that file. Such texts are cached once the board has parsed them; all others (`前车进二`, two pieces on the file)
are parsed every time. Algebraic texts (`Cbe3`) name squares and are not cached; `replay` reads them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import XiangqiError
from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ...rules.squares import SQUARES, file_of
from ..game import legal_prefix
from .replay import is_san

_ICCS = {move.iccs(): move for move in MOVES}
_ICCS |= {text.upper(): move for text, move in _ICCS.items()} | {
    f"{text[:2]}-{text[2:]}".upper(): move for text, move in _ICCS.items()
}
_BY_PAIR = {(move.from_square, move.to_square): move for move in MOVES}
_MEANINGS = 1 << 16  # the most texts to cache: a few thousand are in use, but anyone can invent spellings

_Meaning = tuple[int, int, tuple[Move | None, ...]]  # the piece, its file, and the move from each rank of that file
_meant: dict[int, dict[str, _Meaning]] = {1: {}, -1: {}}  # the cache, by side


def read_moves(board: Board, texts: Sequence[str]) -> tuple[Move, ...] | None:
    """Return the moves of the texts, played one after the other from the board's position.

    Return None if a text is not a legal move, is ambiguous or is algebraic. The board stays unchanged.
    """
    try:
        moves: tuple[Move, ...] | None = tuple([_ICCS[text] for text in texts])
    except KeyError:
        moves = _one_by_one(board.copy(), texts)
    return moves if moves is not None and legal_prefix(board, moves) == len(moves) else None


def _one_by_one(board: Board, texts: Sequence[str]) -> tuple[Move, ...] | None:
    """Return the moves of the texts without checking legality; `board` follows lazily, when it must parse a text."""
    squares, side = board.array.tolist(), int(board.turn)
    moves: list[Move] = []
    asked = 0  # moves played on the board so far
    for text in texts:
        move = None
        if (meaning := _meant[side].get(text)) is not None:
            piece, file, by_rank = meaning
            column = squares[file::9]
            if column.count(piece) == 1:
                move = by_rank[column.index(piece)]
        if move is None:
            move = _ICCS.get(text)
        if move is None:
            if is_san(text):
                return None
            for played in moves[asked:]:
                board.push_unchecked(played)
            asked = len(moves)
            try:
                move = board.parse(text)
            except XiangqiError:
                return None
            _learn(squares, side, text, move)
        moves.append(move)
        a, b = move.from_square, move.to_square
        squares[b], squares[a] = squares[a], 0
        side = -side
    return tuple(moves)


def _learn(squares: list[int], side: int, text: str, move: Move) -> None:
    """Cache a text that names its piece by the file, which is how a piece alone on its file is always named."""
    a = move.from_square
    file, piece = file_of(a), squares[a]
    if squares[file::9].count(piece) == 1 and len(_meant[side]) < _MEANINGS:
        ways = tuple(_BY_PAIR.get((square, square + move.to_square - a)) for square in range(file, SQUARES, 9))
        _meant[side][text] = piece, file, ways
