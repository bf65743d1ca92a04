"""Clocks of a game: main time, then an increment for each move or byo-yomi; they know no wall clock of their own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...rules.squares import BLACK, RED, Color

GRACE = 2.0  # seconds that a program may overstep: it has to be asked and to answer
SLEPT = 20.0  # seconds between two looks at the clock after which the machine is taken to have slept


@dataclass(frozen=True)
class TimeControl:
    """Seconds: `main` for the game, `increment` added by each move, `byoyomi` for each move once `main` is used up."""

    main: int = 0
    increment: int = 0
    byoyomi: int = 0

    def __bool__(self) -> bool:
        return bool(self.main or self.byoyomi)

    def header(self) -> str:
        """Return the value of PGN's TimeControl."""
        if not self:
            return "-"
        if self.byoyomi:
            return f"{self.main}+0:{self.byoyomi}b"
        return f"{self.main}+{self.increment}" if self.increment else f"{self.main}"


class GameClock:
    """The time that both sides have left; `tick` charges what has passed to the side whose clock runs."""

    def __init__(self, control: TimeControl):
        self.control = control
        first = float(control.main)
        self._left = {RED: first, BLACK: first}  # of the main time; below zero: overstepped where there is no byo-yomi
        self._period = {RED: float(control.byoyomi), BLACK: float(control.byoyomi)}  # of the move under way
        self._running: Color | None = None
        self._looked = 0.0
        self._after: dict[int, tuple[float, float]] = {}  # ply -> both sides' main time after it

    @property
    def running(self) -> Color | None:
        """Return whose clock runs."""
        return self._running

    def run(self, color: Color | None, now: float) -> None:
        """Let one side's clock run, or none; what has passed until now is charged first."""
        self.tick(now)
        self._running, self._looked = color, now

    def tick(self, now: float) -> None:
        """Charge the time that has passed since the last look; a machine that slept, or a clock set back, costs nobody
        time.
        """
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
        """Note that a side has moved: the increment is added, or the next period begins."""
        self.tick(now)
        self._left[color] += self.control.increment
        self._period[color] = float(self.control.byoyomi)
        self._after[ply] = (self._left[RED], self._left[BLACK])

    def back_to(self, ply: int) -> None:
        """Give both sides the time back that they had after that ply, as moves were taken back."""
        main = float(self.control.main)
        self._left[RED], self._left[BLACK] = self._after.get(ply, (main, main))
        self._period = {color: float(self.control.byoyomi) for color in Color}
        self._after = {n: left for n, left in self._after.items() if n <= ply}

    def left(self, color: Color) -> float:
        """Return the seconds left to show: of the main time, or of the period."""
        if self.control.byoyomi and self._left[color] <= 0:
            return max(self._period[color], 0.0)
        return max(self._left[color], 0.0)

    def in_byoyomi(self, color: Color) -> bool:
        """Return whether the main time is used up and each move has its own seconds."""
        return bool(self.control.byoyomi) and self._left[color] <= 0

    def overstepped(self, color: Color) -> float:
        """Return by how many seconds a side has overstepped its time; 0 while it has not."""
        worth = self._period[color] if self.in_byoyomi(color) else self._left[color]
        return max(-worth, 0.0)

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs, as JSON can hold it."""
        return {"left": [self._left[RED], self._left[BLACK]], "period": [self._period[RED], self._period[BLACK]]}

    def restore(self, state: dict[str, Any]) -> None:
        """Take over the times of `state`; raises KeyError, TypeError, ValueError for anything else."""
        for kept, values in ((self._left, state["left"]), (self._period, state["period"])):
            kept[RED], kept[BLACK] = (float(value) for value in values)


def written(seconds: float) -> str:
    """Return a time as clocks show it: 1:05:09, 08:41, and tenths in the last ten seconds."""
    if seconds < 10:
        return f"00:{int(seconds * 10) / 10:04.1f}"
    whole = int(seconds)
    if whole >= 3600:
        return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"
    return f"{whole // 60:02d}:{whole % 60:02d}"
