"""Which intent a key stands for."""

from __future__ import annotations

import pygame

from .widgets.overlays import Intent

PLAIN: dict[int, Intent] = {
    pygame.K_n: ("new_game", None), pygame.K_u: ("take_back", None), pygame.K_BACKSPACE: ("take_back", None),
    pygame.K_r: ("redo", None), pygame.K_h: ("hint", None), pygame.K_a: ("arrows", None), pygame.K_f: ("flip", None),
    pygame.K_s: ("level", None), pygame.K_m: ("sound", None), pygame.K_l: ("language", None),
    pygame.K_COMMA: ("settings", None), pygame.K_SPACE: ("action", None),
    pygame.K_LEFT: ("step", -1), pygame.K_RIGHT: ("step", 1), pygame.K_UP: ("step", -2), pygame.K_DOWN: ("step", 2),
    pygame.K_HOME: ("go_to", 0), pygame.K_END: ("go_to", 10**6),
}  # fmt: skip
CONTROL: dict[int, Intent] = {
    pygame.K_z: ("take_back", None), pygame.K_y: ("redo", None), pygame.K_n: ("new_game", None),
    pygame.K_o: ("open", None), pygame.K_s: ("save", None), pygame.K_c: ("copy_fen", None),
    pygame.K_v: ("paste_fen", None),
}  # fmt: skip
ALWAYS: dict[int, Intent] = {  # also while a text is typed
    pygame.K_ESCAPE: ("close", None), pygame.K_F1: ("help", None), pygame.K_TAB: ("type", None),
}  # fmt: skip


def intent_of_key(key: int, modifiers: int, typing: bool) -> Intent | None:
    """The intent of a pressed key, None if it has none here; Command counts as Control."""
    if key in ALWAYS:
        return ALWAYS[key]
    if typing or modifiers & pygame.KMOD_ALT:
        return None
    return (CONTROL if modifiers & (pygame.KMOD_CTRL | pygame.KMOD_META) else PLAIN).get(key)
