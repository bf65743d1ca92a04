"""Notations that number files from the player's own right: WXF `C2.5` and Chinese `炮二平五`.

Both give the same four facts (piece, file or order, direction, number), so both are read into a `Statement`, which one
function resolves. File numbers run from 1 to 9, starting at the right hand of the side to move.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from .moves import MOVE_ID, MOVES, Move
from .pieces import ADVISOR, CANNON, ELEPHANT, HAN_NAMES, HORSE, KING, PAWN, ROOK
from .squares import RED, file_of, rank_of

if TYPE_CHECKING:
    from .board import Board

_HAN_KINDS = {
    **dict.fromkeys("帅帥将將", KING),
    **dict.fromkeys("仕士", ADVISOR),
    **dict.fromkeys("相象", ELEPHANT),
    **dict.fromkeys("马馬傌", HORSE),
    **dict.fromkeys("车車俥", ROOK),
    **dict.fromkeys("炮砲包", CANNON),
    **dict.fromkeys("兵卒", PAWN),
}
_HAN_OPERATORS = {**dict.fromkeys("进進上", "+"), **dict.fromkeys("退下", "-"), "平": "."}
_HAN_ORDERS = {"前": "+", "后": "-", "後": "-", "中": "."}
_NUMERALS = {
    character: i
    for digits in ("一二三四五六七八九", "123456789", "１２３４５６７８９")
    for i, character in enumerate(digits, 1)
}
_WXF_KINDS = {"K": KING, "A": ADVISOR, "E": ELEPHANT, "B": ELEPHANT, "H": HORSE, "N": HORSE}
_WXF_KINDS |= {"R": ROOK, "C": CANNON, "P": PAWN}
_DIAGONAL = {HORSE: (1, 2), ADVISOR: (1,), ELEPHANT: (2,)}  # kind -> by how many files such a piece can move sideways


@dataclass(frozen=True)
class Statement:
    """The contents of a Chinese or WXF move text; `order` is `+`, `-`, `.` (front, rear, middle) or 1-5.

    Ordinals count all pawns on files that hold two or more, or only those on `file` (1-9) if it is given.
    """

    kind: int
    file: int | None
    order: str | int | None
    operator: str
    number: int


# ------------------------------------------------------------------------------------------------ reading


@lru_cache(maxsize=8192)
def read_chinese(text: str) -> Statement | None:
    """Return the statement of a Chinese move text, or None if the text is not one."""
    if not 4 <= len(text) <= 5 or text[-2] not in _HAN_OPERATORS or text[-1] not in _NUMERALS:
        return None
    head, operator, number = text[:-2], _HAN_OPERATORS[text[-2]], _NUMERALS[text[-1]]
    a, b = head[0], head[1]
    order_of: dict[str, str | int] = {**_HAN_ORDERS, **{digit: i for digit, i in _NUMERALS.items() if i <= 5}}
    if len(head) == 3:  # 前兵四平五
        if a in order_of and b in _HAN_KINDS and head[2] in _NUMERALS:
            return Statement(_HAN_KINDS[b], _NUMERALS[head[2]], order_of[a], operator, number)
        return None
    if a in _HAN_KINDS and b in _NUMERALS:  # 炮二平五
        return Statement(_HAN_KINDS[a], _NUMERALS[b], None, operator, number)
    if a in order_of and b in _HAN_KINDS and (a in _HAN_ORDERS or _HAN_KINDS[b] == PAWN):  # 前车进二, 三兵平五
        return Statement(_HAN_KINDS[b], None, order_of[a], operator, number)
    if a in _HAN_KINDS and b in _HAN_ORDERS:  # 车前进二
        return Statement(_HAN_KINDS[a], None, _HAN_ORDERS[b], operator, number)
    if a in _HAN_ORDERS and b in _NUMERALS:  # 前四平五: pawns on two files
        return Statement(PAWN, _NUMERALS[b], _HAN_ORDERS[a], operator, number)
    return None


@lru_cache(maxsize=8192)
def read_wxf(text: str) -> Statement | None:
    """Return the statement of a WXF move text, or None if the text is not one."""
    text = text.upper().replace("=", ".")
    if found := re.fullmatch(r"([KAEBHNRCP])([1-9+\-.]|(?<=P)[A-E])([+\-.])([1-9])", text):
        kind, where, operator, number = found.groups()
    elif found := re.fullmatch(r"([+\-.])([KAEBHNRCP])([+\-.])([1-9])", text):
        where, kind, operator, number = found.groups()
    elif found := re.fullmatch(r"([1-5])([1-9])([+\-.])([1-9])", text):  # WXF 2018: a pawn, 1 = front-most
        place, file, operator, number = found.groups()
        return Statement(PAWN, int(file), int(place), operator, int(number))
    else:
        return None
    if where.isdigit():
        return Statement(_WXF_KINDS[kind], int(where), None, operator, int(number))
    order: str | int = "ABCDE".index(where) + 1 if where in "ABCDE" else where
    return Statement(_WXF_KINDS[kind], None, order, operator, int(number))


def number_of_file(file: int, color: int) -> int:
    """Return a side's own number of a file, 1 at its right hand."""
    return 9 - file if color > 0 else file + 1


def _tandem(board: Board, kind: int) -> list[list[int]]:
    """Return the squares of the pieces of one kind, for each file with two or more: own right first, front first."""
    by_file: dict[int, list[int]] = {}
    for sq in board.pieces(kind, board.turn):
        by_file.setdefault(number_of_file(file_of(sq), board.turn), []).append(sq)
    front_first = -1 if board.turn is RED else 1
    return [sorted(by_file[n], key=lambda s: front_first * s) for n in sorted(by_file) if len(by_file[n]) > 1]


def _by_order(column: list[int], order: str | int) -> list[int]:
    """Return the square that an order word picks from one file, as a list of at most one."""
    if isinstance(order, int):
        return column[order - 1 : order]
    if order == ".":
        return [column[len(column) // 2]] if len(column) % 2 else []
    return [column[0] if order == "+" else column[-1]]


def named(board: Board, said: Statement) -> list[int]:
    """Return the squares of the pieces that a statement can refer to."""
    if said.order is None:
        own = board.pieces(said.kind, board.turn)
        return [s for s in own if number_of_file(file_of(s), board.turn) == said.file]
    columns = _tandem(board, said.kind)
    if said.file is not None:
        columns = [c for c in columns if number_of_file(file_of(c[0]), board.turn) == said.file]
    elif isinstance(said.order, int):
        columns = [[s for column in columns for s in column]]  # ordinals count across all files with two or more
    return [s for column in columns for s in _by_order(column, said.order)]


def _targets(board: Board, said: Statement, sq: int) -> list[int]:
    """Return the target squares of the direction and number from a square; empty if off the board."""
    file, rank, forward = file_of(sq), rank_of(sq), int(board.turn)
    goal = 9 - said.number if board.turn is RED else said.number - 1
    if said.operator == ".":
        return [] if said.kind in _DIAGONAL or goal == file else [rank * 9 + goal]
    sign = forward if said.operator == "+" else -forward
    if said.kind not in _DIAGONAL:
        file, rank = file, rank + sign * said.number
    else:
        aside = abs(goal - file)
        if aside not in _DIAGONAL[said.kind]:
            return []
        file, rank = goal, rank + sign * (3 - aside if said.kind == HORSE else aside)
    return [rank * 9 + file] if 0 <= rank <= 9 else []


def matches(board: Board, said: Statement, squares: list[int]) -> list[Move]:
    """Return the legal moves of the pieces on `squares` that fit a statement."""
    ids = [int(MOVE_ID[s, t]) for s in squares for t in _targets(board, said, s)]
    return [MOVES[i] for i in ids if i >= 0 and board.is_legal(MOVES[i])]


# ------------------------------------------------------------------------------------------------ writing

_TRADITIONAL = str.maketrans("帅将马车进后", "帥將馬車進後")
HAN_DIGITS = {1: " 一二三四五六七八九", -1: " １２３４５６７８９"}
_WXF_NAMES = " KAEHRCP"


def _place(board: Board, move: Move, kind: int) -> str | int | None:
    """Return a piece's order if another of its kind is on its file (`+`, `-`, `.` or 1-5), else None."""
    if kind not in (ROOK, HORSE, CANNON, PAWN):
        return None  # of two elephants or advisors on a file only one can make a given move
    held = board.tobytes()
    if held[file_of(move.from_square) :: 9].count(held[move.from_square]) == 1:
        return None
    columns = _tandem(board, kind)
    everyone = [s for column in columns for s in column]
    if move.from_square not in everyone:
        return None
    place = everyone.index(move.from_square)
    if len(everyone) > 3:
        return place + 1
    return ("+", "-")[place] if len(everyone) == 2 else ("+", ".", "-")[place]


def _statement(board: Board, move: Move) -> Statement:
    """Return the statement that describes a legal move."""
    kind = board.piece_type_at(move.from_square) or 0
    order = _place(board, move, kind)
    file = None if order is not None else number_of_file(file_of(move.from_square), board.turn)
    up = (rank_of(move.to_square) - rank_of(move.from_square)) * board.turn
    operator = "." if up == 0 else ("+" if up > 0 else "-")
    number = abs(up) if up and kind not in _DIAGONAL else number_of_file(file_of(move.to_square), board.turn)
    return Statement(kind, file, order, operator, number)


def write_chinese(board: Board, move: Move, traditional: bool = False) -> str:
    """Return `炮二平五` for a legal move, four characters; Red with Chinese numerals, Black with full-width digits."""
    said, side = _statement(board, move), int(board.turn)
    name, digits = HAN_NAMES[side][said.kind], HAN_DIGITS[side]
    if said.order is None:
        head = name + digits[said.file or 0]
    elif isinstance(said.order, int):
        head = HAN_DIGITS[1][said.order] + name  # ordinals of pawns are Chinese numerals for both sides
    else:
        head = {"+": "前", "-": "后", ".": "中"}[said.order] + name
    text = head + {"+": "进", "-": "退", ".": "平"}[said.operator] + digits[said.number]
    return text.translate(_TRADITIONAL) if traditional else text


def write_wxf(board: Board, move: Move) -> str:
    """Return `C2.5` for a legal move, four characters."""
    said = _statement(board, move)
    where = said.order if said.order is not None else said.file
    if isinstance(said.order, int):
        where = " abcde"[said.order]
    return f"{_WXF_NAMES[said.kind]}{where}{said.operator}{said.number}"


def write_wxf_2018(board: Board, move: Move) -> str:
    """Return `C2=5` for a legal move, in the notation of the World Xiangqi Federation's rules of 2018.

    Sideways is `=`. Three or more pawns on files that hold several are written by place and file: `15=4` is the front
    pawn of file 5.
    """
    text = write_wxf(board, move)
    if text[0] == "P" and not text[1].isdigit():
        column = next(c for c in _tandem(board, PAWN) if move.from_square in c)
        if sum(map(len, _tandem(board, PAWN))) > 2:
            place, file = column.index(move.from_square) + 1, number_of_file(file_of(move.from_square), board.turn)
            text = f"{place}{file}{text[2:]}"
    return f"{text[:2]}{text[2].replace('.', '=')}{text[3]}"
