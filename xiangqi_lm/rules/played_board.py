"""`PlayedBoard`: a position and the moves that led to it, to play, take back and copy."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..errors import IllegalMove, quoted
from . import fen as fen_format
from . import jit, notation, validity
from .base_board import BaseBoard
from .fen import START_FEN
from .moves import BLACK_TO_MOVE, HALF_TURN_ID, KEYS, MIRROR_ID, MOVES, NULL_MOVE, Move, check_move
from .rulesets import CLOCK_LIMIT, DEFAULT, RULESETS
from .squares import BLACK, HALF_TURN, MIRROR, RED, Color, check_color

if TYPE_CHECKING:
    from typing_extensions import Self


class Played(NamedTuple):
    """A played move with the piece it took (0: none) and the key and clock before it."""

    move: Move
    captured: int
    key: int
    halfmove: int


_MOVES = np.array(MOVES, dtype=object)  # to pick many at once, twice as fast as a comprehension


class PlayedBoard(BaseBoard):
    """A position with a side to move and clocks, and the moves played since its start position."""

    __slots__ = (
        "_fullmove_start", "_halfmove", "_history", "_key", "_legal", "_moves", "_passed", "_side", "_start_fen",
    )  # fmt: skip

    def __init__(self, fen: str = START_FEN, *, strict: bool = True):
        self.set_fen(fen, strict=strict)

    def set_fen(self, fen: str, *, strict: bool = True) -> None:
        """Start again from a position; raises InvalidFen (the board stays unchanged) or TypeError."""
        position = fen_format.parse(fen)
        if strict and fen != START_FEN:
            validity.check(fen, position)
        self._hold(position.squares)
        self._side = int(position.turn)  # +1 Red, -1 Black
        self._halfmove, self._fullmove_start = position.halfmove, position.fullmove
        self._restart(START_FEN if fen == START_FEN else None)

    def _restart(self, start_fen: str | None = None) -> None:
        """Make the present position the start position."""
        self._history: list[Played] = []
        self._passed: list[tuple[str, int, int, list[Played]]] = []  # what null moves have saved
        self._forget()
        key = BLACK_TO_MOVE if self._side < 0 else 0
        for sq, piece in enumerate(self._squares):
            if piece:
                key ^= KEYS[piece + 7][sq]
        self._key: int = key
        self._start_fen: str = start_fen or self.fen()

    def _forget(self) -> None:
        """Discard the cached legal moves."""
        self._legal: np.ndarray | None = None
        self._moves: tuple[Move, ...] | None = None

    # -------------------------------------------------------------------------------------------- setting up

    @classmethod
    def empty(cls) -> Self:
        """Return a board without pieces, Red to move."""
        new = cls()
        new.clear()
        return new

    def reset(self) -> None:
        """Start again from the start of a game."""
        self.set_fen(START_FEN)

    def clear(self) -> None:
        """Clear all squares, Red to move; the position becomes the start position."""
        self._side, self._history, self._halfmove, self._fullmove_start = 1, [], 0, 1
        super().clear()

    def _edited(self) -> None:
        super()._edited()
        self._fullmove_start = self.fullmove
        self._restart()

    # -------------------------------------------------------------------------------------------- looking

    @property
    def turn(self) -> Color:
        """Return the side to move. Setting it makes the position the start position."""
        return RED if self._side > 0 else BLACK

    @turn.setter
    def turn(self, color: Color) -> None:
        side = int(check_color(color))
        if side != self._side:
            fullmove = self.fullmove
            self._side, self._fullmove_start, self._history = side, fullmove, []
            self._restart()

    @property
    def halfmove(self) -> int:
        """Return the number of plies since the last capture."""
        return self._halfmove

    @property
    def key(self) -> int:
        """Return the Zobrist key of pieces and side to move, 64 bits."""
        return self._key

    @property
    def start_fen(self) -> str:
        """Return the FEN of the position that the moves started from."""
        return self._start_fen

    @property
    def fullmove_start(self) -> int:
        """Return the move number of the start position."""
        return self._fullmove_start

    @property
    def ply(self) -> int:
        """Return the number of moves played since the start position."""
        return len(self._history)

    @property
    def fullmove(self) -> int:
        """Return the move number of FEN, which increases after Black's move."""
        black_began = (self._side < 0) == (len(self._history) % 2 == 0)
        return self._fullmove_start + (len(self._history) + black_began) // 2

    @property
    def history(self) -> tuple[Played, ...]:
        """Return the moves played since the start position, each with the state before it."""
        return tuple(self._history)

    @property
    def move_stack(self) -> list[Move]:
        """Return the moves played since the start position, or since the last null move."""
        return [played.move for played in self._history]

    def fen(self) -> str:
        """Return all six fields; a clock past every limit is written as the default rules count it."""
        clock = self._halfmove if self._halfmove < CLOCK_LIMIT else self._counted_clock()
        return fen_format.write(fen_format.Position(self._squares, self.turn, clock, self.fullmove))

    def _counted_clock(self) -> int:
        """Return the clock as the default rules count it, at most the limit, so that the FEN can be read again."""
        squares, turn, ids = self.since_capture()
        count, free = jit.kernels("chasing").counted_plies, RULESETS[DEFAULT].free_checks
        return min(int(count(squares, int(turn), ids, self._halfmove - len(ids), free)), CLOCK_LIMIT)

    def __eq__(self, other: object) -> bool:
        """Return whether pieces and side to move are the same; the histories may differ."""
        same = isinstance(other, PlayedBoard) and self._squares == other._squares and self._side == other._side
        return same if isinstance(other, PlayedBoard) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # boards change

    # -------------------------------------------------------------------------------------------- legality

    def legal_ids(self) -> np.ndarray:
        """Return the ids of the legal moves, int16, in the generator's order; read-only and cached."""
        ids = self._find_legal()
        ids.setflags(write=False)
        return ids

    def legal_count(self) -> int:
        """Return the number of legal moves, without listing them."""
        return len(self._find_legal() if self._legal is None else self._legal)

    def _find_legal(self) -> np.ndarray:
        if self._legal is None:
            out = np.empty(128, dtype=np.int16)
            count = jit.kernels().legal_ids(self._view, self._side, out) if self._has_kings else 0
            self._legal = out[:count]
        return self._legal

    def legal_list(self) -> tuple[Move, ...]:
        """Return the legal moves in the generator's order, generated once per position."""
        if self._moves is None:
            self._moves = tuple(_MOVES.take(self._find_legal()).tolist())
        return self._moves

    def is_legal(self, move: Move) -> bool:
        """Return whether a move is legal; raises TypeError for anything but a Move."""
        if move.__class__ is not Move or move.id < 0:
            return bool(check_move(move))  # False for the null move
        return bool(jit.kernels().is_legal(self._view, self._side, move.id))

    def is_check(self) -> bool:
        """Return whether the side to move is in check (facing kings included)."""
        return self._has_kings and bool(jit.kernels().in_check(self._view, self._side))

    def threefold_plies(self) -> int | None:
        """Return the plies since the first of the last three occurrences of this position; None if there are fewer.

        Only occurrences since the last capture count.
        """
        history, key, seen = self._history, self._key, 1
        for back in range(4, min(self._halfmove, len(history)) + 1, 2):
            if history[-back].key == key:
                seen += 1
                if seen == 3:
                    return back
        return None

    def since_capture(self) -> tuple[np.ndarray, Color, np.ndarray]:
        """Return the board and side to move after the last capture (or at the start) and the ids of the moves since."""
        squares, since = self.array, self._since_capture()
        for played in reversed(since):
            squares[played.move.from_square], squares[played.move.to_square] = squares[played.move.to_square], 0
        ids = np.array([played.move.id for played in since], dtype=np.int16)
        return squares, self.turn if len(since) % 2 == 0 else self.turn.opponent, ids

    def _since_capture(self) -> list[Played]:
        return self._history[len(self._history) - min(self._halfmove, len(self._history)) :]

    # -------------------------------------------------------------------------------------------- playing

    def push(self, move: Move) -> None:
        """Play a move; raises IllegalMove, or TypeError for anything but a Move.

        A null move passes the turn; it is illegal in check. Until it is taken back, `move_stack` and repetitions start
        afresh, as if the position had been set up; taking it back restores the earlier moves.
        """
        if move.__class__ is not Move or move.id < 0:
            check_move(move)
            self._pass()
        elif jit.kernels().is_legal(self._view, self._side, move.id):
            self.push_unchecked(move)
        else:
            raise notation.illegal(self, move)

    def _pass(self) -> None:
        if self.is_check():
            raise IllegalMove(f"a null move is illegal in check: {self.fen()}", code="move.null")
        before = (*self._passed, (self._start_fen, self._fullmove_start, self._halfmove, self._history))
        self._fullmove_start, self._side = self.fullmove + (self._side < 0), -self._side
        self._halfmove, self._history = self._halfmove + 1, []
        self._restart()
        self._passed = list(before)

    def push_unchecked(self, move: Move) -> None:
        """Play a move known to be legal."""
        try:
            a, b = move.from_square, move.to_square
        except AttributeError:
            check_move(move)
            raise
        if a == b:
            raise IllegalMove("a null move is played with push", code="move.null")
        piece, captured = self._squares[a], self._squares[b]
        # three times as fast as the constructor
        self._history.append(tuple.__new__(Played, (move, captured, self._key, self._halfmove)))
        self._squares[b], self._squares[a] = piece, 0
        keys = KEYS[piece + 7]
        self._key ^= keys[a] ^ keys[b] ^ KEYS[captured + 7][b] ^ BLACK_TO_MOVE
        self._halfmove = 0 if captured else self._halfmove + 1
        self._side = -self._side
        self._legal = self._moves = None

    def pop(self) -> Move:
        """Take the last move back and return it; raises IndexError at the start position."""
        if not self._history and self._passed:
            *before, (start_fen, fullmove_start, halfmove, history) = self._passed
            self._side = -self._side
            self._restart(start_fen)
            self._fullmove_start, self._halfmove = fullmove_start, halfmove
            self._history, self._passed = list(history), before
            return NULL_MOVE
        move, captured, self._key, self._halfmove = self._history.pop()
        self._squares[move.from_square], self._squares[move.to_square] = self._squares[move.to_square], captured
        self._side = -self._side
        self._legal = self._moves = None
        return move

    def peek(self) -> Move:
        """Return the last move; raises IndexError at the start position."""
        return NULL_MOVE if self._passed and not self._history else self._history[-1].move

    def copy(self, *, stack: bool | int = True) -> Self:
        """Return an independent board with the whole history, none of it (False) or its last moves (a number)."""
        new = object.__new__(type(self))
        new._hold(self._squares[:])
        new._side, new._halfmove, new._key = self._side, self._halfmove, self._key
        new._fullmove_start, new._start_fen = self._fullmove_start, self._start_fen
        new._history, new._passed = self._history[:], self._passed[:]
        new._legal, new._moves = self._legal, self._moves
        if stack is not True:
            last = self._history[len(self._history) - min(at_least(stack, 0), len(self._history)) :]
            for _ in last:
                new.pop()
            new._fullmove_start, new._history, new._passed = new.fullmove, [], []
            new._start_fen = new.fen()
            for played in last:
                new.push_unchecked(played.move)
        return new

    def root(self) -> Self:
        """Return a new board at the start position of this one."""
        return type(self)(self._start_fen, strict=False)  # checked when this board was made

    def mirror(self) -> Self:
        """Return the position reflected left to right, with its history."""
        return self._moved(MIRROR, MIRROR_ID, 1)

    def transform(self) -> Self:
        """Return the board turned by 180 degrees with colours swapped: the same game as the other player sees it."""
        return self._moved(HALF_TURN, HALF_TURN_ID, -1)

    def _moved(self, squares: np.ndarray, ids: np.ndarray, sign: int) -> Self:
        """Return the game under a symmetry of the board; `sign` -1 swaps the colours."""
        new = self.root()
        new._hold(array("b", (sign * new._view[squares]).tobytes()))
        new._side *= sign
        new._restart()
        for played in self._history:
            new.push_unchecked(MOVES[ids[played.move.id]])
        return new

    def __reduce__(self) -> tuple:
        return _rebuild, (type(self), self._start_fen, [move.id for move in self.move_stack])


def at_least(value: int, least: int) -> int:
    """Return a whole number that must be at least `least`; raises TypeError or ValueError."""
    if not isinstance(value, int | np.integer):
        raise TypeError(f"expected a number of at least {least}, found {quoted(value)}")
    if value < least:
        raise ValueError(f"expected a number of at least {least}, found {quoted(value)}")
    return int(value)


def _rebuild(kind: type[PlayedBoard], start_fen: str, ids: list[int]) -> PlayedBoard:
    board = kind(start_fen, strict=False)
    for move_id in ids:
        board.push_unchecked(MOVES[move_id])
    return board
