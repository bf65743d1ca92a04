"""Callbacks by which the parts of the controller call it and each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...rules.moves import Move
from .state import Motion


@dataclass(frozen=True)
class Hooks:
    """Callbacks into the controller; `clock` returns seconds, `wake` may be called from any thread."""

    moved_on: Callable[[], None]  # make everything follow after the current position has changed
    go_to: Callable[[int], None]
    consider: Callable[[], None]  # ask programs and judge what is needed now
    play: Callable[[Move], None]  # play a program's move
    take_back: Callable[[], None]
    motion: Callable[[Motion | None], None]
    sound: Callable[[str], None]
    change: Callable[..., None]  # change settings
    wake: Callable[[], None]
    clock: Callable[[], float]
