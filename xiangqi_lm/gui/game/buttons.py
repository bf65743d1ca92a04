"""The buttons, keys and menu items that are enabled, and those that are switched on."""

from __future__ import annotations

from .state import State
from .study import mistakes


def action(state: State) -> str | None:
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


ATTEMPT = {  # the intents enabled during an exercise
    "flip", "help", "settings", "sound", "language", "copy", "copy_fen", "menu", "analysis", "arrows", "new_game",
    "open", "paste", "recent", "first", "back", "forward", "last",
}  # fmt: skip


def enabled(state: State) -> frozenset[str]:
    game = state.game
    if state.analysis.attempt is not None:
        return frozenset(ATTEMPT | _study_names(state))
    if state.editor:
        return frozenset({"flip", "help", "settings", "sound", "language", "copy_fen", "paste", "menu"})
    outcome = game.outcome()
    names = set(ALWAYS)
    if state.take_back_to is not None and (state.settings.take_back or not game.live or len(state.humans) == 2):
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
        names |= {"resign", *(() if state.draw_offered in state.humans else ("offer_draw",))}
    if state.offered_by_program:
        names |= {"accept_draw", "decline_draw"}
    if state.opponent_to_move:
        if state.paused:
            names.add("one_move")
        elif state.pending:
            names.add("move_now")
    if state.program_moved_last and not state.analysis.on:
        names.add("another_move")
    if state.document and len(state.document) > 1:
        names |= {"games", "next_game", "previous_game"}
    if outcome is not None:
        names |= {"rematch", "again", "save_card", "close_card"}
    if action(state):
        names.add("action")
    return frozenset(names)


def _study_names(state: State) -> set[str]:
    """Return the intents enabled in analysis mode only."""
    if state.analysis.attempt is not None:
        return {"attempt_show", "attempt_next", "attempt_leave"}
    names = {"practise"}
    if mistakes(state):
        names |= {"mistake_next", "mistake_back", "retry"}
    if state.analysis.review is not None:
        names.add("summary")
    return names


def switched_on(state: State) -> frozenset[str]:
    """Return the buttons that are switched on."""
    names = {
        "arrows": state.arrows,
        "sound": state.settings.sound,
        "analysis": state.analysis.on,
        "review": state.analysis.order is not None,
    }
    return frozenset(name for name, on in names.items() if on)
