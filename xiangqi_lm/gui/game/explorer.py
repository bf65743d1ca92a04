"""The library next to the game: moves and games of the position on the board, search, opening and adding games."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ...engine.player import Choice
from ...errors import XiangqiError
from ...library.library import PlayedMove, Summary
from ...records.game import GameRecord
from ...rules.moves import Move
from .librarian import FOUND, GAMES, Explored, Librarian, Reply, why
from .movelist import MoveNames
from .texts import Message, brief, message, say

BUTTONS = ("library_search", "library_add_game", "library_add_files")
HERE = "<window>"  # the source of games not from a file


@dataclass
class LibraryState:
    """The window's state of the library; only `Explorer` changes it."""

    open: bool = False  # whether the panel is open
    path: Path | None = None  # the library's file
    asked: Any = None  # the last position queried: file, version, key
    found: Explored | None = None
    missing: bool = False  # the library does not exist yet
    fault: Message | None = None
    search: tuple[str, str] | None = None  # the search that found `matches`
    matches: tuple[Summary, ...] = ()
    version: int = 0  # counts this window's changes to the library
    adding: Message | None = None  # progress of adding files


@dataclass(frozen=True)
class MoveRow:
    """A move played in the position: its text, the number of games, their results (won by Red, drawn, won by Black),
    Red's share of the points, the last year, and the model's probability; "" means unknown."""

    move: Move
    name: str
    games: int
    results: tuple[int, int, int]
    score: str
    year: str
    model: str


@dataclass(frozen=True)
class GameRow:
    """A game in a list: the texts to show, and the ply at which to open it."""

    id: int
    ply: int
    players: str
    event: str
    year: str
    result: str


@dataclass(frozen=True)
class LibraryView:
    """The panel; `note` is shown instead of moves and games."""

    title: str
    note: str
    trouble: bool
    missing: bool
    moves: tuple[MoveRow, ...]
    games: tuple[GameRow, ...]
    games_title: str
    buttons: tuple[str, ...]
    can_add: bool  # whether there is a game to add


def game_row(game: Summary) -> GameRow:
    """Return the row of a game for lists."""
    players = f"{brief(game.red, 30) or '?'} - {brief(game.black, 30) or '?'}"
    result = game.result.replace("1/2-1/2", "½-½")
    return GameRow(game.id, game.ply, players, brief(game.event, 60), game.date[:4], result)


class Explorer:
    """Sends the queries of the panel and the search to the librarian, and takes the replies.

    `state` is the window's; `adopt` puts a record on the board at a ply, and `record` returns the game as it would be
    saved.
    """

    def __init__(
        self,
        state: Any,
        default: Path | None,
        wake: Callable[[], None],
        adopt: Callable[[GameRecord, int], bool],
        record: Callable[[], GameRecord],
    ):
        self._state, self._default, self._adopt, self._record = state, default, adopt, record
        self._librarian = Librarian(wake)
        self._pending_add: list[Path] = []
        self._searched: object = None  # the last search requested
        state.library.path = self.path

    @property
    def path(self) -> Path | None:
        """Return the library's file, from the settings or the default."""
        chosen = self._state.settings.library
        return Path(chosen).expanduser() if chosen else self._default

    def close(self) -> None:
        """Close the library."""
        self._librarian.close()

    # ------------------------------------------------------------------------------------------------ the panel

    def toggle(self) -> None:
        """Open or close the panel."""
        library = self._state.library
        library.open = not library.open
        library.asked = None  # query again, as another program may have changed the library
        self.follow()

    def follow(self) -> None:
        """Query the position on the board, if the panel is open and it has not been queried."""
        state, library, path = self._state, self._state.library, self.path
        library.path = path
        if not library.open or state.editor or path is None:
            return
        asked = (path, library.version, state.game.board.key)
        if asked != library.asked:
            library.asked, library.found = asked, None
            self._librarian.explore(path, state.game.board, asked)

    def tick(self) -> bool:
        """Take the replies; return whether there were any."""
        replies = self._librarian.poll()
        for reply in replies:
            {
                "explore": self._explored,
                "search": self._found,
                "game": self._opened,
                "add": self._added,
                "files": self._files,
            }[reply.purpose](reply)
        self.follow()
        return bool(replies)

    def _explored(self, reply: Reply) -> None:
        library = self._state.library
        if reply.question != library.asked:
            return
        library.fault = why(reply.fault) if reply.fault else None
        library.missing = reply.fault is None and reply.value is None
        library.found = reply.value

    # ------------------------------------------------------------------------------------------------ games

    def search(self, field: str, text: str) -> None:
        """Search for games; the results of `state.library.search` become `state.library.matches`."""
        library, asked = self._state.library, (field, text, self._state.library.version)
        if self.path is None or asked == self._searched:
            return
        self._searched = asked
        if text.strip():
            self._librarian.search(self.path, field, text)
        else:
            library.search, library.matches = (field, text), ()

    def _found(self, reply: Reply) -> None:
        library = self._state.library
        library.missing = reply.fault is None and reply.value is None
        library.fault = why(reply.fault) if reply.fault else None
        library.search, library.matches = reply.question, tuple(reply.value or ())

    def open_game(self, number: int, ply: int) -> None:
        """Open a library game at a ply."""
        if self.path is not None:
            self._librarian.game(self.path, number, ply)

    def _opened(self, reply: Reply) -> None:
        if reply.fault is not None:
            self._state.message = message("library_failed", error=True, reason=why(reply.fault))
        elif reply.value is not None:
            self._adopt(reply.value, reply.question[1])

    # ------------------------------------------------------------------------------------------------ adding

    def add_game(self) -> None:
        """Add the game on the board, as it would be saved; create the library if it does not exist."""
        state = self._state
        record, document = self._record(), state.document
        if self.path is None or not record.moves:
            return
        source = f"{document.path}#{document.number}" if document and document.path else HERE
        self._librarian.add(self.path, replace(record, source=source))

    def _added(self, reply: Reply) -> None:
        state = self._state
        if reply.fault is not None:
            state.message = message("library_failed", error=True, reason=why(reply.fault))
            return
        state.library.version += 1
        state.message = Message("library_added" if reply.value.games else "library_known")

    def add_files(self, path: Path) -> None:
        """Add the games of a file, an archive or a folder."""
        if self.path is None:
            return
        if self._librarian.adding:
            self._pending_add.append(path)
            return
        self._state.library.adding = message("library_adding", count=0)
        self._librarian.add_files(self.path, [path])

    def _files(self, reply: Reply) -> None:
        state, library, ended = self._state, self._state.library, reply.question
        new, known, refused = reply.value or (0, 0, 0)
        library.version += 1
        library.adding = None if ended else message("library_adding", count=new + known)
        if reply.fault is not None:
            state.message = message("library_failed", error=True, reason=why(reply.fault))
        elif ended:
            state.message = message("library_files", error=not new + known, new=new, known=known, refused=refused)
        if ended and self._pending_add:
            self.add_files(self._pending_add.pop(0))


# ------------------------------------------------------------------------------------------------ the view


@dataclass
class LibraryPresenter:
    """Makes the panel's view; rows are rebuilt only when their content changes."""

    names: MoveNames
    _made: tuple = ()
    _rows: tuple[tuple[MoveRow, ...], tuple[GameRow, ...]] = field(default=((), ()))

    def view(self, state: Any) -> LibraryView | None:
        """Return the panel's view, None while it is closed."""
        library, language = state.library, state.settings.language
        if not library.open or state.editor:
            return None
        choice = state.said()
        made = (library.found, choice, state.settings.notation, state.here)
        if len(self._made) != 4 or made[0] is not self._made[0] or made[1] is not self._made[1] or made != self._made:
            self._made, self._rows = made, self._make(state, library.found, choice)
        moves, games = self._rows
        note, trouble = "", False
        if library.fault is not None:
            note, trouble = library.fault.words(language), True
        elif library.missing:
            note = say(language, "library_none")
        elif library.found is not None and not moves and not games:
            note = say(language, "library_never")
        if library.adding is not None:
            note, trouble = library.adding.words(language), False
        name = brief(library.path.name, 40) if library.path and state.settings.library else ""
        count = len(games) if len(games) < GAMES else max(sum(move.games for move in moves), GAMES)
        hidden = library.missing or library.fault is not None
        return LibraryView(
            title=say(language, "library_title_named", name=name) if name else say(language, "library_title"),
            note=note,
            trouble=trouble,
            missing=library.missing,
            moves=() if hidden else moves,
            games=() if hidden else games,
            games_title=say(language, "library_games", count=f"{count:,}"),
            buttons=BUTTONS[1:] if hidden else BUTTONS,
            can_add=bool(state.game.record.moves),
        )

    def _make(
        self, state: Any, found: Explored | None, choice: Choice | None
    ) -> tuple[tuple[MoveRow, ...], tuple[GameRow, ...]]:
        if found is None or state.library.asked[2] != state.game.board.key:
            return (), ()
        board, style = state.game.board, state.settings.notation
        shares = dict(choice.probabilities) if choice else {}
        moves = []
        for played in found.moves:
            with contextlib.suppress(XiangqiError):  # a damaged library may contain any move
                moves.append(self._move(board, played, shares, style))
        return tuple(moves), tuple(game_row(game) for game in found.games)

    def _move(self, board: Any, played: PlayedMove, shares: dict[Move, float], style: str) -> MoveRow:
        score, share = played.red_score, shares.get(played.move)
        return MoveRow(
            played.move,
            self.names(board, played.move, style),
            played.games,
            (played.red_wins, played.draws, played.black_wins),
            f"{score:.0%}" if score is not None else "",
            str(played.last_year) if played.last_year else "",
            "" if share is None else f"{share:.0%}" if share >= 0.01 else "<1%",
        )


def found_title(language: str, library: LibraryState) -> str:
    """Return the title above the results of a search."""
    if library.fault is not None:
        return library.fault.words(language)
    if library.missing:
        return say(language, "library_none")
    count = len(library.matches)
    return say(language, "library_found", count=f"{count}+" if count >= FOUND else count)
