"""Games that outlive a window: on disk after every move, offered once, but never while their window is alive."""

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
from desk import HandThinker, at, post_click, settle, type_key

from xiangqi_lm.gui.game import archive
from xiangqi_lm.gui.game.archive import MOST_RECENT, Archive
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.texts import say
from xiangqi_lm.gui.widgets import theme
from xiangqi_lm.rules.squares import BLACK, RED

ROOT = Path(__file__).resolve().parents[2]
MATE_IN_ONE = "3k5/R8/8R/9/9/9/9/9/9/4K4 w - - 0 1"


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "config" / "games"


def start(folder: Path, fen: str | None = None, thinker: HandThinker | None = None, **options) -> Controller:
    controller = Controller(
        thinker or HandThinker(),
        Settings(language="en", **options),
        fen=fen,
        archive=Archive(folder),
        clock=lambda: 0.0,
        pace=0,
    )
    controller.start()
    controller.tick()
    return controller


def play(controller: Controller, *moves: str) -> None:
    for move in moves:
        assert controller.type_move(move)
        controller.tick()


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("window-*.json"))


def line(controller: Controller) -> list[str]:
    return [move.iccs() for move in controller.state.game.line]


def test_every_change_is_on_disk_and_comes_back_whole(folder):
    first = start(folder, side="both")
    assert kept(folder) == []
    play(first, "h2e2", "h9g7", "h0g2")
    first.navigation.take_back()
    play(first, "b0c2")
    first.navigation.edit("annotate", "steadier {so}")
    first.navigation.mark(1)
    first.navigation.step(-2)
    first.flip()
    first.tick()
    first.close()  # as a killed process does, this releases the lock
    again = start(folder)
    assert again.games.shelf.archive.look().plies == 3 and line(again) == []
    assert again.games.restore()
    view, was = again.view(), first.view()
    assert (view.pieces, view.turn, view.cursor, view.plies, view.flipped, view.path) == (
        was.pieces, was.turn, was.cursor, was.plies, was.flipped, was.path,
    )  # fmt: skip
    record = again.state.game.record
    assert record.comments == {3: "steadier {so}"} and record.nags == {3: (1,)} and len(record.variations[2]) == 1
    assert again.state.humans == {RED, BLACK} and view.message == "The game is back"
    again.tick()
    assert len(kept(folder)) == 1
    assert again.state.game.live  # it resumes in play: a move after a take-back belongs to the game


def test_a_restored_game_lets_the_program_think(folder):
    first = start(folder, side="red")
    play(first, "h2e2")
    first.close()
    thinker = HandThinker()
    again = start(folder, side="black", thinker=thinker)
    again.games.shelf.archive.look()
    again.games.restore()
    assert again.state.humans == {RED} and again.state.opponent_to_move
    assert thinker.asked[-1][1].fen() == again.state.game.board.fen()


def test_a_living_window_keeps_its_game(folder):
    one, two = start(folder, side="both"), start(folder, side="both")
    play(one, "h2e2")
    play(two, "b2e2")
    assert len(kept(folder)) == 2
    third = start(folder)
    assert third.games.shelf.archive.look() is None
    one.close()
    assert third.games.shelf.archive.look().game.moves[0].iccs() == "h2e2"
    assert third.games.restore() and line(third) == ["h2e2"]
    play(two, "h9g7")
    # two's; a restored game is kept from its first change on, and has not been changed yet
    assert len(kept(folder)) == 1
    third.tick()
    assert len(kept(folder)) == 2


def test_of_several_left_games_the_latest_is_offered_and_the_others_are_recent(folder):
    for number, move in enumerate(("h2e2", "b2e2", "g3g4")):
        window = start(folder, side="both")
        play(window, move)
        window.close()
        os.utime(kept(folder)[-1], (1000 + number, 1000 + number))
    newest = max(kept(folder), key=lambda file: file.stat().st_mtime)
    last = archive.parse(newest.read_text()).game.moves[0].iccs()
    again = start(folder)
    assert again.games.shelf.archive.look().game.moves[0].iccs() == last
    assert {game.game.moves[0].iccs() for game in again.games.shelf.archive.recent()} == {"h2e2", "b2e2", "g3g4"} - {
        last
    }


def test_declining_makes_it_recent(folder):
    first = start(folder, side="both")
    play(first, "h2e2")
    first.close()
    again = start(folder)
    again.games.shelf.archive.look()
    again.games.decline()
    assert kept(folder) == [] and again.games.shelf.archive.look() is None
    assert [game.plies for game in again.games.shelf.archive.recent()] == [1]


def test_a_finished_game_is_recent_and_not_offered(folder):
    controller = start(folder, side="both")
    play(controller, "h2e2")
    controller.resign()
    controller.tick()
    assert kept(folder) == []
    (recent,) = controller.games.shelf.archive.recent()
    assert (recent.game.result, recent.game.headers["Termination"]) == ("1-0", "resignation")
    mated = start(folder, side="red", fen=MATE_IN_ONE)
    play(mated, "i7i9")
    assert kept(folder) == [] and mated.games.shelf.archive.recent()[0].game.result == "1-0"


def test_a_dropped_game_can_be_had_back(folder):
    controller = start(folder, side="both")
    play(controller, "h2e2", "h9g7")
    controller.games.new_game("both")
    controller.tick()
    assert line(controller) == [] and kept(folder) == []
    (recent,) = controller.games.shelf.archive.recent()
    assert controller.games.open_recent(recent) and line(controller) == ["h2e2", "h9g7"]
    play(controller, "h0g2")
    assert line(controller) == ["h2e2", "h9g7", "h0g2"]


def test_the_last_ten_are_recent_and_each_once(folder):
    controller = start(folder, side="both")
    moves = [move.iccs() for move in controller.state.game.board.legal_list()]
    for move in moves[: MOST_RECENT + 3]:
        play(controller, move)
        controller.games.new_game("both")
    games = controller.games.shelf.archive.recent()
    assert [game.game.moves[0].iccs() for game in games] == moves[: MOST_RECENT + 3][:2:-1]
    play(controller, moves[5])
    controller.games.new_game("both")
    assert len(controller.games.shelf.archive.recent()) == MOST_RECENT
    assert controller.games.shelf.archive.recent()[0].game.moves[0].iccs() == moves[5]


def test_an_opened_record_is_kept_only_once_it_is_changed(folder, tmp_path):
    path = tmp_path / "x.pgn"
    path.write_text("1. h2e2 h9g7 *\n")
    controller = start(folder, side="both")
    assert controller.games.load(path)
    controller.tick()
    controller.navigation.step(-1)
    controller.tick()
    assert kept(folder) == []
    controller.navigation.step(1)
    play(controller, "h0g2")
    assert len(kept(folder)) == 1
    controller.close()
    again = start(folder)
    again.games.shelf.archive.look()
    assert again.games.restore() and again.state.document.path == path


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"pgn": "1. h2e2 h2e2 *"}', "\udc80"])
def test_a_broken_file_is_not_offered(folder, content):
    folder.mkdir(parents=True)
    (folder / "window-1-x.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    (folder / "recent-1.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    controller = start(folder)
    assert controller.games.shelf.archive.look() is None and controller.games.shelf.archive.recent() == []


def test_an_unwritable_folder_is_mentioned_once(tmp_path):
    (tmp_path / "config").write_text("")  # a file where the folder should be
    controller = start(tmp_path / "config", side="both")
    play(controller, "h2e2")
    assert controller.view().message == "The game cannot be saved for the next start"
    controller.state.message = None
    controller.tick()
    assert controller.view().message == ""


# ------------------------------------------------------------------------------------------------ in the window


def left(folder: Path) -> None:
    controller = start(folder, side="both")
    play(controller, "h2e2", "h9g7")
    controller.close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("size", [(900, 640), (800, 1000), (1180, 800)])
@pytest.mark.parametrize("choice", ["restore", "decline"])
def test_one_click_decides(make_app, folder, monkeypatch, language, size, choice):
    left(folder)
    app = make_app(size=size, language=language, side="both", archive=folder)
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
    assert say(language, "restore_title") in said
    assert not rects["restore"].colliderect(rects["decline"])
    app.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=rects[choice].center, button=1))
    assert app.overlay is None
    assert len(app.controller.state.game.line) == (2 if choice == "restore" else 0)


def test_the_question_does_not_block_the_board(make_app, folder):
    """A click on the board is a click on the board: the question is deferred and the move played."""
    left(folder)
    app = make_app(side="both", archive=folder)
    app.offer_unfinished_game()
    post_click(app, at(app, "b0"))
    post_click(app, at(app, "c2"))
    assert app.overlay is None and line(app.controller) == ["b0c2"]
    assert [game.plies for game in app.controller.games.shelf.archive.recent()] == [2]


def test_enter_restores(make_app, folder):
    left(folder)
    app = make_app(archive=folder)
    app.offer_unfinished_game()
    type_key(app, pygame.K_RETURN)
    assert line(app.controller) == ["h2e2", "h9g7"]


def test_recent_games_are_listed_with_boards_and_opened(make_app, folder):
    app = make_app(side="both", archive=folder)
    for move in ("h2e2", "b2e2"):
        app.controller.type_move(move)
        app.controller.games.new_game("both")
    type_key(app, pygame.K_r, pygame.KMOD_CTRL)
    settle(app)
    assert app.overlay.name == "recent"
    type_key(app, pygame.K_DOWN)
    type_key(app, pygame.K_RETURN)
    assert line(app.controller) == ["h2e2"]


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_a_killed_window_s_game_is_offered_again(folder, tmp_path):
    code = """
import sys, time
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from desk import HandThinker
from xiangqi_lm.gui.game.archive import Archive
from xiangqi_lm.gui.game.controller import Controller
from xiangqi_lm.gui.game.settings import Settings
controller = Controller(HandThinker(), Settings(side="both"), archive=Archive(Path(sys.argv[1])))
for move in ("h2e2", "h9g7"):
    controller.type_move(move)
    controller.tick()
print("played", flush=True)
time.sleep(60)
"""
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", code, str(folder), here]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout.readline() == "played\n"
        assert start(folder).games.shelf.archive.look() is None  # it lives
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    end = time.monotonic() + 10
    while (offered := start(folder).games.shelf.archive.look()) is None:
        assert time.monotonic() < end
    assert [move.iccs() for move in offered.game.moves] == ["h2e2", "h9g7"]
    assert json.loads(kept(folder)[0].read_text())["cursor"] == 2
