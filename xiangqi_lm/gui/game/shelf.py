"""Opening and saving games: files, pasted texts and the archive; no game is dropped without being stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from ...errors import XiangqiError
from ...files import write_bytes
from ...records.formats.prose import has_moves
from ...records.game import GameRecord
from ...rules.outcome import Termination
from ...rules.squares import Color
from . import files, players
from .archive import Archive, Kept
from .clocks import TimeControl
from .document import Document
from .faults import reason
from .folders import FAULTS
from .game import Game
from .pasted import LONG_FEN, LONG_SEARCH, document_in
from .players import HUMAN
from .state import State
from .texts import brief, message, side_name
from .tree_walk import Place


class Shelf:
    """Opens and saves the state's game; `adopt` puts another game on the board."""

    def __init__(
        self, state: State, archive: Archive, adopt: Callable[[Game, dict[Color, str]], None], wake: Callable[[], None]
    ):
        self._state, self.archive, self._adopt, self._wake = state, archive, adopt, wake
        self._aside: GameRecord | None = None  # the record as last added to the recent games

    # ------------------------------------------------------------------------------------------------ opening

    def load(self, path: Path) -> bool:
        """Open the first readable game of a file; on an error show a message and keep the old game."""
        try:
            document = Document.of_file(path, self._wake)
        except FAULTS as fault:
            self._state.message = message("load_failed", error=True, name=path.name, reason=reason(fault))
            return False
        return self._open(document, document.number, path.name)

    def paste(self, text: str) -> bool:
        """Open the game in a pasted text that is more than a position; on an error keep the old game."""
        try:
            document = document_in(text)
        except XiangqiError as fault:
            words = message("paste_failed", error=True, reason=reason(fault))
            if not has_moves(text[:LONG_SEARCH]):
                words = message("paste_nothing", error=True, text=brief(" ".join(text[:LONG_FEN].split()), 40))
            self._state.message = words
            return False
        return self._open(document, document.number, "")

    def open_number(self, number: int) -> bool:
        """Open another game of the same file."""
        document = self._state.document
        if document is None or not 1 <= number <= len(document):
            return False
        name = document.path.name if document.path else ""
        return self._open(document, number, name)

    def _open(self, document: Document, number: int, name: str) -> bool:
        try:
            game = Game.from_record(document.record(number), self._state.settings.ruleset)
        except XiangqiError as fault:
            words = document.fault(number) or reason(fault)
            self._state.message = message("game_unreadable", error=True, number=number, reason=words)
            return False
        if self._state.document is not None and self._state.document is not document:
            self._state.document.close()
        document.number = number
        self.put_aside()
        self._adopt(game, self._opened_seats(game))
        self._state.document, self._state.saved = document, game.record
        many = len(document) > 1 or not document.done
        key = "loaded_of_many" if many and name else "loaded" if name else "pasted"
        self._state.message = message(key, name=name, number=number)
        return True

    def open_record(self, record: GameRecord, ply: int) -> bool:
        """Open a library game at a ply for study; on an error keep the old game."""
        try:
            game = Game.from_record(record, self._state.settings.ruleset)
        except XiangqiError as fault:
            self._state.message = message("library_failed", error=True, reason=reason(fault))
            return False
        game.go_to(ply)
        self.put_aside()
        self._adopt(game, dict.fromkeys(Color, HUMAN))
        self._state.saved = game.record
        self._state.message = message("library_opened")
        return True

    def _opened_seats(self, game: Game) -> dict[Color, str]:
        """Return the seats of an opened game: the user on both if over, else a program for the side not to move."""
        if game.outcome() is not None or self._state.settings.side in ("both", "none"):
            return dict.fromkeys(Color, HUMAN)
        mover = game.board.turn
        return {mover: HUMAN, mover.opponent: self._state.settings.level}

    # ------------------------------------------------------------------------------------------------ saving

    def record(self) -> GameRecord:
        """Return the game with headers, as it would be saved."""
        state = self._state
        language = state.settings.language

        def name(color: Color) -> str:
            seat = state.seats.get(color, HUMAN)
            if seat == HUMAN:
                return side_name(language, color)
            return players.title(seat, language, state.settings, state.own)

        headers = {
            "Game": "Chinese Chess",
            "Event": "xiangqi-lm",
            "Date": date.today().strftime("%Y.%m.%d"),
            "Red": name(Color.RED),
            "Black": name(Color.BLACK),
        }
        if state.document is not None and state.game.record.headers:
            headers = {"Game": "Chinese Chess"}
        if state.clock.control:
            headers["TimeControl"] = state.clock.control.header()
        record, resting = to_store(state.game, headers), state.analysis.resting
        if resting is None:
            return record
        # moves tried in analysis change neither the game's main line nor its result
        played = record.cut((), len(resting.moves)) if record.moves[: len(resting.moves)] == resting.moves else record
        return replace(played, result="*")

    def losses(self, path: Path) -> tuple[str, ...]:
        """Return what a file of that name would lose of the game; raises BadRecord for an invalid name."""
        return files.losses(self.record(), path.suffix, self._state.settings.pgn_notation)

    def save(self, path: Path, *, add: bool = False) -> bool:
        """Write the game to a new file or, with `add`, to the end of a file; show a message in either case."""
        state = self._state
        try:
            content = files.encoded(self.record(), path.suffix, state.settings.pgn_notation)
            if add:
                content = path.read_bytes().rstrip() + b"\n\n" + content
            write_bytes(path, content)
        except FAULTS as fault:
            state.message = message("save_failed", error=True, name=path.name, reason=reason(fault))
            return False
        state.saved = state.game.record
        state.message = message("saved", name=path.name)
        try:
            document = Document.of_file(path, self._wake)
            document.wait()
            document.number = len(document)
        except FAULTS:
            document = None
        state.document = document
        return True

    def put_back(self) -> bool:
        """Replace the game in the file it was opened from; show a message in either case."""
        state, document = self._state, self._state.document
        assert document is not None and document.path is not None
        try:
            document.put_back(self.record(), state.settings.pgn_notation)
        except FAULTS as fault:
            state.message = message("save_failed", error=True, name=document.path.name, reason=reason(fault))
            return False
        state.saved = state.game.record
        key = "saved_of_many" if len(document) > 1 else "saved"
        state.message = message(key, name=document.path.name, number=document.number)
        return True

    def games_in(self, path: Path) -> int:
        """Return the number of games in a file about to be overwritten; 0 if it has no records."""
        try:
            document = Document.of_file(path)
        except FAULTS:
            return 0
        document.wait()
        return len(document)

    # ------------------------------------------------------------------------------------------------ the archive

    def kept(self) -> Kept:
        """Return the current game in its stored form."""
        state, document = self._state, self._state.document
        source = (str(document.path), document.number) if document and document.path else None
        clock = {"control": state.settings.clock, **state.clock.state()} if state.clock.control else None
        path, cursor = state.game.path, state.game.cursor
        if (resting := state.analysis.resting) is not None:
            path, cursor = resting.place.path, sum(b for b, _ in resting.place.path) + resting.place.ply
        return Kept(
            self.record(),
            path,
            cursor,
            dict(state.seats),
            state.flipped,
            state.game.live or state.analysis.resting is not None,
            source,
            clock,
            datetime.now().strftime("%Y-%m-%d %H:%M"),
        )

    def follow(self) -> None:
        """Store the game if it would otherwise be lost; a game that has just ended is added to the recent games."""
        state = self._state
        if state.analysis.parked is not None:  # an exercise is on the board, and the game is stored already
            return
        record = state.game.record
        lost = state.unsaved and record is not self._aside
        live = state.game.live or state.analysis.resting is not None
        if lost and state.game.result() is not None and not live and not state.document:
            self.put_aside()
            lost = False
        if not self.archive.keep(self.kept() if lost else None):
            state.message = message("game_not_kept", error=True)

    def put_aside(self) -> None:
        """Add the game to the recent games before another replaces it."""
        state = self._state
        if state.analysis.parked is not None:
            state.game, state.analysis.parked, state.analysis.attempt = state.analysis.parked, None, None
        if state.analysis.resting is not None:  # moves only tried are not part of the main line
            state.game.resume(state.analysis.resting)
            state.analysis.resting = None
        if state.unsaved and state.game.record is not self._aside:
            if not self.archive.put_aside(self.kept()):
                state.message = message("game_not_kept", error=True)
            self._aside = state.game.record

    def restore(self, kept: Kept) -> bool:
        """Put a stored game on the board at the same position; show a message in either case."""
        state = self._state
        try:
            game = self._restored(kept)
        except XiangqiError as fault:
            state.message = message("restore_failed", error=True, reason=reason(fault))
            return False
        self.put_aside()
        self._adopt(game, dict(kept.seats))
        state.flipped = kept.flipped
        if kept.clock:
            self._set_clock(kept.clock)
        if kept.source and Path(kept.source[0]).exists():
            self._bind(Path(kept.source[0]), kept.source[1])
        state.saved = None
        state.message = message("restored")
        return True

    def _restored(self, kept: Kept) -> Game:
        game = Game.from_record(kept.game, self._state.settings.ruleset)
        game.live = kept.live
        game.look_at(Place(kept.path, 0))
        game.go_to(kept.cursor)
        return game

    def _set_clock(self, kept: dict) -> None:
        try:
            main, increment, byoyomi = (int(value) for value in kept["control"])
            clock = type(self._state.clock)(TimeControl(main, increment, byoyomi))
            clock.restore(kept)
        except (KeyError, TypeError, ValueError):
            return
        self._state.clock = clock

    def _bind(self, path: Path, number: int) -> None:
        """Restore the link between a game and its file, if the file still contains it."""
        try:
            document = Document.of_file(path, self._wake)
            document.wait()
        except FAULTS:
            return
        if number <= len(document):
            document.number = number
            self._state.document = document


def to_store(game: Game, headers: Mapping[str, str]) -> GameRecord:
    """Return the whole tree with the game's result and termination; `headers` are defaults for the record's."""
    outcome = game.result()
    kept = {**headers, **game.record.headers}
    result = outcome.result if outcome else "*"
    if outcome is None or (kept.get("Termination") and game.record.result != result):
        kept.pop("Termination", None)
    if outcome is not None and outcome.termination is not Termination.ADJUDICATION:
        kept["Termination"] = outcome.termination.value
    return replace(game.record, headers=kept, result=result)
