"""The end of a game under each ruleset, judged in the order mate, repetition, move limit, material."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import jit, repetition
from .outcome import Outcome, Termination
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, PAWN, ROOK
from .rulesets import Ruleset, find_ruleset
from .squares import BLACK, RED, Color

if TYPE_CHECKING:
    from .board import Board


def outcome(board: Board, ruleset: str) -> Outcome | None:
    """Return how the game ended, or None while it goes on; raises ValueError for an unknown ruleset."""
    rules = find_ruleset(ruleset)
    if not board.legal_count():
        return _no_move(board)
    clock = board.halfmove
    if clock >= 8 and (ruling := _repetition(board, rules)):
        return ruling
    if clock >= rules.move_limit and counted_plies(board, rules.free_checks) >= rules.move_limit:
        moves = rules.move_limit // 2
        words = (f"{moves} moves of each side without a capture", f"{moves}回合未吃子，自然限着作和")
        return Outcome(None, Termination.MOVE_LIMIT, *words, board.ply)
    if _nobody_can_win(board):
        words = ("neither side has the pieces to force a win", "双方子力均不足以取胜，作和")
        return Outcome(None, Termination.MATERIAL, *words, board.ply)
    return None


def _no_move(board: Board) -> Outcome:
    loser, loser_zh = ("Red", "红方") if board.turn is RED else ("Black", "黑方")
    if board.is_check():
        how, words = Termination.CHECKMATE, (f"{loser} is checkmated", f"{loser_zh}被将死")
    else:
        how, words = Termination.STALEMATE, (f"{loser} has no legal move", f"{loser_zh}被困毙")
    return Outcome(board.turn.opponent, how, *words, board.ply)


def _repetition(board: Board, rules: Ruleset) -> Outcome | None:
    if rules.perpetuals is not None:
        return repetition.judge(board, rules.perpetuals)
    if board.threefold_plies() is None:
        return None
    words = ("the position occurred three times", "同一局面出现三次，不变作和")
    return Outcome(None, Termination.REPETITION, *words, board.ply)


def counted_plies(board: Board, free_checks: int | None) -> int:
    """Return the move-limit clock: after a side's first `free_checks` checks, neither checks nor replies count."""
    if free_checks is None:
        return board.halfmove
    squares, turn, ids = board.since_capture()
    return int(jit.kernels("chasing").counted_plies(squares, int(turn), ids, board.halfmove - len(ids), free_checks))


# ------------------------------------------------------------------------------------------------ material


_STRONG = [bytes([(kind * color) & 0xFF]) for kind in (PAWN, ROOK, HORSE) for color in Color]  # any of these can win


def _nobody_can_win(board: Board) -> bool:
    """Return whether Pikafish's rules call it a draw by material: no pawns and at most one cannon per side."""
    everyone = board.tobytes()
    for piece in _STRONG:
        if piece in everyone:
            return False

    def number(kind: int, color: Color) -> int:
        return everyone.count((kind * color) & 0xFF)

    cannons = {color: number(CANNON, color) for color in Color}
    if not any(cannons.values()):
        return True
    advisors = {color: number(ADVISOR, color) for color in Color}
    elephants = {color: number(ELEPHANT, color) for color in Color}
    if sum(cannons.values()) == 1:
        owner = RED if cannons[RED] else BLACK
        if advisors[owner]:
            return False
        guards, screens = advisors[owner.opponent], elephants[owner]  # what a cannon needs for mate
        if guards == 0 or (guards == 1 and not screens):
            return True
        return not (guards == 2 and screens) and not board.final_moves()
    if cannons[RED] == cannons[BLACK] == 1 and not any(advisors.values()):
        return not any(elephants.values()) or not board.final_moves()
    return False
