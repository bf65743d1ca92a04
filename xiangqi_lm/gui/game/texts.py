"""The window's texts in the user's language, from `assets/texts`, and cleaning of other texts for display."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ...engine.levels import LEVELS
from ...paths import assets
from ...review.reasons import Reason
from ...review.words import words
from ...rules.pieces import NAMES, han_name
from ...rules.squares import RED, Color

LANGUAGES = ("zh", "en")
LONGEST = 200  # most characters of a quoted text in a message
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@lru_cache(maxsize=4)
def table(language: str) -> dict[str, str]:
    """Return key -> text with `{fields}`; the names of the levels come from their own file."""
    path = assets() / "texts" / f"{language}.json"
    words = json.loads(path.read_text(encoding="utf-8"))
    names = {f"level_{level.name}": level.chinese if language == "zh" else level.english for level in LEVELS.values()}
    return {**words, **names}


def say(language: str, key: str, **fields: object) -> str:
    """Return the text for a key with its fields filled in; raises KeyError for an unknown key."""
    return table(language)[key].format(**fields)


def shown(text: str) -> str:
    """Return the text without what fonts cannot draw: control characters and bytes of file names that are not UTF-8."""
    try:
        raw = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # a lone surrogate that does not encode a byte
        raw = text.encode("utf-8", "replace")
    return _CONTROL.sub("\ufffd", raw.decode("utf-8", "replace"))


def brief(text: str, longest: int = LONGEST) -> str:
    """Return the text as `shown`, cut if it is too long."""
    return shown(text if len(text) <= longest else text[:longest] + "…")


# ------------------------------------------------------------------------------------------------ messages


@dataclass(frozen=True)
class Message:
    """A one-line message: a key of the UI texts with its fields, so that it follows a change of language.

    A field may be a text, a number, a `Color`, another message, a `Reason` (with moves in the notation of the field
    `notation`) or, under the name `piece`, a piece.
    """

    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    is_error: bool = False

    def words(self, language: str) -> str:
        """Return the message in a language."""
        return say(language, self.key, **{name: self._filled(language, name) for name in self.fields})

    def _filled(self, language: str, name: str) -> object:
        value = self.fields[name]
        if isinstance(value, Message):
            return value.words(language)
        if isinstance(value, Reason):
            return words(value, language, self.fields.get("notation", "chinese"))
        if isinstance(value, Color):
            return side_name(language, value)
        return piece_name(language, value) if name == "piece" else value


def message(key: str, *, error: bool = False, **fields: Any) -> Message:
    """Return a message with any fields; names that are not UTF-8 and long texts are made displayable."""
    return Message(key, {name: brief(v) if isinstance(v, str) else v for name, v in fields.items()}, error)


def side_name(language: str, color: Color) -> str:
    """Return "Red" or "Black" in a language."""
    return say(language, "red" if color is RED else "black")


def piece_name(language: str, piece: int) -> str:
    """Return the name of a piece with its colour: 红车, red rook."""
    if language == "zh":
        return ("红" if piece > 0 else "黑") + han_name(piece)
    return f"{'red' if piece > 0 else 'black'} {NAMES[abs(piece)]}"
