"""`Board`: a position with its history, in the manner of python-chess."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import numpy as np

from ..errors import quoted
from . import fen as fen_format
from . import jit, notation, pictures, rulings, validity
from .legal_moves import LegalMoves
from .moves import BLACK_TO_MOVE, KEYS, MOVES, NULL_MOVE, Move, check_move
from .outcome import Outcome
from .played_board import PlayedBoard, at_least
from .rulesets import find_ruleset
from .square_set import ALL_SQUARES, SquareSet, found
from .squares import check_square
from .validity import Status


class Board(PlayedBoard):
    """A xiangqi position and the moves that led to it from its start position.

    `Board()` is the start of a game, `Board(fen)` any position; raises InvalidFen naming the offending field.
    `strict=False` also accepts positions where the side not to move is in check or the clock is past every limit: they
    cannot arise in play, but diagrams that only illustrate a notation contain them.
    """

    __slots__ = ()

    # -------------------------------------------------------------------------------------------- setting up

    def status(self) -> Status:
        """Return what is wrong with the position, `Status.VALID` if it can be played."""
        return validity.status(self)

    def is_valid(self) -> bool:
        """Return whether both kings are present and the side not to move is not in check."""
        return self.status() == Status.VALID

    # -------------------------------------------------------------------------------------------- looking

    def epd(self, **operations: object) -> str:
        """Return the first four fields of FEN and operations, `epd(bm=move, id="mate")`; see `fen.write_epd`."""
        return fen_format.write_epd(" ".join(self.fen().split()[:4]), operations)

    def svg(self, arrows: Collection[Move] = (), marks: Iterable[int | str] = ()) -> str:
        """Return a drawing with the last move shaded; `arrows` adds moves, `marks` circles squares."""
        return pictures.svg(self, [check_move(move) for move in arrows], [check_square(sq) for sq in marks])

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return f"Board({self.fen()!r})"

    # -------------------------------------------------------------------------------------------- rules

    @property
    def legal_moves(self) -> LegalMoves:
        """Return the legal moves as a container: iterate, count, test membership."""
        return LegalMoves(self)

    def generate_legal_moves(
        self, from_squares: SquareSet | int | str = ALL_SQUARES, to_squares: SquareSet | int | str = ALL_SQUARES
    ) -> Iterator[Move]:
        """Yield the legal moves from some squares (one, or a set) to some squares."""
        origins, targets = _as_set(from_squares), _as_set(to_squares)
        return (move for move in self.legal_list() if move.from_square in origins and move.to_square in targets)

    def generate_legal_captures(
        self, from_squares: SquareSet | int | str = ALL_SQUARES, to_squares: SquareSet | int | str = ALL_SQUARES
    ) -> Iterator[Move]:
        """Yield the legal moves that take a piece."""
        return (move for move in self.generate_legal_moves(from_squares, to_squares) if self._squares[move.to_square])

    def find_move(self, from_square: int | str, to_square: int | str) -> Move:
        """Return the legal move between two squares; raises IllegalMove, or InvalidMove if no piece moves like that."""
        move = Move.of(from_square, to_square)
        notation.check_legal(self, move)
        return move

    def checkers(self) -> SquareSet:
        """Return the enemy pieces that attack the king of the side to move."""
        king = self.king(self.turn)
        return found(()) if king is None else self.attackers(self.turn.opponent, king)

    def is_capture(self, move: Move) -> bool:
        """Return whether a move would take a piece; a null move does not."""
        return bool(check_move(move)) and self._squares[move.to_square] != 0

    def gives_check(self, move: Move) -> bool:
        """Return whether a legal move attacks the enemy king; raises IllegalMove or TypeError."""
        notation.check_legal(self, move)
        after = self._view.copy()
        after[move.to_square], after[move.from_square] = after[move.from_square], 0
        return bool(jit.kernels().in_check(after, -self._side))

    def is_checkmate(self) -> bool:
        """Return whether the side to move is in check and has no legal move."""
        return self.is_check() and not self.legal_moves

    def is_stalemate(self) -> bool:
        """Return whether there is no legal move and no check: in xiangqi this loses."""
        return self._has_kings and not self.legal_moves and not self.is_check()

    def final_moves(self) -> list[Move]:
        """Return the legal moves that mate or stalemate the opponent at once."""
        if not self._has_kings:
            return []
        out = np.empty(128, dtype=np.int16)
        count = jit.kernels().final_ids(self._view, self._side, out)
        return [MOVES[i] for i in out[:count].tolist()]

    def repetitions(self) -> int:
        """Return how often the present position (pieces and side to move) has occurred, this time included."""
        return 1 + sum(played.key == self._key for played in self._since_capture())

    def is_repetition(self, count: int = 3) -> bool:
        """Return whether the present position has occurred at least `count` times."""
        return self.repetitions() >= at_least(count, 1)

    def repeating_moves(self, times: int = 3) -> list[Move]:
        """Return the legal moves to positions that then occur for at least the `times`-th time since a capture."""
        counts = Counter(played.key for played in self._since_capture())
        often = {key for key, seen in counts.items() if seen >= at_least(times, 2) - 1}
        if not often:
            return []
        quiet = (move for move in self.legal_moves if not self.is_capture(move))
        return [move for move in quiet if self._key_after(move) in often]

    def _key_after(self, move: Move) -> int:
        """Return the key of the position after a move that captures nothing."""
        keys = KEYS[self._squares[move.from_square] + 7]
        return self._key ^ keys[move.from_square] ^ keys[move.to_square] ^ BLACK_TO_MOVE

    def outcome(self, ruleset: str = "computer") -> Outcome | None:
        """Return how the game ended, or None while it goes on; raises ValueError for an unknown ruleset.

        Checkmate and stalemate lose under every ruleset. `computer` judges the third occurrence of a position as
        Pikafish does (perpetual check and perpetual chase lose, all else draws), with its 120-ply limit; `asian` (or
        `wxf`) follows the Asian federation's book, `chinese` the national rules, `simple` draws every repetition. See
        docs/rules.md.
        A position without both kings has no outcome.
        """
        if not isinstance(ruleset, str):
            raise TypeError(f"expected the name of a ruleset, found {quoted(ruleset)}")
        if not self._has_kings:
            find_ruleset(ruleset)  # raises ValueError for an unknown name
            return None
        return rulings.outcome(self, ruleset)

    def is_game_over(self, ruleset: str = "computer") -> bool:
        """Return whether the game has ended under a ruleset."""
        return self.outcome(ruleset) is not None

    def result(self, ruleset: str = "computer") -> str:
        """Return `1-0`, `0-1`, `1/2-1/2`, or `*` while the game goes on."""
        end = self.outcome(ruleset)
        return end.result if end else "*"

    # -------------------------------------------------------------------------------------------- other programs

    @classmethod
    def from_cchess(cls, board: Any) -> Board:
        """Return a board of the `cchess` package (anything with `to_fen()`); it knows neither clocks nor history."""
        if not hasattr(board, "to_fen"):
            raise TypeError(f"expected a board with a method to_fen, found {quoted(board)}")
        return cls(board.to_fen())

    def to_cchess(self, make: Callable[[str], Any]) -> Any:
        """Return a board of the `cchess` package: pass its class, `board.to_cchess(cchess.ChessBoard)`."""
        return make(self.fen())

    # -------------------------------------------------------------------------------------------- notation

    parse = notation.parse
    write = notation.write
    iccs = notation.iccs
    chinese = notation.chinese
    wxf = notation.wxf
    san = notation.algebraic
    lan = notation.long_algebraic
    variation_text = notation.variation_text

    def push_text(self, text: str, style: str | None = None) -> Move:
        """Parse a move in any notation, or in the given one, and play it; raises what `parse` raises."""
        move = self.parse(text, style)
        self.push_unchecked(move)
        return move

    def push_uci(self, text: str) -> Move:
        """Play a move in UCI or UCCI notation, `h2e2`; `0000` is the null move.

        Raises InvalidMove, IllegalMove or TypeError.
        """
        if text == NULL_MOVE.iccs():
            self.push(NULL_MOVE)
            return NULL_MOVE
        return self.push_text(text, "uci")

    def push_san(self, text: str) -> Move:
        """Play a move in pychess's algebraic notation, `Che3`; raises what `parse` raises."""
        return self.push_text(text, "san")


def _as_set(squares: SquareSet | int | str) -> SquareSet:
    return squares if isinstance(squares, SquareSet) else SquareSet([squares])
