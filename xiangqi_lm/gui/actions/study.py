"""Analysis mode: on and off, the judge's lines."""

from __future__ import annotations

from typing import Any

from .part import Part


class StudyActions(Part):
    """What helps to study a game."""

    def on_analysis(self, _: Any) -> None:
        if "analysis" in self._app.controller.view().enabled:
            self._app.controller.study.toggle()

    def on_more_lines(self, _: Any) -> None:
        self._lines(1)

    def on_fewer_lines(self, _: Any) -> None:
        self._lines(-1)

    def _lines(self, count: int) -> None:
        if "more_lines" in self._app.controller.view().enabled:
            self._app.controller.study.more_lines(count)
