"""When a player resigns, and when it offers or accepts a draw: by its scores, the same wherever it plays."""

from __future__ import annotations

from dataclasses import replace

from ..rules.board import Board
from ..rules.outcome import Outcome, Termination
from ..rules.squares import BLACK, RED, Color
from .player import Choice, Manners

HOPELESS, HOPELESS_MOVES = 0.03, 4  # a player resigns after this many moves in a row at a lower expected score
EVEN, EVEN_MOVES, EVEN_PLY = 0.04, 8, 80  # it offers a draw after as many within EVEN of one half, from that ply on
ACCEPTS_PLY = 30  # from which on it accepts one where it expects no more than EVEN above one half


def expected(choice: Choice | None) -> float | None:
    """Return the expected score of whoever made a choice, where its player says something of that."""
    return choice.score.expectation() if choice is not None and choice.score is not None else None


def plies_of(board: Board) -> int:
    """Return how many plies were played by the count of moves in the FEN, moves before a set-up position included."""
    return 2 * (board.fullmove - 1) + (board.turn is BLACK)


class Temper:
    """Follows what the players of one game expect. Moves may be taken back, and a position judged again; where a side
    did not move two plies before, it begins anew."""

    def __init__(self) -> None:
        self._streaks: dict[int, tuple[int, int]] = {}  # by ply: moves in a row without hope, and even ones

    def judged(self, board: Board, choice: Choice, manners: Manners) -> Choice:
        """Return a choice for the side to move with what its manners let it add: that it resigns, and what it makes of
        a draw. What another program said counts as well as its scores."""
        ply, hope = plies_of(board), expected(choice)
        hopeless, even = self._streaks.get(ply - 2, (0, 0))
        hopeless = hopeless + 1 if hope is not None and hope < HOPELESS else 0
        even = even % EVEN_MOVES + 1 if hope is not None and abs(hope - 0.5) < EVEN and ply >= EVEN_PLY else 0
        self._streaks = {p: streak for p, streak in self._streaks.items() if p < ply} | {ply: (hopeless, even)}
        draw = ""
        if even == EVEN_MOVES or choice.draw == "offers":
            draw = "offers"
        elif hope is not None and hope <= 0.5 + EVEN and ply >= ACCEPTS_PLY:
            draw = "accepts"
        resigns = choice.resigns or hopeless >= HOPELESS_MOVES
        return replace(choice, resigns=bool(manners.resign and resigns), draw=draw if manners.draw else "")


def resigned(loser: Color, ply: int) -> Outcome:
    """Return the end of a game that a side resigns."""
    words = ("Red resigned", "红方认输") if loser is RED else ("Black resigned", "黑方认输")
    return Outcome(loser.opponent, Termination.RESIGNATION, *words, ply)


def agreed(ply: int) -> Outcome:
    """Return the end of a game that both sides agree to draw."""
    return Outcome(None, Termination.AGREEMENT, "draw by agreement", "双方议和", ply)
