"""Chinese chess against a language model: rules, records, models, engines, arena and window.

Importing this package loads nothing heavy: the names below are imported on first use.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .engine.player import Choice, Limit
    from .engine.spec import make_player
    from .errors import AmbiguousMove, BadCheckpoint, BadRecord, IllegalMove, InvalidFen, InvalidMove, XiangqiError
    from .model.checkpoint import load
    from .records.boards import from_pgn, to_pgn
    from .records.game import GameRecord
    from .records.readers import open_records
    from .rules.board import Board
    from .rules.moves import Move
    from .rules.outcome import Outcome, Termination
    from .rules.pieces import Piece
    from .rules.square_set import SquareSet
    from .rules.squares import BLACK, RED, Color, parse_square, square_name
    from .rules.validity import Status

_HOMES = {
    "Board": ".rules.board",
    "Move": ".rules.moves",
    "GameRecord": ".records.game",
    "Outcome": ".rules.outcome",
    "Termination": ".rules.outcome",
    "RED": ".rules.squares",
    "BLACK": ".rules.squares",
    "Color": ".rules.squares",
    "parse_square": ".rules.squares",
    "square_name": ".rules.squares",
    "Piece": ".rules.pieces",
    "SquareSet": ".rules.square_set",
    "Status": ".rules.validity",
    "from_pgn": ".records.boards",
    "to_pgn": ".records.boards",
    "XiangqiError": ".errors",
    "InvalidFen": ".errors",
    "InvalidMove": ".errors",
    "IllegalMove": ".errors",
    "AmbiguousMove": ".errors",
    "BadRecord": ".errors",
    "BadCheckpoint": ".errors",
    "load": ".model.checkpoint",
    "make_player": ".engine.spec",
    "Limit": ".engine.player",
    "Choice": ".engine.player",
    "open_records": ".records.readers",
}

__all__ = [
    "BLACK", "RED", "AmbiguousMove", "BadCheckpoint", "BadRecord", "Board", "Choice", "Color", "GameRecord",
    "IllegalMove", "InvalidFen", "InvalidMove", "Limit", "Move", "Outcome", "Piece", "SquareSet", "Status",
    "Termination", "XiangqiError", "__version__", "from_pgn", "load", "make_player", "open_records", "parse_square",
    "square_name", "to_pgn",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
