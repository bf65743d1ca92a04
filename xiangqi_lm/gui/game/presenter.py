"""From the state to the view: which words, marks, lists and buttons it calls for."""

from __future__ import annotations

from collections import Counter

from ...engine.player import Choice, PrincipalVariation
from ...records import openings
from ...rules.board import Board
from ...rules.fen import START_FEN
from ...rules.moves import Move
from ...rules.pieces import KINDS
from ...rules.squares import BLACK, RED, Color
from . import clocks, players
from .analysis import Preview
from .analysis_view import AnalysisPresenter, described, preview_board
from .explorer import LibraryPresenter
from .movelist import MoveList, MoveNames
from .player_faults import player_fault
from .players import HUMAN
from .state import State
from .study import mistakes
from .texts import brief, say, side_name
from .view import BestLine, Candidate, EndCard, PlayerCard, Setup, View
from .worth import worth

LEAST = 0.01  # no arrow for a move less likely than this
BEST = 3  # lines of the adviser
LINE = 8  # moves of each
HURRY = 20.0  # seconds left from which a clock is shown as short


class Presenter:
    """Makes views; remembers texts of moves, which change only with the position."""

    def __init__(self, state: State):
        self._state = state
        self._names = MoveNames()
        self._list = MoveList(self._names)
        self._library = LibraryPresenter(self._names)
        self._analysis = AnalysisPresenter(state, self._names)
        self._opening: tuple[object, str, str] = (None, "", "")

    def view(self, now: float) -> View:
        """Return what the window shows of the state at the time `now`, in seconds of the controller's clock."""
        state = self._state
        game, board, settings = state.game, preview_board(state), state.settings
        outcome = game.outcome()
        check = False if state.editor else game.is_check() if board is game.board else board.is_check()
        candidates, title, choice = self._candidates()
        best, best_title = self._best()
        status, detail = self._status(now)
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
            arrows=candidates if self._shows_arrows(board) else (),
            candidates=candidates,
            candidates_title=title,
            weighed=len(choice.probabilities) if choice else 0,
            illegal=choice.illegal if choice else None,
            best=best,
            best_title=best_title,
            value=_value(state),
            status=status,
            detail=detail,
            message=message.words(settings.language) if message else "",
            message_is_error=bool(message and message.is_error),
            players=self._cards(now),
            action=_action(state),
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
            title=_window_title(state),
            library=self._library.view(state),
            games=(state.document.number, len(state.document)) if state.document and len(state.document) > 1 else None,
            unsaved=unsaved(state),
            enabled=_enabled(state),
            on=_switched_on(state),
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
        return _status(state, now)

    def _previewed(self, preview: Preview) -> tuple[str, str]:
        """Return the words while a line is played out: how far it is, and its moves so far."""
        state, language = self._state, self._state.settings.language
        names = self._names.line(state.game.board.copy(), preview.moves[: preview.shown], state.settings.notation)
        headline = say(language, "previewing", shown=preview.shown, count=len(preview.moves))
        return headline, "  ".join(names[-6:]) if names else say(language, "previewing_detail")

    def name(self, move: Move) -> str:
        """Return a move that is legal in the position looked at in the notation that the player chose."""
        return self._names(self._state.game.board, move, self._state.settings.notation)

    # ------------------------------------------------------------------------------------------------ thoughts

    def _candidates(self) -> tuple[tuple[Candidate, ...], str, Choice | None]:
        """Return what the model would play here if arrows are on, else what the program weighed last; with a title and
        the whole choice."""
        state, language = self._state, self._state.settings.language
        if state.editor:
            return (), say(language, "candidates_none"), None
        choice = state.said() if state.arrows else None
        if choice and choice.probabilities:
            return self._listed(state.game.board, choice, None), say(language, "candidates_here"), choice
        for back in (1, 2):
            choice = state.thought(back)
            if choice and choice.probabilities and state.game.turn_at(state.game.cursor - back) not in state.humans:
                board = state.game.board.copy()
                for _ in range(back):
                    played = board.pop()
                title = say(language, "candidates_last", number=board.fullmove)
                return self._listed(board, choice, played), title, choice
        return (), say(language, "candidates_none"), None

    def _listed(self, board: Board, choice: Choice, played: Move | None) -> tuple[Candidate, ...]:
        most = self._state.settings.arrow_count
        best = [pair for pair in choice.probabilities[:most] if pair[1] >= LEAST]
        if played and all(move is not played for move, _ in best):
            best[most - 1 :] = [pair for pair in choice.probabilities if pair[0] is played]
        style = self._state.settings.notation
        return tuple(Candidate(move, self._names(board, move, style), share, move is played) for move, share in best)

    def _best(self) -> tuple[tuple[BestLine, ...], str]:
        """Return the adviser's lines for the position looked at, with a title."""
        state, language = self._state, self._state.settings.language
        choice = state.advice.get(state.here)
        name = adviser_name(state)
        if choice is None or state.editor:
            return (), say(language, "best_title", name=name)
        board = state.game.board.copy()
        lines = []
        for variation in variations_of(choice)[:BEST]:
            moves = tuple(self._names.line(board, variation.moves[:LINE], state.settings.notation))
            words, good = worth(language, variation)
            lines.append(BestLine(words, good, moves))
        depth = choice.info.depth if choice.info else 0
        title = say(language, "best_title_depth" if depth else "best_title", name=name, depth=depth)
        return tuple(lines), title

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
    """Return the enemy pieces that a side has taken, strongest first."""
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


def adviser_name(state: State) -> str:
    """Return the name of the adviser in the player's language."""
    return say(state.settings.language, f"choice_adviser_{state.settings.adviser}")


def variations_of(choice: Choice) -> tuple[PrincipalVariation, ...]:
    """Return a choice's lines, the best first, at least the move itself.

    An engine that is stopped while it looks deeper has judged some of its lines anew and others not: they are put in
    the order of what they are worth now.
    """
    if choice.info and choice.info.variations:
        lines = choice.info.variations
        if all(line.score is not None for line in lines):
            return tuple(sorted(lines, key=lambda line: -line.score.as_centipawns() if line.score else 0))
        return lines
    return (PrincipalVariation((choice.move,), choice.score),)


# ------------------------------------------------------------------------------------------------ the board


def _targets(state: State) -> tuple[tuple[int, bool], ...]:
    if state.selected is None or not state.settings.legal_dots or state.editor:
        return ()
    board = state.game.board
    moves = [move for move in board.legal_moves if move.from_square == state.selected]
    return tuple(sorted((move.to_square, board.is_capture(move)) for move in moves))


def _value(state: State) -> tuple[float, float, float] | None:
    """Return (red wins, draw, black wins) by the latest judgement at or just before the position looked at."""
    if state.editor:
        return None
    judged = state.analysis.lines.get(state.here) if state.analysis.on else None
    if judged is not None and judged.variations[0].score is not None:
        return judged.variations[0].score.seen_by(RED).as_wdl()
    for choice in (state.advice.get(state.here), state.said(), state.thought(1), state.thought(2)):
        if choice and choice.score:
            return choice.score.seen_by(RED).as_wdl()
    return None


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


# ------------------------------------------------------------------------------------------------ words


def _status(state: State, now: float) -> tuple[str, str]:
    """Return the large line and the small line below it."""
    language, outcome = state.settings.language, state.game.outcome()
    if state.editor:
        return say(language, "editing"), say(language, "editing_detail")
    if outcome is not None:
        headline = {RED: "red_wins", BLACK: "black_wins", None: "draw"}[outcome.winner]
        return say(language, headline), outcome.words(language)
    if state.analysis.on:
        return _analysing(state)
    if not state.game.at_tip:
        return _looking(state)
    if state.opponent_to_move:
        return _waiting(state, now)
    detail = ""
    if state.failure:
        detail = say(language, "failed_detail", fault=player_fault(state.failure).words(language))
    elif state.compiling:
        detail = say(language, state.compiling)
    elif state.loading:
        detail = say(language, "loading_detail")
    elif state.analysis.teaching.order is not None:
        detail = say(language, "teaching_checking")
    elif state.draw_offered is not None:
        detail = say(language, "draw_offered", side=side_name(language, state.draw_offered))
    elif state.turn in state.humans:
        detail = say(language, "your_turn" if len(state.humans) == 1 else "both_turns")
    return _with_check(state, say(language, "to_move", side=side_name(language, state.turn))), detail


def _looking(state: State) -> tuple[str, str]:
    """Return the words while an earlier position is looked at: play from here, or go back to the end."""
    language = state.settings.language
    where = say(language, "looking", ply=state.game.cursor, plies=len(state.game.line))
    if state.turn in state.humans:
        words = _with_check(state, say(language, "to_move", side=side_name(language, state.turn)))
        return words, say(language, "looking_play", where=where)
    return where, say(language, "looking_detail")


def _analysing(state: State) -> tuple[str, str]:
    """Return the words in analysis mode: who is to move, and that the game rests."""
    language, game = state.settings.language, state.game
    where = say(language, "looking", ply=game.cursor, plies=len(game.line))
    words = _with_check(state, say(language, "to_move", side=side_name(language, state.turn)))
    if state.compiling or state.loading:
        return words, say(language, state.compiling or "loading_detail")
    resting = say(language, "analysis_resting") if state.analysis.resting is not None else ""
    return words, " · ".join(part for part in (where, resting) if part)


def _with_check(state: State, words: str) -> str:
    """Return the words, after the word of warning when the side to move is in check."""
    language = state.settings.language
    return say(language, "in_check", words=words) if state.game.is_check() else words


def _waiting(state: State, now: float) -> tuple[str, str]:
    language = state.settings.language
    side = side_name(language, state.turn)
    if state.failure:
        return say(language, "failed"), say(
            language, "failed_detail", fault=player_fault(state.failure).words(language)
        )
    if state.paused and not state.pending:
        return say(language, "paused"), say(language, "to_move", side=side)
    seconds = now - state.pending.since if state.pending else 0.0
    if state.loading or state.making:
        elapsed = say(language, "elapsed", seconds=f"{seconds:.0f}")
        headline = say(language, "loading" if state.loading else "making")
        return headline, say(language, state.compiling) if state.compiling else elapsed
    headline = _with_check(state, say(language, "thinking_side", side=side))
    return headline, say(language, "elapsed", seconds=f"{seconds:.1f}")


def _window_title(state: State) -> str:
    """Return the words of the window's frame: the game's file, a dot before it where it is not saved."""
    words = say(state.settings.language, "title")
    if state.document and state.document.path:
        words = f"{brief(state.document.path.name, 80)} - {words}"
    return ("• " if unsaved(state) else "") + words


def unsaved(state: State) -> bool:
    """Return whether something would be lost if the game were dropped."""
    record = state.own_game.record
    return record is not state.saved and record != state.saved and bool(record.moves or record.variations)


# ------------------------------------------------------------------------------------------------ buttons


def _action(state: State) -> str | None:
    if state.failure:
        return "restart"
    if state.opponent_to_move:
        return "continue" if state.paused else "stop"
    return None


ALWAYS = (
    "new_game", "flip", "arrows", "level", "open", "settings", "help", "sound", "language", "copy", "paste", "menu",
    "recent", "edit", "setup", "copy_fen", "paste_fen", "picture", "engine", "analysis", "library", "library_search",
    "library_add_files", "library_file", "library_menu",
    "practise",
)  # fmt: skip


ATTEMPT = {  # what can be done during an exercise
    "flip", "help", "settings", "sound", "language", "copy", "copy_fen", "menu", "analysis", "arrows", "new_game",
    "open", "paste", "recent", "first", "back", "forward", "last",
}  # fmt: skip


def _enabled(state: State) -> frozenset[str]:
    game = state.game
    if state.analysis.attempt is not None:
        return frozenset(ATTEMPT | _study_names(state))
    if state.editor:
        return frozenset({"flip", "help", "settings", "sound", "language", "copy_fen", "paste", "menu"})
    outcome = game.outcome()
    names = set(ALWAYS)
    if take_back_to(state) is not None and (state.settings.take_back or not game.live or len(state.humans) == 2):
        names.add("take_back")
    if not game.at_tip:
        names |= {"redo", "forward", "last"}
    if game.cursor:
        names |= {"back", "first", "delete", "mark"}
    if game.place.path:
        names.add("promote")
    if game.can_undo:
        names.add("undo")
    if game.can_redo:
        names.add("redo_edit")
    if game.record.moves or game.record.variations or game.record.start_fen:
        names |= {"save", "save_as", "comment", "headers"}
    if game.record.moves:
        names.add("library_add_game")
    if game.line:
        names.add("review")
    if state.analysis.on:
        names |= {"fewer_lines", "more_lines"}
        names |= _study_names(state)
    elif state.human_to_move:
        names.add("hint")
    if outcome is None and game.at_tip and game.on_main_line and state.humans and not state.analysis.on:
        names |= {"resign", "offer_draw"}
    if state.draw_offered is not None and state.humans:
        names |= {"accept_draw", "decline_draw"}
    if state.opponent_to_move:
        if state.paused:
            names.add("one_move")
        elif state.pending:
            names.add("move_now")
    if _program_moved_last(state) and not state.analysis.on:
        names.add("another_move")
    if state.document and len(state.document) > 1:
        names |= {"games", "next_game", "previous_game"}
    if outcome is not None:
        names |= {"rematch", "again", "save_card", "close_card"}
    if _action(state):
        names.add("action")
    return frozenset(names)


def _study_names(state: State) -> set[str]:
    """Return what can be done in analysis mode besides."""
    if state.analysis.attempt is not None:
        return {"attempt_show", "attempt_next", "attempt_leave"}
    names = {"practise"}
    if mistakes(state):
        names |= {"mistake_next", "mistake_back", "retry"}
    if state.analysis.review is not None:
        names.add("summary")
    return names


def _switched_on(state: State) -> frozenset[str]:
    """Return the buttons that are switched on."""
    names = {
        "arrows": state.arrows,
        "sound": state.settings.sound,
        "analysis": state.analysis.on,
        "review": state.analysis.order is not None,
    }
    return frozenset(name for name, on in names.items() if on)


def _program_moved_last(state: State) -> bool:
    """Return whether the last move is a program's, so that another can be wanted in its place."""
    game = state.game
    return game.at_tip and game.cursor > 0 and game.turn_at(game.cursor - 1) not in state.humans


def take_back_to(state: State) -> int | None:
    """Return the ply that "take back" leads to: the last earlier one with a human to move."""
    game = state.game
    if state.analysis.on:
        return game.cursor - 1 if game.cursor else None
    for ply in range(game.cursor - 1, -1, -1):
        if game.turn_at(ply) in state.humans:
            return ply
    return None
