"""Folders and paths as people see and type them; a name need not be UTF-8, a path need not be one at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .game.texts import shown

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
