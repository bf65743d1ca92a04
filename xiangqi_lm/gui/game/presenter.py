"""Turns the state into the view: the words, marks, lists and buttons that the window shows."""

from __future__ import annotations

from collections import Counter

from ...records import openings
from ...rules.board import Board
from ...rules.fen import START_FEN
from ...rules.pieces import KINDS
from ...rules.squares import BLACK, RED, Color
from . import buttons, clocks, players
from .analysis import Preview
from .analysis_view import AnalysisPresenter, described, preview_board, prey
from .explorer import LibraryPresenter
from .movelist import MoveList, MoveNames
from .players import HUMAN
from .state import State
from .status import status, window_title
from .texts import brief, say, side_name
from .thoughts import Thoughts, value
from .view import EndCard, PlayerCard, Setup, View

LEAST = 0.01  # no arrow for a move less likely than this
BEST = 3  # lines of the adviser
LINE = 8  # moves of each
HURRY = 20.0  # seconds left from which a clock is shown as short


class Presenter:
    """Makes views; remembers the texts of moves, which change only with the position."""

    def __init__(self, state: State):
        self._state = state
        self._names = MoveNames()
        self._list = MoveList(self._names)
        self._library = LibraryPresenter(self._names)
        self._analysis = AnalysisPresenter(state, self._names)
        self._thoughts = Thoughts(state, self._names)
        self._opening: tuple[object, str, str] = (None, "", "")

    def view(self, now: float) -> View:
        """Return what the window shows at the time `now`, in seconds of the controller's clock."""
        state = self._state
        game, board, settings = state.game, preview_board(state), state.settings
        outcome = game.outcome()
        check = False if state.editor else game.is_check() if board is game.board else board.is_check()
        candidates, title, choice = self._thoughts.candidates()
        best, best_title = self._thoughts.best()
        headline, detail = self._status(now)
        analysis = self._analysis.view()
        message = state.message
        squares = tuple(state.editor.squares) if state.editor else tuple(board.array.tolist())
        return View(
            pieces=squares,
            turn=state.editor.turn if state.editor else board.turn,
            flipped=state.flipped,
            selected=state.selected,
            targets=_targets(state),
            last_move=board.peek() if board.ply and settings.last_move and not state.editor else None,
            checked_king=board.king(board.turn) if check else None,
            hint=state.hint if not state.editor else None,
            pointed=state.analysis.teaching.piece if not state.editor else None,
            prey=prey(state) if board is game.board and not state.editor else None,
            arrows=candidates if self._shows_arrows(board) else (),
            candidates=candidates,
            candidates_title=title,
            weighed=len(choice.probabilities) if choice else 0,
            illegal=choice.illegal if choice else None,
            best=best,
            best_title=best_title,
            value=value(state),
            status=headline,
            detail=detail,
            message=message.words(settings.language) if message else "",
            message_is_error=bool(message and message.is_error),
            players=self._cards(now),
            action=buttons.action(state),
            busy=state.pending is not None or state.loading,
            check=check,
            outcome=outcome,
            end=_end_card(state),
            setup=_setup(state),
            blocks=self._list.blocks(game.record, settings.notation),
            place=game.place,
            path=game.path,
            cursor=game.cursor,
            plies=len(game.line),
            info=self._info(),
            title=window_title(state),
            library=self._library.view(state),
            games=(state.document.number, len(state.document)) if state.document and len(state.document) > 1 else None,
            unsaved=state.unsaved,
            enabled=buttons.enabled(state),
            on=buttons.switched_on(state),
            analysis=analysis,
        )

    def _shows_arrows(self, board: Board) -> bool:
        """Return whether the model's moves are drawn on the board."""
        state = self._state
        shown = state.arrows and state.said() is not None and state.game.outcome() is None
        return shown and state.editor is None and board is state.game.board

    def _status(self, now: float) -> tuple[str, str]:
        """Return the large line and the small line below it."""
        state = self._state
        preview = state.analysis.preview
        if preview is not None and preview.root == state.here and state.editor is None:
            return self._previewed(preview)
        if state.analysis.on and state.editor is None and (found := described(state, self._names)) is not None:
            return found
        return status(state, now)

    def _previewed(self, preview: Preview) -> tuple[str, str]:
        """Return the words while a line is played out: how far it has got, and its moves so far."""
        state, language = self._state, self._state.settings.language
        names = self._names.line(state.game.board.copy(), preview.moves[: preview.shown], state.settings.notation)
        headline = say(language, "previewing", shown=preview.shown, count=len(preview.moves))
        return headline, "  ".join(names[-6:]) if names else say(language, "previewing_detail")

    # ------------------------------------------------------------------------------------------------ cards

    def _cards(self, now: float) -> tuple[PlayerCard, PlayerCard]:
        top, bottom = (RED, BLACK) if self._state.flipped else (BLACK, RED)
        return self._card(top), self._card(bottom)

    def _card(self, color: Color) -> PlayerCard:
        state, language = self._state, self._state.settings.language
        key = state.seats.get(color, HUMAN)
        header = state.game.record.headers.get("Red" if color is RED else "Black", "")
        name = players.title(key, language, state.settings, state.own)
        if key == HUMAN:
            named = brief(header, 40) if header.strip("?") else ""
            name = named or (name if len(state.humans) == 1 else side_name(language, color))
        clock = state.clock
        left = clock.left(color)
        words = clocks.written(left) if clock.control else ""
        if words and clock.in_byoyomi(color):
            words = say(language, "clock_byoyomi", time=words)
        kind = players.kind(key, language, state.own)
        if (summary := self._analysis.summary()) is not None:
            side = next(side for side in summary.sides if side.color is color)
            if side.accuracy:
                kind = say(language, "summary_card", accuracy=side.accuracy, loss=side.loss)
        return PlayerCard(
            color,
            name,
            kind,
            _taken(state, color),
            words,
            bool(clock.control) and left < HURRY,
            clock.running is color,
            state.turn is color and state.game.outcome() is None,
        )

    def _info(self) -> tuple[str, ...]:
        """Return the lines about the game: event and date, opening, rules and time."""
        state, language = self._state, self._state.settings.language
        record = state.game.record
        known = [brief(record.headers.get(name, ""), 60).strip("?. ") for name in ("Event", "Round", "Date")]
        lines = [" · ".join(part for part in known if part)]
        opening = self._opening_name()
        rules = say(language, "info_rules", rules=say(language, f"choice_ruleset_{state.settings.ruleset}"))
        time = clock_words(language, state.clock.control)
        lines += [opening, " · ".join(part for part in (rules, time) if part)]
        return tuple(line for line in lines if line)

    def _opening_name(self) -> str:
        state = self._state
        record, language = state.game.record, state.settings.language
        if self._opening[:2] != (record.moves, language):
            given = record.headers.get("Opening", "")
            if record.start_fen and record.start_fen != START_FEN:
                name = openings.SET_UP
            else:
                name = openings.name([move.id for move in record.moves]) if record.moves else ""
            words = openings.english(name) if name and language == "en" else name
            if given and given.strip("?"):
                words = brief(given, 60)
            self._opening = (record.moves, language, words)
        return self._opening[2]


def _taken(state: State, color: Color) -> tuple[int, ...]:
    """Return the pieces that a side has captured, strongest first."""
    if state.editor:
        return ()
    start, now = (Counter(board.array.tolist()) for board in (state.game.record.start(), state.game.board))
    enemy = [-color * kind for kind in (5, 6, 4, 2, 3, 7) if kind in KINDS]
    return tuple(piece for piece in enemy for _ in range(start[piece] - now[piece]))


def clock_words(language: str, control: clocks.TimeControl) -> str:
    """Return a time control in words."""
    if not control:
        return ""
    main = say(language, "clock_main", minutes=f"{control.main / 60:g}")
    if control.byoyomi:
        return say(language, "clock_with_byoyomi", main=main, seconds=control.byoyomi)
    if control.increment:
        return say(language, "clock_with_increment", main=main, seconds=control.increment)
    return say(language, "clock_sudden", main=main)


# ------------------------------------------------------------------------------------------------ the board


def _targets(state: State) -> tuple[tuple[int, bool], ...]:
    if state.selected is None or not state.settings.legal_dots or state.editor:
        return ()
    board = state.game.board
    moves = [move for move in board.legal_moves if move.from_square == state.selected]
    return tuple(sorted((move.to_square, board.is_capture(move)) for move in moves))


def _setup(state: State) -> Setup | None:
    editor = state.editor
    if editor is None:
        return None
    problem = editor.problem()
    room = frozenset(color * kind for color in Color for kind in KINDS if editor.room_for(color * kind))
    return Setup(editor.turn, editor.picked, room, problem.words(state.settings.language) if problem else "")


def _end_card(state: State) -> EndCard | None:
    outcome = state.game.outcome()
    if outcome is None or not state.shows_end:
        return None
    language = state.settings.language
    headline = say(language, {RED: "red_wins", BLACK: "black_wins", None: "draw"}[outcome.winner])
    actions = ["review", "rematch", "save_card"] if len(state.humans) < 2 else ["review", "again", "save_card"]
    return EndCard(outcome.winner, headline, outcome.words(language), tuple(actions))
