"""The window's interface for the mouse and the keyboard."""

from __future__ import annotations

from typing import Protocol

from .actions.part import Window
from .widgets.board_view import Geometry
from .widgets.controls import Intent
from .widgets.layout import Layout
from .widgets.line import Line
from .widgets.move_list import MoveListView
from .widgets.scene import Hand


class Screen(Window, Protocol):
    """The window in its current layout; `dirty` requests a new frame."""

    layout: Layout
    geometry: Geometry
    hand: Hand
    moves: MoveListView
    dirty: bool

    @property
    def covered(self) -> bool: ...

    @property
    def line(self) -> Line | None: ...

    def do(self, intent: Intent | None) -> None: ...

    def stop_motion(self) -> None: ...
