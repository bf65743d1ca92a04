"""A picture of the boards that a probe reads out of a model beside the true ones; matplotlib is imported to draw it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .. import figures
from ..errors import XiangqiError
from ..paths import assets
from ..rules.pieces import glyph
from ..rules.squares import ADVISOR_TO, FILES, ORTHOGONALS, RANKS, SQUARES, file_of, rank_of, shifted
from .probe import Believed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

WOOD, INK, MAN = "#f2d9a6", "#5b3a1a", "#fdf3dc"
COLORS = {1: "#b3261e", -1: "#1d1d1d"}
WRONG = "#3b6fd4"


def believed_picture(believed: Believed, picture: Path) -> None:
    """Draw true boards above and read-out boards below, with wrong squares framed; raises XiangqiError without
    boards.
    """
    figures.require()
    from matplotlib.figure import Figure
    from matplotlib.font_manager import FontProperties

    count = len(believed.plies)
    if not count:
        raise XiangqiError("no game is long enough for a picture of the probe")
    font = FontProperties(fname=str(assets() / "fonts" / "xq-piece-kai.ttf"))
    figure = Figure(figsize=(3.3 * count + 0.6, 7.9), layout="constrained")
    axes = figure.subplots(2, count, squeeze=False)
    boards = (("on the board", believed.truth), ("read out of the model", believed.belief))
    for row, (words, shown) in enumerate(boards):
        axes[row, 0].set_ylabel(words, fontsize=12)
        for column in range(count):
            wrong = np.flatnonzero(believed.belief[column] != believed.truth[column]) if row else np.zeros(0, int)
            _board(axes[row, column], shown[column], wrong, font)
            title = (
                f"after {believed.plies[column]} plies"
                if not row
                else f"{SQUARES - len(wrong)} of {SQUARES} squares right"
            )
            axes[row, column].set_title(title, fontsize=11)
    figure.suptitle("The board that a model which sees moves alone has in mind; framed: wrong", fontsize=13)
    figures.save(figure, picture)


def _board(axes: Axes, squares: np.ndarray, wrong: np.ndarray, font: FontProperties) -> None:
    """Draw one board, int8 [90], Red below."""
    from matplotlib.patches import Circle, Rectangle

    axes.set(xlim=(-0.75, FILES - 0.25), ylim=(-0.75, RANKS - 0.25), aspect="equal", facecolor=WOOD)
    axes.set_xticks(range(FILES), "abcdefghi")
    axes.set_yticks(range(RANKS))
    axes.tick_params(length=0, labelsize=8)
    _grid(axes)
    for square in np.flatnonzero(squares):
        x, y, piece = file_of(int(square)), rank_of(int(square)), int(squares[square])
        color = COLORS[1 if piece > 0 else -1]
        axes.add_patch(Circle((x, y), 0.43, facecolor=MAN, edgecolor=color, lw=1.2, zorder=3))
        axes.text(
            x, y - 0.02, glyph(piece), color=color, fontproperties=font, fontsize=13, ha="center", va="center", zorder=4
        )
    for square in wrong:
        corner = (file_of(int(square)) - 0.48, rank_of(int(square)) - 0.48)
        axes.add_patch(Rectangle(corner, 0.96, 0.96, fill=False, edgecolor=WRONG, lw=2.4, zorder=5))


def _grid(axes: Axes) -> None:
    """Draw the lines of the board; across the river only the edge files."""
    pairs = [(s, shifted(s, *step), step) for s in range(SQUARES) for step in ORTHOGONALS[::2]]
    lines = [
        (s, t)
        for s, t, step in pairs
        if t is not None and not (rank_of(s) == RANKS // 2 - 1 and step[1] == 1 and 0 < file_of(s) < FILES - 1)
    ]
    lines += [(s, int(t)) for table in ADVISOR_TO for s in range(SQUARES) for t in table[s] if t > s]
    for s, t in lines:
        axes.plot([file_of(s), file_of(t)], [rank_of(s), rank_of(t)], color=INK, lw=0.7, zorder=1)
