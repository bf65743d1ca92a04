"""When a game is over, under each set of rules; the order is mate, repetition, move limit, material."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import jit, repetition
from .outcome import Outcome, Termination
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, PAWN, ROOK
from .squares import BLACK, RED, Color

if TYPE_CHECKING:
    from .board import Board


@dataclass(frozen=True)
class Ruleset:
    """What rule books differ in.

    `perpetuals` is None (any threefold repetition draws), "computer" or "asian". `move_limit` counts plies without a
    capture; of each side's checks only the first `free_checks` count (None: all do). `material` draws games that
    nobody can win.
    """

    perpetuals: str | None
    move_limit: int
    free_checks: int | None
    material: bool


RULESETS = {
    "computer": Ruleset("computer", move_limit=120, free_checks=10, material=True),  # as Pikafish judges
    "asian": Ruleset("asian", move_limit=100, free_checks=10, material=False),  # the Asian Xiangqi Federation's
    "simple": Ruleset(None, move_limit=120, free_checks=None, material=False),
}


def outcome(board: Board, ruleset: str) -> Outcome | None:
    """How the game ended, or None while it goes on; raises ValueError for an unknown ruleset."""
    if ruleset not in RULESETS:
        raise ValueError(f"no ruleset {ruleset!r}: known are {', '.join(RULESETS)}")
    rules = RULESETS[ruleset]
    if not len(board.legal_ids()):
        return _no_move(board)
    if board.halfmove >= 8 and (ruling := _repetition(board, rules)):
        return ruling
    if board.halfmove >= rules.move_limit and _counted_plies(board, rules.free_checks) >= rules.move_limit:
        moves = rules.move_limit // 2
        words = (f"{moves} moves of each side without a capture", f"{moves}回合未吃子，自然限着作和")
        return Outcome(None, Termination.MOVE_LIMIT, *words, board.ply)
    if rules.material and _nobody_can_win(board):
        words = ("neither side has the men to force a win", "双方子力均不足以取胜，作和")
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
        return repetition.judge(board, asian=rules.perpetuals == "asian")
    if repetition.window(board) is None:
        return None
    words = ("the position occurred three times", "同一局面出现三次，不变作和")
    return Outcome(None, Termination.REPETITION, *words, board.ply)


def _counted_plies(board: Board, free_checks: int | None) -> int:
    """The move-limit clock: from a side's check number `free_checks` + 1 on, neither checks nor replies count."""
    if free_checks is None:
        return board.halfmove
    men, turn, ids = board.since_capture()
    return int(jit.kernels("chasing").counted_plies(men, int(turn), ids, board.halfmove - len(ids), free_checks))


# ------------------------------------------------------------------------------------------------ material


_STRONG = [bytes([(kind * color) & 0xFF]) for kind in (PAWN, ROOK, HORSE) for color in Color]  # with any of these: play


def _nobody_can_win(board: Board) -> bool:
    """Pikafish's draws by material: no pawn is left, and at most one cannon a side."""
    everyone = board._men.tobytes()
    for man in _STRONG:
        if man in everyone:
            return False

    def men(kind: int, color: Color) -> int:
        return everyone.count((kind * color) & 0xFF)

    cannons = {color: men(CANNON, color) for color in Color}
    if not any(cannons.values()):
        return True
    advisors = {color: men(ADVISOR, color) for color in Color}
    elephants = {color: men(ELEPHANT, color) for color in Color}
    if sum(cannons.values()) == 1:
        owner = RED if cannons[RED] else BLACK
        if advisors[owner]:
            return False
        guards, screens = advisors[owner.opponent], elephants[owner]  # the men a cannon needs to mate with
        if guards == 0 or (guards == 1 and not screens):
            return True
        return not (guards == 2 and screens) and not board.final_moves()
    if cannons[RED] == cannons[BLACK] == 1 and not any(advisors.values()):
        return not any(elephants.values()) or not board.final_moves()
    return False
