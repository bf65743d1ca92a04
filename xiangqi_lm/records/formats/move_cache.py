"""Move texts to moves at ten times the speed of asking the board for each: what a text meant once, it means again.

`炮二平五` names a file, so for one side it always means the same man, file and displacement, if only one such man
stands on that file. Such texts are learned from the board's own answers; all others (`前车进二`, two men on the file)
are asked anew each time.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import XiangqiError
from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ...rules.squares import file_of
from ..game import legal_prefix

_ICCS = {move.iccs(): move for move in MOVES}
_ICCS |= {text.upper(): move for text, move in _ICCS.items()} | {
    f"{text[:2]}-{text[2:]}".upper(): move for text, move in _ICCS.items()
}
_BY_PAIR = {(move.from_square, move.to_square): move for move in MOVES}
_MEANINGS = 1 << 16  # texts remembered at most: there are some thousand, but anyone can invent spellings

_meant: dict[tuple[str, int], tuple[int, int, int]] = {}  # (text, side) -> man, file, displacement; a cache


def spell(board: Board, tokens: Sequence[str]) -> tuple[Move, ...] | None:
    """The moves that the tokens mean, all legal one after the other from the board's position, or None when any token
    is no legal move there. The board is left alone."""
    spelled = [_ICCS.get(token) for token in tokens]
    moves = _one_by_one(board.copy(), tokens) if None in spelled else tuple(move for move in spelled if move)
    return moves if moves is not None and legal_prefix(board, moves) == len(moves) else None


def _one_by_one(board: Board, tokens: Sequence[str]) -> tuple[Move, ...] | None:
    """What the tokens mean, legality unchecked; the board is played on, behind by the moves it was not asked about."""
    men, side = board.array.tolist(), int(board.turn)
    moves: list[Move] = []
    asked = 0  # moves that the board has seen
    for token in tokens:
        move = _ICCS.get(token) or _recall(men, side, token)
        if move is None:
            for played in moves[asked:]:
                board.push_unchecked(played)
            asked = len(moves)
            try:
                move = board.parse(token)
            except XiangqiError:
                return None
            _learn(men, side, token, move)
        moves.append(move)
        a, b = move.from_square, move.to_square
        men[b], men[a] = men[a], 0
        side = -side
    return tuple(moves)


def _recall(men: list[int], side: int, token: str) -> Move | None:
    meaning = _meant.get((token, side))
    if meaning is None:
        return None
    man, file, displacement = meaning
    column = men[file::9]
    if column.count(man) != 1:
        return None
    square = file + 9 * column.index(man)
    return _BY_PAIR.get((square, square + displacement))


def _learn(men: list[int], side: int, token: str, move: Move) -> None:
    """Remember a text that named its man by the file: one alone on it can be named in no other way."""
    a = move.from_square
    file, man = file_of(a), men[a]
    if men[file::9].count(man) == 1 and len(_meant) < _MEANINGS:
        _meant[token, side] = man, file, move.to_square - a
