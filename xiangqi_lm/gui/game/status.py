"""The texts of the status block and of the window's title: whose turn it is, what is pending, how the game ended."""

from __future__ import annotations

from ...rules.squares import BLACK, RED
from .player_faults import player_fault
from .state import State
from .texts import brief, say, side_name


def status(state: State, now: float) -> tuple[str, str]:
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
    elif state.draw_offered in state.humans:
        detail = say(language, "draw_asked", side=side_name(language, state.turn.opponent))
    elif state.draw_offered is not None:
        detail = say(language, "draw_offered", side=side_name(language, state.draw_offered))
    elif state.turn in state.humans:
        detail = say(language, "your_turn" if len(state.humans) == 1 else "both_turns")
    return _with_check(state, say(language, "to_move", side=side_name(language, state.turn))), detail


def _looking(state: State) -> tuple[str, str]:
    """Return the texts while an earlier position is shown: play from here, or return to the end."""
    language = state.settings.language
    where = say(language, "looking", ply=state.game.cursor, plies=len(state.game.line))
    if state.turn in state.humans:
        words = _with_check(state, say(language, "to_move", side=side_name(language, state.turn)))
        return words, say(language, "looking_play", where=where)
    return where, say(language, "looking_detail")


def _analysing(state: State) -> tuple[str, str]:
    """Return the texts in analysis mode: the side to move, and that the game is paused."""
    language, game = state.settings.language, state.game
    where = say(language, "looking", ply=game.cursor, plies=len(game.line))
    words = _with_check(state, say(language, "to_move", side=side_name(language, state.turn)))
    if state.compiling or state.loading:
        return words, say(language, state.compiling or "loading_detail")
    resting = say(language, "analysis_resting") if state.analysis.resting is not None else ""
    return words, " · ".join(part for part in (where, resting) if part)


def _with_check(state: State, words: str) -> str:
    """Return the text, preceded by a warning if the side to move is in check."""
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


def window_title(state: State) -> str:
    """Return the window's title: the game's file, with a leading dot if it is not saved."""
    words = say(state.settings.language, "title")
    if state.document and state.document.path:
        words = f"{brief(state.document.path.name, 80)} - {words}"
    return ("• " if state.unsaved else "") + words
