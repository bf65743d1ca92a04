"""The cost of the window: first frame, a redraw, idle load with a box or dialog open, memory over the levels.

    python -m benchmarks.window [--seconds 20] [--levels]

It runs on SDL's dummy driver, as the tests do, so no screen is needed. With an X server, for example a virtual one,
`SDL_VIDEODRIVER=x11 DISPLAY=:7 python -m benchmarks.window` measures with that.
"""

from __future__ import annotations

import argparse
import atexit
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

FIRST = """
import time
begun, used = time.perf_counter(), time.process_time()
from pathlib import Path
from xiangqi_lm.gui.app import App
from xiangqi_lm.gui.start import Start, make_controller
from xiangqi_lm.gui.window import open_window
App(make_controller(Start(lambda: None, "lm:default", Path({folder!r}) / "settings.json")), *open_window(100)).draw()
print(time.perf_counter() - begun, time.process_time() - used)
"""


def first_picture() -> tuple[float, float]:
    """Return the seconds from the start of a Python process to the first frame, in wall and in processor time; the best
    of three."""
    times = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            code = FIRST.format(folder=folder)
            done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
            wall, used = map(float, done.stdout.split()[-2:])
            times.append((wall, used))
    return min(times)


def window(size: tuple[int, int]):
    """Return a window with the default player, loaded."""
    import pygame

    from xiangqi_lm.engine.spec import make_player
    from xiangqi_lm.gui.app import App
    from xiangqi_lm.gui.game.controller import Controller
    from xiangqi_lm.gui.game.settings import Settings
    from xiangqi_lm.gui.game.thinker import Thinker
    from xiangqi_lm.gui.window import open_window, wake

    def make(key: str):
        return make_player(key if ":" in key or "?" in key else f"level:{key}")

    settings = Settings(ui_scale=100, animation=False, ask=False)
    _, scale = open_window(100)
    surface = pygame.display.set_mode(size, pygame.RESIZABLE)
    thinker = Thinker(lambda: make_player("lm:default"), wake, make)
    app = App(Controller(thinker, settings, library=library()), surface, scale)
    app.controller.start()
    live(app, lambda: not app.controller.state.loading)
    return app


@lru_cache(maxsize=1)
def library() -> Path:
    """Return a library of the shipped openings, in a folder that lasts until exit."""
    from xiangqi_lm.library.library import Library
    from xiangqi_lm.paths import assets

    path = Path(tempfile.mkdtemp()) / "library.sqlite"
    with Library(path, create=True) as made:
        made.add([assets() / "openings" / "balanced.pgn"])
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    return path


def live(app, until: Callable[[], bool], seconds: float = 300) -> None:
    """Run the window's loop until a condition holds."""
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            sys.exit("waited in vain")
        app.step(app.patience())


def answered(app) -> Callable[[], bool]:
    """Return whether the model has evaluated the position for the library panel, if that is open."""
    state = app.controller.state
    return lambda: not state.library.open or state.said() is not None


def idle(app, seconds: float) -> tuple[float, int]:
    """Return the share of a core that the process uses while nothing happens, and the frames that it draws."""
    for _ in range(3):
        app.step(50)
    pictures, begun, used = app.pictures, time.monotonic(), time.process_time()
    while time.monotonic() - begun < seconds:
        app.step(app.patience())
    return (time.process_time() - used) / (time.monotonic() - begun), app.pictures - pictures


def memory() -> float:
    """Return the resident memory in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20, help="how long each idle measurement takes")
    parser.add_argument("--levels", action="store_true", help="also play a move at every level")
    options = parser.parse_args()
    wall, used = first_picture()
    print(f"first picture             {wall:6.2f} s, {used:.2f} s of the processor")
    for size in ((900, 640), (1280, 800), (1920, 1080)):
        app = window(size)
        app.draw()
        begun = time.perf_counter()
        for _ in range(50):
            app.draw()
        print(f"redraw {size[0]:4} x {size[1]:<4}        {(time.perf_counter() - begun) * 20:6.1f} ms")
        if size != (1280, 800):
            app.controller.close()
            continue
        for name, intent in (
            ("nothing open", "close"), ("box for moves", "type"), ("settings", "settings"), ("file dialog", "open"),
            ("search", "library_search"), ("library", "library"),
        ):  # fmt: skip
            app.do(("close", None))
            app.do((intent, None))
            live(app, answered(app))
            share, pictures = idle(app, options.seconds)
            print(f"idle, {name:15}     {share:6.1%} of a core, {pictures} pictures in {options.seconds:g} s")
        app.do(("close", None))
        print(f"memory, model loaded      {memory():6.0f} MiB")
        if options.levels:
            levels(app)
        app.controller.close()


def levels(app) -> None:
    """Print the memory after a move by each level."""
    from xiangqi_lm.engine.levels import LEVELS

    for level in LEVELS:
        app.controller.change(level=level)
        app.controller.games.new_game("black")
        live(app, lambda: app.controller.state.game.cursor == 1 or bool(app.controller.state.failure))
        print(f"memory, after {level:12}{memory():6.0f} MiB {app.controller.state.failure}")


if __name__ == "__main__":
    main()
