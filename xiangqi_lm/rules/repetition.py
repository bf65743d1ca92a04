"""Rulings on a position's third occurrence: perpetual check, perpetual chase, or a draw, each with its reason.

`judge` supports three procedures, described step by step in docs/rules.md: the computer rule (Pikafish's), the Asian
federation's and the Chinese association's. Checks and chases are worked out only once a position has occurred three
times, and only for the moves between these occurrences.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from . import jit, reasons
from .moves import Move
from .outcome import Outcome
from .pieces import ROOK
from .squares import BLACK, RED, Color

if TYPE_CHECKING:
    from .board import Board


@dataclass(frozen=True)
class Chase:
    """A piece under threat: its square, its kind, the pieces that threaten it, and whether a horse pins it."""

    square: int
    prey: int
    hunters: frozenset[int]
    held: bool = False  # a rook on the leg of a horse that would give check, so that it cannot escape


@dataclass(frozen=True)
class Step:
    """A move between the occurrences, the pieces that give check after it and those it newly chases (by identity)."""

    mover: Color
    move: Move
    checkers: frozenset[int] = frozenset()
    chased: dict[int, Chase] = field(default_factory=dict)
    mates: bool = False  # it threatens mate with the next move

    @property
    def forbidden(self) -> bool:
        """Return whether the Chinese rules forbid a side from playing only such moves."""
        return bool(self.checkers or self.chased or self.mates)


def judge(board: Board, perpetuals: str) -> Outcome | None:
    """Return the ruling on a position's third occurrence, else None; `perpetuals` is a key of `PROCEDURES`."""
    plies = board.threefold_plies()
    return None if plies is None else PROCEDURES[perpetuals](board, plies)


# ------------------------------------------------------------------------------------------------ the procedures


def _judge_computer(board: Board, plies: int) -> Outcome:
    """Return Pikafish's ruling: chases count only if no move of the cycle gave check."""
    steps = _check_steps(board, plies)
    if ruling := _perpetual_check(board, steps):
        return ruling
    if any(step.checkers for step in steps):
        return reasons.draw(board, "neither side checked or chased throughout", "双方均未长将或长捉")
    return _perpetual_chase(board, _with_standing_chases(board, steps))


def _judge_asian(board: Board, plies: int) -> Outcome:
    """Return the Asian federation's ruling, by the diagrams of its book: each side is judged by its own moves."""
    steps = _check_steps(board, plies)
    return _perpetual_check(board, steps) or _perpetual_chase(board, _with_new_threats(board, steps, guards=False))


def _judge_chinese(board: Board, plies: int) -> Outcome:
    """Return the Chinese association's ruling: checking, chasing or threatening mate with every move is forbidden."""
    steps = _check_steps(board, plies)
    if ruling := _perpetual_check(board, steps):
        return ruling
    steps = _with_mate_threats(board, _with_new_threats(board, steps, guards=True))
    forbidden = [c for c in (RED, BLACK) if all(step.forbidden for step in steps if step.mover is c)]
    if len(forbidden) == 1:
        color = forbidden[0]
        return reasons.perpetual_attack(board, [step for step in steps if step.mover is color])
    if forbidden:
        return reasons.draw(board, "both sides' moves are forbidden", "双方均为禁止着法")
    return reasons.draw(board, "neither side's moves are forbidden", "双方均为允许着法")


PROCEDURES: dict[str, Callable[[Board, int], Outcome]] = {
    "computer": _judge_computer, "asian": _judge_asian, "chinese": _judge_chinese,
}  # fmt: skip


def _perpetual_check(board: Board, steps: list[Step]) -> Outcome | None:
    """Return the ruling if a side gave check with each of its moves, else None."""
    checking = [c for c in (RED, BLACK) if all(step.checkers for step in steps if step.mover is c)]
    if len(checking) == 2:
        return reasons.draw(board, "both sides checked throughout", "双方长将")
    if checking:
        return reasons.perpetual_check(board, [step for step in steps if step.mover is checking[0]])
    return None


def _perpetual_chase(board: Board, steps: list[Step]) -> Outcome:
    """Return the ruling on sides that chased the same piece with each of their moves."""
    sides = {c: [step for step in steps if step.mover is c] for c in (RED, BLACK)}
    chasing = {c: prey for c, own in sides.items() if (prey := set.intersection(*(set(step.chased) for step in own)))}
    if len(chasing) == 2:  # chasing a rook that a horse pins is a fault even then
        held = {c: {p for p in prey if all(step.chased[p].held for step in sides[c])} for c, prey in chasing.items()}
        if sum(map(bool, held.values())) != 1:
            return reasons.draw(board, "both sides chased throughout", "双方长捉")
        chasing = {c: prey for c, prey in held.items() if prey}
    if not chasing:
        return reasons.draw(board, "neither side checked or chased throughout", "双方均未长将或长捉")
    ((color, prey),) = chasing.items()
    return reasons.perpetual_chase(board, sides[color], prey)


# ------------------------------------------------------------------------------------------------ what moves did


def _unplayed(board: Board, plies: int) -> np.ndarray:
    """Return the board of `plies` moves ago; none of these moves was a capture."""
    squares = board.array
    for played in reversed(board.history[len(board.history) - plies :]):
        move = played.move
        squares[move.from_square], squares[move.to_square] = squares[move.to_square], 0
    return squares


def _play(squares: np.ndarray, move: Move) -> None:
    squares[move.to_square], squares[move.from_square] = squares[move.from_square], 0


def _check_steps(board: Board, plies: int) -> list[Step]:
    """Return the last moves with the pieces that give check after each."""
    kernels = jit.kernels()
    squares, turn = _unplayed(board, plies), board.turn if plies % 2 == 0 else board.turn.opponent
    steps = []
    out = np.empty(16, dtype=np.int16)
    for played in board.history[len(board.history) - plies :]:
        _play(squares, played.move)
        king = kernels.king_square(squares, -int(turn))
        count = kernels.attackers(squares, king, int(turn), out) if kernels.attacked(squares, king, int(turn)) else 0
        steps.append(Step(turn, played.move, frozenset(int(squares[s]) for s in out[:count])))
        turn = turn.opponent
    return steps


def _gathered(squares: np.ndarray, pairs: np.ndarray, names: dict[int, int]) -> dict[int, Chase]:
    """Return the victims of (hunter, victim) squares by identity; `names` maps squares to identities."""
    hunters: dict[int, set[int]] = {}
    for hunter, prey in pairs.tolist():
        hunters.setdefault(prey, set()).add(int(squares[hunter]))
    return {names[at]: Chase(at, int(squares[at]), frozenset(who)) for at, who in hunters.items()}


def _with_standing_chases(board: Board, steps: list[Step]) -> list[Step]:
    """Return the moves with the pieces that each newly chases: chased after it, and by no piece before it."""
    chasing = jit.chase_kernels()
    squares = _unplayed(board, len(steps))
    names = {s: s for s in np.flatnonzero(squares).tolist()}
    pairs = np.empty((chasing.MOST_CHASES, 2), dtype=np.int16)

    def chases(turn: Color) -> dict[int, Chase]:
        return _gathered(squares, pairs[: chasing.chases(squares, int(turn), pairs)], names)

    done = []
    for step in steps:
        before = chases(step.mover)
        _play(squares, step.move)
        names[step.move.to_square] = names.pop(step.move.from_square)
        new = {name: chase for name, chase in chases(step.mover).items() if name not in before}
        done.append(replace(step, chased=new))
    return done


def _with_new_threats(board: Board, steps: list[Step], guards: bool) -> list[Step]:
    """Return the moves with the pieces that each newly chases, judged by pairs of hunter and victim.

    `guards`: attacks by advisors and elephants on protected pieces count too.
    """
    chasing = jit.chase_kernels()
    squares = _unplayed(board, len(steps))
    names = {s: s for s in np.flatnonzero(squares).tolist()}
    pairs = np.empty((chasing.MOST_CHASES, 2), dtype=np.int16)
    done = []
    for step in steps:
        start, end = step.move.from_square, step.move.to_square
        count = chasing.threats_made(squares, int(step.mover), start, end, guards, pairs)
        _play(squares, step.move)
        names[end] = names.pop(start)
        chased = _gathered(squares, pairs[:count], names)
        for name, chase in chased.items():
            if abs(chase.prey) == ROOK and chasing.held_by_horse(squares, -int(step.mover), chase.square):
                chased[name] = replace(chase, held=True)
        done.append(replace(step, chased=chased))
    return done


def _with_mate_threats(board: Board, steps: list[Step]) -> list[Step]:
    """Return the moves with `mates` set where they threaten mate in one; checks are not examined."""
    final_ids = jit.kernels().final_ids
    squares = _unplayed(board, len(steps))
    out = np.empty(128, dtype=np.int16)
    done = []
    for step in steps:
        _play(squares, step.move)
        mates = not step.checkers and final_ids(squares, int(step.mover), out) > 0
        done.append(replace(step, mates=bool(mates)))
    return done
