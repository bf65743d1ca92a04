"""The window's settings, stored in a small JSON file that is replaced atomically."""

from __future__ import annotations

import contextlib
import json
import locale
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ...files import write_text
from ...rules.rulesets import RULESETS

PAGES: dict[str, dict[str, tuple[Any, ...]]] = {  # the options in the settings sheet, by page
    "play": {
        "ruleset": tuple(RULESETS),
        "take_back": (True, False),
        "gives_up": (True, False),  # whether the program may resign and offer draws
        "ask": (True, False),  # whether to ask before an unsaved game is put aside
        "notation": ("chinese", "traditional", "wxf", "iccs"),
        "pgn_notation": ("iccs", "chinese", "wxf"),
    },
    "look": {
        "language": ("zh", "en"),
        "panel": ("dark", "light"),
        "board": ("wood", "paper"),
        "glyphs": ("traditional", "mainland", "symbols"),
        "coordinates": ("chinese", "letters", "none"),
        "ui_scale": (0, 100, 125, 150, 200, 250),  # per cent; 0 follows the screen size
    },
    "effects": {
        "legal_dots": (True, False),
        "last_move": (True, False),
        "arrow_count": (1, 3, 5, 8),  # most arrows for the model's moves
        "animation": (True, False),
        "sound": (True, False),
        "volume": (30, 60, 100),
    },
    "engines": {
        "adviser": ("alphabeta?movetime=1", "mcts:default?movetime=2", "opponent"),
        "judge": ("alphabeta", "mcts:default"),  # besides the engines that the user added
        "judge_time": (10, 60, 0),  # seconds the judge thinks about a position; 0: as long as it is shown
        "threads": (0, 1, 2, 4, 8, 16),  # for every player that can use several; 0: the usual number
    },
    "analysis": {
        "lines": (1, 2, 3, 4, 5),  # lines of the judge
        "judge_arrows": (True, False),
        "analysis_arrows": (True, False),  # the model's arrows in analysis mode
        "review_effort": (1, 5, 20),  # multiples of the judge's usual nodes
        "teaching": (0, 5, 10, 15, 20),  # loss of expected score in per cent from which moves are taken back; 0: never
    },
}
CHOICES = {name: values for page in PAGES.values() for name, values in page.items()}
OTHERS: dict[str, tuple[Any, ...]] = {"side": ("red", "black", "both", "none")}


def native_language() -> str:
    """Return `zh` if the system's language is Chinese, else `en`."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not spoken:
        try:
            spoken = locale.getlocale()[0] or ""
        except ValueError:  # an unknown locale in the environment
            spoken = ""
    return "zh" if spoken.lower().startswith(("zh", "chinese")) else "en"


@dataclass(frozen=True)
class Settings:
    """All settings; every field has a default."""

    language: str = "en"
    side: str = "red"
    level: str = "club"  # the opponent: a level, a model or an engine; see `players`
    other_level: str = "club"  # Red, when two programs play
    ruleset: str = "computer"
    adviser: str = "alphabeta?movetime=1"  # a player's spec, or "opponent"
    clock: tuple[int, int, int] = (0, 0, 0)  # main time, increment, byo-yomi in seconds
    handicap: str = "none"
    take_back: bool = True
    gives_up: bool = True
    ask: bool = True
    arrows: bool = False  # the model's arrows during a game
    judge: str = "alphabeta"  # the spec of the player that gives the lines in analysis mode
    judge_time: int = 60
    threads: int = 0
    lines: int = 3
    judge_arrows: bool = True
    analysis_arrows: bool = True
    review_effort: int = 1
    teaching: int = 0
    arrow_count: int = 5
    sound: bool = True
    volume: int = 60
    panel: str = "dark"
    board: str = "wood"
    coordinates: str = "chinese"
    glyphs: str = "traditional"
    notation: str = "chinese"
    pgn_notation: str = "iccs"
    legal_dots: bool = True
    last_move: bool = True
    animation: bool = True
    ui_scale: int = 0
    engines: tuple[tuple[str, str], ...] = ()  # name and spec of engines that the user added
    folded: tuple[str, ...] = ()  # blocks of the panel folded to their titles
    folder: str = ""
    library: str = ""  # the library's file; "" is the default one
    width: int = 0  # the window's width in pixels; 0 if it was never resized
    height: int = 0


def _read(name: str, value: Any, default: Any) -> Any:
    """Return a stored value in the field's type, with lists as tuples; raises ValueError for an invalid one."""
    if name == "engines":
        value = tuple((str(title), str(spec)) for title, spec in value)
    elif isinstance(default, tuple):
        value = tuple(value)
        if name == "clock" and (len(value) != 3 or not all(type(n) is int and 0 <= n < 10**6 for n in value)):
            raise ValueError
    allowed = None if name == "judge" else CHOICES.get(name) or OTHERS.get(name)
    if type(value) is not type(default) or (allowed is not None and value not in allowed):
        raise ValueError
    return value


def load(path: Path) -> tuple[Settings, str | None]:
    """Return the settings and, if there was a fault, the key of the UI text about it.

    A file that is not a JSON object is moved aside; invalid values fall back to their defaults.
    """
    defaults = Settings(language=native_language())
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(stored, dict):
            raise ValueError("not an object")
    except FileNotFoundError:
        return defaults, None
    except OSError:
        return defaults, "settings_unreadable"
    except ValueError:  # JSON and UTF-8 errors are ValueErrors
        return defaults, "settings_set_aside" if _set_aside(path) else "settings_unreadable"
    found, wrong = _parsed(stored, defaults)
    return found, "settings_wrong_value" if wrong else None


def _parsed(stored: dict, defaults: Settings) -> tuple[Settings, bool]:
    """Return the settings of a file, and whether any values were replaced by defaults."""
    good, wrong = {}, False
    for field in fields(Settings):
        if field.name in stored:
            try:
                good[field.name] = _read(field.name, stored[field.name], getattr(defaults, field.name))
            except (ValueError, TypeError):
                wrong = True
    return replace(defaults, **good), wrong


def _set_aside(path: Path) -> bool:
    try:
        os.replace(path, path.with_name(path.name + ".broken"))
    except OSError:
        return False
    return True


def save(settings: Settings, path: Path) -> bool:
    """Store the settings; return false if the file cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(asdict(settings), indent=1) + "\n")  # ASCII, as a folder's name may not be UTF-8
    except (OSError, ValueError):
        return False
    return True


class Store:
    """Saves this window's changes and keeps those that other windows made to the file.

    Settings that the command line changed for this start only (where `begun` differs from `stored`) stay unchanged in
    the file.
    """

    def __init__(self, path: Path, stored: Settings, begun: Settings):
        self._path, self._stored, self._known = path, stored, begun

    def __call__(self, new: Settings) -> bool:
        """Save the changes; return whether the file could be written."""
        changes = {name: value for name, value in vars(new).items() if value != getattr(self._known, name)}
        with self._lock():
            others = self._others()
            if "engines" in changes:  # several windows may have added engines
                gone = set(self._known.engines) - set(new.engines)
                kept = [pair for pair in others.engines if pair not in gone and pair not in new.engines]
                changes["engines"] = (*kept, *new.engines)
            merged = replace(others, **changes)
            if not save(merged, self._path):
                return False
        self._stored, self._known = merged, new
        return True

    def _lock(self) -> contextlib.AbstractContextManager:
        """Return a lock between windows, or no lock if none is available quickly."""
        import filelock  # needed only for saving

        lock = filelock.FileLock(str(self._path.with_name(f".{self._path.name}.lock")), timeout=2)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return lock.acquire(poll_interval=0.01)
        except (OSError, filelock.Timeout):
            return contextlib.nullcontext()

    def _others(self) -> Settings:
        """Return the file's current settings, or the last known ones if it cannot be read."""
        try:
            stored = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return self._stored
        return _parsed(stored, self._stored)[0] if isinstance(stored, dict) else self._stored
