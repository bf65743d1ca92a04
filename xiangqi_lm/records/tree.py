"""The tree of a game: a line of moves, and at any of them the lines that might have been played instead.

A *path* names a line: `()` is the main line, `((6, 0),)` the first alternative to its seventh move, and so on inwards.
Plies count moves inside their own line. All functions leave the line they are given alone and return a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from ..errors import XiangqiError
from ..rules.moves import Move

Path = tuple[tuple[int, int], ...]
DEEPEST = 100  # variations inside variations: far beyond any book, and safe to walk, pickle and compare


@dataclass(frozen=True)
class Line:
    """Moves one after the other; `comments[n]` stands after n of them, `variations[n]` are lines instead of move n.

    What might be played instead of the first move of a variation stands beside that variation, not in it.
    """

    moves: tuple[Move, ...] = ()
    comments: dict[int, str] = field(default_factory=dict)
    variations: dict[int, tuple[Line, ...]] = field(default_factory=dict)


def find(line: Line, path: Path) -> Line:
    """The line that a path names; raises XiangqiError where there is none."""
    for ply, index in path:
        alternatives = line.variations.get(ply, ())
        if not 0 <= index < len(alternatives):
            raise XiangqiError(f"no variation {index} at ply {ply} on the path {path}")
        line = alternatives[index]
    return line


def moves_to(line: Line, path: Path, ply: int) -> tuple[Move, ...]:
    """The moves from the start of the game to a place inside a line."""
    moves: tuple[Move, ...] = ()
    for i, (branch, _) in enumerate(path):
        moves += find(line, path[:i]).moves[:branch]
    return moves + find(line, path).moves[:ply]


def count(line: Line) -> int:
    """How many variations there are, however deep."""
    return sum(1 + count(below) for lines in line.variations.values() for below in lines)


# ------------------------------------------------------------------------------------------------ edits


def add(line: Line, path: Path, ply: int, moves: Sequence[Move]) -> tuple[Line, Path, int]:
    """Moves entered after `ply` moves of a line: known ones are followed, new ones extend the line at its end or open a
    variation. Returns the new tree and the place after the last of them; legality is the caller's."""
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
    """`add` for moves of which the first is new."""
    if ply == len(find(line, path).moves):
        return _changed(line, path, lambda old: replace(old, moves=old.moves + moves)), path, ply + len(moves)
    if len(path) >= DEEPEST:
        raise XiangqiError(f"variations are nested deeper than {DEEPEST}")
    beside = find(line, path).variations.get(ply, ())
    new = _changed(line, path, lambda old: _with(old, ply, (*beside, Line(moves))))
    return new, (*path, (ply, len(beside))), len(moves)


def delete(line: Line, path: Path) -> Line:
    """Without the variation that a path names; raises XiangqiError for the main line."""
    parent, ply, index = _place(line, path)
    kept = tuple(below for i, below in enumerate(find(line, parent).variations[ply]) if i != index)
    return _changed(line, parent, lambda old: _with(old, ply, kept))


def promote(line: Line, path: Path) -> Line:
    """A variation changes places with the rest of the line it belongs to, which becomes the first variation there.

    A comment before the variation's first move then stands after that move.
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
    """The line with these variations at a ply, none included."""
    variations = {n: below for n, below in line.variations.items() if n != ply}
    return replace(line, variations=variations | ({ply: lines} if lines else {}))


def _swapped(line: Line, ply: int, index: int) -> Line:
    """`promote` inside the line that holds the variation."""
    alternatives = line.variations[ply]
    risen = alternatives[index]
    demoted = Line(
        line.moves[ply:],
        {n - ply: text for n, text in line.comments.items() if n > ply},
        {n - ply: below for n, below in line.variations.items() if n > ply},
    )
    others = tuple(below for i, below in enumerate(alternatives) if i != index)
    comments = {n: text for n, text in line.comments.items() if n <= ply}
    comments |= {n + ply: text for n, text in risen.comments.items() if n}
    if 0 in risen.comments:
        comments[ply + 1] = " ".join(filter(None, (risen.comments[0], comments.get(ply + 1))))
    variations = {n: below for n, below in line.variations.items() if n < ply}
    variations[ply] = (demoted, *others)
    variations |= {n + ply: below for n, below in risen.variations.items()}
    return Line(line.moves[:ply] + risen.moves, comments, variations)
