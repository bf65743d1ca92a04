"""What the helpers of analysis mode ask of the controller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...rules.moves import Move
from .state import Motion


@dataclass(frozen=True)
class Hooks:
    """Calls back into the controller; `clock` gives seconds, `wake` may be called from any thread."""

    moved_on: Callable[[], None]  # another position is looked at
    go_to: Callable[[int], None]
    consider: Callable[[], None]  # programs are asked what is to be asked now
    play: Callable[[Move], None]  # a program's move
    take_back: Callable[[], None]
    motion: Callable[[Motion], None]
    sound: Callable[[str], None]
    change: Callable[..., None]  # settings
    wake: Callable[[], None]
    clock: Callable[[], float]
