"""`Board`: a position with its history, in the manner of python-chess."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from typing import Any, NamedTuple

import numpy as np

from ..errors import IllegalMove, InvalidFen
from . import fen as fen_format
from . import jit, notation, pictures, pieces, rulings
from . import san as algebraic
from .fen import START_FEN
from .moves import BLACK_TO_MOVE, HALF_TURN_ID, KEYS, MIRROR_ID, MOVES, Move
from .outcome import Outcome
from .squares import BLACK, HALF_TURN, MIRROR, RED, SQUARES, Color


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
        return iter(self._board.legal_list())

    def __len__(self) -> int:
        return len(self._board.legal_ids())

    def __bool__(self) -> bool:
        return len(self) > 0

    def __contains__(self, move: object) -> bool:
        return isinstance(move, Move) and self._board.is_legal(move)

    def __repr__(self) -> str:
        return f"<LegalMoves: {', '.join(m.iccs() for m in self)}>"


_MOVES = np.array(MOVES, dtype=object)  # for picking many at once: twice as fast as a comprehension


class Board:
    """A xiangqi position and the moves that led to it from its start position.

    `Board()` is the start of a game, `Board(fen)` any position; raises InvalidFen naming the offending field.
    `strict=False` lets a position pass in which the side that is not to move stands in check: it cannot arise in play,
    but diagrams that only illustrate a notation contain it.
    """

    __slots__ = (
        "_legal", "_men", "_moves", "_played", "_view", "fullmove_start", "halfmove", "key", "start_fen", "turn",
    )  # fmt: skip

    def __init__(self, fen: str = START_FEN, *, strict: bool = True):
        position = fen_format.parse(fen)
        self._men: array = position.men
        self._view = np.frombuffer(self._men, dtype=np.int8)  # the same memory, for kernels
        self.turn: Color = position.turn
        self.halfmove: int = position.halfmove  # plies since the last capture
        self.fullmove_start: int = position.fullmove
        self._played: list[_Played] = []
        self._legal: np.ndarray | None = None  # ids and Moves, found when first asked for
        self._moves: list[Move] | None = None
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
        return pictures.ascii_picture(self)

    def unicode(self) -> str:
        """The board with Chinese characters and coordinates, for a terminal with full-width glyphs."""
        return pictures.unicode_picture(self)

    def svg(self, arrows: Collection[Move] = (), marks: Collection[int] = ()) -> str:
        """A drawing with the last move shaded; `arrows` adds moves, `marks` circles squares."""
        return pictures.svg(self, arrows, marks)

    def _repr_svg_(self) -> str:
        return self.svg()

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

    def legal_list(self) -> list[Move]:
        """The legal moves in the generator's order; kept until the position changes, so copy it before changing it."""
        if self._moves is None:
            self._moves = _MOVES.take(self.legal_ids()).tolist()
        return self._moves

    def is_legal(self, move: Move) -> bool:
        return bool(jit.kernels().is_legal(self._view, int(self.turn), move.id))

    def is_check(self) -> bool:
        """Whether the side to move is in check (facing kings included)."""
        return bool(jit.kernels().in_check(self._view, int(self.turn)))

    def attackers(self, color: Color, sq: int) -> list[int]:
        """Squares of the men of a side that attack a square: that could take an enemy man there, pins aside.

        Men that protect one of their own count as well; kings attack each other along an open file.
        """
        out = np.empty(16, dtype=np.int16)
        return sorted(out[: jit.kernels().attackers(self._view, sq, int(color), out)].tolist())

    def is_attacked(self, color: Color, sq: int) -> bool:
        """Whether any man of a side attacks a square."""
        return bool(self.attackers(color, sq))

    def checkers(self) -> list[int]:
        """Squares of the enemy men that attack the king of the side to move."""
        return self.attackers(self.turn.opponent, self.king(self.turn))

    def pinned(self, color: Color) -> list[int]:
        """Squares of a side's men that stand between its king and a check: most or all of their moves are illegal.

        Before a cannon it takes two men, and both are pinned; a man on the leg of a horse is pinned too.
        """
        pinned, pinners = np.zeros((2, SQUARES), dtype=np.uint8)
        jit.kernels("chasing").pins(self._view, int(color), pinned, pinners)
        return np.flatnonzero(pinned * (self._view * int(color) > 0)).tolist()

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

    def final_moves(self) -> list[Move]:
        """The legal moves that mate or stalemate the opponent at once."""
        out = np.empty(128, dtype=np.int16)
        count = jit.kernels().final_ids(self._view, int(self.turn), out)
        return [MOVES[i] for i in out[:count].tolist()]

    def repetitions(self) -> int:
        """How often the present position (men and side to move) has occurred, this time included."""
        since = self._played[len(self._played) - min(self.halfmove, len(self._played)) :]
        return 1 + sum(played.key == self.key for played in since)

    def repeating_moves(self, times: int = 3) -> list[Move]:
        """The legal moves that bring about a position for at least the `times`-th time since the last capture."""
        since = self._played[len(self._played) - min(self.halfmove, len(self._played)) :]
        counts = Counter(played.key for played in since)
        often = {key for key, seen in counts.items() if seen >= times - 1}
        if not often:
            return []
        quiet = (move for move in self.legal_moves if not self.is_capture(move))
        return [move for move in quiet if self._key_after(move) in often]

    def _key_after(self, move: Move) -> int:
        """The key that a move without capture leads to."""
        keys = KEYS[self._men[move.from_square] + 7]
        return self.key ^ keys[move.from_square] ^ keys[move.to_square] ^ BLACK_TO_MOVE

    def since_capture(self) -> tuple[np.ndarray, Color, np.ndarray]:
        """The men and the side to move after the last capture (or at the start), and the ids of the moves since."""
        plies = min(self.halfmove, len(self._played))
        men, since = self.array, self._played[len(self._played) - plies :]
        for played in reversed(since):
            men[played.move.from_square], men[played.move.to_square] = men[played.move.to_square], 0
        ids = np.array([played.move.id for played in since], dtype=np.int16)
        return men, self.turn if plies % 2 == 0 else self.turn.opponent, ids

    def outcome(self, ruleset: str = "computer") -> Outcome | None:
        """How the game ended, or None while it goes on; raises ValueError for an unknown ruleset.

        Mate and stalemate lose under all. `computer` judges the third occurrence of a position as Pikafish does
        (perpetual check and perpetual chase lose, all else draws), with its 120-ply limit; `asian` (or `wxf`) follows
        the Asian federation's book, `chinese` the national rules, `simple` draws every repetition. See docs/rules.md.
        """
        return rulings.outcome(self, ruleset)

    # -------------------------------------------------------------------------------------------- playing

    def push(self, move: Move) -> None:
        """Play a move; raises IllegalMove."""
        if not jit.kernels().is_legal(self._view, int(self.turn), move.id):
            raise IllegalMove(f"{move.iccs()} is illegal in {self.fen()}")
        self.push_unchecked(move)

    def push_unchecked(self, move: Move) -> None:
        """Play a move that is known to be legal."""
        a, b = move.from_square, move.to_square
        man, taken = self._men[a], self._men[b]
        # the class's own constructor takes three times as long
        self._played.append(tuple.__new__(_Played, (move, taken, self.key, self.halfmove)))
        self._men[b], self._men[a] = man, 0
        keys = KEYS[man + 7]
        self.key ^= keys[a] ^ keys[b] ^ KEYS[taken + 7][b] ^ BLACK_TO_MOVE
        self.halfmove = 0 if taken else self.halfmove + 1
        self.turn = BLACK if self.turn is RED else RED
        self._legal = self._moves = None

    def pop(self) -> Move:
        """Take the last move back and return it; raises IndexError at the start position."""
        move, taken, self.key, self.halfmove = self._played.pop()
        self._men[move.from_square], self._men[move.to_square] = self._men[move.to_square], taken
        self.turn = BLACK if self.turn is RED else RED
        self._legal = self._moves = None
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
        new._legal, new._moves = self._legal, self._moves
        for name in ("turn", "halfmove", "fullmove_start", "key", "start_fen"):
            setattr(new, name, getattr(self, name))
        return new

    def root(self) -> Board:
        """A new board at the start position of this one."""
        return Board(self.start_fen, strict=False)  # it was checked when this board was made

    def mirror(self) -> Board:
        """The position reflected left to right, with its history."""
        return self._moved(MIRROR, MIRROR_ID, 1)

    def transform(self) -> Board:
        """The board turned half round with colours swapped: the same game as the other player sees it."""
        return self._moved(HALF_TURN, HALF_TURN_ID, -1)

    def _moved(self, squares: np.ndarray, ids: np.ndarray, sign: int) -> Board:
        """The game under a symmetry of the board; `sign` -1 swaps the colours."""
        root = self.root()
        men = array("b", (sign * root._view[squares]).tobytes())
        start = fen_format.Position(men, Color(sign * root.turn), root.halfmove, root.fullmove)
        new = Board(fen_format.write(start), strict=False)
        for played in self._played:
            new.push_unchecked(MOVES[ids[played.move.id]])
        return new

    def __reduce__(self) -> tuple:
        return _rebuild, (self.start_fen, [move.id for move in self.move_stack])

    # -------------------------------------------------------------------------------------------- other programs

    @classmethod
    def from_cchess(cls, board: Any) -> Board:
        """From a board of the `cchess` package (anything with `to_fen()`); it knows neither clocks nor history."""
        return cls(board.to_fen())

    def to_cchess(self, make: Callable[[str], Any]) -> Any:
        """To a board of the `cchess` package: pass its class, `board.to_cchess(cchess.ChessBoard)`."""
        return make(self.fen())

    # -------------------------------------------------------------------------------------------- notation

    def parse(self, text: str, style: str | None = None) -> Move:
        """A legal move from ICCS, UCI, WXF or Chinese text; raises InvalidMove, IllegalMove or AmbiguousMove.

        Ranks counted from 1 to 10 need `style="uci10"`; see `notation.STYLES`.
        """
        return notation.parse(self, text, style)

    def write(self, move: Move, style: str) -> str:
        """The text of a move that is legal here, in one of `notation.STYLES`."""
        return notation.write(self, move, style)

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

    def san(self, move: Move, dialect: str = "pychess") -> str:
        """Return the algebraic text of a legal move, `Cbe3`, in one of `rules.san.DIALECTS`; raises IllegalMove."""
        if not self.is_legal(move):
            raise IllegalMove(f"{move.iccs()} is illegal in {self.fen()}")
        return algebraic.write(self, move, dialect)

    def lan(self, move: Move, dialect: str = "pychess") -> str:
        """Return the long algebraic text of a legal move, `Cb3-e3`; raises IllegalMove."""
        if not self.is_legal(move):
            raise IllegalMove(f"{move.iccs()} is illegal in {self.fen()}")
        return algebraic.write(self, move, dialect, long=True)


def _rebuild(start_fen: str, ids: list[int]) -> Board:
    board = Board(start_fen, strict=False)
    for move_id in ids:
        board.push_unchecked(MOVES[move_id])
    return board
