"""The operating system's window: opening it, or explaining why that failed; its pointer and wake-up events."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pygame

from ..errors import XiangqiError
from .widgets.layout import OPENING, automatic_scale

WAKE = pygame.event.custom_type()
SMALLEST = 320  # the least remembered width and height in pixels
HIDDEN_DRIVERS = ("offscreen", "dummy", "evdev")  # SDL silently falls back to these


class NoDisplay(XiangqiError):
    """No screen is available for a window."""


def wake() -> None:
    """Wake the event loop; may be called from any thread, even after the window has closed."""
    try:
        pygame.event.post(pygame.event.Event(WAKE))
    except pygame.error:
        return


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep C libraries from writing to stderr, as they do if there is no display or sound card."""
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console has no stderr
        yield
        return
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def describe_display() -> str:
    """Return the driver and the screen sizes, without opening a window; raises NoDisplay."""
    driver = _start_display()
    sizes = pygame.display.get_desktop_sizes()
    pygame.display.quit()
    return f"{driver}, {', '.join(f'{width}x{height}' for width, height in sizes)}"


def _start_display() -> str:
    """Start SDL's display and return its driver; raises NoDisplay."""
    try:
        with quiet():
            pygame.display.init()
    except pygame.error as fault:
        raise NoDisplay(f"no display to open a window on ({fault})") from fault
    driver = pygame.display.get_driver()
    if driver in HIDDEN_DRIVERS and os.environ.get("SDL_VIDEODRIVER") != driver:
        pygame.display.quit()
        raise NoDisplay("no display to open a window on: is DISPLAY or WAYLAND_DISPLAY set?")
    return driver


def open_window(ui_scale: int, wanted: tuple[int, int] = (0, 0)) -> tuple[pygame.Surface, float]:
    """Return the window, of the `wanted` size if that is usable, and its interface scale; raises NoDisplay."""
    os.environ.setdefault("SDL_WINDOWS_DPI_AWARENESS", "permonitorv2")
    os.environ.setdefault("SDL_VIDEO_X11_WMCLASS", "xiangqi-lm")
    driver = _start_display()
    pygame.font.init()
    try:
        desktop = pygame.display.get_desktop_sizes()[0]
        scale = ui_scale / 100 if ui_scale else automatic_scale(desktop)
        room = (desktop[0], desktop[1]) if driver != "dummy" else (10**4, 10**4)
        surface = pygame.display.set_mode(_opening(wanted, scale, room), pygame.RESIZABLE)
    except (pygame.error, IndexError) as fault:  # a driver without screens, or one that cannot open a window
        pygame.display.quit()
        raise NoDisplay(f"no window can be opened on this display ({fault})") from fault
    return surface, scale


def _opening(wanted: tuple[int, int], scale: float, room: tuple[int, int]) -> tuple[int, int]:
    """Return the initial size: the wanted one if it is usable, limited to the screen."""
    size = wanted if min(wanted) >= SMALLEST else (round(OPENING[0] * scale), round(OPENING[1] * scale))
    return min(size[0], room[0]), min(size[1], room[1])


def set_pointer(shape: int) -> None:
    """Set one of pygame's system cursors; some drivers have none."""
    with contextlib.suppress(pygame.error):
        pygame.mouse.set_cursor(shape)
