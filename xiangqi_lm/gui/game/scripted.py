"""A player that follows a small JSON script, for trying the window without a model, and with faults.

All keys are optional: {"name": "...", "load_seconds": 0, "seconds": 0.2, "moves": ["h9g7", ...],
"value": [0.4, 0.2, 0.4], "illegal": 0.01, "faults": {"3": "crash"}}. The first legal move of `moves` not yet used is
played, else the first legal move in order of text; its probability is the largest of a decreasing series. Faults by
number of the answer (from 1): crash, illegal, hang; the fault "load" fails to load.
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

from ...engine.player import Choice, Limit, Player
from ...errors import EngineFailure, InvalidMove, XiangqiError
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.score import Score, WinDrawLoss

KEYS = {"name", "load_seconds", "seconds", "moves", "faults", "value", "illegal"}


class ScriptedPlayer(Player):
    """A scripted player (see the module's docstring); `choose` sleeps as long as the script says."""

    def __init__(self, script: dict[str, Any]):
        unknown = set(script) - KEYS
        if unknown:
            raise XiangqiError(f"script: unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(KEYS))}")
        self.name = str(script.get("name", "scripted"))
        self.temperature, self.top_p = 1.0, 1.0
        self._seconds = float(script.get("seconds", 0))
        self._moves = [Move.from_iccs(text) for text in script.get("moves", [])]
        self._faults = {str(number): str(fault) for number, fault in script.get("faults", {}).items()}
        self._value, self._illegal = script.get("value"), script.get("illegal")
        self._answers = 0
        time.sleep(float(script.get("load_seconds", 0)))
        if "load" in self._faults:
            raise EngineFailure("the script says that loading fails")

    @classmethod
    def from_file(cls, path: Path) -> ScriptedPlayer:
        """Read a script; raises XiangqiError naming the file."""
        try:
            script = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(script, dict):
                raise XiangqiError("expected a JSON object")
            return cls(script)
        except (json.JSONDecodeError, InvalidMove, TypeError, UnicodeDecodeError) as fault:
            raise XiangqiError(f"{path}: {fault}") from fault

    def choose(self, board: Board, limit: Limit | None = None) -> Choice:
        self._answers += 1
        fault = self._faults.get(str(self._answers), "")
        time.sleep(self._seconds)
        if fault == "crash":
            raise EngineFailure("the script says that this answer fails")
        if fault == "hang":
            threading.Event().wait()
        legal = sorted(board.legal_moves, key=Move.iccs)
        move = next((m for m in self._moves if m in legal), legal[0])
        if move in self._moves:
            self._moves.remove(move)
        if fault == "illegal":
            move = next(m for m in map(Move.from_id, range(2086)) if m not in legal)
            return Choice(move)
        order = [move] + [m for m in legal if m is not move]
        weights = [0.6**i for i in range(len(order))]
        probabilities = tuple((m, w / sum(weights)) for m, w in zip(order, weights, strict=True))
        score = Score(board.turn, wdl=WinDrawLoss(*self._value)) if self._value else None
        return Choice(move, probabilities, score, illegal=self._illegal)
