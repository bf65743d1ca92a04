"""Groups of actions, and the interface that they need from the window."""

from __future__ import annotations

from typing import Any, Protocol

from ..game.controller import Controller
from ..widgets.controls import Intent
from ..widgets.library_panel import LibraryPanel
from ..widgets.line import Line
from ..widgets.overlays import Overlay


class Window(Protocol):
    """The window as seen by actions."""

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
    """The receiver of intents."""

    def carry_out(self, intent: Intent) -> None: ...

    def perform(self, name: str, value: Any) -> None: ...


class Part:
    """A group of intents: the method `on_NAME` carries out the intent NAME.

    Follow-up intents go to the door: `carry_out` asks first if a changed game would be dropped, `perform` does not.
    """

    def __init__(self, app: Window, door: Door):
        self._app, self._door = app, door
