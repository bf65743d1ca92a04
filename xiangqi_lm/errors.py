"""Every error that the world can cause; each message is one line that names the text and the place."""

from __future__ import annotations


class XiangqiError(ValueError):
    """Bad input: a position, a move, a record or a setting that cannot be what it claims to be."""


class InvalidFen(XiangqiError):
    """A FEN breaks its grammar or names an impossible position; the message names the field."""


class InvalidMove(XiangqiError):
    """A text is no move in any notation, or names no man of the side to move."""


class IllegalMove(XiangqiError):
    """A well-formed move that the rules forbid in this position."""


class AmbiguousMove(XiangqiError):
    """A text that fits several legal moves; the message lists them."""


class BadRecord(XiangqiError):
    """A game record that cannot be read; carries where."""

    def __init__(self, message: str, *, source: str = "", ply: int | None = None):
        place = f"{source}: " if source else ""
        at = f" (ply {ply})" if ply is not None else ""
        super().__init__(f"{place}{message}{at}")
        self.reason, self.source, self.ply = message, source, ply


class BadCheckpoint(XiangqiError):
    """A model folder that is missing, incomplete, or made for another vocabulary."""


class BadConfig(XiangqiError):
    """A setting that does not exist or does not have that type."""


class EngineFailure(RuntimeError):
    """A player that crashed, hung, or answered nonsense."""
