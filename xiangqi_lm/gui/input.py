"""The intents of keys."""

from __future__ import annotations

import pygame

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
