"""The fixed list of candidate moves of a side, and the paths on which pieces can block them.

A side has at most 16 pieces of known kinds, and each kind has a fixed maximum of target squares: 119 in all. Everything
is seen from Red's side; for Black the board is turned first. Square 90 means nowhere. numpy only: `batched` turns the
tables into tensors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from . import squares as geometry
from .moves import FROM, HALF_TURN_ID, KEYS, MOVE_COUNT, MOVE_ID, TO
from .pieces import ADVISOR, CANNON, ELEPHANT, HORSE, KING, PAWN, ROOK
from .squares import RED, SQUARES, in_palace, ray, shifted

NOWHERE = SQUARES
PLACES = SQUARES + 1
SLOTS = (KING, ROOK, ROOK, CANNON, CANNON, HORSE, HORSE, *[PAWN] * 5, ADVISOR, ADVISOR, ELEPHANT, ELEPHANT)
ATTACKERS = 12  # slots, counted from the first, that can give check (the king by facing the other king)
WIDTH = {KING: 4, ROOK: 17, CANNON: 17, HORSE: 8, PAWN: 3, ADVISOR: 4, ELEPHANT: 4}  # most target squares of a piece
SLOT_OF = [slot for slot, kind in enumerate(SLOTS) for _ in range(WIDTH[kind])]  # the slot of each candidate
CANDIDATES = len(SLOT_OF)  # 119


class Tables(NamedTuple):
    """Candidates by (candidate, square of its piece) and checks by (attacker, its square, our king's square)."""

    target: np.ndarray  # int64 [119 * 91], NOWHERE if there is none
    move: np.ndarray  # int64 [119 * 91], MOVE_COUNT if there is none
    path: np.ndarray  # int64 [119 * 91, 2], the path as words
    check: np.ndarray  # bool [12 * 91 * 91]
    check_path: np.ndarray  # int64 [12 * 91 * 91, 2]
    on_path: np.ndarray  # int8 [12 * 91 * 91, 91], the same path as a row of squares
    bit: np.ndarray  # int64 [91, 2]
    cannon: np.ndarray  # bool [119], whether the piece is a cannon
    needs: np.ndarray  # int8 [12], pieces that an attack needs on its path: one for cannons
    keys: np.ndarray  # int64 [15 * 90]
    ends: np.ndarray  # int64 [2087, 2], from and to of a move
    half_turn: np.ndarray  # int64 [2087], the move as the other side sees it


def _targets(kind: int, s: int) -> list[tuple[int, list[int]]]:
    """Return the target squares of a red piece of that kind, each with the path squares that matter."""
    if kind in (ROOK, CANNON):
        lines = [ray(s, d) for d in geometry.ORTHOGONALS]
        return [(t, line[:i]) for line in lines for i, t in enumerate(line)]
    if kind == HORSE:
        return [(t, [leg]) for t, leg in geometry.horse_steps(s)]
    if kind == ELEPHANT:
        return [(t, [eye]) for t, eye in geometry.elephant_steps(s, RED)]
    steps = {KING: geometry.king_steps, ADVISOR: geometry.advisor_steps, PAWN: geometry.pawn_steps}
    return [(t, []) for t in steps[kind](s, RED)]


def _checks(kind: int, s: int) -> list[tuple[int, list[int]]]:
    """Return the squares of our palace that the enemy piece on `s` attacks, with the path squares that matter."""
    if kind == KING:
        pairs = [(t, path) for t, path in _targets(ROOK, s) if t % 9 == s % 9]
    elif kind == PAWN:
        pairs = [(t, []) for d in ((0, -1), (1, 0), (-1, 0)) if (t := shifted(s, *d)) is not None]
        pairs = [(t, path) for t, path in pairs if s < 45 or t == s - 9]
    else:
        pairs = _targets(kind, s)
    return [(t, path) for t, path in pairs if in_palace(t, RED)]


def _words(path: list[int]) -> tuple[int, int]:
    """Return a set of squares as two words of 45 bits."""
    return sum(1 << s for s in path if s < 45), sum(1 << (s - 45) for s in path if s >= 45)


def signed(words: list[int]) -> np.ndarray:
    """Return 64-bit keys as the signed numbers that torch has."""
    return np.array(words, dtype=np.uint64).view(np.int64)


def _candidate_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return `target`, `move` and `path` by candidate and square."""
    target = np.full((CANDIDATES, PLACES), NOWHERE, dtype=np.int64)
    move = np.full((CANDIDATES, PLACES), MOVE_COUNT, dtype=np.int64)
    path = np.zeros((CANDIDATES, PLACES, 2), dtype=np.int64)
    ids = MOVE_ID.astype(np.int64)
    for slot, kind in enumerate(SLOTS):
        first = SLOT_OF.index(slot)
        for s in range(SQUARES):
            for c, (t, way) in enumerate(_targets(kind, s), first):
                target[c, s], move[c, s], path[c, s] = t, ids[s, t], _words(way)
    return target, move, path


def _check_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return `check`, `check_path` and `on_path` by attacker, its square and the king's."""
    check = np.zeros((ATTACKERS, PLACES, PLACES), dtype=bool)
    check_path = np.zeros((ATTACKERS, PLACES, PLACES, 2), dtype=np.int64)
    on_path = np.zeros((ATTACKERS, PLACES, PLACES, PLACES), dtype=np.int8)
    for slot, kind in enumerate(SLOTS[:ATTACKERS]):
        for s in range(SQUARES):
            for t, way in _checks(kind, s):
                check[slot, s, t], check_path[slot, s, t] = True, _words(way)
                on_path[slot, s, t, way] = 1
    return check, check_path, on_path


def tables() -> Tables:
    """Generate all tables, in about 0.1 s."""
    target, move, path = _candidate_tables()
    check, check_path, on_path = _check_tables()
    return Tables(
        target.reshape(-1),
        move.reshape(-1),
        path.reshape(-1, 2),
        check.reshape(-1),
        check_path.reshape(-1, 2),
        on_path.reshape(-1, PLACES),
        bit=np.array([*map(_words, ([s] for s in range(SQUARES))), (0, 0)], dtype=np.int64),
        cannon=np.array([SLOTS[slot] == CANNON for slot in SLOT_OF]),
        needs=np.array([kind == CANNON for kind in SLOTS[:ATTACKERS]], dtype=np.int8),
        keys=signed([word for row in KEYS for word in row]),
        ends=np.stack([np.append(FROM, NOWHERE), np.append(TO, NOWHERE)], axis=1).astype(np.int64),
        half_turn=np.append(HALF_TURN_ID, MOVE_COUNT).astype(np.int64),
    )
