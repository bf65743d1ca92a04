"""Draws the window in every size, language and state that its manual shows, without a screen; not a test itself.

    python tests/tools/window_pictures.py docs/pictures/window

writes JPEG files named after what they show, and PNG files with few colours for analysis mode (with Pillow, which comes
with matplotlib); further arguments select pictures by name. `--library FILE` before the folder is the library that the
pictures of the library show; without it they are left out.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from xiangqi_lm.engine.player import Limit, Player
from xiangqi_lm.engine.spec import make_player
from xiangqi_lm.gui.app import App
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.reviewing import advisers
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.study import Helpers, mistakes
from xiangqi_lm.gui.game.thinker import Thinker
from xiangqi_lm.gui.game.thoughts import variations_of
from xiangqi_lm.gui.game.tree_walk import Place
from xiangqi_lm.gui.window import open_window

GAME = Path(__file__).parents[2] / "data" / "selfplay.pgn"
CACHE = Path(tempfile.mkdtemp()) / "review.sqlite"
LINE = "炮二平五 马8进7 马二进三 车9平8 车一平二 卒7进1 车二进六 马2进3 兵七进一 炮8平9 车二平三 炮9退1"


def window(size: tuple[int, int], **settings: object) -> App:
    """Return a window with a game between a person and a scripted program."""
    chosen = Settings(**{"ui_scale": 100, "animation": False, "ask": False, **settings})  # type: ignore[arg-type]
    _, scale = open_window(chosen.ui_scale)
    surface = pygame.display.set_mode(size, pygame.RESIZABLE)
    helpers = Helpers(Thinker(lambda: ScriptedPlayer({}), make_level=make_player), lambda terms: advisers(terms, CACHE))
    controller = Controller(Thinker(lambda: ScriptedPlayer({})), chosen, helpers=helpers)
    controller.state.own = "lm:default"
    controller.state.loading = False
    return App(controller, surface, scale)


def play(app: App, text: str) -> None:
    """Play moves of both sides by their texts."""
    state = app.controller.state
    for word in text.split():
        state.game.play(state.game.board.parse(word))
    app.controller.change()  # cancel the analysis of earlier positions


@lru_cache(maxsize=1)
def players() -> tuple[Player, Player]:
    """Return the shipped model and the built-in engine, so that the pictures show real output."""
    return make_player("lm:default", seed=1), make_player("alphabeta?nodes=50000", seed=1)


def in_play(app: App) -> None:
    """Set up a game in play, with arrows, advice and clocks."""
    app.controller.change(clock=(600, 5, 0), arrows=True)
    app.controller.games.new_game(app.controller.settings.side)
    play(app, LINE)
    app.controller.navigation.step(-1)
    play(app, "炮9退1")
    state = app.controller.state
    model, adviser = players()
    board = state.game.board
    state.seen[state.here] = model.choose(board)
    app.controller.change()  # nobody else is asked
    advice = adviser.choose(board, Limit(multipv=3))
    state.advice[state.here] = advice
    best = variations_of(advice)[0].moves[0]
    state.hint = best
    app.controller.tell("hint", name=board.chinese(best), iccs=best.iccs())


def with_tree(app: App) -> None:
    """Set up a record with variations, comments and marks, in a file of many games."""
    app.controller.change(side="both")
    app.controller.games.new_game("both")
    play(app, LINE)
    controller = app.controller
    controller.state.game.live = False
    controller.navigation.go_to(8)
    play(app, "马八进七 卒3进1")
    controller.navigation.edit("annotate", "稳健" if controller.settings.language == "zh" else "Solid")
    controller.navigation.go_to(8)
    play(app, "兵五进一 士4进5 马三进五")
    controller.navigation.mark(5)
    controller.navigation.look_at(Place((), 9))
    play(app, "象3进5")
    controller.navigation.look_at(Place((), 9))
    controller.navigation.mark(1)
    zh = controller.settings.language == "zh"
    controller.navigation.edit(
        "annotate", "常见的下法，红方抢占三路线" if zh else "The usual move; Red takes the third file"
    )
    names = {"Event": "2026 全国团体赛" if zh else "Team cup 2026", "Date": "2026.11.28"}
    players = {"Red": "甲" if zh else "Player A", "Black": "乙" if zh else "Player B"}
    controller.navigation.edit("change_headers", {**names, **players})
    controller.state.saved = controller.state.game.record
    controller.navigation.go_to(11)


def in_editor(app: App) -> None:
    """Set up the position editor with an error."""
    app.controller.edit_position()
    editor = app.controller.state.editor
    assert editor is not None
    editor.clear()
    for piece, square in ((5, 0), (4, 20), (-2, 84), (-2, 75), (-6, 70), (7, 49)):
        editor.put(piece, square)
    editor.picked = 5


def at_end(app: App) -> None:
    """Set up the end of a game."""
    app.controller.games.new_game("red")
    play(app, LINE)
    app.controller.resign()


def match(app: App) -> None:
    """Set up a game between two programs, with byo-yomi."""
    app.controller.change(clock=(300, 0, 20), level="grandmaster", other_level="candidate")
    app.controller.games.new_game("none")
    play(app, LINE)
    state = app.controller.state
    board = state.game.board.copy()
    board.pop()
    state.weighed[board.ply, board.key] = players()[0].choose(board)


def in_library(app: App) -> None:
    """Set up an opening with the moves played there in a library."""
    app.controller.change(side="both")
    app.controller.games.new_game("both")
    play(app, "炮二平五 马8进7 马二进三 车9平8")
    state = app.controller.state
    state.seen[state.here] = players()[0].choose(state.game.board)
    app.controller.change()  # nobody else is asked
    app.do(("library", None))
    while state.library.found is None:
        app.step(20)


def in_search(app: App) -> None:
    """Set up a search in the library."""
    in_library(app)
    app.do(("library_search", None))
    app.overlay.line.insert("许银川 2000-2009")  # type: ignore[union-attr]
    while not app.controller.state.library.matches:
        app.step(20)


def live(app: App, until: Callable[[], bool]) -> None:
    """Run the window's loop until a condition holds."""
    while not until():
        app.step(50)


def in_review(app: App) -> None:
    """Set up a reviewed game at its first mistake with a reason, with the judge's lines and the model's moves."""
    app.controller.games.load(GAME)
    study, state = app.controller.study, app.controller.state
    study.review()
    live(app, lambda: state.analysis.order is None)
    app.controller.navigation.go_to(next(one.ply + 1 for one in mistakes(state) if one.reason is not None))
    state.seen[state.here] = players()[0].choose(state.game.board)
    app.controller.change()  # nobody else is asked
    live(app, lambda: state.here in state.analysis.lines and state.analysis.lines[state.here].depth >= 10)


def trying_again(app: App) -> None:
    """Set up the position before a mistake, after the same move once more."""
    in_review(app)
    study, state = app.controller.study, app.controller.state
    made = state.game.line[state.game.cursor - 1]
    study.retry()
    app.step(50)
    app.controller.type_move(made.iccs())
    live(app, lambda: state.analysis.attempt is not None and state.analysis.attempt.state != "checking")


SCENES = {
    "play": in_play,
    "tree": with_tree,
    "editor": in_editor,
    "end": at_end,
    "match": match,
    "library": in_library,
    "search": in_search,
    "review": in_review,
    "retry": trying_again,
}
SIZES = {"small": ((900, 640), 100), "medium": ((1280, 800), 100), "wide": ((1920, 1080), 100),
         "double": ((1920, 1080), 200)}  # fmt: skip


STUDY = ("review", "retry")  # scenes of analysis mode


def save(surface: pygame.Surface, path: Path) -> None:
    """Save a picture in the format of its suffix; a PNG with few colours, so that it is small."""
    if path.suffix == ".jpg":
        pygame.image.save(surface, str(path))
        return
    from PIL import Image

    picture = Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
    # keeps rare shades of green
    few = picture.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def pictures() -> dict[str, tuple]:
    """Return name -> (scene, size, scale, language, settings)."""
    out = {
        f"{size}-{scene}-{language}": (scene, size, language, {})
        for size in SIZES
        for scene in SCENES
        for language in ("zh", "en")
    }
    out["medium-play-light"] = ("play", "medium", "en", {"panel": "light", "board": "paper"})
    out["medium-play-symbols"] = ("play", "medium", "en", {"glyphs": "symbols"})
    out["medium-tree-mainland"] = ("tree", "medium", "zh", {"glyphs": "mainland", "panel": "light"})
    return out


def main() -> None:
    """Draw the pictures named on the command line."""
    words, library = sys.argv[1:], ""
    if words[0] == "--library":
        library, words = words[1], words[2:]
    folder = Path(words[0])
    folder.mkdir(parents=True, exist_ok=True)
    known = pictures()
    for name in words[1:] or known:
        scene, size, language, settings = known[name]
        if scene in ("library", "search"):
            if not library:
                continue
            settings = {**settings, "library": library}
        pixels, scale = SIZES[size]
        app = window(pixels, ui_scale=scale, language=language, **settings)
        SCENES[scene](app)
        app.step(50)
        app.draw()
        app.draw()
        path = folder / f"{name}.{'png' if scene in STUDY else 'jpg'}"
        save(app.surface, path)
        app.controller.close()
        print(path)


if __name__ == "__main__":
    main()
