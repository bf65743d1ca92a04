"""What a group of actions is, and what it needs of the window."""

from __future__ import annotations

from typing import Any, Protocol

from ..game.controller import Controller
from ..widgets.controls import Intent
from ..widgets.library_panel import LibraryPanel
from ..widgets.line import Line
from ..widgets.overlays import Overlay


class Window(Protocol):
    """What actions need of the window."""

    controller: Controller
    overlay: Overlay | None
    library: LibraryPanel
    entry: Line
    typing: bool
    running: bool

    def show(self, overlay: Overlay) -> None: ...

    def place_again(self) -> None: ...

    def close(self) -> None: ...


class Door(Protocol):
    """Where intents come in."""

    def carry_out(self, intent: Intent) -> None: ...

    def perform(self, name: str, value: Any) -> None: ...


class Part:
    """A group of intents: the method `on_NAME` does what the intent NAME says.

    Another intent goes through the door: `carry_out` asks first where a changed game would be dropped, `perform` does
    not.
    """

    def __init__(self, app: Window, door: Door):
        self._app, self._door = app, door
