"""The user's input on the board: clicks, drags, typed moves, and setting up pieces."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import numpy as np

from ...errors import AmbiguousMove, IllegalMove, XiangqiError
from ...rules import jit, notation
from ...rules.board import Board
from ...rules.moves import MOVES, Move
from ...rules.pieces import ELEPHANT, KING
from ...rules.squares import Color, file_of
from .state import State
from .texts import Message, message


class MoveInput:
    """Selects pieces and plays moves by `play(move, shown)`, where `shown` requests animation; counts refusals."""

    def __init__(self, state: State, play: Callable[[Move, bool], None], sound: Callable[[str], None]):
        self._state, self._play, self._sound = state, play, sound
        self.refused = 0
        self._let_go = False  # the press was on the selected piece, so that a release there deselects it

    def press(self, square: int | None) -> bool:
        """Handle a press on a square (None: off the board); return whether a piece was picked up for dragging."""
        state = self._state
        self._let_go = False
        if state.editor:
            return self._press_in_editor(square)
        if square is None or not state.human_to_move:
            self._select(None)
            return False
        if state.game.board.color_at(square) is state.turn:
            self._let_go = square == state.selected
            if not self._let_go:
                self._select(square)
                self._sound("select")
            return True
        if state.selected is not None:
            self._try(state.selected, square, shown=True)
        return False

    def release(self, square: int | None, dragged: bool) -> None:
        """Handle the end of a press: a drag plays its move, a click on the selected piece deselects it."""
        state, selected = self._state, self._state.selected
        if state.editor:
            if dragged and selected is not None:
                self._drop_in_editor(selected, square)
        elif dragged and selected is not None:
            if square is not None and square != selected:
                self._try(selected, square, shown=False)
        elif self._let_go and square == selected:
            self._select(None)
        self._let_go = False

    def _select(self, square: int | None) -> None:
        if self._state.selected != square:
            self._state.selected = square

    def _try(self, from_square: int, to_square: int, *, shown: bool) -> None:
        """Play the user's move or refuse it, with the reason if it is not obvious."""
        board = self._state.game.board
        self._state.selected = None
        try:
            move = Move.of(from_square, to_square)
        except XiangqiError:
            return self._refuse("")
        if not board.is_legal(move):
            return self._refuse(refusal(board, move))
        self._play(move, shown)

    def _refuse(self, key: str) -> None:
        self.refused += 1
        self._sound("illegal")
        self._state.message = Message(key, is_error=True) if key else None

    def type_move(self, text: str) -> bool:
        """Play a move in any notation; return false, with a message, if it is impossible."""
        if not self._state.human_to_move:
            self._state.message = message("not_your_turn", error=True)
            return False
        board = self._state.game.board
        try:
            move = board.parse(text.strip())
        except AmbiguousMove:
            self._state.message = message("typed_ambiguous", error=True, text=text)
        except IllegalMove:
            if reason := reason_of_text(board, text):
                self._refuse(reason)
                return False
            self._state.message = message("typed_illegal", error=True, text=text)
        except XiangqiError:
            self._state.message = message("typed_invalid", error=True, text=text)
        else:
            self._play(move, True)
            return True
        self._sound("illegal")
        return False

    def play(self, move: Move) -> None:
        """Play a move chosen from a list."""
        if not self._state.human_to_move:
            self._state.message = message("not_your_turn", error=True)
        elif self._state.game.board.is_legal(move):
            self._play(move, True)
        else:
            self._refuse(refusal(self._state.game.board, move))

    # ------------------------------------------------------------------------------------------------ the editor

    def erase(self, square: int | None) -> None:
        """Handle a press of the right mouse button, which clears a square in the editor."""
        if self._state.editor and square is not None:
            self._state.editor.remove(square)

    def _press_in_editor(self, square: int | None) -> bool:
        editor = self._state.editor
        assert editor is not None
        self._state.message = None
        if square is None:
            self._select(None)
            return False
        if editor.picked is None:
            if self._state.selected is not None and square != self._state.selected:
                self._state.message = editor.move(self._state.selected, square)
                self._select(None)
                return False
            self._select(square if editor.squares[square] and square != self._state.selected else None)
            return self._state.selected is not None
        if not editor.picked or editor.squares[square] == editor.picked:
            editor.remove(square)
        else:
            self._state.message = editor.put(editor.picked, square)
        self._sound("illegal" if self._state.message else "move")
        return False

    def _drop_in_editor(self, start: int, end: int | None) -> None:
        editor = self._state.editor
        assert editor is not None
        if end is None:
            editor.remove(start)
        elif end != start:
            self._state.message = editor.move(start, end)
        self._select(None)


def refusal(board: Board, move: Move) -> str:
    """Return the key of the UI text for a move that is illegal only because of the king, else ""."""
    side = int(board.turn)
    squares = board.array
    blockers = np.where(np.sign(squares) == -side, -side * ELEPHANT, squares).astype(np.int8)  # they attack no king
    if not jit.kernels().is_legal(blockers, side, move.id):
        return ""
    squares[move.to_square], squares[move.from_square] = squares[move.from_square], 0
    if _facing(squares):
        return "kings_would_face"
    return "still_in_check" if board.is_check() else "exposes_king"


def reason_of_text(board: Board, text: str) -> str:
    """Return the key of a UI text as `refusal` does, for the text of an illegal move in coordinates, Chinese or WXF."""
    wanted = _plain(text)
    for move in MOVES:
        if board.color_at(move.from_square) is board.turn and (reason := refusal(board, move)):
            names = (notation.STYLES[style](board, move) for style in ("iccs", "chinese", "traditional", "wxf"))
            if any(_plain(name) == wanted for name in names):
                return reason
    return ""


def _plain(text: str) -> str:
    """Return a move's text without differences of width, case, dots and hyphens."""
    return unicodedata.normalize("NFKC", text).strip().casefold().replace(".", "=").replace("-", "")


def _facing(squares: np.ndarray) -> bool:
    """Return whether the kings face each other on an open file; `squares` is int8 [90]."""
    kings = sorted(int(square) for color in Color for square in np.flatnonzero(squares == color * KING))
    if len(kings) != 2 or file_of(kings[0]) != file_of(kings[1]):
        return False
    return not squares[kings[0] + 9 : kings[1] : 9].any()
