"""The dialog that asks for a file or a folder."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from ..game import folders
from ..game.faults import reason
from ..game.texts import Message, say
from .controls import Action, Intent, Items, Note
from .forms import Form
from .line import Line

SUFFIX = {"save_as": ".pgn", "picture": ".png", "library_file": ".sqlite"}  # by purpose: suffix of a new file
SHOWN = {"library_file": (".sqlite", ".sqlite3", ".db")}  # by purpose: suffixes of listed files; default: records


class PathDialog(Form):
    """A file dialog with the list of a folder and a line to type in; Enter accepts, Escape cancels."""

    def __init__(self, purpose: str, folder: str, suggestion: str = ""):
        super().__init__(purpose, "", 640)
        self._folder = folders.usable(folder)
        self._names: dict[str, Path] = {}
        self._trouble: Message | None = None
        self.then: Intent | None = None  # the intent to carry out once the game is saved
        usual = datetime.now().strftime("xiangqi-%Y%m%d-%H%M") + SUFFIX.get(purpose, "")
        name = suggestion or (usual if purpose in SUFFIX else "")
        self._start = folders.written(self._folder, name)

    def build(self, language: str) -> None:
        self.title = say(language, f"{self.name}_title")
        self._names = self._entries()
        note = self._trouble.words(language) if self._trouble else say(language, f"path_note_{self.name}")
        self.controls = [
            Items("list", list(self._names), self._enter_line, 300, 28, pick=self._pick),
            Line("path", self._start, longest=max(1000, len(self._start)), meaning=self.accept),
            Note("note", note, 1, trouble=self._trouble is not None),
        ]
        self.buttons = [
            Action("cancel", say(language, "cancel"), lambda: ("close", None)),
            Action("ok", say(language, f"ok_{self.name}"), self.accept, main=True),
        ]
        if self.name == "library_files":
            words = say(language, "library_whole_folder")
            self.buttons.insert(1, Action("folder", words, lambda: (self.name, self._folder)))

    def _first_focus(self, names: list[str]) -> str:
        return "path"

    @property
    def path_line(self) -> Line:
        """Return the line with the path."""
        return self.control("path")

    def _entries(self) -> dict[str, Path]:
        try:
            return folders.listing(self._folder, SHOWN.get(self.name, folders.SUFFIXES))
        except folders.FAULTS as fault:
            self._trouble = reason(fault)
            return {folders.PARENT: self._folder / ".."}

    def _pick(self, line: int) -> Intent | None:
        """Handle a chosen line of the list: put its path into the input line."""
        entry = list(self._names)[line]
        if not entry.endswith("/"):
            self.path_line.set_text(folders.written(self._folder) + entry)
        return None

    def _enter_line(self, line: int) -> Intent | None:
        entry = list(self._names)[line]
        if entry.endswith("/"):
            return self._enter(Path(os.path.realpath(self._names[entry])))
        self.path_line.set_text(folders.written(self._folder) + entry)
        return self.accept()

    def accept(self) -> Intent | None:
        """Return the typed path; enter a folder, and refuse an invalid path."""
        try:
            path = folders.typed(self.path_line.text, self._folder, self._names)
            if path.is_dir():
                return self._enter(path)
            if self.name in SUFFIX and not path.suffix:
                path = path.with_suffix(SUFFIX[self.name])
        except folders.FAULTS as fault:
            self._trouble = reason(fault)
            return "refused", (self.name, self.path_line.text, fault)
        return self.name, path

    def _enter(self, folder: Path) -> Intent:
        kept = Path(self.path_line.text).name if self.name in SUFFIX else ""
        self._folder, self._trouble = folder, None
        self._start = folders.written(folder, kept)
        self.controls = []  # keep nothing of the previous folder
        return "again", None
