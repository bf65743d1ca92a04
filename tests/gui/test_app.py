"""The window itself, on SDL's dummy drivers: events in, frames and the layout file out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pygame
import pytest
from click.testing import CliRunner
from desk import at, live, post_click, press_button, settle, type_key, type_text

from xiangqi_lm.cli import program
from xiangqi_lm.gui.sounds import RECIPES
from xiangqi_lm.gui.widgets import analysis, pieces
from xiangqi_lm.gui.widgets.board_view import RADIUS_TO_RING, Geometry
from xiangqi_lm.gui.window import NoDisplay, open_window

ROOT = Path(__file__).resolve().parents[2]


def test_clicks_reach_the_game_and_the_dump(make_app, tmp_path):
    dump = tmp_path / "layout.json"
    app = make_app(script={"moves": ["h9g7"], "value": [0.2, 0.3, 0.5]}, dump=dump)
    app.controller.start()
    live(app, lambda: not app.controller.state.loading)
    settle(app)
    seen = json.loads(dump.read_text())
    assert {"a0", "i9", "cell", "buttons", "fen", "ply", "mode", "thinking", "human", "message"} <= seen.keys()
    assert {"new_game", "take_back", "flip", "hint", "arrows", "save", "open", "resign"} <= seen["buttons"].keys()
    cell = seen["cell"]
    h2 = (seen["a0"][0] + 7 * cell, seen["a0"][1] - 2 * cell)
    assert h2 == at(app, "h2") and seen["i9"] == list(at(app, "i9"))
    post_click(app, h2)
    post_click(app, at(app, "e2"))
    live(app, lambda: app.controller.state.game.cursor == 2)
    settle(app)
    seen = json.loads(dump.read_text())
    assert (seen["ply"], seen["moves"]) == (2, ["炮二平五", "马８进７"])
    assert (seen["human"], seen["thinking"], seen["loading"], seen["mode"]) == ("red", False, False, "play")
    press_button(app, "take_back")
    press_button(app, "flip")
    settle(app)
    seen = json.loads(dump.read_text())
    assert seen["ply"] == 0 and seen["a0"][0] > seen["i9"][0] and seen["flipped"]


def test_drag_and_resize_during_a_drag(make_app):
    app = make_app()
    post_click(app, at(app, "h2"), to=(app.layout.status.centerx, 5))
    assert app.controller.state.game.cursor == 0
    app.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=at(app, "h2"), button=1))
    pygame.display.set_mode((900, 640), pygame.RESIZABLE)
    settle(app)
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=at(app, "e2"), rel=(1, 1), buttons=(1, 0, 0)))
    app.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=at(app, "e2"), button=1))
    assert [move.iccs() for move in app.controller.state.game.line] == ["h2e2"]


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("size", [(900, 640), (1280, 800), (1920, 1080), (800, 1000), (640, 1100)])
def test_all_squares_can_be_clicked(make_app, size, flipped):
    app = make_app(size=size)
    if flipped:
        app.controller.flip()
        settle(app)
    seen = []
    app.controller.press = lambda square: seen.append(square)
    for square in range(90):
        post_click(app, app.geometry.point(square))
    assert seen == list(range(90))


def test_discs_are_where_the_board_says(make_app):
    app = make_app()
    settle(app)
    red, black = [], []
    for square in range(90):
        x, y = app.geometry.point(square)
        colour = app.surface.get_at((x, round(y - app.geometry.cell * RADIUS_TO_RING)))
        if colour.r < 90 and colour.g < 90 and abs(colour.r - colour.b) < 40:
            black.append(square)
        elif colour.r > 130 and colour.g < 90 and colour.b < 90:
            red.append(square)
    shown = app.controller.view().pieces
    assert red == [s for s in range(90) if shown[s] > 0] and black == [s for s in range(90) if shown[s] < 0]


def test_check_changes_the_picture_of_the_king(make_app):
    quiet = make_app(fen="4k4/9/9/9/9/9/9/9/R8/3K5 b", side="black")
    settle(quiet)
    x, y = at(quiet, "e9")
    spot = (x, round(y - quiet.geometry.cell * 0.5))
    before = quiet.surface.get_at(spot)
    check = make_app(fen="4k4/9/9/9/9/9/9/9/4R4/3K5 b", side="black")
    settle(check)
    after = check.surface.get_at(spot)
    assert after.r > 200 and after.g < before.g - 40


def test_arrows_can_be_switched_off_without_a_trace(make_app):
    app = make_app(script={"moves": ["h2e2"]})
    app.controller.start()
    live(app, lambda: not app.controller.state.loading)
    settle(app)
    before = app.surface.copy()
    press_button(app, "arrows")
    live(app, lambda: bool(app.controller.view().arrows))
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=(0, 0), rel=(0, 0), buttons=(0, 0, 0)))
    settle(app)
    board = Geometry.fit(app.layout.board).outside()
    assert pygame.image.tobytes(app.surface.subsurface(board), "RGB") != pygame.image.tobytes(
        before.subsurface(board), "RGB"
    )
    press_button(app, "arrows")
    settle(app)
    assert pygame.image.tobytes(app.surface.subsurface(board), "RGB") == pygame.image.tobytes(
        before.subsurface(board), "RGB"
    )


def test_arrow_widths_follow_probability_and_points_stay_in_their_cells():
    widths = [analysis.arrow_width(share, 60) for share in (0.01, 0.1, 0.5, 0.9)]
    assert widths == sorted(widths) and len(set(widths)) == 4
    geometry = Geometry(100, 100, 60)
    for start, end in ((0, 81), (72, 81), (89, 8), (81, 62)):
        points = analysis.arrow_points(geometry.point(start), geometry.point(end), 12, 60)
        tip = points[3]
        assert geometry.square_at(tip) == end


def test_menus_start_games_and_set_the_strength(make_app):
    app = make_app()
    press_button(app, "new_game")
    post_click(app, app.overlay.rectangles()["menu_black"].center)
    settle(app)
    assert app.overlay is None and app.controller.settings.side == "black" and app.geometry.flipped
    press_button(app, "level")
    post_click(app, app.overlay.rectangles()["level_master"].center)
    assert app.controller.settings.level == "master"
    press_button(app, "settings")
    post_click(app, app.overlay.rectangles()["page=look"].center)
    post_click(app, app.overlay.rectangles()["language=zh"].center)
    settle(app)
    assert app.controller.settings.language == "zh" and app.overlay.name == "settings"
    post_click(app, app.overlay.rectangles()["ui_scale=150"].center)
    settle(app)
    assert app.layout.scale > 1.0


def test_typed_moves_in_the_box(make_app):
    app = make_app(side="both")
    type_key(app, pygame.K_RETURN)
    assert app.typing
    type_text(app, "炮二平五")
    type_key(app, pygame.K_RETURN, text="\r")
    assert app.controller.state.game.cursor == 1 and app.entry.text == ""
    type_key(app, pygame.K_f, text="f")
    assert not app.controller.state.flipped  # letters go to the text box while it has the keyboard
    type_key(app, pygame.K_ESCAPE)
    assert not app.typing


def test_save_and_open_through_the_dialogs(make_app, tmp_path):
    app = make_app(side="both", folder=str(tmp_path))
    app.controller.type_move("h2e2")
    type_key(app, pygame.K_s, pygame.KMOD_CTRL)
    app.overlay.path_line.set_text(str(tmp_path / "对局 一"))
    post_click(app, app.overlay.rectangles()["ok"].center)
    assert (tmp_path / "对局 一.pgn").is_file()
    app.controller.games.new_game("both")
    type_key(app, pygame.K_o, pygame.KMOD_CTRL)
    settle(app)
    type_key(app, pygame.K_UP)
    type_key(app, pygame.K_DOWN)
    app.overlay.path_line.set_text(str(tmp_path / "对局 一.pgn"))
    type_key(app, pygame.K_RETURN, text="\r")
    settle(app)
    assert [move.iccs() for move in app.controller.state.game.line] == ["h2e2"] and app.overlay is None


def test_idle_draws_nothing_and_thinking_keeps_the_window_alive(make_app):
    app = make_app(script={"seconds": 1.5})
    app.controller.start()
    live(app, lambda: not app.controller.state.loading)
    settle(app)
    pictures = app.pictures
    assert app.patience() >= 500
    for _ in range(10):
        app.step(5)
    assert app.pictures == pictures
    post_click(app, at(app, "h2"))
    post_click(app, at(app, "e2"))
    begun, pictures = time.monotonic(), app.pictures
    live(app, lambda: time.monotonic() - begun > 1)
    assert 4 <= app.pictures - pictures <= 31
    begun = time.monotonic()
    press_button(app, "action")
    assert app.controller.view().action == "continue" and time.monotonic() - begun < 0.2


def test_sounds_for_every_event(make_app):
    app = make_app(side="both")
    app.sounds.open()
    assert app.sounds.available and set(RECIPES) == app.sounds.names
    post_click(app, at(app, "h2"))
    post_click(app, at(app, "e2"))
    settle(app)
    assert app.sounds.played == 2
    pygame.mixer.quit()


def test_discs_of_both_sides_differ_in_grey():
    def grey(piece):
        picture = pieces.disc(piece, 60)
        return pygame.image.tobytes(pygame.transform.grayscale(picture), "RGBA")

    assert len({grey(piece) for piece in range(-7, 8) if piece}) == 14


def run_play(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    kept = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER")}
    return subprocess.run(
        [sys.executable, "-m", "xiangqi_lm", "play", *arguments],
        capture_output=True, text=True, timeout=60, cwd=ROOT, env={**kept, **environment}, encoding="utf-8",
    )  # fmt: skip


def test_a_window_that_cannot_be_opened_is_one_line_and_exit_2(monkeypatch, tmp_path):
    def refuse(size, flags):
        raise pygame.error("Could not create GL context")

    monkeypatch.setattr(pygame.display, "set_mode", refuse)
    monkeypatch.setattr("xiangqi_lm.paths.settings_file", lambda: tmp_path / "settings.json")
    with pytest.raises(NoDisplay, match="GL context"):
        open_window(100)
    done = CliRunner().invoke(program, ["play"])
    assert done.exit_code == 2 and len(done.output.strip().splitlines()) == 1 and "GL context" in done.output


def test_a_layout_file_that_cannot_be_written_is_written_later(make_app, tmp_path):
    folder = tmp_path / "gone"
    folder.mkdir()
    dump = folder / "layout.json"
    app = make_app(side="both", dump=dump)
    settle(app)
    shutil.rmtree(folder)
    app.controller.type_move("h2e2")
    settle(app)
    assert app.running and not dump.exists()
    folder.mkdir()
    settle(app)  # no new frame is needed
    assert json.loads(dump.read_text(encoding="utf-8"))["iccs"] == ["h2e2"]


def test_a_layout_file_that_somebody_reads_keeps_its_content(make_app, tmp_path, monkeypatch):
    dump = tmp_path / "layout.json"
    app = make_app(side="both", dump=dump)
    settle(app)
    replace, before = os.replace, dump.read_text(encoding="utf-8")

    def refuse(old, new):  # as on Windows
        raise PermissionError(13, "The process cannot access the file")

    monkeypatch.setattr(os, "replace", refuse)
    app.controller.type_move("h2e2")
    settle(app)
    assert dump.read_text(encoding="utf-8") == before and [path.name for path in tmp_path.iterdir()] == [dump.name]
    monkeypatch.setattr(os, "replace", replace)
    settle(app)
    assert json.loads(dump.read_text(encoding="utf-8"))["ply"] == 1


def test_a_layout_file_in_no_folder_is_wrong_usage(tmp_path):
    done = run_play("--dump-layout", str(tmp_path / "none" / "x.json"), SDL_VIDEODRIVER="dummy")
    assert done.returncode == 2 and "no folder" in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there a display can be missing")
def test_without_a_display_one_line_and_exit_2():
    done = run_play()
    assert done.returncode == 2 and done.stdout == ""
    assert len(done.stderr.strip().splitlines()) == 1 and "display" in done.stderr


def test_a_bad_position_is_one_line_and_exit_1():
    done = run_play("--fen", "hello", SDL_VIDEODRIVER="dummy")
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1


def test_help_has_an_example():
    done = run_play("--help")
    assert done.returncode == 0 and "Example" in done.stdout and "fake" not in done.stdout


def test_a_misspelt_player_is_one_line_and_exit_1():
    done = run_play("--player", "lmm:default", SDL_VIDEODRIVER="dummy")
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1 and "lmm" in done.stderr


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=ROOT, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_controller_knows_no_pygame():
    code = "import sys, xiangqi_lm.gui.game.controller; print('pygame' in sys.modules, 'torch' in sys.modules)"
    assert run_python(code) == "False False"


def test_the_first_frame_waits_for_nothing_heavy(tmp_path):
    code = f"""
import sys
from pathlib import Path
from xiangqi_lm.gui.app import App
from xiangqi_lm.gui.start import Start, make_controller
from xiangqi_lm.gui.window import open_window
controller = make_controller(Start(lambda: None, "lm:default", Path({str(tmp_path)!r}) / "settings.json"))
App(controller, *open_window(100)).draw()
print([name for name in ("torch", "numba", "pygame_gui", "matplotlib") if name in sys.modules])
"""
    assert run_python(code).splitlines()[-1] == "[]"


def test_the_size_of_the_window_is_remembered(make_app):
    app = make_app()
    stored = []
    app.controller.store = lambda new: stored.append(new) is None
    settle(app)
    assert stored == []
    pygame.display.set_mode((1000, 700), pygame.RESIZABLE)
    live(app, lambda: bool(stored))
    assert (stored[-1].width, stored[-1].height) == (1000, 700)
