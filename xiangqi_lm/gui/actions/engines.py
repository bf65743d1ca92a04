"""Adding an engine to the opponents; it is first started on a thread and tested."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from ...errors import EngineFailure
from ..game.texts import brief
from ..widgets.sheets import EngineDialog
from ..window import wake
from .part import Door, Part, Window


class EngineActions(Part):
    """Intents of the dialog that adds an engine."""

    def __init__(self, app: Window, door: Door):
        super().__init__(app, door)
        self._asking: _EngineQuestion | None = None

    def tick(self) -> None:
        """Take the answer of an engine that is being tested."""
        asking = self._asking
        if asking is not None and asking.done:
            self._asking = None
            self._heard(asking)

    def on_engine(self, _: Any) -> None:
        self._app.show(EngineDialog())

    def on_add_engine(self, values: dict[str, Any]) -> None:
        dialog = self._app.overlay
        assert isinstance(dialog, EngineDialog)
        dialog.trouble, dialog.waiting = "", True
        self._app.place_again()
        self._asking = _EngineQuestion(values)

    def _heard(self, asking: _EngineQuestion) -> None:
        """Add a tested engine to the opponents, or show in the dialog why it failed."""
        app = self._app
        dialog = app.overlay if isinstance(app.overlay, EngineDialog) else None
        if asking.fault:
            if dialog is not None:
                dialog.waiting, dialog.trouble = False, asking.fault
                app.place_again()
            return
        if dialog is not None:
            app.close()
        known = [pair for pair in app.controller.settings.engines if pair[1] != asking.spec]
        app.controller.change(engines=(*known, (asking.name, asking.spec)), level=asking.spec)
        app.controller.tell("engine_added", name=asking.name)


class _EngineQuestion:
    """An engine started on a thread and asked for its name and a move."""

    def __init__(self, values: dict[str, Any]):
        self.name, self.fault, self.done = values["name"].strip(), "", False
        command = values["command"].strip()
        self.spec = f"{values['protocol']}:{command}?movetime={values['movetime']:g}"
        if options := values["options"].strip().strip("?&"):
            self.spec += f"&{options}"
        threading.Thread(target=self._ask, name="asks an engine", daemon=True).start()

    def _ask(self) -> None:
        from ...engine.player import Limit
        from ...engine.spec import make_player
        from ...rules.board import Board

        try:
            player = make_player(self.spec)
            try:
                board = Board()
                if not board.is_legal(player.choose(board, Limit(movetime=0.1)).move):
                    raise EngineFailure("it does not play xiangqi")
                self.name = self.name or brief(getattr(player, "title", "") or Path(self.spec.split(":", 1)[1]
                                                                                  .split("?")[0]).name, 40)  # fmt: skip
            finally:
                player.close()
        except Exception as fault:  # any fault of an unknown program becomes a line in the dialog
            self.fault = brief((str(fault).strip().splitlines() or [type(fault).__name__])[0])
        self.done = True
        wake()
