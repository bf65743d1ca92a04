"""The progress of a long command, on stderr: a bar on a terminal, else a plain line now and then."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

if TYPE_CHECKING:
    from typing_extensions import Self

    from ..records.formats.sources import Reading
    from ..records.game import GameRecord
    from ..records.readers import Refusal

_PAUSE = 30.0  # seconds between plain lines


class Meter:
    """A context manager that counts towards `total` `units`, with a rate and an estimate of the time left.

    A total of 0 is not known. The bar of a `passing` one is removed at the end.
    """

    def __init__(self, total: int, units: str, passing: bool = False):
        self._total, self._units, self._done = total, units, 0
        console = Console(stderr=True)
        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[words]}"), TimeElapsedColumn())
        self._bar = Progress(
            *columns, TimeRemainingColumn(), console=console, disable=not console.is_terminal, transient=passing
        )
        self._task = self._bar.add_task("", total=total or None, words=units)
        self._plain = not console.is_terminal
        self._began = self._told = time.monotonic()

    def add(self, count: int, words: str = "") -> None:
        """Count that many more as done; `words` appear beside the rate."""
        self._done += count
        now = time.monotonic()
        rate = self._done / max(now - self._began, 1e-9)
        text = f"{rate:,.1f} {self._units}/s" + (f", {words}" if words else "")
        self._bar.update(self._task, completed=self._done, words=text)
        if self._plain and now - self._told >= _PAUSE and rate > 0:
            self._told = now
            of, left = "", ""
            if self._total:
                of, left = f" of {self._total:,}", f", {span(max(0, self._total - self._done) / rate)} left"
            click.echo(f"{self._done:,}{of} {self._units}, {text}{left}", err=True)

    def total(self, count: int) -> None:
        """Set another total, when there is more (or less) to do than expected."""
        if count != self._total:
            self._total = count
            self._bar.update(self._task, total=count or None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._bar.stop()


class GamesLeft:
    """Estimates the total plies of some games, from finished games, those in play, and the usual length."""

    USUAL = 100  # plies of a usual game
    TRUST = 8  # how many games the usual length weighs as much as

    def __init__(self, games: int, at_once: int):
        self._games, self._at_once = games, at_once
        self._plies = self._ended = self._plies_of_ended = 0

    def played(self, plies: int) -> None:
        self._plies += plies

    def ended(self, plies: int) -> None:
        """Count a game that ended after that many plies."""
        self._ended += 1
        self._plies_of_ended += plies

    def total(self) -> int:
        """Return the estimated plies of all games, including those played."""
        left = self._games - self._ended
        playing = min(left, self._at_once)
        mean = (self._plies_of_ended + self.TRUST * self.USUAL) / (self._ended + self.TRUST)
        age = max(0, self._plies - self._plies_of_ended) / max(1, playing)
        return self._plies + round((left - playing) * max(mean, age) + playing * max(mean - age, mean / 4))

    def words(self) -> str:
        return f"{self._ended:,} of {self._games:,} games"


def span(seconds: float) -> str:
    """Return a length of time for people: `50 s`, `12 min`, `3.5 h`."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class FilesMeter(Meter):
    """Shows how many kilobytes of some files have been read."""

    def __init__(self, size: int):
        super().__init__(size // 1000, "kB", passing=True)

    def reached(self, position: int, words: str) -> None:
        """Show the number of bytes read so far."""
        self.add(position // 1000 - self._done, words)


def counted(items: Iterable[GameRecord | Refusal], reading: Reading | None = None) -> Iterator[GameRecord | Refusal]:
    """Yield the same items, counting them, or the bytes of the files they come from."""
    from ..records.readers import Refusal

    files = FilesMeter(reading.total) if reading and reading.total else None
    with files or Meter(0, "games", passing=True) as meter:
        refused = shown = 0
        for count, item in enumerate(items, 1):
            refused += isinstance(item, Refusal)
            if count % 200 == 0:
                words = f"{count - refused:,} games, {refused:,} refused"
                if files and reading:
                    files.reached(reading.done, words)
                else:
                    meter.add(count - shown, words)
                shown = count
            yield item
