"""Navigating the game and editing its tree."""

from __future__ import annotations

from typing import Any

from ..widgets.sheets import TextDialog, headers_of
from .part import Part


class TreeActions(Part):
    """Intents for steps, variations, comments, marks and headers."""

    def on_step(self, plies: int) -> None:
        self._app.controller.navigation.step(plies)

    def on_go_to(self, ply: int) -> None:
        self._app.controller.navigation.go_to(min(ply, len(self._app.controller.state.game.line)))

    def on_beside(self, steps: int) -> None:
        self._app.controller.navigation.beside(steps)

    def on_game_step(self, step: int) -> None:
        document = self._app.controller.state.document
        if document is not None and 1 <= document.number + step <= len(document):
            self._door.carry_out(("open_number", document.number + step))

    def on_open_number(self, number: int) -> None:
        self._app.close()
        self._app.controller.games.shelf.open_number(number)

    def on_type(self, _: Any) -> None:
        app = self._app
        app.typing = not app.typing and app.controller.state.editor is None
        if app.typing:
            app.entry.select_all()

    def on_fold(self, name: str) -> None:
        controller = self._app.controller
        folded = set(controller.settings.folded) ^ {name}
        controller.change(folded=tuple(sorted(folded)))

    # ------------------------------------------------------------------------------------------------ the tree

    def on_undo_any(self, _: Any) -> None:
        self._door.perform("undo" if self._app.controller.state.game.can_undo else "take_back", None)

    def on_redo_any(self, _: Any) -> None:
        self._door.perform("redo_edit" if self._app.controller.state.game.can_redo else "redo", None)

    def on_mark(self, nag: int) -> None:
        if "mark" in self._app.controller.view().enabled:
            self._app.close()
            self._app.controller.navigation.mark(nag)

    def on_comment(self, _: Any) -> None:
        if "comment" in self._app.controller.view().enabled:
            text = self._app.controller.state.game.comment()
            self._app.show(TextDialog("comment", [("text", text)], 4000))

    def on_set_comment(self, values: dict[str, str]) -> None:
        self._app.close()
        self._app.controller.navigation.edit("annotate", values["text"].strip())

    def on_headers(self, _: Any) -> None:
        if "headers" in self._app.controller.view().enabled:
            record = self._app.controller.state.game.record
            self._app.show(TextDialog("headers", list(headers_of(record).items()), 200))

    def on_set_headers(self, values: dict[str, str]) -> None:
        self._app.close()
        shown = headers_of(self._app.controller.state.game.record)
        changed = {name: text.strip() for name, text in values.items() if text.strip() != shown.get(name)}
        self._app.controller.navigation.edit("change_headers", changed)
