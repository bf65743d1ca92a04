"""The words of the window in the player's language, from `assets/texts`."""

from __future__ import annotations

import json
from functools import lru_cache

from ..paths import assets

LANGUAGES = ("zh", "en")


@lru_cache(maxsize=4)
def table(language: str) -> dict[str, str]:
    """Key -> text with `{fields}`."""
    path = assets() / "texts" / f"{language}.json"
    return json.loads(path.read_text(encoding="utf-8"))


def say(language: str, key: str, **fields: object) -> str:
    """The text of that key with its fields filled in; raises KeyError for an unknown key."""
    return table(language)[key].format(**fields)
