"""A record with its tree, the current line, and the position on the board, a place in that line."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.game import GameRecord
from ...records.game import Path as TreePath
from ...rules.moves import Move
from ...rules.squares import Color


@dataclass(frozen=True)
class Place:
    """A position in the tree: after `ply` moves of the line named by `path` (see `records.game`)."""

    path: TreePath = ()
    ply: int = 0


class TreeWalk:
    """A place in the tree of a record.

    `line` holds the moves of the current line, from the start position to its end; `board` is the position after the
    first `cursor` of them.
    """

    def __init__(self, record: GameRecord):
        self.record = record
        self.path: TreePath = ()
        self.board = record.start()
        self.line: tuple[Move, ...] = record.moves

    def _moved(self) -> None:
        """React to a coming change of the position; called before it."""

    @property
    def cursor(self) -> int:
        """Return the number of moves on the board since the start position."""
        return self.board.ply

    @property
    def at_tip(self) -> bool:
        return self.cursor == len(self.line)

    @property
    def on_main_line(self) -> bool:
        """Return whether the position on the board is on the main line."""
        return not self.place.path

    @property
    def place(self) -> Place:
        """Return the place of the board's position in the tree."""
        return self.place_at(self.cursor)

    def place_at(self, cursor: int) -> Place:
        """Return the place after that many moves of the current line."""
        path: TreePath = ()
        before = 0
        for branch, index in self.path:
            if cursor <= before + branch:
                break
            path, before = (*path, (branch, index)), before + branch
        return Place(path, cursor - before)

    def turn_at(self, cursor: int) -> Color:
        """Return the side to move after that many plies."""
        return self.board.turn if (cursor - self.cursor) % 2 == 0 else self.board.turn.opponent

    def keys(self) -> list[int]:
        """Return the keys of all positions of the current line."""
        board = self.record.start()
        keys = [board.key]
        for move in self.line:
            board.push_unchecked(move)
            keys.append(board.key)
        return keys

    def comment(self, place: Place | None = None) -> str:
        """Return the comment at a place, by default the one on the board."""
        place = place or self.place
        return self.record.line_at(place.path).comments.get(place.ply, "")

    # ------------------------------------------------------------------------------------------------ navigation

    def go_to(self, cursor: int) -> None:
        """Go to the position after that many plies of the current line, clipped to its length."""
        cursor = min(max(cursor, 0), len(self.line))
        if cursor == self.cursor:
            return
        self._moved()
        while self.cursor > cursor:
            self.board.pop()
        while self.cursor < cursor:
            self.board.push_unchecked(self.line[self.cursor])

    def look_at(self, place: Place) -> None:
        """Go to a place in any line, which becomes the current line; raises XiangqiError if there is no such line."""
        self._follow(place.path)
        before = sum(branch for branch, _ in place.path)
        self.go_to(before + place.ply)

    def _follow(self, path: TreePath) -> None:
        """Make the line of a path the current line, taking the board back to where the lines diverge if necessary."""
        moves: tuple[Move, ...] = ()
        for i, (branch, _) in enumerate(path):
            moves += self.record.line_at(path[:i]).moves[:branch]
        moves += self.record.line_at(path).moves
        common = 0
        for old, new in zip(self.board.move_stack, moves, strict=False):
            if old is not new:
                break
            common += 1
        while self.cursor > common:
            self.board.pop()
            self._moved()
        self.path, self.line = path, moves

    def alternatives(self) -> tuple[list[Place], int]:
        """Return the places after the last move and its alternatives in the tree, and the index of that on the board;
        none at the start position."""
        here = self.place
        if here.ply == 0:
            return [], 0
        path, ply, which = here.path, here.ply - 1, 0
        if ply == 0 and path:
            (ply, index), path = path[-1], path[:-1]
            which = index + 1
        beside = self.record.line_at(path).variations.get(ply, ())
        places = [Place(path, ply + 1), *(Place((*path, (ply, i)), 1) for i in range(len(beside)))]
        return places, which
