"""Navigating the game and its tree, taking moves back, editing the tree."""

from __future__ import annotations

from typing import Any

from .hooks import Hooks
from .referee import Referee
from .state import State
from .study import Study
from .texts import message
from .tree_walk import Place

MOST_MARK = 6  # the annotation glyphs up to this number mark a move as good or bad; a move has one of them


class Navigation:
    """Changes the current position; programs think only at the end of the line."""

    def __init__(self, state: State, study: Study, referee: Referee, hooks: Hooks):
        self._state, self._study, self._referee, self._hooks = state, study, referee, hooks

    def go_to(self, ply: int) -> None:
        """Go to another position of the line."""
        if ply != self._state.game.cursor and self._state.editor is None:
            self._state.game.go_to(ply)
            self.moved_on()

    def look_at(self, place: Place) -> None:
        """Go to a place in any line of the tree."""
        if self._state.editor is None:
            self._state.game.look_at(place)
            self.moved_on()

    def moved_on(self) -> None:
        """Update everything after the current position has changed."""
        state = self._state
        state.analysis.preview = None
        self._study.coach.drop()
        state.clear_hand()
        self._referee.tick()  # clocks stop while an earlier position is shown
        if state.humans:
            state.paused = False
        elif not state.game.at_tip:
            state.paused = True
        self._hooks.consider()

    def step(self, plies: int) -> None:
        """Go that many plies ahead, or back."""
        game = self._state.game
        if not self._study.step(plies):
            self.go_to(min(max(game.cursor + plies, 0), len(game.line)))

    def beside(self, steps: int) -> None:
        """Go to an alternative to the last move, `steps` further in the tree's order; if there is none, go one pair
        of moves ahead or back."""
        places, which = self._state.game.alternatives()
        if len(places) > 1:
            self.look_at(places[(which + steps) % len(places)])
        else:
            self.step(2 * steps)

    def take_back(self) -> None:
        """Go back to the user's last turn: two plies against a program, one while it thinks or between two people."""
        ply = self._state.take_back_to
        if ply is not None:
            if not self._state.analysis.on:
                self._state.draw_offered = None  # it was made in a position that is taken back
            self.go_to(ply)
            if not self._state.analysis.on:
                self._state.clock.back_to(ply)

    def redo(self) -> None:
        """Go forward to the user's next turn, or to the end of the line."""
        game = self._state.game
        if game.at_tip:
            return
        ply = game.cursor + 1
        while ply < len(game.line) and game.turn_at(ply) not in self._state.humans:
            ply += 1
        self.go_to(ply)

    # ------------------------------------------------------------------------------------------------ the tree

    def edit(self, name: str, *values: Any) -> None:
        """Change the tree at the current place: `delete`, `promote`, `annotate`, `mark`, `change_headers`, `undo` or
        `redo` of `Game`, with its arguments."""
        getattr(self._state.game, name)(*values)
        self._state.clear_hand()
        if name in ("delete", "promote", "undo", "redo"):
            self._state.message = message(f"edit_{name}")
        self._hooks.consider()

    def mark(self, nag: int) -> None:
        """Give the last move a glyph instead of the one it has; the same glyph again removes it."""
        game = self._state.game
        here = game.place
        had = game.record.line_at(here.path).nags.get(here.ply, ())
        kept = tuple(n for n in had if n > MOST_MARK)
        self.edit("mark", kept if nag in had or not nag else (nag, *kept))
