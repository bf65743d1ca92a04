"""Games in files: read from any record format, encoding and notation, written as PGN in UTF-8."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ...errors import BadRecord
from ...files import write_text
from ...records.formats import pgn
from ...records.formats.text import decode
from ...records.game import GameRecord
from ...rules.squares import Color
from .game import Game
from .state import Message, message
from .texts import shown

FAULTS = (OSError, ValueError, RuntimeError)  # of paths: too long or forbidden, a NUL or no UTF-8, an unknown user's ~
PARENT = "../"
OTHER_FORMATS = (".xqf", ".cbr", ".cbl", ".ubb", ".dhtmlxq", ".jsonl", ".csv")  # of records that are no PGN


def is_folder(path: Path) -> bool:
    """Whether that is a folder that can be looked at; never raises."""
    try:
        return path.is_dir()
    except FAULTS:
        return False


def usable(folder: str) -> Path:
    """The folder if there is one, else the user's home, else the root."""
    for find in (lambda: Path(folder).expanduser() if folder else Path.home(), Path.home):
        try:
            place = find()
        except FAULTS:
            continue
        if is_folder(place):
            return place
    return Path(os.path.abspath(os.sep))


def listing(folder: Path) -> dict[str, Path]:
    """What to choose from, by the name that is shown: the way up, games, then folders with a slash; raises FAULTS.

    Names that look the same because they are not UTF-8 are numbered.
    """
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    games = [path for path in inside if path.suffix.lower() in (".pgn", *OTHER_FORMATS) and not is_folder(path)]
    out = {PARENT: folder / ".."}
    for paths, end in ((games, ""), ([path for path in inside if is_folder(path)], "/")):
        for path in paths:
            name, number = shown(path.name) + end, 1
            while name in out:
                number += 1
                name = f"{shown(path.name)} ({number}){end}"
            out[name] = path
    return out


def written(folder: Path, name: str = "") -> str:
    """The path of that name in the folder as it stands in the line; the folder itself ends in a separator."""
    return shown(os.path.join(folder, name))


def typed(text: str, folder: Path, entries: Mapping[str, Path]) -> Path:
    """The path that a line means, which began as one of `folder` with its `entries` by shown name; raises FAULTS."""
    text, prefix = text.strip(), written(folder)
    if text.startswith(prefix):
        name = text[len(prefix) :].lstrip(os.sep)
        return entries.get(name) or folder / name
    return Path(text).expanduser()


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
    write_text(path, pgn.write_game(record))


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
