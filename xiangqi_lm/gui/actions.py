"""What each intent of the window does: menus and dialogs are opened, the controller is asked, texts are copied."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Protocol

import pygame

from ..errors import EngineFailure, XiangqiError
from .game import players
from .game.controller import Controller
from .game.faults import reason
from .game.movelist import GLYPHS, MARKS
from .game.texts import Message, brief, message, say
from .widgets import scene
from .widgets.board_view import Geometry
from .widgets.controls import Intent
from .widgets.line import Line
from .widgets.overlays import HelpSheet, Item, Menu, Overlay
from .widgets.sheets import (
    EngineDialog,
    GamesSheet,
    NewGameSheet,
    PathDialog,
    Question,
    RecentSheet,
    SettingsSheet,
    TextDialog,
    headers_of,
)
from .window import wake

PICTURE_CELL = 80  # pixels between two points of a board that is saved as a picture
DROPS = ("open", "paste", "paste_text", "open_recent", "begin", "new_side", "editor_done", "rematch", "again",
         "open_number", "quit")  # fmt: skip  # intents that put the game on the board aside
MENU = (  # of the button "more": intent, the keys that do the same
    ("recent", "Ctrl+R"), ("games", ""), ("save_as", "Ctrl+Shift+S"), ("picture", ""), ("copy", "Ctrl+Shift+C"),
    ("paste", "Ctrl+V"), ("edit", "E"), ("headers", ""), ("comment", "C"), ("marks", "1 … 6"), ("promote", "P"),
    ("delete", "Del"), ("undo", "Ctrl+Z"), ("redo_edit", "Ctrl+Y"), ("offer_draw", ""), ("accept_draw", ""),
    ("move_now", "I"), ("another_move", "T"), ("one_move", "O"), ("rematch", ""), ("engine", ""), ("quit", "Ctrl+Q"),
)  # fmt: skip


class Window(Protocol):
    """What actions need of the window."""

    controller: Controller
    overlay: Overlay | None
    entry: Line
    typing: bool
    running: bool

    def show(self, overlay: Overlay) -> None: ...

    def place_again(self) -> None: ...

    def close(self) -> None: ...


class Actions:
    """Carries out intents for a window. An intent that would drop a changed game asks first."""

    def __init__(self, app: Window, models: Path | None):
        self._app, self._models = app, models
        self._asking: _EngineQuestion | None = None

    # ------------------------------------------------------------------------------------------------ the door

    def carry_out(self, intent: Intent) -> None:
        """Do what the intent says, as far as the game allows it now."""
        name, value = intent
        app = self._app
        if name == "close":
            app.close()
        elif name == "again":
            app.place_again()
        elif name == "drop":  # the question was answered: the game may go
            app.close()
            self._do(*value)
        elif name in DROPS and self._would_lose(intent):
            self._ask(intent)
        else:
            self._do(name, value)

    def _do(self, name: str, value: Any) -> None:
        found = getattr(self, f"_on_{name}", None)
        if found is not None:
            found(value)
        elif name in self._app.controller.view().enabled:
            self._plain(name)

    def _would_lose(self, intent: Intent) -> bool:
        name, value = intent
        controller = self._app.controller
        if name in ("open", "paste") and value is None:
            return name == "paste" and controller.unsaved and controller.settings.ask
        return controller.unsaved and controller.settings.ask

    def _ask(self, intent: Intent) -> None:
        """Ask whether to save the game before it goes; asked to quit twice, the window closes."""
        app = self._app
        if intent[0] == "quit" and app.overlay is not None and app.overlay.name == "ask":
            self._do("quit", None)
            return
        answers = [("ask_save", ("save_then", intent)), ("ask_drop", ("drop", intent)), ("cancel", None)]
        words = Message("ask_words_quit" if intent[0] == "quit" else "ask_words")
        app.show(Question("ask", "ask_title", words, answers))

    def _plain(self, name: str) -> None:
        """What needs nothing but its name."""
        controller, game = self._app.controller, self._app.controller.state.game
        {
            "take_back": controller.take_back,
            "redo": controller.redo,
            "resign": controller.resign,
            "offer_draw": controller.offer_draw,
            "accept_draw": lambda: controller.answer_draw(True),
            "decline_draw": lambda: controller.answer_draw(False),
            "hint": controller.hint,
            "flip": controller.flip,
            "action": controller.action,
            "one_move": controller.one_move,
            "move_now": controller.move_now,
            "another_move": controller.another_move,
            "first": lambda: controller.go_to(0),
            "back": lambda: controller.step(-1),
            "forward": lambda: controller.step(1),
            "last": lambda: controller.go_to(len(game.line)),
            "delete": lambda: controller.edit("delete"),
            "promote": lambda: controller.edit("promote"),
            "undo": lambda: controller.edit("undo"),
            "redo_edit": lambda: controller.edit("redo"),
            "arrows": lambda: controller.toggle("arrows"),
            "sound": lambda: controller.toggle("sound"),
            "language": lambda: controller.change(language="en" if controller.settings.language == "zh" else "zh"),
            "rematch": controller.rematch,
            "again": controller.rematch,
        }.get(name, lambda: None)()

    def tick(self) -> None:
        """Take what a program that is being asked for its name has said."""
        asking = self._asking
        if asking is not None and asking.done:
            self._asking = None
            self._heard(asking)

    # ------------------------------------------------------------------------------------------------ walking

    def _on_step(self, plies: int) -> None:
        self._app.controller.step(plies)

    def _on_go_to(self, ply: int) -> None:
        self._app.controller.go_to(min(ply, len(self._app.controller.state.game.line)))

    def _on_beside(self, steps: int) -> None:
        self._app.controller.beside(steps)

    def _on_game_step(self, step: int) -> None:
        document = self._app.controller.state.document
        if document is not None and 1 <= document.number + step <= len(document):
            self.carry_out(("open_number", document.number + step))

    def _on_open_number(self, number: int) -> None:
        self._app.close()
        self._app.controller.shelf.open_number(number)

    def _on_type(self, _: Any) -> None:
        app = self._app
        app.typing = not app.typing and app.controller.state.editor is None
        if app.typing:
            app.entry.select_all()

    def _on_fold(self, name: str) -> None:
        controller = self._app.controller
        folded = set(controller.settings.folded) ^ {name}
        controller.change(folded=tuple(sorted(folded)))

    # ------------------------------------------------------------------------------------------------ the tree

    def _on_undo_any(self, _: Any) -> None:
        self._do("undo" if self._app.controller.state.game.can_undo else "take_back", None)

    def _on_redo_any(self, _: Any) -> None:
        self._do("redo_edit" if self._app.controller.state.game.can_redo else "redo", None)

    def _on_mark(self, nag: int) -> None:
        if "mark" in self._app.controller.view().enabled:
            self._app.close()
            self._app.controller.mark(nag)

    def _on_marks(self, at: Any) -> None:
        items = [Item(f"mark_{nag}", ("mark", nag), hint=str(i), words=GLYPHS[nag]) for i, nag in enumerate(MARKS, 1)]
        self._app.show(Menu("marks", at or "menu", [*items, Item("mark_none", ("mark", 0))]))

    def _on_move_menu(self, pixel: tuple[int, int]) -> None:
        self._app.show(Menu("move_menu", pixel, self._items(("comment", "marks", "promote", "delete"))))

    def _on_comment(self, _: Any) -> None:
        if "comment" in self._app.controller.view().enabled:
            text = self._app.controller.state.game.comment()
            self._app.show(TextDialog("comment", [("text", text)], 4000))

    def _on_set_comment(self, values: dict[str, str]) -> None:
        self._app.close()
        self._app.controller.edit("annotate", values["text"].strip())

    def _on_headers(self, _: Any) -> None:
        if "headers" in self._app.controller.view().enabled:
            record = self._app.controller.state.game.record
            self._app.show(TextDialog("headers", list(headers_of(record).items()), 200))

    def _on_set_headers(self, values: dict[str, str]) -> None:
        self._app.close()
        self._app.controller.edit("change_headers", {name: text.strip() for name, text in values.items()})

    # ------------------------------------------------------------------------------------------------ menus

    def _items(self, names: Any) -> list[Item]:
        live = {*self._app.controller.view().enabled, "quit", "marks"}
        if "mark" not in live:
            live.discard("marks")
        hints = dict(MENU)
        return [Item(f"more_{name}", (name, None), name in live, hint=hints.get(name, "")) for name in names]

    def _on_menu(self, _: Any) -> None:
        self._app.show(Menu("menu", "menu", self._items([name for name, _ in MENU])))

    def _on_new_game(self, side: str | None) -> None:
        app = self._app
        if side is not None:
            self.carry_out(("new_side", side))
            return
        if "new_game" in app.controller.view().enabled:
            items = [Item(f"menu_{name}", ("new_game", name)) for name in ("red", "black", "both", "none")]
            items.append(Item("menu_sheet", ("new_game_sheet", None)))
            app.show(Menu("menu_new_game", "new_game", items, ("new_game", app.controller.settings.side)))

    def _on_new_side(self, side: str) -> None:
        self._app.close()
        self._app.controller.new_game(side=side, handicap=self._app.controller.settings.handicap)

    def _offers(self) -> list[players.Offer]:
        models = players.models_in(self._models) if self._models else []
        return players.offers(self._app.controller.settings, self._app.controller.state.own, models)

    def _on_new_game_sheet(self, _: Any) -> None:
        self._app.show(NewGameSheet(self._app.controller.settings, self._offers()))

    def _on_begin(self, value: tuple[str, dict[str, Any]]) -> None:
        side, changes = value
        self._app.close()
        self._app.controller.new_game(side=side, **changes)

    def _on_level(self, key: str | None) -> None:
        app = self._app
        if key is not None:
            app.close()
            app.controller.change(level=key)
            return
        if "level" not in app.controller.view().enabled:
            return
        language = app.controller.settings.language
        items = [
            Item(f"level_{offer.key}", ("level", offer.key), words=brief(offer.title(language), 48))
            for offer in self._offers()
        ]
        items.append(Item("more_engine", ("engine", None)))
        app.show(Menu("menu_level", "level", items, ("level", app.controller.settings.level)))

    def _on_settings(self, _: Any) -> None:
        self._app.show(SettingsSheet(self._app.controller.settings))

    def _on_set(self, values: dict[str, Any]) -> None:
        self._app.controller.change(**values)

    def _on_help(self, _: Any) -> None:
        self._app.show(HelpSheet())

    def _on_restore(self, go_on: bool) -> None:
        app = self._app
        app.overlay = None
        if go_on:
            app.controller.restore()
        else:
            app.controller.decline()

    # ------------------------------------------------------------------------------------------------ files

    def _on_open(self, path: Path | None) -> None:
        app = self._app
        if path is None:
            app.show(PathDialog("open", app.controller.settings.folder))
            return
        app.close()
        app.controller.load(path)

    def _on_games(self, _: Any) -> None:
        document = self._app.controller.state.document
        if document is not None:
            self._app.show(GamesSheet(document))

    def _on_recent(self, _: Any) -> None:
        self._app.show(RecentSheet(self._app.controller.shelf.archive.recent(), self._app.controller.settings))

    def _on_open_recent(self, kept: Any) -> None:
        self._app.close()
        self._app.controller.open_recent(kept)

    def _on_save(self, then: Intent | None) -> None:
        """Save into the file that the game is from, else ask for one."""
        app = self._app
        if "save" not in app.controller.view().enabled:
            return
        document = app.controller.state.document
        if document is None or not document.can_be_written:
            self._on_save_as(then)
        elif app.controller.shelf.put_back() and then is not None:
            self._do(*then)

    def _on_save_then(self, then: Intent) -> None:
        self._app.close()
        self._on_save(then)

    def _on_save_as(self, value: Any) -> None:
        """Ask for a file (`value` is what is to be done afterwards), or take the one that was chosen."""
        app = self._app
        if isinstance(value, Path):
            self._save_to(value, {}, getattr(app.overlay, "then", None))
            return
        if "save_as" in app.controller.view().enabled:
            dialog = PathDialog("save_as", app.controller.settings.folder, self._suggestion())
            dialog.then = value
            app.show(dialog)

    def _on_save_card(self, _: Any) -> None:
        self._on_save(None)

    def _suggestion(self) -> str:
        document = self._app.controller.state.document
        if document is not None and document.path is not None:
            return f"{document.path.stem}.pgn"
        return ""

    def _save_to(self, path: Path, settled: dict[str, bool], then: Intent | None) -> None:
        """Save under a name; asks what to do with a file of many games, and whether losses are meant."""
        app, shelf = self._app, self._app.controller.shelf
        if "add" not in settled and path.exists() and (count := shelf.games_in(path)) > 1:
            words = message("ask_many", name=path.name, count=count)
            answers: list[tuple[str, Intent | None]] = [
                ("ask_add", ("save_to", (path, {**settled, "add": True}, then))),
                ("ask_replace", ("save_to", (path, {**settled, "add": False}, then))),
                ("cancel", None),
            ]
            if path.suffix.lower() == ".xqf":
                answers = answers[1:]
            app.show(Question("ask_many", "ask_many_title", words, answers))
            return
        if "lossy" not in settled:
            try:
                lost = shelf.losses(path)
            except XiangqiError:
                app.close()
                app.controller.tell("save_suffix", error=True, name=path.name)
                return
            if set(lost) & {"variations", "comments", "marks"}:
                language = app.controller.settings.language
                parts = " · ".join(say(language, f"lost_{part}") for part in lost)
                words = message("ask_lossy", name=path.name, parts=parts)
                yes = ("save_to", (path, {**settled, "lossy": True}, then))
                answers = [("ask_pgn", ("save_as", None)), ("ask_anyway", yes), ("cancel", None)]
                app.show(Question("ask_lossy", "ask_lossy_title", words, answers))
                return
        app.close()
        if app.controller.save(path, add=settled.get("add", False)) and then is not None:
            self._do(*then)

    def _on_save_to(self, value: tuple[Path, dict[str, bool], Intent | None]) -> None:
        self._save_to(*value)

    def _on_refused(self, value: tuple[str, str, Exception]) -> None:
        """A path that cannot be one: the dialog stays for another try."""
        purpose, text, fault = value
        key = "load_failed" if purpose == "open" else "save_failed"
        self._app.place_again()
        self._app.controller.tell(key, error=True, name=text, reason=reason(fault))

    def _on_quit(self, _: Any) -> None:
        self._app.running = False

    # ------------------------------------------------------------------------------------------------ clipboard

    def _on_copy(self, _: Any) -> None:
        names = ("copy_fen", "copy_chinese", "copy_wxf", "copy_iccs", "copy_pgn", "copy_picture")
        items = [Item(f"more_{name}", (name, None)) for name in names]
        self._app.show(Menu("copy_menu", "menu", items))

    def _copy(self, what: str) -> None:
        self._app.close()
        words = self._app.controller.copied(what)
        try:
            pygame.scrap.put_text(words)
        except pygame.error:
            self._app.controller.tell("clipboard_fails", error=True)

    def _on_copy_fen(self, _: Any) -> None:
        self._copy("fen")

    def _on_copy_pgn(self, _: Any) -> None:
        self._copy("pgn")

    def _on_copy_chinese(self, _: Any) -> None:
        self._copy("chinese")

    def _on_copy_wxf(self, _: Any) -> None:
        self._copy("wxf")

    def _on_copy_iccs(self, _: Any) -> None:
        self._copy("iccs")

    def _on_copy_picture(self, _: Any) -> None:
        self._on_picture(None)

    def _on_picture(self, path: Path | None) -> None:
        """Save the board as a PNG, as it stands in the window but in a size of its own."""
        app = self._app
        if path is None:
            app.show(PathDialog("picture", app.controller.settings.folder))
            return
        app.close()
        try:
            pygame.image.save(self._board_picture(), str(path))
        except (pygame.error, OSError, ValueError):
            app.controller.tell("picture_failed", error=True, name=path.name)
            return
        app.controller.tell("saved", name=path.name)

    def _board_picture(self) -> pygame.Surface:
        app = self._app
        place = Geometry(0, 0, PICTURE_CELL).outside()
        geometry = Geometry(-place.left, -place.top, PICTURE_CELL, app.controller.state.flipped)
        picture = pygame.Surface(place.size)
        view = app.controller.view()
        scene.paint_board(picture, geometry, view, app.controller.settings, scene.Hand(), None, 0.0)
        return picture

    def _on_paste(self, _: Any) -> None:
        try:
            words = pygame.scrap.get_text()
        except pygame.error:
            words = ""
        self._on_paste_text(words)

    def _on_paste_fen(self, _: Any) -> None:
        self._on_paste(None)

    def _on_paste_text(self, words: str) -> None:
        if words.strip():
            self._app.controller.paste(words)
        else:
            self._app.controller.tell("clipboard_empty", error=True)

    # ------------------------------------------------------------------------------------------------ the editor

    def _on_edit(self, _: Any) -> None:
        if "edit" in self._app.controller.view().enabled:
            self._app.typing = False
            self._app.controller.edit_position()

    def _on_editor(self, value: tuple[str, Any]) -> None:
        if value[0] == "done":
            self.carry_out(("editor_done", None))
        else:
            self._app.controller.editor_action(*value)

    def _on_editor_done(self, _: Any) -> None:
        self._app.controller.editor_action("done")

    # ------------------------------------------------------------------------------------------------ the end card

    def _on_close_card(self, _: Any) -> None:
        self._app.controller.state.card_read = True

    def _on_review(self, _: Any) -> None:
        """Look at the game from its first move."""
        self._app.controller.state.card_read = True
        self._app.controller.go_to(0)

    # ------------------------------------------------------------------------------------------------ engines

    def _on_engine(self, _: Any) -> None:
        self._app.show(EngineDialog())

    def _on_add_engine(self, values: dict[str, Any]) -> None:
        dialog = self._app.overlay
        assert isinstance(dialog, EngineDialog)
        dialog.trouble, dialog.waiting = "", True
        self._app.place_again()
        self._asking = _EngineQuestion(values)

    def _heard(self, asking: _EngineQuestion) -> None:
        """A program was started: it is among the opponents now, or the dialog says why not."""
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
    """A program that is started on a thread and asked for its name and for a move."""

    def __init__(self, values: dict[str, Any]):
        self.name, self.fault, self.done = values["name"].strip(), "", False
        command = values["command"].strip()
        self.spec = f"{values['protocol']}:{command}?movetime={values['movetime']:g}"
        threading.Thread(target=self._ask, name="asks an engine", daemon=True).start()

    def _ask(self) -> None:
        from ..engine.player import Limit
        from ..engine.spec import make_player
        from ..rules.board import Board

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
        except Exception as fault:  # whatever a strange program does is a line in the dialog
            self.fault = brief((str(fault).strip().splitlines() or [type(fault).__name__])[0])
        self.done = True
        wake()
