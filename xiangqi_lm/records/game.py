"""A recorded game: its players, place, start position, tree of moves and result.

A *path* names a line of the tree: `()` is the main line, `((6, 0),)` the first alternative to its seventh move, and so
on inwards. Plies count moves within their own line. Functions on lines do not change their argument but return a new
line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import XiangqiError
from ..rules import jit
from ..rules.board import Board
from ..rules.moves import Move

Path = tuple[tuple[int, int], ...]
DEEPEST = 100  # levels of variations: far more than any book has, and safe to walk, pickle and compare


@dataclass(frozen=True)
class Line:
    """A sequence of moves: `comments[n]` follows the first n moves, `variations[n]` are alternatives to `moves[n]`, and
    `nags[n]` are the numeric annotation glyphs of the n-th move, counted from 1.

    An alternative to the first move of a variation is a sibling of that variation, not its child.
    """

    moves: tuple[Move, ...] = ()
    comments: dict[int, str] = field(default_factory=dict)
    variations: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    nags: dict[int, tuple[int, ...]] = field(default_factory=dict)


def find(line: Line, path: Path) -> Line:
    """Return the line that a path names; raises XiangqiError where there is none."""
    for ply, index in path:
        alternatives = line.variations.get(ply, ())
        if not 0 <= index < len(alternatives):
            raise XiangqiError(f"no variation {index} at ply {ply} on the path {path}")
        line = alternatives[index]
    return line


def moves_to(line: Line, path: Path, ply: int) -> tuple[Move, ...]:
    """Return the moves from the start of the game to a place inside a line."""
    moves: tuple[Move, ...] = ()
    for i, (branch, _) in enumerate(path):
        moves += find(line, path[:i]).moves[:branch]
    return moves + find(line, path).moves[:ply]


def count(line: Line) -> int:
    """Return the number of variations at all levels."""
    return sum(1 + count(below) for lines in line.variations.values() for below in lines)


# ------------------------------------------------------------------------------------------------ edits


def add(line: Line, path: Path, ply: int, moves: Sequence[Move]) -> tuple[Line, Path, int]:
    """Enter moves after `ply` moves of a line and return the new tree and the place after the last of them.

    Known moves are followed; new ones extend the line at its end or open a variation. The caller ensures legality.
    """
    if path and not ply:
        path, ply = path[:-1], path[-1][0]
    here = find(line, path)
    for i, move in enumerate(moves):
        firsts = [below.moves[0] for below in here.variations.get(ply, ())]
        if ply < len(here.moves) and here.moves[ply] is move:
            ply += 1
        elif move in firsts:
            index = firsts.index(move)
            here, path, ply = here.variations[ply][index], (*path, (ply, index)), 1
        else:
            return _grown(line, path, ply, tuple(moves[i:]))
    return line, path, ply


def _grown(line: Line, path: Path, ply: int, moves: tuple[Move, ...]) -> tuple[Line, Path, int]:
    """Return the result of `add` for moves of which the first is new."""
    if ply == len(find(line, path).moves):
        return _changed(line, path, lambda old: replace(old, moves=old.moves + moves)), path, ply + len(moves)
    if len(path) >= DEEPEST:
        raise XiangqiError(f"variations are nested deeper than {DEEPEST}")
    beside = find(line, path).variations.get(ply, ())
    new = _changed(line, path, lambda old: _with(old, ply, (*beside, Line(moves))))
    return new, (*path, (ply, len(beside))), len(moves)


def delete(line: Line, path: Path) -> Line:
    """Return the line without the variation that a path names; raises XiangqiError for the main line."""
    parent, ply, index = _place(line, path)
    kept = tuple(below for i, below in enumerate(find(line, parent).variations[ply]) if i != index)
    return _changed(line, parent, lambda old: _with(old, ply, kept))


def cut(line: Line, path: Path, ply: int) -> Line:
    """Return the tree with a line cut after `ply` moves; a variation keeps at least one move."""
    find(line, path)
    if path and not ply:
        return delete(line, path)

    def shorter(old: Line) -> Line:
        return Line(
            old.moves[:ply],
            {n: text for n, text in old.comments.items() if n <= ply},
            {n: below for n, below in old.variations.items() if n < ply},
            {n: nags for n, nags in old.nags.items() if n <= ply},
        )

    return _changed(line, path, shorter)


def annotate(line: Line, path: Path, ply: int, text: str | None, nags: tuple[int, ...] | None) -> Line:
    """Return the tree with a new comment or new glyphs after `ply` moves of a line; None changes nothing, an empty
    value ("" or ()) removes the old one."""

    def changed(old: Line) -> Line:
        comments = old.comments if text is None else {n: t for n, t in old.comments.items() if n != ply}
        glyphs = old.nags if nags is None else {n: g for n, g in old.nags.items() if n != ply}
        return replace(
            old,
            comments=dict(sorted((comments | ({ply: text} if text else {})).items())),
            nags=dict(sorted((glyphs | ({ply: nags} if nags else {})).items())),
        )

    return _changed(line, path, changed)


def promote(line: Line, path: Path) -> Line:
    """Swap a variation with the rest of the line it belongs to, which becomes the first variation there.

    A comment before the variation's first move then follows that move.
    """
    parent, ply, index = _place(line, path)
    return _changed(line, parent, lambda old: _swapped(old, ply, index))


def _place(line: Line, path: Path) -> tuple[Path, int, int]:
    find(line, path)
    if not path:
        raise XiangqiError("the main line can be neither deleted nor promoted")
    return path[:-1], *path[-1]


def _changed(line: Line, path: Path, change: Callable[[Line], Line]) -> Line:
    if not path:
        return change(line)
    (ply, index), rest = path[0], path[1:]
    below = list(line.variations[ply])
    below[index] = _changed(below[index], rest, change)
    return _with(line, ply, tuple(below))


def _with(line: Line, ply: int, lines: tuple[Line, ...]) -> Line:
    """Return the line with these variations at a ply, which may be none."""
    variations = {n: below for n, below in line.variations.items() if n != ply}
    return replace(line, variations=variations | ({ply: lines} if lines else {}))


def _swapped(line: Line, ply: int, index: int) -> Line:
    """Return the line that holds a variation with this variation promoted."""
    alternatives = line.variations[ply]
    risen = alternatives[index]
    demoted = Line(
        line.moves[ply:],
        {n - ply: text for n, text in line.comments.items() if n > ply},
        {n - ply: below for n, below in line.variations.items() if n > ply},
        {n - ply: nags for n, nags in line.nags.items() if n > ply},
    )
    others = tuple(below for i, below in enumerate(alternatives) if i != index)
    comments = {n: text for n, text in line.comments.items() if n <= ply}
    comments |= {n + ply: text for n, text in risen.comments.items() if n}
    if 0 in risen.comments:
        comments[ply + 1] = " ".join(filter(None, (risen.comments[0], comments.get(ply + 1))))
    variations = {n: below for n, below in line.variations.items() if n < ply}
    variations[ply] = (demoted, *others)
    variations |= {n + ply: below for n, below in risen.variations.items()}
    nags = {n: glyphs for n, glyphs in line.nags.items() if n <= ply}
    nags |= {n + ply: glyphs for n, glyphs in risen.nags.items()}
    return Line(line.moves[:ply] + risen.moves, comments, variations, nags)


# ------------------------------------------------------------------------------------------------ the game

RESULTS = ("1-0", "0-1", "1/2-1/2", "*")


def _rating(text: str) -> int:
    """Return a rating, provisional (`1500?`) or not, or 0."""
    found = re.fullmatch(r"\s*([0-9]{1,4})(?:\.0+)?\s*\??\s*", text)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class Cut:
    """A part of a record's source that could not be read: `ply` is where it broke, `text` says what was wrong, and
    `reason` is one of a few kinds for statistics."""

    ply: int
    text: str
    reason: str


@dataclass(frozen=True)
class GameRecord:
    """One game: every move, variations included, was legal when the record was read.

    `start_fen` is None for the start position. `comments[n]` follows the n-th ply, `comments[0]` precedes the first
    move; `variations[n]` are alternatives to `moves[n]`; `nags[n]` are the numeric annotation glyphs of the n-th ply,
    counted from 1. `source` is where the record was read from, `cuts` list what is missing, `notes` what was assumed;
    comparisons ignore these three.
    """

    headers: dict[str, str] = field(default_factory=dict)
    start_fen: str | None = None
    moves: tuple[Move, ...] = ()
    result: str = "*"
    comments: dict[int, str] = field(default_factory=dict)
    variations: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    nags: dict[int, tuple[int, ...]] = field(default_factory=dict, kw_only=True)
    source: str = field(default="", compare=False)
    cuts: tuple[Cut, ...] = field(default=(), compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)

    @property
    def ratings(self) -> tuple[int, int]:
        """Return the Elo ratings of Red and Black from the headers RedElo (or WhiteElo) and BlackElo; 0 if unrated."""
        red = self.headers.get("RedElo") or self.headers.get("WhiteElo", "")
        return _rating(red), _rating(self.headers.get("BlackElo", ""))

    def start(self) -> Board:
        """Return a new board with the game's start position."""
        return Board(self.start_fen) if self.start_fen else Board()

    def replay(self) -> Iterator[tuple[Board, Move]]:
        """Yield each move with the board before it; this is always the same board, so copy it to keep it."""
        board = self.start()
        for move in self.moves:
            yield board, move
            board.push(move)

    def final(self) -> Board:
        """Return a new board with all moves played."""
        return self.board_at((), len(self.moves))

    # -------------------------------------------------------------------------------------------- variations

    @property
    def line(self) -> Line:
        """Return the main line with its comments, glyphs and variations."""
        return Line(self.moves, self.comments, self.variations, self.nags)

    def line_at(self, path: Path) -> Line:
        """Return the line that a path names; raises XiangqiError where there is none."""
        return find(self.line, path)

    def board_at(self, path: Path, ply: int) -> Board:
        """Return a new board after the first `ply` moves of a line and all moves that lead to it."""
        board = self.start()
        for move in moves_to(self.line, path, ply):
            board.push(move)
        return board

    def add(self, path: Path, ply: int, moves: Sequence[Move]) -> tuple[GameRecord, Path, int]:
        """Return the record with moves entered after `ply` moves of a line, and the place after them.

        Known moves are followed; new ones extend the line or open a variation. Raises IllegalMove.
        """
        board = self.board_at(path, ply)
        for move in moves:
            board.push(move)
        line, path, ply = add(self.line, path, ply, moves)
        return self._with(line), path, ply

    def delete(self, path: Path) -> GameRecord:
        """Return the record without a variation; raises XiangqiError if there is none, or for the main line."""
        return self._with(delete(self.line, path))

    def promote(self, path: Path) -> GameRecord:
        """Return the record with a variation swapped with the rest of its parent line, which becomes a variation."""
        return self._with(promote(self.line, path))

    def cut(self, path: Path, ply: int) -> GameRecord:
        """Return the record with a line cut after `ply` moves."""
        return self._with(cut(self.line, path, ply))

    def comment(self, path: Path, ply: int, text: str) -> GameRecord:
        """Return the record with a new comment after `ply` moves of a line; "" removes the comment."""
        return self._with(annotate(self.line, path, ply, text, None))

    def mark(self, path: Path, ply: int, nags: tuple[int, ...]) -> GameRecord:
        """Return the record with new annotation glyphs for the `ply`-th move of a line."""
        return self._with(annotate(self.line, path, ply, None, nags))

    def _with(self, line: Line) -> GameRecord:
        return replace(self, moves=line.moves, comments=line.comments, variations=line.variations, nags=line.nags)


def legal_prefix(board: Board, moves: tuple[Move, ...]) -> int:
    """Return how many of the moves can be played from the board's position; the board stays unchanged."""
    ids = np.array([move.id for move in moves], dtype=np.int16)
    return int(jit.kernels().play(board.array, int(board.turn), ids))
