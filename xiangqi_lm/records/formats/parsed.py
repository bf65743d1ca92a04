"""A game parsed into texts, and the single place where these become moves on a Board.

Every reader makes a `ParsedGame`, and `understand` replays it. Faults name the ply that could not be replayed.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from functools import cache

from ...errors import AmbiguousMove, BadRecord, IllegalMove, InvalidFen, InvalidMove
from ...rules.board import Board
from ...rules.fen import START_FEN
from ...rules.moves import Move
from ..game import RESULTS, Cut, GameRecord, Line
from . import move_cache
from .replay import MoveFault, Replayed, replay

_START = START_FEN.split()[:2]
_LONGEST_FEN = 200
_NOT_HEADERS = ("Game", "FEN", "Format", "Result")
_RESULT_WORDS = {
    "1-0": "红胜 紅勝 红先胜 紅先勝 红方胜 紅方勝 红方胜利 红方获胜 红赢 黑负 黑負 red red_wins redwins white 1:0 1-0.",
    "0-1": "黑胜 黑勝 红先负 紅先負 黑方胜 黑方勝 黑方胜利 黑方获胜 黑赢 红负 紅負 black black_wins blackwins 0:1",
    "1/2-1/2": "tie tied 和 和棋 红先和 紅先和 和局 双方和棋 雙方和棋 平局 1/2 draw drawn 0.5-0.5 ½-½ 1/2:1/2",
}
_RESULTS = {word: result for result, words in _RESULT_WORDS.items() for word in words.split()}
_RESULTS |= {result: result for result in RESULTS}
_REASONS: dict[type, str] = {
    InvalidMove: "unreadable move",
    IllegalMove: "illegal move",
    AmbiguousMove: "ambiguous move",
    InvalidFen: "impossible position",
}


@dataclass
class ParsedLine:
    """A line as written in its source: move texts, comments and NAGs by the number of moves before them, and lines that
    replace move n (-1: an unknown move)."""

    texts: list[str] = field(default_factory=list)
    comments: dict[int, str] = field(default_factory=dict)
    variations: list[tuple[int, ParsedLine]] = field(default_factory=list)
    nags: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def comment(self, text: str) -> None:
        """Append to the comment after the last move."""
        at = len(self.texts)
        if text:
            self.comments[at] = f"{self.comments[at]} {text}" if at in self.comments else text

    def nag(self, number: int) -> None:
        """Add a glyph to the last move; one before the first move is dropped."""
        at = len(self.texts)
        if at and number not in (present := self.nags.get(at, ())):
            self.nags[at] = (*present, number)


@dataclass
class ParsedGame:
    """One parsed game: `result` comes from the move text, `fault` says why the text is incomplete, `notes` list what
    its reader had to assume."""

    headers: dict[str, str]
    line: ParsedLine
    result: str | None = None
    fault: str = ""
    notes: tuple[str, ...] = ()


def understand(game: ParsedGame, source: str = "", keep_prefix: bool = False) -> GameRecord:
    """Return the record of a parsed game; raises BadRecord if the position or a move of the main line is invalid.

    With `keep_prefix` the record keeps the moves before the fault, if there are any. A variation is cut at its first
    invalid move. The record's `cuts` list what is missing, its `notes` what was assumed.
    """
    fen, notes = _whole_fen(game.headers.get("FEN", ""))
    board = start_board(fen, source)
    replayed = _main_line(board, game)
    moves, fault = replayed.moves, replayed.fault
    cuts = []
    if game.fault and (fault is None or not keep_prefix):
        fault = None
        cuts.append(Cut(len(game.line.texts), game.fault, "broken record"))
    elif fault is not None:
        cuts.append(_cut(len(moves) + 1, fault))
    if cuts and not (keep_prefix and moves):
        raise BadRecord(cuts[0].text, source=source, ply=cuts[0].ply) from fault
    line = _line(moves, game.line)
    if game.line.variations:
        line = _with_variations(board, line, game.line, replayed.first_rank, cuts)
    headers = {k: v for k, v in game.headers.items() if k not in _NOT_HEADERS}
    return GameRecord(
        headers, start_fen_of(board), line.moves, _result(game), line.comments, line.variations, source, tuple(cuts),
        (*notes, *game.notes), nags=line.nags,
    )  # fmt: skip


def _line(moves: tuple[Move, ...], parsed: ParsedLine) -> Line:
    """Return the line of the moves that could be read, with their comments and glyphs."""
    comments = {n: text for n, text in parsed.comments.items() if n <= len(moves)}
    return Line(moves, comments, {}, {n: nags for n, nags in parsed.nags.items() if n <= len(moves)})


def _cut(ply: int, fault: MoveFault, where: str = "") -> Cut:
    return Cut(ply, str(fault), reason_of(fault) + where)


def reason_of(fault: BaseException | None) -> str:
    """Return the kind of a fault, for statistics."""
    return _REASONS.get(type(fault), "broken record")


def result_of(text: str) -> str | None:
    """Return the result that a word means (`1-0`, `红胜`, `RED_WINS`), which may be `*`, or None."""
    return _RESULTS.get("".join(text.split()).lower())


def _result(game: ParsedGame) -> str:
    """Return the result in the tag, or in the move text if the tag gives none."""
    tag = result_of(game.headers.get("Result", ""))
    return tag if tag and tag != "*" else game.result or "*"


_ENTITY = re.compile(r"&(?:#[0-9]{1,6}|#[xX][0-9a-fA-F]{1,5}|[A-Za-z][A-Za-z0-9]{1,30});")


def unescape(text: str) -> str:
    """Return a text with the entities of HTML decoded: `&quot;`, `&amp;`, `&#34;`."""
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text


def escape(text: str) -> str:
    """Return a text that `unescape` turns back into this one; only what looks like an entity changes."""
    return _ENTITY.sub(lambda found: f"&amp;{found[0][1:]}", text) if "&" in text else text


# ------------------------------------------------------------------------------------------------ positions


@cache
def _standard() -> Board:
    return Board()


def _whole_fen(fen: str) -> tuple[str, tuple[str, ...]]:
    """Return a FEN with its side to move, and a note if the side had to be assumed."""
    if fen.count("/") == 9 and len(fen.split()) == 1:
        return f"{fen.strip()} w", ("the FEN names no side to move: assumed Red",)
    return fen, ()


def start_board(fen: str, source: str = "") -> Board:
    """Return the board for the value of a FEN tag, "" for the start position; raises BadRecord."""
    if not fen or fen.split()[:2] == _START:
        return _standard().copy()
    if len(fen) > _LONGEST_FEN:
        raise BadRecord(f"FEN {fen[:40]!r}... is {len(fen):,} characters long", source=source)
    try:
        return Board(fen)
    except InvalidFen as fault:
        raise BadRecord(str(fault), source=source) from fault


def start_fen_of(board: Board) -> str | None:
    """Return a board's first position as records store it: None for the start position, with any clocks."""
    return None if board.start_fen.split()[:2] == _START else board.start_fen


# ------------------------------------------------------------------------------------------------ moves


def _main_line(board: Board, game: ParsedGame) -> Replayed:
    told = game.headers.get("Format", "").upper()
    moves = move_cache.read_moves(board, game.line.texts) if told != "UCI10" else None
    return replay(board, game.line.texts, told=told) if moves is None else Replayed(moves, None)


def _with_variations(board: Board, line: Line, parsed: ParsedLine, first_rank: int | None, cuts: list[Cut]) -> Line:
    """Return the line with its variations; the board is at the line's beginning and stays unchanged."""
    wanted: dict[int, list[ParsedLine]] = {}
    for ply, below in parsed.variations:
        wanted.setdefault(ply, []).append(below)
    cuts += [
        Cut(board.ply, f"a variation that replaces no move: {' '.join(below.texts[:4])}", "misplaced variation")
        for below in wanted.get(-1, [])
    ]
    for ply, move in enumerate(line.moves):
        read = [_variation(board, below, first_rank, cuts) for below in wanted.get(ply, [])]
        lines = [one for below in read for one in (below, *below.variations.pop(0, ()))]  # siblings, not children
        if any(below.moves for below in lines):
            line.variations[ply] = tuple(below for below in lines if below.moves)
        board.push_unchecked(move)
    for _ in line.moves:
        board.pop()
    return line


def _variation(board: Board, parsed: ParsedLine, first_rank: int | None, cuts: list[Cut]) -> Line:
    """Return a line read from the board's position, up to its first invalid move."""
    moves = None if first_rank else move_cache.read_moves(board, parsed.texts)
    if moves is None:
        replayed = replay(board, parsed.texts, first_rank)
        moves = replayed.moves
        if replayed.fault is not None:
            cuts.append(_cut(board.ply + len(moves) + 1, replayed.fault, " in a variation"))
    line = _line(moves, parsed)
    return _with_variations(board, line, parsed, first_rank, cuts) if parsed.variations else line
