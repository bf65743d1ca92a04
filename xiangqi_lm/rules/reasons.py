"""The wording of rulings on repetition, in English and Chinese."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from . import pieces
from .outcome import Outcome, Termination
from .squares import BLACK, RED, square_name

if TYPE_CHECKING:
    from .board import Board
    from .repetition import Step

_SIDES = {RED: ("Red", "红"), BLACK: ("Black", "黑")}


def _unique(items: Iterable[str]) -> str:
    """Return the items without duplicates, in order, separated by commas."""
    return ", ".join(dict.fromkeys(items))


def _kinds(found: Iterable[int]) -> tuple[str, str]:
    """Return kinds of pieces in English (`rook and horse`) and Chinese (`车、马`)."""
    kinds = sorted(set(found), key=abs)
    english = [pieces.NAMES[abs(piece)] for piece in kinds]
    return " and ".join(english), "、".join(pieces.han_name(piece) for piece in kinds)


def _times(count: int) -> str:
    return "一二三四五六七八九十"[count - 1] if count <= 10 else str(count)


def draw(board: Board, english: str, chinese: str) -> Outcome:
    """Return a draw by repetition with a reason in both languages."""
    words = (f"the position occurred three times: {english}", f"同一局面出现三次，{chinese}，不变作和")
    return Outcome(None, Termination.REPETITION, *words, board.ply)


def perpetual_check(board: Board, own: Sequence[Step]) -> Outcome:
    """Return the loss of the side whose moves `own` all gave check."""
    color = own[0].mover
    checkers, checkers_zh = _kinds(piece for step in own for piece in step.checkers)
    moves = _unique(step.move.iccs() for step in own)
    side, side_zh = _SIDES[color]
    words = (
        f"{side}'s {checkers} checked with each of {len(own)} moves ({moves}): perpetual check loses",
        f"{side_zh}{checkers_zh}连续{_times(len(own))}次将军（{moves}），长将作负",
    )
    return Outcome(color.opponent, Termination.PERPETUAL_CHECK, *words, board.ply)


def perpetual_chase(board: Board, own: Sequence[Step], prey: set[int]) -> Outcome:
    """Return the loss of the side whose moves `own` each newly chased the pieces `prey` (by identity)."""
    color = own[0].mover
    found = [step.chased[name] for step in own for name in sorted(prey)]
    hunters, hunters_zh = _kinds(piece for chase in found for piece in chase.hunters)
    hunted, hunted_zh = _kinds(chase.prey for chase in found)
    moves, places = _unique(step.move.iccs() for step in own), _unique(square_name(chase.square) for chase in found)
    (side, side_zh), (other, other_zh) = _SIDES[color], _SIDES[color.opponent]
    held, held_zh = (", held by a horse,", "（被马牵制）") if all(chase.held for chase in found) else ("", "")
    words = (
        f"{side}'s {hunters} chased {other}'s {hunted} on {places}{held} with each of {len(own)} moves ({moves}): "
        "perpetual chase loses",
        f"{side_zh}{hunters_zh}连续{_times(len(own))}次捉{other_zh}{hunted_zh} {places}{held_zh}（{moves}），长捉作负",
    )
    return Outcome(color.opponent, Termination.PERPETUAL_CHASE, *words, board.ply)


def _attack(step: Step) -> tuple[str, str]:
    """Return what a forbidden move did: `chases the rook on a5`, `捉 a5 车`."""
    if step.checkers:
        return "checks", "将"
    if step.chased:
        chase = min(step.chased.values(), key=lambda chase: chase.square)
        place = square_name(chase.square)
        return f"chases the {pieces.NAMES[abs(chase.prey)]} on {place}", f"捉 {place} {pieces.han_name(chase.prey)}"
    return "threatens mate", "杀"


def perpetual_attack(board: Board, own: Sequence[Step]) -> Outcome:
    """Return the loss of the side whose moves `own` all check, chase or threaten mate, by the Chinese rules."""
    color = own[0].mover
    (side, side_zh), (other, other_zh) = _SIDES[color], _SIDES[color.opponent]
    done = [_attack(step) for step in own]
    english = _unique(f"{step.move.iccs()} {what}" for step, (what, _) in zip(own, done, strict=True))
    chinese = "，".join(dict.fromkeys(f"{step.move.iccs()} {what}" for step, (_, what) in zip(own, done, strict=True)))
    words = (
        f"each of {side}'s {len(own)} moves is forbidden ({english}) and {other}'s are allowed: {side} loses",
        f"{side_zh}方连续{_times(len(own))}着均为禁止着法（{chinese}），{other_zh}方为允许着法，{side_zh}方不变作负",
    )
    only_chases = all(step.chased and not step.checkers for step in own)
    how = Termination.PERPETUAL_CHASE if only_chases else Termination.PERPETUAL_ATTACK
    return Outcome(color.opponent, how, *words, board.ply)
