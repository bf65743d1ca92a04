"""A picture on the clipboard, by a tool of the system: SDL 2, which draws the window, knows only texts there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

SECONDS = 10  # after which a tool has failed
_APPLE = 'set the clipboard to (read (POSIX file "{path}") as «class PNGf»)'
_WINDOWS = (
    "Add-Type -AssemblyName System.Windows.Forms, System.Drawing; "
    "[System.Windows.Forms.Clipboard]::SetImage([System.Drawing.Image]::FromFile('{path}'))"
)


class NoTool(RuntimeError):
    """There is no program that puts pictures on the clipboard, or it failed."""


def command(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the command that puts a PNG on the clipboard: it reads the file that `{path}` in it stands for, or, where
    that is not in it, stdin. Raises NoTool.
    """
    if platform == "darwin":
        return ["osascript", "-e", _APPLE]
    if platform == "win32":
        return ["powershell", "-NoProfile", "-STA", "-Command", _WINDOWS]
    tools = [("WAYLAND_DISPLAY", ["wl-copy", "--type", "image/png"]),
             ("DISPLAY", ["xclip", "-selection", "clipboard", "-t", "image/png", "-i"])]  # fmt: skip
    for name, words in tools:
        if environment.get(name) and shutil.which(words[0], path=environment.get("PATH")):
            return words
    raise NoTool("pictures are copied by xclip, or under Wayland by wl-copy")


def copy_picture(png: bytes) -> None:
    """Put a PNG on the clipboard; may take a moment. Raises NoTool."""
    words = command()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.png"
        path.write_bytes(png)
        words = [word.replace("{path}", str(path)) for word in words]
        try:  # the tools of X11 and Wayland live on to serve the picture, so nothing may wait for their output
            subprocess.run(
                words, input=png, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as fault:
            raise NoTool(f"{words[0]} failed") from fault
