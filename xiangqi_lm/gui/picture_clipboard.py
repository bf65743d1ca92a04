"""Copying a picture to the clipboard by a system tool, as SDL 2, which draws the window, supports only texts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

SECONDS = 10  # after this time a tool counts as failed
_APPLE = 'set the clipboard to (read (POSIX file "{path}") as «class PNGf»)'
_WINDOWS = (
    "Add-Type -AssemblyName System.Windows.Forms, System.Drawing; "
    "[System.Windows.Forms.Clipboard]::SetImage([System.Drawing.Image]::FromFile('{path}'))"
)


class NoTool(RuntimeError):
    """No program can copy pictures to the clipboard, or it failed."""


def command(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the command that copies a PNG to the clipboard from the file `{path}` or, without that, from stdin.

    Raises NoTool.
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
    raise NoTool("copying pictures needs xclip, or wl-copy under Wayland")


def copy_picture(png: bytes) -> None:
    """Copy a PNG to the clipboard, which may take a moment; raises NoTool."""
    words = command()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "board.png"
        path.write_bytes(png)
        words = [word.replace("{path}", str(path)) for word in words]
        try:  # the tools of X11 and Wayland keep running to serve the picture, so do not wait for their output
            subprocess.run(
                words, input=png, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS, check=True
            )
        except (OSError, subprocess.SubprocessError) as fault:
            raise NoTool(f"{words[0]} failed") from fault
