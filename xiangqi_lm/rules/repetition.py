"""Rulings on a position's third occurrence: perpetual check, perpetual chase, or a draw, each with its reason in words.

The procedure is Pikafish's (docs/rules.md tells it step by step). A position carries its key and its moves; which men
checked and chased is worked out only for the moves between the three occurrences, when there are three.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from . import jit, pieces
from .moves import Move
from .outcome import Outcome, Termination
from .squares import BLACK, RED, Color, square_name

if TYPE_CHECKING:
    from .board import Board


@dataclass(frozen=True)
class _Chase:
    """A man under threat: where it stands, what it is, and the men that threaten it."""

    square: int
    prey: int
    hunters: frozenset[int]


@dataclass(frozen=True)
class _Step:
    """One move between the occurrences: the men that give check after it, and whom it newly chases (by identity)."""

    mover: Color
    move: Move
    checkers: frozenset[int] = frozenset()
    chased: dict[int, _Chase] = field(default_factory=dict)


def window(board: Board) -> int | None:
    """Plies from the first of the last three occurrences of this position to now; None if there are not three.

    Counted are the occurrences since the last capture.
    """
    played, key, seen = board._played, board.key, 1
    for back in range(4, min(board.halfmove, len(played)) + 1, 2):
        if played[-back].key == key:
            seen += 1
            if seen == 3:
                return back
    return None


def _unplayed(board: Board, plies: int) -> tuple[np.ndarray, Color]:
    """The men and the side to move `plies` moves ago, none of which was a capture."""
    men, turn = board.array, board.turn
    for played in reversed(board._played[len(board._played) - plies :]):
        men[played.move.from_square], men[played.move.to_square] = men[played.move.to_square], 0
        turn = turn.opponent
    return men, turn


def _check_steps(board: Board, plies: int) -> list[_Step]:
    """The last moves with the men that check after each."""
    kernels = jit.kernels()
    men, turn = _unplayed(board, plies)
    steps = []
    out = np.empty(16, dtype=np.int16)
    for played in board._played[len(board._played) - plies :]:
        move = played.move
        men[move.to_square], men[move.from_square] = men[move.from_square], 0
        king = kernels.king_square(men, -int(turn))
        count = kernels.attackers(men, king, int(turn), out) if kernels.attacked(men, king, int(turn)) else 0
        steps.append(_Step(turn, move, frozenset(int(men[s]) for s in out[:count])))
        turn = turn.opponent
    return steps


def _threats(men: np.ndarray, turn: Color, names: dict[int, int], asian: bool) -> dict[int, _Chase]:
    """Every man that `turn` chases, by identity; `names` maps squares to identities."""
    chasing = jit.kernels("chasing")
    pairs = np.empty((chasing.MOST_CHASES, 2), dtype=np.int16)
    count = chasing.chases(men, int(turn), asian, pairs)
    hunters: dict[int, set[int]] = {}
    for hunter, prey in pairs[:count].tolist():
        hunters.setdefault(prey, set()).add(int(men[hunter]))
    return {names[at]: _Chase(at, int(men[at]), frozenset(who)) for at, who in hunters.items()}


def _chase_steps(board: Board, plies: int, asian: bool) -> list[_Step]:
    """The last moves with the men that each newly chases: chased after it and not just before it."""
    men, turn = _unplayed(board, plies)
    names = {s: s for s in np.flatnonzero(men).tolist()}
    steps = []
    for played in board._played[len(board._played) - plies :]:
        move = played.move
        before = _threats(men, turn, names, asian)
        men[move.to_square], men[move.from_square] = men[move.from_square], 0
        names[move.to_square] = names.pop(move.from_square)
        after = _threats(men, turn, names, asian)
        new = {name: chase for name, chase in after.items() if name not in before}
        steps.append(_Step(turn, move, chased=new))
        turn = turn.opponent
    return steps


def _always_chased(steps: list[_Step], color: Color) -> set[int]:
    """The men that every move of a side newly chases."""
    return set.intersection(*(set(step.chased) for step in steps if step.mover is color))


def judge(board: Board, asian: bool = False) -> Outcome | None:
    """The ruling if the position stands for the third time, else None.

    `asian` judges chases by the Asian federation's text instead: a king or pawn that attacks beside the hunter excuses
    him, and elephants and advisors may attack protected men.
    """
    plies = window(board)
    if plies is None:
        return None
    steps = _check_steps(board, plies)
    checking = [c for c in (RED, BLACK) if all(step.checkers for step in steps if step.mover is c)]
    if checking:
        return _perpetual_check(board, steps, checking)
    if any(step.checkers for step in steps):
        return _draw(board, "neither side checked or chased throughout", "双方均未长将或长捉")
    steps = _chase_steps(board, plies, asian)
    chasing = {c: prey for c in (RED, BLACK) if (prey := _always_chased(steps, c))}
    if len(chasing) == 1:
        ((color, prey),) = chasing.items()
        return _perpetual_chase(board, [step for step in steps if step.mover is color], prey)
    if chasing:
        return _draw(board, "both sides chased throughout", "双方长捉")
    return _draw(board, "neither side checked or chased throughout", "双方均未长将或长捉")


# ------------------------------------------------------------------------------------------------ reasons in words


def _unique(items: Iterable[str]) -> str:
    """Items without repeats, in order, separated by commas."""
    return ", ".join(dict.fromkeys(items))


def _men(men: Iterable[int]) -> tuple[str, str]:
    """Kinds of men in English (`rook and horse`) and Chinese (`车、马`)."""
    kinds = sorted(set(men), key=abs)
    english = [pieces.NAMES[abs(man)] for man in kinds]
    return " and ".join(english), "、".join(pieces.han_name(man) for man in kinds)


def _times(count: int) -> str:
    return "一二三四五六七八九十"[count - 1] if count <= 10 else str(count)


_SIDES = {RED: ("Red", "红"), BLACK: ("Black", "黑")}


def _draw(board: Board, english: str, chinese: str) -> Outcome:
    words = (f"the position occurred three times: {english}", f"同一局面出现三次，{chinese}，不变作和")
    return Outcome(None, Termination.REPETITION, *words, board.ply)


def _perpetual_check(board: Board, steps: list[_Step], checking: list[Color]) -> Outcome:
    if len(checking) == 2:
        return _draw(board, "both sides checked throughout", "双方长将")
    color = checking[0]
    own = [step for step in steps if step.mover is color]
    men, men_zh = _men(man for step in own for man in step.checkers)
    moves = _unique(step.move.iccs() for step in own)
    side, side_zh = _SIDES[color]
    words = (
        f"{side}'s {men} checked with each of {len(own)} moves ({moves}): perpetual check loses",
        f"{side_zh}{men_zh}连续{_times(len(own))}次将军（{moves}），长将作负",
    )
    return Outcome(color.opponent, Termination.PERPETUAL_CHECK, *words, board.ply)


def _perpetual_chase(board: Board, own: list[_Step], prey: set[int]) -> Outcome:
    color = own[0].mover
    chases: Iterator[_Chase] = (step.chased[name] for step in own for name in sorted(prey))
    found = list(chases)
    hunters, hunters_zh = _men(man for chase in found for man in chase.hunters)
    hunted, hunted_zh = _men(chase.prey for chase in found)
    moves, places = _unique(step.move.iccs() for step in own), _unique(square_name(chase.square) for chase in found)
    (side, side_zh), (other, other_zh) = _SIDES[color], _SIDES[color.opponent]
    words = (
        f"{side}'s {hunters} chased {other}'s {hunted} on {places} with each of {len(own)} moves ({moves}): "
        "perpetual chase loses",
        f"{side_zh}{hunters_zh}连续{_times(len(own))}次捉{other_zh}{hunted_zh} {places}（{moves}），长捉作负",
    )
    return Outcome(color.opponent, Termination.PERPETUAL_CHASE, *words, board.ply)
