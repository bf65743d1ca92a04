"""Films a game of the shipped model in the window, without a screen, as an animated GIF; not a test itself.

python tests/tools/window_film.py docs/pictures/game.gif

The model with search plays Red and the model alone Black, both without randomness, so that the same weights give the
same game; the candidate moves are shown beside the board. Pillow writes the GIF (it comes with matplotlib, extra
`train`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import pygame
from PIL import Image
from window_pictures import window

from xiangqi_lm.engine.player import Limit
from xiangqi_lm.engine.spec import make_player

SIZE = (1000, 640)
SHOWN = (800, 512)
MOST_PLIES = 120
HOLD, LAST = 900, 5000  # milliseconds for which a move and the end are shown
COLORS = 96


def frame(app) -> Image.Image:
    """Return the window as a picture of SHOWN size."""
    app.draw()
    app.draw()
    pixels = pygame.image.tobytes(app.surface, "RGB")
    return Image.frombytes("RGB", app.surface.get_size(), pixels).resize(SHOWN, Image.Resampling.LANCZOS)


def film(red: str, black: str) -> list[Image.Image]:
    """Return a picture for each move of a game between two players, written as specs."""
    players = make_player(red, seed=1), make_player(black, seed=1)
    app = window(SIZE, language="en", arrows=True)
    app.controller.games.new_game("both")
    state = app.controller.state
    frames = [frame(app)]
    while state.game.outcome() is None and len(state.game.board.history) < MOST_PLIES:
        board = state.game.board
        choice = players[board.ply % 2].choose(board.copy(), Limit(multipv=3))
        state.seen[state.here] = choice
        frames.append(frame(app))  # the candidates first, then the move
        state.game.play(choice.move)
    frames.append(frame(app))
    app.controller.close()
    return frames


def main() -> None:
    """Write the film to the path given on the command line."""
    path = Path(sys.argv[1])
    frames = film("mcts:default?nodes=200", "lm:default?temperature=0")
    sample = frames[len(frames) // 2].quantize(COLORS, dither=Image.Dither.NONE)
    small = [image.quantize(palette=sample, dither=Image.Dither.NONE) for image in frames]
    held = [HOLD] * (len(small) - 1) + [LAST]
    small[0].save(path, save_all=True, append_images=small[1:], duration=held, loop=0, optimize=True)
    print(f"{path}: {len(small)} frames, {path.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
