"""A window gets random events: clicks everywhere and on buttons, drags, keys, texts, dropped files."""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .running import ROOT, Counts, environment

EVENTS = 10_000
BATCH = 500  # events per window


def soak(counts: Counts, folder: Path, seconds: float, seed: int, size: int = 1) -> None:
    """Open one window after another, in processes of their own, until the time is up; at least one."""
    end, rng = time.monotonic() + seconds, random.Random(seed)
    while True:
        most = BATCH * size
        _window(counts, folder, rng.getrandbits(30), most, end)
        if time.monotonic() > end or counts.done.get("events", 0) >= EVENTS:
            return


def _window(counts: Counts, folder: Path, seed: int, events: int, end: float) -> None:
    screen = {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    words = [sys.executable, "-X", "faulthandler", "-m", "tests.soak.monkey", str(folder / "home"), str(seed)]
    words += [str(events), str(max(1.0, end - time.monotonic()))]
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=ROOT, env=environment(folder, **screen), timeout=3600, check=False
    )
    counts.look(f"window, seed {seed}", done.returncode, done.stderr)
    try:
        seen = json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, ValueError):
        counts.fault("others", f"window, seed {seed}: exit code {done.returncode}: {done.stderr.strip()[-300:]}")
        return
    counts.did("events", seen["events"])
    counts.did("windows", seen["windows"])
    for words_ in seen["wrong"]:
        counts.fault("others", f"window, seed {seed}: {words_}")


# ------------------------------------------------------------------------------------------------ in its process


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("events", type=int)
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    os.chdir(given.home)
    print(json.dumps(play(given.home, random.Random(given.seed), given.events, given.seconds)))
    sys.stdout.flush()
    os._exit(0)  # threads of a player may still be running


def play(home: Path, rng: random.Random, events: int, seconds: float) -> dict[str, Any]:
    """Send events to windows, opening a new one whenever one is closed; return what was seen."""
    import pygame

    from xiangqi_lm.rules.board import Board

    seen: dict[str, Any] = {"events": 0, "windows": 0, "wrong": []}
    end = time.monotonic() + seconds

    def goes_on() -> bool:  # a window that opened too late gets one event
        return seen["events"] < events and (time.monotonic() < end or not seen["events"])

    while goes_on():
        app = _open(home, rng)
        seen["windows"] += 1
        while app.running and goes_on():
            for event in _random_events(app, rng):
                pygame.event.post(event)
                seen["events"] += 1
            app.step(1)
            board = app.controller.state.game.board
            if Board(board.fen()).fen() != board.fen():
                seen["wrong"].append(f"the board {board.fen()} is not read back")
        app.controller.close()
        pygame.display.quit()
    return seen


def _open(home: Path, rng: random.Random) -> Any:
    import pygame

    from xiangqi_lm.engine.baselines import RandomPlayer
    from xiangqi_lm.gui.app import App
    from xiangqi_lm.gui.start import Start, make_controller
    from xiangqi_lm.gui.window import open_window

    player = lambda *_: RandomPlayer(1)  # noqa: E731
    start = Start(player, "random", home / "settings.json", player, models=home / "models")
    controller = make_controller(start)
    surface, scale = open_window(100, rng.choice(((900, 640), (1180, 800), (1600, 1000))))
    app = App(controller, surface, scale, home / "layout.json", home / "models")
    app.draw()
    controller.start()
    pygame.event.clear()
    return app


KEYS = ["a", "b", "c", "z", "f", "h", "n", "o", "s", "v", "2", "5", "RETURN", "ESCAPE", "SPACE", "TAB", "LEFT", "RIGHT",
        "UP", "DOWN", "HOME", "END", "PAGEUP", "PAGEDOWN", "BACKSPACE", "DELETE", "F1", "F5", "F11"]  # fmt: skip
TEXTS = ["h2e2", "炮二平五", "x", "\u200f", "9" * 300, "rnbakabnr/9/9 w", "\t", "💥"]


def _random_events(app: Any, rng: random.Random) -> list[Any]:
    """Return one action that a user might take, as its events."""
    import pygame

    def at() -> tuple[int, int]:
        rectangles = [r for r in getattr(app.layout, "buttons", {}).values() if hasattr(r, "center")]
        if rectangles and rng.random() < 0.4:
            return rng.choice(rectangles).center
        if rng.random() < 0.5:
            return app.geometry.point(rng.randrange(90))
        width, height = app.surface.get_size()
        return rng.randrange(-5, width + 5), rng.randrange(-5, height + 5)

    def button(kind: int, pos: tuple[int, int], number: int) -> Any:
        return pygame.event.Event(kind, pos=pos, button=number)

    what = rng.random()
    if what < 0.45:
        pos, number = at(), rng.choice((1, 1, 1, 2, 3, 4, 5))
        return [
            pygame.event.Event(pygame.MOUSEMOTION, pos=pos, rel=(0, 0), buttons=(0, 0, 0)),
            button(pygame.MOUSEBUTTONDOWN, pos, number),
            button(pygame.MOUSEBUTTONUP, pos, number),
        ]
    if what < 0.6:
        begin, end = at(), at()
        drag = [pygame.event.Event(pygame.MOUSEMOTION, pos=end, rel=(1, 1), buttons=(1, 0, 0))]
        return [button(pygame.MOUSEBUTTONDOWN, begin, 1), *drag, button(pygame.MOUSEBUTTONUP, end, 1)]
    if what < 0.85:
        key = getattr(pygame, f"K_{rng.choice(KEYS)}")
        mod = rng.choice((0, 0, 0, pygame.KMOD_CTRL, pygame.KMOD_SHIFT, pygame.KMOD_ALT))
        pressed = {"key": key, "mod": mod, "unicode": chr(key) if 32 <= key < 127 else "", "scancode": 0}
        return [pygame.event.Event(pygame.KEYDOWN, **pressed), pygame.event.Event(pygame.KEYUP, **pressed)]
    if what < 0.9:
        return [pygame.event.Event(pygame.TEXTINPUT, text=rng.choice(TEXTS))]
    if what < 0.95:
        return [pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=rng.choice((-3, -1, 1, 3)), precise_x=0.0, precise_y=1.0)]
    if what < 0.98:
        return [pygame.event.Event(pygame.DROPFILE, file=rng.choice(("nothing.pgn", ".", "settings.json")))]
    return [pygame.event.Event(rng.choice((pygame.WINDOWFOCUSLOST, pygame.WINDOWRESTORED, pygame.QUIT)))]


if __name__ == "__main__":
    main()
