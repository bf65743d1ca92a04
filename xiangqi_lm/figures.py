"""Plots by matplotlib (extra `train`), which is imported only when needed."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import XiangqiError
from .files import write_bytes

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def available() -> bool:
    """Return whether matplotlib is installed."""
    return importlib.util.find_spec("matplotlib") is not None


def require() -> None:
    """Raise XiangqiError if matplotlib is not installed."""
    if not available():
        raise XiangqiError("pictures need matplotlib: pip install matplotlib")


def save(figure: Figure, picture: Path, dpi: int = 110) -> None:
    """Write a figure as a PNG file, completely or not at all."""
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=dpi)
    write_bytes(picture, drawn.getvalue())
