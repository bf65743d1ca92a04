"""The window on a real X server: clicks, drags, keys, resizing. Skipped without Xvfb or xdotool."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"
SCREEN = ":91"
pytestmark = pytest.mark.skipif(
    not (sys.platform.startswith("linux") and shutil.which("Xvfb") and shutil.which("xdotool")),
    reason="needs Xvfb and xdotool",
)


def clicks():
    """Return the module that clicks."""
    spec = importlib.util.spec_from_file_location("play_by_clicks", TOOLS / "play_by_clicks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def screen() -> Iterator[str]:
    server = subprocess.Popen(["Xvfb", SCREEN, "-screen", "0", "1280x1024x24"], stderr=subprocess.DEVNULL)
    socket = Path(f"/tmp/.X11-unix/X{SCREEN[1:]}")
    end = time.monotonic() + 20
    while not socket.exists():
        assert time.monotonic() < end and server.poll() is None
        time.sleep(0.05)
    yield SCREEN
    server.terminate()
    server.wait(10)


@pytest.fixture
def window(screen, tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    script = tmp_path / "script.json"
    script.write_text('{"moves": ["h9g7", "b9c7"], "seconds": 0.1}')
    found = clicks().Window(["--fake-engine", str(script)], tmp_path)
    found.wait("the window", lambda seen: not seen["loading"], 120)
    yield found
    found.process.terminate()
    found.process.wait(10)


def xdotool(*words: str) -> None:
    subprocess.run(["xdotool", *words], check=True)


def test_click_drag_type_and_close(window):
    square = lambda name: "abcdefghi".index(name[0]) + 9 * int(name[1])  # noqa: E731
    window.click(window.crossing(square("h2")))
    window.wait("the selection", lambda seen: seen["selected"] == square("h2"))
    window.click(window.crossing(square("e2")))
    window.wait("the answer", lambda seen: seen["moves"] == ["炮二平五", "马８进７"])
    start, end = window.crossing(square("h0")), window.crossing(square("g2"))
    xdotool("mousemove", *(str(round(v)) for v in start), "mousedown", "1")
    for part in (0.3, 0.6, 1.0):
        xdotool("mousemove", *(str(round(a + (b - a) * part)) for a, b in zip(start, end, strict=True)))
    xdotool("mouseup", "1")
    window.wait("the second answer", lambda seen: seen["plies"] == 4)
    xdotool("key", "Return")
    xdotool("type", "b0c2")
    xdotool("key", "Return")
    window.wait("the typed move", lambda seen: seen["iccs"][4:5] == ["b0c2"])
    xdotool("key", "Escape", "F1")
    window.wait("the page of keys", lambda seen: seen["overlay"] == "help")
    xdotool("key", "Escape", "ctrl+q")
    window.wait("the question", lambda seen: seen["overlay"] == "ask")
    xdotool("key", "Tab", "Return")  # without saving
    window.process.wait(10)


def test_a_window_that_is_asked_to_end_asks_nothing(window):
    """The game is on disk: a request to end, for instance at the end of a session, must not wait for an answer."""
    xdotool("key", "Return")
    xdotool("type", "h2e2")
    xdotool("key", "Return")
    window.wait("the move", lambda seen: seen["plies"] >= 1 and seen["unsaved"])
    window.process.terminate()
    window.process.wait(10)


@pytest.mark.skipif(not shutil.which("xclip"), reason="needs xclip")
def test_texts_and_pictures_reach_the_clipboard_of_the_system(window, tmp_path):
    def taken(kind: str) -> bytes:
        words = ["xclip", "-selection", "clipboard", "-t", kind, "-o"]
        return subprocess.run(words, capture_output=True, check=False, timeout=20).stdout

    xdotool("key", "ctrl+c")
    seen = window.wait("the position on the clipboard", lambda seen: seen["message"])
    assert taken("UTF8_STRING").decode() == seen["fen"]
    xdotool("key", "ctrl+shift+c")
    window.wait("the menu", lambda seen: seen["overlay"] == "copy_menu")
    xdotool("key", "End", "Return")
    window.wait("the picture on the clipboard", lambda seen: "ictur" in seen["message"] or "图片" in seen["message"])
    assert taken("image/png").startswith(b"\x89PNG\r\n")


def test_the_window_lives_while_a_program_never_answers(screen, tmp_path, monkeypatch):
    """The menu opens, thinking is stopped, positions are pasted or refused, the window closes."""
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("SDL_VIDEODRIVER", raising=False)
    script = tmp_path / "script.json"
    script.write_text('{"faults": {"1": "hang", "2": "hang"}}')
    window = clicks().Window(["--fake-engine", str(script), "--side", "black"], tmp_path)
    try:
        window.wait("the thought", lambda seen: seen["thinking"], 120)
        xdotool("key", "F10")
        window.wait("the menu", lambda seen: seen["overlay"] == "menu")
        xdotool("key", "Escape")
        window.wait("the menu gone", lambda seen: seen["overlay"] is None)
        xdotool("key", "space")
        window.wait("the stop", lambda seen: not seen["thinking"])
        if shutil.which("xclip"):
            fen = "4k4/9/9/9/9/9/9/9/4A4/R3K4 b - - 0 1"
            copy_elsewhere(fen)
            xdotool("key", "ctrl+v")
            window.wait("the position", lambda seen: seen["fen"] == fen)
            copy_elsewhere("4k4/9/9 w")
            xdotool("key", "ctrl+v")
            seen = window.wait("the refusal", lambda seen: seen["message"] and seen["overlay"] is None)
            assert seen["fen"] == fen
        xdotool("key", "ctrl+q")
        window.process.wait(20)
    finally:
        window.process.kill()
        window.process.wait(10)


def copy_elsewhere(text: str) -> None:
    """Copy a text in another program."""
    words = ["xclip", "-selection", "clipboard", "-i"]
    subprocess.run(words, input=text.encode(), stdout=subprocess.DEVNULL, check=True, timeout=20)


def test_the_window_is_resized(window):
    found = subprocess.run(
        ["xdotool", "search", "--onlyvisible", "--pid", str(window.process.pid)], capture_output=True, text=True
    )
    name = found.stdout.split()[-1]
    for width, height in ((900, 640), (800, 880), (800, 1000), (1280, 800)):
        xdotool("windowsize", name, str(width), str(height))
        right = window.look()["areas"]["moves"]
        seen = window.wait("the new size", lambda s, old=right: s["areas"]["moves"] != old)
        (a, b), (c, d) = seen["a0"], seen["i9"]
        assert abs(abs(c - a) / 8 - abs(d - b) / 9) <= 1
        board = (a - seen["cell"] // 2, d - seen["cell"] // 2, c - a + seen["cell"], b - d + seen["cell"])
        parts = {name: box for name, box in seen["areas"].items() if box[3]} | seen["buttons"] | {"board": board}
        for (one, p), (other, q) in combinations(parts.items(), 2):
            apart = p[0] + p[2] <= q[0] or q[0] + q[2] <= p[0] or p[1] + p[3] <= q[1] or q[1] + q[3] <= p[1]
            assert apart or "action" in (one, other), (one, other)  # that one lies in the status block
        for start in (1, 7, 0, 8):  # own pieces, which a click selects
            window.click(window.crossing(start))
            window.wait("the piece", lambda s, start=start: s["selected"] == start)


def test_without_a_sound_device_it_is_silent(screen, tmp_path, monkeypatch):
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.setenv("SDL_AUDIODRIVER", "no such driver")
    script = tmp_path / "script.json"
    script.write_text("{}")
    window = clicks().Window(["--fake-engine", str(script)], tmp_path)
    try:
        seen = window.wait("the window", lambda s: not s["loading"], 120)
        assert seen["sound_device"] is False and os.environ["SDL_AUDIODRIVER"]
    finally:
        window.process.terminate()
        window.process.wait(10)
