"""Analysis mode as the controller has it: switched on and off, with the judge's lines and previews of lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...rules.moves import Move
from .analyst import Analyst, Previews
from .state import Motion, State
from .thinker import Thinker

FEWEST, MOST = 1, 5  # lines of the judge


@dataclass(frozen=True)
class Hooks:
    """What analysis asks of the controller."""

    moved_on: Callable[[], None]  # another position is looked at
    motion: Callable[[Motion], None]
    change: Callable[..., None]  # settings
    wake: Callable[[], None]
    clock: Callable[[], float]


class Study:
    """Owns what helps to study a game; `judge` gives the lines, and none are given without it."""

    def __init__(self, state: State, judge: Thinker | None, hooks: Hooks):
        self._state, self._hooks = state, hooks
        self._analyst = Analyst(judge, state, hooks.wake) if judge is not None else None
        self.previews = Previews(state, hooks.clock)

    @property
    def busy(self) -> bool:
        """Whether a thread is at work."""
        return self._analyst is not None and self._analyst.busy

    @property
    def making(self) -> str:
        """The spec of the judge while it is being built."""
        return self._analyst.making if self._analyst is not None else ""

    def close(self) -> None:
        """Let the judge go."""
        if self._analyst is not None:
            self._analyst.close()

    def tick(self) -> None:
        """Take what the judge has found, and go on with the line that is played out."""
        if self._analyst is not None:
            self._analyst.collect()
        if self.previews.tick():
            self._show_motion()

    def consider(self) -> None:
        """Have the judge look at what is to be looked at."""
        if self._analyst is not None:
            self._analyst.consider()

    # ------------------------------------------------------------------------------------------------ the mode

    def toggle(self) -> None:
        """Go from play to analysis and back: a game under way rests meanwhile, and goes on where it stood."""
        state = self._state
        if state.editor is not None:
            return
        analysis, game = state.analysis, state.game
        analysis.on = not analysis.on
        analysis.preview = None
        if analysis.on:
            analysis.resting = game.rest() if game.live else None
        elif analysis.resting is not None:
            resting, analysis.resting = analysis.resting, None
            game.resume(resting)
        self._hooks.moved_on()

    # ------------------------------------------------------------------------------------------------ lines

    def more_lines(self, count: int) -> None:
        """Have the judge give more lines, or fewer."""
        wanted = min(max(self._state.settings.lines + count, FEWEST), MOST)
        self._hooks.change(lines=wanted)

    def hover(self, moves: tuple[Move, ...], shown: int) -> None:
        """The pointer is over a line's move, `shown` moves from its start; 0: over none."""
        self.previews.hover(moves, shown)

    def play_line(self, moves: tuple[Move, ...]) -> None:
        """Play a line out on the board, or leave it if it is the one that is played out."""
        self.previews.play(moves)
        self._show_motion()

    def step(self, plies: int) -> bool:
        """Step in the line that is played out; False where there is none."""
        now = self.previews.now
        if now is None or not now.pinned:
            return False
        self.previews.step(plies)
        if plies == 1 and now.shown < len(now.moves):
            self._show_motion()
        return True

    def _show_motion(self) -> None:
        """Show a preview's last move as motion."""
        now = self.previews.now
        if now is None or not now.shown:
            return
        move = now.moves[now.shown - 1]
        board = self._state.game.board.copy()
        for made in now.moves[: now.shown - 1]:
            board.push_unchecked(made)
        piece, taken = board.piece_at(move.from_square) or 0, board.piece_at(move.to_square) or 0
        self._hooks.motion(Motion(move, piece, taken))
