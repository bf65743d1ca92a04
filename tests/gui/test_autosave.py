"""The unfinished game: on disk after every move, offered once, restored or declined with one click."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pygame
import pytest
from desk import HandThinker, live, settle

from xiangqi_lm.gui.app import App
from xiangqi_lm.gui.game import settings
from xiangqi_lm.gui.game.autosave import Keeper
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.texts import say
from xiangqi_lm.gui.widgets import theme
from xiangqi_lm.rules.squares import BLACK, RED, parse_square

ROOT = Path(__file__).resolve().parents[2]
MATE_IN_ONE = "3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1"


@pytest.fixture
def file(tmp_path) -> Path:
    return tmp_path / "config" / "unfinished-game.json"


def start(file: Path, **options) -> Controller:
    fen = options.pop("fen", None)
    controller = Controller(
        HandThinker(), Settings(language="en", **options), fen=fen, keeper=Keeper(file), clock=lambda: 0.0, pace=0
    )
    controller.start()
    controller.tick()
    return controller


def play(controller: Controller, *moves: str) -> None:
    for move in moves:
        assert controller.type_move(move)
        controller.tick()


def test_every_move_is_on_disk_and_comes_back(file):
    first = start(file, side="both")
    assert not file.exists()
    play(first, "h2e2", "h9g7", "h0g2")
    first.take_back()
    first.flip()
    first.tick()
    again = start(file)  # the first one was killed
    kept = again.keeper.look()
    assert len(kept.game.moves) == 3 and again.state.game.line == []
    assert again.restore()
    view, was = again.view(), first.view()
    assert (view.pieces, view.turn, view.cursor, view.plies, view.flipped, view.rows) == (
        was.pieces, was.turn, was.cursor, was.plies, was.flipped, was.rows,
    )  # fmt: skip
    assert again.state.game.board.fen() == first.state.game.board.fen()
    assert again.state.humans == {RED, BLACK} and view.message == "The last game goes on"
    again.tick()
    assert file.exists()
    play(again, "b2d2")
    assert json.loads(file.read_text())["moves"] == ["h2e2", "h9g7", "b2d2"]


def test_a_restored_game_lets_the_opponent_think(file):
    play(start(file, side="red"), "h2e2")
    again = start(file, side="black")
    again.keeper.look()
    again.restore()
    assert again.state.humans == {RED} and again.state.opponent_to_move
    assert again._opponent._thinker.asked[-1][1].fen() == again.state.game.board.fen()


def test_declining_and_new_games_remove_it(file):
    play(start(file, side="both"), "h2e2")
    again = start(file)
    again.keeper.look()
    again.decline()
    assert not file.exists() and again.state.game.line == []
    play(again, "h2e2")
    assert file.exists()
    again.new_game("red")
    again.tick()
    assert not file.exists() and again.keeper.look() is None


def test_a_finished_game_is_not_kept(file):
    controller = start(file, side="both")
    play(controller, "h2e2")
    controller.resign()
    controller.tick()
    assert not file.exists()
    controller.step(-1)
    controller.tick()
    assert not file.exists()
    mated = start(file, side="red", fen=MATE_IN_ONE)
    play(mated, "i7i9")
    assert mated.view().outcome and not file.exists()


def test_a_record_is_kept_only_once_it_is_played_on(file, tmp_path):
    path = tmp_path / "x.pgn"
    path.write_text("1. h2e2 h9g7 *\n")
    controller = start(file, side="both")
    assert controller.load(path)
    controller.tick()
    controller.step(-1)
    controller.tick()
    assert not file.exists()
    controller.step(1)
    play(controller, "h0g2")
    assert file.exists()


def test_nothing_is_written_over_it_before_it_is_decided(file):
    play(start(file, side="both"), "h2e2", "h9g7")
    again = start(file, side="black")
    again.keeper.look()
    again._opponent._thinker.answer("b0c2")
    again.tick()
    assert len(again.state.game.line) == 1
    assert json.loads(file.read_text())["moves"] == ["h2e2", "h9g7"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"fen": null, "moves": [], "cursor": 0, "humans": [], "flipped": false, "headers": {}}'],
)
def test_a_broken_file_is_no_offer(file, content):
    file.parent.mkdir()
    file.write_text(content)
    assert start(file).keeper.look() is None


def test_illegal_moves_in_it_are_one_line(file):
    play(start(file, side="both"), "h2e2")
    content = json.loads(file.read_text())
    file.write_text(json.dumps({**content, "moves": ["h2e2", "h2e2"]}))
    again = start(file)
    again.keeper.look()
    assert not again.restore() and again.view().message_is_error and again.state.game.line == []
    assert not file.exists()


def test_a_place_that_cannot_be_written_is_mentioned_once(tmp_path):
    (tmp_path / "config").write_text("")  # a file where the folder should be
    controller = start(tmp_path / "config" / "game.json", side="both")
    play(controller, "h2e2")
    assert controller.view().message == "The game cannot be kept for the next start"
    controller.state.message = None
    controller.tick()
    assert controller.view().message == ""


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(900, 640), (800, 1000), (1180, 800)])
@pytest.mark.parametrize("choice", ["restore", "decline"])
def test_one_click_decides(make_app, file, monkeypatch, language, size, choice):
    play(start(file, side="both"), "h2e2", "h9g7")
    app = make_app(size=size, language=language, side="both")
    app.controller.keeper = Keeper(file)
    app.offer_unfinished_game()
    words: list[tuple[str, pygame.Rect]] = []
    draw = theme.draw_text

    def record(surface, text, *arguments, **anchor):
        words.append((text, draw(surface, text, *arguments, **anchor)))
        return words[-1][1]

    monkeypatch.setattr(theme, "draw_text", record)
    settle(app)
    rects, drawn = app.overlay.rectangles(), dict(words)
    for name in ("restore", "decline"):
        assert rects[name].contains(drawn[say(language, f"restore_{name}")])
    said = " ".join(drawn)  # a narrow card breaks the line
    assert say(language, "restore_title") in said and say(language, "restore_text", plies=2) in said
    assert not rects["restore"].colliderect(rects["decline"])
    app.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=rects[choice].center, button=1))
    assert app.overlay is None
    assert len(app.controller.state.game.line) == (2 if choice == "restore" else 0)
    assert file.exists() == (choice == "restore")


def press(app: App, key: int) -> None:
    app.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=0, unicode="", scancode=0))


def test_the_question_stands_in_nobodys_way(make_app, file):
    """A click on the board is a click on the board: the question is put off, the move played."""
    play(start(file, side="both"), "h2e2")
    app = make_app(side="both")
    app.controller.keeper = Keeper(file)
    app.offer_unfinished_game()
    for name in ("b0", "c2"):
        square = parse_square(name)
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            app.handle(pygame.event.Event(kind, pos=app.geometry.point(square), button=1))
    assert app.overlay is None
    assert [ply.move.iccs() for ply in app.controller.state.game.line] == ["b0c2"]
    app.offer_unfinished_game()
    press(app, pygame.K_f)
    assert app.overlay is None and app.controller.state.flipped


def test_keys_decide_too(make_app, file):
    play(start(file, side="both"), "h2e2")
    app = make_app(side="both")
    app.controller.keeper = Keeper(file)
    app.offer_unfinished_game()
    press(app, pygame.K_ESCAPE)
    settle(app)
    assert app.overlay is None and file.exists() and app.controller.state.game.line == []
    app.offer_unfinished_game()
    press(app, pygame.K_RETURN)
    assert len(app.controller.state.game.line) == 1


def test_no_offer_without_a_game(make_app, file):
    app = make_app()
    app.controller.keeper = Keeper(file)
    app.offer_unfinished_game()
    assert app.overlay is None


RUN = """
import sys
from pathlib import Path
from xiangqi_lm.gui.start import Start, make_controller
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
controller = make_controller(Start(lambda: ScriptedPlayer({}), "scripted", Path(sys.argv[1])))
controller.type_move("h2e2")
controller.tick()
print("played", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
def test_after_kill_9_the_next_start_offers_the_position(tmp_path):
    path = tmp_path / "settings.json"
    settings.save(Settings(), path)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdout.readline().strip() == b"played"
        process.send_signal(signal.SIGKILL)
    again = start(tmp_path / "unfinished-game.json")
    again.keeper.look()
    assert again.restore() and [ply.move.iccs() for ply in again.state.game.line] == ["h2e2"]


def test_the_size_of_the_window_is_remembered(make_app):
    app = make_app()
    stored: list[Settings] = []
    app.controller._store = lambda new: stored.append(new) is None
    settle(app)
    assert stored == []
    pygame.display.set_mode((1000, 700), pygame.RESIZABLE)
    begun = time.monotonic()
    live(app, lambda: bool(stored))
    assert (stored[-1].width, stored[-1].height) == (1000, 700) and time.monotonic() - begun > 0.3
