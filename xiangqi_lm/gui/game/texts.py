"""The words of the window in the player's language, from `assets/texts`, and texts of others made fit to be shown."""

from __future__ import annotations

import json
import re
from functools import lru_cache

from ...engine.levels import LEVELS
from ...paths import assets

LANGUAGES = ("zh", "en")
LONGEST = 200  # characters of a text of others that a message repeats
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@lru_cache(maxsize=4)
def table(language: str) -> dict[str, str]:
    """Key -> text with `{fields}`; the names of the levels come from where the levels are."""
    path = assets() / "texts" / f"{language}.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    names = {f"level_{level.name}": level.chinese if language == "zh" else level.english for level in LEVELS.values()}
    return {**words, **names}


def say(language: str, key: str, **fields: object) -> str:
    """The text of that key with its fields filled in; raises KeyError for an unknown key."""
    return table(language)[key].format(**fields)


def shown(text: str) -> str:
    """The text without what no font can draw: bytes of a file name that are not UTF-8, control characters."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character that stands for no byte
        raw = text.encode("utf-8", "replace")
    return _CONTROL.sub("\ufffd", raw.decode("utf-8", "replace"))


def brief(text: str, longest: int = LONGEST) -> str:
    """The text as `shown`, cut where it is too long to be read."""
    return shown(text if len(text) <= longest else text[:longest] + "…")
