"""The settings file: whatever is wrong with it, the window starts."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pygame
import pytest

from xiangqi_lm.gui.game import reviewing, settings
from xiangqi_lm.gui.game.scripted import ScriptedPlayer
from xiangqi_lm.gui.game.settings import Settings
from xiangqi_lm.gui.game.thinker import Thinker, Ticket
from xiangqi_lm.gui.start import Start, make_controller
from xiangqi_lm.gui.widgets import sheets
from xiangqi_lm.gui.widgets.layout import OPENING
from xiangqi_lm.gui.window import open_window
from xiangqi_lm.model.device import use_threads
from xiangqi_lm.rules.board import Board


def test_round_trip(tmp_path: Path):
    path = tmp_path / "new folder" / "settings.json"
    changed = Settings(language="zh", level="master", arrows=True, ui_scale=150, folder="/棋谱")
    assert settings.save(changed, path)
    assert settings.load(path) == (changed, None)
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]


def test_no_file_means_defaults(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    loaded, fault = settings.load(tmp_path / "none.json")
    assert fault is None and loaded == Settings(language="zh")


@pytest.mark.parametrize("content", [b"{", b"", b"[1]", b"\xff\xfe\x00"])
def test_a_broken_file_is_set_aside(tmp_path: Path, content):
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    loaded, fault = settings.load(path)
    assert fault == "settings_set_aside" and replace(loaded, language="en") == Settings()
    assert not path.exists() and (tmp_path / "settings.json.broken").read_bytes() == content


def test_wrong_values_fall_back_one_by_one(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"language": "xx", "level": 7, "arrows": 1, "sound": False, "ui_scale": 110, "new": 3}))
    loaded, fault = settings.load(path)
    assert fault == "settings_wrong_value"
    assert (loaded.level, loaded.arrows, loaded.sound, loaded.ui_scale) == ("club", False, False, 0)


def test_a_folder_in_the_place_of_the_file(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.mkdir()
    loaded, fault = settings.load(path)
    assert fault == "settings_unreadable" and isinstance(loaded, Settings)
    assert not settings.save(loaded, path)


def test_the_user_is_told(tmp_path: Path):
    path = tmp_path / "settings.json"
    path.write_text("{")
    controller = make_controller(Start(lambda: None, "lm:default", path))
    assert controller.view().message_is_error and controller.view().message


def test_a_player_asked_for_by_name_is_left_as_it_is(tmp_path: Path):
    path = tmp_path / "settings.json"
    given = make_controller(Start(lambda: None, "lm:default?temperature=0.6", path, chosen=True))
    assert given.settings.level == "spec"
    assert make_controller(Start(lambda: None, "lm:default", path)).settings.level == "club"


def test_settings_from_the_command_line_are_not_stored(tmp_path: Path):
    path = tmp_path / "settings.json"
    settings.save(Settings(language="zh", side="red", level="expert"), path)
    player = ScriptedPlayer({})
    controller = make_controller(Start(lambda: player, "lm:default?temperature=0.6", path, chosen=True, side="black"))
    assert (controller.settings.side, controller.settings.level) == ("black", "spec")
    controller.toggle("sound")
    stored, _ = settings.load(path)
    assert (stored.side, stored.level, stored.sound) == ("red", "expert", False)
    controller.change(level="novice")
    assert settings.load(path)[0].level == "novice"
    controller.change(level="spec")  # chosen in the window during this session
    assert settings.load(path)[0] == replace(stored, level="spec")
    assert make_controller(Start(lambda: None, "lm:default", path)).settings.level == "spec"


def test_two_windows_keep_each_others_settings(tmp_path: Path):
    path = tmp_path / "settings.json"
    player = ScriptedPlayer({})
    one, other = (make_controller(Start(lambda: player, "lm:default", path, side=side)) for side in (None, "black"))
    one.change(volume=100, engines=(("A", "uci:a"),))
    other.change(language="zh", engines=(("B", "uci:b"),))
    one.change(panel="light")
    stored, fault = settings.load(path)
    assert fault is None and stored.engines == (("A", "uci:a"), ("B", "uci:b"))
    assert (stored.volume, stored.language, stored.panel, stored.side) == (100, "zh", "light", "red")
    one.change(engines=())  # removes those that it knows of
    assert settings.load(path)[0].engines == (("B", "uci:b"),)
    path.write_text("{")  # broken by another program: this window rewrites what it knows
    other.change(sound=False)
    stored, fault = settings.load(path)
    assert fault is None and (stored.language, stored.volume, stored.sound) == ("zh", 100, False)


def test_many_windows_that_change_settings_at_once_lose_nothing(tmp_path: Path):
    path = tmp_path / "settings.json"
    names = [name for name, values in settings.CHOICES.items() if values == (True, False)][:4]
    stores = [settings.Store(path, Settings(), Settings()) for _ in names]
    begin = threading.Barrier(len(names))

    def work(store: settings.Store, name: str) -> None:
        begin.wait(10)
        store(replace(Settings(), **{name: not getattr(Settings(), name)}))

    threads = [threading.Thread(target=work, args=pair) for pair in zip(stores, names, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored, _ = settings.load(path)
    assert all(getattr(stored, name) != getattr(Settings(), name) for name in names)


@pytest.mark.parametrize(
    ("wanted", "size"),
    [((1000, 700), (1000, 700)), ((0, 0), OPENING), ((-5, 700), OPENING), ((10**9, 700), (10**4, 700))],
)
def test_the_window_opens_in_the_remembered_size(wanted, size):
    surface, _ = open_window(100, wanted)
    assert surface.get_size() == size
    pygame.display.quit()


def test_threads_go_to_every_program_that_is_asked(desk):
    controller = desk.controller
    controller.change(threads=2, arrows=True)
    controller.programs.hint()
    controller.study.toggle()
    controller.tick()
    assert desk.thinker.threads[-1] == desk.adviser.threads[-1] == desk.judge.threads[-1] == 2
    assert controller.study.coach.terms().threads == 2
    asked = len(desk.judge.asked)
    controller.change(threads=1)
    controller.tick()
    assert desk.judge.threads[asked:] == [1]  # the judge at work begins anew


def test_a_player_thinks_with_the_threads_that_were_asked_for():
    class Counting(ScriptedPlayer):
        counts: list[int] = []

        def use_threads(self, count: int) -> None:
            self.counts.append(count)

    woken = threading.Event()
    thinker = Thinker(lambda: Counting({}), woken.set)
    answers = []
    for serial, threads in enumerate((2, 0)):
        thinker.ask(Ticket(1, 0, "move", serial), Board(), "spec", threads=threads)
        while len(answers) <= serial:
            assert woken.wait(60)
            woken.clear()
            answers += thinker.poll()[1]
    thinker.close()
    assert Counting.counts == [2, 0]


def test_no_more_threads_are_offered_than_there_are_cores(monkeypatch):
    monkeypatch.setattr(sheets, "usable_cores", lambda: 4)
    sheet = sheets.SettingsSheet(Settings(), "engines")
    sheet.build("en")
    assert [value for value, _ in sheet.control("threads").values] == [0, 1, 2, 4]
    sheet = sheets.SettingsSheet(Settings(threads=16), "engines")  # chosen on another machine
    sheet.build("zh")
    assert [value for value, _ in sheet.control("threads").values] == [0, 1, 2, 4, 16]


@pytest.mark.parametrize(("threads", "cores", "jobs"), [(0, 2, 2), (0, 16, 4), (1, 16, 1), (6, 16, 6)])
def test_a_review_shares_its_positions_among_processes(monkeypatch, tmp_path, threads, cores, jobs):
    monkeypatch.setattr(reviewing, "usable_cores", lambda: cores)
    reviewer, judge = reviewing.advisers(
        reviewing.Terms("alphabeta", 1, "computer", threads), tmp_path / "cache.sqlite"
    )
    assert judge.jobs == jobs
    reviewer.close()
    use_threads(0)
