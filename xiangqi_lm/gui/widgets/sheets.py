"""The window's sheets and dialogs, all of them forms: settings, new game, games, comments, questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pygame

from ...processes import usable_cores
from ...records.game import GameRecord
from ..game.archive import Kept, title
from ..game.document import Document
from ..game.player_faults import player_fault
from ..game.players import HANDICAPS, Offer
from ..game.settings import PAGES, Settings
from ..game.texts import Message, brief, say
from . import board_view, theme
from .controls import Action, Choice, Intent, Items, Note, Picker
from .forms import Form
from .layout import SMALL, TEXT, Layout
from .line import Line

CLOCK_MAIN = (0, 60, 180, 300, 600, 1200, 1800, 3600)  # seconds of main time; 0: no clock
CLOCK_STEP = (0, 2, 5, 10, 20, 30, 60)  # seconds of increment or byo-yomi
HEADERS = ("Event", "Site", "Date", "Round", "Red", "Black", "Annotator")


class SettingsSheet(Form):
    """The settings as rows of choices, page by page; a click takes effect at once."""

    def __init__(self, settings: Settings, page: str = "play"):
        super().__init__("settings", "", 640)
        self.settings, self.page = settings, page

    def build(self, language: str) -> None:
        self.title = say(language, "settings_title")
        pages = [(page, say(language, f"page_{page}")) for page in PAGES]
        self.controls = [Choice("page", "", pages, self.page, self._turn)]
        for name, values in PAGES[self.page].items():
            words = [(value, say(language, f"choice_{name}_{value}")) for value in values]
            if name == "threads":
                words = [pair for pair in words if pair[0] <= usable_cores() or pair[0] == self.settings.threads]
            if name == "judge":
                words += [(spec, brief(title, 24)) for title, spec in self.settings.engines]
            label = say(language, f"setting_{name}")
            chosen = getattr(self.settings, name)
            self.controls.append(Choice(name, label, words, chosen, self._set(name)))
        if self.page == "play":
            name = brief(self.settings.library, 60) or say(language, "library_own")
            title = say(language, "setting_library", name=name)
            self.controls.append(Action("library_file", title, lambda: ("library_file", None)))
        if self.page == "engines":
            self.controls.append(Note("threads_note", say(language, "threads_note"), 2))
            self.controls.append(Action("engine", say(language, "more_engine"), lambda: ("engine", None)))

    @staticmethod
    def _set(name: str) -> Callable[[Any], Intent]:
        return lambda value: ("set", {name: value})

    def _turn(self, page: str) -> Intent:
        self.page = page
        return "again", None


class Question(Form):
    """A question with a few answers, each a text key and its intent; Enter gives the first."""

    def __init__(self, name: str, title_key: str, words: Message, answers: Sequence[tuple[str, Intent | None]]):
        super().__init__(name, title_key, 480)
        self._title_key, self._words, self._answers = title_key, words, answers

    def build(self, language: str) -> None:
        self.title = say(language, self._title_key)
        self.controls = [Note("words", self._words.words(language), 3)]
        self.buttons = [
            Action(key, say(language, key), self._give(intent), main=i == 0)
            for i, (key, intent) in enumerate(self._answers)
        ]

    @staticmethod
    def _give(intent: Intent | None) -> Callable[[], Intent]:
        return lambda: intent or ("close", None)

    def _first_focus(self, names: list[str]) -> str:
        return self._answers[0][0]


class NewGameSheet(Form):
    """The sheet for a new game: players, start position, clock and rules."""

    def __init__(self, settings: Settings, offers: Sequence[Offer]):
        super().__init__("new_game_sheet", "", 580)
        self._settings, self._offers = settings, offers

    def build(self, language: str) -> None:
        self.title = say(language, "new_game_title")
        players = [("", say(language, "player_human"))]
        players += [(offer.key, brief(offer.title(language), 40)) for offer in self._offers]
        s = self._settings
        programs = {"red": ("", s.level), "black": (s.level, ""), "both": ("", ""), "none": (s.other_level, s.level)}
        red, black = programs[s.side]
        main, increment, byoyomi = s.clock
        kind = "byoyomi" if byoyomi else "increment" if increment else "sudden"

        def named(name: str, values: Sequence[Any]) -> list[tuple[Any, str]]:
            return [(value, say(language, f"{name}_{value}")) for value in values]

        minutes = [(m, say(language, "clock_main", minutes=f"{m / 60:g}") if m else say(language, "clock_none"))
                   for m in CLOCK_MAIN]  # fmt: skip
        seconds = [(n, say(language, "clock_seconds", seconds=n)) for n in CLOCK_STEP]
        self.controls = [
            Picker("red", say(language, "red"), players, red),
            Picker("black", say(language, "black"), players, black),
            Choice("handicap", say(language, "handicap"), named("handicap", tuple(HANDICAPS)), s.handicap),
            Picker("main", say(language, "clock_title"), minutes, main),
            Choice("kind", say(language, "clock_kind"), named("clock_kind", ("sudden", "increment", "byoyomi")), kind),
            Picker("step", say(language, "clock_step"), seconds, byoyomi or increment),
            Choice("take_back", say(language, "setting_take_back"),
                   [(v, say(language, f"choice_take_back_{v}")) for v in (True, False)], s.take_back),
        ]  # fmt: skip
        self.buttons = [
            Action("cancel", say(language, "cancel"), lambda: ("close", None)),
            Action("begin", say(language, "begin"), self._begin, main=True),
        ]

    def _begin(self) -> Intent:
        v = self.values()
        red, black = v["red"], v["black"]
        side = {(True, True): "both", (True, False): "red", (False, True): "black", (False, False): "none"}[
            (not red, not black)
        ]
        step = v["step"] if v["main"] or v["kind"] == "byoyomi" else 0
        clock = (v["main"], step if v["kind"] == "increment" else 0, step if v["kind"] == "byoyomi" else 0)
        changes: dict[str, Any] = {"clock": clock, "handicap": v["handicap"], "take_back": v["take_back"]}
        if side == "none":
            changes |= {"other_level": red, "level": black}
        elif side != "both":
            changes["level"] = black or red
        return "begin", (side, changes)


class EngineDialog(Form):
    """A dialog that adds a UCI or UCCI engine to the opponents, after starting it to get its name."""

    def __init__(self) -> None:
        super().__init__("engine", "", 620)
        self.trouble = ""
        self.waiting = False

    def build(self, language: str) -> None:
        self.title = say(language, "engine_title")
        protocols = [("uci", "UCI"), ("ucci", "UCCI")]
        seconds = [(n, say(language, "clock_seconds", seconds=n)) for n in (0.5, 1, 2, 5, 10)]
        note = say(language, "engine_waiting") if self.waiting else ""
        note = note or (player_fault(self.trouble).words(language) if self.trouble else say(language, "engine_note"))
        self.controls = [
            Line("command", "", say(language, "engine_command"), placeholder="/usr/games/fairy-stockfish"),
            Line("name", "", say(language, "engine_name"), 60, say(language, "engine_name_note")),
            Choice("protocol", say(language, "engine_protocol"), protocols, "uci", label_width=110),
            Choice("movetime", say(language, "engine_movetime"), seconds, 1, label_width=110),
            Line("options", "", say(language, "engine_options"), 200, "Threads=2&Hash=128"),
            Note("note", note, 2, trouble=bool(self.trouble) and not self.waiting),
        ]
        self.buttons = [
            Action("cancel", say(language, "cancel"), lambda: ("close", None)),
            Action("add", say(language, "engine_add"), self._add, main=True),
        ]
        self.buttons[1].live = not self.waiting

    def _add(self) -> Intent | None:
        v = self.values()
        return ("add_engine", v) if v["command"].strip() else None


class TextDialog(Form):
    """A dialog for lines of text, such as a comment or a game's headers."""

    def __init__(self, name: str, fields: Sequence[tuple[str, str]], longest: int):
        super().__init__(name, "", 600)
        self._fields, self._longest = fields, longest

    def build(self, language: str) -> None:
        self.title = say(language, f"{self.name}_title")
        labelled = len(self._fields) > 1
        self.controls = [
            Line(field, text, say(language, f"{self.name}_{field}") if labelled else "", self._longest)
            for field, text in self._fields
        ]
        self.buttons = [
            Action("cancel", say(language, "cancel"), lambda: ("close", None)),
            Action("ok", say(language, "ok"), lambda: (f"set_{self.name}", self.values()), main=True),
        ]


class GamesSheet(Form):
    """The games of a file with players, event, date, result and length; a search filters the list."""

    def __init__(self, document: Document):
        super().__init__("games", "", 760)
        self._document = document
        self._shown: list[int] = []
        self._asked: tuple[str, int] = ("", -1)

    def build(self, language: str) -> None:
        self._language = language
        name = brief(self._document.path.name, 60) if self._document.path else say(language, "pasted_games")
        self.title = say(language, "games_title", name=name, count=len(self._document))
        search = Line("search", "", "", 60, say(language, "games_search"), self._open)
        self.controls = [search, Items("list", [], self._open_line, 380, 30, draw_line=self._draw_line)]
        self.buttons = [
            Action("cancel", say(language, "close"), lambda: ("close", None)),
            Action("ok", say(language, "ok_open"), self._open, main=True),
        ]

    def place(self, layout: Layout, window: pygame.Rect, language: str) -> None:
        super().place(layout, window, language)
        self._asked = ("", -1)
        self.refresh()

    def refresh(self) -> bool:
        """Update the list for the search and newly found games; return whether anything changed."""
        items, words = self.control("list"), self.control("search").text
        asked = (words, len(self._document.summaries))
        if asked == self._asked:
            return False
        chosen = self._shown[items.chosen] if items.chosen < len(self._shown) else self._document.number
        self._asked = asked
        self._shown = [s.number for s in self._document.summaries[: asked[1]] if not words or s.fits(words)]
        items.lines = [""] * len(self._shown)
        items.chosen = self._shown.index(chosen) if chosen in self._shown else 0
        items._show_chosen()
        name = brief(self._document.path.name, 60) if self._document.path else say(self._language, "pasted_games")
        self.title = say(self._language, "games_title", name=name, count=len(self._shown))
        return True

    def _open(self) -> Intent | None:
        return self._open_line(self.control("list").chosen)

    def _open_line(self, line: int) -> Intent | None:
        return ("open_number", self._shown[line]) if line < len(self._shown) else None

    def key(self, event: pygame.Event) -> Intent | bool:
        if self.focused == "search" and event.key in (pygame.K_UP, pygame.K_DOWN, pygame.K_PAGEUP, pygame.K_PAGEDOWN):
            return self.control("list").key(event)
        taken = super().key(event)
        self.refresh()
        return taken

    def draw(self, surface: pygame.Surface, layout: Layout, pointer: tuple[int, int]) -> None:
        self.refresh()
        super().draw(surface, layout, pointer)

    def _draw_line(self, surface: pygame.Surface, layout: Layout, row: pygame.Rect, line: int) -> None:
        px, look = layout.px, layout.look
        summary = self._document.summaries[self._shown[line] - 1]
        theme.draw_text(surface, str(summary.number), px(SMALL), look.faint, midright=(row.left + px(30), row.centery))
        left = row.left + px(40)
        if summary.fault is not None:
            words = theme.fitted(summary.fault.words(self._language), px(13), row.right - left)
            theme.draw_text(surface, words, px(13), look.trouble, midleft=(left, row.centery))
            return
        room = row.right - left
        cells = (
            (0.0, 0.40, f"{summary.red or '?'} - {summary.black or '?'}", look.text),
            (0.41, 0.29, summary.event, look.soft),
            (0.71, 0.13, summary.date, look.soft),
            (0.85, 0.08, summary.result.replace("1/2-1/2", "½-½"), look.accent),
            (0.94, 0.06, say(self._language, "games_plies", plies=(summary.plies + 1) // 2), look.faint),
        )
        for start, share, words, colour in cells:
            text = theme.fitted(words, px(13), round(room * share) - px(4))
            theme.draw_text(surface, text, px(13), colour, midleft=(left + round(room * start), row.centery))


class RecentSheet(Form):
    """The recent games, latest first, each with a small board."""

    def __init__(self, games: Sequence[Kept], settings: Settings):
        super().__init__("recent", "", 620)
        self._games, self._settings = games, settings
        self._boards = [_squares(kept) for kept in games]

    def build(self, language: str) -> None:
        self._language = language
        self.title = say(language, "recent_title")
        if self._games:
            lines = [""] * len(self._games)
            self.controls = [Items("list", lines, self._open_line, 420, 84, draw_line=self._draw_line)]
        else:
            self.controls = [Note("none", say(language, "recent_none"), 2)]
        self.buttons = [Action("cancel", say(language, "close"), lambda: ("close", None))]
        if self._games:
            self.buttons.append(Action("ok", say(language, "ok_open"), self._open, main=True))

    def _open(self) -> Intent:
        return self._open_line(self.control("list").chosen)

    def _open_line(self, line: int) -> Intent:
        return "open_recent", self._games[line]

    def _draw_line(self, surface: pygame.Surface, layout: Layout, row: pygame.Rect, line: int) -> None:
        px, look = layout.px, layout.look
        kept = self._games[line]
        board = pygame.Rect(row.left, row.top + px(3), px(70), row.height - px(6))
        board_view.draw_small(surface, board, self._boards[line], self._settings.glyphs, self._settings.board)
        left = board.right + px(14)
        red, black = title(kept)
        words = theme.fitted(f"{red} - {black}", px(TEXT), row.right - left, True)
        theme.draw_text(surface, words, px(TEXT), look.text, bold=True, midleft=(left, row.top + px(20)))
        result = {"*": say(self._language, "recent_open")}.get(kept.game.result, kept.game.result)
        more = say(self._language, "recent_line", plies=kept.plies, result=result)
        theme.draw_text(surface, more, px(13), look.soft, midleft=(left, row.top + px(42)))
        place = brief(Path(kept.source[0]).name, 40) if kept.source else kept.game.headers.get("Event", "")
        last = theme.fitted(f"{kept.when}  {brief(place, 60)}", px(SMALL), row.right - left)
        theme.draw_text(surface, last, px(SMALL), look.faint, midleft=(left, row.top + px(62)))


def _squares(kept: Kept) -> list[int]:
    """Return the pieces of a stored game's last position."""
    before = sum(branch for branch, _ in kept.path)
    return kept.game.board_at(kept.path, max(kept.cursor - before, 0)).array.tolist()


def headers_of(record: GameRecord) -> dict[str, str]:
    """Return the editable headers of a record; "" for those that are unknown, which PGN writes as `?`."""
    found = {name: record.headers.get(name, "") for name in HEADERS}
    return {name: value if value.strip("?. ") else "" for name, value in found.items()}
