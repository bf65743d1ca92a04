"""What each intent does: buttons, keys, menus and dialogs of the window all speak through these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pygame

from .levels import OFFERED
from .widgets.overlays import HelpSheet, Intent, Menu, SettingsSheet

if TYPE_CHECKING:
    from .app import App


def carry_out(app: App, intent: Intent) -> None:
    """Do what the intent says, as far as the game allows it now."""
    name, value = intent
    if name in ("new_game", "level", "open", "save", "settings", "help") and value is None:
        _show(app, name)
    elif name == "close":
        app.close()
    elif name == "type":
        if app.widgets:
            app.widgets.focus(None if app.widgets.typing else app.widgets.entry)
    elif name == "set":
        app.controller.change(**value)
    elif name == "refused":  # a path that cannot be one: the dialog stays for another try
        purpose, text, reason = value
        app.controller.tell(f"{'save' if purpose == 'save' else 'load'}_failed", error=True, name=text, reason=reason)
    elif value is not None:
        app.close()
        _with_value(app, name, value)
    elif name in app.controller.view().enabled:
        _plain(app, name)


def _with_value(app: App, name: str, value: Any) -> None:
    controller = app.controller
    {
        "new_game": lambda: controller.new_game(side=value),
        "level": lambda: controller.change(level=value),
        "open": lambda: controller.load(Path(value)),
        "save": lambda: controller.save(Path(value)),
        "step": lambda: controller.step(value),
        "go_to": lambda: controller.go_to(value),
        "restore": lambda: controller.restore() if value else controller.decline(),
    }[name]()


def _plain(app: App, name: str) -> None:
    controller = app.controller
    {
        "take_back": controller.take_back,
        "redo": controller.redo,
        "resign": controller.resign,
        "hint": controller.hint,
        "flip": controller.flip,
        "action": controller.action,
        "arrows": lambda: controller.toggle("arrows"),
        "sound": lambda: controller.toggle("sound"),
        "language": lambda: controller.change(language="en" if controller.settings.language == "zh" else "zh"),
        "copy_fen": lambda: pygame.scrap.put_text(controller.copy_fen()),
        "paste_fen": lambda: _paste(app),
    }[name]()


def _paste(app: App) -> None:
    try:
        words = pygame.scrap.get_text()
    except pygame.error:
        words = ""
    if words.strip():
        app.controller.paste_fen(words)
    else:
        app.controller.tell("clipboard_empty", error=True)


def _show(app: App, name: str) -> None:
    settings = app.controller.settings
    if name not in app.controller.view().enabled:
        return
    if name == "new_game":
        items = tuple((f"menu_{side}", ("new_game", side)) for side in ("red", "black", "both"))
        app.show(Menu("menu_new_game", "new_game", items, ("new_game", settings.side)))
    elif name == "level":
        items = tuple((f"level_{level}", ("level", level)) for level in OFFERED)
        app.show(Menu("menu_level", "level", items, ("level", settings.level)))
    elif name == "settings":
        app.show(SettingsSheet(settings))
    elif name == "help":
        app.show(HelpSheet())
    elif app.widgets:
        from .widgets.dialogs import PathDialog

        app.show(PathDialog(name, settings.folder, app.widgets))
