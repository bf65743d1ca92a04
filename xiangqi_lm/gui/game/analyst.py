"""The judge's lines, which deepen while a position is shown, and lines shown on the board."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from ...engine.player import Choice, Info, Limit, PrincipalVariation
from ...rules.moves import Move
from .analysis import Preview
from .state import State
from .thinker import Thinker, Ticket

WAKE = 0.15  # seconds between wake-up calls for deeper lines
PACE = 0.7  # seconds between moves of a line that is played on the board


def deeper(old: Info | None, new: Info, count: int) -> bool:
    """Return whether new lines are better than the old ones: at least as deep, or more of the requested number."""
    if old is None or new.depth >= old.depth:
        return True
    return len(old.variations) < min(count, len(new.variations))


class Analyst:
    """Asks the judge about the current position, on its own thread, while analysis mode is on."""

    def __init__(self, thinker: Thinker, state: State, wake: Callable[[], None]):
        self._thinker, self._state, self._wake = thinker, state, wake
        self._serial = 0
        self._asked: tuple[object, ...] | None = None
        self._ticket: Ticket | None = None
        self._news: tuple[Ticket, Info] | None = None  # set by the judge's thread

    @property
    def busy(self) -> bool:
        """Return whether the judge's thread is working."""
        return self._thinker.lingering

    @property
    def making(self) -> str:
        """Return the spec of the judge while it is being built."""
        return self._state.settings.judge if self._thinker.making else ""

    def close(self) -> None:
        """Close the judge."""
        self._thinker.close()

    def consider(self) -> None:
        """Have the current position judged unless that is running or done; do nothing outside analysis mode."""
        state, settings = self._state, self._state.settings
        analysis = state.analysis
        waits = state.editor is not None or state.secret or analysis.order is not None  # a review needs the processor
        if not analysis.on or waits or state.game.outcome() is not None:
            if self._asked is not None:
                self._thinker.cancel()
            self._asked = self._ticket = None
            analysis.thinking = False
            return
        board, seconds = state.game.board, float(settings.judge_time)
        wanted = (
            state.game_id, state.here, settings.judge, settings.lines, seconds, settings.ruleset, settings.threads
        )  # fmt: skip
        if wanted == self._asked:
            return
        self._serial += 1
        ticket = Ticket(state.game_id, board.key, "lines", self._serial)
        self._asked, self._ticket = wanted, ticket
        analysis.thinking, analysis.fault = True, ""
        limit = Limit(
            movetime=seconds or None,
            infinite=not seconds,
            multipv=settings.lines,
            ruleset=settings.ruleset,
            report=self._reporter(ticket),
        )
        self._thinker.ask(ticket, board, settings.judge, limit, frozenset({settings.judge}), settings.threads)

    def _reporter(self, ticket: Ticket) -> Callable[[Info], None]:
        last = [0.0]

        def report(info: Info) -> None:
            self._news = (ticket, info)
            if time.monotonic() - last[0] > WAKE:
                last[0] = time.monotonic()
                self._wake()

        return report

    def collect(self) -> None:
        """Take the lines that the judge has found since the last call, dropping those of other positions."""
        _, answers = self._thinker.poll()
        news, self._news = self._news, None
        if news is not None and news[0] == self._ticket:
            self._keep(news[1])
        for answer in answers:
            if answer.ticket != self._ticket:
                continue
            self._state.analysis.thinking = False
            if answer.choice is None:
                self._state.analysis.fault = answer.fault
            else:
                self._keep(info_of(answer.choice))
        if self._thinker.state == "failed" and self._ticket is not None and not self._state.analysis.fault:
            self._state.analysis.fault, self._state.analysis.thinking = self._thinker.fault, False

    def _keep(self, info: Info) -> None:
        state = self._state
        if info.variations and deeper(state.analysis.lines.get(state.here), info, state.settings.lines):
            state.analysis.lines[state.here] = info


def info_of(choice: Choice) -> Info:
    """Return the lines of a choice, which has at least the move itself."""
    if choice.info is not None and choice.info.variations:
        return choice.info
    lines = choice.lines or ((choice.move,),)
    variations = tuple(PrincipalVariation(line, choice.score if i == 0 else None) for i, line in enumerate(lines))
    return Info(0, 0, 0.0, variations)


class Previews:
    """Shows lines on the board without changing the game; `clock` returns seconds."""

    def __init__(self, state: State, clock: Callable[[], float]):
        self._state, self._clock = state, clock

    @property
    def now(self) -> Preview | None:
        """Return the line being shown, while its start position is the current one."""
        preview = self._state.analysis.preview
        return preview if preview is not None and preview.root == self._state.here else None

    def hover(self, moves: tuple[Move, ...], shown: int) -> None:
        """Show a line after some of its moves while the pointer is over it, unless another line is pinned."""
        now = self.now
        if now is None or not now.pinned:
            self._state.analysis.preview = Preview(self._state.here, moves, shown) if shown else None

    def play(self, moves: tuple[Move, ...]) -> None:
        """Play a line on the board from its first move, or close it if it is already shown."""
        now = self.now
        if now is not None and now.pinned and now.moves == moves:
            self.leave()
        elif moves:
            self._state.analysis.preview = Preview(self._state.here, moves, 1, True, True, self._clock())

    def step(self, plies: int) -> None:
        """Step forward or back in the line shown."""
        now = self.now
        if now is not None:
            shown = min(max(now.shown + plies, 0), len(now.moves))
            self._state.analysis.preview = replace(now, shown=shown, playing=False, pinned=True)

    def leave(self) -> None:
        """Show the game again."""
        self._state.analysis.preview = None

    def tick(self) -> bool:
        """Make the next move of a line being played once it is due; return whether there was one."""
        now = self.now
        if now is None:
            self._state.analysis.preview = None
            return False
        if not now.playing or self._clock() < now.since + PACE:
            return False
        if now.shown >= len(now.moves):
            self._state.analysis.preview = replace(now, playing=False)
            return False
        self._state.analysis.preview = replace(now, shown=now.shown + 1, since=self._clock())
        return True
