"""Names of openings from a small table: Red's first move, and Black's setup against a central cannon.

A game and its mirror image have the same name.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..rules.moves import MIRROR_ID, Move

_FIRST = {  # Red's first move, on the right wing or in the middle
    "h2e2": "中炮", "g0e2": "飞相局", "g3g4": "仙人指路", "h0g2": "起马局", "h2d2": "过宫炮", "h2f2": "士角炮",
    "h2c2": "金钩炮", "h0i2": "边马局", "h2i2": "边炮局", "i3i4": "边兵局", "f0e1": "上仕局", "h2h4": "巡河炮局",
    "i0i1": "横车局", "e3e4": "中兵局", "h2h6": "过河炮局",
}  # fmt: skip
ENGLISH = {
    "中炮": "central cannon", "飞相局": "elephant opening", "仙人指路": "pawn opening", "起马局": "horse opening",
    "过宫炮": "cross-palace cannon", "士角炮": "palace-corner cannon", "金钩炮": "golden-hook cannon",
    "边马局": "edge horse", "边炮局": "edge cannon", "边兵局": "edge pawn", "上仕局": "advisor opening",
    "巡河炮局": "river cannon", "过河炮局": "cannon across the river", "横车局": "ranging chariot",
    "中兵局": "central pawn", "顺炮": "same-side cannons", "列炮": "opposite-side cannons", "屏风马": "screen horses",
    "反宫马": "sandwiched horses", "单提马": "single-lifted horse", "其他": "other", "残局": "set-up position",
}  # fmt: skip
OTHER, SET_UP = "其他", "残局"
_LOOKED_AT = 20  # plies in which Black's setup is visible


def _id(text: str) -> int:
    return Move.from_iccs(text).id


_FIRST_IDS = {_id(text): name for text, name in _FIRST.items()}
_RIGHT, _LEFT = _id("h2e2"), _id("b2e2")  # Red's central cannon
_SAME, _OPPOSITE = _id("h7e7"), _id("b7e7")  # Black's central cannon
_HORSES, _EDGE_HORSES = {_id("b9c7"), _id("h9g7")}, {_id("b9a7"), _id("h9i7")}
_CORNER_CANNONS = {_id("b7d7"), _id("h7f7")}


def name(ids: Sequence[int] | np.ndarray) -> str:
    """Return the opening of a game from the start position, given its move ids: `中炮对屏风马`, `飞相局`, ..."""
    line = [int(i) for i in ids[:_LOOKED_AT]]
    if not line:
        return OTHER
    first = _FIRST_IDS.get(line[0]) or _FIRST_IDS.get(int(MIRROR_ID[line[0]]), OTHER)
    if line[0] not in (_RIGHT, _LEFT):
        return first
    if line[0] == _LEFT:
        line = [int(MIRROR_ID[i]) for i in line]
    answer = _against_centre(line[1::2])
    return f"{first}对{answer}" if answer else first


def _against_centre(black: list[int]) -> str:
    """Return Black's setup against a cannon from Red's right, by which comes first: central cannon or both horses."""
    seen: set[int] = set()
    for move in black:
        seen.add(move)
        if move == _SAME:
            return "顺炮" if len(seen) <= 2 else ""
        if move == _OPPOSITE:
            return "列炮" if len(seen) <= 3 else ""
        if seen >= _HORSES:
            return "反宫马" if seen & _CORNER_CANNONS else "屏风马"
        if seen & _EDGE_HORSES and seen & _HORSES:
            return "单提马"
    return ""


def english(text: str) -> str:
    """Return the name in English."""
    return " v ".join(ENGLISH[part] for part in text.split("对"))
