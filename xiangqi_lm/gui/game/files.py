"""Games in files: read from any record format, encoding and notation, written as PGN in UTF-8."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...errors import BadRecord
from ...records.formats import pgn
from ...records.formats.text import decode
from ...records.game import GameRecord
from ...rules.squares import Color
from ..folders import FAULTS, OTHER_FORMATS
from ..writing import write_whole
from .game import Game
from .state import Message, message


def read_game(path: Path) -> Game | None:
    """The first game of a file, None if there is none; raises OSError, or BadRecord and other XiangqiErrors."""
    if path.suffix.lower() in OTHER_FORMATS:
        return _read_other(path)
    text, _ = decode(path.read_bytes(), pgn.legal_plies)
    record = next(pgn.read_games(text, path.name), None)
    if record is None or not (record.moves or record.start_fen or record.headers):
        return None
    return Game.from_record(record)


def _read_other(path: Path) -> Game | None:
    """The first game of a file that is no PGN; what `data import` would refuse is a BadRecord."""
    from ...records.readers import Refusal, open_records  # brings in cchess, which the window's start does not wait for

    path.stat()  # a missing file is the system's own words
    first = next(open_records([path]), None)
    if isinstance(first, Refusal):
        raise BadRecord(first.text or first.reason, source=path.name, ply=first.ply or None)
    return Game.from_record(first) if first else None


def write_game(record: GameRecord, path: Path) -> None:
    """One game in a file of its own; raises OSError, ValueError."""
    write_whole(path, pgn.write_game(record))


def load(path: Path) -> tuple[Game | None, Message]:
    """The first game of a file, or None; and what to tell the player."""
    try:
        game = read_game(path)
    except FAULTS as fault:  # every XiangqiError is a ValueError
        return None, message("load_failed", error=True, name=path.name, reason=reason(fault))
    if game is None:
        return None, message("no_game", error=True, name=path.name)
    return game, message("loaded", name=path.name)


def save(game: Game, names: Mapping[Color, str], path: Path) -> tuple[bool, Message]:
    """Write the game as PGN; whether that succeeded, and what to tell the player."""
    try:
        write_game(game.record(names), path)
    except FAULTS as fault:
        return False, message("save_failed", error=True, name=path.name, reason=reason(fault))
    return True, message("saved", name=path.name)


def reason(fault: Exception) -> str:
    """What went wrong in one line, without the file's name."""
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror
    words = str(fault)
    if isinstance(fault, BadRecord):
        words = fault.reason + (f" (ply {fault.ply})" if fault.ply is not None else "")
    return (words.splitlines() or [type(fault).__name__])[0]
