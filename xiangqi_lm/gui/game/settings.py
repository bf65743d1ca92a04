"""What the window remembers between two starts: one small JSON file, replaced whole."""

from __future__ import annotations

import json
import locale
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from ...engine.levels import OFFERED
from ...files import write_text

CHOICES: dict[str, tuple[Any, ...]] = {  # what may be chosen in the settings sheet, in its order
    "language": ("zh", "en"),
    "coordinates": ("chinese", "letters", "none"),
    "glyphs": ("traditional", "mainland"),
    "notation": ("chinese", "iccs"),
    "legal_dots": (True, False),
    "animation": (True, False),
    "volume": (30, 60, 100),
    "ui_scale": (0, 100, 125, 150, 200, 250),  # per cent; 0 follows the size of the screen
}
OTHERS: dict[str, tuple[Any, ...]] = {"level": OFFERED, "side": ("red", "black", "both")}


def native_language() -> str:
    """`zh` where the system speaks Chinese, else `en`."""
    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if not spoken:
        try:
            spoken = locale.getlocale()[0] or ""
        except ValueError:  # an unknown locale in the environment
            spoken = ""
    return "zh" if spoken.lower().startswith(("zh", "chinese")) else "en"


@dataclass(frozen=True)
class Settings:
    """All that is remembered; every field has a default."""

    language: str = "en"
    side: str = "red"
    level: str = "club"
    arrows: bool = False
    sound: bool = True
    volume: int = 60
    coordinates: str = "chinese"
    glyphs: str = "traditional"
    notation: str = "chinese"
    legal_dots: bool = True
    animation: bool = True
    ui_scale: int = 0
    folder: str = ""
    width: int = 0  # of the window in pixels; 0 where it was never resized
    height: int = 0


def _sound_value(name: str, value: Any, default: Any) -> bool:
    allowed = CHOICES.get(name) or OTHERS.get(name)
    return type(value) is type(default) and (allowed is None or value in allowed)


def load(path: Path) -> tuple[Settings, str | None]:
    """The settings and, if something was wrong, a key of the UI texts that says what.

    A file that is no JSON object is renamed aside; a wrong value falls back to its default.
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
    known = {field.name: getattr(defaults, field.name) for field in fields(Settings)}
    good = {
        name: stored[name] for name, old in known.items() if name in stored and _sound_value(name, stored[name], old)
    }
    wrong = any(name in stored and name not in good for name in known)
    return replace(defaults, **good), "settings_wrong_value" if wrong else None


def _set_aside(path: Path) -> bool:
    try:
        os.replace(path, path.with_name(path.name + ".broken"))
    except OSError:
        return False
    return True


def save(settings: Settings, path: Path) -> bool:
    """Store the settings; False where the place cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(asdict(settings), indent=1) + "\n")  # ASCII: a folder's name may be no UTF-8
    except (OSError, ValueError):
        return False
    return True


class Store:
    """Saves changed settings; what the command line wished for this start alone stays in the file as it was."""

    def __init__(self, path: Path, stored: Settings, begun: Settings):
        self._path = path
        self._wishes = {
            field.name: (getattr(begun, field.name), getattr(stored, field.name))
            for field in fields(Settings)
            if getattr(begun, field.name) != getattr(stored, field.name)
        }

    def __call__(self, new: Settings) -> bool:
        """False where the place cannot be written."""
        self._wishes = {name: pair for name, pair in self._wishes.items() if getattr(new, name) == pair[0]}
        return save(replace(new, **{name: old for name, (_, old) in self._wishes.items()}), self._path)
