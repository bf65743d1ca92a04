"""The tree of a game as a readable list: main moves, with variations and comments as paragraphs between them."""

from __future__ import annotations

from dataclasses import dataclass

from ...records.game import GameRecord, Line
from ...records.game import Path as TreePath
from ...rules.board import Board
from ...rules.moves import Move
from .tree_walk import Place

GLYPHS = {
    1: "!", 2: "?", 3: "!!", 4: "??", 5: "!?", 6: "?!", 7: "□", 10: "=", 13: "∞", 14: "+=", 15: "=+", 16: "±", 17: "∓",
    18: "+-", 19: "-+",
}  # fmt: skip
MARKS = (3, 1, 5, 6, 2, 4)  # marks for moves, best first


@dataclass(frozen=True)
class MoveItem:
    """A move: the place after it, its number and side, its text and glyphs."""

    place: Place
    number: int
    black: bool
    name: str
    glyphs: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A sequence of a variation's moves and comments (as texts); `depth` 0 is a comment on the main line."""

    depth: int
    parts: tuple[MoveItem | str, ...]


Block = MoveItem | Paragraph


def glyphs(nags: tuple[int, ...]) -> str:
    """Return annotation glyphs as written after a move."""
    return "".join(GLYPHS.get(nag, f"${nag}") for nag in nags)


class MoveNames:
    """Texts of moves, cached by position; a notation is one of `rules.notation.STYLES`."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int, str], str] = {}

    def __call__(self, board: Board, move: Move, notation: str) -> str:
        """Return the text of a move that is legal on the board."""
        if notation == "iccs":
            return move.iccs()
        key = (board.key, move.id, notation)
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = board.write(move, notation)
        return name

    def line(self, board: Board, moves: tuple[Move, ...], notation: str) -> list[str]:
        """Return the texts of a line of moves from a position; the board stays unchanged."""
        names = []
        for move in moves:
            names.append(self(board, move, notation))
            board.push_unchecked(move)
        for _ in moves:
            board.pop()
        return names


class MoveList:
    """The blocks of a record, rebuilt only when the record or the notation changes."""

    def __init__(self, names: MoveNames):
        self._names = names
        self._record: GameRecord | None = None
        self._notation = ""
        self._blocks: tuple[Block, ...] = ()

    def blocks(self, record: GameRecord, notation: str) -> tuple[Block, ...]:
        """Return the blocks in order."""
        if record is not self._record or notation != self._notation:
            self._record, self._notation = record, notation
            self._blocks = tuple(self._main(record, record.start()))
        return self._blocks

    def _main(self, record: GameRecord, board: Board) -> list[Block]:
        out: list[Block] = []
        line = record.line
        if 0 in line.comments:
            out.append(Paragraph(0, (line.comments[0],)))
        for ply, move in enumerate(line.moves):
            out.append(self._item(line, (), ply, board, move))
            if ply + 1 in line.comments:
                out.append(Paragraph(0, (line.comments[ply + 1],)))
            for index, below in enumerate(line.variations.get(ply, ())):
                self._variation(out, below, ((ply, index),), board)
            board.push_unchecked(move)
        return out

    def _variation(self, out: list[Block], line: Line, path: TreePath, board: Board) -> None:
        """Add the paragraphs of a variation from the board's position; the board is restored."""
        parts: list[MoveItem | str] = [line.comments[0]] if 0 in line.comments else []
        for ply, move in enumerate(line.moves):
            parts.append(self._item(line, path, ply, board, move))
            if ply + 1 in line.comments:
                parts.append(line.comments[ply + 1])
            if lines := line.variations.get(ply, ()):
                out.append(Paragraph(len(path), tuple(parts)))
                parts = []
                for index, below in enumerate(lines):
                    self._variation(out, below, (*path, (ply, index)), board)
            board.push_unchecked(move)
        if parts:
            out.append(Paragraph(len(path), tuple(parts)))
        for _ in line.moves:
            board.pop()

    def _item(self, line: Line, path: TreePath, ply: int, board: Board, move: Move) -> MoveItem:
        name = self._names(board, move, self._notation)
        shown = glyphs(line.nags.get(ply + 1, ()))
        return MoveItem(Place(path, ply + 1), board.fullmove, board.turn < 0, name, shown)
