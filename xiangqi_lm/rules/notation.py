"""Move texts: ICCS, UCI with ranks from 0 or from 1, WXF, Chinese and algebraic; parsing never guesses.

Chinese and WXF say the same four things (man, file or order, direction, number); both are read into `_Said` and
resolved by one function. File numbers run 1-9 from the mover's own right.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import AmbiguousMove, IllegalMove, InvalidMove
from . import san
from .moves import MOVE_ID, MOVES, Move
from .pieces import ADVISOR, CANNON, ELEPHANT, HAN_NAMES, HORSE, KING, PAWN, ROOK, letter
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
_DIAGONAL = {HORSE: (1, 2), ADVISOR: (1,), ELEPHANT: (2,)}  # kind -> how many files such a man can go aside


@dataclass(frozen=True)
class _Said:
    """What a Chinese or WXF text says; `order` is `+`, `-`, `.` (front, rear, middle) or 1-5. An ordinal
    counts through all pawns on files that hold two or more, or, when `file` (1-9) is given too, on that file."""

    kind: int
    file: int | None
    order: str | int | None
    operator: str
    number: int


# ------------------------------------------------------------------------------------------------ reading


@lru_cache(maxsize=8192)
def _read_chinese(text: str) -> _Said | None:
    """The four statements of a Chinese move text, or None if it is none."""
    if not 4 <= len(text) <= 5 or text[-2] not in _HAN_OPERATORS or text[-1] not in _NUMERALS:
        return None
    head, operator, number = text[:-2], _HAN_OPERATORS[text[-2]], _NUMERALS[text[-1]]
    a, b = head[0], head[1]
    order_of: dict[str, str | int] = {**_HAN_ORDERS, **{digit: i for digit, i in _NUMERALS.items() if i <= 5}}
    if len(head) == 3:  # 前兵四平五
        if a in order_of and b in _HAN_KINDS and head[2] in _NUMERALS:
            return _Said(_HAN_KINDS[b], _NUMERALS[head[2]], order_of[a], operator, number)
        return None
    if a in _HAN_KINDS and b in _NUMERALS:  # 炮二平五
        return _Said(_HAN_KINDS[a], _NUMERALS[b], None, operator, number)
    if a in order_of and b in _HAN_KINDS and (a in _HAN_ORDERS or _HAN_KINDS[b] == PAWN):  # 前车进二, 三兵平五
        return _Said(_HAN_KINDS[b], None, order_of[a], operator, number)
    if a in _HAN_KINDS and b in _HAN_ORDERS:  # 车前进二
        return _Said(_HAN_KINDS[a], None, _HAN_ORDERS[b], operator, number)
    if a in _HAN_ORDERS and b in _NUMERALS:  # 前四平五: pawns on two files
        return _Said(PAWN, _NUMERALS[b], _HAN_ORDERS[a], operator, number)
    return None


@lru_cache(maxsize=8192)
def _read_wxf(text: str) -> _Said | None:
    """The four statements of a WXF move text, or None if it is none."""
    text = text.upper().replace("=", ".")
    if found := re.fullmatch(r"([KAEBHNRCP])([1-9+\-.]|(?<=P)[A-E])([+\-.])([1-9])", text):
        kind, where, operator, number = found.groups()
    elif found := re.fullmatch(r"([+\-.])([KAEBHNRCP])([+\-.])([1-9])", text):
        where, kind, operator, number = found.groups()
    elif found := re.fullmatch(r"([1-5])([1-9])([+\-.])([1-9])", text):  # Fairy-Stockfish: pawn, 1 = front-most
        place, file, operator, number = found.groups()
        return _Said(PAWN, int(file), int(place), operator, int(number))
    else:
        return None
    if where.isdigit():
        return _Said(_WXF_KINDS[kind], int(where), None, operator, int(number))
    order: str | int = "ABCDE".index(where) + 1 if where in "ABCDE" else where
    return _Said(_WXF_KINDS[kind], None, order, operator, int(number))


def _number_of_file(file: int, color: int) -> int:
    """The mover's own number of a file: 1 at his right hand."""
    return 9 - file if color > 0 else file + 1


def _tandem(board: Board, kind: int) -> list[list[int]]:
    """Squares of the mover's men of one kind by file, for files with at least two: own right first, front first."""
    by_file: dict[int, list[int]] = {}
    for sq in _men(board, kind):
        by_file.setdefault(_number_of_file(file_of(sq), board.turn), []).append(sq)
    front_first = -1 if board.turn is RED else 1
    return [sorted(by_file[n], key=lambda s: front_first * s) for n in sorted(by_file) if len(by_file[n]) > 1]


def _men(board: Board, kind: int) -> list[int]:
    piece = kind * board.turn
    return [sq for sq, man in enumerate(board._men) if man == piece]


def _by_order(column: list[int], order: str | int) -> list[int]:
    """The man of one column that an order word picks, as a list of at most one."""
    if isinstance(order, int):
        return column[order - 1 : order]
    if order == ".":
        return [column[len(column) // 2]] if len(column) % 2 else []
    return [column[0] if order == "+" else column[-1]]


def _named(board: Board, said: _Said) -> list[int]:
    """Squares of the men that a text may mean."""
    if said.order is None:
        return [s for s in _men(board, said.kind) if _number_of_file(file_of(s), board.turn) == said.file]
    columns = _tandem(board, said.kind)
    if said.file is not None:
        columns = [c for c in columns if _number_of_file(file_of(c[0]), board.turn) == said.file]
    elif isinstance(said.order, int):
        columns = [[s for column in columns for s in column]]  # ordinals count through all files with two or more
    return [s for column in columns for s in _by_order(column, said.order)]


def _targets(board: Board, said: _Said, sq: int) -> list[int]:
    """Where the direction and number lead from a square; empty off the board."""
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


def _resolve(board: Board, said: _Said, text: str) -> Move:
    """The one legal move that fits."""
    named = _named(board, said)
    if not named:
        man = letter(said.kind * board.turn)
        raise InvalidMove(f"{text!r}: no such man ({man}) in {board.fen()}")
    ids = [int(MOVE_ID[s, t]) for s in named for t in _targets(board, said, s)]
    return _only(board, [MOVES[i] for i in ids if i >= 0 and board.is_legal(MOVES[i])], text)


def _only(board: Board, legal: list[Move], text: str) -> Move:
    """The one legal move that a text fits."""
    if len(legal) == 1:
        return legal[0]
    if not legal:
        raise IllegalMove(f"{text!r} is illegal in {board.fen()}")
    raise AmbiguousMove(f"{text!r} fits {', '.join(m.iccs() for m in legal)} in {board.fen()}")


def _squares(text: str, style: str | None) -> tuple[int, int] | None:
    """The two squares of a coordinate text, or None if it is none; a rank 10 shows that ranks start at 1."""
    if found := re.fullmatch(r"([a-i])([0-9]|10)-?([a-i])([0-9]|10)", text.lower()):
        from_one = style == "uci10" or (style is None and "10" in (found[2], found[4]))
        ranks = [int(found[i]) - from_one for i in (2, 4)]
        if all(0 <= rank <= 9 for rank in ranks):
            files = ["abcdefghi".index(found[i]) for i in (1, 3)]
            return ranks[0] * 9 + files[0], ranks[1] * 9 + files[1]
    return None


def parse(board: Board, text: str, style: str | None = None) -> Move:
    """The legal move that a text names: ICCS `h2e2` or `H2-E2`, Chinese `炮二平五`, WXF `C2.5`, algebraic `Cbe3`.

    Without a style any of them is read, full-width or not. Coordinates with ranks from 1 to 10 look like ICCS and need
    `style="uci10"`, unless they show a rank 10. Algebraic dialects (see `san`) are told apart by what is legal. Raises
    InvalidMove (no move text, or no such man), IllegalMove, or AmbiguousMove naming the candidates.
    """
    if style is not None and style not in STYLES:
        raise ValueError(f"no notation {style!r}: known are {', '.join(STYLES)}")
    clean = "".join(unicodedata.normalize("NFKC", text).split())
    if style in (None, "iccs", "uci", "uci10") and (squares := _squares(clean, style)):
        move_id = int(MOVE_ID[squares])
        if move_id < 0:
            raise InvalidMove(f"{text!r}: no man moves so (in {board.fen()})")
        if not board.is_legal(MOVES[move_id]):
            raise IllegalMove(f"{text!r} is illegal in {board.fen()}")
        return MOVES[move_id]
    said = None
    if style in (None, "chinese", "traditional"):
        said = _read_chinese(clean)
    if said is None and style in (None, "wxf"):
        said = _read_wxf(clean)
    if said is not None:
        return _resolve(board, said, text)
    if (style is None or style in SAN_STYLES) and san.looks_like_san(clean):
        found = san.candidates(board, clean) if style is None else san.matches(board, clean, SAN_STYLES[style])
        if found or clean[0].isupper():  # a bare square that no pawn can reach is hardly meant as a move
            return _only(board, found, text)
    raise InvalidMove(
        f"{text!r} is no move in {style or 'ICCS, Chinese, WXF or algebraic'} notation (in {board.fen()})"
    )


# ------------------------------------------------------------------------------------------------ writing

_TRADITIONAL = str.maketrans("帅将马车进后", "帥將馬車進後")
_HAN_DIGITS = {1: " 一二三四五六七八九", -1: " １２３４５６７８９"}
_WXF_NAMES = " KAEHRCP"


def _place(board: Board, move: Move, kind: int) -> str | int | None:
    """The order of a man that shares its file with another of its kind: `+`, `-`, `.` or 1-5; None if it does not."""
    if kind not in (ROOK, HORSE, CANNON, PAWN):
        return None  # of two elephants or advisors on a file only one can make a given move
    columns = _tandem(board, kind)
    everyone = [s for column in columns for s in column]
    if move.from_square not in everyone:
        return None
    place = everyone.index(move.from_square)
    if len(everyone) > 3:
        return place + 1
    return ("+", "-")[place] if len(everyone) == 2 else ("+", ".", "-")[place]


def _said(board: Board, move: Move) -> _Said:
    """What a text of this legal move has to say."""
    kind = abs(board.piece_at(move.from_square))
    order = _place(board, move, kind)
    file = None if order is not None else _number_of_file(file_of(move.from_square), board.turn)
    up = (rank_of(move.to_square) - rank_of(move.from_square)) * board.turn
    operator = "." if up == 0 else ("+" if up > 0 else "-")
    number = abs(up) if up and kind not in _DIAGONAL else _number_of_file(file_of(move.to_square), board.turn)
    return _Said(kind, file, order, operator, number)


def write_chinese(board: Board, move: Move, traditional: bool = False) -> str:
    """`炮二平五`, four characters; Red with Chinese numerals, Black with full-width digits."""
    said, side = _said(board, move), int(board.turn)
    man, digits = HAN_NAMES[side][said.kind], _HAN_DIGITS[side]
    if said.order is None:
        head = man + digits[said.file or 0]
    elif isinstance(said.order, int):
        head = _HAN_DIGITS[1][said.order] + man  # ordinals of pawns are Chinese numerals for both sides
    else:
        head = {"+": "前", "-": "后", ".": "中"}[said.order] + man
    text = head + {"+": "进", "-": "退", ".": "平"}[said.operator] + digits[said.number]
    return text.translate(_TRADITIONAL) if traditional else text


def write_wxf(board: Board, move: Move) -> str:
    """`C2.5`, four characters."""
    said = _said(board, move)
    where = said.order if said.order is not None else said.file
    if isinstance(said.order, int):
        where = " abcde"[said.order]
    return f"{_WXF_NAMES[said.kind]}{where}{said.operator}{said.number}"


def write_uci10(move: Move) -> str:
    """`h3e3` for h2e2: UCI as Fairy-Stockfish writes it, ranks from 1 to 10."""
    squares = (move.from_square, move.to_square)
    return "".join(f"{'abcdefghi'[file_of(sq)]}{rank_of(sq) + 1}" for sq in squares)


SAN_STYLES = {  # style -> dialect
    "san": "pychess",
    "san-winboard": "winboard",
    "san-elephantchess": "elephantchess",
    "lan": "pychess",
}
STYLES: dict[str, Callable[[Board, Move], str]] = {
    "iccs": lambda board, move: move.iccs(),
    "uci": lambda board, move: move.iccs(),
    "uci10": lambda board, move: write_uci10(move),
    "wxf": write_wxf,
    "chinese": write_chinese,
    "traditional": lambda board, move: write_chinese(board, move, traditional=True),
    "san": lambda board, move: san.write(board, move),
    "san-winboard": lambda board, move: san.write(board, move, "winboard"),
    "san-elephantchess": lambda board, move: san.write(board, move, "elephantchess"),
    "lan": lambda board, move: san.write(board, move, long=True),
}


def write(board: Board, move: Move, style: str) -> str:
    """The text of a move that is legal on the board; raises ValueError for an unknown style."""
    if style not in STYLES:
        raise ValueError(f"no notation {style!r}: known are {', '.join(STYLES)}")
    return STYLES[style](board, move)
