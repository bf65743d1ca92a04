"""From the state to the view: which words, marks, rows and buttons it calls for."""

from __future__ import annotations

from ...engine.player import Choice
from ...rules.board import Board
from ...rules.moves import Move
from ...rules.squares import BLACK, RED, Color
from .game import Ply
from .state import State
from .texts import say
from .view import Candidate, Row, View

ARROWS = 5  # at most so many arrows and rows of the table,
LEAST = 0.01  # and none for a move less likely than this


def make_view(state: State, now: float) -> View:
    """What the window shows of the state at the time `now`, in seconds of the controller's clock."""
    game, board, settings = state.game, state.game.board, state.settings
    outcome = game.outcome()
    check = game.is_check()
    candidates, title = _candidates(state)
    status, detail = _status(state, now)
    message = state.message
    return View(
        pieces=tuple(board.array.tolist()),
        turn=board.turn,
        flipped=state.flipped,
        selected=state.selected,
        targets=_targets(state),
        last_move=board.peek() if board.ply else None,
        checked_king=board.king(board.turn) if check else None,
        hint=state.hint,
        arrows=candidates if settings.arrows and state.said() and outcome is None else (),
        candidates=candidates,
        candidates_title=title,
        value=_value(state),
        status=status,
        detail=detail,
        message=say(settings.language, message.key, **message.fields) if message else "",
        message_is_error=bool(message and message.is_error),
        opponent=state.opponent,
        level=settings.level,
        action=_action(state),
        busy=state.pending is not None or state.loading,
        check=check,
        outcome=outcome.words(settings.language) if outcome else "",
        rows=_rows(state),
        first_ply_black=game.turn_at(0) is BLACK,
        cursor=game.cursor,
        plies=len(game.line),
        enabled=_enabled(state),
        on=frozenset(name for name in ("arrows", "sound") if getattr(settings, name)),
    )


def _targets(state: State) -> tuple[tuple[int, bool], ...]:
    if state.selected is None or not state.settings.legal_dots:
        return ()
    board = state.game.board
    moves = [move for move in board.legal_moves if move.from_square == state.selected]
    return tuple(sorted((move.to_square, board.is_capture(move)) for move in moves))


def move_name(state: State, ply: Ply) -> str:
    """A move of the line in the notation that the player chose."""
    return ply.move.iccs() if state.settings.notation == "iccs" else ply.chinese


def _name(state: State, board: Board, move: Move) -> str:
    return move.iccs() if state.settings.notation == "iccs" else board.chinese(move)


def _rows(state: State) -> tuple[Row, ...]:
    game = state.game
    names = [move_name(state, ply) for ply in game.line]
    if names and game.turn_at(0) is BLACK:
        names.insert(0, "…")
    return tuple(
        Row(game.board.fullmove_start + i // 2, names[i], names[i + 1] if i + 1 < len(names) else "")
        for i in range(0, len(names), 2)
    )


def _candidates(state: State) -> tuple[tuple[Candidate, ...], str]:
    """The likeliest moves here with arrows or a hint, else those the opponent weighed last; with a title."""
    language = state.settings.language
    choice = state.said() if state.settings.arrows or state.hint else None
    if choice and choice.probabilities:
        return _listed(state, state.game.board, choice, None), say(language, "candidates_here")
    for back in (1, 2):
        choice = state.said(back)
        if choice and choice.probabilities and state.game.turn_at(state.game.cursor - back) not in state.humans:
            board = state.game.board.copy()
            for _ in range(back):
                played = board.pop()
            title = say(language, "candidates_last", number=board.fullmove)
            return _listed(state, board, choice, played), title
    return (), say(language, "candidates_none")


def _listed(state: State, board: Board, choice: Choice, played: Move | None) -> tuple[Candidate, ...]:
    best = [pair for pair in choice.probabilities[:ARROWS] if pair[1] >= LEAST]
    if played and all(move is not played for move, _ in best):
        best[ARROWS - 1 :] = [pair for pair in choice.probabilities if pair[0] is played]
    return tuple(Candidate(move, _name(state, board, move), share, move is played) for move, share in best)


def _value(state: State) -> tuple[float, float, float] | None:
    """(red wins, draw, black wins) by the latest judgement at or just before the position looked at."""
    for back in (0, 1, 2):
        choice = state.said(back)
        if choice and choice.score:
            return choice.score.seen_by(RED).as_wdl()
    return None


def side_name(language: str, color: Color) -> str:
    return say(language, "red" if color is RED else "black")


def _status(state: State, now: float) -> tuple[str, str]:
    """The large line and the small line below it."""
    language, outcome = state.settings.language, state.game.outcome()
    if outcome is not None:
        headline = {RED: "red_wins", BLACK: "black_wins", None: "draw"}[outcome.winner]
        return say(language, headline), outcome.words(language)
    if not state.game.at_tip:
        return _looking(state)
    if state.opponent_to_move:
        return _waiting(state, now)
    detail = ""
    if state.failure:
        detail = say(language, "failed_detail", fault=state.failure)
    elif state.compiling:
        detail = say(language, state.compiling)
    elif state.loading:
        detail = say(language, "loading_detail")
    elif state.turn in state.humans:
        detail = say(language, "your_turn" if len(state.humans) == 1 else "both_turns")
    return _with_check(state, say(language, "to_move", side=side_name(language, state.turn))), detail


def _looking(state: State) -> tuple[str, str]:
    """An earlier position is looked at: play from here, or go back to the end."""
    language = state.settings.language
    where = say(language, "looking", ply=state.game.cursor, plies=len(state.game.line))
    if state.turn in state.humans:
        words = _with_check(state, say(language, "to_move", side=side_name(language, state.turn)))
        return words, say(language, "looking_play", where=where)
    return where, say(language, "looking_detail")


def _with_check(state: State, words: str) -> str:
    """The words, after the word of warning when the side to move is in check."""
    language = state.settings.language
    return say(language, "in_check", words=words) if state.game.is_check() else words


def _waiting(state: State, now: float) -> tuple[str, str]:
    language = state.settings.language
    side = side_name(language, state.turn)
    if state.failure:
        return say(language, "failed"), say(language, "failed_detail", fault=state.failure)
    if state.paused:
        return say(language, "paused"), say(language, "to_move", side=side)
    seconds = now - state.pending.since if state.pending else 0.0
    if state.loading or state.making:
        elapsed = say(language, "elapsed", seconds=f"{seconds:.0f}")
        headline = say(language, "loading" if state.loading else "making")
        return headline, say(language, state.compiling) if state.compiling else elapsed
    headline = _with_check(state, say(language, "thinking_side", side=side))
    return headline, say(language, "elapsed", seconds=f"{seconds:.1f}")


def _action(state: State) -> str | None:
    if state.failure:
        return "restart"
    if state.opponent_to_move:
        return "continue" if state.paused else "stop"
    return None


def _enabled(state: State) -> frozenset[str]:
    game, outcome = state.game, state.game.outcome()
    names = {
        "new_game",
        "flip",
        "arrows",
        "level",
        "open",
        "settings",
        "help",
        "sound",
        "language",
        "copy_fen",
        "paste_fen",
    }
    if take_back_to(state) is not None:
        names.add("take_back")
    if not game.at_tip:
        names.add("redo")
    if game.line:
        names.add("save")
    if state.human_to_move and not state.failure:
        names.add("hint")
    if outcome is None and game.at_tip and state.humans:
        names.add("resign")
    if _action(state):
        names.add("action")
    return frozenset(names)


def take_back_to(state: State) -> int | None:
    """The ply that "take back" leads to: the last earlier one with a human to move."""
    game = state.game
    for ply in range(game.cursor - 1, -1, -1):
        if game.turn_at(ply) in state.humans:
            return ply
    return None
