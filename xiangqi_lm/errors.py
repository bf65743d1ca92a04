"""The package's exceptions; each message is one line that names the text and the place."""

from __future__ import annotations

from collections.abc import Iterable


def quoted(value: object, most: int = 80) -> str:
    """Return a value as shown in an error message: its repr on one line, cut at 80 characters."""
    if isinstance(value, str):
        return repr(value if len(value) <= most else value[: most - 1] + "…")
    if isinstance(value, int) and abs(value) >= 10**most:  # repr fails for numbers of thousands of digits
        return "a huge number"
    shown = " ".join(repr(value).split())
    return shown if len(shown) <= most else shown[: most - 1] + "…"


class XiangqiError(ValueError):
    """Invalid input: a position, a move, a record or a setting that cannot be used.

    `code` is a stable key for programs that translate the message, such as "fen.side", or ""; `details` holds the
    values in the message. The codes of positions and moves are listed in `rules.fen` and `rules.notation`.
    """

    def __init__(self, message: str = "", /, *, code: str = "", **details: object):
        super().__init__(message)
        self.code, self.details = code, details


class InvalidFen(XiangqiError):
    """A malformed FEN or an impossible position; the message names the field."""


class InvalidMove(XiangqiError):
    """A text that is not a move in any notation, or that names a piece the side to move does not have."""


class IllegalMove(XiangqiError):
    """A well-formed move that the rules forbid in this position."""


class AmbiguousMove(XiangqiError):
    """A text that fits several legal moves; the message lists them."""


class BadRecord(XiangqiError):
    """A game record that cannot be read; `ply` and the source's `line` say where, or are None if unknown."""

    def __init__(self, message: str, *, source: str = "", ply: int | None = None, line: int | None = None):
        place = f"{source}: " if source else ""
        at = ", ".join(f"{name} {n}" for name, n in (("line", line), ("ply", ply)) if n is not None)
        super().__init__(f"{place}{message}{f' ({at})' if at else ''}")
        self.reason, self.source, self.ply, self.line = message, source, ply, line


class BadCheckpoint(XiangqiError):
    """A model folder that is missing, incomplete or made for another vocabulary."""


class BadConfig(XiangqiError):
    """A setting that does not exist or has an invalid value."""


class EngineFailure(RuntimeError):
    """A player that crashed, hung or sent an invalid answer."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, handled like Ctrl-C except for the exit code."""


def nearest(word: str, known: Iterable[str], most: int = 30) -> str:
    """Return the end of an error about an unknown word: the most similar known word, or all of them."""
    import difflib  # needed only for errors

    names = sorted(known) if not isinstance(known, (list, tuple, dict)) else list(known)
    if close := difflib.get_close_matches(word, names, 1, 0.5):
        return f"; did you mean {close[0]!r}?"
    return f"; known are {', '.join(names[:most]) or 'none'}" + (" ..." if len(names) > most else "")
