"""Plays in the window with real mouse clicks on an X display and takes a picture of it.

Needs `xdotool`, ImageMagick's `import` and a display, for instance

    Xvfb :77 -screen 0 1280x900x24 &
    DISPLAY=:77 python tests/tools/play_by_clicks.py --plies 20 --shot game.png -- --player lm:default

Arguments after `--` go to `xiangqi-lm play`. The script plays the opening moves below while they are legal, then any
legal move (captures first), and waits for the opponent's answers; it knows only what `--dump-layout` writes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from xiangqi_lm import Board, Move

OPENING = ("h2e2", "h0g2", "i0h0", "b0c2", "c3c4", "h0h6", "g3g4", "b2b6", "a0b0", "g2f4")
ROOT = Path(__file__).resolve().parents[2]


class Window:
    """The running program, observed through its layout file and operated through xdotool."""

    def __init__(self, arguments: list[str], folder: Path):
        self.file = folder / "layout.json"
        command = [sys.executable, "-m", "xiangqi_lm", "play", "--dump-layout", str(self.file), *arguments]
        environment = {"SDL_AUDIODRIVER": "dummy", **os.environ, "SDL_VIDEO_WINDOW_POS": "0,0"}
        environment.setdefault("XDG_CONFIG_HOME", str(folder))  # default settings, and no unfinished game
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
        self.begun = time.monotonic()
        self.process = subprocess.Popen(command, env=environment)

    def look(self) -> dict[str, Any]:
        return json.loads(self.file.read_text(encoding="utf-8"))

    def wait(self, what: str, fits: Any, seconds: float = 60) -> dict[str, Any]:
        """Return the layout once it `fits`; exit with a message if that takes too long or the program has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                sys.exit(f"the program ended with {self.process.returncode} while waiting for {what}")
            if self.file.exists() and fits(seen := self.look()):
                return seen
            time.sleep(0.05)
        sys.exit(f"waited {seconds:.0f} s in vain for {what}")

    def origin(self) -> tuple[int, int]:
        """Return the position of the window on the screen."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--pid", str(self.process.pid)], capture_output=True, text=True
        )
        if not found.stdout.split():
            return 0, 0
        geometry = subprocess.run(
            ["xdotool", "getwindowgeometry", "--shell", found.stdout.split()[-1]], capture_output=True, text=True
        )
        values = dict(line.split("=") for line in geometry.stdout.split() if "=" in line)
        return int(values.get("X", 0)), int(values.get("Y", 0))

    def click(self, pixel: tuple[float, float]) -> None:
        left, top = self.origin()
        x, y = (str(round(value)) for value in (pixel[0] + left, pixel[1] + top))
        subprocess.run(["xdotool", "mousemove", x, y, "click", "1"], check=True)

    def button(self, name: str, group: str = "buttons") -> None:
        x, y, width, height = self.look()[group][name]
        self.click((x + width / 2, y + height / 2))

    def crossing(self, square: int) -> tuple[float, float]:
        seen = self.look()
        (left, bottom), (right, top) = seen["a0"], seen["i9"]
        file, rank = square % 9, square // 9
        return left + (right - left) * file / 8, bottom + (top - bottom) * rank / 9


def choose(board: Board, rng: random.Random) -> Move:
    """Return an opening move if one fits, else a capture, else any legal move."""
    legal = sorted(board.legal_moves)
    named = [move for text in OPENING if (move := Move.from_iccs(text)) in legal and move not in board.move_stack]
    if named:
        return named[0]
    return rng.choice([move for move in legal if board.is_capture(move)] or legal)


def play(window: Window, plies: int, rng: random.Random) -> dict[str, Any]:
    """Click until the game has that many plies or is over."""
    seen = window.look()
    board = Board(seen["fen"])
    while len(seen["iccs"]) < plies and not seen["outcome"]:
        for text in seen["iccs"][board.ply :]:
            board.push(Move.from_iccs(text))
        mine = choose(board, rng)
        window.click(window.crossing(mine.from_square))
        window.wait("the selection", lambda s, sq=mine.from_square: s["selected"] == sq)
        window.click(window.crossing(mine.to_square))
        ply = board.ply
        seen = window.wait("the click to count", lambda s, n=ply: s["plies"] > n)
        if len(seen["iccs"]) < plies:
            seen = window.wait("the answer", lambda s, n=ply: s["plies"] > n + 1 or s["outcome"] or s["failure"], 120)
        if seen["failure"]:
            sys.exit(f"the opponent failed: {seen['failure']}")
    return window.wait("the motion to end", lambda s: not s["thinking"])


def main() -> None:
    """Start the program, play, take the picture, close."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plies", type=int, default=20)
    parser.add_argument("--shot", type=Path, help="the picture to write")
    parser.add_argument("--arrows", action="store_true", help="switch the arrows on before the picture")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("arguments", nargs="*", help="for xiangqi-lm play, after --")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        window = Window(options.arguments, Path(folder))
        try:
            window.wait("the window", lambda s: True)
            print(f"window after {time.monotonic() - window.begun:.2f} s")
            window.wait("the opponent", lambda s: not s["loading"], 120)
            if window.look()["overlay"] == "restore":
                window.button("decline", "overlay_buttons")
                window.wait("a new game", lambda s: not s["overlay"])
            seen = play(window, options.plies, random.Random(options.seed))
            print(f"{seen['plies']} plies: {' '.join(seen['moves'])}")
            if options.arrows and not seen["arrows"]:
                window.button("arrows")
                window.wait("arrows", lambda s: s["arrows"])
            if options.shot:
                time.sleep(0.5)  # so that the last motion ends
                picture(window, options.shot)
        finally:
            window.process.terminate()
            window.process.wait(10)


def picture(window: Window, path: Path) -> None:
    """Write the window's pixels to a file."""
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(window.process.pid)], capture_output=True, text=True
    )
    name = found.stdout.split()[-1] if found.stdout.split() else "root"
    subprocess.run(["import", "-window", name, str(path)], check=True)
    print(f"picture: {path}")


if __name__ == "__main__":
    main()
