"""Opening and saving files of records, and recent games."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...errors import XiangqiError
from ..game.faults import reason
from ..game.folders import same_file
from ..game.texts import message, say
from ..widgets.controls import Intent
from ..widgets.path_dialog import SUFFIX, PathDialog
from ..widgets.sheets import GamesSheet, Question, RecentSheet
from .part import Part

Answer = tuple[str, Intent | None]


class FileActions(Part):
    """Intents to open and save, to choose a game of a file, and to reopen recent games."""

    def on_open(self, path: Path | None) -> None:
        app = self._app
        if path is None:
            app.show(PathDialog("open", app.controller.settings.folder))
            return
        app.close()
        app.controller.games.load(path)

    def on_games(self, _: Any) -> None:
        document = self._app.controller.state.document
        if document is not None:
            self._app.show(GamesSheet(document))

    def on_recent(self, _: Any) -> None:
        self._app.show(RecentSheet(self._app.controller.games.shelf.archive.recent(), self._app.controller.settings))

    def on_open_recent(self, kept: Any) -> None:
        self._app.close()
        self._app.controller.games.open_recent(kept)

    def on_save(self, then: Intent | None) -> None:
        """Save to the file the game was opened from, or ask for one."""
        app = self._app
        if "save" not in app.controller.view().enabled:
            return
        document = app.controller.state.document
        if document is None or not document.can_be_written:
            self.on_save_as(then)
        elif app.controller.games.shelf.put_back() and then is not None:
            self._door.perform(*then)

    def on_save_then(self, then: Intent) -> None:
        self._app.close()
        self.on_save(then)

    def on_save_as(self, value: Any) -> None:
        """Ask for a file (`value` is the intent to carry out afterwards), or take the chosen one."""
        app = self._app
        if isinstance(value, Path):
            self._save_to(value, {}, getattr(app.overlay, "then", None))
            return
        if "save_as" in app.controller.view().enabled:
            dialog = PathDialog("save_as", app.controller.settings.folder, self._suggestion())
            dialog.then = value
            app.show(dialog)

    def on_save_card(self, _: Any) -> None:
        self.on_save(None)

    def _suggestion(self) -> str:
        document = self._app.controller.state.document
        if document is not None and document.path is not None:
            return f"{document.path.stem}.pgn"
        return ""

    def _save_to(self, path: Path, settled: dict[str, bool], then: Intent | None) -> None:
        """Save to a path; ask what to do with a file that is there, and whether losing information is acceptable."""
        app, shelf = self._app, self._app.controller.games.shelf
        if "add" not in settled and path.exists() and (question := self._about_existing(path, settled, then)):
            app.show(question)
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
                answers: list[Answer] = [("ask_pgn", ("save_as", None)), ("ask_anyway", yes), ("cancel", None)]
                app.show(Question("ask_lossy", "ask_lossy_title", words, answers))
                return
        app.close()
        if app.controller.games.save(path, add=settled.get("add", False)) and then is not None:
            self._door.perform(*then)

    def _about_existing(self, path: Path, settled: dict[str, bool], then: Intent | None) -> Question | None:
        """Return the question what to do with a file; None for the game's own file, if it holds nothing else."""
        document = self._app.controller.state.document
        count = self._app.controller.games.shelf.games_in(path)
        if count < 2 and document is not None and document.path is not None and same_file(document.path, path):
            return None
        add: list[Answer] = [("ask_add", ("save_to", (path, {**settled, "add": True}, then)))]
        replaced = ("save_to", (path, {**settled, "add": False}, then))
        if path.suffix.lower() == ".xqf":  # holds one game
            add = []
        if count > 1:
            words = message("ask_many", name=path.name, count=count)
            return Question("ask_many", "ask_many_title", words, [*add, ("ask_replace", replaced), ("cancel", None)])
        words = message("ask_one" if count else "ask_other", name=path.name)
        first: list[Answer] = add if count and add else [("ask_pgn", ("save_as", None))]
        answers = [*first, ("ask_replace_it", replaced), ("cancel", None)]
        return Question("ask_exists", "ask_exists_title", words, answers)

    def on_save_to(self, value: tuple[Path, dict[str, bool], Intent | None]) -> None:
        self._save_to(*value)

    def on_refused(self, value: tuple[str, str, Exception]) -> None:
        """Refuse an invalid path; the dialog stays open for another try."""
        purpose, text, fault = value
        key = "save_failed" if purpose in SUFFIX else "load_failed"
        self._app.place_again()
        self._app.controller.tell(key, error=True, name=text, reason=reason(fault))
