"""Folders and paths in dialogs: the contents of a folder, and the path that a typed text means."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .texts import shown

FAULTS = (OSError, ValueError, RuntimeError)  # of paths: too long, forbidden, NUL, invalid UTF-8, ~ of an unknown user
PARENT = "../"
SUFFIXES = (  # suffixes of the files that a dialog shows
    ".pgn", ".pgns", ".xqf", ".cbr", ".cbl", ".cbf", ".ubb", ".dhtmlxq", ".jsonl", ".csv", ".txt", ".wxf", ".dpxq",
    ".pfc", ".htm", ".html", ".zip",
)  # fmt: skip


def is_folder(path: Path) -> bool:
    """Return whether a path is a readable folder; never raises."""
    try:
        return path.is_dir()
    except FAULTS:
        return False


def same_file(one: Path, other: Path) -> bool:
    """Return whether two paths lead to the same existing file."""
    try:
        return one.samefile(other)
    except FAULTS:
        return False


def usable(folder: str) -> Path:
    """Return the folder if it exists, else the user's home, else the root."""
    for find in (lambda: Path(folder).expanduser() if folder else Path.home(), Path.home):
        try:
            place = find()
        except FAULTS:
            continue
        if is_folder(place):
            return place
    return Path(os.path.abspath(os.sep))


def listing(folder: Path, suffixes: tuple[str, ...] = SUFFIXES) -> dict[str, Path]:
    """Return the entries to choose from by displayed name: the parent, files with these suffixes, folders with a slash.

    Names that look the same because they are not UTF-8 are numbered. Raises FAULTS.
    """
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    games = [path for path in inside if path.suffix.lower() in suffixes and not is_folder(path)]
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
    """Return the text of a name's path in a folder; the folder itself ends in a separator."""
    return shown(os.path.join(folder, name))


def typed(text: str, folder: Path, entries: Mapping[str, Path]) -> Path:
    """Return the path for a text typed in `folder`, whose `entries` are given by displayed name; raises FAULTS."""
    text, prefix = text.strip(), written(folder)
    if text.startswith(prefix):
        name = text[len(prefix) :].lstrip(os.sep)
        return entries.get(name) or folder / name
    return Path(text).expanduser()
