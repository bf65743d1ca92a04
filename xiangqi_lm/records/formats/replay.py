"""Moves from texts that can be ambiguous on their own: the moves that follow decide.

Two ambiguities are resolved by playing on. If a text fits several legal moves (`P3+1` with two pawns that can move),
every line is kept while its moves stay legal; if only one reaches the end, it is the game. And if coordinates or
algebraic texts do not show whether ranks start at 0 or at 1, the game is played both ways.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import AmbiguousMove, IllegalMove, InvalidMove, quoted
from ...rules import san
from ...rules.board import Board
from ...rules.moves import Move

MoveFault = InvalidMove | IllegalMove | AmbiguousMove
MOST_LINES = 64  # kept in parallel; with more a text is refused as ambiguous ...
LONGEST_DOUBT = 400  # ... and also if this many plies do not decide
_COORDINATES = re.compile(r"[a-i](?:10|[0-9])-?[a-i](?:10|[0-9])|[A-I](?:10|[0-9])-?[A-I](?:10|[0-9])")  # E6e8: SAN
_SAN_DIALECTS = {0: "winboard", 1: "pychess"}  # by the number of Red's home rank, which is all that matters for reading


@dataclass(frozen=True)
class Replayed:
    """The legal moves at the beginning of some texts, and the fault of the next one (None if all are legal).

    `first_rank` is the number of Red's home rank in the texts; None if no text shows a rank.
    """

    moves: tuple[Move, ...]
    fault: MoveFault | None
    first_rank: int | None = None


def replay(board: Board, texts: Sequence[str], first_rank: int | None = None, told: str = "") -> Replayed:
    """Return the moves of texts from the board's position; the board stays unchanged.

    `first_rank` is where ranks start, if the caller knows it; otherwise it is found by playing. `told` is the value of
    a `Format` tag, which decides if both readings reach the end.
    """
    if not any(_is_ranked(text) for text in texts):
        return _follow(board, texts, 0, None)
    if first_rank is not None:
        return _follow(board, texts, first_rank, first_rank)
    told = told.upper()
    order = (1, 0) if told == "UCI10" else (0, 1)
    first = _follow(board, texts, order[0], order[0])
    if first.fault is None and all(_COORDINATES.fullmatch(text) for text in texts):
        return first  # by the format tag, or ICCS
    other = _follow(board, texts, order[1], order[1])
    if first.fault is None and other.fault is None:
        return _decided(board, texts, (first, other), told)
    if first.fault is None or other.fault is None:
        return first if first.fault is None else other
    return max((first, other), key=lambda reading: len(reading.moves))


def is_san(text: str) -> bool:
    """Return whether a text is algebraic and not a move in plain coordinates."""
    return not _COORDINATES.fullmatch(text) and san.looks_like_san(_clean(text))


def _is_ranked(text: str) -> bool:
    return bool(_COORDINATES.fullmatch(text)) or san.looks_like_san(_clean(text))


def _clean(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


# ------------------------------------------------------------------------------------------------ parallel lines


def _follow(board: Board, texts: Sequence[str], first_rank: int, shown: int | None) -> Replayed:
    """Replay texts in parallel in all lines that they fit, ranks from `first_rank` on; `shown` is passed through."""
    begun, lines = board.ply, [board.copy()]
    fault: MoveFault | None = None
    doubt = 0
    for text in texts:
        on: list[Board] = []
        for line in lines:
            try:
                found = meanings(line, text, first_rank)
            except (InvalidMove, IllegalMove) as caught:
                fault = fault or caught
                continue
            for move in found[1:]:
                on.append(line.copy())
                on[-1].push_unchecked(move)
            line.push_unchecked(found[0])
            on.append(line)
        if not on:
            return Replayed(_shared(lines, begun), fault, shown)
        lines, fault = on, None
        doubt = doubt + 1 if len(lines) > 1 else 0
        if len(lines) > MOST_LINES or doubt > LONGEST_DOUBT:
            break
    moves = _shared(lines, begun)
    return Replayed(moves, _undecided(lines, texts, begun, len(moves)) if len(lines) > 1 else None, shown)


def meanings(board: Board, text: str, first_rank: int) -> list[Move]:
    """Return the legal moves that a text can mean, one or more; raises InvalidMove or IllegalMove if there are none."""
    try:
        if _COORDINATES.fullmatch(text):
            return [board.parse(text, "uci10" if first_rank else "iccs")]
        if not san.looks_like_san(clean := _clean(text)):
            return [board.parse(text)]
    except AmbiguousMove as fault:
        return list(fault.details["moves"])  # type: ignore[call-overload]
    if found := san.matches(board, clean, _SAN_DIALECTS[first_rank]):
        return found
    if len(clean) >= 4 and _COORDINATES.fullmatch(clean.lower()):
        return [board.parse(clean, "uci10" if first_rank else "iccs")]
    raise IllegalMove(f"{quoted(text)} is illegal in {board.fen()}", code="move.illegal", text=text)


def _shared(lines: list[Board], begun: int) -> tuple[Move, ...]:
    """Return the common first moves of all lines since ply `begun`."""
    stacks = [line.move_stack[begun:] for line in lines]
    for ply, moves in enumerate(zip(*stacks, strict=False)):
        if len(set(moves)) > 1:
            return tuple(stacks[0][:ply])
    return tuple(stacks[0])


def _undecided(lines: list[Board], texts: Sequence[str], begun: int, shared: int) -> AmbiguousMove:
    """Return the error for the text, `shared` plies after ply `begun`, at which the remaining lines diverge."""
    board, at = lines[0].copy(), begun + shared
    moves = list(dict.fromkeys(line.move_stack[at] for line in lines))
    while board.ply > at:
        board.pop()
    fits = ", ".join(move.iccs() for move in moves)
    message = f"{quoted(texts[shared])} fits {fits} in {board.fen()}, and what follows does not decide"
    return AmbiguousMove(message, code="move.ambiguous", text=texts[shared], moves=tuple(moves))


# ------------------------------------------------------------------------------------------------ ranks from 0 or 1

_FORMATS = {"ICCS": 0, "UCI": 0, "SAN-WINBOARD": 0, "UCI10": 1, "SAN": 1, "SAN-ELEPHANTCHESS": 1, "LAN": 1}


def _decided(board: Board, texts: Sequence[str], readings: Sequence[Replayed], told: str) -> Replayed:
    """Return one of two readings that both reach the end: by the format tag, or the one without unmarked captures.

    Every program marks captures.
    """
    if readings[0].moves == readings[1].moves:
        return readings[0]
    for reading in readings:
        if _FORMATS.get(told) == reading.first_rank:
            return reading
    unmarked = [_unmarked_captures(board, texts, reading.moves) for reading in readings]
    if unmarked[0] != unmarked[1]:
        return readings[unmarked.index(min(unmarked))]
    shared = next(i for i, (a, b) in enumerate(zip(*(r.moves for r in readings), strict=True)) if a is not b)
    lines = [board.copy(), board.copy()]
    for line, reading in zip(lines, readings, strict=True):
        for move in reading.moves:
            line.push_unchecked(move)
    return Replayed(readings[0].moves[:shared], _undecided(lines, texts, board.ply, shared))


def _unmarked_captures(board: Board, texts: Sequence[str], moves: Sequence[Move]) -> int:
    """Return the number of algebraic texts that take a piece without a capture mark."""
    count, board = 0, board.copy()
    for text, move in zip(texts, moves, strict=True):
        count += board.is_capture(move) and is_san(text) and not set(text) & set("x:")
        board.push_unchecked(move)
    return count
