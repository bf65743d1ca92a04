"""Clocks of a game with main time and an increment or byo-yomi; the current time is always passed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...rules.squares import BLACK, RED, Color

GRACE = 2.0  # seconds by which a program may exceed its time, as asking and answering take time
SLEPT = 20.0  # a gap of more seconds between two ticks means that the machine was asleep


@dataclass(frozen=True)
class TimeControl:
    """Seconds: `main` for the game, `increment` added per move, `byoyomi` for each move once `main` is used up."""

    main: int = 0
    increment: int = 0
    byoyomi: int = 0

    def __bool__(self) -> bool:
        return bool(self.main or self.byoyomi)

    def header(self) -> str:
        """Return the value of the PGN tag TimeControl."""
        if not self:
            return "-"
        if self.byoyomi:
            return f"{self.main}+0:{self.byoyomi}b"
        return f"{self.main}+{self.increment}" if self.increment else f"{self.main}"


class GameClock:
    """The remaining time of both sides; `tick` charges elapsed time to the side whose clock runs."""

    def __init__(self, control: TimeControl):
        self.control = control
        first = float(control.main)
        self._left = {RED: first, BLACK: first}  # main time; below zero: time exceeded, without byo-yomi
        self._period = {RED: float(control.byoyomi), BLACK: float(control.byoyomi)}  # for the current move
        self._running: Color | None = None
        self._looked = 0.0
        self._after: dict[int, tuple[float, float]] = {}  # ply -> both sides' main time after it

    @property
    def running(self) -> Color | None:
        """Return whose clock runs."""
        return self._running

    def run(self, color: Color | None, now: float) -> None:
        """Start one side's clock, or none, after charging the time until now."""
        self.tick(now)
        self._running, self._looked = color, now

    def tick(self, now: float) -> None:
        """Charge the time since the last tick, unless the machine was asleep or the clock was set back."""
        passed, self._looked = now - self._looked, now
        side = self._running
        if side is None or not 0 < passed < SLEPT:
            return
        if self._left[side] > 0 or not self.control.byoyomi:
            spent = min(passed, max(self._left[side], 0.0)) if self.control.byoyomi else passed
            self._left[side] -= spent
            passed -= spent
        if self.control.byoyomi:
            self._period[side] -= passed

    def moved(self, color: Color, ply: int, now: float) -> None:
        """Handle a side's move: add the increment, or begin the next period."""
        self.tick(now)
        self._left[color] += self.control.increment
        self._period[color] = float(self.control.byoyomi)
        self._after[ply] = (self._left[RED], self._left[BLACK])

    def back_to(self, ply: int) -> None:
        """Restore both sides' time after a ply, once moves were taken back."""
        main = float(self.control.main)
        self._left[RED], self._left[BLACK] = self._after.get(ply, (main, main))
        self._period = {color: float(self.control.byoyomi) for color in Color}
        self._after = {n: left for n, left in self._after.items() if n <= ply}

    def left(self, color: Color) -> float:
        """Return the seconds to show: the rest of the main time or of the period."""
        if self.control.byoyomi and self._left[color] <= 0:
            return max(self._period[color], 0.0)
        return max(self._left[color], 0.0)

    def in_byoyomi(self, color: Color) -> bool:
        """Return whether a side's main time is used up and it has byo-yomi for each move."""
        return bool(self.control.byoyomi) and self._left[color] <= 0

    def overstepped(self, color: Color) -> float:
        """Return the seconds by which a side has exceeded its time, or 0."""
        worth = self._period[color] if self.in_byoyomi(color) else self._left[color]
        return max(-worth, 0.0)

    def state(self) -> dict[str, Any]:
        """Return the state for `restore` as JSON data."""
        return {"left": [self._left[RED], self._left[BLACK]], "period": [self._period[RED], self._period[BLACK]]}

    def restore(self, state: dict[str, Any]) -> None:
        """Restore the times from `state`; raises KeyError, TypeError or ValueError if it is invalid."""
        for kept, values in ((self._left, state["left"]), (self._period, state["period"])):
            kept[RED], kept[BLACK] = (float(value) for value in values)


def written(seconds: float) -> str:
    """Return a time as a clock shows it: 1:05:09, 08:41, and tenths in the last ten seconds."""
    if seconds < 10:
        return f"00:{int(seconds * 10) / 10:04.1f}"
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60:02d}:{whole % 60:02d}"
