"""Time controls: by clock, time per move, nodes or depth."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..engine.player import Clock, Limit
from ..errors import BadConfig

_CLOCK = re.compile(r"(?:(\d+)/)?(\d+(?:\.\d+)?)(?:\+(\d+(?:\.\d+)?))?")


@dataclass(frozen=True)
class TimeControl:
    """Limits for each move, and a clock: `base` seconds for the game, or for every `moves` moves, plus `increment`
    after each move. None means no limit.
    """

    nodes: int | None = None
    depth: int | None = None
    movetime: float | None = None
    base: float | None = None
    increment: float = 0.0
    moves: int | None = None

    def limit(self, mine: float, theirs: float, moved: int, other: TimeControl) -> Limit:
        """Return the limit of a move, given the seconds left on both clocks and how many moves the player has made."""
        clock = None
        if self.base is not None:
            to_go = self.moves - moved % self.moves if self.moves else None
            theirs = theirs if other.base is not None else mine
            clock = Clock(max(mine, 0.001), max(theirs, 0.001), self.increment, other.increment, to_go)
        return Limit(nodes=self.nodes, depth=self.depth, movetime=self.movetime, clock=clock)

    def spare(self, left: float, seconds: float) -> float:
        """Return how many seconds a move was made before its deadline, given the clock before it; negative if it was
        late.
        """
        limits = [limit for limit in (left if self.base is not None else None, self.movetime) if limit is not None]
        return min(limits, default=seconds) - seconds

    def after(self, left: float, seconds: float, moved: int) -> float:
        """Return the clock after a move that was in time, the player's `moved`-th."""
        left -= seconds
        if self.base is None:
            return left
        return left + self.increment + (self.base if self.moves and moved % self.moves == 0 else 0)

    def __str__(self) -> str:
        parts = [f"{name}={value:g}" for name in ("nodes", "depth", "movetime") if (value := getattr(self, name))]
        if self.base is not None:
            session = f"{self.moves}/" if self.moves else ""
            parts.append(f"{session}{self.base:g}" + (f"+{self.increment:g}" if self.increment else ""))
        return ",".join(parts) or "-"


def parse(text: str) -> TimeControl:
    """Read `60+0.6`, `40/60`, `movetime=0.5`, `nodes=1000`, `depth=6`, or several with commas; raises BadConfig."""
    values: dict[str, float | int | None] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        clock = _CLOCK.fullmatch(name) if not equals else None
        if ("base" if clock else name) in values:
            raise BadConfig(f"time control {text!r}: {'the clock' if clock else name} is given twice")
        try:
            if clock:
                values["moves"] = int(clock[1]) if clock[1] else None
                values["base"], values["increment"] = float(clock[2]), float(clock[3] or 0)
            else:
                values[name] = {"nodes": int, "depth": int, "movetime": float}[name](value)
        except (KeyError, ValueError):
            raise BadConfig(f"time control {text!r}: expected 60+0.6, 40/60, movetime=S, nodes=N or depth=N") from None
    if any(value is not None and not 0 < value < 2**31 for name, value in values.items() if name != "increment"):
        raise BadConfig(f"time control {text!r}: every limit must be above 0, and none so large")
    return TimeControl(**values)  # type: ignore[arg-type]
