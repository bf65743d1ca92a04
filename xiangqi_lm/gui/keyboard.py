"""The keyboard: the intents of keys, and the receivers of keys and typed texts."""

from __future__ import annotations

import contextlib

import pygame

from .screen import Screen
from .widgets.controls import Intent

PLAIN: dict[int, Intent] = {
    pygame.K_n: ("new_game", None), pygame.K_u: ("take_back", None), pygame.K_BACKSPACE: ("take_back", None),
    pygame.K_r: ("redo", None), pygame.K_h: ("hint", None), pygame.K_a: ("arrows", None), pygame.K_f: ("flip", None),
    pygame.K_s: ("level", None), pygame.K_m: ("sound", None), pygame.K_l: ("language", None),
    pygame.K_COMMA: ("settings", None), pygame.K_SPACE: ("action", None), pygame.K_i: ("move_now", None),
    pygame.K_t: ("another_move", None), pygame.K_o: ("one_move", None), pygame.K_e: ("edit", None),
    pygame.K_b: ("library", None),
    pygame.K_c: ("comment", None), pygame.K_DELETE: ("delete", None), pygame.K_p: ("promote", None),
    pygame.K_LEFT: ("step", -1), pygame.K_RIGHT: ("step", 1), pygame.K_UP: ("beside", -1), pygame.K_DOWN: ("beside", 1),
    pygame.K_HOME: ("go_to", 0), pygame.K_END: ("go_to", 10**6),
    pygame.K_PAGEUP: ("game_step", -1), pygame.K_PAGEDOWN: ("game_step", 1), pygame.K_F10: ("menu", None),
    pygame.K_1: ("mark", 3), pygame.K_2: ("mark", 1), pygame.K_3: ("mark", 5), pygame.K_4: ("mark", 6),
    pygame.K_5: ("mark", 2), pygame.K_6: ("mark", 4),
    pygame.K_v: ("review", None), pygame.K_g: ("retry", None), pygame.K_x: ("practise", None),
    pygame.K_w: ("summary", None), pygame.K_j: ("mistake_next", None), pygame.K_k: ("mistake_back", None),
    pygame.K_d: ("attempt_next", None), pygame.K_y: ("attempt_show", None),
    pygame.K_RETURN: ("type", None), pygame.K_KP_ENTER: ("type", None),
    pygame.K_PLUS: ("more_lines", None), pygame.K_EQUALS: ("more_lines", None), pygame.K_KP_PLUS: ("more_lines", None),
    pygame.K_MINUS: ("fewer_lines", None), pygame.K_KP_MINUS: ("fewer_lines", None),
}  # fmt: skip
CONTROL: dict[int, Intent] = {
    pygame.K_z: ("undo_any", None), pygame.K_y: ("redo_any", None), pygame.K_n: ("new_game", None),
    pygame.K_o: ("open", None), pygame.K_s: ("save", None), pygame.K_c: ("copy_fen", None), pygame.K_v: ("paste", None),
    pygame.K_r: ("recent", None), pygame.K_f: ("library_search", None), pygame.K_q: ("quit", None),
}  # fmt: skip
SHIFTED: dict[int, Intent] = {  # with Control and Shift
    pygame.K_z: ("redo_any", None), pygame.K_s: ("save_as", None), pygame.K_c: ("copy", None),
}  # fmt: skip
ALWAYS: dict[int, Intent] = {  # also while a move is typed
    pygame.K_ESCAPE: ("close", None), pygame.K_F1: ("help", None), pygame.K_TAB: ("analysis", None),
}  # fmt: skip
REPEATED = (  # keys that repeat while held
    pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_PAGEUP, pygame.K_PAGEDOWN, pygame.K_BACKSPACE,
    pygame.K_DELETE, pygame.K_TAB,
)  # fmt: skip


def intent_of_key(key: int, modifiers: int, typing: bool) -> Intent | None:
    """Return the intent of a pressed key, None if it has none here; Command counts as Control."""
    if key in ALWAYS:
        return ALWAYS[key]
    if typing or modifiers & pygame.KMOD_ALT:
        return None
    if modifiers & (pygame.KMOD_CTRL | pygame.KMOD_META):
        return (SHIFTED if modifiers & pygame.KMOD_SHIFT else CONTROL).get(key)
    return PLAIN.get(key)


class Keyboard:
    """Passes keys to open overlays, to the focused line or to the library, or handles them as shortcuts."""

    def __init__(self, screen: Screen):
        self._screen = screen
        self._down: set[int] = set()  # keys that are held
        self.listening = False  # whether the window system sends texts

    def listen(self) -> None:
        """Enable text events only while a line has the focus, as an input method would otherwise take shortcuts."""
        line = self._screen.line
        if (line is not None) != self.listening:
            self.listening = line is not None
            with contextlib.suppress(pygame.error):
                (pygame.key.start_text_input if self.listening else pygame.key.stop_text_input)()
        if line is not None:
            with contextlib.suppress(pygame.error):
                pygame.key.set_text_input_rect(line.caret())

    def text(self, kind: int, words: str) -> None:
        """Handle a typed text or, with TEXTEDITING, one being composed by an input method."""
        line = self._screen.line
        if line is None:
            return
        if kind == pygame.TEXTEDITING:
            line.composing = words
        else:
            line.typed(words)
        self._screen.dirty = True

    def up(self, key: int) -> None:
        """Handle the release of a key."""
        self._down.discard(key)

    def leave(self) -> None:
        """Forget held keys when the window loses the focus."""
        self._down.clear()

    def key(self, event: pygame.Event) -> None:
        """Handle a pressed key."""
        screen = self._screen
        held = event.key in self._down
        if held and (event.key not in REPEATED or (event.key == pygame.K_TAB and not screen.overlay)):
            return
        self._down.add(event.key)
        line = screen.line
        if line is not None and line.composing:
            return  # the key belongs to the input method
        screen.dirty = True
        if self._taken(event):
            return
        intent = intent_of_key(event.key, event.mod, screen.typing)
        if intent is None:
            return
        if screen.overlay is not None and not screen.overlay.blocking:
            screen.close()
        if screen.overlay is None or intent[0] == "close":
            screen.do(intent)

    def _taken(self, event: pygame.Event) -> bool:
        """Pass the key to an overlay, the box for moves or the library; return whether it was handled."""
        screen = self._screen
        if screen.overlay is not None:
            taken = screen.overlay.key(event)
        elif screen.typing and event.key not in (pygame.K_ESCAPE, pygame.K_F1, pygame.K_TAB):
            self._key_in_entry(event)
            return True
        elif screen.library.focused and screen.controller.view().library is not None:
            taken = screen.library.key(event)
        else:
            return False
        if not isinstance(taken, bool):
            screen.do(taken)
        return bool(taken)

    def _key_in_entry(self, event: pygame.Event) -> None:
        entry = self._screen.entry
        if event.key not in (pygame.K_RETURN, pygame.K_KP_ENTER):
            entry.key(event)
            return
        words = entry.text.strip()
        if words and self._screen.controller.type_move(words):
            entry.set_text("")
        else:
            entry.select_all()  # so that the next try replaces it
