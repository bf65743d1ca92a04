"""The available players: the user, the levels, models in a folder, and engines that the user added.

A seat holds a *key*: "" is the user, a level's name is that level, `spec` is the player the window was started with,
and anything else is the spec of a player (`engine.spec`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...engine.levels import LEVELS, OWN
from ...model import named
from ...rules.squares import BLACK, RED, Color
from .settings import Settings
from .texts import brief, say

HUMAN = ""
SIDES: dict[str, frozenset[Color]] = {
    "red": frozenset({RED}),
    "black": frozenset({BLACK}),
    "both": frozenset({RED, BLACK}),
    "none": frozenset(),
}
HANDICAPS = {  # the pieces that Red gives; Red moves first
    "none": None,
    "horse": "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/R1BAKABNR w - - 0 1",
    "two_horses": "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/R1BAKAB1R w - - 0 1",
    "rook": "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/P1P1P1P1P/1C5C1/9/1NBAKABNR w - - 0 1",
    "nine": "rnbakabnr/9/1c5c1/p1p1p1p1p/9/9/9/1C5C1/9/RN2K2NR w - - 0 1",
}


@dataclass(frozen=True)
class Offer:
    """A player that can be chosen: its key and its name in both languages; `kind` is level, own, model or engine."""

    key: str
    kind: str
    english: str
    chinese: str

    def title(self, language: str) -> str:
        return self.chinese if language == "zh" else self.english


def offers(settings: Settings, own: str, models: Iterable[Path] = ()) -> list[Offer]:
    """Return all players that can be chosen; `own` is the spec the window was started with.

    The levels come first, weakest first, and say whether they are the language model, its search or an engine.
    """
    found = []
    for level in LEVELS.values():
        word = f"kind_{level.spec.partition('?')[0].partition(':')[0]}"
        titles = f"{level.english} · {say('en', word)}", f"{level.chinese} · {say('zh', word)}"
        found.append(Offer(level.name, "level", *titles))
    found.append(Offer(OWN, "own", own, own))
    found += [Offer(_spec_of(folder), "model", folder.name, folder.name) for folder in models]
    return found + [Offer(spec, "engine", name, name) for name, spec in settings.engines]


def _spec_of(folder: Path) -> str:
    """Return the spec of a model, by its name if it is one of the user's own."""
    return f"lm:{folder.name if named.find(folder.name) == folder else folder}"


def title(key: str, language: str, settings: Settings, own: str) -> str:
    """Return the name of a seat's player."""
    if key == HUMAN:
        return say(language, "player_human")
    if key in LEVELS:
        return say(language, f"level_{key}")
    if key == OWN:
        return brief(own, 60)
    names = {spec: name for name, spec in settings.engines}
    return brief(names.get(key) or Path(key.partition(":")[2].partition("?")[0]).name or key, 60)


def kind(key: str, language: str, own: str) -> str:
    """Return a short description of how a seat's player plays."""
    if key == HUMAN:
        return ""
    spec = LEVELS[key].spec if key in LEVELS else own if key == OWN else key
    word, _, options = spec.partition("?")
    word = word.partition(":")[0]
    words = say(language, f"kind_{word}") if word in ("lm", "mcts", "alphabeta", "uci", "ucci") else word
    parts = [words]
    for option in options.split("&"):
        name, _, value = option.partition("=")
        if name in ("nodes", "temperature", "movetime", "depth"):
            parts.append(say(language, f"kind_{name}", **{name: value}))
    return brief(" · ".join(parts), 60)


def answers_offers(key: str, own: str) -> bool:
    """Return whether a player answers a draw offer with its next move, as UCCI has it; the others are judged by their
    last score."""
    return (own if key == OWN else key).startswith("ucci:")


def takes_clock(key: str, own: str) -> bool:
    """Return whether a player manages its time by the game's clock; external engines do, levels have fixed limits."""
    spec = own if key == OWN else key
    return spec.startswith(("uci:", "ucci:"))
