"""Menus, new games, players and settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...model import named
from ..game import players
from ..game.movelist import GLYPHS, MARKS
from ..game.texts import brief
from ..widgets.overlays import HelpSheet, Item, Menu
from ..widgets.player_sheet import PlayerSheet
from ..widgets.sheets import NewGameSheet, SettingsSheet
from .part import Door, Part, Window

MENU = (  # menu of the button "more": intent, its shortcut
    ("analysis", "Tab"), ("review", "V"), ("practise", "X"), ("summary", "W"),
    ("recent", "Ctrl+R"), ("games", ""), ("save_as", "Ctrl+Shift+S"), ("picture", ""), ("copy", "Ctrl+Shift+C"),
    ("paste", "Ctrl+V"), ("library_menu", "B"), ("edit", "E"), ("headers", ""), ("comment", "C"),
    ("marks", "1 … 6"), ("promote", "P"),
    ("delete", "Del"), ("undo", "Ctrl+Z"), ("redo_edit", "Ctrl+Y"), ("offer_draw", ""), ("accept_draw", ""),
    ("move_now", "I"), ("another_move", "T"), ("one_move", "O"), ("rematch", ""), ("engine", ""), ("quit", "Ctrl+Q"),
)  # fmt: skip


class MenuActions(Part):
    """Intents of menus and sheets; `models` is the folder of the user's models."""

    def __init__(self, app: Window, door: Door, models: Path | None):
        super().__init__(app, door)
        self._models = models

    def _items(self, names: Any) -> list[Item]:
        live = {*self._app.controller.view().enabled, "quit", "marks"}
        if "mark" not in live:
            live.discard("marks")
        hints = dict(MENU)
        return [Item(f"more_{name}", (name, None), name in live, hint=hints.get(name, "")) for name in names]

    def on_menu(self, _: Any) -> None:
        self._app.show(Menu("menu", "menu", self._items([name for name, _ in MENU])))

    def on_new_game(self, side: str | None) -> None:
        app = self._app
        if side is not None:
            self._door.carry_out(("new_side", side))
            return
        if "new_game" in app.controller.view().enabled:
            items = [Item(f"menu_{name}", ("new_game", name)) for name in ("red", "black", "both", "none")]
            items.append(Item("menu_sheet", ("new_game_sheet", None)))
            app.show(Menu("menu_new_game", "new_game", items, ("new_game", app.controller.settings.side)))

    def on_new_side(self, side: str) -> None:
        self._app.close()
        self._app.controller.games.new_game(side=side, handicap=self._app.controller.settings.handicap)

    def _offers(self) -> list[players.Offer]:
        models = named.models_in(self._models) if self._models else []
        return players.offers(self._app.controller.settings, self._app.controller.state.own, models)

    def on_new_game_sheet(self, _: Any) -> None:
        self._app.show(NewGameSheet(self._app.controller.settings, self._offers()))

    def on_begin(self, value: tuple[str, dict[str, Any]]) -> None:
        side, changes = value
        self._app.close()
        self._app.controller.games.new_game(side=side, **changes)

    def on_level(self, key: str | None) -> None:
        app = self._app
        if key is not None:
            app.close()
            controller = app.controller
            controller.change(level=key)
            if controller.state.own_game.result() is not None and len(controller.state.humans) < 2:
                settings, own = controller.settings, controller.state.own
                controller.tell("level_next", name=players.title(key, settings.language, settings, own))
            return
        if "level" not in app.controller.view().enabled:
            return
        language = app.controller.settings.language
        items = [
            Item(f"level_{offer.key}", ("level", offer.key), words=brief(offer.title(language), 48))
            for offer in self._offers()
        ]
        items += [Item("more_player", ("player", None)), Item("more_engine", ("engine", None))]
        app.show(Menu("menu_level", "level", items, ("level", app.controller.settings.level)))

    def on_player(self, _: Any) -> None:
        models = [(offer.key.partition(":")[2], offer.english) for offer in self._offers() if offer.kind == "model"]
        self._app.show(PlayerSheet(models))

    def on_add_player(self, value: tuple[str, str]) -> None:
        """Add a user-defined player to the opponents, and select it."""
        name, spec = value
        self._app.close()
        controller = self._app.controller
        name = name or players.kind(spec, controller.settings.language, "")
        known = [pair for pair in controller.settings.engines if pair[1] != spec]
        controller.change(engines=(*known, (name, spec)), level=spec)
        controller.tell("engine_added", name=name)

    def on_settings(self, _: Any) -> None:
        self._app.show(SettingsSheet(self._app.controller.settings))

    def on_set(self, values: dict[str, Any]) -> None:
        self._app.controller.change(**values)

    def on_help(self, _: Any) -> None:
        self._app.show(HelpSheet())

    def on_restore(self, go_on: bool) -> None:
        app = self._app
        app.overlay = None
        if go_on:
            app.controller.games.restore()
        else:
            app.controller.games.decline()

    def on_marks(self, at: Any) -> None:
        items = [Item(f"mark_{nag}", ("mark", nag), hint=str(i), words=GLYPHS[nag]) for i, nag in enumerate(MARKS, 1)]
        self._app.show(Menu("marks", at or "menu", [*items, Item("mark_none", ("mark", 0))]))

    def on_move_menu(self, pixel: tuple[int, int]) -> None:
        self._app.show(Menu("move_menu", pixel, self._items(("comment", "marks", "promote", "delete"))))
