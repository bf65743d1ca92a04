"""A game's texts taken apart but not yet understood, and the one place where they become moves on a Board.

Every reader makes a `Sheet`; `understand` replays it. What cannot be replayed is named with its ply.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from ...errors import AmbiguousMove, BadRecord, IllegalMove, InvalidFen, InvalidMove
from ...rules.board import Board
from ...rules.fen import START_FEN
from ...rules.moves import Move
from ..game import RESULTS, Cut, GameRecord, Line
from . import move_cache

_START = START_FEN.split()[:2]
_LONGEST_FEN = 200
_COORDINATES = re.compile(r"[a-iA-I](?:10|[0-9])-?[a-iA-I](?:10|[0-9])")
_NOT_HEADERS = ("Game", "FEN", "Format", "Result")
_RESULT_WORDS = {
    "红胜": "1-0", "紅勝": "1-0", "红先胜": "1-0", "紅先勝": "1-0", "黑胜": "0-1", "黑勝": "0-1", "红先负": "0-1",
    "紅先負": "0-1", "和": "1/2-1/2", "和棋": "1/2-1/2", "红先和": "1/2-1/2", "紅先和": "1/2-1/2", "1/2": "1/2-1/2",
}  # fmt: skip
_REASONS: dict[type, str] = {
    InvalidMove: "unreadable move",
    IllegalMove: "illegal move",
    AmbiguousMove: "ambiguous move",
    InvalidFen: "impossible position",
}
_MoveFault = InvalidMove | IllegalMove | AmbiguousMove


@dataclass
class Spoken:
    """A line as its source has it: move texts, comments after the first n of them, lines instead of move n (-1: what
    they replace is unknown), and the annotation glyphs of the n-th move, counted from 1."""

    tokens: list[str] = field(default_factory=list)
    comments: dict[int, str] = field(default_factory=dict)
    variations: list[tuple[int, Spoken]] = field(default_factory=list)
    nags: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def comment(self, text: str) -> None:
        """Add to the comment after the last move."""
        at = len(self.tokens)
        if text:
            self.comments[at] = f"{self.comments[at]} {text}" if at in self.comments else text

    def nag(self, number: int) -> None:
        """Add a glyph to those of the last move; one before the first move belongs to none."""
        at = len(self.tokens)
        if at and number not in (present := self.nags.get(at, ())):
            self.nags[at] = (*present, number)


@dataclass
class Sheet:
    """One game's text taken apart; `result` is that of the move text, `fault` says why the text is not whole."""

    headers: dict[str, str]
    line: Spoken
    result: str | None = None
    fault: str = ""


def understand(sheet: Sheet, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """The record that a sheet tells; raises BadRecord where the position or a move of the main line is no good.

    With `keep_prefix` the moves before the fault make the record, if there are any. A variation loses whatever comes
    from its first bad move on. The record's `cuts` name all that is missing.
    """
    board = start_board(sheet.headers.get("FEN", ""), source)
    moves, style, fault = _main_line(board, sheet)
    cuts = []
    if sheet.fault and (fault is None or not keep_prefix):
        fault = None
        cuts.append(Cut(len(sheet.line.tokens), sheet.fault, "broken record"))
    elif fault is not None:
        cuts.append(_cut(len(moves) + 1, fault))
    if cuts and not (keep_prefix and moves):
        raise BadRecord(cuts[0].text, source=source, ply=cuts[0].ply) from fault
    line = _bare_line(moves, sheet.line)
    if sheet.line.variations:
        line = _with_variations(board, line, sheet.line, style, cuts)
    headers = {k: v for k, v in sheet.headers.items() if k not in _NOT_HEADERS}
    return GameRecord(
        headers, start_fen_of(board), line.moves, _result(sheet), line.comments, line.variations, source, tuple(cuts),
        nags=line.nags,
    )  # fmt: skip


def _bare_line(moves: tuple[Move, ...], spoken: Spoken) -> Line:
    """The moves with the comments and glyphs that belong to them."""
    comments = {n: text for n, text in spoken.comments.items() if n <= len(moves)}
    return Line(moves, comments, nags={n: nags for n, nags in spoken.nags.items() if n <= len(moves)})


def _cut(ply: int, fault: _MoveFault, where: str = "") -> Cut:
    return Cut(ply, str(fault), reason_of(fault) + where)


def reason_of(fault: BaseException | None) -> str:
    """The kind of a fault, to be counted."""
    return _REASONS.get(type(fault), "broken record")


def _result(sheet: Sheet) -> str:
    """The tag's result, or that of the move text where the tag is silent."""
    tag = sheet.headers.get("Result", "").strip()
    tag = _RESULT_WORDS.get(tag, tag)
    if tag in RESULTS and tag != "*":
        return tag
    return sheet.result or "*"


# ------------------------------------------------------------------------------------------------ positions


@cache
def _standard() -> Board:
    return Board()


def start_board(fen: str, source: str = "") -> Board:
    """The board of a FEN tag's value, "" for the start position; raises BadRecord."""
    if not fen or fen.split()[:2] == _START:
        return _standard().copy()
    if len(fen) > _LONGEST_FEN:
        raise BadRecord(f"FEN {fen[:40]!r}... is {len(fen):,} characters long", source=source)
    try:
        return Board(fen)
    except InvalidFen as fault:
        raise BadRecord(str(fault), source=source) from fault


def start_fen_of(board: Board) -> str | None:
    """The board's first position as a record keeps it: None for the start position, whatever its clocks."""
    return None if board.start_fen.split()[:2] == _START else board.start_fen


# ------------------------------------------------------------------------------------------------ moves


def _main_line(board: Board, sheet: Sheet) -> tuple[tuple[Move, ...], str | None, _MoveFault | None]:
    """The legal moves at the beginning of the main line, the style they are in (None: any but UCI with ranks from 1),
    and what is wrong with the next one. The board is left alone."""
    tokens = sheet.line.tokens
    told = sheet.headers.get("Format", "").upper()
    spelled = move_cache.spell(board, tokens) if told != "UCI10" else None
    if spelled is not None:
        return spelled, None, None
    moves, fault = _slowly(board, tokens, None)
    if told in ("", "UCI", "UCI10") and all(map(_COORDINATES.fullmatch, tokens)):
        others, other_fault = _slowly(board, tokens, "uci10")
        if other_fault is None:
            return others, "uci10", None
    return moves, None, fault


def _slowly(board: Board, tokens: Sequence[str], style: str | None) -> tuple[tuple[Move, ...], _MoveFault | None]:
    """The moves before the first that is no good, and what is wrong with that."""
    moves: list[Move] = []
    fault = None
    try:
        for token in tokens:
            move = board.parse(token, style)
            board.push_unchecked(move)
            moves.append(move)
    except (InvalidMove, IllegalMove, AmbiguousMove) as caught:
        fault = caught
    for _ in moves:
        board.pop()
    return tuple(moves), fault


def _with_variations(board: Board, line: Line, spoken: Spoken, style: str | None, cuts: list[Cut]) -> Line:
    """The line with the variations that hang on it; the board, at the line's beginning, is left alone."""
    wanted: dict[int, list[Spoken]] = {}
    for ply, below in spoken.variations:
        wanted.setdefault(ply, []).append(below)
    cuts += [
        Cut(board.ply, f"a variation of no move: {' '.join(below.tokens[:4])}", "misplaced variation")
        for below in wanted.get(-1, [])
    ]
    for ply, move in enumerate(line.moves):
        read = [_variation(board, below, style, cuts) for below in wanted.get(ply, [])]
        lines = [one for below in read for one in (below, *below.variations.pop(0, ()))]  # beside it, not in it
        if any(below.moves for below in lines):
            line.variations[ply] = tuple(below for below in lines if below.moves)
        board.push_unchecked(move)
    for _ in line.moves:
        board.pop()
    return line


def _variation(board: Board, spoken: Spoken, style: str | None, cuts: list[Cut]) -> Line:
    """A line read from the board's position on, up to its first bad move."""
    moves, fault = _slowly(board, spoken.tokens, style)
    if fault is not None:
        cuts.append(_cut(board.ply + len(moves) + 1, fault, " in a variation"))
    line = _bare_line(moves, spoken)
    return _with_variations(board, line, spoken, style, cuts) if spoken.variations else line
