"""When a player resigns, and when it offers or accepts a draw: judged by its scores, the same wherever it plays."""

from __future__ import annotations

from dataclasses import replace

from ..rules.board import Board
from ..rules.outcome import Outcome, Termination
from ..rules.squares import BLACK, RED, Color
from .player import Choice, Manners

HOPELESS, HOPELESS_MOVES = 0.03, 4  # a player resigns after this many moves in a row with a lower expected score
EVEN, EVEN_MOVES, EVEN_PLY = 0.04, 8, 80  # it offers a draw after as many within EVEN of one half, from that ply on
ACCEPTS_PLY = 30  # from this ply on it accepts a draw if it expects at most EVEN above one half


def expected(choice: Choice | None) -> float | None:
    """Return the expected score of the player that made a choice, if it gives one."""
    return choice.score.expectation() if choice is not None and choice.score is not None else None


def plies_of(board: Board) -> int:
    """Return the plies played by the FEN's count of moves, including those before a set-up position."""
    return 2 * (board.fullmove - 1) + (board.turn is BLACK)


class Temper:
    """Follows the expectations of the players of one game. Moves may be taken back and positions judged again; a side
    that did not move two plies before starts again."""

    def __init__(self) -> None:
        self._streaks: dict[int, tuple[int, int]] = {}  # by ply: hopeless moves in a row, and even ones

    def judged(self, board: Board, choice: Choice, manners: Manners) -> Choice:
        """Return a choice for the side to move with what its manners add: that it resigns, offers a draw or accepts
        one. What another program says counts as well as its scores.
        """
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
    """Return the outcome when a side resigns."""
    words = ("Red resigned", "红方认输") if loser is RED else ("Black resigned", "黑方认输")
    return Outcome(loser.opponent, Termination.RESIGNATION, *words, ply)


def agreed(ply: int) -> Outcome:
    """Return the outcome when both sides agree to a draw."""
    return Outcome(None, Termination.AGREEMENT, "draw by agreement", "双方议和", ply)
