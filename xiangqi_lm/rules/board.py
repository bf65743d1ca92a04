"""`Board`: a position with its history, in the manner of python-chess."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..errors import IllegalMove, InvalidFen
from . import fen as fen_format
from . import jit, notation, pieces
from .fen import START_FEN
from .moves import MIRROR_ID, MOVES, Move
from .outcome import Outcome, Termination
from .squares import BLACK, FILES, RANKS, RED, SQUARES, Color, mirror
from .zobrist import BLACK_TO_MOVE, KEYS

MOVE_LIMIT = 120  # plies without a capture
RULESETS = ("simple",)  # threefold repetition is a draw


class _Played(NamedTuple):
    """What pop() needs to undo a move."""

    move: Move
    taken: int
    key: int
    halfmove: int


class LegalMoves:
    """The legal moves of a board as a container: iterate, count, test membership; found when first needed."""

    __slots__ = ("_board",)

    def __init__(self, board: Board):
        self._board = board

    def __iter__(self) -> Iterator[Move]:
        return iter([MOVES[i] for i in self._board.legal_ids().tolist()])

    def __len__(self) -> int:
        return len(self._board.legal_ids())

    def __bool__(self) -> bool:
        return len(self) > 0

    def __contains__(self, move: object) -> bool:
        return isinstance(move, Move) and self._board.is_legal(move)

    def __repr__(self) -> str:
        return f"<LegalMoves: {', '.join(m.iccs() for m in self)}>"


class Board:
    """A xiangqi position and the moves that led to it from its start position.

    `Board()` is the start of a game, `Board(fen)` any position; raises InvalidFen naming the offending field.
    `strict=False` lets a position pass in which the side that is not to move stands in check: it cannot arise in play,
    but diagrams that only illustrate a notation contain it.
    """

    __slots__ = ("_legal", "_men", "_played", "_view", "fullmove_start", "halfmove", "key", "start_fen", "turn")

    def __init__(self, fen: str = START_FEN, *, strict: bool = True):
        position = fen_format.parse(fen)
        self._men: array = position.men
        self._view = np.frombuffer(self._men, dtype=np.int8)  # the same memory, for kernels
        self.turn: Color = position.turn
        self.halfmove: int = position.halfmove  # plies since the last capture
        self.fullmove_start: int = position.fullmove
        self._played: list[_Played] = []
        self._legal: np.ndarray | None = None
        self.key: int = self._full_key()  # Zobrist key of men and side to move
        self.start_fen: str = START_FEN if fen == START_FEN else self.fen()
        if strict and fen != START_FEN and jit.kernels().in_check(self._view, -int(self.turn)):
            idle = "Black" if self.turn is RED else "Red"
            raise InvalidFen(f"FEN {fen!r}: side to move: {idle} stands in check though it is not to move")

    def _full_key(self) -> int:
        key = BLACK_TO_MOVE if self.turn is BLACK else 0
        for sq, piece in enumerate(self._men):
            if piece:
                key ^= KEYS[piece + 7][sq]
        return key

    # -------------------------------------------------------------------------------------------- looking

    @property
    def ply(self) -> int:
        """Moves played since the start position."""
        return len(self._played)

    @property
    def fullmove(self) -> int:
        """The move number of FEN: it grows after Black's move."""
        black_began = (self.turn is BLACK) == (len(self._played) % 2 == 0)
        return self.fullmove_start + (len(self._played) + black_began) // 2

    @property
    def array(self) -> np.ndarray:
        """The men as int8 [90]; a copy."""
        return self._view.copy()

    @property
    def move_stack(self) -> list[Move]:
        """The moves played since the start position."""
        return [played.move for played in self._played]

    def piece_at(self, sq: int) -> int:
        """The piece on a square: 0 empty, positive Red, negative Black (see `pieces`)."""
        return self._men[sq]

    def piece_map(self) -> dict[int, int]:
        """Square -> piece for all men on the board."""
        return {sq: piece for sq, piece in enumerate(self._men) if piece}

    def king(self, color: Color) -> int:
        """The square of that side's king."""
        return self._men.index(color * pieces.KING)

    def fen(self) -> str:
        """All six fields."""
        return fen_format.write(fen_format.Position(self._men, self.turn, self.halfmove, self.fullmove))

    def __str__(self) -> str:
        rows = (self._men[rank * FILES : rank * FILES + FILES] for rank in range(RANKS - 1, -1, -1))
        return "\n".join(" ".join(pieces.letter(p) for p in row) for row in rows)

    def __repr__(self) -> str:
        return f"Board({self.fen()!r})"

    def __eq__(self, other: object) -> bool:
        """Same men and side to move; the histories may differ."""
        return self._men == other._men and self.turn is other.turn if isinstance(other, Board) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # boards change

    # -------------------------------------------------------------------------------------------- rules

    @property
    def legal_moves(self) -> LegalMoves:
        return LegalMoves(self)

    def legal_ids(self) -> np.ndarray:
        """Ids of the legal moves, int16, in the generator's order; kept until the position changes."""
        if self._legal is None:
            out = np.empty(128, dtype=np.int16)
            count = jit.kernels().legal_ids(self._view, int(self.turn), out)
            self._legal = out[:count]
        return self._legal

    def is_legal(self, move: Move) -> bool:
        return bool(jit.kernels().is_legal(self._view, int(self.turn), move.id))

    def is_check(self) -> bool:
        """Whether the side to move is in check (facing kings included)."""
        return bool(jit.kernels().in_check(self._view, int(self.turn)))

    def checkers(self) -> list[int]:
        """Squares of the enemy men that attack the king of the side to move."""
        if not self.is_check():
            return []
        enemy, king, found = -int(self.turn), self.king(self.turn), []
        blockers = np.where(np.sign(self._view) == enemy, enemy * pieces.ELEPHANT, self._view).astype(np.int8)
        for sq in np.flatnonzero(np.sign(self._view) == enemy).tolist():
            alone = blockers.copy()  # all other enemies are harmless and only stand in the way
            alone[sq] = self._men[sq]
            if jit.kernels().attacked(alone, king, enemy):
                found.append(sq)
        return found

    def is_capture(self, move: Move) -> bool:
        return self._men[move.to_square] != 0

    def gives_check(self, move: Move) -> bool:
        """Whether a legal move attacks the enemy king."""
        men = self._view.copy()
        men[move.to_square], men[move.from_square] = men[move.from_square], 0
        return bool(jit.kernels().in_check(men, -int(self.turn)))

    def is_checkmate(self) -> bool:
        return not self.legal_moves and self.is_check()

    def is_stalemate(self) -> bool:
        """No legal move and no check: in xiangqi this loses."""
        return not self.legal_moves and not self.is_check()

    def repetitions(self) -> int:
        """How often the present position (men and side to move) has occurred, this time included."""
        since = self._played[len(self._played) - min(self.halfmove, len(self._played)) :]
        return 1 + sum(played.key == self.key for played in since)

    def outcome(self, ruleset: str = "simple") -> Outcome | None:
        """How the game ended, or None while it goes on.

        `simple`: mate and stalemate lose; the third occurrence of a position and 120 plies without a capture draw.
        """
        if ruleset not in RULESETS:
            raise ValueError(f"no ruleset {ruleset!r}: known are {', '.join(RULESETS)}")
        if not self.legal_moves:
            loser, loser_zh = ("Red", "红方") if self.turn is RED else ("Black", "黑方")
            if self.is_check():
                how, words = Termination.CHECKMATE, (f"{loser} is checkmated", f"{loser_zh}被将死")
            else:
                how, words = Termination.STALEMATE, (f"{loser} has no legal move", f"{loser_zh}被困毙")
            return Outcome(self.turn.opponent, how, *words, self.ply)
        if self.repetitions() >= 3:
            words = ("the position occurred three times", "同一局面出现三次，不变作和")
            return Outcome(None, Termination.REPETITION, *words, self.ply)
        if self.halfmove >= MOVE_LIMIT:
            words = (f"{MOVE_LIMIT} plies without a capture", f"{MOVE_LIMIT // 2}回合未吃子，自然限着作和")
            return Outcome(None, Termination.MOVE_LIMIT, *words, self.ply)
        return None

    # -------------------------------------------------------------------------------------------- playing

    def push(self, move: Move) -> None:
        """Play a move; raises IllegalMove."""
        if not self.is_legal(move):
            raise IllegalMove(f"{move.iccs()} is illegal in {self.fen()}")
        self.push_unchecked(move)

    def push_unchecked(self, move: Move) -> None:
        """Play a move that is known to be legal."""
        a, b = move.from_square, move.to_square
        man, taken = self._men[a], self._men[b]
        self._played.append(_Played(move, taken, self.key, self.halfmove))
        self._men[b], self._men[a] = man, 0
        keys = KEYS[man + 7]
        self.key ^= keys[a] ^ keys[b] ^ KEYS[taken + 7][b] ^ BLACK_TO_MOVE
        self.halfmove = 0 if taken else self.halfmove + 1
        self.turn = BLACK if self.turn is RED else RED
        self._legal = None

    def pop(self) -> Move:
        """Take the last move back and return it; raises IndexError at the start position."""
        move, taken, self.key, self.halfmove = self._played.pop()
        self._men[move.from_square], self._men[move.to_square] = self._men[move.to_square], taken
        self.turn = BLACK if self.turn is RED else RED
        self._legal = None
        return move

    def peek(self) -> Move:
        """The last move; raises IndexError at the start position."""
        return self._played[-1].move

    def copy(self) -> Board:
        """An independent board with the same history."""
        new = object.__new__(Board)
        new._men = self._men[:]
        new._view = np.frombuffer(new._men, dtype=np.int8)
        new._played = self._played[:]
        new._legal = self._legal
        for name in ("turn", "halfmove", "fullmove_start", "key", "start_fen"):
            setattr(new, name, getattr(self, name))
        return new

    def root(self) -> Board:
        """A new board at the start position of this one."""
        return Board(self.start_fen)

    def mirror(self) -> Board:
        """The position reflected left to right, with its history."""
        new = self.root()._reflected()
        for move in self.move_stack:
            new.push_unchecked(MOVES[MIRROR_ID[move.id]])
        return new

    def _reflected(self) -> Board:
        men = array("b", (self._men[mirror(s)] for s in range(SQUARES)))
        return Board(fen_format.write(fen_format.Position(men, self.turn, self.halfmove, self.fullmove)))

    def __reduce__(self) -> tuple:
        return _rebuild, (self.start_fen, [move.id for move in self.move_stack])

    # -------------------------------------------------------------------------------------------- notation

    def parse(self, text: str) -> Move:
        """A legal move from ICCS, UCI or Chinese text; raises InvalidMove, IllegalMove or AmbiguousMove."""
        return notation.parse(self, text)

    def push_text(self, text: str) -> Move:
        """Parse and play."""
        move = self.parse(text)
        self.push_unchecked(move)
        return move

    def iccs(self, move: Move) -> str:
        """`h2e2`."""
        return move.iccs()

    def chinese(self, move: Move, traditional: bool = False) -> str:
        """`炮二平五`; for a move that is legal here."""
        return notation.write_chinese(self, move, traditional)

    def wxf(self, move: Move) -> str:
        """`C2.5`; for a move that is legal here."""
        return notation.write_wxf(self, move)


def _rebuild(start_fen: str, ids: list[int]) -> Board:
    board = Board(start_fen)
    for move_id in ids:
        board.push_unchecked(MOVES[move_id])
    return board
