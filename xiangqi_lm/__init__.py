"""Chinese chess against a language model: rules, records, models, engines, arena and window.

Importing this package loads nothing heavy: the names below are fetched on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .errors import AmbiguousMove, BadCheckpoint, BadRecord, IllegalMove, InvalidFen, InvalidMove, XiangqiError
    from .model.checkpoint import load
    from .records.game import GameRecord
    from .rules.board import Board
    from .rules.moves import Move
    from .rules.outcome import Outcome, Termination
    from .rules.squares import BLACK, RED, Color

_HOMES = {
    "Board": ".rules.board",
    "Move": ".rules.moves",
    "GameRecord": ".records.game",
    "Outcome": ".rules.outcome",
    "Termination": ".rules.outcome",
    "RED": ".rules.squares",
    "BLACK": ".rules.squares",
    "Color": ".rules.squares",
    "XiangqiError": ".errors",
    "InvalidFen": ".errors",
    "InvalidMove": ".errors",
    "IllegalMove": ".errors",
    "AmbiguousMove": ".errors",
    "BadRecord": ".errors",
    "BadCheckpoint": ".errors",
    "load": ".model.checkpoint",
}

__all__ = [
    "BLACK", "RED", "AmbiguousMove", "BadCheckpoint", "BadRecord", "Board", "Color", "GameRecord", "IllegalMove",
    "InvalidFen", "InvalidMove", "Move", "Outcome", "Termination", "XiangqiError", "__version__", "load",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
