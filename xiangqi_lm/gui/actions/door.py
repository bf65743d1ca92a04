"""Carrying out the window's intents: this module asks before a changed game is dropped, action groups do the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..game.texts import Message
from ..widgets.controls import Intent
from ..widgets.overlays import Menu
from ..widgets.sheets import Question
from .clipboard import ClipboardActions
from .engines import EngineActions
from .files import FileActions
from .library import LibraryActions
from .menus import MenuActions
from .part import Part, Window
from .study import StudyActions
from .tree import TreeActions

DROPS = ("open", "paste", "paste_text", "open_recent", "begin", "new_side", "editor_done", "rematch", "again",
         "open_number", "library_open", "quit")  # fmt: skip  # intents that replace the game on the board


class Actions:
    """Carries out intents for a window; an intent that would drop a changed game asks first."""

    def __init__(self, app: Window, models: Path | None):
        self._app = app
        self._engines = EngineActions(app, self)
        self._clipboard = ClipboardActions(app, self)
        self._parts: tuple[Part, ...] = (
            TreeActions(app, self),
            MenuActions(app, self, models),
            FileActions(app, self),
            self._clipboard,
            PositionActions(app, self),
            StudyActions(app, self),
            LibraryActions(app, self),
            self._engines,
        )

    def tick(self) -> None:
        """Take the results of threads."""
        self._engines.tick()
        self._clipboard.tick()

    def carry_out(self, intent: Intent) -> None:
        """Carry out an intent, as far as the game allows it now."""
        name, value = intent
        app = self._app
        if isinstance(app.overlay, Menu) and name != "close":  # one of its items was chosen
            app.close()
        if name == "close" and app.overlay is None and not app.typing and app.controller.state.editor is not None:
            self.perform("editor", ("cancel", None))
        elif name == "close":
            if app.overlay is None and not app.typing:
                app.controller.study.escape()
            app.close()
        elif name == "again":
            app.place_again()
        elif name == "drop":  # the user agreed to drop the game
            app.close()
            self.perform(*value)
        elif name in DROPS and self._would_lose(intent):
            self._ask(intent)
        else:
            self.perform(name, value)

    def perform(self, name: str, value: Any) -> None:
        """Carry out an intent without asking; do nothing if it is impossible now."""
        for part in self._parts:
            found = getattr(part, f"on_{name}", None)
            if found is not None:
                found(value)
                return
        if name in self._app.controller.view().enabled:
            self._plain(name)

    def _would_lose(self, intent: Intent) -> bool:
        name, value = intent
        controller = self._app.controller
        if name in ("open", "paste") and value is None:
            return name == "paste" and controller.state.unsaved and controller.settings.ask
        return controller.state.unsaved and controller.settings.ask

    def _ask(self, intent: Intent) -> None:
        """Ask whether to save the game before it is dropped; a second request to quit closes the window."""
        app = self._app
        if intent[0] == "quit" and app.overlay is not None and app.overlay.name == "ask":
            self.perform("quit", None)
            return
        answers = [("ask_save", ("save_then", intent)), ("ask_drop", ("drop", intent)), ("cancel", None)]
        words = Message("ask_words_quit" if intent[0] == "quit" else "ask_words")
        app.show(Question("ask", "ask_title", words, answers))

    def _plain(self, name: str) -> None:
        """Carry out an intent without a value."""
        controller, game = self._app.controller, self._app.controller.state.game
        {
            "take_back": controller.navigation.take_back,
            "redo": controller.navigation.redo,
            "resign": controller.resign,
            "offer_draw": controller.offer_draw,
            "accept_draw": lambda: controller.answer_draw(True),
            "decline_draw": lambda: controller.answer_draw(False),
            "hint": controller.programs.hint,
            "flip": controller.flip,
            "action": controller.programs.action,
            "one_move": controller.programs.one_move,
            "move_now": controller.programs.move_now,
            "another_move": controller.programs.another_move,
            "first": lambda: controller.navigation.go_to(0),
            "back": lambda: controller.navigation.step(-1),
            "forward": lambda: controller.navigation.step(1),
            "last": lambda: controller.navigation.go_to(len(game.line)),
            "delete": lambda: controller.navigation.edit("delete"),
            "promote": lambda: controller.navigation.edit("promote"),
            "undo": lambda: controller.navigation.edit("undo"),
            "redo_edit": lambda: controller.navigation.edit("redo"),
            "arrows": lambda: controller.toggle("arrows"),
            "sound": lambda: controller.toggle("sound"),
            "language": lambda: controller.change(language="en" if controller.settings.language == "zh" else "zh"),
            "rematch": controller.games.rematch,
            "again": controller.games.rematch,
        }.get(name, lambda: None)()


class PositionActions(Part):
    """Intents of the position editor, of the card at the end of a game, and quitting."""

    def on_edit(self, _: Any) -> None:
        if "edit" in self._app.controller.view().enabled:
            self._app.typing = False
            self._app.controller.edit_position()

    def on_editor(self, value: tuple[str, Any]) -> None:
        editor = self._app.controller.state.editor
        if value[0] == "done":
            self._door.carry_out(("editor_done", None))
        elif value[0] == "cancel" and editor is not None and editor.changed:
            answers = [("editor_stay", None), ("editor_leave", ("editor_leave", None))]
            self._app.show(Question("ask_editor", "editor_ask_title", Message("editor_ask"), answers))
        else:
            self._app.controller.editor_action(*value)

    def on_editor_leave(self, _: Any) -> None:
        self._app.close()
        self._app.controller.editor_action("cancel")

    def on_editor_done(self, _: Any) -> None:
        self._app.controller.editor_action("done")

    # ------------------------------------------------------------------------------------------------ the end

    def on_close_card(self, _: Any) -> None:
        self._app.controller.state.card_read = True

    def on_quit(self, _: Any) -> None:
        self._app.running = False
