"""Analysis mode, the judge's lines, reviews and exercises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..game.texts import say
from ..widgets.overlays import Item, Menu
from ..widgets.path_dialog import PathDialog
from ..widgets.summary import SummarySheet
from .part import Part


class StudyActions(Part):
    """Intents for studying a game."""

    def _can(self, name: str) -> bool:
        return name in self._app.controller.view().enabled

    def on_analysis(self, _: Any) -> None:
        if self._can("analysis"):
            self._app.controller.study.toggle()

    def on_more_lines(self, _: Any) -> None:
        self._lines(1)

    def on_fewer_lines(self, _: Any) -> None:
        self._lines(-1)

    def _lines(self, count: int) -> None:
        if self._can("more_lines"):
            self._app.controller.study.more_lines(count)

    # ------------------------------------------------------------------------------------------------ reviews

    def on_review(self, _: Any) -> None:
        """Review the game, or stop the running review; also from the card at the end of the game."""
        controller = self._app.controller
        if not self._can("review"):
            return
        if controller.view().end is not None:
            controller.state.card_read = True
            controller.navigation.go_to(0)
        controller.study.review()

    def on_mistake_next(self, _: Any) -> None:
        if self._can("mistake_next"):
            self._app.controller.study.mistake(1)

    def on_mistake_back(self, _: Any) -> None:
        if self._can("mistake_back"):
            self._app.controller.study.mistake(-1)

    def on_summary(self, _: Any) -> None:
        analysis = self._app.controller.view().analysis
        if analysis is not None and analysis.summary is not None:
            self._app.show(SummarySheet(analysis.summary))

    def on_look_at_ply(self, ply: int) -> None:
        self._app.close()
        self._app.controller.navigation.go_to(ply)

    # ------------------------------------------------------------------------------------------------ exercises

    def on_retry(self, _: Any) -> None:
        if self._can("retry"):
            self._app.controller.study.retry()

    def on_practise(self, path: Path | None) -> None:
        """Ask which exercises to use, or practise with those of a file."""
        app = self._app
        if path is not None:
            app.close()
            if app.controller.study.practise(path):
                app.controller.change(folder=str(path.parent))
            return
        if not self._can("practise"):
            return
        count, language = len(app.controller.study.coach.book.own()), app.controller.settings.language
        own = say(language, "practise_own", count=count)
        items = [
            Item("practise_own", ("practise_own", None), count > 0, words=own),
            Item("practise_file", ("practise_file", None)),
        ]
        app.show(Menu("menu_practise", "practise", items))

    def on_practise_own(self, _: Any) -> None:
        self._app.close()
        self._app.controller.study.practise()

    def on_practise_file(self, _: Any) -> None:
        self._app.show(PathDialog("practise", self._app.controller.settings.folder))

    def on_attempt_show(self, _: Any) -> None:
        if self._can("attempt_show"):
            self._app.controller.study.coach.show()

    def on_attempt_next(self, _: Any) -> None:
        if self._can("attempt_next"):
            self._app.controller.study.next()

    def on_attempt_leave(self, _: Any) -> None:
        self._app.controller.study.coach.leave()
