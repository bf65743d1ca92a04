"""The rulesets that a game can be judged by: the single list behind commands, protocols and the window."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Ruleset:
    """The points on which rule books differ.

    `perpetuals` names a procedure in `repetition.PROCEDURES`; with None every threefold repetition is a draw.
    `move_limit` counts plies without a capture; only each side's first `free_checks` checks count (None: all do).
    """

    perpetuals: str | None
    move_limit: int
    free_checks: int | None
    name: str
    name_zh: str

    def title(self, language: str) -> str:
        """Return the name to show in `"zh"` or `"en"`."""
        return self.name_zh if language.startswith("zh") else self.name


RULESETS = {  # by the names that commands and protocols use, the default first
    "computer": Ruleset("computer", 120, 10, "Computer (as Pikafish rules)", "电脑规则"),
    "asian": Ruleset("asian", 100, 10, "Asian and World federations", "亚洲规则"),
    "chinese": Ruleset("chinese", 120, None, "Chinese national rules", "中国规则"),
    "simple": Ruleset(None, 120, None, "Simple: repetition draws", "简易规则（重复即和）"),
}
DEFAULT = "computer"
CLOCK_LIMIT = max(rules.move_limit for rules in RULESETS.values())  # no FEN may count more plies without a capture
ALIASES = {"wxf": "asian"}  # other names for the same rules: the World federation uses the Asian federation's diagrams
CHOICES = (*RULESETS, *ALIASES)


def find_ruleset(name: str) -> Ruleset:
    """Return the ruleset with a name or alias; raises ValueError for any other text."""
    rules = RULESETS.get(name) or RULESETS.get(ALIASES.get(name, ""))
    if rules is None:
        raise ValueError(f"unknown ruleset {name[:80]!r}; known are {', '.join(CHOICES)}")
    return rules
