"""Models that go by a name: those that come with the program, and the user's own, made by `learn`."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .. import paths
from ..errors import BadConfig, quoted

CONFIG = "config.json"  # a folder that holds this file is a model
_NAME = re.compile(r"\w[\w-]{0,39}")


def shipped() -> list[str]:
    """Return the names of the models that come with the program and play xiangqi."""
    return [path.name for path in models_in(paths.assets() / "models") if _plays(path)]


def own() -> list[str]:
    """Return the names of the user's models."""
    return [path.name for path in models_in(paths.models_folder()) if is_name(path.name) and _plays(path)]


def find(name: str) -> Path | None:
    """Return the folder of a shipped model or of the user's own; None for any other name."""
    if not is_name(name):
        return None
    folders = (paths.assets() / "models" / name, paths.models_folder() / name)
    return next((folder for folder in folders if (folder / CONFIG).is_file()), None)


def is_name(text: str) -> bool:
    """Return whether a text can be a model's name: letters, digits, _ and -, but not a path."""
    return _NAME.fullmatch(text) is not None


def check_new(name: str) -> None:
    """Raise BadConfig for a text that cannot name a new model of the user's."""
    if not is_name(name):
        raise BadConfig(f"name {quoted(name)}: expected up to 40 letters, digits, _ and -, not beginning with -")
    if name in shipped():
        raise BadConfig(f"name {name!r}: a model of that name comes with the program")


def models_in(folder: Path) -> list[Path]:
    """Return the models in a folder by name; empty if the folder does not exist."""
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and (p / CONFIG).is_file())
    except OSError:
        return []


def _plays(folder: Path) -> bool:
    """Return whether a model plays xiangqi, as far as its configuration can be read."""
    try:
        return "task" not in json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, RecursionError):
        return True  # loading it will report the fault
